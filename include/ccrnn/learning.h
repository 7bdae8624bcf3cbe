/** @file
 * How fast a run learns: measures of a learning curve.
 *
 * A curve is n points (epoch, value), epochs rising, values such that less is better. Pure
 * functions; nothing is allocated.
 */
#ifndef CCRNN_LEARNING_H
#define CCRNN_LEARNING_H

#include <stddef.h>

#include "ccrnn/version.h"

/** When a criterion counts as met. */
enum ccrnn_criterion {
    CCRNN_CRITERION_FIRST, /**< at the first epoch at or below it */
    CCRNN_CRITERION_STAYS  /**< at the first epoch from which on every one is at or below it */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Epochs to criterion: the epoch at which the curve meets `threshold`, one of `epoch`, nothing in
 * between; NaN if it never does. A value of NaN is not at or below anything.
 * @param[in] epoch, value (n) each */
CCRNN_API double ccrnn_learning_epochs_to(const double *epoch, const double *value, size_t n,
                                          double threshold, enum ccrnn_criterion criterion);

/** Area under the curve by the trapezoidal rule, in value · epochs; NaN with fewer than two points or
 * with a value that is not finite. @param[in] epoch, value (n) each */
CCRNN_API double ccrnn_learning_area(const double *epoch, const double *value, size_t n);

/** Normalised error of one seed: the mean of a over its epochs divided by the mean of b over its own (a of a
 * ccRNN, b of the cRNN of the same seed; paper.md, section 6). Below 1, a learns faster. NaN if
 * either is empty or not finite, or the mean of b is 0.
 * @param[in] a (a_count)  @param[in] b (b_count) */
CCRNN_API double ccrnn_learning_normalised_error(const double *a, size_t a_count, const double *b,
                                                 size_t b_count);

#ifdef __cplusplus
}
#endif
#endif
