/* ccrnn data check, ccrnn data fetch mnist. */
#include "cli/data.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

struct data_options {
    const char *what, *set, *directory, *url;
    bool json;
};

enum { KEY_FROM = CLI_KEY_FIRST };

static void read_what(const char *arg, struct argp_state *state, struct data_options *options)
{
    static const char *const words[] = {"check", "fetch", NULL};
    char hint[128];
    if (strcmp(arg, words[0]) != 0 && strcmp(arg, words[1]) != 0)
        argp_error(state, "\"%s\" is unknown; expected check, or fetch mnist%s", arg,
                   cli_hint(arg, words, hint));
    options->what = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct data_options *const options = state->input;
    switch (key) {
    case 'd':
        options->directory = arg;
        return 0;
    case KEY_FROM:
        options->url = arg;
        return 0;
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->what == NULL)
            read_what(arg, state, options);
        else if (options->set == NULL && strcmp(options->what, "fetch") == 0)
            options->set = arg;
        else
            argp_error(state, "\"%s\" is one word too many; expected check, or fetch mnist", arg);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "do what? check, or fetch mnist");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"data", 'd', "DIR", 0,
     "Where the files are, or go (default: $CCRNN_DATA, or else ccrnn/mnist in $XDG_DATA_HOME or "
     "~/.local/share)",
     0},
    {"from", KEY_FROM, "URL", 0,
     "Where fetch finds the four .gz files (default: " CLI_MNIST_URL ")", 0},
    {"json", CLI_KEY_JSON, NULL, 0, "Print JSON to stdout (check only)", 0},
    {0},
};

const struct argp cli_data_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "check|fetch mnist",
    .doc =
        "check: read the four files of MNIST and tell what is in them. fetch mnist: download them "
        "(11.6 MB), compare their SHA-256 with the published ones, and keep only what is right."
        "\vFiles that are there and right are not downloaded again. A file may be plain or "
        "compressed with gzip, whatever its name says; if both are there the plain one is taken. "
        "Other data in MNIST's format and under its names passes the check, with a note.\n"
        "Exit code 0 only if all four files are there and right.",
};

static int usage(const char *message, const char *word)
{
    struct ccrnn_error err;
    err.status = CCRNN_USAGE;
    snprintf(err.message, sizeof err.message, message, word);
    return cli_fail("data", CCRNN_USAGE, &err);
}

int cli_data(int argc, char **argv)
{
    struct data_options options = {0};
    struct ccrnn_error err = {0};
    char directory[CCRNN_PATH_MAX];
    cli_parse(&cli_data_argp, argc, argv, &options);
    const bool check = strcmp(options.what, "check") == 0;
    if (!check && (options.set == NULL || strcmp(options.set, "mnist") != 0))
        return usage("fetch what? Not \"%s\"; the one data set is mnist", cli_text(options.set));
    if (check && options.url != NULL)
        return usage("--from has no effect on %s; leave it out", "check");
    if (!check && options.json)
        return usage("--json has no effect on %s; leave it out", "fetch");
    enum ccrnn_status status = cli_data_directory(options.directory, "mnist", directory, &err);
    if (status == CCRNN_OK)
        status = check ? cli_data_check(directory, options.json, &err)
                       : cli_data_fetch(directory,
                                        options.url == NULL ? CLI_MNIST_URL : options.url, &err);
    return status == CCRNN_OK ? 0 : cli_fail("data", status, &err);
}
