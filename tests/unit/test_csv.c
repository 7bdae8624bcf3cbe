/* The CSV reader: quoting, numbers, and a message with file:line for each way a file can be
 * wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/csv.h"
#include "scratch.h"

static const char *const columns[] = {"step", "name", "value"};
enum { COLUMNS = 3 };
#define HEADER "step,name,value\n"

static enum ccrnn_status parse(const char *text, struct ccrnn_csv **csv, struct ccrnn_error *err)
{
    /* On the heap with its exact size, so that the sanitizer sees a byte too far. */
    const size_t size = strlen(text);
    uint8_t *const bytes = malloc(size + (size == 0));
    assert_non_null(bytes);
    memcpy(bytes, text, size);
    const enum ccrnn_status status =
        ccrnn_csv_parse("dir/f.csv", bytes, size, columns, COLUMNS, csv, err);
    free(bytes);
    return status;
}

static struct ccrnn_csv *parsed(const char *text)
{
    struct ccrnn_error err;
    struct ccrnn_csv *csv;
    if (parse(text, &csv, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return csv;
}

static void fields_are_unquoted(void **state)
{
    (void)state;
    struct ccrnn_csv *const csv =
        parsed("\xef\xbb\xbfstep,\"name\",value\r\n"
               "1,\"a \"\"b\"\", c\",\r\n2,\"two\nlines\r\n\",x y\n\"\",\" \",\"\"\"\"\n");
    assert_int_equal(ccrnn_csv_rows(csv), 3);
    assert_string_equal(ccrnn_csv_text(csv, 0, 0), "1");
    assert_string_equal(ccrnn_csv_text(csv, 0, 1), "a \"b\", c");
    assert_string_equal(ccrnn_csv_text(csv, 0, 2), "");
    assert_string_equal(ccrnn_csv_text(csv, 1, 1), "two\nlines\r\n");
    assert_string_equal(ccrnn_csv_text(csv, 1, 2), "x y");
    assert_string_equal(ccrnn_csv_text(csv, 2, 0), "");
    assert_string_equal(ccrnn_csv_text(csv, 2, 1), " ");
    assert_string_equal(ccrnn_csv_text(csv, 2, 2), "\"");
    assert_int_equal(ccrnn_csv_line(csv, 0), 2);
    assert_int_equal(ccrnn_csv_line(csv, 1), 3);
    assert_int_equal(ccrnn_csv_line(csv, 2), 6);
    ccrnn_csv_close(csv);
    ccrnn_csv_close(NULL);
}

static void many_rows_are_kept(void **state)
{
    (void)state;
    enum { ROWS = 1000 };
    char *const text = malloc(ROWS * 16 + 32);
    assert_non_null(text);
    strcpy(text, HEADER);
    for (int i = 0; i < ROWS; i++) {
        const char row[] = {(char)('0' + i / 100), (char)('0' + i / 10 % 10),
                            (char)('0' + i % 10), '\0'};
        strcat(strcat(strcat(text, "1"), row), ",n,0.5\n");
    }
    struct ccrnn_csv *const csv = parsed(text);
    free(text);
    struct ccrnn_error err;
    assert_int_equal(ccrnn_csv_rows(csv), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        int64_t step = 0;
        double value = 0.0;
        assert_int_equal(ccrnn_csv_integer(csv, i, 0, &step, &err), CCRNN_OK);
        assert_int_equal(step, 1000 + i);
        assert_int_equal(ccrnn_csv_real(csv, i, 2, &value, &err), CCRNN_OK);
        assert_true(value == 0.5);
        assert_int_equal(ccrnn_csv_line(csv, i), i + 2);
    }
    ccrnn_csv_close(csv);
}

static void expect_damaged(const char *text, const char *words)
{
    struct ccrnn_error err;
    struct ccrnn_csv *csv = (struct ccrnn_csv *)&err;
    expect_error(parse(text, &csv, &err), CCRNN_FORMAT, &err, "dir/f.csv", words, NULL);
    assert_null(csv);
}

static void every_damage_has_its_message(void **state)
{
    (void)state;
    expect_damaged("", "is empty");
    expect_damaged("\xef\xbb\xbf", "is empty");
    expect_damaged("step,name,value", "f.csv:1: the last line does not end with a newline");
    expect_damaged(HEADER "1,a,2\n2,b", "f.csv:3: the last line does not end with a newline");
    expect_damaged(HEADER "1,a,2\n2,b,", "f.csv:3: the last line does not end with a newline");
    expect_damaged(HEADER "1,a,\"2\"", "f.csv:2: the last line does not end with a newline");
    expect_damaged(HEADER "1,a,\"2\"\r", "f.csv:2: the last line does not end with a newline");
    expect_damaged(HEADER "1,a,2\r", "f.csv:2: the last line does not end with a newline");
    expect_damaged("step,name\n", "f.csv:1: expected 3 fields, found 2");
    expect_damaged("step,names,value\n", "f.csv:1: column 2 is `names`, expected `name`");
    expect_damaged("step,value,name\n", "f.csv:1: column 2 is `value`, expected `name`");
    expect_damaged(HEADER "1,a,2\n\n", "f.csv:3: expected 3 fields, found 1");
    expect_damaged(HEADER "\"a\nb\",2\n", "f.csv:2: expected 3 fields, found 2");
    expect_damaged(HEADER "1,a,2,3,4\n", "f.csv:2: expected 3 fields, found 5");
    expect_damaged(HEADER "1,\"a\n,2\n", "f.csv:2: a quote (\") opened on this line");
    expect_damaged(HEADER "1,a,\"", "f.csv:2: a quote (\") opened on this line");
    expect_damaged(HEADER "1,a\"b,2\n", "f.csv:2: a quote (\") inside a field without quotes");
    expect_damaged(HEADER "1,\"a\"b,2\n", "f.csv:2: text after a closing quote");
    expect_damaged(HEADER "1,\"a\" ,2\n", "f.csv:2: text after a closing quote");
}

static void a_zero_byte_is_named(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_csv *csv;
    static const uint8_t bytes[] = HEADER "1,a\0b,2\n";
    expect_error(ccrnn_csv_parse("f.csv", bytes, sizeof bytes - 1, columns, COLUMNS, &csv, &err),
                 CCRNN_FORMAT, &err, "f.csv: byte 19 is zero", NULL);
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_csv *const csv = parsed(HEADER "-3,nan,1.5e-3\n"
                                                "9223372036854775807,-inf,inf\n"
                                                "9223372036854775808,010,\"1,5\"\n"
                                                "1.0,,NaN\n"
                                                "-,-nan,infinity\n");
    double value = 0.0;
    int64_t step = 0;
    assert_int_equal(ccrnn_csv_integer(csv, 0, 0, &step, &err), CCRNN_OK);
    assert_int_equal(step, -3);
    assert_int_equal(ccrnn_csv_integer(csv, 1, 0, &step, &err), CCRNN_OK);
    assert_true(step == INT64_MAX);
    assert_int_equal(ccrnn_csv_real(csv, 0, 2, &value, &err), CCRNN_OK);
    assert_true(value == 0.0015);
    assert_int_equal(ccrnn_csv_real(csv, 0, 1, &value, &err), CCRNN_OK);
    assert_true(isnan(value));
    assert_int_equal(ccrnn_csv_real(csv, 1, 1, &value, &err), CCRNN_OK);
    assert_true(isinf(value) && value < 0.0);
    assert_int_equal(ccrnn_csv_real(csv, 1, 2, &value, &err), CCRNN_OK);
    assert_true(isinf(value) && value > 0.0);
    assert_int_equal(ccrnn_csv_real(csv, 4, 1, &value, &err), CCRNN_OK);
    assert_true(isnan(value));
    value = 7.0;
    step = 7;
    expect_error(ccrnn_csv_real(csv, 2, 2, &value, &err), CCRNN_FORMAT, &err,
                 "dir/f.csv:4: column `value` is `1,5`, expected a number", NULL);
    expect_error(ccrnn_csv_real(csv, 2, 1, &value, &err), CCRNN_FORMAT, &err, "`010`", NULL);
    expect_error(ccrnn_csv_real(csv, 3, 1, &value, &err), CCRNN_FORMAT, &err, "`name` is ``",
                 NULL);
    expect_error(ccrnn_csv_real(csv, 3, 2, &value, &err), CCRNN_FORMAT, &err, "`NaN`", NULL);
    expect_error(ccrnn_csv_real(csv, 4, 2, &value, &err), CCRNN_FORMAT, &err, "`infinity`", NULL);
    expect_error(ccrnn_csv_integer(csv, 2, 0, &step, &err), CCRNN_FORMAT, &err,
                 "dir/f.csv:4: column `step` is `9223372036854775808`, expected an integer",
                 NULL);
    expect_error(ccrnn_csv_integer(csv, 3, 0, &step, &err), CCRNN_FORMAT, &err, "`1.0`", NULL);
    expect_error(ccrnn_csv_integer(csv, 4, 0, &step, &err), CCRNN_FORMAT, &err, "`-`", NULL);
    assert_true(value == 7.0 && step == 7);
    ccrnn_csv_close(csv);
}

static void a_file_is_opened(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_csv *csv;
    const char *const path = scratch_path("open.csv");
    static const char text[] = HEADER "1,a,2\n";
    expect_error(ccrnn_csv_open(path, columns, COLUMNS, &csv, &err), CCRNN_IO, &err, path,
                 "No such file", NULL);
    assert_null(csv);
    scratch_write(path, text, sizeof text - 1);
    assert_int_equal(ccrnn_csv_open(path, columns, COLUMNS, &csv, &err), CCRNN_OK);
    assert_int_equal(ccrnn_csv_rows(csv), 1);
    ccrnn_csv_close(csv);
    scratch_write(path, text, sizeof text - 2);
    expect_error(ccrnn_csv_open(path, columns, COLUMNS, &csv, &err), CCRNN_FORMAT, &err, path,
                 ":2:", NULL);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_unquoted),          cmocka_unit_test(many_rows_are_kept),
        cmocka_unit_test(every_damage_has_its_message), cmocka_unit_test(a_zero_byte_is_named),
        cmocka_unit_test(numbers_are_read_strictly),    cmocka_unit_test(a_file_is_opened),
    };
    return cmocka_run_group_tests_name("csv", tests, scratch_setup, scratch_teardown);
}
