/** @file
 * Metrics of a run at steps of a trial, `METRIC.<t>`, over all epochs.
 */
#ifndef CCRNN_REPORT_PAPER_PLACES_H
#define CCRNN_REPORT_PAPER_PLACES_H

#include "report/collect.h"

/** A mean over the used runs of an arm. */
struct ccrnn_paper_place {
    uint64_t epoch;
    int64_t t;
    double sum; /**< of the finite values */
    size_t n;
};

/** Read validation rows `metric`.<t> of all used runs of an arm, sorted by epoch, then t.
 * @param[out] place in the pool, NULL if there are none */
enum ccrnn_status ccrnn_paper_places_read(struct ccrnn_report_pool *pool,
                                          const struct ccrnn_report_arm *arm, const char *metric,
                                          struct ccrnn_paper_place **place, size_t *places,
                                          struct ccrnn_error *err);

#endif
