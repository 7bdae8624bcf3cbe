/** @file
 * Feedback similarity: how well predicted feedback points where feedback itself points.
 *
 * The cosine of two vectors, per sample over the units of the state (paper.md, section 6; fig. 5 of
 * Pemberton et al. 2021). By step of the sequence: call it with the samples of one boundary. Sums
 * in double, in a fixed order; nothing is allocated or kept.
 */
#ifndef CCRNN_SIMILARITY_H
#define CCRNN_SIMILARITY_H

#include <stddef.h>

#include "ccrnn/real.h"
#include "ccrnn/version.h"

/** The cosine over many samples. */
struct ccrnn_similarity {
    /** Mean over the samples whose reference is not all zeros, −1 … 1; a prediction of zeros counts as
     * 0 there: a cerebellum that says nothing is like nothing. Where the reference is zero (no later
     * target, so no gradient) there is nothing to be like, and the sample is left out. NaN without
     * samples that count, or if a value is not finite. The row `similarity` of a training step counts
     * the latter as 0 too; both agree as long as there are none. */
    double mean;
    size_t samples;   /**< all */
    size_t undefined; /**< left out: the reference is all zeros */
    size_t silent;    /**< counted as 0: only the prediction is */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Cosine of each row of `predicted` with the same row of `reference`.
 * @param[in] predicted,reference (samples,units), any unit of measurement; may be the same array
 * @param[out] similarity all fields set */
CCRNN_API void ccrnn_similarity_measure(const ccrnn_real *predicted, const ccrnn_real *reference,
                                        size_t samples, size_t units,
                                        struct ccrnn_similarity *similarity);

/** For each unit, over the samples: the cosine of its two series, and their Pearson correlation
 * (the cosine after each series' mean was taken away). NaN where a series is all zeros, or
 * (Pearson) does not change, or has a value that is not finite.
 * @param[in] a,b (samples,units)
 * @param[out] cosine, pearson (units) each, −1 … 1; either may be NULL */
CCRNN_API void ccrnn_similarity_by_unit(const ccrnn_real *a, const ccrnn_real *b, size_t samples,
                                        size_t units, double *cosine, double *pearson);

#ifdef __cplusplus
}
#endif
#endif
