/** @file
 * Matrices for tests of kernels: random content, rows longer than their width, with a sentinel in
 * the gaps, and not one element more than needed, so that a sanitizer sees every step outside.
 */
#ifndef CCRNN_TESTS_MATRIX_H
#define CCRNN_TESTS_MATRIX_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/random.h"
#include "ccrnn/real.h"

static const ccrnn_real matrix_sentinel = (ccrnn_real)-12345.0;

struct matrix {
    size_t rows, cols, ld;
    ccrnn_real *data; /* owned */
};

/** Elements in the storage of a matrix. */
static inline size_t matrix_length(const struct matrix *m)
{
    return m->rows == 0 ? 0 : (m->rows - 1) * m->ld + m->cols;
}

/** Uniform in ± range, from the stream (seed, purpose of users). Free with matrix_free(). */
static inline struct matrix matrix_random(uint64_t seed, size_t rows, size_t cols, size_t gap,
                                          double range)
{
    struct matrix m = {rows, cols, cols + gap, NULL};
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, seed, CCRNN_RANDOM_USER, 0, 0);
    m.data = malloc((matrix_length(&m) + (rows * cols == 0)) * sizeof *m.data);
    if (m.data == NULL)
        abort();
    for (size_t i = 0; i < matrix_length(&m); i++)
        m.data[i] = i % m.ld < cols
                        ? (ccrnn_real)(range * (2 * ccrnn_random_uniform(&stream) - 1))
                        : matrix_sentinel;
    return m;
}

static inline struct matrix matrix_copy(const struct matrix *from)
{
    struct matrix m = *from;
    m.data = malloc((matrix_length(&m) + 1) * sizeof *m.data);
    if (m.data == NULL)
        abort();
    memcpy(m.data, from->data, matrix_length(&m) * sizeof *m.data);
    return m;
}

static inline void matrix_free(struct matrix *m)
{
    free(m->data);
    m->data = NULL;
}

static inline double matrix_at(const struct matrix *m, size_t row, size_t col)
{
    return (double)m->data[row * m->ld + col];
}

/** Are all gaps as they were? */
static inline bool matrix_gaps_untouched(const struct matrix *m)
{
    for (size_t i = 0; i < matrix_length(m); i++)
        if (i % m->ld >= m->cols &&
            memcmp(&m->data[i], &matrix_sentinel, sizeof matrix_sentinel) != 0)
            return false;
    return true;
}

/** |found − expected| ≤ tolerance; NaN is never near anything. */
static inline bool is_near(double found, double expected, double tolerance)
{
    return fabs(found - expected) <= tolerance;
}

#endif
