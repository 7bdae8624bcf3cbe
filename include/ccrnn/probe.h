/** @file
 * Looking into a network while it learns, without touching it: its activity, what its cerebellum says and
 * is taught, and the gradient that the cerebellum should have said.
 *
 * Symbols as in ccrnn/network.h. A boundary i = 0 … n is the state before step min(i·K, T): where a segment
 * starts, or the sequence ends. Of words networks T and n are those of the batch at hand.
 */
#ifndef CCRNN_PROBE_H
#define CCRNN_PROBE_H

#include "ccrnn/network.h"

/** What is wanted of a batch: arrays of the caller, NULL where it is not wanted. */
struct ccrnn_probe {
    ccrnn_real
        *output; /**< (T,B,O): what the readout says at every step; logits with CROSS_ENTROPY */
    ccrnn_real *state; /**< (T+1,B,S): before step t at [t]; [T] is the last */
    /** (T,B,gate_width), after their nonlinearities. LSTM: [i f g o]; GRU: [r z n q], q being the
     * recurrent product that r multiplies; tanh: h itself. */
    ccrnn_real *gates;
    /** (n+1,B,granule_units) of each granule layer: activity at the boundaries, after the ReLU. */
    ccrnn_real *granule[CCRNN_GRANULE_LAYERS_MAX];
    ccrnn_real *predicted; /**< (n+1,B,S): ĝ_i, not scaled by α */
    ccrnn_real *target;    /**< (n,B,S): δ_i, what the cerebellum is to say (rule 5) */
    /** (T+1,B,S): d loss / d s before every step, of all that is still to come: backpropagation through
     * the whole rest of the sequence. The loss is weighted as in training with horizon K (rule 3), so
     * ĝ_i and δ_i are compared with truth[min(i·K, T)]; truth[T] is 0. */
    ccrnn_real *truth;
    double *loss; /**< (T,B): squared distance, or nats; NaN at a step without target */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Boundaries of a sequence of all T steps: n + 1. */
CCRNN_API size_t ccrnn_probe_boundaries(const struct ccrnn_network *network);

/** Values of a row of gates: 4H of LSTM and GRU, else H. */
CCRNN_API size_t ccrnn_probe_gate_width(const struct ccrnn_network *network);

/** Run a batch and fill what is wanted of it. Nothing is learned and nothing that learning uses changes:
 * no weight, gradient, moment, running statistic, counter or random stream. Words networks run without
 * dropout and with the running statistics. Allocates nothing. With UPDATE_SEGMENT, δ is that of the
 * weights as they are now, for all segments. An intervention in force acts here too: what a lesion silences
 * is 0 in `predicted`, while δ goes on being what it would be taught; noise is that of the batch's epoch and item.
 * @param batch with its targets, even if only states are wanted
 * @return CCRNN_USAGE: a batch that training would refuse; granule, predicted or target wanted of a network
 *         that has none */
CCRNN_API enum ccrnn_status ccrnn_network_probe(struct ccrnn_network *network,
                                                const struct ccrnn_batch *batch,
                                                const struct ccrnn_probe *probe,
                                                struct ccrnn_error *err);

#ifdef __cplusplus
}
#endif
#endif
