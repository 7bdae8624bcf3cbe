/** @file
 * The subcommands, one file each.
 */
#ifndef CCRNN_CLI_COMMANDS_H
#define CCRNN_CLI_COMMANDS_H

#include "cli/cli.h"

int cli_analyse(int argc, char **argv);
int cli_baselines(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_caption(int argc, char **argv);
int cli_collect(int argc, char **argv);
int cli_completion(int argc, char **argv);
int cli_data(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_eval(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_manual(int argc, char **argv);
int cli_pens(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_reproduce(int argc, char **argv);
int cli_retry(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_slurm(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_verify(int argc, char **argv);

extern const struct argp cli_analyse_argp, cli_baselines_argp, cli_bench_argp, cli_caption_argp,
    cli_collect_argp, cli_completion_argp, cli_data_argp, cli_doctor_argp, cli_eval_argp,
    cli_export_argp, cli_list_argp, cli_manual_argp, cli_pens_argp, cli_report_argp,
    cli_reproduce_argp, cli_retry_argp, cli_run_argp, cli_slurm_argp, cli_status_argp,
    cli_verify_argp;

#endif
