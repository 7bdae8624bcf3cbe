/** @file
 * The rows that a run records of its network's activity, feedback and weights (option probe_every).
 */
#ifndef CCRNN_STUDY_PROBE_ROWS_H
#define CCRNN_STUDY_PROBE_ROWS_H

#include "study/evaluate.h"

struct ccrnn_probe_rows;

/** Make ready, and measure the coupling of the network before it learned, from which coupling_shift counts:
 * it is made anew from the seed (or init_from), so that a run that goes on has the same.
 * @param[in] config, trials of the run; kept by pointer
 * @param[out] probes NULL on failure; destroy with ccrnn_probe_rows_destroy()
 * @return CCRNN_MEMORY; of init_from as ccrnn_weights_import() */
enum ccrnn_status ccrnn_probe_rows_create(const struct ccrnn_run_config *config,
                                          struct ccrnn_trials *trials, uint64_t seed,
                                          struct ccrnn_probe_rows **probes,
                                          struct ccrnn_error *err);
/** NULL is fine. */
void ccrnn_probe_rows_destroy(struct ccrnn_probe_rows *probes);

/** Look at the network now. Changes nothing in it.
 * @param[in] network its weights are read again by ccrnn_probe_rows_write() */
enum ccrnn_status ccrnn_probe_rows_measure(struct ccrnn_probe_rows *probes,
                                           struct ccrnn_network *network,
                                           struct ccrnn_error *err);

/** Hand out the rows of the last look: those of ccrnn_analysis_rows(), then weights_<tensor>_rms of every
 * matrix of weights. */
void ccrnn_probe_rows_write(const struct ccrnn_probe_rows *probes, ccrnn_evaluation_row *row,
                            void *context);

#endif
