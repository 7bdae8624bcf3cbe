/* Every kernel of every table this CPU can run, against loops in double written here: over odd
 * sizes, and with rows longer than their width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "matrix.h"
#include "tables.h"

/* Values of the tests are below 4, and a kernel rounds a handful of times. */
static const double tolerance = 4e-6;

static const size_t sizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 50};

enum { SIZES = sizeof sizes / sizeof *sizes };

typedef void check_function(const struct ccrnn_kernels *kernels, size_t R, size_t H, size_t gap);

/* Call `check` for every usable table, number of rows, width, without and with gaps. */
static void for_all(check_function *check)
{
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t table_count = tables_usable(tables);
    assert_true(table_count >= 1);
    for (size_t t = 0; t < table_count; t++)
        for (size_t r = 0; r < SIZES; r++)
            for (size_t h = 0; h < SIZES; h++)
                for (size_t gap = 0; gap <= 3; gap += 3)
                    check(tables[t], sizes[r], sizes[h], gap);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* The arguments of a cell's kernel. gates (R,4H), prev, next, d_state (R, states·H),
 * tanh_c (R,H) dense, extra (R,H). */
struct cell {
    struct matrix gates, gates_before, prev, next, d_state, d_before, tanh_c, extra;
};

static struct cell cell_make(size_t R, size_t H, size_t states, size_t gap)
{
    struct cell cell;
    cell.gates = matrix_random(1, R, 4 * H, gap, 2);
    cell.gates_before = matrix_copy(&cell.gates);
    cell.prev = matrix_random(2, R, states * H, gap, 1);
    cell.next = matrix_random(3, R, states * H, gap, 1);
    cell.d_state = matrix_random(4, R, states * H, 2 * gap, 1);
    cell.d_before = matrix_copy(&cell.d_state);
    cell.tanh_c = matrix_random(5, R, H, 0, 1);
    cell.extra = matrix_random(6, R, H, gap, 1);
    return cell;
}

/* Check that no gap was written to, and free. */
static void cell_finish(struct cell *cell)
{
    struct matrix *all[] = {&cell->gates,   &cell->gates_before, &cell->prev,   &cell->next,
                            &cell->d_state, &cell->d_before,     &cell->tanh_c, &cell->extra};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(matrix_gaps_untouched(all[i]));
        matrix_free(all[i]);
    }
}

static void check_lstm_forward(const struct ccrnn_kernels *kernels, size_t R, size_t H,
                               size_t gap)
{
    struct cell x = cell_make(R, H, 2, gap);
    kernels->lstm_forward(R, H, x.gates.data, x.gates.ld, x.prev.data, x.next.data, x.prev.ld,
                          x.tanh_c.data);
    for (size_t r = 0; r < R; r++) {
        for (size_t j = 0; j < H; j++) {
            const double i = sigmoid(matrix_at(&x.gates_before, r, j));
            const double f = sigmoid(matrix_at(&x.gates_before, r, H + j));
            const double g = tanh(matrix_at(&x.gates_before, r, 2 * H + j));
            const double o = sigmoid(matrix_at(&x.gates_before, r, 3 * H + j));
            const double c = f * matrix_at(&x.prev, r, H + j) + i * g;
            assert_true(is_near(matrix_at(&x.gates, r, j), i, tolerance));
            assert_true(is_near(matrix_at(&x.gates, r, H + j), f, tolerance));
            assert_true(is_near(matrix_at(&x.gates, r, 2 * H + j), g, tolerance));
            assert_true(is_near(matrix_at(&x.gates, r, 3 * H + j), o, tolerance));
            assert_true(is_near(matrix_at(&x.tanh_c, r, j), tanh(c), tolerance));
            assert_true(is_near(matrix_at(&x.next, r, H + j), c, tolerance));
            assert_true(is_near(matrix_at(&x.next, r, j), o * tanh(c), tolerance));
        }
    }
    cell_finish(&x);
}

static void check_lstm_backward_with(const struct ccrnn_kernels *kernels, size_t R, size_t H,
                                     size_t gap, bool has_extra)
{
    struct cell x = cell_make(R, H, 2, gap);
    kernels->lstm_backward(R, H, x.gates.data, x.gates.ld, x.prev.data, x.prev.ld, x.tanh_c.data,
                           x.d_state.data, x.d_state.ld, has_extra ? x.extra.data : NULL,
                           x.extra.ld);
    for (size_t r = 0; r < R; r++) {
        for (size_t j = 0; j < H; j++) {
            const double i = matrix_at(&x.gates_before, r, j);
            const double f = matrix_at(&x.gates_before, r, H + j);
            const double g = matrix_at(&x.gates_before, r, 2 * H + j);
            const double o = matrix_at(&x.gates_before, r, 3 * H + j);
            const double t = matrix_at(&x.tanh_c, r, j), c_prev = matrix_at(&x.prev, r, H + j);
            const double dh =
                matrix_at(&x.d_before, r, j) + (has_extra ? matrix_at(&x.extra, r, j) : 0);
            const double dc = matrix_at(&x.d_before, r, H + j) + dh * o * (1 - t * t);
            const double scaled = 64 * tolerance; /* these products reach 100 */
            assert_true(is_near(matrix_at(&x.gates, r, j), dc * g * i * (1 - i), scaled));
            assert_true(
                is_near(matrix_at(&x.gates, r, H + j), dc * c_prev * f * (1 - f), scaled));
            assert_true(is_near(matrix_at(&x.gates, r, 2 * H + j), dc * i * (1 - g * g), scaled));
            assert_true(is_near(matrix_at(&x.gates, r, 3 * H + j), dh * t * o * (1 - o), scaled));
            assert_true(is_near(matrix_at(&x.d_state, r, H + j), dc * f, scaled));
        }
    }
    cell_finish(&x);
}

static void check_lstm_backward(const struct ccrnn_kernels *kernels, size_t R, size_t H,
                                size_t gap)
{
    check_lstm_backward_with(kernels, R, H, gap, false);
    check_lstm_backward_with(kernels, R, H, gap, true);
}

static void check_gru_forward(const struct ccrnn_kernels *kernels, size_t R, size_t H, size_t gap)
{
    struct cell x = cell_make(R, H, 1, gap);
    kernels->gru_forward(R, H, x.gates.data, x.gates.ld, x.prev.data, x.next.data, x.prev.ld);
    for (size_t row = 0; row < R; row++) {
        for (size_t j = 0; j < H; j++) {
            const double r = sigmoid(matrix_at(&x.gates_before, row, j));
            const double z = sigmoid(matrix_at(&x.gates_before, row, H + j));
            const double q = matrix_at(&x.gates_before, row, 3 * H + j);
            const double n = tanh(matrix_at(&x.gates_before, row, 2 * H + j) + r * q);
            const double h = (1 - z) * n + z * matrix_at(&x.prev, row, j);
            assert_true(is_near(matrix_at(&x.gates, row, j), r, tolerance));
            assert_true(is_near(matrix_at(&x.gates, row, H + j), z, tolerance));
            assert_true(is_near(matrix_at(&x.gates, row, 2 * H + j), n, tolerance));
            assert_true(is_near(matrix_at(&x.gates, row, 3 * H + j), q, 0));
            assert_true(is_near(matrix_at(&x.next, row, j), h, tolerance));
        }
    }
    cell_finish(&x);
}

static void check_gru_backward_with(const struct ccrnn_kernels *kernels, size_t R, size_t H,
                                    size_t gap, bool has_extra)
{
    struct cell x = cell_make(R, H, 1, gap);
    kernels->gru_backward(R, H, x.gates.data, x.gates.ld, x.prev.data, x.prev.ld, x.d_state.data,
                          x.d_state.ld, has_extra ? x.extra.data : NULL, x.extra.ld);
    for (size_t row = 0; row < R; row++) {
        for (size_t j = 0; j < H; j++) {
            const double r = matrix_at(&x.gates_before, row, j);
            const double z = matrix_at(&x.gates_before, row, H + j);
            const double n = matrix_at(&x.gates_before, row, 2 * H + j);
            const double q = matrix_at(&x.gates_before, row, 3 * H + j);
            const double dh =
                matrix_at(&x.d_before, row, j) + (has_extra ? matrix_at(&x.extra, row, j) : 0);
            const double d_n = dh * (1 - z) * (1 - n * n);
            const double d_z = dh * (matrix_at(&x.prev, row, j) - n) * z * (1 - z);
            const double scaled = 256 * tolerance; /* these products reach several hundred */
            assert_true(is_near(matrix_at(&x.gates, row, j), d_n * q * r * (1 - r), scaled));
            assert_true(is_near(matrix_at(&x.gates, row, H + j), d_z, scaled));
            assert_true(is_near(matrix_at(&x.gates, row, 2 * H + j), d_n, scaled));
            assert_true(is_near(matrix_at(&x.gates, row, 3 * H + j), d_n * r, scaled));
            assert_true(is_near(matrix_at(&x.d_state, row, j), dh * z, scaled));
        }
    }
    cell_finish(&x);
}

static void check_gru_backward(const struct ccrnn_kernels *kernels, size_t R, size_t H,
                               size_t gap)
{
    check_gru_backward_with(kernels, R, H, gap, false);
    check_gru_backward_with(kernels, R, H, gap, true);
}

static void check_tanh_cell(const struct ccrnn_kernels *kernels, size_t R, size_t H, size_t gap)
{
    for (int has_extra = 0; has_extra <= 1; has_extra++) {
        struct cell x = cell_make(R, H, 1, gap);
        struct matrix h = matrix_random(7, R, H, gap, 2), before = matrix_copy(&h);
        kernels->tanh_forward(R, H, h.data, h.ld, x.next.data, x.next.ld);
        for (size_t r = 0; r < R; r++) {
            for (size_t j = 0; j < H; j++) {
                const double expected = tanh(matrix_at(&before, r, j));
                assert_true(is_near(matrix_at(&h, r, j), expected, tolerance));
                assert_true(is_near(matrix_at(&x.next, r, j), expected, tolerance));
            }
        }
        kernels->tanh_backward(R, H, h.data, h.ld, x.d_state.data, x.d_state.ld,
                               has_extra ? x.extra.data : NULL, x.extra.ld);
        for (size_t r = 0; r < R; r++) {
            for (size_t j = 0; j < H; j++) {
                const double t = tanh(matrix_at(&before, r, j));
                const double dh =
                    matrix_at(&x.d_before, r, j) + (has_extra ? matrix_at(&x.extra, r, j) : 0);
                assert_true(is_near(matrix_at(&h, r, j), dh * (1 - t * t), tolerance));
                assert_true(
                    is_near(matrix_at(&x.d_state, r, j), matrix_at(&x.d_before, r, j), 0));
            }
        }
        assert_true(matrix_gaps_untouched(&h));
        matrix_free(&h);
        matrix_free(&before);
        cell_finish(&x);
    }
}

static void lstm_forward_follows_its_formula(void **state)
{
    (void)state;
    for_all(check_lstm_forward);
}

static void lstm_backward_follows_its_formula(void **state)
{
    (void)state;
    for_all(check_lstm_backward);
}

static void gru_forward_follows_its_formula(void **state)
{
    (void)state;
    for_all(check_gru_forward);
}

static void gru_backward_follows_its_formula(void **state)
{
    (void)state;
    for_all(check_gru_backward);
}

static void tanh_cell_follows_its_formula(void **state)
{
    (void)state;
    for_all(check_tanh_cell);
}

/* A NaN in one gate of one unit appears in this unit's output, and nowhere else. */
static void check_lstm_nan(const struct ccrnn_kernels *kernels, size_t R, size_t H, size_t gap)
{
    for (size_t gate = 0; gate < 4; gate++) {
        struct cell x = cell_make(R, H, 2, gap);
        const size_t row = R / 2, unit = H - 1;
        x.gates.data[row * x.gates.ld + gate * H + unit] = (ccrnn_real)NAN;
        kernels->lstm_forward(R, H, x.gates.data, x.gates.ld, x.prev.data, x.next.data, x.prev.ld,
                              x.tanh_c.data);
        for (size_t r = 0; r < R; r++)
            for (size_t j = 0; j < H; j++)
                assert_int_equal(isnan(matrix_at(&x.next, r, j)) != 0, r == row && j == unit);
        cell_finish(&x);
    }
}

static void lstm_passes_nan_on(void **state)
{
    (void)state;
    for_all(check_lstm_nan);
}

static void check_gru_nan(const struct ccrnn_kernels *kernels, size_t R, size_t H, size_t gap)
{
    for (size_t gate = 0; gate < 4; gate++) {
        struct cell x = cell_make(R, H, 1, gap);
        const size_t row = R - 1, unit = H / 2;
        x.gates.data[row * x.gates.ld + gate * H + unit] = (ccrnn_real)NAN;
        kernels->gru_forward(R, H, x.gates.data, x.gates.ld, x.prev.data, x.next.data, x.prev.ld);
        for (size_t r = 0; r < R; r++)
            for (size_t j = 0; j < H; j++)
                assert_int_equal(isnan(matrix_at(&x.next, r, j)) != 0, r == row && j == unit);
        cell_finish(&x);
    }
}

static void gru_passes_nan_on(void **state)
{
    (void)state;
    for_all(check_gru_nan);
}

/* f of an element does not depend on where it stands, nor on whether y is x. */
static void check_position(const struct ccrnn_kernels *kernels, size_t R, size_t H, size_t gap)
{
    (void)gap;
    void (*const functions[])(size_t, const ccrnn_real *,
                              ccrnn_real *) = {kernels->exp, kernels->tanh, kernels->sigmoid};
    const size_t n = R * H, offset = H / 2;
    for (size_t f = 0; f < 3; f++) {
        struct matrix x = matrix_random(8, 1, n, 0, 5);
        struct matrix whole = matrix_copy(&x), part = matrix_copy(&x);
        functions[f](n, x.data, whole.data);
        functions[f](n - offset, part.data + offset, part.data + offset);
        assert_memory_equal(part.data, x.data, offset * sizeof *x.data);
        assert_memory_equal(part.data + offset, whole.data + offset,
                            (n - offset) * sizeof *x.data);
        matrix_free(&x);
        matrix_free(&whole);
        matrix_free(&part);
    }
}

static void elements_do_not_depend_on_their_position(void **state)
{
    (void)state;
    for_all(check_position);
}

/* AUTO gives the best table; a table this CPU cannot run is refused with the way out. */
static void selection_offers_what_the_cpu_has(void **state)
{
    (void)state;
    const struct ccrnn_kernels *tables[TABLES_MAX];
    const size_t count = tables_usable(tables);
    struct ccrnn_math math;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_math_select(CCRNN_GEMM_AUTO, CCRNN_KERNELS_AUTO, &math, &err),
                     CCRNN_OK);
    assert_ptr_equal(math.kernels, tables[count - 1]);
    assert_string_equal(math.gemm_name, "onednn");
    assert_string_equal(tables[0]->name, "plain");
    for (enum ccrnn_kernel_choice choice = CCRNN_KERNELS_AVX512; choice <= CCRNN_KERNELS_AVX2;
         choice++) {
        if (ccrnn_math_select(CCRNN_GEMM_AUTO, choice, &math, &err) == CCRNN_OK)
            continue;
        assert_int_equal(err.status, CCRNN_UNSUPPORTED);
        assert_non_null(strstr(err.message, "kernels: auto"));
        assert_non_null(strstr(err.message, tables[count - 1]->name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lstm_forward_follows_its_formula),
        cmocka_unit_test(lstm_backward_follows_its_formula),
        cmocka_unit_test(gru_forward_follows_its_formula),
        cmocka_unit_test(gru_backward_follows_its_formula),
        cmocka_unit_test(tanh_cell_follows_its_formula),
        cmocka_unit_test(lstm_passes_nan_on),
        cmocka_unit_test(gru_passes_nan_on),
        cmocka_unit_test(elements_do_not_depend_on_their_position),
        cmocka_unit_test(selection_offers_what_the_cpu_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
