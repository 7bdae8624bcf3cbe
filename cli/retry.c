/* ccrnn retry: runs again what failed, was interrupted or was left behind in a study. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/status.h"
#include "cli/study_run.h"
#include "study/retry.h"

struct retry_options {
    const char *study, *data;
    unsigned jobs;
    double stale;
    bool dry_run, quiet, fail_fast;
    const char *const *argv;
};

enum { KEY_DATA = CLI_KEY_FIRST, KEY_DRY_RUN, KEY_FAIL_FAST, KEY_STALE };

/* Options that change nothing together with another one are refused. */
static void check_options(const struct retry_options *options, struct argp_state *state)
{
    if (options->dry_run &&
        (options->fail_fast || options->jobs > 0 || options->quiet || options->data != NULL))
        argp_error(state, "--dry-run runs nothing, so --data, --fail-fast, -j and -q have no "
                          "effect; leave them out");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct retry_options *const options = state->input;
    switch (key) {
    case KEY_DATA:
        options->data = arg;
        return 0;
    case KEY_DRY_RUN:
        options->dry_run = true;
        return 0;
    case KEY_FAIL_FAST:
        options->fail_fast = true;
        return 0;
    case KEY_STALE:
        cli_read_stale(arg, state, &options->stale);
        return 0;
    case 'j':
        if (!cli_read_jobs(arg, &options->jobs))
            argp_error(state, "-j is \"%s\": expected an integer from 1 to %d", arg,
                       CLI_JOBS_MOST);
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
    case ARGP_KEY_END:
        check_options(options, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no study given: expected the --out directory of `ccrnn run`");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"data", KEY_DATA, "DIR", 0,
     "Directory of MNIST, or of captions and features, if a run reads some", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "List the runs that would be run again; run nothing", 0},
    {"fail-fast", KEY_FAIL_FAST, NULL, 0,
     "After a run that fails begin no other, and stop those at work", 0},
    {"jobs", 'j', "N", 0, "Runs at the same time (default: the CPUs this process may use)", 0},
    {"quiet", 'q', NULL, 0, "No list and no progress, only failures", 0},
    {"stale", KEY_STALE, "SECONDS", 0,
     "A process on another machine without a sign of life for so long is gone (default: 300)", 0},
    {0},
};

const struct argp cli_retry_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "DIR",
    .doc =
        "Run again what failed, was interrupted or was left behind in a study, from its checkpoints "
        "and with the options in each run's own config.yaml: the study file is not needed. DIR is where "
        "`ccrnn run` put the study."
        "\vWhat a process of this machine left behind is taken at once. A lease held elsewhere is watched "
        "first, as `ccrnn run` does, and taken over when it showed no sign of life for the stale time: "
        "which runs look abandoned is told by the times of files, and clocks may be wrong. A process of "
        "this machine that is only stopped keeps its run.\n\n"
        "Runs that are waiting are not begun: `ccrnn run STUDY.yaml` does that. A run that ended in "
        "NaN has a result and is not repeated. Runs at work, also in other processes, go on. "
        "`ccrnn status DIR` shows which run is which.",
};

/* --- what is going to be done ------------------------------------------------------------ */

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void add_count(const struct ccrnn_retry *retry, enum ccrnn_survey_state state,
                      const char *what, struct ccrnn_text *text)
{
    if (retry->count[state] > 0)
        ccrnn_text_add(text, "%s%zu %s", text->size > 0 ? ", " : "", retry->count[state], what);
}

static void list_chosen(const struct ccrnn_survey *survey, const struct ccrnn_retry *retry,
                        size_t most)
{
    size_t shown = 0;
    for (size_t i = 0; i < survey->runs && shown < most; i++) {
        struct ccrnn_text text = {0};
        if (!retry->chosen[i])
            continue;
        cli_status_run(survey, i, &text);
        printf("  %s", text.bytes == NULL ? "\n" : text.bytes);
        free(text.bytes);
        shown++;
    }
    if (retry->chosen_count > shown)
        printf("  … and %zu more; --dry-run lists all\n", retry->chosen_count - shown);
}

static void describe_watch(const struct ccrnn_retry *retry)
{
    char duration[32];
    cli_duration(retry->watch, duration, sizeof duration);
    printf(
        "%zu of them %s held elsewhere: taken over once watched for %s (--stale) without a sign of life\n",
        retry->watched, retry->watched == 1 ? "is" : "are", duration);
}

static void describe(const struct ccrnn_survey *survey, const struct ccrnn_retry *retry,
                     const struct retry_options *options)
{
    struct ccrnn_text what = {0};
    add_count(retry, CCRNN_SURVEY_FAILED, "failed", &what);
    add_count(retry, CCRNN_SURVEY_STALE, "left behind", &what);
    add_count(retry, CCRNN_SURVEY_INTERRUPTED, "interrupted", &what);
    if (retry->chosen_count > 0)
        printf("study %s: %zu run%s to be run again (%s)\n", survey->index.name,
               retry->chosen_count, plural(retry->chosen_count),
               what.bytes == NULL ? "" : what.bytes);
    else
        printf("study %s: nothing to run again\n", survey->index.name);
    free(what.bytes);
    list_chosen(survey, retry, options->dry_run ? SIZE_MAX : CLI_STATUS_SHOWN);
    if (retry->watched > 0)
        describe_watch(retry);
    if (retry->waiting > 0)
        printf("%zu run%s not begun: `ccrnn run STUDY.yaml` begins %s\n", retry->waiting,
               retry->waiting == 1 ? " has" : "s have", retry->waiting == 1 ? "it" : "them");
    fflush(stdout); /* before the progress on stderr */
}

/* Runs that cannot be run again, each with its reason. @return status of the first */
static enum ccrnn_status say_refused(const struct ccrnn_survey *survey,
                                     const struct ccrnn_retry *retry)
{
    for (size_t i = 0; i < retry->refusal_count; i++) {
        const struct ccrnn_retry_refusal *const refusal = &retry->refusal[i];
        fprintf(stderr, "%s, seed %llu: %s\n", ccrnn_survey_arm(survey, refusal->run),
                (unsigned long long)ccrnn_survey_seed(survey, refusal->run),
                refusal->why.message);
    }
    return retry->refusal_count == 0 ? CCRNN_OK : retry->refusal[0].why.status;
}

/* --- doing it ---------------------------------------------------------------------------- */

static enum ccrnn_status run_again(struct ccrnn_retry *retry, const struct retry_options *options,
                                   struct ccrnn_error *err)
{
    char data[CCRNN_PATH_MAX];
    CCRNN_TRY(cli_study_find_data(&retry->study, options->data, data, err));
    const struct cli_study_run how = {
        .directory = options->study,
        .data = data,
        .jobs = options->jobs,
        .quiet = options->quiet,
        .argv = options->argv,
        .stale = options->stale,
        .watches = true,
        .fail_fast = options->fail_fast,
    };
    return cli_study_train(&retry->study, &how, NULL, err);
}

static enum ccrnn_status act(const struct ccrnn_survey *survey, struct ccrnn_retry *retry,
                             const struct retry_options *options, struct ccrnn_error *err)
{
    if (!options->quiet)
        describe(survey, retry, options);
    const enum ccrnn_status refused = say_refused(survey, retry);
    if (!options->dry_run && retry->chosen_count > 0)
        CCRNN_TRY(run_again(retry, options, err));
    if (refused == CCRNN_OK)
        return CCRNN_OK;
    return ccrnn_fail(err, refused, "%zu run%s cannot be run again; the messages above say why",
                      retry->refusal_count, plural(retry->refusal_count));
}

static enum ccrnn_status retry_study(const struct retry_options *options, struct ccrnn_error *err)
{
    const double stale = options->stale > 0 ? options->stale : CCRNN_LEASE_STALE;
    struct ccrnn_survey survey;
    struct ccrnn_retry retry = {0};
    enum ccrnn_status status = ccrnn_survey_open(options->study, stale, &survey, err);
    if (status == CCRNN_OK)
        status = ccrnn_retry_plan(&survey, &retry, err);
    if (status == CCRNN_OK)
        status = act(&survey, &retry, options, err);
    ccrnn_retry_free(&retry);
    ccrnn_survey_close(&survey);
    return status;
}

int cli_retry(int argc, char **argv)
{
    struct retry_options options = {0};
    struct ccrnn_error err = {0};
    const char **const kept = cli_kept_argv("retry", argc, argv);
    options.argv = kept;
    cli_parse(&cli_retry_argp, argc, argv, &options);
    const enum ccrnn_status status = retry_study(&options, &err);
    free(kept);
    return status == CCRNN_OK ? 0 : cli_fail("retry", status, &err);
}
