/** @file
 * Measures of activity: one population alone, and how two are coupled.
 *
 * Activity is a matrix (samples,units), row-major: a sample is a trial at one moment. Sums in double,
 * in a fixed order. A *constant* unit has the same value in every sample (a granule cell that
 * never fires): it has no correlation with anything; it is counted and left out of means of
 * correlations.
 */
#ifndef CCRNN_ACTIVITY_H
#define CCRNN_ACTIVITY_H

#include <stddef.h>

#include "ccrnn/real.h"
#include "ccrnn/status.h"
#include "ccrnn/version.h"

/** Measures of one population of N units (paper.md, section 6; after Cayco-Gajic, Clopath & Silver
 * 2017). λ are the eigenvalues of the covariance (divisor samples − 1; units are the variables).
 * All are NaN if a value is not finite; all but `sparsity` with fewer than two samples. */
struct ccrnn_population {
    size_t samples, units;
    size_t constant; /**< units that never change */
    size_t silent;   /**< samples in which every unit is 0 */
    /** Mean of |Pearson r| over pairs of different units that are not constant, 0 … 1; NaN
     * without such a pair. */
    double pairwise_correlation;
    /** N/(N−1) · (λ_max/Σλ − 1/N): 0 if all directions vary alike, 1 if only one does. N counts
     * constant units too. NaN if N = 1 or nothing varies. */
    double population_correlation;
    /** (Σλ)² / Σλ²: the number of directions activity uses, 1 … N. NaN if nothing varies. */
    double participation_ratio;
    /** Σλ, the trace of the covariance: the room activity takes, in squared units of activity. */
    double coding_space;
    /** (N − mean of (Σ|x|)²/Σx²) / (N − 1): 0 if all units of a sample are equally active, 1 if
     * one alone is; the mean is over samples that are not silent. NaN if N = 1 or all are. */
    double sparsity;
};

/** Quantiles that a coupling is told with. */
enum { CCRNN_COUPLING_QUANTILES = 5 };

/** Many |r| in short. */
struct ccrnn_coupling {
    size_t pairs;                              /**< with a correlation */
    size_t undefined;                          /**< left out: one of the two units is constant */
    double mean;                               /**< NaN without pairs */
    double quantile[CCRNN_COUPLING_QUANTILES]; /**< 10, 25, 50, 75, 90 %; linear between values
                                                    (type 7 of Hyndman & Fan 1996) */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Measure one population.
 * @param[in] x (samples,units)
 * @return CCRNN_MEMORY: for (units,units) and (samples,units) doubles */
CCRNN_API enum ccrnn_status ccrnn_activity_population(const ccrnn_real *x, size_t samples,
                                                      size_t units,
                                                      struct ccrnn_population *population,
                                                      struct ccrnn_error *err);

/** Coupling: |Pearson r| of every unit of x with every unit of y over the samples (fig. 6 of Pemberton
 * et al. 2021: cortical state units and granule units, over trials and boundaries).
 * @param[in] x (samples,x_units)  @param[in] y (samples,y_units)
 * @param[out] coupling (x_units,y_units), 0 … 1; NaN where a unit is constant or not finite, and
 *             everywhere with fewer than two samples
 * @return CCRNN_MEMORY */
CCRNN_API enum ccrnn_status ccrnn_activity_coupling(const ccrnn_real *x, size_t x_units,
                                                    const ccrnn_real *y, size_t y_units,
                                                    size_t samples, double *coupling,
                                                    struct ccrnn_error *err);

/** Mean and quantiles of a coupling matrix, NaN left out and counted.
 * @param[in] coupling (pairs)  @return CCRNN_MEMORY */
CCRNN_API enum ccrnn_status ccrnn_activity_summarise_coupling(const double *coupling,
                                                              size_t pairs,
                                                              struct ccrnn_coupling *summary,
                                                              struct ccrnn_error *err);

/** Count |r| in bins of equal width over 0 … 1, NaN left out; 1 belongs to the last bin.
 * @param[in] coupling (pairs)  @param bins ≥ 1  @param[out] count (bins) */
CCRNN_API void ccrnn_activity_coupling_histogram(const double *coupling, size_t pairs,
                                                 size_t bins, size_t *count);

/** How far a coupling has moved: the mean over pairs of ||r| − |r₀||, of the pairs that have a
 * correlation in both; NaN if none has. @param[in] now, before (pairs) each */
CCRNN_API double ccrnn_activity_coupling_shift(const double *now, const double *before,
                                               size_t pairs);

#ifdef __cplusplus
}
#endif
#endif
