#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"

const char cli_program[] = "ccrnn";

const struct cli_command cli_commands[] = {
    {"run", "train every arm × seed of a study", cli_run, &cli_run_argp},
    {"slurm", "write a batch script that trains a study on a cluster", cli_slurm,
     &cli_slurm_argp},
    {"status", "how a study's runs stand, who is at work, when it is done", cli_status,
     &cli_status_argp},
    {"retry", "run again what failed or was left behind", cli_retry, &cli_retry_argp},
    {"report", "figures and a page with statistics from a study's runs", cli_report,
     &cli_report_argp},
    {"collect", "all measures of a study as one table", cli_collect, &cli_collect_argp},
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

int main(int argc, char **argv)
{
    atexit(cli_check_output);
    return cli_dispatch(cli_commands, print_help, argc, argv);
}
