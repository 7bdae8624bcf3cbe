/** @file
 * IDX, the format of the MNIST files: big-endian sizes, then bytes. Writer.
 *
 * A file whose name ends in `.gz` is compressed; without time or name inside, so that equal content
 * gives equal bytes (with the same version of zlib). Files are written atomically.
 */
#ifndef CCRNN_DATA_IDX_WRITE_H
#define CCRNN_DATA_IDX_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** Write images (idx3-ubyte).
 * @param pixels (count,rows,cols)
 * @return CCRNN_USAGE: a size does not fit the format; CCRNN_IO; CCRNN_MEMORY */
enum ccrnn_status ccrnn_idx_write_images(const char *path, const uint8_t *pixels, size_t count,
                                         size_t rows, size_t cols, struct ccrnn_error *err);

/** Write labels (idx1-ubyte).
 * @param labels (count)  @return as above */
enum ccrnn_status ccrnn_idx_write_labels(const char *path, const uint8_t *labels, size_t count,
                                         struct ccrnn_error *err);

#endif
