/** @file
 * The word side of a network: what the cell is given (an image's feature, then words), what it says (a
 * softmax over the vocabulary), and the gradients of embedding and feature map.
 *
 * Rows of a span are in block order (loop/segments.h). Nothing here knows of the cerebellum.
 */
#ifndef CCRNN_LOOP_WORDS_H
#define CCRNN_LOOP_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "ccrnn/network.h"
#include "ccrnn/random.h"
#include "net/linear.h"
#include "net/normalisation.h"

struct ccrnn_network;
struct ccrnn_span;

/** Tensors and buffers of a words network; zeroed in others. */
struct ccrnn_words {
    ccrnn_real *embedding, *grad_embedding; /* (O,I) */
    struct ccrnn_linear map;                /* features → I; weight NULL: as they are */
    bool map_learns, has_norm;
    struct ccrnn_normalisation norm;
    bool norm_waits; /* the batch's statistics are not yet in the running ones */
    /* of the whole batch, when it is split over ranks too */
    ccrnn_real *mapped;   /* (B,I) before the statistics; NULL without ranks */
    ccrnn_real *d_mapped; /* (B,I) */
    ccrnn_real *d_inputs; /* (T·B,I): of each rank in turn, its rows in gate blocks */
    ccrnn_real *keep; /* (T·B,I), gate blocks: 0 or 1/(1 − dropout); NULL without dropout */
    double *nats;     /* (B): of one step */
    int32_t *touched; /* rows of grad_embedding that are not 0 */
    size_t touched_count;
    bool map_is_clear; /* its gradient is 0 already */
    uint64_t seed;
    struct ccrnn_random dropout; /* the stream of the batch at hand, at its beginning */
};

/** Point the tensors, take the buffers (both passes of an arena). */
void ccrnn_words_connect(struct ccrnn_network *network);
void ccrnn_words_carve(struct ccrnn_network *network, struct ccrnn_arena *arena);

/** Before the first span of a batch that is learned from. */
void ccrnn_words_begin(struct ccrnn_network *network, const struct ccrnn_batch *batch);

/** Fill network->input for a span. @param learning with dropout, and statistics of the batch */
void ccrnn_words_input(struct ccrnn_network *network, const struct ccrnn_span *span,
                       const struct ccrnn_batch *batch, bool learning);

/** The first input of `rows` images: (rows,I) mapped and normalised.
 * @param learning with the batch's statistics, if the map learns */
void ccrnn_words_map(struct ccrnn_network *network, const ccrnn_real *feature, size_t rows,
                     bool learning, ccrnn_real *to);

/** output (rows,O) = state · Wᵀ, without the readout's bias: the softmax adds that. */
void ccrnn_words_readout(struct ccrnn_network *network, size_t rows, const ccrnn_real *state,
                         ccrnn_real *output);

/** Loss of a span and d loss / d output, in place of the output. */
void ccrnn_words_loss(struct ccrnn_network *network, const struct ccrnn_span *span,
                      const struct ccrnn_batch *batch, struct ccrnn_step_report *report);

/** With an update: the running statistics move on. */
void ccrnn_words_update(struct ccrnn_network *network);

/** After the backward pass: gradients of what the cell was given; ranks begin to exchange them. */
void ccrnn_words_backward(struct ccrnn_network *network, const struct ccrnn_span *span);

/** After ccrnn_words_backward(): gradients of embedding and feature map. */
void ccrnn_words_gradients(struct ccrnn_network *network, const struct ccrnn_span *span,
                           const struct ccrnn_batch *batch);

#endif
