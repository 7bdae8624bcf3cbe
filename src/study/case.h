/** @file
 * The configuration of a recorded training case, from its metadata.
 */
#ifndef CCRNN_STUDY_CASE_H
#define CCRNN_STUDY_CASE_H

#include <stdbool.h>

#include "ccrnn/intervention.h"
#include "ccrnn/network.h"
#include "data/safetensors.h"

struct ccrnn_case {
    struct ccrnn_network_config config;
    size_t steps;  /* training steps recorded */
    bool captions; /* a network of words: one loss per segment, neither outputs nor norms */
    enum ccrnn_intervention_kind intervention; /* of all units; NONE: none */
    size_t intervention_step;                  /* the first with it, from 0 */
};

/** Every metadata key must be known, present once and in range; CCRNN_FORMAT names the one that
 * is not. `gemm` and `kernels` of the configuration are left to the caller. */
enum ccrnn_status ccrnn_case_read(const struct ccrnn_tensor_file *file,
                                  struct ccrnn_case *recorded, struct ccrnn_error *err);

#endif
