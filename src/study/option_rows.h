/** @file
 * The parts of the option table: written in several files, one table to everybody else (options.h).
 */
#ifndef CCRNN_STUDY_OPTION_ROWS_H
#define CCRNN_STUDY_OPTION_ROWS_H

#include <stddef.h>

#include "study/option_choices.h"
#include "study/options.h"

/** Where a row's member lies. */
#define MEMBER(member)                                                                           \
    .offset = offsetof(struct ccrnn_run_config, member),                                         \
    .width = sizeof(((struct ccrnn_run_config *)0)->member)

/** The first rows: what the tasks need to know. */
extern const struct ccrnn_option ccrnn_task_rows[];
extern const size_t ccrnn_task_rows_count;

/** The last: interventions and branching. */
extern const struct ccrnn_option ccrnn_intervention_rows[];
extern const size_t ccrnn_intervention_rows_count;
/** After the rows on gradients: the optimiser and its learning rate. */
extern const struct ccrnn_option ccrnn_learning_rows[];
extern const size_t ccrnn_learning_rows_count;

#endif
