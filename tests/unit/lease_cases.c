#define _GNU_SOURCE
#include "lease_cases.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

void lease_name_of(const struct ccrnn_process *process, uint64_t token, char *name)
{
    snprintf(name, CCRNN_LEASE_NAME_SIZE,
             "host=%s,boot=%s,ns=%" PRIu64 ",pid=%" PRIu64 ",start=%" PRIu64
             ",beat=250,token=%016" PRIx64,
             process->host, process->boot, process->container, process->id, process->started,
             token);
}

const char *lease_held_by(const char *run, const char *name)
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

struct ccrnn_process lease_ghost(void)
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

struct ccrnn_process lease_stranger(void)
{
    struct ccrnn_process process;
    ccrnn_process_self(&process);
    process.boot[0] = process.boot[0] == '0' ? '1' : '0';
    strcpy(process.host, "node-17.cluster");
    return process;
}

struct ccrnn_leases *lease_opened(double stale)
{
    struct ccrnn_leases *leases;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_leases_open(stale, &leases, &err), CCRNN_OK);
    return leases;
}

void lease_sleep(double seconds)
{
    const struct timespec time = {(time_t)seconds,
                                  (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}
