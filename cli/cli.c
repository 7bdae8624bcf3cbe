/* What the commands of both programs share: options, failures, the version. */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ccrnn/ccrnn.h"
#include "math/math.h"

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    argp_err_exit_status = ccrnn_status_exit_code(CCRNN_USAGE);
    argp_parse(argp, argc, argv, 0, NULL, input);
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

const struct cli_command *cli_find_command(const struct cli_command *commands, const char *name)
{
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
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
            fprintf(stderr, "%s: unknown command \"%s\"; see `%s --help`\n", cli_program, name,
                    cli_program);
        return ccrnn_status_exit_code(CCRNN_USAGE);
    }
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, with a message */
    char full_name[64];
    snprintf(full_name, sizeof full_name, "%s %s", cli_program, command->name);
    argv[1] = full_name;
    return command->run(argc - 1, argv + 1);
}
