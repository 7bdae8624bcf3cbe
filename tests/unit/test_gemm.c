/* Both gemm back ends against a naive loop in double, over odd sizes, all transposes, and rows longer
 * than their width: the norm of the difference, relative to the norm of the sums of absolute products. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "math/math.h"
#include "matrix.h"

/* A few roundings of single precision: those of one sum mostly cancel. */
static const double residual_allowed = 4e-7;

static const size_t sizes[] = {1, 2, 3, 7, 17, 33, 64, 65, 130};

enum { SIZES = sizeof sizes / sizeof *sizes };

static ccrnn_gemm *const back_ends[] = {ccrnn_gemm_plain, ccrnn_gemm_onednn};

enum { BACK_ENDS = sizeof back_ends / sizeof *back_ends };

struct product {
    bool transpose_a, transpose_b;
    size_t M, N, K, gap;
    ccrnn_real alpha, beta;
};

static struct matrix operand(uint64_t seed, bool transpose, size_t rows, size_t cols, size_t gap)
{
    struct matrix m = transpose ? matrix_random(seed, cols, rows, gap, 1)
                                : matrix_random(seed, rows, cols, gap, 1);
    /* What stands between the rows is not part of the matrix: a NaN there must not be read. */
    for (size_t i = 0; i < matrix_length(&m); i++)
        if (i % m.ld >= m.cols)
            m.data[i] = (ccrnn_real)NAN;
    return m;
}

/* The operand as it enters the product, (rows,cols) dense, in double. Free with free(). */
static double *dense(const struct matrix *m, bool transpose)
{
    const size_t rows = transpose ? m->cols : m->rows, cols = transpose ? m->rows : m->cols;
    double *const it = malloc((rows * cols + 1) * sizeof *it);
    assert_non_null(it);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            it[i * cols + j] = transpose ? matrix_at(m, j, i) : matrix_at(m, i, j);
    return it;
}

/* ‖C − Z‖ / ‖Y‖ with Z = alpha·op(A)·op(B) + beta·before in double, and Y the same with the absolute
 * value of every term. */
static double residual(const struct product *p, const struct matrix *A, const struct matrix *B,
                       const struct matrix *before, const struct matrix *C)
{
    /* B by columns, so that both are read in the order of the sum. */
    double *const a = dense(A, p->transpose_a), *const b = dense(B, !p->transpose_b);
    double wrong = 0, size = 0;
    for (size_t i = 0; i < p->M; i++) {
        for (size_t j = 0; j < p->N; j++) {
            const double *const row = a + i * p->K, *const column = b + j * p->K;
            double sum = 0, absolute = 0;
            for (size_t k = 0; k < p->K; k++) {
                const double term = (double)p->alpha * row[k] * column[k];
                sum += term;
                absolute += fabs(term);
            }
            if (p->beta != 0) {
                sum += (double)p->beta * matrix_at(before, i, j);
                absolute += fabs((double)p->beta * matrix_at(before, i, j));
            }
            const double difference = matrix_at(C, i, j) - sum;
            wrong += difference * difference;
            size += absolute * absolute;
        }
    }
    free(a);
    free(b);
    return wrong == 0 ? 0 : sqrt(wrong / size);
}

static void check_product(ccrnn_gemm *gemm, const struct product *p)
{
    struct matrix A = operand(1, p->transpose_a, p->M, p->K, p->gap);
    struct matrix B = operand(2, p->transpose_b, p->K, p->N, 2 * p->gap);
    struct matrix C = matrix_random(3, p->M, p->N, p->gap, 1);
    if (p->beta == 0)
        for (size_t i = 0; i < p->M; i++)
            for (size_t j = 0; j < p->N; j++)
                C.data[i * C.ld + j] = (ccrnn_real)NAN;
    struct matrix before = matrix_copy(&C);
    gemm(p->transpose_a, p->transpose_b, p->M, p->N, p->K, p->alpha, A.data, A.ld, B.data, B.ld,
         p->beta, C.data, C.ld);
    assert_true(residual(p, &A, &B, &before, &C) <= residual_allowed);
    assert_true(matrix_gaps_untouched(&C));
    matrix_free(&A);
    matrix_free(&B);
    matrix_free(&C);
    matrix_free(&before);
}

/* All transposes, without and with gaps, C overwritten or accumulated into. */
static void check_sizes(ccrnn_gemm *gemm, size_t M, size_t N, size_t K)
{
    for (unsigned variant = 0; variant < 16; variant++) {
        const struct product p = {.transpose_a = (variant & 1) != 0,
                                  .transpose_b = (variant & 2) != 0,
                                  .M = M,
                                  .N = N,
                                  .K = K,
                                  .gap = (variant & 4) != 0 ? 5 : 0,
                                  .alpha = 1,
                                  .beta = (variant & 8) != 0 ? 1.0f : 0.0f};
        check_product(gemm, &p);
    }
}

static void products_equal_the_naive_loop(void **state)
{
    (void)state;
    for (size_t e = 0; e < BACK_ENDS; e++)
        for (size_t m = 0; m < SIZES; m++)
            for (size_t n = 0; n < SIZES; n++)
                for (size_t k = 0; k < SIZES; k++)
                    check_sizes(back_ends[e], sizes[m], sizes[n], sizes[k]);
}

static void factors_are_applied(void **state)
{
    (void)state;
    static const ccrnn_real factors[] = {0, 1, (ccrnn_real)-0.5, (ccrnn_real)0.1};
    for (size_t e = 0; e < BACK_ENDS; e++)
        for (size_t a = 1; a < 4; a++)
            for (size_t b = 0; b < 4; b++)
                for (size_t k = 5; k <= 70; k += 65)
                    check_product(back_ends[e], &(struct product){.M = 9,
                                                                  .N = 70,
                                                                  .K = k,
                                                                  .gap = 1,
                                                                  .alpha = factors[a],
                                                                  .beta = factors[b]});
}

/* M, N or K of 0: C stays, is scaled, or becomes zero. */
static void empty_products_only_scale(void **state)
{
    (void)state;
    for (size_t e = 0; e < BACK_ENDS; e++) {
        check_sizes(back_ends[e], 0, 3, 4);
        check_sizes(back_ends[e], 3, 0, 4);
        check_sizes(back_ends[e], 3, 4, 0);
        ccrnn_real c[2] = {3, 4}, none = 0;
        back_ends[e](false, false, 1, 2, 0, 1, &none, 1, &none, 2, (ccrnn_real)0.5, c, 2);
        assert_true(is_near((double)c[0], 1.5, 0) && is_near((double)c[1], 2, 0));
    }
}

/* An output of the plain loop depends on its row of A and column of B only, to the bit. */
static void plain_adds_up_in_one_order(void **state)
{
    (void)state;
    enum { M = 5, N = 70, K = 130 };
    struct matrix A = matrix_random(1, M, K, 0, 1), B = matrix_random(2, K, N, 0, 1);
    struct matrix C = matrix_random(3, M, N, 0, 1);
    ccrnn_gemm_plain(false, false, M, N, K, 1, A.data, K, B.data, N, 0, C.data, N);
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < N; j++) {
            ccrnn_real alone;
            ccrnn_gemm_plain(false, false, 1, 1, K, 1, A.data + i * K, K, B.data + j, N, 0,
                             &alone, 1);
            assert_memory_equal(&alone, C.data + i * N + j, sizeof alone);
        }
    }
    matrix_free(&A);
    matrix_free(&B);
    matrix_free(&C);
}

/* oneDNN refuses rows that overlap (a leading dimension below the width): the plain loop steps in
 * and the caller gets the product. */
static void what_onednn_refuses_is_still_computed(void **state)
{
    (void)state;
    const ccrnn_real a[4] = {1, 2, 3, 4}, b[3] = {1, 10, 100};
    ccrnn_real c[2] = {0, 0};
    ccrnn_gemm_onednn(false, false, 2, 1, 3, 1, a, 1, b, 1, 0, c, 1);
    assert_true(is_near((double)c[0], 321, 0));
    assert_true(is_near((double)c[1], 432, 0));
}

static void nan_reaches_the_outputs_that_use_it(void **state)
{
    (void)state;
    enum { M = 3, N = 20, K = 9 };
    for (size_t e = 0; e < BACK_ENDS; e++) {
        struct matrix A = matrix_random(1, M, K, 0, 1), B = matrix_random(2, K, N, 0, 1);
        struct matrix C = matrix_random(3, M, N, 0, 1);
        A.data[1 * K + 4] = (ccrnn_real)NAN;
        back_ends[e](false, false, M, N, K, 1, A.data, K, B.data, N, 0, C.data, N);
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < N; j++)
                assert_int_equal(isnan(matrix_at(&C, i, j)) != 0, i == 1);
        matrix_free(&A);
        matrix_free(&B);
        matrix_free(&C);
    }
}

int main(void)
{
    ccrnn_math_thread_setup();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_the_naive_loop),
        cmocka_unit_test(factors_are_applied),
        cmocka_unit_test(empty_products_only_scale),
        cmocka_unit_test(plain_adds_up_in_one_order),
        cmocka_unit_test(what_onednn_refuses_is_still_computed),
        cmocka_unit_test(nan_reaches_the_outputs_that_use_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
