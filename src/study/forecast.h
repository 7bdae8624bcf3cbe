/** @file
 * How much training is left in a study, and when it will be done: from a survey, without the study file.
 */
#ifndef CCRNN_STUDY_FORECAST_H
#define CCRNN_STUDY_FORECAST_H

#include "study/survey.h"

/** Seconds. What failed is not counted: nobody does it again by itself. */
struct ccrnn_forecast {
    bool
        known; /**< false: no run tells yet how long an epoch takes; what follows but `at_work` is 0 then */
    double *arm;    /**< (arms) of training left, added up over the runs */
    double seconds; /**< of all arms */
    double longest; /**< of the longest run, with what is left of the runs it branches from */
    size_t at_work; /**< runs */
    double
        wait; /**< until all is done, if as many runs stay at work as are now; NaN: nobody is at work */
};

/** An epoch takes what it took in the finished runs of the arm; else in those that were begun; else as long as the
 * arm's arithmetic takes in other arms. Of an arm of which nothing is there study.json has the
 * epochs and the arithmetic.
 * @param[out] forecast free with ccrnn_forecast_free(), also after a failure  @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_forecast_make(const struct ccrnn_survey *survey,
                                      struct ccrnn_forecast *forecast, struct ccrnn_error *err);
void ccrnn_forecast_free(struct ccrnn_forecast *forecast);

#endif
