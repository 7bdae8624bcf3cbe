/* ccrnn-mpi: what ccrnn does with a study, by many processes that know of one another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/manual_page.h"
#include "commands.h"
#include "ranks.h"

const char cli_program[] = "ccrnn-mpi";

static int manual(int argc, char **argv);

static const struct argp manual_argp = {
    .doc = "Print the man page (roff) to stdout: ccrnn-mpi manual | man -l -",
};

static const struct cli_command commands[] = {
    {"run", "train every arm × seed of a study", mpi_run, &mpi_run_argp},
    {"bench", "measure a training step that is split over the ranks", mpi_bench, &mpi_bench_argp},
    {"manual", "print the man page", manual, &manual_argp},
    {NULL, NULL, NULL, NULL},
};

static int manual(int argc, char **argv)
{
    cli_parse(&manual_argp, argc, argv, NULL);
    cli_manual_begin(
        "train cortico\\-cerebellar recurrent networks on many processors",
        ".B mpirun\n[\\-n RANKS]\n.B ccrnn\\-mpi\n.I COMMAND\n[OPTION...] [ARGUMENT...]",
        "What ccrnn(1) does with a study, by many processes on one machine or several. Study files, what "
        "runs leave behind, and everything that looks at it: ccrnn(1).");
    cli_manual_commands(commands);
    cli_manual_exit_status();
    return 0;
}

static void print_help(FILE *out)
{
    fprintf(out,
            "Usage: mpirun [-n RANKS] ccrnn-mpi COMMAND [OPTION…] [ARGUMENT…]\n\n"
            "Train cortico-cerebellar recurrent networks on many processors and machines.\n\n"
            "Commands:\n");
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        fprintf(out, "  %-11s %s\n", c->name, c->summary);
    fprintf(out,
            "\n`ccrnn-mpi COMMAND --help` explains a command, `ccrnn-mpi --version` the build. "
            "Everything\nelse, from reports to lesions, is done by `ccrnn`.\n");
}

/* Only rank 0 has a face: what it does without a command, the others wait for. The man page is made where the
 * program is built, and MPI may not work there. */
int main(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "manual") != 0)
        ranks_begin(&argc, &argv);
    atexit(cli_check_output);
    if (ranks_self() > 0 && (argc < 2 || cli_find_command(commands, argv[1]) == NULL))
        ranks_go_on();
    return cli_dispatch(commands, print_help, argc, argv);
}
