/** @file
 * The subcommands of ccrnn-mpi, one file each.
 */
#ifndef CCRNN_MPI_COMMANDS_H
#define CCRNN_MPI_COMMANDS_H

#include "cli/cli.h"

int mpi_bench(int argc, char **argv);
int mpi_run(int argc, char **argv);

extern const struct argp mpi_bench_argp, mpi_run_argp;

#endif
