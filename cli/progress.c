#define _GNU_SOURCE
#include "cli/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/host.h"
#include "cli/repeats.h"
#include "cli/stop.h"
#include "cli/terminal.h"
#include "study/cost.h"

static const double seconds_between_lines = 5.0, seconds_between_redraws = 0.1;

/* Characters of an arm's name: the fewest, if it has more, and the most. */
enum { NAME_LEAST = 16, NAME_MOST = 56 };

/* What is known of a run. */
struct run {
    uint64_t epochs, epochs_at_start; /* finished */
    bool tested, tested_at_start;     /* nothing is left to do */
    bool at_work;
    double since; /* when its epoch began (monotonic seconds) */
    double epoch; /* seconds of its last epoch here; 0: none has ended */
};

struct cli_progress {
    const struct ccrnn_study *study;
    bool quiet, terminal, drawn;
    double start, last;
    size_t runs, ended, failed;
    double work, done, done_at_start; /* arithmetic of all runs; of what is finished */
    struct run *run;                  /* (all runs of the study) */
    struct cli_repeats repeats;
};

void cli_duration(double seconds, char *text, size_t size)
{
    if (seconds < 0.095)
        snprintf(text, size, "%.2f s", seconds);
    else if (seconds < 9.95)
        snprintf(text, size, "%.1f s", seconds);
    else if (seconds < 90)
        snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 90 * 60)
        snprintf(text, size, "%.1f min", seconds / 60);
    else
        snprintf(text, size, "%.1f h", seconds / 3600);
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
    for (size_t i = 0; i < ccrnn_study_run_count(p->study); i++) {
        const struct run *const run = &p->run[i];
        const size_t arm = i % p->study->arm_count;
        if (!ccrnn_study_run_wanted(p->study, i))
            continue;
        const double epoch = ccrnn_costs_work(p->study, arm);
        const double test = ccrnn_costs_test_work(p->study, arm);
        p->work += epoch * (double)own_epochs(p, i, epochs_of(p, i)) + test;
        p->done += epoch * (double)own_epochs(p, i, run->epochs) + (run->tested ? test : 0);
        p->done_at_start += epoch * (double)own_epochs(p, i, run->epochs_at_start) +
                            (run->tested_at_start ? test : 0);
    }
}

struct cli_progress *cli_progress_create(const struct ccrnn_study *study, const char *directory,
                                         bool quiet)
{
    struct cli_progress *const p = calloc(1, sizeof *p);
    const size_t runs = ccrnn_study_run_count(study);
    struct run *const run = calloc(runs, sizeof *run);
    if (p == NULL || run == NULL) {
        free(p);
        free(run);
        return NULL;
    }
    p->study = study;
    p->quiet = quiet;
    p->terminal = isatty(STDERR_FILENO) != 0;
    p->start = p->last = ccrnn_monotonic_seconds();
    p->runs = ccrnn_study_wanted_count(study);
    p->run = run;
    for (size_t i = 0; i < runs; i++) {
        char path[CCRNN_PATH_MAX];
        enum ccrnn_run_status status = CCRNN_RUN_RUNNING;
        struct ccrnn_error err;
        if (ccrnn_study_run_directory(study, directory, i, path, sizeof path, &err) == CCRNN_OK)
            run[i].epochs = ccrnn_run_epochs_done(path, &status);
        if (run[i].epochs > epochs_of(p, i) || status == CCRNN_RUN_NONFINITE)
            run[i].epochs = epochs_of(p, i);
        run[i].epochs_at_start = run[i].epochs;
        run[i].tested = run[i].tested_at_start = ccrnn_study_run_is_complete(study, directory, i);
    }
    return p;
}

void cli_progress_destroy(struct cli_progress *progress)
{
    if (progress == NULL)
        return;
    cli_progress_clear(progress);
    cli_repeats_end(&progress->repeats, stderr);
    free(progress->run);
    free(progress);
}

void cli_progress_clear(struct cli_progress *p)
{
    if (p->drawn)
        fprintf(stderr, "\r\033[K");
    p->drawn = false;
}

/* --- the line ---------------------------------------------------------------------------- */

/* What the line is made of, in its order; the rank says what is left out first where there is no room: the largest. */
struct piece {
    char text[64];
    int rank;
};

enum { RUNS, PERCENT, LEFT, ARM, SEED, EPOCH, ERROR, VALIDATION, SIMILARITY, PIECES };

static void describe_left(const struct cli_progress *p, struct piece *piece)
{
    const double elapsed = ccrnn_monotonic_seconds() - p->start;
    const double made = p->done - p->done_at_start;
    char duration[32];
    if (made <= 0 || elapsed < 1) {
        *piece = (struct piece){", time left: not known yet", 9};
        return;
    }
    cli_duration((p->work - p->done) * elapsed / made, duration, sizeof duration);
    snprintf(piece->text, sizeof piece->text, ", %s left", duration);
    piece->rank = 2;
}

/* All but the name of the arm. */
static void describe(const struct cli_progress *p, size_t index, const struct ccrnn_epoch *epoch,
                     struct piece piece[PIECES])
{
    static const int ranks[PIECES] = {
        [PERCENT] = 1, [ARM] = 3,        [SEED] = 4,      [EPOCH] = 5,
        [ERROR] = 7,   [VALIDATION] = 6, [SIMILARITY] = 8};
    const size_t size = sizeof piece->text;
    for (size_t i = 0; i < PIECES; i++)
        piece[i] = (struct piece){"", ranks[i]};
    snprintf(piece[RUNS].text, size, "%zu/%zu runs", p->ended, p->runs);
    snprintf(piece[PERCENT].text, size, ", %.0f %%",
             p->work > 0 ? 100 * p->done / p->work : 100.0);
    describe_left(p, &piece[LEFT]);
    snprintf(piece[SEED].text, size, " seed %" PRIu64, ccrnn_study_run_seed(p->study, index));
    snprintf(piece[EPOCH].text, size, ": epoch %" PRIu64 "/%" PRIu64, epoch->epoch,
             epoch->epochs);
    snprintf(piece[ERROR].text, size, ", error %.4g", epoch->train_error);
    snprintf(piece[VALIDATION].text, size, ", validation %.4g", epoch->validation_error);
    if (!isnan(epoch->similarity))
        snprintf(piece[SIMILARITY].text, size, ", similarity %.2f", epoch->similarity);
}

static size_t width_of(const struct piece piece[PIECES])
{
    size_t width = 0;
    for (size_t i = 0; i < PIECES; i++)
        width += cli_width(piece[i].text);
    return width;
}

/* Leave out pieces of a rank above `least`, the least important first, until the line has room. */
static void leave_out(struct piece piece[PIECES], size_t columns, int least)
{
    while (width_of(piece) > columns) {
        size_t last = 0;
        for (size_t i = 1; i < PIECES; i++)
            if (piece[i].text[0] != '\0' &&
                (piece[last].text[0] == '\0' || piece[i].rank > piece[last].rank))
                last = i;
        if (piece[last].rank <= least)
            return;
        piece[last].text[0] = '\0';
    }
}

/* First go the similarity and the training error, then most of a long name, then the rest. */
static void fit(struct piece piece[PIECES], const char *name, size_t columns)
{
    char shortened[sizeof piece->text - 4];
    size_t room = cli_width(name) < NAME_MOST ? cli_width(name) : NAME_MOST;
    cli_shorten_middle(name, room, shortened, sizeof shortened);
    snprintf(piece[ARM].text, sizeof piece->text, " | %s", shortened);
    leave_out(piece, columns, piece[VALIDATION].rank);
    const size_t width = width_of(piece);
    if (width > columns)
        room = room + columns > width + NAME_LEAST ? room + columns - width : NAME_LEAST;
    cli_shorten_middle(name, room, shortened, sizeof shortened);
    snprintf(piece[ARM].text, sizeof piece->text, " | %s", shortened);
    leave_out(piece, columns, 0);
}

/* The last column stays free, for some terminals go to the next line when it is written; and two, in which a terminal
 * shows that ^C was typed. */
static size_t columns_of_line(void)
{
    const size_t columns = cli_columns(STDERR_FILENO);
    return columns > 3 ? columns - 3 : 0;
}

static void draw(struct cli_progress *p, size_t index, const struct ccrnn_epoch *epoch)
{
    const size_t columns = p->terminal ? columns_of_line() : SIZE_MAX / 2;
    struct piece piece[PIECES];
    char line[PIECES * sizeof piece->text] = "";
    sum_work(p);
    describe(p, index, epoch, piece);
    fit(piece, ccrnn_study_run_arm(p->study, index)->name, columns);
    for (size_t i = 0; i < PIECES; i++)
        strcat(line, piece[i].text);
    if (p->terminal) {
        fprintf(stderr, "\r\033[K%s", line);
        fflush(stderr);
        p->drawn = true;
    } else {
        fprintf(stderr, "%s\n", line);
    }
    p->last = ccrnn_monotonic_seconds();
}

/* --- the listener ------------------------------------------------------------------------ */

void cli_progress_loaded(void *context, const char *text)
{
    const struct cli_progress *const p = context;
    if (!p->quiet)
        cli_print_wrapped(stderr, text);
}

void cli_progress_waits(void *context, size_t runs)
{
    struct cli_progress *const p = context;
    cli_progress_clear(p);
    if (!p->quiet)
        fprintf(stderr, "waiting for %zu run%s at work in other processes (--no-wait: do not)\n",
                runs, runs == 1 ? "" : "s");
}

void cli_progress_began(void *context, size_t index)
{
    struct cli_progress *const p = context;
    p->run[index].at_work = true;
    p->run[index].since = ccrnn_monotonic_seconds();
}

void cli_progress_watches(void *context, size_t runs)
{
    struct cli_progress *const p = context;
    cli_progress_clear(p);
    if (!p->quiet)
        fprintf(stderr, "watching %zu run%s that other processes hold; Ctrl-C ends it\n", runs,
                runs == 1 ? "" : "s");
}

void cli_progress_epoch(void *context, size_t index, const struct ccrnn_epoch *epoch)
{
    struct cli_progress *const p = context;
    struct run *const run = &p->run[index];
    const double now = ccrnn_monotonic_seconds();
    if (epoch->epoch > run->epochs)
        run->epochs = epoch->epoch;
    run->epoch = now - run->since;
    run->since = now;
    const double wait = p->terminal ? seconds_between_redraws : seconds_between_lines;
    if (!p->quiet && now - p->last >= wait)
        draw(p, index, epoch);
}

/* Seconds of an epoch of a run: its last one, or one of its arm; 0: not known. */
static double epoch_of(const struct cli_progress *p, size_t index)
{
    const size_t arms = p->study->arm_count;
    double seconds = p->run[index].epoch;
    for (size_t i = index % arms; !(seconds > 0) && i < ccrnn_study_run_count(p->study);
         i += arms)
        seconds = p->run[i].epoch;
    return seconds;
}

/* Seconds until all runs at work have ended their epochs. False: one of them tells nothing. */
static bool until_epochs_end(const struct cli_progress *p, double *seconds)
{
    const double now = ccrnn_monotonic_seconds();
    *seconds = 0.1;
    for (size_t i = 0; i < ccrnn_study_run_count(p->study); i++) {
        const struct run *const run = &p->run[i];
        if (!run->at_work)
            continue;
        const double epoch = epoch_of(p, i);
        if (!(epoch > 0))
            return false;
        *seconds = fmax(*seconds, epoch - (now - run->since));
    }
    return true;
}

static const char *reason_text(const struct cli_progress *p)
{
    switch (cli_stop_reason()) {
    case CLI_STOP_TIME_UP:
        return " (--stop-after)";
    case CLI_STOP_NONE:
        return p->failed > 0 ? " after a failure" : "";
    default:
        return "";
    }
}

void cli_progress_stopping(void *context, size_t runs)
{
    struct cli_progress *const p = context;
    double seconds;
    char left[32], about[48] = "";
    cli_stop_told();
    if (p->quiet || runs == 0)
        return;
    if (until_epochs_end(p, &seconds)) {
        cli_duration(seconds, left, sizeof left);
        snprintf(about, sizeof about, "about %s; ", left);
    }
    cli_progress_clear(p);
    fprintf(stderr, "stopping%s: %zu run%s and write%s a checkpoint (%sCtrl-C%s ends at once)\n",
            reason_text(p), runs, runs == 1 ? " ends its epoch" : "s end their epoch",
            runs == 1 ? "s" : "", about, cli_stop_reason() == CLI_STOP_CTRL_C ? " again" : "");
}

void cli_progress_stopping_ranks(struct cli_progress *p, int ranks)
{
    if (p->quiet)
        return;
    cli_progress_clear(p);
    fprintf(stderr,
            "stopping%s: the runs at work on %d rank%s end their epoch and write a checkpoint\n",
            reason_text(p), ranks, ranks == 1 ? "" : "s");
}

static void say(struct cli_progress *p, size_t index, const char *message)
{
    if (!cli_repeats_print(&p->repeats, message))
        return;
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
    struct run *const run = &p->run[index];
    run->epochs_at_start += epochs_of(p, index) - run->epochs;
    run->epochs = epochs_of(p, index);
    snprintf(message, sizeof message, "ended early, after epoch %" PRIu64, outcome->epoch);
    say(p, index, message);
}

/* Where it began, if not anew; and where it stopped, since nothing else is said of a run that does. */
static void say_begin(struct cli_progress *p, size_t index,
                      const struct ccrnn_run_outcome *outcome, enum ccrnn_status status)
{
    char message[128 + CCRNN_ARM_NAME_SIZE], end[80] = "";
    const struct ccrnn_study_arm *const arm = ccrnn_study_run_arm(p->study, index);
    if (status == CCRNN_INTERRUPTED)
        snprintf(end, sizeof end, ", stopped after epoch %" PRIu64 " of %" PRIu64, outcome->epoch,
                 epochs_of(p, index));
    snprintf(message, sizeof message, "%s after epoch %" PRIu64 "%s%s%s",
             outcome->branched ? "began" : "went on", outcome->first_epoch,
             outcome->branched ? " of " : "",
             outcome->branched ? p->study->arms[arm->parent].name : "", end);
    say(p, index, message);
}

void cli_progress_course(struct cli_progress *p, size_t index,
                         const struct ccrnn_run_outcome *outcome, enum ccrnn_status status)
{
    if (p->quiet)
        return;
    if (outcome->first_epoch > 0)
        say_begin(p, index, outcome, status);
    if (status == CCRNN_OK && !outcome->already && outcome->epoch < epochs_of(p, index))
        settle_early_end(p, index, outcome);
}

void cli_progress_finished(void *context, size_t index, const struct ccrnn_run_outcome *outcome,
                           enum ccrnn_status status, const struct ccrnn_error *err)
{
    struct cli_progress *const p = context;
    p->ended += status != CCRNN_INTERRUPTED;
    p->failed += status != CCRNN_OK && status != CCRNN_INTERRUPTED && status != CCRNN_NONFINITE;
    p->run[index].at_work = false;
    p->run[index].tested |= status == CCRNN_OK || status == CCRNN_NONFINITE;
    cli_progress_course(p, index, outcome, status);
    if (status == CCRNN_OK || status == CCRNN_INTERRUPTED)
        return;
    cli_progress_clear(p);
    fprintf(stderr, "%s\n", err->message);
}
