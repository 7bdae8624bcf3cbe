#include "net/cell.h"

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
