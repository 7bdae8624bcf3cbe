/** @file
 * Running a study from the command line: what `run`, `retry` and `reproduce` share.
 */
#ifndef CCRNN_CLI_STUDY_RUN_H
#define CCRNN_CLI_STUDY_RUN_H

#include <argp.h>

#include "base/file.h"
#include "study/data.h"
#include "study/workers.h"

enum { CLI_JOBS_MOST = 4096, CLI_STALE_MOST = 86400 };

/** How a study is to be run. */
struct cli_study_run {
    const char *directory;   /**< of the study */
    const char *data;        /**< directory of its data, "" if it reads none */
    unsigned jobs;           /**< runs at the same time; 0: the CPUs this process may use */
    bool quiet;              /**< no progress, only failures */
    const char *const *argv; /**< for run.json; ends with NULL; may be NULL */
    double stale;            /**< of leases (s); 0: the default */
    bool no_wait;            /**< runs at work in other processes are left to them */
    bool watches;            /**< it is not known that those live who hold runs */
    bool fail_fast;          /**< end after a run that fails */
    uint64_t stop_after;     /**< seconds after which to stop as on SIGTERM; 0: never */
    struct ccrnn_together *together; /**< as in struct ccrnn_workers; NULL: this process alone */
    bool other_ranks;                /**< likewise */
};

/** The command line as it was typed, for run.json: argp reorders argv. The program and its command are two
 * words. @return owned by the caller; NULL: no memory */
const char **cli_kept_argv(const char *command, int argc, char **argv);

/** Read -j. False if it is not a number of runs. */
bool cli_read_jobs(const char *text, unsigned *jobs);
/** Read --stale, in seconds; anything else is a usage error. */
void cli_read_stale(const char *text, struct argp_state *state, double *stale);
unsigned cli_default_jobs(void);

/** Seconds of a clock that only goes forward. */
double cli_now(void);

/** Where the data of a study are, "" if it reads none. @param given the value of --data, or NULL
 * @return CCRNN_USAGE: --data without effect; as cli_data_directory() */
enum ccrnn_status cli_study_find_data(const struct ccrnn_study *study, const char *given,
                                      char data[CCRNN_PATH_MAX], struct ccrnn_error *err);

/** The file of a study that comes with ccrnn: ./studies/NAME.yaml, else the installed one.
 * @return CCRNN_USAGE: there is none of this name */
enum ccrnn_status cli_study_find(const char *name, char path[CCRNN_PATH_MAX],
                                 struct ccrnn_error *err);

/** Number of runs of a result; 0: nothing could begin. */
size_t cli_study_runs(const struct ccrnn_workers_result *result);

/** Print the line of result. */
void cli_study_print_result(const struct ccrnn_workers_result *result, const char *directory,
                            double seconds);

/** The last message of a command that ran a study; earlier ones said what each run lacks.
 * @param status of ccrnn_study_execute(), returned */
enum ccrnn_status cli_study_verdict(const struct ccrnn_workers_result *result,
                                    enum ccrnn_status status, struct ccrnn_error *err);

/** Refuse a directory that is another study's; else say on stderr what of it does not belong to the study.
 * @return as ccrnn_study_index_check() */
enum ccrnn_status cli_study_check_place(const struct ccrnn_study *study, const char *directory,
                                        struct ccrnn_error *err);

/** Run what is not finished; progress on stderr, one line of result on stdout. Ctrl-C lets the runs at
 * work write a checkpoint, and so does how->stop_after.
 * @param[out] began false: nothing could begin, `err` says why; may be NULL
 * @return as ccrnn_study_execute() */
enum ccrnn_status cli_study_train(struct ccrnn_study *study, const struct cli_study_run *how,
                                  bool *began, struct ccrnn_error *err);

/** Print the runs, the options in which they differ, those they share, and a time estimate; loads the data.
 * @param verbose every arm by itself with all its options too */
enum ccrnn_status cli_study_plan(struct ccrnn_study *study, const struct cli_study_run *how,
                                 bool verbose, struct ccrnn_error *err);

/** How long what is left of a study would take. */
struct cli_study_estimate {
    size_t runs, done; /**< done: finished with all their epochs, or not finite */
    size_t from_runs;  /**< arms with something left whose time comes from finished runs */
    size_t timed;      /**< networks of which a few steps were timed for this */
    size_t scaled;     /**< arms with something left whose time comes from another network's */
    double work;       /**< seconds of one processor */
    double seconds; /**< with `jobs`; no less than the longest run that one processor works on */
    unsigned jobs;
    double run,
        epoch; /**< seconds of the longest run, of the longest epoch, among those that are left */
    double checkpoint; /**< bytes of their largest checkpoint */
};

/** The same of one arm. */
struct cli_arm_estimate {
    size_t done; /**< runs */
    double run;  /**< seconds of a run, from where it begins */
};

/** Estimate; the data must be loaded. It takes a few seconds, however many arms there are. */
enum ccrnn_status cli_study_estimate(const struct ccrnn_study *study,
                                     const struct cli_study_run *how,
                                     const struct ccrnn_study_data *data,
                                     struct cli_study_estimate *estimate,
                                     struct ccrnn_error *err);

/** The same, with every arm's. @param[out] arms (arm_count) */
enum ccrnn_status
cli_study_estimate_arms(const struct ccrnn_study *study, const struct cli_study_run *how,
                        const struct ccrnn_study_data *data, struct cli_arm_estimate *arms,
                        struct cli_study_estimate *estimate, struct ccrnn_error *err);

/** "from a few steps of 3 networks": where the times come from; "" if nothing is left. */
void cli_study_estimate_basis(const struct cli_study_estimate *estimate, char *text, size_t size);

#endif
