/** @file
 * Which run of a study is next. The runs of a study are a queue that every process keeps for itself; the
 * leases of the runs (lease.h) keep two processes from working on one.
 *
 * Longest first, so that no long run is begun when the others are done; runs whose times differ by less than a
 * quarter count as equally long, and go seed by seed, so that half a study has all its arms. A run that
 * branches waits for the one it branches from. Not for several threads at once: the caller has a mutex.
 */
#ifndef CCRNN_STUDY_QUEUE_H
#define CCRNN_STUDY_QUEUE_H

#include "study/cost.h"
#include "study/lease.h"

struct ccrnn_queue;

/** What the queue knows of a run. */
struct ccrnn_queued {
    enum {
        CCRNN_QUEUED_WAITS,
        CCRNN_QUEUED_RUNS,      /**< in this process */
        CCRNN_QUEUED_ELSEWHERE, /**< in another one, when this one last looked */
        CCRNN_QUEUED_ENDED
    } progress;
    enum ccrnn_status status; /**< once it has ended */
    bool complete;            /**< was so when the queue was made */
    uint64_t sessions;        /**< that had worked on it by then */
    double done;              /**< its own epochs finished by then */
    double look_at;           /**< when to look again at one elsewhere (monotonic seconds) */
    struct ccrnn_lease_watch watch;
    unsigned looks;      /**< at a run elsewhere, as far as they count */
    bool held;           /**< elsewhere, by a process that was seen to live */
    uint64_t first_seen; /**< of the watch, when this process looked first; 0: not yet */
};

/** What to do now. */
enum ccrnn_queue_turn {
    CCRNN_QUEUE_RUN,  /**< this run is yours, and counts as at work */
    CCRNN_QUEUE_WAIT, /**< until a run at work ends, or the time given */
    CCRNN_QUEUE_END   /**< nothing is left */
};

/** Read what the directory tells of every run; those that are not wanted have ended. @param[out] queue NULL on failure; borrows the study
 * @return CCRNN_MEMORY, CCRNN_USAGE (path too long) */
enum ccrnn_status ccrnn_queue_create(const struct ccrnn_study *study, const char *directory,
                                     struct ccrnn_queue **queue, struct ccrnn_error *err);
void ccrnn_queue_destroy(struct ccrnn_queue *queue);

/** What is next. @param now monotonic seconds  @param[out] index of the run  @param[out] until when to ask again */
enum ccrnn_queue_turn ccrnn_queue_next(struct ccrnn_queue *queue, double now, size_t *index,
                                       double *until);

/** What is known of a run. */
struct ccrnn_queued *ccrnn_queue_at(struct ccrnn_queue *queue, size_t index);

/** Another process has it: look again soon, and then ever later, up to about a second. With more such runs each is looked at more seldom, so that many
 * processes that wait for many runs cost the file system little. */
void ccrnn_queue_elsewhere(struct ccrnn_queue *queue, size_t index, double now);

/** For a process that does not wait: if every run elsewhere is `held`, look at all of them once more, now. */
bool ccrnn_queue_look_again(struct ccrnn_queue *queue);

/** It has ended; after `seconds` for `epochs` in this process, 0 and 0 if it was not this one. */
void ccrnn_queue_end(struct ccrnn_queue *queue, size_t index, enum ccrnn_status status,
                     double seconds, double epochs);

/** How many runs are at work in this process, in others, and have not been begun by anybody. */
void ccrnn_queue_count(const struct ccrnn_queue *queue, size_t *here, size_t *elsewhere,
                       size_t *waiting);

#endif
