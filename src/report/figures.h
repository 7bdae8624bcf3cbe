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

/** A figure written into a directory as NAME.gp and its data; drawn later by gnuplot. */
struct ccrnn_report_figure {
    const char *name; /**< with the study's prefix */
    const char *title;
    const char *alt;     /**< what it shows, in one sentence, plain text */
    const char *caption; /**< HTML */
    const char *data[2]; /**< its .csv files; the second may be NULL */
    bool present;        /**< false: no run has the data; nothing was written */
    size_t damaged;    /**< runs whose files could not be read; told in the caption if present */
    bool learning;     /**< stands among the curves, not among the results */
    bool ranking;      /**< stands with the ranking of many arms */
    bool family;       /**< the tables of the family of measures go under it */
    bool lengths;      /**< the tables by length of captions go under it */
    const char *block; /**< HTML that stands in its place, nothing is drawn; NULL: by gnuplot */
    const struct ccrnn_report_measure *measure; /**< whose tables go under it, or NULL */
};

/** A figure of nothing yet, its name `base` with the study's prefix; data[0] is NAME.csv, data[1]
 * NAME followed by `second` (NULL: there is none). Texts go into the study's pool. */
enum ccrnn_status ccrnn_report_figure_start(struct ccrnn_report_study *study, const char *base,
                                            const char *title, const char *second,
                                            struct ccrnn_report_figure *figure,
                                            struct ccrnn_error *err);

/** Save all that a figure is made of, and release it, also after a failure: the data as data[0] and, unless `second` is
 * NULL, data[1]; then as ccrnn_report_figure_finish(). */
enum ccrnn_status
ccrnn_report_figure_save(struct ccrnn_report_study *study, struct ccrnn_report_figure *figure,
                         struct ccrnn_report_text *data, struct ccrnn_report_text *second,
                         struct ccrnn_report_text *script, struct ccrnn_report_text *caption,
                         const char *directory, struct ccrnn_error *err);

/** Save the script as NAME.gp, the caption (HTML) in the figure; the figure is then present. */
enum ccrnn_status ccrnn_report_figure_finish(struct ccrnn_report_study *study,
                                             struct ccrnn_report_figure *figure,
                                             const struct ccrnn_report_text *script,
                                             const struct ccrnn_report_text *caption,
                                             const char *directory, struct ccrnn_error *err);

/** The names of all figures there can be, by number, without prefix; NULL past the last. */
const char *ccrnn_report_figure_base(size_t number);

/* Each of these writes one figure, or nothing if no run has the data (present is then false). */

/** Curves over epochs, one colour an arm. */
enum ccrnn_status ccrnn_report_figure_curves(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_measure *measure,
                                             const char *directory,
                                             struct ccrnn_report_figure *figure,
                                             struct ccrnn_error *err);

/** A word model's loss on test images, the same for all runs. */
struct ccrnn_report_word_model {
    const char *name; /**< "unigram" */
    const char *what; /**< what it knows */
    double bits;      /**< per word */
};

/** The word models all used runs that have them agree on; at most two.
 * @param[out] differ some runs do not agree */
size_t ccrnn_report_word_models(const struct ccrnn_report_study *study,
                                struct ccrnn_report_word_model model[2], bool *differ);

/** One value per run: a dot a seed, mean and 95 % confidence interval an arm. */
enum ccrnn_status ccrnn_report_figure_dots(struct ccrnn_report_study *study,
                                           const struct ccrnn_report_measure *measure,
                                           const char *directory,
                                           struct ccrnn_report_figure *figure,
                                           struct ccrnn_error *err);

/** The family of dysmetria measures: a small panel of dots each. */
enum ccrnn_status ccrnn_report_figure_family(struct ccrnn_report_study *study,
                                             const char *directory,
                                             struct ccrnn_report_figure *figure,
                                             struct ccrnn_error *err);

/** Mean and standard error per class and arm. */
enum ccrnn_status ccrnn_report_figure_classes(struct ccrnn_report_study *study,
                                              const struct ccrnn_report_measure *measure,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err);

/** Which class was answered for which, a panel an arm. */
enum ccrnn_status ccrnn_report_figure_confusion(struct ccrnn_report_study *study,
                                                const char *directory,
                                                struct ccrnn_report_figure *figure,
                                                struct ccrnn_error *err);

/** A sweep: final validation error against the horizon, and the ratio of mean errors. */
enum ccrnn_status ccrnn_report_figure_horizon(struct ccrnn_report_study *study,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err);

/** Drawn trajectories against targets, a panel an arm and a colour a cue; of templates, which
 * overlap, a panel for each arm and class. */
enum ccrnn_status ccrnn_report_figure_drawings(struct ccrnn_report_study *study,
                                               const char *directory,
                                               struct ccrnn_report_figure *figure,
                                               struct ccrnn_error *err);

/** What has been seen of an image, and what was made of it so far. */
enum ccrnn_status ccrnn_report_figure_unfolding(struct ccrnn_report_study *study,
                                                const char *directory,
                                                struct ccrnn_report_figure *figure,
                                                struct ccrnn_error *err);

/** Scores of captions by length of the references, a panel a score. */
enum ccrnn_status ccrnn_report_figure_lengths(struct ccrnn_report_study *study,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err);

/** Lengths of references: 0 short, 1 medium, 2 long. */
#define CCRNN_REPORT_LENGTHS 3
const char *ccrnn_report_length_name(int64_t length);

/** Names of the measures shown by length. */
#define CCRNN_REPORT_LENGTH_SCORES 2
const char *ccrnn_report_length_score(size_t number);

/** Loss of captions by position of the word, a line an arm. */
enum ccrnn_status ccrnn_report_figure_positions(struct ccrnn_report_study *study,
                                                const char *directory,
                                                struct ccrnn_report_figure *figure,
                                                struct ccrnn_error *err);

/** What arms said of a few test images: a block of HTML. */
enum ccrnn_status ccrnn_report_figure_examples(struct ccrnn_report_study *study,
                                               const char *directory,
                                               struct ccrnn_report_figure *figure,
                                               struct ccrnn_error *err);

/** The most figures one task has. */
#define CCRNN_REPORT_FIGURES_MAX 96

/** Colour `index` of the palette, "#rrggbb"; repeats. Okabe and Ito (2008), distinct for all
 * common forms of colour blindness; their yellow is left out, it is too pale for lines. */
const char *ccrnn_report_colour(size_t index);

/** Number of different colours. */
size_t ccrnn_report_colours(void);

/** Colour of class `index` of a figure: ten different ones, then again. */
const char *ccrnn_report_class_colour(size_t index);

/** Place the axes of a panel, in pixels of the svg from its upper left corner. */
void ccrnn_report_add_margins(struct ccrnn_report_text *script, double width, double height,
                              double left, double top, double panel_width, double panel_height);

/** At most about four steps over `range` > 0: 1, 2 or 5 times a power of ten. */
double ccrnn_report_tic_step(double range);

/** Characters of the longest brief label of an arm. */
size_t ccrnn_report_longest_brief(const struct ccrnn_report_study *study);

/** Begin a gnuplot script: who wrote it, how to redraw, then a loop over svg and pdf, in the body
 * of which the caller draws. `width`, `height` in pixels of the svg. */
void ccrnn_report_gnuplot_begin(struct ccrnn_report_text *script, const char *name,
                                const char *title, unsigned width, unsigned height);

/** The same for a sheet of the paper, also as png of 300 dots an inch: `width`, `height` in mm, which
 * the script has as W and H; labels of 7.5 points; `letter` is the font of a panel's letter. */
void ccrnn_report_gnuplot_begin_sheet(struct ccrnn_report_text *script, const char *name,
                                      const char *title, double width, double height);

/** End the loop. */
void ccrnn_report_gnuplot_end(struct ccrnn_report_text *script);

/** True if positive values between `smallest` and `largest` read better on a log axis. */
bool ccrnn_report_prefers_log(double smallest, double largest);

/** Run gnuplot on `name`.gp inside `directory`.
 * @return CCRNN_UNSUPPORTED if gnuplot is not installed, CCRNN_FAILED with what it said */
enum ccrnn_status ccrnn_report_run_gnuplot(const char *directory, const char *name,
                                           struct ccrnn_error *err);

#endif
