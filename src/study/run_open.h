/** @file
 * Looking into a finished or stopped run: its options and its weights at a checkpoint.
 */
#ifndef CCRNN_STUDY_RUN_OPEN_H
#define CCRNN_STUDY_RUN_OPEN_H

#include "study/options.h"
#include "study/run_record.h"

struct ccrnn_opened_run {
    struct ccrnn_run_config config;
    struct ccrnn_run_record record;
    struct ccrnn_network *network;
    const char *checkpoint; /**< the one that was opened; static, or the caller's */
    uint64_t epoch;         /**< that made its weights; 0: before learning, or not known */
};

/** The options in config.yaml of a run directory.
 * @return CCRNN_IO: no run there; as ccrnn_run_config_from_yaml() */
enum ccrnn_status ccrnn_run_config_read(const char *directory, struct ccrnn_run_config *config,
                                        struct ccrnn_error *err);

/** Open a run directory. Needs no claim: files change only by rename.
 * @param[in] checkpoint "last", "previous", "best" or "epoch-<n>", without directory or ending; NULL: the
 *            weights that the run itself tested
 * @param[in] gemm, kernels back ends to use now, whatever the run used
 * @param[out] opened close with ccrnn_run_close()
 * @return CCRNN_IO: no run there, no such checkpoint (the message lists what is there); CCRNN_FORMAT:
 * a damaged file; CCRNN_OTHER_NUMERICS is not an error here: weights are weights */
enum ccrnn_status ccrnn_run_open(const char *directory, const char *checkpoint,
                                 enum ccrnn_gemm_choice gemm, enum ccrnn_kernel_choice kernels,
                                 struct ccrnn_opened_run *opened, struct ccrnn_error *err);

/** Release; safe on a zeroed struct. */
void ccrnn_run_close(struct ccrnn_opened_run *opened);

#endif
