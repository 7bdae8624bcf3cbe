/** @file
 * The figures: data files and the gnuplot scripts that draw them.
 *
 * In the data files the arm's name is the last column: gnuplot 5.4 does not read quotes within
 * quoted fields as RFC 4180 has them, and so would miscount the columns after it. Empty lines part
 * what gnuplot draws as separate lines; readers of CSV skip them.
 */
#ifndef CCRNN_REPORT_FIGURES_H
#define CCRNN_REPORT_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "report/collect.h"
#include "report/measures.h"
#include "report/text.h"

/** Longest arm name drawn in a figure (characters). */
#define CCRNN_REPORT_NAME_DRAWN 40
/** From more arms than this on, single seeds are left out of the curves. */
#define CCRNN_REPORT_ARMS_WITH_SEEDS 8
/** Drawn trajectories: at most so many seeds per arm, and trials per seed and cue. */
#define CCRNN_REPORT_SEEDS_DRAWN 10
#define CCRNN_REPORT_TRIALS_DRAWN 2
/** The name of the trajectories' files. */
#define CCRNN_REPORT_DRAWINGS "drawn-trajectories"

/** A figure written into a directory as NAME.gp and its data; drawn later by gnuplot. */
struct ccrnn_report_figure {
    const char *name;
    const char *title;
    const char *alt;     /**< what it shows, in one sentence, plain text */
    const char *caption; /**< HTML */
    const char *data[2]; /**< its .csv files; the second may be NULL */
    bool present;        /**< false: no run has the data; nothing was written */
};

/** Curves over epochs, one colour an arm. */
enum ccrnn_status ccrnn_report_figure_curves(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_measure *measure,
                                             const char *directory,
                                             struct ccrnn_report_figure *figure,
                                             struct ccrnn_error *err);

/** One value per run: a dot a seed, mean and 95 % confidence interval an arm. */
enum ccrnn_status ccrnn_report_figure_dots(struct ccrnn_report_study *study,
                                           const struct ccrnn_report_measure *measure,
                                           const char *directory,
                                           struct ccrnn_report_figure *figure,
                                           struct ccrnn_error *err);

/** Drawn trajectories against targets, a panel an arm, a colour a cue. */
enum ccrnn_status ccrnn_report_figure_drawings(struct ccrnn_report_study *study,
                                               const char *directory,
                                               struct ccrnn_report_figure *figure,
                                               struct ccrnn_error *err);

/** Colour `index` of the palette, "#rrggbb"; repeats. Okabe and Ito (2008), distinct for all
 * common forms of colour blindness; their yellow is left out, it is too pale for lines. */
const char *ccrnn_report_colour(size_t index);

/** Number of different colours. */
size_t ccrnn_report_colours(void);

/** Begin a gnuplot script: who wrote it, how to redraw, then a loop over svg and pdf, in the body
 * of which the caller draws. `width`, `height` in pixels of the svg. */
void ccrnn_report_gnuplot_begin(struct ccrnn_report_text *script, const char *name,
                                const char *title, unsigned width, unsigned height);

/** End the loop. */
void ccrnn_report_gnuplot_end(struct ccrnn_report_text *script);

/** True if positive values between `smallest` and `largest` read better on a log axis. */
bool ccrnn_report_prefers_log(double smallest, double largest);

/** Run gnuplot on `name`.gp inside `directory`.
 * @return CCRNN_UNSUPPORTED if gnuplot is not installed, CCRNN_FAILED with what it said */
enum ccrnn_status ccrnn_report_run_gnuplot(const char *directory, const char *name,
                                           struct ccrnn_error *err);

#endif
