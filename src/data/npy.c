#include "data/npy.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "data/safetensors_check.h"
#include "data/utf8.h"

#define DAMAGED "the file is damaged: make or copy it again"

static const char magic[] = "\x93NUMPY";
enum {
    MAGIC = sizeof magic - 1,
    START = MAGIC + 2, /* magic and version */
    VERSION_MAX = 3,
    SHORT_LENGTH = 2, /* bytes of the header's length in version 1 */
    LONG_LENGTH = 4,
    WORD_MAX = 64, /* longest name, type or number of a header, its zero byte included */
    SHAPE_TEXT = 192
};

/* Reading a header. */
struct cursor {
    const char *path;
    const char *header, *at, *end;
};

/* What a header says. */
struct header {
    char descr[WORD_MAX];
    bool has_order, fortran_order, has_shape;
    int dims;
    size_t shape[CCRNN_TENSOR_DIMS_MAX];
};

bool ccrnn_npy_begins(const uint8_t *bytes, size_t size)
{
    return size >= MAGIC && memcmp(bytes, magic, MAGIC) == 0;
}

static enum ccrnn_status fail_header(const struct cursor *cursor, const char *what,
                                     struct ccrnn_error *err)
{
    char shown[CCRNN_EXCERPT];
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s: the header is `%s`: at its byte %zu %s is expected; save the array "
        "again with numpy.save",
        cursor->path,
        ccrnn_utf8_excerpt(cursor->header, (size_t)(cursor->end - cursor->header), shown),
        (size_t)(cursor->at - cursor->header), what);
}

static void skip_spaces(struct cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n'))
        cursor->at++;
}

/* Pass over `character`, spaces before it too, if it comes next. */
static bool take(struct cursor *cursor, char character)
{
    skip_spaces(cursor);
    if (cursor->at == cursor->end || *cursor->at != character)
        return false;
    cursor->at++;
    return true;
}

static bool take_word(struct cursor *cursor, const char *word)
{
    const size_t length = strlen(word);
    skip_spaces(cursor);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

/* A string in single or double quotes, without escapes. */
static bool take_string(struct cursor *cursor, char text[WORD_MAX])
{
    const char quote = take(cursor, '\'') ? '\'' : '"';
    if (quote == '"' && !take(cursor, '"'))
        return false;
    const char *const stop = memchr(cursor->at, quote, (size_t)(cursor->end - cursor->at));
    if (stop == NULL || stop - cursor->at >= WORD_MAX)
        return false;
    const size_t length = (size_t)(stop - cursor->at);
    memcpy(text, cursor->at, length);
    text[length] = '\0';
    cursor->at = stop + 1;
    return true;
}

/* An integer of 0 or more; Python 2 writes an L behind some. */
static bool take_size(struct cursor *cursor, size_t *size)
{
    char digits[WORD_MAX];
    size_t length = 0;
    uint64_t value;
    skip_spaces(cursor);
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' &&
           length < WORD_MAX - 1)
        digits[length++] = *cursor->at++;
    digits[length] = '\0';
    if (!ccrnn_parse_unsigned(digits, &value) || value > SIZE_MAX)
        return false;
    *size = (size_t)value;
    if (cursor->at < cursor->end && *cursor->at == 'L')
        cursor->at++;
    return true;
}

static enum ccrnn_status read_shape(struct cursor *cursor, struct header *header,
                                    struct ccrnn_error *err)
{
    if (!take(cursor, '('))
        return fail_header(cursor, "a shape in brackets", err);
    while (!take(cursor, ')')) {
        if (header->dims == CCRNN_TENSOR_DIMS_MAX)
            return fail_header(cursor, "the end of a shape of two numbers", err);
        if (!take_size(cursor, &header->shape[header->dims++]))
            return fail_header(cursor, "a size", err);
        if (!take(cursor, ',') && (cursor->at == cursor->end || *cursor->at != ')'))
            return fail_header(cursor, "a comma or bracket", err);
    }
    header->has_shape = true;
    return CCRNN_OK;
}

static enum ccrnn_status read_entry(struct cursor *cursor, struct header *header,
                                    struct ccrnn_error *err)
{
    char key[WORD_MAX];
    if (!take_string(cursor, key) || !take(cursor, ':'))
        return fail_header(cursor, "a name in quotes and a colon", err);
    if (strcmp(key, "descr") == 0 && header->descr[0] == '\0') {
        if (!take_string(cursor, header->descr) || header->descr[0] == '\0')
            return fail_header(cursor, "one type of number, such as '<f4',", err);
        return CCRNN_OK;
    }
    if (strcmp(key, "fortran_order") == 0 && !header->has_order) {
        header->has_order = true;
        header->fortran_order = take_word(cursor, "True");
        if (!header->fortran_order && !take_word(cursor, "False"))
            return fail_header(cursor, "True or False", err);
        return CCRNN_OK;
    }
    if (strcmp(key, "shape") == 0 && !header->has_shape)
        return read_shape(cursor, header, err);
    return fail_header(cursor, "each of descr, fortran_order and shape once", err);
}

static enum ccrnn_status read_header(struct cursor *cursor, struct header *header,
                                     struct ccrnn_error *err)
{
    if (!take(cursor, '{'))
        return fail_header(cursor, "a dictionary in braces", err);
    while (!take(cursor, '}')) {
        CCRNN_TRY(read_entry(cursor, header, err));
        if (!take(cursor, ',') && (cursor->at == cursor->end || *cursor->at != '}'))
            return fail_header(cursor, "a comma or brace", err);
    }
    skip_spaces(cursor);
    if (cursor->at != cursor->end || header->descr[0] == '\0' || !header->has_order ||
        !header->has_shape)
        return fail_header(cursor, "the end, after descr, fortran_order and shape,", err);
    return CCRNN_OK;
}

/* Version and length, and where the header begins and ends. */
static enum ccrnn_status find_header(struct cursor *cursor, const uint8_t *bytes, size_t size,
                                     struct ccrnn_error *err)
{
    if (!ccrnn_npy_begins(bytes, size))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s does not begin as a .npy file; save the array with numpy.save",
                          cursor->path);
    const size_t length_bytes = size > MAGIC && bytes[MAGIC] == 1 ? SHORT_LENGTH : LONG_LENGTH;
    if (size < START + length_bytes)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s is cut off after %zu bytes, inside its header; make or copy it again",
            cursor->path, size);
    if (bytes[MAGIC] < 1 || bytes[MAGIC] > VERSION_MAX || bytes[MAGIC + 1] != 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has version %d.%d of the .npy format, versions 1.0 to %d.0 are "
                          "known; save the array again with numpy.save",
                          cursor->path, bytes[MAGIC], bytes[MAGIC + 1], VERSION_MAX);
    size_t length = 0;
    for (size_t i = length_bytes; i > 0; i--)
        length = length << 8 | bytes[START + i - 1];
    const size_t left = size - START - length_bytes;
    if (length > left)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s claims a header of %zu bytes, but only %zu follow; it is cut off: "
                          "make or copy it again",
                          cursor->path, length, left);
    cursor->header = (const char *)bytes + START + length_bytes;
    cursor->at = cursor->header;
    cursor->end = cursor->header + length;
    return CCRNN_OK;
}

static enum ccrnn_status find_dtype(const char *path, const char *descr, enum ccrnn_dtype *dtype,
                                    struct ccrnn_error *err)
{
    static const struct {
        const char *descr;
        enum ccrnn_dtype dtype;
    } known[] = {{"<f2", CCRNN_DTYPE_F16}, {"<f4", CCRNN_DTYPE_F32}, {"<f8", CCRNN_DTYPE_F64}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(descr, known[i].descr) == 0) {
            *dtype = known[i].dtype;
            return CCRNN_OK;
        }
    }
    char shown[CCRNN_EXCERPT];
    ccrnn_utf8_excerpt(descr, strlen(descr), shown);
    if (descr[0] == '>')
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has big-endian numbers (`%s`), expected little-endian ones; save "
                          "the array as array.astype('<f4')",
                          path, shown);
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s has numbers of the type `%s`, expected <f4, <f2 or <f8 (float32, "
                      "float16, float64); save the array as array.astype('<f4')",
                      path, shown);
}

static enum ccrnn_status check_shape(const char *path, const struct header *header,
                                     struct ccrnn_error *err)
{
    char text[SHAPE_TEXT];
    ccrnn_tensor_shape_text(text, sizeof text, header->dims, header->shape);
    if (header->dims != 2)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has an array of shape %s, expected (images, numbers of an image); "
                          "save array.reshape(images, -1)",
                          path, text);
    if (header->shape[0] == 0 || header->shape[1] == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has an array of shape %s: there is nothing in it; make it again",
                          path, text);
    if (header->fortran_order)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is in Fortran order (column by column), expected C order; save "
                          "numpy.ascontiguousarray(array)",
                          path);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_npy_parse(const char *path, const uint8_t *bytes, size_t size,
                                  struct ccrnn_npy *matrix, struct ccrnn_error *err)
{
    struct cursor cursor = {.path = path};
    struct header header = {0};
    CCRNN_TRY(find_header(&cursor, bytes, size, err));
    CCRNN_TRY(read_header(&cursor, &header, err));
    CCRNN_TRY(find_dtype(path, header.descr, &matrix->dtype, err));
    CCRNN_TRY(check_shape(path, &header, err));
    size_t count, needed;
    const size_t left = size - (size_t)(cursor.end - (const char *)bytes);
    char text[SHAPE_TEXT];
    ccrnn_tensor_shape_text(text, sizeof text, header.dims, header.shape);
    if (!ccrnn_tensor_size(matrix->dtype, header.dims, header.shape, &count, &needed))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s claims the shape %s, more than memory can have; " DAMAGED, path,
                          text);
    if (needed != left)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: the shape %s of `%s` needs %zu bytes, but %zu follow the header; %s", path, text,
            header.descr, needed, left,
            left < needed ? "it is cut off: make or copy it again" : DAMAGED);
    matrix->rows = header.shape[0];
    matrix->columns = header.shape[1];
    matrix->bytes = (const uint8_t *)cursor.end;
    return CCRNN_OK;
}
