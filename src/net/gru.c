/* Gated recurrent unit (Cho et al. 2014) as PyTorch's: reset applied after the recurrent product.
 *   r, z = σ(W x + b + U h_prev + b')            gate order r, z, n
 *   q = U_n h_prev + b'_n,   n = tanh(W_n x + b_n + r·q),   h = (1 − z)·n + z·h_prev
 * A gate row is [r | z | n | q]: the weights have three parts, q is kept for the way back. */
#include <string.h>

#include "math/pieces.h"
#include "net/cell.h"

static void project(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, size_t R, const ccrnn_real *input,
                    ccrnn_real *gates)
{
    const size_t H = shape->H, G = shape->gate_width;
    math->kernels->bias_rows(R, 2 * H, weights->bias_ih, weights->bias_hh, gates, G);
    math->kernels->bias_rows(R, H, weights->bias_ih + 2 * H, NULL, gates + 2 * H, G);
    math->kernels->bias_rows(R, H, weights->bias_hh + 2 * H, NULL, gates + 3 * H, G);
    ccrnn_math_gemm(math, false, true, R, 3 * H, shape->I, 1, input, shape->I, weights->ih,
                    shape->I, 1, gates, G);
}

static void forward(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, const struct ccrnn_cell_step *step)
{
    const size_t H = shape->H, G = shape->gate_width;
    ccrnn_math_gemm(math, false, true, step->R, 2 * H, H, 1, step->state_prev, H, weights->hh, H,
                    1, step->gates, G);
    ccrnn_math_gemm(math, false, true, step->R, H, H, 1, step->state_prev, H,
                    weights->hh + 2 * H * H, H, 1, step->gates + 3 * H, G);
    math->kernels->gru_forward(step->R, H, step->gates, G, step->state_prev, step->state_next, H);
}

static void backward(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                     const struct ccrnn_cell_step *step, ccrnn_real *d_state,
                     const ccrnn_real *d_h_extra)
{
    math->kernels->gru_backward(step->R, shape->H, step->gates, shape->gate_width,
                                step->state_prev, shape->H, d_state, shape->H, d_h_extra,
                                shape->H);
}

static void backward_state(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           const struct ccrnn_cell_weights *weights, size_t R,
                           const ccrnn_real *d_gates, ccrnn_real *d_state)
{
    const size_t H = shape->H, G = shape->gate_width;
    ccrnn_math_gemm(math, false, false, R, H, 2 * H, 1, d_gates, G, weights->hh, H, 1, d_state,
                    H);
    ccrnn_math_gemm(math, false, false, R, H, H, 1, d_gates + 3 * H, G, weights->hh + 2 * H * H,
                    H, 1, d_state, H);
}

static void gradient_hh(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                        size_t R, const ccrnn_real *d_gates, const ccrnn_real *state_prev,
                        bool accumulate, const struct ccrnn_cell_weights *grads)
{
    const size_t H = shape->H, G = shape->gate_width;
    const ccrnn_real beta = accumulate ? 1 : 0;
    ccrnn_math_gemm(math, true, false, 2 * H, H, R, 1, d_gates, G, state_prev, H, beta, grads->hh,
                    H);
    ccrnn_math_gemm(math, true, false, H, H, R, 1, d_gates + 3 * H, G, state_prev, H, beta,
                    grads->hh + 2 * H * H, H);
}

static void gradient_input(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           size_t R, const ccrnn_real *d_gates, const ccrnn_real *input,
                           const struct ccrnn_cell_weights *grads)
{
    const size_t H = shape->H, G = shape->gate_width;
    ccrnn_math_gemm(math, true, false, 3 * H, shape->I, R, 1, d_gates, G, input, shape->I, 0,
                    grads->ih, shape->I);
    ccrnn_math_column_sums(math, R, 3 * H, d_gates, G, grads->bias_ih);
    memcpy(grads->bias_hh, grads->bias_ih, 2 * H * sizeof *grads->bias_hh);
    ccrnn_math_column_sums(math, R, H, d_gates + 3 * H, G, grads->bias_hh + 2 * H);
}

const struct ccrnn_cell_operations ccrnn_cell_gru = {
    .name = "gru",
    .gate_parts = 4,
    .weight_parts = 3,
    .state_parts = 1,
    .project = project,
    .forward = forward,
    .backward = backward,
    .backward_state = backward_state,
    .gradient_hh = gradient_hh,
    .gradient_input = gradient_input,
};
