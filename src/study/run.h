/** @file
 * One run: an arm of a study with one seed, from its initial weights to its last epoch, in a directory
 * of its own.
 *
 *     STUDYDIR/<arm>-<hash>/<seed>/
 *         config.yaml            every option, resolved
 *         run.json               status, version, command, host, times
 *         metrics.csv            step,split,metric,value
 *         drawings.csv           what the final network draws on test trials; of tasks that draw
 *         answers.csv            what it says at every step; of the discrimination
 *         images.csv             what was shown in these trials; of tasks on images
 *         captions.csv           what the best network says of the test images; of captions
 *         record.h5              states, gradients, … of every unit and trial (docs/recording.md)
 *         record.parts/          the same while a run goes on, an epoch a file
 *         vocabulary.txt         its words, one a line; of captions
 *         last.safetensors       the newest checkpoint; previous.safetensors the one before
 *         best.safetensors       of the smallest validation error so far
 *         epoch-<n>.safetensors  kept by checkpoint_epochs, and for arms that branch
 *         best-<n>.safetensors   the best weights up to a kept epoch, if an earlier one had them
 *         lease/                 while somebody works on it: who
 *
 * Who works on a run holds its lease (lease.h), so no two processes do, also on different machines, and the
 * lease of one that is gone can be taken over. At a checkpoint, metrics.csv is brought up to date first; a checkpoint
 * knows its length, and a run that goes on cuts metrics.csv back to it. So a kill at any moment costs at
 * most the work since the last checkpoint, and the bytes in the end are the same.
 */
#ifndef CCRNN_STUDY_RUN_H
#define CCRNN_STUDY_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "study/data.h"
#include "study/lease.h"
#include "study/options.h"
#include "study/together.h"

/** How a run stands, as in run.json. */
enum ccrnn_run_status {
    CCRNN_RUN_RUNNING,
    CCRNN_RUN_DONE,
    CCRNN_RUN_INTERRUPTED,
    CCRNN_RUN_NONFINITE, /**< a result: the loss or a gradient became NaN or infinite */
    CCRNN_RUN_FAILED,
    CCRNN_RUN_STATUS_COUNT
};

/** "running", "done", … (static storage). */
const char *ccrnn_run_status_name(enum ccrnn_run_status status);

/** What an epoch brought. */
struct ccrnn_epoch {
    uint64_t epoch, epochs;
    double train_error, validation_error; /**< or nats, or bits a word */
    double similarity;                    /**< NaN without a cerebellum */
};

/** Asked for by the caller, from the thread of the run. Any function may be NULL. */
struct ccrnn_run_listener {
    void *context;
    void (*epoch)(void *context, const struct ccrnn_epoch *epoch);
    /** Something the user should know and that does not stop the run. */
    void (*note)(void *context, const char *message);
    /** True: finish the epoch, write a checkpoint, return CCRNN_INTERRUPTED. Asked after each epoch. */
    bool (*stop)(void *context);
};

struct ccrnn_run {
    const char *study;     /**< name */
    const char *arm;       /**< name */
    const char *hash;      /**< of config */
    const char *directory; /**< of this run */
    uint64_t seed;
    const struct ccrnn_run_config *config; /**< resolved */
    struct ccrnn_run_data data;            /**< shared with other runs */
    int threads;                           /**< of a network of words; 0 means 1 */
    struct {
        const char *directory;   /**< of the run this one begins with; NULL: none */
        const char *hash;        /**< of its configuration */
        bool new_rate;           /**< its rules of the learning rate are not this run's */
        enum ccrnn_status ended; /**< how that run ended when it was last asked to run */
    } branch;
    const char *const *argv; /**< of the program, for run.json; ends with NULL */
    struct ccrnn_run_listener listener;
    struct ccrnn_together
        *together;               /**< ranks that train it together; NULL: this process alone */
    bool other_ranks;            /**< it may go on with another number of ranks than it had */
    struct ccrnn_leases *leases; /**< of this process */
    struct ccrnn_lease_watch *watch; /**< of the run's lease; NULL: a holder elsewhere keeps it */
    uint64_t
        sessions; /**< if the run failed in a later session than this one, it stays as it is */
};

/** What ccrnn_run_execute() did. */
struct ccrnn_run_outcome {
    enum ccrnn_run_status status;
    uint64_t first_epoch; /**< went on after this epoch; 0: began anew */
    uint64_t epoch;       /**< finished */
    double seconds;       /**< `already`: that all its sessions took */
    bool already;         /**< was complete, or had failed, before; nothing was done */
    bool elsewhere;       /**< `already` because of another process, since this one began */
    bool lost;            /**< another process took the run over; what was done is thrown away */
    uint64_t
        lost_epochs; /**< `lost`: since the last checkpoint, with which the other one goes on */
    bool taken_over; /**< begun where another process had not given the run back */
    bool branched;   /**< began after first_epoch of another run */
    bool
        untold; /**< failed, or could not begin, and none of its files says so (failed_attempt.h) */
    uint64_t token; /**< `untold`: of the session run.json tells of; 0: of none */
};

/** Begin, continue or extend the run until config->epochs are done, or stop_patience ends it. Calls
 * ccrnn_math_thread_setup() itself.
 * @return CCRNN_OK with status done; CCRNN_NONFINITE (recorded in run.json) with status nonfinite;
 * CCRNN_INTERRUPTED; CCRNN_BUSY if another process holds the run, or took it over (`lost`);
 * CCRNN_OTHER_NUMERICS; CCRNN_FAILED: failed in a session after `sessions`, nothing was done; CCRNN_IO, CCRNN_FORMAT, CCRNN_MEMORY, CCRNN_UNSUPPORTED. A branch that has not begun and finds nothing to
 * begin with: as ccrnn_branch_begin(), and run.json is not written */
enum ccrnn_status ccrnn_run_execute(const struct ccrnn_run *run,
                                    struct ccrnn_run_outcome *outcome, struct ccrnn_error *err);

/** Epochs a run directory has finished, from its run.json; 0 if there is none or it cannot be read;
 * UINT64_MAX of a run that ended early (stop_patience): no number of epochs asks more of it. */
uint64_t ccrnn_run_epochs_done(const char *directory, enum ccrnn_run_status *status);

#endif
