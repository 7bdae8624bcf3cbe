/** @file
 * The one table of a network's parameters: name, shape, offset, initialisation. It drives
 * carving, initialising, optimising, saving, loading, checking and printing.
 */
#ifndef CCRNN_NET_PARAMETERS_H
#define CCRNN_NET_PARAMETERS_H

#include "base/arena.h"
#include "ccrnn/network.h"

/** Two tensors per granule layer at most, cortex (4), readout (2), output map (2), embedding (1), map of
 * features (2) and its normalisation (4). */
#define CCRNN_PARAMETERS_MAX (4 + 2 + 2 * (CCRNN_GRANULE_LAYERS_MAX + 1) + 7)

/** Who a tensor belongs to; the block is ordered by this. */
enum ccrnn_owner {
    CCRNN_OWNER_CORTEX,
    CCRNN_OWNER_READOUT,
    CCRNN_OWNER_WORDS, /**< embedding and what learns of the features' map */
    CCRNN_OWNER_CEREBELLUM,
    CCRNN_OWNER_KEPT /**< never touched by the optimiser: a frozen map, running statistics */
};

/** How a tensor starts. */
struct ccrnn_init {
    uint32_t purpose; /* random stream: (seed, purpose, 0, item) */
    uint32_t item;
    double bound; /* uniform in ± bound; 0: `constant` */
    bool normal;  /* standard normal instead */
    double constant;
};

struct ccrnn_parameters {
    size_t count;
    struct ccrnn_parameter parameter[CCRNN_PARAMETERS_MAX];
    enum ccrnn_owner owner[CCRNN_PARAMETERS_MAX];
    struct ccrnn_init init[CCRNN_PARAMETERS_MAX];
    char names[CCRNN_PARAMETERS_MAX][2][80]; /* ours, PyTorch's */

    /* One block each: value, gradient, Adam's moments. Tensors start on cache lines; the padding
     * between them is zero and stays zero. Elements, padding included: */
    size_t size;
    size_t cerebellum_start, cerebellum_end; /* before: cortex, readout, words; after: kept */
    ccrnn_real *value, *grad, *first, *second;
    ccrnn_real *mossy_mask; /* (granule, S) of the first cerebellar map; NULL when dense */

    /* First tensor of each part. */
    size_t readout_index, cerebellum_index;
    /* Single tensors of a words network; SIZE_MAX where there is none. */
    size_t embedding_index, map_index, gain_index, shift_index, mean_index, variance_index;
};

/** Width of a row of the cortical state: 2H for LSTM ([h; c]), else H. */
size_t ccrnn_state_width(enum ccrnn_cell cell, size_t hidden);

/** Fill names, shapes and offsets from a valid configuration. Sizes that overflow give
 * CCRNN_MEMORY. */
enum ccrnn_status ccrnn_parameters_plan(struct ccrnn_parameters *parameters,
                                        const struct ccrnn_network_config *config,
                                        struct ccrnn_error *err);

/** Take the blocks from an arena (both passes) and set the tensors' pointers. */
void ccrnn_parameters_carve(struct ccrnn_parameters *parameters,
                            const struct ccrnn_network_config *config, struct ccrnn_arena *arena);

/** Draw masks and initial weights. Every tensor has a stream of its own, so networks of the same
 * seed share cortex and readout whatever their cerebellum (docs/maths.md, initial weights). */
void ccrnn_parameters_draw(struct ccrnn_parameters *parameters,
                           const struct ccrnn_network_config *config, uint64_t seed);

#endif
