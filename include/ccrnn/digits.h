/** @file
 * The three online tasks on handwritten digits (Pemberton et al. 2021): while an image is shown a
 * piece at a time, draw the line of its class, draw its digit, or name it at the end.
 *
 * An image of 28 × 28 pixels is read row by row: step t shows the pixels t·I … (t+1)·I − 1, scaled
 * to 0 … 1. I divides 784; published: 28, a row a step, T = 28 steps.
 */
#ifndef CCRNN_DIGITS_H
#define CCRNN_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/version.h"

#define CCRNN_DIGIT_CLASSES 10
/** Width and height of an image in pixels, and their product. */
#define CCRNN_DIGIT_SIDE 28
#define CCRNN_DIGIT_PIXELS (CCRNN_DIGIT_SIDE * CCRNN_DIGIT_SIDE)
/** Most corners of a digit's polyline. */
#define CCRNN_DIGIT_CORNERS_MAX 11

/** Where the lines of the online line drawing end. */
enum ccrnn_line_targets {
    CCRNN_LINE_TARGETS_CIRCLE, /**< class k: length·(sin 36k°, cos 36k°) */
    CCRNN_LINE_TARGETS_GRID /**< ten distinct points of {0, ⅓, ⅔, 1}² · length, drawn per seed */
};

#ifdef __cplusplus
extern "C" {
#endif

/** The corners of a digit's template, in the order they are drawn (Pemberton et al. 2021,
 * supplement). Unit square, y upwards.
 * @param digit 0 … 9
 * @param[out] corner (count,2): x, y
 * @return count, 2 … CCRNN_DIGIT_CORNERS_MAX */
CCRNN_API size_t ccrnn_digit_corners(size_t digit, double corner[CCRNN_DIGIT_CORNERS_MAX][2]);

/** A digit's template as a trajectory of `steps` points. With n pairs of neighbouring corners, each
 * pair gets ⌊steps/n⌋ of them; of a remainder r > 0 the first r − 1 pairs get one more each, else the
 * last gets one less; a pair emits evenly spaced points from its first corner on, without its second;
 * the last corner is the last point.
 * @param digit 0 … 9  @param steps ≥ 1  @param[out] xy (steps,2) */
CCRNN_API void ccrnn_digit_template(size_t digit, size_t steps, double *xy);

/** End points of the online line drawing's ten classes.
 * @param targets CIRCLE: `seed` is not used; GRID: drawn from the stream (seed, TARGETS)
 * @param length of the line on the circle, side of the square of the grid
 * @param[out] end (10,2) */
CCRNN_API void ccrnn_digit_line_ends(enum ccrnn_line_targets targets, double length,
                                     uint64_t seed, double end[CCRNN_DIGIT_CLASSES][2]);

#ifdef __cplusplus
}
#endif
#endif
