#include "data/safetensors.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "data/safetensors_check.h"

enum { SHAPE_TEXT = 192 };

const struct ccrnn_tensor *ccrnn_tensor_file_find(const struct ccrnn_tensor_file *file,
                                                  const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

static json_t *metadata_of(const struct ccrnn_tensor_file *file)
{
    return json_object_get(file->header, CCRNN_TENSOR_METADATA);
}

const char *ccrnn_tensor_file_metadata(const struct ccrnn_tensor_file *file, const char *key)
{
    return json_string_value(json_object_get(metadata_of(file), key));
}

size_t ccrnn_tensor_file_metadata_count(const struct ccrnn_tensor_file *file)
{
    return json_object_size(metadata_of(file));
}

const char *ccrnn_tensor_file_metadata_key(const struct ccrnn_tensor_file *file, size_t index)
{
    json_t *const metadata = metadata_of(file);
    void *iterator = json_object_iter(metadata);
    for (size_t i = 0; i < index && iterator != NULL; i++)
        iterator = json_object_iter_next(metadata, iterator);
    return iterator == NULL ? NULL : json_object_iter_key(iterator);
}

static enum ccrnn_status fail_dtype(const struct ccrnn_tensor_file *file,
                                    const struct ccrnn_tensor *tensor, const char *expected,
                                    struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: tensor `%.200s` has the type %s, expected %s; convert it or use "
                      "another file",
                      file->path, tensor->name, ccrnn_dtype_name(tensor->dtype), expected);
}

static enum ccrnn_status find_shaped(const struct ccrnn_tensor_file *file, const char *name,
                                     int dims, const size_t *shape,
                                     const struct ccrnn_tensor **tensor, struct ccrnn_error *err)
{
    *tensor = ccrnn_tensor_file_find(file, name);
    if (*tensor == NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has no tensor `%.200s`; it is not a file for this purpose, or made "
                          "for another configuration",
                          file->path, name);
    bool same = (*tensor)->dims == dims;
    for (int i = 0; same && i < dims; i++)
        same = (*tensor)->shape[i] == shape[i];
    if (same)
        return CCRNN_OK;
    char found[SHAPE_TEXT];
    char expected[SHAPE_TEXT];
    ccrnn_tensor_shape_text(found, sizeof found, (*tensor)->dims, (*tensor)->shape);
    ccrnn_tensor_shape_text(expected, sizeof expected, dims, shape);
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: tensor `%.200s` has the shape %s, expected %s; use a file made for "
                      "this configuration",
                      file->path, name, found, expected);
}

static bool is_real(const struct ccrnn_tensor *tensor)
{
    return tensor->dtype == CCRNN_DTYPE_F32 || tensor->dtype == CCRNN_DTYPE_F64;
}

/* Element `i` of a tensor of type F32 or F64. */
static double real_at(const struct ccrnn_tensor *tensor, size_t i)
{
    if (tensor->dtype == CCRNN_DTYPE_F64) {
        double value;
        memcpy(&value, tensor->bytes + i * sizeof value, sizeof value);
        return value;
    }
    float value;
    memcpy(&value, tensor->bytes + i * sizeof value, sizeof value);
    return (double)value;
}

enum ccrnn_status ccrnn_tensor_file_read_float(const struct ccrnn_tensor_file *file,
                                               const char *name, int dims, const size_t *shape,
                                               float *out, struct ccrnn_error *err)
{
    const struct ccrnn_tensor *tensor;
    CCRNN_TRY(find_shaped(file, name, dims, shape, &tensor, err));
    if (!is_real(tensor))
        return fail_dtype(file, tensor, "F32 or F64", err);
    if (tensor->dtype == CCRNN_DTYPE_F32) {
        if (tensor->size > 0)
            memcpy(out, tensor->bytes, tensor->size);
        return CCRNN_OK;
    }
    for (size_t i = 0; i < tensor->count; i++) {
        const double value = real_at(tensor, i);
        if (isfinite(value) && fabs(value) > (double)FLT_MAX)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: number %zu of tensor `%.200s` is %.17g, too large for single "
                              "precision; scale it down",
                              file->path, i, name, value);
        out[i] = (float)value;
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_tensor_file_read_double(const struct ccrnn_tensor_file *file,
                                                const char *name, int dims, const size_t *shape,
                                                double *out, struct ccrnn_error *err)
{
    const struct ccrnn_tensor *tensor;
    CCRNN_TRY(find_shaped(file, name, dims, shape, &tensor, err));
    if (!is_real(tensor))
        return fail_dtype(file, tensor, "F32 or F64", err);
    for (size_t i = 0; i < tensor->count; i++)
        out[i] = real_at(tensor, i);
    return CCRNN_OK;
}

/* The `size` bytes at `bytes` as an unsigned little-endian number. */
static uint64_t bits_at(const uint8_t *bytes, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = size; i-- > 0;)
        bits = bits << 8 | bytes[i];
    return bits;
}

static bool is_integer(const struct ccrnn_tensor *tensor)
{
    return !is_real(tensor) && tensor->dtype != CCRNN_DTYPE_F16 &&
           tensor->dtype != CCRNN_DTYPE_BF16 && tensor->dtype != CCRNN_DTYPE_U64;
}

/* Element `i` of an integer tensor. */
static int64_t integer_at(const struct ccrnn_tensor *tensor, size_t i)
{
    const size_t size = ccrnn_dtype_size(tensor->dtype);
    const uint64_t bits = bits_at(tensor->bytes + i * size, size);
    switch (tensor->dtype) {
    case CCRNN_DTYPE_I32:
        return (int32_t)(uint32_t)bits;
    case CCRNN_DTYPE_I16:
        return (int16_t)(uint16_t)bits;
    case CCRNN_DTYPE_I8:
        return (int8_t)(uint8_t)bits;
    default:
        return (int64_t)bits;
    }
}

enum ccrnn_status ccrnn_tensor_file_read_int64(const struct ccrnn_tensor_file *file,
                                               const char *name, int dims, const size_t *shape,
                                               int64_t *out, struct ccrnn_error *err)
{
    const struct ccrnn_tensor *tensor;
    CCRNN_TRY(find_shaped(file, name, dims, shape, &tensor, err));
    if (!is_integer(tensor))
        return fail_dtype(file, tensor, "an integer type (I64, I32, …)", err);
    for (size_t i = 0; i < tensor->count; i++)
        out[i] = integer_at(tensor, i);
    return CCRNN_OK;
}

/* Bits that are all set in a NaN or infinity of a type; 0 for types that have none. */
static uint64_t exponent_mask(enum ccrnn_dtype dtype)
{
    switch (dtype) {
    case CCRNN_DTYPE_F64:
        return 0x7ff0000000000000u;
    case CCRNN_DTYPE_F32:
        return 0x7f800000u;
    case CCRNN_DTYPE_F16:
        return 0x7c00u;
    case CCRNN_DTYPE_BF16:
        return 0x7f80u;
    default:
        return 0;
    }
}

enum ccrnn_status ccrnn_tensor_file_require_finite(const struct ccrnn_tensor_file *file,
                                                   struct ccrnn_error *err)
{
    for (size_t t = 0; t < file->count; t++) {
        const struct ccrnn_tensor *const tensor = &file->tensors[t];
        const uint64_t mask = exponent_mask(tensor->dtype);
        const size_t size = ccrnn_dtype_size(tensor->dtype);
        for (size_t i = 0; mask != 0 && i < tensor->count; i++)
            if ((bits_at(tensor->bytes + i * size, size) & mask) == mask)
                return ccrnn_fail(err, CCRNN_FORMAT,
                                  "%s: number %zu of tensor `%.200s` is NaN or infinite; use a "
                                  "file with finite numbers",
                                  file->path, i, tensor->name);
    }
    return CCRNN_OK;
}
