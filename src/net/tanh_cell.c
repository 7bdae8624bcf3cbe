/* The simple recurrent network (Elman 1990) as PyTorch's RNN: h = tanh(W x + b + U h_prev + b').
 */
#include <string.h>

#include "math/pieces.h"
#include "net/cell.h"

static void project(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, size_t R, const ccrnn_real *input,
                    ccrnn_real *gates)
{
    const size_t H = shape->H;
    math->kernels->bias_rows(R, H, weights->bias_ih, weights->bias_hh, gates, H);
    ccrnn_math_gemm(math, false, true, R, H, shape->I, 1, input, shape->I, weights->ih, shape->I,
                    1, gates, H);
}

static void forward(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, const struct ccrnn_cell_step *step)
{
    const size_t H = shape->H;
    ccrnn_math_gemm(math, false, true, step->R, H, H, 1, step->state_prev, H, weights->hh, H, 1,
                    step->gates, H);
    math->kernels->tanh_forward(step->R, H, step->gates, H, step->state_next, H);
}

static void backward(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                     const struct ccrnn_cell_step *step, ccrnn_real *d_state,
                     const ccrnn_real *d_h_extra)
{
    math->kernels->tanh_backward(step->R, shape->H, step->gates, shape->H, d_state, shape->H,
                                 d_h_extra, shape->H);
}

static void backward_state(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           const struct ccrnn_cell_weights *weights, size_t R,
                           const ccrnn_real *d_gates, ccrnn_real *d_state)
{
    const size_t H = shape->H;
    ccrnn_math_gemm(math, false, false, R, H, H, 1, d_gates, H, weights->hh, H, 0, d_state, H);
}

static void gradient_hh(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                        size_t R, const ccrnn_real *d_gates, const ccrnn_real *state_prev,
                        bool accumulate, const struct ccrnn_cell_weights *grads)
{
    const size_t H = shape->H;
    ccrnn_math_gemm(math, true, false, H, H, R, 1, d_gates, H, state_prev, H, accumulate ? 1 : 0,
                    grads->hh, H);
}

static void gradient_input(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           size_t R, const ccrnn_real *d_gates, const ccrnn_real *input,
                           const struct ccrnn_cell_weights *grads)
{
    const size_t H = shape->H;
    ccrnn_math_gemm(math, true, false, H, shape->I, R, 1, d_gates, H, input, shape->I, 0,
                    grads->ih, shape->I);
    ccrnn_math_column_sums(math, R, H, d_gates, H, grads->bias_ih);
    memcpy(grads->bias_hh, grads->bias_ih, H * sizeof *grads->bias_hh);
}

const struct ccrnn_cell_operations ccrnn_cell_tanh = {
    .name = "tanh",
    .gate_parts = 1,
    .weight_parts = 1,
    .state_parts = 1,
    .project = project,
    .forward = forward,
    .backward = backward,
    .backward_state = backward_state,
    .gradient_hh = gradient_hh,
    .gradient_input = gradient_input,
};
