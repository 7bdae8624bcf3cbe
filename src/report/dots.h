/** @file
 * What figures of dots share: a row an arm, a dot a seed, the mean with its confidence interval.
 */
#ifndef CCRNN_REPORT_DOTS_H
#define CCRNN_REPORT_DOTS_H

#include "report/figures.h"

/** Smallest and largest value of a seed; start with +INFINITY and −INFINITY. */
struct ccrnn_report_range {
    double smallest, largest;
};

/** Take a value into the range unless it is not finite. */
void ccrnn_report_widen(struct ccrnn_report_range *range, double value);

/** Add an arm's block to the data of a panel: `dots` of the columns seed, value, row, arm and a
 * line of `means`: n, mean, ci_low, ci_high, row, arm. @param scratch (arm->runs) */
void ccrnn_report_add_dots(struct ccrnn_report_text *dots, struct ccrnn_report_text *means,
                           const struct ccrnn_report_arm *arm, size_t row,
                           enum ccrnn_report_series_id series, double *scratch,
                           struct ccrnn_report_range *range);

/** Set the range of an axis ("x" or "y") to the values and a rim, and define above(v), which keeps v
 * on it. */
void ccrnn_report_add_narrow_axis(struct ccrnn_report_text *script, const char *axis,
                                  const struct ccrnn_report_range *range);

/** Name the rows. @param brief by their brief labels @param characters of a name drawn at most */
void ccrnn_report_add_arm_tics(struct ccrnn_report_text *script,
                               const struct ccrnn_report_study *study, bool brief,
                               size_t characters);

/** Plot panel number `panel` of the figure's data. The script has a function above(v) that keeps
 * v on the axis. @param size of the symbols, 1 is usual */
void ccrnn_report_add_dots_plot(struct ccrnn_report_text *script,
                                const struct ccrnn_report_study *study,
                                const struct ccrnn_report_figure *figure, size_t panel,
                                double size);

#endif
