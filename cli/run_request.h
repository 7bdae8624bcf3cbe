/** @file
 * What `run` is asked for: its options, and the study they lead to.
 */
#ifndef CCRNN_CLI_RUN_REQUEST_H
#define CCRNN_CLI_RUN_REQUEST_H

#include <argp.h>

#include "cli/cli.h"
#include "cli/study_run.h"

enum { CLI_SET_MOST = 256 };

/** The options of `run`, zeroed before they are parsed. */
struct cli_run_request {
    const char *study, *out, *data;
    struct ccrnn_study_overrides overrides;
    const char *set[CLI_SET_MOST];
    unsigned jobs;       /**< 0: not said */
    double stale;        /**< 0: not said */
    uint64_t stop_after; /**< seconds; 0: not said */
    bool dry_run, quiet, verbose, keep_going, fail_fast, no_wait;
    const char *const *argv; /**< for run.json; ends with NULL; may be NULL */
};

/** Keys of the options; those from CLI_KEY_RUN_END on are free. */
enum {
    CLI_KEY_SET = CLI_KEY_FIRST,
    CLI_KEY_SEEDS,
    CLI_KEY_DRY_RUN,
    CLI_KEY_DATA,
    CLI_KEY_FAIL_FAST,
    CLI_KEY_KEEP_GOING,
    CLI_KEY_NO_WAIT,
    CLI_KEY_STALE,
    CLI_KEY_STOP_AFTER,
    CLI_KEY_RUN_END
};

/** The rows of argp's table, in the order of their names; `jobs` is the text of -j. */
#define CLI_OPTION(name, key, argument, text)                                                    \
    {                                                                                            \
        (name), (key), (argument), 0, (text), 0                                                  \
    }
/** The row of --set, for all commands that have it. */
#define CLI_OPTION_SET                                                                           \
    {                                                                                            \
        "set", CLI_KEY_SET, "KEY=VALUE", CLI_OPTION_AGAIN,                                       \
            "Change an option in every arm where it has an effect; as often as there are keys",  \
            0                                                                                    \
    }
#define CLI_RUN_OPTIONS(jobs)                                                                    \
    CLI_OPTION("data", CLI_KEY_DATA, "DIR",                                                      \
               "Directory of MNIST, or of captions and features, if an arm reads some"),         \
        CLI_OPTION(                                                                              \
            "dry-run", CLI_KEY_DRY_RUN, NULL,                                                    \
            "Show the arms, the options in which they differ and a time estimate; run nothing"), \
        CLI_OPTION("fail-fast", CLI_KEY_FAIL_FAST, NULL,                                         \
                   "After a run that fails begin no other, and stop those at work"),             \
        CLI_OPTION("jobs", 'j', "N", jobs),                                                      \
        CLI_OPTION("keep-going", CLI_KEY_KEEP_GOING, NULL,                                       \
                   "A run that fails does not keep the others from running (the default)"),      \
        CLI_OPTION("no-wait", CLI_KEY_NO_WAIT, NULL,                                             \
                   "Leave runs at work in other processes to them, and end (exit code 8)"),      \
        CLI_OPTION("out", 'o', "DIR", "Directory of the study (default: runs/NAME)"),            \
        CLI_OPTION("quiet", 'q', NULL, "No progress, only failures"),                            \
        CLI_OPTION("seeds", CLI_KEY_SEEDS, "LIST",                                               \
                   "Seeds instead of the study's, e.g. 1..10 or 1,4,7"),                         \
        CLI_OPTION_SET,                                                                          \
        CLI_OPTION("stale", CLI_KEY_STALE, "SECONDS",                                            \
                   "Take over from a process on another machine that showed no sign of life "    \
                   "for so long (default: 300); the same for all processes of a study"),         \
        CLI_OPTION(                                                                              \
            "stop-after", CLI_KEY_STOP_AFTER, "TIME",                                            \
            "Stop as on SIGTERM after so long: minutes, M:S, H:M:S, D-H, D-H:M, D-H:M:S"),       \
        CLI_OPTION("verbose", 'v', NULL, "With --dry-run: every arm with all its options")

/** The parser of these rows; its input is a request, or a struct that begins with one. */
error_t cli_run_parse(int key, char *arg, struct argp_state *state);

/** A study, and how it is to be run. */
struct cli_run_opened {
    struct ccrnn_study *study;
    char directory[CCRNN_PATH_MAX], data[CCRNN_PATH_MAX];
    struct cli_study_run how; /**< points to the two above, and to what the request points to */
};

/** Read the study and find its directories; nothing is written.
 * @param[out] opened end it with cli_run_close(); nothing to end after a failure
 * @return as ccrnn_study_load() and cli_study_find_data() */
enum ccrnn_status cli_run_open(struct cli_run_request *request, struct cli_run_opened *opened,
                               struct ccrnn_error *err);
void cli_run_close(struct cli_run_opened *opened);

#endif
