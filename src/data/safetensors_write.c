#include "data/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/safetensors_check.h"

enum { LENGTH_BYTES = 8, ALIGNMENT = 8 };

/* metadata: object of strings. names: object name → its own string, which finds duplicates in
 * constant time and owns the names of `tensors` (as JSON string values). */
struct ccrnn_tensor_writer {
    json_t *metadata;
    json_t *names;
    struct ccrnn_tensor *tensors;
    size_t count;
    size_t capacity;
    size_t data_size;
};

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "no memory to make a safetensors file; close other programs");
}

enum ccrnn_status ccrnn_tensor_writer_create(struct ccrnn_tensor_writer **writer,
                                             struct ccrnn_error *err)
{
    *writer = NULL;
    struct ccrnn_tensor_writer *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail_memory(err);
    made->metadata = json_object();
    made->names = json_object();
    if (made->metadata == NULL || made->names == NULL) {
        ccrnn_tensor_writer_destroy(made);
        return fail_memory(err);
    }
    *writer = made;
    return CCRNN_OK;
}

void ccrnn_tensor_writer_destroy(struct ccrnn_tensor_writer *writer)
{
    if (writer == NULL)
        return;
    json_decref(writer->metadata);
    json_decref(writer->names);
    free(writer->tensors);
    free(writer);
}

/* Jansson's string of a text; tells "not UTF-8" from "no memory" by making a plain one. */
static enum ccrnn_status make_string(const char *text, const char *what, json_t **string,
                                     struct ccrnn_error *err)
{
    *string = json_string(text);
    if (*string != NULL)
        return CCRNN_OK;
    json_t *const plain = json_string("");
    if (plain == NULL)
        return fail_memory(err);
    json_decref(plain);
    return ccrnn_fail(err, CCRNN_USAGE, "%s in a safetensors file is not UTF-8; rename it", what);
}

enum ccrnn_status ccrnn_tensor_writer_metadata(struct ccrnn_tensor_writer *writer,
                                               const char *key, const char *value,
                                               struct ccrnn_error *err)
{
    json_t *string;
    CCRNN_TRY(make_string(key, "a metadata key", &string, err));
    json_decref(string);
    if (strcmp(key, CCRNN_TENSOR_CHECKSUM) == 0 || json_object_get(writer->metadata, key) != NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "the metadata key `%.200s` of a safetensors file is %s; choose another",
                          key,
                          strcmp(key, CCRNN_TENSOR_CHECKSUM) == 0 ? "reserved" : "given twice");
    CCRNN_TRY(make_string(value, "a metadata value", &string, err));
    return json_object_set_new(writer->metadata, key, string) == 0 ? CCRNN_OK : fail_memory(err);
}

static enum ccrnn_status reserve_tensor(struct ccrnn_tensor_writer *writer,
                                        struct ccrnn_error *err)
{
    if (writer->count < writer->capacity)
        return CCRNN_OK;
    const size_t capacity = writer->capacity == 0 ? 16 : 2 * writer->capacity;
    struct ccrnn_tensor *const grown =
        reallocarray(writer->tensors, capacity, sizeof *writer->tensors);
    if (grown == NULL)
        return fail_memory(err);
    writer->tensors = grown;
    writer->capacity = capacity;
    return CCRNN_OK;
}

/* Keep a copy of the name; *kept lives as long as the writer. */
static enum ccrnn_status keep_name(struct ccrnn_tensor_writer *writer, const char *name,
                                   const char **kept, struct ccrnn_error *err)
{
    json_t *string;
    CCRNN_TRY(make_string(name, "a tensor's name", &string, err));
    *kept = json_string_value(string);
    if (strcmp(name, CCRNN_TENSOR_METADATA) == 0 ||
        json_object_get(writer->names, name) != NULL) {
        json_decref(string);
        return ccrnn_fail(err, CCRNN_USAGE,
                          "the tensor name `%.200s` of a safetensors file is %s; choose another",
                          name,
                          strcmp(name, CCRNN_TENSOR_METADATA) == 0 ? "reserved" : "given twice");
    }
    return json_object_set_new(writer->names, name, string) == 0 ? CCRNN_OK : fail_memory(err);
}

enum ccrnn_status ccrnn_tensor_writer_add(struct ccrnn_tensor_writer *writer, const char *name,
                                          enum ccrnn_dtype dtype, int dims, const size_t *shape,
                                          const void *data, struct ccrnn_error *err)
{
    if ((unsigned)dtype >= CCRNN_DTYPE_COUNT || dims < 0 || dims > CCRNN_TENSOR_DIMS_MAX)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "tensor `%.200s` has type %d and %d dimensions; a type of the list and 0 "
            "to %d dimensions can be written",
            name, (int)dtype, dims, CCRNN_TENSOR_DIMS_MAX);
    struct ccrnn_tensor tensor = {.dtype = dtype, .dims = dims, .bytes = data};
    if (dims > 0)
        memcpy(tensor.shape, shape, (size_t)dims * sizeof *shape);
    size_t data_size;
    if (!ccrnn_tensor_size(dtype, dims, shape, &tensor.count, &tensor.size) ||
        __builtin_add_overflow(writer->data_size, tensor.size, &data_size) ||
        data_size > (size_t)INT64_MAX)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "tensor `%.200s` is larger than a file can be; give a smaller shape",
                          name);
    CCRNN_TRY(reserve_tensor(writer, err));
    CCRNN_TRY(keep_name(writer, name, &tensor.name, err));
    writer->tensors[writer->count++] = tensor;
    writer->data_size = data_size;
    return CCRNN_OK;
}

/* {"dtype": …, "shape": […], "data_offsets": [begin, end]}, or NULL without memory. */
static json_t *describe_tensor(const struct ccrnn_tensor *tensor, size_t begin)
{
    json_t *const shape = json_array();
    int failed = shape == NULL;
    for (int i = 0; i < tensor->dims; i++)
        failed |= json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i])) != 0;
    if (failed) {
        json_decref(shape);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", ccrnn_dtype_name(tensor->dtype), "shape",
                     shape, "data_offsets", (json_int_t)begin,
                     (json_int_t)(begin + tensor->size));
}

/* The metadata with its checksum, in order; NULL without memory. */
static json_t *describe_metadata(const struct ccrnn_tensor_writer *writer)
{
    char digits[CCRNN_TENSOR_CHECKSUM_DIGITS + 1];
    ccrnn_format(digits, sizeof digits, "%08" PRIx32,
                 ccrnn_tensor_checksum(writer->metadata, writer->tensors, writer->count));
    json_t *const metadata = json_copy(writer->metadata);
    if (json_object_set_new(metadata, CCRNN_TENSOR_CHECKSUM, json_string(digits)) == 0)
        return metadata;
    json_decref(metadata);
    return NULL;
}

/* The header as JSON; NULL without memory. */
static json_t *describe_file(const struct ccrnn_tensor_writer *writer)
{
    json_t *const header = json_object();
    int failed =
        json_object_set_new(header, CCRNN_TENSOR_METADATA, describe_metadata(writer)) != 0;
    size_t begin = 0;
    for (size_t i = 0; i < writer->count; i++) {
        const struct ccrnn_tensor *const tensor = &writer->tensors[i];
        failed |= json_object_set_new(header, tensor->name, describe_tensor(tensor, begin)) != 0;
        begin += tensor->size;
    }
    if (!failed)
        return header;
    json_decref(header);
    return NULL;
}

/* Length and header, padded with spaces so that the data is aligned. */
static enum ccrnn_status make_header(const struct ccrnn_tensor_writer *writer, uint8_t **bytes,
                                     size_t *size, struct ccrnn_error *err)
{
    json_t *const json = describe_file(writer);
    const size_t used = json_dumpb(json, NULL, 0, JSON_COMPACT);
    const size_t length = (used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    uint8_t *const header = used == 0 ? NULL : malloc(LENGTH_BYTES + length);
    if (header == NULL ||
        json_dumpb(json, (char *)header + LENGTH_BYTES, used, JSON_COMPACT) != used) {
        free(header);
        json_decref(json);
        return fail_memory(err);
    }
    json_decref(json);
    for (int i = 0; i < LENGTH_BYTES; i++)
        header[i] = (uint8_t)((uint64_t)length >> (8 * i));
    memset(header + LENGTH_BYTES + used, ' ', length - used);
    *bytes = header;
    *size = LENGTH_BYTES + length;
    return CCRNN_OK;
}

static enum ccrnn_status add_everything(const struct ccrnn_tensor_writer *writer,
                                        struct ccrnn_file_writer *file, const uint8_t *header,
                                        size_t header_size, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_file_writer_add(file, header, header_size, err));
    for (size_t i = 0; i < writer->count; i++)
        CCRNN_TRY(
            ccrnn_file_writer_add(file, writer->tensors[i].bytes, writer->tensors[i].size, err));
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_tensor_writer_save(const struct ccrnn_tensor_writer *writer,
                                           const char *path, struct ccrnn_error *err)
{
    uint8_t *header;
    size_t header_size;
    CCRNN_TRY(make_header(writer, &header, &header_size, err));
    struct ccrnn_file_writer *file;
    enum ccrnn_status status = ccrnn_file_writer_open(path, &file, err);
    if (status == CCRNN_OK) {
        status = add_everything(writer, file, header, header_size, err);
        if (status == CCRNN_OK)
            status = ccrnn_file_writer_commit(file, err);
        else
            ccrnn_file_writer_abandon(file);
    }
    free(header);
    return status;
}

enum ccrnn_status ccrnn_tensor_writer_bytes(const struct ccrnn_tensor_writer *writer,
                                            uint8_t **bytes, size_t *size,
                                            struct ccrnn_error *err)
{
    *bytes = NULL;
    *size = 0;
    uint8_t *header;
    size_t header_size;
    CCRNN_TRY(make_header(writer, &header, &header_size, err));
    uint8_t *const whole = realloc(header, header_size + writer->data_size);
    if (whole == NULL) {
        free(header);
        return fail_memory(err);
    }
    size_t used = header_size;
    for (size_t i = 0; i < writer->count; i++) {
        const struct ccrnn_tensor *const tensor = &writer->tensors[i];
        if (tensor->size > 0)
            memcpy(whole + used, tensor->bytes, tensor->size);
        used += tensor->size;
    }
    *bytes = whole;
    *size = used;
    return CCRNN_OK;
}
