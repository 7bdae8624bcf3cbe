/** @file
 * Sums over samples that correlations and covariances are made from.
 */
#ifndef CCRNN_MEASURE_MOMENTS_H
#define CCRNN_MEASURE_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/real.h"

/** A table of zeros; NULL if its size overflows, is 0, or memory is out. The caller frees it. */
double *ccrnn_moments_table(size_t rows, size_t cols);

/** Each unit less its mean over the samples, in double. A unit with the same value in every sample becomes
 * exactly 0, one with a value that is not finite NaN.
 * @param[in] x (samples,units)  @param[out] centred (samples,units) */
void ccrnn_moments_centre(const ccrnn_real *x, size_t samples, size_t units, double *centred);

/** sum[i] = Σ over samples of x[s][i]². @param[in] x (samples,units)  @param[out] sum (units) */
void ccrnn_moments_squares(const double *x, size_t samples, size_t units, double *sum);

/** product[i][j] = Σ over samples, in their order, of x[s][i] y[s][j].
 * @param[in] x (samples,x_units), y (samples,y_units); may be the same
 * @param[out] product (x_units,y_units); must not alias */
void ccrnn_moments_products(const double *x, size_t x_units, const double *y, size_t y_units,
                            size_t samples, double *product);

/** Is every value finite? */
bool ccrnn_moments_finite(const ccrnn_real *x, size_t count);

#endif
