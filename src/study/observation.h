/** @file
 * What a network does in some trials: activity and feedback of every trial, put together from batches
 * of ccrnn_network_probe(). Nothing is learned.
 */
#ifndef CCRNN_STUDY_OBSERVATION_H
#define CCRNN_STUDY_OBSERVATION_H

#include "base/arena.h"
#include "ccrnn/probe.h"
#include "study/options.h"

/** N trials; n segments, so n + 1 boundaries. Pointers are NULL where the network has no such thing. */
struct ccrnn_observation {
    size_t trials;         /**< N */
    size_t T, B, S;        /**< steps, batch, width of the cortical state */
    size_t boundaries;     /**< n + 1 */
    size_t K;              /**< steps from a boundary to the next, but for the last */
    size_t G;              /**< units of the last granule layer; 0: none */
    bool cerebellum;       /**< the network has one */
    int32_t *cue;          /**< (N): class of each trial */
    ccrnn_real *state;     /**< (T+1,N,S): before step t at [t] */
    ccrnn_real *boundary;  /**< (n+1,N,S): the states among them at the boundaries */
    ccrnn_real *granule;   /**< (n+1,N,G): of the last granule layer */
    ccrnn_real *predicted; /**< (n,N,S): ĝ_i */
    ccrnn_real *target;    /**< (n,N,S): δ_i */
    ccrnn_real *truth;     /**< (n,N,S): the true gradient at the boundaries */

    /* one batch */
    struct ccrnn_trial_batch batch;
    struct ccrnn_probe probe;
    struct ccrnn_arena arena;
};

/** @param trials N ≥ 1
 *  @param[in] network any that was made with config->network
 *  @param[out] observation release with ccrnn_observation_release(), also after a failure
 *  @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_observation_create(const struct ccrnn_run_config *config,
                                           const struct ccrnn_network *network, size_t trials,
                                           struct ccrnn_observation *observation,
                                           struct ccrnn_error *err);
/** Safe on a zeroed struct. */
void ccrnn_observation_release(struct ccrnn_observation *observation);

/** Show the network the first N validation trials, with the stream of epoch 0 where trials are made anew every
 * epoch (epochs count from 1, so no epoch meets them), and keep what it does.
 * @return as ccrnn_network_probe() */
enum ccrnn_status ccrnn_observation_take(struct ccrnn_observation *observation,
                                         struct ccrnn_network *network,
                                         struct ccrnn_trials *trials, struct ccrnn_error *err);

/** The step before which boundary i lies: min(i·K, T). */
size_t ccrnn_observation_step(const struct ccrnn_observation *observation, size_t boundary);

#endif
