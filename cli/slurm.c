/* ccrnn slurm: a batch script that trains a study as a job array. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/commands.h"
#include "cli/run_request.h"
#include "cli/slurm_script.h"
#include "cli/wall_time.h"
#include "study/record_space.h"

enum {
    TASKS_MOST = 1000000, /* as many as a study has runs */
    WARNING_MOST = 65535, /* what sbatch's --signal takes */
    SLOWEST_DISK = 20     /* MB/s: a shared file system on a bad day */
};

/* What is handed on to sbatch, in the order of struct slurm_options.sbatch. */
enum { PARTITION, ACCOUNT, QOS, MEMORY, MAIL_USER, MAIL_TYPE, SBATCH_OPTIONS };

struct slurm_options {
    struct cli_run_request request; /* what the tasks will be asked for */
    const char *script, *prologue;
    uint64_t tasks, cpus, time;
    struct cli_slurm_option sbatch[SBATCH_OPTIONS + 1];
};

enum { KEY_OUT = CLI_KEY_RUN_END, KEY_TIME, KEY_TASKS, KEY_CPUS, KEY_PROLOGUE, KEY_SBATCH };

/* --- options ----------------------------------------------------------------------------- */

static void read_count(const char *option, const char *arg, uint64_t most,
                       struct argp_state *state, uint64_t *count)
{
    if (!ccrnn_parse_unsigned(arg, count) || *count < 1 || *count > most)
        argp_error(state, "--%s is \"%s\": expected an integer from 1 to %" PRIu64, option, arg,
                   most);
}

/* sbatch takes such a line apart at blanks, quotes and '#'. */
static void read_word(struct cli_slurm_option *option, const char *arg, struct argp_state *state)
{
    bool good = *arg != '\0';
    for (const char *c = arg; *c != '\0'; c++)
        good &= *c > ' ' && *c <= '~' && strchr("\"'\\#", *c) == NULL;
    if (!good)
        argp_error(state, "--%s is \"%s\": expected one word without blanks, quotes, \\ and #",
                   option->name, arg);
    option->value = arg;
}

static void read_memory(struct cli_slurm_option *option, const char *arg,
                        struct argp_state *state)
{
    const size_t digits = strspn(arg, "0123456789"), length = strlen(arg);
    const bool unit = length == digits + 1 && strchr("KMGT", arg[digits]) != NULL;
    if (digits == 0 || digits > 15 || (length > digits && !unit))
        argp_error(state, "--mem is \"%s\": expected megabytes, or a number with K, M, G or T",
                   arg);
    option->value = arg;
}

static void parse_sbatch(int which, const char *arg, struct argp_state *state,
                         struct cli_slurm_option *sbatch)
{
    if (which == MEMORY)
        read_memory(&sbatch[which], arg, state);
    else
        read_word(&sbatch[which], arg, state);
    if (which == MAIL_USER)
        sbatch[MAIL_TYPE].value = "END,FAIL";
}

/* What one cannot do without. */
static void check_complete(const struct slurm_options *options, struct argp_state *state)
{
    if (options->time == 0)
        argp_error(state,
                   "no --time given: how long may a task take? --time 4:00:00 is four hours");
    if (options->tasks == 0)
        argp_error(state, "no --tasks given: how many tasks shall share the runs?");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct slurm_options *const options = state->input;
    switch (key) {
    case KEY_TIME:
        if (!cli_read_wall_time(arg, &options->time))
            argp_error(state, "--time is \"%s\": %s", arg, cli_wall_time_expected);
        return 0;
    case KEY_TASKS:
        read_count("tasks", arg, TASKS_MOST, state, &options->tasks);
        return 0;
    case KEY_CPUS:
        read_count("cpus-per-task", arg, CLI_JOBS_MOST, state, &options->cpus);
        return 0;
    case KEY_PROLOGUE:
        options->prologue = arg;
        return 0;
    case 'o':
        if (*arg == '\0')
            argp_error(state, "-o is empty: expected a file, or - for standard output");
        options->script = arg;
        return 0;
    case KEY_OUT:
        return cli_run_parse('o', arg, state);
    case ARGP_KEY_END:
        check_complete(options, state);
        return 0;
    case KEY_SBATCH + PARTITION:
    case KEY_SBATCH + ACCOUNT:
    case KEY_SBATCH + QOS:
    case KEY_SBATCH + MEMORY:
    case KEY_SBATCH + MAIL_USER:
        parse_sbatch(key - KEY_SBATCH, arg, state, options->sbatch);
        return 0;
    default:
        return cli_run_parse(key, arg, state);
    }
}

static const struct argp_option option_list[] = {
    {"account", KEY_SBATCH + ACCOUNT, "NAME", 0, "sbatch's --account", 0},
    {"cpus-per-task", KEY_CPUS, "N", 0,
     "Processors of a task: runs at the same time (default: 1)", 0},
    {"data", CLI_KEY_DATA, "DIR", 0,
     "Directory of MNIST, or of captions and features, if an arm reads some", 0},
    {"mail-user", KEY_SBATCH + MAIL_USER, "ADDRESS", 0,
     "sbatch's --mail-user, for the end and failures", 0},
    {"mem", KEY_SBATCH + MEMORY, "SIZE", 0, "sbatch's --mem: memory of a task, e.g. 4G", 0},
    {"out", KEY_OUT, "DIR", 0,
     "Directory of the study (default: runs/NAME), on a file system all nodes see", 0},
    {"partition", KEY_SBATCH + PARTITION, "NAME", 0, "sbatch's --partition", 0},
    {"prologue", KEY_PROLOGUE, "FILE", 0,
     "bash file that a task sources before it starts ccrnn: module load …", 0},
    {"qos", KEY_SBATCH + QOS, "NAME", 0, "sbatch's --qos", 0},
    {"script", 'o', "FILE", 0, "Where the script goes (default: -, standard output)", 0},
    {"seeds", CLI_KEY_SEEDS, "LIST", 0, "Seeds instead of the study's, e.g. 1..10 or 1,4,7", 0},
    CLI_OPTION_SET,
    {"tasks", KEY_TASKS, "N", 0, "Tasks that share the runs", 0},
    {"time", KEY_TIME, "TIME", 0, "Time of a task: minutes, M:S, H:M:S, D-H, D-H:M or D-H:M:S",
     0},
    {0},
};

const struct argp cli_slurm_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "STUDY.yaml --time TIME --tasks N",
    .doc =
        "Write a Slurm batch script that trains a study as an array of a few tasks. The tasks share "
        "the runs between them. Before its time is over, on SIGTERM and on SIGUSR1, a task writes "
        "checkpoints and goes back into the queue; it goes on where it was."
        "\vThe study and its data are checked as before a run. What it takes, and what to type next, is "
        "said on standard error:\n\n"
        "  ccrnn slurm STUDY.yaml --time 4:00:00 --tasks 8 -o study.sbatch\n"
        "  sbatch study.sbatch\n\n"
        "Other options of sbatch go to sbatch itself, before the script's name.",
};

/* --- checks ------------------------------------------------------------------------------ */

/* A script has lines: a name with a newline would end one. */
static enum ccrnn_status check_text(const char *what, const char *text, struct ccrnn_error *err)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            return ccrnn_fail(err, CCRNN_USAGE,
                              "%s has a newline or another control character (byte %d, after "
                              "\"%.*s\"), which cannot stand in a script; give it another name",
                              what, *c, (int)(c - text), text);
    return CCRNN_OK;
}

static enum ccrnn_status make_absolute(const char *folder, const char *path,
                                       char absolute[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    return ccrnn_path_join(absolute, CCRNN_PATH_MAX, *path == '/' ? "" : folder, path, err);
}

/* The folder this was called in, by the name it is known under: on a cluster the real one may be a node's own. */
static enum ccrnn_status find_folder(char folder[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    char *const name = get_current_dir_name();
    if (name == NULL)
        return ccrnn_fail(err, CCRNN_IO, "the working directory has no name; cd to another");
    const enum ccrnn_status status = ccrnn_path_join(folder, CCRNN_PATH_MAX, "", name, err);
    free(name);
    CCRNN_TRY(status);
    return check_text("the working directory", folder, err);
}

static enum ccrnn_status find_program(char program[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    const ssize_t length = readlink("/proc/self/exe", program, CCRNN_PATH_MAX - 1);
    program[length < 0 ? 0 : length] = '\0';
    if (!ccrnn_file_exists(program))
        return ccrnn_fail(err, CCRNN_IO,
                          "the program's own file is not found; is /proc mounted?");
    return check_text("the program's path", program, err);
}

/* A bash file that is there; the tasks will source it. */
static enum ccrnn_status find_prologue(const char *given, struct cli_slurm_job *job,
                                       struct ccrnn_error *err)
{
    if (given == NULL)
        return CCRNN_OK;
    CCRNN_TRY(make_absolute(job->folder, given, job->prologue, err));
    if (ccrnn_file_exists(job->prologue))
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_IO, "--prologue %s: there is no such file", given);
}

static enum ccrnn_status find_paths(const struct slurm_options *options,
                                    const struct cli_run_opened *opened,
                                    struct cli_slurm_job *job, struct ccrnn_error *err)
{
    CCRNN_TRY(find_folder(job->folder, err));
    CCRNN_TRY(find_program(job->program, err));
    CCRNN_TRY(find_prologue(options->prologue, job, err));
    CCRNN_TRY(make_absolute(job->folder, options->request.study, job->study, err));
    CCRNN_TRY(make_absolute(job->folder, opened->directory, job->out, err));
    if (opened->data[0] != '\0')
        CCRNN_TRY(make_absolute(job->folder, opened->data, job->data, err));
    CCRNN_TRY(check_text("the directory of the data", job->data, err));
    if (strchr(job->out, '\\') != NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s: sbatch takes no name of a log file with \\; choose another --out",
                          job->out);
    return CCRNN_OK;
}

/* What --dry-run would refuse: data that are not there, recordings the disk has no room for. */
static enum ccrnn_status estimate_study(const struct cli_run_opened *opened,
                                        struct cli_study_estimate *estimate,
                                        struct ccrnn_error *err)
{
    struct ccrnn_study_data data;
    struct ccrnn_record_space space;
    CCRNN_TRY(ccrnn_study_data_load(opened->study, opened->data, &data, err));
    enum ccrnn_status status =
        ccrnn_record_space_find(opened->study, opened->directory, opened->how.jobs, &space, err);
    if (status == CCRNN_OK && space.count > 0)
        status = ccrnn_record_space_check(&space, err);
    if (status == CCRNN_OK)
        status = cli_study_estimate(opened->study, &opened->how, &data, estimate, err);
    ccrnn_study_data_release(&data);
    return status;
}

/* Room at the end of a task, and whether an epoch fits before it. */
static enum ccrnn_status choose_warning(const struct cli_study_estimate *estimate,
                                        struct cli_slurm_job *job, struct ccrnn_error *err)
{
    char epoch[32], time[32], needed[32];
    const double write = (double)job->cpus * estimate->checkpoint / (1e6 * SLOWEST_DISK);
    const double warning = ceil(CLI_SLURM_EPOCHS * estimate->epoch + write + CLI_SLURM_REST);
    cli_slurm_epoch(estimate->epoch, epoch);
    if (warning > WARNING_MOST)
        return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                          "an epoch takes %s, and Slurm tells a task to stop at most %d s "
                          "before its end: too late for a checkpoint; use a smaller train_size",
                          epoch, WARNING_MOST);
    job->warning = (uint64_t)warning;
    job->epoch = estimate->epoch;
    job->checkpoint = estimate->checkpoint;
    const uint64_t least = job->warning + (uint64_t)ceil(estimate->epoch);
    if (job->time >= least)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_USAGE,
        "--time %s is too short: an epoch takes %s here, and a task is told to stop %" PRIu64
        " s before its end to write its checkpoints; give %s at the very least, better an hour",
        cli_write_wall_time(job->time, time), epoch, job->warning,
        cli_write_wall_time((least + 59) / 60 * 60, needed));
}

/* Asked before the data are: a finished study needs none. */
static enum ccrnn_status check_unfinished(const struct cli_run_opened *opened,
                                          struct ccrnn_error *err)
{
    if (!ccrnn_study_is_complete(opened->study, opened->directory))
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_USAGE,
        "all %zu runs are finished, there is nothing to submit; look at them: ccrnn "
        "report %s",
        ccrnn_study_run_count(opened->study), opened->directory);
}

static enum ccrnn_status check_tasks(const struct cli_study_estimate *estimate,
                                     const struct cli_slurm_job *job, struct ccrnn_error *err)
{
    if (job->tasks <= job->left)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "--tasks %" PRIu64 " is more than the %zu runs that are left of %zu: the "
                      "others would have nothing to do",
                      job->tasks, job->left, estimate->runs);
}

/* --- what it takes ----------------------------------------------------------------------- */

/* Seconds until all is done if the tasks begin together: the work shared, or the longest run alone. */
static double time_needed(const struct cli_study_estimate *estimate,
                          const struct cli_slurm_job *job)
{
    const double cores = (double)(job->tasks * job->cpus);
    return fmax(estimate->work / cores, estimate->run);
}

/* Core hours of so many seconds, with as many digits as say something. */
static const char *core_hours(double seconds, char text[32])
{
    const double hours = seconds / 3600;
    (void)ccrnn_format(text, 32, "%.*f core hours", hours < 0.1 ? 4 : hours < 10 ? 2 : 0, hours);
    return text;
}

static void print_shortage(double needed, const struct cli_study_estimate *estimate,
                           const struct cli_slurm_job *job)
{
    char time[32];
    const double lost = (double)job->warning + CLI_SLURM_EARLY / 2.0;
    const double usable = fmax((double)job->time - lost, estimate->epoch);
    const double enough = 60 * ceil((1.2 * needed + lost) / 60);
    const double tasks = ceil(1.2 * estimate->work / (usable * (double)job->cpus));
    if (needed <= usable)
        return;
    const bool longer = enough <= CLI_WALL_TIME_MOST;
    const bool wider = estimate->run <= usable && tasks <= (double)job->left;
    fprintf(
        stderr,
        "warning: that does not suffice at one go; each task will go back into the queue about "
        "%.0f times%s",
        ceil(needed / usable) - 1, longer || wider ? "; at one go:" : "");
    if (longer)
        fprintf(stderr, " --time %s", cli_write_wall_time((uint64_t)enough, time));
    if (wider)
        fprintf(stderr, "%s --tasks %.0f", longer ? " or" : "", tasks);
    fprintf(stderr, "\n");
}

static void print_plan(const struct cli_run_opened *opened,
                       const struct cli_study_estimate *estimate, const struct cli_slurm_job *job)
{
    char epoch[32], time[32], hours[32], basis[256];
    const struct ccrnn_study *const study = opened->study;
    cli_slurm_epoch(estimate->epoch, epoch);
    cli_study_estimate_basis(estimate, basis, sizeof basis);
    fprintf(stderr, "study %s: %zu arm%s × %zu seed%s = %zu run%s, %zu to be trained, into %s\n",
            study->name, study->arm_count, cli_plural(study->arm_count), study->seed_count,
            cli_plural(study->seed_count), estimate->runs, cli_plural(estimate->runs), job->left,
            job->out);
    fprintf(stderr, "needed: about %s, the longest epoch %s (%s)\n",
            core_hours(estimate->work, hours), epoch, basis);
    fprintf(stderr,
            "asked for: %" PRIu64 " task%s × %" PRIu64 " processor%s × %s = %s; a task is "
            "told to stop %" PRIu64 " s before its end\n",
            job->tasks, job->tasks == 1 ? "" : "s", job->cpus, job->cpus == 1 ? "" : "s",
            cli_write_wall_time(job->time, time),
            core_hours((double)(job->tasks * job->cpus * job->time), hours), job->warning);
    print_shortage(time_needed(estimate, job), estimate, job);
    if (job->tasks * job->cpus > job->left)
        fprintf(
            stderr,
            "note: these are more processors than runs; only networks of words use several in "
            "a run\n");
}

static void print_next(const char *script)
{
    struct ccrnn_text text = {0};
    cli_add_shell_word(&text, script);
    if (strcmp(script, "-") == 0)
        fprintf(stderr, "keep the script in a file and submit it: sbatch FILE\n");
    else
        fprintf(stderr, "wrote %s; submit it: sbatch %s\n", script,
                text.failed ? "" : text.bytes);
    free(text.bytes);
}

/* --- the script -------------------------------------------------------------------------- */

/* A file that this command wrote may be replaced, and no other: in `ccrnn run` -o is the study's directory. */
static enum ccrnn_status check_target(const char *script, struct ccrnn_error *err)
{
    static const char start[] = "#!/bin/bash\n# Study ";
    uint8_t bytes[sizeof start - 1];
    size_t size = 0;
    if (strcmp(script, "-") == 0 || !ccrnn_path_exists(script))
        return CCRNN_OK;
    if (ccrnn_directory_exists(script))
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "-o %s: is a directory; -o names the script, --out the study's directory", script);
    CCRNN_TRY(ccrnn_file_read_start(script, bytes, sizeof bytes, &size, err));
    if (size == sizeof bytes && memcmp(bytes, start, size) == 0)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_USAGE,
        "-o %s: there is a file that this command did not write; remove it, or give "
        "another name",
        script);
}

static enum ccrnn_status write_script(const struct cli_slurm_job *job, const char *script,
                                      struct ccrnn_error *err)
{
    char logs[CCRNN_PATH_MAX];
    struct ccrnn_text text = {0};
    enum ccrnn_status status = ccrnn_path_join(logs, sizeof logs, job->out, "slurm", err);
    if (status == CCRNN_OK) /* Slurm makes no directory for its logs */
        status = ccrnn_directory_make(logs, err);
    cli_slurm_script(job, &text);
    if (status == CCRNN_OK && text.failed)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a script");
    if (status == CCRNN_OK && strcmp(script, "-") == 0)
        fputs(text.bytes, stdout);
    else if (status == CCRNN_OK)
        status = ccrnn_file_write_atomic(script, text.bytes, text.size, err);
    free(text.bytes);
    return status;
}

static enum ccrnn_status check_arguments(const struct cli_slurm_job *job, const char *script,
                                         struct ccrnn_error *err)
{
    if (job->argv == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the command line");
    for (const char *const *word = job->argv; *word != NULL; word++)
        CCRNN_TRY(check_text("an argument", *word, err));
    return check_target(script, err);
}

static enum ccrnn_status plan(const struct slurm_options *options,
                              const struct cli_run_opened *opened, struct cli_slurm_job *job,
                              struct ccrnn_error *err)
{
    struct cli_study_estimate estimate;
    CCRNN_TRY(find_paths(options, opened, job, err));
    CCRNN_TRY(check_unfinished(opened, err));
    CCRNN_TRY(estimate_study(opened, &estimate, err));
    job->name = opened->study->name;
    job->left = estimate.runs - estimate.done;
    CCRNN_TRY(check_tasks(&estimate, job, err));
    CCRNN_TRY(choose_warning(&estimate, job, err));
    CCRNN_TRY(write_script(job, options->script, err));
    print_plan(opened, &estimate, job);
    print_next(options->script);
    return CCRNN_OK;
}

int cli_slurm(int argc, char **argv)
{
    struct slurm_options options = {
        .script = "-",
        .cpus = 1,
        .sbatch = {[PARTITION] = {"partition", NULL},
                   [ACCOUNT] = {"account", NULL},
                   [QOS] = {"qos", NULL},
                   [MEMORY] = {"mem", NULL},
                   [MAIL_USER] = {"mail-user", NULL},
                   [MAIL_TYPE] = {"mail-type", NULL}},
    };
    struct cli_run_opened opened;
    struct ccrnn_error err = {0};
    const char **const kept = cli_kept_argv("slurm", argc, argv);
    cli_parse(&cli_slurm_argp, argc, argv, &options);
    options.request.jobs = (unsigned)options.cpus;
    struct cli_slurm_job job = {
        .argv = kept,
        .set = options.request.set,
        .set_count = options.request.overrides.set_count,
        .seeds = options.request.overrides.seeds,
        .tasks = options.tasks,
        .cpus = options.cpus,
        .time = options.time,
        .option = options.sbatch,
    };
    enum ccrnn_status status = check_arguments(&job, options.script, &err);
    if (status == CCRNN_OK)
        status = cli_run_open(&options.request, &opened, &err);
    if (status == CCRNN_OK) {
        status = plan(&options, &opened, &job, &err);
        cli_run_close(&opened);
    }
    free(kept);
    return status == CCRNN_OK ? 0 : cli_fail("slurm", status, &err);
}
