/* The kernels on rows and arrays (bias, ReLU, sums, Adam …) of every table this CPU can run, against
 * loops in double written here. */
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "matrix.h"
#include "tables.h"

/* One rounding of values below 4. */
static const double tolerance = 4 * (double)FLT_EPSILON;

static const size_t sizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 50, 255, 257, 600};

enum { SIZES = sizeof sizes / sizeof *sizes };

typedef void check_rows_function(const struct ccrnn_kernels *kernels, size_t R, size_t N,
                                 size_t gap);
typedef void check_array_function(const struct ccrnn_kernels *kernels, size_t n);

static void for_all_rows(check_rows_function *check)
{
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    assert_true(table_count >= 1);
    for (size_t t = 0; t < table_count; t++)
        for (size_t r = 0; r < SIZES; r++)
            for (size_t j = 0; j < SIZES; j++)
                for (size_t gap = 0; gap <= 3; gap += 3)
                    check(tables[t], sizes[r], sizes[j], gap);
}

static void for_all_arrays(check_array_function *check)
{
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    assert_true(table_count >= 1);
    for (size_t t = 0; t < table_count; t++) {
        check(tables[t], 0);
        for (size_t i = 0; i < SIZES; i++)
            check(tables[t], sizes[i]);
    }
}

static void check_bias_kernels(const struct ccrnn_kernels *kernels, size_t R, size_t N,
                               size_t gap)
{
    struct matrix x = matrix_random(1, R, N, gap, 1), before = matrix_copy(&x);
    struct matrix bias = matrix_random(2, 1, N, 0, 1), bias2 = matrix_random(3, 1, N, 0, 1);
    struct matrix added = matrix_copy(&x), rectified = matrix_copy(&x), two = matrix_copy(&x);
    kernels->add_bias(R, N, bias.data, added.data, added.ld);
    kernels->bias_relu(R, N, bias.data, rectified.data, rectified.ld);
    kernels->bias_rows(R, N, bias.data, NULL, x.data, x.ld);
    kernels->bias_rows(R, N, bias.data, bias2.data, two.data, two.ld);
    for (size_t r = 0; r < R; r++) {
        for (size_t j = 0; j < N; j++) {
            const double b = matrix_at(&bias, 0, j), sum = matrix_at(&before, r, j) + b;
            assert_true(is_near(matrix_at(&added, r, j), sum, tolerance));
            assert_true(is_near(matrix_at(&rectified, r, j), sum > 0 ? sum : 0, tolerance));
            assert_true(is_near(matrix_at(&x, r, j), b, 0));
            assert_true(is_near(matrix_at(&two, r, j), b + matrix_at(&bias2, 0, j), tolerance));
        }
    }
    struct matrix *all[] = {&x, &before, &bias, &bias2, &added, &rectified, &two};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(matrix_gaps_untouched(all[i]));
        matrix_free(all[i]);
    }
}

static void bias_kernels_follow_their_formula(void **state)
{
    (void)state;
    for_all_rows(check_bias_kernels);
}

static void check_relu_backward(const struct ccrnn_kernels *kernels, size_t R, size_t N,
                                size_t gap)
{
    struct matrix a = matrix_random(1, R, N, gap, 1), d = matrix_random(2, R, N, gap, 1);
    struct matrix before = matrix_copy(&d), sums = matrix_random(3, 1, N, 0, 1);
    struct matrix again = matrix_random(4, 1, N, 0, 1);
    for (size_t r = 0; r < R; r++)
        for (size_t j = 0; j < N; j++)
            if (matrix_at(&a, r, j) < 0)
                a.data[r * a.ld + j] = 0;
    kernels->relu_backward(R, N, a.data, d.data, d.ld, sums.data);
    kernels->column_sums(R, N, d.data, d.ld, again.data);
    for (size_t j = 0; j < N; j++) {
        double sum = 0, absolute = 0;
        for (size_t r = 0; r < R; r++) {
            const double expected = matrix_at(&a, r, j) > 0 ? matrix_at(&before, r, j) : 0;
            assert_true(is_near(matrix_at(&d, r, j), expected, 0));
            sum += expected;
            absolute += fabs(expected);
        }
        assert_true(is_near(matrix_at(&sums, 0, j), sum, 2e-7 * absolute));
    }
    assert_memory_equal(sums.data, again.data, N * sizeof *sums.data);
    struct matrix *all[] = {&a, &d, &before, &sums, &again};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(matrix_gaps_untouched(all[i]));
        matrix_free(all[i]);
    }
}

static void relu_backward_and_sums_follow_their_formula(void **state)
{
    (void)state;
    for_all_rows(check_relu_backward);
}

/* Sums over many rows of one sign, where rounding errors would pile up, and the same in every
 * table: rows are added in one order. */
static void long_sums_stay_accurate(void **state)
{
    (void)state;
    enum { ROWS = 3000, COLUMNS = 270 };
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    struct matrix x = matrix_random(1, ROWS, COLUMNS, 0, 0.1);
    struct matrix sums[TABLES_MAX];
    for (size_t i = 0; i < matrix_length(&x); i++)
        x.data[i] += (ccrnn_real)0.7;
    for (size_t t = 0; t < table_count; t++) {
        sums[t] = matrix_random(2, 1, COLUMNS, 0, 1);
        tables[t]->column_sums(ROWS, COLUMNS, x.data, x.ld, sums[t].data);
        for (size_t j = 0; j < COLUMNS; j++) {
            double sum = 0;
            for (size_t r = 0; r < ROWS; r++)
                sum += matrix_at(&x, r, j);
            assert_true(is_near(matrix_at(&sums[t], 0, j), sum, 2e-7 * sum));
        }
        assert_memory_equal(sums[t].data, sums[0].data, COLUMNS * sizeof *sums[t].data);
    }
    for (size_t t = 0; t < table_count; t++)
        matrix_free(&sums[t]);
    matrix_free(&x);
}

/* NaN is never rectified away, and stays in its column. */
static void check_rows_nan(const struct ccrnn_kernels *kernels, size_t R, size_t N, size_t gap)
{
    struct matrix x = matrix_random(1, R, N, gap, 1), a = matrix_copy(&x);
    struct matrix bias = matrix_random(2, 1, N, 0, 1), sums = matrix_random(3, 1, N, 0, 1);
    const size_t row = R / 2, column = N - 1;
    x.data[row * x.ld + column] = (ccrnn_real)NAN;
    kernels->bias_relu(R, N, bias.data, x.data, x.ld);
    assert_true(isnan(matrix_at(&x, row, column)));
    kernels->relu_backward(R, N, a.data, x.data, x.ld, sums.data);
    for (size_t j = 0; j < N; j++)
        assert_int_equal(isnan(matrix_at(&sums, 0, j)) != 0, j == column);
    kernels->column_sums(R, N, x.data, x.ld, sums.data);
    for (size_t j = 0; j < N; j++)
        assert_int_equal(isnan(matrix_at(&sums, 0, j)) != 0, j == column);
    matrix_free(&x);
    matrix_free(&a);
    matrix_free(&bias);
    matrix_free(&sums);
}

static void rows_pass_nan_on(void **state)
{
    (void)state;
    for_all_rows(check_rows_nan);
}

static void no_rows_sum_to_zero(void **state)
{
    (void)state;
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    for (size_t t = 0; t < table_count; t++) {
        ccrnn_real x[3] = {1, 2, 3}, sums[3] = {4, 5, 6};
        tables[t]->column_sums(0, 3, x, 3, sums);
        tables[t]->bias_rows(0, 3, sums, NULL, x, 3);
        for (size_t j = 0; j < 3; j++) {
            assert_true(is_near((double)sums[j], 0, 0));
            assert_true(is_near((double)x[j], (double)j + 1, 0));
        }
    }
}

static void check_products(const struct ccrnn_kernels *kernels, size_t n)
{
    struct matrix x = matrix_random(1, 1, n, 0, 1), y = matrix_random(2, 1, n, 0, 1);
    struct matrix scaled = matrix_copy(&x), product = matrix_copy(&x);
    kernels->scale(n, -1.5, scaled.data, scaled.data);
    kernels->multiply(n, product.data, y.data, product.data);
    for (size_t i = 0; i < n; i++) {
        const double x_i = matrix_at(&x, 0, i), y_i = matrix_at(&y, 0, i);
        assert_true(is_near(matrix_at(&scaled, 0, i), -1.5 * x_i, tolerance));
        assert_true(is_near(matrix_at(&product, 0, i), x_i * y_i, tolerance));
    }
    kernels->scale(n, 2, x.data, scaled.data);
    kernels->multiply(n, x.data, y.data, product.data);
    for (size_t i = 0; i < n; i++) {
        assert_true(is_near(matrix_at(&scaled, 0, i), 2 * matrix_at(&x, 0, i), 0));
        assert_true(is_near(matrix_at(&product, 0, i), matrix_at(&x, 0, i) * matrix_at(&y, 0, i),
                            tolerance));
    }
    matrix_free(&x);
    matrix_free(&y);
    matrix_free(&scaled);
    matrix_free(&product);
}

static void products_follow_their_formula(void **state)
{
    (void)state;
    for_all_arrays(check_products);
}

static void check_sums(const struct ccrnn_kernels *kernels, size_t n)
{
    struct matrix x = matrix_random(1, 1, n, 0, 1), y = matrix_random(2, 1, n, 0, 1);
    struct matrix d = matrix_random(3, 1, n, 0, 1), in_x = matrix_copy(&x),
                  in_y = matrix_copy(&y);
    double xy = 0, xx = 0, yy = 0, dd = 0, dots[3];
    for (size_t i = 0; i < n; i++) {
        const double x_i = matrix_at(&x, 0, i), y_i = matrix_at(&y, 0, i);
        xy += x_i * y_i;
        xx += x_i * x_i;
        yy += y_i * y_i;
        dd += (x_i - y_i) * (x_i - y_i);
    }
    const double rounding = 1e-12 * (1 + (double)n);
    kernels->dots(n, x.data, y.data, dots);
    assert_true(is_near(dots[0], xy, rounding));
    assert_true(is_near(dots[1], xx, rounding));
    assert_true(is_near(dots[2], yy, rounding));
    assert_true(is_near(kernels->sum_of_squares(n, x.data), xx, rounding));
    assert_true(is_near(kernels->difference(n, 0.3, x.data, y.data, d.data), dd, rounding));
    kernels->difference(n, 0.3, in_x.data, y.data, in_x.data);
    kernels->difference(n, 0.3, x.data, in_y.data, in_y.data);
    for (size_t i = 0; i < n; i++)
        assert_true(is_near(matrix_at(&d, 0, i),
                            0.3 * (matrix_at(&x, 0, i) - matrix_at(&y, 0, i)), tolerance));
    assert_memory_equal(d.data, in_x.data, n * sizeof *d.data);
    assert_memory_equal(d.data, in_y.data, n * sizeof *d.data);
    if (n > 0) {
        x.data[n / 2] = (ccrnn_real)NAN;
        assert_true(isnan(kernels->sum_of_squares(n, x.data)));
        assert_true(isnan(kernels->difference(n, 1, x.data, y.data, d.data)));
        assert_true(isnan(matrix_at(&d, 0, n / 2)));
        kernels->dots(n, x.data, y.data, dots);
        assert_true(isnan(dots[0]) && isnan(dots[1]) && !isnan(dots[2]));
    }
    struct matrix *all[] = {&x, &y, &d, &in_x, &in_y};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        matrix_free(all[i]);
}

static void sums_follow_their_formula(void **state)
{
    (void)state;
    for_all_arrays(check_sums);
}

/* Squares beyond the range of float must not overflow in a sum kept in double. */
static void sums_have_the_range_of_double(void **state)
{
    (void)state;
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    ccrnn_real x[40], zero[40], d[40];
    double dots[3];
    for (size_t i = 0; i < 40; i++) {
        x[i] = (ccrnn_real)1e30;
        zero[i] = 0;
    }
    const double expected = 40 * (double)x[0] * (double)x[0];
    for (size_t t = 0; t < table_count; t++) {
        tables[t]->dots(40, x, x, dots);
        assert_true(is_near(dots[0], expected, 1e-12 * expected));
        assert_true(is_near(tables[t]->sum_of_squares(40, x), expected, 1e-12 * expected));
        assert_true(
            is_near(tables[t]->difference(40, 1, x, zero, d), expected, 1e-12 * expected));
    }
}

static void check_adam(const struct ccrnn_kernels *kernels, size_t n)
{
    const struct ccrnn_adam_step step = {.factor = 0.5,
                                         .beta1 = 0.9,
                                         .beta2 = 0.98,
                                         .step_size = 0.01,
                                         .inverse_root_c2 = 1.7,
                                         .epsilon = 1e-3};
    struct matrix w = matrix_random(1, 1, n, 0, 1), g = matrix_random(2, 1, n, 0, 1);
    struct matrix m = matrix_random(3, 1, n, 0, 1), v = matrix_random(4, 1, n, 0, 1);
    for (size_t i = 0; i < n; i++)
        v.data[i] *= v.data[i];
    struct matrix w0 = matrix_copy(&w), g0 = matrix_copy(&g), m0 = matrix_copy(&m);
    struct matrix v0 = matrix_copy(&v);
    kernels->adam(n, &step, w.data, g.data, m.data, v.data);
    for (size_t i = 0; i < n; i++) {
        const double gradient = step.factor * matrix_at(&g0, 0, i);
        const double first = step.beta1 * matrix_at(&m0, 0, i) + (1 - step.beta1) * gradient;
        const double second =
            step.beta2 * matrix_at(&v0, 0, i) + (1 - step.beta2) * gradient * gradient;
        const double root = sqrt(second) * step.inverse_root_c2 + step.epsilon;
        const double expected = matrix_at(&w0, 0, i) - step.step_size * first / root;
        assert_true(is_near(matrix_at(&m, 0, i), first, tolerance));
        assert_true(is_near(matrix_at(&v, 0, i), second, tolerance));
        assert_true(is_near(matrix_at(&w, 0, i), expected, 2 * tolerance * (1 + fabs(expected))));
    }
    assert_memory_equal(g.data, g0.data, n * sizeof *g.data);
    struct matrix *all[] = {&w, &g, &m, &v, &w0, &g0, &m0, &v0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        matrix_free(all[i]);
}

static void adam_follows_its_formula(void **state)
{
    (void)state;
    for_all_arrays(check_adam);
}

/* Weights, gradient and moments, and what they were. */
struct optimised {
    struct matrix w, g, m, v, w0, m0, v0;
};

static struct optimised optimised_random(size_t n)
{
    struct optimised o = {matrix_random(1, 1, n, 0, 1),
                          matrix_random(2, 1, n, 0, 1),
                          matrix_random(3, 1, n, 0, 1),
                          matrix_random(4, 1, n, 0, 1),
                          {0},
                          {0},
                          {0}};
    for (size_t i = 0; i < n; i++)
        o.v.data[i] *= o.v.data[i];
    o.w0 = matrix_copy(&o.w);
    o.m0 = matrix_copy(&o.m);
    o.v0 = matrix_copy(&o.v);
    return o;
}

static void optimised_free(struct optimised *o)
{
    struct matrix *all[] = {&o->w, &o->g, &o->m, &o->v, &o->w0, &o->m0, &o->v0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(matrix_gaps_untouched(all[i]));
        matrix_free(all[i]);
    }
}

/* With weight decay g' = 0.5 g + 0.3 w takes the place of the gradient. */
static void check_adam_decay(const struct ccrnn_kernels *kernels, size_t n)
{
    const struct ccrnn_adam_step step = {.factor = 0.5,
                                         .weight_decay = 0.3,
                                         .beta1 = 0.9,
                                         .beta2 = 0.98,
                                         .step_size = 0.01,
                                         .inverse_root_c2 = 1.7,
                                         .epsilon = 1e-3};
    struct optimised o = optimised_random(n);
    kernels->adam(n, &step, o.w.data, o.g.data, o.m.data, o.v.data);
    for (size_t i = 0; i < n; i++) {
        const double w = matrix_at(&o.w0, 0, i);
        const double gradient = 0.5 * matrix_at(&o.g, 0, i) + 0.3 * w;
        const double first = 0.9 * matrix_at(&o.m0, 0, i) + (1 - 0.9) * gradient;
        const double second = 0.98 * matrix_at(&o.v0, 0, i) + (1 - 0.98) * gradient * gradient;
        const double expected = w - 0.01 * first / (sqrt(second) * 1.7 + 1e-3);
        assert_true(is_near(matrix_at(&o.m, 0, i), first, tolerance));
        assert_true(is_near(matrix_at(&o.v, 0, i), second, tolerance));
        assert_true(
            is_near(matrix_at(&o.w, 0, i), expected, 2 * tolerance * (1 + fabs(expected))));
    }
    optimised_free(&o);
}

static void check_rmsprop(const struct ccrnn_kernels *kernels, size_t n)
{
    for (unsigned with = 0; with < 4; with++) {
        const struct ccrnn_momentum_step step = {.factor = 0.5,
                                                 .weight_decay = with & 1 ? 0.3 : 0,
                                                 .momentum = with & 2 ? 0.7 : 0,
                                                 .learning_rate = 0.01,
                                                 .decay = 0.95,
                                                 .epsilon = 1e-2};
        struct optimised o = optimised_random(n);
        kernels->rmsprop(n, &step, o.w.data, o.g.data, o.m.data, o.v.data);
        for (size_t i = 0; i < n; i++) {
            const double w = matrix_at(&o.w0, 0, i);
            const double gradient = 0.5 * matrix_at(&o.g, 0, i) + step.weight_decay * w;
            const double square =
                0.95 * matrix_at(&o.v0, 0, i) + (1 - 0.95) * gradient * gradient;
            const double scaled = gradient / (sqrt(square) + 1e-2);
            const double move = step.momentum * matrix_at(&o.m0, 0, i) + scaled;
            const double size = 1 + fabs(scaled) + fabs(move);
            assert_true(is_near(matrix_at(&o.v, 0, i), square, tolerance));
            assert_true(is_near(matrix_at(&o.m, 0, i), move, 2 * tolerance * size));
            assert_true(is_near(matrix_at(&o.w, 0, i), w - 0.01 * move, tolerance * size));
        }
        optimised_free(&o);
    }
}

static void check_sgd(const struct ccrnn_kernels *kernels, size_t n)
{
    for (unsigned with = 0; with < 4; with++) {
        const struct ccrnn_momentum_step step = {.factor = 0.5,
                                                 .weight_decay = with & 1 ? 0.3 : 0,
                                                 .momentum = with & 2 ? 0.7 : 0,
                                                 .learning_rate = 0.1};
        struct optimised o = optimised_random(n);
        kernels->sgd(n, &step, o.w.data, o.g.data, o.m.data);
        for (size_t i = 0; i < n; i++) {
            const double w = matrix_at(&o.w0, 0, i);
            const double gradient = 0.5 * matrix_at(&o.g, 0, i) + step.weight_decay * w;
            const double move = step.momentum * matrix_at(&o.m0, 0, i) + gradient;
            assert_true(is_near(matrix_at(&o.m, 0, i), move, tolerance));
            assert_true(is_near(matrix_at(&o.w, 0, i), w - 0.1 * move, tolerance));
        }
        optimised_free(&o);
    }
}

static void other_optimisers_follow_their_formulas(void **state)
{
    (void)state;
    for_all_arrays(check_adam_decay);
    for_all_arrays(check_rmsprop);
    for_all_arrays(check_sgd);
}

/* Where there never was a gradient, a weight of 0 stays: absent fibres, and padding. */
static void check_nothing_moves_nothing(const struct ccrnn_kernels *kernels, size_t n)
{
    const struct ccrnn_momentum_step step = {.factor = 1,
                                             .weight_decay = 0.3,
                                             .momentum = 0.9,
                                             .learning_rate = 0.1,
                                             .decay = 0.9,
                                             .epsilon = 1e-30};
    const struct ccrnn_adam_step adam = {.factor = 1,
                                         .weight_decay = 0.3,
                                         .beta1 = 0.9,
                                         .beta2 = 0.98,
                                         .step_size = 1,
                                         .inverse_root_c2 = 1,
                                         .epsilon = 1e-30};
    struct matrix w = matrix_random(1, 1, n, 0, 0), g = matrix_copy(&w), m = matrix_copy(&w);
    struct matrix v = matrix_copy(&w);
    kernels->adam(n, &adam, w.data, g.data, m.data, v.data);
    kernels->rmsprop(n, &step, w.data, g.data, m.data, v.data);
    kernels->sgd(n, &step, w.data, g.data, m.data);
    for (size_t i = 0; i < n; i++)
        assert_true(is_near(matrix_at(&w, 0, i), 0, 0) && is_near(matrix_at(&m, 0, i), 0, 0) &&
                    is_near(matrix_at(&v, 0, i), 0, 0));
    struct matrix *all[] = {&w, &g, &m, &v};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        matrix_free(all[i]);
}

static void optimisers_leave_nothing_alone(void **state)
{
    (void)state;
    for_all_arrays(check_nothing_moves_nothing);
}

/* Errors of exp (4 ulp) and of its argument, whose rounding grows with the largest summand. */
static void check_softmax_range(const struct ccrnn_kernels *kernels, size_t n, double range)
{
    struct matrix x = matrix_random(1, 1, n, 0, range), bias = matrix_random(2, 1, n, 0, range);
    struct matrix y = matrix_copy(&x);
    const double scale = 0.7, relative = (8 + 8 * range) * (double)FLT_EPSILON;
    long double sum = 0, total = 0;
    for (size_t i = 0; i < n; i++)
        sum += expl((long double)matrix_at(&x, 0, i) + (long double)matrix_at(&bias, 0, i));
    const double log_sum = kernels->softmax(n, scale, bias.data, y.data);
    assert_true(is_near(log_sum, (double)logl(sum), 2 * range * (double)FLT_EPSILON + 1e-6));
    for (size_t i = 0; i < n; i++) {
        const long double sum_i =
            (long double)matrix_at(&x, 0, i) + (long double)matrix_at(&bias, 0, i);
        const double expected = (double)((long double)scale * expl(sum_i) / sum);
        assert_true(is_near(matrix_at(&y, 0, i), expected, relative * expected));
        total += (long double)matrix_at(&y, 0, i);
    }
    assert_true(is_near((double)total, scale, relative * scale));
    matrix_free(&x);
    matrix_free(&bias);
    matrix_free(&y);
}

static void check_softmax(const struct ccrnn_kernels *kernels, size_t n)
{
    if (n == 0)
        return;
    check_softmax_range(kernels, n, 0);
    check_softmax_range(kernels, n, 1);
    check_softmax_range(kernels, n, 20);
}

static void softmax_follows_its_formula(void **state)
{
    (void)state;
    for_all_arrays(check_softmax);
}

/* Far beyond what exp can hold; the largest stands at every place in turn. */
static void check_softmax_extremes(const struct ccrnn_kernels *kernels, size_t n)
{
    struct matrix bias = matrix_random(1, 1, n, 0, 0), x = matrix_random(2, 1, n, 0, 0);
    for (size_t at = 0; at < n; at += 1 + n / 40) {
        for (size_t i = 0; i < n; i++)
            x.data[i] = i == at ? (ccrnn_real)1e4 : (ccrnn_real)-1e30;
        assert_true(is_near(kernels->softmax(n, 2, bias.data, x.data), 1e4, 1e-9));
        for (size_t i = 0; i < n; i++)
            assert_true(is_near(matrix_at(&x, 0, i), i == at ? 2 : 0, 0));
        static const ccrnn_real bad[] = {(ccrnn_real)NAN, (ccrnn_real)INFINITY};
        for (size_t b = 0; b < 2; b++) {
            for (size_t i = 0; i < n; i++)
                x.data[i] = i == at ? bad[b] : (ccrnn_real)(i % 5);
            assert_true(!isfinite(kernels->softmax(n, 1, bias.data, x.data)));
            for (size_t i = 0; i < n; i++)
                assert_true(isnan(matrix_at(&x, 0, i)) || (b == 1 && i != at));
            assert_true(isnan(matrix_at(&x, 0, at)));
        }
    }
    matrix_free(&bias);
    matrix_free(&x);
}

static void softmax_holds_extremes_and_passes_nan_on(void **state)
{
    (void)state;
    for_all_arrays(check_softmax_extremes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bias_kernels_follow_their_formula),
        cmocka_unit_test(relu_backward_and_sums_follow_their_formula),
        cmocka_unit_test(long_sums_stay_accurate),
        cmocka_unit_test(rows_pass_nan_on),
        cmocka_unit_test(no_rows_sum_to_zero),
        cmocka_unit_test(products_follow_their_formula),
        cmocka_unit_test(sums_follow_their_formula),
        cmocka_unit_test(sums_have_the_range_of_double),
        cmocka_unit_test(adam_follows_its_formula),
        cmocka_unit_test(other_optimisers_follow_their_formulas),
        cmocka_unit_test(optimisers_leave_nothing_alone),
        cmocka_unit_test(softmax_follows_its_formula),
        cmocka_unit_test(softmax_holds_extremes_and_passes_nan_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
