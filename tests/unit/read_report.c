#include "read_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"

#include "scratch.h"

struct ccrnn_report_outcome report_outcome;

char *report_text(const char *study, const char *name)
{
    char path[SCRATCH_PATH];
    uint8_t *bytes = NULL;
    size_t size = 0;
    (void)ccrnn_format(path, sizeof path, "%s/%s", scratch_path(study), name);
    if (ccrnn_file_read(path, (size_t)64 << 20, &bytes, &size, NULL) != CCRNN_OK)
        fail_msg("%s is missing", path);
    char *const text = calloc(size + 1, 1);
    assert_non_null(text);
    memcpy(text, bytes, size);
    free(bytes);
    return text;
}

bool report_has(const char *study, const char *name)
{
    char path[SCRATCH_PATH];
    (void)ccrnn_format(path, sizeof path, "%s/%s", scratch_path(study), name);
    return ccrnn_path_exists(path);
}

void expect_text(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("not found: %s", part);
}

void refuse_text(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("should not be there: %s", part);
}

size_t count_text(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        n++;
    return n;
}

void report_make(const char *study, bool figures)
{
    struct ccrnn_error err = {.message = ""};
    const struct ccrnn_report_options options = {.no_figures = !figures,
                                                 .outcome = &report_outcome};
    const enum ccrnn_status status = ccrnn_report_write(scratch_path(study), &options, &err);
    if (status == CCRNN_UNSUPPORTED && figures) {
        print_message("skipped: gnuplot is not installed, so no figure was drawn\n");
        skip();
    }
    if (status != CCRNN_OK)
        fail_msg("%s", err.message);
}

void expect_row(const char *csv, const char *key, const double *expected, size_t columns)
{
    const char *row = strstr(csv, key);
    if (row == NULL) {
        fail_msg("no row %s", key);
        return;
    }
    row += strlen(key);
    for (size_t i = 0; i < columns; i++) {
        assert_int_equal(*row, ',');
        char field[64] = "";
        const size_t length = strcspn(++row, ",\n");
        assert_true(length < sizeof field);
        memcpy(field, row, length);
        row += length;
        double found = NAN;
        (void)ccrnn_parse_real(field, &found);
        const bool both_missing = isnan(expected[i]) && field[0] == '\0';
        if (!both_missing && !(fabs(found - expected[i]) <= 1e-8 * fabs(expected[i])))
            fail_msg("%s: column %zu: expected %.12g, found \"%s\"", key, i, expected[i], field);
    }
}
