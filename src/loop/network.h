/** @file
 * The inside of a network: its parameters and the buffers of one training step.
 */
#ifndef CCRNN_LOOP_NETWORK_H
#define CCRNN_LOOP_NETWORK_H

#include "base/arena.h"
#include "base/thread.h"
#include "ccrnn/network.h"
#include "loop/intervention.h"
#include "loop/segments.h"
#include "loop/split.h"
#include "loop/words.h"
#include "math/math.h"
#include "net/cell.h"
#include "net/parameters.h"
#include "net/perceptron.h"

/** Called from inside a training step by tests, oracles' replay and recordings. All may be NULL.
 */
struct ccrnn_observer {
    void *context;
    /** Predicted feedback ĝ (rows,S) of boundaries 0 … rows/B − 1, before it is used; may be
     * changed. */
    void (*feedback)(void *context, size_t rows, ccrnn_real *predicted);
    /** The gradients of an update (of segment `segment` with update: segment, else 0) stand in
     * the tensors; the weights are still those of before. */
    void (*gradients)(void *context, size_t segment, double grad_norm);
    /** The loss of a span of `steps` steps, before its update: the sum over steps of the batch's mean. */
    void (*loss)(void *context, size_t segment, size_t steps, double loss);
};

struct ccrnn_network {
    struct ccrnn_network_config config;
    struct ccrnn_math math;
    char kernel_set[32];
    const struct ccrnn_cell_operations *cell;
    struct ccrnn_cell_shape shape;
    struct ccrnn_parameters parameters;
    struct ccrnn_cell_weights cortex, d_cortex;
    struct ccrnn_linear readout;
    struct ccrnn_perceptron cerebellum;
    struct ccrnn_words words;
    struct ccrnn_interference interference;
    struct ccrnn_batch_split split;
    uint64_t seed;
    uint64_t updates;     /* Adam's t */
    double learning_rate; /* now; config has the first one */

    /* Steps per segment for the weighting of the loss (rule 3); equals config.horizon unless a
     * test or a measure wants the full gradient of a loss weighted by other segments. */
    size_t loss_horizon;
    struct ccrnn_observer observer;

    /* Buffers of a span; block layout in loop/segments.h. B is the rows of this rank, split.rows: the whole
     * batch, unless it is split. */
    struct ccrnn_segments segments; /* of the whole sequence; words: of the batch at hand */
    ccrnn_real *input;              /* (T·B, I), gate blocks */
    ccrnn_real *gates;              /* (T·B, gate_width), gate blocks */
    ccrnn_real *state;              /* ((T+1)·B, S), state blocks */
    ccrnn_real *tanh_c;             /* (T·B, H), gate blocks; NULL but for LSTM */
    ccrnn_real *output;             /* (T·B, O), state blocks 1 … T */
    ccrnn_real *d_output;           /* same; words: in the place of output */
    ccrnn_real *d_h;                /* (T·B, H), state blocks 1 … T */
    ccrnn_real *d_state;            /* (n·B, S): δ after the backward pass */
    ccrnn_real *predicted;          /* ((n+1)·B, S): ĝ */
    ccrnn_real *d_predicted;        /* (n·B, S) */
    struct ccrnn_arena arena;
};

/** A part of a sequence that is learned from in one update. */
struct ccrnn_span {
    struct ccrnn_segments segments;
    size_t start; /* its first step in the whole sequence */
    bool last;    /* ends where the sequence ends */
};

/** The whole sequence as one span. */
struct ccrnn_span ccrnn_network_whole(const struct ccrnn_network *network);

/** Has step t of the whole sequence a target? */
bool ccrnn_network_has_target(const struct ccrnn_network *network, size_t t);

/** Split batches: begin to add up the gradients of tensors first … first + count − 1. */
void ccrnn_network_sum(struct ccrnn_network *network, size_t first, size_t count);

/** First row of step t of a span among the states after a step. */
size_t ccrnn_span_row(const struct ccrnn_network *network, const struct ccrnn_span *span,
                      size_t t);

/** Check what a batch holds and take its length; before the first span.
 * @return CCRNN_USAGE: a missing part, a label out of range, too long */
enum ccrnn_status ccrnn_network_take_batch(struct ccrnn_network *network,
                                           const struct ccrnn_batch *batch,
                                           struct ccrnn_error *err);

/** Around every call that computes: settings of the calling thread. */
struct ccrnn_call {
    int threads;
    unsigned tiny;
    sigset_t signals;
};
struct ccrnn_call ccrnn_network_begin(const struct ccrnn_network *network);
void ccrnn_network_end(const struct ccrnn_network *network, struct ccrnn_call call);

/** Forward over a span (rules 1, 2): state blocks, outputs. The state before the span stands in
 * state block 0. @param learning words networks: with dropout */
void ccrnn_loop_forward(struct ccrnn_network *network, const struct ccrnn_span *span,
                        const struct ccrnn_batch *batch, bool learning);

/** Rule 3: what a squared error or log-likelihood of step t of the sequence weighs in the gradient. */
double ccrnn_loop_target_weight(const struct ccrnn_network *network, size_t t);

/** Rule 4: ĝ_i = C(s_i), i = 0 … n, as one batch, from the states of the forward pass. */
void ccrnn_loop_predict_feedback(struct ccrnn_network *network, const struct ccrnn_span *span);

/** Rule 5, start: what arrives at the end of every segment, into d_state. */
void ccrnn_loop_start_backward(struct ccrnn_network *network, const struct ccrnn_span *span);

/** Rule 5: all segments of the span go backward together from d_state and d_h; d_state ends as
 * δ_i, and the gates as their gradients. */
void ccrnn_loop_go_backward(struct ccrnn_network *network, const struct ccrnn_span *span);

/** One local step backwards for segments [first, first + count), whose states after the step are
 * the state blocks `after`, after + 1, …; all but the product with the recurrent weights. */
void ccrnn_loop_step_back(struct ccrnn_network *network, const struct ccrnn_segments *segments,
                          size_t local, size_t first, size_t count, size_t after);

/** Gradients of one span (rules 3 to 6) into the tensors' grad; loss parts are added to `report`.
 */
void ccrnn_loop_gradients(struct ccrnn_network *network, const struct ccrnn_span *span,
                          const struct ccrnn_batch *batch, struct ccrnn_step_report *report);

/** Clip and update (rule 7). On CCRNN_NONFINITE nothing has changed. */
enum ccrnn_status ccrnn_loop_update(struct ccrnn_network *network, size_t segment,
                                    double *grad_norm, struct ccrnn_error *err);

#endif
