/** @file
 * Trajectories of the cortical state by cue, from the trials of an observation.
 */
#ifndef CCRNN_STUDY_TRAJECTORY_H
#define CCRNN_STUDY_TRAJECTORY_H

#include "study/observation.h"

/** Components that trajectories are shown along. */
enum { CCRNN_TRAJECTORY_COMPONENTS = 3 };

/** C cues that have trials, at T + 1 moments. */
struct ccrnn_trajectory {
    size_t moments, cues, units;
    size_t components;  /**< k: CCRNN_TRAJECTORY_COMPONENTS, or all if there are fewer */
    int32_t *cue;       /**< (C): class of each, rising */
    size_t *count;      /**< (C): its trials */
    double *mean;       /**< (T+1,C,S) */
    double *distance;   /**< (T+1): between cues, in the space of states */
    double *variance;   /**< (S): along each principal component of all (T+1)·C means */
    double *component;  /**< (k,S) */
    double *score;      /**< (T+1,C,k) */
    double *distance_k; /**< (T+1): between cues, along the k components */
    struct ccrnn_arena arena;
};

/** @param classes of the task: cues are 0 … classes − 1
 *  @param[out] trajectory release with ccrnn_trajectory_release(), also after a failure
 *  @return CCRNN_MEMORY; CCRNN_NONFINITE: a state that is not finite */
enum ccrnn_status ccrnn_trajectory_make(const struct ccrnn_observation *seen, size_t classes,
                                        struct ccrnn_trajectory *trajectory,
                                        struct ccrnn_error *err);
/** Safe on a zeroed struct. */
void ccrnn_trajectory_release(struct ccrnn_trajectory *trajectory);

#endif
