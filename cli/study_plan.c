/* What a study would run, and how long that would take. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "ccrnn/network.h"
#include "cli/progress.h"
#include "cli/study_run.h"
#include "math/math.h"
#include "study/record_space.h"
#include "study/run_record.h"

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
        const double start = cli_now();
        status = ccrnn_network_train(network, &batch, NULL, err);
        const double took = cli_now() - start;
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

/* What the network of an arm takes: seconds of an epoch, bytes of a checkpoint. */
struct arm_cost {
    double epoch, checkpoint;
};

/* A checkpoint: weights, two moments each, and the best weights beside it. */
static double checkpoint_bytes(const struct ccrnn_network *network)
{
    double values = 0;
    for (size_t i = 0; i < ccrnn_network_parameter_count(network); i++) {
        const struct ccrnn_parameter *const p = ccrnn_network_parameter(network, i);
        values += (double)p->rows * (double)p->cols;
    }
    return 4 * values * (double)sizeof(ccrnn_real);
}

/* @param timed false: leave cost->epoch as it is */
static enum ccrnn_status measure_arm(const struct ccrnn_study_arm *arm,
                                     const struct ccrnn_study_data *data, bool timed,
                                     struct arm_cost *cost, struct ccrnn_error *err)
{
    struct ccrnn_network *network = NULL;
    enum ccrnn_status status = CCRNN_OK;
    double step = 0, batches = 0;
    ccrnn_math_thread_setup();
    if (timed)
        CCRNN_TRY(count_batches(&arm->config, data, &batches, err));
    CCRNN_TRY(ccrnn_network_create(&arm->config.network, 1, &network, err));
    cost->checkpoint = checkpoint_bytes(network);
    if (timed) {
        status = time_step(network, &step, err);
        cost->epoch = step * batches;
    }
    ccrnn_network_destroy(network);
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
                                    const struct cli_study_run *how,
                                    const struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    double total = 0;
    char text[32];
    printf("study %s: %zu arms × %zu seeds = %zu runs, into %s\n", study->name, study->arm_count,
           study->seed_count, ccrnn_study_run_count(study), how->directory);
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &study->arms[i];
        struct arm_cost cost;
        CCRNN_TRY(measure_arm(arm, data, true, &cost, err));
        const double seconds =
            cost.epoch * (double)(arm->config.epochs - arm->config.branch_epoch);
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
    const unsigned jobs = how->jobs > 0 ? how->jobs : cli_default_jobs();
    cli_duration(total / jobs, text, sizeof text);
    printf("about %s with -j %u\n", text, jobs);
    return print_record(study, how->directory, jobs, err);
}

/* Would it begin here? Files may be missing, or hold too few images. */
enum ccrnn_status cli_study_plan(struct ccrnn_study *study, const struct cli_study_run *how,
                                 struct ccrnn_error *err)
{
    struct ccrnn_study_data loaded;
    CCRNN_TRY(ccrnn_study_data_load(study, how->data, &loaded, err));
    struct ccrnn_text found = {0};
    ccrnn_study_data_describe(&loaded, &found);
    fputs(found.bytes == NULL ? "" : found.bytes, stdout);
    free(found.bytes);
    const enum ccrnn_status status = print_plan(study, how, &loaded, err);
    ccrnn_study_data_release(&loaded);
    return status;
}

/* --- what is left ------------------------------------------------------------------------ */

/* What the runs of one arm on the disk say. */
struct arm_state {
    size_t done;
    double seconds, epochs; /* of all sessions; of finished runs only */
    double left, longest; /* epochs still to be trained, in all seeds; in the run that has most */
};

static enum ccrnn_status look_at_arm(const struct ccrnn_study *study, const char *directory,
                                     size_t arm, struct arm_state *state, struct ccrnn_error *err)
{
    const struct ccrnn_run_config *const config = &study->arms[arm].config;
    for (size_t i = arm; i < ccrnn_study_run_count(study); i += study->arm_count) {
        char path[CCRNN_PATH_MAX];
        struct ccrnn_run_record record;
        enum ccrnn_run_status status = CCRNN_RUN_RUNNING;
        CCRNN_TRY(ccrnn_study_run_directory(study, directory, i, path, sizeof path, err));
        uint64_t epochs = ccrnn_run_epochs_done(path, &status);
        const bool done = status == CCRNN_RUN_NONFINITE ||
                          (status == CCRNN_RUN_DONE && epochs >= config->epochs);
        state->done += done;
        if (epochs < config->branch_epoch)
            epochs = config->branch_epoch;
        const double left =
            done || epochs >= config->epochs ? 0.0 : (double)(config->epochs - epochs);
        state->left += left;
        state->longest = fmax(state->longest, left);
        if (done && ccrnn_run_record_read(path, &record, NULL) == CCRNN_OK) {
            state->seconds += record.seconds;
            state->epochs += (double)record.epoch - (double)config->branch_epoch;
        }
    }
    return CCRNN_OK;
}

enum ccrnn_status cli_study_estimate(const struct ccrnn_study *study,
                                     const struct cli_study_run *how,
                                     const struct ccrnn_study_data *data,
                                     struct cli_study_estimate *estimate, struct ccrnn_error *err)
{
    *estimate = (struct cli_study_estimate){.runs = ccrnn_study_run_count(study)};
    estimate->jobs = how->jobs > 0 ? how->jobs : cli_default_jobs();
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &study->arms[i];
        struct arm_state state = {0};
        struct arm_cost cost;
        CCRNN_TRY(look_at_arm(study, how->directory, i, &state, err));
        estimate->done += state.done;
        if (state.left == 0.0)
            continue;
        const bool known = state.epochs > 0.0;
        cost.epoch = known ? state.seconds / state.epochs : 0.0;
        CCRNN_TRY(measure_arm(arm, data, !known, &cost, err));
        estimate->from_runs += known;
        estimate->seconds += state.left * cost.epoch;
        estimate->run = fmax(estimate->run, state.longest * cost.epoch);
        estimate->epoch = fmax(estimate->epoch, cost.epoch);
        estimate->checkpoint = fmax(estimate->checkpoint, cost.checkpoint);
    }
    estimate->seconds /= estimate->jobs;
    return CCRNN_OK;
}
