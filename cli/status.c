/* ccrnn status: how every run of a study stands, who is at work, when it will be done. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/host.h"
#include "base/number.h"
#include "cli/commands.h"
#include "cli/status.h"
#include "cli/study_run.h"
#include "cli/terminal.h"

static const double watch_usual = 2, watch_least = 0.1, watch_most = 3600; /* seconds */

/* A look at a large study on a network file system is work for its server: no more than a tenth of the time. */
static const double looks_of_the_time = 0.1;

enum { LOOKS_TO_BE_SURE = 2 };

struct status_options {
    const char *study;
    double stale, watch; /* seconds; 0: not given */
    bool json, runs, verbose;
};

/* More rows than that are too many before the lines that matter. */
enum { ROWS_MOST = 40 };

enum { KEY_WATCH = CLI_KEY_FIRST, KEY_STALE, KEY_RUNS };

static void read_watch(const char *arg, struct argp_state *state, double *seconds)
{
    *seconds = watch_usual;
    if (arg != NULL &&
        (!ccrnn_parse_real(arg, seconds) || *seconds < watch_least || *seconds > watch_most))
        argp_error(state, "--watch is \"%s\": expected seconds from %g to %g", arg, watch_least,
                   watch_most);
}

/* Options that change nothing together with another one are refused. */
static void check_options(const struct status_options *options, struct argp_state *state)
{
    if (options->json && options->watch > 0)
        argp_error(state, "--json and --watch given: expected one of them; --json prints one "
                          "object and ends");
    if (options->json && options->runs)
        argp_error(state, "--json lists every run, so --runs has no effect; leave it out");
    if (options->verbose && (options->json || options->watch > 0))
        argp_error(state, "%s; leave -v out",
                   options->json
                       ? "--json lists every arm, so -v has no effect"
                       : "--watch shows the arms there is room for, so -v has no effect");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct status_options *const options = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case KEY_RUNS:
        options->runs = true;
        return 0;
    case 'v':
        options->verbose = true;
        return 0;
    case KEY_STALE:
        cli_read_stale(arg, state, &options->stale);
        return 0;
    case KEY_WATCH:
        read_watch(arg, state, &options->watch);
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
    {"json", CLI_KEY_JSON, NULL, 0, "Print everything as one JSON object (docs/status.md)", 0},
    {"runs", KEY_RUNS, NULL, 0, "List every run", 0},
    {"stale", KEY_STALE, "SECONDS", 0,
     "A process on another machine without a sign of life for so long counts as gone (default: "
     "300)",
     0},
    {"verbose", 'v', NULL, 0,
     "Show every arm, also if there are more than 40: else those that are all done or all waiting are "
     "only counted",
     0},
    {"watch", KEY_WATCH, "SECONDS", OPTION_ARG_OPTIONAL,
     "Look again every so many seconds (default: 2) until nothing is left; Ctrl-C ends it", 0},
    {0},
};

const struct argp cli_status_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "DIR",
    .doc =
        "How every run of a study stands, who is at work on it, what failed, what was done twice, "
        "and when it will be done. DIR is where `ccrnn run` put it; the study file is not needed, and "
        "nothing is written."
        "\vA run is done, running, stopped (Ctrl-Z), waiting, interrupted (stopped on request), stale, failed or "
        "NaN (a result). Stale is what a process left behind: one of this machine that is gone, or one "
        "elsewhere that shows no sign of life. A look tells that by this machine's clock, so it may "
        "err where clocks do; `ccrnn run` and `ccrnn retry` take nothing over before they have watched for "
        "themselves. Failed is also the last attempt to begin or to extend a run.\n\n"
        "Where the output is no terminal, --watch prints one block after the other. The exit code "
        "is 0 whenever the study could be read, however its runs stand; --json tells a script the "
        "rest, for example: ccrnn status DIR --json | jq .complete",
};

enum ccrnn_status cli_status_look(const char *directory, double stale, struct cli_status *status,
                                  struct ccrnn_error *err)
{
    const double seconds = stale > 0 ? stale : CCRNN_LEASE_STALE;
    ccrnn_forecast_free(&status->forecast);
    CCRNN_TRY(status->survey.directory == NULL
                  ? ccrnn_survey_open(directory, seconds, &status->survey, err)
                  : ccrnn_survey_look(&status->survey, err));
    status->lost = ccrnn_lost_work_sum(directory);
    return ccrnn_forecast_make(&status->survey, &status->forecast, err);
}

void cli_status_free(struct cli_status *status)
{
    ccrnn_forecast_free(&status->forecast);
    ccrnn_survey_close(&status->survey);
}

/* --- the terminal ------------------------------------------------------------------------ */

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; text != NULL && *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* Bytes of a line's first characters. */
static size_t cut(const char *line, size_t length, size_t characters)
{
    const size_t first = cli_first(line, characters);
    return first < length ? first : length;
}

/* Print as much as fits, a line of the text on a line of the screen. @return lines */
static size_t print_cut(const char *text, struct cli_screen screen)
{
    size_t lines = 0;
    while (*text != '\0' && lines + 1 < screen.lines) {
        const size_t length = strcspn(text, "\n");
        printf("%.*s\n", (int)cut(text, length, screen.columns - 1), text);
        text += length + (text[length] == '\n');
        lines++;
    }
    return lines;
}

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
}

/* Where a line that starts here is to be broken: at the last space that fits, or in the middle of a long word. Rows of
 * the table have gaps of several spaces, and are cut rather than broken. @return bytes; `length`: nowhere */
static size_t find_break(const char *line, size_t length, size_t characters)
{
    const size_t end = cut(line, length, characters), indent = strspn(line, " ");
    if (end == length)
        return length;
    for (size_t i = indent; i + 1 < length; i++)
        if (line[i] == ' ' && line[i + 1] == ' ')
            return length;
    for (size_t i = end; i > indent; i--)
        if (line[i] == ' ')
            return i;
    return end;
}

/* The same text with long lines broken, so that no message and no command loses its end. */
static void fold(struct ccrnn_text *text, size_t columns)
{
    static const char indent[] = "    ";
    struct ccrnn_text folded = {0};
    for (const char *at = text->bytes; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\n"), width = columns - 1;
        for (size_t end = find_break(at, length, width); end < length;
             end = find_break(at, length, width)) {
            ccrnn_text_append(&folded, at, end);
            ccrnn_text_add(&folded, "\n%s", indent);
            end += at[end] == ' ';
            at += end;
            length -= end;
            width = columns - sizeof indent;
        }
        ccrnn_text_append(&folded, at, length);
        ccrnn_text_add(&folded, "\n");
        at += length + (at[length] == '\n');
    }
    free(text->bytes);
    *text = folded;
}

/* The lines of a status, with a table that leaves room for the rest on the screen. */
static void compose(const struct cli_status *status, const struct status_options *options,
                    struct cli_screen screen, struct ccrnn_text *text)
{
    const bool drawn = options->watch > 0 && screen.lines > 0;
    const size_t arms = status->survey.index.arm_count;
    const bool short_table = arms > ROWS_MOST && !options->verbose && !drawn;
    struct cli_status_layout layout = {.columns = drawn ? screen.columns - 1 : screen.columns,
                                       .arms = short_table ? ROWS_MOST : SIZE_MAX,
                                       .busy = short_table,
                                       .runs = options->runs};
    cli_status_text(status, &layout, text);
    if (!drawn || text->failed)
        return;
    fold(text, screen.columns);
    if (text->failed)
        return;
    const size_t lines = count_lines(text->bytes) + 1, room = screen.lines - 1;
    if (lines <= room)
        return;
    const size_t excess = lines - room + 1;
    layout.arms = arms > excess ? arms - excess : 1;
    ccrnn_text_clear(text);
    cli_status_text(status, &layout, text);
    if (!text->failed)
        fold(text, screen.columns);
}

/* --- once, and again --------------------------------------------------------------------- */

static enum ccrnn_status show_json(const struct cli_status *status, struct ccrnn_error *err)
{
    char *const text = cli_status_json(status);
    if (text == NULL)
        return fail_memory(err);
    puts(text);
    free(text);
    return CCRNN_OK;
}

static enum ccrnn_status show_text(const struct cli_status *status,
                                   const struct status_options *options, struct ccrnn_error *err)
{
    struct ccrnn_text text = {0};
    compose(status, options, cli_screen(STDOUT_FILENO), &text);
    if (!text.failed)
        fputs(text.bytes, stdout);
    const bool failed = text.failed;
    free(text.bytes);
    return failed ? fail_memory(err) : CCRNN_OK;
}

/* A block in the place of the one before, or below it. @param last it is not drawn again
 * @param[in,out] drawn lines that are there */
static enum ccrnn_status redraw(const struct cli_status *status,
                                const struct status_options *options, bool last, size_t *drawn,
                                struct ccrnn_error *err)
{
    const struct cli_screen screen = cli_screen(STDOUT_FILENO);
    struct ccrnn_text text = {0};
    const time_t now = time(NULL);
    struct tm local;
    char clock[16] = "";
    if (localtime_r(&now, &local) != NULL)
        (void)strftime(clock, sizeof clock, "%H:%M:%S", &local);
    if (screen.lines == 0)
        ccrnn_text_add(&text, "%s%s\n", *drawn > 0 ? "\n" : "", clock);
    compose(status, options, screen, &text);
    if (text.failed) {
        free(text.bytes);
        return fail_memory(err);
    }
    if (screen.lines == 0) {
        fputs(text.bytes, stdout);
        *drawn = 1;
    } else {
        ccrnn_text_add(&text, "%s%s\n", clock, last ? "" : ", Ctrl-C ends");
        if (*drawn > 0)
            printf("\033[%zuA\r\033[J", *drawn);
        *drawn = print_cut(text.bytes, screen);
    }
    free(text.bytes);
    return CCRNN_OK;
}

/* Wait; true: somebody wants it to end. */
static bool rest(const sigset_t *ends, double seconds)
{
    const struct timespec time = {.tv_sec = (time_t)seconds,
                                  .tv_nsec = (long)(1e9 * (seconds - (double)(time_t)seconds))};
    return sigtimedwait(ends, NULL, &time) > 0;
}

/* Is nothing left? While a study is extended, nothing seems to be for the moment between two runs.
 * @param[in,out] calm looks before this one at which it seemed so */
static bool is_over(const struct ccrnn_survey *survey, size_t *calm)
{
    if (ccrnn_survey_left(survey) > 0) {
        *calm = 0;
        return false;
    }
    return survey->shorter == 0 || (*calm)++ == LOOKS_TO_BE_SURE;
}

/* Signals that end it wait while it draws, so the screen is left with whole lines and the cursor below. */
static enum ccrnn_status watch(struct cli_status *status, const struct status_options *options,
                               struct ccrnn_error *err)
{
    sigset_t ends;
    size_t drawn = 0, calm = 0;
    double wait;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    do {
        const double start = ccrnn_monotonic_seconds();
        CCRNN_TRY(cli_status_look(options->study, options->stale, status, err));
        const double took = ccrnn_monotonic_seconds() - start;
        const bool last = is_over(&status->survey, &calm);
        CCRNN_TRY(redraw(status, options, last, &drawn, err));
        if (fflush(stdout) != 0 || last)
            return CCRNN_OK; /* main() sees to output that could not be written */
        wait =
            options->watch > took / looks_of_the_time ? options->watch : took / looks_of_the_time;
    } while (!rest(&ends, wait));
    return CCRNN_OK;
}

static enum ccrnn_status show(struct cli_status *status, const struct status_options *options,
                              struct ccrnn_error *err)
{
    if (options->watch > 0)
        return watch(status, options, err);
    CCRNN_TRY(cli_status_look(options->study, options->stale, status, err));
    return options->json ? show_json(status, err) : show_text(status, options, err);
}

int cli_status(int argc, char **argv)
{
    struct status_options options = {0};
    struct cli_status status = {0};
    struct ccrnn_error err = {0};
    cli_parse(&cli_status_argp, argc, argv, &options);
    const enum ccrnn_status found = show(&status, &options, &err);
    cli_status_free(&status);
    return found == CCRNN_OK ? 0 : cli_fail("status", found, &err);
}
