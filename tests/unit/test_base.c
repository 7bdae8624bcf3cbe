/* Status codes, error messages, numbers as text, random streams. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "ccrnn/random.h"
#include "ccrnn/status.h"
#include "scratch.h"

/* True also fails for NaN. */
static void expect_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static void every_status_has_a_name_and_only_ok_exits_with_zero(void **state)
{
    (void)state;
    for (int a = 0; a < CCRNN_STATUS_COUNT; a++) {
        assert_string_not_equal(ccrnn_status_name((enum ccrnn_status)a), "?");
        assert_true(strlen(ccrnn_status_meaning((enum ccrnn_status)a)) > 3);
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(ccrnn_status_name((enum ccrnn_status)a),
                                    ccrnn_status_name((enum ccrnn_status)b));
            assert_int_not_equal(ccrnn_status_exit_code((enum ccrnn_status)a),
                                 ccrnn_status_exit_code((enum ccrnn_status)b));
        }
    }
    assert_int_equal(ccrnn_status_exit_code(CCRNN_OK), 0);
    assert_string_equal(ccrnn_status_name(CCRNN_STATUS_COUNT), "?");
    assert_int_not_equal(ccrnn_status_exit_code(CCRNN_STATUS_COUNT), 0);
}

static enum ccrnn_status passed_on(enum ccrnn_status status, int *reached)
{
    CCRNN_TRY(status);
    *reached = 1;
    return CCRNN_OK;
}

static void try_passes_a_failure_on(void **state)
{
    (void)state;
    int reached = 0;
    assert_int_equal(passed_on(CCRNN_BUSY, &reached), CCRNN_BUSY);
    assert_int_equal(reached, 0);
    assert_int_equal(passed_on(CCRNN_OK, &reached), CCRNN_OK);
    assert_int_equal(reached, 1);
}

static void messages_are_formatted_prefixed_and_cut_off(void **state)
{
    (void)state;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_fail(NULL, CCRNN_IO, "%d", 1), CCRNN_IO);
    assert_int_equal(ccrnn_fail_within(NULL, CCRNN_IO, "%d", 1), CCRNN_IO);
    assert_int_equal(ccrnn_fail(&err, CCRNN_FORMAT, "line %d", 7), CCRNN_FORMAT);
    assert_string_equal(err.message, "line 7");
    assert_int_equal(ccrnn_fail_within(&err, CCRNN_IO, "file %s", "a"), CCRNN_FORMAT);
    assert_string_equal(err.message, "file a: line 7");
    char text[2 * CCRNN_ERROR_MAX];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    ccrnn_fail(&err, CCRNN_IO, "%s", text);
    assert_int_equal(strlen(err.message), CCRNN_ERROR_MAX - 1);
    ccrnn_fail_within(&err, CCRNN_IO, "before");
    assert_int_equal(strlen(err.message), CCRNN_ERROR_MAX - 1);
    assert_memory_equal(err.message, "before: xxx", 11);
    ccrnn_fail_within(&err, CCRNN_IO, "%s", text);
    assert_int_equal(strlen(err.message), CCRNN_ERROR_MAX - 1);
}

static void a_cut_message_ends_with_a_whole_character(void **state)
{
    (void)state;
    struct ccrnn_error err;
    for (size_t before = 0; before < 4; before++) {
        char text[CCRNN_ERROR_MAX + 8];
        memset(text, 'x', before);
        for (size_t i = before; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "…", 4);
        ccrnn_fail(&err, CCRNN_IO, "%s", text);
        const size_t length = strlen(err.message);
        assert_in_range(length, CCRNN_ERROR_MAX - 3, CCRNN_ERROR_MAX - 1);
        assert_int_equal((length - before) % 3, 0);
    }
}

static const char *const good_reals[] = {"0",    "-0",   "12",    "0.5",   "-0.5",
                                         "1e-3", "1E+3", "12.25", "1e308", "1.5e-320"};
static const double good_values[] = {0.0,   -0.0,   12.0,  0.5,   -0.5,
                                     0.001, 1000.0, 12.25, 1e308, 1.5e-320};
static const char *const bad_reals[] = {
    "",    " ",     "1 ",  " 1",  ".5",     "5.",    "1e",    "1e+", "1,5", "010", "1e-3x", "--1",
    "0x1", "1e309", "inf", "nan", "-1e999", "1_000", "1.5.2", "-",   "+",   "٣",   "1d3"};

static void expect_reals(void)
{
    for (size_t i = 0; i < sizeof good_reals / sizeof good_reals[0]; i++) {
        double value = 77.0;
        if (!ccrnn_parse_real(good_reals[i], &value))
            fail_msg("`%s` was refused", good_reals[i]);
        assert_memory_equal(&value, &good_values[i], sizeof value);
    }
    for (size_t i = 0; i < sizeof bad_reals / sizeof bad_reals[0]; i++) {
        double value = 77.0;
        if (ccrnn_parse_real(bad_reals[i], &value))
            fail_msg("`%s` was taken for %g", bad_reals[i], value);
        expect_near(value, 77.0, 0.0);
    }
}

static void expect_points(void)
{
    char text[64];
    assert_int_equal(ccrnn_format(text, sizeof text, "%g %.3f", 0.5, 1234.5), 12);
    assert_string_equal(text, "0.5 1234.500");
    struct ccrnn_error err;
    ccrnn_fail(&err, CCRNN_USAGE, "%.17g", 0.1);
    assert_string_equal(err.message, "0.10000000000000001");
}

static void reals_are_read_strictly(void **state)
{
    (void)state;
    expect_reals();
    expect_points();
}

static void a_comma_locale_changes_nothing(void **state)
{
    (void)state;
    if (!scratch_comma_locale()) {
        print_message("# SKIP no locale with a decimal comma (install locales): that numbers are "
                      "read and printed with a point in it\n");
        skip();
    }
    char text[16];
    snprintf(text, sizeof text, "%.1f", 0.5);
    assert_string_equal(text, "0,5");
    expect_reals();
    expect_points();
    snprintf(text, sizeof text, "%.1f", 0.5);
    assert_string_equal(text, "0,5");
    setlocale(LC_ALL, "C");
}

static void integers_are_read_strictly(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(ccrnn_parse_unsigned("0", &value));
    assert_true(value == 0);
    assert_true(ccrnn_parse_unsigned("18446744073709551615", &value));
    assert_true(value == UINT64_MAX);
    static const char *const bad[] = {"",    "-1",  "+1", "010", "00",  "1.0",
                                      "1e3", "0x1", " 1", "1 ",  "1,0", "18446744073709551616"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        value = 7;
        if (ccrnn_parse_unsigned(bad[i], &value))
            fail_msg("`%s` was taken for an integer", bad[i]);
        assert_true(value == 7);
    }
}

/* Known answers of Philox4x32-10 from the Random123 library (kat_vectors). */
static void philox_gives_its_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4];
        uint32_t key[2];
        uint32_t out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t out[4];
        ccrnn_philox(known[i].counter, known[i].key, out);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
}

static void a_stream_is_the_philox_of_its_name(void **state)
{
    (void)state;
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 0x1122334455667788u, 5, 6, 7);
    for (uint32_t block = 0; block < 3; block++) {
        const uint32_t key[2] = {0x55667788u, 0x11223344u};
        const uint32_t counter[4] = {block, 7, 6, 5};
        uint32_t expected[4];
        ccrnn_philox(counter, key, expected);
        for (int i = 0; i < 4; i++)
            assert_int_equal(ccrnn_random_u32(&stream), expected[i]);
    }
}

enum { DRAWS = 200000 };

/* Moments within five standard errors: the streams are fixed, so this passes or fails for ever. */
static void uniform_numbers_have_their_moments(void **state)
{
    (void)state;
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 1, CCRNN_RANDOM_USER, 0, 0);
    double sum = 0.0;
    double squares = 0.0;
    for (int i = 0; i < DRAWS; i++) {
        const double u = (double)ccrnn_random_uniform(&stream);
        assert_true(u >= 0.0 && u < 1.0);
        sum += u;
        squares += u * u;
    }
    expect_near(sum / DRAWS, 0.5, 5.0 * sqrt(1.0 / 12.0 / DRAWS));
    expect_near(squares / DRAWS, 1.0 / 3.0, 5.0 * sqrt(4.0 / 45.0 / DRAWS));
}

static void normal_numbers_have_their_moments(void **state)
{
    (void)state;
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 2, CCRNN_RANDOM_USER, 0, 0);
    double power[5] = {0.0};
    double lagged = 0.0;
    double before = 0.0;
    int beyond = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double z = ccrnn_random_normal(&stream);
        double p = 1.0;
        for (int k = 1; k <= 4; k++)
            power[k] += (p *= z);
        lagged += before * z;
        before = z;
        beyond += fabs(z) > 1.959963984540054;
    }
    const double n = DRAWS;
    expect_near(power[1] / n, 0.0, 5.0 * sqrt(1.0 / n));
    expect_near(power[2] / n, 1.0, 5.0 * sqrt(2.0 / n));
    expect_near(power[3] / n, 0.0, 5.0 * sqrt(15.0 / n));
    expect_near(power[4] / n, 3.0, 5.0 * sqrt(96.0 / n));
    expect_near(lagged / n, 0.0, 5.0 * sqrt(1.0 / n));
    expect_near(beyond / n, 0.05, 5.0 * sqrt(0.05 * 0.95 / n));
}

static void integers_below_a_bound_are_even(void **state)
{
    (void)state;
    enum { SIDES = 7 };
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 3, CCRNN_RANDOM_USER, 0, 0);
    double count[SIDES] = {0.0};
    for (int i = 0; i < DRAWS; i++) {
        const uint32_t side = ccrnn_random_below(&stream, SIDES);
        assert_in_range(side, 0, SIDES - 1);
        count[side] += 1.0;
    }
    const double expected = (double)DRAWS / SIDES;
    for (int i = 0; i < SIDES; i++)
        expect_near(count[i], expected, 5.0 * sqrt(expected * (1.0 - 1.0 / SIDES)));
    for (int i = 0; i < 100; i++)
        assert_int_equal(ccrnn_random_below(&stream, 1), 0);
    /* 3 · 2³⁰: without the redraw, every third number would come twice as often. */
    double low = 0.0;
    for (int i = 0; i < DRAWS; i++)
        low += ccrnn_random_below(&stream, 3221225472u) % 3 == 0;
    expect_near(low / DRAWS, 1.0 / 3.0, 5.0 * sqrt(2.0 / 9.0 / DRAWS));
}

static void streams_of_other_names_differ(void **state)
{
    (void)state;
    static const uint64_t names[][4] = {
        {1, 1, 1, 1}, {2, 1, 1, 1}, {1, 2, 1, 1}, {1, 1, 2, 1}, {(1ull << 32) + 1, 1, 1, 1},
        {1, 1, 1, 2}};
    enum { NAMES = sizeof names / sizeof names[0] };
    uint32_t first[NAMES];
    for (size_t i = 0; i < NAMES; i++) {
        struct ccrnn_random stream;
        ccrnn_random_start(&stream, names[i][0], (uint32_t)names[i][1], (uint32_t)names[i][2],
                           (uint32_t)names[i][3]);
        first[i] = ccrnn_random_u32(&stream);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(first[i], first[j]);
    }
}

static void words_for_a_shell_are_quoted_when_they_need_it(void **state)
{
    (void)state;
    static const char *const words[][2] = {
        {"run", "run"},         {"", "''"},         {"a b", "'a b'"},
        {"it's", "'it'\\''s'"}, {"'", "''\\'''"},   {"--set=x=1e-3,2", "--set=x=1e-3,2"},
        {"$HOME", "'$HOME'"},   {"a\nb", "'a\nb'"}, {"ärm", "'ärm'"},
        {"*", "'*'"},           {"~", "'~'"},       {"a;b", "'a;b'"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct ccrnn_text text = {0};
        ccrnn_text_add(&text, "x ");
        ccrnn_text_add_shell_word(&text, words[i][0]);
        assert_string_equal(text.bytes + 2, words[i][1]);
        free(text.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_and_only_ok_exits_with_zero),
        cmocka_unit_test(try_passes_a_failure_on),
        cmocka_unit_test(messages_are_formatted_prefixed_and_cut_off),
        cmocka_unit_test(a_cut_message_ends_with_a_whole_character),
        cmocka_unit_test(reals_are_read_strictly),
        cmocka_unit_test(a_comma_locale_changes_nothing),
        cmocka_unit_test(integers_are_read_strictly),
        cmocka_unit_test(words_for_a_shell_are_quoted_when_they_need_it),
        cmocka_unit_test(philox_gives_its_known_answers),
        cmocka_unit_test(a_stream_is_the_philox_of_its_name),
        cmocka_unit_test(uniform_numbers_have_their_moments),
        cmocka_unit_test(normal_numbers_have_their_moments),
        cmocka_unit_test(integers_below_a_bound_are_even),
        cmocka_unit_test(streams_of_other_names_differ),
    };
    return cmocka_run_group_tests_name("base", tests, scratch_setup, scratch_teardown);
}
