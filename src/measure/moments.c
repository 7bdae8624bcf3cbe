#include "measure/moments.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a product made at a time, so that they stay in the cache while all samples pass. */
enum { TILE = 8 };

double *ccrnn_moments_table(size_t rows, size_t cols)
{
    if (rows == 0 || cols == 0 || rows > SIZE_MAX / cols)
        return NULL;
    return calloc(rows * cols, sizeof(double));
}

static bool is_constant(const ccrnn_real *x, size_t samples, size_t units, size_t unit)
{
    for (size_t s = 1; s < samples; s++)
        if (x[s * units + unit] != x[unit])
            return false;
    return true;
}

void ccrnn_moments_centre(const ccrnn_real *x, size_t samples, size_t units, double *centred)
{
    for (size_t i = 0; i < units; i++) {
        double sum = 0;
        for (size_t s = 0; s < samples; s++)
            sum += (double)x[s * units + i];
        const double mean = sum / (double)samples;
        /* A mean that is rounded would leave a trace of a unit that never changes. */
        const bool constant = isfinite(mean) && is_constant(x, samples, units, i);
        for (size_t s = 0; s < samples; s++)
            centred[s * units + i] = constant ? 0.0 : (double)x[s * units + i] - mean;
    }
}

void ccrnn_moments_squares(const double *x, size_t samples, size_t units, double *sum)
{
    memset(sum, 0, units * sizeof *sum);
    for (size_t s = 0; s < samples; s++)
        for (size_t i = 0; i < units; i++)
            sum[i] += x[s * units + i] * x[s * units + i];
}

static void add_row(size_t n, double factor, const double *restrict from, double *restrict to)
{
    for (size_t j = 0; j < n; j++)
        to[j] += factor * from[j];
}

void ccrnn_moments_products(const double *x, size_t x_units, const double *y, size_t y_units,
                            size_t samples, double *product)
{
    memset(product, 0, x_units * y_units * sizeof *product);
    for (size_t tile = 0; tile < x_units; tile += TILE) {
        const size_t end = tile + TILE < x_units ? tile + TILE : x_units;
        for (size_t s = 0; s < samples; s++)
            for (size_t i = tile; i < end; i++)
                add_row(y_units, x[s * x_units + i], y + s * y_units, product + i * y_units);
    }
}

bool ccrnn_moments_finite(const ccrnn_real *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}
