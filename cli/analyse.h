/** @file
 * What `ccrnn analyse` found, between the file that measures and those that print and write.
 */
#ifndef CCRNN_CLI_ANALYSE_H
#define CCRNN_CLI_ANALYSE_H

#include "study/analysis.h"
#include "study/run_open.h"
#include "study/trajectory.h"

enum { CLI_VALUES_MAX = 64, CLI_VALUE_NAME = 64 };

/** Named values, in order. */
struct cli_values {
    struct {
        char name[CLI_VALUE_NAME];
        double value;
    } row[CLI_VALUES_MAX];
    size_t count;
};

struct cli_analysis {
    const char *directory; /**< of the run */
    struct ccrnn_opened_run run;
    bool probed;                 /**< false of captions: only learning and weights */
    struct ccrnn_network *first; /**< before learning; NULL: its weights are not to be had */
    struct ccrnn_analysis now, before;
    struct ccrnn_trajectory trajectory;
    struct cli_values activity, activity_before; /**< the same names in both */
    struct cli_values movement;                  /**< of the same trials: dysmetria, or answers */
    const char *curve;                           /**< the measure learning is told by */
    struct cli_values learning;
};

/** A row of values; adds nothing beyond CLI_VALUES_MAX. @param context struct cli_values */
void cli_values_add(void *context, const char *name, double value);

void cli_analysis_print(const struct cli_analysis *analysis);
void cli_analysis_print_json(const struct cli_analysis *analysis);

/** The CSV files (listed in `ccrnn analyse --help`), into a directory that is made if need be.
 * @return CCRNN_IO, CCRNN_MEMORY */
enum ccrnn_status cli_analysis_write(const struct cli_analysis *analysis, const char *directory,
                                     struct ccrnn_error *err);

#endif
