/** @file
 * Is there room on the disk for what a study is going to record? Asked before anything runs.
 */
#ifndef CCRNN_STUDY_RECORD_SPACE_H
#define CCRNN_STUDY_RECORD_SPACE_H

#include "study/study.h"

/** Bytes. */
struct ccrnn_record_space {
    double
        runs; /**< recordings of all wanted runs that are not complete: ccrnn_record_bytes() each */
    double
        needed; /**< runs, and the largest of them once more for every run at work: when a run ends, its
                        parts and its record.h5 are there at the same time */
    double free;  /**< what the file system has for this user, less a margin */
    size_t count; /**< of these runs */
};

enum { CCRNN_RECORD_MARGIN_MB = 256 };

/** @param[in] directory of the study; it need not exist
 *  @param jobs runs at the same time
 *  @return CCRNN_IO: the file system cannot be asked */
enum ccrnn_status ccrnn_record_space_find(const struct ccrnn_study *study, const char *directory,
                                          unsigned jobs, struct ccrnn_record_space *space,
                                          struct ccrnn_error *err);

/** @return CCRNN_USAGE with both numbers and what to reduce, if it does not fit */
enum ccrnn_status ccrnn_record_space_check(const struct ccrnn_record_space *space,
                                           struct ccrnn_error *err);

/** "1.5 GB" @param[out] text 32 bytes @return text */
const char *ccrnn_record_size(double bytes, char *text);

#endif
