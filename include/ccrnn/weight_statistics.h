/** @file
 * A tensor of weights in short.
 */
#ifndef CCRNN_WEIGHT_STATISTICS_H
#define CCRNN_WEIGHT_STATISTICS_H

#include <stddef.h>

#include "ccrnn/real.h"
#include "ccrnn/version.h"

/** Of the weights that exist: where mossy fibres are sparse, only of the present ones. */
struct ccrnn_weight_statistics {
    size_t count;   /**< weights that exist */
    double mean;    /**< NaN if there are none, as all that follow */
    double sd;      /**< divisor count − 1; NaN of one weight */
    double rms;     /**< root of the mean square */
    double largest; /**< largest |w| */
    double norm;    /**< root of the sum of squares */
    double zeros;   /**< share of weights that are exactly 0, 0 … 1 */
};

#ifdef __cplusplus
extern "C" {
#endif

/** @param[in] weight (count)
 *  @param[in] mask (count): 1 where a weight exists, 0 elsewhere; NULL: all exist
 *  @param[out] statistics all fields set; NaN if a weight that exists is NaN */
CCRNN_API void ccrnn_weight_statistics_measure(const ccrnn_real *weight, const ccrnn_real *mask,
                                               size_t count,
                                               struct ccrnn_weight_statistics *statistics);

#ifdef __cplusplus
}
#endif
#endif
