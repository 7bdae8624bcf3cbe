/** @file
 * Writing HDF5 files of arrays whose dimensions have names and coordinates (HDF5's dimension scales), units
 * and a description; chunked and compressed. The same calls give the same bytes: no times are kept.
 *
 * All calls between ccrnn_hdf5_enter() and ccrnn_hdf5_leave() (hdf5_library.h). After a failure only
 * ccrnn_hdf5_write_abandon() may follow.
 */
#ifndef CCRNN_DATA_HDF5_WRITE_H
#define CCRNN_DATA_HDF5_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

enum { CCRNN_HDF5_AXES_MAX = 16, CCRNN_HDF5_ARRAYS_MAX = 20, CCRNN_HDF5_DIMS_MAX = 4 };

enum ccrnn_hdf5_number { CCRNN_HDF5_FLOAT, CCRNN_HDF5_DOUBLE, CCRNN_HDF5_INTEGER };

/** A dimension with its coordinates. Texts are borrowed until the end. */
struct ccrnn_hdf5_axis {
    const char *name, *units, *description;
    size_t size;
    const int64_t *value; /**< (size), copied */
};

/** An array of these axes, row-major. INTEGER: int32_t in memory and file. */
struct ccrnn_hdf5_array {
    const char *name, *units, *description;
    enum ccrnn_hdf5_number number;
    int dims;                          /**< 1 … CCRNN_HDF5_DIMS_MAX */
    size_t axis[CCRNN_HDF5_DIMS_MAX];  /**< numbers of axes, in the order they were added */
    size_t chunk[CCRNN_HDF5_DIMS_MAX]; /**< 1 … size of the axis */
};

struct ccrnn_hdf5_writer;

/** Begin a file; one that is there is overwritten.
 * @param[out] writer end it with ccrnn_hdf5_write_end() or ccrnn_hdf5_write_abandon()
 * @return CCRNN_IO, CCRNN_MEMORY */
enum ccrnn_status ccrnn_hdf5_write_begin(const char *path, struct ccrnn_hdf5_writer **writer,
                                         struct ccrnn_error *err);

/** An attribute of the file. */
enum ccrnn_status ccrnn_hdf5_write_text(struct ccrnn_hdf5_writer *writer, const char *key,
                                        const char *value, struct ccrnn_error *err);
enum ccrnn_status ccrnn_hdf5_write_integer(struct ccrnn_hdf5_writer *writer, const char *key,
                                           int64_t value, struct ccrnn_error *err);
enum ccrnn_status ccrnn_hdf5_write_real(struct ccrnn_hdf5_writer *writer, const char *key,
                                        double value, struct ccrnn_error *err);

/** Add an axis, or an array; they are numbered from 0, each kind on its own. */
enum ccrnn_status ccrnn_hdf5_write_axis(struct ccrnn_hdf5_writer *writer,
                                        const struct ccrnn_hdf5_axis *axis,
                                        struct ccrnn_error *err);
enum ccrnn_status ccrnn_hdf5_write_array(struct ccrnn_hdf5_writer *writer,
                                         const struct ccrnn_hdf5_array *array,
                                         struct ccrnn_error *err);

/** Fill an array at places [first, first + count) of its first axis. */
enum ccrnn_status ccrnn_hdf5_write_numbers(struct ccrnn_hdf5_writer *writer, size_t array,
                                           size_t first, size_t count, const void *numbers,
                                           struct ccrnn_error *err);

/** Tie the arrays to their axes and close the file (no fsync). Frees the writer in any case. */
enum ccrnn_status ccrnn_hdf5_write_end(struct ccrnn_hdf5_writer *writer, struct ccrnn_error *err);

/** Close what there is; NULL is fine. */
void ccrnn_hdf5_write_abandon(struct ccrnn_hdf5_writer *writer);

#endif
