/** @file
 * Large work in pieces that a team of threads can share (base/team.h).
 *
 * Only networks that are `wide` (math.h) are cut; the cuts follow from the sizes alone.
 */
#ifndef CCRNN_MATH_PIECES_H
#define CCRNN_MATH_PIECES_H

#include "math/math.h"

/** The product of math.h: whole, or in pieces of its larger side. No sum is ever cut. */
void ccrnn_math_gemm(const struct ccrnn_math *math, bool transpose_a, bool transpose_b, size_t M,
                     size_t N, size_t K, ccrnn_real alpha, const ccrnn_real *A, size_t lda,
                     const ccrnn_real *B, size_t ldb, ccrnn_real beta, ccrnn_real *C, size_t ldc);

/** Sums of columns (kernels.h), in pieces of columns. */
void ccrnn_math_column_sums(const struct ccrnn_math *math, size_t R, size_t N,
                            const ccrnn_real *x, size_t ld, ccrnn_real *sums);

/** Σ x² in double: of one run over x, or of pieces that are added first to last. */
double ccrnn_math_sum_of_squares(const struct ccrnn_math *math, size_t n, const ccrnn_real *x);

/** Adam (kernels.h), in pieces. */
void ccrnn_math_adam(const struct ccrnn_math *math, size_t n, const struct ccrnn_adam_step *step,
                     ccrnn_real *w, const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v);

/** RMSprop (kernels.h), in pieces. */
void ccrnn_math_rmsprop(const struct ccrnn_math *math, size_t n,
                        const struct ccrnn_momentum_step *step, ccrnn_real *w,
                        const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v);

/** Gradient descent (kernels.h), in pieces. */
void ccrnn_math_sgd(const struct ccrnn_math *math, size_t n,
                    const struct ccrnn_momentum_step *step, ccrnn_real *w, const ccrnn_real *g,
                    ccrnn_real *m);

/** Every row becomes scale · softmax(x + bias).
 * @param bias (N)  @param[in,out] x (R,N) dense
 * @param[in] label (R), 0 … N−1, or NULL; of each row's label `scale` is subtracted, after all
 * @param[out] nats (R): log Σ exp − (x + bias)[label], so −log softmax of the label; without labels
 *             log Σ exp(x + bias) */
void ccrnn_math_softmax(const struct ccrnn_math *math, size_t R, size_t N, double scale,
                        const ccrnn_real *bias, const int32_t *label, ccrnn_real *x,
                        double *nats);

#endif
