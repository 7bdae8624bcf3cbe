#include "data/features.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "data/features_rows.h"
#include "data/half.h"
#include "data/keys.h"
#include "data/npy.h"
#include "data/safetensors.h"
#include "data/safetensors_check.h"
#include "data/utf8.h"

#define MATRIX "features" /* the name of a tensor that has all rows */

static const size_t file_max = (size_t)1 << 40;
static const size_t hdf5_first_place = 512; /* a signature may stand at 0, 512, 1024, 2048, … */
enum { START = 1 << 12, LENGTH_BYTES = 8, SHAPE_TEXT = 192 };

/* Beyond the range of float it is infinity, for check_finite to find. */
static float narrow(double value)
{
    return fabs(value) > (double)FLT_MAX ? copysignf(INFINITY, (float)(value > 0 ? 1 : -1))
                                         : (float)value;
}

static float load_number(enum ccrnn_dtype dtype, const uint8_t *bytes)
{
    uint16_t half;
    float single;
    double wide;
    switch (dtype) {
    case CCRNN_DTYPE_F16:
        memcpy(&half, bytes, sizeof half);
        return ccrnn_half_to_float(half);
    case CCRNN_DTYPE_BF16:
        memcpy(&half, bytes, sizeof half);
        return ccrnn_bfloat16_to_float(half);
    case CCRNN_DTYPE_F32:
        memcpy(&single, bytes, sizeof single);
        return single;
    default:
        memcpy(&wide, bytes, sizeof wide);
        return narrow(wide);
    }
}

/* `dtype` is one of F16, BF16, F32 and F64. */
static void load_numbers(enum ccrnn_dtype dtype, const uint8_t *bytes, size_t count, float *out)
{
    const size_t size = ccrnn_dtype_size(dtype);
    for (size_t i = 0; i < count; i++)
        out[i] = load_number(dtype, bytes + i * size);
}

static enum ccrnn_status read_npy(const char *path, const char *ids,
                                  struct ccrnn_features *features, struct ccrnn_error *err)
{
    uint8_t *bytes;
    size_t size;
    struct ccrnn_npy matrix;
    CCRNN_TRY(ccrnn_file_read(path, file_max, &bytes, &size, err));
    enum ccrnn_status status = ccrnn_npy_parse(path, bytes, size, &matrix, err);
    if (status == CCRNN_OK)
        status = ccrnn_features_allocate(path, matrix.rows, matrix.columns, features, err);
    if (status == CCRNN_OK)
        load_numbers(matrix.dtype, matrix.bytes, matrix.rows * matrix.columns, features->value);
    free(bytes);
    CCRNN_TRY(status);
    return ccrnn_features_name_from(path, ids, features, err);
}

/* A tensor of floats with `dims` dimensions. */
static enum ccrnn_status check_tensor(const char *path, const struct ccrnn_tensor *tensor,
                                      int dims, struct ccrnn_error *err)
{
    char shown[CCRNN_EXCERPT], shape[SHAPE_TEXT];
    ccrnn_utf8_excerpt(tensor->name, strlen(tensor->name), shown);
    if (tensor->dtype != CCRNN_DTYPE_F16 && tensor->dtype != CCRNN_DTYPE_BF16 &&
        tensor->dtype != CCRNN_DTYPE_F32 && tensor->dtype != CCRNN_DTYPE_F64)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: tensor `%s` has the type %s, expected F32, F16, BF16 or F64; save "
                          "it as F32",
                          path, shown, ccrnn_dtype_name(tensor->dtype));
    if (tensor->dims == dims)
        return CCRNN_OK;
    ccrnn_tensor_shape_text(shape, sizeof shape, tensor->dims, tensor->shape);
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: tensor `%s` has the shape %s, expected one tensor `" MATRIX
                      "` (images, numbers of an image) or one vector (numbers) an image; reshape "
                      "it",
                      path, shown, shape);
}

static enum ccrnn_status read_tensor_matrix(const struct ccrnn_tensor_file *file, const char *ids,
                                            struct ccrnn_features *features,
                                            struct ccrnn_error *err)
{
    const struct ccrnn_tensor *const tensor = ccrnn_tensor_file_find(file, MATRIX);
    CCRNN_TRY(check_tensor(file->path, tensor, 2, err));
    if (file->count > 1)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has %zu tensors besides `" MATRIX
                          "`, expected it alone, or one vector an image; save it alone",
                          file->path, file->count - 1);
    CCRNN_TRY(
        ccrnn_features_allocate(file->path, tensor->shape[0], tensor->shape[1], features, err));
    load_numbers(tensor->dtype, tensor->bytes, tensor->count, features->value);
    return ccrnn_features_name_from(file->path, ids, features, err);
}

static enum ccrnn_status read_tensor_vectors(const struct ccrnn_tensor_file *file,
                                             struct ccrnn_features *features,
                                             struct ccrnn_error *err)
{
    if (file->count == 0)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s has no tensor in it; make it again", file->path);
    const struct ccrnn_tensor *const first = &file->tensors[0];
    for (size_t i = 0; i < file->count; i++) {
        const struct ccrnn_tensor *const tensor = &file->tensors[i];
        CCRNN_TRY(check_tensor(file->path, tensor, 1, err));
        if (tensor->count != first->count)
            return ccrnn_features_fail_width(file->path, tensor->name, tensor->count, first->name,
                                             first->count, err);
    }
    CCRNN_TRY(ccrnn_features_allocate(file->path, file->count, first->count, features, err));
    const char **const name = reallocarray(NULL, file->count, sizeof *name);
    if (name == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY,
                          "no memory for the names in %s; close other programs", file->path);
    for (size_t i = 0; i < file->count; i++) {
        const struct ccrnn_tensor *const tensor = &file->tensors[i];
        name[i] = tensor->name;
        load_numbers(tensor->dtype, tensor->bytes, tensor->count,
                     features->value + i * features->width);
    }
    const enum ccrnn_status status = ccrnn_features_name(file->path, name, features, err);
    free(name);
    return status;
}

static enum ccrnn_status read_safetensors(const char *path, const char *ids,
                                          struct ccrnn_features *features,
                                          struct ccrnn_error *err)
{
    struct ccrnn_tensor_file *file;
    CCRNN_TRY(ccrnn_tensor_file_open(path, &file, err));
    enum ccrnn_status status;
    if (ccrnn_tensor_file_find(file, MATRIX) != NULL)
        status = read_tensor_matrix(file, ids, features, err);
    else {
        status = ccrnn_features_without_ids(path, ids, err);
        if (status == CCRNN_OK)
            status = read_tensor_vectors(file, features, err);
    }
    ccrnn_tensor_file_close(file);
    return status;
}

static bool hdf5_begins(const uint8_t *bytes, size_t size)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    const size_t length = sizeof signature - 1;
    size_t at = 0;
    while (at + length <= size) {
        if (memcmp(bytes + at, signature, length) == 0)
            return true;
        at = at == 0 ? hdf5_first_place : 2 * at;
    }
    return false;
}

static enum ccrnn_status fail_format(const char *path, const uint8_t *bytes, size_t size,
                                     struct ccrnn_error *err)
{
    if (size == 0)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s is empty; make or copy it again", path);
    const char *found = "something else";
    if (size > 1 && bytes[0] == 'P' && bytes[1] == 'K')
        found = "a zip archive (NumPy's .npz or PyTorch's .pt)";
    else if (size > 1 && bytes[0] == 0x1f && bytes[1] == 0x8b)
        found = "compressed with gzip";
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s is neither a .npy, nor a safetensors, nor an HDF5 file, but %s; save "
                      "the features with numpy.save",
                      path, found);
}

static enum ccrnn_status check_ids(const char *path, const char *ids,
                                   const struct ccrnn_features *features, struct ccrnn_error *err)
{
    struct ccrnn_key *const keys = reallocarray(NULL, features->count, sizeof *keys);
    if (keys == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for the ids of %s; close other programs",
                          path);
    for (size_t i = 0; i < features->count; i++)
        keys[i] = (struct ccrnn_key){features->ids.id[i], 0, i};
    const struct ccrnn_key *const twice = ccrnn_keys_find_twice(keys, features->count);
    enum ccrnn_status status = CCRNN_OK;
    char shown[CCRNN_EXCERPT];
    if (twice != NULL)
        status = ccrnn_fail(err, CCRNN_FORMAT,
                            "%s: the id `%s` stands for row %zu and again for row %zu (from 0); "
                            "give each image one row",
                            ids == NULL ? path : ids,
                            ccrnn_utf8_excerpt(twice->text, strlen(twice->text), shown),
                            twice[0].place, twice[1].place);
    free(keys);
    return status;
}

static enum ccrnn_status check_finite(const char *path, const struct ccrnn_features *features,
                                      struct ccrnn_error *err)
{
    const size_t numbers = features->count * features->width;
    size_t at = 0;
    while (at < numbers && isfinite(features->value[at]))
        at++;
    if (at == numbers)
        return CCRNN_OK;
    const size_t row = at / features->width;
    const char *const id = features->ids.id[row];
    char shown[CCRNN_EXCERPT];
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: number %zu of image `%s` (row %zu, from 0) is %s, expected a finite "
                      "number in the range of float; make the features of this image again",
                      path, at % features->width, ccrnn_utf8_excerpt(id, strlen(id), shown), row,
                      isnan(features->value[at]) ? "NaN" : "infinite or too large");
}

static enum ccrnn_status read_any(const char *path, const char *ids,
                                  struct ccrnn_features *features, struct ccrnn_error *err)
{
    uint8_t start[START];
    size_t size;
    CCRNN_TRY(ccrnn_file_read_start(path, start, sizeof start, &size, err));
    if (ccrnn_npy_begins(start, size))
        CCRNN_TRY(read_npy(path, ids, features, err));
    else if (hdf5_begins(start, size))
        CCRNN_TRY(ccrnn_features_read_hdf5(path, ids, features, err));
    else if (size > LENGTH_BYTES && start[LENGTH_BYTES] == '{')
        CCRNN_TRY(read_safetensors(path, ids, features, err));
    else
        return fail_format(path, start, size, err);
    CCRNN_TRY(check_ids(path, ids, features, err));
    return check_finite(path, features, err);
}

enum ccrnn_status ccrnn_features_read(const char *path, const char *ids,
                                      struct ccrnn_features *features, struct ccrnn_error *err)
{
    *features = (struct ccrnn_features){0};
    const enum ccrnn_status status = read_any(path, ids, features, err);
    if (status != CCRNN_OK)
        ccrnn_features_release(features);
    return status;
}

void ccrnn_features_release(struct ccrnn_features *features)
{
    free(features->value);
    ccrnn_id_list_release(&features->ids);
    *features = (struct ccrnn_features){0};
}
