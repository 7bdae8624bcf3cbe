/** @file
 * Trajectories of the cortical state: their mean by cue, how far cues lie apart, and their
 * principal components.
 *
 * T steps, B trials, S units of state, C cues. Everything in double, in a fixed order.
 */
#ifndef CCRNN_TRAJECTORIES_H
#define CCRNN_TRAJECTORIES_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/real.h"
#include "ccrnn/status.h"
#include "ccrnn/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Mean state of the trials of each cue at each moment.
 * @param[in] state (moments,trials,units); moments is T + 1 with the state before the first step
 * @param[in] cue (trials), 0 … cues − 1; trials of another number are left out
 * @param[out] mean (moments,cues,units); NaN of a cue without trials
 * @param[out] count (cues): trials of each */
CCRNN_API void ccrnn_trajectories_mean(const ccrnn_real *state, const int32_t *cue,
                                       size_t moments, size_t trials, size_t units, size_t cues,
                                       double *mean, size_t *count);

/** How far the cues lie apart at each moment: the mean over pairs of cues of the Euclidean distance of
 * their points, in units of the state; NaN with fewer than two cues.
 * @param[in] point (moments,cues,row): the first `dims` ≤ row numbers of a point are used, so that
 *            scores of components serve as well as states
 * @param[out] distance (moments) */
CCRNN_API void ccrnn_trajectories_distance(const double *point, size_t moments, size_t cues,
                                           size_t row, size_t dims, double *distance);

/** Principal components of points (Pearson 1901), by the eigenvectors of their covariance (divisor
 * points − 1). A component's sign is free; here its largest number (the first of equals) is positive.
 * @param[in] point (points,units), points ≥ 2
 * @param[out] variance (units): of every component, largest first, ≥ 0
 * @param[out] component (count,units): the first `count` ≤ units, of length 1
 * @param[out] score (points,count): the points, less their mean, along the components; or NULL
 * @return CCRNN_USAGE: fewer than two points, count > units; CCRNN_NONFINITE: a value that is not
 *         finite; CCRNN_MEMORY: for (units,units) doubles, twice */
CCRNN_API enum ccrnn_status ccrnn_trajectories_components(const double *point, size_t points,
                                                          size_t units, size_t count,
                                                          double *variance, double *component,
                                                          double *score, struct ccrnn_error *err);

#ifdef __cplusplus
}
#endif
#endif
