/** @file
 * Elementwise kernels. One source (kernels.c) is compiled once per instruction set; each
 * compilation yields one table of this type. All matrices are row-major with explicit leading
 * dimension (ld_*, in elements); R rows. Pointers of one call do not overlap unless said.
 * H is the number of hidden units, S = 2H (LSTM) or H the width of a state row.
 *
 * A state row of an LSTM is [h (H); c (H)]; of a GRU or tanh cell just h.
 */
#ifndef CCRNN_MATH_KERNELS_H
#define CCRNN_MATH_KERNELS_H

#include <stddef.h>

#include "ccrnn/real.h"

struct ccrnn_adam_step {
    double factor;       /* every gradient is multiplied by this first (clipping) */
    double weight_decay; /* then this times the weight is added to it */
    double beta1, beta2;
    double step_size;       /* lr / (1 − beta1^t) */
    double inverse_root_c2; /* 1 / sqrt(1 − beta2^t) */
    double epsilon;         /* outside the root */
};

/* Of RMSprop and of gradient descent, which has neither decay nor epsilon. */
struct ccrnn_momentum_step {
    double factor, weight_decay; /* as above */
    double momentum;
    double learning_rate;
    double decay;   /* of the mean square */
    double epsilon; /* outside the root */
};

struct ccrnn_kernels {
    const char *name; /* "avx512", "avx2", "plain" */

    /* y[i] = f(x[i]); y == x allowed. Within 4 ulp of the exact value. NaN gives NaN. */
    void (*exp)(size_t n, const ccrnn_real *x, ccrnn_real *y);
    void (*tanh)(size_t n, const ccrnn_real *x, ccrnn_real *y);
    void (*sigmoid)(size_t n, const ccrnn_real *x, ccrnn_real *y);

    /* LSTM, one time step, R rows (PyTorch gate order i, f, g, o; gate rows are 4H wide):
     *   i,f,o = σ(gates), g = tanh(gates);  c = f·c_prev + i·g;  h = o·tanh(c)
     * gates (R,4H) in: pre-activations, out: i,f,g,o.  state_prev (R,2H; ld_state): only its c
     * half is read. state_next (R,2H; ld_state) out.  tanh_c (R,H) out, dense. */
    void (*lstm_forward)(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                         const ccrnn_real *state_prev, ccrnn_real *state_next, size_t ld_state,
                         ccrnn_real *tanh_c);
    /* The reverse. gates in: i,f,g,o, out: d loss / d pre-activation. d_state (R,2H; ld_d_state)
     * in: [dh; dc] of this step's own output, out: its c half becomes d loss / d c_prev; its h
     * half is left for the caller to overwrite. d_h_extra (R,H; ld_extra) is added to dh, or
     * NULL. */
    void (*lstm_backward)(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                          const ccrnn_real *state_prev, size_t ld_state, const ccrnn_real *tanh_c,
                          ccrnn_real *d_state, size_t ld_d_state, const ccrnn_real *d_h_extra,
                          size_t ld_extra);

    /* GRU (PyTorch: reset applied after the recurrent product). Gate rows are 4H wide:
     *   in  [ r, z pre-activations (input + recurrent + biases) | input part of n | q ]
     *       with q = W_hn h + b_hn
     *   r,z = σ(·);  n = tanh(n_in + r·q);  h = (1−z)·n + z·h_prev
     *   out [ r | z | n | q ] */
    void (*gru_forward)(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                        const ccrnn_real *state_prev, ccrnn_real *state_next, size_t ld_state);
    /* gates in: r,z,n,q; out: [ d r_pre | d z_pre | d n_pre | d q = d n_pre · r ].
     * d_state (R,H) in: dh, out: dh·z (the direct path; the caller adds the recurrent products).
     */
    void (*gru_backward)(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                         const ccrnn_real *state_prev, size_t ld_state, ccrnn_real *d_state,
                         size_t ld_d_state, const ccrnn_real *d_h_extra, size_t ld_extra);

    /* tanh cell: h = tanh(gates). gates (R,H) in: pre-activation, out: h. */
    void (*tanh_forward)(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                         ccrnn_real *state_next, size_t ld_state);
    /* gates in: h, out: (d_state + d_h_extra)·(1 − h²). d_state is only read. */
    void (*tanh_backward)(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                          const ccrnn_real *d_state, size_t ld_d_state,
                          const ccrnn_real *d_h_extra, size_t ld_extra);

    /* x[r][j] = bias[j] (+ bias2[j] unless NULL): rows of a product about to be accumulated. */
    void (*bias_rows)(size_t R, size_t N, const ccrnn_real *bias, const ccrnn_real *bias2,
                      ccrnn_real *x, size_t ld);
    /* x[r][j] += bias[j] */
    void (*add_bias)(size_t R, size_t N, const ccrnn_real *bias, ccrnn_real *x, size_t ld);
    /* x = max(0, x + bias). NaN stays NaN. */
    void (*bias_relu)(size_t R, size_t N, const ccrnn_real *bias, ccrnn_real *x, size_t ld);
    /* d = 0 where a == 0 (a: ReLU output), and sums[j] = Σ_r d[r][j] afterwards. */
    void (*relu_backward)(size_t R, size_t N, const ccrnn_real *a, ccrnn_real *d, size_t ld,
                          ccrnn_real *sums);
    /* sums[j] = Σ_r x[r][j], rows added in a fixed order. */
    void (*column_sums)(size_t R, size_t N, const ccrnn_real *x, size_t ld, ccrnn_real *sums);

    /* x = scale · softmax(x + bias), n ≥ 1 elements; returns log Σ exp(x + bias). The sum is taken in
     * double. A NaN anywhere gives NaN everywhere. */
    double (*softmax)(size_t n, double scale, const ccrnn_real *bias, ccrnn_real *x);

    /* y = a · x, dense, n elements; y == x allowed. */
    void (*scale)(size_t n, double a, const ccrnn_real *x, ccrnn_real *y);
    /* y[i] = x[i] · m[i]; y == x allowed. */
    void (*multiply)(size_t n, const ccrnn_real *x, const ccrnn_real *m, ccrnn_real *y);
    /* d[i] = a · (x[i] − y[i]); returns Σ (x−y)² in double. d == x or d == y allowed. */
    double (*difference)(size_t n, double a, const ccrnn_real *x, const ccrnn_real *y,
                         ccrnn_real *d);
    /* Σ x², double, fixed order for a given n. */
    double (*sum_of_squares)(size_t n, const ccrnn_real *x);
    /* out[0..2] = Σ xy, Σ x², Σ y² in double. */
    void (*dots)(size_t n, const ccrnn_real *x, const ccrnn_real *y, double out[3]);

    /* Adam: g' = factor·g + weight_decay·w; m = β1 m + (1−β1) g'; v = β2 v + (1−β2) g'²;
     *       w −= step_size · m / (sqrt(v)·inverse_root_c2 + ε).  g is not changed. */
    void (*adam)(size_t n, const struct ccrnn_adam_step *step, ccrnn_real *w, const ccrnn_real *g,
                 ccrnn_real *m, ccrnn_real *v);
    /* RMSprop: g' as above; v = ρ v + (1−ρ) g'²; m = μ m + g' / (sqrt(v) + ε); w −= η m. */
    void (*rmsprop)(size_t n, const struct ccrnn_momentum_step *step, ccrnn_real *w,
                    const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v);
    /* Gradient descent: g' as above; m = μ m + g'; w −= η m. */
    void (*sgd)(size_t n, const struct ccrnn_momentum_step *step, ccrnn_real *w,
                const ccrnn_real *g, ccrnn_real *m);
};

/** Table for one instruction set; NULL if not compiled in. Does not ask the CPU. */
const struct ccrnn_kernels *ccrnn_kernels_plain(void);
const struct ccrnn_kernels *ccrnn_kernels_avx2(void);
const struct ccrnn_kernels *ccrnn_kernels_avx512(void);

#endif
