/* Work in pieces: against the same work as a whole, and the same bytes for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "math/pieces.h"
#include "matrix.h"

/* Two orders of the same sum, relative to the norm of the sums of absolute products. */
static const double residual_allowed = 4e-7;

static const int thread_counts[] = {1, 2, 3, 8};
enum { TEAMS = sizeof thread_counts / sizeof *thread_counts };

static struct ccrnn_math math_of(enum ccrnn_gemm_choice gemm, bool wide, int threads)
{
    struct ccrnn_math math = {.wide = wide};
    struct ccrnn_error err = {0};
    if (ccrnn_math_select(gemm, CCRNN_KERNELS_AUTO, &math, &err) != CCRNN_OK ||
        ccrnn_team_create(threads, ccrnn_math_team_start, &math.team, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return math;
}

struct product {
    size_t M, N, K;
    bool transpose_a, transpose_b;
    ccrnn_real alpha, beta;
};

/* More rows than columns and the other way round; sides that end inside, at and just after a piece;
 * square; a side that is one piece; too little work to cut. */
static const struct product products[] = {
    {700, 130, 100, false, false, 1, 0},   {700, 130, 100, true, false, 1, 1},
    {700, 130, 100, true, true, -0.5f, 1}, {130, 700, 100, false, true, 1, 0},
    {130, 700, 100, true, false, 1, 1},    {64, 2048, 65, false, true, 1, 0},
    {2049, 64, 65, false, false, 1, 1},    {300, 300, 200, true, false, 1, 0},
    {64, 64, 2100, false, true, 1, 0},     {1, 3000, 2900, false, true, 1, 0},
    {60, 50, 40, false, false, 1, 0},
};
enum { PRODUCTS = sizeof products / sizeof *products };

struct operands {
    struct matrix A, B, C;
};

/* Rows longer than their width; C holds NaN where it must not be read. */
static struct operands operands_of(const struct product *p)
{
    struct operands o = {
        .A = p->transpose_a ? matrix_random(1, p->K, p->M, 3, 1)
                            : matrix_random(1, p->M, p->K, 3, 1),
        .B = p->transpose_b ? matrix_random(2, p->N, p->K, 5, 1)
                            : matrix_random(2, p->K, p->N, 5, 1),
        .C = matrix_random(3, p->M, p->N, 1, 1),
    };
    for (size_t i = 0; p->beta == 0 && i < p->M; i++)
        for (size_t j = 0; j < p->N; j++)
            o.C.data[i * o.C.ld + j] = (ccrnn_real)NAN;
    return o;
}

static void free_operands(struct operands *o)
{
    matrix_free(&o->A);
    matrix_free(&o->B);
    matrix_free(&o->C);
}

static struct matrix product_with(const struct ccrnn_math *math, const struct product *p,
                                  const struct operands *o)
{
    struct matrix C = matrix_copy(&o->C);
    ccrnn_math_gemm(math, p->transpose_a, p->transpose_b, p->M, p->N, p->K, p->alpha, o->A.data,
                    o->A.ld, o->B.data, o->B.ld, p->beta, C.data, C.ld);
    assert_true(matrix_gaps_untouched(&C));
    return C;
}

static double difference(const struct product *p, const struct matrix *a, const struct matrix *b)
{
    double wrong = 0;
    for (size_t i = 0; i < p->M; i++)
        for (size_t j = 0; j < p->N; j++)
            wrong += (matrix_at(a, i, j) - matrix_at(b, i, j)) *
                     (matrix_at(a, i, j) - matrix_at(b, i, j));
    return sqrt(wrong);
}

/* The plain product adds up in one order, so its pieces are the whole to the bit. */
static void pieces_of_a_product_are_the_product(void **state)
{
    (void)state;
    struct ccrnn_math whole = math_of(CCRNN_GEMM_PLAIN, false, 1);
    struct ccrnn_math plain = math_of(CCRNN_GEMM_PLAIN, true, 3);
    struct ccrnn_math onednn = math_of(CCRNN_GEMM_ONEDNN, true, 3);
    for (size_t i = 0; i < PRODUCTS; i++) {
        const struct product *const p = &products[i];
        struct operands o = operands_of(p);
        struct matrix expected = product_with(&whole, p, &o);
        struct matrix cut = product_with(&plain, p, &o), fast = product_with(&onednn, p, &o);
        assert_memory_equal(expected.data, cut.data, matrix_length(&cut) * sizeof *cut.data);
        /* Operands are uniform in ± 1: absolute products are 1/4 on average. */
        const double size = 0.25 * (double)p->K * sqrt((double)p->M * (double)p->N);
        assert_true(difference(p, &fast, &expected) <= residual_allowed * size);
        matrix_free(&expected);
        matrix_free(&cut);
        matrix_free(&fast);
        free_operands(&o);
    }
    ccrnn_team_destroy(plain.team);
    ccrnn_team_destroy(onednn.team);
}

static void products_do_not_depend_on_threads(void **state)
{
    (void)state;
    static const enum ccrnn_gemm_choice back_ends[] = {CCRNN_GEMM_PLAIN, CCRNN_GEMM_ONEDNN};
    for (size_t e = 0; e < 2; e++)
        for (size_t i = 0; i < PRODUCTS; i++) {
            struct operands o = operands_of(&products[i]);
            struct matrix first = {0};
            for (size_t t = 0; t < TEAMS; t++) {
                struct ccrnn_math math = math_of(back_ends[e], true, thread_counts[t]);
                struct matrix C = product_with(&math, &products[i], &o);
                ccrnn_team_destroy(math.team);
                if (t == 0) {
                    first = C;
                    continue;
                }
                assert_memory_equal(first.data, C.data, matrix_length(&C) * sizeof *C.data);
                matrix_free(&C);
            }
            matrix_free(&first);
            free_operands(&o);
        }
}

/* Around the sizes of pieces of columns and of elements. */
static const size_t widths[] = {1, 1023, 1024, 1025, 5000};
static const size_t lengths[] = {0, 1, 131071, 131072, 131073, 400003};

static void check_columns(const struct ccrnn_math *math, size_t N)
{
    struct matrix x = matrix_random(1, 19, N, 2, 1), sums = matrix_random(2, 1, N, 0, 1);
    struct matrix expected = matrix_random(3, 1, N, 0, 1);
    math->kernels->column_sums(19, N, x.data, x.ld, expected.data);
    ccrnn_math_column_sums(math, 19, N, x.data, x.ld, sums.data);
    assert_memory_equal(sums.data, expected.data, N * sizeof *sums.data);
    matrix_free(&x);
    matrix_free(&sums);
    matrix_free(&expected);
}

enum optimiser { ADAM, RMSPROP, SGD, OPTIMISERS };

/* One step: of the kernel over the whole array, or in pieces. */
static void optimise(const struct ccrnn_math *math, enum optimiser which, bool whole, size_t n,
                     const ccrnn_real *g, struct matrix block[3])
{
    const struct ccrnn_adam_step adam = {.factor = 0.5,
                                         .beta1 = 0.9,
                                         .beta2 = 0.98,
                                         .step_size = 0.01,
                                         .inverse_root_c2 = 1.7,
                                         .epsilon = 1e-3};
    const struct ccrnn_momentum_step step = {.factor = 0.5,
                                             .weight_decay = 0.1,
                                             .momentum = 0.9,
                                             .learning_rate = 0.01,
                                             .decay = 0.95,
                                             .epsilon = 1e-3};
    ccrnn_real *const w = block[0].data, *const m = block[1].data, *const v = block[2].data;
    if (which == ADAM && whole)
        math->kernels->adam(n, &adam, w, g, m, v);
    else if (which == ADAM)
        ccrnn_math_adam(math, n, &adam, w, g, m, v);
    else if (which == RMSPROP && whole)
        math->kernels->rmsprop(n, &step, w, g, m, v);
    else if (which == RMSPROP)
        ccrnn_math_rmsprop(math, n, &step, w, g, m, v);
    else if (whole)
        math->kernels->sgd(n, &step, w, g, m);
    else
        ccrnn_math_sgd(math, n, &step, w, g, m);
}

static void check_optimiser(const struct ccrnn_math *math, enum optimiser which, size_t n)
{
    struct matrix g = matrix_random(1, 1, n, 0, 1);
    struct matrix found[3], expected[3];
    for (size_t i = 0; i < 3; i++) {
        found[i] = matrix_random(2 + i, 1, n, 0, 1);
        for (size_t e = 0; e < n; e++)
            found[i].data[e] = (ccrnn_real)fabs((double)found[i].data[e]);
        expected[i] = matrix_copy(&found[i]);
    }
    optimise(math, which, true, n, g.data, expected);
    optimise(math, which, false, n, g.data, found);
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(found[i].data, expected[i].data, n * sizeof *g.data);
        matrix_free(&found[i]);
        matrix_free(&expected[i]);
    }
    matrix_free(&g);
}

static void arrays_in_pieces_are_the_whole(void **state)
{
    (void)state;
    for (size_t t = 0; t < TEAMS; t++) {
        struct ccrnn_math math = math_of(CCRNN_GEMM_PLAIN, true, thread_counts[t]);
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
            check_columns(&math, widths[i]);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            for (unsigned which = 0; which < OPTIMISERS; which++)
                check_optimiser(&math, (enum optimiser)which, lengths[i]);
        ccrnn_team_destroy(math.team);
    }
}

/* Pieces are added in one order. The longest array makes pieces larger than the usual ones. */
static void squares_do_not_depend_on_threads(void **state)
{
    (void)state;
    enum { MOST = 1024 * 131072 + 1 };
    const size_t more[] = {lengths[0], lengths[1], lengths[3], lengths[4], lengths[5], MOST};
    struct matrix x = matrix_random(1, 1, 400003, 0, 1);
    struct matrix longest = {1, MOST, MOST, calloc(MOST, sizeof(ccrnn_real))};
    assert_non_null(longest.data);
    longest.data[0] = longest.data[MOST - 1] = longest.data[MOST / 2] = 1;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        const ccrnn_real *const data = more[i] == MOST ? longest.data : x.data;
        double sums[TEAMS];
        for (size_t t = 0; t < TEAMS; t++) {
            struct ccrnn_math math = math_of(CCRNN_GEMM_PLAIN, true, thread_counts[t]);
            sums[t] = ccrnn_math_sum_of_squares(&math, more[i], data);
            const double whole = math.kernels->sum_of_squares(more[i], data);
            assert_true(is_near(sums[t], whole, 1e-13 * whole));
            assert_memory_equal(&sums[t], &sums[0], sizeof sums[t]);
            ccrnn_team_destroy(math.team);
        }
    }
    matrix_free(&x);
    matrix_free(&longest);
}

static long double log_sum_exp(const struct matrix *x, const struct matrix *bias, size_t r)
{
    long double sum = 0;
    for (size_t j = 0; j < x->cols; j++)
        sum += expl((long double)matrix_at(x, r, j) + (long double)matrix_at(bias, 0, j));
    return logl(sum);
}

/* Rows around the size of a piece; with and without labels. */
static void check_softmax(const struct ccrnn_math *math, size_t R, bool labelled)
{
    enum { N = 37 };
    const double scale = 0.25, tolerance = 2e-6;
    struct matrix x = matrix_random(1, R, N, 0, 3), bias = matrix_random(2, 1, N, 0, 2);
    struct matrix y = matrix_copy(&x);
    double nats[64];
    int32_t label[64];
    for (size_t r = 0; r < R; r++)
        label[r] = (int32_t)(r * 11 % N);
    ccrnn_math_softmax(math, R, N, scale, bias.data, labelled ? label : NULL, y.data, nats);
    for (size_t r = 0; r < R; r++) {
        const double all = (double)log_sum_exp(&x, &bias, r);
        const size_t word = (size_t)label[r];
        const double own = matrix_at(&x, r, word) + matrix_at(&bias, 0, word);
        assert_true(is_near(nats[r], labelled ? all - own : all, tolerance));
        for (size_t j = 0; j < N; j++) {
            const double p = exp(matrix_at(&x, r, j) + matrix_at(&bias, 0, j) - all);
            const double expected = p - (labelled && j == word ? 1 : 0);
            assert_true(is_near(matrix_at(&y, r, j), scale * expected, tolerance * scale));
        }
    }
    matrix_free(&x);
    matrix_free(&y);
    matrix_free(&bias);
}

static void softmax_of_rows_follows_its_formula(void **state)
{
    (void)state;
    static const size_t rows[] = {1, 15, 16, 17, 33, 64};
    for (size_t t = 0; t < TEAMS; t++) {
        struct ccrnn_math math = math_of(CCRNN_GEMM_PLAIN, true, thread_counts[t]);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            check_softmax(&math, rows[i], false);
            check_softmax(&math, rows[i], true);
        }
        ccrnn_team_destroy(math.team);
    }
}

int main(void)
{
    ccrnn_math_thread_setup();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_a_product_are_the_product),
        cmocka_unit_test(products_do_not_depend_on_threads),
        cmocka_unit_test(arrays_in_pieces_are_the_whole),
        cmocka_unit_test(squares_do_not_depend_on_threads),
        cmocka_unit_test(softmax_of_rows_follows_its_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
