/** @file
 * How every run of a study stands: from study.json and the directories of the runs, without the study file.
 * Nothing is written, so a survey works on a directory that can only be read, and beside any number of
 * processes at work.
 *
 * Is a holder that is not known to be gone still there? A process that wants its run watches the lease on its own
 * clock (lease.h). A look has no time for that, so it compares the last touch with this machine's clock, or with
 * the newest touch of any run where that is later. Where the clock of the file system is wrong by more than the
 * stale time, a look is wrong too; a survey that looks again knows better, for it sees touches come. So a survey
 * tells, and `ccrnn run` decides.
 */
#ifndef CCRNN_STUDY_SURVEY_H
#define CCRNN_STUDY_SURVEY_H

#include "study/failed_attempt.h"
#include "study/index.h"
#include "study/lease.h"

/** How a run stands. */
enum ccrnn_survey_state {
    CCRNN_SURVEY_DONE,
    CCRNN_SURVEY_RUNNING, /**< somebody holds it, and shows signs of life */
    CCRNN_SURVEY_STOPPED, /**< a process of this machine holds it that stands still (Ctrl-Z); until it is stale */
    CCRNN_SURVEY_WAITING,     /**< nothing is there yet */
    CCRNN_SURVEY_INTERRUPTED, /**< stopped on request, with a checkpoint */
    CCRNN_SURVEY_STALE, /**< left behind: by a process that is gone or shows no sign of life; or run.json says
                             running, and nobody holds it */
    CCRNN_SURVEY_FAILED,
    CCRNN_SURVEY_NONFINITE,  /**< ended in NaN: a result */
    CCRNN_SURVEY_UNREADABLE, /**< run.json or the directory; or it is another run */
    CCRNN_SURVEY_STATES
};

/** "done", "running", … (static storage). */
const char *ccrnn_survey_state_name(enum ccrnn_survey_state state);

/** A run as it was found. */
struct ccrnn_surveyed {
    enum ccrnn_survey_state state;
    uint64_t epoch;  /**< finished, as its newest checkpoint or its last session tells */
    uint64_t epochs; /**< asked for; of a run that waits, of its arm; 0: not known */
    uint64_t
        target; /**< the most epochs asked for of a run of its arm, or of another arm that study.json
                          has with as many epochs; 0: not known */
    bool shorter; /**< done with fewer epochs than `target`, and not because it ended early */
    bool
        to_extend; /**< and runs with `target` epochs are at work or left: the study is being extended */
    uint64_t sessions, taken_over; /**< as in run.json; of a run at work, this session included */
    double seconds;                /**< spent in the sessions that ended by themselves */
    struct timespec written; /**< run.json, by the clock of the file system; 0: there is none */
    struct ccrnn_lease_holder *holder; /**< NULL: nobody */
    bool stopped; /**< the holder is a process of this machine that stands still, stale or not */
    double untouched; /**< seconds since the holder's last sign of life; NaN: nobody */
    char *message;    /**< why it failed, ended in NaN or cannot be read; NULL: nothing to say */
    bool
        attempt; /**< that is what a note tells of the last attempt (failed_attempt.h), not run.json */
    bool
        extension; /**< failed to be extended: as it is in its files, it is done, with `epoch` epochs */
    /** Of the session at work, up to its newest checkpoint, by the clock of the file system; 0: not known. */
    struct {
        double seconds, epochs;
    } pace;
    /** Private. */
    struct {
        uint64_t sight; /* of its lease; 0: had none */
        double since;   /* monotonic: first seen so */
        bool touched;   /* it was seen to change: `since` is a touch */
        int said;       /* status in run.json; -1: there is none */
        bool nonfinite; /* the note says so */
        bool early;     /* ended before all epochs: more of them change nothing */
        enum ccrnn_status unreadable;
    } seen;
};

struct ccrnn_survey {
    const char *directory; /**< the caller's */
    double stale;          /**< seconds */
    struct ccrnn_study_index index;
    size_t runs;                /**< arms × seeds */
    struct ccrnn_surveyed *run; /**< (runs): all arms of the first seed, then of the second, … */
    size_t count[CCRNN_SURVEY_STATES];
    size_t shorter, to_extend; /**< runs that are */
    bool attempts;             /**< there are notes of attempts that failed */
};

/** Read the index and look at all runs.
 * @param stale seconds without a sign of life after which a holder counts as gone
 * @param[out] survey close with ccrnn_survey_close(), also after a failure
 * @return as ccrnn_study_index_read(); CCRNN_MEMORY. A run that cannot be read is a state, no failure */
enum ccrnn_status ccrnn_survey_open(const char *directory, double stale,
                                    struct ccrnn_survey *survey, struct ccrnn_error *err);

/** Look again; seeds and arms that came since are there too. As ccrnn_survey_open(). */
enum ccrnn_status ccrnn_survey_look(struct ccrnn_survey *survey, struct ccrnn_error *err);

void ccrnn_survey_close(struct ccrnn_survey *survey);

/** Name of the arm of run `index`, its seed, its directory (CCRNN_USAGE: the path is too long). */
const char *ccrnn_survey_arm(const struct ccrnn_survey *survey, size_t index);
uint64_t ccrnn_survey_seed(const struct ccrnn_survey *survey, size_t index);
enum ccrnn_status ccrnn_survey_directory(const struct ccrnn_survey *survey, size_t index,
                                         char path[CCRNN_PATH_MAX], struct ccrnn_error *err);

/** Read the note of run `index`. @return as ccrnn_failed_attempt_read() */
bool ccrnn_survey_attempt(const struct ccrnn_survey *survey, size_t index,
                          struct ccrnn_failed_attempt *attempt);

/** Will `ccrnn run` do something about such a run, once: is it at work, stopped, waiting, interrupted, left behind? */
bool ccrnn_survey_is_left(enum ccrnn_survey_state state);
/** How many runs are. Those to be extended, which are done so far, are not among them. */
size_t ccrnn_survey_left(const struct ccrnn_survey *survey);

#endif
