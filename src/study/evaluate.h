/** @file
 * Measuring a network on trials it was not trained on.
 */
#ifndef CCRNN_STUDY_EVALUATE_H
#define CCRNN_STUDY_EVALUATE_H

#include "ccrnn/network.h"
#include "study/options.h"

struct ccrnn_evaluation {
    size_t trials;
    double error, roughness, end_point_error; /**< ccrnn/measure.h */
};

/** Buffers of one batch and, for drawings, a few kept trials; made once per run. */
struct ccrnn_evaluator;

/** @param[out] evaluator NULL on failure; destroy with ccrnn_evaluator_destroy() */
enum ccrnn_status ccrnn_evaluator_create(const struct ccrnn_run_config *config,
                                         struct ccrnn_evaluator **evaluator,
                                         struct ccrnn_error *err);
/** NULL is fine. */
void ccrnn_evaluator_destroy(struct ccrnn_evaluator *evaluator);

/** Run `trials` trials of the stream (seed, purpose, epoch, 0 …) through the network, from the
 * zero state, without a cerebellum at work, and measure what it drew. Allocates nothing. */
enum ccrnn_status ccrnn_evaluate(struct ccrnn_evaluator *evaluator, struct ccrnn_network *network,
                                 uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t trials,
                                 struct ccrnn_evaluation *found, struct ccrnn_error *err);

/** The text of a drawings.csv: the first trials of every cue of the stream (seed, test), sorted
 * by cue. Header `trial,cue,t,target_x,target_y,output_x,output_y`; cue is −m … m.
 * @param[out] text owned by the caller, free(); NULL on failure */
enum ccrnn_status ccrnn_evaluate_drawings(struct ccrnn_evaluator *evaluator,
                                          struct ccrnn_network *network, uint64_t seed,
                                          char **text, size_t *size, struct ccrnn_error *err);

#endif
