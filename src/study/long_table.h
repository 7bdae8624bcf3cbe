/** @file
 * All measures of a study as one table in long form: a row for each value, with what tells its run from the others.
 *
 *     arm,hash,seed,<options in which the runs differ>,status,step,split,metric,value
 *
 * Made from config.yaml and metrics.csv of the runs, whose values it copies as they stand; never the truth.
 * An option that does not apply to a run has an empty cell there. A cell with a comma or a quote, such as a list,
 * is quoted as RFC 4180 says.
 */
#ifndef CCRNN_STUDY_LONG_TABLE_H
#define CCRNN_STUDY_LONG_TABLE_H

#include "study/survey.h"

/** What came of it. */
struct ccrnn_long_table {
    size_t runs, rows; /**< in the table */
    size_t left_out[CCRNN_SURVEY_STATES];
    size_t
        refused; /**< runs with a file that is damaged or cannot be read; told to the listener */
};

/** Who gets the text, piece by piece, and hears of runs that are left out. */
struct ccrnn_long_table_listener {
    void *context;
    enum ccrnn_status (*text)(void *context, const char *bytes, size_t size,
                              struct ccrnn_error *err);
    void (*refused)(void *context, const char *message);
};

/** Make the table; one run is in memory at a time. No text at all comes of a study in which no run is taken. All rows
 * of a run are looked at before the first is passed on, so a run is in the table with all of them, or not.
 * @param unfinished take runs that are at work, were stopped, left behind or failed, too, up to their last
 *                   checkpoint: what is behind it will be made again; else those that are done or ended in NaN
 * @return CCRNN_MEMORY; what the listener's `text` returned. A run that cannot be read is left out, no failure */
enum ccrnn_status ccrnn_long_table_make(const struct ccrnn_survey *survey, bool unfinished,
                                        const struct ccrnn_long_table_listener *listener,
                                        struct ccrnn_long_table *table, struct ccrnn_error *err);

#endif
