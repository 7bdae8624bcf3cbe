/** @file
 * NumPy's .npy files with a matrix of floats (numpy.lib.format, versions 1, 2 and 3).
 *
 * Layout: "\x93NUMPY", major and minor version, the header's length (2 bytes, from version 2 on 4;
 * little-endian), the header: a Python dictionary `{'descr': '<f4', 'fortran_order': False,
 * 'shape': (8091, 1280), }` padded with spaces, the numbers.
 */
#ifndef CCRNN_DATA_NPY_H
#define CCRNN_DATA_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"
#include "data/safetensors.h"

/** A matrix in a file's bytes. */
struct ccrnn_npy {
    enum ccrnn_dtype dtype; /**< F16, F32 or F64 */
    size_t rows, columns;   /**< each ≥ 1 */
    const uint8_t *bytes;   /**< (rows,columns) row-major, little-endian, NOT aligned; borrowed */
};

/** True if the bytes begin as a .npy file does. */
bool ccrnn_npy_begins(const uint8_t *bytes, size_t size);

/** Find the matrix of a whole file in memory.
 * @param path for messages
 * @return CCRNN_FORMAT with file, expected and found: no .npy, another version, cut off, bytes left
 *         over, a damaged header, big-endian, Fortran order, another type or shape, nothing in it */
enum ccrnn_status ccrnn_npy_parse(const char *path, const uint8_t *bytes, size_t size,
                                  struct ccrnn_npy *matrix, struct ccrnn_error *err);

#endif
