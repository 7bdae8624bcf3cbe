/* Leases in a storm: many processes want the same runs and are killed and stopped at random moments. Two never
 * write at the same time, and nothing that was written is lost. CCRNN_SCALE=1: for minutes instead of seconds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/host.h"
#include "scratch.h"
#include "study/lease.h"

enum { WORKERS = 9, RUNS = 4, VALUES = 1 << 20, TURNS_MOST = 12 };

static const double stale = CCRNN_LEASE_STALE_LEAST;

/* Shared by all processes: what the workers saw. */
struct ledger {
    atomic_uint second_owners; /* a worker found another one's mark inside its own lease */
    atomic_uint twice;         /* a value was written by two */
    atomic_uint backwards;     /* a value that had been written was gone */
    atomic_uint broken;        /* any other failure of a lease that was still held */
    atomic_uint writes, taken, from_gone, from_silent, lost;
    atomic_uint highest[RUNS];
    atomic_uchar written[RUNS][VALUES];
};

static struct ledger *ledger;
static char run_path[RUNS][SCRATCH_PATH];

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void pause_for(double seconds)
{
    const struct timespec time = {(time_t)seconds,
                                  (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

/* --- a worker ---------------------------------------------------------------------------- */

/* The number in a file of the run, reached through the lease; 0: none yet. */
static bool read_value(const char *path, unsigned *value)
{
    uint8_t *bytes;
    size_t size;
    bool exists;
    *value = 0;
    if (ccrnn_path_look(path, &exists, NULL) != CCRNN_OK)
        return false;
    if (!exists)
        return true; /* or the lease is lost: then nothing can be written either */
    if (ccrnn_file_read(path, 64, &bytes, &size, NULL) != CCRNN_OK)
        return false;
    *value = (unsigned)strtoul((const char *)bytes, NULL, 10);
    free(bytes);
    return true;
}

/* One more, through the lease, as a run writes its checkpoints. False: the lease is lost. */
static bool write_next(struct ccrnn_lease *lease, size_t run)
{
    char path[CCRNN_PATH_MAX], text[32];
    unsigned value;
    const unsigned before = atomic_load(&ledger->highest[run]);
    if (ccrnn_path_join(path, sizeof path, ccrnn_lease_directory(lease), "value", NULL) !=
            CCRNN_OK ||
        !read_value(path, &value))
        return false;
    const int length = snprintf(text, sizeof text, "%u\n", value + 1);
    if (ccrnn_file_write_atomic(path, text, (size_t)length, NULL) != CCRNN_OK)
        return false;
    if (value < before)
        atomic_fetch_add(&ledger->backwards, 1);
    if (value + 1 < VALUES && atomic_exchange(&ledger->written[run][value + 1], 1) != 0)
        atomic_fetch_add(&ledger->twice, 1);
    for (unsigned high = before;
         high < value + 1 &&
         !atomic_compare_exchange_weak(&ledger->highest[run], &high, value + 1);)
        ;
    atomic_fetch_add(&ledger->writes, 1);
    return true;
}

/* A mark that may be there once: made, kept for a while, removed. */
static bool make_mark(const char *mark)
{
    const int descriptor = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0)
        close(descriptor);
    else if (errno == EEXIST)
        atomic_fetch_add(&ledger->second_owners, 1);
    return descriptor >= 0;
}

static void work_under(struct ccrnn_lease *lease, size_t run, uint64_t *random)
{
    char mark[CCRNN_PATH_MAX];
    const struct ccrnn_lease_holder *const before = ccrnn_lease_before(lease);
    atomic_fetch_add(&ledger->taken, 1);
    if (before != NULL)
        atomic_fetch_add(
            before->state == CCRNN_PROCESS_GONE ? &ledger->from_gone : &ledger->from_silent, 1);
    if (ccrnn_path_join(mark, sizeof mark, ccrnn_lease_directory(lease), "mark", NULL) !=
        CCRNN_OK)
        return;
    (void)unlink(mark); /* of one that was killed or lost the run */
    for (uint64_t turns = next_random(random) % TURNS_MOST; turns > 0; turns--) {
        const bool good = make_mark(mark) && write_next(lease, run) && unlink(mark) == 0;
        if (good)
            continue;
        atomic_fetch_add(ccrnn_lease_held(lease) ? &ledger->broken : &ledger->lost, 1);
        return;
    }
}

static void work_for_ever(uint64_t random)
{
    struct ccrnn_leases *leases;
    struct ccrnn_lease_watch watch[RUNS] = {{0}};
    if (ccrnn_leases_open(stale, &leases, NULL) != CCRNN_OK)
        _exit(1);
    for (;;) {
        struct ccrnn_lease *lease;
        const size_t run = next_random(&random) % RUNS;
        const enum ccrnn_status status =
            ccrnn_lease_take(leases, run_path[run], &watch[run], &lease, NULL);
        if (status == CCRNN_OK)
            work_under(lease, run, &random);
        else if (status != CCRNN_BUSY)
            atomic_fetch_add(&ledger->broken, 1);
        ccrnn_lease_release(lease);
        pause_for(1e-3 * (double)(next_random(&random) % 8));
    }
}

static pid_t start_worker(uint64_t *random)
{
    const uint64_t own = next_random(random) | 1;
    const pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody is left to end it */
        work_for_ever(own);
    }
    assert_true(child > 0);
    return child;
}

/* --- the storm --------------------------------------------------------------------------- */

struct worker {
    pid_t id;
    double wakes; /* when a stopped one goes on; 0: it is not stopped */
};

static void end_worker(struct worker *worker)
{
    int status;
    assert_int_equal(kill(worker->id, SIGKILL), 0);
    assert_int_equal(waitpid(worker->id, &status, 0), worker->id);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    worker->wakes = 0;
}

/* Kill one, or stop it: for a moment, or for longer than the stale time. */
static void strike(struct worker *worker, double now, uint64_t *random)
{
    const uint64_t chance = next_random(random) % 12;
    if (worker->wakes > 0 ? chance == 0 : chance > 0) {
        end_worker(worker);
        worker->id = start_worker(random);
    }
    if (worker->wakes > 0 || chance > 0)
        return;
    assert_int_equal(kill(worker->id, SIGSTOP), 0);
    worker->wakes = now + 1e-3 * (double)(next_random(random) % 3000);
}

static unsigned storm(double seconds, uint64_t *random)
{
    struct worker worker[WORKERS] = {{0}};
    unsigned strikes = 0;
    for (size_t i = 0; i < WORKERS; i++)
        worker[i].id = start_worker(random);
    const double end = ccrnn_monotonic_seconds() + seconds;
    for (double now = 0; now < end; strikes++) {
        pause_for(1e-3 * (double)(next_random(random) % 60));
        now = ccrnn_monotonic_seconds();
        for (size_t i = 0; i < WORKERS; i++)
            if (worker[i].wakes > 0 && worker[i].wakes <= now) {
                assert_int_equal(kill(worker[i].id, SIGCONT), 0);
                worker[i].wakes = 0;
            }
        strike(&worker[next_random(random) % WORKERS], now, random);
    }
    for (size_t i = 0; i < WORKERS; i++)
        end_worker(&worker[i]);
    return strikes;
}

/* After it, nobody is in the way, and what was written last is there. */
static void expect_calm(struct ccrnn_leases *leases, size_t run)
{
    struct ccrnn_error err = {0};
    struct ccrnn_lease *lease;
    char path[CCRNN_PATH_MAX];
    unsigned value;
    assert_int_equal(ccrnn_lease_take(leases, run_path[run], NULL, &lease, &err), CCRNN_OK);
    assert_int_equal(ccrnn_directory_remove_temporary(ccrnn_lease_directory(lease), NULL, &err),
                     CCRNN_OK);
    ccrnn_lease_release(lease);
    assert_int_equal(ccrnn_path_join(path, sizeof path, run_path[run], "mark", &err), CCRNN_OK);
    (void)unlink(path);
    assert_int_equal(scratch_entries(run_path[run]), 1);
    assert_int_equal(ccrnn_path_join(path, sizeof path, run_path[run], "value", &err), CCRNN_OK);
    assert_true(read_value(path, &value));
    assert_true(value > 0 && value >= ledger->highest[run]);
}

static void two_never_write_at_the_same_time(void **state)
{
    (void)state;
    const char *const scale = getenv("CCRNN_SCALE");
    const char *const chosen = getenv("CCRNN_SEED");
    const double seconds = scale != NULL && scale[0] == '1' ? 150 : 4;
    uint64_t random = chosen != NULL ? strtoull(chosen, NULL, 10) : ccrnn_process_token();
    random |= 1;
    print_message("# CCRNN_SEED=%" PRIu64 ", %g s\n", random, seconds);
    ledger =
        mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(ledger != MAP_FAILED);
    for (size_t i = 0; i < RUNS; i++) {
        char name[32];
        snprintf(name, sizeof name, "run-%zu", i);
        memcpy(run_path[i], scratch_path(name), SCRATCH_PATH);
    }
    const unsigned strikes = storm(seconds, &random);
    print_message(
        "# %u strikes; %u leases taken, %u of them from the dead, %u from the silent; %u "
        "were lost; %u writes\n",
        strikes, ledger->taken, ledger->from_gone, ledger->from_silent, ledger->lost,
        ledger->writes);
    assert_int_equal(ledger->second_owners, 0);
    assert_int_equal(ledger->twice, 0);
    assert_int_equal(ledger->backwards, 0);
    assert_int_equal(ledger->broken, 0);
    assert_true(ledger->writes > 0 && ledger->from_gone > 0);
    struct ccrnn_leases *leases;
    assert_int_equal(ccrnn_leases_open(stale, &leases, NULL), CCRNN_OK);
    for (size_t i = 0; i < RUNS; i++)
        expect_calm(leases, i);
    ccrnn_leases_close(leases);
    munmap(ledger, sizeof *ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_never_write_at_the_same_time)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
