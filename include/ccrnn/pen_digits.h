/** @file
 * Digits drawn by pens: the data set that comes with ccrnn, made instead of downloaded.
 *
 * An image is a digit's template (ccrnn_digit_corners) as a hand would draw it: corners that miss
 * and are rounded, a letter that leans and is stretched, lines that bend, a pen of some width that
 * is pressed more or less and at times gives no ink, on paper with grain and specks. Image `index`
 * of a split is drawn from its own random stream and from nothing else: it depends neither on how
 * many are asked for nor on the seed of a run, so all runs share one data set. Only + − × ÷ of
 * IEEE arithmetic are used, so its bytes are the same on every machine and with every compiler.
 * How it is made and how hard it is: docs/pens.md.
 */
#ifndef CCRNN_PEN_DIGITS_H
#define CCRNN_PEN_DIGITS_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/digits.h"
#include "ccrnn/version.h"

/** Sets of images that share none. The values are part of the images: never renumber. */
enum ccrnn_pen_split {
    CCRNN_PENS_TRAIN = 0, /**< to train and to validate on */
    CCRNN_PENS_TEST = 1,  /**< to test on */
    CCRNN_PENS_FRESH = 2  /**< never part of an exported set */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Draw one image.
 * @param split, index its name
 * @param[out] pixels (28,28), rows from the top: 0 paper … 255 ink
 * @param[out] label 0 … 9, all equally likely */
CCRNN_API void ccrnn_pen_digit(enum ccrnn_pen_split split, uint32_t index,
                               uint8_t pixels[CCRNN_DIGIT_PIXELS], uint8_t *label);

/** Draw the images first … first + count − 1, which must not exceed UINT32_MAX.
 * @param[out] pixels (count,28,28)  @param[out] labels (count) */
CCRNN_API void ccrnn_pen_digits_fill(enum ccrnn_pen_split split, uint32_t first, size_t count,
                                     uint8_t *pixels, uint8_t *labels);

#ifdef __cplusplus
}
#endif
#endif
