#include "data/hdf5_dataset.h"

#include <string.h>

#include "base/error.h"
#include "data/hdf5_names.h"
#include "data/safetensors_check.h"
#include "data/utf8.h"

#define DAMAGED "the file is damaged: make or copy it again"
#define CLAIMS                                                                                   \
    "claims more than the file holds; it is damaged or incomplete: make or copy it again"

enum {
    READ_ONLY = 0,         /* H5F_ACC_RDONLY, a macro that may also end the program */
    COMPRESSION_MAX = 1032 /* what deflate can gain; the other filters gain less */
};

/* The innermost of HDF5's errors says most. */
static herr_t first_reason(unsigned number, const H5E_error2_t *error, void *data)
{
    if (number == 0 && error->desc != NULL)
        ccrnn_utf8_excerpt(error->desc, strlen(error->desc), data);
    return 0;
}

void ccrnn_hdf5_reason(char text[CCRNN_HDF5_REASON])
{
    memcpy(text, "no reason", sizeof "no reason");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first_reason, text);
}

_Static_assert((int)CCRNN_HDF5_REASON >= (int)CCRNN_EXCERPT, "an excerpt is written there");

enum ccrnn_status ccrnn_hdf5_fail(const struct ccrnn_hdf5 *file, const char *name,
                                  struct ccrnn_error *err)
{
    char why[CCRNN_HDF5_REASON], shown[CCRNN_EXCERPT];
    ccrnn_hdf5_reason(why);
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: HDF5 cannot read `%s` and says: %s; if the file is damaged, make or "
                      "copy it again; if it is compressed, write it without compression",
                      file->path, ccrnn_utf8_excerpt(name, strlen(name), shown), why);
}

enum ccrnn_status ccrnn_hdf5_open(const char *path, struct ccrnn_hdf5 *file,
                                  struct ccrnn_error *err)
{
    *file = (struct ccrnn_hdf5){.path = path, .id = H5I_INVALID_HID};
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0) {
        /* Locks fail on many network file systems, and reading needs none. */
        H5Pset_file_locking(access, 0, 1);
        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
        file->id = H5Fopen(path, READ_ONLY, access);
    }
    char why[CCRNN_HDF5_REASON];
    if (file->id < 0)
        ccrnn_hdf5_reason(why);
    H5Pclose(access);
    if (file->id < 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s begins as an HDF5 file, but HDF5 cannot open it and says: %s; make "
                          "or copy it again",
                          path, why);
    if (H5Fget_filesize(file->id, &file->size) >= 0)
        return CCRNN_OK;
    const enum ccrnn_status status = ccrnn_hdf5_fail(file, "/", err);
    ccrnn_hdf5_close(file);
    return status;
}

void ccrnn_hdf5_close(struct ccrnn_hdf5 *file)
{
    H5Fclose(file->id);
}

const char *ccrnn_hdf5_shape(const struct ccrnn_hdf5_dataset *dataset, char *text)
{
    ccrnn_tensor_shape_text(text, CCRNN_HDF5_SHAPE, dataset->dims, dataset->shape);
    return text;
}

static enum ccrnn_status fail_dataset(const struct ccrnn_hdf5 *file, const char *name,
                                      const char *what, struct ccrnn_error *err)
{
    char shown[CCRNN_EXCERPT];
    return ccrnn_fail(err, CCRNN_FORMAT, "%s: `%s` %s", file->path,
                      ccrnn_utf8_excerpt(name, strlen(name), shown), what);
}

/* Open what is there itself: links may lead to other files, and have no reason to. */
static enum ccrnn_status open_here(const struct ccrnn_hdf5 *file, const char *name,
                                   struct ccrnn_hdf5_dataset *dataset, struct ccrnn_error *err)
{
    H5L_info_t link;
    if (H5Lget_info(file->id, name, &link, H5P_DEFAULT) < 0)
        return ccrnn_hdf5_fail(file, name, err);
    if (link.type != H5L_TYPE_HARD)
        return fail_dataset(file, name,
                            "is a link to another place; put the dataset itself there", err);
    dataset->id = H5Oopen(file->id, name, H5P_DEFAULT);
    if (dataset->id < 0)
        return ccrnn_hdf5_fail(file, name, err);
    if (H5Iget_type(dataset->id) != H5I_DATASET)
        return fail_dataset(
            file, name, "is not a dataset; put nothing but features into the root group", err);
    dataset->type = H5Dget_type(dataset->id);
    dataset->space = dataset->type < 0 ? H5I_INVALID_HID : H5Dget_space(dataset->id);
    return dataset->space < 0 ? ccrnn_hdf5_fail(file, name, err) : CCRNN_OK;
}

static enum ccrnn_status check_kind(const struct ccrnn_hdf5 *file, const char *name,
                                    H5T_class_t kind, struct ccrnn_hdf5_dataset *dataset,
                                    struct ccrnn_error *err)
{
    dataset->type_size = H5Tget_size(dataset->type);
    if (dataset->type_size == 0)
        return ccrnn_hdf5_fail(file, name, err);
    if (H5Tget_class(dataset->type) == kind)
        return CCRNN_OK;
    return fail_dataset(file, name,
                        kind == H5T_FLOAT
                            ? "does not hold floating-point numbers; write it as float32"
                            : "does not hold strings; write the ids as strings",
                        err);
}

static enum ccrnn_status get_shape(const struct ccrnn_hdf5 *file, const char *name,
                                   struct ccrnn_hdf5_dataset *dataset, struct ccrnn_error *err)
{
    if (H5Sget_simple_extent_type(dataset->space) == H5S_NULL)
        return fail_dataset(file, name, "is empty; make the file again", err);
    const int dims = H5Sget_simple_extent_ndims(dataset->space);
    if (dims < 0)
        return ccrnn_hdf5_fail(file, name, err);
    if (dims > CCRNN_TENSOR_DIMS_MAX)
        return fail_dataset(file, name,
                            "has too many dimensions, expected one or two; reshape it", err);
    hsize_t shape[CCRNN_TENSOR_DIMS_MAX];
    if (H5Sget_simple_extent_dims(dataset->space, shape, NULL) < 0)
        return ccrnn_hdf5_fail(file, name, err);
    dataset->dims = dims;
    for (int i = 0; i < dims; i++) {
        if (shape[i] > SIZE_MAX)
            return fail_dataset(file, name, "claims more than memory can have; " DAMAGED, err);
        dataset->shape[i] = (size_t)shape[i];
    }
    return CCRNN_OK;
}

/* Sizes of one chunk and how many cover the dataset; false if a number does not fit. */
static bool chunk_sizes(const struct ccrnn_hdf5_dataset *dataset, const hsize_t *chunk,
                        size_t *chunk_bytes, size_t *chunks)
{
    *chunk_bytes = dataset->type_size;
    *chunks = 1;
    for (int i = 0; i < dataset->dims; i++) {
        if (chunk[i] == 0 || chunk[i] > SIZE_MAX)
            return false;
        const size_t size = (size_t)chunk[i];
        const size_t along = dataset->shape[i] / size + (dataset->shape[i] % size > 0);
        if (__builtin_mul_overflow(*chunk_bytes, size, chunk_bytes) ||
            __builtin_mul_overflow(*chunks, along, chunks))
            return false;
    }
    return true;
}

static enum ccrnn_status check_filters(const struct ccrnn_hdf5 *file, const char *name,
                                       hid_t properties, int filters, struct ccrnn_error *err)
{
    for (int i = 0; i < filters; i++) {
        unsigned flags;
        size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(properties, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL);
        if (filter < 0 || H5Zfilter_avail(filter) <= 0)
            return fail_dataset(
                file, name,
                "is compressed in a way that this HDF5 library cannot undo; write "
                "it with gzip or without compression",
                err);
    }
    return CCRNN_OK;
}

/* Every chunk has been written, and none claims more than the file can hold. */
static enum ccrnn_status check_chunks(const struct ccrnn_hdf5 *file, const char *name,
                                      const struct ccrnn_hdf5_dataset *dataset, hid_t properties,
                                      size_t bytes, struct ccrnn_error *err)
{
    hsize_t chunk[CCRNN_TENSOR_DIMS_MAX];
    size_t chunk_bytes, chunks;
    const int filters = H5Pget_nfilters(properties);
    if (filters < 0 || H5Pget_chunk(properties, CCRNN_TENSOR_DIMS_MAX, chunk) != dataset->dims ||
        !chunk_sizes(dataset, chunk, &chunk_bytes, &chunks))
        return fail_dataset(file, name, "has chunks of impossible sizes; " DAMAGED, err);
    CCRNN_TRY(check_filters(file, name, properties, filters, err));
    const hsize_t gain = filters == 0 ? 1 : COMPRESSION_MAX;
    if (chunk_bytes / gain > file->size || chunks > file->size)
        return fail_dataset(file, name, CLAIMS, err);
    hsize_t written = 0;
    if (H5Dget_num_chunks(dataset->id, dataset->space, &written) < 0)
        return ccrnn_hdf5_fail(file, name, err);
    if (written != chunks)
        return fail_dataset(file, name, "has parts that were never written; make the file again",
                            err);
    if (bytes / gain > file->size)
        return fail_dataset(file, name, CLAIMS, err);
    return CCRNN_OK;
}

static enum ccrnn_status check_layout(const struct ccrnn_hdf5 *file, const char *name,
                                      const struct ccrnn_hdf5_dataset *dataset, hid_t properties,
                                      struct ccrnn_error *err)
{
    size_t bytes = dataset->type_size;
    for (int i = 0; i < dataset->dims; i++)
        if (__builtin_mul_overflow(bytes, dataset->shape[i], &bytes))
            return fail_dataset(file, name, "claims more than memory can have; " DAMAGED, err);
    if (bytes == 0)
        return fail_dataset(file, name, "has nothing in it; make the file again", err);
    switch (H5Pget_layout(properties)) {
    case H5D_CHUNKED:
        return check_chunks(file, name, dataset, properties, bytes, err);
    case H5D_COMPACT:
    case H5D_CONTIGUOUS:
        break;
    default:
        return fail_dataset(
            file, name, "is put together from other datasets; write it as one of its own", err);
    }
    if (H5Pget_external_count(properties) != 0)
        return fail_dataset(file, name, "lies in another file; write it into this one", err);
    const hsize_t stored = H5Dget_storage_size(dataset->id);
    if (stored == 0)
        return fail_dataset(file, name, "was never written; make the file again", err);
    if (bytes > file->size || stored < bytes)
        return fail_dataset(file, name, CLAIMS, err);
    return CCRNN_OK;
}

static enum ccrnn_status inspect(const struct ccrnn_hdf5 *file, const char *name,
                                 H5T_class_t kind, struct ccrnn_hdf5_dataset *dataset,
                                 struct ccrnn_error *err)
{
    CCRNN_TRY(check_kind(file, name, kind, dataset, err));
    CCRNN_TRY(get_shape(file, name, dataset, err));
    const hid_t properties = H5Dget_create_plist(dataset->id);
    if (properties < 0)
        return ccrnn_hdf5_fail(file, name, err);
    const enum ccrnn_status status = check_layout(file, name, dataset, properties, err);
    H5Pclose(properties);
    return status;
}

enum ccrnn_status ccrnn_hdf5_dataset_open(const struct ccrnn_hdf5 *file, const char *name,
                                          H5T_class_t kind, struct ccrnn_hdf5_dataset *dataset,
                                          struct ccrnn_error *err)
{
    *dataset = (struct ccrnn_hdf5_dataset){
        .id = H5I_INVALID_HID, .type = H5I_INVALID_HID, .space = H5I_INVALID_HID};
    enum ccrnn_status status = open_here(file, name, dataset, err);
    if (status == CCRNN_OK)
        status = inspect(file, name, kind, dataset, err);
    if (status != CCRNN_OK)
        ccrnn_hdf5_dataset_close(dataset);
    return status;
}

void ccrnn_hdf5_dataset_close(struct ccrnn_hdf5_dataset *dataset)
{
    if (dataset->space >= 0)
        H5Sclose(dataset->space);
    if (dataset->type >= 0)
        H5Tclose(dataset->type);
    if (dataset->id >= 0)
        H5Oclose(dataset->id);
}
