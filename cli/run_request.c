/* What `run` is asked for: options, and the study they lead to. Shared by all programs that run one. */
#include "cli/run_request.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/wall_time.h"

/* Options that change nothing together with another one are refused. */
static void check_request(const struct cli_run_request *request, struct argp_state *state)
{
    if (request->keep_going && request->fail_fast)
        argp_error(state, "--keep-going and --fail-fast given: expected one of them");
    if (request->verbose && !request->dry_run)
        argp_error(state, "--verbose has no effect without --dry-run; add it, or leave both");
    if (request->dry_run && (request->keep_going || request->fail_fast || request->no_wait ||
                             request->stale > 0 || request->stop_after > 0))
        argp_error(state, "--dry-run runs nothing, so --keep-going, --fail-fast, --no-wait, "
                          "--stale and --stop-after have no effect; leave them out");
}

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
    case CLI_KEY_FAIL_FAST:
        request->fail_fast = true;
        return 0;
    case CLI_KEY_KEEP_GOING:
        request->keep_going = true;
        return 0;
    case CLI_KEY_NO_WAIT:
        request->no_wait = true;
        return 0;
    case CLI_KEY_STALE:
        cli_read_stale(arg, state, &request->stale);
        return 0;
    case CLI_KEY_STOP_AFTER:
        if (!cli_read_wall_time(arg, &request->stop_after))
            argp_error(state, "--stop-after is \"%s\": %s", arg, cli_wall_time_expected);
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
    case 'v':
        request->verbose = true;
        return 0;
    case ARGP_KEY_ARG:
        if (request->study != NULL)
            argp_error(state, "two studies given, \"%s\" and \"%s\": expected one",
                       request->study, arg);
        request->study = arg;
        return 0;
    case ARGP_KEY_END:
        check_request(request, state);
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
    opened->how = (struct cli_study_run){
        .directory = opened->directory,
        .data = opened->data,
        .jobs = request->jobs,
        .quiet = request->quiet,
        .argv = request->argv,
        .stale = request->stale,
        .no_wait = request->no_wait,
        .fail_fast = request->fail_fast,
        .stop_after = request->stop_after,
    };
    if (status != CCRNN_OK)
        cli_run_close(opened);
    return status;
}

void cli_run_close(struct cli_run_opened *opened)
{
    ccrnn_study_destroy(opened->study);
    opened->study = NULL;
}
