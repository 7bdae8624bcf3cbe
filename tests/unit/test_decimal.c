/* Exact decimals, and the values between two of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

static struct ccrnn_decimal parse(const char *text)
{
    struct ccrnn_decimal value;
    if (!ccrnn_decimal_parse(text, &value))
        fail_msg("%s was refused", text);
    return value;
}

static void texts(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"0.000", "0"},
        {"0e99999", "0"},
        {"1", "1"},
        {"-1", "-1"},
        {"+7", "7"},
        {"10", "10"},
        {"100.0", "100"},
        {"1e2", "100"},
        {"1E+2", "100"},
        {"0.1", "0.1"},
        {"0.10", "0.1"},
        {"1e-1", "0.1"},
        {"12.50", "12.5"},
        {"0.001", "0.001"},
        {"1e-4", "0.0001"},
        {"0.00001", "1e-5"},
        {"1.5e-5", "1.5e-5"},
        {"-12345e-9", "-1.2345e-5"},
        {"0.0123", "0.0123"},
        {"100000000000000", "100000000000000"},
        {"1e14", "100000000000000"},
        {"1e15", "1e15"},
        {"123456789012345", "123456789012345"},
        {"1.23456789012345", "1.23456789012345"},
        {"0.000123456789012345", "0.000123456789012345"},
        {"12e20", "1.2e21"},
        {"1e-300", "1e-300"},
        {"000", NULL},
        {".5", NULL},
        {"1e", NULL},
        {"nan", NULL},
        {"full", NULL},
        {"1,5", NULL},
        {"1234567890123456", NULL},
        {"1.234567890123456", NULL},
        {"1e400", NULL},
        {"1e-401", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CCRNN_DECIMAL_SIZE] = "";
        struct ccrnn_decimal value, again;
        const bool read = ccrnn_decimal_parse(cases[i][0], &value);
        if (read != (cases[i][1] != NULL))
            fail_msg("'%s' was %s", cases[i][0], read ? "read" : "refused");
        if (!read)
            continue;
        ccrnn_decimal_text(value, text);
        assert_string_equal(text, cases[i][1]);
        again = parse(text);
        assert_true(again.mantissa == value.mantissa && again.exponent == value.exponent);
        assert_true(value.mantissa == 0 || value.mantissa % 10 != 0);
        /* the nearest double, as the C library finds it */
        const double real = ccrnn_decimal_real(value), expected = strtod(cases[i][0], NULL) + 0.0;
        assert_memory_equal(&real, &expected, sizeof real);
    }
}

static void units(void **state)
{
    (void)state;
    int64_t found = 77;
    assert_true(ccrnn_decimal_units(parse("0.25"), -3, &found) && found == 250);
    assert_true(ccrnn_decimal_units(parse("2500"), 2, &found) && found == 25);
    assert_true(ccrnn_decimal_units(parse("-0.5"), -1, &found) && found == -5);
    assert_true(ccrnn_decimal_units(parse("0"), 5, &found) && found == 0);
    found = 77;
    assert_false(ccrnn_decimal_units(parse("0.25"), -1, &found));
    assert_false(ccrnn_decimal_units(parse("10"), -14, &found));
    assert_int_equal(found, 77);
    assert_true(ccrnn_decimal_units(parse("9"), -14, &found) && found == 900000000000000);
}

static void comparing(void **state)
{
    (void)state;
    static const char *const rising[] = {
        "-1e300", "-2", "-0.1", "0", "1e-300", "1e-5", "0.00011", "0.1", "0.100000000000001",
        "1",      "10", "1e300"};
    const size_t count = sizeof rising / sizeof rising[0];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            const int order = ccrnn_decimal_compare(parse(rising[i]), parse(rising[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

static void rounding(void **state)
{
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *text;
    } cases[] = {
        {0.1 + 0.2, 4, "0.3"},          {M_PI, 4, "3.142"},  {M_PI * 1e-7, 4, "3.142e-7"},
        {99996, 4, "100000"},           {99994, 4, "99990"}, {31622776.6, 4, "31620000"},
        {-0.0012345678, 3, "-0.00123"}, {0.0, 4, "0"},       {1.0 / 3, 15, "0.333333333333333"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CCRNN_DECIMAL_SIZE];
        ccrnn_decimal_text(ccrnn_decimal_round(cases[i].value, cases[i].digits), text);
        assert_string_equal(text, cases[i].text);
    }
}

static void assert_even(const char *from, const char *to, size_t count, const char *expected)
{
    struct ccrnn_decimal values[20];
    char found[500] = "", text[CCRNN_DECIMAL_SIZE];
    if (!ccrnn_decimals_even(parse(from), parse(to), count, values)) {
        assert_null(expected);
        return;
    }
    assert_non_null(expected);
    for (size_t i = 0; i < count; i++) {
        ccrnn_decimal_text(values[i], text);
        strcat(found, i == 0 ? "" : " ");
        strcat(found, text);
    }
    assert_string_equal(found, expected);
}

static void even_distances(void **state)
{
    (void)state;
    assert_even("0.1", "0.5", 5, "0.1 0.2 0.3 0.4 0.5");
    assert_even("0.1", "0.3", 3, "0.1 0.2 0.3");
    assert_even("-0.2", "0.1", 4, "-0.2 -0.1 0 0.1");
    assert_even("10", "50", 5, "10 20 30 40 50");
    assert_even("1e-5", "1", 2, "1e-5 1");
    /* exact: few digits; else rounded to four digits of the distance */
    assert_even("0", "1", 9, "0 0.125 0.25 0.375 0.5 0.625 0.75 0.875 1");
    assert_even("0", "1", 4, "0 0.3333 0.6667 1");
    assert_even("0.01", "0.02", 4, "0.01 0.013333 0.016667 0.02");
    assert_even("5000", "6000", 4, "5000 5333.3 5666.7 6000");
    assert_even("1000000", "9000000", 4, "1000000 3666667 6333333 9000000");
    assert_even("-1", "1", 4, "-1 -0.3333 0.3333 1");
    assert_even("1000000", "3468750", 3, "1000000 2234375 3468750");
    /* more digits than a double keeps */
    assert_even("123456789012344", "123456789012345", 3, NULL);
    assert_even("1e-10", "1e9", 3, NULL);
}

/* Thousands of values: rising, both ends there, each within half a unit of where it belongs. */
static void many_even_values(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct ccrnn_decimal *const values = malloc(COUNT * sizeof *values);
    assert_non_null(values);
    assert_true(ccrnn_decimals_even(parse("0.00123"), parse("7.5"), COUNT, values));
    assert_int_equal(ccrnn_decimal_compare(values[0], parse("0.00123")), 0);
    assert_int_equal(ccrnn_decimal_compare(values[COUNT - 1], parse("7.5")), 0);
    const double step = (7.5 - 0.00123) / (COUNT - 1);
    for (size_t i = 1; i < COUNT; i++) {
        const double off = ccrnn_decimal_real(values[i]) - (0.00123 + (double)i * step);
        assert_true(ccrnn_decimal_compare(values[i - 1], values[i]) < 0);
        assert_true(fabs(off) <= step / 2000 * (1 + 1e-9));
    }
    free(values);
}

static void between(void **state)
{
    (void)state;
    static const double ends[][2] = {
        {1e-5, 1e-1}, {1, 2}, {1e-300, 1e300}, {0.5, 100.5}, {3, 3.0000001}};
    for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++)
        for (uint64_t part = 0; part <= 997; part++) {
            const double found = ccrnn_between_geometric(ends[k][0], ends[k][1], part, 997);
            const double expected =
                exp(log(ends[k][0]) + (log(ends[k][1]) - log(ends[k][0])) * (double)part / 997);
            /* the logarithms of the second column are as exact as this; what is promised is 1e-12 */
            const double tolerance = k == 2 ? 1e-11 : 1e-12;
            assert_true(fabs(found - expected) <= tolerance * expected);
        }
    const double first = ccrnn_between_geometric(0.7, 9, 0, 3),
                 last = ccrnn_between_geometric(0.7, 9, 3, 3);
    assert_true(first >= 0.7 && first <= 0.7 && last >= 9 && last <= 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),          cmocka_unit_test(units),
        cmocka_unit_test(comparing),      cmocka_unit_test(rounding),
        cmocka_unit_test(even_distances), cmocka_unit_test(many_even_values),
        cmocka_unit_test(between),
    };
    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
