/** @file
 * Descriptive statistics, tests of pairs and of several measurements, bootstrap intervals, and the
 * distributions they need.
 *
 * Everything is computed in double. Values that are not finite (a run that diverged, a measure
 * that is missing) never enter a result: they are left out and counted in `missing`.
 */
#ifndef CCRNN_STATISTICS_H
#define CCRNN_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"
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

/** The most pairs of which Wilcoxon's p is exact. */
#define CCRNN_WILCOXON_EXACT_MAX 50

/** Wilcoxon's signed rank test of the differences a − b, two-sided. */
struct ccrnn_wilcoxon {
    size_t pairs;   /**< pairs with two finite values and a difference that is not 0 */
    size_t zeros;   /**< pairs left out because they are equal (Wilcoxon's own rule) */
    size_t missing; /**< pairs left out because a value is not finite */
    bool enough;    /**< pairs ≥ CCRNN_PAIRS_MIN; if false, p is NaN */
    bool
        exact; /**< pairs ≤ CCRNN_WILCOXON_EXACT_MAX: p counts all 2^pairs signs of the ranks there
                         are, tied ones too; else the normal approximation, its variance corrected for
                         ties, without correction for continuity */
    double plus; /**< sum of the ranks of positive differences; ties have their mean rank */
    double p;
};

/** The most resamples of a bootstrap. */
#define CCRNN_BOOTSTRAP_MAX 1000000

/** 95 % bootstrap intervals of a mean (Efron 1987). NaN where they are not defined: fewer than two finite
 * values, or none that differ. */
struct ccrnn_bootstrap {
    double low, high;         /**< percentiles 2.5 and 97.5 of the resampled means */
    double bca_low, bca_high; /**< bias-corrected and accelerated */
};

/** A comparison of several measurements of the same subjects (seeds). */
struct ccrnn_comparison {
    size_t subjects; /**< rows without a value that is not finite */
    size_t missing;  /**< rows left out */
    size_t levels;   /**< k */
    bool enough; /**< subjects ≥ CCRNN_PAIRS_MIN and levels ≥ 2; if false, all below are NaN */
    double chi2,
        df;   /**< Friedman's statistic, corrected for ties, and k − 1; NaN if every row is all
                            ties */
    double p; /**< P(χ² ≥ chi2) */
    double f, df1, df2; /**< one-way analysis of variance, levels as independent groups; NaN if
                            nothing varies within the levels */
    double p_anova;     /**< P(F ≥ f) */
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

/** Compare a[i] with b[i], i < n (Wilcoxon 1945; as scipy.stats.wilcoxon with zero_method "wilcox" and
 * correction False, but exact where there are ties or zeros too). @param[in] a,b (n)
 * @return CCRNN_MEMORY; test is then undefined */
CCRNN_API enum ccrnn_status ccrnn_statistics_wilcoxon(const double *a, const double *b, size_t n,
                                                      struct ccrnn_wilcoxon *test,
                                                      struct ccrnn_error *err);

/** Bootstrap the mean of the finite ones of n values. The same seed gives the same interval.
 * @param resamples 1 … CCRNN_BOOTSTRAP_MAX; 9999 is usual
 * @return CCRNN_MEMORY; CCRNN_USAGE: resamples out of range */
CCRNN_API enum ccrnn_status ccrnn_statistics_bootstrap(const double *value, size_t n,
                                                       size_t resamples, uint64_t seed,
                                                       struct ccrnn_bootstrap *interval,
                                                       struct ccrnn_error *err);

/** The intervals of given resampled means (which are sorted in place) of n finite values.
 * @param[in,out] mean (resamples), ≥ 1  @param[in] value (n), n ≥ 2 */
CCRNN_API void ccrnn_statistics_bootstrap_interval(double *mean, size_t resamples,
                                                   const double *value, size_t n,
                                                   struct ccrnn_bootstrap *interval);

/** Holm's correction for n tests at once (Holm 1979). A p that is NaN (no test was made) does not count
 * and stays NaN. @param[in] p (n)  @param[out] adjusted (n), ≤ 1, may be p
 * @return CCRNN_MEMORY */
CCRNN_API enum ccrnn_status ccrnn_statistics_holm(const double *p, size_t n, double *adjusted,
                                                  struct ccrnn_error *err);

/** Compare k measurements of each subject: Friedman's test (1937) and a one-way analysis of variance.
 * @param[in] value (subjects, k) row-major  @return CCRNN_MEMORY; comparison is then undefined */
CCRNN_API enum ccrnn_status ccrnn_statistics_compare(const double *value, size_t subjects,
                                                     size_t k,
                                                     struct ccrnn_comparison *comparison,
                                                     struct ccrnn_error *err);

/** P(χ² ≥ x) with df > 0 degrees of freedom; NaN if an argument is NaN or df ≤ 0. */
CCRNN_API double ccrnn_statistics_chi2_upper(double x, double df);

/** P(F ≥ f) with df1, df2 > 0 degrees of freedom; NaN as above. */
CCRNN_API double ccrnn_statistics_f_upper(double f, double df1, double df2);

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
