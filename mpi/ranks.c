#define _GNU_SOURCE
#include "ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

/* What a process can have one of. */
static struct {
    int self, count;
    bool went_on; /* rank 0 has told the others to go on, or that it ends */
} ranks;

int ranks_self(void)
{
    return ranks.self;
}

int ranks_count(void)
{
    return ranks.count;
}

void ranks_nap(void)
{
    const struct timespec nap = {.tv_nsec = 2000000};
    nanosleep(&nap, NULL);
}

void ranks_await(MPI_Request request)
{
    for (;;) {
        int done = 0;
        MPI_Request_get_status(request, &done, MPI_STATUS_IGNORE);
        if (done)
            return;
        ranks_nap();
    }
}

int ranks_tell(int value)
{
    MPI_Request request;
    MPI_Ibcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD, &request);
    ranks_await(request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    return value;
}

/* The largest of all ranks' values. */
static int largest(int value)
{
    MPI_Request request;
    int result = value;
    MPI_Iallreduce(&value, &result, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD, &request);
    ranks_await(request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    return result;
}

bool ranks_same(uint64_t number)
{
    uint64_t of_rank_0 = number;
    MPI_Request request;
    MPI_Ibcast(&of_rank_0, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD, &request);
    ranks_await(request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    return largest(number != of_rank_0) == 0;
}

void ranks_go_on(void)
{
    const int code = ranks.went_on ? -1 : ranks_tell(-1);
    ranks.went_on = true;
    if (code >= 0)
        exit(code);
}

/* However a rank ends: argp ends the process by itself after --help and after a mistake. */
static void end(int code, void *context)
{
    (void)context;
    if (!ranks.went_on && ranks.self == 0)
        ranks_tell(code);
    ranks.went_on = true;
    fflush(stdout);
    largest(0); /* mpirun ends those that are left when one has gone with a code other than 0 */
#ifdef __SANITIZE_ADDRESS__
    /* as long as MPI's parts are loaded, so that what they leak has their names */
    __lsan_do_leak_check();
#endif
    MPI_Finalize();
}

/* Which of two statuses all shall end with. */
static int gravity(enum ccrnn_status status)
{
    return status == CCRNN_OK            ? 0
           : status == CCRNN_NONFINITE   ? 1
           : status == CCRNN_BUSY        ? 2
           : status == CCRNN_INTERRUPTED ? 4
                                         : 3;
}

enum ccrnn_status ranks_agree(const char *command, enum ccrnn_status mine,
                              const struct ccrnn_error *err)
{
    if (mine != CCRNN_OK && ranks.self > 0)
        fprintf(stderr, "%s %s: rank %d: %s\n", cli_program, command, ranks.self,
                err->message[0] != '\0' ? err->message : ccrnn_status_meaning(mine));
    return (enum ccrnn_status)(largest(gravity(mine) * CCRNN_STATUS_COUNT + (int)mine) %
                               CCRNN_STATUS_COUNT);
}

/* Fowler, Noll and Vo's hash of all words. */
static uint64_t hash_of(int argc, char **argv)
{
    uint64_t hash = 14695981039346656037u;
    for (int i = 1; i < argc; i++)
        for (const char *c = argv[i];; c++) {
            hash = (hash ^ (unsigned char)*c) * 1099511628211u;
            if (*c == '\0')
                break;
        }
    return hash;
}

void ranks_begin(int *argc, char ***argv)
{
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(argc, argv, MPI_THREAD_SERIALIZED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks.self);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks.count);
    const bool same = ranks_same(hash_of(*argc, *argv));
    on_exit(end, NULL);
    if (provided >= MPI_THREAD_SERIALIZED && same)
        return;
    ranks.went_on = true;
    if (ranks.self == 0)
        fprintf(stderr, "%s: %s\n", cli_program,
                same ? "this MPI cannot be called from several threads in turn "
                       "(MPI_THREAD_SERIALIZED); use one that can"
                     : "the ranks were started with different arguments; start all with one "
                       "command line");
    exit(ccrnn_status_exit_code(same ? CCRNN_UNSUPPORTED : CCRNN_USAGE));
}
