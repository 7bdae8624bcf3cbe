#include "data/features_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/hdf5_dataset.h"
#include "data/hdf5_names.h"
#include "data/utf8.h"

#define MATRIX "features"
#define IDS "ids"

/* Names of the root group, as long as they are needed. */
struct names {
    char **name; /* (count), each of its own */
    size_t count, room;
};

static enum ccrnn_status fail_memory(const struct ccrnn_hdf5 *file, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read %s; close other programs",
                      file->path);
}

static enum ccrnn_status read_variable_ids(const struct ccrnn_hdf5 *file,
                                           const struct ccrnn_hdf5_dataset *ids,
                                           struct ccrnn_features *features,
                                           struct ccrnn_error *err)
{
    hsize_t needed = 0;
    if (H5Dvlen_get_buf_size(ids->id, ids->type, ids->space, &needed) < 0)
        return ccrnn_hdf5_fail(file, IDS, err);
    if (needed > file->size)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: the strings of `" IDS "` need more bytes than the file has; it is "
                          "damaged: make or copy it again",
                          file->path);
    char **const strings = calloc(features->count, sizeof *strings);
    const char **const name = calloc(features->count, sizeof *name);
    enum ccrnn_status status =
        strings == NULL || name == NULL ? fail_memory(file, err) : CCRNN_OK;
    if (status == CCRNN_OK &&
        H5Dread(ids->id, ids->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, strings) < 0)
        status = ccrnn_hdf5_fail(file, IDS, err);
    if (status == CCRNN_OK) {
        for (size_t i = 0; i < features->count; i++)
            name[i] = strings[i] == NULL ? "" : strings[i];
        status = ccrnn_features_name(file->path, name, features, err);
    }
    if (strings != NULL)
        H5Dvlen_reclaim(ids->type, ids->space, H5P_DEFAULT, strings);
    free(strings);
    free(name);
    return status;
}

static enum ccrnn_status read_fixed_ids(const struct ccrnn_hdf5 *file,
                                        const struct ccrnn_hdf5_dataset *ids,
                                        struct ccrnn_features *features, struct ccrnn_error *err)
{
    const size_t count = features->count;
    const size_t size = ids->type_size;
    /* One byte more, so that the last string ends too. */
    char *const strings = calloc(count * size + 1, 1);
    char *const ended = calloc(count, size + 1);
    const char **const name = calloc(count, sizeof *name);
    enum ccrnn_status status =
        strings == NULL || ended == NULL || name == NULL ? fail_memory(file, err) : CCRNN_OK;
    if (status == CCRNN_OK &&
        H5Dread(ids->id, ids->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, strings) < 0)
        status = ccrnn_hdf5_fail(file, IDS, err);
    if (status == CCRNN_OK) {
        for (size_t i = 0; i < count; i++)
            name[i] = memcpy(ended + i * (size + 1), strings + i * size, size);
        status = ccrnn_features_name(file->path, name, features, err);
    }
    free(strings);
    free(ended);
    free(name);
    return status;
}

static enum ccrnn_status name_by_dataset(const struct ccrnn_hdf5 *file,
                                         const struct ccrnn_hdf5_dataset *ids,
                                         struct ccrnn_features *features, struct ccrnn_error *err)
{
    if (ids->dims != 1 || ids->shape[0] != features->count) {
        char text[CCRNN_HDF5_SHAPE];
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: `" IDS "` has the shape %s, expected (%zu): one string for each "
                          "row of `" MATRIX "`; write it again",
                          file->path, ccrnn_hdf5_shape(ids, text), features->count);
    }
    const htri_t variable = H5Tis_variable_str(ids->type);
    if (variable < 0)
        return ccrnn_hdf5_fail(file, IDS, err);
    return variable > 0 ? read_variable_ids(file, ids, features, err)
                        : read_fixed_ids(file, ids, features, err);
}

static enum ccrnn_status name_matrix(const struct ccrnn_hdf5 *file, const char *ids,
                                     struct ccrnn_features *features, struct ccrnn_error *err)
{
    if (H5Lexists(file->id, IDS, H5P_DEFAULT) <= 0)
        return ccrnn_features_name_from(file->path, ids, features, err);
    struct ccrnn_hdf5_dataset dataset;
    CCRNN_TRY(ccrnn_features_without_ids(file->path, ids, err));
    CCRNN_TRY(ccrnn_hdf5_dataset_open(file, IDS, H5T_STRING, &dataset, err));
    const enum ccrnn_status status = name_by_dataset(file, &dataset, features, err);
    ccrnn_hdf5_dataset_close(&dataset);
    return status;
}

/* A float is what HDF5 makes of any of its float types; what is too large becomes infinite. */
static enum ccrnn_status read_floats(const struct ccrnn_hdf5 *file,
                                     const struct ccrnn_hdf5_dataset *dataset, const char *name,
                                     float *value, struct ccrnn_error *err)
{
    if (H5Dread(dataset->id, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)
        return ccrnn_hdf5_fail(file, name, err);
    return CCRNN_OK;
}

static enum ccrnn_status fail_shape(const struct ccrnn_hdf5 *file,
                                    const struct ccrnn_hdf5_dataset *dataset, const char *name,
                                    struct ccrnn_error *err)
{
    char shown[CCRNN_EXCERPT], text[CCRNN_HDF5_SHAPE];
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: `%s` has the shape %s, expected one dataset `" MATRIX
                      "` (images, numbers of an image) or one vector (numbers) an image; reshape "
                      "it",
                      file->path, ccrnn_utf8_excerpt(name, strlen(name), shown),
                      ccrnn_hdf5_shape(dataset, text));
}

static enum ccrnn_status read_matrix(const struct ccrnn_hdf5 *file, const char *ids,
                                     struct ccrnn_features *features, struct ccrnn_error *err)
{
    struct ccrnn_hdf5_dataset dataset;
    CCRNN_TRY(ccrnn_hdf5_dataset_open(file, MATRIX, H5T_FLOAT, &dataset, err));
    enum ccrnn_status status = dataset.dims == 2
                                   ? ccrnn_features_allocate(file->path, dataset.shape[0],
                                                             dataset.shape[1], features, err)
                                   : fail_shape(file, &dataset, MATRIX, err);
    if (status == CCRNN_OK)
        status = name_matrix(file, ids, features, err);
    if (status == CCRNN_OK)
        status = read_floats(file, &dataset, MATRIX, features->value, err);
    ccrnn_hdf5_dataset_close(&dataset);
    return status;
}

/* Row `row` from the dataset of that image; the first says how wide all are. */
static enum ccrnn_status read_vector(const struct ccrnn_hdf5 *file, const struct names *names,
                                     size_t row, const struct ccrnn_hdf5_dataset *dataset,
                                     struct ccrnn_features *features, struct ccrnn_error *err)
{
    if (dataset->dims != 1)
        return fail_shape(file, dataset, names->name[row], err);
    if (row == 0)
        CCRNN_TRY(
            ccrnn_features_allocate(file->path, names->count, dataset->shape[0], features, err));
    if (dataset->shape[0] != features->width)
        return ccrnn_features_fail_width(file->path, names->name[row], dataset->shape[0],
                                         names->name[0], features->width, err);
    return read_floats(file, dataset, names->name[row], features->value + row * features->width,
                       err);
}

static enum ccrnn_status read_vectors(const struct ccrnn_hdf5 *file, const struct names *names,
                                      struct ccrnn_features *features, struct ccrnn_error *err)
{
    if (names->count == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has nothing in its root group, expected a dataset `" MATRIX
                          "` or one vector an image; make it again",
                          file->path);
    for (size_t i = 0; i < names->count; i++) {
        struct ccrnn_hdf5_dataset dataset;
        CCRNN_TRY(ccrnn_hdf5_dataset_open(file, names->name[i], H5T_FLOAT, &dataset, err));
        const enum ccrnn_status status = read_vector(file, names, i, &dataset, features, err);
        ccrnn_hdf5_dataset_close(&dataset);
        CCRNN_TRY(status);
    }
    return ccrnn_features_name(file->path, (const char *const *)names->name, features, err);
}

/* Called by HDF5 for every link of the root group; less than 0 is an end. */
static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
    (void)group;
    (void)info;
    struct names *const names = data;
    if (names->count == names->room) {
        const size_t room = names->room == 0 ? 64 : 2 * names->room;
        char **const grown = reallocarray(names->name, room, sizeof *grown);
        if (grown == NULL)
            return -1;
        names->name = grown;
        names->room = room;
    }
    names->name[names->count] = strdup(name);
    if (names->name[names->count] == NULL)
        return -1;
    names->count++;
    return 0;
}

static enum ccrnn_status read_root(const struct ccrnn_hdf5 *file, struct ccrnn_features *features,
                                   struct ccrnn_error *err)
{
    struct names names = {0};
    enum ccrnn_status status = CCRNN_OK;
    if (H5Literate(file->id, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, &names) < 0)
        status = ccrnn_hdf5_fail(file, "/", err);
    if (status == CCRNN_OK)
        status = read_vectors(file, &names, features, err);
    for (size_t i = 0; i < names.count; i++)
        free(names.name[i]);
    free(names.name);
    return status;
}

static enum ccrnn_status read_file(const char *path, const char *ids,
                                   struct ccrnn_features *features, struct ccrnn_error *err)
{
    struct ccrnn_hdf5 file;
    CCRNN_TRY(ccrnn_hdf5_open(path, &file, err));
    enum ccrnn_status status;
    if (H5Lexists(file.id, MATRIX, H5P_DEFAULT) > 0)
        status = read_matrix(&file, ids, features, err);
    else {
        status = ccrnn_features_without_ids(path, ids, err);
        if (status == CCRNN_OK)
            status = read_root(&file, features, err);
    }
    ccrnn_hdf5_close(&file);
    return status;
}

enum ccrnn_status ccrnn_features_read_hdf5(const char *path, const char *ids,
                                           struct ccrnn_features *features,
                                           struct ccrnn_error *err)
{
    struct ccrnn_hdf5_call call;
    const enum ccrnn_status ready = ccrnn_hdf5_enter(&call, err);
    if (ready != CCRNN_OK)
        return ccrnn_fail_within(err, ready, "%s", path);
    const enum ccrnn_status status = read_file(path, ids, features, err);
    ccrnn_hdf5_leave(&call);
    return status;
}
