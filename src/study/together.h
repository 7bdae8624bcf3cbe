/** @file
 * One run trained by several ranks together (ccrnn/ranks.h). Rank 0 conducts it, as it would alone: it claims the
 * directory, writes checkpoints and metrics, and tests. The others follow: they have the same weights, and learn
 * and validate when rank 0 does. They write nothing.
 */
#ifndef CCRNN_STUDY_TOGETHER_H
#define CCRNN_STUDY_TOGETHER_H

#include "ccrnn/ranks.h"
#include "study/course.h"
#include "study/study.h"

/** Opaque; one a rank, used from one thread at a time. */
struct ccrnn_together;

/** @param[in] ranks kept by pointer
 *  @param[out] together close it with ccrnn_together_close(); NULL on failure
 *  @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_together_open(const struct ccrnn_ranks *ranks,
                                      struct ccrnn_together **together, struct ccrnn_error *err);
/** NULL is fine. */
void ccrnn_together_close(struct ccrnn_together *together);

/** Can all runs of a study be trained by `ranks` together?
 * @return CCRNN_USAGE with the arm: not of captions, with an intervention, batches of fewer rows */
enum ccrnn_status ccrnn_together_check(const struct ccrnn_study *study, size_t ranks,
                                       struct ccrnn_error *err);

/** How many ranks; NULL: 1. */
size_t ccrnn_together_count(const struct ccrnn_together *together);

/** What the network of a run is made with; NULL: it is not split. */
const struct ccrnn_ranks *ccrnn_together_ranks(const struct ccrnn_together *together);

/** Was any rank asked to stop? */
bool ccrnn_together_stop(const struct ccrnn_together *together);

/* --- rank 0; with NULL, all but the learning itself is left out ---------------------------- */

/** A run of the study, as the others must have it. */
struct ccrnn_together_run {
    const char *hash; /**< of its arm */
    uint64_t seed;
    uint64_t fingerprint; /**< of its data */
};

/** The others make themselves ready, and get weights, moments and masks.
 * @return CCRNN_OK; else the failure of the first rank that could not, with its number */
enum ccrnn_status ccrnn_together_begin(struct ccrnn_together *together,
                                       const struct ccrnn_together_run *run,
                                       struct ccrnn_network *network, struct ccrnn_error *err);

/** All learn for an epoch.
 * @return as ccrnn_course_kind.train; CCRNN_FAILED: the ranks' weights are not the same afterwards */
enum ccrnn_status ccrnn_together_train(struct ccrnn_together *together,
                                       struct ccrnn_course *course, struct ccrnn_network *network,
                                       uint64_t epoch, struct ccrnn_lesson *lesson,
                                       struct ccrnn_error *err);

/** All validate. @return as ccrnn_course_kind.validate */
enum ccrnn_status ccrnn_together_validate(struct ccrnn_together *together,
                                          struct ccrnn_course *course,
                                          struct ccrnn_network *network, uint64_t epoch,
                                          double *error, struct ccrnn_error *err);

/** The others are done with the run; nothing to do if they have not begun it. */
void ccrnn_together_end(struct ccrnn_together *together);

/** There is no further run: the others return from ccrnn_together_follow(). */
void ccrnn_together_leave(struct ccrnn_together *together);

/* --- the others ---------------------------------------------------------------------------- */

/** What a rank needs to follow. */
struct ccrnn_follower {
    struct ccrnn_study *study; /**< arms of captions get to know their vocabulary */
    const char *data;          /**< directory of the study's data; may be NULL */
    int threads;               /**< of a step */
    void *context;
    bool (*stop)(void *context); /**< was this rank asked to stop? May be NULL. */
};

/** Do as rank 0 says, until it leaves. What fails here is said by rank 0. */
void ccrnn_together_follow(struct ccrnn_together *together,
                           const struct ccrnn_follower *follower);

#endif
