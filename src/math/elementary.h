/** @file
 * exp, tanh and the logistic sigmoid of a register of numbers, for kernels.c and what it includes only.
 *
 * In single precision all three stand on one reduction, x = k·ln 2 + r with |r| ≤ ln 2 / 2, and
 * one polynomial for eʳ − 1. Each is within 4 ulp of the exact value for every float, below the
 * smallest normal number within 4 · 2⁻¹⁴⁹ (tests/unit/test_accuracy.c, tests/exhaustive). In
 * double they are libm's: that build exists for tests, where accuracy matters and speed does not.
 */
#ifndef CCRNN_MATH_ELEMENTARY_H
#define CCRNN_MATH_ELEMENTARY_H

#include "math/vector.h"

#if defined(CCRNN_DOUBLE)

CCRNN_INLINE vec vec_exp(vec x)
{
    for (size_t l = 0; l < CCRNN_LANES; l++)
        x[l] = exp(x[l]);
    return x;
}

CCRNN_INLINE vec vec_tanh(vec x)
{
    for (size_t l = 0; l < CCRNN_LANES; l++)
        x[l] = tanh(x[l]);
    return x;
}

/* 1 / (1 + e⁻ˣ), in the form that keeps its relative accuracy on the negative side. */
CCRNN_INLINE vec vec_sigmoid(vec x)
{
    for (size_t l = 0; l < CCRNN_LANES; l++) {
        const double e = exp(-fabs(x[l]));
        x[l] = (x[l] < 0 ? e : 1) / (1 + e);
    }
    return x;
}

#else

#define CCRNN_SIGN_BIT INT32_MIN
#define CCRNN_EXPONENT_BIAS 127
#define CCRNN_FRACTION_BITS 23

/* Adding 1.5 · 2²³ leaves a float no fraction bits: the sum is rounded to an integer, and its low
 * bits are that integer in two's complement. */
static const float round_shift = 0x1.8p23f;
static const int32_t round_shift_bits = 0x4b400000;

/* x = k·ln 2 + r; returns eʳ − 1 = r + r²·P(r) and puts k into *k. For |x| < 2¹⁴ or NaN.
 * ln 2 is split so that k · ln2_high is exact (Cody and Waite). P is the polynomial of degree 4
 * whose largest error, relative to eʳ − 1 on |r| ≤ 0.3475, is least (1.4e-8); its coefficients
 * were rounded one by one and the later ones fitted anew. */
CCRNN_INLINE vec vec_exp_reduced(vec x, bits *k)
{
    const float log2_e = 0x1.715476p0f;
    const float ln2_high = 0x1.63p-1f, ln2_low = -0x1.bd0106p-13f;
    const vec shifted = vec_fma(x, vec_all(log2_e), vec_all(round_shift));
    const vec whole = shifted - round_shift;
    vec r = vec_fma(whole, vec_all(-ln2_high), x);
    r = vec_fma(whole, vec_all(-ln2_low), r);
    const vec r2 = r * r;
    const vec p01 = vec_fma(vec_all(0x1.5554bp-3f), r, vec_all(0x1p-1f));
    const vec p23 = vec_fma(vec_all(0x1.12280cp-7f), r, vec_all(0x1.5554c6p-5f));
    const vec p234 = vec_fma(vec_all(0x1.6d748ap-10f), r2, p23);
    *k = (bits)shifted - round_shift_bits;
    return vec_fma(r2, vec_fma(p234, r2, p01), r);
}

/* 2ᵏ for −126 ≤ k ≤ 127. */
CCRNN_INLINE vec vec_power_of_two(bits k)
{
    return (vec)((k + CCRNN_EXPONENT_BIAS) << CCRNN_FRACTION_BITS);
}

/* eˣ for −104 ≤ x ≤ 89 or NaN. The factor 2ᵏ is applied in two halves: neither overflows, and
 * only the second product rounds when the result is below the smallest normal number. */
CCRNN_INLINE vec vec_exp_limited(vec x)
{
    bits k;
    const vec y = 1.0f + vec_exp_reduced(x, &k);
    const bits half = k >> 1;
    return y * vec_power_of_two(half) * vec_power_of_two(k - half);
}

/* x, but at least / at most the limit. NaN stays NaN: it passes the comparison. */
CCRNN_INLINE vec vec_at_least(vec x, float limit)
{
    return vec_select(x < limit, vec_all(limit), x);
}

CCRNN_INLINE vec vec_at_most(vec x, float limit)
{
    return vec_select(x > limit, vec_all(limit), x);
}

/* Beyond the limits the result is +inf or 0 after rounding, as it is at the limits. */
CCRNN_INLINE vec vec_exp(vec x)
{
    return vec_exp_limited(vec_at_least(vec_at_most(x, 89.0f), -104.0f));
}

/* tanh |x| = m / (m + 2) with m = e^2|x| − 1 = 2ᵏ (eʳ − 1) + (2ᵏ − 1): no cancellation for small
 * |x|, where k = 0 and m is the polynomial. From |x| = 10 on the result rounds to 1. */
CCRNN_INLINE vec vec_tanh(vec x)
{
    const bits sign = (bits)x & CCRNN_SIGN_BIT;
    const vec a = vec_at_most((vec)((bits)x ^ sign), 10.0f);
    bits k;
    const vec q = vec_exp_reduced(a + a, &k);
    const vec scale = vec_power_of_two(k);
    const vec m = vec_fma(scale, q, scale - 1.0f);
    return (vec)((bits)(m / (m + 2.0f)) | sign);
}

/* With e = e^−|x| ≤ 1: e / (1 + e) for x < 0, else 1 / (1 + e). */
CCRNN_INLINE vec vec_sigmoid(vec x)
{
    const vec e = vec_exp_limited(vec_at_least((vec)((bits)x | CCRNN_SIGN_BIT), -104.0f));
    return vec_select(x < 0.0f, e, vec_all(1.0f)) / (1.0f + e);
}

#endif
#endif
