/* The elementwise kernels, compiled once per instruction set: CCRNN_KERNEL_SUFFIX is the set's
 * name (plain, avx2, avx512) and gives the table's name and that of the function returning it.
 *
 * Loops go over whole registers and end with one partly filled. */
#include "math/kernels.h"

#include <math.h>
#include <stdbool.h>

#include "math/cell_kernels.h"
#include "math/elementary.h"
#include "math/vector.h"

#ifndef CCRNN_KERNEL_SUFFIX
#define CCRNN_KERNEL_SUFFIX plain
#endif

#define CCRNN_PASTE(a, b) a##b
#define CCRNN_NAME(prefix, suffix) CCRNN_PASTE(prefix, suffix)
#define CCRNN_QUOTE(name) #name
#define CCRNN_TEXT(name) CCRNN_QUOTE(name)

/* Columns and rows summed in one piece: a stack buffer of 4 KB, and 8 summands in the kernels'
 * number type before the sum goes into a double. */
enum { SUM_COLUMNS = 256, SUM_ROWS = 8 };

/* Independent double accumulators of a sum over an array. */
enum { SUM_CHAINS = 4, SUM_BLOCK = SUM_CHAINS * CCRNN_WIDE_LANES };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void kernel_exp(size_t n, const ccrnn_real *x, ccrnn_real *y)
{
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        vec_store(y + i, vec_exp(vec_load(x + i, lanes)), lanes);
    }
}

static void kernel_tanh(size_t n, const ccrnn_real *x, ccrnn_real *y)
{
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        vec_store(y + i, vec_tanh(vec_load(x + i, lanes)), lanes);
    }
}

static void kernel_sigmoid(size_t n, const ccrnn_real *x, ccrnn_real *y)
{
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        vec_store(y + i, vec_sigmoid(vec_load(x + i, lanes)), lanes);
    }
}

static void kernel_bias_rows(size_t R, size_t N, const ccrnn_real *bias, const ccrnn_real *bias2,
                             ccrnn_real *x, size_t ld)
{
    if (R == 0 || N == 0)
        return;
    for (size_t j = 0; j < N; j++)
        x[j] = bias2 != NULL ? bias[j] + bias2[j] : bias[j];
    for (size_t r = 1; r < R; r++)
        memcpy(x + r * ld, x, N * sizeof *x);
}

static void kernel_add_bias(size_t R, size_t N, const ccrnn_real *bias, ccrnn_real *x, size_t ld)
{
    for (size_t r = 0; r < R; r++) {
        ccrnn_real *x_r = x + r * ld;
        for (size_t j = 0; j < N; j += CCRNN_LANES) {
            const size_t n = vec_lanes(N - j);
            vec_store(x_r + j, vec_load(x_r + j, n) + vec_load(bias + j, n), n);
        }
    }
}

static void kernel_bias_relu(size_t R, size_t N, const ccrnn_real *bias, ccrnn_real *x, size_t ld)
{
    for (size_t r = 0; r < R; r++) {
        ccrnn_real *x_r = x + r * ld;
        for (size_t j = 0; j < N; j += CCRNN_LANES) {
            const size_t n = vec_lanes(N - j);
            const vec y = vec_load(x_r + j, n) + vec_load(bias + j, n);
            vec_store(x_r + j, vec_clear(y < 0, y), n);
        }
    }
}

/* Of `rows` ≤ SUM_ROWS rows, n columns: clear d where a is 0 (unless a is NULL), and add up. */
CCRNN_INLINE vec sum_rows(size_t rows, const ccrnn_real *a, ccrnn_real *d, const ccrnn_real *x,
                          size_t ld, size_t n)
{
    vec sum = {0};
    for (size_t r = 0; r < rows; r++) {
        vec y = vec_load(x + r * ld, n);
        if (a != NULL) {
            y = vec_clear(vec_load(a + r * ld, n) == 0, y);
            vec_store(d + r * ld, y, n);
        }
        sum += y;
    }
    return sum;
}

/* Sums of N ≤ SUM_COLUMNS columns. With a: of d (== x), which is cleared where a is 0. */
CCRNN_INLINE void sum_columns(size_t R, size_t N, const ccrnn_real *a, ccrnn_real *d,
                              const ccrnn_real *x, size_t ld, ccrnn_real *sums)
{
    double total[SUM_COLUMNS];
    ccrnn_real part[SUM_COLUMNS];
    for (size_t j = 0; j < N; j++)
        total[j] = 0;
    for (size_t r = 0; r < R; r += SUM_ROWS) {
        const size_t rows = smaller(R - r, SUM_ROWS), row = r * ld;
        for (size_t j = 0; j < N; j += CCRNN_LANES) {
            const ccrnn_real *a_j = a != NULL ? a + row + j : NULL, *x_j = x + row + j;
            ccrnn_real *d_j = a != NULL ? d + row + j : NULL;
            const size_t n = vec_lanes(N - j);
            if (n == CCRNN_LANES && rows == SUM_ROWS)
                vec_store(part + j, sum_rows(SUM_ROWS, a_j, d_j, x_j, ld, CCRNN_LANES), n);
            else
                vec_store(part + j, sum_rows(rows, a_j, d_j, x_j, ld, n), n);
        }
        for (size_t j = 0; j < N; j++)
            total[j] += (double)part[j];
    }
    for (size_t j = 0; j < N; j++)
        sums[j] = (ccrnn_real)total[j];
}

static void kernel_relu_backward(size_t R, size_t N, const ccrnn_real *a, ccrnn_real *d,
                                 size_t ld, ccrnn_real *sums)
{
    for (size_t j = 0; j < N; j += SUM_COLUMNS)
        sum_columns(R, smaller(N - j, SUM_COLUMNS), a + j, d + j, d + j, ld, sums + j);
}

static void kernel_column_sums(size_t R, size_t N, const ccrnn_real *x, size_t ld,
                               ccrnn_real *sums)
{
    for (size_t j = 0; j < N; j += SUM_COLUMNS)
        sum_columns(R, smaller(N - j, SUM_COLUMNS), NULL, NULL, x + j, ld, sums + j);
}

/* The largest of x + bias. */
static ccrnn_real largest_sum(size_t n, const ccrnn_real *x, const ccrnn_real *bias)
{
    ccrnn_real largest = x[0] + bias[0];
    size_t i = 0;
    if (n >= CCRNN_LANES) {
        vec most = vec_all(largest);
        for (; n - i >= CCRNN_LANES; i += CCRNN_LANES) {
            const vec y = vec_load(x + i, CCRNN_LANES) + vec_load(bias + i, CCRNN_LANES);
            most = vec_select(y > most, y, most);
        }
        for (size_t l = 0; l < CCRNN_LANES; l++)
            largest = most[l] > largest ? most[l] : largest;
    }
    for (; i < n; i++)
        largest = x[i] + bias[i] > largest ? x[i] + bias[i] : largest;
    return largest;
}

/* x = exp(x + bias − largest); returns the sum: a few registers are added in the kernels' number type before
 * the sum goes into a double, as in sums of columns. */
static double exponentials(size_t n, const ccrnn_real *bias, ccrnn_real largest, ccrnn_real *x)
{
    enum { BLOCK = SUM_ROWS * CCRNN_LANES };
    const vec most = vec_all(largest);
    ccrnn_real part[CCRNN_LANES];
    wide sum = {0};
    size_t i = 0;
    for (; n - i >= BLOCK; i += BLOCK) {
        vec some = {0};
        for (size_t k = 0; k < BLOCK; k += CCRNN_LANES) {
            const vec sum_k =
                vec_load(x + i + k, CCRNN_LANES) + vec_load(bias + i + k, CCRNN_LANES);
            const vec y = vec_exp(sum_k - most);
            vec_store(x + i + k, y, CCRNN_LANES);
            some += y;
        }
        vec_store(part, some, CCRNN_LANES);
        for (size_t l = 0; l < CCRNN_LANES; l += CCRNN_WIDE_LANES)
            sum += wide_load(part + l);
    }
    double rest = 0;
    for (; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        vec_store(x + i, vec_exp(vec_load(x + i, lanes) + vec_load(bias + i, lanes) - most),
                  lanes);
        for (size_t l = 0; l < lanes; l++)
            rest += (double)x[i + l];
    }
    return wide_sum(sum) + rest;
}

static double kernel_softmax(size_t n, double scale, const ccrnn_real *bias, ccrnn_real *x)
{
    const ccrnn_real largest = largest_sum(n, x, bias);
    const double sum = exponentials(n, bias, largest, x);
    const ccrnn_real factor = (ccrnn_real)(scale / sum);
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        vec_store(x + i, factor * vec_load(x + i, lanes), lanes);
    }
    return (double)largest + log(sum);
}

static void kernel_scale(size_t n, double a, const ccrnn_real *x, ccrnn_real *y)
{
    const ccrnn_real factor = (ccrnn_real)a;
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        vec_store(y + i, factor * vec_load(x + i, lanes), lanes);
    }
}

static void kernel_multiply(size_t n, const ccrnn_real *x, const ccrnn_real *m, ccrnn_real *y)
{
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        vec_store(y + i, vec_load(x + i, lanes) * vec_load(m + i, lanes), lanes);
    }
}

static double kernel_difference(size_t n, double a, const ccrnn_real *x, const ccrnn_real *y,
                                ccrnn_real *d)
{
    wide sums = {0};
    size_t i = 0;
    for (; n - i >= CCRNN_WIDE_LANES; i += CCRNN_WIDE_LANES) {
        const wide difference = wide_load(x + i) - wide_load(y + i);
        const narrow scaled = __builtin_convertvector(a * difference, narrow);
        memcpy(d + i, &scaled, sizeof scaled);
        sums += difference * difference;
    }
    double sum = wide_sum(sums);
    for (; i < n; i++) {
        const double difference = (double)x[i] - (double)y[i];
        d[i] = (ccrnn_real)(a * difference);
        sum += difference * difference;
    }
    return sum;
}

static double kernel_sum_of_squares(size_t n, const ccrnn_real *x)
{
    wide sums[SUM_CHAINS] = {{0}};
    size_t i = 0;
    for (; n - i >= SUM_BLOCK; i += SUM_BLOCK) {
        for (size_t chain = 0; chain < SUM_CHAINS; chain++) {
            const wide y = wide_load(x + i + chain * CCRNN_WIDE_LANES);
            sums[chain] += y * y;
        }
    }
    double sum = wide_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

static void kernel_dots(size_t n, const ccrnn_real *x, const ccrnn_real *y, double out[3])
{
    wide xy = {0}, xx = {0}, yy = {0};
    size_t i = 0;
    for (; n - i >= CCRNN_WIDE_LANES; i += CCRNN_WIDE_LANES) {
        const wide x_i = wide_load(x + i), y_i = wide_load(y + i);
        xy += x_i * y_i;
        xx += x_i * x_i;
        yy += y_i * y_i;
    }
    out[0] = wide_sum(xy);
    out[1] = wide_sum(xx);
    out[2] = wide_sum(yy);
    for (; i < n; i++) {
        const double x_i = (double)x[i], y_i = (double)y[i];
        out[0] += x_i * y_i;
        out[1] += x_i * x_i;
        out[2] += y_i * y_i;
    }
}

/* The coefficients of struct ccrnn_adam_step in the kernels' number type. */
struct adam_coefficients {
    ccrnn_real factor, beta1, rest1, beta2, rest2, step_size, inverse_root_c2, epsilon;
    ccrnn_real weight_decay;
};

CCRNN_INLINE void adam_lanes(const struct adam_coefficients *k, bool decays, ccrnn_real *w,
                             const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v, size_t n)
{
    vec gradient = k->factor * vec_load(g, n);
    if (decays)
        gradient = vec_fma(vec_all(k->weight_decay), vec_load(w, n), gradient);
    const vec first = vec_fma(vec_all(k->beta1), vec_load(m, n), k->rest1 * gradient);
    const vec second = vec_fma(vec_all(k->beta2), vec_load(v, n), k->rest2 * gradient * gradient);
    const vec root = vec_fma(vec_sqrt(second), vec_all(k->inverse_root_c2), vec_all(k->epsilon));
    vec_store(m, first, n);
    vec_store(v, second, n);
    vec_store(w, vec_load(w, n) - k->step_size * first / root, n);
}

/* `decays` is a constant where this is called: a step without decay pays nothing for it. */
CCRNN_INLINE void adam_array(const struct adam_coefficients *k, bool decays, size_t n,
                             ccrnn_real *w, const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v)
{
    size_t i = 0;
    for (; n - i >= CCRNN_LANES; i += CCRNN_LANES)
        adam_lanes(k, decays, w + i, g + i, m + i, v + i, CCRNN_LANES);
    if (i < n)
        adam_lanes(k, decays, w + i, g + i, m + i, v + i, n - i);
}

static void kernel_adam(size_t n, const struct ccrnn_adam_step *step, ccrnn_real *w,
                        const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v)
{
    const struct adam_coefficients k = {
        .factor = (ccrnn_real)step->factor,
        .beta1 = (ccrnn_real)step->beta1,
        .rest1 = (ccrnn_real)(1 - step->beta1),
        .beta2 = (ccrnn_real)step->beta2,
        .rest2 = (ccrnn_real)(1 - step->beta2),
        .step_size = (ccrnn_real)step->step_size,
        .inverse_root_c2 = (ccrnn_real)step->inverse_root_c2,
        .epsilon = (ccrnn_real)step->epsilon,
        .weight_decay = (ccrnn_real)step->weight_decay,
    };
    if (step->weight_decay > 0)
        adam_array(&k, true, n, w, g, m, v);
    else
        adam_array(&k, false, n, w, g, m, v);
}

/* The coefficients of struct ccrnn_momentum_step in the kernels' number type. */
struct momentum_coefficients {
    ccrnn_real factor, weight_decay, momentum, learning_rate, decay, rest, epsilon;
};

static struct momentum_coefficients momentum_of(const struct ccrnn_momentum_step *step)
{
    return (struct momentum_coefficients){
        .factor = (ccrnn_real)step->factor,
        .weight_decay = (ccrnn_real)step->weight_decay,
        .momentum = (ccrnn_real)step->momentum,
        .learning_rate = (ccrnn_real)step->learning_rate,
        .decay = (ccrnn_real)step->decay,
        .rest = (ccrnn_real)(1 - step->decay),
        .epsilon = (ccrnn_real)step->epsilon,
    };
}

/* The clipped gradient with the weights' decay: exactly the clipped one where there is none. */
CCRNN_INLINE vec decayed_gradient(const struct momentum_coefficients *k, vec weight,
                                  const ccrnn_real *g, size_t n)
{
    return vec_fma(vec_all(k->weight_decay), weight, k->factor * vec_load(g, n));
}

static void kernel_rmsprop(size_t n, const struct ccrnn_momentum_step *step, ccrnn_real *w,
                           const ccrnn_real *g, ccrnn_real *m, ccrnn_real *v)
{
    const struct momentum_coefficients k = momentum_of(step);
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        const vec weight = vec_load(w + i, lanes);
        const vec gradient = decayed_gradient(&k, weight, g + i, lanes);
        const vec square =
            vec_fma(vec_all(k.decay), vec_load(v + i, lanes), k.rest * gradient * gradient);
        const vec scaled = gradient / (vec_sqrt(square) + k.epsilon);
        const vec move = vec_fma(vec_all(k.momentum), vec_load(m + i, lanes), scaled);
        vec_store(v + i, square, lanes);
        vec_store(m + i, move, lanes);
        vec_store(w + i, weight - k.learning_rate * move, lanes);
    }
}

static void kernel_sgd(size_t n, const struct ccrnn_momentum_step *step, ccrnn_real *w,
                       const ccrnn_real *g, ccrnn_real *m)
{
    const struct momentum_coefficients k = momentum_of(step);
    for (size_t i = 0; i < n; i += CCRNN_LANES) {
        const size_t lanes = vec_lanes(n - i);
        const vec weight = vec_load(w + i, lanes);
        const vec gradient = decayed_gradient(&k, weight, g + i, lanes);
        const vec move = vec_fma(vec_all(k.momentum), vec_load(m + i, lanes), gradient);
        vec_store(m + i, move, lanes);
        vec_store(w + i, weight - k.learning_rate * move, lanes);
    }
}

static const struct ccrnn_kernels table = {
    .name = CCRNN_TEXT(CCRNN_KERNEL_SUFFIX),
    .exp = kernel_exp,
    .tanh = kernel_tanh,
    .sigmoid = kernel_sigmoid,
    .lstm_forward = kernel_lstm_forward,
    .lstm_backward = kernel_lstm_backward,
    .gru_forward = kernel_gru_forward,
    .gru_backward = kernel_gru_backward,
    .tanh_forward = kernel_tanh_forward,
    .tanh_backward = kernel_tanh_backward,
    .bias_rows = kernel_bias_rows,
    .add_bias = kernel_add_bias,
    .bias_relu = kernel_bias_relu,
    .relu_backward = kernel_relu_backward,
    .column_sums = kernel_column_sums,
    .softmax = kernel_softmax,
    .scale = kernel_scale,
    .multiply = kernel_multiply,
    .difference = kernel_difference,
    .sum_of_squares = kernel_sum_of_squares,
    .dots = kernel_dots,
    .adam = kernel_adam,
    .rmsprop = kernel_rmsprop,
    .sgd = kernel_sgd,
};

const struct ccrnn_kernels *CCRNN_NAME(ccrnn_kernels_, CCRNN_KERNEL_SUFFIX)(void)
{
    return &table;
}
