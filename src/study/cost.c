#include "study/cost.h"

#include <stdlib.h>

#include "base/error.h"

static const double seconds_unknown = 1e-9; /* for a floating-point operation */

/* What the runs of an arm took. */
struct spent {
    double seconds, epochs;
    double work; /* of an epoch, if it was given; else 0 */
};

struct ccrnn_costs {
    const struct ccrnn_study *study;
    double seconds, work; /* of all that has been learned */
    struct spent spent[]; /* (arms) */
};

enum ccrnn_status ccrnn_costs_create(const struct ccrnn_study *study, struct ccrnn_costs **costs,
                                     struct ccrnn_error *err)
{
    *costs = calloc(1, sizeof **costs + study->arm_count * sizeof(*costs)->spent[0]);
    if (*costs == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for a study of %zu arms",
                          study->arm_count);
    (*costs)->study = study;
    return CCRNN_OK;
}

void ccrnn_costs_destroy(struct ccrnn_costs *costs)
{
    free(costs);
}

double ccrnn_costs_work(const struct ccrnn_study *study, size_t arm)
{
    const struct ccrnn_run_config *const config = &study->arms[arm].config;
    const double trials =
        (double)config->task.train_size + (double)config->task.validation_size / 3;
    const double batches = ccrnn_task_kind(config->task.task)->says_words
                               ? 1000.0
                               : trials / (double)config->network.batch;
    return batches * ccrnn_run_config_flops_per_step(config);
}

void ccrnn_costs_give_work(struct ccrnn_costs *costs, size_t arm, double work)
{
    costs->spent[arm].work = work;
}

static double work_of(const struct ccrnn_costs *costs, size_t arm)
{
    return costs->spent[arm].work > 0 ? costs->spent[arm].work
                                      : ccrnn_costs_work(costs->study, arm);
}

void ccrnn_costs_learn(struct ccrnn_costs *costs, size_t arm, double seconds, double epochs)
{
    if (!(epochs > 0) || !(seconds > 0))
        return;
    costs->spent[arm].seconds += seconds;
    costs->spent[arm].epochs += epochs;
    costs->seconds += seconds;
    costs->work += epochs * work_of(costs, arm);
}

void ccrnn_costs_learn_record(struct ccrnn_costs *costs, size_t arm,
                              const struct ccrnn_run_record *record)
{
    const double before = (double)costs->study->arms[arm].config.branch_epoch;
    if (record->status == CCRNN_RUN_DONE || record->status == CCRNN_RUN_NONFINITE)
        ccrnn_costs_learn(costs, arm, record->seconds, (double)record->epoch - before);
}

double ccrnn_costs_epoch(const struct ccrnn_costs *costs, size_t arm, bool *known)
{
    const struct spent *const spent = &costs->spent[arm];
    *known = true;
    if (spent->epochs > 0)
        return spent->seconds / spent->epochs;
    *known = costs->work > 0;
    return work_of(costs, arm) * (*known ? costs->seconds / costs->work : seconds_unknown);
}

static double run_of(const struct ccrnn_costs *costs, size_t arm)
{
    const struct ccrnn_run_config *const config = &costs->study->arms[arm].config;
    bool known;
    return (double)(config->epochs - config->branch_epoch) *
           ccrnn_costs_epoch(costs, arm, &known);
}

void ccrnn_costs_chains(const struct ccrnn_costs *costs, double *chain)
{
    const struct ccrnn_study *const study = costs->study;
    for (size_t i = 0; i < study->arm_count; i++)
        chain[i] = run_of(costs, i);
    for (size_t i = 0; i < study->arm_count; i++) {
        double length = run_of(costs, i);
        for (size_t p = study->arms[i].parent; p != SIZE_MAX; p = study->arms[p].parent) {
            length += run_of(costs, p);
            chain[p] = length > chain[p] ? length : chain[p];
        }
    }
}
