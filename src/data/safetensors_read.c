#include "data/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/safetensors_check.h"

/* Limits of what is believed. The header limit is the one of the format's reference reader. */
static const uint64_t header_max = 100u * 1000u * 1000u;
static const size_t file_max = (size_t)1 << 40;
enum { LENGTH_BYTES = 8, SHAPE_TEXT = 192, START_BYTES = 1 << 16 };

static enum ccrnn_status fail_memory(struct ccrnn_error *err, const char *path)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to open %s; close other programs", path);
}

/* Read the header's length and check it against the file. */
static enum ccrnn_status header_length(const char *path, const uint8_t *bytes, size_t size,
                                       size_t *length, struct ccrnn_error *err)
{
    if (size < LENGTH_BYTES)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is too short for a safetensors file: %zu bytes, at least %d "
                          "expected; make or copy it again",
                          path, size, LENGTH_BYTES);
    uint64_t claimed = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        claimed = claimed << 8 | bytes[i];
    if (claimed > header_max)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s claims a header of %" PRIu64 " bytes, at most %" PRIu64
                          " are allowed; it is damaged or not a safetensors file",
                          path, claimed, header_max);
    if (claimed > size - LENGTH_BYTES)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s claims a header of %" PRIu64
                          " bytes, but only %zu follow; it is cut off or not a safetensors "
                          "file: make or copy it again",
                          path, claimed, size - LENGTH_BYTES);
    *length = (size_t)claimed;
    return CCRNN_OK;
}

/* Parse the header into file->header. */
static enum ccrnn_status parse_header(struct ccrnn_tensor_file *file, const uint8_t *text,
                                      size_t length, struct ccrnn_error *err)
{
    if (length == 0 || text[0] != '{')
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: the header does not begin with `{`; it is not a safetensors file",
                          file->path);
    json_error_t where;
    file->header = json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, &where);
    if (file->header == NULL && json_error_code(&where) == json_error_out_of_memory)
        return fail_memory(err, file->path);
    if (file->header == NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: the header is not valid JSON at byte %d: %s; the file is damaged: "
                          "make or copy it again",
                          file->path, where.position, where.text);
    return CCRNN_OK;
}

static enum ccrnn_status check_metadata(const struct ccrnn_tensor_file *file,
                                        struct ccrnn_error *err)
{
    json_t *const metadata = json_object_get(file->header, CCRNN_TENSOR_METADATA);
    if (metadata == NULL)
        return CCRNN_OK;
    if (!json_is_object(metadata))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: " CCRNN_TENSOR_METADATA " is not an object of strings; the file "
                          "was not made by a safetensors writer",
                          file->path);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value))
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: the metadata value of `%.200s` is not a string; the file was "
                              "not made by a safetensors writer",
                              file->path, key);
    }
    return CCRNN_OK;
}

static enum ccrnn_status parse_dtype(const struct ccrnn_tensor_file *file,
                                     struct ccrnn_tensor *tensor, const json_t *entry,
                                     struct ccrnn_error *err)
{
    const char *const name = json_string_value(json_object_get(entry, "dtype"));
    if (name == NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%.200s` has no `dtype` (a string); the file is damaged",
                          file->path, tensor->name);
    for (int i = 0; i < CCRNN_DTYPE_COUNT; i++) {
        if (strcmp(name, ccrnn_dtype_name((enum ccrnn_dtype)i)) == 0) {
            tensor->dtype = (enum ccrnn_dtype)i;
            return CCRNN_OK;
        }
    }
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s: tensor `%.200s` has the unknown dtype `%.40s`; save it as F32 (or F64, "
        "I64, …)",
        file->path, tensor->name, name);
}

/* A JSON integer that is a size: 0 or more. */
static bool json_size(const json_t *value, size_t *size)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *size = (size_t)json_integer_value(value);
    return true;
}

static enum ccrnn_status parse_shape(const struct ccrnn_tensor_file *file,
                                     struct ccrnn_tensor *tensor, const json_t *entry,
                                     struct ccrnn_error *err)
{
    const json_t *const shape = json_object_get(entry, "shape");
    if (!json_is_array(shape))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%.200s` has no `shape` (an array); the file is damaged",
                          file->path, tensor->name);
    const size_t dims = json_array_size(shape);
    if (dims > CCRNN_TENSOR_DIMS_MAX)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%.200s` has %zu dimensions, at most %d can be read",
                          file->path, tensor->name, dims, CCRNN_TENSOR_DIMS_MAX);
    tensor->dims = (int)dims;
    for (size_t i = 0; i < dims; i++)
        if (!json_size(json_array_get(shape, i), &tensor->shape[i]))
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: size %zu in the shape of tensor `%.200s` is not an integer of "
                              "0 or more; the file is damaged",
                              file->path, i, tensor->name);
    if (!ccrnn_tensor_size(tensor->dtype, tensor->dims, tensor->shape, &tensor->count,
                           &tensor->size)) {
        char text[SHAPE_TEXT];
        ccrnn_tensor_shape_text(text, sizeof text, tensor->dims, tensor->shape);
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%.200s` has the shape %s, more than memory can have; the "
                          "file is damaged",
                          file->path, tensor->name, text);
    }
    return CCRNN_OK;
}

static enum ccrnn_status parse_offsets(const struct ccrnn_tensor_file *file,
                                       struct ccrnn_tensor *tensor, const json_t *entry,
                                       const uint8_t *data, size_t data_size,
                                       struct ccrnn_error *err)
{
    const json_t *const offsets = json_object_get(entry, "data_offsets");
    size_t begin;
    size_t end;
    if (json_array_size(offsets) != 2 || !json_size(json_array_get(offsets, 0), &begin) ||
        !json_size(json_array_get(offsets, 1), &end) || begin > end)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%.200s` has no `data_offsets` [begin, end] with 0 ≤ begin "
                          "≤ end; the file is damaged",
                          file->path, tensor->name);
    if (end > data_size)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%.200s` ends at byte %zu of the data, but there are only "
                          "%zu; the file is cut off: make or copy it again",
                          file->path, tensor->name, end, data_size);
    if (end - begin != tensor->size) {
        char text[SHAPE_TEXT];
        ccrnn_tensor_shape_text(text, sizeof text, tensor->dims, tensor->shape);
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%.200s` of type %s and shape %s needs %zu bytes, but its "
                          "`data_offsets` give it %zu; the file is damaged",
                          file->path, tensor->name, ccrnn_dtype_name(tensor->dtype), text,
                          tensor->size, end - begin);
    }
    tensor->bytes = data + begin;
    return CCRNN_OK;
}

static enum ccrnn_status parse_tensors(struct ccrnn_tensor_file *file, const uint8_t *data,
                                       size_t data_size, struct ccrnn_error *err)
{
    file->tensors = calloc(json_object_size(file->header) + 1, sizeof *file->tensors);
    if (file->tensors == NULL)
        return fail_memory(err, file->path);
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)file->header, name, entry)
    {
        if (strcmp(name, CCRNN_TENSOR_METADATA) == 0)
            continue;
        struct ccrnn_tensor *const tensor = &file->tensors[file->count];
        tensor->name = name;
        tensor->position = file->count;
        if (!json_is_object(entry))
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: the header's entry `%.200s` is not an object; the file is "
                              "damaged",
                              file->path, name);
        CCRNN_TRY(parse_dtype(file, tensor, entry, err));
        CCRNN_TRY(parse_shape(file, tensor, entry, err));
        CCRNN_TRY(parse_offsets(file, tensor, entry, data, data_size, err));
        file->count++;
    }
    return CCRNN_OK;
}

/* Order of the data; an empty tensor stands before the one that begins at the same byte, and
 * empty ones at the same byte stay in the header's order. */
static int compare_data(const void *left, const void *right)
{
    const struct ccrnn_tensor *const a = left;
    const struct ccrnn_tensor *const b = right;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return a->position < b->position ? -1 : 1;
}

/* Tensors in order must cover the data without gap or overlap. */
static enum ccrnn_status check_cover(const struct ccrnn_tensor_file *file, const uint8_t *data,
                                     size_t data_size, struct ccrnn_error *err)
{
    size_t covered = 0;
    for (size_t i = 0; i < file->count; i++) {
        const size_t begin = (size_t)(file->tensors[i].bytes - data);
        const char *const name = file->tensors[i].name;
        if (begin < covered)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: tensor `%.200s` begins at byte %zu of the data and overlaps "
                              "`%.200s`, which ends at %zu; the file is damaged",
                              file->path, name, begin, file->tensors[i - 1].name, covered);
        if (begin > covered)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: bytes %zu to %zu of the data, before tensor `%.200s`, belong "
                              "to no tensor; the file is damaged",
                              file->path, covered, begin, name);
        covered = begin + file->tensors[i].size;
    }
    if (covered != data_size)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: %zu bytes after the last tensor belong to no tensor; the file is "
                          "damaged",
                          file->path, data_size - covered);
    return CCRNN_OK;
}

static enum ccrnn_status verify_checksum(const struct ccrnn_tensor_file *file,
                                         struct ccrnn_error *err)
{
    const char *const found = ccrnn_tensor_file_metadata(file, CCRNN_TENSOR_CHECKSUM);
    if (found == NULL)
        return CCRNN_OK;
    char expected[CCRNN_TENSOR_CHECKSUM_DIGITS + 1];
    ccrnn_format(expected, sizeof expected, "%08" PRIx32,
                 ccrnn_tensor_checksum(json_object_get(file->header, CCRNN_TENSOR_METADATA),
                                       file->tensors, file->count));
    if (strcmp(found, expected) == 0)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s is damaged: its checksum (metadata `" CCRNN_TENSOR_CHECKSUM
        "`) is %.20s, its content gives %s; restore it from a copy or make it again",
        file->path, found, expected);
}

static enum ccrnn_status parse_file(struct ccrnn_tensor_file *file, const uint8_t *bytes,
                                    size_t size, struct ccrnn_error *err)
{
    size_t length = 0;
    CCRNN_TRY(header_length(file->path, bytes, size, &length, err));
    const uint8_t *const text = bytes + LENGTH_BYTES;
    const uint8_t *const data = text + length;
    const size_t data_size = size - LENGTH_BYTES - length;
    CCRNN_TRY(parse_header(file, text, length, err));
    CCRNN_TRY(check_metadata(file, err));
    CCRNN_TRY(parse_tensors(file, data, data_size, err));
    qsort(file->tensors, file->count, sizeof *file->tensors, compare_data);
    CCRNN_TRY(check_cover(file, data, data_size, err));
    return verify_checksum(file, err);
}

static enum ccrnn_status parse_metadata(struct ccrnn_tensor_file *file, const uint8_t *bytes,
                                        size_t size, struct ccrnn_error *err)
{
    size_t length = 0;
    CCRNN_TRY(header_length(file->path, bytes, size, &length, err));
    CCRNN_TRY(parse_header(file, bytes + LENGTH_BYTES, length, err));
    return check_metadata(file, err);
}

/* How much of the bytes is looked at. */
typedef enum ccrnn_status parse_bytes(struct ccrnn_tensor_file *file, const uint8_t *bytes,
                                      size_t size, struct ccrnn_error *err);

static enum ccrnn_status make_file(const char *path, const uint8_t *bytes, size_t size,
                                   parse_bytes *parse, struct ccrnn_tensor_file **file,
                                   struct ccrnn_error *err)
{
    *file = NULL;
    struct ccrnn_tensor_file *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail_memory(err, path);
    made->path = strdup(path);
    const enum ccrnn_status status =
        made->path == NULL ? fail_memory(err, path) : parse(made, bytes, size, err);
    if (status != CCRNN_OK) {
        ccrnn_tensor_file_close(made);
        return status;
    }
    *file = made;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_tensor_file_parse(const char *path, const uint8_t *bytes, size_t size,
                                          struct ccrnn_tensor_file **file,
                                          struct ccrnn_error *err)
{
    return make_file(path, bytes, size, parse_file, file, err);
}

/* The start of a file, with all of its header; or all of a file that is too short to have one. */
static enum ccrnn_status read_header(const char *path, uint8_t **bytes, size_t *size,
                                     struct ccrnn_error *err)
{
    size_t room = START_BYTES, length = 0;
    for (;;) {
        *bytes = malloc(room);
        if (*bytes == NULL)
            return fail_memory(err, path);
        CCRNN_TRY(ccrnn_file_read_start(path, *bytes, room, size, err));
        if (*size < room)
            return CCRNN_OK;
        CCRNN_TRY(header_length(path, *bytes, SIZE_MAX, &length, err));
        if (LENGTH_BYTES + length <= room)
            return CCRNN_OK;
        room = LENGTH_BYTES + length;
        free(*bytes);
    }
}

enum ccrnn_status ccrnn_tensor_file_open_metadata(const char *path,
                                                  struct ccrnn_tensor_file **file,
                                                  struct ccrnn_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    *file = NULL;
    enum ccrnn_status status = read_header(path, &bytes, &size, err);
    if (status == CCRNN_OK)
        status = make_file(path, bytes, size, parse_metadata, file, err);
    free(bytes);
    return status;
}

enum ccrnn_status ccrnn_tensor_file_open(const char *path, struct ccrnn_tensor_file **file,
                                         struct ccrnn_error *err)
{
    *file = NULL;
    uint8_t *bytes;
    size_t size;
    CCRNN_TRY(ccrnn_file_read(path, file_max, &bytes, &size, err));
    const enum ccrnn_status status = ccrnn_tensor_file_parse(path, bytes, size, file, err);
    if (status == CCRNN_OK)
        (*file)->owned = bytes;
    else
        free(bytes);
    return status;
}

void ccrnn_tensor_file_close(struct ccrnn_tensor_file *file)
{
    if (file == NULL)
        return;
    json_decref(file->header);
    free(file->tensors);
    free(file->path);
    free(file->owned);
    free(file);
}
