/** @file
 * The runs of a study, which are numbered: all arms of the first seed, then of the second, …
 */
#ifndef CCRNN_STUDY_RUN_LIST_H
#define CCRNN_STUDY_RUN_LIST_H

#include "study/study.h"

/** Number of runs: arms × seeds. */
size_t ccrnn_study_run_count(const struct ccrnn_study *study);
/** Is run `index` to be run? And how many are? */
bool ccrnn_study_run_wanted(const struct ccrnn_study *study, size_t index);
size_t ccrnn_study_wanted_count(const struct ccrnn_study *study);
/** Arm and seed of run `index`. */
const struct ccrnn_study_arm *ccrnn_study_run_arm(const struct ccrnn_study *study, size_t index);
uint64_t ccrnn_study_run_seed(const struct ccrnn_study *study, size_t index);

/** The run whose kept checkpoint run `index` begins with; SIZE_MAX: none, or it branches before epoch 1. */
size_t ccrnn_study_run_parent(const struct ccrnn_study *study, size_t index);

/** Directory of a run: DIRECTORY/<arm>-<hash>/<seed>. CCRNN_USAGE if it is too long. */
enum ccrnn_status ccrnn_study_run_directory(const struct ccrnn_study *study,
                                            const char *directory, size_t index, char *path,
                                            size_t size, struct ccrnn_error *err);

/** Has run `index` nothing left to do: as many epochs as asked for, or ended in NaN? */
bool ccrnn_study_run_is_complete(const struct ccrnn_study *study, const char *directory,
                                 size_t index);

/** Nothing is left to do: every wanted run is done with all its epochs, or not finite. */
bool ccrnn_study_is_complete(const struct ccrnn_study *study, const char *directory);

#endif
