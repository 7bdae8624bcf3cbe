/* How long the runs of a study take: from finished runs, from a few steps of some networks, or from one of these two
 * and the arithmetic of a step. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "ccrnn/network.h"
#include "cli/study_run.h"
#include "math/math.h"
#include "study/run_record.h"

/* Networks are timed as long as this takes (seconds), and each so long, but for at least two steps. */
static const double time_of_all = 3.0, time_of_one = 0.25;
enum { STEPS_MOST = 8 };

/* What the runs of one arm on the disk say. */
struct arm_state {
    size_t done;
    double seconds, epochs; /* of all sessions; of runs that ended, were it with fewer epochs */
    double left, longest; /* epochs still to be trained, in all seeds; in the run that has most */
    double batches;       /* of an epoch */
    size_t shape;
};

/* Networks of one size and kind: a step takes them equally long. */
struct shape {
    uint64_t kind; /* sizes left out */
    uint64_t all;
    double flops, log_flops;
    size_t arm;            /* the first of this shape */
    double seconds, steps; /* of finished runs */
    double step;           /* seconds */
    enum { UNKNOWN, FINISHED, TIMED, SCALED } from;
};

struct work {
    const struct ccrnn_study *study;
    const struct cli_study_run *how;
    const struct ccrnn_study_data *data;
    struct arm_state *state; /* (arm_count) */
    struct shape *shapes;    /* at first one an arm; then sorted by kind and arithmetic */
    size_t shape_count;
};

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a time estimate");
}

/* --- a few steps ------------------------------------------------------------------------- */

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
        status = fail_memory(err);
    const struct ccrnn_batch batch = {
        .input = input, .target = target, .label = label, .feature = feature};
    double all = 0;
    *best = 1e300;
    for (int i = 0; i < STEPS_MOST && status == CCRNN_OK && (i < 2 || all < time_of_one); i++) {
        const double start = cli_now();
        status = ccrnn_network_train(network, &batch, NULL, err);
        const double took = cli_now() - start;
        *best = fmin(*best, took);
        all += took;
    }
    free(input);
    free(target);
    free(feature);
    free(label);
    return status;
}

static enum ccrnn_status time_shape(const struct work *work, struct shape *shape,
                                    struct ccrnn_error *err)
{
    struct ccrnn_network *network = NULL;
    ccrnn_math_thread_setup();
    CCRNN_TRY(
        ccrnn_network_create(&work->study->arms[shape->arm].config.network, 1, &network, err));
    const enum ccrnn_status status = time_step(network, &shape->step, err);
    ccrnn_network_destroy(network);
    shape->from = TIMED;
    return status;
}

/* --- what is on the disk ----------------------------------------------------------------- */

static enum ccrnn_status look_at_arm(const struct work *work, size_t arm, struct ccrnn_error *err)
{
    const struct ccrnn_study *const study = work->study;
    const struct ccrnn_run_config *const config = &study->arms[arm].config;
    struct arm_state *const state = &work->state[arm];
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, work->how->directory, study->arms[arm].directory,
                              err));
    if (!ccrnn_path_exists(path)) {
        state->longest = (double)(config->epochs - config->branch_epoch);
        state->left = state->longest * (double)study->seed_count;
        return CCRNN_OK;
    }
    for (size_t i = arm; i < ccrnn_study_run_count(study); i += study->arm_count) {
        struct ccrnn_run_record record;
        enum ccrnn_run_status status = CCRNN_RUN_RUNNING;
        CCRNN_TRY(
            ccrnn_study_run_directory(study, work->how->directory, i, path, sizeof path, err));
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
        if ((done || status == CCRNN_RUN_DONE) &&
            ccrnn_run_record_read(path, &record, NULL) == CCRNN_OK) {
            state->seconds += record.seconds;
            state->epochs += (double)record.epoch - (double)config->branch_epoch;
        }
    }
    return CCRNN_OK;
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

/* Does the option's member lie in this part of a configuration? */
static bool is_within(const struct ccrnn_option *option, size_t begin, size_t size)
{
    return option->offset >= begin && option->offset < begin + size;
}

static bool same_trials(const struct ccrnn_run_config *a, const struct ccrnn_run_config *b)
{
    bool same = a->network.batch == b->network.batch;
    for (size_t i = 0; same && i < ccrnn_option_count(); i++)
        if (is_within(ccrnn_option_at(i), offsetof(struct ccrnn_run_config, task),
                      sizeof a->task))
            same = ccrnn_option_equal(ccrnn_option_at(i), a, b);
    return same;
}

/* Arms in a row often have the same trials, and captions take long to count. */
static enum ccrnn_status find_batches(const struct work *work, size_t arm,
                                      struct ccrnn_error *err)
{
    const struct ccrnn_run_config *const config = &work->study->arms[arm].config;
    if (arm == 0 || !same_trials(config, &work->study->arms[arm - 1].config))
        return count_batches(config, work->data, &work->state[arm].batches, err);
    work->state[arm].batches = work->state[arm - 1].batches;
    return CCRNN_OK;
}

/* --- shapes ------------------------------------------------------------------------------ */

/* Of real numbers only that they are not 0 can make a step longer. */
static void find_shape(const struct ccrnn_run_config *config, struct shape *shape)
{
    char value[CCRNN_CONFIG_PATH_MAX];
    const struct ccrnn_network_config *const net = &config->network;
    const size_t sizes[] = {net->inputs, net->outputs, net->steps, net->features};
    shape->kind = ccrnn_hash_add(CCRNN_HASH_START, (const char *)&net->loss, sizeof net->loss);
    shape->all = ccrnn_hash_add(CCRNN_HASH_START, (const char *)sizes, sizeof sizes);
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        if (!is_within(option, offsetof(struct ccrnn_run_config, network), sizeof *net) ||
            !ccrnn_option_applies(option, config))
            continue;
        ccrnn_run_config_get(config, option, value, sizeof value);
        const bool real = option->type == CCRNN_OPTION_REAL;
        uint64_t *const hash = option->type == CCRNN_OPTION_INTEGER ? &shape->all : &shape->kind;
        *hash = ccrnn_hash_add(*hash, option->key, strlen(option->key) + 1);
        *hash = ccrnn_hash_add(*hash, value, real ? strcmp(value, "0") == 0 : strlen(value) + 1);
    }
    shape->all = ccrnn_hash_add(shape->all, (const char *)&shape->kind, sizeof shape->kind);
    shape->flops = ccrnn_run_config_flops_per_step(config);
    shape->log_flops = log(shape->flops);
}

static int by_size(const void *a, const void *b)
{
    const struct shape *const x = a, *const y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->flops < y->flops || x->flops > y->flops)
        return x->flops < y->flops ? -1 : 1;
    if (x->all != y->all)
        return x->all < y->all ? -1 : 1;
    return (x->arm > y->arm) - (x->arm < y->arm);
}

/* One shape an arm becomes one a shape; what finished runs say of it is added up. */
static void gather_shapes(struct work *work)
{
    const size_t arms = work->study->arm_count;
    qsort(work->shapes, arms, sizeof *work->shapes, by_size);
    for (size_t i = 0; i < arms; i++) {
        struct shape *last = &work->shapes[work->shape_count];
        struct arm_state *const state = &work->state[work->shapes[i].arm];
        const struct shape own = work->shapes[i];
        if (work->shape_count == 0 || last[-1].all != own.all) {
            *last = own;
            last->seconds = last->steps = 0;
            work->shape_count++;
        } else {
            last--;
        }
        state->shape = (size_t)(last - work->shapes);
        last->seconds += state->seconds;
        last->steps += state->epochs * state->batches;
    }
    for (size_t i = 0; i < work->shape_count; i++) {
        struct shape *const shape = &work->shapes[i];
        shape->from = shape->steps > 0 ? FINISHED : UNKNOWN;
        shape->step = shape->steps > 0 ? shape->seconds / shape->steps : 0;
    }
}

/* Time it, if its step is not known and there is time left: for the first there always is. */
static enum ccrnn_status may_time(const struct work *work, size_t shape, double start,
                                  struct ccrnn_error *err)
{
    struct shape *const it = &work->shapes[shape];
    if (it->from != UNKNOWN || cli_now() - start > time_of_all)
        return CCRNN_OK;
    return time_shape(work, it, err);
}

/* Of every kind that of middle size, which is soon timed, then the largest, since most of the time is theirs. */
static enum ccrnn_status time_kinds(const struct work *work, bool largest, double start,
                                    struct ccrnn_error *err)
{
    size_t begin = 0;
    for (size_t end = 1; end <= work->shape_count; end++) {
        if (end < work->shape_count && work->shapes[end].kind == work->shapes[begin].kind)
            continue;
        CCRNN_TRY(may_time(work, largest ? end - 1 : (begin + end - 1) / 2, start, err));
        begin = end;
    }
    return CCRNN_OK;
}

/* Then some evenly over all sizes, and ever more of them. */
static enum ccrnn_status time_shapes(const struct work *work, struct ccrnn_error *err)
{
    const double start = cli_now();
    size_t stride = 1;
    CCRNN_TRY(time_kinds(work, false, start, err));
    CCRNN_TRY(time_kinds(work, true, start, err));
    while (2 * stride < work->shape_count)
        stride *= 2;
    for (; stride > 0; stride /= 2)
        for (size_t i = 0; i < work->shape_count; i += stride)
            CCRNN_TRY(may_time(work, i, start, err));
    return CCRNN_OK;
}

/* From the nearest one that is known, of the same kind if there is one. */
static void scale_step(const struct work *work, struct shape *shape)
{
    const struct shape *nearest = NULL;
    bool kin = false;
    double distance = 0;
    for (size_t i = 0; i < work->shape_count; i++) {
        const struct shape *const other = &work->shapes[i];
        const bool same = other->kind == shape->kind;
        const double away = fabs(other->log_flops - shape->log_flops);
        if (other->from != FINISHED && other->from != TIMED)
            continue;
        if (nearest == NULL || same > kin || (same == kin && away < distance)) {
            nearest = other;
            kin = same;
            distance = away;
        }
    }
    shape->from = SCALED;
    shape->step = nearest == NULL ? 0 : nearest->step * shape->flops / nearest->flops;
}

/* --- all arms ---------------------------------------------------------------------------- */

static void add_up(const struct work *work, struct cli_arm_estimate *arms,
                   struct cli_study_estimate *estimate)
{
    double alone = 0; /* the longest run that only one processor can work on */
    for (size_t i = 0; i < work->study->arm_count; i++) {
        const struct ccrnn_run_config *const config = &work->study->arms[i].config;
        const struct arm_state *const state = &work->state[i];
        const struct shape *const shape = &work->shapes[state->shape];
        const double epoch =
            state->epochs > 0 ? state->seconds / state->epochs : shape->step * state->batches;
        arms[i].done = state->done;
        arms[i].run = epoch * (double)(config->epochs - config->branch_epoch);
        estimate->done += state->done;
        estimate->work += state->left * epoch;
        if (state->left > 0) {
            estimate->run = fmax(estimate->run, state->longest * epoch);
            estimate->epoch = fmax(estimate->epoch, epoch);
        }
        if (config->network.features == 0)
            alone = fmax(alone, state->longest * epoch);
        estimate->from_runs += state->left > 0 && shape->from == FINISHED;
        estimate->scaled += state->left > 0 && shape->from == SCALED;
    }
    for (size_t i = 0; i < work->shape_count; i++)
        estimate->timed += work->shapes[i].from == TIMED;
    estimate->seconds = fmax(estimate->work / estimate->jobs, alone);
}

/* Bytes of a checkpoint: weights, two moments each, and the best weights beside it. */
static double checkpoint_bytes(const struct ccrnn_network *network)
{
    double values = 0;
    for (size_t i = 0; i < ccrnn_network_parameter_count(network); i++) {
        const struct ccrnn_parameter *const p = ccrnn_network_parameter(network, i);
        values += (double)p->rows * (double)p->cols;
    }
    return 4 * values * (double)sizeof(ccrnn_real);
}

/* That of the arm with most arithmetic among those with something left: it has the most weights, or nearly. */
static enum ccrnn_status find_checkpoint(const struct work *work,
                                         struct cli_study_estimate *estimate,
                                         struct ccrnn_error *err)
{
    struct ccrnn_network *network = NULL;
    const struct ccrnn_run_config *largest = NULL;
    double most = 0;
    for (size_t i = 0; i < work->study->arm_count; i++) {
        const struct ccrnn_run_config *const config = &work->study->arms[i].config;
        const double flops = ccrnn_run_config_flops_per_step(config);
        if (work->state[i].left > 0 && flops > most) {
            most = flops;
            largest = config;
        }
    }
    if (largest == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_network_create(&largest->network, 1, &network, err));
    estimate->checkpoint = checkpoint_bytes(network);
    ccrnn_network_destroy(network);
    return CCRNN_OK;
}

static enum ccrnn_status estimate_all(struct work *work, struct cli_arm_estimate *arms,
                                      struct cli_study_estimate *estimate,
                                      struct ccrnn_error *err)
{
    for (size_t i = 0; i < work->study->arm_count; i++) {
        CCRNN_TRY(look_at_arm(work, i, err));
        CCRNN_TRY(find_batches(work, i, err));
        find_shape(&work->study->arms[i].config, &work->shapes[i]);
        work->shapes[i].arm = i;
    }
    gather_shapes(work);
    CCRNN_TRY(time_shapes(work, err));
    for (size_t i = 0; i < work->shape_count; i++)
        if (work->shapes[i].from == UNKNOWN)
            scale_step(work, &work->shapes[i]);
    add_up(work, arms, estimate);
    return find_checkpoint(work, estimate, err);
}

enum ccrnn_status
cli_study_estimate_arms(const struct ccrnn_study *study, const struct cli_study_run *how,
                        const struct ccrnn_study_data *data, struct cli_arm_estimate *arms,
                        struct cli_study_estimate *estimate, struct ccrnn_error *err)
{
    struct work work = {.study = study, .how = how, .data = data};
    *estimate = (struct cli_study_estimate){.runs = ccrnn_study_run_count(study)};
    estimate->jobs = how->jobs > 0 ? how->jobs : cli_default_jobs();
    work.state = calloc(study->arm_count, sizeof *work.state);
    work.shapes = calloc(study->arm_count + 1, sizeof *work.shapes);
    const enum ccrnn_status status = work.state == NULL || work.shapes == NULL
                                         ? fail_memory(err)
                                         : estimate_all(&work, arms, estimate, err);
    free(work.state);
    free(work.shapes);
    return status;
}

enum ccrnn_status cli_study_estimate(const struct ccrnn_study *study,
                                     const struct cli_study_run *how,
                                     const struct ccrnn_study_data *data,
                                     struct cli_study_estimate *estimate, struct ccrnn_error *err)
{
    struct cli_arm_estimate *const arms = calloc(study->arm_count, sizeof *arms);
    if (arms == NULL)
        return fail_memory(err);
    const enum ccrnn_status status =
        cli_study_estimate_arms(study, how, data, arms, estimate, err);
    free(arms);
    return status;
}

void cli_study_estimate_basis(const struct cli_study_estimate *estimate, char *text, size_t size)
{
    char runs[64] = "", steps[64] = "", sizes[64] = "";
    if (estimate->from_runs > 0)
        snprintf(runs, sizeof runs, "from finished runs for %zu arm%s", estimate->from_runs,
                 estimate->from_runs == 1 ? "" : "s");
    if (estimate->timed > 0)
        snprintf(steps, sizeof steps, "from a few steps of %zu network%s", estimate->timed,
                 estimate->timed == 1 ? "" : "s");
    if (estimate->scaled > 0)
        snprintf(sizes, sizeof sizes, "scaled by arithmetic for %zu arm%s", estimate->scaled,
                 estimate->scaled == 1 ? "" : "s");
    snprintf(text, size, "%s%s%s%s%s", runs, *runs != '\0' && *steps != '\0' ? ", " : "", steps,
             *sizes != '\0' ? ", " : "", sizes);
}
