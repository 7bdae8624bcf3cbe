/** @file
 * Batch normalisation (Ioffe & Szegedy 2015), as PyTorch's BatchNorm1d with momentum 0.01.
 */
#ifndef CCRNN_NET_NORMALISATION_H
#define CCRNN_NET_NORMALISATION_H

#include "ccrnn/real.h"
#include "math/math.h"

struct ccrnn_normalisation {
    ccrnn_real *gain, *shift;            /* (N): γ, β */
    ccrnn_real *grad_gain, *grad_shift;  /* (N) */
    ccrnn_real *mean, *variance;         /* (N): running statistics */
    ccrnn_real *inverse_deviation;       /* (N): of the batch */
    ccrnn_real *normalised;              /* (R,N): x̂ of the batch */
    double *batch_mean, *batch_variance; /* (N): the latter with divisor R − 1 */
};

/** x (R,N) = γ·x̂ + β with the batch's own mean and variance (divisor R). R ≥ 2. */
void ccrnn_normalisation_learn(struct ccrnn_normalisation *norm, size_t R, size_t N,
                               ccrnn_real *x);

/** The running statistics move by 0.01 towards those of the batch last given to
 * ccrnn_normalisation_learn(). A step of its own: a batch that is refused must leave no trace. */
void ccrnn_normalisation_move(struct ccrnn_normalisation *norm, size_t N);

/** The same with the running statistics. */
void ccrnn_normalisation_apply(const struct ccrnn_normalisation *norm, size_t R, size_t N,
                               ccrnn_real *x);

/** d (R,N): in d loss / d output, out d loss / d input, through the batch's statistics; gradients of gain
 * and shift. */
void ccrnn_normalisation_backward(struct ccrnn_normalisation *norm, size_t R, size_t N,
                                  ccrnn_real *d);

#endif
