#include "study/retry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "study/run_open.h"

/* An arm with the options of some of its runs. */
struct variant {
    size_t arm;    /* of the survey */
    size_t parent; /* variant; SIZE_MAX: none */
    struct ccrnn_run_config config;
};

/* Branches of branches of … beyond so many are not followed. */
enum { DEPTH_MOST = 256 };

/* While the study is put together. */
struct planner {
    const struct ccrnn_survey *survey;
    struct ccrnn_retry *retry;
    size_t count, room;
    struct variant *variant;
    size_t *of; /* (runs of the survey) variant; SIZE_MAX: not looked for */
};

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
}

/* --- the options of a run ---------------------------------------------------------------- */

static bool has(const char *directory, const char *name)
{
    char path[CCRNN_PATH_MAX];
    return ccrnn_path_join(path, sizeof path, directory, name, NULL) == CCRNN_OK &&
           ccrnn_path_exists(path);
}

static bool has_checkpoint(const char *directory)
{
    return has(directory, "last.safetensors") || has(directory, "previous.safetensors");
}

/* Its options make the hash it is filed under, so nobody has changed them. */
static enum ccrnn_status check_hash(const struct ccrnn_run_config *config, const char *expected,
                                    const char *directory, struct ccrnn_error *err)
{
    char hash[CCRNN_CONFIG_HASH_SIZE];
    ccrnn_run_config_hash(config, hash);
    if (strcmp(hash, expected) == 0)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s/config.yaml: its options have the hash %s, the run is filed under %s: "
                      "the file was changed, or is of another version; remove the run's "
                      "directory and run the study again",
                      directory, hash, expected);
}

/* Those of an attempt that failed before it could write them into the run's directory. A run that has begun goes on
 * with the kernels it has, for the attempt may have failed because it asked for others. */
static bool read_attempted(const struct ccrnn_survey *survey, size_t run,
                           struct ccrnn_run_config *config)
{
    struct ccrnn_failed_attempt attempt;
    struct ccrnn_run_config own;
    char directory[CCRNN_PATH_MAX];
    if (!survey->run[run].attempt || !ccrnn_survey_attempt(survey, run, &attempt))
        return false;
    const enum ccrnn_status status = ccrnn_run_config_from_yaml(
        attempt.config, strlen(attempt.config), "failed-attempts", config, NULL);
    ccrnn_failed_attempt_free(&attempt);
    if (status == CCRNN_OK && ccrnn_survey_directory(survey, run, directory, NULL) == CCRNN_OK &&
        ccrnn_run_config_read(directory, &own, NULL) == CCRNN_OK) {
        config->network.gemm = own.network.gemm;
        config->network.kernels = own.network.kernels;
    }
    return status == CCRNN_OK;
}

static enum ccrnn_status read_options(const struct ccrnn_survey *survey, size_t run,
                                      struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    char directory[CCRNN_PATH_MAX];
    const char *const hash = survey->index.arms[run % survey->index.arm_count].hash;
    CCRNN_TRY(ccrnn_survey_directory(survey, run, directory, err));
    if (!read_attempted(survey, run, config))
        CCRNN_TRY(ccrnn_run_config_read(directory, config, err));
    return check_hash(config, hash, directory, err);
}

/* A run without a checkpoint begins with the weights of a file; are they still the ones it was given? */
static enum ccrnn_status check_first_weights(const struct ccrnn_run_config *config,
                                             struct ccrnn_error *err)
{
    struct ccrnn_run_config now = *config;
    CCRNN_TRY(ccrnn_run_config_fingerprint(&now, err));
    if (strcmp(now.init_from_hash, config->init_from_hash) == 0)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "init_from: %s has changed since the run was begun; put back what it was, "
                      "or run the study again",
                      config->init_from);
}

/* What a run without a checkpoint needs to begin with. */
static enum ccrnn_status check_beginning(const struct planner *planner, size_t run,
                                         struct ccrnn_error *err)
{
    char directory[CCRNN_PATH_MAX];
    const struct variant *const variant = &planner->variant[planner->of[run]];
    const struct ccrnn_run_config *const config = &variant->config;
    CCRNN_TRY(ccrnn_survey_directory(planner->survey, run, directory, err));
    if (has_checkpoint(directory))
        return CCRNN_OK;
    if (config->branch_from[0] != '\0' && config->branch_epoch > 0)
        return variant->parent != SIZE_MAX
                   ? CCRNN_OK
                   : ccrnn_fail(err, CCRNN_IO,
                                "begins after epoch %" PRIu64
                                " of %s, and that arm has no run of this seed any more; run the "
                                "study again",
                                config->branch_epoch, config->branch_from);
    return check_first_weights(config, err);
}

/* --- arms that differ -------------------------------------------------------------------- */

static bool same_options(const struct ccrnn_run_config *a, const struct ccrnn_run_config *b)
{
    char of_a[2 * CCRNN_CONFIG_PATH_MAX], of_b[2 * CCRNN_CONFIG_PATH_MAX];
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        ccrnn_run_config_get(a, option, of_a, sizeof of_a);
        ccrnn_run_config_get(b, option, of_b, sizeof of_b);
        if (strcmp(of_a, of_b) != 0)
            return false;
    }
    return true;
}

static enum ccrnn_status find_variant(struct planner *planner, const struct variant *wanted,
                                      size_t *found, struct ccrnn_error *err)
{
    for (*found = 0; *found < planner->count; ++*found) {
        const struct variant *const variant = &planner->variant[*found];
        if (variant->arm == wanted->arm && variant->parent == wanted->parent &&
            same_options(&variant->config, &wanted->config))
            return CCRNN_OK;
    }
    if (planner->count == planner->room) {
        const size_t room = 2 * planner->room + 16;
        struct variant *const grown = realloc(planner->variant, room * sizeof *grown);
        if (grown == NULL)
            return fail_memory(err);
        planner->variant = grown;
        planner->room = room;
    }
    planner->variant[planner->count++] = *wanted;
    return CCRNN_OK;
}

/* The variant of a run, and before it those of the runs it branches from. Of these, one that is not there or
 * cannot be read counts as none. There are no circles, for an arm's hash is made from its parent's. */
static enum ccrnn_status place(struct planner *planner, size_t run, size_t depth,
                               struct ccrnn_error *err)
{
    const struct ccrnn_study_index *const index = &planner->survey->index;
    struct variant variant = {.arm = run % index->arm_count, .parent = SIZE_MAX};
    if (planner->of[run] != SIZE_MAX)
        return CCRNN_OK;
    CCRNN_TRY(read_options(planner->survey, run, &variant.config, err));
    const size_t parent = ccrnn_study_index_parent(index, &variant.config);
    if (parent != SIZE_MAX && depth < DEPTH_MOST) {
        const size_t other = run - variant.arm + parent;
        const enum ccrnn_status status = place(planner, other, depth + 1, NULL);
        if (status == CCRNN_MEMORY)
            return fail_memory(err);
        if (status == CCRNN_OK)
            variant.parent = planner->of[other];
    }
    return find_variant(planner, &variant, &planner->of[run], err);
}

/* --- which runs -------------------------------------------------------------------------- */

static enum ccrnn_status refuse(struct ccrnn_retry *retry, size_t run,
                                const struct ccrnn_error *why, struct ccrnn_error *err)
{
    struct ccrnn_retry_refusal *const grown =
        realloc(retry->refusal, (retry->refusal_count + 1) * sizeof *grown);
    if (grown == NULL)
        return fail_memory(err);
    retry->refusal = grown;
    retry->refusal[retry->refusal_count++] = (struct ccrnn_retry_refusal){run, *why};
    return CCRNN_OK;
}

/* A process that lives on this machine can be asked; nobody takes its run from it. */
static enum ccrnn_status check_holder(const struct ccrnn_surveyed *run, struct ccrnn_error *why)
{
    if (run->holder == NULL || run->holder->state != CCRNN_PROCESS_ALIVE)
        return CCRNN_OK;
    const uint64_t id = run->holder->process.id;
    if (run->stopped)
        return ccrnn_fail(
            why, CCRNN_BUSY,
            "process %" PRIu64
            " of this machine has it, but is stopped; let it go on (kill -CONT %" PRIu64
            ") or end it (kill -KILL %" PRIu64 "), then retry",
            id, id, id);
    return ccrnn_fail(
        why, CCRNN_BUSY,
        "process %" PRIu64
        " of this machine has it, but has shown no sign of life for %.0f s; wait for it, "
        "or end it (kill -KILL %" PRIu64 "), then retry",
        id, run->untouched, id);
}

static bool is_to_be_run(enum ccrnn_survey_state state)
{
    return state == CCRNN_SURVEY_FAILED || state == CCRNN_SURVEY_STALE ||
           state == CCRNN_SURVEY_STOPPED || state == CCRNN_SURVEY_INTERRUPTED;
}

/* What is held elsewhere is taken over as any process does it: once it was seen to be left, for the stale time and on
 * a clock that nobody sets. The look that chose the run went by the times of files. */
static void note_watch(const struct planner *planner, const struct ccrnn_surveyed *run)
{
    struct ccrnn_retry *const retry = planner->retry;
    if (run->holder == NULL || run->holder->state != CCRNN_PROCESS_ELSEWHERE)
        return;
    const double patience = ccrnn_lease_patience(run->holder, planner->survey->stale);
    retry->watched++;
    retry->watch = patience > retry->watch ? patience : retry->watch;
}

static enum ccrnn_status choose(struct planner *planner, size_t index, struct ccrnn_error *err)
{
    struct ccrnn_retry *const retry = planner->retry;
    const struct ccrnn_surveyed *const run = &planner->survey->run[index];
    char directory[CCRNN_PATH_MAX];
    struct ccrnn_error why = {0};
    if (run->state == CCRNN_SURVEY_UNREADABLE) {
        (void)ccrnn_fail(&why, run->seen.unreadable, "%s", run->message);
        return refuse(retry, index, &why, err);
    }
    retry->waiting += run->state == CCRNN_SURVEY_WAITING;
    if (!is_to_be_run(run->state))
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_survey_directory(planner->survey, index, directory, err));
    enum ccrnn_status status = check_holder(run, &why);
    if (status == CCRNN_OK && !run->attempt && !has(directory, "config.yaml") &&
        !has_checkpoint(directory)) {
        retry->waiting++;
        return CCRNN_OK;
    }
    if (status == CCRNN_OK)
        status = place(planner, index, 0, &why);
    if (status == CCRNN_OK)
        status = check_beginning(planner, index, &why);
    if (status == CCRNN_MEMORY)
        return fail_memory(err);
    if (status != CCRNN_OK)
        return refuse(retry, index, &why, err);
    retry->chosen[index] = true;
    retry->chosen_count++;
    retry->count[run->state]++;
    note_watch(planner, run);
    return CCRNN_OK;
}

/* --- the study --------------------------------------------------------------------------- */

static void fill_arm(const struct planner *planner, const struct variant *variant,
                     struct ccrnn_study_arm *arm)
{
    const struct ccrnn_study_index *const index = &planner->survey->index;
    memcpy(arm->name, index->arms[variant->arm].name, sizeof arm->name);
    memcpy(arm->hash, index->arms[variant->arm].hash, sizeof arm->hash);
    memcpy(arm->directory, index->arms[variant->arm].directory, sizeof arm->directory);
    arm->config = variant->config;
    arm->written_size = strlen(arm->name);
    arm->parent = variant->parent;
}

static enum ccrnn_status make_study(const struct planner *planner, struct ccrnn_error *err)
{
    const struct ccrnn_survey *const survey = planner->survey;
    struct ccrnn_retry *const retry = planner->retry;
    struct ccrnn_study *const study = &retry->study;
    const size_t arms = planner->count, seeds = survey->index.seed_count;
    study->name = survey->index.name;
    study->description = "";
    study->seeds = survey->index.seeds;
    study->seed_count = seeds;
    study->arm_count = arms;
    study->arms = calloc(arms + 1, sizeof study->arms[0]);
    retry->wanted = calloc(arms * seeds + 1, sizeof retry->wanted[0]);
    if (study->arms == NULL || retry->wanted == NULL)
        return fail_memory(err);
    study->wanted = retry->wanted;
    for (size_t i = 0; i < arms; i++)
        fill_arm(planner, &planner->variant[i], &study->arms[i]);
    for (size_t i = 0; i < survey->runs; i++)
        if (retry->chosen[i])
            retry->wanted[i / survey->index.arm_count * arms + planner->of[i]] = true;
    return CCRNN_OK;
}

static enum ccrnn_status plan(struct planner *planner, struct ccrnn_error *err)
{
    if (planner->of == NULL || planner->retry->chosen == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < planner->survey->runs; i++)
        planner->of[i] = SIZE_MAX;
    for (size_t i = 0; i < planner->survey->runs; i++)
        CCRNN_TRY(choose(planner, i, err));
    return make_study(planner, err);
}

enum ccrnn_status ccrnn_retry_plan(const struct ccrnn_survey *survey, struct ccrnn_retry *retry,
                                   struct ccrnn_error *err)
{
    struct planner planner = {.survey = survey, .retry = retry};
    *retry = (struct ccrnn_retry){0};
    retry->chosen = calloc(survey->runs, sizeof retry->chosen[0]);
    planner.of = calloc(survey->runs, sizeof planner.of[0]);
    const enum ccrnn_status status = plan(&planner, err);
    free(planner.variant);
    free(planner.of);
    return status;
}

void ccrnn_retry_free(struct ccrnn_retry *retry)
{
    free(retry->study.arms);
    free(retry->wanted);
    free(retry->chosen);
    free(retry->refusal);
    *retry = (struct ccrnn_retry){0};
}
