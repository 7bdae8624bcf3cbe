/** @file
 * What lies in the directory of a study and is none of it: after the study file was edited, say. Only looked at,
 * never touched.
 */
#ifndef CCRNN_STUDY_LEFTOVERS_H
#define CCRNN_STUDY_LEFTOVERS_H

#include "study/study.h"

/** Say what a study that is about to be run in a directory leaves out of what is there: directories of runs that are
 * no arm of it, and seeds of study.json that go because the arms are others now. Besides, which seeds stay though the
 * study file does not have them, and whose directory it was. Processes with parts of the seeds or other epochs of one
 * study have nothing to say to each other.
 * @param[out] text lines, each ending with a newline; NULL: nothing is to be said. Freed by the caller
 * @return CCRNN_MEMORY. What cannot be read is for those to tell who need it */
enum ccrnn_status ccrnn_study_leftovers(const struct ccrnn_study *study, const char *directory,
                                        char **text, struct ccrnn_error *err);

#endif
