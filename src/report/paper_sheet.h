/** @file
 * A figure of the paper under construction: a sheet with panels.
 *
 * All of its data stand in one file, NAME.csv, in blocks parted by two empty lines; each element of
 * a plot draws one block. The columns are
 *
 *     x, y, low, high, n, seed, kind, panel, arm
 *
 * with n seeds in y = mean, low … high its error bar, or y the value of one seed. Lengths on the
 * sheet are millimetres from its upper left corner.
 */
#ifndef CCRNN_REPORT_PAPER_SHEET_H
#define CCRNN_REPORT_PAPER_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/statistics.h"
#include "report/collect.h"
#include "report/dots.h"
#include "report/text.h"

/** Widths of a journal: one column and two (mm). */
#define CCRNN_PAPER_COLUMN 85.0
#define CCRNN_PAPER_PAGE 180.0
/** Left of, above and below the axes of a panel, within its cell; and right of them (mm). */
#define CCRNN_PAPER_LEFT 18.0
#define CCRNN_PAPER_ABOVE 7.0
#define CCRNN_PAPER_BELOW 10.5
#define CCRNN_PAPER_RIGHT 3.0
/** A row of the legend (mm). */
#define CCRNN_PAPER_LEGEND 5.0
/** Arms and measures that have a look of their own. */
#define CCRNN_PAPER_STYLES_MAX 20

/** How an arm, or a measure, looks in every figure. */
struct ccrnn_paper_style {
    const char *base;   /**< the arm's name without its task and without "key=value" */
    const char *legend; /**< what the legend calls it */
    const char *tic;    /**< the same under an axis, for gnuplot's double quotes */
    const char *colour; /**< "#rrggbb" */
    const char *dash;   /**< gnuplot's dash type */
    double width;       /**< of the line, in points */
    int shape;          /**< gnuplot's point type */
};

/** The style of that base name; a plain one if there is none. */
const struct ccrnn_paper_style *ccrnn_paper_style_of(const char *base);

/** The number of a style; NULL past the last. */
const struct ccrnn_paper_style *ccrnn_paper_style_number(size_t number);

/** What the figures know of a task. */
struct ccrnn_paper_task {
    const char *name;  /**< in config.yaml */
    const char *word;  /**< first word of its arms in studies of several tasks; NULL: none */
    const char *title; /**< over a panel */
    const char *noun;  /**< of its error: "validation error" */
    const char *unit;  /**< of its error, for gnuplot's double quotes */
    enum ccrnn_report_series_id error; /**< over epochs */
    enum ccrnn_report_series_id mean;  /**< its mean over epochs */
    enum ccrnn_report_series_id final; /**< at the end, one value a run */
    const char *final_noun;
    const char *dysmetria; /**< its measure, a name among ccrnn_report_finals; NULL: none */
    const char *dysmetria_axis;
};

/** An arm and what its name says. */
struct ccrnn_paper_arm {
    const struct ccrnn_report_arm *arm;
    const struct ccrnn_paper_task *task;
    const char *base; /**< name without the task's word and without "key=value" */
    bool swept;       /**< its name has a "key=value" */
};

struct ccrnn_paper_sheet {
    const char *name, *title, *directory;
    double width, height;
    struct ccrnn_report_study *study;
    struct ccrnn_paper_arm *arm; /**< (arms): those with at least one used run */
    size_t arms;
    struct ccrnn_report_text csv, body, caption;
    size_t blocks;                       /**< in csv */
    size_t panels;                       /**< that have a letter */
    size_t drawn;                        /**< panels with data */
    bool listed[CCRNN_PAPER_STYLES_MAX]; /**< styles in the legend */
    double legend_left;                  /**< where the legend begins */
};

/** The axes of a panel and what is drawn in them. */
struct ccrnn_paper_panel {
    struct ccrnn_paper_sheet *sheet;
    char letter;
    double left, top, width, height; /**< of the axes */
    const char *title;               /**< over it, plain text */
    const char *x_label, *y_label;   /**< for gnuplot's double quotes */
    bool log_x, even_y;              /**< even_y: never logarithmic */
    bool loose_y;                    /**< the vertical axis need not begin at 0 */
    double x_least, x_most;          /**< fixed range; NaN: from the data */
    double head;                     /**< room above the data, as a share of the axis */
    struct ccrnn_report_range x, y;
    size_t n_least, n_most; /**< seeds of what is drawn */
    const double *tic;      /**< (tics) places of tics on the horizontal axis; NULL: gnuplot's */
    size_t tics;
    struct ccrnn_report_text tic_names;           /**< "'a' 1, 'b' 2"; empty: none */
    struct ccrnn_report_text back, front, labels; /**< plot elements; gnuplot commands */
};

/** Start a panel in a cell of the sheet. @param letter false: it goes on with the letter before */
void ccrnn_paper_panel_begin(struct ccrnn_paper_sheet *sheet, struct ccrnn_paper_panel *panel,
                             double left, double top, double width, double height, bool letter);

/** Add it to the script, "not run" in its frame if nothing was added. Releases its texts. */
void ccrnn_paper_panel_end(struct ccrnn_paper_panel *panel);

/** A panel that only says "not run". */
void ccrnn_paper_panel_missing(struct ccrnn_paper_panel *panel);

/** Its letter, title and the names of its axes: what panels with plots of their own share. */
void ccrnn_paper_panel_frame(struct ccrnn_paper_panel *panel);

/** Add a row to the data. n and seed: negative is none. */
void ccrnn_paper_row(struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_panel *panel,
                     const double value[4], long long n, long long seed, const char *kind,
                     const char *arm);

/** End a block. @return its number */
size_t ccrnn_paper_block_end(struct ccrnn_paper_sheet *sheet);

/** Have a style in the legend. */
void ccrnn_paper_list(struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_style *style);

/** Rows of the legend of styles listed so far, at the top of the sheet. */
void ccrnn_paper_add_legend(struct ccrnn_paper_sheet *sheet);

/** Begin a paragraph of the caption: "A  " and what follows. */
void ccrnn_paper_caption_panel(struct ccrnn_paper_sheet *sheet,
                               const struct ccrnn_paper_panel *panel);

/** "n = 10" or "n = 3 to 10". */
void ccrnn_paper_add_n(struct ccrnn_report_text *text, size_t least, size_t most);

/* --- arms (paper_arms.c) ------------------------------------------------------------------- */

/** Read the names of the study's arms. */
enum ccrnn_status ccrnn_paper_read_arms(struct ccrnn_paper_sheet *sheet, struct ccrnn_error *err);

/** The tasks by number, NULL past the last. */
const struct ccrnn_paper_task *ccrnn_paper_task_number(size_t number);

/** Tasks of which the sheet has arms, in the order of the table. @return how many */
size_t ccrnn_paper_tasks(const struct ccrnn_paper_sheet *sheet,
                         const struct ccrnn_paper_task **task, size_t most);

/** A number the arm's name ("key=8") or its settings say; NaN. Of "horizon" in steps, at most T. */
double ccrnn_paper_number(const struct ccrnn_paper_arm *arm, const char *key);

/** The arm of that base name; of several, one whose name sweeps nothing, else that of the horizon
 * nearest to a tenth of the sequence. NULL: none. */
const struct ccrnn_paper_arm *ccrnn_paper_find(const struct ccrnn_paper_sheet *sheet,
                                               const struct ccrnn_paper_task *task,
                                               const char *base);

/** Full backpropagation through time: an arm of that name, else the cRNN whose horizon is the whole
 * sequence. NULL: none. */
const struct ccrnn_paper_arm *ccrnn_paper_find_full(const struct ccrnn_paper_sheet *sheet,
                                                    const struct ccrnn_paper_task *task);

/** The arm of that base name and that value of `key`; NULL. */
const struct ccrnn_paper_arm *ccrnn_paper_find_at(const struct ccrnn_paper_sheet *sheet,
                                                  const struct ccrnn_paper_task *task,
                                                  const char *base, const char *key,
                                                  double value);

/** Different values of `key` among the arms of a base name (NULL: of any), rising.
 * @param[out] value in the pool */
enum ccrnn_status ccrnn_paper_values(struct ccrnn_paper_sheet *sheet,
                                     const struct ccrnn_paper_task *task, const char *base,
                                     const char *key, double **value, size_t *count,
                                     struct ccrnn_error *err);

/** The used run whose last value of a series is the median (the lower of two); NULL: none. */
const struct ccrnn_report_run *ccrnn_paper_median_run(const struct ccrnn_paper_arm *arm,
                                                      enum ccrnn_report_series_id series);

/** A study of a few arms with one run each, which ccrnn_report_figure_… take. Release its pool.
 * @param run (arms) */
enum ccrnn_status ccrnn_paper_view(const struct ccrnn_paper_sheet *sheet,
                                   const struct ccrnn_paper_arm *const *arm,
                                   const struct ccrnn_report_run *const *run, size_t arms,
                                   struct ccrnn_report_study *view, struct ccrnn_error *err);

#endif
