/* What `run` is asked for: options, and the study they lead to. Shared by all programs that run one. */
#include "cli/run_request.h"

#include <dirent.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/number.h"
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

/* The option of a key that takes no value; NULL: it is another key. */
static bool *flag_of(struct cli_run_request *request, int key)
{
    switch (key) {
    case CLI_KEY_DRY_RUN:
        return &request->dry_run;
    case CLI_KEY_FAIL_FAST:
        return &request->fail_fast;
    case CLI_KEY_KEEP_GOING:
        return &request->keep_going;
    case CLI_KEY_NO_WAIT:
        return &request->no_wait;
    case 'q':
        return &request->quiet;
    case 'v':
        return &request->verbose;
    default:
        return NULL;
    }
}

error_t cli_run_parse(int key, char *arg, struct argp_state *state)
{
    struct cli_run_request *const request = state->input;
    bool *const flag = flag_of(request, key);
    if (flag != NULL) {
        *flag = true;
        return 0;
    }
    switch (key) {
    case CLI_KEY_SET:
        if (request->overrides.set_count == CLI_SET_MOST)
            argp_error(state, "more than %d times --set; write a study file", CLI_SET_MOST);
        request->set[request->overrides.set_count++] = arg;
        return 0;
    case CLI_KEY_SEEDS:
        request->overrides.seeds = arg;
        return 0;
    case CLI_KEY_DATA:
        request->data = arg;
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

/* --- the study --------------------------------------------------------------------------- */

/* "studies/fig2.yaml" and "fig2" are both called fig2. */
static void bare_name(const char *path, char name[CCRNN_ARM_NAME_SIZE])
{
    const char *const slash = strrchr(path, '/');
    (void)ccrnn_format(name, CCRNN_ARM_NAME_SIZE, "%s", slash == NULL ? path : slash + 1);
    char *const dot = strrchr(name, '.');
    if (dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0))
        *dot = '\0';
}

/* The study in a folder with the nearest name, nearer than what was found before. */
static void look_in(const char *folder, struct ccrnn_nearest *nearest, char found[CCRNN_PATH_MAX])
{
    DIR *const directory = opendir(folder);
    for (struct dirent *e; directory != NULL && (e = readdir(directory)) != NULL;) {
        char name[CCRNN_ARM_NAME_SIZE];
        bare_name(e->d_name, name);
        if (strlen(name) == strlen(e->d_name))
            continue; /* no study file */
        nearest->best = NULL;
        ccrnn_nearest_try(nearest, name);
        if (nearest->best != NULL)
            (void)ccrnn_path_join(found, CCRNN_PATH_MAX, folder, e->d_name, NULL);
    }
    if (directory != NULL)
        closedir(directory);
}

/* A file that is not there is most likely a name misspelt, or the name of a study without its folder. */
static enum ccrnn_status fail_missing(const char *path, enum ccrnn_status status,
                                      struct ccrnn_error *err)
{
    char name[CCRNN_ARM_NAME_SIZE], folder[CCRNN_PATH_MAX] = ".", found[CCRNN_PATH_MAX] = "";
    const char *const slash = strrchr(path, '/');
    bare_name(path, name);
    struct ccrnn_nearest nearest = ccrnn_nearest_start(name);
    if (slash != NULL && slash > path && slash - path < CCRNN_PATH_MAX)
        (void)ccrnn_format(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    look_in(folder, &nearest, found);
    look_in("studies", &nearest, found);
    if (*found == '\0' || err == NULL)
        return status;
    const struct ccrnn_error first = *err;
    const char *const shown = strncmp(found, "./", 2) == 0 ? found + 2 : found;
    return ccrnn_fail(err, status, "%s; did you mean %s?", first.message, shown);
}

static enum ccrnn_status load_study(const struct cli_run_request *request,
                                    struct ccrnn_study **study, struct ccrnn_error *err)
{
    const enum ccrnn_status status =
        ccrnn_study_load(request->study, &request->overrides, study, err);
    if (status != CCRNN_IO || ccrnn_path_exists(request->study))
        return status;
    return fail_missing(request->study, status, err);
}

enum ccrnn_status cli_run_open(struct cli_run_request *request, struct cli_run_opened *opened,
                               struct ccrnn_error *err)
{
    opened->study = NULL;
    request->overrides.set = request->set;
    CCRNN_TRY(load_study(request, &opened->study, err));
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
