#include "study/schedule.h"

#include <math.h>

/* PyTorch's eps. */
static const double smallest_change = 1e-8;

void ccrnn_schedule_continue(const struct ccrnn_run_config *config,
                             struct ccrnn_schedule *schedule)
{
    if (config->lr_patience == CCRNN_LR_PATIENCE_OFF)
        *schedule = (struct ccrnn_schedule){0};
    else if (!(schedule->rate > 0))
        *schedule = (struct ccrnn_schedule){
            .rate = config->network.learning_rate,
            .best = INFINITY,
        };
}

bool ccrnn_schedule_same(const struct ccrnn_run_config *a, const struct ccrnn_run_config *b)
{
    return a->network.learning_rate == b->network.learning_rate &&
           a->lr_patience == b->lr_patience && a->lr_factor == b->lr_factor &&
           a->lr_threshold == b->lr_threshold && a->lr_minimum == b->lr_minimum;
}

void ccrnn_schedule_step(const struct ccrnn_run_config *config, struct ccrnn_schedule *schedule,
                         double error)
{
    if (error < schedule->best * (1.0 - config->lr_threshold)) {
        schedule->best = error;
        schedule->bad = 0;
    } else {
        schedule->bad++;
    }
    if (schedule->bad <= config->lr_patience)
        return;
    schedule->bad = 0;
    const double rate = fmax(schedule->rate * config->lr_factor, config->lr_minimum);
    if (schedule->rate - rate > smallest_change)
        schedule->rate = rate;
}

bool ccrnn_schedule_ends(const struct ccrnn_run_config *config, uint64_t epoch,
                         uint64_t best_epoch)
{
    return config->stop_patience > 0 && epoch - best_epoch >= config->stop_patience;
}
