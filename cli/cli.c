/* What the commands of both programs share: options, failures, the version. */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "ccrnn/ccrnn.h"
#include "math/math.h"

/* --- options ----------------------------------------------------------------------------- */

enum { VALUES_MOST = 64 };

/* A command's own parser, and the values its options have had. */
struct once {
    const struct argp *argp;
    void *input;
    struct {
        int key;
        const char *value;
    } given[VALUES_MOST];
    size_t count;
};

/* "--out (-o)" */
static void option_name(const struct argp_option *option, char *text, size_t size)
{
    if (option->key > ' ' && option->key <= '~')
        snprintf(text, size, "--%s (-%c)", option->name, option->key);
    else
        snprintf(text, size, "--%s", option->name);
}

static const struct argp_option *find_option(const struct argp *argp, int key)
{
    for (const struct argp_option *o = argp->options; o != NULL && o->name != NULL; o++)
        if (o->key == key)
            return o;
    return NULL;
}

static void note_value(struct once *once, int key, const char *value, struct argp_state *state)
{
    char name[64];
    const struct argp_option *const option = find_option(once->argp, key);
    if (option == NULL || value == NULL || (option->flags & CLI_OPTION_AGAIN) != 0)
        return;
    for (size_t i = 0; i < once->count; i++) {
        if (once->given[i].key != key)
            continue;
        option_name(option, name, sizeof name);
        argp_error(state, "%s is given twice, as \"%s\" and as \"%s\"; leave one of them out",
                   name, once->given[i].value, value);
    }
    if (once->count == VALUES_MOST)
        return;
    once->given[once->count].key = key;
    once->given[once->count++].value = value;
}

/* Between argp and the command's own parser. */
static error_t parse_once(int key, char *arg, struct argp_state *state)
{
    struct once *const once = state->input;
    if (once->argp->parser == NULL)
        return ARGP_ERR_UNKNOWN;
    note_value(once, key, arg, state);
    state->input = once->input;
    const error_t result = once->argp->parser(key, arg, state);
    state->input = once;
    return result;
}

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    struct argp watched = *argp;
    struct once once = {.argp = argp, .input = input};
    watched.parser = parse_once;
    argp_err_exit_status = ccrnn_status_exit_code(CCRNN_USAGE);
    argp_parse(&watched, argc, argv, 0, NULL, &once);
}

/* --- messages ---------------------------------------------------------------------------- */

const char *cli_hint(const char *word, const char *const *words, char text[128])
{
    const char *const nearest = ccrnn_word_nearest(word, words);
    *text = '\0';
    if (nearest != NULL)
        snprintf(text, 128, "; did you mean \"%.90s\"?", nearest);
    return text;
}

int cli_fail(const char *command, enum ccrnn_status status, const struct ccrnn_error *err)
{
    fflush(stdout);
    fprintf(stderr, "%s %s: %s\n", cli_program, command,
            err->message[0] != '\0' ? err->message : ccrnn_status_meaning(status));
    return ccrnn_status_exit_code(status);
}

void cli_check_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    fprintf(stderr, "%s: the output could not be written; free space or give another place\n",
            cli_program);
    _exit(ccrnn_status_exit_code(CCRNN_IO));
}

const char *cli_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

const char *cli_text(const char *text)
{
    return text == NULL ? "" : text;
}

void cli_read_gemm(const char *word, struct argp_state *state, enum ccrnn_gemm_choice *gemm)
{
    static const char *const words[] = {"auto", "onednn", "plain"};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0) {
            *gemm = (enum ccrnn_gemm_choice)i;
            return;
        }
    argp_error(state, "--gemm is \"%s\": expected auto, onednn or plain", word);
}

void cli_read_kernels(const char *word, struct argp_state *state,
                      enum ccrnn_kernel_choice *kernels)
{
    static const char *const words[] = {"auto", "avx512", "avx2", "plain"};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0) {
            *kernels = (enum ccrnn_kernel_choice)i;
            return;
        }
    argp_error(state, "--kernels is \"%s\": expected auto, avx512, avx2 or plain", word);
}

int cli_print_version(void)
{
    struct ccrnn_math math;
    struct ccrnn_error err = {0};
    const enum ccrnn_status status =
        ccrnn_math_select(CCRNN_GEMM_AUTO, CCRNN_KERNELS_AUTO, &math, &err);
    if (status != CCRNN_OK)
        return cli_fail("--version", status, &err);
    printf("%s %s\ncommit %s\nnumerics %d\ncompiler %s\nkernels %s, matrix products %s\n",
           cli_program, ccrnn_version(), ccrnn_commit(), CCRNN_NUMERICS, ccrnn_compiler(),
           math.kernels->name, math.gemm_name);
    return 0;
}

/* --- commands ---------------------------------------------------------------------------- */

const struct cli_command *cli_find_command(const struct cli_command *commands, const char *name)
{
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static void say_unknown(const struct cli_command *commands, const char *name)
{
    struct ccrnn_nearest nearest = ccrnn_nearest_start(name);
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        ccrnn_nearest_try(&nearest, c->name);
    fprintf(stderr, "%s: unknown command \"%s\"; ", cli_program, name);
    if (nearest.best != NULL)
        fprintf(stderr, "did you mean `%s %s`? ", cli_program, nearest.best);
    fprintf(stderr, "%s `%s --help`%s\n", nearest.best == NULL ? "see" : "See", cli_program,
            nearest.best == NULL ? "" : " for all");
}

int cli_dispatch(const struct cli_command *commands, void (*print_help)(FILE *out), int argc,
                 char **argv)
{
    const char *const name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return cli_print_version();
    const struct cli_command *const command = cli_find_command(commands, name);
    if (command == NULL) {
        if (argc < 2)
            print_help(stderr);
        else
            say_unknown(commands, name);
        return ccrnn_status_exit_code(CCRNN_USAGE);
    }
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, with a message */
    char full_name[64];
    snprintf(full_name, sizeof full_name, "%s %s", cli_program, command->name);
    argv[1] = full_name;
    return command->run(argc - 1, argv + 1);
}
