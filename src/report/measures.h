/** @file
 * The measures a report shows, and their values per run, arm and epoch.
 */
#ifndef CCRNN_REPORT_MEASURES_H
#define CCRNN_REPORT_MEASURES_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/statistics.h"
#include "report/collect.h"

/** Units; those of lengths are the task's. */
enum ccrnn_report_unit {
    CCRNN_UNIT_NONE,
    CCRNN_UNIT_LENGTH,
    CCRNN_UNIT_SQUARED_LENGTH,
    CCRNN_UNIT_RADIANS,
    CCRNN_UNIT_NATS,
    CCRNN_UNIT_BITS_PER_WORD,
};

/** One measure: a curve over epochs, or one value per run. */
struct ccrnn_report_measure {
    const char *name;       /**< of its files, e.g. "final-training-error" */
    const char *title;      /**< as a heading */
    const char *noun;       /**< in a sentence: "training error" */
    const char *axis;       /**< axis label without its unit */
    const char *panel;      /**< short, over a small panel; NULL: not one of the family */
    const char *definition; /**< one sentence, HTML */
    enum ccrnn_report_series_id series;
    enum ccrnn_report_series_id
        fallback; /**< where not every run has `series`; may be the same */
    enum ccrnn_report_unit unit;
    bool figure;   /**< a figure of its own */
    bool captions; /**< of the task captions only; without it: of all others only */
    bool any;      /**< of every task */
    bool narrow;   /**< its values differ by little of their size: axes need not begin at 0 */
    const char *better; /**< which side is better, a sentence; NULL: not told */
};

/** Curves over epochs, in the order of the page. To add one, add its line in measures.c. */
extern const struct ccrnn_report_measure ccrnn_report_curves[];
extern const size_t ccrnn_report_curve_count;

/** Values at the end of a run, in the order of the page. To add one, add its line there. */
extern const struct ccrnn_report_measure ccrnn_report_finals[];
extern const size_t ccrnn_report_final_count;

/** The measure of that name among the finals; NULL if there is none. */
const struct ccrnn_report_measure *ccrnn_report_final(const char *name);

/** Is more of it better? Where nobody says so, less is. */
bool ccrnn_report_higher_is_better(const struct ccrnn_report_measure *measure);

struct ccrnn_report_text;

/** Add the axis label with its unit: plain text. */
void ccrnn_report_add_axis(struct ccrnn_report_text *text, const struct ccrnn_report_study *study,
                           const struct ccrnn_report_measure *measure);

/** Significant digits of a mean of this measure. */
int ccrnn_report_digits(const struct ccrnn_report_measure *measure);

/** The series a measure is read from in this study: `series` if every used run has it, else
 * `fallback`. */
enum ccrnn_report_series_id ccrnn_report_series_of(const struct ccrnn_report_study *study,
                                                   const struct ccrnn_report_measure *measure);

/** True if at least one used run has a finite value. */
bool ccrnn_report_has_data(const struct ccrnn_report_study *study,
                           enum ccrnn_report_series_id series);

/** True if the measure is one of the study's task and at least one used run has a finite value. */
bool ccrnn_report_shows(const struct ccrnn_report_study *study,
                        const struct ccrnn_report_measure *measure);

/** A run's last value, NaN if it has none. */
double ccrnn_report_last(const struct ccrnn_report_run *run, enum ccrnn_report_series_id id);

/** Summary over an arm's used runs of their last values.
 * @param scratch (arm->runs) */
void ccrnn_report_summarise_arm(const struct ccrnn_report_arm *arm,
                                enum ccrnn_report_series_id series, double *scratch,
                                struct ccrnn_summary *summary);

/** Test a − b over the seeds that have a used run in both arms; seeds in only one of them are
 * not counted as missing.
 * @param scratch (2·min(a->runs, b->runs)) */
void ccrnn_report_compare_arms(const struct ccrnn_report_arm *a, const struct ccrnn_report_arm *b,
                               enum ccrnn_report_series_id series, double *scratch,
                               struct ccrnn_paired_test *test);

/** One epoch of an arm. */
struct ccrnn_report_epoch {
    uint64_t step;
    struct ccrnn_summary summary; /**< over the used runs that have a value at this step */
};

/** The mean curve of an arm.
 * @param[out] epoch in the pool, NULL if count is 0 */
enum ccrnn_status ccrnn_report_mean_curve(struct ccrnn_report_pool *pool,
                                          const struct ccrnn_report_arm *arm,
                                          enum ccrnn_report_series_id id,
                                          struct ccrnn_report_epoch **epoch, size_t *count,
                                          struct ccrnn_error *err);

/** A run's value of a class, NaN if it has none. */
double ccrnn_report_class_value_of(const struct ccrnn_report_run *run,
                                   enum ccrnn_report_series_id series, int64_t cue,
                                   int64_t chosen);

/** The classes of which a used run has a value (finite or not) of this series, rising.
 * @param[out] cue in the pool, NULL if count is 0 */
enum ccrnn_status ccrnn_report_list_classes(struct ccrnn_report_study *study,
                                            enum ccrnn_report_series_id series, int64_t **cue,
                                            size_t *count, struct ccrnn_error *err);

/** True if a used run has values per class. */
bool ccrnn_report_has_classes(const struct ccrnn_report_study *study);

/** Summary over an arm's used runs of their value of a class. @param scratch (arm->runs) */
void ccrnn_report_summarise_class(const struct ccrnn_report_arm *arm,
                                  enum ccrnn_report_series_id series, int64_t cue,
                                  double *scratch, struct ccrnn_summary *summary);

/** Test a − b of a class over the seeds that have a used run in both arms, as
 * ccrnn_report_compare_arms. */
void ccrnn_report_compare_class(const struct ccrnn_report_arm *a,
                                const struct ccrnn_report_arm *b,
                                enum ccrnn_report_series_id series, int64_t cue, double *scratch,
                                struct ccrnn_paired_test *test);

/** The largest number of runs of any arm. */
size_t ccrnn_report_most_runs(const struct ccrnn_report_study *study);

#endif
