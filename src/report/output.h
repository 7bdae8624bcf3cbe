/** @file
 * Where a report goes: everything is made in a hidden directory beside its place, and moved there
 * once it is complete.
 */
#ifndef CCRNN_REPORT_OUTPUT_H
#define CCRNN_REPORT_OUTPUT_H

#include <stdbool.h>

#include "base/file.h"
#include "ccrnn/status.h"

struct ccrnn_report_output {
    char directory[CCRNN_PATH_MAX]; /**< the report's place */
    char staging[CCRNN_PATH_MAX];   /**< hidden, inside it */
    char figures[CCRNN_PATH_MAX];   /**< staging/figures */
    char tables[CCRNN_PATH_MAX];    /**< staging/tables */
    bool made;                      /**< `directory` was not there before */
};

/** Make the directories. @param out NULL: study/report */
enum ccrnn_status ccrnn_report_output_open(struct ccrnn_report_output *output, const char *study,
                                           const char *out, struct ccrnn_error *err);

/** Move figures, tables, then report.html to their place; remove figures and tables of an earlier
 * report that this one does not have. Other files stay. */
enum ccrnn_status ccrnn_report_output_publish(struct ccrnn_report_output *output,
                                              struct ccrnn_error *err);

/** Remove the hidden directory with what is left in it, and after a failure the report's directory
 * if it was made for this report. Call it in any case, once. */
void ccrnn_report_output_close(struct ccrnn_report_output *output, bool failed);

#endif
