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
#include "cli/study_timing.h"
#include "net/parameters.h"
#include "study/run_record.h"

/* Networks are timed as long as this takes (seconds). */
static const double time_of_all = 3.0;

/* What a run takes beside its checkpoints, and a checkpoint, in durable writes of a short file: files, directories,
 * names. */
static const double writes_of_run = 20, writes_of_checkpoint = 3;

/* What the runs of one arm on the disk say. */
struct arm_state {
    size_t done;
    /* of all sessions; of runs that ended, were it with fewer epochs */
    double seconds, epochs, tests;
    double left, longest; /* epochs still to be trained, in all seeds; in the run that has most */
    double runs_left;
    struct cli_batches batches;
    size_t shape;
};

/* Networks of one size and kind: a step takes them equally long. */
struct shape {
    uint64_t kind; /* sizes left out */
    uint64_t all;
    double flops, log_flops;
    size_t arm;     /* the first of this shape */
    double forward; /* arithmetic of a batch that only goes forward, as a part of a step's */
    double seconds, steps; /* of finished runs; whatever else they did in as many steps */
    struct cli_timing time;
    enum { UNKNOWN, FINISHED, TIMED, SCALED } from;
};

struct work {
    const struct ccrnn_study *study;
    const struct cli_study_run *how;
    const struct ccrnn_study_data *data;
    struct arm_state *state; /* (arm_count) */
    struct shape *shapes;    /* at first one an arm; then sorted by kind and arithmetic */
    size_t shape_count;
    double write, byte; /* seconds of a short durable write; and of every byte of a long one */
};

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a time estimate");
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
        state->runs_left = (double)study->seed_count;
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
        state->runs_left += left > 0;
        state->longest = fmax(state->longest, left);
        if ((done || status == CCRNN_RUN_DONE) &&
            ccrnn_run_record_read(path, &record, NULL) == CCRNN_OK) {
            state->seconds += record.seconds;
            state->epochs += (double)record.epoch - (double)config->branch_epoch;
            state->tests += status == CCRNN_RUN_DONE;
        }
    }
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
    const struct ccrnn_run_data own = ccrnn_study_data_of(work->data, config);
    if (arm == 0 || !same_trials(config, &work->study->arms[arm - 1].config))
        return cli_count_batches(config, &own, &work->state[arm].batches, err);
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
    shape->forward = ccrnn_network_forward_flops(net) / shape->flops;
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

/* Epochs and tests of an arm in steps of training, by their arithmetic. */
static double steps_of(const struct arm_state *state, const struct shape *shape, double epochs,
                       double tests)
{
    const struct cli_batches *const n = &state->batches;
    const double forward = shape->forward;
    return epochs * (n->train + forward * n->validation) + tests * forward * n->test;
}

/* A network of which only the step is known: all else by its arithmetic. */
static void derive(struct shape *shape, double step)
{
    shape->time = (struct cli_timing){
        .step = step, .validate = shape->forward * step, .measure = shape->forward * step};
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
        last->steps += steps_of(state, last, state->epochs, state->tests);
    }
    for (size_t i = 0; i < work->shape_count; i++) {
        struct shape *const shape = &work->shapes[i];
        shape->from = shape->steps > 0 ? FINISHED : UNKNOWN;
        derive(shape, shape->steps > 0 ? shape->seconds / shape->steps : 0);
    }
}

/* Time it, if its step is not known and there is time left: for the first there always is. */
static enum ccrnn_status may_time(const struct work *work, size_t shape, double start,
                                  struct ccrnn_error *err)
{
    struct shape *const it = &work->shapes[shape];
    const struct ccrnn_run_config *const config = &work->study->arms[it->arm].config;
    const struct ccrnn_run_data own = ccrnn_study_data_of(work->data, config);
    if (it->from != UNKNOWN || cli_now() - start > time_of_all)
        return CCRNN_OK;
    it->from = TIMED;
    return cli_time_batches(config, &own, &it->time, err);
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
    if (nearest == NULL)
        return;
    const double step = shape->flops / nearest->flops;
    const double forward = step * shape->forward / nearest->forward;
    shape->time = (struct cli_timing){.step = step * nearest->time.step,
                                      .validate = forward * nearest->time.validate,
                                      .measure = forward * nearest->time.measure,
                                      .image = forward * nearest->time.image};
}

/* --- all arms ---------------------------------------------------------------------------- */

/* Seconds of an epoch, and of what a run does once. */
struct course {
    double epoch, once;
};

/* What finished runs of the arm took has all in it. */
static struct course course_from_runs(const struct arm_state *state, const struct shape *shape)
{
    const double step = state->seconds / steps_of(state, shape, state->epochs, state->tests);
    return (struct course){step * steps_of(state, shape, 1, 0),
                           step * steps_of(state, shape, 0, 1)};
}

/* Bytes of a checkpoint: weights, two moments each, and the best weights beside it. */
static double checkpoint_bytes(const struct ccrnn_run_config *config)
{
    struct ccrnn_parameters parameters = {0};
    double values = 0;
    if (ccrnn_parameters_plan(&parameters, &config->network, NULL) != CCRNN_OK)
        return 0;
    for (size_t i = 0; i < parameters.count; i++)
        values += (double)parameters.parameter[i].rows * (double)parameters.parameter[i].cols;
    return 4 * values * (double)sizeof(ccrnn_real);
}

static struct course course_of(const struct work *work, size_t arm)
{
    const struct ccrnn_run_config *const config = &work->study->arms[arm].config;
    const struct arm_state *const state = &work->state[arm];
    const struct shape *const shape = &work->shapes[state->shape];
    const struct cli_batches *const n = &state->batches;
    const struct cli_timing *const time = &shape->time;
    if (state->epochs > 0)
        return course_from_runs(state, shape);
    const double measured = 1.0 / (double)config->measure_every;
    const double checkpoint =
        writes_of_checkpoint * work->write + work->byte * checkpoint_bytes(config);
    struct course course = {
        .epoch = n->train * time->step +
                 n->validation * ((1 - measured) * time->validate + measured * time->measure),
        .once = n->test * time->measure + n->images * time->image};
    if (shape->from == FINISHED)
        return course;
    course.epoch += checkpoint / (double)config->checkpoint_every;
    course.once += writes_of_run * work->write + checkpoint;
    return course;
}

static void add_up(const struct work *work, struct cli_arm_estimate *arms,
                   struct cli_study_estimate *estimate)
{
    double alone = 0; /* the longest run that only one processor can work on */
    for (size_t i = 0; i < work->study->arm_count; i++) {
        const struct ccrnn_run_config *const config = &work->study->arms[i].config;
        const struct arm_state *const state = &work->state[i];
        const struct shape *const shape = &work->shapes[state->shape];
        const struct course course = course_of(work, i);
        arms[i].done = state->done;
        arms[i].run =
            course.once + course.epoch * (double)(config->epochs - config->branch_epoch);
        estimate->done += state->done;
        estimate->work += state->left * course.epoch + state->runs_left * course.once;
        if (state->left > 0) {
            const double longest = state->longest * course.epoch + course.once;
            estimate->run = fmax(estimate->run, longest);
            estimate->epoch = fmax(estimate->epoch, course.epoch);
            if (config->network.features == 0)
                alone = fmax(alone, longest);
        }
        estimate->from_runs += state->left > 0 && shape->from == FINISHED;
        estimate->scaled += state->left > 0 && shape->from == SCALED;
    }
    double first = 0; /* in this process too only one of them had it */
    for (size_t i = 0; i < work->shape_count; i++) {
        estimate->timed += work->shapes[i].from == TIMED;
        first = fmax(first, work->shapes[i].time.first);
    }
    estimate->seconds = fmax(estimate->work / estimate->jobs, alone);
    if (estimate->done < estimate->runs)
        estimate->seconds += work->data->seconds + first;
}

/* The largest checkpoint of those that have something left, and what it takes to write one. */
static void find_checkpoint(struct work *work, struct cli_study_estimate *estimate)
{
    for (size_t i = 0; i < work->study->arm_count; i++)
        if (work->state[i].left > 0)
            estimate->checkpoint =
                fmax(estimate->checkpoint, checkpoint_bytes(&work->study->arms[i].config));
    if (!(estimate->checkpoint > 0))
        return;
    work->write = cli_time_write(work->how->directory, 0);
    const double longer = cli_time_write(work->how->directory, estimate->checkpoint);
    work->byte = fmax(longer - work->write, 0) / estimate->checkpoint;
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
    find_checkpoint(work, estimate);
    add_up(work, arms, estimate);
    return CCRNN_OK;
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
