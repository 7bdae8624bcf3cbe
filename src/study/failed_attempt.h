/** @file
 * Attempts at a run that failed before the run could say so itself: its directory cannot be made or written, its
 * checkpoints are damaged, the arm it branches from ended early. Of a run that is done and was to be extended,
 * run.json goes on to tell of the result; the note tells of the attempt.
 *
 *     STUDYDIR/failed-attempts/<arm>-<hash>/<seed>.json
 *
 * A note names the session run.json told of when the attempt failed. Once a later one has begun, or run.json was
 * removed, it says nothing any more; who ends an attempt well removes it. So there is at most one a run, and none
 * where the study's directory cannot be written.
 */
#ifndef CCRNN_STUDY_FAILED_ATTEMPT_H
#define CCRNN_STUDY_FAILED_ATTEMPT_H

#include "study/run.h"
#include "study/study.h"

struct ccrnn_failed_attempt {
    bool nonfinite;  /**< the run cannot begin, because the one it branches from ended in NaN */
    uint64_t token;  /**< of the session that run.json told of; 0: there was none */
    uint64_t epochs; /**< that were asked for */
    char *message;   /**< what was said */
    char *config;    /**< the options, as in config.yaml */
};

/** Leave the note of run `index`, in the place of an earlier one. One that cannot be written is let go: the message
 * was printed.
 * @param status of the attempt  @param token as in struct ccrnn_run_outcome */
void ccrnn_failed_attempt_note(const struct ccrnn_study *study, const char *directory,
                               size_t index, enum ccrnn_status status, uint64_t token,
                               const char *message);

/** An attempt at run `index` ended well: remove its note, if there is one. */
void ccrnn_failed_attempt_forget(const struct ccrnn_study *study, const char *directory,
                                 size_t index);

/** Has a study any notes? */
bool ccrnn_failed_attempts_exist(const char *directory);

/** Read the note of a run.
 * @param arm its directory below that of the study  @param hash of the arm's options
 * @param[out] attempt if true: free with ccrnn_failed_attempt_free()
 * @return false: there is none, or it is damaged */
bool ccrnn_failed_attempt_read(const char *directory, const char *arm, const char *hash,
                               uint64_t seed, struct ccrnn_failed_attempt *attempt);
void ccrnn_failed_attempt_free(struct ccrnn_failed_attempt *attempt);

#endif
