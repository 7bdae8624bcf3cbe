/** @file
 * Reading back what hdf5_write.h wrote. Between ccrnn_hdf5_enter() and ccrnn_hdf5_leave(), of a file opened with
 * ccrnn_hdf5_open().
 */
#ifndef CCRNN_DATA_HDF5_READ_H
#define CCRNN_DATA_HDF5_READ_H

#include "data/hdf5_dataset.h"
#include "data/hdf5_write.h"

/** A text attribute of the file.
 * @param[out] text `size` bytes; cut to fit; "" if there is no such attribute
 * @return CCRNN_FORMAT: it is no text of any length */
enum ccrnn_status ccrnn_hdf5_read_text(const struct ccrnn_hdf5 *file, const char *key, char *text,
                                       size_t size, struct ccrnn_error *err);

/** A list of integers. @param[out] values free() it; NULL on failure
 * @return CCRNN_FORMAT, CCRNN_MEMORY */
enum ccrnn_status ccrnn_hdf5_read_integers(const struct ccrnn_hdf5 *file, const char *name,
                                           int64_t **values, size_t *count,
                                           struct ccrnn_error *err);

/** Place `row` of the first dimension of an array of FLOAT or DOUBLE.
 * @param count numbers that it must have @param[out] to (count)
 * @return CCRNN_FORMAT */
enum ccrnn_status ccrnn_hdf5_read_row(const struct ccrnn_hdf5 *file, const char *name, size_t row,
                                      size_t count, enum ccrnn_hdf5_number number, void *to,
                                      struct ccrnn_error *err);

#endif
