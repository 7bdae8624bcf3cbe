/** @file
 * The inside of interventions (ccrnn/intervention.h): masks and buffers, and where the training step asks.
 */
#ifndef CCRNN_LOOP_INTERVENTION_H
#define CCRNN_LOOP_INTERVENTION_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/intervention.h"
#include "ccrnn/random.h"

struct ccrnn_span;

/** All pointers are NULL, and all flags false, where nothing is cut. Masks hold 1 (works) and 0 (cut). */
struct ccrnn_interference {
    struct ccrnn_intervention now;
    bool silent;   /**< the whole cerebellum is cut: no feedback, no learning */
    bool untaught; /**< the whole cerebellum does not learn: silent, or the whole olive is cut */

    ccrnn_real *sends;   /**< (S): output units the cortex hears */
    ccrnn_real *taught;  /**< (S): output units with a teaching signal */
    ccrnn_real *granule; /**< (layers, G) */
    ccrnn_real *fibres;  /**< (map 0): connections that carry; those never drawn are 0 too */
    ccrnn_real *carried; /**< (map 0): its weights times fibres */
    ccrnn_real *free;    /**< (parameters): 1 for weights that learn */
    ccrnn_real *kept;    /**< (3, parameters): values and moments before an update */
    size_t delay;        /**< segments */
    ccrnn_real
        *past; /**< (delay + 1, B, S): predictions of earlier boundaries (update: segment) */
    struct ccrnn_random noise; /**< the stream of the batch at hand */
};

/** Before the first span of a batch. @param batch names the noise (epoch, item) */
void ccrnn_intervention_begin(struct ccrnn_network *network, const struct ccrnn_batch *batch);

/** Free what an intervention holds. */
void ccrnn_intervention_release(struct ccrnn_network *network);

/** Before the cerebellum's forward pass: the weights that carry. */
void ccrnn_intervention_carry(struct ccrnn_network *network);

/** After it: cut output units say 0. @param[in,out] predicted (rows,S) */
void ccrnn_intervention_cut(struct ccrnn_network *network, size_t rows, ccrnn_real *predicted);

/** d_state (n·B,S) = what the cortex hears at the ends of the span's segments, scaled. */
void ccrnn_intervention_deliver(struct ccrnn_network *network, const struct ccrnn_span *span);

/** d_predicted of units without a teaching signal is 0. */
void ccrnn_intervention_teach(struct ccrnn_network *network, size_t rows);

/** Around an update, before norms are taken and after the optimiser's step: frozen weights have no
 * gradient, and are what they were. */
void ccrnn_intervention_freeze(struct ccrnn_network *network);
void ccrnn_intervention_restore(struct ccrnn_network *network);

#endif
