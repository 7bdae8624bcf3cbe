/** @file
 * What panels of the paper's figures are made of: curves, means with error bars, seeds, tests.
 */
#ifndef CCRNN_REPORT_PAPER_ELEMENTS_H
#define CCRNN_REPORT_PAPER_ELEMENTS_H

#include "report/measures.h"
#include "report/paper_sheet.h"

/** Values of an arm at one place of the horizontal axis, by rising seed. */
struct ccrnn_paper_sample {
    double x;
    const char *arm; /**< for the data file */
    size_t count;
    uint64_t *seed; /**< (count) */
    double *value;  /**< (count) those that are not finite stay out of means */
};

/** How two arms are set against each other, seed by seed. */
enum ccrnn_paper_contrast {
    CCRNN_PAPER_DIFFERENCE, /**< a − b */
    CCRNN_PAPER_RATIO,      /**< a / b */
};

/** How a row of samples is drawn. */
struct ccrnn_paper_look {
    const struct ccrnn_paper_style *style;
    bool line;       /**< through the means */
    bool confidence; /**< bars are 95 % confidence intervals, else standard errors */
    bool seeds;      /**< a dot a seed */
    double beside; /**< the seeds stand so far from the means, as a share of the axis or factor */
};

/** Last values of an arm's used runs. */
enum ccrnn_status ccrnn_paper_sample_of(struct ccrnn_paper_sheet *sheet,
                                        const struct ccrnn_paper_arm *arm,
                                        enum ccrnn_report_series_id series, double x,
                                        struct ccrnn_paper_sample *sample,
                                        struct ccrnn_error *err);

/** Two arms over the seeds both have. */
enum ccrnn_status
ccrnn_paper_sample_contrast(struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_arm *a,
                            const struct ccrnn_paper_arm *b, enum ccrnn_report_series_id series,
                            enum ccrnn_paper_contrast contrast, double x,
                            struct ccrnn_paper_sample *sample, struct ccrnn_error *err);

/** Test a − b over the seeds both have. */
enum ccrnn_status ccrnn_paper_test(struct ccrnn_paper_sheet *sheet,
                                   const struct ccrnn_paper_arm *a,
                                   const struct ccrnn_paper_arm *b,
                                   enum ccrnn_report_series_id series,
                                   struct ccrnn_paired_test *test, struct ccrnn_error *err);

/** A line through means and a band of one standard error; nothing without values.
 * @param point (count) by rising step, which is x @param arm for the data file */
void ccrnn_paper_add_line(struct ccrnn_paper_panel *panel, const struct ccrnn_report_epoch *point,
                          size_t count, const char *arm, const struct ccrnn_paper_style *style);

/** A curve over epochs: mean and a band of one standard error; nothing without values. */
enum ccrnn_status ccrnn_paper_add_curve(struct ccrnn_paper_panel *panel,
                                        const struct ccrnn_paper_arm *arm,
                                        enum ccrnn_report_series_id series,
                                        const struct ccrnn_paper_style *style,
                                        struct ccrnn_error *err);

/** Samples by rising x: means with error bars, and seeds; nothing without finite values. */
void ccrnn_paper_add_samples(struct ccrnn_paper_panel *panel,
                             const struct ccrnn_paper_sample *sample, size_t samples,
                             const struct ccrnn_paper_look *look);

/** Grey lines from a seed of one sample to the same seed of the other. */
void ccrnn_paper_add_pairs(struct ccrnn_paper_panel *panel, const struct ccrnn_paper_sample *a,
                           const struct ccrnn_paper_sample *b);

/** A horizontal line at the mean and a band of one standard error, over the whole axis. */
void ccrnn_paper_add_level(struct ccrnn_paper_panel *panel,
                           const struct ccrnn_paper_sample *sample,
                           const struct ccrnn_paper_style *style);

/** Stars over x: ∗ p < 0.05, ∗∗ < 0.01, ∗∗∗ < 0.001, "ns"; and the numbers into the data.
 * @param row 0 is the highest of several rows @param colour of the stars */
void ccrnn_paper_add_stars(struct ccrnn_paper_panel *panel, double x,
                           const struct ccrnn_paired_test *test, size_t row, const char *colour,
                           const char *arm);

/** "p = 0.04" over a bracket from one x to another; and the numbers into the data. */
void ccrnn_paper_add_bracket(struct ccrnn_paper_panel *panel, double from, double to,
                             const struct ccrnn_paired_test *test, const char *arm);

/** Curves of all these arms of a task (NULL ends them). */
enum ccrnn_status ccrnn_paper_add_curves(struct ccrnn_paper_panel *panel,
                                         const struct ccrnn_paper_task *task,
                                         const char *const *base,
                                         enum ccrnn_report_series_id series,
                                         struct ccrnn_error *err);

/** A sweep of `key`: samples of all arms of that base name.
 * @param place where an arm stands on the horizontal axis */
enum ccrnn_status ccrnn_paper_add_sweep(struct ccrnn_paper_panel *panel,
                                        const struct ccrnn_paper_task *task, const char *base,
                                        const char *key,
                                        double (*place)(const struct ccrnn_paper_arm *),
                                        enum ccrnn_report_series_id series,
                                        struct ccrnn_error *err);

/** The same in a style that is not the arm's. */
enum ccrnn_status ccrnn_paper_add_sweep_as(struct ccrnn_paper_panel *panel,
                                           const struct ccrnn_paper_task *task, const char *base,
                                           const char *key,
                                           double (*place)(const struct ccrnn_paper_arm *),
                                           enum ccrnn_report_series_id series,
                                           const struct ccrnn_paper_style *style,
                                           struct ccrnn_error *err);

#endif
