/* ccrnn manual: the man page, made from the tables of commands and options. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/manual_page.h"
#include "study/options.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key == ARGP_KEY_ARG)
        argp_error(state, "this command takes no argument");
    return key == ARGP_KEY_ARG ? 0 : ARGP_ERR_UNKNOWN;
}

const struct argp cli_manual_argp = {
    .parser = parse,
    .doc = "Print the man page (roff) to stdout: ccrnn manual | man -l -",
};

static void print_option(const struct ccrnn_option *option)
{
    char range[192], defaults[192];
    ccrnn_option_range(option, range, sizeof range);
    ccrnn_option_defaults(option, defaults, sizeof defaults);
    printf(".TP\n.B ");
    cli_manual_text(option->key);
    printf("\n");
    cli_manual_text(option->help);
    printf("\n(");
    cli_manual_text(range);
    if (defaults[0] != '\0') {
        printf("; default ");
        cli_manual_text(defaults);
    }
    if (cli_text(option->applies_text)[0] != '\0') {
        printf("; ");
        cli_manual_text(cli_text(option->applies_text));
    }
    printf(")\n");
}

int cli_manual(int argc, char **argv)
{
    cli_parse(&cli_manual_argp, argc, argv, NULL);
    cli_manual_begin(
        "train and study cortico\\-cerebellar recurrent networks",
        ".B ccrnn\n.I COMMAND\n[OPTION...] [ARGUMENT...]",
        "A recurrent cortex learns a task; a feed\\-forward cerebellum learns to predict the feedback the "
        "cortex would otherwise wait for. A study file names arms and seeds; ccrnn trains them, and "
        "reports with statistics.");
    cli_manual_commands(cli_commands);
    printf(".SH OPTIONS OF A STUDY\n"
           "Keys of base:, of an arm, of sweep:, zip: and random:, and of \\-\\-set.\n");
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (!ccrnn_option_at(i)->derived)
            print_option(ccrnn_option_at(i));
    cli_manual_exit_status();
    return 0;
}
