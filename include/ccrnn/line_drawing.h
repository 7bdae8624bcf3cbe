/** @file
 * Simple line drawing (Pemberton et al. 2021; design: docs/maths.md).
 *
 * A cue p ∈ {−m … m} (cues = 2m+1) is shown once, as gain·p at t = 0; afterwards the input is 0
 * plus Gaussian noise. The target is a straight line from the origin, T points, to length·(sin a,
 * cos a) with a = 360° − 360°/(cues−1)·(q+1), q = 0 … cues−2 numbering the non-zero cues in
 * rising order; cue 0 stays at the origin.
 */
#ifndef CCRNN_LINE_DRAWING_H
#define CCRNN_LINE_DRAWING_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/real.h"
#include "ccrnn/version.h"

struct ccrnn_line_drawing {
    size_t steps;       /**< T ≥ 2, published: 10 */
    size_t cues;        /**< odd, ≥ 3, published: 7 */
    double input_gain;  /**< published: 0.1 */
    double input_noise; /**< standard deviation at t ≥ 1, published: 0 */
    double length;      /**< of the line, published: 10 */
};

#ifdef __cplusplus
extern "C" {
#endif

/** The published sizes. */
CCRNN_API void ccrnn_line_drawing_default(struct ccrnn_line_drawing *task);

/** Target point of class `cue_index` (0 … cues−1, i.e. p + m) at step t: xy[2]. */
CCRNN_API void ccrnn_line_drawing_target(const struct ccrnn_line_drawing *task, size_t cue_index,
                                         size_t t, double xy[2]);

/** Fill one batch. Trial b is drawn from the stream (seed, purpose, epoch, first_item + b), so a
 * trial does not depend on the batch size.
 * @param[out] input (T,B,1)  @param[out] target (T,B,2)  @param[out] cue (B) class index, or NULL
 */
CCRNN_API void ccrnn_line_drawing_batch(const struct ccrnn_line_drawing *task, uint64_t seed,
                                        uint32_t purpose, uint32_t epoch, uint32_t first_item,
                                        size_t batch, ccrnn_real *input, ccrnn_real *target,
                                        int32_t *cue);

#ifdef __cplusplus
}
#endif
#endif
