/** @file
 * A run while it goes on: shared by run.c, which conducts it, and run_checkpoint.c, which saves and resumes it.
 */
#ifndef CCRNN_STUDY_RUN_SESSION_H
#define CCRNN_STUDY_RUN_SESSION_H

#include <time.h>

#include "base/file.h"
#include "base/text.h"
#include "study/checkpoint.h"
#include "study/course.h"
#include "study/lease.h"
#include "study/recorder.h"
#include "study/run.h"
#include "study/run_record.h"

/* A run while it goes on. */
struct ccrnn_session {
    const struct ccrnn_run *run;
    struct ccrnn_error *err;
    struct ccrnn_lease *lease; /* NULL: not claimed yet */
    struct ccrnn_run own; /* what `run` points to once it is: its directory is the lease's path */
    struct ccrnn_run_record record;
    bool unreadable;  /* run.json, or the directory: whoever looks at the run sees that */
    uint64_t told_of; /* token of the session run.json tells of; 0: of none */
    enum ccrnn_run_status
        told_as; /* how this session told it stands; RUNNING: not that it ended */
    char images[CCRNN_FINGERPRINT_SIZE]; /* of the images at hand */
    struct timespec start;
    double seconds_before;

    struct ccrnn_network *network;
    struct ccrnn_course *course;
    struct ccrnn_recorder *recorder; /* NULL: nothing is recorded */
    struct ccrnn_checkpoint at;
    uint64_t saved;            /* epoch of the last checkpoint */
    struct ccrnn_text metrics; /* rows not yet in metrics.csv */
    ccrnn_real *best;          /* weights of the best epoch, when not yet in best.safetensors */
    uint64_t best_updates;     /* optimiser steps that made them */
    bool best_waits;
    bool branched;        /* began as a branch in this session */
    bool last_is_damaged; /* last.safetensors could not be used: it must not become previous */
};

/** Path of a file of the run. */
enum ccrnn_status ccrnn_session_path(struct ccrnn_session *s, const char *name,
                                     char path[CCRNN_PATH_MAX]);

/** Tell the listener something that does not stop the run. */
void ccrnn_session_note(const struct ccrnn_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What the run's checkpoints must belong to. */
struct ccrnn_checkpoint_owner ccrnn_session_owner(const struct ccrnn_session *s);

/** Continue from last.safetensors, else from previous.safetensors, else start anew. A checkpoint that is there but
 * cannot be used is never passed over in silence. */
enum ccrnn_status ccrnn_session_resume(struct ccrnn_session *s);

/** Bring metrics.csv up to date. */
enum ccrnn_status ccrnn_session_flush(struct ccrnn_session *s);

/** Is the checkpoint of this epoch kept? */
bool ccrnn_session_keeps(const struct ccrnn_run_config *config, uint64_t epoch);

/** Metrics, best weights, then the checkpoint that counts on both; the old one becomes previous. */
enum ccrnn_status ccrnn_session_checkpoint(struct ccrnn_session *s);

#endif
