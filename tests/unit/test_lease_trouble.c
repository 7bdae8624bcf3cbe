/* Leases in trouble: entries that nobody made, disks that refuse, processes that cannot be seen. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/host.h"
#include "lease_cases.h"
#include "scratch.h"
#include "study/lease.h"

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
    struct ccrnn_process dead = lease_ghost(), far = lease_stranger(), self;
    struct ccrnn_leases *const leases = lease_opened(LEASE_SHORT_STALE);
    struct ccrnn_lease *lease;
    ccrnn_process_self(&self);
    for (int i = 0; i < 2; i++) { /* whichever name is the smaller one */
        lease_name_of(&self, 1, name);
        const char *const run = lease_held_by(i == 0 ? "copied" : "copied-again", name);
        strcpy(dead.host, i == 0 ? "a" : "zzz");
        lease_name_of(&dead, 2, name);
        snprintf(other, sizeof other, "lease/%s", name);
        put_beside(run, other);
        assert_int_equal(ccrnn_lease_look(run, &holder, &err), CCRNN_OK);
        assert_int_equal(holder.token, 1);
        assert_int_equal(ccrnn_lease_take(leases, run, NULL, &lease, &err), CCRNN_BUSY);
    }
    lease_name_of(&dead, 3, name);
    const char *const run = lease_held_by("far", name);
    lease_name_of(&far, 4, name);
    snprintf(other, sizeof other, "lease/%s", name);
    put_beside(run, other);
    const double start = ccrnn_monotonic_seconds();
    assert_int_equal(ccrnn_lease_take(leases, run, &watch, &lease, &err), CCRNN_BUSY);
    lease_sleep(0.7);
    snprintf(path, sizeof path, "%s/%s", run, other);
    assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0); /* it lives */
    while (ccrnn_lease_take(leases, run, &watch, &lease, &err) == CCRNN_BUSY)
        lease_sleep(0.05);
    assert_true(ccrnn_monotonic_seconds() - start >= 0.7 + LEASE_SHORT_STALE);
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
    struct ccrnn_leases *const leases = lease_opened(CCRNN_LEASE_STALE);
    struct ccrnn_lease *lease;
    const struct ccrnn_process dead = lease_ghost();
    lease_name_of(&dead, 5, name);
    const char *const run = lease_held_by("littered", name);
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
    ccrnn_lease_tidy_shared(leases, run);
    assert_int_equal(scratch_entries(run), 2); /* somebody may be writing that file */
    ccrnn_lease_tidy(leases, run);
    assert_int_equal(scratch_entries(run), 1);
    ccrnn_leases_close(leases);
}

/* The work of a child that may not do what it likes. */
static int refused(void)
{
    char name[CCRNN_LEASE_NAME_SIZE];
    struct ccrnn_error err = {0};
    struct ccrnn_lease *lease;
    struct ccrnn_leases *leases;
    const struct ccrnn_process dead = lease_ghost();
    lease_name_of(&dead, 6, name);
    const char *const run = lease_held_by("closed", name), *const place =
                                                               scratch_path("closed/lease");
    if ((getuid() == 0 && setresuid(65534, 65534, 65534) != 0) ||
        ccrnn_leases_open(LEASE_SHORT_STALE, &leases, &err) != CCRNN_OK)
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
    for (int i = 0; i < 200 && access(kept, F_OK) == 0; i++)
        lease_sleep(0.05);
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
        parent = lease_ghost();
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_several_entries_the_most_alive_counts),
        cmocka_unit_test(what_is_in_the_way_is_cleared),
        cmocka_unit_test(a_disk_that_refuses_is_no_other_process),
        cmocka_unit_test(who_is_hidden_is_not_gone),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
