/** @file
 * How a run begins that branches from another run (branch.h).
 */
#ifndef CCRNN_STUDY_BRANCH_START_H
#define CCRNN_STUDY_BRANCH_START_H

#include "study/checkpoint.h"
#include "study/run.h"

/** What a run has when it begins after its branch epoch. */
struct ccrnn_branch_start {
    struct ccrnn_checkpoint at;
    ccrnn_real *best; /**< (parameters): room of the caller; weights of the best epoch so far */
    uint64_t best_updates;
};

/** Load the other run's kept checkpoint into the network, and its metrics up to there into `metrics`.
 * @param[in] images fingerprint, as in struct ccrnn_checkpoint_owner
 * @param[in] metrics path of this run's metrics.csv, written atomically
 * @return CCRNN_IO: the other run has not kept that epoch; else as ccrnn_checkpoint_load() */
enum ccrnn_status ccrnn_branch_begin(const struct ccrnn_run *run, const char *images,
                                     struct ccrnn_network *network, const char *metrics,
                                     struct ccrnn_branch_start *start, struct ccrnn_error *err);

#endif
