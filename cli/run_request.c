/* What `run` is asked for: options, and the study they lead to. Shared by all programs that run one. */
#include "cli/run_request.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/cli.h"

error_t cli_run_parse(int key, char *arg, struct argp_state *state)
{
    struct cli_run_request *const request = state->input;
    switch (key) {
    case CLI_KEY_SET:
        if (request->overrides.set_count == CLI_SET_MOST)
            argp_error(state, "more than %d times --set; write a study file", CLI_SET_MOST);
        request->set[request->overrides.set_count++] = arg;
        return 0;
    case CLI_KEY_SEEDS:
        request->overrides.seeds = arg;
        return 0;
    case CLI_KEY_DRY_RUN:
        request->dry_run = true;
        return 0;
    case CLI_KEY_DATA:
        request->data = arg;
        return 0;
    case 'j':
        if (!cli_read_jobs(arg, &request->jobs))
            argp_error(state, "-j is \"%s\": expected an integer from 1 to %d", arg,
                       CLI_JOBS_MOST);
        return 0;
    case 'o':
        if (*arg == '\0')
            argp_error(state, "--out is empty: expected a directory");
        request->out = arg;
        return 0;
    case 'q':
        request->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (request->study != NULL)
            argp_error(state, "two studies given, \"%s\" and \"%s\": expected one",
                       request->study, arg);
        request->study = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no study given; try studies/linedraw.yaml");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

enum ccrnn_status cli_run_open(struct cli_run_request *request, struct cli_run_opened *opened,
                               struct ccrnn_error *err)
{
    opened->study = NULL;
    request->overrides.set = request->set;
    CCRNN_TRY(ccrnn_study_load(request->study, &request->overrides, &opened->study, err));
    enum ccrnn_status status = CCRNN_OK;
    if (request->out != NULL)
        status =
            ccrnn_path_join(opened->directory, sizeof opened->directory, "", request->out, err);
    else
        status = ccrnn_path_join(opened->directory, sizeof opened->directory, "runs",
                                 opened->study->name, err);
    if (status == CCRNN_OK)
        status = cli_study_find_data(opened->study, request->data, opened->data, err);
    opened->how = (struct cli_study_run){opened->directory, opened->data, request->jobs,
                                         request->quiet, request->argv};
    if (status != CCRNN_OK)
        cli_run_close(opened);
    return status;
}

void cli_run_close(struct cli_run_opened *opened)
{
    ccrnn_study_destroy(opened->study);
    opened->study = NULL;
}
