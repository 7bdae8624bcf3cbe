#include "math/pieces.h"
#include "net/linear.h"

void ccrnn_linear_forward(const struct ccrnn_math *math, const struct ccrnn_linear *map, size_t R,
                          const ccrnn_real *x, size_t ld_x, ccrnn_real *y)
{
    math->kernels->bias_rows(R, map->outputs, map->bias, NULL, y, map->outputs);
    ccrnn_math_gemm(math, false, true, R, map->outputs, map->inputs, 1, x, ld_x, map->weight,
                    map->inputs, 1, y, map->outputs);
}

void ccrnn_linear_backward_input(const struct ccrnn_math *math, const struct ccrnn_linear *map,
                                 size_t R, const ccrnn_real *d_y, ccrnn_real *d_x)
{
    ccrnn_math_gemm(math, false, false, R, map->inputs, map->outputs, 1, d_y, map->outputs,
                    map->weight, map->inputs, 0, d_x, map->inputs);
}

void ccrnn_linear_gradient_weight(const struct ccrnn_math *math, const struct ccrnn_linear *map,
                                  size_t R, const ccrnn_real *d_y, const ccrnn_real *x,
                                  size_t ld_x)
{
    ccrnn_math_gemm(math, true, false, map->outputs, map->inputs, R, 1, d_y, map->outputs, x,
                    ld_x, 0, map->grad_weight, map->inputs);
}

void ccrnn_linear_gradient_bias(const struct ccrnn_math *math, const struct ccrnn_linear *map,
                                size_t R, const ccrnn_real *d_y)
{
    ccrnn_math_column_sums(math, R, map->outputs, d_y, map->outputs, map->grad_bias);
}
