/** @file
 * The inside of an evaluator, for the files that measure (evaluate.c) and show (examples.c).
 */
#ifndef CCRNN_STUDY_EVALUATOR_H
#define CCRNN_STUDY_EVALUATOR_H

#include "base/arena.h"
#include "ccrnn/measure.h"
#include "study/evaluate.h"

/** Sum and number of the finite or infinite values of a measure; undefined ones (NaN) are not
 * counted. */
struct ccrnn_tally {
    double sum;
    uint64_t count;
};

struct ccrnn_evaluator {
    const struct ccrnn_task_options *options;
    struct ccrnn_trials *trials;
    bool draws;
    size_t T, B, I, O, classes;
    size_t measures; /* of a trial: CCRNN_MOVEMENT_COUNT, or CCRNN_ANSWER_MEASURES */
    struct ccrnn_trial_batch batch;
    ccrnn_real *output; /* (T,B,O), or (B,O) with predict: last */
    enum ccrnn_evaluation_depth depth;
    double brief[CCRNN_MOVEMENT_COUNT]; /* what every epoch records, by measure */
    struct ccrnn_tally *tally;          /* (1 + classes, measures): all trials, then each class */
    uint64_t *confusion; /* (classes, classes): [is][taken for]; discrimination only */
    struct ccrnn_arena arena;
};

/** What is measured of an answer. */
enum ccrnn_answer_measure {
    CCRNN_ANSWER_NLL,
    CCRNN_ANSWER_ACCURACY,
    CCRNN_ANSWER_CERTAINTY,
    CCRNN_ANSWER_UNCERTAINTY,
    CCRNN_ANSWER_MEASURES
};

/** Fill the batch with trials of a split and run the network over it. */
enum ccrnn_status ccrnn_evaluator_run_batch(struct ccrnn_evaluator *evaluator,
                                            struct ccrnn_network *network, enum ccrnn_split split,
                                            uint32_t epoch, uint64_t first,
                                            struct ccrnn_error *err);

#endif
