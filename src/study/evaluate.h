/** @file
 * Measuring a network on trials it was not trained on.
 */
#ifndef CCRNN_STUDY_EVALUATE_H
#define CCRNN_STUDY_EVALUATE_H

#include "ccrnn/network.h"
#include "study/options.h"

/** How much is measured. */
enum ccrnn_evaluation_depth {
    CCRNN_EVALUATION_SHORT, /**< what every epoch records */
    CCRNN_EVALUATION_LONG /**< also all measures of drawings, each class alone, and confusions */
};

/** Buffers of one batch and the sums of one evaluation; made once per run. */
struct ccrnn_evaluator;

/** @param[in] trials of the run, kept by pointer
 *  @param[out] evaluator NULL on failure; destroy with ccrnn_evaluator_destroy() */
enum ccrnn_status ccrnn_evaluator_create(const struct ccrnn_run_config *config,
                                         struct ccrnn_trials *trials,
                                         struct ccrnn_evaluator **evaluator,
                                         struct ccrnn_error *err);
/** NULL is fine. */
void ccrnn_evaluator_destroy(struct ccrnn_evaluator *evaluator);

/** Run the first `count` trials of a split through the network, from the zero state, without a
 * cerebellum at work, and measure what it drew or said. Allocates nothing.
 * @param epoch as in ccrnn_trials_batch()
 * @param count at most ccrnn_trials_available()
 * @param[out] error the measure that decides which epoch is the best: mean squared distance to the
 *             target, or negative log-likelihood in nats */
enum ccrnn_status ccrnn_evaluate(struct ccrnn_evaluator *evaluator, struct ccrnn_network *network,
                                 enum ccrnn_split split, uint32_t epoch, uint64_t count,
                                 enum ccrnn_evaluation_depth depth, double *error,
                                 struct ccrnn_error *err);

/** One row of an evaluation: `error`, `roughness.3` (of class 3), `confusion.3.5` (trials of class 3
 * that were taken for 5), … NaN where a measure is not defined. */
typedef void ccrnn_evaluation_row(void *context, const char *metric, double value);

/** Hand out the rows of the last evaluation, always in the same order. */
void ccrnn_evaluator_rows(const struct ccrnn_evaluator *evaluator, ccrnn_evaluation_row *row,
                          void *context);

/** The example files of a run, from the first test trials of every class, sorted by class:
 *
 *     drawings.csv   trial,cue,t,target_x,target_y,output_x,output_y       tasks that draw
 *     answers.csv    trial,cue,t,digit,probability: the readout at every step   discrimination
 *     images.csv     trial,cue,t,pixels: bytes shown at t, spaces between       tasks on images
 *
 * `cue` is the class: −m … m, or the digit. Each file is written atomically.
 * @return CCRNN_IO, CCRNN_MEMORY */
enum ccrnn_status ccrnn_examples_write(struct ccrnn_evaluator *evaluator,
                                       struct ccrnn_network *network, const char *directory,
                                       struct ccrnn_error *err);

#endif
