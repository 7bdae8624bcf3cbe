#include "loop/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "loop/config.h"

static bool has_cerebellum(const struct ccrnn_network *network)
{
    return network->config.cerebellum != CCRNN_CEREBELLUM_NONE;
}

static struct ccrnn_linear linear_of(const struct ccrnn_parameters *parameters, size_t index)
{
    const struct ccrnn_parameter *const weight = &parameters->parameter[index];
    const struct ccrnn_parameter *const bias = &parameters->parameter[index + 1];
    return (struct ccrnn_linear){
        .inputs = weight->cols,
        .outputs = weight->rows,
        .weight = weight->value,
        .bias = bias->value,
        .grad_weight = weight->grad,
        .grad_bias = bias->grad,
    };
}

/* Point the parts of the network at their tensors. */
static void connect(struct ccrnn_network *network)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    network->cortex = (struct ccrnn_cell_weights){p->parameter[0].value, p->parameter[1].value,
                                                  p->parameter[2].value, p->parameter[3].value};
    network->d_cortex = (struct ccrnn_cell_weights){p->parameter[0].grad, p->parameter[1].grad,
                                                    p->parameter[2].grad, p->parameter[3].grad};
    network->readout = linear_of(p, p->readout_index);
    if (network->config.features > 0)
        ccrnn_words_connect(network);
    if (!has_cerebellum(network))
        return;
    network->cerebellum.granule_layers = network->config.granule_layers;
    network->cerebellum.mask = p->mossy_mask;
    for (size_t l = 0; l <= network->config.granule_layers; l++)
        network->cerebellum.map[l] = linear_of(p, p->cerebellum_index + 2 * l);
}

static void carve_cerebellum(struct ccrnn_network *network, struct ccrnn_arena *arena)
{
    const size_t B = network->split.rows, S = network->shape.state_width;
    const size_t rows = (network->segments.n + 1) * B, granule = network->config.granule_units;
    network->predicted = ccrnn_arena_take(arena, rows * S, sizeof(ccrnn_real));
    network->d_predicted = ccrnn_arena_take(arena, (rows - B) * S, sizeof(ccrnn_real));
    struct ccrnn_perceptron *const c = &network->cerebellum;
    if (network->config.granule_layers > 0 && granule > PTRDIFF_MAX / 64 / rows)
        arena->overflow = true;
    for (size_t l = 0; l < network->config.granule_layers; l++)
        c->granule[l] = ccrnn_arena_take(arena, rows * granule, sizeof(ccrnn_real));
    for (size_t l = 0; l < 2 && l < network->config.granule_layers; l++)
        c->d_granule[(l + 1) % 2] =
            ccrnn_arena_take(arena, (rows - B) * granule, sizeof(ccrnn_real));
}

static void carve(struct ccrnn_network *network, struct ccrnn_arena *arena)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t B = network->split.rows, T = config->steps;
    /* say.c has steps of up to a whole batch */
    const size_t rows = T * B > config->batch ? T * B : config->batch;
    const size_t states = (T + 1) * B > 2 * config->batch ? (T + 1) * B : 2 * config->batch;
    const size_t widest =
        network->shape.gate_width > config->inputs ? network->shape.gate_width : config->inputs;
    if (widest > PTRDIFF_MAX / 64 / (rows + B) || config->outputs > PTRDIFF_MAX / 64 / (rows + B))
        arena->overflow = true;
    ccrnn_parameters_carve(&network->parameters, config, arena);
    network->input = ccrnn_arena_take(arena, rows * config->inputs, sizeof(ccrnn_real));
    network->gates =
        ccrnn_arena_take(arena, rows * network->shape.gate_width, sizeof(ccrnn_real));
    network->state =
        ccrnn_arena_take(arena, states * network->shape.state_width, sizeof(ccrnn_real));
    if (config->cell == CCRNN_CELL_LSTM)
        network->tanh_c = ccrnn_arena_take(arena, rows * config->hidden, sizeof(ccrnn_real));
    network->output = ccrnn_arena_take(arena, rows * config->outputs, sizeof(ccrnn_real));
    network->d_output = network->output;
    if (config->features == 0)
        network->d_output = ccrnn_arena_take(arena, rows * config->outputs, sizeof(ccrnn_real));
    else
        ccrnn_words_carve(network, arena);
    network->d_h = ccrnn_arena_take(arena, rows * config->hidden, sizeof(ccrnn_real));
    network->d_state = ccrnn_arena_take(
        arena, network->segments.n * B * network->shape.state_width, sizeof(ccrnn_real));
    if (has_cerebellum(network))
        carve_cerebellum(network, arena);
    ccrnn_split_carve(&network->split, arena);
}

static enum ccrnn_status build(struct ccrnn_network *network, uint64_t seed,
                               struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const config = &network->config;
    CCRNN_TRY(ccrnn_math_select(config->gemm, config->kernels, &network->math, err));
    network->math.wide = config->features > 0;
    CCRNN_TRY(
        ccrnn_team_create(config->threads, ccrnn_math_team_start, &network->math.team, err));
    network->words.seed = seed;
    network->seed = seed;
    snprintf(network->kernel_set, sizeof network->kernel_set, "%s+%s",
             network->math.kernels->name, network->math.gemm_name);
    network->cell = ccrnn_cell_operations(config->cell);
    network->shape = (struct ccrnn_cell_shape){
        .I = config->inputs,
        .H = config->hidden,
        .gate_width = network->cell->gate_parts * config->hidden,
        .state_width = ccrnn_state_width(config->cell, config->hidden),
    };
    network->segments = ccrnn_segments_cut(config->steps, config->horizon);
    network->loss_horizon = network->segments.K;
    CCRNN_TRY(ccrnn_parameters_plan(&network->parameters, config, err));
    carve(network, &network->arena);
    CCRNN_TRY(ccrnn_arena_allocate(&network->arena, err));
    carve(network, &network->arena);
    connect(network);
    ccrnn_parameters_draw(&network->parameters, config, seed);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_network_create(const struct ccrnn_network_config *config, uint64_t seed,
                                       struct ccrnn_network **network, struct ccrnn_error *err)
{
    return ccrnn_network_create_split(config, seed, NULL, network, err);
}

enum ccrnn_status ccrnn_network_create_split(const struct ccrnn_network_config *config,
                                             uint64_t seed, const struct ccrnn_ranks *ranks,
                                             struct ccrnn_network **network,
                                             struct ccrnn_error *err)
{
    struct ccrnn_batch_split split;
    *network = NULL;
    CCRNN_TRY(ccrnn_network_config_check(config, err));
    CCRNN_TRY(ccrnn_split_plan(config, ranks, &split, err));
    struct ccrnn_network *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a network; close other programs");
    made->config = *config;
    made->split = split;
    made->learning_rate = config->learning_rate;
    const enum ccrnn_status status = build(made, seed, err);
    if (status != CCRNN_OK) {
        ccrnn_network_destroy(made);
        return status;
    }
    *network = made;
    return CCRNN_OK;
}

void ccrnn_network_destroy(struct ccrnn_network *network)
{
    if (network == NULL)
        return;
    ccrnn_team_destroy(network->math.team);
    ccrnn_intervention_release(network);
    ccrnn_arena_free(&network->arena);
    free(network);
}

const struct ccrnn_network_config *ccrnn_network_config_of(const struct ccrnn_network *network)
{
    return &network->config;
}

const char *ccrnn_network_kernel_set(const struct ccrnn_network *network)
{
    return network->kernel_set;
}

size_t ccrnn_network_parameter_count(const struct ccrnn_network *network)
{
    return network->parameters.count;
}

const struct ccrnn_parameter *ccrnn_network_parameter(const struct ccrnn_network *network,
                                                      size_t index)
{
    return &network->parameters.parameter[index];
}

uint64_t ccrnn_network_updates(const struct ccrnn_network *network)
{
    return network->updates;
}

void ccrnn_network_set_updates(struct ccrnn_network *network, uint64_t updates)
{
    network->updates = updates;
}

double ccrnn_network_learning_rate(const struct ccrnn_network *network)
{
    return network->learning_rate;
}

enum ccrnn_status ccrnn_network_set_learning_rate(struct ccrnn_network *network,
                                                  double learning_rate, struct ccrnn_error *err)
{
    struct ccrnn_network_config changed = network->config;
    changed.learning_rate = learning_rate;
    CCRNN_TRY(ccrnn_network_config_check(&changed, err));
    network->learning_rate = learning_rate;
    return CCRNN_OK;
}

struct ccrnn_span ccrnn_network_whole(const struct ccrnn_network *network)
{
    return (struct ccrnn_span){.segments = network->segments, .start = 0, .last = true};
}

bool ccrnn_network_has_target(const struct ccrnn_network *network, size_t t)
{
    if (network->config.predict == CCRNN_PREDICT_LAST)
        return t + 1 == network->config.steps;
    return t % network->config.interval == 0;
}

void ccrnn_network_sum(struct ccrnn_network *network, size_t first, size_t count)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const size_t from = p->parameter[first].offset;
    const size_t to = first + count < p->count ? p->parameter[first + count].offset : p->size;
    ccrnn_split_sum(&network->split, p->grad + from, to - from);
}

size_t ccrnn_span_row(const struct ccrnn_network *network, const struct ccrnn_span *span,
                      size_t t)
{
    return (ccrnn_segments_state_after(&span->segments, t) - 1) * network->split.rows;
}

struct ccrnn_call ccrnn_network_begin(const struct ccrnn_network *network)
{
    struct ccrnn_call call = {.threads = ccrnn_math_thread_begin()};
    if (network->math.wide)
        call.tiny = ccrnn_math_tiny_begin();
    /* Once a call costs less than once a product. Who waits for other ranks must be able to hear that the wait
     * is over. */
    if (network->split.ranks == NULL)
        ccrnn_signals_hold(&call.signals);
    return call;
}

void ccrnn_network_end(const struct ccrnn_network *network, struct ccrnn_call call)
{
    if (network->split.ranks == NULL)
        ccrnn_signals_release(&call.signals);
    if (network->math.wide)
        ccrnn_math_tiny_end(call.tiny);
    ccrnn_math_thread_end(call.threads);
}

enum ccrnn_status ccrnn_network_forward(struct ccrnn_network *network, const ccrnn_real *input,
                                        ccrnn_real *output, ccrnn_real *state,
                                        struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const config = &network->config;
    if (config->features > 0)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "a network of words has no numbers as input: use ccrnn_network_score()");
    const struct ccrnn_batch batch = {.input = input};
    const struct ccrnn_span span = ccrnn_network_whole(network);
    const size_t B = config->batch, T = config->steps;
    const size_t output_block = B * config->outputs, state_block = B * network->shape.state_width;
    memset(network->state, 0, state_block * sizeof *network->state);
    const struct ccrnn_call call = ccrnn_network_begin(network);
    ccrnn_loop_forward(network, &span, &batch, false);
    ccrnn_network_end(network, call);
    if (state != NULL)
        memcpy(state, network->state, state_block * sizeof *state);
    for (size_t t = 0; t < T; t++) {
        const size_t block = ccrnn_segments_state_after(&span.segments, t);
        if (state != NULL)
            memcpy(state + (t + 1) * state_block, network->state + block * state_block,
                   state_block * sizeof *state);
        const bool wanted = config->predict == CCRNN_PREDICT_ALL || t + 1 == T;
        const size_t to = config->predict == CCRNN_PREDICT_ALL ? t : 0;
        if (wanted)
            memcpy(output + to * output_block, network->output + (block - 1) * output_block,
                   output_block * sizeof *output);
    }
    return CCRNN_OK;
}

void ccrnn_network_readout(const struct ccrnn_network *network, ccrnn_real *output)
{
    const size_t block = network->config.batch * network->config.outputs;
    for (size_t t = 0; t < network->segments.T; t++)
        memcpy(output + t * block,
               network->output + (ccrnn_segments_state_after(&network->segments, t) - 1) * block,
               block * sizeof *output);
}
