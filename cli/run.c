/* ccrnn run: every arm × seed of a study. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/commands.h"
#include "cli/study_run.h"

enum { SET_MOST = 256, STALE_MOST = 86400 };

struct run_options {
    const char *study, *out, *data;
    struct ccrnn_study_overrides overrides;
    const char *set[SET_MOST];
    unsigned jobs;
    double stale;
    bool dry_run, quiet, keep_going, fail_fast, no_wait;
    const char *const *argv;
};

enum {
    KEY_SET = CLI_KEY_FIRST,
    KEY_SEEDS,
    KEY_DRY_RUN,
    KEY_DATA,
    KEY_KEEP_GOING,
    KEY_FAIL_FAST,
    KEY_NO_WAIT,
    KEY_STALE
};

/* Seconds after which a process elsewhere counts as gone. */
static void read_stale(const char *arg, struct run_options *options, struct argp_state *state)
{
    if (!ccrnn_parse_real(arg, &options->stale) || options->stale < CCRNN_LEASE_STALE_LEAST ||
        options->stale > STALE_MOST)
        argp_error(state, "--stale is \"%s\": expected seconds from %g to %d", arg,
                   CCRNN_LEASE_STALE_LEAST, STALE_MOST);
}

/* Options that change nothing together with another one are refused. */
static void check_options(const struct run_options *options, struct argp_state *state)
{
    if (options->keep_going && options->fail_fast)
        argp_error(state, "--keep-going and --fail-fast given: expected one of them");
    if (options->dry_run &&
        (options->keep_going || options->fail_fast || options->no_wait || options->stale > 0))
        argp_error(state, "--dry-run runs nothing, so --keep-going, --fail-fast, --no-wait and "
                          "--stale have no effect; leave them out");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run_options *const options = state->input;
    switch (key) {
    case KEY_SET:
        if (options->overrides.set_count == SET_MOST)
            argp_error(state, "more than %d times --set; write a study file", SET_MOST);
        options->set[options->overrides.set_count++] = arg;
        return 0;
    case KEY_SEEDS:
        options->overrides.seeds = arg;
        return 0;
    case KEY_DRY_RUN:
        options->dry_run = true;
        return 0;
    case KEY_DATA:
        options->data = arg;
        return 0;
    case KEY_KEEP_GOING:
        options->keep_going = true;
        return 0;
    case KEY_FAIL_FAST:
        options->fail_fast = true;
        return 0;
    case KEY_NO_WAIT:
        options->no_wait = true;
        return 0;
    case KEY_STALE:
        read_stale(arg, options, state);
        return 0;
    case ARGP_KEY_END:
        check_options(options, state);
        return 0;
    case 'j':
        if (!cli_read_jobs(arg, &options->jobs))
            argp_error(state, "-j is \"%s\": expected an integer from 1 to %d", arg,
                       CLI_JOBS_MOST);
        return 0;
    case 'o':
        if (*arg == '\0')
            argp_error(state, "--out is empty: expected a directory");
        options->out = arg;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->study != NULL)
            argp_error(state, "two studies given, \"%s\" and \"%s\": expected one",
                       options->study, arg);
        options->study = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no study given; try studies/linedraw.yaml");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"data", KEY_DATA, "DIR", 0,
     "Directory of MNIST, or of captions and features, if an arm reads some", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0,
     "Show the runs, their options and a time estimate; run nothing", 0},
    {"fail-fast", KEY_FAIL_FAST, NULL, 0,
     "After a run that fails begin no other, and stop those at work", 0},
    {"keep-going", KEY_KEEP_GOING, NULL, 0,
     "A run that fails does not keep the others from running (the default)", 0},
    {"no-wait", KEY_NO_WAIT, NULL, 0,
     "Leave runs at work in other processes to them, and end (exit code 8)", 0},
    {"stale", KEY_STALE, "SECONDS", 0,
     "Take over from a process on another machine that showed no sign of life for so long (default: "
     "300); the same for all processes of a study",
     0},
    {"jobs", 'j', "N", 0, "Runs at the same time (default: the CPUs this process may use)", 0},
    {"out", 'o', "DIR", 0, "Directory of the study (default: runs/NAME)", 0},
    {"quiet", 'q', NULL, 0, "No progress, only failures", 0},
    {"seeds", KEY_SEEDS, "LIST", 0, "Seeds instead of the study's, e.g. 1..10 or 1,4,7", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "Change an option in every arm where it has an effect", 0},
    {0},
};

const struct argp cli_run_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "STUDY.yaml",
    .doc =
        "Train every arm × seed of a study. Finished runs are not repeated, interrupted ones go on "
        "from their last checkpoint, and with more epochs (--set epochs=200) all are extended: the "
        "same command again is always right. Start it as often as you like, also on several machines "
        "that share the directory: the processes share the runs, the longest first, and each ends "
        "when all are done."
        "\vCtrl-C lets the runs at work finish their epoch and write a checkpoint; twice ends at once "
        "and costs the work since the last checkpoint.\n\n"
        "`ccrnn list options` explains every key of a study and of --set.",
};

static enum ccrnn_status run_study(struct run_options *options, struct ccrnn_error *err)
{
    char directory[CCRNN_PATH_MAX], data[CCRNN_PATH_MAX];
    struct ccrnn_study *study = NULL;
    options->overrides.set = options->set;
    CCRNN_TRY(ccrnn_study_load(options->study, &options->overrides, &study, err));
    enum ccrnn_status status = CCRNN_OK;
    if (options->out != NULL)
        status = ccrnn_path_join(directory, sizeof directory, "", options->out, err);
    else
        status = ccrnn_path_join(directory, sizeof directory, "runs", study->name, err);
    if (status == CCRNN_OK)
        status = cli_study_find_data(study, options->data, data, err);
    const struct cli_study_run how = {
        .directory = directory,
        .data = data,
        .jobs = options->jobs,
        .quiet = options->quiet,
        .argv = options->argv,
        .stale = options->stale,
        .no_wait = options->no_wait,
        .fail_fast = options->fail_fast,
    };
    if (status == CCRNN_OK)
        status = options->dry_run ? cli_study_plan(study, &how, err)
                                  : cli_study_train(study, &how, NULL, err);
    ccrnn_study_destroy(study);
    return status;
}

int cli_run(int argc, char **argv)
{
    struct run_options options = {0};
    struct ccrnn_error err = {0};
    const char **const kept = cli_kept_argv("run", argc, argv);
    options.argv = kept;
    cli_parse(&cli_run_argp, argc, argv, &options);
    const enum ccrnn_status status = run_study(&options, &err);
    free(kept);
    return status == CCRNN_OK ? 0 : cli_fail("run", status, &err);
}
