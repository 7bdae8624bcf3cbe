/* ccrnn run: every arm × seed of a study. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/study_run.h"

enum { SET_MOST = 256 };

struct run_options {
    const char *study, *out, *data;
    struct ccrnn_study_overrides overrides;
    const char *set[SET_MOST];
    unsigned jobs;
    bool dry_run, quiet;
    const char *const *argv;
};

enum { KEY_SET = CLI_KEY_FIRST, KEY_SEEDS, KEY_DRY_RUN, KEY_DATA };

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
        "same command again is always right."
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
    const struct cli_study_run how = {directory, data, options->jobs, options->quiet,
                                      options->argv};
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
