/** @file
 * Work that was done twice. A process whose run was taken over while it was stopped throws its work away; it
 * leaves a note, so that the study can count what that cost.
 *
 *     STUDYDIR/lost-work/<token>.json
 */
#ifndef CCRNN_STUDY_LOST_WORK_H
#define CCRNN_STUDY_LOST_WORK_H

#include "study/study.h"

/** Leave the note. One that cannot be written is let go: nothing but the count depends on it. */
void ccrnn_lost_work_note(const struct ccrnn_study *study, const char *directory, size_t index,
                          double seconds, uint64_t epochs);

/** All notes of a study. */
struct ccrnn_lost_work {
    size_t runs;
    double seconds, epochs;
};

/** Add them up; a study without notes has lost nothing. */
struct ccrnn_lost_work ccrnn_lost_work_sum(const char *directory);

#endif
