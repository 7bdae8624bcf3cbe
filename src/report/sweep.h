/** @file
 * Sweeps of the feedback horizon: arms that differ in nothing else form a group.
 */
#ifndef CCRNN_REPORT_SWEEP_H
#define CCRNN_REPORT_SWEEP_H

#include "report/collect.h"

/** Find brief label, horizon, group and colour of every arm. The study is a sweep if a group has at least two
 * horizons; then a group has one hue, lighter for longer horizons; else every arm has its own. */
enum ccrnn_status ccrnn_report_find_sweep(struct ccrnn_report_study *study,
                                          struct ccrnn_error *err);

/** Number of groups. */
size_t ccrnn_report_groups(const struct ccrnn_report_study *study);

/** True if a page compares these two: in a sweep, arms of the same horizon from different groups;
 * else any two of few arms, of many those with the first. */
bool ccrnn_report_compares(const struct ccrnn_report_study *study, size_t a, size_t b);

#endif
