#include "study/cost.h"

#include <stdlib.h>

#include "base/error.h"

static const double seconds_unknown = 1e-9; /* for a floating-point operation */

/* Captions: their number is not known before they are read. So many batches stand for an epoch, and so many epochs
 * for the test, in which every image is spoken of word by word. */
static const double caption_batches = 1000, caption_test = 0.5;

/* What the runs of an arm took. */
struct spent {
    double seconds, work;
    double given; /* work of an epoch, if it was said; else 0 */
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
    const double step = ccrnn_run_config_flops_per_step(config);
    if (ccrnn_task_kind(config->task.task)->says_words)
        return caption_batches * step;
    const double forward = ccrnn_network_forward_flops(&config->network);
    return ((double)config->task.train_size * step +
            (double)config->task.validation_size * forward) /
           (double)config->network.batch;
}

double ccrnn_costs_test_work(const struct ccrnn_study *study, size_t arm)
{
    const struct ccrnn_run_config *const config = &study->arms[arm].config;
    if (ccrnn_task_kind(config->task.task)->says_words)
        return caption_test * ccrnn_costs_work(study, arm);
    return (double)config->task.test_size * ccrnn_network_forward_flops(&config->network) /
           (double)config->network.batch;
}

void ccrnn_costs_give_work(struct ccrnn_costs *costs, size_t arm, double work)
{
    costs->spent[arm].given = work;
}

static double work_of(const struct ccrnn_costs *costs, size_t arm)
{
    return costs->spent[arm].given > 0 ? costs->spent[arm].given
                                       : ccrnn_costs_work(costs->study, arm);
}

static double test_work_of(const struct ccrnn_costs *costs, size_t arm)
{
    const double test = ccrnn_costs_test_work(costs->study, arm);
    return test * work_of(costs, arm) / ccrnn_costs_work(costs->study, arm);
}

void ccrnn_costs_learn(struct ccrnn_costs *costs, size_t arm, double seconds, double epochs,
                       bool tested)
{
    if (!(epochs > 0) || !(seconds > 0))
        return;
    const double work = epochs * work_of(costs, arm) + (tested ? test_work_of(costs, arm) : 0);
    costs->spent[arm].seconds += seconds;
    costs->spent[arm].work += work;
    costs->seconds += seconds;
    costs->work += work;
}

void ccrnn_costs_learn_record(struct ccrnn_costs *costs, size_t arm,
                              const struct ccrnn_run_record *record)
{
    const double before = (double)costs->study->arms[arm].config.branch_epoch;
    if (record->status == CCRNN_RUN_DONE || record->status == CCRNN_RUN_NONFINITE)
        ccrnn_costs_learn(costs, arm, record->seconds, (double)record->epoch - before,
                          record->status == CCRNN_RUN_DONE);
}

/* Seconds of a floating-point operation in an arm. */
static double rate_of(const struct ccrnn_costs *costs, size_t arm, bool *known)
{
    const struct spent *const spent = &costs->spent[arm];
    *known = costs->work > 0;
    if (spent->work > 0)
        return spent->seconds / spent->work;
    return *known ? costs->seconds / costs->work : seconds_unknown;
}

double ccrnn_costs_epoch(const struct ccrnn_costs *costs, size_t arm, bool *known)
{
    return work_of(costs, arm) * rate_of(costs, arm, known);
}

double ccrnn_costs_test(const struct ccrnn_costs *costs, size_t arm)
{
    bool known;
    return test_work_of(costs, arm) * rate_of(costs, arm, &known);
}

static double run_of(const struct ccrnn_costs *costs, size_t arm)
{
    const struct ccrnn_run_config *const config = &costs->study->arms[arm].config;
    bool known;
    return (double)(config->epochs - config->branch_epoch) *
               ccrnn_costs_epoch(costs, arm, &known) +
           ccrnn_costs_test(costs, arm);
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
