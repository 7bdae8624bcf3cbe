/** @file
 * Recurrent cells: one file each (lstm.c, gru.c, tanh_cell.c), one table of operations (cell.c).
 *
 * Symbols: R rows (batch × segments worked on together), I inputs, H hidden units. Per row a cell
 * keeps `gate_parts`·H gate values, has `weight_parts`·H rows of weights, a state of
 * `state_parts`·H values ([h; c] for LSTM, h otherwise), all dense and row-major.
 *
 * To add a cell: write its file, add its row in cell.c and its name in the option table, record
 * an oracle (tests/oracle/record.py), and add it to test_finite_differences.
 */
#ifndef CCRNN_NET_CELL_H
#define CCRNN_NET_CELL_H

#include "math/math.h"

struct ccrnn_cell_shape {
    size_t I, H;
    size_t gate_width;  /* gate_parts · H */
    size_t state_width; /* S = state_parts · H */
};

/** A cell's weights, or their gradients (PyTorch's layouts). */
struct ccrnn_cell_weights {
    ccrnn_real *ih;      /* (weight_parts·H, I) */
    ccrnn_real *hh;      /* (weight_parts·H, H) */
    ccrnn_real *bias_ih; /* (weight_parts·H) */
    ccrnn_real *bias_hh; /* (weight_parts·H) */
};

/** What a step of R rows reads and writes. */
struct ccrnn_cell_step {
    size_t R;
    ccrnn_real *gates;            /* (R, gate_width) */
    const ccrnn_real *state_prev; /* (R, S) */
    ccrnn_real *state_next;       /* (R, S), forward only */
    ccrnn_real *tanh_c;           /* (R, H), LSTM only */
};

struct ccrnn_cell_operations {
    const char *name; /* as in study files */
    size_t gate_parts, weight_parts, state_parts;

    /** gates = input (R,I) · W_ihᵀ + biases: everything that does not wait for the step before.
     */
    void (*project)(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, size_t R, const ccrnn_real *input,
                    ccrnn_real *gates);

    /** Add the recurrent product to the projected gates and apply the cell's equations. */
    void (*forward)(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                    const struct ccrnn_cell_weights *weights, const struct ccrnn_cell_step *step);

    /** The step's equations backwards. d_state (R,S) in: d loss / d state_next without the step's
     * own loss; d_h_extra (R,H): that loss's part, NULL for none. gates become d loss / d gates;
     * d_state is left ready for `backward_state`. */
    void (*backward)(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                     const struct ccrnn_cell_step *step, ccrnn_real *d_state,
                     const ccrnn_real *d_h_extra);

    /** Finish d_state = d loss / d state_prev: the products with W_hh. */
    void (*backward_state)(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           const struct ccrnn_cell_weights *weights, size_t R,
                           const ccrnn_real *d_gates, ccrnn_real *d_state);

    /** grads->hh = (or += when `accumulate`) d_gatesᵀ · h_prev over R rows. */
    void (*gradient_hh)(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                        size_t R, const ccrnn_real *d_gates, const ccrnn_real *state_prev,
                        bool accumulate, const struct ccrnn_cell_weights *grads);

    /** grads->ih and both biases, over R rows. */
    void (*gradient_input)(const struct ccrnn_math *math, const struct ccrnn_cell_shape *shape,
                           size_t R, const ccrnn_real *d_gates, const ccrnn_real *input,
                           const struct ccrnn_cell_weights *grads);
};

/** The row of a cell (static storage). */
const struct ccrnn_cell_operations *ccrnn_cell_operations(enum ccrnn_cell cell);

/** d_input (R,I) dense = d_gates · W_ih: the first weight_parts·H of the gate values are those of the input's
 * product in every cell. */
void ccrnn_cell_backward_input(const struct ccrnn_math *math,
                               const struct ccrnn_cell_operations *cell,
                               const struct ccrnn_cell_shape *shape,
                               const struct ccrnn_cell_weights *weights, size_t R,
                               const ccrnn_real *d_gates, ccrnn_real *d_input);

extern const struct ccrnn_cell_operations ccrnn_cell_lstm, ccrnn_cell_gru, ccrnn_cell_tanh;

#endif
