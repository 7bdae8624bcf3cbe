#include "data/hdf5_read.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "data/hdf5_names.h"

enum ccrnn_status ccrnn_hdf5_read_text(const struct ccrnn_hdf5 *file, const char *key, char *text,
                                       size_t size, struct ccrnn_error *err)
{
    char *found = NULL;
    text[0] = '\0';
    if (H5Aexists(file->id, key) <= 0)
        return CCRNN_OK;
    const hid_t attribute = H5Aopen(file->id, key, H5P_DEFAULT);
    const hid_t type = attribute < 0 ? H5I_INVALID_HID : H5Aget_type(attribute);
    const bool read = type >= 0 && H5Tis_variable_str(type) > 0 &&
                      H5Aread(attribute, type, &found) >= 0 && found != NULL;
    const enum ccrnn_status status = read ? CCRNN_OK : ccrnn_hdf5_fail(file, key, err);
    if (read) {
        ccrnn_format(text, size, "%s", found);
        H5free_memory(found);
    }
    if (type >= 0)
        H5Tclose(type);
    if (attribute >= 0)
        H5Aclose(attribute);
    return status;
}

enum ccrnn_status ccrnn_hdf5_read_integers(const struct ccrnn_hdf5 *file, const char *name,
                                           int64_t **values, size_t *count,
                                           struct ccrnn_error *err)
{
    struct ccrnn_hdf5_dataset dataset;
    *values = NULL;
    CCRNN_TRY(ccrnn_hdf5_dataset_open(file, name, H5T_INTEGER, &dataset, err));
    enum ccrnn_status status = CCRNN_OK;
    *count = dataset.dims == 1 ? dataset.shape[0] : 0;
    *values = calloc(*count + 1, sizeof **values);
    if (*values == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory to read %s", file->path);
    else if (H5Dread(dataset.id, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0)
        status = ccrnn_hdf5_fail(file, name, err);
    ccrnn_hdf5_dataset_close(&dataset);
    if (status == CCRNN_OK)
        return CCRNN_OK;
    free(*values);
    *values = NULL;
    return status;
}

/* The rows' part of the file, and the same size in memory. */
static bool read_selected(const struct ccrnn_hdf5_dataset *dataset, size_t row, hid_t type,
                          void *to)
{
    hsize_t start[CCRNN_TENSOR_DIMS_MAX] = {row}, size[CCRNN_TENSOR_DIMS_MAX] = {1};
    for (int d = 1; d < dataset->dims; d++)
        size[d] = dataset->shape[d];
    const hid_t memory = H5Screate_simple(dataset->dims, size, NULL);
    const bool read =
        memory >= 0 &&
        H5Sselect_hyperslab(dataset->space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0 &&
        H5Dread(dataset->id, type, memory, dataset->space, H5P_DEFAULT, to) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    return read;
}

enum ccrnn_status ccrnn_hdf5_read_row(const struct ccrnn_hdf5 *file, const char *name, size_t row,
                                      size_t count, enum ccrnn_hdf5_number number, void *to,
                                      struct ccrnn_error *err)
{
    struct ccrnn_hdf5_dataset dataset;
    CCRNN_TRY(ccrnn_hdf5_dataset_open(file, name, H5T_FLOAT, &dataset, err));
    size_t found = dataset.dims > 1 && row < dataset.shape[0];
    for (int d = 1; d < dataset.dims; d++)
        found *= dataset.shape[d]; /* no overflow: all of it was found to be in the file */
    enum ccrnn_status status = CCRNN_OK;
    if (found != count)
        status =
            ccrnn_fail(err, CCRNN_FORMAT, "%s: `%s` has not the size it had; move the file away",
                       file->path, name);
    else if (!read_selected(&dataset, row,
                            number == CCRNN_HDF5_DOUBLE ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT,
                            to))
        status = ccrnn_hdf5_fail(file, name, err);
    ccrnn_hdf5_dataset_close(&dataset);
    return status;
}
