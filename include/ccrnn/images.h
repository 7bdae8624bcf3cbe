/** @file
 * Sets of labelled grey images: handwritten digits in the files of MNIST (LeCun, Cortes, Burges).
 */
#ifndef CCRNN_IMAGES_H
#define CCRNN_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"
#include "ccrnn/version.h"

/** Images and their labels. Filled by ccrnn_mnist_load; then read-only. Owns both arrays: release
 * it with ccrnn_image_set_release(). */
struct ccrnn_image_set {
    uint8_t *pixels; /**< (count,rows,cols) row-major, 0 = paper … 255 = ink */
    uint8_t *labels; /**< (count), 0 … 9 */
    size_t count, rows, cols;
};

/** Which part of the data: for training, or for the test at the very end. */
enum ccrnn_image_split { CCRNN_IMAGES_TRAIN, CCRNN_IMAGES_TEST };

#ifdef __cplusplus
extern "C" {
#endif

/** Read one part of MNIST: 60,000 images for training or 10,000 for the test, of 28 × 28 pixels,
 * in the files' order. Other data in the same format and under the same names is read too,
 * whatever its count and image size.
 *
 * The files of a part are its images and its labels:
 * `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or
 * `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`. A dot before `idx` instead of the hyphen
 * and `.gz` behind the name are accepted as well. Of several spellings the first of these is
 * taken: hyphen, dot, hyphen with `.gz`, dot with `.gz`; so a plain file goes before a compressed
 * one. Whether a file is compressed is seen from its content, not from its name.
 * @param[out] set zeroed on failure; else the caller releases it
 * @return CCRNN_IO: a file is missing (the message lists all that are) or cannot be read;
 *         CCRNN_FORMAT: damaged, cut off, something else, images and labels that differ in
 *         number, a label above 9; CCRNN_USAGE: a path too long; CCRNN_MEMORY. */
CCRNN_API enum ccrnn_status ccrnn_mnist_load(const char *directory, enum ccrnn_image_split split,
                                             struct ccrnn_image_set *set,
                                             struct ccrnn_error *err);

/** Free both arrays and zero the struct; safe on a zeroed one. */
CCRNN_API void ccrnn_image_set_release(struct ccrnn_image_set *set);

/** A number that tells sets apart; no protection against intent. Upper 32 bits: CRC-32 (zlib's)
 * of the pixels. Lower 32 bits: CRC-32 of count, rows and cols, each as 8 bytes little-endian,
 * followed by the labels. The same on every machine. */
CCRNN_API uint64_t ccrnn_image_set_fingerprint(const struct ccrnn_image_set *set);

#ifdef __cplusplus
}
#endif
#endif
