/* Leases: of any number that try, one gets it; who lost it can write nothing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/host.h"
#include "lease_cases.h"
#include "scratch.h"
#include "study/lease.h"

enum { RACERS = 16, ROUNDS = 30 };

static void a_process_knows_itself_and_others(void **state)
{
    (void)state;
    struct ccrnn_process self, other;
    ccrnn_process_self(&self);
    assert_int_equal(self.id, getpid());
    assert_int_equal(ccrnn_process_look(&self), CCRNN_PROCESS_ALIVE);
    other = self;
    other.started++; /* its number was given to another one */
    assert_int_equal(ccrnn_process_look(&other), CCRNN_PROCESS_GONE);
    other = lease_ghost();
    assert_int_equal(ccrnn_process_look(&other), CCRNN_PROCESS_GONE);
    other = lease_stranger();
    assert_int_equal(ccrnn_process_look(&other), CCRNN_PROCESS_ELSEWHERE);
    other = self;
    other.container++;
    assert_int_equal(ccrnn_process_look(&other), CCRNN_PROCESS_ELSEWHERE);
    assert_true(ccrnn_process_token() != ccrnn_process_token());
}

/* A child that has ended and that nobody has looked after. */
static void a_zombie_is_gone(void **state)
{
    (void)state;
    struct ccrnn_process process = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        struct ccrnn_process self;
        ccrnn_process_self(&self);
        _exit(write(ends[1], &self, sizeof self) == (ssize_t)sizeof self ? 0 : 1);
    }
    assert_int_equal(read(ends[0], &process, sizeof process), sizeof process);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(process.id, child);
    assert_int_equal(ccrnn_process_look(&process), CCRNN_PROCESS_GONE);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
}

/* A child that stops itself, and goes on when it is told to. */
static void a_stopped_process_is_alive_and_stands_still(void **state)
{
    (void)state;
    struct ccrnn_process process = {0};
    int ends[2];
    siginfo_t info;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        struct ccrnn_process self;
        ccrnn_process_self(&self);
        (void)raise(SIGSTOP);
        _exit(write(ends[1], &self, sizeof self) == (ssize_t)sizeof self && pause() != 0);
    }
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WSTOPPED), 0);
    assert_int_equal(kill(child, SIGCONT), 0);
    assert_int_equal(read(ends[0], &process, sizeof process), sizeof process);
    assert_int_equal(ccrnn_process_look(&process), CCRNN_PROCESS_ALIVE);
    assert_false(ccrnn_process_is_stopped(&process));
    assert_int_equal(kill(child, SIGSTOP), 0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WSTOPPED), 0);
    assert_int_equal(ccrnn_process_look(&process), CCRNN_PROCESS_ALIVE);
    assert_true(ccrnn_process_is_stopped(&process));
    process.started++; /* that one is gone; who has its number now is another one */
    assert_false(ccrnn_process_is_stopped(&process));
    process.started--;
    process.container++;
    assert_false(ccrnn_process_is_stopped(&process));
    process.container--;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(ccrnn_process_is_stopped(&process));
    close(ends[0]);
    close(ends[1]);
}

static void one_has_it_and_gives_it_back(void **state)
{
    (void)state;
    struct ccrnn_error err = {0};
    struct ccrnn_lease_holder holder;
    struct ccrnn_lease_watch watch = {0};
    struct ccrnn_leases *const leases = lease_opened(CCRNN_LEASE_STALE);
    struct ccrnn_lease *mine, *other;
    const char *const run = scratch_path("plain");
    assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
    assert_string_equal(holder.name, "");
    assert_int_equal(ccrnn_lease_take(leases, run, &watch, &mine, &err), CCRNN_OK);
    assert_null(ccrnn_lease_before(mine));
    assert_true(ccrnn_lease_held(mine));
    assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
    assert_true(holder.understood);
    assert_int_equal(holder.token, ccrnn_lease_token(mine));
    assert_int_equal(holder.process.id, getpid());
    assert_int_equal(holder.state, CCRNN_PROCESS_ALIVE);
    assert_true(holder.beat == CCRNN_LEASE_BEAT);
    char number[32];
    snprintf(number, sizeof number, "process %ld", (long)getpid());
    expect_error(ccrnn_lease_take(leases, run, &watch, &other, &err), CCRNN_BUSY, &err, run,
                 "another process is working on this run", number, NULL);
    assert_null(other);
    assert_int_equal(scratch_entries(run), 1);
    ccrnn_lease_release(mine);
    assert_int_equal(scratch_entries(run), 0);
    ccrnn_leases_close(leases);
}

static void a_lease_of_nobody_is_taken_at_once(void **state)
{
    (void)state;
    char name[CCRNN_LEASE_NAME_SIZE];
    struct ccrnn_error err = {0};
    const struct ccrnn_process dead = lease_ghost();
    struct ccrnn_leases *const leases = lease_opened(CCRNN_LEASE_STALE);
    struct ccrnn_lease *lease;
    lease_name_of(&dead, 7, name);
    const char *const run = lease_held_by("dead", name);
    assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_OK);
    assert_non_null(ccrnn_lease_before(lease));
    assert_int_equal(ccrnn_lease_before(lease)->process.id, dead.id);
    assert_int_equal(ccrnn_lease_before(lease)->token, 7);
    ccrnn_lease_release(lease);
    /* An empty directory: its holder was killed between the two steps of giving it back. */
    assert_int_equal(mkdir(scratch_path("dead/lease"), 0777), 0);
    assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_OK);
    assert_null(ccrnn_lease_before(lease));
    ccrnn_lease_release(lease);
    ccrnn_leases_close(leases);
}

/* Elsewhere: not without a watch, not before the stale time, not while it is touched. */
static void expect_patience(const char *folder, const char *name)
{
    struct ccrnn_error err = {0};
    struct ccrnn_lease_watch watch = {0};
    struct ccrnn_leases *const leases = lease_opened(LEASE_SHORT_STALE);
    struct ccrnn_lease *lease;
    char entry[SCRATCH_PATH + 512];
    const char *const run = lease_held_by(folder, name);
    snprintf(entry, sizeof entry, "%s/lease/%s", run, name);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_BUSY);
    const double start = ccrnn_monotonic_seconds();
    assert_int_equal(ccrnn_lease_take(leases, run, &watch, &lease, &err), CCRNN_BUSY);
    lease_sleep(0.7);
    assert_int_equal(utimensat(AT_FDCWD, entry, NULL, 0), 0);
    lease_sleep(0.5); /* more than the stale time since the first look, less since the touch */
    assert_int_equal(ccrnn_lease_take(leases, run, &watch, &lease, &err), CCRNN_BUSY);
    while (ccrnn_lease_take(leases, run, &watch, &lease, &err) == CCRNN_BUSY)
        lease_sleep(0.05);
    assert_non_null(lease);
    assert_true(ccrnn_monotonic_seconds() - start >= 1.2 + LEASE_SHORT_STALE);
    assert_string_equal(ccrnn_lease_before(lease)->name, name);
    ccrnn_lease_release(lease);
    ccrnn_leases_close(leases);
}

static void elsewhere_is_watched_for_the_stale_time(void **state)
{
    (void)state;
    char name[CCRNN_LEASE_NAME_SIZE];
    const struct ccrnn_process other = lease_stranger();
    lease_name_of(&other, 1, name);
    expect_patience("elsewhere", name);
}

/* The entry of another version, with other words in its name, is nobody's to take at once. */
static void what_is_not_understood_is_watched_too(void **state)
{
    (void)state;
    struct ccrnn_lease_holder holder;
    struct ccrnn_error err = {0};
    struct ccrnn_leases *const leases = lease_opened(LEASE_SHORT_STALE);
    struct ccrnn_lease *lease;
    const char *const run = lease_held_by("future", "cluster=3,node=7,token=12");
    assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
    assert_false(holder.understood);
    assert_int_equal(holder.state, CCRNN_PROCESS_ELSEWHERE);
    expect_error(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_BUSY, &err, run,
                 "cluster=3,node=7,token=12", NULL);
    struct ccrnn_lease_watch watch = {0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(ccrnn_lease_take(leases, run, &watch, &lease, &err), CCRNN_BUSY);
    ccrnn_leases_close(leases);
}

static void names_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char *const strange[] = {
        "host=a,boot=,ns=1,pid=2,start=3,beat=4,token=0000000000000001x",
        "host=a,boot=,ns=1,pid=2,start=3,beat=4,token=000000000000001",
        "host=a,boot=,ns=1,pid=2,start=3,beat=4,token=000000000000000G",
        "host=a,boot=,ns=1,pid=-2,start=3,beat=4,token=0000000000000001",
        "host=a,boot=,ns=1,pid=2,start=3,token=0000000000000001",
        "host=a,boot=,ns=1,pid=99999999999999999999,start=3,beat=4,token=0000000000000001",
        "pid=2,host=a,boot=,ns=1,start=3,beat=4,token=0000000000000001",
        "host=a,boot=,ns=1,pid=2,start=3,beat=4,token=0000000000000001,more=1",
        "x"};
    struct ccrnn_lease_holder holder;
    struct ccrnn_error err = {0};
    char folder[32];
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        snprintf(folder, sizeof folder, "strange-%zu", i);
        const char *const run = lease_held_by(folder, strange[i]);
        assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
        assert_string_equal(holder.name, strange[i]);
        assert_false(holder.understood);
    }
    const char *const run = lease_held_by(
        "good", "host=a-b.c_d,boot=,ns=1,pid=2,start=3,beat=4000,token=00000000000000ff");
    assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
    assert_true(holder.understood);
    assert_string_equal(holder.process.host, "a-b.c_d");
    assert_int_equal(holder.process.container, 1);
    assert_int_equal(holder.process.id, 2);
    assert_int_equal(holder.process.started, 3);
    assert_true(holder.beat == 4.0);
    assert_int_equal(holder.token, 255);
}

/* As when this process was stopped for longer than the stale time. */
static void who_lost_it_can_write_nothing(void **state)
{
    (void)state;
    char path[CCRNN_PATH_MAX], old[CCRNN_PATH_MAX + 512], new[SCRATCH_PATH + 512];
    char name[CCRNN_LEASE_NAME_SIZE], message[2 * CCRNN_PATH_MAX + 64];
    struct ccrnn_error err = {0};
    struct ccrnn_lease_holder holder;
    struct ccrnn_leases *const leases = lease_opened(LEASE_SHORT_STALE);
    struct ccrnn_lease *lease;
    struct ccrnn_file_writer *writer;
    const char *const run = scratch_path("fenced");
    assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_OK);
    assert_int_equal(
        ccrnn_path_join(path, sizeof path, ccrnn_lease_directory(lease), "file", &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_write_atomic(path, "mine", 4, &err), CCRNN_OK);
    scratch_expect(scratch_path("fenced/file"), "mine", 4);
    assert_int_equal(ccrnn_file_writer_open(path, &writer, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_writer_add(writer, "late", 4, &err), CCRNN_OK);

    assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
    const struct ccrnn_process other = lease_stranger();
    lease_name_of(&other, 99, name);
    snprintf(old, sizeof old, "%s/lease/%s", run, holder.name);
    snprintf(new, sizeof new, "%s/lease/%s", run, name);
    assert_int_equal(rename(old, new), 0);

    assert_int_equal(ccrnn_file_writer_commit(writer, &err), CCRNN_IO);
    assert_int_equal(ccrnn_file_write_atomic(path, "late", 4, &err), CCRNN_IO);
    assert_int_equal(ccrnn_file_append(path, 0, "late", 4, &err), CCRNN_IO);
    assert_int_equal(ccrnn_directory_make_last(path, &err), CCRNN_IO);
    scratch_expect(scratch_path("fenced/file"), "mine", 4);
    for (int i = 0; i < 100 && !ccrnn_lease_known_lost(lease); i++)
        lease_sleep(0.05); /* its beat finds out */
    assert_true(ccrnn_lease_known_lost(lease));
    assert_false(ccrnn_lease_held(lease));
    snprintf(message, sizeof message, "cannot write %s: gone, %s", path, path);
    ccrnn_lease_clean(lease, message);
    assert_null(strstr(message, "lease"));
    assert_non_null(strstr(message, run));
    ccrnn_lease_release(lease);
    assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
    assert_string_equal(holder.name, name); /* the new holder's stays */
    ccrnn_leases_close(leases);
}

static void a_holder_touches_its_entry(void **state)
{
    (void)state;
    struct ccrnn_error err = {0};
    struct ccrnn_lease_holder before, after;
    struct ccrnn_leases *const leases = lease_opened(LEASE_SHORT_STALE);
    struct ccrnn_lease *lease;
    const char *const run = scratch_path("beating");
    assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_OK);
    assert_int_equal(ccrnn_lease_look(run, &before, &err), CCRNN_OK);
    after = before;
    for (int i = 0; i < 100 && after.touched.tv_sec == before.touched.tv_sec &&
                    after.touched.tv_nsec == before.touched.tv_nsec;
         i++) {
        lease_sleep(0.05);
        assert_int_equal(ccrnn_lease_look(run, &after, &err), CCRNN_OK);
    }
    assert_true(after.touched.tv_sec != before.touched.tv_sec ||
                after.touched.tv_nsec != before.touched.tv_nsec);
    assert_true(before.beat == LEASE_SHORT_STALE / 4);
    ccrnn_lease_release(lease);
    ccrnn_leases_close(leases);
}

/* --- races ------------------------------------------------------------------------------- */

struct race {
    struct ccrnn_leases *leases;
    const char *run;
    pthread_barrier_t line;
    atomic_int winners, failures;
};

static void *racer(void *context)
{
    struct race *const race = context;
    struct ccrnn_lease *lease = NULL;
    struct ccrnn_error err = {0};
    pthread_barrier_wait(&race->line);
    const enum ccrnn_status status =
        ccrnn_lease_take(race->leases, race->run, NULL, &lease, &err);
    race->winners += status == CCRNN_OK;
    race->failures += status != CCRNN_OK && status != CCRNN_BUSY;
    pthread_barrier_wait(&race->line); /* nobody gives it back before all have tried */
    ccrnn_lease_release(lease);
    return NULL;
}

/* Free in even rounds, left behind by a process that is gone in odd ones. */
static void of_many_that_try_one_gets_it(void **state)
{
    (void)state;
    const struct ccrnn_process dead = lease_ghost();
    struct race race = {.leases = lease_opened(CCRNN_LEASE_STALE)};
    pthread_barrier_init(&race.line, NULL, RACERS);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t thread[RACERS];
        char folder[32], name[CCRNN_LEASE_NAME_SIZE];
        snprintf(folder, sizeof folder, "race-%d", round);
        lease_name_of(&dead, (uint64_t)round, name);
        race.run = round % 2 == 0 ? scratch_path(folder) : lease_held_by(folder, name);
        race.winners = race.failures = 0;
        for (int i = 0; i < RACERS; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, racer, &race), 0);
        for (int i = 0; i < RACERS; i++)
            pthread_join(thread[i], NULL);
        assert_int_equal(race.failures, 0);
        assert_int_equal(race.winners, 1);
        assert_int_equal(scratch_entries(race.run), 0); /* nor is anything made ready left */
    }
    pthread_barrier_destroy(&race.line);
    ccrnn_leases_close(race.leases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_knows_itself_and_others),
        cmocka_unit_test(a_zombie_is_gone),
        cmocka_unit_test(a_stopped_process_is_alive_and_stands_still),
        cmocka_unit_test(one_has_it_and_gives_it_back),
        cmocka_unit_test(a_lease_of_nobody_is_taken_at_once),
        cmocka_unit_test(elsewhere_is_watched_for_the_stale_time),
        cmocka_unit_test(what_is_not_understood_is_watched_too),
        cmocka_unit_test(names_are_read_whole_or_not_at_all),
        cmocka_unit_test(who_lost_it_can_write_nothing),
        cmocka_unit_test(a_holder_touches_its_entry),
        cmocka_unit_test(of_many_that_try_one_gets_it),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
