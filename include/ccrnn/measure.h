/** @file
 * Measures of drawn movements.
 *
 * All three take the same drawing: what a network drew and what it should have drawn. They add up
 * in double, trial by trial and within a trial step by step, so that a value does not depend on
 * batch size. A value that is not finite in the drawing gives a measure that is not finite.
 *
 * To measure more trials than one batch holds, weigh the batches' values by their trials.
 */
#ifndef CCRNN_MEASURE_H
#define CCRNN_MEASURE_H

#include <stddef.h>

#include "ccrnn/real.h"
#include "ccrnn/version.h"

/** Trajectories in the plane; nothing is owned. Units: those of the task's targets. */
struct ccrnn_drawing {
    const ccrnn_real *output; /**< (T,B,2) row-major: x, y drawn by trial b at step t */
    const ccrnn_real *target; /**< (T,B,2) row-major; may alias output */
    size_t steps;             /**< T */
    size_t batch;             /**< B: the row width of both arrays */
    size_t trials;            /**< the first `trials` ≤ B of each row are measured */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Mean over trials and all steps of ‖y_t − target_t‖² (Pemberton et al. 2021, error on
 * validation data). NaN without trials or steps. */
CCRNN_API double ccrnn_measure_validation_error(const struct ccrnn_drawing *drawing);

/** Mean over trials of ‖y_T − target_T‖ at the last step. NaN without trials or steps. */
CCRNN_API double ccrnn_measure_end_point_error(const struct ccrnn_drawing *drawing);

/** Roughness D, a dysmetria score: mean over trials and t = 2 … T−1 of
 * ‖y_t − 2y_{t−1} + y_{t−2}‖ minus the same of the target (which is 0 for straight lines at even
 * speed). 0 is as smooth as the target. After the ataxia score of Pemberton et al. 2021; the
 * printed formula leaves the normalisation open, this one is ours.
 * NaN without trials or with fewer than three steps, where it is not defined. */
CCRNN_API double ccrnn_measure_roughness(const struct ccrnn_drawing *drawing);

#ifdef __cplusplus
}
#endif
#endif
