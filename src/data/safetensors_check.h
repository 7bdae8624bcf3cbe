/** @file
 * What the reader and the writer of safetensors share.
 */
#ifndef CCRNN_DATA_SAFETENSORS_CHECK_H
#define CCRNN_DATA_SAFETENSORS_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/safetensors.h"

/** The header's own name among those of the tensors, and the checksum's key in it. */
#define CCRNN_TENSOR_METADATA "__metadata__"
#define CCRNN_TENSOR_CHECKSUM "crc32"

enum { CCRNN_TENSOR_CHECKSUM_DIGITS = 8 };

/** Product of a shape and its size in bytes. False if one of them does not fit. */
bool ccrnn_tensor_size(enum ccrnn_dtype dtype, int dims, const size_t *shape, size_t *count,
                       size_t *size);

/** The shape as text, "(200, 2)"; cut off with "…" where it does not fit.
 * @param[out] text at least 8 bytes */
void ccrnn_tensor_shape_text(char *text, size_t text_size, int dims, const size_t *shape);

/** The checksum (safetensors.h) of metadata (an object of strings, or NULL) and tensors. */
uint32_t ccrnn_tensor_checksum(const json_t *metadata, const struct ccrnn_tensor *tensors,
                               size_t count);

#endif
