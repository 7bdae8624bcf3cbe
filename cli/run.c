/* ccrnn run: every arm × seed of a study. */
#include <stdlib.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/run_request.h"

static const struct argp_option option_list[] = {
    CLI_RUN_OPTIONS("Runs at the same time (default: the CPUs this process may use)"),
    {0},
};

const struct argp cli_run_argp = {
    .options = option_list,
    .parser = cli_run_parse,
    .args_doc = "STUDY.yaml",
    .doc =
        "Train every arm × seed of a study. Finished runs are not repeated, interrupted ones go on "
        "from their last checkpoint, and with more epochs (--set epochs=200) all are extended: the "
        "same command again is always right. Start it as often as you like, also on several machines "
        "that share the directory: the processes share the runs, the longest first, and each ends "
        "when all are done."
        "\vCtrl-C, SIGTERM, SIGUSR1 and --stop-after let the runs at work finish their epoch and write a "
        "checkpoint; a line says how many there are, and the exit code is then 9. Ctrl-C twice ends at once and costs the work since the "
        "last checkpoint.\n\n"
        "A key under sweep: has a list of values, or a range: {from: 10, to: 50, step: 10}, {from: "
        "0.1, to: 0.5, count: 5}, {from: 1e-5, to: 1e-2, count: 4, scale: log}. Keys whose values go "
        "together are under zip:, and random: {count: 40, learning_rate: {from: 1e-5, to: 0.1, scale: "
        "log}} draws them. --set of a swept or drawn key holds it at the value; of a key under zip: it "
        "keeps the places with this value.\n\n"
        "`ccrnn list options` explains every key of a study and of --set.",
};

static enum ccrnn_status run_study(struct cli_run_request *request, struct ccrnn_error *err)
{
    struct cli_run_opened opened;
    enum ccrnn_status status = CCRNN_OK;
    CCRNN_TRY(cli_run_open(request, &opened, err));
    if (request->dry_run)
        status = cli_study_check_place(opened.study, opened.directory, err);
    if (status == CCRNN_OK)
        status = request->dry_run
                     ? cli_study_plan(opened.study, &opened.how, request->verbose, err)
                     : cli_study_train(opened.study, &opened.how, NULL, err);
    cli_run_close(&opened);
    return status;
}

int cli_run(int argc, char **argv)
{
    struct cli_run_request request = {0};
    struct ccrnn_error err = {0};
    const char **const kept = cli_kept_argv("run", argc, argv);
    request.argv = kept;
    cli_parse(&cli_run_argp, argc, argv, &request);
    const enum ccrnn_status status = run_study(&request, &err);
    free(kept);
    return status == CCRNN_OK ? 0 : cli_fail("run", status, &err);
}
