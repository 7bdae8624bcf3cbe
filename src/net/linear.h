/** @file
 * A linear map y = x Wᵀ + b, forward and backward. Rows of x may be longer than its inputs
 * (ld_x).
 */
#ifndef CCRNN_NET_LINEAR_H
#define CCRNN_NET_LINEAR_H

#include "math/math.h"

struct ccrnn_linear {
    size_t inputs, outputs;
    ccrnn_real *weight, *bias;           /* (outputs, inputs), (outputs) */
    ccrnn_real *grad_weight, *grad_bias; /* same shapes */
};

/** y (R,outputs) dense = x (R,inputs; ld_x) · Wᵀ + b. */
void ccrnn_linear_forward(const struct ccrnn_math *math, const struct ccrnn_linear *map, size_t R,
                          const ccrnn_real *x, size_t ld_x, ccrnn_real *y);

/** d_x (R,inputs) dense = d_y (R,outputs) · W. */
void ccrnn_linear_backward_input(const struct ccrnn_math *math, const struct ccrnn_linear *map,
                                 size_t R, const ccrnn_real *d_y, ccrnn_real *d_x);

/** grad_weight = d_yᵀ · x. */
void ccrnn_linear_gradient_weight(const struct ccrnn_math *math, const struct ccrnn_linear *map,
                                  size_t R, const ccrnn_real *d_y, const ccrnn_real *x,
                                  size_t ld_x);

/** grad_bias = column sums of d_y. */
void ccrnn_linear_gradient_bias(const struct ccrnn_math *math, const struct ccrnn_linear *map,
                                size_t R, const ccrnn_real *d_y);

#endif
