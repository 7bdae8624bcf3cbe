/** @file
 * Losses on one time step: values in double, gradients in place.
 */
#ifndef CCRNN_NET_LOSS_H
#define CCRNN_NET_LOSS_H

#include <stdint.h>

#include "math/math.h"

/** d = scale · 2 (y − target); returns Σ (y − target)² over (B,O). */
double ccrnn_loss_squared(const struct ccrnn_math *math, size_t B, size_t O, double scale,
                          const ccrnn_real *y, const ccrnn_real *target, ccrnn_real *d);

/** d = scale · (softmax(y) − one-hot(label)); returns Σ over the batch of −log softmax(y)[label],
 * in nats. Labels must be in 0 … O−1. */
double ccrnn_loss_cross_entropy(size_t B, size_t O, double scale, const ccrnn_real *y,
                                const int32_t *label, ccrnn_real *d);

#endif
