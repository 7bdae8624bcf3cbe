#include "cli/slurm_script.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/ccrnn.h"
#include "cli/progress.h"
#include "cli/wall_time.h"
#include "study/record_space.h"

/* In double quotes, with '\' before each of `special`. */
static void add_quoted(struct ccrnn_text *text, const char *word, const char *special)
{
    ccrnn_text_add(text, "\"");
    for (const char *c = word; *c != '\0'; c++)
        ccrnn_text_add(text, "%s%c", strchr(special, *c) != NULL ? "\\" : "", *c);
    ccrnn_text_add(text, "\"");
}

static void add_shell_quoted(struct ccrnn_text *text, const char *word)
{
    add_quoted(text, word, "\"\\$`");
}

void cli_add_shell_word(struct ccrnn_text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=,+@%";
    if (*word != '\0' && strspn(word, plain) == strlen(word))
        ccrnn_text_add(text, "%s", word);
    else
        add_shell_quoted(text, word);
}

/* Of the log of a task. sbatch knows quotes, but neither variables nor $; '%' begins one of its own names. */
static void add_log_name(struct ccrnn_text *text, const char *out)
{
    struct ccrnn_text name = {0};
    for (const char *c = out; *c != '\0'; c++)
        ccrnn_text_add(&name, *c == '%' ? "%%%%" : "%c", *c);
    ccrnn_text_add(&name, "/slurm/%%A_%%a.out");
    text->failed |= name.failed;
    if (!name.failed)
        add_quoted(text, name.bytes, "\"\\");
    free(name.bytes);
}

static void add_head(struct ccrnn_text *text, const struct cli_slurm_job *job)
{
    ccrnn_text_add(text, "#!/bin/bash\n# Study %s as a job array. Written by ccrnn %s, in ",
                   job->name, ccrnn_version());
    cli_add_shell_word(text, job->folder);
    ccrnn_text_add(text, ", with\n#  ");
    for (const char *const *word = job->argv; *word != NULL; word++) {
        ccrnn_text_add(text, " ");
        cli_add_shell_word(text, *word);
    }
    ccrnn_text_add(
        text,
        "\n# Submit it with sbatch, and again if something went wrong: finished runs are not "
        "repeated,\n# unfinished ones go on from their checkpoints.\n#\n"
        "# The tasks share the study's runs, %zu still to be trained: each takes the next that "
        "nobody works on,\n# until none is left. A task that must stop before writes checkpoints "
        "and goes back into the queue.\n#\n",
        job->left);
}

const char *cli_slurm_epoch(double seconds, char text[32])
{
    if (seconds < 0.95)
        return strcpy(text, "less than 1 s");
    memcpy(text, "about ", 6);
    cli_duration(seconds, text + 6, 26);
    return text;
}

static void add_warning(struct ccrnn_text *text, const struct cli_slurm_job *job)
{
    char epoch[32], size[32];
    cli_slurm_epoch(job->epoch, epoch);
    ccrnn_text_add(
        text,
        "# Slurm tells a task to stop (USR1) so many seconds before its time is over, or up to %d s "
        "earlier.\n# They are %d times the longest epoch (%s where this was written), time to "
        "write %" PRIu64 " checkpoint%s\n# of %s, and %d s. Are the nodes much slower? "
        "sbatch --signal=B:USR1@SECONDS overrules this line.\n"
        "#SBATCH --signal=B:USR1@%" PRIu64 "\n",
        CLI_SLURM_EARLY, CLI_SLURM_EPOCHS, epoch, job->cpus, job->cpus == 1 ? "" : "s",
        ccrnn_record_size(job->checkpoint, size), CLI_SLURM_REST, job->warning);
}

static void add_sbatch(struct ccrnn_text *text, const struct cli_slurm_job *job)
{
    char time[32];
    ccrnn_text_add(text, "#SBATCH --job-name=");
    add_quoted(text, job->name, "\"\\");
    ccrnn_text_add(text,
                   "\n#SBATCH --array=0-%" PRIu64 "\n#SBATCH --time=%s\n#SBATCH --nodes=1\n"
                   "#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=%" PRIu64 "\n",
                   job->tasks - 1, cli_write_wall_time(job->time, time), job->cpus);
    for (const struct cli_slurm_option *o = job->option; o->name != NULL; o++)
        if (o->value != NULL)
            ccrnn_text_add(text, "#SBATCH --%s=%s\n", o->name, o->value);
    ccrnn_text_add(text, "#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --output=");
    add_log_name(text, job->out);
    ccrnn_text_add(text, "\n#\n");
    add_warning(text, job);
}

/* Before ccrnn runs. */
static const char prepare[] =
    "mark=$out/slurm/.$task\n"
    "\n"
    "say() {\n"
    "    printf '%(%F %T)T task %s: %s\\n' -1 \"$task\" \"$*\"\n"
    "}\n"
    "\n"
    "# What Slurm tells this shell is handed on; ccrnn then finishes its epochs, writes checkpoints\n"
    "# and ends with code $interrupted. Slurm may tell ccrnn as well: twice is as good as once.\n"
    "caught=''\n"
    "trap 'caught=TERM' TERM\n"
    "trap 'caught=USR1' USR1\n"
    "\n"
    "# How often in a row this task has stopped without a new checkpoint. The file is as old as this start.\n"
    "idle=0\n"
    "[ ! -s \"$mark\" ] || read -r idle <\"$mark\"\n"
    "[[ $idle =~ ^[0-9]$ ]] || idle=0\n"
    "if ! echo \"$idle\" >\"$mark\"; then\n"
    "    say \"cannot write to $out/slurm\"\n"
    "    exit 1\n"
    "fi\n"
    "say \"starts on $HOSTNAME, restart ${SLURM_RESTART_COUNT:-0}\"\n";

/* After the command, which is in the background of a subshell. */
static const char attend[] =
    "        echo \"$BASHPID $!\"\n"
    "        wait \"$!\"\n"
    "        echo \"$?\"\n"
    "    )\n"
    "    read -r keeper child <&4\n"
    "fi\n"
    "until [ -n \"$code\" ] || read -r -t 0.2 code <&4; do\n"
    "    [ -z \"$caught\" ] || kill -s \"$caught\" \"$child\" 2>/dev/null\n"
    "    kill -0 \"$keeper\" 2>/dev/null || break\n"
    "done\n"
    "trap '' TERM USR1\n"
    "[ -n \"$code\" ] || read -r -t 1 code <&4 || code=1\n"
    "\n"
    "# Back into the queue, unless Slurm ends the task for another reason than its time: it is being requeued\n"
    "# or preempted already, or somebody cancelled it. Three stops without a checkpoint are enough.\n"
    "requeue() {\n"
    "    local state\n"
    "    state=$(scontrol show job \"$task\" |\n"
    "        sed -n 's/^ *JobState=\\([A-Z_]*\\) Reason=\\([A-Za-z]*\\).*/\\1 \\2/p')\n"
    "    case $state in\n"
    "    \"RUNNING \"* | *\" TimeLimit\") ;;\n"
    "    '')\n"
    "        say \"stopped, and scontrol does not know the task: sbatch the script again to go on\"\n"
    "        return 1\n"
    "        ;;\n"
    "    *)\n"
    "        say \"stopped; Slurm is ending the task itself (${state% *})\"\n"
    "        return 1\n"
    "        ;;\n"
    "    esac\n"
    "    if [ -n \"$(find \"$out\" -mindepth 3 -maxdepth 3 -name last.safetensors -newer \"$mark\" "
    "-print -quit)\" ]; then\n"
    "        idle=0\n"
    "    else\n"
    "        idle=$((idle + 1))\n"
    "    fi\n"
    "    if [ \"$idle\" -ge 3 ]; then\n"
    "        say \"stopped 3 times in a row and no run has a new checkpoint: not put back into the queue;\" \\\n"
    "            \"give a longer --time\"\n"
    "        rm -f \"$mark\"\n"
    "        return 1\n"
    "    fi\n"
    "    echo \"$idle\" >\"$mark\"\n"
    "    if ! scontrol requeue \"$task\"; then\n"
    "        say \"stopped, and could not be put back into the queue: sbatch the script again to go on\"\n"
    "        return 1\n"
    "    fi\n"
    "    say \"stopped with checkpoints, and put back into the queue\"\n"
    "}\n"
    "\n"
    "case $code in\n"
    "\"$interrupted\")\n"
    "    requeue && code=0\n"
    "    exit \"$code\"\n"
    "    ;;\n"
    "0) say \"all runs are finished; look at them: ccrnn report $out\" ;;\n"
    "\"$busy\")\n"
    "    say \"what is not finished is at work in other tasks\"\n"
    "    code=0\n"
    "    ;;\n"
    "*) say \"ccrnn ended with code $code; it says why above\" ;;\n"
    "esac\n"
    "rm -f \"$mark\"\n"
    "exit \"$code\"\n";

/* One more argument of ccrnn, on a line of its own. */
static void add_argument(struct ccrnn_text *text, const char *option, const char *value)
{
    ccrnn_text_add(text, " \\\n            --%s ", option);
    add_shell_quoted(text, value);
}

static void add_command(struct ccrnn_text *text, const struct cli_slurm_job *job)
{
    ccrnn_text_add(text, "cd ");
    add_shell_quoted(text, job->folder);
    ccrnn_text_add(text, " || exit 1\n");
    if (job->prologue[0] != '\0') {
        ccrnn_text_add(text, "# shellcheck source=/dev/null\nif ! source ");
        add_shell_quoted(text, job->prologue);
        ccrnn_text_add(text, "; then\n    say \"the prologue failed\"\n    exit 1\nfi\n");
    }
    ccrnn_text_add(
        text,
        "\n# Without srun: a task is one process on one node, and has the task's processors as it is; "
        "srun would\n# only stand between the signals and ccrnn. The subshell ignores the signals and "
        "reports ccrnn's exit code:\n# a shell with traps may lose it.\n"
        "exec 3>&1\ncode=''\nif [ -n \"$caught\" ]; then\n    code=$interrupted\nelse\n"
        "    exec 4< <(\n        trap '' TERM USR1\n        ");
    add_shell_quoted(text, job->program);
    ccrnn_text_add(text, " run ");
    add_shell_quoted(text, job->study);
    ccrnn_text_add(text,
                   " \\\n            --out \"$out\" -j \"${SLURM_CPUS_PER_TASK:-%" PRIu64
                   "}\" --no-wait",
                   job->cpus);
    if (job->data[0] != '\0')
        add_argument(text, "data", job->data);
    if (job->seeds != NULL)
        add_argument(text, "seeds", job->seeds);
    for (size_t i = 0; i < job->set_count; i++)
        add_argument(text, "set", job->set[i]);
    ccrnn_text_add(text, " >&3 3>&- &\n");
}

void cli_slurm_script(const struct cli_slurm_job *job, struct ccrnn_text *text)
{
    add_head(text, job);
    add_sbatch(text, job);
    ccrnn_text_add(text, "\ntask=${SLURM_ARRAY_JOB_ID:?submit this script with sbatch}"
                         "_$SLURM_ARRAY_TASK_ID\nout=");
    add_shell_quoted(text, job->out);
    ccrnn_text_add(
        text, "\ninterrupted=%d busy=%d # exit codes of ccrnn; `ccrnn manual` has them all\n%s\n",
        ccrnn_status_exit_code(CCRNN_INTERRUPTED), ccrnn_status_exit_code(CCRNN_BUSY), prepare);
    add_command(text, job);
    ccrnn_text_add(text, "%s", attend);
}
