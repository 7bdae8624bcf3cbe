/* Values of measures per run, arm, class and epoch. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "report/measures.h"
#include "report/task.h"

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

bool ccrnn_report_shows(const struct ccrnn_report_study *study,
                        const struct ccrnn_report_measure *measure)
{
    return (measure->any || measure->captions == study->task->captions) &&
           ccrnn_report_has_data(study, ccrnn_report_series_of(study, measure));
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

double ccrnn_report_class_value_of(const struct ccrnn_report_run *run,
                                   enum ccrnn_report_series_id series, int64_t cue,
                                   int64_t chosen)
{
    for (size_t i = 0; i < run->class_values; i++) {
        const struct ccrnn_report_class_value *const value = &run->class_value[i];
        if (value->series == series && value->cue == cue && value->chosen == chosen)
            return value->value;
    }
    return NAN;
}

static int compare_classes(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Add a class unless it is there. */
static enum ccrnn_status add_class(struct ccrnn_report_pool *pool, int64_t new, int64_t **cue,
                                   size_t *count, size_t *capacity, struct ccrnn_error *err)
{
    for (size_t i = 0; i < *count; i++) {
        if ((*cue)[i] == new)
            return CCRNN_OK;
    }
    void *array = *cue;
    CCRNN_TRY(ccrnn_report_pool_grow(pool, &array, *count, capacity, sizeof **cue, err));
    *cue = array;
    (*cue)[(*count)++] = new;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_list_classes(struct ccrnn_report_study *study,
                                            enum ccrnn_report_series_id series, int64_t **cue,
                                            size_t *count, struct ccrnn_error *err)
{
    size_t capacity = 0;
    *cue = NULL;
    *count = 0;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            for (size_t v = 0; v < run->class_values && run->used; v++) {
                if (run->class_value[v].series == series)
                    CCRNN_TRY(add_class(&study->pool, run->class_value[v].cue, cue, count,
                                        &capacity, err));
            }
        }
    }
    if (*count > 1)
        qsort(*cue, *count, sizeof **cue, compare_classes);
    return CCRNN_OK;
}

bool ccrnn_report_has_classes(const struct ccrnn_report_study *study)
{
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            if (study->arm[i].run[r].used && study->arm[i].run[r].class_values > 0)
                return true;
        }
    }
    return false;
}

void ccrnn_report_summarise_class(const struct ccrnn_report_arm *arm,
                                  enum ccrnn_report_series_id series, int64_t cue,
                                  double *scratch, struct ccrnn_summary *summary)
{
    size_t count = 0;
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].used)
            scratch[count++] = ccrnn_report_class_value_of(&arm->run[r], series, cue, 0);
    }
    ccrnn_statistics_summarise(scratch, count, summary);
}

/* A run's last value, or its value of a class. */
static double value_of(const struct ccrnn_report_run *run, enum ccrnn_report_series_id series,
                       const int64_t *cue)
{
    return cue == NULL ? ccrnn_report_last(run, series)
                       : ccrnn_report_class_value_of(run, series, *cue, 0);
}

static void compare(const struct ccrnn_report_arm *a, const struct ccrnn_report_arm *b,
                    enum ccrnn_report_series_id series, const int64_t *cue, double *scratch,
                    struct ccrnn_paired_test *test)
{
    double *const of_a = scratch, *const of_b = scratch + (a->runs < b->runs ? a->runs : b->runs);
    size_t pairs = 0, i = 0, k = 0;
    while (i < a->runs && k < b->runs) {
        const struct ccrnn_report_run *const x = &a->run[i], *const y = &b->run[k];
        if (x->seed == y->seed && x->used && y->used) {
            of_a[pairs] = value_of(x, series, cue);
            of_b[pairs++] = value_of(y, series, cue);
        }
        i += x->seed <= y->seed;
        k += y->seed <= x->seed;
    }
    ccrnn_statistics_paired_test(of_a, of_b, pairs, test);
}

void ccrnn_report_compare_arms(const struct ccrnn_report_arm *a, const struct ccrnn_report_arm *b,
                               enum ccrnn_report_series_id series, double *scratch,
                               struct ccrnn_paired_test *test)
{
    compare(a, b, series, NULL, scratch, test);
}

void ccrnn_report_compare_class(const struct ccrnn_report_arm *a,
                                const struct ccrnn_report_arm *b,
                                enum ccrnn_report_series_id series, int64_t cue, double *scratch,
                                struct ccrnn_paired_test *test)
{
    compare(a, b, series, &cue, scratch, test);
}
