/** @file
 * All runs of a study, several at a time: one thread a run; any number of processes, on any number of machines,
 * may do this on one directory at the same time and share the runs (lease.h).
 */
#ifndef CCRNN_STUDY_WORKERS_H
#define CCRNN_STUDY_WORKERS_H

#include "study/run.h"
#include "study/run_list.h"

/** Called one at a time, whatever the number of workers. Any function may be NULL. `index` counts the
 * runs: all arms of the first seed, then of the second, … */
struct ccrnn_workers_listener {
    void *context;
    /** The data are there; `text` (lines) says what was found and left out, "" if that is not worth a word. */
    void (*loaded)(void *context, const char *text);
    void (*began)(void *context, size_t index);
    void (*epoch)(void *context, size_t index, const struct ccrnn_epoch *epoch);
    void (*note)(void *context, size_t index, const char *message);
    /** Nothing is left to begin, and so many runs are at work in other processes: their end is waited for. */
    void (*waits)(void *context, size_t runs);
    /** `first_epoch` tells how much was there before. */
    void (*finished)(void *context, size_t index, const struct ccrnn_run_outcome *outcome,
                     enum ccrnn_status status, const struct ccrnn_error *err);
    /** True: let the runs at work write a checkpoint, begin no more. Must be callable from any
     * thread at any time. */
    bool (*stop)(void *context);
    /** Told once, soon after stop() was true or a failure ended all: so many runs are at work here, and stop after
     * their epoch. Not told of none. */
    void (*stopping)(void *context, size_t runs);
};

struct ccrnn_workers {
    const char *directory;   /**< of the study */
    const char *data;        /**< directory of MNIST, for arms with `images: mnist` */
    unsigned jobs;           /**< runs at the same time, ≥ 1 */
    const char *const *argv; /**< for run.json; ends with NULL */
    struct ccrnn_workers_listener listener;
    double stale; /**< of leases (s); 0: CCRNN_LEASE_STALE */
    bool
        no_wait; /**< runs at work in other processes are left to them, once these are seen to live:
                         CCRNN_BUSY */
    bool fail_fast; /**< after a run that fails none is begun, and those at work are stopped */
    struct ccrnn_together
        *together;    /**< ranks that train every run together, one after another; `jobs` is then
                        the number of threads of a step. NULL: this process alone */
    bool other_ranks; /**< runs may go on with another number of ranks than they had */
};

/** How the runs of a study ended. */
struct ccrnn_workers_result {
    size_t done;      /**< by this process: published once, by nobody else */
    size_t already;   /**< complete before */
    size_t elsewhere; /**< by other processes while this one worked */
    size_t nonfinite, failed;
    size_t busy;       /**< at work in other processes */
    size_t left;       /**< stopped, or not begun */
    size_t taken_over; /**< begun where another process had not given them back */
    size_t lost;       /**< taken over by another process: what this one did was thrown away */
    double
        lost_seconds; /**< processor time of what was thrown away, which is what came after the last checkpoints */
};

/** Run what is wanted and not finished, the longest first (cost.h); of about equal ones, seed by seed. A run that fails does
 * not keep the others from running, and is not tried twice. Returns when nothing is left to do, also by others.
 * @return CCRNN_OK if all are done; else the status of the gravest: CCRNN_INTERRUPTED if asked to stop,
 * the first failure, CCRNN_BUSY, CCRNN_NONFINITE; `err` then holds that run's message */
enum ccrnn_status ccrnn_study_execute(struct ccrnn_study *study,
                                      const struct ccrnn_workers *workers,
                                      struct ccrnn_workers_result *result,
                                      struct ccrnn_error *err);

#endif
