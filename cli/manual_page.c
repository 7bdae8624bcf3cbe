/* A man page, made from a table of commands: what the pages of both programs share. */
#include "cli/manual_page.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ccrnn/ccrnn.h"

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

void cli_manual_text(const char *text)
{
    print_escaped(text, strlen(text));
}

static void print_argument(const struct argp_option *option)
{
    printf(".TP\n.B ");
    if (option->key > ' ' && option->key < 127)
        printf("\\-%c, ", option->key);
    printf("\\-\\-");
    cli_manual_text(option->name);
    if (option->arg != NULL) {
        const bool optional = (option->flags & OPTION_ARG_OPTIONAL) != 0;
        printf(optional ? "[=" : "=");
        cli_manual_text(option->arg);
        printf("%s", optional ? "]" : "");
    }
    printf("\n");
    cli_manual_text(option->doc);
    printf("\n");
}

/* argp's doc holds what comes before the options and, after \v, what comes behind. */
static void print_command(const struct cli_command *command)
{
    const struct argp *const argp = command->argp;
    const char *const tail = strchr(argp->doc, '\v');
    printf(".SS %s %s ", cli_program, command->name);
    cli_manual_text(argp->args_doc == NULL ? "" : argp->args_doc);
    printf("\n");
    print_escaped(argp->doc, tail == NULL ? strlen(argp->doc) : (size_t)(tail - argp->doc));
    printf("\n");
    for (const struct argp_option *o = argp->options; o != NULL && o->name != NULL; o++)
        print_argument(o);
    if (tail == NULL)
        return;
    printf(".PP\n");
    cli_manual_text(tail + 1);
    printf("\n");
}

void cli_manual_begin(const char *summary, const char *synopsis, const char *description)
{
    printf(".TH \"");
    for (const char *c = cli_program; *c != '\0'; c++)
        putchar(toupper((unsigned char)*c));
    printf("\" 1 \"\" \"ccrnn %s\" \"User Commands\"\n.SH NAME\n", ccrnn_version());
    cli_manual_text(cli_program);
    printf(" \\- %s\n.SH SYNOPSIS\n%s\n.SH DESCRIPTION\n%s\n", summary, synopsis, description);
}

void cli_manual_commands(const struct cli_command *commands)
{
    printf(".SH COMMANDS\n");
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        print_command(c);
}

void cli_manual_exit_status(void)
{
    printf(".SH EXIT STATUS\n");
    for (int s = 0; s < CCRNN_STATUS_COUNT; s++)
        printf(".TP\n.B %d\n%s\n", ccrnn_status_exit_code((enum ccrnn_status)s),
               ccrnn_status_meaning((enum ccrnn_status)s));
}
