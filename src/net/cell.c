#include "net/cell.h"

#include "math/pieces.h"

const struct ccrnn_cell_operations *ccrnn_cell_operations(enum ccrnn_cell cell)
{
    switch (cell) {
    case CCRNN_CELL_GRU:
        return &ccrnn_cell_gru;
    case CCRNN_CELL_TANH:
        return &ccrnn_cell_tanh;
    case CCRNN_CELL_LSTM:
    default:
        return &ccrnn_cell_lstm;
    }
}

void ccrnn_cell_backward_input(const struct ccrnn_math *math,
                               const struct ccrnn_cell_operations *cell,
                               const struct ccrnn_cell_shape *shape,
                               const struct ccrnn_cell_weights *weights, size_t R,
                               const ccrnn_real *d_gates, ccrnn_real *d_input)
{
    ccrnn_math_gemm(math, false, false, R, shape->I, cell->weight_parts * shape->H, 1, d_gates,
                    shape->gate_width, weights->ih, shape->I, 0, d_input, shape->I);
}
