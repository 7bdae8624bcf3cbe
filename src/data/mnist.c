#include "data/mnist.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "ccrnn/images.h"

struct part_row {
    const char *name;   /* as published, without .gz */
    const char *dotted; /* as some programs write it when they unpack */
    enum ccrnn_idx_kind kind;
};

static const struct part_row part_rows[CCRNN_MNIST_PARTS] = {
    [CCRNN_MNIST_TRAIN_IMAGES] = {"train-images-idx3-ubyte", "train-images.idx3-ubyte",
                                  CCRNN_IDX_IMAGES},
    [CCRNN_MNIST_TRAIN_LABELS] = {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte",
                                  CCRNN_IDX_LABELS},
    [CCRNN_MNIST_TEST_IMAGES] = {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte",
                                 CCRNN_IDX_IMAGES},
    [CCRNN_MNIST_TEST_LABELS] = {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte",
                                 CCRNN_IDX_LABELS},
};

const char *ccrnn_mnist_name(enum ccrnn_mnist_part part)
{
    return part_rows[part].name;
}

enum ccrnn_idx_kind ccrnn_mnist_kind(enum ccrnn_mnist_part part)
{
    return part_rows[part].kind;
}

enum ccrnn_status ccrnn_mnist_find(const char *directory, enum ccrnn_mnist_part part,
                                   char path[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    static const char *const endings[] = {"", ".gz"};
    const char *const names[] = {part_rows[part].name, part_rows[part].dotted};
    for (size_t e = 0; e < sizeof endings / sizeof endings[0]; e++)
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
            char name[64];
            ccrnn_format(name, sizeof name, "%s%s", names[n], endings[e]);
            CCRNN_TRY(ccrnn_path_join(path, CCRNN_PATH_MAX, directory, name, err));
            if (ccrnn_file_exists(path))
                return CCRNN_OK;
        }
    /* Something of the published name that is no file: reading it says what it is. */
    CCRNN_TRY(ccrnn_path_join(path, CCRNN_PATH_MAX, directory, part_rows[part].name, err));
    if (!ccrnn_path_exists(path))
        path[0] = '\0';
    return CCRNN_OK;
}

/* One message for all files that are not there. */
static enum ccrnn_status fail_missing(const char *directory,
                                      char paths[CCRNN_MNIST_PARTS][CCRNN_PATH_MAX],
                                      struct ccrnn_error *err)
{
    size_t missing = 0;
    struct ccrnn_text list = {0};
    for (size_t i = 0; i < CCRNN_MNIST_PARTS; i++)
        if (paths[i][0] == '\0')
            ccrnn_text_add(&list, "%s%s", missing++ == 0 ? "" : ", ", part_rows[i].name);
    const enum ccrnn_status status = ccrnn_fail(
        err, CCRNN_IO,
        "%zu of the 4 files of MNIST %s missing in %.300s%s: %s (with or without .gz); run "
        "`ccrnn data fetch mnist --data %.300s`, or put them there, or name another place with "
        "--data DIR or in the environment variable CCRNN_DATA",
        missing, missing == 1 ? "is" : "are", directory,
        ccrnn_directory_exists(directory) ? "" : " (there is no such directory)",
        list.failed ? "no memory to list them" : list.bytes, directory);
    free(list.bytes);
    return status;
}

enum ccrnn_status ccrnn_mnist_require(const char *directory, enum ccrnn_mnist_part first,
                                      enum ccrnn_mnist_part last,
                                      char paths[CCRNN_MNIST_PARTS][CCRNN_PATH_MAX],
                                      struct ccrnn_error *err)
{
    bool missing = false;
    for (enum ccrnn_mnist_part part = 0; part < CCRNN_MNIST_PARTS; part++) {
        CCRNN_TRY(ccrnn_mnist_find(directory, part, paths[part], err));
        missing |= part >= first && part <= last && paths[part][0] == '\0';
    }
    return missing ? fail_missing(directory, paths, err) : CCRNN_OK;
}

static enum ccrnn_status check_pair(const char *image_path, const char *label_path,
                                    const struct ccrnn_idx *images,
                                    const struct ccrnn_idx *labels, struct ccrnn_error *err)
{
    if (images->count != labels->count)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s has %zu images, but %s has %zu labels; they do not belong together: "
            "take both from the same source (`ccrnn data fetch mnist`)",
            image_path, images->count, label_path, labels->count);
    for (size_t i = 0; i < labels->count; i++)
        if (labels->values[i] >= CCRNN_MNIST_CLASSES)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: label %zu (counted from 0) is %d, expected 0 … %d; it is "
                              "damaged or not of digits: download it again (`ccrnn data fetch "
                              "mnist`)",
                              label_path, i, labels->values[i], CCRNN_MNIST_CLASSES - 1);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_mnist_read(const char *image_path, const char *label_path,
                                   struct ccrnn_idx *images, struct ccrnn_idx *labels,
                                   struct ccrnn_error *err)
{
    *images = (struct ccrnn_idx){0};
    /* The labels first: they are small, and what is wrong with them need not wait. */
    CCRNN_TRY(ccrnn_idx_read(label_path, CCRNN_IDX_LABELS, labels, err));
    enum ccrnn_status status = ccrnn_idx_read(image_path, CCRNN_IDX_IMAGES, images, err);
    if (status == CCRNN_OK)
        status = check_pair(image_path, label_path, images, labels, err);
    if (status != CCRNN_OK) {
        ccrnn_idx_release(images);
        ccrnn_idx_release(labels);
    }
    return status;
}

enum ccrnn_status ccrnn_mnist_load(const char *directory, enum ccrnn_image_split split,
                                   struct ccrnn_image_set *set, struct ccrnn_error *err)
{
    const bool test = split == CCRNN_IMAGES_TEST;
    const enum ccrnn_mnist_part image_part =
        test ? CCRNN_MNIST_TEST_IMAGES : CCRNN_MNIST_TRAIN_IMAGES;
    const enum ccrnn_mnist_part label_part =
        test ? CCRNN_MNIST_TEST_LABELS : CCRNN_MNIST_TRAIN_LABELS;
    char paths[CCRNN_MNIST_PARTS][CCRNN_PATH_MAX];
    struct ccrnn_idx images, labels;
    *set = (struct ccrnn_image_set){0};
    CCRNN_TRY(ccrnn_mnist_require(directory, image_part, label_part, paths, err));
    CCRNN_TRY(ccrnn_mnist_read(paths[image_part], paths[label_part], &images, &labels, err));
    *set = (struct ccrnn_image_set){.pixels = images.values,
                                    .labels = labels.values,
                                    .count = images.count,
                                    .rows = images.rows,
                                    .cols = images.cols};
    return CCRNN_OK;
}
