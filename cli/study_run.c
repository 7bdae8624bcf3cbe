/* Running a study: threads, progress, Ctrl-C, the result in a line. */
#define _GNU_SOURCE
#include "cli/study_run.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/host.h"
#include "base/number.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "study/index.h"
#include "study/leftovers.h"

const char **cli_kept_argv(const char *command, int argc, char **argv)
{
    const char **const kept = calloc((size_t)argc + 2, sizeof *kept);
    if (kept == NULL)
        return NULL;
    for (int i = 1; i < argc; i++)
        kept[i + 1] = argv[i];
    kept[0] = cli_program;
    kept[1] = command;
    return kept;
}

bool cli_read_jobs(const char *text, unsigned *jobs)
{
    uint64_t number;
    if (!ccrnn_parse_unsigned(text, &number) || number < 1 || number > CLI_JOBS_MOST)
        return false;
    *jobs = (unsigned)number;
    return true;
}

void cli_read_stale(const char *text, struct argp_state *state, double *stale)
{
    if (!ccrnn_parse_real(text, stale) || *stale < CCRNN_LEASE_STALE_LEAST ||
        *stale > CLI_STALE_MOST)
        argp_error(state, "--stale is \"%s\": expected seconds from %g to %d", text,
                   CCRNN_LEASE_STALE_LEAST, CLI_STALE_MOST);
}

static bool wants_stop(void *context)
{
    (void)context;
    return cli_stop_asked();
}

unsigned cli_default_jobs(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int count = CPU_COUNT(&set);
    return count < 1 ? 1 : (unsigned)count;
}

double cli_now(void)
{
    return ccrnn_monotonic_seconds();
}

enum ccrnn_status cli_study_find_data(const struct ccrnn_study *study, const char *given,
                                      char data[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    data[0] = '\0';
    const char *const set = ccrnn_study_data_name(study);
    if (set != NULL)
        return cli_data_directory(given, set, data, err);
    if (given != NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "--data has no effect: no arm has images: mnist, captions: flickr or "
                          "captions: coco; leave it out, or add for example --set images=mnist");
    return CCRNN_OK;
}

enum ccrnn_status cli_study_find(const char *name, char path[CCRNN_PATH_MAX],
                                 struct ccrnn_error *err)
{
    static const char *const folders[] = {"studies", CCRNN_STUDIES_DIRECTORY};
    char file[CCRNN_ARM_NAME_SIZE];
    (void)ccrnn_format(file, sizeof file, "%.100s.yaml", name);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        CCRNN_TRY(ccrnn_path_join(path, CCRNN_PATH_MAX, folders[i], file, err));
        if (ccrnn_file_exists(path))
            return CCRNN_OK;
    }
    return ccrnn_fail(err, CCRNN_USAGE,
                      "there is no %s in ./studies or %s; start in the folder of the sources, or "
                      "install ccrnn",
                      file, CCRNN_STUDIES_DIRECTORY);
}

void cli_study_print_result(const struct ccrnn_workers_result *result, const char *directory,
                            double seconds)
{
    char took[32];
    cli_duration(seconds, took, sizeof took);
    printf("%zu run%s trained, %zu finished before", result->done, result->done == 1 ? "" : "s",
           result->already);
    if (result->elsewhere > 0)
        printf(", %zu by other processes meanwhile", result->elsewhere);
    if (result->nonfinite > 0)
        printf(", %zu ended in NaN (recorded)", result->nonfinite);
    if (result->failed > 0)
        printf(", %zu failed", result->failed);
    if (result->busy > 0)
        printf(", %zu at work in another process", result->busy);
    if (result->left > 0)
        printf(", %zu left", result->left);
    if (result->lost > 0)
        printf(", %zu taken over by another process, and the work done here (%.1f s) thrown away",
               result->lost, result->lost_seconds);
    printf(" (%s)\n", took);
    if (result->left + result->busy == 0)
        printf("look at it: ccrnn report %s\n", directory);
}

size_t cli_study_runs(const struct ccrnn_workers_result *result)
{
    return result->done + result->already + result->elsewhere + result->nonfinite +
           result->failed + result->busy + result->left;
}

enum ccrnn_status cli_study_verdict(const struct ccrnn_workers_result *result,
                                    enum ccrnn_status status, struct ccrnn_error *err)
{
    if (status == CCRNN_INTERRUPTED)
        return ccrnn_fail(err, status, "stopped; the same command goes on where this one ended");
    const size_t unfinished = result->failed + result->busy;
    if (status != CCRNN_OK && unfinished > 0)
        return ccrnn_fail(err, status,
                          "%zu of %zu runs did not finish; the messages above say why",
                          unfinished, cli_study_runs(result));
    if (status != CCRNN_OK)
        return ccrnn_fail(
            err, status,
            "%zu of %zu runs ended in NaN, which is their result; the messages above "
            "say when",
            result->nonfinite, cli_study_runs(result));
    return status;
}

enum ccrnn_status cli_study_check_place(const struct ccrnn_study *study, const char *directory,
                                        struct ccrnn_error *err)
{
    char *text;
    CCRNN_TRY(ccrnn_study_index_check(study, directory, err));
    CCRNN_TRY(ccrnn_study_leftovers(study, directory, &text, err));
    if (text != NULL)
        fputs(text, stderr);
    free(text);
    return CCRNN_OK;
}

enum ccrnn_status cli_study_train(struct ccrnn_study *study, const struct cli_study_run *how,
                                  bool *began, struct ccrnn_error *err)
{
    if (began != NULL)
        *began = false;
    if (study->wanted == NULL) /* a part of a study leaves nothing out */
        CCRNN_TRY(cli_study_check_place(study, how->directory, err));
    struct cli_progress *const progress = cli_progress_create(study, how->directory, how->quiet);
    if (progress == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    const struct ccrnn_workers workers = {
        .directory = how->directory,
        .data = how->data,
        .jobs = how->jobs > 0 ? how->jobs : cli_default_jobs(),
        .argv = how->argv,
        .listener = {.context = progress,
                     .loaded = cli_progress_loaded,
                     .began = cli_progress_began,
                     .epoch = cli_progress_epoch,
                     .note = cli_progress_note,
                     .waits = how->watches ? cli_progress_watches : cli_progress_waits,
                     .finished = cli_progress_finished,
                     .stop = wants_stop,
                     .stopping = cli_progress_stopping},
        .together = how->together,
        .other_ranks = how->other_ranks,
        .stale = how->stale,
        .no_wait = how->no_wait,
        .fail_fast = how->fail_fast,
    };
    struct ccrnn_workers_result result;
    const double start = cli_now();
    cli_catch_signals(how->stop_after);
    const enum ccrnn_status status = ccrnn_study_execute(study, &workers, &result, err);
    cli_progress_destroy(progress);
    if (began != NULL)
        *began = cli_study_runs(&result) > 0;
    if (cli_study_runs(&result) == 0)
        return status; /* nothing could begin; err says why */
    cli_study_print_result(&result, how->directory, cli_now() - start);
    return cli_study_verdict(&result, status, err);
}
