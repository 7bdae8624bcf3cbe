#include "study/replay.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "loop/config.h"
#include "loop/network.h"
#include "study/case.h"

static const double tolerance_relative = 1e-5;
static const double tolerance_parameter = 1e-5;
static const double tiny_gradient = 1e-7;
static const double skipped_share_most = 0.03;

/* The replay of one file while it goes on. */
struct player {
    struct ccrnn_replay *replay;
    const struct ccrnn_tensor_file *file;
    struct ccrnn_network *network;
    struct ccrnn_case recorded;
    bool *used;    /* per tensor of the file */
    uint8_t *tiny; /* per parameter element: had a tiny clipped gradient */
    float *input, *target, *output, *feature;
    int32_t *label;
    float *segment_loss; /* as many as there are steps */
    double *expected;    /* as many as the largest tensor */
    size_t step;
    enum ccrnn_status status; /* of what happened inside the observer */
    struct ccrnn_error *err;
};

static enum ccrnn_status add_row(struct player *p, const struct ccrnn_replay_row *row)
{
    struct ccrnn_replay *const replay = p->replay;
    if (replay->count == replay->room) {
        const size_t room = replay->room == 0 ? 64 : 2 * replay->room;
        void *const rows = realloc(replay->rows, room * sizeof *replay->rows);
        if (rows == NULL)
            return ccrnn_fail(p->err, CCRNN_MEMORY, "out of memory while replaying %s",
                              p->file->path);
        replay->rows = rows;
        replay->room = room;
    }
    replay->rows[replay->count++] = *row;
    replay->passed &= row->passed;
    return CCRNN_OK;
}

/* Read a tensor that must be there, as double, and note that it was used. */
static enum ccrnn_status fetch(struct player *p, const char *name, int dims, const size_t *shape)
{
    CCRNN_TRY(ccrnn_tensor_file_read_double(p->file, name, dims, shape, p->expected, p->err));
    p->used[ccrnn_tensor_file_find(p->file, name) - p->file->tensors] = true;
    return CCRNN_OK;
}

static struct ccrnn_replay_row compare(const char *name, size_t count, const float *a,
                                       const double *b, double tolerance, const uint8_t *skip)
{
    struct ccrnn_replay_row row = {.tolerance = tolerance, .elements = count};
    snprintf(row.name, sizeof row.name, "%s", name);
    for (size_t i = 0; i < count; i++) {
        const double error = fabs((double)a[i] - b[i]);
        if (error > tolerance && skip != NULL && skip[i] && isfinite(error))
            row.skipped++;
        else if (!(error <= row.error))
            row.error = isnan(row.error) ? row.error : error;
    }
    row.passed = row.error <= tolerance;
    return row;
}

static double largest(size_t count, const double *b)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(b[i]));
    return most;
}

/* Outputs and gradients: relative to the tensor's largest value. */
static enum ccrnn_status compare_tensor(struct player *p, const char *name, int dims,
                                        const size_t *shape, const float *a)
{
    CCRNN_TRY(fetch(p, name, dims, shape));
    size_t count = 1;
    for (int d = 0; d < dims; d++)
        count *= shape[d];
    const struct ccrnn_replay_row row = compare(
        name, count, a, p->expected, tolerance_relative * largest(count, p->expected), NULL);
    return add_row(p, &row);
}

static enum ccrnn_status compare_number(struct player *p, const char *name, double a)
{
    const size_t one = 1;
    CCRNN_TRY(fetch(p, name, 1, &one));
    struct ccrnn_replay_row row = {
        .error = fabs(a - p->expected[0]),
        .tolerance = tolerance_relative * fabs(p->expected[0]),
        .elements = 1,
    };
    snprintf(row.name, sizeof row.name, "%s", name);
    row.passed = row.error <= row.tolerance;
    return add_row(p, &row);
}

static bool has_gradient(const struct player *p, size_t parameter)
{
    const enum ccrnn_owner owner = p->network->parameters.owner[parameter];
    if (owner == CCRNN_OWNER_CEREBELLUM)
        return p->recorded.config.cerebellum == CCRNN_CEREBELLUM_LEARNING &&
               !p->network->interference.untaught;
    return owner != CCRNN_OWNER_KEPT;
}

struct shape {
    size_t sizes[2];
};

static struct shape shape_of(const struct ccrnn_parameter *tensor)
{
    return (struct shape){{tensor->rows, tensor->cols}};
}

/* Compare one parameter's gradient; its squares go into the norm of its owner's group. */
static enum ccrnn_status compare_gradient(struct player *p, const char *prefix, size_t parameter,
                                          double squares[2])
{
    const struct ccrnn_parameters *const table = &p->network->parameters;
    const struct ccrnn_parameter *const tensor = &table->parameter[parameter];
    char name[128];
    const struct shape shape = shape_of(tensor);
    snprintf(name, sizeof name, "%s/grad/%s", prefix, tensor->torch);
    CCRNN_TRY(compare_tensor(p, name, tensor->dims, shape.sizes, tensor->grad));
    const bool cerebellum = table->owner[parameter] == CCRNN_OWNER_CEREBELLUM;
    for (size_t i = 0; i < tensor->rows * tensor->cols; i++)
        squares[cerebellum] += p->expected[i] * p->expected[i];
    return CCRNN_OK;
}

/* Does the step divide a gradient by its own size? Then one of rounding errors means nothing. */
static bool divides(const struct ccrnn_network_config *config)
{
    return config->optimiser != CCRNN_OPTIMISER_SGD && !(config->weight_decay > 0);
}

/* The recorded clipped gradient of one parameter: where it is tiny, Adam's step is undefined. */
static enum ccrnn_status note_tiny(struct player *p, const char *prefix, size_t parameter,
                                   double factor)
{
    const struct ccrnn_parameter *const tensor = &p->network->parameters.parameter[parameter];
    char name[128];
    const struct shape shape = shape_of(tensor);
    snprintf(name, sizeof name, "%s/grad/%s", prefix, tensor->torch);
    CCRNN_TRY(fetch(p, name, tensor->dims, shape.sizes));
    for (size_t i = 0; i < tensor->rows * tensor->cols; i++) {
        const double g = fabs(p->expected[i] * factor);
        p->tiny[tensor->offset + i] |= g > 0 && g < tiny_gradient;
    }
    return CCRNN_OK;
}

static double clip_factor(const struct ccrnn_network_config *config, double norm)
{
    return config->clip == CCRNN_CLIP_NONE ? 1.0 : fmin(1.0, config->clip_norm / (norm + 1e-6));
}

static enum ccrnn_status compare_gradients(struct player *p, size_t segment, double grad_norm)
{
    const struct ccrnn_network_config *const config = &p->recorded.config;
    const struct ccrnn_parameters *const table = &p->network->parameters;
    char prefix[64], name[128];
    if (config->update == CCRNN_UPDATE_SEGMENT)
        snprintf(prefix, sizeof prefix, "step%zu/segment%zu", p->step, segment);
    else
        snprintf(prefix, sizeof prefix, "step%zu", p->step);
    double squares[2] = {0, 0};
    for (size_t i = 0; i < table->count; i++)
        if (has_gradient(p, i))
            CCRNN_TRY(compare_gradient(p, prefix, i, squares));
    snprintf(name, sizeof name, "%s/grad_norm", prefix);
    if (!p->recorded.captions)
        CCRNN_TRY(compare_number(p, name, grad_norm));
    const bool separate = config->clip == CCRNN_CLIP_SEPARATE;
    for (size_t i = 0; i < table->count; i++) {
        const bool cerebellum = table->owner[i] == CCRNN_OWNER_CEREBELLUM;
        const double norm = sqrt(separate ? squares[cerebellum] : squares[0] + squares[1]);
        if (has_gradient(p, i) && divides(config))
            CCRNN_TRY(note_tiny(p, prefix, i, clip_factor(config, norm)));
    }
    return CCRNN_OK;
}

/* Keep the outputs of the span just computed, (B,T,O) as recorded; its buffers are used again. */
static void keep_outputs(struct player *p, size_t segment)
{
    const struct ccrnn_network_config *const config = &p->recorded.config;
    const size_t B = config->batch, O = config->outputs, T = config->steps;
    struct ccrnn_segments segments = p->network->segments;
    size_t start = 0;
    if (config->update == CCRNN_UPDATE_SEGMENT) {
        start = segment * segments.K;
        const size_t length = start + segments.K < T ? segments.K : T - start;
        segments = ccrnn_segments_cut(length, length);
    }
    const bool all = config->predict == CCRNN_PREDICT_ALL;
    for (size_t t = 0; t < segments.T; t++) {
        if (!all && start + t + 1 != T)
            continue;
        const size_t block = ccrnn_segments_state_after(&segments, t) - 1;
        for (size_t b = 0; b < B; b++)
            memcpy(p->output + (all ? b * T + start + t : b) * O,
                   p->network->output + (block * B + b) * O, O * sizeof *p->output);
    }
}

static void on_gradients(void *context, size_t segment, double grad_norm)
{
    struct player *const p = context;
    if (!p->recorded.captions)
        keep_outputs(p, segment);
    if (p->status == CCRNN_OK)
        p->status = compare_gradients(p, segment, grad_norm);
}

static void on_loss(void *context, size_t segment, size_t steps, double loss)
{
    struct player *const p = context;
    p->segment_loss[segment] = (float)(loss / (double)steps);
}

static enum ccrnn_status compare_parameters(struct player *p)
{
    const struct ccrnn_parameters *const table = &p->network->parameters;
    for (size_t i = 0; i < table->count; i++) {
        const struct ccrnn_parameter *const tensor = &table->parameter[i];
        char name[128];
        const struct shape shape = shape_of(tensor);
        snprintf(name, sizeof name, "step%zu/param/%s", p->step, tensor->torch);
        CCRNN_TRY(fetch(p, name, tensor->dims, shape.sizes));
        const size_t count = tensor->rows * tensor->cols;
        struct ccrnn_replay_row row = compare(name, count, tensor->value, p->expected,
                                              tolerance_parameter, p->tiny + tensor->offset);
        for (size_t e = 0; tensor->mask != NULL && e < count; e++)
            if (tensor->mask[e] == 0 &&
                (tensor->value[e] != 0 || tensor->grad[e] != 0 || p->expected[e] != 0))
                row.passed = false;
        p->replay->parameter_elements += count;
        p->replay->skipped += row.skipped;
        CCRNN_TRY(add_row(p, &row));
    }
    return CCRNN_OK;
}

/* (B,T,W) of the file to (T,B,W) of a batch. */
static void to_time_major(size_t B, size_t T, size_t W, const double *from, float *to)
{
    for (size_t b = 0; b < B; b++)
        for (size_t t = 0; t < T; t++)
            for (size_t w = 0; w < W; w++)
                to[(t * B + b) * W + w] = (float)from[(b * T + t) * W + w];
}

static enum ccrnn_status read_labels(struct player *p, const char *name, size_t steps)
{
    const size_t B = p->recorded.config.batch;
    const size_t shape[2] = {B, steps};
    int64_t *const read = calloc(B * steps, sizeof *read);
    if (read == NULL)
        return ccrnn_fail(p->err, CCRNN_MEMORY, "out of memory while replaying %s",
                          p->file->path);
    const bool all = p->recorded.config.predict == CCRNN_PREDICT_ALL;
    const enum ccrnn_status status =
        ccrnn_tensor_file_read_int64(p->file, name, all ? 2 : 1, shape, read, p->err);
    for (size_t b = 0; status == CCRNN_OK && b < B; b++)
        for (size_t t = 0; t < steps; t++) {
            const int64_t label = read[b * steps + t];
            p->label[t * B + b] = label < 0 || label > INT32_MAX ? -1 : (int32_t)label;
        }
    free(read);
    if (status == CCRNN_OK)
        p->used[ccrnn_tensor_file_find(p->file, name) - p->file->tensors] = true;
    return status;
}

static enum ccrnn_status read_batch(struct player *p)
{
    const struct ccrnn_network_config *const config = &p->recorded.config;
    const size_t B = config->batch, T = config->steps;
    const bool all = config->predict == CCRNN_PREDICT_ALL;
    char name[64];
    snprintf(name, sizeof name, "step%zu/input", p->step);
    CCRNN_TRY(fetch(p, name, 3, (size_t[]){B, T, config->inputs}));
    to_time_major(B, T, config->inputs, p->expected, p->input);
    snprintf(name, sizeof name, "step%zu/target", p->step);
    const size_t steps = all ? T : 1;
    if (config->loss == CCRNN_LOSS_CROSS_ENTROPY)
        return read_labels(p, name, steps);
    if (all)
        CCRNN_TRY(fetch(p, name, 3, (size_t[]){B, T, config->outputs}));
    else
        CCRNN_TRY(fetch(p, name, 2, (size_t[]){B, config->outputs}));
    to_time_major(B, steps, config->outputs, p->expected, p->target);
    return CCRNN_OK;
}

/* Captions: features, words, and the loss of every segment. */
static enum ccrnn_status play_caption_step(struct player *p)
{
    const struct ccrnn_network_config *const config = &p->recorded.config;
    const size_t B = config->batch, F = config->features;
    char name[64];
    snprintf(name, sizeof name, "step%zu/features", p->step);
    CCRNN_TRY(fetch(p, name, 2, (size_t[]){B, F}));
    for (size_t i = 0; i < B * F; i++)
        p->feature[i] = (float)p->expected[i];
    snprintf(name, sizeof name, "step%zu/captions", p->step);
    CCRNN_TRY(read_labels(p, name, config->steps));
    const struct ccrnn_batch batch = {.label = p->label, .feature = p->feature};
    struct ccrnn_step_report report;
    CCRNN_TRY(ccrnn_network_train(p->network, &batch, &report, p->err));
    CCRNN_TRY(p->status);
    if (config->update == CCRNN_UPDATE_BATCH) {
        snprintf(name, sizeof name, "step%zu/loss", p->step);
        CCRNN_TRY(compare_number(p, name, report.loss));
        return compare_parameters(p);
    }
    snprintf(name, sizeof name, "step%zu/segment_loss", p->step);
    CCRNN_TRY(compare_tensor(p, name, 1, &p->network->segments.n, p->segment_loss));
    return compare_parameters(p);
}

static enum ccrnn_status intervene(struct player *p)
{
    const struct ccrnn_intervention wanted = {
        .kind = p->recorded.intervention, .share = 1, .gain = 1};
    if (p->step < p->recorded.intervention_step)
        return CCRNN_OK;
    return ccrnn_network_intervene(p->network, &wanted, p->err);
}

static enum ccrnn_status play_step(struct player *p)
{
    CCRNN_TRY(intervene(p));
    if (p->recorded.captions)
        return play_caption_step(p);
    const struct ccrnn_network_config *const config = &p->recorded.config;
    struct ccrnn_step_report report;
    char name[64];
    CCRNN_TRY(read_batch(p));
    const struct ccrnn_batch batch = {.input = p->input, .target = p->target, .label = p->label};
    CCRNN_TRY(ccrnn_network_train(p->network, &batch, &report, p->err));
    CCRNN_TRY(p->status);
    snprintf(name, sizeof name, "step%zu/output", p->step);
    if (config->predict == CCRNN_PREDICT_ALL)
        CCRNN_TRY(compare_tensor(
            p, name, 3, (size_t[]){config->batch, config->steps, config->outputs}, p->output));
    else
        CCRNN_TRY(
            compare_tensor(p, name, 2, (size_t[]){config->batch, config->outputs}, p->output));
    snprintf(name, sizeof name, "step%zu/loss", p->step);
    CCRNN_TRY(compare_number(p, name, report.loss));
    return compare_parameters(p);
}

/* A mask holds 0 and 1; where it is 0 there is no weight from the start. */
static enum ccrnn_status check_mask(struct player *p, const struct ccrnn_parameter *tensor)
{
    for (size_t e = 0; e < tensor->rows * tensor->cols; e++)
        if (p->expected[e] != 1 && (p->expected[e] != 0 || tensor->value[e] != 0))
            return ccrnn_fail(
                p->err, CCRNN_FORMAT,
                "%s: tensor mask/%s is %g at %zu and init/%s is %g there: expected 1, "
                "or 0 and 0",
                p->file->path, tensor->torch, p->expected[e], e, tensor->torch,
                (double)tensor->value[e]);
    return CCRNN_OK;
}

static enum ccrnn_status read_start(struct player *p)
{
    const struct ccrnn_parameters *const table = &p->network->parameters;
    for (size_t i = 0; i < table->count; i++) {
        const struct ccrnn_parameter *const tensor = &table->parameter[i];
        char name[128];
        const struct shape shape = shape_of(tensor);
        snprintf(name, sizeof name, "init/%s", tensor->torch);
        CCRNN_TRY(fetch(p, name, tensor->dims, shape.sizes));
        for (size_t e = 0; e < tensor->rows * tensor->cols; e++)
            tensor->value[e] = (float)p->expected[e];
        if (tensor->mask == NULL)
            continue;
        snprintf(name, sizeof name, "mask/%s", tensor->torch);
        CCRNN_TRY(fetch(p, name, tensor->dims, shape.sizes));
        for (size_t e = 0; e < tensor->rows * tensor->cols; e++)
            table->mossy_mask[e] = (float)p->expected[e];
        CCRNN_TRY(check_mask(p, tensor));
    }
    return CCRNN_OK;
}

static enum ccrnn_status check_all_used(const struct player *p)
{
    for (size_t i = 0; i < p->file->count; i++)
        if (!p->used[i])
            return ccrnn_fail(
                p->err, CCRNN_FORMAT,
                "%s: tensor %s is not part of such a case (misspelt, or recorded for "
                "another configuration)",
                p->file->path, p->file->tensors[i].name);
    return CCRNN_OK;
}

static enum ccrnn_status play(struct player *p)
{
    CCRNN_TRY(read_start(p));
    for (p->step = 0; p->step < p->recorded.steps; p->step++)
        CCRNN_TRY(play_step(p));
    CCRNN_TRY(check_all_used(p));
    if ((double)p->replay->skipped > skipped_share_most * (double)p->replay->parameter_elements)
        return ccrnn_fail(
            p->err, CCRNN_FORMAT,
            "%s: %zu of %zu parameter elements had to be skipped, more than 3 %%; record "
            "a case with larger gradients",
            p->file->path, p->replay->skipped, p->replay->parameter_elements);
    return CCRNN_OK;
}

static enum ccrnn_status reserve(struct player *p)
{
    const struct ccrnn_network_config *const config = &p->recorded.config;
    const size_t rows = config->batch * config->steps;
    size_t most = 1;
    for (size_t i = 0; i < p->file->count; i++)
        most = p->file->tensors[i].count > most ? p->file->tensors[i].count : most;
    p->used = calloc(p->file->count + 1, sizeof *p->used);
    p->tiny = calloc(p->network->parameters.size, sizeof *p->tiny);
    p->input = calloc(rows * config->inputs, sizeof *p->input);
    p->target = calloc(rows * config->outputs, sizeof *p->target);
    p->output = calloc(rows * config->outputs, sizeof *p->output);
    p->label = calloc(rows, sizeof *p->label);
    p->feature = calloc(config->batch * config->features + 1, sizeof *p->feature);
    p->segment_loss = calloc(config->steps, sizeof *p->segment_loss);
    p->expected = calloc(most, sizeof *p->expected);
    const bool ok = p->used != NULL && p->tiny != NULL && p->input != NULL && p->target != NULL &&
                    p->output != NULL && p->label != NULL && p->expected != NULL &&
                    p->feature != NULL && p->segment_loss != NULL;
    return ok ? CCRNN_OK
              : ccrnn_fail(p->err, CCRNN_MEMORY, "out of memory while replaying %s",
                           p->file->path);
}

static void release(struct player *p)
{
    free(p->used);
    free(p->tiny);
    free(p->input);
    free(p->target);
    free(p->output);
    free(p->label);
    free(p->feature);
    free(p->segment_loss);
    free(p->expected);
    ccrnn_network_destroy(p->network);
}

/* The initial weights and the first input must have the sizes the metadata speaks of: only then
 * is memory for such a network taken. */
static enum ccrnn_status check_sizes(struct player *p)
{
    const struct ccrnn_network_config *const config = &p->recorded.config;
    struct ccrnn_parameters *const plan = calloc(1, sizeof *plan);
    if (plan == NULL)
        return ccrnn_fail(p->err, CCRNN_MEMORY, "out of memory while replaying %s",
                          p->file->path);
    enum ccrnn_status status = ccrnn_network_config_check(config, p->err);
    if (status == CCRNN_OK)
        status = ccrnn_parameters_plan(plan, config, p->err);
    for (size_t i = 0; status == CCRNN_OK && i < plan->count; i++) {
        const struct ccrnn_parameter *const wanted = &plan->parameter[i];
        char name[128];
        snprintf(name, sizeof name, "init/%s", wanted->torch);
        const struct ccrnn_tensor *const found = ccrnn_tensor_file_find(p->file, name);
        if (found == NULL || found->count != wanted->rows * wanted->cols)
            status =
                ccrnn_fail(p->err, CCRNN_FORMAT,
                           "%s: tensor %s should have %zu × %zu numbers by the metadata, but %s",
                           p->file->path, name, wanted->rows, wanted->cols,
                           found == NULL ? "is missing" : "has another size");
    }
    free(plan);
    const char *const first = p->recorded.captions ? "step0/captions" : "step0/input";
    const struct ccrnn_tensor *const input = ccrnn_tensor_file_find(p->file, first);
    const size_t width = p->recorded.captions ? 1 : config->inputs;
    if (status == CCRNN_OK &&
        (input == NULL || input->count != config->batch * config->steps * width))
        return ccrnn_fail(
            p->err, CCRNN_FORMAT,
            "%s: tensor %s should have %zu × %zu × %zu numbers by the metadata, but %s",
            p->file->path, first, config->batch, config->steps, width,
            input == NULL ? "is missing" : "has another size");
    return status;
}

static enum ccrnn_status replay_open_file(struct player *p, enum ccrnn_gemm_choice gemm,
                                          enum ccrnn_kernel_choice kernels)
{
    CCRNN_TRY(ccrnn_case_read(p->file, &p->recorded, p->err));
    CCRNN_TRY(ccrnn_tensor_file_require_finite(p->file, p->err));
    CCRNN_TRY(check_sizes(p));
    p->recorded.config.gemm = gemm;
    p->recorded.config.kernels = kernels;
    CCRNN_TRY(ccrnn_network_create(&p->recorded.config, 0, &p->network, p->err));
    CCRNN_TRY(reserve(p));
    p->network->observer =
        (struct ccrnn_observer){.context = p, .gradients = on_gradients, .loss = on_loss};
    return play(p);
}

enum ccrnn_status ccrnn_replay_file(const char *path, enum ccrnn_gemm_choice gemm,
                                    enum ccrnn_kernel_choice kernels, struct ccrnn_replay *replay,
                                    struct ccrnn_error *err)
{
    struct ccrnn_error reason = {0};
    struct ccrnn_tensor_file *file = NULL;
    *replay = (struct ccrnn_replay){.passed = true};
    enum ccrnn_status status = ccrnn_tensor_file_open(path, &file, &reason);
    if (status == CCRNN_OK) {
        struct player p = {.replay = replay, .file = file, .err = &reason};
        status = replay_open_file(&p, gemm, kernels);
        release(&p);
    }
    ccrnn_tensor_file_close(file);
    if (status == CCRNN_OK)
        return CCRNN_OK;
    replay->passed = false;
    if (status == CCRNN_MEMORY || status == CCRNN_UNSUPPORTED) {
        if (err != NULL)
            *err = reason;
        return status;
    }
    ccrnn_format(replay->reason, sizeof replay->reason, "%s", reason.message);
    return CCRNN_OK;
}

void ccrnn_replay_release(struct ccrnn_replay *replay)
{
    free(replay->rows);
    *replay = (struct ccrnn_replay){0};
}
