/* Leases: of any number that try, one gets it; who lost it can write nothing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/host.h"
#include "scratch.h"
#include "study/lease.h"

enum { RACERS = 16, ROUNDS = 30 };

static const double short_stale = 1.0;

static void name_of(const struct ccrnn_process *process, uint64_t token, char *name)
{
    snprintf(name, CCRNN_LEASE_NAME_SIZE,
             "host=%s,boot=%s,ns=%" PRIu64 ",pid=%" PRIu64 ",start=%" PRIu64
             ",beat=250,token=%016" PRIx64,
             process->host, process->boot, process->container, process->id, process->started,
             token);
}

/* A run whose lease has the entry `name`. */
static const char *held_by(const char *run, const char *name)
{
    const char *const path = scratch_path(run);
    char lease[SCRATCH_PATH + 512];
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(lease, sizeof lease, "%s/lease", path);
    assert_int_equal(mkdir(lease, 0777), 0);
    snprintf(lease, sizeof lease, "%s/lease/%s", path, name);
    assert_int_equal(mkdir(lease, 0777), 0);
    return path;
}

/* Somebody of this machine who is not there any more. */
static struct ccrnn_process ghost(void)
{
    struct ccrnn_process process;
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    ccrnn_process_self(&process);
    process.id = (uint64_t)child;
    return process;
}

static struct ccrnn_process stranger(void)
{
    struct ccrnn_process process;
    ccrnn_process_self(&process);
    process.boot[0] = process.boot[0] == '0' ? '1' : '0';
    strcpy(process.host, "node-17.cluster");
    return process;
}

static struct ccrnn_leases *opened(double stale)
{
    struct ccrnn_leases *leases;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_leases_open(stale, &leases, &err), CCRNN_OK);
    return leases;
}

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
    other = ghost();
    assert_int_equal(ccrnn_process_look(&other), CCRNN_PROCESS_GONE);
    other = stranger();
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

static void one_has_it_and_gives_it_back(void **state)
{
    (void)state;
    struct ccrnn_error err = {0};
    struct ccrnn_lease_holder holder;
    struct ccrnn_lease_watch watch = {0};
    struct ccrnn_leases *const leases = opened(CCRNN_LEASE_STALE);
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
    expect_error(ccrnn_lease_seize(leases, run, &other, &err), CCRNN_BUSY, &err, run, NULL);
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
    const struct ccrnn_process dead = ghost();
    struct ccrnn_leases *const leases = opened(CCRNN_LEASE_STALE);
    struct ccrnn_lease *lease;
    name_of(&dead, 7, name);
    const char *const run = held_by("dead", name);
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

static void sleep_seconds(double seconds)
{
    const struct timespec time = {(time_t)seconds,
                                  (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

/* Elsewhere: not without a watch, not before the stale time, not while it is touched. */
static void expect_patience(const char *folder, const char *name)
{
    struct ccrnn_error err = {0};
    struct ccrnn_lease_watch watch = {0};
    struct ccrnn_leases *const leases = opened(short_stale);
    struct ccrnn_lease *lease;
    char entry[SCRATCH_PATH + 512];
    const char *const run = held_by(folder, name);
    snprintf(entry, sizeof entry, "%s/lease/%s", run, name);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_BUSY);
    const double start = ccrnn_monotonic_seconds();
    assert_int_equal(ccrnn_lease_take(leases, run, &watch, &lease, &err), CCRNN_BUSY);
    sleep_seconds(0.7);
    assert_int_equal(utimensat(AT_FDCWD, entry, NULL, 0), 0);
    sleep_seconds(0.5); /* more than the stale time since the first look, less since the touch */
    assert_int_equal(ccrnn_lease_take(leases, run, &watch, &lease, &err), CCRNN_BUSY);
    while (ccrnn_lease_take(leases, run, &watch, &lease, &err) == CCRNN_BUSY)
        sleep_seconds(0.05);
    assert_non_null(lease);
    assert_true(ccrnn_monotonic_seconds() - start >= 1.2 + short_stale);
    assert_string_equal(ccrnn_lease_before(lease)->name, name);
    ccrnn_lease_release(lease);
    ccrnn_leases_close(leases);
}

static void elsewhere_is_watched_for_the_stale_time(void **state)
{
    (void)state;
    char name[CCRNN_LEASE_NAME_SIZE];
    const struct ccrnn_process other = stranger();
    name_of(&other, 1, name);
    expect_patience("elsewhere", name);
}

/* The entry of another version, with other words in its name, is nobody's to take at once. */
static void what_is_not_understood_is_watched_too(void **state)
{
    (void)state;
    struct ccrnn_lease_holder holder;
    struct ccrnn_error err = {0};
    struct ccrnn_leases *const leases = opened(short_stale);
    struct ccrnn_lease *lease;
    const char *const run = held_by("future", "cluster=3,node=7,token=12");
    assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
    assert_false(holder.understood);
    assert_int_equal(holder.state, CCRNN_PROCESS_ELSEWHERE);
    expect_error(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_BUSY, &err, run,
                 "cluster=3,node=7,token=12", NULL);
    assert_int_equal(ccrnn_lease_seize(leases, run, &lease, &err), CCRNN_OK);
    ccrnn_lease_release(lease);
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
        const char *const run = held_by(folder, strange[i]);
        assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
        assert_string_equal(holder.name, strange[i]);
        assert_false(holder.understood);
    }
    const char *const run =
        held_by("good", "host=a-b.c_d,boot=,ns=1,pid=2,start=3,beat=4000,token=00000000000000ff");
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
    struct ccrnn_leases *const leases = opened(short_stale);
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
    const struct ccrnn_process other = stranger();
    name_of(&other, 99, name);
    snprintf(old, sizeof old, "%s/lease/%s", run, holder.name);
    snprintf(new, sizeof new, "%s/lease/%s", run, name);
    assert_int_equal(rename(old, new), 0);

    assert_int_equal(ccrnn_file_writer_commit(writer, &err), CCRNN_IO);
    assert_int_equal(ccrnn_file_write_atomic(path, "late", 4, &err), CCRNN_IO);
    assert_int_equal(ccrnn_file_append(path, 0, "late", 4, &err), CCRNN_IO);
    assert_int_equal(ccrnn_directory_make_last(path, &err), CCRNN_IO);
    scratch_expect(scratch_path("fenced/file"), "mine", 4);
    for (int i = 0; i < 100 && !ccrnn_lease_known_lost(lease); i++)
        sleep_seconds(0.05); /* its beat finds out */
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
    struct ccrnn_leases *const leases = opened(short_stale);
    struct ccrnn_lease *lease;
    const char *const run = scratch_path("beating");
    assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_OK);
    assert_int_equal(ccrnn_lease_look(run, &before, &err), CCRNN_OK);
    after = before;
    for (int i = 0; i < 100 && after.touched.tv_sec == before.touched.tv_sec &&
                    after.touched.tv_nsec == before.touched.tv_nsec;
         i++) {
        sleep_seconds(0.05);
        assert_int_equal(ccrnn_lease_look(run, &after, &err), CCRNN_OK);
    }
    assert_true(after.touched.tv_sec != before.touched.tv_sec ||
                after.touched.tv_nsec != before.touched.tv_nsec);
    assert_true(before.beat == short_stale / 4);
    ccrnn_lease_release(lease);
    ccrnn_leases_close(leases);
}

/* --- trouble ------------------------------------------------------------------------------ */

static void put_beside(const char *run, const char *name)
{
    char path[SCRATCH_PATH + 512];
    snprintf(path, sizeof path, "%s/%s", run, name);
    assert_int_equal(mkdir(path, 0777), 0);
}

/* A study that was copied over itself: an entry that is left over hides none that somebody works by. */
static void of_several_entries_the_most_alive_counts(void **state)
{
    (void)state;
    char name[CCRNN_LEASE_NAME_SIZE], other[CCRNN_LEASE_NAME_SIZE + 8], path[SCRATCH_PATH + 512];
    struct ccrnn_error err = {0};
    struct ccrnn_lease_holder holder;
    struct ccrnn_lease_watch watch = {0};
    struct ccrnn_process dead = ghost(), far = stranger(), self;
    struct ccrnn_leases *const leases = opened(short_stale);
    struct ccrnn_lease *lease;
    ccrnn_process_self(&self);
    for (int i = 0; i < 2; i++) { /* whichever name is the smaller one */
        name_of(&self, 1, name);
        const char *const run = held_by(i == 0 ? "copied" : "copied-again", name);
        strcpy(dead.host, i == 0 ? "a" : "zzz");
        name_of(&dead, 2, name);
        snprintf(other, sizeof other, "lease/%s", name);
        put_beside(run, other);
        assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
        assert_int_equal(holder.token, 1);
        assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_BUSY);
    }
    name_of(&dead, 3, name);
    const char *const run = held_by("far", name);
    name_of(&far, 4, name);
    snprintf(other, sizeof other, "lease/%s", name);
    put_beside(run, other);
    const double start = ccrnn_monotonic_seconds();
    assert_int_equal(ccrnn_lease_take(leases, run, &watch, &lease, &err), CCRNN_BUSY);
    sleep_seconds(0.7);
    snprintf(path, sizeof path, "%s/%s", run, other);
    assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0); /* it lives */
    while (ccrnn_lease_take(leases, run, &watch, &lease, &err) == CCRNN_BUSY)
        sleep_seconds(0.05);
    assert_true(ccrnn_monotonic_seconds() - start >= 0.7 + short_stale);
    snprintf(path, sizeof path, "%s/lease", run);
    assert_int_equal(scratch_entries(path), 1);
    ccrnn_lease_release(lease);
    assert_int_equal(scratch_entries(run), 0);
    ccrnn_leases_close(leases);
}

/* What was made ready and not used, files in the lease's place, and what a run that is complete still has. */
static void what_is_in_the_way_is_cleared(void **state)
{
    (void)state;
    char name[CCRNN_LEASE_NAME_SIZE];
    struct ccrnn_error err = {0};
    struct ccrnn_leases *const leases = opened(CCRNN_LEASE_STALE);
    struct ccrnn_lease *lease;
    const struct ccrnn_process dead = ghost();
    name_of(&dead, 5, name);
    const char *const run = held_by("littered", name);
    put_beside(run, ".lease-0000000000000001");
    put_beside(run, ".lease-0000000000000001/host=x");
    put_beside(run, ".lease-x0000000000000002");
    put_beside(run, ".lease-x0000000000000002/host=y");
    assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_OK);
    assert_int_equal(scratch_entries(run), 1);
    ccrnn_lease_release(lease);
    put_beside(run, "lease");
    scratch_write(scratch_path("littered/lease/file"), "", 0);
    assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_OK);
    ccrnn_lease_tidy(leases, run); /* of a run somebody works on, nothing */
    assert_true(ccrnn_lease_held(lease));
    ccrnn_lease_release(lease);
    put_beside(run, ".lease-0000000000000003");
    scratch_write(scratch_path("littered/.last.tmp-1-0123456789abcdef"), "", 0);
    scratch_write(scratch_path("littered/last"), "", 0);
    ccrnn_lease_tidy(leases, run);
    assert_int_equal(scratch_entries(run), 1);
    ccrnn_leases_close(leases);
}

/* The work of a child that may not do what it likes. */
static int refused(void)
{
    char entry[SCRATCH_PATH + 512], name[CCRNN_LEASE_NAME_SIZE];
    struct ccrnn_error err = {0};
    struct ccrnn_lease *lease;
    struct ccrnn_leases *leases;
    const struct ccrnn_process dead = ghost();
    name_of(&dead, 6, name);
    const char *const run = held_by("closed", name), *const place = scratch_path("closed/lease");
    if ((getuid() == 0 && setresuid(65534, 65534, 65534) != 0) ||
        ccrnn_leases_open(short_stale, &leases, &err) != CCRNN_OK)
        return 1;
    if (getuid() != 0 && access(place, W_OK) == 0 && chmod(place, 0555) != 0)
        return 2;
    /* Its holder is gone, but the entry cannot be renamed: that is not the work of another process. */
    if (ccrnn_lease_take(leases, run, NULL, &lease, &err) != CCRNN_IO ||
        strstr(err.message, "Permission denied") == NULL || strstr(err.message, run) == NULL)
        return 3;
    /* It cannot be given back, and is as soon as that is possible. */
    const char *const own = scratch_path("open/run"), *const kept =
                                                          scratch_path("open/run/lease");
    if (ccrnn_lease_take(leases, own, NULL, &lease, &err) != CCRNN_OK || chmod(kept, 0555) != 0)
        return 4;
    ccrnn_lease_release(lease);
    struct ccrnn_lease_holder holder;
    if (ccrnn_lease_look(own, &holder, &err) != CCRNN_OK || holder.name[0] == '\0' ||
        chmod(kept, 0777) != 0)
        return 5;
    snprintf(entry, sizeof entry, "%s/%s", kept, holder.name);
    for (int i = 0; i < 200 && access(entry, F_OK) == 0; i++)
        sleep_seconds(0.05);
    if (access(kept, F_OK) == 0)
        return 6;
    ccrnn_leases_close(leases);
    return 0;
}

static void a_disk_that_refuses_is_no_other_process(void **state)
{
    (void)state;
    const mode_t mask = umask(0);
    assert_int_equal(mkdir(scratch_path("open"), 0777), 0);
    assert_int_equal(chmod(scratch_directory(), 0755), 0);
    umask(022);
    assert_int_equal(scratch_in_a_child(refused), 0);
    umask(mask);
}

/* /proc may be mounted so that a user sees no processes of others. */
static int look_from_behind_a_curtain(void)
{
    struct ccrnn_process parent;
    ccrnn_process_self(
        &parent); /* of another user: this child, as it is now, has his number to give */
    const pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("proc", "/proc", "proc", 0, "hidepid=2") != 0 || setgroups(0, NULL) != 0 ||
            setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0 ||
            prctl(PR_SET_DUMPABLE, 1) != 0)
            _exit(77);
        const enum ccrnn_process_state there = ccrnn_process_look(&parent);
        parent = ghost();
        _exit(there != CCRNN_PROCESS_ELSEWHERE                    ? 1
              : ccrnn_process_look(&parent) != CCRNN_PROCESS_GONE ? 2
                                                                  : 0);
    }
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static void who_is_hidden_is_not_gone(void **state)
{
    (void)state;
    const int result = scratch_in_a_child(look_from_behind_a_curtain);
    if (result == 77) {
        print_message(
            "# SKIP no name space with a mount of one's own: hidden processes go unchecked\n");
        skip();
    }
    assert_int_equal(result, 0);
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
    const struct ccrnn_process dead = ghost();
    struct race race = {.leases = opened(CCRNN_LEASE_STALE)};
    pthread_barrier_init(&race.line, NULL, RACERS);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t thread[RACERS];
        char folder[32], name[CCRNN_LEASE_NAME_SIZE];
        snprintf(folder, sizeof folder, "race-%d", round);
        name_of(&dead, (uint64_t)round, name);
        race.run = round % 2 == 0 ? scratch_path(folder) : held_by(folder, name);
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
        cmocka_unit_test(one_has_it_and_gives_it_back),
        cmocka_unit_test(a_lease_of_nobody_is_taken_at_once),
        cmocka_unit_test(elsewhere_is_watched_for_the_stale_time),
        cmocka_unit_test(what_is_not_understood_is_watched_too),
        cmocka_unit_test(names_are_read_whole_or_not_at_all),
        cmocka_unit_test(who_lost_it_can_write_nothing),
        cmocka_unit_test(a_holder_touches_its_entry),
        cmocka_unit_test(of_several_entries_the_most_alive_counts),
        cmocka_unit_test(what_is_in_the_way_is_cleared),
        cmocka_unit_test(a_disk_that_refuses_is_no_other_process),
        cmocka_unit_test(who_is_hidden_is_not_gone),
        cmocka_unit_test(of_many_that_try_one_gets_it),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
