/** @file
 * A few lanes of numbers at a time, for kernels.c and what it includes only: GCC vector extensions (which clang has
 * too), as wide as the registers of the instruction set this compilation is for. Arithmetic is
 * written with the operators of C; here is what they lack: unaligned and partial loads and
 * stores, fused multiply-add, square root, selection by sign.
 *
 * Lanes never mix, so an element's result does not depend on its position in an array.
 */
#ifndef CCRNN_MATH_VECTOR_H
#define CCRNN_MATH_VECTOR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ccrnn/real.h"

#if defined(CCRNN_DOUBLE)
#define CCRNN_LANES 2
#define CCRNN_WIDE_LANES 2
typedef int64_t ccrnn_lane_bits;
#else
typedef int32_t ccrnn_lane_bits;
#if defined(__SSE2__)
#include <immintrin.h>
#endif
#if defined(__AVX512F__)
#define CCRNN_LANES 16
#elif defined(__AVX2__)
#define CCRNN_LANES 8
#else
#define CCRNN_LANES 4
#endif
#define CCRNN_WIDE_LANES (CCRNN_LANES / 2)
#endif

/** One register of numbers, and the same register as bits. A comparison of two `vec` gives
 * `bits`: all ones where it holds, all zeros elsewhere. */
typedef ccrnn_real vec __attribute__((vector_size(CCRNN_LANES * sizeof(ccrnn_real))));
typedef ccrnn_lane_bits bits __attribute__((vector_size(CCRNN_LANES * sizeof(ccrnn_lane_bits))));
/** One register of doubles, and as many numbers as it can hold the conversion of: for sums. */
typedef double wide __attribute__((vector_size(CCRNN_WIDE_LANES * sizeof(double))));
typedef ccrnn_real narrow __attribute__((vector_size(CCRNN_WIDE_LANES * sizeof(ccrnn_real))));

#define CCRNN_INLINE static inline __attribute__((always_inline))

/** How many elements the next register takes when `left` remain. */
CCRNN_INLINE size_t vec_lanes(size_t left)
{
    return left < CCRNN_LANES ? left : CCRNN_LANES;
}

/** All lanes equal to x. */
CCRNN_INLINE vec vec_all(ccrnn_real x)
{
    return x - (vec){0};
}

/** The first n ≤ CCRNN_LANES elements at p, zero in the lanes after them. */
CCRNN_INLINE vec vec_load(const ccrnn_real *p, size_t n)
{
    vec x = {0};
    if (n == CCRNN_LANES) {
        memcpy(&x, p, sizeof x);
        return x;
    }
#if !defined(CCRNN_DOUBLE) && defined(__AVX512F__)
    x = (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#elif !defined(CCRNN_DOUBLE) && defined(__AVX2__)
    static const int32_t ones_then_zeros[2 * CCRNN_LANES] = {-1, -1, -1, -1, -1, -1, -1, -1};
    __m256i mask;
    memcpy(&mask, ones_then_zeros + CCRNN_LANES - n, sizeof mask);
    x = (vec)_mm256_maskload_ps(p, mask);
#else
    for (size_t l = 0; l < CCRNN_LANES; l++)
        if (l < n)
            x[l] = p[l];
#endif
    return x;
}

/** Write the first n ≤ CCRNN_LANES lanes to p; what follows stays untouched. */
CCRNN_INLINE void vec_store(ccrnn_real *p, vec x, size_t n)
{
    if (n == CCRNN_LANES) {
        memcpy(p, &x, sizeof x);
        return;
    }
#if !defined(CCRNN_DOUBLE) && defined(__AVX512F__)
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)x);
#else
    /* In halves of halves: faster than the masked stores of AVX2, and needs none. */
    ccrnn_real lanes[CCRNN_LANES];
    memcpy(lanes, &x, sizeof x);
    size_t done = 0;
    for (size_t step = CCRNN_LANES / 2; step > 0; step /= 2) {
        if (n & step) {
            memcpy(p + done, lanes + done, step * sizeof *p);
            done += step;
        }
    }
#endif
}

/** a · b + c, rounded once where the instruction set can, else twice. */
CCRNN_INLINE vec vec_fma(vec a, vec b, vec c)
{
#if !defined(CCRNN_DOUBLE) && defined(__AVX512F__)
    return (vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif !defined(CCRNN_DOUBLE) && defined(__AVX2__)
    return (vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b + c;
#endif
}

CCRNN_INLINE vec vec_sqrt(vec x)
{
#if defined(CCRNN_DOUBLE)
    for (size_t l = 0; l < CCRNN_LANES; l++)
        x[l] = sqrt(x[l]);
    return x;
#elif defined(__AVX512F__)
    return (vec)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX2__)
    return (vec)_mm256_sqrt_ps((__m256)x);
#elif defined(__SSE2__)
    return (vec)_mm_sqrt_ps((__m128)x);
#else
    for (size_t l = 0; l < CCRNN_LANES; l++)
        x[l] = sqrtf(x[l]);
    return x;
#endif
}

/** x where `mask` is set, else y. */
CCRNN_INLINE vec vec_select(bits mask, vec x, vec y)
{
    return (vec)((mask & (bits)x) | (~mask & (bits)y));
}

/** x where `mask` is clear, else +0. */
CCRNN_INLINE vec vec_clear(bits mask, vec x)
{
    return (vec)(~mask & (bits)x);
}

/** CCRNN_WIDE_LANES elements at p, each as a double. */
CCRNN_INLINE wide wide_load(const ccrnn_real *p)
{
    narrow x;
    memcpy(&x, p, sizeof x);
    return __builtin_convertvector(x, wide);
}

/** The sum of the lanes, first to last. */
CCRNN_INLINE double wide_sum(wide x)
{
    double sum = 0;
    for (size_t l = 0; l < CCRNN_WIDE_LANES; l++)
        sum += x[l];
    return sum;
}

#endif
