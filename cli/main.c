#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ccrnn/ccrnn.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "math/math.h"

const struct cli_command cli_commands[] = {
    {"run", "train every arm × seed of a study", cli_run, &cli_run_argp},
    {"report", "figures and a page with statistics from a study's runs", cli_report,
     &cli_report_argp},
    {"reproduce", "run a figure's study, draw it, judge its claims", cli_reproduce,
     &cli_reproduce_argp},
    {"eval", "measure a run's weights on fresh data", cli_eval, &cli_eval_argp},
    {"analyse", "activity, feedback, coupling, learning speed and weights of a run", cli_analyse,
     &cli_analyse_argp},
    {"export", "write a run's weights under PyTorch's names", cli_export, &cli_export_argp},
    {"verify", "replay recorded training cases and compare every tensor", cli_verify,
     &cli_verify_argp},
    {"bench", "measure training steps against this machine's peak", cli_bench, &cli_bench_argp},
    {"caption", "what a trained network says about images", cli_caption, &cli_caption_argp},
    {"baselines", "what captions are worth that no network made", cli_baselines,
     &cli_baselines_argp},
    {"data", "fetch the images of MNIST, or check those that are there", cli_data,
     &cli_data_argp},
    {"list", "tasks, studies, or every option of a study", cli_list, &cli_list_argp},
    {"pens", "the digits that come with ccrnn, as files or a picture", cli_pens, &cli_pens_argp},
    {"doctor", "what is installed, what this CPU offers, a self-test", cli_doctor,
     &cli_doctor_argp},
    {"manual", "print the man page", cli_manual, &cli_manual_argp},
    {"completion", "print the bash completion", cli_completion, &cli_completion_argp},
    {NULL, NULL, NULL, NULL},
};

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    argp_err_exit_status = ccrnn_status_exit_code(CCRNN_USAGE);
    argp_parse(argp, argc, argv, 0, NULL, input);
}

int cli_fail(const char *command, enum ccrnn_status status, const struct ccrnn_error *err)
{
    fflush(stdout);
    fprintf(stderr, "ccrnn %s: %s\n", command,
            err->message[0] != '\0' ? err->message : ccrnn_status_meaning(status));
    return ccrnn_status_exit_code(status);
}

/* At the end of every command, --help of argp included: output that could not be written (a full
 * disk, a closed pipe) is never a success. */
static void check_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    fputs("ccrnn: the output could not be written; free space or give another place\n", stderr);
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

static void print_help(FILE *out)
{
    fprintf(out, "Usage: ccrnn COMMAND [OPTION…] [ARGUMENT…]\n\n"
                 "Train and study cortico-cerebellar recurrent networks.\n\nCommands:\n");
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        fprintf(out, "  %-11s %s\n", c->name, c->summary);
    fprintf(out,
            "\nStart with:\n"
            "  ccrnn run studies/linedraw.yaml --out demo   train two networks, four seeds each\n"
            "  ccrnn report demo                            look at what came out\n\n"
            "`ccrnn COMMAND --help` explains a command, `ccrnn --version` the build.\n");
}

/* Version, commit, compiler, and the kernels this CPU gets. */
static int print_version(void)
{
    struct ccrnn_math math;
    struct ccrnn_error err = {0};
    const enum ccrnn_status status =
        ccrnn_math_select(CCRNN_GEMM_AUTO, CCRNN_KERNELS_AUTO, &math, &err);
    if (status != CCRNN_OK)
        return cli_fail("--version", status, &err);
    printf("ccrnn %s\ncommit %s\nnumerics %d\ncompiler %s\nkernels %s, matrix products %s\n",
           ccrnn_version(), ccrnn_commit(), CCRNN_NUMERICS, ccrnn_compiler(), math.kernels->name,
           math.gemm_name);
    return 0;
}

static const struct cli_command *find_command(const char *name)
{
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

int main(int argc, char **argv)
{
    const char *const name = argc > 1 ? argv[1] : "";
    atexit(check_output);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, with a message */
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return print_version();
    const struct cli_command *const command = find_command(name);
    if (command == NULL) {
        if (argc < 2)
            print_help(stderr);
        else
            fprintf(stderr, "ccrnn: unknown command \"%s\"; see `ccrnn --help`\n", name);
        return ccrnn_status_exit_code(CCRNN_USAGE);
    }
    char full_name[64];
    snprintf(full_name, sizeof full_name, "ccrnn %s", command->name);
    argv[1] = full_name;
    return command->run(argc - 1, argv + 1);
}
