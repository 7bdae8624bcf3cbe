/** @file
 * A cortex, its cerebellum, and one step of learning.
 *
 * Symbols: B batch, T steps, I inputs, H hidden units, O outputs, S width of the cortical state
 * (2H for LSTM: [h; c], else H), K feedback horizon, n = ceil(T/K) segments.
 * Arrays are row-major and time-major: (T,B,I) has element [t][b][i] at (t·B + b)·I + i.
 *
 * Signals sent to a thread while a function computes in it wait until the function returns, except those that tell
 * of a fault of its own (SIGSEGV, SIGABRT, …); threads the library starts take none. A program that wants to be
 * stopped by a signal looks between two steps whether its handler has been there.
 */
#ifndef CCRNN_NETWORK_H
#define CCRNN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/real.h"
#include "ccrnn/status.h"

enum ccrnn_cell { CCRNN_CELL_LSTM, CCRNN_CELL_GRU, CCRNN_CELL_TANH };
enum ccrnn_loss { CCRNN_LOSS_MSE, CCRNN_LOSS_CROSS_ENTROPY };
/** Which steps have a target: 0, P, 2P, … or only the last. */
enum ccrnn_predict { CCRNN_PREDICT_ALL, CCRNN_PREDICT_LAST };
/** No cerebellum; one that learns; one whose random output never learns. */
enum ccrnn_cerebellum {
    CCRNN_CEREBELLUM_NONE,
    CCRNN_CEREBELLUM_LEARNING,
    CCRNN_CEREBELLUM_FIXED
};
/** Does the predicted feedback reach the cortex (and the bootstrap inside the target)? */
enum ccrnn_feedback { CCRNN_FEEDBACK_PREDICTED, CCRNN_FEEDBACK_OFF };
/** What drives the backward pass after the last segment. */
enum ccrnn_terminal { CCRNN_TERMINAL_PREDICTED, CCRNN_TERMINAL_ZERO };
/** JOINT: one norm over cortex, readout and cerebellum. SEPARATE: the cerebellum has its own. */
enum ccrnn_clip { CCRNN_CLIP_JOINT, CCRNN_CLIP_SEPARATE, CCRNN_CLIP_NONE };
/** SUM over the batch (as published) or divided by B. */
enum ccrnn_cerebellar_loss { CCRNN_CEREBELLAR_LOSS_SUM, CCRNN_CEREBELLAR_LOSS_MEAN };
/** One optimiser step per batch, or one per segment. */
enum ccrnn_update { CCRNN_UPDATE_BATCH, CCRNN_UPDATE_SEGMENT };

/** Bias-corrected Adam; RMSprop; gradient descent. The last two may have classical momentum. */
enum ccrnn_optimiser { CCRNN_OPTIMISER_ADAM, CCRNN_OPTIMISER_RMSPROP, CCRNN_OPTIMISER_SGD };

/** Features are as wide as the cell's input already; a linear map that learns; one that does not. */
enum ccrnn_feature_map {
    CCRNN_FEATURES_AS_THEY_ARE,
    CCRNN_FEATURES_LEARNED,
    CCRNN_FEATURES_FROZEN
};
/** Batch normalisation of the mapped features (Ioffe & Szegedy 2015): none, or over the batch in
 * training and with running statistics elsewhere; of a frozen map always with running statistics. */
enum ccrnn_feature_norm { CCRNN_FEATURE_NORM_NONE, CCRNN_FEATURE_NORM_BATCH };

enum ccrnn_gemm_choice { CCRNN_GEMM_AUTO, CCRNN_GEMM_ONEDNN, CCRNN_GEMM_PLAIN };
enum ccrnn_kernel_choice {
    CCRNN_KERNELS_AUTO,
    CCRNN_KERNELS_AVX512,
    CCRNN_KERNELS_AVX2,
    CCRNN_KERNELS_PLAIN
};

#define CCRNN_GRANULE_LAYERS_MAX 4

/** Everything that shapes a network and its learning. Sizes are ≥ 1 unless said otherwise. */
struct ccrnn_network_config {
    /* cortex and readout */
    enum ccrnn_cell cell;
    size_t inputs, hidden, outputs;
    size_t batch, steps; /**< B and T: fixed for a network */

    /* words: a network that is shown an image's features, then one word a step, and says the next. The
     * cell's inputs are then the width of the embedding, outputs is the number of words, loss is
     * CROSS_ENTROPY, predict ALL and interval 1. */
    size_t features; /**< numbers an image; 0: a network that reads numbers, not words */
    enum ccrnn_feature_map feature_map;
    enum ccrnn_feature_norm feature_norm;
    double
        dropout; /**< of words networks: share of the cell's inputs set to 0 in training, [0, 1),
                        in steps of 2^-16 */

    /* cerebellum */
    enum ccrnn_cerebellum cerebellum;
    size_t granule_layers;     /**< 0 … CCRNN_GRANULE_LAYERS_MAX; 0 is one linear map */
    size_t granule_units;      /**< width of every granule layer */
    size_t mossy_fibres;       /**< inputs per granule unit, 0 = all; at most S */
    double fixed_output_scale; /**< FIXED: output layer uniform in ± this / √(its inputs) */
    enum ccrnn_feedback feedback;

    /* learning */
    enum ccrnn_loss loss;
    enum ccrnn_predict predict;
    size_t horizon;        /**< K ≥ 1; K ≥ T is full backpropagation through time */
    size_t interval;       /**< P ≥ 1 */
    double feedback_scale; /**< α ≥ 0 */
    enum ccrnn_terminal terminal_feedback;
    enum ccrnn_cerebellar_loss cerebellar_loss;
    enum ccrnn_update update;
    enum ccrnn_clip clip;
    double clip_norm; /**< > 0 */
    enum ccrnn_optimiser optimiser;
    double learning_rate; /**< of the first step; ccrnn_network_set_learning_rate() changes it */
    double beta1, beta2;  /**< ADAM: decays of the moments, in [0, 1) */
    double epsilon;       /**< ADAM, RMSPROP: outside the root, > 0 */
    double rms_decay;     /**< RMSPROP: of the mean square, in [0, 1); PyTorch's alpha */
    double momentum;      /**< RMSPROP, SGD: in [0, 1) */
    double
        weight_decay; /**< ≥ 0; this times the weight joins the clipped gradient of every tensor that
                             learns, biases too: PyTorch's weight_decay */

    /* machine */
    enum ccrnn_gemm_choice gemm;
    enum ccrnn_kernel_choice kernels;
    int threads; /**< of words networks: threads of a step, 1 … 1024; results do not depend on it */
};

/** One batch. Nothing is owned or kept by the network. */
struct ccrnn_batch {
    const ccrnn_real *input;  /**< (T,B,I) */
    const ccrnn_real *target; /**< MSE: (T,B,O), or (B,O) with PREDICT_LAST; else NULL */
    const int32_t *label;     /**< CROSS_ENTROPY: (T,B), or (B) with PREDICT_LAST; 0 … O−1 */

    /* Words networks only: `input` is NULL. `label` holds the captions: at step 0 the network sees
     * the feature and shall say word 0, at step t it is given word t−1 and shall say word t. */
    const ccrnn_real *feature; /**< (B,features) */
    size_t steps;              /**< words of each caption of the batch, 1 … T; 0 means T */

    /** Name the batch's dropout, and noise on its feedback: streams (seed, purpose, epoch, item). */
    uint32_t epoch, item;
};

/** What one training step found. Values of the state before its (last) update. */
struct ccrnn_step_report {
    double loss;      /**< MSE: squared distance summed over fed-back steps / T (paper.md 5.7);
                           CROSS_ENTROPY: mean nats over targets */
    double grad_norm; /**< joint norm before clipping; SEGMENT: of the last segment */
    double cerebellar_loss; /**< mean over boundaries and batch of ‖ĝ − δ‖²; 0 without a
                                 cerebellum, NaN if a lesion took all of it */
    double similarity; /**< mean cosine of ĝ_i and δ_i, i = 0 … n−1; 0 and NaN likewise */
    double first_loss; /**< words networks: mean nats of word 0; `loss` is over all words */
};

/** A named parameter tensor of a network. */
struct ccrnn_parameter {
    const char *name;   /**< ours, e.g. "cortex.weight_ih" */
    const char *torch;  /**< PyTorch's, as in the published code (depends on the cerebellum) */
    size_t rows, cols;  /**< cols = 1 and dims = 1 for a vector */
    int dims;           /**< 1 or 2 */
    size_t offset;      /**< of the first element in the parameter block */
    ccrnn_real *value;  /**< (rows,cols), owned by the network */
    ccrnn_real *grad;   /**< gradient of the last step before clipping */
    ccrnn_real *first;  /**< Adam's first moment; momentum of the other optimisers */
    ccrnn_real *second; /**< Adam's second moment; RMSprop's mean square; else 0 */
    const ccrnn_real *mask; /**< 1 where a mossy fibre exists, 0 elsewhere; NULL: dense */
};

struct ccrnn_network;

#ifdef __cplusplus
extern "C" {
#endif

/** The published line-drawing network: LSTM 1-50-2, T 10, B 50, K 1, P 2, one granule layer of
 * 400, α 0.1, joint clip at 1, Adam 1e-3 (0.9, 0.98, 1e-9). */
CCRNN_API void ccrnn_network_config_default(struct ccrnn_network_config *config);

/** Arithmetic of one training step: 2 per multiply-add of the matrix products. Cortex and readout on
 * T·B rows (forward, gradient to the states, gradient of the weights; words networks:
 * gradient to the inputs and the map of features too), cerebellum
 * on (n+1)·B rows forward (UPDATE_SEGMENT: 2n·B) and n·B backward (none below its first map). */
CCRNN_API double ccrnn_network_flops(const struct ccrnn_network_config *config);

/** The same for one ccrnn_network_forward(): cortex and readout on T·B rows. */
CCRNN_API double ccrnn_network_forward_flops(const struct ccrnn_network_config *config);

/** Check `config` and create a network with weights drawn from `seed`.
 * @param[out] network owned by the caller, destroy with ccrnn_network_destroy(); NULL on failure
 * @return CCRNN_USAGE, CCRNN_MEMORY, CCRNN_UNSUPPORTED */
CCRNN_API enum ccrnn_status ccrnn_network_create(const struct ccrnn_network_config *config,
                                                 uint64_t seed, struct ccrnn_network **network,
                                                 struct ccrnn_error *err);

/** Free a network; NULL is fine. */
CCRNN_API void ccrnn_network_destroy(struct ccrnn_network *network);

/** The configuration the network was made with (owned by the network). */
CCRNN_API const struct ccrnn_network_config *
ccrnn_network_config_of(const struct ccrnn_network *network);

/** "avx512+onednn", …: the kernels in use (owned by the network). */
CCRNN_API const char *ccrnn_network_kernel_set(const struct ccrnn_network *network);

/** Number of parameter tensors. */
CCRNN_API size_t ccrnn_network_parameter_count(const struct ccrnn_network *network);

/** Parameter tensor `index` < count; pointers stay valid for the network's life. */
CCRNN_API const struct ccrnn_parameter *
ccrnn_network_parameter(const struct ccrnn_network *network, size_t index);

/** Optimiser steps taken so far (Adam's t). */
CCRNN_API uint64_t ccrnn_network_updates(const struct ccrnn_network *network);
/** Set Adam's t, when a checkpoint is loaded. */
CCRNN_API void ccrnn_network_set_updates(struct ccrnn_network *network, uint64_t updates);

/** Learning rate of the next step. */
CCRNN_API double ccrnn_network_learning_rate(const struct ccrnn_network *network);
/** Change it. @return CCRNN_USAGE, and no change, for a rate a configuration may not have */
CCRNN_API enum ccrnn_status ccrnn_network_set_learning_rate(struct ccrnn_network *network,
                                                            double learning_rate,
                                                            struct ccrnn_error *err);

/** One training step on one batch: forward, predict feedback, backward, clip, optimiser's step
 * (design: `docs/maths.md`). Allocates nothing. The step's gradients stay in
 * ccrnn_parameter.grad.
 * @return CCRNN_NONFINITE with the tensor's name if loss or gradient is not finite; the weights
 * are then those of before the step (SEGMENT: before the failing segment) */
CCRNN_API enum ccrnn_status ccrnn_network_train(struct ccrnn_network *network,
                                                const struct ccrnn_batch *batch,
                                                struct ccrnn_step_report *report,
                                                struct ccrnn_error *err);

/** Run the cortex and readout over an input, no learning, no cerebellum.
 * @param[in] input (T,B,I)  @param[out] output (T,B,O), or (B,O) with PREDICT_LAST (logits for
 *            CROSS_ENTROPY)  @param[out] state (T+1,B,S): s before step t at [t], or NULL */
CCRNN_API enum ccrnn_status ccrnn_network_forward(struct ccrnn_network *network,
                                                  const ccrnn_real *input, ccrnn_real *output,
                                                  ccrnn_real *state, struct ccrnn_error *err);

/** What the readout says at every step of the input last given to ccrnn_network_forward(), also
 * with PREDICT_LAST. Not for words networks. @param[out] output (T,B,O) */
CCRNN_API void ccrnn_network_readout(const struct ccrnn_network *network, ccrnn_real *output);

/** Words networks: how likely each word of given captions is, without dropout, learning or cerebellum.
 * @param[out] nats (steps,B): −log probability of each word
 * @param[out] best (steps,B): the likeliest word at each place; or NULL */
CCRNN_API enum ccrnn_status ccrnn_network_score(struct ccrnn_network *network,
                                                const struct ccrnn_batch *batch, double *nats,
                                                int32_t *best, struct ccrnn_error *err);

/** Words networks: see images, before anything is said.
 * @param rows images, 1 … B  @param[in] feature (rows,features)
 * @param[out] state (rows,S)  @param[out] probability (rows,O): of word 0 */
CCRNN_API enum ccrnn_status ccrnn_network_see(struct ccrnn_network *network, size_t rows,
                                              const ccrnn_real *feature, ccrnn_real *state,
                                              ccrnn_real *probability, struct ccrnn_error *err);

/** Words networks: go on with a word each.
 * @param rows 1 … B  @param[in] word (rows), 0 … O−1
 * @param[in,out] state (rows,S)  @param[out] probability (rows,O): of the word after */
CCRNN_API enum ccrnn_status ccrnn_network_say(struct ccrnn_network *network, size_t rows,
                                              const int32_t *word, ccrnn_real *state,
                                              ccrnn_real *probability, struct ccrnn_error *err);

#ifdef __cplusplus
}
#endif
#endif
