/** @file
 * The tasks of a study: each has a section of the report to itself.
 */
#ifndef CCRNN_REPORT_TASK_H
#define CCRNN_REPORT_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include "report/collect.h"

/** What the report knows of a task. */
struct ccrnn_report_task {
    const char *name;       /**< in config.yaml */
    const char *title;      /**< as a heading */
    const char *class_noun; /**< what a class is called: "cue" or "digit" */
    const char *length;     /**< the unit of its lengths */
    const char *remark;     /**< of that unit, a sentence, HTML; or "" */
    const char *headline;   /**< the measure of the summary sentence; NULL: the first with data */
    bool templates;         /**< its targets are polylines that overlap: a panel a class */
    bool answers;           /**< its runs name a class: answers.csv, no drawings */
    bool captions;          /**< its runs say captions: captions.csv, and measures of their own */
};

/** The task of that name; one of no name if it is not known. */
const struct ccrnn_report_task *ccrnn_report_task_of(const char *name);

/** The known tasks, by number; NULL past the last. */
const struct ccrnn_report_task *ccrnn_report_task_number(size_t number);

/** Split a study by task: for each task a study of its arms alone, with its own counts, colours
 * and order of arms. They share the runs with the whole study, which must outlive them.
 * @param[out] view (views) in the study's pool; release it with ccrnn_report_views_release, after
 *             failure too */
enum ccrnn_status ccrnn_report_split(struct ccrnn_report_study *study,
                                     struct ccrnn_report_study **view, size_t *views,
                                     struct ccrnn_error *err);

void ccrnn_report_views_release(struct ccrnn_report_study *view, size_t views);

#endif
