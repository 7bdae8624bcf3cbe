/* The distributions χ² and F. */
#include <float.h>
#include <math.h>

#include "ccrnn/statistics.h"

/* Steps after which series and fraction have long converged for any sensible argument. */
#define STEPS_MAX 1000000

/* x^a e^−x / Γ(a). */
static double front(double a, double x)
{
    int sign;
    return exp(a * log(x) - x - lgamma_r(a, &sign));
}

/* P(a, x) by its power series, DLMF 8.11.4; for x < a + 1. */
static double lower_by_series(double a, double x)
{
    double term = 1.0 / a, sum = term;
    for (int n = 1; n < STEPS_MAX && term > sum * DBL_EPSILON * 0.25; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * front(a, x);
}

/* Q(a, x) by its continued fraction, DLMF 8.9.2, by the modified method of Lentz; for x ≥ a + 1. */
static double upper_by_fraction(double a, double x)
{
    const double tiny = 1e-300;
    double b = x + 1.0 - a;
    double c = 1.0 / tiny, d = 1.0 / b, value = d;
    for (int n = 1; n < STEPS_MAX; n++) {
        const double numerator = -n * (n - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = b + numerator / c;
        c = fabs(c) < tiny ? tiny : c;
        value *= d * c;
        if (fabs(d * c - 1.0) < DBL_EPSILON)
            break;
    }
    return value * front(a, x);
}

double ccrnn_statistics_chi2_upper(double x, double df)
{
    if (isnan(x) || !(df > 0.0))
        return NAN;
    if (x <= 0.0)
        return 1.0;
    if (isinf(x))
        return 0.0;
    const double a = 0.5 * df, half = 0.5 * x;
    return half < a + 1.0 ? 1.0 - lower_by_series(a, half) : upper_by_fraction(a, half);
}

double ccrnn_statistics_f_upper(double f, double df1, double df2)
{
    if (isnan(f) || !(df1 > 0.0) || !(df2 > 0.0))
        return NAN;
    if (f <= 0.0)
        return 1.0;
    if (isinf(f))
        return 0.0;
    const double ratio = df1 * f / df2; /* of the two sums of squares */
    return ccrnn_statistics_incomplete_beta(0.5 * df2, 0.5 * df1, 1.0 / (1.0 + ratio),
                                            ratio / (1.0 + ratio));
}
