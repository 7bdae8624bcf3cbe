#include "report/measures.h"

#include <math.h>
#include <stdint.h>

#include "base/error.h"

const struct ccrnn_report_measure ccrnn_report_curves[] = {
    {.name = "learning-curves",
     .title = "Learning curves: training error",
     .noun = "training error",
     .axis = "training error (squared length units)",
     .definition = "squared distance to the target, summed over the steps that were given a "
                   "target, divided by all steps of a trial; mean over the epoch’s trials",
     .series = CCRNN_SERIES_TRAIN_ERROR,
     .fallback = CCRNN_SERIES_TRAIN_ERROR,
     .figure = true},
    {.name = "validation-curves",
     .title = "Learning curves: validation error",
     .noun = "validation error",
     .axis = "validation error (squared length units)",
     .definition = "squared distance to the target, mean over trials and all steps, on data "
                   "never trained on",
     .series = CCRNN_SERIES_VALIDATION_ERROR,
     .fallback = CCRNN_SERIES_VALIDATION_ERROR,
     .figure = true},
    {.name = "feedback-similarity",
     .title = "Similarity of predicted feedback to its target",
     .noun = "feedback similarity",
     .axis = "cosine similarity",
     .definition = "cosine between the feedback the cerebellum predicts and the target it learns "
                   "from, per trial over the units of the cortical state, then averaged over "
                   "trials and segments; 1 is the right direction, 0 is chance",
     .series = CCRNN_SERIES_TRAIN_SIMILARITY,
     .fallback = CCRNN_SERIES_TRAIN_SIMILARITY,
     .figure = true},
};
const size_t ccrnn_report_curve_count =
    sizeof ccrnn_report_curves / sizeof ccrnn_report_curves[0];

const struct ccrnn_report_measure ccrnn_report_finals[] = {
    {.name = "final-training-error",
     .title = "Final training error",
     .noun = "training error",
     .axis = "training error at the last epoch (squared length units)",
     .definition = "training error of a run’s last epoch",
     .series = CCRNN_SERIES_TRAIN_ERROR,
     .fallback = CCRNN_SERIES_TRAIN_ERROR,
     .figure = true},
    {.name = "final-validation-error",
     .title = "Final validation error",
     .noun = "validation error",
     .axis = "validation error at the last epoch (squared length units)",
     .definition = "validation error after a run’s last epoch",
     .series = CCRNN_SERIES_VALIDATION_ERROR,
     .fallback = CCRNN_SERIES_VALIDATION_ERROR,
     .figure = true},
    {.name = "test-error",
     .title = "Test error",
     .noun = "test error",
     .axis = "test error (squared length units)",
     .definition = "the validation error’s formula on test data, with the final weights",
     .series = CCRNN_SERIES_TEST_ERROR,
     .fallback = CCRNN_SERIES_TEST_ERROR,
     .figure = false},
    {.name = "end-point-error",
     .title = "End-point error",
     .noun = "end-point error",
     .axis = "end-point error (length units)",
     .definition = "distance between the drawn and the target end point, mean over trials, with "
                   "the final weights",
     .series = CCRNN_SERIES_TEST_END_POINT,
     .fallback = CCRNN_SERIES_VALIDATION_END_POINT,
     .figure = true},
    {.name = "roughness",
     .title = "Roughness of the drawn movement (dysmetria)",
     .noun = "roughness",
     .axis = "roughness D (length units)",
     .definition = "D = mean over trials and steps of "
                   "‖<i>y<sub>t</sub></i> − 2<i>y</i><sub><i>t</i>−1</sub> + "
                   "<i>y</i><sub><i>t</i>−2</sub>‖ minus the same of the target, with the final "
                   "weights; 0 is as smooth as the target",
     .series = CCRNN_SERIES_TEST_ROUGHNESS,
     .fallback = CCRNN_SERIES_VALIDATION_ROUGHNESS,
     .figure = true},
};
const size_t ccrnn_report_final_count =
    sizeof ccrnn_report_finals / sizeof ccrnn_report_finals[0];

enum ccrnn_report_series_id ccrnn_report_series_of(const struct ccrnn_report_study *study,
                                                   const struct ccrnn_report_measure *measure)
{
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        for (size_t r = 0; r < arm->runs; r++) {
            if (arm->run[r].used && arm->run[r].series[measure->series].count == 0)
                return measure->fallback;
        }
    }
    return measure->series;
}

double ccrnn_report_last(const struct ccrnn_report_run *run, enum ccrnn_report_series_id id)
{
    const struct ccrnn_report_series *const series = &run->series[id];
    return series->count == 0 ? NAN : series->point[series->count - 1].value;
}

bool ccrnn_report_has_data(const struct ccrnn_report_study *study,
                           enum ccrnn_report_series_id series)
{
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        for (size_t r = 0; r < arm->runs; r++) {
            if (arm->run[r].used && isfinite(ccrnn_report_last(&arm->run[r], series)))
                return true;
        }
    }
    return false;
}

void ccrnn_report_summarise_arm(const struct ccrnn_report_arm *arm,
                                enum ccrnn_report_series_id series, double *scratch,
                                struct ccrnn_summary *summary)
{
    size_t count = 0;
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].used)
            scratch[count++] = ccrnn_report_last(&arm->run[r], series);
    }
    ccrnn_statistics_summarise(scratch, count, summary);
}

void ccrnn_report_compare_arms(const struct ccrnn_report_arm *a, const struct ccrnn_report_arm *b,
                               enum ccrnn_report_series_id series, double *scratch,
                               struct ccrnn_paired_test *test)
{
    double *const of_a = scratch, *const of_b = scratch + (a->runs < b->runs ? a->runs : b->runs);
    size_t pairs = 0, i = 0, k = 0;
    while (i < a->runs && k < b->runs) {
        const struct ccrnn_report_run *const x = &a->run[i], *const y = &b->run[k];
        if (x->seed == y->seed && x->used && y->used) {
            of_a[pairs] = ccrnn_report_last(x, series);
            of_b[pairs++] = ccrnn_report_last(y, series);
        }
        i += x->seed <= y->seed;
        k += y->seed <= x->seed;
    }
    ccrnn_statistics_paired_test(of_a, of_b, pairs, test);
}

/* The smallest step not yet passed by all used runs; UINT64_MAX at the end. */
static uint64_t next_step(const struct ccrnn_report_arm *arm, enum ccrnn_report_series_id id,
                          const size_t *at)
{
    uint64_t step = UINT64_MAX;
    for (size_t r = 0; r < arm->runs; r++) {
        const struct ccrnn_report_series *const series = &arm->run[r].series[id];
        if (arm->run[r].used && at[r] < series->count && series->point[at[r]].step < step)
            step = series->point[at[r]].step;
    }
    return step;
}

enum ccrnn_status ccrnn_report_mean_curve(struct ccrnn_report_pool *pool,
                                          const struct ccrnn_report_arm *arm,
                                          enum ccrnn_report_series_id id,
                                          struct ccrnn_report_epoch **epoch, size_t *count,
                                          struct ccrnn_error *err)
{
    void *memory;
    size_t capacity = 0;
    *epoch = NULL;
    *count = 0;
    CCRNN_TRY(ccrnn_report_pool_take(pool, arm->runs, sizeof(size_t), &memory, err));
    size_t *const at = memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, arm->runs, sizeof(double), &memory, err));
    double *const value = memory;
    for (uint64_t step = next_step(arm, id, at); step != UINT64_MAX;
         step = next_step(arm, id, at)) {
        size_t values = 0;
        for (size_t r = 0; r < arm->runs; r++) {
            const struct ccrnn_report_series *const series = &arm->run[r].series[id];
            if (arm->run[r].used && at[r] < series->count && series->point[at[r]].step == step)
                value[values++] = series->point[at[r]++].value;
        }
        memory = *epoch;
        CCRNN_TRY(ccrnn_report_pool_grow(pool, &memory, *count, &capacity, sizeof **epoch, err));
        *epoch = memory;
        (*epoch)[*count].step = step;
        ccrnn_statistics_summarise(value, values, &(*epoch)[(*count)++].summary);
    }
    return CCRNN_OK;
}

size_t ccrnn_report_most_runs(const struct ccrnn_report_study *study)
{
    size_t most = 0;
    for (size_t i = 0; i < study->arms; i++)
        most = study->arm[i].runs > most ? study->arm[i].runs : most;
    return most;
}
