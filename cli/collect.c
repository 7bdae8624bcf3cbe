/* ccrnn collect: all measures of a study as one table in long form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "study/long_table.h"

static const char table_start[] = "arm,hash,seed,";

struct collect_options {
    const char *study, *out;
    bool unfinished;
};

enum { KEY_UNFINISHED = CLI_KEY_FIRST };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct collect_options *const options = state->input;
    switch (key) {
    case 'o':
        if (*arg == '\0')
            argp_error(state, "--out is empty: expected a file, or - for standard output");
        options->out = arg;
        return 0;
    case KEY_UNFINISHED:
        options->unfinished = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->study != NULL)
            argp_error(state, "two studies given, \"%s\" and \"%s\": expected one",
                       options->study, arg);
        options->study = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no study given: expected the --out directory of `ccrnn run`");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"out", 'o', "FILE", 0, "Where the table goes (default: DIR/study.csv); - is standard output",
     0},
    {"unfinished", KEY_UNFINISHED, NULL, 0,
     "Take runs at work, stopped, left behind or failed, too, up to their last checkpoint", 0},
    {0},
};

const struct argp cli_collect_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "DIR",
    .doc =
        "Write all measures of a study into one table in long form, DIR/study.csv: a row for each "
        "value, with arm, hash, seed, the options in which the runs differ, status, step, split and "
        "metric. DIR is where `ccrnn run` put the study."
        "\vThe table is made anew from the run directories each time, and is never read by ccrnn. An "
        "option that has no effect in an arm has an empty cell there. Runs that are not done are left "
        "out and counted; one whose files are damaged is left out with a message, and the exit code is "
        "then 3.\n\n"
        "  python3 -c 'import pandas; print(pandas.read_csv(\"DIR/study.csv\", dtype={\"hash\": str}))'\n\n"
        "docs/collect.md has R and awk.",
};

/* What is there and is no table of this command is somebody's file, such as study.json. */
static enum ccrnn_status check_path(const char *path, struct ccrnn_error *err)
{
    uint8_t start[sizeof table_start - 1];
    size_t size = 0;
    bool exists;
    CCRNN_TRY(ccrnn_path_look(path, &exists, err));
    if (!exists)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_file_read_start(path, start, sizeof start, &size, err));
    if (size == 0 || (size == sizeof start && memcmp(start, table_start, size) == 0))
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: is there, and `ccrnn collect` did not write it, for it does not begin "
                      "with \"%s\"; give another --out, or move the file away",
                      path, table_start);
}

/* Where the text goes: a file that appears when it is whole, or standard output. */
struct target {
    struct ccrnn_file_writer *file;
};

static enum ccrnn_status write_text(void *context, const char *bytes, size_t size,
                                    struct ccrnn_error *err)
{
    const struct target *const target = context;
    if (target->file != NULL)
        return ccrnn_file_writer_add(target->file, bytes, size, err);
    if (fwrite(bytes, 1, size, stdout) != size)
        return ccrnn_fail(err, CCRNN_IO,
                          "the table could not be written; free space or give another --out");
    return CCRNN_OK;
}

static void print_refused(void *context, const char *message)
{
    (void)context;
    fprintf(stderr, "ccrnn collect: %s; left out\n", message);
}

static void print_summary(const struct ccrnn_long_table *table, const char *path)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "%zu run%s, %zu rows, in %s", table->runs, table->runs == 1 ? "" : "s",
                   table->rows, path);
    const char *before = "; left out: ";
    for (int state = 0; state < CCRNN_SURVEY_STATES; state++) {
        if (table->left_out[state] == 0)
            continue;
        ccrnn_text_add(&text, "%s%zu %s", before, table->left_out[state],
                       ccrnn_survey_state_name((enum ccrnn_survey_state)state));
        before = ", ";
    }
    if (table->refused > 0)
        ccrnn_text_add(&text, "%s%zu that cannot be read", before, table->refused);
    fprintf(stderr, "%s\n", text.bytes == NULL ? "" : text.bytes);
    free(text.bytes);
}

static enum ccrnn_status make_table(const struct ccrnn_survey *survey, bool unfinished,
                                    struct target *target, struct ccrnn_long_table *table,
                                    struct ccrnn_error *err)
{
    const struct ccrnn_long_table_listener listener = {target, write_text, print_refused};
    CCRNN_TRY(ccrnn_long_table_make(survey, unfinished, &listener, table, err));
    if (table->runs == 0)
        return ccrnn_fail(err, table->refused > 0 ? CCRNN_FORMAT : CCRNN_FAILED,
                          "%s: there is no run that is %s and can be read, so there is no table; "
                          "`ccrnn status` shows how they stand",
                          survey->directory, unfinished ? "begun" : "done");
    return CCRNN_OK;
}

static enum ccrnn_status collect(const struct collect_options *options,
                                 const struct ccrnn_survey *survey, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct target target = {NULL};
    struct ccrnn_long_table table;
    const bool to_file = options->out == NULL || strcmp(options->out, "-") != 0;
    CCRNN_TRY(options->out != NULL
                  ? ccrnn_path_join(path, sizeof path, "", options->out, err)
                  : ccrnn_path_join(path, sizeof path, options->study, "study.csv", err));
    if (to_file) {
        CCRNN_TRY(check_path(path, err));
        CCRNN_TRY(ccrnn_file_writer_open(path, &target.file, err));
    }
    enum ccrnn_status status = make_table(survey, options->unfinished, &target, &table, err);
    if (status == CCRNN_OK && to_file)
        status = ccrnn_file_writer_commit(target.file, err);
    else
        ccrnn_file_writer_abandon(target.file);
    CCRNN_TRY(status);
    print_summary(&table, to_file ? path : "standard output");
    if (table.refused > 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%zu run%s left out of the table; the messages above say why",
                          table.refused, table.refused == 1 ? " was" : "s were");
    return CCRNN_OK;
}

int cli_collect(int argc, char **argv)
{
    struct collect_options options = {0};
    struct ccrnn_error err = {0};
    struct ccrnn_survey survey = {0};
    cli_parse(&cli_collect_argp, argc, argv, &options);
    enum ccrnn_status status = ccrnn_survey_open(options.study, CCRNN_LEASE_STALE, &survey, &err);
    if (status == CCRNN_OK)
        status = collect(&options, &survey, &err);
    ccrnn_survey_close(&survey);
    return status == CCRNN_OK ? 0 : cli_fail("collect", status, &err);
}
