/* ccrnn manual: the man page, made from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
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

/* Text as roff wants it: backslashes doubled, no line beginning with a dot or quote. */
static void print_escaped(const char *text, size_t length)
{
    bool line_start = true;
    for (size_t i = 0; i < length; i++) {
        const char c = text[i];
        if (line_start && (c == '.' || c == '\''))
            fputs("\\&", stdout);
        if (c == '\\')
            fputs("\\e", stdout);
        else if (c == '-')
            fputs("\\-", stdout);
        else
            fputc(c, stdout);
        line_start = c == '\n';
    }
}

static void print_text(const char *text)
{
    print_escaped(text, strlen(text));
}

static void print_argument(const struct argp_option *option)
{
    printf(".TP\n.B ");
    if (option->key > ' ' && option->key < 127)
        printf("\\-%c, ", option->key);
    printf("\\-\\-");
    print_text(option->name);
    if (option->arg != NULL) {
        printf("=");
        print_text(option->arg);
    }
    printf("\n");
    print_text(option->doc);
    printf("\n");
}

/* argp's doc holds what comes before the options and, after \v, what comes behind. */
static void print_command(const struct cli_command *command)
{
    const struct argp *const argp = command->argp;
    const char *const tail = strchr(argp->doc, '\v');
    printf(".SS ccrnn %s ", command->name);
    print_text(argp->args_doc == NULL ? "" : argp->args_doc);
    printf("\n");
    print_escaped(argp->doc, tail == NULL ? strlen(argp->doc) : (size_t)(tail - argp->doc));
    printf("\n");
    for (const struct argp_option *o = argp->options; o != NULL && o->name != NULL; o++)
        print_argument(o);
    if (tail == NULL)
        return;
    printf(".PP\n");
    print_text(tail + 1);
    printf("\n");
}

static void print_option(const struct ccrnn_option *option)
{
    char range[192], defaults[192];
    ccrnn_option_range(option, range, sizeof range);
    ccrnn_option_defaults(option, defaults, sizeof defaults);
    printf(".TP\n.B ");
    print_text(option->key);
    printf("\n");
    print_text(option->help);
    printf("\n(");
    print_text(range);
    if (defaults[0] != '\0') {
        printf("; default ");
        print_text(defaults);
    }
    if (cli_text(option->applies_text)[0] != '\0') {
        printf("; ");
        print_text(cli_text(option->applies_text));
    }
    printf(")\n");
}

int cli_manual(int argc, char **argv)
{
    cli_parse(&cli_manual_argp, argc, argv, NULL);
    printf(
        ".TH CCRNN 1 \"\" \"ccrnn %s\" \"User Commands\"\n.SH NAME\n"
        "ccrnn \\- train and study cortico\\-cerebellar recurrent networks\n"
        ".SH SYNOPSIS\n.B ccrnn\n.I COMMAND\n[OPTION...] [ARGUMENT...]\n"
        ".SH DESCRIPTION\nA recurrent cortex learns a task; a feed\\-forward cerebellum learns to "
        "predict the feedback the cortex would otherwise wait for. A study file names arms and "
        "seeds; ccrnn trains them, and reports with statistics.\n.SH COMMANDS\n",
        ccrnn_version());
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        print_command(c);
    printf(".SH OPTIONS OF A STUDY\nKeys of base:, of an arm, of sweep: and of \\-\\-set.\n");
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (!ccrnn_option_at(i)->derived)
            print_option(ccrnn_option_at(i));
    printf(".SH EXIT STATUS\n");
    for (int s = 0; s < CCRNN_STATUS_COUNT; s++)
        printf(".TP\n.B %d\n%s\n", ccrnn_status_exit_code((enum ccrnn_status)s),
               ccrnn_status_meaning((enum ccrnn_status)s));
    return 0;
}
