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

/** Keep the best weights so far beside a kept checkpoint, for the branches that begin there.
 * @param[in] best, kept paths of best.safetensors and of the copy; a copy that is there stays, for it cannot
 * differ. Weights that are younger than `updates` (those of a checkpoint that was lost) are not copied */
enum ccrnn_status ccrnn_branch_keep_best(const char *best, const char *kept, uint64_t updates,
                                         struct ccrnn_error *err);

/** Load the other run's kept checkpoint into the network, and its metrics up to there into `metrics`.
 * @param[in] images fingerprint, as in struct ccrnn_checkpoint_owner
 * @param[in] metrics path of this run's metrics.csv, written atomically
 * @return CCRNN_BUSY: another process is working on the other run; CCRNN_NONFINITE: that ended in NaN before
 * the epoch; its own failure, if it failed before; CCRNN_IO: it has not kept that epoch; else as
 * ccrnn_checkpoint_load() */
enum ccrnn_status ccrnn_branch_begin(const struct ccrnn_run *run, const char *images,
                                     struct ccrnn_network *network, const char *metrics,
                                     struct ccrnn_branch_start *start, struct ccrnn_error *err);

#endif
