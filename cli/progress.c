#define _GNU_SOURCE
#include "cli/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

static const double seconds_between_lines = 5.0, seconds_between_redraws = 0.1;

struct cli_progress {
    const struct ccrnn_study *study;
    bool quiet, terminal, drawn;
    double start, last;
    size_t runs, ended;
    double work, done, done_at_start;   /* arithmetic of all runs; of what is finished */
    uint64_t *epochs, *epochs_at_start; /* finished, per run */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void cli_duration(double seconds, char *text, size_t size)
{
    if (seconds < 9.95)
        snprintf(text, size, "%.1f s", seconds);
    else if (seconds < 90)
        snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 90 * 60)
        snprintf(text, size, "%.1f min", seconds / 60);
    else
        snprintf(text, size, "%.1f h", seconds / 3600);
}

/* Arithmetic of one epoch of a run, validation left out. */
static double epoch_work(const struct cli_progress *p, size_t index)
{
    const struct ccrnn_run_config *const config = &ccrnn_study_run_arm(p->study, index)->config;
    /* captions: as many in every arm, but for an arm's own lengths and images */
    const bool trials = !ccrnn_task_kind(config->task.task)->says_words;
    return ccrnn_run_config_flops_per_step(config) *
           (trials ? (double)config->task.train_size : 1.0);
}

static uint64_t epochs_of(const struct cli_progress *p, size_t index)
{
    return ccrnn_study_run_arm(p->study, index)->config.epochs;
}

/* Of so many epochs, those that were not learned in the run it branches from. */
static uint64_t own_epochs(const struct cli_progress *p, size_t index, uint64_t epochs)
{
    const uint64_t before = ccrnn_study_run_arm(p->study, index)->config.branch_epoch;
    return epochs > before ? epochs - before : 0;
}

/* Add up anew: some arms know their network's size only when their data are read. */
static void sum_work(struct cli_progress *p)
{
    p->work = p->done = p->done_at_start = 0;
    for (size_t i = 0; p->epochs != NULL && i < ccrnn_study_run_count(p->study); i++) {
        const double work = ccrnn_study_run_wanted(p->study, i) ? epoch_work(p, i) : 0;
        p->work += work * (double)own_epochs(p, i, epochs_of(p, i));
        p->done += work * (double)own_epochs(p, i, p->epochs[i]);
        p->done_at_start += work * (double)own_epochs(p, i, p->epochs_at_start[i]);
    }
}

struct cli_progress *cli_progress_create(const struct ccrnn_study *study, const char *directory,
                                         bool quiet)
{
    struct cli_progress *const p = calloc(1, sizeof *p);
    const size_t runs = ccrnn_study_run_count(study);
    if (p == NULL)
        return NULL;
    p->study = study;
    p->quiet = quiet;
    p->terminal = isatty(STDERR_FILENO) != 0;
    p->start = p->last = now();
    p->runs = ccrnn_study_wanted_count(study);
    p->epochs = calloc(2 * runs, sizeof *p->epochs);
    p->epochs_at_start = p->epochs == NULL ? NULL : p->epochs + runs;
    for (size_t i = 0; p->epochs != NULL && i < runs; i++) {
        char path[CCRNN_PATH_MAX];
        enum ccrnn_run_status status = CCRNN_RUN_RUNNING;
        struct ccrnn_error err;
        if (ccrnn_study_run_directory(study, directory, i, path, sizeof path, &err) == CCRNN_OK)
            p->epochs[i] = ccrnn_run_epochs_done(path, &status);
        if (p->epochs[i] > epochs_of(p, i) || status == CCRNN_RUN_NONFINITE)
            p->epochs[i] = epochs_of(p, i);
        p->epochs_at_start[i] = p->epochs[i];
    }
    return p;
}

void cli_progress_destroy(struct cli_progress *progress)
{
    if (progress == NULL)
        return;
    free(progress->epochs);
    free(progress);
}

int cli_terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 100;
}

void cli_progress_clear(struct cli_progress *p)
{
    if (p->drawn)
        fprintf(stderr, "\r\033[K");
    p->drawn = false;
}

static void remaining(const struct cli_progress *p, char *text, size_t size)
{
    const double elapsed = now() - p->start, made = p->done - p->done_at_start;
    char duration[32];
    if (made <= 0 || elapsed < 1) {
        snprintf(text, size, "time left: not known yet");
        return;
    }
    cli_duration((p->work - p->done) * elapsed / made, duration, sizeof duration);
    snprintf(text, size, "%s left", duration);
}

static void draw(struct cli_progress *p, size_t index, const struct ccrnn_epoch *epoch)
{
    char left[64], line[512], similarity[48] = "";
    const struct ccrnn_study_arm *const arm = ccrnn_study_run_arm(p->study, index);
    sum_work(p);
    remaining(p, left, sizeof left);
    if (!isnan(epoch->similarity))
        snprintf(similarity, sizeof similarity, ", similarity %.2f", epoch->similarity);
    snprintf(line, sizeof line,
             "%zu/%zu runs, %.0f %%, %s | %.60s seed %" PRIu64 ": epoch %" PRIu64 "/%" PRIu64
             ", error %.4g, validation %.4g%s",
             p->ended, p->runs, p->work > 0 ? 100 * p->done / p->work : 100.0, left, arm->name,
             ccrnn_study_run_seed(p->study, index), epoch->epoch, epoch->epochs,
             epoch->train_error, epoch->validation_error, similarity);
    if (p->terminal) {
        fprintf(stderr, "\r\033[K%.*s", cli_terminal_width() - 1, line);
        fflush(stderr);
        p->drawn = true;
    } else {
        fprintf(stderr, "%s\n", line);
    }
    p->last = now();
}

void cli_progress_loaded(void *context, const char *text)
{
    const struct cli_progress *const p = context;
    if (!p->quiet)
        fputs(text, stderr);
}

void cli_progress_waits(void *context, size_t runs)
{
    struct cli_progress *const p = context;
    cli_progress_clear(p);
    if (!p->quiet)
        fprintf(stderr, "waiting for %zu run%s at work in other processes (--no-wait: do not)\n",
                runs, runs == 1 ? "" : "s");
}

void cli_progress_epoch(void *context, size_t index, const struct ccrnn_epoch *epoch)
{
    struct cli_progress *const p = context;
    const uint64_t before = p->epochs == NULL ? epoch->epoch : p->epochs[index];
    if (epoch->epoch > before)
        p->epochs[index] = epoch->epoch;
    const double wait = p->terminal ? seconds_between_redraws : seconds_between_lines;
    if (!p->quiet && now() - p->last >= wait)
        draw(p, index, epoch);
}

static void say(struct cli_progress *p, size_t index, const char *message)
{
    cli_progress_clear(p);
    fprintf(stderr, "%s, seed %" PRIu64 ": %s\n", ccrnn_study_run_arm(p->study, index)->name,
            ccrnn_study_run_seed(p->study, index), message);
}

void cli_progress_note(void *context, size_t index, const char *message)
{
    say(context, index, message);
}

/* An early end leaves nothing to do; the epochs it saves are no progress made. */
static void settle_early_end(struct cli_progress *p, size_t index,
                             const struct ccrnn_run_outcome *outcome)
{
    char message[64];
    if (p->epochs != NULL) {
        p->epochs_at_start[index] += epochs_of(p, index) - p->epochs[index];
        p->epochs[index] = epochs_of(p, index);
    }
    snprintf(message, sizeof message, "ended early, after epoch %" PRIu64, outcome->epoch);
    if (!p->quiet)
        say(p, index, message);
}

void cli_progress_finished(void *context, size_t index, const struct ccrnn_run_outcome *outcome,
                           enum ccrnn_status status, const struct ccrnn_error *err)
{
    struct cli_progress *const p = context;
    p->ended += status != CCRNN_INTERRUPTED;
    if (outcome->first_epoch > 0 && !p->quiet) {
        char message[64 + CCRNN_ARM_NAME_SIZE];
        const struct ccrnn_study_arm *const arm = ccrnn_study_run_arm(p->study, index);
        snprintf(message, sizeof message, "%s after epoch %" PRIu64 "%s%s",
                 outcome->branched ? "began" : "went on", outcome->first_epoch,
                 outcome->branched ? " of " : "",
                 outcome->branched ? p->study->arms[arm->parent].name : "");
        say(p, index, message);
    }
    if (status == CCRNN_OK && !outcome->already && outcome->epoch < epochs_of(p, index))
        settle_early_end(p, index, outcome);
    if (status == CCRNN_OK || status == CCRNN_INTERRUPTED)
        return;
    cli_progress_clear(p);
    fprintf(stderr, "%s\n", err->message);
}
