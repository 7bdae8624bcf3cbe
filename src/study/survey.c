#define _GNU_SOURCE
#include "study/survey.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "study/checkpoint.h"
#include "study/run_record.h"

/* A run may begin or end between two looks at its files: what makes no sense together is looked at again. */
enum { ATTEMPTS = 3 };

static const char *const state_names[CCRNN_SURVEY_STATES] = {
    "done",  "running", "stopped",   "waiting",   "interrupted",
    "stale", "failed",  "nonfinite", "unreadable"};

const char *ccrnn_survey_state_name(enum ccrnn_survey_state state)
{
    return (unsigned)state < CCRNN_SURVEY_STATES ? state_names[state] : "?";
}

const char *ccrnn_survey_arm(const struct ccrnn_survey *survey, size_t index)
{
    return survey->index.arms[index % survey->index.arm_count].name;
}

uint64_t ccrnn_survey_seed(const struct ccrnn_survey *survey, size_t index)
{
    return survey->index.seeds[index / survey->index.arm_count];
}

enum ccrnn_status ccrnn_survey_directory(const struct ccrnn_survey *survey, size_t index,
                                         char path[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, ccrnn_survey_seed(survey, index));
    CCRNN_TRY(ccrnn_path_join(path, CCRNN_PATH_MAX, survey->directory,
                              survey->index.arms[index % survey->index.arm_count].directory,
                              err));
    return ccrnn_path_join(path, CCRNN_PATH_MAX, path, seed, err);
}

bool ccrnn_survey_is_left(enum ccrnn_survey_state state)
{
    return state == CCRNN_SURVEY_RUNNING || state == CCRNN_SURVEY_STOPPED ||
           state == CCRNN_SURVEY_WAITING || state == CCRNN_SURVEY_INTERRUPTED ||
           state == CCRNN_SURVEY_STALE;
}

size_t ccrnn_survey_left(const struct ccrnn_survey *survey)
{
    size_t left = 0;
    for (unsigned state = 0; state < CCRNN_SURVEY_STATES; state++)
        if (ccrnn_survey_is_left((enum ccrnn_survey_state)state))
            left += survey->count[state];
    return left;
}

/* --- what the files of a run say --------------------------------------------------------- */

/* One look at a run's directory. */
struct look {
    char directory[CCRNN_PATH_MAX];
    struct ccrnn_lease_holder holder;
    struct ccrnn_run_record record;
    bool recorded;
    struct timespec written; /* run.json */
};

static enum ccrnn_status look_once(struct look *look, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct stat info = {0};
    CCRNN_TRY(ccrnn_lease_look(look->directory, &look->holder, err));
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, look->directory, "run.json", err));
    look->recorded = stat(path, &info) == 0 || errno != ENOENT;
    look->written = info.st_mtim;
    return look->recorded ? ccrnn_run_record_read(look->directory, &look->record, err) : CCRNN_OK;
}

/* A run that begins takes its lease before it says so, one that ends says so before it gives it back: running,
 * without a holder, is true only if it stays so. */
static enum ccrnn_status look_at(struct look *look, struct ccrnn_error *err)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        CCRNN_TRY(look_once(look, err));
        if (!look->recorded || look->record.status != CCRNN_RUN_RUNNING ||
            look->holder.name[0] != '\0')
            break;
    }
    return CCRNN_OK;
}

static enum ccrnn_status check_owner(const struct ccrnn_survey *survey, size_t index,
                                     const struct look *look, struct ccrnn_error *err)
{
    const char *const hash = survey->index.arms[index % survey->index.arm_count].hash;
    const uint64_t seed = ccrnn_survey_seed(survey, index);
    if (!look->recorded || (look->record.seed == seed && strcmp(look->record.hash, hash) == 0))
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s/run.json: belongs to the run %s, seed %" PRIu64
                      ", not to %s, seed %" PRIu64 "; move the directory away",
                      look->directory, look->record.hash, look->record.seed, hash, seed);
}

/* Seconds from one moment to another. */
static double between(struct timespec from, struct timespec to)
{
    return (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

/* run.json is written when a session begins and when it ends; its checkpoints tell how far it is. */
static void read_checkpoint(const struct look *look, struct ccrnn_surveyed *run)
{
    static const char *const names[] = {"last.safetensors", "previous.safetensors"};
    char path[CCRNN_PATH_MAX];
    struct stat info;
    uint64_t epoch = 0, bytes;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (ccrnn_path_join(path, sizeof path, look->directory, names[i], NULL) != CCRNN_OK ||
            stat(path, &info) != 0 ||
            ccrnn_checkpoint_peek(path, &epoch, &bytes, NULL) != CCRNN_OK)
            continue;
        const double seconds = between(look->written, info.st_mtim);
        if (run->seen.said == CCRNN_RUN_RUNNING && epoch > run->epoch && seconds > 0) {
            run->pace.seconds = seconds;
            run->pace.epochs = (double)(epoch - run->epoch);
        }
        run->epoch = epoch > run->epoch ? epoch : run->epoch;
        return;
    }
}

/* A holder's sign of life is a name or a touch that was not there at the last look. */
static enum ccrnn_status keep_holder(const struct look *look, struct ccrnn_surveyed *run,
                                     struct ccrnn_error *err)
{
    if (look->holder.name[0] == '\0') {
        run->seen.sight = 0;
        return CCRNN_OK;
    }
    const uint64_t sight = look->holder.sight;
    if (sight != run->seen.sight) {
        run->seen.touched = run->seen.sight != 0;
        run->seen.since = ccrnn_monotonic_seconds();
        run->seen.sight = sight;
    }
    run->holder = malloc(sizeof *run->holder);
    if (run->holder == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
    *run->holder = look->holder;
    run->stopped = ccrnn_process_is_stopped(&look->holder.process);
    return CCRNN_OK;
}

static enum ccrnn_status keep_message(const char *message, struct ccrnn_surveyed *run,
                                      struct ccrnn_error *err)
{
    if (message[0] == '\0')
        return CCRNN_OK;
    run->message = strdup(message);
    return run->message != NULL
               ? CCRNN_OK
               : ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
}

/* What was known is forgotten, but for what was seen of its lease. */
static void forget(struct ccrnn_surveyed *run)
{
    free(run->holder);
    free(run->message);
    *run = (struct ccrnn_surveyed){.untouched = NAN, .seen = run->seen};
    run->seen.said = -1;
    run->seen.nonfinite = false;
    run->seen.early = false;
    run->seen.unreadable = CCRNN_OK;
}

bool ccrnn_survey_attempt(const struct ccrnn_survey *survey, size_t index,
                          struct ccrnn_failed_attempt *attempt)
{
    const size_t arm = index % survey->index.arm_count;
    return ccrnn_failed_attempt_read(survey->directory, survey->index.arms[arm].directory,
                                     survey->index.arms[arm].hash,
                                     ccrnn_survey_seed(survey, index), attempt);
}

/* What is in the place of a run's directory has no session that was later than the attempt. */
static bool keep_attempt_without_run(const struct ccrnn_survey *survey, size_t index,
                                     struct ccrnn_surveyed *run)
{
    struct ccrnn_failed_attempt attempt;
    if (!survey->attempts || !ccrnn_survey_attempt(survey, index, &attempt))
        return false;
    run->attempt = attempt.token == 0;
    if (run->attempt) {
        run->seen.nonfinite = attempt.nonfinite;
        run->epochs = attempt.epochs;
        run->message = attempt.message;
        attempt.message = NULL;
    }
    ccrnn_failed_attempt_free(&attempt);
    return run->attempt;
}

/* The last attempt, if no other one has begun since and it did not come to what it was to come to. */
static enum ccrnn_status look_at_attempt(const struct ccrnn_survey *survey, size_t index,
                                         const struct look *look, struct ccrnn_surveyed *run,
                                         struct ccrnn_error *err)
{
    struct ccrnn_failed_attempt attempt;
    enum ccrnn_status status = CCRNN_OK;
    if (!survey->attempts || !ccrnn_survey_attempt(survey, index, &attempt))
        return CCRNN_OK;
    const uint64_t token = look->recorded ? look->record.token : 0;
    const bool complete =
        look->recorded && ccrnn_run_record_is_complete(&look->record, attempt.epochs);
    if (token == attempt.token && !complete) {
        run->attempt = true;
        run->extension = run->seen.said == CCRNN_RUN_DONE;
        run->seen.nonfinite = attempt.nonfinite;
        run->epochs = attempt.epochs;
        status = keep_message(attempt.message, run, err);
    }
    ccrnn_failed_attempt_free(&attempt);
    return status;
}

static enum ccrnn_status look_at_run(struct ccrnn_survey *survey, size_t index,
                                     struct ccrnn_error *err)
{
    struct look look;
    struct ccrnn_error why = {0};
    struct ccrnn_surveyed *const run = &survey->run[index];
    forget(run);
    CCRNN_TRY(ccrnn_survey_directory(survey, index, look.directory, err));
    run->seen.unreadable = look_at(&look, &why);
    if (run->seen.unreadable == CCRNN_OK)
        run->seen.unreadable = check_owner(survey, index, &look, &why);
    if (run->seen.unreadable != CCRNN_OK && !ccrnn_directory_exists(look.directory) &&
        keep_attempt_without_run(survey, index, run)) {
        run->seen.unreadable = CCRNN_OK;
        return CCRNN_OK;
    }
    if (run->seen.unreadable != CCRNN_OK)
        return keep_message(why.message, run, err);
    CCRNN_TRY(keep_holder(&look, run, err));
    if (look.recorded) {
        run->seen.said = (int)look.record.status;
        run->seen.early = look.record.stopped_early;
        run->epoch = look.record.epoch;
        run->epochs = look.record.epochs;
        run->sessions = look.record.sessions;
        run->taken_over = look.record.taken_over;
        run->seconds = look.record.seconds;
        run->written = look.written;
    }
    CCRNN_TRY(look_at_attempt(survey, index, &look, run, err));
    if (look.recorded && !run->attempt)
        CCRNN_TRY(keep_message(look.record.message, run, err));
    if (run->seen.said != CCRNN_RUN_DONE && run->seen.said != CCRNN_RUN_NONFINITE)
        read_checkpoint(&look, run);
    return CCRNN_OK;
}

/* --- what that means --------------------------------------------------------------------- */

/* The clock of the file system, as far as it can be known: it is not behind what it has written. */
static struct timespec file_clock(const struct ccrnn_survey *survey)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t i = 0; i < survey->runs; i++)
        if (survey->run[i].holder != NULL && between(now, survey->run[i].holder->touched) > 0)
            now = survey->run[i].holder->touched;
    return now;
}

static double untouched(const struct ccrnn_surveyed *run, struct timespec now)
{
    const double watched = ccrnn_monotonic_seconds() - run->seen.since;
    const double told = between(run->holder->touched, now);
    return run->seen.touched || watched > told ? watched : told;
}

static enum ccrnn_survey_state state_of(const struct ccrnn_survey *survey,
                                        const struct ccrnn_surveyed *run)
{
    const struct ccrnn_lease_holder *const holder = run->holder;
    if (run->seen.unreadable != CCRNN_OK)
        return CCRNN_SURVEY_UNREADABLE;
    if (run->seen.said == CCRNN_RUN_DONE && !run->attempt)
        return CCRNN_SURVEY_DONE;
    if (run->seen.said == CCRNN_RUN_NONFINITE)
        return CCRNN_SURVEY_NONFINITE;
    const bool gone = holder != NULL && holder->state == CCRNN_PROCESS_GONE;
    if (holder != NULL && !gone && run->untouched < ccrnn_lease_patience(holder, survey->stale))
        return run->stopped ? CCRNN_SURVEY_STOPPED : CCRNN_SURVEY_RUNNING;
    if (run->attempt)
        return run->seen.nonfinite ? CCRNN_SURVEY_NONFINITE : CCRNN_SURVEY_FAILED;
    if (run->seen.said == CCRNN_RUN_FAILED)
        return CCRNN_SURVEY_FAILED;
    if (holder != NULL || run->seen.said == CCRNN_RUN_RUNNING)
        return CCRNN_SURVEY_STALE;
    return run->seen.said == CCRNN_RUN_INTERRUPTED || run->epoch > 0 ? CCRNN_SURVEY_INTERRUPTED
                                                                     : CCRNN_SURVEY_WAITING;
}

/* --- epochs asked for -------------------------------------------------------------------- */

/* Arms of as many epochs in study.json are extended together. That file keeps the epochs it was written with, for
 * each run says how many it was asked for. */
struct asked {
    uint64_t first, epochs; /* of the arm in study.json; 0: not said. The most of its runs */
    size_t arm;
    bool left; /* a run with `epochs` is */
};

static int by_first(const void *a, const void *b)
{
    const struct asked *const x = a, *const y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static int by_arm(const void *a, const void *b)
{
    const struct asked *const x = a, *const y = b;
    return (x->arm > y->arm) - (x->arm < y->arm);
}

static void take_longer(struct asked *asked, uint64_t epochs, bool left)
{
    if (epochs > asked->epochs)
        asked->left = false;
    if (epochs >= asked->epochs && epochs > 0) {
        asked->epochs = epochs;
        asked->left = asked->left || left;
    }
}

/* Each arm of a group (sorted by `first`) is asked for what the longest one is. */
static void share_epochs(struct asked *asked, size_t count)
{
    for (size_t begin = 0, end; begin < count; begin = end) {
        struct asked longest = {0};
        for (end = begin; end < count && asked[end].first == asked[begin].first; end++)
            take_longer(&longest, asked[end].epochs, asked[end].left);
        for (size_t i = begin; asked[begin].first > 0 && i < end; i++) {
            asked[i].epochs = longest.epochs;
            asked[i].left = longest.left;
        }
    }
}

/* A run that has not been begun is asked for as much as the others of its arm. */
static void compare_arm(struct ccrnn_survey *survey, const struct asked *asked)
{
    uint64_t own = 0;
    for (size_t i = asked->arm; i < survey->runs; i += survey->index.arm_count)
        own = survey->run[i].epochs > own ? survey->run[i].epochs : own;
    for (size_t i = asked->arm; i < survey->runs; i += survey->index.arm_count) {
        struct ccrnn_surveyed *const run = &survey->run[i];
        run->target = asked->epochs;
        run->shorter =
            run->state == CCRNN_SURVEY_DONE && run->epochs < run->target && !run->seen.early;
        run->to_extend = run->shorter && asked->left;
        if (run->epochs == 0)
            run->epochs = asked->left ? asked->epochs : own;
        survey->shorter += run->shorter;
        survey->to_extend += run->to_extend;
    }
}

static enum ccrnn_status compare_epochs(struct ccrnn_survey *survey, struct ccrnn_error *err)
{
    const size_t arms = survey->index.arm_count;
    struct asked *const asked = calloc(arms, sizeof *asked);
    if (asked == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
    for (size_t i = 0; i < arms; i++)
        asked[i] = (struct asked){.first = survey->index.arms[i].epochs, .arm = i};
    for (size_t i = 0; i < survey->runs; i++)
        take_longer(&asked[i % arms], survey->run[i].epochs,
                    ccrnn_survey_is_left(survey->run[i].state));
    qsort(asked, arms, sizeof *asked, by_first);
    share_epochs(asked, arms);
    qsort(asked, arms, sizeof *asked, by_arm);
    survey->shorter = survey->to_extend = 0;
    for (size_t i = 0; i < arms; i++)
        compare_arm(survey, &asked[i]);
    free(asked);
    return CCRNN_OK;
}

/* --- the whole survey -------------------------------------------------------------------- */

static enum ccrnn_status judge(struct ccrnn_survey *survey, struct ccrnn_error *err)
{
    const struct timespec now = file_clock(survey);
    memset(survey->count, 0, sizeof survey->count);
    for (size_t i = 0; i < survey->runs; i++) {
        struct ccrnn_surveyed *const run = &survey->run[i];
        if (run->holder != NULL)
            run->untouched = untouched(run, now);
        run->state = state_of(survey, run);
        survey->count[run->state]++;
    }
    return compare_epochs(survey, err);
}

static bool same_runs(const struct ccrnn_study_index *a, const struct ccrnn_study_index *b)
{
    if (a->arm_count != b->arm_count || a->seed_count != b->seed_count)
        return false;
    for (size_t i = 0; i < a->arm_count; i++)
        if (strcmp(a->arms[i].directory, b->arms[i].directory) != 0)
            return false;
    return memcmp(a->seeds, b->seeds, a->seed_count * sizeof a->seeds[0]) == 0;
}

static void drop_runs(struct ccrnn_survey *survey)
{
    for (size_t i = 0; i < survey->runs; i++)
        forget(&survey->run[i]);
    free(survey->run);
    survey->run = NULL;
    survey->runs = 0;
}

static enum ccrnn_status make_runs(struct ccrnn_survey *survey, struct ccrnn_error *err)
{
    const struct ccrnn_study_index *const index = &survey->index;
    if (index->seed_count > CCRNN_STUDY_RUNS_MAX / index->arm_count)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s/study.json: %zu arms and %zu seeds are more than %d runs; remove "
                          "the file and run the study again: its finished runs are not repeated",
                          survey->directory, index->arm_count, index->seed_count,
                          CCRNN_STUDY_RUNS_MAX);
    const size_t runs = index->arm_count * index->seed_count;
    survey->run = calloc(runs, sizeof survey->run[0]);
    if (survey->run == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu runs", runs);
    survey->runs = runs;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_survey_look(struct ccrnn_survey *survey, struct ccrnn_error *err)
{
    struct ccrnn_study_index index;
    const enum ccrnn_status status = ccrnn_study_index_read(survey->directory, &index, err);
    if (status != CCRNN_OK) {
        ccrnn_study_index_free(&index);
        return status;
    }
    const bool same = survey->run != NULL && same_runs(&index, &survey->index);
    if (!same)
        drop_runs(survey);
    ccrnn_study_index_free(&survey->index);
    survey->index = index;
    if (!same)
        CCRNN_TRY(make_runs(survey, err));
    survey->attempts = ccrnn_failed_attempts_exist(survey->directory);
    for (size_t i = 0; i < survey->runs; i++)
        CCRNN_TRY(look_at_run(survey, i, err));
    return judge(survey, err);
}

enum ccrnn_status ccrnn_survey_open(const char *directory, double stale,
                                    struct ccrnn_survey *survey, struct ccrnn_error *err)
{
    *survey = (struct ccrnn_survey){.directory = directory, .stale = stale};
    return ccrnn_survey_look(survey, err);
}

void ccrnn_survey_close(struct ccrnn_survey *survey)
{
    drop_runs(survey);
    ccrnn_study_index_free(&survey->index);
}
