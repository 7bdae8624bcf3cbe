/** @file
 * The command line: one file a subcommand. Only here are argv, stdout, stderr and exit codes.
 */
#ifndef CCRNN_CLI_CLI_H
#define CCRNN_CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/file.h"
#include "ccrnn/network.h"
#include "ccrnn/status.h"

/** The program's name, as its messages begin: "ccrnn". Every program defines it. */
extern const char cli_program[];

/** One subcommand. `run` gets argv[0] = "ccrnn <name>" and returns the process's exit code;
 * main.c sees to output that could not be written. */
struct cli_command {
    const char *name;
    const char *summary; /* one line, for `ccrnn --help` */
    int (*run)(int argc, char **argv);
    const struct argp *argp; /* its options: drives --help, man page and completion */
};

/** All subcommands; ends with a NULL name. To add one: write its file, add a row in main.c. */
extern const struct cli_command cli_commands[];

/** The row of this name in a table that ends with a NULL name, or NULL. */
const struct cli_command *cli_find_command(const struct cli_command *commands, const char *name);

/** In argp's flags: the option may be given more than once. */
enum { CLI_OPTION_AGAIN = 0x100 };

/** Parse a subcommand's options into `input`; exits with code 2 on a usage error, 0 after --help. An option with
 * a value that is given twice is such an error, unless its flags have CLI_OPTION_AGAIN: the first value would be
 * lost without a word. */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/** Print "<program> <command>: message" to stderr and return the status's exit code. */
int cli_fail(const char *command, enum ccrnn_status status, const struct ccrnn_error *err);

/** For atexit(): at the end of every command, --help of argp included, output that could not be written (a
 * full disk, a closed pipe) is never a success. */
void cli_check_output(void);

/** Version, commit, compiler, and the kernels this CPU gets. @return the process's exit code */
int cli_print_version(void);

/** The end of a message about a word that is not known: "; did you mean \"run\"?", or "" if none of `words`
 * (ends with NULL) is near. @param[out] text 128 bytes  @return text */
const char *cli_hint(const char *word, const char *const *words, char text[128]);

/** What main() does: --help, --version, or the command argv names. @return the process's exit code */
int cli_dispatch(const struct cli_command *commands, void (*print_help)(FILE *out), int argc,
                 char **argv);

/** What makes a noun plural: "s", or "" if there is one. */
const char *cli_plural(uint64_t count);

/** The text, or "" where a table has none. */
const char *cli_text(const char *text);

/** Where data sets are: `given` (the value of --data) if it is not NULL; else the environment
 * variable CCRNN_DATA if it is set and not empty; else ccrnn/SET below $XDG_DATA_HOME if that
 * is an absolute path, or below ~/.local/share. Nothing is looked up or made on the disk.
 * @param set "mnist", "flickr8k" or "coco"
 * @return CCRNN_USAGE: `given` is empty, the path is too long, there is no HOME. */
enum ccrnn_status cli_data_directory(const char *given, const char *set,
                                     char path[CCRNN_PATH_MAX], struct ccrnn_error *err);

/** `--gemm` and `--kernels` of commands without a study file; another word is a usage error. */
enum { CLI_KEY_GEMM = 0x100, CLI_KEY_KERNELS, CLI_KEY_JSON, CLI_KEY_FIRST };
void cli_read_gemm(const char *word, struct argp_state *state, enum ccrnn_gemm_choice *gemm);
void cli_read_kernels(const char *word, struct argp_state *state,
                      enum ccrnn_kernel_choice *kernels);

#endif
