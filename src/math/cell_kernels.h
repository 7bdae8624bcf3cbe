/** @file
 * The kernels of the recurrent cells, for kernels.c only; arguments as in math/kernels.h.
 *
 * A row of H units ends, mostly, in the middle of a register. The LSTM, where most of the time
 * goes, lets its last register overlap the one before: it is computed first, while the inputs it
 * shares are still there, and stored last, with the same values. Rows shorter than a register, and
 * the other cells, use a partly filled one.
 */
#ifndef CCRNN_MATH_CELL_KERNELS_H
#define CCRNN_MATH_CELL_KERNELS_H

#include "math/elementary.h"
#include "math/vector.h"

/* Some units of one step of an LSTM: gates, tanh c and c after it. */
struct lstm_units {
    vec i, f, g, o, t, c;
};

/* c = f·c_prev + i·g */
CCRNN_INLINE struct lstm_units lstm_forward_units(size_t H, const ccrnn_real *gates,
                                                  const ccrnn_real *c_prev, size_t n)
{
    struct lstm_units u;
    u.i = vec_sigmoid(vec_load(gates, n));
    u.f = vec_sigmoid(vec_load(gates + H, n));
    u.g = vec_tanh(vec_load(gates + 2 * H, n));
    u.o = vec_sigmoid(vec_load(gates + 3 * H, n));
    u.c = vec_fma(u.f, vec_load(c_prev, n), u.i * u.g);
    u.t = vec_tanh(u.c);
    return u;
}

/* h = o·tanh c */
CCRNN_INLINE void lstm_forward_store(struct lstm_units u, size_t H, ccrnn_real *gates,
                                     ccrnn_real *h_next, ccrnn_real *tanh_c, size_t n)
{
    vec_store(gates, u.i, n);
    vec_store(gates + H, u.f, n);
    vec_store(gates + 2 * H, u.g, n);
    vec_store(gates + 3 * H, u.o, n);
    vec_store(tanh_c, u.t, n);
    vec_store(h_next, u.o * u.t, n);
    vec_store(h_next + H, u.c, n);
}

static void kernel_lstm_forward(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                                const ccrnn_real *state_prev, ccrnn_real *state_next,
                                size_t ld_state, ccrnn_real *tanh_c)
{
    for (size_t r = 0; r < R; r++) {
        ccrnn_real *gates_r = gates + r * ld_gates, *tanh_r = tanh_c + r * H;
        const ccrnn_real *c_prev = state_prev + r * ld_state + H;
        ccrnn_real *h_next = state_next + r * ld_state;
        if (H < CCRNN_LANES) {
            lstm_forward_store(lstm_forward_units(H, gates_r, c_prev, H), H, gates_r, h_next,
                               tanh_r, H);
            continue;
        }
        const size_t last = H - CCRNN_LANES;
        const struct lstm_units end =
            lstm_forward_units(H, gates_r + last, c_prev + last, CCRNN_LANES);
        for (size_t j = 0; j < last; j += CCRNN_LANES)
            lstm_forward_store(lstm_forward_units(H, gates_r + j, c_prev + j, CCRNN_LANES), H,
                               gates_r + j, h_next + j, tanh_r + j, CCRNN_LANES);
        lstm_forward_store(end, H, gates_r + last, h_next + last, tanh_r + last, CCRNN_LANES);
    }
}

/* Of some units: d loss / d pre-activation of each gate, and d loss / d c_prev. */
struct lstm_gradients {
    vec i, f, g, o, c_prev;
};

/* d_o = dh·tanh_c·o(1−o);  dc = dc_in + dh·o·(1−tanh_c²);  d_i = dc·g·i(1−i);
 * d_f = dc·c_prev·f(1−f);  d_g = dc·i·(1−g²);  dc_prev = dc·f.
 * `extra` is added to dh unless it is NULL. */
CCRNN_INLINE struct lstm_gradients lstm_backward_units(size_t H, const ccrnn_real *gates,
                                                       const ccrnn_real *c_prev,
                                                       const ccrnn_real *tanh_c,
                                                       const ccrnn_real *d_state,
                                                       const ccrnn_real *extra, size_t n)
{
    const vec i = vec_load(gates, n), f = vec_load(gates + H, n);
    const vec g = vec_load(gates + 2 * H, n), o = vec_load(gates + 3 * H, n);
    const vec t = vec_load(tanh_c, n);
    vec dh = vec_load(d_state, n);
    if (extra != NULL)
        dh += vec_load(extra, n);
    const vec dc = vec_fma(dh * o, 1 - t * t, vec_load(d_state + H, n));
    struct lstm_gradients d;
    d.i = dc * g * (i * (1 - i));
    d.f = dc * vec_load(c_prev, n) * (f * (1 - f));
    d.g = dc * i * (1 - g * g);
    d.o = dh * t * (o * (1 - o));
    d.c_prev = dc * f;
    return d;
}

CCRNN_INLINE void lstm_backward_store(struct lstm_gradients d, size_t H, ccrnn_real *gates,
                                      ccrnn_real *d_state, size_t n)
{
    vec_store(gates, d.i, n);
    vec_store(gates + H, d.f, n);
    vec_store(gates + 2 * H, d.g, n);
    vec_store(gates + 3 * H, d.o, n);
    vec_store(d_state + H, d.c_prev, n);
}

/* One row; `extra` is NULL or a row too. */
CCRNN_INLINE void lstm_backward_row(size_t H, ccrnn_real *gates, const ccrnn_real *c_prev,
                                    const ccrnn_real *tanh_c, ccrnn_real *d_state,
                                    const ccrnn_real *extra)
{
    if (H < CCRNN_LANES) {
        lstm_backward_store(lstm_backward_units(H, gates, c_prev, tanh_c, d_state, extra, H), H,
                            gates, d_state, H);
        return;
    }
    const size_t last = H - CCRNN_LANES;
    const struct lstm_gradients end =
        lstm_backward_units(H, gates + last, c_prev + last, tanh_c + last, d_state + last,
                            extra != NULL ? extra + last : NULL, CCRNN_LANES);
    for (size_t j = 0; j < last; j += CCRNN_LANES)
        lstm_backward_store(lstm_backward_units(H, gates + j, c_prev + j, tanh_c + j, d_state + j,
                                                extra != NULL ? extra + j : NULL, CCRNN_LANES),
                            H, gates + j, d_state + j, CCRNN_LANES);
    lstm_backward_store(end, H, gates + last, d_state + last, CCRNN_LANES);
}

static void kernel_lstm_backward(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                                 const ccrnn_real *state_prev, size_t ld_state,
                                 const ccrnn_real *tanh_c, ccrnn_real *d_state, size_t ld_d_state,
                                 const ccrnn_real *d_h_extra, size_t ld_extra)
{
    for (size_t r = 0; r < R; r++)
        lstm_backward_row(H, gates + r * ld_gates, state_prev + r * ld_state + H, tanh_c + r * H,
                          d_state + r * ld_d_state,
                          d_h_extra != NULL ? d_h_extra + r * ld_extra : NULL);
}

/* n = tanh(n_in + r·q);  h = (1−z)·n + z·h_prev = n + z·(h_prev − n) */
CCRNN_INLINE void gru_forward_lanes(size_t H, ccrnn_real *gates, const ccrnn_real *h_prev,
                                    ccrnn_real *h_next, size_t n)
{
    const vec r = vec_sigmoid(vec_load(gates, n));
    const vec z = vec_sigmoid(vec_load(gates + H, n));
    const vec q = vec_load(gates + 3 * H, n);
    const vec candidate = vec_tanh(vec_fma(r, q, vec_load(gates + 2 * H, n)));
    vec_store(gates, r, n);
    vec_store(gates + H, z, n);
    vec_store(gates + 2 * H, candidate, n);
    vec_store(h_next, vec_fma(z, vec_load(h_prev, n) - candidate, candidate), n);
}

static void kernel_gru_forward(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                               const ccrnn_real *state_prev, ccrnn_real *state_next,
                               size_t ld_state)
{
    for (size_t r = 0; r < R; r++) {
        ccrnn_real *gates_r = gates + r * ld_gates, *h_next = state_next + r * ld_state;
        const ccrnn_real *h_prev = state_prev + r * ld_state;
        for (size_t j = 0; j < H; j += CCRNN_LANES)
            gru_forward_lanes(H, gates_r + j, h_prev + j, h_next + j, vec_lanes(H - j));
    }
}

/* d_n_pre = dh·(1−z)·(1−n²);  d_z_pre = dh·(h_prev − n)·z(1−z);  d_q = d_n_pre·r;
 * d_r_pre = d_n_pre·q·r(1−r).  `extra` is added to dh unless it is NULL. */
CCRNN_INLINE void gru_backward_lanes(size_t H, ccrnn_real *gates, const ccrnn_real *h_prev,
                                     ccrnn_real *d_state, const ccrnn_real *extra, size_t n)
{
    const vec r = vec_load(gates, n), z = vec_load(gates + H, n);
    const vec candidate = vec_load(gates + 2 * H, n), q = vec_load(gates + 3 * H, n);
    vec dh = vec_load(d_state, n);
    if (extra != NULL)
        dh += vec_load(extra, n);
    const vec d_candidate = dh * (1 - z) * (1 - candidate * candidate);
    vec_store(gates, d_candidate * q * (r * (1 - r)), n);
    vec_store(gates + H, dh * (vec_load(h_prev, n) - candidate) * (z * (1 - z)), n);
    vec_store(gates + 2 * H, d_candidate, n);
    vec_store(gates + 3 * H, d_candidate * r, n);
    vec_store(d_state, dh * z, n);
}

static void kernel_gru_backward(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                                const ccrnn_real *state_prev, size_t ld_state,
                                ccrnn_real *d_state, size_t ld_d_state,
                                const ccrnn_real *d_h_extra, size_t ld_extra)
{
    for (size_t r = 0; r < R; r++) {
        ccrnn_real *gates_r = gates + r * ld_gates, *d_r = d_state + r * ld_d_state;
        const ccrnn_real *h_prev = state_prev + r * ld_state;
        const ccrnn_real *extra = d_h_extra != NULL ? d_h_extra + r * ld_extra : NULL;
        for (size_t j = 0; j < H; j += CCRNN_LANES) {
            const ccrnn_real *extra_j = extra != NULL ? extra + j : NULL;
            gru_backward_lanes(H, gates_r + j, h_prev + j, d_r + j, extra_j, vec_lanes(H - j));
        }
    }
}

static void kernel_tanh_forward(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                                ccrnn_real *state_next, size_t ld_state)
{
    for (size_t r = 0; r < R; r++) {
        ccrnn_real *gates_r = gates + r * ld_gates, *h_next = state_next + r * ld_state;
        for (size_t j = 0; j < H; j += CCRNN_LANES) {
            const size_t n = vec_lanes(H - j);
            const vec h = vec_tanh(vec_load(gates_r + j, n));
            vec_store(gates_r + j, h, n);
            vec_store(h_next + j, h, n);
        }
    }
}

static void kernel_tanh_backward(size_t R, size_t H, ccrnn_real *gates, size_t ld_gates,
                                 const ccrnn_real *d_state, size_t ld_d_state,
                                 const ccrnn_real *d_h_extra, size_t ld_extra)
{
    for (size_t r = 0; r < R; r++) {
        ccrnn_real *gates_r = gates + r * ld_gates;
        const ccrnn_real *d_r = d_state + r * ld_d_state;
        const ccrnn_real *extra = d_h_extra != NULL ? d_h_extra + r * ld_extra : NULL;
        for (size_t j = 0; j < H; j += CCRNN_LANES) {
            const size_t n = vec_lanes(H - j);
            const vec h = vec_load(gates_r + j, n);
            vec dh = vec_load(d_r + j, n);
            if (extra != NULL)
                dh += vec_load(extra + j, n);
            vec_store(gates_r + j, dh * (1 - h * h), n);
        }
    }
}

#endif
