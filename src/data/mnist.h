/** @file
 * The four files of MNIST in a directory (public side: ccrnn/images.h).
 */
#ifndef CCRNN_DATA_MNIST_H
#define CCRNN_DATA_MNIST_H

#include "base/file.h"
#include "data/idx.h"

enum ccrnn_mnist_part {
    CCRNN_MNIST_TRAIN_IMAGES,
    CCRNN_MNIST_TRAIN_LABELS,
    CCRNN_MNIST_TEST_IMAGES,
    CCRNN_MNIST_TEST_LABELS,
    CCRNN_MNIST_PARTS
};

enum { CCRNN_MNIST_CLASSES = 10 };

/** The published name without `.gz`, e.g. "train-images-idx3-ubyte" (static storage). */
const char *ccrnn_mnist_name(enum ccrnn_mnist_part part);

/** What the file of that part holds. */
enum ccrnn_idx_kind ccrnn_mnist_kind(enum ccrnn_mnist_part part);

/** Find the file of one part, in the order of spellings that ccrnn/images.h describes.
 * @param[out] path the empty string if there is none
 * @return CCRNN_USAGE if the path is too long. That a file is missing is no failure here. */
enum ccrnn_status ccrnn_mnist_find(const char *directory, enum ccrnn_mnist_part part,
                                   char path[CCRNN_PATH_MAX], struct ccrnn_error *err);

/** Find all four. Fails with CCRNN_IO, and one message that lists every missing file, if one of
 * parts `first` … `last` is missing.
 * @param[out] paths of all four; the empty string for a missing one */
enum ccrnn_status ccrnn_mnist_require(const char *directory, enum ccrnn_mnist_part first,
                                      enum ccrnn_mnist_part last,
                                      char paths[CCRNN_MNIST_PARTS][CCRNN_PATH_MAX],
                                      struct ccrnn_error *err);

/** Read images and their labels and check that they belong together: as many labels as images,
 * each 0 … 9.
 * @param[out] images, labels zeroed on failure; else release both with ccrnn_idx_release */
enum ccrnn_status ccrnn_mnist_read(const char *image_path, const char *label_path,
                                   struct ccrnn_idx *images, struct ccrnn_idx *labels,
                                   struct ccrnn_error *err);

#endif
