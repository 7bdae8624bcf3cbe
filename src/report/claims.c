/* From a study's run directories to verdicts on its claims. */
#define _GNU_SOURCE
#include "report/claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/learning.h"
#include "data/csv.h"

/* An arm of study.json. */
struct listed {
    const char *name;                   /* owned by the index */
    const struct ccrnn_report_arm *arm; /* NULL: no run of it is there */
    struct ccrnn_csv **metrics;         /* (seeds), opened when needed */
    bool *tried;                        /* (seeds) */
};

struct judge {
    const struct ccrnn_report_study *study;
    struct ccrnn_report_claims *claims;
    json_t *index; /* study.json */
    struct listed *arm;
    size_t arms;
    struct ccrnn_error *err;
};

static enum ccrnn_status fail_memory(const struct judge *j)
{
    return ccrnn_fail(j->err, CCRNN_MEMORY, "no memory to judge the claims of %s",
                      j->study->directory);
}

/* --- the study --------------------------------------------------------------------------- */

static const struct ccrnn_report_arm *find_arm(const struct ccrnn_report_study *study,
                                               const char *directory)
{
    for (size_t i = 0; i < study->arms && directory != NULL; i++)
        if (strcmp(study->arm[i].directory, directory) == 0)
            return &study->arm[i];
    return NULL;
}

static const struct ccrnn_report_run *find_run(const struct ccrnn_report_arm *arm, uint64_t seed)
{
    for (size_t i = 0; arm != NULL && i < arm->runs; i++)
        if (arm->run[i].seed == seed)
            return &arm->run[i];
    return NULL;
}

static enum ccrnn_status read_seeds(struct judge *j)
{
    const json_t *const seeds = json_object_get(j->index, "seeds");
    struct ccrnn_report_claims *const claims = j->claims;
    claims->seed = calloc(json_array_size(seeds) + 1, sizeof *claims->seed);
    if (claims->seed == NULL)
        return fail_memory(j);
    for (size_t i = 0; i < json_array_size(seeds); i++) {
        const json_t *const seed = json_array_get(seeds, i);
        if (!json_is_integer(seed) || json_integer_value(seed) < 0)
            return ccrnn_fail(j->err, CCRNN_FORMAT,
                              "%s/study.json: a seed is not a whole number; run the study again",
                              j->study->directory);
        claims->seed[claims->seeds++] = (uint64_t)json_integer_value(seed);
    }
    return CCRNN_OK;
}

static void count_runs(struct judge *j)
{
    struct ccrnn_report_claims *const claims = j->claims;
    claims->wanted = j->arms * claims->seeds;
    for (size_t a = 0; a < j->arms; a++)
        for (size_t s = 0; s < claims->seeds; s++) {
            const struct ccrnn_report_run *const run = find_run(j->arm[a].arm, claims->seed[s]);
            claims->done += run != NULL && run->state == CCRNN_REPORT_DONE;
            claims->seconds += run == NULL ? 0.0 : run->seconds;
        }
}

static enum ccrnn_status read_arms(struct judge *j)
{
    const json_t *const arms = json_object_get(j->index, "arms");
    j->arm = calloc(json_array_size(arms) + 1, sizeof *j->arm);
    if (j->arm == NULL)
        return fail_memory(j);
    for (size_t i = 0; i < json_array_size(arms); i++) {
        const json_t *const entry = json_array_get(arms, i);
        const char *const name = json_string_value(json_object_get(entry, "name"));
        struct listed *const arm = &j->arm[j->arms++];
        arm->name = name == NULL ? "" : name;
        arm->arm = find_arm(j->study, json_string_value(json_object_get(entry, "directory")));
        arm->metrics = calloc(j->claims->seeds + 1, sizeof *arm->metrics);
        arm->tried = calloc(j->claims->seeds + 1, sizeof *arm->tried);
        if (arm->metrics == NULL || arm->tried == NULL)
            return fail_memory(j);
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_claims(struct judge *j)
{
    const json_t *const list = json_object_get(j->index, "claims");
    struct ccrnn_report_claims *const claims = j->claims;
    const size_t count = json_array_size(list);
    claims->claim = calloc(count + 1, sizeof *claims->claim);
    claims->result = calloc(count + 1, sizeof *claims->result);
    if (claims->claim == NULL || claims->result == NULL)
        return fail_memory(j);
    for (size_t i = 0; i < count; i++) {
        const enum ccrnn_status status = ccrnn_claim_from_json(
            json_array_get(list, i), &claims->claim[claims->count++], j->err);
        if (status != CCRNN_OK)
            return ccrnn_fail_within(j->err, status, "%s/study.json", j->study->directory);
    }
    const char *const quick = json_string_value(json_object_get(j->index, "quick"));
    claims->quick = quick == NULL ? NULL : strdup(quick);
    return quick != NULL && claims->quick == NULL ? fail_memory(j) : CCRNN_OK;
}

/* --- the number of a run ----------------------------------------------------------------- */

/* A learning curve in a window of epochs. */
struct curve {
    double *epoch, *value; /* (count), owned */
    size_t count;
    double last;   /* epoch of the window, as asked for */
    bool short_of; /* the run stopped before it */
};

static void release_curve(struct curve *curve)
{
    free(curve->epoch);
    free(curve->value);
    *curve = (struct curve){0};
}

static struct listed *find_listed(const struct judge *j, const char *name)
{
    for (size_t i = 0; i < j->arms; i++)
        if (strcmp(j->arm[i].name, name) == 0)
            return &j->arm[i];
    return NULL;
}

/* metrics.csv of a run that is done; NULL and a reason if there is none. */
static const struct ccrnn_csv *open_metrics(const struct judge *j, struct listed *arm,
                                            const char *name, size_t seed, char *gap)
{
    static const char *const columns[] = {"step", "split", "metric", "value"};
    char path[CCRNN_PATH_MAX];
    const unsigned long long number = (unsigned long long)j->claims->seed[seed];
    const struct ccrnn_report_run *const run =
        arm == NULL ? NULL : find_run(arm->arm, j->claims->seed[seed]);
    if (run == NULL || run->state != CCRNN_REPORT_DONE) {
        (void)ccrnn_format(gap, CCRNN_CLAIM_WHY_SIZE, "%.200s, seed %llu: %s", name, number,
                           run == NULL ? "not run" : ccrnn_report_state_name(run->state));
        return NULL;
    }
    if (!arm->tried[seed]) {
        arm->tried[seed] = true;
        if (ccrnn_path_join(path, sizeof path, run->path, "metrics.csv", NULL) == CCRNN_OK)
            (void)ccrnn_csv_open(path, columns, 4, &arm->metrics[seed], NULL);
    }
    if (arm->metrics[seed] == NULL)
        (void)ccrnn_format(gap, CCRNN_CLAIM_WHY_SIZE,
                           "%.200s, seed %llu: metrics.csv cannot be read", name, number);
    return arm->metrics[seed];
}

/* The points of `metric` in the window; CCRNN_OK with count 0 if there are none. */
static enum ccrnn_status read_curve(const struct judge *j, const struct ccrnn_csv *csv,
                                    const struct ccrnn_claim *claim, const char *metric,
                                    const struct ccrnn_claim_window *over, uint64_t epochs,
                                    uint64_t configured, struct curve *curve)
{
    const size_t rows = ccrnn_csv_rows(csv);
    uint64_t first = over->first, last = over->last < epochs ? over->last : epochs;
    if (over->from_end) {
        last = epochs;
        first = over->last > epochs ? 1 : epochs - over->last + 1;
    }
    const uint64_t asked = over->from_end || over->last > configured ? configured : over->last;
    *curve = (struct curve){calloc(rows + 1, sizeof(double)), calloc(rows + 1, sizeof(double)), 0,
                            (double)asked, epochs < asked};
    if (curve->epoch == NULL || curve->value == NULL)
        return fail_memory(j);
    for (size_t row = 0; row < rows; row++) {
        int64_t step;
        if (strcmp(ccrnn_csv_text(csv, row, 2), metric) != 0 ||
            strcmp(ccrnn_csv_text(csv, row, 1), ccrnn_claim_splits[claim->split]) != 0)
            continue;
        if (ccrnn_csv_integer(csv, row, 0, &step, NULL) != CCRNN_OK || step < 0 ||
            (uint64_t)step < first || (uint64_t)step > last ||
            ccrnn_csv_real(csv, row, 3, &curve->value[curve->count], NULL) != CCRNN_OK)
            continue;
        curve->epoch[curve->count++] = (double)step;
    }
    return CCRNN_OK;
}

static double mean_of(const struct curve *curve)
{
    double sum = 0.0;
    for (size_t i = 0; i < curve->count; i++)
        sum += curve->value[i];
    return curve->count == 0 ? (double)NAN : sum / (double)curve->count;
}

/* The first epoch at the criterion or better; one beyond the window if there is none. */
static double learning_speed(const struct ccrnn_claim *claim, const struct curve *curve,
                             size_t *never)
{
    const int better = ccrnn_claim_measure_find(claim->of)->better;
    const double sign = better > 0 ? -1.0 : 1.0;
    if (curve->count == 0)
        return NAN;
    for (size_t i = 0; i < curve->count; i++)
        curve->value[i] *= sign;
    const double reached = ccrnn_learning_epochs_to(
        curve->epoch, curve->value, curve->count, sign * claim->criterion, CCRNN_CRITERION_FIRST);
    if (!isnan(reached))
        return reached;
    ++*never;
    return curve->last + 1.0;
}

/* What one run of an arm gives for a side: `arm` is the side's or its reference. */
static enum ccrnn_status read_side(const struct judge *j, const struct ccrnn_claim *claim,
                                   const struct ccrnn_claim_side *side, const char *arm_name,
                                   size_t seed, struct curve *curve, char *gap)
{
    struct listed *const arm = find_listed(j, arm_name);
    const char *const metric =
        ccrnn_claim_measure_find(side->measure)->derived ? claim->of : side->measure;
    *curve = (struct curve){0};
    const struct ccrnn_csv *const csv = open_metrics(j, arm, arm_name, seed, gap);
    if (csv == NULL)
        return CCRNN_OK;
    const struct ccrnn_report_run *const run = find_run(arm->arm, j->claims->seed[seed]);
    const char *const setting = ccrnn_report_setting_of(arm->arm, "epochs");
    uint64_t configured = run->epoch;
    if (setting != NULL && !ccrnn_parse_unsigned(setting, &configured))
        configured = run->epoch;
    if (configured < run->epoch)
        configured = run->epoch;
    CCRNN_TRY(read_curve(j, csv, claim, metric, &side->over, run->epoch, configured, curve));
    if (curve->count == 0)
        (void)ccrnn_format(gap, CCRNN_CLAIM_WHY_SIZE,
                           "%.200s, seed %llu: %.48s was not measured in these epochs", arm_name,
                           (unsigned long long)j->claims->seed[seed], metric);
    return CCRNN_OK;
}

static enum ccrnn_status value_of(const struct judge *j, const struct ccrnn_claim *claim,
                                  const struct ccrnn_claim_side *side, size_t seed, double *value,
                                  struct ccrnn_claim_result *result)
{
    const char *const name = ccrnn_claim_measure_find(side->measure)->name;
    char gap[CCRNN_CLAIM_WHY_SIZE] = "";
    struct curve curve, reference = {0};
    enum ccrnn_status status = read_side(j, claim, side, side->arm, seed, &curve, gap);
    if (status == CCRNN_OK && side->reference != NULL)
        status = read_side(j, claim, side, side->reference, seed, &reference, gap);
    if (strcmp(name, CCRNN_CLAIM_LEARNING_SPEED) == 0)
        *value = learning_speed(claim, &curve, &result->never);
    else if (strcmp(name, CCRNN_CLAIM_AREA) == 0)
        *value = curve.short_of ? (double)NAN
                                : ccrnn_learning_area(curve.epoch, curve.value, curve.count);
    else if (side->reference != NULL)
        *value = ccrnn_learning_normalised_error(curve.value, curve.count, reference.value,
                                                 reference.count);
    else
        *value = mean_of(&curve);
    if (curve.short_of && isnan(*value) && gap[0] == '\0')
        (void)ccrnn_format(gap, sizeof gap,
                           "%.200s, seed %llu: stopped early, so its curve has another length",
                           side->arm, (unsigned long long)j->claims->seed[seed]);
    if (!isfinite(*value) && gap[0] == '\0')
        (void)ccrnn_format(gap, sizeof gap, "%.200s, seed %llu: the value is not a finite number",
                           side->arm, (unsigned long long)j->claims->seed[seed]);
    if (result->gap[0] == '\0')
        memcpy(result->gap, gap, sizeof gap);
    release_curve(&curve);
    release_curve(&reference);
    return status;
}

/* --- all claims -------------------------------------------------------------------------- */

static bool is_known(const struct ccrnn_claim *claim)
{
    for (size_t i = 0; i < claim->sides; i++) {
        const struct ccrnn_claim_measure *const measure =
            ccrnn_claim_measure_find(claim->side[i].measure);
        if (measure == NULL ||
            (measure->derived &&
             (claim->of == NULL || ccrnn_claim_measure_find(claim->of) == NULL)))
            return false;
    }
    return true;
}

static enum ccrnn_status judge_claim(const struct judge *j, const struct ccrnn_claim *claim,
                                     struct ccrnn_claim_result *result)
{
    const size_t seeds = j->claims->seeds;
    if (!is_known(claim))
        return ccrnn_fail(j->err, CCRNN_FORMAT,
                          "%s/study.json: the claim '%s' names a measure this version does not "
                          "know; run the study again with it",
                          j->study->directory, claim->name);
    double *const value = calloc(seeds * claim->sides + 1, sizeof *value);
    if (value == NULL)
        return fail_memory(j);
    enum ccrnn_status status = CCRNN_OK;
    for (size_t s = 0; s < seeds; s++)
        for (size_t i = 0; i < claim->sides && status == CCRNN_OK; i++)
            status = value_of(j, claim, &claim->side[i], s, &value[s * claim->sides + i], result);
    if (status == CCRNN_OK)
        status = ccrnn_claim_test(claim, value, seeds, result, j->err);
    free(value);
    return status;
}

static enum ccrnn_status judge_all(struct judge *j)
{
    CCRNN_TRY(read_seeds(j));
    CCRNN_TRY(read_arms(j));
    CCRNN_TRY(read_claims(j));
    count_runs(j);
    for (size_t i = 0; i < j->claims->count; i++)
        CCRNN_TRY(judge_claim(j, &j->claims->claim[i], &j->claims->result[i]));
    return ccrnn_claims_decide(j->claims->claim, j->claims->result, j->claims->count, j->err);
}

static void release_judge(struct judge *j)
{
    for (size_t a = 0; a < j->arms; a++) {
        for (size_t s = 0; j->arm[a].metrics != NULL && s < j->claims->seeds; s++)
            ccrnn_csv_close(j->arm[a].metrics[s]);
        free(j->arm[a].metrics);
        free(j->arm[a].tried);
    }
    free(j->arm);
    json_decref(j->index);
}

enum ccrnn_status ccrnn_report_claims_judge(const struct ccrnn_report_study *study,
                                            struct ccrnn_report_claims *claims,
                                            struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct judge j = {.study = study, .claims = claims, .err = err};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, study->directory, "study.json", err));
    /* an index only helps: a report can do without (collect.c) */
    enum ccrnn_status status = ccrnn_report_read_json(path, &j.index, err);
    if (status != CCRNN_OK)
        return status == CCRNN_MEMORY ? status : CCRNN_OK;
    status = judge_all(&j);
    release_judge(&j);
    return status;
}

void ccrnn_report_claims_release(struct ccrnn_report_claims *claims)
{
    for (size_t i = 0; i < claims->count; i++)
        ccrnn_claim_clear(&claims->claim[i]);
    free(claims->claim);
    free(claims->result);
    free(claims->quick);
    free(claims->seed);
    *claims = (struct ccrnn_report_claims){0};
}
