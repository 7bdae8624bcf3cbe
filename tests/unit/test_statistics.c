/* Statistics against values of mpmath (60 digits) and scipy: tests/oracle/statistics_table.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "ccrnn/statistics.h"

#include "../oracle/statistics_table.h"

/* Relative; NaN fails. */
static void assert_close(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("expected %.17g, found %.17g", expected, found);
}

static void assert_nan(double found)
{
    if (!isnan(found))
        fail_msg("expected NaN, found %.17g", found);
}

static void t_distribution(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof t_table / sizeof t_table[0]; i++) {
        const double *row = t_table[i];
        assert_close(ccrnn_statistics_t_cdf(row[0], row[1]), row[2], 1e-11);
        assert_close(ccrnn_statistics_t_two_sided(row[0], row[1]), row[3], 1e-11);
    }
}

static void t_limits(void **state)
{
    (void)state;
    assert_close(ccrnn_statistics_t_cdf(-2.0, INFINITY), 0.02275013194817921, 1e-12);
    assert_true(ccrnn_statistics_t_cdf(INFINITY, 3.0) == 1.0);
    assert_true(ccrnn_statistics_t_cdf(-INFINITY, 3.0) == 0.0);
    assert_true(ccrnn_statistics_t_two_sided(0.0, 3.0) == 1.0);
    assert_close(ccrnn_statistics_t_two_sided(1e150, 1.0), 2e-150 / acos(-1.0), 1e-11);
    assert_nan(ccrnn_statistics_t_cdf(NAN, 3.0));
    assert_nan(ccrnn_statistics_t_cdf(1.0, NAN));
    assert_nan(ccrnn_statistics_t_cdf(1.0, 0.0));
    assert_nan(ccrnn_statistics_t_two_sided(1.0, -1.0));
}

static void t_quantiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof quantile_table / sizeof quantile_table[0]; i++) {
        const double *row = quantile_table[i];
        assert_close(ccrnn_statistics_t_quantile(row[0], row[1]), row[2], 1e-10);
    }
    assert_true(ccrnn_statistics_t_quantile(0.5, 7.0) == 0.0);
    assert_true(ccrnn_statistics_t_quantile(0.0, 7.0) == -INFINITY);
    assert_true(ccrnn_statistics_t_quantile(1.0, 7.0) == INFINITY);
    assert_nan(ccrnn_statistics_t_quantile(NAN, 7.0));
    assert_nan(ccrnn_statistics_t_quantile(-0.1, 7.0));
    assert_nan(ccrnn_statistics_t_quantile(0.1, 0.0));
}

static void incomplete_beta(void **state)
{
    (void)state;
    /* I_x(1, b) = 1 − (1 − x)^b, I_x(a, 1) = x^a, I_x(2, 2) = x²(3 − 2x) */
    assert_close(ccrnn_statistics_incomplete_beta(1.0, 5.0, 0.3, 0.7), 1.0 - pow(0.7, 5.0),
                 1e-13);
    assert_close(ccrnn_statistics_incomplete_beta(4.5, 1.0, 0.3, 0.7), pow(0.3, 4.5), 1e-13);
    assert_close(ccrnn_statistics_incomplete_beta(2.0, 2.0, 0.9, 0.1), 0.972, 1e-13);
    assert_true(ccrnn_statistics_incomplete_beta(2.0, 3.0, 0.0, 1.0) == 0.0);
    assert_true(ccrnn_statistics_incomplete_beta(2.0, 3.0, 1.0, 0.0) == 1.0);
    assert_nan(ccrnn_statistics_incomplete_beta(0.0, 3.0, 0.5, 0.5));
    assert_nan(ccrnn_statistics_incomplete_beta(2.0, 3.0, 1.5, -0.5));
    assert_nan(ccrnn_statistics_incomplete_beta(2.0, 3.0, NAN, 0.5));
}

static void paired_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof paired_table / sizeof paired_table[0]; i++) {
        const struct paired_case *expected = &paired_table[i];
        const size_t n = (size_t)expected->n;
        struct ccrnn_summary summary;
        ccrnn_statistics_summarise(expected->a, n, &summary);
        assert_int_equal(summary.n, n);
        assert_int_equal(summary.missing, 0);
        assert_close(summary.mean, expected->mean, 1e-12);
        assert_close(summary.sd, expected->sd, 1e-9);
        assert_close(summary.sem, expected->sem, 1e-9);
        assert_close(summary.ci_low, expected->low, 1e-9);
        assert_close(summary.ci_high, expected->high, 1e-9);
        struct ccrnn_paired_test test;
        ccrnn_statistics_paired_test(expected->a, expected->b, n, &test);
        assert_true(test.enough && !test.constant);
        assert_true(test.df == expected->n - 1.0);
        assert_close(test.difference.mean, expected->difference, 1e-9);
        assert_close(test.difference.ci_low, expected->difference_low, 1e-9);
        assert_close(test.difference.ci_high, expected->difference_high, 1e-9);
        assert_close(test.t, expected->t, 1e-9);
        assert_close(test.p, expected->p, 1e-8);
        assert_close(test.dz, expected->dz, 1e-9);
    }
}

static void missing_values(void **state)
{
    (void)state;
    const double a[] = {NAN, 2.0, 3.0, INFINITY, 7.0, 8.0};
    const double b[] = {1.0, 1.0, 2.5, 1.0, NAN, 4.0};
    const double a_clean[] = {2.0, 3.0, 8.0}, b_clean[] = {1.0, 2.5, 4.0};
    struct ccrnn_summary summary;
    ccrnn_statistics_summarise(a, 6, &summary);
    assert_int_equal(summary.n, 4);
    assert_int_equal(summary.missing, 2);
    assert_close(summary.mean, 5.0, 1e-15);
    assert_true(summary.smallest == 2.0 && summary.largest == 8.0);
    struct ccrnn_paired_test test, clean;
    ccrnn_statistics_paired_test(a, b, 6, &test);
    ccrnn_statistics_paired_test(a_clean, b_clean, 3, &clean);
    assert_int_equal(test.pairs, 3);
    assert_int_equal(test.missing, 3);
    assert_true(test.enough);
    assert_true(test.t == clean.t && test.p == clean.p && test.dz == clean.dz);
}

static void small_samples(void **state)
{
    (void)state;
    struct ccrnn_summary summary;
    ccrnn_statistics_summarise(NULL, 0, &summary);
    assert_int_equal(summary.n, 0);
    assert_nan(summary.mean);
    const double one[] = {3.0};
    ccrnn_statistics_summarise(one, 1, &summary);
    assert_true(summary.mean == 3.0);
    assert_nan(summary.sd);
    assert_nan(summary.ci_low);
    const double a[] = {1.0, 2.0}, b[] = {0.5, 1.7};
    struct ccrnn_paired_test test;
    ccrnn_statistics_paired_test(a, b, 2, &test);
    assert_false(test.enough);
    assert_false(test.constant);
    assert_close(test.difference.mean, 0.4, 1e-12);
    assert_nan(test.t);
    assert_nan(test.p);
    assert_nan(test.dz);
    ccrnn_statistics_paired_test(NULL, NULL, 0, &test);
    assert_false(test.enough);
    assert_int_equal(test.pairs, 0);
    assert_true(test.df == 0.0);
}

static void equal_differences(void **state)
{
    (void)state;
    /* the differences are 0.1 only up to rounding: t would be about 1e15 and mean nothing */
    const double a[] = {0.2, 0.4, 1.3, 7.1}, b[] = {0.1, 0.3, 1.2, 7.0};
    struct ccrnn_paired_test test;
    ccrnn_statistics_paired_test(a, b, 4, &test);
    assert_true(test.enough && test.constant);
    assert_close(test.difference.mean, 0.1, 1e-12);
    assert_nan(test.t);
    assert_nan(test.p);
    ccrnn_statistics_paired_test(a, a, 4, &test);
    assert_true(test.enough && test.constant);
    assert_true(test.difference.mean == 0.0);
    /* small but real differences do count */
    const double c[] = {0.2 + 1e-9, 0.4 + 2e-9, 1.3 + 1e-9, 7.1 + 3e-9};
    ccrnn_statistics_paired_test(c, a, 4, &test);
    assert_false(test.constant);
    assert_true(test.t > 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_distribution), cmocka_unit_test(t_limits),
        cmocka_unit_test(t_quantiles),    cmocka_unit_test(incomplete_beta),
        cmocka_unit_test(paired_samples), cmocka_unit_test(missing_values),
        cmocka_unit_test(small_samples),  cmocka_unit_test(equal_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
