/** @file
 * The measures of a network's activity and feedback (docs/measures.md), from what it does in some trials.
 * A run records them (probe_every), `ccrnn analyse` prints them.
 */
#ifndef CCRNN_STUDY_ANALYSIS_H
#define CCRNN_STUDY_ANALYSIS_H

#include "ccrnn/activity.h"
#include "ccrnn/similarity.h"
#include "study/evaluate.h"
#include "study/observation.h"

/** What was measured. Without a cerebellum there is only the cortex; without a granule layer neither coupling
 * nor granule. */
struct ccrnn_analysis {
    struct ccrnn_observation seen;
    struct ccrnn_similarity to_target, to_truth; /**< ĝ and δ, ĝ and the true gradient, over all
                                                      trials and boundaries 0 … n − 1 */
    struct ccrnn_similarity *target_by_step, *truth_by_step; /**< (n): at each boundary */
    double *coupling; /**< (S,G): |r| over trials and boundaries 0 … n */
    struct ccrnn_coupling coupling_summary;
    struct ccrnn_population cortex;  /**< over trials and the states after every step */
    struct ccrnn_population granule; /**< over trials and boundaries 0 … n */
    struct ccrnn_arena arena;
};

/** @param[out] analysis release with ccrnn_analysis_release(), also after a failure
 *  @return as ccrnn_observation_create() */
enum ccrnn_status ccrnn_analysis_create(const struct ccrnn_run_config *config,
                                        const struct ccrnn_network *network, size_t trials,
                                        struct ccrnn_analysis *analysis, struct ccrnn_error *err);
/** Safe on a zeroed struct. */
void ccrnn_analysis_release(struct ccrnn_analysis *analysis);

/** Look at the network in its N trials and measure everything.
 * @return as ccrnn_observation_take(); CCRNN_MEMORY */
enum ccrnn_status ccrnn_analysis_measure(struct ccrnn_analysis *analysis,
                                         struct ccrnn_network *network,
                                         struct ccrnn_trials *trials, struct ccrnn_error *err);

/** Hand out the values, in an order that is always the same: similarity_target, similarity_true,
 * coupling, coupling.q10 …, coupling_shift, then cortex_… and granule_….
 * @param[in] before the coupling that coupling_shift is counted from, (S,G); NULL: without that row
 * @param by_step also similarity_target.<t> and similarity_true.<t> */
void ccrnn_analysis_rows(const struct ccrnn_analysis *analysis, const double *before,
                         bool by_step, ccrnn_evaluation_row *row, void *context);

/** The network of a run before it learned: drawn from its seed, or read from init_from.
 * @param[out] network destroy with ccrnn_network_destroy(); NULL on failure */
enum ccrnn_status ccrnn_analysis_first_network(const struct ccrnn_run_config *config,
                                               uint64_t seed, struct ccrnn_network **network,
                                               struct ccrnn_error *err);

#endif
