/** @file
 * The kernel tables this machine can run, for the tests that try every one of them.
 */
#ifndef CCRNN_TESTS_TABLES_H
#define CCRNN_TESTS_TABLES_H

#include "math/math.h"

enum { TABLES_MAX = 3 };

/** Fill `tables` with the usable ones, plain first; returns how many. */
static inline size_t tables_usable(const struct ccrnn_kernels *tables[TABLES_MAX])
{
    static const enum ccrnn_kernel_choice choices[TABLES_MAX] = {
        CCRNN_KERNELS_PLAIN, CCRNN_KERNELS_AVX2, CCRNN_KERNELS_AVX512};
    size_t count = 0;
    for (size_t i = 0; i < TABLES_MAX; i++) {
        struct ccrnn_math math;
        struct ccrnn_error err;
        if (ccrnn_math_select(CCRNN_GEMM_PLAIN, choices[i], &math, &err) == CCRNN_OK)
            tables[count++] = math.kernels;
    }
    return count;
}

#endif
