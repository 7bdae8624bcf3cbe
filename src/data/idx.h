/** @file
 * Reader for the IDX format of MNIST: arrays of unsigned bytes, plain or compressed with gzip.
 *
 * Layout: two zero bytes; 08, the type "unsigned byte"; the number of dimensions; each dimension
 * as 4 bytes, big-endian; the values, row-major. Images have three dimensions (count, rows, cols),
 * labels one (count).
 */
#ifndef CCRNN_DATA_IDX_H
#define CCRNN_DATA_IDX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** What a file is expected to hold; the value is its number of dimensions. */
enum ccrnn_idx_kind { CCRNN_IDX_LABELS = 1, CCRNN_IDX_IMAGES = 3 };

/** Longest header: that of images (bytes). */
enum { CCRNN_IDX_HEADER_MAX = 16 };

/** The content of a file; release it with ccrnn_idx_release. */
struct ccrnn_idx {
    enum ccrnn_idx_kind kind;
    uint8_t *values;          /**< (count,rows,cols) row-major; allocated with malloc */
    size_t count, rows, cols; /**< each ≥ 1; rows = cols = 1 for labels */
    size_t size;              /**< count · rows · cols */
    bool compressed;          /**< the file is a gzip file */
    size_t file_size;         /**< bytes of the file as it is stored */
};

/** Read and check a whole file. gzip is recognised by its content, whatever the name; it may have
 * several members, as gzip(1) allows, and its checksums are verified. Memory is taken for bytes
 * that are there, never for what a header only claims.
 * @param[out] idx zeroed on failure
 * @return CCRNN_IO: missing, a directory, not readable; CCRNN_FORMAT: empty, another format or
 *         kind, an empty dimension, cut off, bytes left over, damaged; CCRNN_MEMORY. */
enum ccrnn_status ccrnn_idx_read(const char *path, enum ccrnn_idx_kind kind,
                                 struct ccrnn_idx *idx, struct ccrnn_error *err);

/** The same for bytes in memory, which are only read; `path` is the name used in messages. */
enum ccrnn_status ccrnn_idx_parse(const char *path, const uint8_t *bytes, size_t size,
                                  enum ccrnn_idx_kind kind, struct ccrnn_idx *idx,
                                  struct ccrnn_error *err);

/** The header of the plain file with this content.
 * @return its length (bytes) */
size_t ccrnn_idx_header(const struct ccrnn_idx *idx, uint8_t header[CCRNN_IDX_HEADER_MAX]);

/** Free the values and zero the struct; safe on a zeroed one. */
void ccrnn_idx_release(struct ccrnn_idx *idx);

#endif
