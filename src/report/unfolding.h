/** @file
 * A few trials of an image task as they unfold: the image, and what each arm made of it.
 */
#ifndef CCRNN_REPORT_UNFOLDING_H
#define CCRNN_REPORT_UNFOLDING_H

#include <stddef.h>
#include <stdint.h>

#include "report/collect.h"
#include "report/text.h"

/** Pixels of an image's side, and of an image. */
#define CCRNN_REPORT_SIDE 28
#define CCRNN_REPORT_PIXELS (CCRNN_REPORT_SIDE * CCRNN_REPORT_SIDE)
/** Trials and arms shown at most. */
#define CCRNN_REPORT_TRIALS_UNFOLDED 3
#define CCRNN_REPORT_ARMS_UNFOLDED 2

/** An image as its rows of images.csv make it up. */
struct ccrnn_report_image {
    int64_t trial, cue;
    size_t rows; /**< of the file */
    uint8_t pixel[CCRNN_REPORT_PIXELS];
};

struct ccrnn_report_unfolding {
    const struct ccrnn_report_arm *arm[CCRNN_REPORT_ARMS_UNFOLDED];
    size_t arms;
    const struct ccrnn_report_image *image[CCRNN_REPORT_TRIALS_UNFOLDED];
    size_t images;   /**< 0: nothing to show */
    size_t per_step; /**< pixels shown at a step */
    size_t steps;    /**< until the whole image is seen */
    uint64_t seed;
    size_t damaged;                        /**< runs looked at whose files cannot be read */
    double middle_x, middle_y, half_range; /**< of drawings: the square the axes show */
};

/** Choose arms, a seed, and trials, and collect their data:
 * @param images   trial, cue, t, column, row, ink (0 … 1, pixels that are not 0); a block a trial
 * @param outputs  drawings: trial, cue, t, target_x, target_y, output_x, output_y, arm; answers:
 *                 trial, cue, t, digit, probability, arm; a block for each trial and arm, arms
 *                 faster. Both must be empty. */
enum ccrnn_status ccrnn_report_collect_unfolding(struct ccrnn_report_study *study,
                                                 struct ccrnn_report_unfolding *unfolding,
                                                 struct ccrnn_report_text *images,
                                                 struct ccrnn_report_text *outputs,
                                                 struct ccrnn_error *err);

#endif
