#include "data/csv.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

static const size_t file_max = (size_t)1 << 32;

/* Fields are unquoted in place in `text`. Field c of record r starts at
 * text + fields[r · column_count + c]; record 0 is the header. */
struct ccrnn_csv {
    char *path;
    char *text;
    size_t column_count;
    size_t records;
    size_t capacity;
    size_t *fields;
    size_t *lines;
};

/* Where parsing stands: the next byte to read, the next to write (never ahead of it), the line.
 */
struct cursor {
    struct ccrnn_csv *csv;
    size_t read;
    size_t write;
    size_t size;
    size_t line;
};

enum field_end { FIELD_COMMA, FIELD_LINE };

static enum ccrnn_status fail_memory(const char *path, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read %s; close other programs", path);
}

static enum ccrnn_status fail_truncated(const struct cursor *at, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s:%zu: the last line does not end with a newline; the file is cut off: "
                      "make it again",
                      at->csv->path, at->line);
}

/* A quoted field, from its opening quote to its closing one; doubled quotes become one. */
static enum ccrnn_status read_quoted(struct cursor *at, struct ccrnn_error *err)
{
    char *const text = at->csv->text;
    const size_t first_line = at->line;
    at->read++;
    while (at->read < at->size) {
        const char c = text[at->read++];
        if (c == '"' && (at->read == at->size || text[at->read] != '"'))
            return CCRNN_OK;
        if (c == '"')
            at->read++;
        if (c == '\n')
            at->line++;
        text[at->write++] = c;
    }
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s:%zu: a quote (\") opened on this line is never closed; close it or make "
        "the file again",
        at->csv->path, first_line);
}

static enum ccrnn_status read_plain(struct cursor *at, struct ccrnn_error *err)
{
    char *const text = at->csv->text;
    while (at->read < at->size) {
        const char c = text[at->read];
        if (c == ',' || c == '\n')
            break;
        if (c == '\r' && at->read + 1 < at->size && text[at->read + 1] == '\n')
            break;
        if (c == '"')
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s:%zu: a quote (\") inside a field without quotes; put the whole "
                              "field into quotes and double the quote",
                              at->csv->path, at->line);
        text[at->write++] = c;
        at->read++;
    }
    return CCRNN_OK;
}

/* One field and the comma or line end after it; the field ends with a zero byte. */
static enum ccrnn_status read_field(struct cursor *at, enum field_end *end,
                                    struct ccrnn_error *err)
{
    char *const text = at->csv->text;
    const bool quoted = at->read < at->size && text[at->read] == '"';
    CCRNN_TRY(quoted ? read_quoted(at, err) : read_plain(at, err));
    if (at->read < at->size && text[at->read] == '\r')
        at->read++;
    if (at->read == at->size)
        return fail_truncated(at, err);
    const char c = text[at->read++];
    if (c != ',' && c != '\n')
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s:%zu: text after a closing quote (\"); a comma or the end of the line "
            "is expected",
            at->csv->path, at->line);
    text[at->write++] = '\0';
    *end = c == ',' ? FIELD_COMMA : FIELD_LINE;
    return CCRNN_OK;
}

static enum ccrnn_status reserve_record(struct ccrnn_csv *csv, struct ccrnn_error *err)
{
    if (csv->records < csv->capacity)
        return CCRNN_OK;
    const size_t capacity = csv->capacity == 0 ? 64 : 2 * csv->capacity;
    size_t *const lines = reallocarray(csv->lines, capacity, sizeof *lines);
    if (lines == NULL)
        return fail_memory(csv->path, err);
    csv->lines = lines;
    size_t *const fields =
        reallocarray(csv->fields, capacity, csv->column_count * sizeof *fields);
    if (fields == NULL)
        return fail_memory(csv->path, err);
    csv->fields = fields;
    csv->capacity = capacity;
    return CCRNN_OK;
}

static enum ccrnn_status read_record(struct cursor *at, struct ccrnn_error *err)
{
    struct ccrnn_csv *const csv = at->csv;
    CCRNN_TRY(reserve_record(csv, err));
    const size_t line = at->line;
    size_t *const fields = csv->fields + csv->records * csv->column_count;
    size_t count = 0;
    enum field_end end = FIELD_COMMA;
    while (end == FIELD_COMMA) {
        const size_t start = at->write;
        CCRNN_TRY(read_field(at, &end, err));
        if (count < csv->column_count)
            fields[count] = start;
        count++;
    }
    if (count != csv->column_count)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: expected %zu fields, found %zu; repair the line or make the "
                          "file again",
                          csv->path, line, csv->column_count, count);
    csv->lines[csv->records++] = line;
    at->line++;
    return CCRNN_OK;
}

static enum ccrnn_status check_header(const struct ccrnn_csv *csv, const char *const *columns,
                                      struct ccrnn_error *err)
{
    for (size_t c = 0; c < csv->column_count; c++) {
        const char *const found = csv->text + csv->fields[c];
        if (strcmp(found, columns[c]) != 0)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s:1: column %zu is `%.80s`, expected `%s`; this is another kind "
                              "of file",
                              csv->path, c + 1, found, columns[c]);
    }
    return CCRNN_OK;
}

static enum ccrnn_status parse_text(struct ccrnn_csv *csv, size_t size,
                                    const char *const *columns, struct ccrnn_error *err)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    struct cursor at = {.csv = csv, .size = size, .line = 1};
    if (size >= 3 && memcmp(csv->text, byte_order_mark, 3) == 0)
        at.read = 3;
    if (at.read == size)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is empty; expected a first line with the names of %zu columns",
                          csv->path, csv->column_count);
    const char *const zero = memchr(csv->text, '\0', size);
    if (zero != NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: byte %zu is zero, so this is not a text file; make it again",
                          csv->path, (size_t)(zero - csv->text));
    CCRNN_TRY(read_record(&at, err));
    CCRNN_TRY(check_header(csv, columns, err));
    while (at.read < at.size)
        CCRNN_TRY(read_record(&at, err));
    return CCRNN_OK;
}

/* Takes ownership of `text` (malloc, at least one byte), also on failure. */
static enum ccrnn_status parse_owned(const char *path, char *text, size_t size,
                                     const char *const *columns, size_t column_count,
                                     struct ccrnn_csv **csv, struct ccrnn_error *err)
{
    struct ccrnn_csv *const made = calloc(1, sizeof *made);
    if (made == NULL) {
        free(text);
        return fail_memory(path, err);
    }
    made->text = text;
    made->column_count = column_count;
    made->path = strdup(path);
    const enum ccrnn_status status =
        made->path == NULL ? fail_memory(path, err) : parse_text(made, size, columns, err);
    if (status != CCRNN_OK) {
        ccrnn_csv_close(made);
        return status;
    }
    *csv = made;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_csv_open(const char *path, const char *const *columns,
                                 size_t column_count, struct ccrnn_csv **csv,
                                 struct ccrnn_error *err)
{
    *csv = NULL;
    uint8_t *bytes;
    size_t size;
    CCRNN_TRY(ccrnn_file_read(path, file_max, &bytes, &size, err));
    return parse_owned(path, (char *)bytes, size, columns, column_count, csv, err);
}

enum ccrnn_status ccrnn_csv_parse(const char *path, const uint8_t *bytes, size_t size,
                                  const char *const *columns, size_t column_count,
                                  struct ccrnn_csv **csv, struct ccrnn_error *err)
{
    *csv = NULL;
    char *const text = malloc(size == 0 ? 1 : size);
    if (text == NULL)
        return fail_memory(path, err);
    if (size > 0)
        memcpy(text, bytes, size);
    return parse_owned(path, text, size, columns, column_count, csv, err);
}

void ccrnn_csv_close(struct ccrnn_csv *csv)
{
    if (csv == NULL)
        return;
    free(csv->path);
    free(csv->text);
    free(csv->fields);
    free(csv->lines);
    free(csv);
}

size_t ccrnn_csv_rows(const struct ccrnn_csv *csv)
{
    return csv->records - 1;
}

size_t ccrnn_csv_line(const struct ccrnn_csv *csv, size_t row)
{
    return csv->lines[row + 1];
}

const char *ccrnn_csv_text(const struct ccrnn_csv *csv, size_t row, size_t column)
{
    return csv->text + csv->fields[(row + 1) * csv->column_count + column];
}

static enum ccrnn_status fail_number(const struct ccrnn_csv *csv, size_t row, size_t column,
                                     const char *expected, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s:%zu: column `%s` is `%.80s`, expected %s; repair the line or make the "
                      "file again",
                      csv->path, ccrnn_csv_line(csv, row), csv->text + csv->fields[column],
                      ccrnn_csv_text(csv, row, column), expected);
}

enum ccrnn_status ccrnn_csv_real(const struct ccrnn_csv *csv, size_t row, size_t column,
                                 double *value, struct ccrnn_error *err)
{
    const char *const text = ccrnn_csv_text(csv, row, column);
    if (strcmp(text, "nan") == 0 || strcmp(text, "-nan") == 0)
        *value = (double)NAN;
    else if (strcmp(text, "inf") == 0)
        *value = (double)INFINITY;
    else if (strcmp(text, "-inf") == 0)
        *value = -(double)INFINITY;
    else if (!ccrnn_parse_real(text, value))
        return fail_number(csv, row, column, "a number", err);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_csv_integer(const struct ccrnn_csv *csv, size_t row, size_t column,
                                    int64_t *value, struct ccrnn_error *err)
{
    const char *const text = ccrnn_csv_text(csv, row, column);
    const bool negative = text[0] == '-';
    uint64_t magnitude;
    if (!ccrnn_parse_unsigned(text + (negative ? 1 : 0), &magnitude) ||
        magnitude > (uint64_t)INT64_MAX)
        return fail_number(csv, row, column, "an integer", err);
    *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return CCRNN_OK;
}
