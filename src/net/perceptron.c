#include "math/pieces.h"
#include "net/perceptron.h"

void ccrnn_perceptron_forward(const struct ccrnn_math *math, struct ccrnn_perceptron *perceptron,
                              size_t R, const ccrnn_real *x, size_t ld_x, ccrnn_real *y)
{
    const ccrnn_real *a = x;
    size_t ld_a = ld_x;
    for (size_t l = 0; l < perceptron->granule_layers; l++) {
        const struct ccrnn_linear *const map = &perceptron->map[l];
        ccrnn_real *const granule = perceptron->granule[l];
        ccrnn_math_gemm(math, false, true, R, map->outputs, map->inputs, 1, a, ld_a, map->weight,
                        map->inputs, 0, granule, map->outputs);
        math->kernels->bias_relu(R, map->outputs, map->bias, granule, map->outputs);
        for (size_t r = 0; perceptron->granule_works != NULL && r < R; r++)
            math->kernels->multiply(map->outputs, granule + r * map->outputs,
                                    perceptron->granule_works + l * map->outputs,
                                    granule + r * map->outputs);
        a = granule;
        ld_a = map->outputs;
    }
    ccrnn_linear_forward(math, &perceptron->map[perceptron->granule_layers], R, a, ld_a, y);
}

void ccrnn_perceptron_backward(const struct ccrnn_math *math, struct ccrnn_perceptron *perceptron,
                               size_t R, const ccrnn_real *x, size_t ld_x, const ccrnn_real *d_y)
{
    const ccrnn_real *d_output = d_y;
    ccrnn_linear_gradient_bias(math, &perceptron->map[perceptron->granule_layers], R, d_y);
    for (size_t l = perceptron->granule_layers; l > 0; l--) {
        const struct ccrnn_linear *const above = &perceptron->map[l];
        const struct ccrnn_linear *const below = &perceptron->map[l - 1];
        const ccrnn_real *const granule = perceptron->granule[l - 1];
        ccrnn_real *const d_granule = perceptron->d_granule[l % 2];
        ccrnn_linear_gradient_weight(math, above, R, d_output, granule, above->inputs);
        ccrnn_linear_backward_input(math, above, R, d_output, d_granule);
        math->kernels->relu_backward(R, below->outputs, granule, d_granule, below->outputs,
                                     below->grad_bias);
        d_output = d_granule;
    }
    const struct ccrnn_linear *const first = &perceptron->map[0];
    ccrnn_linear_gradient_weight(math, first, R, d_output, x, ld_x);
    if (perceptron->mask != NULL)
        math->kernels->multiply(first->outputs * first->inputs, first->grad_weight,
                                perceptron->mask, first->grad_weight);
}
