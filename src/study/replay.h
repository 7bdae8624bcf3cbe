/** @file
 * Replaying recorded training cases: what `ccrnn verify` does.
 *
 * A case is a .safetensors file with initial parameters, a few batches, and what a reference
 * implementation computed from them. Formats: `ccrnn-golden-1` (the published implementation) and
 * `ccrnn-oracle-1` (this project's own PyTorch program, tests/oracle/README.md), which knows more
 * options. Rules of agreement, element by element, a the replay and b the record:
 *   output, grad     |a − b| ≤ 1e-5 · max|b| of the tensor
 *   loss, grad_norm  |a − b| ≤ 1e-5 · |b|
 *   param            |a − b| ≤ 1e-5; an element beyond it is skipped, and counted, only where the
 *                    recorded clipped gradient had 0 < |g| < 1e-7 in a step so far (Adam divides
 *                    such a gradient by itself, RMSprop too; not with gradient descent or weight
 *                    decay): at most 3 % of all parameter elements of a file
 *   masked weights   exactly 0, their gradients too
 */
#ifndef CCRNN_STUDY_REPLAY_H
#define CCRNN_STUDY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/network.h"

/** One compared tensor. */
struct ccrnn_replay_row {
    char name[128];
    double error;     /**< largest |a − b|; NaN if either holds a NaN */
    double tolerance; /**< absolute */
    size_t elements, skipped;
    bool passed;
};

struct ccrnn_replay {
    struct ccrnn_replay_row *rows;
    size_t count, room;
    size_t parameter_elements, skipped; /**< over all `param` tensors */
    size_t images; /**< of recorded caption scores (study/replay_scores.h); 0: a training case */
    bool passed;
    char reason[512]; /**< why not, when no row says it; else "" */
};

/** Replay one file. A file that cannot be replayed (damaged, unknown format or key, missing or
 * extra tensor) is a case that failed, with its reason: the status is CCRNN_OK then too.
 * @param gemm, kernels the back ends to use
 * @param[out] replay release with ccrnn_replay_release()
 * @return CCRNN_MEMORY; CCRNN_UNSUPPORTED for a back end this machine lacks */
enum ccrnn_status ccrnn_replay_file(const char *path, enum ccrnn_gemm_choice gemm,
                                    enum ccrnn_kernel_choice kernels, struct ccrnn_replay *replay,
                                    struct ccrnn_error *err);

/** Free the rows; safe on a zeroed struct. */
void ccrnn_replay_release(struct ccrnn_replay *replay);

#endif
