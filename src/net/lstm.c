/* Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gate), as PyTorch's:
 *   i, f, o = σ(W x + b + U h_prev + b'),  g = tanh(…)      gate order i, f, g, o
 *   c = f·c_prev + i·g,   h = o·tanh(c),   state [h; c] */
#include <string.h>

#include "math/pieces.h"
#include "net/cell.h"

static void project(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, size_t R, const ccrnn_real *input,
                    ccrnn_real *gates)
{
    const size_t G = shape->gate_width;
    math->kernels->bias_rows(R, G, weights->bias_ih, weights->bias_hh, gates, G);
    ccrnn_math_gemm(math, false, true, R, G, shape->I, 1, input, shape->I, weights->ih, shape->I,
                    1, gates, G);
}

static void forward(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, const struct ccrnn_cell_step *step)
{
    const size_t H = shape->H, G = shape->gate_width, S = shape->state_width;
    ccrnn_math_gemm(math, false, true, step->R, G, H, 1, step->state_prev, S, weights->hh, H, 1,
                    step->gates, G);
    math->kernels->lstm_forward(step->R, H, step->gates, G, step->state_prev, step->state_next, S,
                                step->tanh_c);
}

static void backward(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                     const struct ccrnn_cell_step *step, ccrnn_real *d_state,
                     const ccrnn_real *d_h_extra)
{
    math->kernels->lstm_backward(step->R, shape->H, step->gates, shape->gate_width,
                                 step->state_prev, shape->state_width, step->tanh_c, d_state,
                                 shape->state_width, d_h_extra, shape->H);
}

static void backward_state(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           const struct ccrnn_cell_weights *weights, size_t R,
                           const ccrnn_real *d_gates, ccrnn_real *d_state)
{
    ccrnn_math_gemm(math, false, false, R, shape->H, shape->gate_width, 1, d_gates,
                    shape->gate_width, weights->hh, shape->H, 0, d_state, shape->state_width);
}

static void gradient_hh(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                        size_t R, const ccrnn_real *d_gates, const ccrnn_real *state_prev,
                        bool accumulate, const struct ccrnn_cell_weights *grads)
{
    const size_t G = shape->gate_width;
    ccrnn_math_gemm(math, true, false, G, shape->H, R, 1, d_gates, G, state_prev,
                    shape->state_width, accumulate ? 1 : 0, grads->hh, shape->H);
}

static void gradient_input(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           size_t R, const ccrnn_real *d_gates, const ccrnn_real *input,
                           const struct ccrnn_cell_weights *grads)
{
    const size_t G = shape->gate_width;
    ccrnn_math_gemm(math, true, false, G, shape->I, R, 1, d_gates, G, input, shape->I, 0,
                    grads->ih, shape->I);
    ccrnn_math_column_sums(math, R, G, d_gates, G, grads->bias_ih);
    memcpy(grads->bias_hh, grads->bias_ih, G * sizeof *grads->bias_hh);
}

const struct ccrnn_cell_operations ccrnn_cell_lstm = {
    .name = "lstm",
    .gate_parts = 4,
    .weight_parts = 4,
    .state_parts = 2,
    .project = project,
    .forward = forward,
    .backward = backward,
    .backward_state = backward_state,
    .gradient_hh = gradient_hh,
    .gradient_input = gradient_input,
};
