/** @file
 * Drawn trajectories of a study's runs (drawings.csv), chosen and sorted for one figure.
 */
#ifndef CCRNN_REPORT_DRAWINGS_H
#define CCRNN_REPORT_DRAWINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/collect.h"

/** An arm with drawings. Block first_block + c of the data file holds its cue number c. */
struct ccrnn_report_drawn_arm {
    const char *label, *brief, *line_colour;
    size_t cues;
    size_t *colour; /**< (cues): place of each cue among all cues of the study */
    size_t first_block;
};

struct ccrnn_report_drawings {
    size_t seeds_drawn, trials_drawn; /**< at most, per arm and per seed and cue */
    double rim; /**< side of the axes in sides of the square the targets fill */
    struct ccrnn_report_drawn_arm *arm;
    size_t arms;
    int64_t *cue; /**< all cues of the study, rising */
    size_t cues;
    double middle_x, middle_y, half_range; /**< the square the axes show: all targets and a rim */
    size_t unreadable;                     /**< runs chosen whose drawings cannot be read */
    size_t damaged;                        /**< of these, runs that do have the file */
    bool other_targets; /**< trials were left out because their targets differ (by seed) */
};

/** Choose trials and write them to directory/file: columns seed, cue, trial, t, target_x, target_y,
 * output_x, output_y, arm; an empty line after a trial, two after a cue. Nothing is written if no
 * run has drawings (arms is then 0). Memory is the study's pool.
 * @param[in,out] drawings how many to draw, and the rim, on entry */
enum ccrnn_status ccrnn_report_collect_drawings(struct ccrnn_report_study *study,
                                                const char *directory, const char *file,
                                                struct ccrnn_report_drawings *drawings,
                                                struct ccrnn_error *err);

struct ccrnn_report_figure;
struct ccrnn_report_text;

/** Add a script that draws them as a grid: a row an arm, a column a cue. */
void ccrnn_report_add_template_grid(struct ccrnn_report_text *script,
                                    const struct ccrnn_report_drawings *drawings,
                                    const struct ccrnn_report_figure *figure);

#endif
