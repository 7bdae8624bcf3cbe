/** @file
 * The images of the tasks on handwriting: read or made once, shared by all runs of a study.
 */
#ifndef CCRNN_TASK_IMAGES_H
#define CCRNN_TASK_IMAGES_H

#include <stdint.h>

#include "ccrnn/images.h"
#include "ccrnn/status.h"

enum ccrnn_image_source {
    CCRNN_IMAGE_SOURCE_PENS, /**< made by the program: ccrnn/pen_digits.h */
    CCRNN_IMAGE_SOURCE_MNIST,
    CCRNN_IMAGE_SOURCE_COUNT
};

/** 28 × 28 images as bytes, never changed after loading. Zeroed: nothing loaded. */
struct ccrnn_task_images {
    struct ccrnn_image_set train, test;
    uint64_t fingerprint; /**< of the files' content; for images that are made: of nothing, 0 */
};

/** What some runs ask of a source: the digits as bits 0 … 9, and how many images of them. */
struct ccrnn_images_wanted {
    unsigned digits;
    uint64_t train, test;
};

/** Read the images of a directory (ccrnn_mnist_load), or make as many as asked for.
 * @param directory of MNIST; not used for pens
 * @param[in] wanted (count); pens: as many images are made as satisfy each of them
 * @param[out] images release with ccrnn_task_images_release()
 * @return CCRNN_IO, CCRNN_FORMAT, CCRNN_MEMORY; CCRNN_USAGE: images of another size */
enum ccrnn_status ccrnn_task_images_load(enum ccrnn_image_source source, const char *directory,
                                         const struct ccrnn_images_wanted *wanted, size_t count,
                                         struct ccrnn_task_images *images,
                                         struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_task_images_release(struct ccrnn_task_images *images);

#endif
