/* ccrnn-mpi run: every arm × seed of a study, spread over the ranks. Each rank is one more process at work on
 * the study's directory; what they share beside it is one voice, one wish to stop, and one end. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "cli/run_request.h"
#include "cli/stop.h"
#include "commands.h"
#include "ranks.h"
#include "relay.h"
#include "split.h"
#include "study/together.h"

/* What this program asks beside what `ccrnn run` asks. */
struct request {
    struct cli_run_request run; /* first: cli_run_parse() fills it */
    bool split_batch, other_ranks;
};

enum { KEY_SPLIT_BATCH = CLI_KEY_RUN_END, KEY_OTHER_RANKS };

static const struct argp_option option_list[] = {
    CLI_RUN_OPTIONS(
        "Runs at the same time on each rank; with --split-batch, threads (default: 1)"),
    {"split-batch", KEY_SPLIT_BATCH, NULL, 0,
     "Captions: all ranks train each run together, each its share of every batch", 1},
    {"other-ranks", KEY_OTHER_RANKS, NULL, 0,
     "With --split-batch: go on with runs that another number of ranks began", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *const request = state->input;
    if (key == KEY_SPLIT_BATCH)
        request->split_batch = true;
    else if (key == KEY_OTHER_RANKS)
        request->other_ranks = true;
    else if (key == ARGP_KEY_END && request->other_ranks && !request->split_batch)
        argp_error(state, "--other-ranks has no effect without --split-batch; leave it out");
    else
        return cli_run_parse(key, arg, state);
    return 0;
}

const struct argp mpi_run_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "STUDY.yaml",
    .doc =
        "Train every arm × seed of a study, spread over the ranks: mpirun -n 8 ccrnn-mpi run "
        "STUDY.yaml. All ranks work on one directory, which all must see. What comes out is, byte "
        "for byte, what `ccrnn run` makes of the study, and either goes on where the other stopped."
        "\vEach rank trains one run at a time; with -j N as many, and then mpirun needs --bind-to none, "
        "or N threads share a processor.\n\n"
        "SIGUSR1 to mpirun lets the runs at work finish their epoch and write a checkpoint. Ctrl-C and "
        "SIGTERM do so too, but mpirun kills what is not gone after a second, and that costs the work "
        "since the last checkpoint; `--mca odls_base_sigkill_timeout 600` gives ten minutes. If a rank "
        "dies, mpirun ends the others; the same command again completes the study.\n\n"
        "--split-batch is for a few large networks of captions: runs go on one after another, each trained "
        "by all ranks. Sums are then made in another order, so that weights differ in their last digits "
        "from those of one rank; they are the same whenever as many ranks train them. A run goes on with "
        "the number of ranks it began with, unless --other-ranks allows another; run.json tells.",
};

/* Names, options and seeds of all runs in a number, to see whether all ranks read the same. */
static uint64_t hash_of(const struct ccrnn_study *study, const char *directory)
{
    uint64_t hash = CCRNN_HASH_START;
    for (size_t i = 0; i < ccrnn_study_run_count(study); i++) {
        char path[CCRNN_PATH_MAX] = "";
        (void)ccrnn_study_run_directory(study, directory, i, path, sizeof path, NULL);
        hash = ccrnn_hash_add(hash, path, strlen(path));
    }
    return hash;
}

/* Rank 0 reads the study first, so that what is wrong with it is said once. */
static enum ccrnn_status open_study(struct cli_run_request *request,
                                    struct cli_run_opened *opened, struct ccrnn_error *err)
{
    const bool first = ranks_self() == 0;
    enum ccrnn_status status = first ? cli_run_open(request, opened, err) : CCRNN_OK;
    CCRNN_TRY(ranks_agree("run", status, err));
    if (!first)
        status = cli_run_open(request, opened, err);
    const enum ccrnn_status worst = ranks_agree("run", status, err);
    if (worst == CCRNN_OK && ranks_same(hash_of(opened->study, opened->directory)))
        return CCRNN_OK;
    if (status == CCRNN_OK)
        cli_run_close(opened);
    if (worst != CCRNN_OK)
        return first ? ccrnn_fail(err, worst, "not all ranks could begin") : worst;
    return ccrnn_fail(
        err, CCRNN_USAGE,
        "the ranks read different studies from %s; start all in one directory that all "
        "machines see, with one file",
        request->study);
}

/* More threads than processors, because mpirun bound the rank to a few, is a mistake easily made. */
static void warn_of_binding(unsigned jobs)
{
    if (jobs > cli_default_jobs() && ranks_self() == 0)
        fprintf(
            stderr,
            "%s run: each rank may use %u of this machine's processors for -j %u; mpirun --bind-to "
            "none lets it use all\n",
            cli_program, cli_default_jobs(), jobs);
}

static enum ccrnn_status train(struct cli_run_opened *opened, struct ccrnn_error *err)
{
    const bool first = ranks_self() == 0;
    const struct cli_study_run *const how = &opened->how;
    struct cli_progress *progress = NULL;
    struct relay *relay = NULL;
    enum ccrnn_status status = CCRNN_OK;
    if (first)
        status = cli_study_check_place(opened->study, how->directory, err);
    if (first && status == CCRNN_OK)
        progress = cli_progress_create(opened->study, how->directory, how->quiet);
    if (first && status == CCRNN_OK && progress == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    CCRNN_TRY(ranks_agree("run", status, err));
    cli_catch_signals(how->stop_after);
    status = relay_begin(opened->study, progress, &relay, err);
    if (status != CCRNN_OK) {
        cli_progress_destroy(progress);
        return status;
    }
    const struct ccrnn_workers workers = {
        .directory = how->directory,
        .data = how->data,
        .jobs = how->jobs,
        .argv = how->argv,
        .listener = relay_listener(relay),
        .stale = how->stale,
        .no_wait = how->no_wait,
        .fail_fast = how->fail_fast,
    };
    struct ccrnn_workers_result mine, all;
    const double start = cli_now();
    status = ccrnn_study_execute(opened->study, &workers, &mine, err);
    const bool began = cli_study_runs(&mine) > 0;
    const enum ccrnn_status ended = relay_end(relay, &all);
    cli_progress_destroy(progress);
    /* a rank that could begin nothing says why; what became of the runs is said of all together */
    const enum ccrnn_status worst = ranks_agree("run", began ? CCRNN_OK : status, err);
    if (!first)
        return worst;
    if (began || worst == CCRNN_OK)
        cli_study_print_result(&all, how->directory, cli_now() - start);
    return worst != CCRNN_OK ? worst : cli_study_verdict(&all, ended, err);
}

/* What would be run, and for how long; rank 0 tells. */
static enum ccrnn_status plan(struct cli_run_opened *opened, const struct request *request,
                              struct ccrnn_error *err)
{
    if (ranks_self() > 0)
        return CCRNN_OK;
    if (request->split_batch)
        printf(
            "%d ranks train each run together, with %u threads each; the time below is that of "
            "ranks that lose none\n",
            ranks_count(), opened->how.jobs);
    else
        printf("%d rank%s, %u run%s at a time each\n", ranks_count(),
               cli_plural((uint64_t)ranks_count()), opened->how.jobs,
               cli_plural(opened->how.jobs));
    opened->how.jobs *= (unsigned)ranks_count();
    return cli_study_plan(opened->study, &opened->how, request->run.verbose, err);
}

static enum ccrnn_status run_study(struct request *request, struct ccrnn_error *err)
{
    struct cli_run_opened opened;
    CCRNN_TRY(open_study(&request->run, &opened, err));
    enum ccrnn_status status = CCRNN_OK;
    if (opened.how.jobs == 0)
        opened.how.jobs = 1;
    opened.how.other_ranks = request->other_ranks;
    if (request->split_batch)
        status = ccrnn_together_check(opened.study, (size_t)ranks_count(), err);
    if (status == CCRNN_OK && request->run.dry_run) {
        status = plan(&opened, request, err);
    } else if (status == CCRNN_OK) {
        warn_of_binding(opened.how.jobs);
        status = request->split_batch ? split_train(&opened, err) : train(&opened, err);
    }
    cli_run_close(&opened);
    return status;
}

int mpi_run(int argc, char **argv)
{
    struct request request = {0};
    struct ccrnn_error err = {0};
    const char **const kept = cli_kept_argv("run", argc, argv);
    request.run.argv = kept;
    if (ranks_self() == 0)
        cli_parse(&mpi_run_argp, argc, argv, &request);
    ranks_go_on();
    if (ranks_self() > 0)
        argp_parse(&mpi_run_argp, argc, argv, ARGP_SILENT, NULL, &request);
    const enum ccrnn_status status = run_study(&request, &err);
    free(kept);
    /* rank 0 speaks, and all end as it does */
    if (ranks_self() == 0 && status != CCRNN_OK)
        cli_fail("run", status, &err);
    return ranks_tell(ccrnn_status_exit_code(status));
}
