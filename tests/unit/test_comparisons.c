/* Tests of ranks, corrections and bootstrap intervals, against tests/oracle/statistics_table.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/statistics.h"

#include "../oracle/statistics_table.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Relative; NaN fails, unless NaN is expected. */
static void assert_close(double found, double expected, double tolerance)
{
    if (isnan(expected) && isnan(found))
        return;
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("expected %.17g, found %.17g", expected, found);
}

static void assert_nan(double found)
{
    if (!isnan(found))
        fail_msg("expected NaN, found %.17g", found);
}

static void distributions(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chi2_table); i++)
        assert_close(ccrnn_statistics_chi2_upper(chi2_table[i][0], chi2_table[i][1]),
                     chi2_table[i][2], 1e-11);
    for (size_t i = 0; i < COUNT(f_table); i++)
        assert_close(ccrnn_statistics_f_upper(f_table[i][0], f_table[i][1], f_table[i][2]),
                     f_table[i][3], 1e-11);
    assert_true(ccrnn_statistics_chi2_upper(0.0, 3.0) == 1.0);
    assert_true(ccrnn_statistics_chi2_upper(INFINITY, 3.0) == 0.0);
    assert_true(ccrnn_statistics_f_upper(-1.0, 3.0, 4.0) == 1.0);
    assert_true(ccrnn_statistics_f_upper(INFINITY, 3.0, 4.0) == 0.0);
    assert_nan(ccrnn_statistics_chi2_upper(NAN, 3.0));
    assert_nan(ccrnn_statistics_chi2_upper(1.0, 0.0));
    assert_nan(ccrnn_statistics_f_upper(NAN, 1.0, 1.0));
    assert_nan(ccrnn_statistics_f_upper(1.0, 1.0, 0.0));
}

static void wilcoxon(void **state)
{
    (void)state;
    const double zero[64] = {0};
    for (size_t i = 0; i < COUNT(wilcoxon_table); i++) {
        const struct wilcoxon_case *const expected = &wilcoxon_table[i];
        struct ccrnn_wilcoxon test;
        assert_int_equal(ccrnn_statistics_wilcoxon(expected->difference, zero,
                                                   (size_t)expected->n, &test, NULL),
                         CCRNN_OK);
        assert_close(test.p, expected->p, 1e-11);
        assert_int_equal(test.pairs + test.zeros, (size_t)expected->n);
        assert_true(test.exact == (test.pairs <= CCRNN_WILCOXON_EXACT_MAX));
        if (test.enough)
            assert_close(test.plus, expected->plus, 1e-14);
    }
}

static void wilcoxon_left_out(void **state)
{
    (void)state;
    const double a[] = {1.0, NAN, 3.0, 4.0, INFINITY, 2.0}, b[] = {0.5, 1.0, 3.0, 1.0, 0.0, 9.0};
    struct ccrnn_wilcoxon test;
    assert_int_equal(ccrnn_statistics_wilcoxon(a, b, 6, &test, NULL), CCRNN_OK);
    assert_int_equal(test.pairs, 3);
    assert_int_equal(test.missing, 2);
    assert_int_equal(test.zeros, 1);
    assert_true(test.enough && test.exact && test.plus == 3.0 && test.p == 1.0);
    assert_int_equal(ccrnn_statistics_wilcoxon(a, b, 3, &test, NULL), CCRNN_OK);
    assert_false(test.enough);
    assert_nan(test.p);
    assert_int_equal(ccrnn_statistics_wilcoxon(NULL, NULL, 0, &test, NULL), CCRNN_OK);
    assert_false(test.enough);
}

static void comparisons(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(compare_table); i++) {
        const struct compare_case *const expected = &compare_table[i];
        struct ccrnn_comparison c;
        assert_int_equal(ccrnn_statistics_compare(expected->value, (size_t)expected->subjects,
                                                  (size_t)expected->levels, &c, NULL),
                         CCRNN_OK);
        assert_true(c.enough && c.missing == 0);
        assert_close(c.chi2, expected->chi2, 1e-11);
        assert_close(c.p, expected->p, 1e-11);
        assert_close(c.f, expected->f, 1e-11);
        assert_close(c.p_anova, expected->p_anova, 1e-11);
    }
}

static void comparisons_left_out(void **state)
{
    (void)state;
    const double value[] = {1, 2, 3, NAN, 1, 2, 4, 6, 5, 2, 3, 9};
    const double clean[] = {1, 2, 3, 4, 6, 5, 2, 3, 9};
    const double same[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct ccrnn_comparison c, expected;
    assert_int_equal(ccrnn_statistics_compare(value, 4, 3, &c, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_statistics_compare(clean, 3, 3, &expected, NULL), CCRNN_OK);
    assert_true(c.enough && c.subjects == 3 && c.missing == 1);
    assert_true(c.chi2 == expected.chi2 && c.f == expected.f && c.p == expected.p);
    assert_int_equal(ccrnn_statistics_compare(value, 3, 3, &c, NULL), CCRNN_OK);
    assert_false(c.enough);
    assert_nan(c.p);
    assert_nan(c.p_anova);
    assert_int_equal(ccrnn_statistics_compare(same, 3, 3, &c, NULL), CCRNN_OK);
    assert_true(c.enough);
    assert_nan(c.p);
    assert_nan(c.p_anova);
}

static void bootstrap_intervals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bootstrap_table); i++) {
        const struct bootstrap_case *const expected = &bootstrap_table[i];
        struct ccrnn_bootstrap found;
        double mean[40];
        memcpy(mean, expected->mean, sizeof mean);
        ccrnn_statistics_bootstrap_interval(mean, 40, expected->value, (size_t)expected->n,
                                            &found);
        assert_close(found.low, expected->low, 1e-11);
        assert_close(found.high, expected->high, 1e-11);
        assert_close(found.bca_low, expected->bca_low, 1e-10);
        assert_close(found.bca_high, expected->bca_high, 1e-10);
    }
}

static void bootstrap_is_seeded(void **state)
{
    (void)state;
    const double value[] = {1.0, 2.5, NAN, 3.0, 4.0, 9.0, 1.5};
    const double same[] = {2.0, 2.0, 2.0};
    struct ccrnn_bootstrap a, b, c;
    assert_int_equal(ccrnn_statistics_bootstrap(value, 7, 9999, 1, &a, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_statistics_bootstrap(value, 7, 9999, 1, &b, NULL), CCRNN_OK);
    assert_int_equal(ccrnn_statistics_bootstrap(value, 7, 9999, 2, &c, NULL), CCRNN_OK);
    assert_true(a.low == b.low && a.bca_high == b.bca_high);
    assert_true(a.low != c.low || a.high != c.high || a.bca_high != c.bca_high);
    /* the mean is 3.5, its standard error by resampling √(Σ(x − mean)²/n²) = 1.09 */
    assert_true(a.low > 1.5 && a.low < 2.2 && a.high > 5.2 && a.high < 6.2);
    assert_true(a.bca_high > a.high); /* skewed to the right */
    assert_int_equal(ccrnn_statistics_bootstrap(same, 3, 100, 1, &a, NULL), CCRNN_OK);
    assert_nan(a.low);
    assert_int_equal(ccrnn_statistics_bootstrap(value, 1, 100, 1, &a, NULL), CCRNN_OK);
    assert_nan(a.bca_low);
    struct ccrnn_error err;
    assert_int_equal(ccrnn_statistics_bootstrap(value, 7, 0, 1, &a, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "resamples"));
}

static void holm(void **state)
{
    (void)state;
    double found[6];
    for (size_t i = 0; i < COUNT(holm_table); i++) {
        assert_int_equal(ccrnn_statistics_holm(holm_table[i][0], 6, found, NULL), CCRNN_OK);
        for (size_t j = 0; j < 6; j++)
            assert_close(found[j], holm_table[i][1][j], 1e-15);
    }
    const double some[] = {NAN, 0.02, NAN, 0.03};
    assert_int_equal(ccrnn_statistics_holm(some, 4, found, NULL), CCRNN_OK);
    assert_nan(found[0]);
    assert_nan(found[2]);
    assert_close(found[1], 0.04, 1e-15);
    assert_close(found[3], 0.04, 1e-15);
    assert_int_equal(ccrnn_statistics_holm(NULL, 0, NULL, NULL), CCRNN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributions),        cmocka_unit_test(wilcoxon),
        cmocka_unit_test(wilcoxon_left_out),    cmocka_unit_test(comparisons),
        cmocka_unit_test(comparisons_left_out), cmocka_unit_test(bootstrap_intervals),
        cmocka_unit_test(bootstrap_is_seeded),  cmocka_unit_test(holm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
