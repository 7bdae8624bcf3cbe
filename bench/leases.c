/* How many leases of runs a process takes and gives back in a second (src/study/lease.h).
 *
 *     leases DIRECTORY THREADS SECONDS [RUNS]
 *
 * Each thread goes through RUNS run directories (default 256), from a place of its own, and takes what is free.
 * Prints taken and refused (busy) a second.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/host.h"
#include "base/thread.h"
#include "study/lease.h"

enum { THREADS_MOST = 1024 };

struct bench {
    struct ccrnn_leases *leases;
    const char *directory;
    int threads, runs;
    double until;
    atomic_int next;
    atomic_ulong taken, busy, failed;
};

static void *work(void *context)
{
    struct bench *const bench = context;
    char path[CCRNN_PATH_MAX], name[32];
    int run = atomic_fetch_add(&bench->next, 1) * bench->runs / bench->threads;
    while (ccrnn_monotonic_seconds() < bench->until) {
        struct ccrnn_lease *lease = NULL;
        struct ccrnn_error err;
        snprintf(name, sizeof name, "%d", run++ % bench->runs);
        if (ccrnn_path_join(path, sizeof path, bench->directory, name, NULL) != CCRNN_OK)
            break;
        const enum ccrnn_status status =
            ccrnn_lease_take(bench->leases, path, NULL, &lease, &err);
        atomic_fetch_add(status == CCRNN_OK     ? &bench->taken
                         : status == CCRNN_BUSY ? &bench->busy
                                                : &bench->failed,
                         1);
        ccrnn_lease_release(lease);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct bench bench = {.runs = argc > 4 ? atoi(argv[4]) : 256};
    struct ccrnn_error err;
    pthread_t thread[THREADS_MOST];
    if (argc < 4 || atoi(argv[2]) < 1 || atoi(argv[2]) > THREADS_MOST || bench.runs < 1) {
        fputs("leases DIRECTORY THREADS SECONDS [RUNS]\n", stderr);
        return 2;
    }
    bench.directory = argv[1];
    bench.threads = atoi(argv[2]);
    if (ccrnn_leases_open(CCRNN_LEASE_STALE, &bench.leases, &err) != CCRNN_OK) {
        fprintf(stderr, "leases: %s\n", err.message);
        return 1;
    }
    const double start = ccrnn_monotonic_seconds(), seconds = atof(argv[3]);
    bench.until = start + seconds;
    int started = 0;
    while (started < bench.threads && ccrnn_thread_start(&thread[started], work, &bench) == 0)
        started++;
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    ccrnn_leases_close(bench.leases);
    const double took = ccrnn_monotonic_seconds() - start;
    printf("%.0f taken a second, %.0f refused\n", (double)bench.taken / took,
           (double)bench.busy / took);
    return bench.failed > 0;
}
