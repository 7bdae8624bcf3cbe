/** @file
 * The text of a Slurm batch script that trains a study.
 */
#ifndef CCRNN_CLI_SLURM_SCRIPT_H
#define CCRNN_CLI_SLURM_SCRIPT_H

#include "base/file.h"
#include "base/text.h"

/** A line "#SBATCH --name=value"; value: a word without blanks, quotes, '\' and '#'. */
struct cli_slurm_option {
    const char *name, *value; /**< NULL: leave the line out */
};

/** What goes into the script. Paths are absolute. No text has a control character, `out` no '\'. */
struct cli_slurm_job {
    const char *const *argv; /**< how it was asked for; ends with NULL */
    const char *name;        /**< of the study */
    char program[CCRNN_PATH_MAX], folder[CCRNN_PATH_MAX]; /**< this one; where it was called */
    char study[CCRNN_PATH_MAX], out[CCRNN_PATH_MAX];
    char data[CCRNN_PATH_MAX], prologue[CCRNN_PATH_MAX]; /**< "" if there are none */
    const char *const *set;                              /**< (set_count) */
    size_t set_count;
    const char *seeds; /**< NULL: the study's */
    uint64_t tasks, cpus;
    uint64_t time,
        warning;       /**< seconds of a task; how long before their end it is told to stop */
    size_t left;       /**< runs to be trained */
    double epoch;      /**< seconds of the longest */
    double checkpoint; /**< bytes of the largest */
    const struct cli_slurm_option *option; /**< ends with a NULL name */
};

/** Seconds for what is not training, at the end of a task: ask Slurm, write to a busy file system. */
enum { CLI_SLURM_REST = 20, CLI_SLURM_EPOCHS = 3, CLI_SLURM_EARLY = 60 };

/** Write the script. Check text->failed afterwards. */
void cli_slurm_script(const struct cli_slurm_job *job, struct ccrnn_text *text);

/** "less than 1 s", "about 3.2 min". @return text */
const char *cli_slurm_epoch(double seconds, char text[32]);

/** Add a word as bash reads it: in double quotes if it needs any. */
void cli_add_shell_word(struct ccrnn_text *text, const char *word);

#endif
