/* ccrnn run: every arm × seed of a study. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/network.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "math/math.h"
#include "study/data.h"
#include "study/record_space.h"
#include "study/workers.h"

enum { SET_MOST = 256, JOBS_MOST = 4096 };

struct run_options {
    const char *study, *out, *data;
    struct ccrnn_study_overrides overrides;
    const char *set[SET_MOST];
    unsigned jobs;
    bool dry_run, quiet;
    const char *const *argv;
};

/* Set by the handler, read by every worker. */
static atomic_int stop_signal;

enum { KEY_SET = CLI_KEY_FIRST, KEY_SEEDS, KEY_DRY_RUN, KEY_DATA };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run_options *const options = state->input;
    uint64_t number;
    switch (key) {
    case KEY_SET:
        if (options->overrides.set_count == SET_MOST)
            argp_error(state, "more than %d times --set; write a study file", SET_MOST);
        options->set[options->overrides.set_count++] = arg;
        return 0;
    case KEY_SEEDS:
        options->overrides.seeds = arg;
        return 0;
    case KEY_DRY_RUN:
        options->dry_run = true;
        return 0;
    case KEY_DATA:
        options->data = arg;
        return 0;
    case 'j':
        if (!ccrnn_parse_unsigned(arg, &number) || number < 1 || number > JOBS_MOST)
            argp_error(state, "-j is \"%s\": expected an integer from 1 to %d", arg, JOBS_MOST);
        options->jobs = (unsigned)number;
        return 0;
    case 'o':
        if (*arg == '\0')
            argp_error(state, "--out is empty: expected a directory");
        options->out = arg;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->study != NULL)
            argp_error(state, "two studies given, \"%s\" and \"%s\": expected one",
                       options->study, arg);
        options->study = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no study given; try studies/linedraw.yaml");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"data", KEY_DATA, "DIR", 0,
     "Directory of MNIST, or of captions and features, if an arm reads some", 0},
    {"dry-run", KEY_DRY_RUN, NULL, 0,
     "Show the runs, their options and a time estimate; run nothing", 0},
    {"jobs", 'j', "N", 0, "Runs at the same time (default: the CPUs this process may use)", 0},
    {"out", 'o', "DIR", 0, "Directory of the study (default: runs/NAME)", 0},
    {"quiet", 'q', NULL, 0, "No progress, only failures", 0},
    {"seeds", KEY_SEEDS, "LIST", 0, "Seeds instead of the study's, e.g. 1..10 or 1,4,7", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "Change an option in every arm where it has an effect", 0},
    {0},
};

const struct argp cli_run_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "STUDY.yaml",
    .doc =
        "Train every arm × seed of a study. Finished runs are not repeated, interrupted ones go on "
        "from their last checkpoint, and with more epochs (--set epochs=200) all are extended: the "
        "same command again is always right."
        "\vCtrl-C lets the runs at work finish their epoch and write a checkpoint; twice ends at once "
        "and costs the work since the last checkpoint.\n\n"
        "`ccrnn list options` explains every key of a study and of --set.",
};

static void on_signal(int number)
{
    if (stop_signal != 0)
        _exit(128 + number);
    stop_signal = number;
}

static bool wants_stop(void *context)
{
    (void)context;
    return stop_signal != 0;
}

static unsigned default_jobs(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int count = CPU_COUNT(&set);
    return count < 1 ? 1 : (unsigned)count;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of the fastest of a few steps on empty trials. */
static enum ccrnn_status time_step(struct ccrnn_network *network, double *best,
                                   struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const net = ccrnn_network_config_of(network);
    const size_t rows = net->steps * net->batch;
    ccrnn_real *const input = calloc(rows * net->inputs, sizeof *input);
    ccrnn_real *const target =
        calloc(net->loss == CCRNN_LOSS_MSE ? rows * net->outputs : 1, sizeof *target);
    ccrnn_real *const feature = calloc(net->batch * net->features + 1, sizeof *feature);
    int32_t *const label = calloc(rows, sizeof *label);
    enum ccrnn_status status = CCRNN_OK;
    if (input == NULL || target == NULL || label == NULL || feature == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a time estimate");
    const struct ccrnn_batch batch = {
        .input = input, .target = target, .label = label, .feature = feature};
    *best = 1e300;
    for (int i = 0; i < 8 && status == CCRNN_OK; i++) {
        const double start = now();
        status = ccrnn_network_train(network, &batch, NULL, err);
        const double took = now() - start;
        *best = took < *best ? took : *best;
    }
    free(input);
    free(target);
    free(feature);
    free(label);
    return status;
}

/* Batches of an epoch, a batch of validation counted as a third of one. */
static enum ccrnn_status count_batches(const struct ccrnn_run_config *config,
                                       const struct ccrnn_study_data *data, double *batches,
                                       struct ccrnn_error *err)
{
    const double B = (double)config->network.batch;
    const struct ccrnn_run_data own = ccrnn_study_data_of(data, config);
    struct ccrnn_caption_trials *trials = NULL;
    *batches = ((double)config->task.train_size + (double)config->task.validation_size / 3) / B;
    if (own.captions == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_caption_trials_open(&config->task.captions, own.captions,
                                        config->network.batch, 1, &trials, err));
    *batches = (double)ccrnn_caption_trials_plan(trials, CCRNN_CAPTIONS_TRAIN, 1) +
               (double)ccrnn_caption_trials_plan(trials, CCRNN_CAPTIONS_VALIDATION, 0) / 3;
    ccrnn_caption_trials_close(trials);
    return CCRNN_OK;
}

/* Seconds of one run of an arm. */
static enum ccrnn_status estimate(const struct ccrnn_study_arm *arm,
                                  const struct ccrnn_study_data *data, double *seconds,
                                  struct ccrnn_error *err)
{
    struct ccrnn_network *network = NULL;
    double step = 0, batches = 0;
    ccrnn_math_thread_setup();
    CCRNN_TRY(count_batches(&arm->config, data, &batches, err));
    CCRNN_TRY(ccrnn_network_create(&arm->config.network, 1, &network, err));
    const enum ccrnn_status status = time_step(network, &step, err);
    ccrnn_network_destroy(network);
    *seconds = step * batches * (double)(arm->config.epochs - arm->config.branch_epoch);
    return status;
}

static void print_options(const struct ccrnn_study_arm *arm)
{
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        char value[2 * CCRNN_CONFIG_PATH_MAX];
        if (!ccrnn_option_applies(option, &arm->config) || option->derived)
            continue;
        ccrnn_run_config_get(&arm->config, option, value, sizeof value);
        if (value[0] != '\0')
            printf("    %s: %s\n", option->key, value);
    }
}

/* How much is going to be recorded; refused here as it would be in earnest. */
static enum ccrnn_status print_record(const struct ccrnn_study *study, const char *directory,
                                      unsigned jobs, struct ccrnn_error *err)
{
    struct ccrnn_record_space space;
    char runs[32], needed[32], free[32];
    CCRNN_TRY(ccrnn_record_space_find(study, directory, jobs, &space, err));
    if (space.count == 0)
        return CCRNN_OK;
    printf(
        "record: %s (%.0f bytes) uncompressed, of %zu runs; with room to put the files together "
        "%s of %s free\n",
        ccrnn_record_size(space.runs, runs), space.runs, space.count,
        ccrnn_record_size(space.needed, needed), ccrnn_record_size(space.free, free));
    return ccrnn_record_space_check(&space, err);
}

static enum ccrnn_status print_plan(const struct ccrnn_study *study,
                                    const struct run_options *options, const char *directory,
                                    const struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    double total = 0;
    char text[32];
    printf("study %s: %zu arms × %zu seeds = %zu runs, into %s\n", study->name, study->arm_count,
           study->seed_count, ccrnn_study_run_count(study), directory);
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &study->arms[i];
        double seconds;
        CCRNN_TRY(estimate(arm, data, &seconds, err));
        cli_duration(seconds, text, sizeof text);
        printf("  %s (%s): %" PRIu64 " epochs, ", arm->name, arm->hash, arm->config.epochs);
        if (arm->parent != SIZE_MAX)
            printf("from epoch %" PRIu64 " of %s on, ", arm->config.branch_epoch,
                   study->arms[arm->parent].name);
        printf("%.1f MFLOP a step, about %s a run\n",
               1e-6 * ccrnn_run_config_flops_per_step(&arm->config), text);
        print_options(arm);
        total += seconds * (double)study->seed_count;
    }
    const unsigned jobs = options->jobs > 0 ? options->jobs : default_jobs();
    cli_duration(total / jobs, text, sizeof text);
    printf("about %s with -j %u\n", text, jobs);
    return print_record(study, directory, jobs, err);
}

/* Would it begin here? Files may be missing, or hold too few images. */
static enum ccrnn_status dry_run(struct ccrnn_study *study, const struct run_options *options,
                                 const char *directory, const char *data, struct ccrnn_error *err)
{
    struct ccrnn_study_data loaded;
    CCRNN_TRY(ccrnn_study_data_load(study, data, &loaded, err));
    struct ccrnn_text found = {0};
    ccrnn_study_data_describe(&loaded, &found);
    fputs(found.bytes == NULL ? "" : found.bytes, stdout);
    free(found.bytes);
    const enum ccrnn_status status = print_plan(study, options, directory, &loaded, err);
    ccrnn_study_data_release(&loaded);
    return status;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void print_result(const struct ccrnn_workers_result *result, const char *directory,
                         double seconds)
{
    char took[32];
    cli_duration(seconds, took, sizeof took);
    printf("%zu runs trained, %zu were finished before", result->done, result->already);
    if (result->nonfinite > 0)
        printf(", %zu ended in NaN (recorded)", result->nonfinite);
    if (result->failed > 0)
        printf(", %zu failed", result->failed);
    if (result->busy > 0)
        printf(", %zu are at work in another process", result->busy);
    if (result->left > 0)
        printf(", %zu left", result->left);
    printf(" (%s)\n", took);
    if (result->left == 0)
        printf("look at it: ccrnn report %s\n", directory);
}

/* Where the files are, if the study reads any. */
static enum ccrnn_status find_data(const struct ccrnn_study *study,
                                   const struct run_options *options, char data[CCRNN_PATH_MAX],
                                   struct ccrnn_error *err)
{
    data[0] = '\0';
    const char *const set = ccrnn_study_data_name(study);
    if (set != NULL)
        return cli_data_directory(options->data, set, data, err);
    if (options->data != NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "--data has no effect: no arm has images: mnist, captions: flickr or "
                          "captions: coco; leave it out, or add for example --set images=mnist");
    return CCRNN_OK;
}

static enum ccrnn_status train(struct ccrnn_study *study, const struct run_options *options,
                               const char *directory, const char *data, struct ccrnn_error *err)
{
    struct cli_progress *const progress = cli_progress_create(study, directory, options->quiet);
    if (progress == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    const struct ccrnn_workers workers = {
        .directory = directory,
        .data = data,
        .jobs = options->jobs > 0 ? options->jobs : default_jobs(),
        .argv = options->argv,
        .listener = {progress, cli_progress_loaded, cli_progress_epoch, cli_progress_note,
                     cli_progress_finished, wants_stop},
    };
    struct ccrnn_workers_result result;
    const double start = now();
    catch_signals();
    const enum ccrnn_status status = ccrnn_study_execute(study, &workers, &result, err);
    cli_progress_clear(progress);
    cli_progress_destroy(progress);
    const size_t ended =
        result.done + result.already + result.nonfinite + result.failed + result.busy;
    if (ended + result.left == 0)
        return status; /* nothing could begin; err says why */
    print_result(&result, directory, now() - start);
    if (status == CCRNN_INTERRUPTED)
        return ccrnn_fail(err, status, "stopped; the same command goes on where this one ended");
    if (status != CCRNN_OK)
        return ccrnn_fail(err, status,
                          "%zu of %zu runs did not finish; the messages above say why",
                          result.nonfinite + result.failed + result.busy, ended + result.left);
    return status;
}

static enum ccrnn_status run_study(struct run_options *options, struct ccrnn_error *err)
{
    char directory[CCRNN_PATH_MAX], data[CCRNN_PATH_MAX];
    struct ccrnn_study *study = NULL;
    options->overrides.set = options->set;
    CCRNN_TRY(ccrnn_study_load(options->study, &options->overrides, &study, err));
    enum ccrnn_status status = CCRNN_OK;
    if (options->out != NULL)
        status = ccrnn_path_join(directory, sizeof directory, "", options->out, err);
    else
        status = ccrnn_path_join(directory, sizeof directory, "runs", study->name, err);
    if (status == CCRNN_OK)
        status = find_data(study, options, data, err);
    if (status == CCRNN_OK)
        status = options->dry_run ? dry_run(study, options, directory, data, err)
                                  : train(study, options, directory, data, err);
    ccrnn_study_destroy(study);
    return status;
}

int cli_run(int argc, char **argv)
{
    struct run_options options = {0};
    struct ccrnn_error err = {0};
    /* argp reorders argv; run.json is to have it as it was typed, the program and command as two words. */
    const char **const kept = calloc((size_t)argc + 2, sizeof *kept);
    for (int i = 1; kept != NULL && i < argc; i++)
        kept[i + 1] = argv[i];
    if (kept != NULL) {
        kept[0] = "ccrnn";
        kept[1] = "run";
    }
    options.argv = kept;
    cli_parse(&cli_run_argp, argc, argv, &options);
    const enum ccrnn_status status = run_study(&options, &err);
    free(kept);
    return status == CCRNN_OK ? 0 : cli_fail("run", status, &err);
}
