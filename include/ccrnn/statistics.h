/** @file
 * Descriptive statistics, Student's t, and the paired t-test.
 *
 * Everything is computed in double. Values that are not finite (a run that diverged, a measure
 * that is missing) never enter a result: they are left out and counted in `missing`.
 */
#ifndef CCRNN_STATISTICS_H
#define CCRNN_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/version.h"

/** The fewest pairs of which a paired test is reported. */
#define CCRNN_PAIRS_MIN 3

/** A sample in short. A field that is not defined is NaN: mean from one value, the rest from
 * two. */
struct ccrnn_summary {
    size_t n;        /**< finite values */
    size_t missing;  /**< values left out because they are not finite */
    double mean;     /**< arithmetic mean */
    double sd;       /**< sample standard deviation, divisor n − 1 */
    double sem;      /**< sd / √n */
    double ci_low;   /**< mean − t(0.975; n−1) · sem */
    double ci_high;  /**< mean + t(0.975; n−1) · sem: the 95 % confidence interval */
    double smallest; /**< of the finite values; NaN if there is none */
    double largest;
};

/** A two-sided paired t-test of the differences a − b. */
struct ccrnn_paired_test {
    size_t pairs;   /**< pairs with two finite values */
    size_t missing; /**< pairs left out */
    bool enough;    /**< pairs ≥ CCRNN_PAIRS_MIN; if false, t, p and dz are NaN */
    bool constant;  /**< enough pairs, but all differences are equal up to rounding: the test is
                         not defined (any t would be a matter of rounding); t, p, dz are NaN */
    struct ccrnn_summary difference; /**< of a − b, with its 95 % confidence interval */
    double t;                        /**< difference.mean / difference.sem */
    double df;                       /**< pairs − 1 (0 if there is no pair) */
    double p;                        /**< two-sided, not corrected for other tests */
    double dz;                       /**< Cohen's d_z = difference.mean / difference.sd */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Summarise n values. @param[in] value (n); may be NULL if n is 0 */
CCRNN_API void ccrnn_statistics_summarise(const double *value, size_t n,
                                          struct ccrnn_summary *summary);

/** Compare a[i] with b[i], i < n: Student's paired t-test (Student 1908) and Cohen's d_z (Lakens
 * 2013, eq. 6). @param[in] a,b (n); may be NULL if n is 0 */
CCRNN_API void ccrnn_statistics_paired_test(const double *a, const double *b, size_t n,
                                            struct ccrnn_paired_test *test);

/** P(T ≤ t) for Student's t with df > 0 degrees of freedom; the lower tail keeps its
 * relative precision however small. NaN if an argument is NaN or df ≤ 0. */
CCRNN_API double ccrnn_statistics_t_cdf(double t, double df);

/** P(|T| ≥ |t|), precise where it is small: the two-sided p of a t-test. NaN as above. */
CCRNN_API double ccrnn_statistics_t_two_sided(double t, double df);

/** The t with P(T ≤ t) = p; ±infinity for p = 1 and 0. NaN outside 0 … 1 or if df ≤ 0. */
CCRNN_API double ccrnn_statistics_t_quantile(double p, double df);

/** I_x(a, b), the regularised incomplete beta function, a, b > 0, 0 ≤ x ≤ 1; `complement` is
 * 1 − x, given apart because a caller often knows it more precisely. By its continued fraction
 * (DLMF 8.17.22) and the symmetry I_x(a, b) = 1 − I_{1−x}(b, a). NaN outside the range. */
CCRNN_API double ccrnn_statistics_incomplete_beta(double a, double b, double x,
                                                  double complement);

#ifdef __cplusplus
}
#endif
#endif
