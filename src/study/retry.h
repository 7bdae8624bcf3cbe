/** @file
 * What is run again of a study, without its study file: what failed, was interrupted or was left behind, with the
 * options in each run's own config.yaml.
 */
#ifndef CCRNN_STUDY_RETRY_H
#define CCRNN_STUDY_RETRY_H

#include "study/survey.h"

/** A run that cannot be run again, and why. */
struct ccrnn_retry_refusal {
    size_t run; /**< of the survey */
    struct ccrnn_error why;
};

struct ccrnn_retry {
    /** What ccrnn_study_execute() takes. An arm is there as often as its runs have different options (after an
     * extension of some of them), and so are arms that others branch from. */
    struct ccrnn_study study;
    bool *wanted; /**< (runs of the study): study.wanted */
    bool *chosen; /**< (runs of the survey) */
    size_t chosen_count;
    size_t count[CCRNN_SURVEY_STATES]; /**< chosen, by how they stand */
    size_t watched; /**< of these, held elsewhere: watched before they are taken over */
    double watch;   /**< seconds that takes at most */
    size_t
        waiting; /**< nothing is there of them but, at most, a lease: their options are not known */
    size_t refusal_count;
    struct ccrnn_retry_refusal *refusal;
};

/** Choose the runs. @param[in] survey outlives the plan
 * @param[out] retry free with ccrnn_retry_free(), also after a failure
 * @return CCRNN_MEMORY. A run that cannot be run again is a refusal, no failure */
enum ccrnn_status ccrnn_retry_plan(const struct ccrnn_survey *survey, struct ccrnn_retry *retry,
                                   struct ccrnn_error *err);
void ccrnn_retry_free(struct ccrnn_retry *retry);

#endif
