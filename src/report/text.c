#include "report/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

/* Room for `more` bytes and the terminating zero. */
static bool reserve(struct ccrnn_report_text *text, size_t more)
{
    if (text->failed || more >= SIZE_MAX / 4 || text->length >= SIZE_MAX / 4) {
        text->failed = true;
        return false;
    }
    const size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return true;
    const size_t capacity = needed < 512 ? 1024 : needed * 2;
    char *const bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void ccrnn_report_add(struct ccrnn_report_text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = ccrnn_format_v(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        text->failed = true;
    else if (reserve(text, (size_t)length)) {
        (void)ccrnn_format_v(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void ccrnn_report_add_bytes(struct ccrnn_report_text *text, const char *bytes, size_t size)
{
    if (!reserve(text, size))
        return;
    if (size > 0)
        memcpy(text->bytes + text->length, bytes, size);
    text->length += size;
    text->bytes[text->length] = '\0';
}

static void add_string(struct ccrnn_report_text *text, const char *string)
{
    ccrnn_report_add_bytes(text, string, strlen(string));
}

void ccrnn_report_add_html(struct ccrnn_report_text *text, const char *plain)
{
    for (; *plain != '\0'; plain++) {
        switch (*plain) {
        case '&':
            add_string(text, "&amp;");
            break;
        case '<':
            add_string(text, "&lt;");
            break;
        case '>':
            add_string(text, "&gt;");
            break;
        case '"':
            add_string(text, "&quot;");
            break;
        case '\'':
            add_string(text, "&#39;");
            break;
        default:
            ccrnn_report_add_bytes(text, plain, 1);
        }
    }
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

size_t ccrnn_report_characters(const char *plain)
{
    size_t count = 0;
    for (; *plain != '\0'; plain++)
        count += begins_character(*plain);
    return count;
}

void ccrnn_report_add_gnuplot(struct ccrnn_report_text *text, const char *plain,
                              size_t characters)
{
    const bool cut = characters > 0 && ccrnn_report_characters(plain) > characters;
    size_t count = 0;
    add_string(text, "'");
    for (; *plain != '\0'; plain++) {
        count += begins_character(*plain);
        if (cut && count == characters) {
            add_string(text, "…");
            break;
        }
        if (*plain == '\'')
            add_string(text, "''");
        else
            ccrnn_report_add_bytes(text, plain, 1);
    }
    add_string(text, "'");
}

void ccrnn_report_add_csv(struct ccrnn_report_text *text, const char *plain)
{
    if (strpbrk(plain, ",\"\r\n") == NULL) {
        add_string(text, plain);
        return;
    }
    add_string(text, "\"");
    for (; *plain != '\0'; plain++) {
        if (*plain == '"')
            add_string(text, "\"");
        ccrnn_report_add_bytes(text, plain, 1);
    }
    add_string(text, "\"");
}

/* "e-05" as "× 10⁻⁵" */
static void add_power(struct ccrnn_report_text *text, const char *exponent)
{
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    add_string(text, " × 10");
    if (*exponent == '-')
        add_string(text, "⁻");
    exponent += *exponent == '-' || *exponent == '+';
    while (*exponent == '0' && exponent[1] != '\0')
        exponent++;
    for (; *exponent >= '0' && *exponent <= '9'; exponent++)
        add_string(text, raised[*exponent - '0']);
}

void ccrnn_report_add_number(struct ccrnn_report_text *text, double value, int digits)
{
    if (!isfinite(value)) {
        add_string(text, "–");
        return;
    }
    if (value == 0.0) {
        add_string(text, "0");
        return;
    }
    char plain[64];
    (void)ccrnn_format(plain, sizeof plain, "%#.*g", digits, fabs(value));
    char *const exponent = strchr(plain, 'e');
    if (exponent != NULL)
        *exponent = '\0';
    const size_t length = strlen(plain);
    if (length > 0 && plain[length - 1] == '.')
        plain[length - 1] = '\0';
    if (value < 0.0)
        add_string(text, "−");
    add_string(text, plain);
    if (exponent != NULL)
        add_power(text, exponent + 1);
}

void ccrnn_report_add_p(struct ccrnn_report_text *text, double p, bool equals)
{
    if (p < 1e-15) {
        add_string(text, "< 10⁻¹⁵");
        return;
    }
    if (equals)
        add_string(text, "= ");
    if (!(p < 1e-4)) {
        ccrnn_report_add_number(text, p, 3);
        return;
    }
    char plain[64];
    (void)ccrnn_format(plain, sizeof plain, "%.1e", p);
    char *const exponent = strchr(plain, 'e');
    *exponent = '\0';
    add_string(text, plain);
    add_power(text, exponent + 1);
}

enum ccrnn_status ccrnn_report_text_check(const struct ccrnn_report_text *text,
                                          struct ccrnn_error *err)
{
    if (!text->failed)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "The report needs more memory than there is. Report fewer runs, or free "
                      "some memory.");
}

enum ccrnn_status ccrnn_report_text_save(const struct ccrnn_report_text *text,
                                         const char *directory, const char *name,
                                         struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_report_text_check(text, err));
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, name, err));
    return ccrnn_file_write_atomic(path, text->bytes, text->length, err);
}

void ccrnn_report_text_release(struct ccrnn_report_text *text)
{
    free(text->bytes);
    *text = (struct ccrnn_report_text){0};
}
