#include "data/hdf5_write.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/hdf5_dataset.h"
#include "data/hdf5_names.h"

enum {
    OVERWRITE = 2,        /* H5F_ACC_TRUNC, a macro that may also end the program */
    COMPRESSION_LEVEL = 4 /* of deflate: more costs time and gains little */
};

struct axis {
    hid_t dataset;
    const char *name;
    size_t size;
};

struct array {
    hid_t dataset;
    struct ccrnn_hdf5_array as;
};

struct ccrnn_hdf5_writer {
    char *path;
    hid_t file, string; /* string: a text of any length, UTF-8 */
    struct axis axis[CCRNN_HDF5_AXES_MAX];
    struct array array[CCRNN_HDF5_ARRAYS_MAX];
    size_t axes, arrays;
};

/* Where the references to an axis are listed, as HDF5's dimension scales want it. */
struct reference {
    hobj_ref_t dataset;
    int dimension;
};

static enum ccrnn_status fail(const struct ccrnn_hdf5_writer *writer, const char *what,
                              struct ccrnn_error *err)
{
    char why[CCRNN_HDF5_REASON];
    ccrnn_hdf5_reason(why);
    return ccrnn_fail(err, CCRNN_IO,
                      "%s: HDF5 cannot write `%s` and says: %s; make room on the disk, then run "
                      "the same command again",
                      writer->path, what, why);
}

static hid_t file_type(enum ccrnn_hdf5_number number)
{
    switch (number) {
    case CCRNN_HDF5_FLOAT:
        return H5T_IEEE_F32LE;
    case CCRNN_HDF5_DOUBLE:
        return H5T_IEEE_F64LE;
    case CCRNN_HDF5_INTEGER:
    default:
        return H5T_STD_I32LE;
    }
}

static hid_t memory_type(enum ccrnn_hdf5_number number)
{
    switch (number) {
    case CCRNN_HDF5_FLOAT:
        return H5T_NATIVE_FLOAT;
    case CCRNN_HDF5_DOUBLE:
        return H5T_NATIVE_DOUBLE;
    case CCRNN_HDF5_INTEGER:
    default:
        return H5T_NATIVE_INT;
    }
}

/* --- attributes -------------------------------------------------------------------------- */

/* `count` values of a type as an attribute; count 0: a single one. False: HDF5 says why. */
static bool put(hid_t object, const char *key, hid_t type, hid_t memory, hsize_t count,
                const void *value)
{
    const hid_t space = count == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, NULL);
    if (space < 0)
        return false;
    const hid_t attribute = H5Acreate2(object, key, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool written = attribute >= 0 && H5Awrite(attribute, memory, value) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(space);
    return written;
}

static bool put_text(const struct ccrnn_hdf5_writer *writer, hid_t object, const char *key,
                     const char *value)
{
    return put(object, key, writer->string, writer->string, 0, &value);
}

/* A text of fixed length, as the marks of a dimension scale are. */
static bool put_mark(hid_t object, const char *key, const char *value)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    const bool written = type >= 0 && H5Tset_size(type, strlen(value) + 1) >= 0 &&
                         put(object, key, type, type, 0, value);
    if (type >= 0)
        H5Tclose(type);
    return written;
}

static bool put_meaning(const struct ccrnn_hdf5_writer *writer, hid_t object, const char *units,
                        const char *description)
{
    return put_text(writer, object, "units", units) &&
           put_text(writer, object, "description", description);
}

enum ccrnn_status ccrnn_hdf5_write_text(struct ccrnn_hdf5_writer *writer, const char *key,
                                        const char *value, struct ccrnn_error *err)
{
    return put_text(writer, writer->file, key, value) ? CCRNN_OK : fail(writer, key, err);
}

enum ccrnn_status ccrnn_hdf5_write_integer(struct ccrnn_hdf5_writer *writer, const char *key,
                                           int64_t value, struct ccrnn_error *err)
{
    return put(writer->file, key, H5T_STD_I64LE, H5T_NATIVE_INT64, 0, &value)
               ? CCRNN_OK
               : fail(writer, key, err);
}

enum ccrnn_status ccrnn_hdf5_write_real(struct ccrnn_hdf5_writer *writer, const char *key,
                                        double value, struct ccrnn_error *err)
{
    return put(writer->file, key, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 0, &value)
               ? CCRNN_OK
               : fail(writer, key, err);
}

/* --- begin ------------------------------------------------------------------------------- */

static hid_t create_file(const char *path)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = H5I_INVALID_HID;
    if (access < 0)
        return file;
    /* Locks fail on many network file systems; the run's directory has one of its own. */
    H5Pset_file_locking(access, 0, 1);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    file = H5Fcreate(path, OVERWRITE, H5P_DEFAULT, access);
    H5Pclose(access);
    return file;
}

static hid_t text_type(void)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 &&
        H5Tset_cset(type, H5T_CSET_UTF8) >= 0)
        return type;
    if (type >= 0)
        H5Tclose(type);
    return H5I_INVALID_HID;
}

enum ccrnn_status ccrnn_hdf5_write_begin(const char *path, struct ccrnn_hdf5_writer **writer,
                                         struct ccrnn_error *err)
{
    struct ccrnn_hdf5_writer *const made = calloc(1, sizeof *made);
    *writer = NULL;
    if (made == NULL || (made->path = strdup(path)) == NULL) {
        free(made);
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory to write %s", path);
    }
    made->file = create_file(path);
    made->string = made->file < 0 ? H5I_INVALID_HID : text_type();
    if (made->string < 0) {
        const enum ccrnn_status status = fail(made, "/", err);
        ccrnn_hdf5_write_abandon(made);
        return status;
    }
    *writer = made;
    return CCRNN_OK;
}

void ccrnn_hdf5_write_abandon(struct ccrnn_hdf5_writer *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; i < writer->arrays; i++)
        H5Oclose(writer->array[i].dataset);
    for (size_t i = 0; i < writer->axes; i++)
        H5Oclose(writer->axis[i].dataset);
    if (writer->string >= 0)
        H5Tclose(writer->string);
    if (writer->file >= 0)
        H5Fclose(writer->file);
    free(writer->path);
    free(writer);
}

/* --- axes and arrays --------------------------------------------------------------------- */

/* A dataset without times, compressed if it has chunks. */
static hid_t create_dataset(hid_t file, const char *name, hid_t type, int dims,
                            const hsize_t *size, const hsize_t *chunk)
{
    hid_t dataset = H5I_INVALID_HID;
    const hid_t space = H5Screate_simple(dims, size, NULL);
    const hid_t properties = space < 0 ? H5I_INVALID_HID : H5Pcreate(H5P_DATASET_CREATE);
    bool good = properties >= 0 && H5Pset_obj_track_times(properties, false) >= 0;
    if (good && chunk != NULL)
        good = H5Pset_chunk(properties, dims, chunk) >= 0 && H5Pset_shuffle(properties) >= 0 &&
               H5Pset_deflate(properties, COMPRESSION_LEVEL) >= 0;
    if (good)
        dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    if (properties >= 0)
        H5Pclose(properties);
    if (space >= 0)
        H5Sclose(space);
    return dataset;
}

enum ccrnn_status ccrnn_hdf5_write_axis(struct ccrnn_hdf5_writer *writer,
                                        const struct ccrnn_hdf5_axis *axis,
                                        struct ccrnn_error *err)
{
    const hsize_t size = axis->size;
    const hid_t dataset = create_dataset(writer->file, axis->name, H5T_STD_I64LE, 1, &size, NULL);
    if (dataset < 0)
        return fail(writer, axis->name, err);
    writer->axis[writer->axes++] = (struct axis){dataset, axis->name, axis->size};
    if (!put_mark(dataset, "CLASS", "DIMENSION_SCALE") ||
        !put_mark(dataset, "NAME", axis->name) ||
        !put_meaning(writer, dataset, axis->units, axis->description) ||
        H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, axis->value) < 0)
        return fail(writer, axis->name, err);
    return CCRNN_OK;
}

/* Names of the dimensions, and references to their scales. */
static bool name_dimensions(const struct ccrnn_hdf5_writer *writer,
                            const struct ccrnn_hdf5_array *array, hid_t dataset)
{
    const char *label[CCRNN_HDF5_DIMS_MAX];
    hobj_ref_t reference[CCRNN_HDF5_DIMS_MAX];
    hvl_t list[CCRNN_HDF5_DIMS_MAX];
    for (int d = 0; d < array->dims; d++) {
        label[d] = writer->axis[array->axis[d]].name;
        list[d] = (hvl_t){1, &reference[d]};
        if (H5Rcreate(&reference[d], writer->file, label[d], H5R_OBJECT, -1) < 0)
            return false;
    }
    const hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
    const bool written = type >= 0 &&
                         put(dataset, "DIMENSION_LIST", type, type, (hsize_t)array->dims, list) &&
                         put(dataset, "DIMENSION_LABELS", writer->string, writer->string,
                             (hsize_t)array->dims, label);
    if (type >= 0)
        H5Tclose(type);
    return written;
}

enum ccrnn_status ccrnn_hdf5_write_array(struct ccrnn_hdf5_writer *writer,
                                         const struct ccrnn_hdf5_array *array,
                                         struct ccrnn_error *err)
{
    hsize_t size[CCRNN_HDF5_DIMS_MAX], chunk[CCRNN_HDF5_DIMS_MAX];
    for (int d = 0; d < array->dims; d++) {
        size[d] = writer->axis[array->axis[d]].size;
        chunk[d] = array->chunk[d];
    }
    const hid_t dataset = create_dataset(writer->file, array->name, file_type(array->number),
                                         array->dims, size, chunk);
    if (dataset < 0)
        return fail(writer, array->name, err);
    writer->array[writer->arrays++] = (struct array){dataset, *array};
    if (!put_meaning(writer, dataset, array->units, array->description) ||
        !name_dimensions(writer, array, dataset))
        return fail(writer, array->name, err);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_hdf5_write_numbers(struct ccrnn_hdf5_writer *writer, size_t array,
                                           size_t first, size_t count, const void *numbers,
                                           struct ccrnn_error *err)
{
    const struct array *const to = &writer->array[array];
    hsize_t start[CCRNN_HDF5_DIMS_MAX] = {first}, size[CCRNN_HDF5_DIMS_MAX] = {count};
    for (int d = 1; d < to->as.dims; d++)
        size[d] = writer->axis[to->as.axis[d]].size;
    const hid_t memory = H5Screate_simple(to->as.dims, size, NULL);
    const hid_t file = H5Dget_space(to->dataset);
    const bool written =
        memory >= 0 && file >= 0 &&
        H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, size, NULL) >= 0 &&
        H5Dwrite(to->dataset, memory_type(to->as.number), memory, file, H5P_DEFAULT, numbers) >=
            0;
    const enum ccrnn_status status = written ? CCRNN_OK : fail(writer, to->as.name, err);
    if (file >= 0)
        H5Sclose(file);
    if (memory >= 0)
        H5Sclose(memory);
    return status;
}

/* --- end --------------------------------------------------------------------------------- */

/* Where an axis is used: the other direction of DIMENSION_LIST. */
static bool list_uses(const struct ccrnn_hdf5_writer *writer, size_t axis, hid_t type)
{
    struct reference use[CCRNN_HDF5_ARRAYS_MAX * CCRNN_HDF5_DIMS_MAX];
    hsize_t count = 0;
    for (size_t i = 0; i < writer->arrays; i++)
        for (int d = 0; d < writer->array[i].as.dims; d++) {
            if (writer->array[i].as.axis[d] != axis)
                continue;
            memset(&use[count], 0, sizeof use[count]);
            use[count].dimension = d;
            if (H5Rcreate(&use[count].dataset, writer->file, writer->array[i].as.name, H5R_OBJECT,
                          -1) < 0)
                return false;
            count++;
        }
    return count == 0 ||
           put(writer->axis[axis].dataset, "REFERENCE_LIST", type, type, count, use);
}

static bool list_all_uses(const struct ccrnn_hdf5_writer *writer)
{
    const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(struct reference));
    bool good =
        type >= 0 &&
        H5Tinsert(type, "dataset", offsetof(struct reference, dataset), H5T_STD_REF_OBJ) >= 0 &&
        H5Tinsert(type, "dimension", offsetof(struct reference, dimension), H5T_NATIVE_INT) >= 0;
    for (size_t i = 0; good && i < writer->axes; i++)
        good = list_uses(writer, i, type);
    if (type >= 0)
        H5Tclose(type);
    return good;
}

enum ccrnn_status ccrnn_hdf5_write_end(struct ccrnn_hdf5_writer *writer, struct ccrnn_error *err)
{
    enum ccrnn_status status =
        list_all_uses(writer) ? CCRNN_OK : fail(writer, "REFERENCE_LIST", err);
    const hid_t file = writer->file;
    H5Tclose(writer->string);
    writer->string = H5I_INVALID_HID;
    for (size_t i = 0; i < writer->arrays; i++)
        H5Oclose(writer->array[i].dataset);
    for (size_t i = 0; i < writer->axes; i++)
        H5Oclose(writer->axis[i].dataset);
    writer->arrays = writer->axes = 0;
    writer->file = H5I_INVALID_HID;
    if (H5Fclose(file) < 0 && status == CCRNN_OK)
        status = fail(writer, "/", err);
    ccrnn_hdf5_write_abandon(writer);
    return status;
}
