/** @file
 * What a run does with its task: learn for an epoch, validate, be tested. Two kinds: trials of one length
 * (course_trials.c) and captions (course_captions.c). run.c knows neither.
 */
#ifndef CCRNN_STUDY_COURSE_H
#define CCRNN_STUDY_COURSE_H

#include "study/data.h"
#include "study/evaluate.h"

enum { CCRNN_LESSON_ROWS = 2 };

/** What an epoch of learning brought: means over its batches. */
struct ccrnn_lesson {
    struct ccrnn_step_report mean;
    struct {
        const char *name;
        double value;
    } row[CCRNN_LESSON_ROWS]; /**< for metrics.csv; the first is shown to people */
    size_t rows;
};

struct ccrnn_course;

/** The operations of a kind of course. */
struct ccrnn_course_kind {
    void (*close)(struct ccrnn_course *course);

    /** Measure what is to be known before learning; ccrnn_course_kind.rows then hands it out. NULL: nothing
     * is. */
    enum ccrnn_status (*begin)(struct ccrnn_course *course, struct ccrnn_network *network,
                               struct ccrnn_error *err);

    /** @return CCRNN_NONFINITE, with the batch */
    enum ccrnn_status (*train)(struct ccrnn_course *course, struct ccrnn_network *network,
                               uint64_t epoch, struct ccrnn_lesson *lesson,
                               struct ccrnn_error *err);

    /** @param[out] error what decides which epoch is the best: the smallest */
    enum ccrnn_status (*validate)(struct ccrnn_course *course, struct ccrnn_network *network,
                                  uint64_t epoch, double *error, struct ccrnn_error *err);

    /** @param directory where files of examples go; NULL: measure only */
    enum ccrnn_status (*test)(struct ccrnn_course *course, struct ccrnn_network *network,
                              const char *directory, double *error, struct ccrnn_error *err);

    /** The rows of the last beginning, validation or test. */
    void (*rows)(const struct ccrnn_course *course, ccrnn_evaluation_row *row, void *context);

    /** Write what a run must have beside its checkpoints, or check that it is what it was; NULL: nothing.
     * @return CCRNN_USAGE: it is not */
    enum ccrnn_status (*settle)(const struct ccrnn_course *course, const char *directory,
                                struct ccrnn_error *err);

    bool tests_best; /**< tested are the weights of the best epoch, not of the last */
};

/** The beginning of every course. */
struct ccrnn_course {
    const struct ccrnn_course_kind *kind;
};

/** Open the course of a run.
 * @param[in] config kept by pointer; @param[in] data what it points to is kept
 * @param[out] course NULL on failure; end it with course->kind->close(course)
 * @return as ccrnn_trials_open() and ccrnn_caption_trials_open() */
enum ccrnn_status ccrnn_course_open(const struct ccrnn_run_config *config,
                                    const struct ccrnn_run_data *data, uint64_t seed,
                                    struct ccrnn_course **course, struct ccrnn_error *err);

enum ccrnn_status ccrnn_course_open_trials(const struct ccrnn_run_config *config,
                                           const struct ccrnn_run_data *data, uint64_t seed,
                                           struct ccrnn_course **course, struct ccrnn_error *err);
enum ccrnn_status ccrnn_course_open_captions(const struct ccrnn_run_config *config,
                                             const struct ccrnn_run_data *data, uint64_t seed,
                                             struct ccrnn_course **course,
                                             struct ccrnn_error *err);

/** Add a batch's report to the mean over `batches`. */
void ccrnn_lesson_add(struct ccrnn_lesson *lesson, const struct ccrnn_step_report *report,
                      double batches);

#endif
