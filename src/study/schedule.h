/** @file
 * What the validation error decides while a run learns: a smaller learning rate when it no longer falls
 * (lr_patience), and an early end (stop_patience).
 */
#ifndef CCRNN_STUDY_SCHEDULE_H
#define CCRNN_STUDY_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "study/options.h"

/** State of the learning rate: part of a checkpoint. */
struct ccrnn_schedule {
    double rate;  /**< learning rate of the next epoch; 0: there is no rule */
    double best;  /**< validation error that the next must undercut; infinity before the first */
    uint64_t bad; /**< epochs in a row that did not */
};

/** The state to go on with: as read from a checkpoint, new if that has none, 0 without the rule. */
void ccrnn_schedule_continue(const struct ccrnn_run_config *config,
                             struct ccrnn_schedule *schedule);

/** Do two runs change their learning rate by the same rules, from the same beginning? */
bool ccrnn_schedule_same(const struct ccrnn_run_config *a, const struct ccrnn_run_config *b);

/** After an epoch. PyTorch's ReduceLROnPlateau(mode='min', threshold_mode='rel') with lr_factor,
 * lr_patience, lr_threshold, lr_minimum as factor, patience, threshold, min_lr; cooldown 0, eps 1e-8:
 * a change of the rate by no more than that is not made. Only with the rule. */
void ccrnn_schedule_step(const struct ccrnn_run_config *config, struct ccrnn_schedule *schedule,
                         double error);

/** Whether a run ends after `epoch`: stop_patience epochs without a new best validation error. */
bool ccrnn_schedule_ends(const struct ccrnn_run_config *config, uint64_t epoch,
                         uint64_t best_epoch);

#endif
