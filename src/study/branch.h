/** @file
 * Arms that branch from another arm: `branch_from` of a study's arms.
 *
 * A branch of epoch E begins with everything the other arm's run of the same seed had after epoch E: weights,
 * moments, metrics up to there, best weights. So the other arm keeps epoch-E.safetensors and, where
 * its best epoch is an earlier one, best-E.safetensors.
 */
#ifndef CCRNN_STUDY_BRANCH_H
#define CCRNN_STUDY_BRANCH_H

#include "study/study.h"

/** Find every arm's parent, check that the two can follow one another, let the parent keep the checkpoints that
 * are needed, and give the arms their final hash and directory. In sweeps, a branch goes from the arm that has
 * the same values of all keys the other one is swept over.
 * @param[in] filename for messages
 * @return CCRNN_USAGE: no such arm, a circle, arms that differ in what a network is or sees, too many epochs to
 * keep */
enum ccrnn_status ccrnn_branches_connect(struct ccrnn_study *study, const char *filename,
                                         struct ccrnn_error *err);

/** Name of the file of the best weights that go with a kept checkpoint. @param[out] name `size` bytes */
void ccrnn_branch_best_name(uint64_t epoch, char *name, size_t size);

/** Hash and directory of an arm from its name and configuration. */
void ccrnn_study_arm_settle(struct ccrnn_study_arm *arm);

#endif
