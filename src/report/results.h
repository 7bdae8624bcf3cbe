/** @file
 * What studies say about their claims, as one Markdown file (docs/results.md).
 */
#ifndef CCRNN_REPORT_RESULTS_H
#define CCRNN_REPORT_RESULTS_H

#include <stddef.h>

#include "ccrnn/status.h"

/** Write the results of study directories, made from their files alone: every figure of the paper in its
 * order, then studies that are no figure. Studies of none of the directories stay as the file says it already, word
 * for word; figures it says nothing of are "not run". The same runs give the same file. Written aside and renamed into place. Figures that `ccrnn reproduce` drew (DIRECTORY/figure)
 * are copied into figures/ beside the file, and shown in it.
 * @param file      of results; its directory is there
 * @param directory (count) of studies, as `ccrnn run` made them
 * @return CCRNN_USAGE: no such directory, no run in it, two directories of one study; CCRNN_FORMAT: a
 *         damaged study.json, or the file is there and is no file of results; CCRNN_IO: cannot write; CCRNN_MEMORY */
enum ccrnn_status ccrnn_results_write(const char *file, const char *const *directory,
                                      size_t count, struct ccrnn_error *err);

#endif
