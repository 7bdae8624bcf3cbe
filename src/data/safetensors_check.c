#include "data/safetensors_check.h"

#include <string.h>

#include "base/file.h"
#include "base/number.h"

struct dtype_row {
    const char *name;
    size_t size;
};

static const struct dtype_row dtype_rows[] = {
#define CCRNN_DTYPE_ROW(name, bytes) {#name, bytes},
    CCRNN_DTYPE_LIST(CCRNN_DTYPE_ROW)
#undef CCRNN_DTYPE_ROW
};

const char *ccrnn_dtype_name(enum ccrnn_dtype dtype)
{
    return (unsigned)dtype < CCRNN_DTYPE_COUNT ? dtype_rows[dtype].name : "?";
}

size_t ccrnn_dtype_size(enum ccrnn_dtype dtype)
{
    return (unsigned)dtype < CCRNN_DTYPE_COUNT ? dtype_rows[dtype].size : 0;
}

bool ccrnn_tensor_size(enum ccrnn_dtype dtype, int dims, const size_t *shape, size_t *count,
                       size_t *size)
{
    size_t product = 1;
    for (int i = 0; i < dims; i++)
        if (__builtin_mul_overflow(product, shape[i], &product))
            return false;
    *count = product;
    return !__builtin_mul_overflow(product, ccrnn_dtype_size(dtype), size);
}

void ccrnn_tensor_shape_text(char *text, size_t text_size, int dims, const size_t *shape)
{
    static const char cut[] = "…)";
    size_t used = (size_t)ccrnn_format(text, text_size, "(");
    for (int i = 0; i < dims; i++) {
        char number[32];
        const int length =
            ccrnn_format(number, sizeof number, i == 0 ? "%zu" : ", %zu", shape[i]);
        if (used + (size_t)length + sizeof cut > text_size) {
            memcpy(text + used, cut, sizeof cut);
            return;
        }
        memcpy(text + used, number, (size_t)length);
        used += (size_t)length;
    }
    memcpy(text + used, ")", 2);
}

static uint32_t add_text(uint32_t crc, const char *text)
{
    return ccrnn_crc32(crc, text, strlen(text) + 1);
}

uint32_t ccrnn_tensor_checksum(const json_t *metadata, const struct ccrnn_tensor *tensors,
                               size_t count)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < count; i++)
        crc = ccrnn_crc32(crc, tensors[i].bytes, tensors[i].size);
    const char *key;
    json_t *value;
    json_t *const entries = (json_t *)(uintptr_t)metadata; /* Jansson iterates without const */
    json_object_foreach(entries, key, value)
    {
        if (strcmp(key, CCRNN_TENSOR_CHECKSUM) == 0)
            continue;
        crc = add_text(crc, key);
        crc = add_text(crc, json_string_value(value));
    }
    for (size_t i = 0; i < count; i++) {
        crc = add_text(crc, tensors[i].name);
        crc = add_text(crc, ccrnn_dtype_name(tensors[i].dtype));
        for (int d = 0; d < tensors[i].dims; d++) {
            char number[32];
            ccrnn_format(number, sizeof number, "%zu", tensors[i].shape[d]);
            crc = add_text(crc, number);
        }
    }
    return crc;
}
