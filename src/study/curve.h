/** @file
 * One measure of a run over its epochs, from metrics.csv.
 */
#ifndef CCRNN_STUDY_CURVE_H
#define CCRNN_STUDY_CURVE_H

#include <stddef.h>

#include "ccrnn/status.h"

struct ccrnn_curve {
    double *epoch, *value; /**< (count) each, in the order of the file */
    size_t count;
};

/** Read the rows of `metric` in `split`; none is not an error.
 * @param directory of the run
 * @param[out] curve release with ccrnn_curve_release(), also after a failure
 * @return as ccrnn_csv_open(); CCRNN_FORMAT: a value that is no number; CCRNN_MEMORY */
enum ccrnn_status ccrnn_curve_read(const char *directory, const char *split, const char *metric,
                                   struct ccrnn_curve *curve, struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_curve_release(struct ccrnn_curve *curve);

#endif
