/** @file
 * Opening HDF5 files and datasets with care: before a number is read, what a dataset claims to hold
 * is compared with what the file has.
 */
#ifndef CCRNN_DATA_HDF5_DATASET_H
#define CCRNN_DATA_HDF5_DATASET_H

#include <hdf5.h>
#include <stddef.h>

#include "ccrnn/status.h"
#include "data/safetensors.h"

/** Room for the text of a shape (bytes). */
enum { CCRNN_HDF5_SHAPE = 192 };
/** Room for what HDF5 says of a failure (bytes). */
enum { CCRNN_HDF5_REASON = 256 };

/** An open file. */
struct ccrnn_hdf5 {
    const char *path; /**< borrowed */
    hid_t id;
    hsize_t size; /**< bytes */
};

/** An open dataset. */
struct ccrnn_hdf5_dataset {
    hid_t id, type, space;
    size_t type_size;
    int dims; /**< 0 … CCRNN_TENSOR_DIMS_MAX */
    size_t shape[CCRNN_TENSOR_DIMS_MAX];
};

/** Open a file to read. HDF5's printing of errors must be off.
 * @return CCRNN_FORMAT with what HDF5 says; on success end with ccrnn_hdf5_close */
enum ccrnn_status ccrnn_hdf5_open(const char *path, struct ccrnn_hdf5 *file,
                                  struct ccrnn_error *err);

void ccrnn_hdf5_close(struct ccrnn_hdf5 *file);

/** Open a dataset of the root group whose numbers or strings are all in the file.
 * @param kind H5T_FLOAT or H5T_STRING
 * @return CCRNN_FORMAT with file and dataset: a link to elsewhere, no dataset, another type, too many
 *         dimensions, never written, more than the file can hold; on success end with
 *         ccrnn_hdf5_dataset_close */
enum ccrnn_status ccrnn_hdf5_dataset_open(const struct ccrnn_hdf5 *file, const char *name,
                                          H5T_class_t kind, struct ccrnn_hdf5_dataset *dataset,
                                          struct ccrnn_error *err);

void ccrnn_hdf5_dataset_close(struct ccrnn_hdf5_dataset *dataset);

/** The shape as text.
 * @param[out] text CCRNN_HDF5_SHAPE bytes
 * @return text */
const char *ccrnn_hdf5_shape(const struct ccrnn_hdf5_dataset *dataset, char *text);

/** Why HDF5 failed just now. */
void ccrnn_hdf5_reason(char text[CCRNN_HDF5_REASON]);

/** CCRNN_FORMAT: HDF5 could not read `name`, and why; to be called right after it failed. */
enum ccrnn_status ccrnn_hdf5_fail(const struct ccrnn_hdf5 *file, const char *name,
                                  struct ccrnn_error *err);

#endif
