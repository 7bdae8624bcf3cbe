/* A team of threads does every piece once and is seen to have done it, whatever the number of threads,
 * and ends. Runs under the thread sanitizer too. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/team.h"

enum { THREADS_MOST = 8, PIECES_MOST = 300 };

/* Plain memory on purpose: only the team orders the accesses of its threads. */
struct work {
    size_t done[PIECES_MOST];
    size_t busy_piece; /* takes longer than the others */
};

/* A sanitizer sees a missing order the first time. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { ROUNDS = 100 };
#else
enum { ROUNDS = 400 };
#endif

/* Threads that share a processor wait for each other: fewer rounds, each with more to go wrong. */
static size_t rounds_of(int threads)
{
    return threads <= 2 ? ROUNDS : ROUNDS / 20;
}

static void sleep_milliseconds(long milliseconds)
{
    const struct timespec time = {.tv_nsec = milliseconds * 1000000};
    nanosleep(&time, NULL);
}

static void count(void *context, size_t piece)
{
    struct work *const work = context;
    work->done[piece]++;
}

static void count_unevenly(void *context, size_t piece)
{
    struct work *const work = context;
    if (piece == work->busy_piece)
        sleep_milliseconds(1);
    work->done[piece]++;
}

static struct ccrnn_team *make(int threads)
{
    struct ccrnn_team *team = NULL;
    struct ccrnn_error err = {0};
    if (ccrnn_team_create(threads, NULL, &team, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(team == NULL, threads == 1);
    return team;
}

static void assert_done(const struct work *work, size_t pieces, size_t times)
{
    for (size_t i = 0; i < PIECES_MOST; i++)
        if (work->done[i] != (i < pieces ? times : 0))
            fail_msg("piece %zu of %zu was done %zu times, expected %zu", i, pieces,
                     work->done[i], i < pieces ? times : 0);
}

static void every_piece_is_done_once_a_round(void **state)
{
    (void)state;
    static const size_t pieces[] = {0, 1, 2, 3, 7, 8, 9, 64, PIECES_MOST};
    for (int threads = 1; threads <= THREADS_MOST; threads++) {
        struct ccrnn_team *const team = make(threads);
        for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
            struct work work = {{0}, 0};
            for (size_t round = 1; round <= rounds_of(threads); round++) {
                ccrnn_team_run(team, pieces[p], count, &work);
                assert_done(&work, pieces[p], round);
            }
        }
        ccrnn_team_destroy(team);
    }
}

/* Another number of pieces and another context each round: nothing of the round before is left. */
static void rounds_do_not_mix(void **state)
{
    (void)state;
    for (int threads = 1; threads <= THREADS_MOST; threads++) {
        struct ccrnn_team *const team = make(threads);
        for (size_t round = 0; round < 5 * rounds_of(threads); round++) {
            struct work work = {{0}, 0};
            const size_t pieces = round * 7 % 13;
            ccrnn_team_run(team, pieces, count, &work);
            assert_done(&work, pieces, 1);
        }
        ccrnn_team_destroy(team);
    }
}

/* A round waits for its slowest piece, wherever that stands. */
static void a_slow_piece_is_waited_for(void **state)
{
    (void)state;
    for (int threads = 1; threads <= THREADS_MOST; threads++) {
        struct ccrnn_team *const team = make(threads);
        for (size_t slow = 0; slow < 12; slow += 3) {
            struct work work = {{0}, slow};
            ccrnn_team_run(team, 12, count_unevenly, &work);
            assert_done(&work, 12, 1);
        }
        ccrnn_team_destroy(team);
    }
}

/* Helpers that waited long sleep; work wakes them, and the end does. */
static void sleeping_helpers_wake(void **state)
{
    (void)state;
    for (int threads = 1; threads <= THREADS_MOST; threads += 3) {
        struct ccrnn_team *const team = make(threads);
        struct work work = {{0}, 0};
        for (size_t round = 1; round <= 5; round++) {
            sleep_milliseconds(30);
            ccrnn_team_run(team, 20, count, &work);
            assert_done(&work, 20, round);
        }
        sleep_milliseconds(30);
        ccrnn_team_destroy(team);
    }
}

static atomic_int started;

static void note_start(void)
{
    atomic_fetch_add(&started, 1);
}

static void teams_come_and_go(void **state)
{
    (void)state;
    struct ccrnn_error err = {0};
    for (int i = 0; i < 100; i++) {
        const int threads = 1 + i % THREADS_MOST;
        struct ccrnn_team *team = NULL;
        atomic_store(&started, 0);
        assert_int_equal(ccrnn_team_create(threads, note_start, &team, &err), CCRNN_OK);
        struct work work = {{0}, 0};
        if (i % 2 == 0) {
            ccrnn_team_run(team, 10, count, &work);
            assert_done(&work, 10, 1);
        }
        ccrnn_team_destroy(team);
        assert_int_equal(atomic_load(&started), threads - 1);
    }
    ccrnn_team_destroy(NULL);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    static const int threads[] = {-1, 0, 1025};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct ccrnn_team *team = (struct ccrnn_team *)&team;
        struct ccrnn_error err = {0};
        assert_int_equal(ccrnn_team_create(threads[i], NULL, &team, &err), CCRNN_USAGE);
        assert_null(team);
        assert_non_null(strstr(err.message, "1 … 1024"));
    }
}

/* Stacks larger than any address space: no thread can start. */
static void what_the_system_refuses_is_said(void **state)
{
    (void)state;
    pthread_attr_t before, giant;
    assert_int_equal(pthread_getattr_default_np(&before), 0);
    assert_int_equal(pthread_attr_init(&giant), 0);
    assert_int_equal(pthread_attr_setstacksize(&giant, (size_t)1 << 50), 0);
    assert_int_equal(pthread_setattr_default_np(&giant), 0);
    struct ccrnn_team *team = (struct ccrnn_team *)&team;
    struct ccrnn_error err = {0};
    const enum ccrnn_status status = ccrnn_team_create(3, NULL, &team, &err);
    assert_int_equal(pthread_setattr_default_np(&before), 0);
    pthread_attr_destroy(&giant);
    pthread_attr_destroy(&before);
    assert_int_equal(status, CCRNN_MEMORY);
    assert_null(team);
    assert_non_null(strstr(err.message, "3 threads"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_done_once_a_round),
        cmocka_unit_test(rounds_do_not_mix),
        cmocka_unit_test(a_slow_piece_is_waited_for),
        cmocka_unit_test(sleeping_helpers_wake),
        cmocka_unit_test(teams_come_and_go),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(what_the_system_refuses_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
