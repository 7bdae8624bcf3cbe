/** @file
 * For tests of the report: make one of a study in the scratch directory, and look at its files.
 */
#ifndef CCRNN_TESTS_READ_REPORT_H
#define CCRNN_TESTS_READ_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/report.h"

/** What the last report was made of. */
extern struct ccrnn_report_outcome report_outcome;

/** Make a report; fails the test if it fails, skips it if figures are wanted without gnuplot. */
void report_make(const char *study, bool figures);

/** Text of study/name, to be freed; fails the test if there is no such file. */
char *report_text(const char *study, const char *name);

/** True if study/name exists. */
bool report_has(const char *study, const char *name);

/** Fail unless `part` is in `text`; unless it is not. */
void expect_text(const char *text, const char *part);
void refuse_text(const char *text, const char *part);

/** How often. */
size_t count_text(const char *text, const char *part);

/** The columns after `key`, which begins a row, are as expected; NaN: empty. */
void expect_row(const char *csv, const char *key, const double *expected, size_t columns);

#endif
