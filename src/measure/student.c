#include "ccrnn/statistics.h"

#include <float.h>
#include <math.h>

/* ln Γ(a + ½) − ln Γ(a). For large a the two logarithms would cancel; the series is Stirling's
 * (DLMF 5.11.13 with a half step), its first dropped term is below 1e-17 from a = 60 on. */
static double log_gamma_half_step(double a)
{
    if (a < 60.0) {
        int sign;
        return lgamma_r(a + 0.5, &sign) - lgamma_r(a, &sign);
    }
    const double r = 1.0 / a, r2 = r * r;
    const double tail =
        r * (-1.0 / 8.0 + r2 * (1.0 / 192.0 + r2 * (-1.0 / 640.0 + r2 * (17.0 / 14336.0))));
    return 0.5 * log(a) + tail;
}

/* ln B(a, b). */
static double log_beta(double a, double b)
{
    const double log_gamma_half = 0.57236494292470008707; /* ln Γ(½) = ln √π */
    if (b == 0.5)
        return log_gamma_half - log_gamma_half_step(a);
    if (a == 0.5)
        return log_gamma_half - log_gamma_half_step(b);
    int sign;
    return lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);
}

/* The continued fraction of I_x(a, b), DLMF 8.17.22, by the modified method of Lentz. Converges
 * in O(√max(a, b)) steps for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m <= 100000; m++) {
        const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 + even * d;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = 1.0 + even / c;
        c = fabs(c) < tiny ? tiny : c;
        value *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 + odd * d;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = 1.0 + odd / c;
        c = fabs(c) < tiny ? tiny : c;
        const double change = d * c;
        value *= change;
        if (fabs(change - 1.0) < DBL_EPSILON)
            break;
    }
    return value;
}

/* ln x where y = 1 − x is the better known of the two if x is near 1. */
static double log_of(double x, double y)
{
    return y < 0.5 ? log1p(-y) : log(x);
}

double ccrnn_statistics_incomplete_beta(double a, double b, double x, double complement)
{
    if (!(a > 0.0) || !(b > 0.0) || !(x >= 0.0) || !(x <= 1.0) || !(complement >= 0.0) ||
        !(complement <= 1.0))
        return NAN;
    if (x == 0.0)
        return 0.0;
    if (complement == 0.0)
        return 1.0;
    const double front =
        exp(a * log_of(x, complement) + b * log_of(complement, x) - log_beta(a, b));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * beta_fraction(a, b, x) / a;
    return 1.0 - front * beta_fraction(b, a, complement) / b;
}

/* t² / (df + t²) and its complement df / (df + t²), without overflow. */
static void shares(double t, double df, double *of_t, double *of_df)
{
    const double size = fabs(t);
    if (size > sqrt(df)) {
        const double ratio = df / size / size;
        *of_t = 1.0 / (1.0 + ratio);
        *of_df = ratio / (1.0 + ratio);
    } else {
        const double ratio = size / df * size;
        *of_t = ratio / (1.0 + ratio);
        *of_df = 1.0 / (1.0 + ratio);
    }
}

double ccrnn_statistics_t_two_sided(double t, double df)
{
    if (isnan(t) || !(df > 0.0))
        return NAN;
    if (isinf(df))
        return erfc(fabs(t) / sqrt(2.0));
    double of_t, of_df;
    shares(t, df, &of_t, &of_df);
    return ccrnn_statistics_incomplete_beta(0.5 * df, 0.5, of_df, of_t);
}

/* P(|T| ≤ |t|), precise where it is small. */
static double t_central(double t, double df)
{
    if (isinf(df))
        return erf(fabs(t) / sqrt(2.0));
    double of_t, of_df;
    shares(t, df, &of_t, &of_df);
    return ccrnn_statistics_incomplete_beta(0.5, 0.5 * df, of_t, of_df);
}

double ccrnn_statistics_t_cdf(double t, double df)
{
    const double tails = ccrnn_statistics_t_two_sided(t, df);
    return t > 0.0 ? 1.0 - 0.5 * tails : 0.5 * tails;
}

/* Is P(|T| ≤ |t|) short of `central`? Decided on whichever of the two probabilities is small. */
static bool too_small(double t, double df, double central, double tails)
{
    return central < 0.5 ? t_central(t, df) < central
                         : ccrnn_statistics_t_two_sided(t, df) > tails;
}

double ccrnn_statistics_t_quantile(double p, double df)
{
    if (!(p >= 0.0) || !(p <= 1.0) || !(df > 0.0))
        return NAN;
    if (p == 0.5)
        return 0.0;
    const double sign = p < 0.5 ? -1.0 : 1.0;
    if (p == 0.0 || p == 1.0)
        return sign * INFINITY;
    const double central = sign * (2.0 * p - 1.0);
    const double tails = p < 0.5 ? 2.0 * p : 2.0 * (1.0 - p);
    double low = 1.0, high = 1.0;
    while (high < DBL_MAX / 4.0 && too_small(high, df, central, tails))
        high *= 2.0;
    while (low > DBL_MIN * 4.0 && !too_small(low, df, central, tails))
        low *= 0.5;
    for (int halving = 0; halving < 2100; halving++) {
        const double middle = low + 0.5 * (high - low);
        if (middle <= low || middle >= high)
            break;
        if (too_small(middle, df, central, tails))
            low = middle;
        else
            high = middle;
    }
    return sign * (low + 0.5 * (high - low));
}
