/* ccrnn completion: a bash completion, made from the tables of commands and options. */
#include <stdio.h>

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

const struct argp cli_completion_argp = {
    .parser = parse,
    .doc = "Print the bash completion to stdout: eval \"$(ccrnn completion)\"",
};

static void print_values(const struct ccrnn_option *option)
{
    printf("        %s=*) words=\"", option->key);
    for (const struct ccrnn_option_choice *c = option->choices; c != NULL && c->name != NULL; c++)
        printf("%s%s", c == option->choices ? "" : " ", c->name);
    printf("\" ;;\n");
}

/* The words a command knows as arguments, each with a space before it. */
static const char *argument_words(const struct cli_command *command)
{
    if (command->run == cli_list)
        return " tasks studies options";
    return command->run == cli_data ? " check fetch mnist" : "";
}

int cli_completion(int argc, char **argv)
{
    cli_parse(&cli_completion_argp, argc, argv, NULL);
    printf(
        "# bash completion of ccrnn %s\n"
        "_ccrnn() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=\n"
        "    local line=${COMP_LINE:0:COMP_POINT} setting\n"
        "    setting=${line##* }\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"--help --version",
        ccrnn_version());
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        printf(" %s", c->name);
    printf(
        "\"\n    elif [[ $line == *--set[=\\ ]*([^ ]) ]]; then\n        setting=${setting#--set=}\n"
        "        case $setting in\n");
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (ccrnn_option_at(i)->choices != NULL)
            print_values(ccrnn_option_at(i));
    printf("        *=*) ;;\n        *) compopt -o nospace; words=\"");
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (!ccrnn_option_at(i)->derived)
            printf("%s= ", ccrnn_option_at(i)->key);
    printf("\" ;;\n        esac\n        current=${setting##*=}\n    else\n"
           "        case ${COMP_WORDS[1]} in\n");
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        printf("        %s) words=\"--help", c->name);
        for (const struct argp_option *o = c->argp->options; o != NULL && o->name != NULL; o++)
            printf(" --%s", o->name);
        printf("%s\" ;;\n", argument_words(c));
    }
    printf(
        "        esac\n"
        "        [[ $current == -* || ${COMP_WORDS[1]} == @(data|list) ]] || words=\n    fi\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "    [ -n \"${COMPREPLY[*]}\" ] || mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
        "    : \"$previous\"\n}\ncomplete -o filenames -F _ccrnn ccrnn\n");
    return 0;
}
