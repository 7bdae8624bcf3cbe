#include "loop/words.h"

#include <math.h>
#include <string.h>

#include "loop/network.h"
#include "math/pieces.h"

static ccrnn_real *value_of(const struct ccrnn_parameters *p, size_t index)
{
    return index < p->count ? p->parameter[index].value : NULL;
}

static ccrnn_real *grad_of(const struct ccrnn_parameters *p, size_t index)
{
    return index < p->count ? p->parameter[index].grad : NULL;
}

void ccrnn_words_connect(struct ccrnn_network *network)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    struct ccrnn_words *const words = &network->words;
    words->embedding = value_of(p, p->embedding_index);
    words->grad_embedding = grad_of(p, p->embedding_index);
    words->map_learns = network->config.feature_map == CCRNN_FEATURES_LEARNED;
    words->has_norm = network->config.feature_norm == CCRNN_FEATURE_NORM_BATCH;
    words->norm.gain = value_of(p, p->gain_index);
    words->norm.shift = value_of(p, p->shift_index);
    words->norm.grad_gain = grad_of(p, p->gain_index);
    words->norm.grad_shift = grad_of(p, p->shift_index);
    words->norm.mean = value_of(p, p->mean_index);
    words->norm.variance = value_of(p, p->variance_index);
    if (p->map_index == SIZE_MAX)
        return;
    words->map = (struct ccrnn_linear){
        .inputs = network->config.features,
        .outputs = network->config.inputs,
        .weight = value_of(p, p->map_index),
        .bias = value_of(p, p->map_index + 1),
        .grad_weight = grad_of(p, p->map_index),
        .grad_bias = grad_of(p, p->map_index + 1),
    };
}

void ccrnn_words_carve(struct ccrnn_network *network, struct ccrnn_arena *arena)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t B = config->batch, rows = config->steps * B, I = config->inputs;
    struct ccrnn_words *const words = &network->words;
    words->d_mapped = ccrnn_arena_take(arena, B * I, sizeof(ccrnn_real));
    if (network->split.ranks != NULL)
        words->mapped = ccrnn_arena_take(arena, B * I, sizeof(ccrnn_real));
    if (config->dropout > 0)
        words->keep =
            ccrnn_arena_take(arena, config->steps * network->split.rows * I, sizeof(ccrnn_real));
    words->d_inputs = ccrnn_arena_take(arena, rows * I, sizeof(ccrnn_real));
    words->nats = ccrnn_arena_take(arena, B, sizeof *words->nats);
    words->touched = ccrnn_arena_take(arena, rows, sizeof *words->touched);
    if (config->feature_norm == CCRNN_FEATURE_NORM_BATCH) {
        words->norm.inverse_deviation = ccrnn_arena_take(arena, I, sizeof(ccrnn_real));
        words->norm.normalised = ccrnn_arena_take(arena, B * I, sizeof(ccrnn_real));
        words->norm.batch_mean = ccrnn_arena_take(arena, I, sizeof(double));
        words->norm.batch_variance = ccrnn_arena_take(arena, I, sizeof(double));
    }
}

void ccrnn_words_begin(struct ccrnn_network *network, const struct ccrnn_batch *batch)
{
    struct ccrnn_words *const words = &network->words;
    ccrnn_random_start(&words->dropout, words->seed, CCRNN_RANDOM_DROPOUT, batch->epoch,
                       batch->item);
}

/* --- forward ----------------------------------------------------------------------------- */

/* With the statistics of the whole batch: a rank needs the rows of all. */
static void normalise_batch(struct ccrnn_network *network, size_t rows, ccrnn_real *mapped)
{
    struct ccrnn_words *const words = &network->words;
    struct ccrnn_batch_split *const split = &network->split;
    const size_t I = network->config.inputs, B = network->config.batch;
    if (split->ranks == NULL) {
        ccrnn_normalisation_learn(&words->norm, rows, I, mapped);
        return;
    }
    memcpy(words->mapped + split->first * I, mapped, rows * I * sizeof *mapped);
    ccrnn_split_gather(split, words->mapped, B, I * sizeof *mapped);
    ccrnn_split_wait(split);
    ccrnn_normalisation_learn(&words->norm, B, I, words->mapped);
    memcpy(mapped, words->mapped + split->first * I, rows * I * sizeof *mapped);
}

void ccrnn_words_map(struct ccrnn_network *network, const ccrnn_real *feature, size_t rows,
                     bool learning, ccrnn_real *to)
{
    struct ccrnn_words *const words = &network->words;
    const size_t I = network->config.inputs;
    if (words->map.weight == NULL) {
        memcpy(to, feature, rows * I * sizeof *to);
        return;
    }
    ccrnn_linear_forward(&network->math, &words->map, rows, feature, network->config.features,
                         to);
    if (!words->has_norm)
        return;
    words->norm_waits = learning && words->map_learns;
    if (words->norm_waits)
        normalise_batch(network, rows, to);
    else
        ccrnn_normalisation_apply(&words->norm, rows, I, to);
}

/* The input of a span is filled in pieces of a few rows of a step. */
enum { INPUT_ROWS = 16 };

struct input_work {
    struct ccrnn_network *network;
    const struct ccrnn_span *span;
    const struct ccrnn_batch *batch;
    size_t pieces_a_step;
    bool drop;
};

/* A block of the random stream is four words, each good for two decisions of 16 bits. */
enum { DECISIONS = 8, DECISION_BITS = 16 };

/* The decisions of block `number` of a stream: 0 or `kept`. */
static void decide(const struct ccrnn_random *stream, size_t number, uint32_t limit,
                   ccrnn_real kept, ccrnn_real decided[DECISIONS])
{
    uint32_t counter[4], block[4];
    memcpy(counter, stream->counter, sizeof counter);
    counter[0] += (uint32_t)number;
    ccrnn_philox(counter, stream->key, block);
    for (size_t d = 0; d < DECISIONS; d++) {
        const uint32_t drawn = block[d / 2] >> d % 2 * DECISION_BITS & UINT16_MAX;
        decided[d] = drawn < limit ? 0 : kept;
    }
}

/* Drop some of `count` inputs of network->input, the first of which is number `number` of the batch's. The
 * stream can be entered at any block: so any thread finds the decisions of its own piece, and they depend
 * neither on the horizon nor on the threads. */
static void drop(struct ccrnn_network *network, size_t first, size_t number, size_t count)
{
    const struct ccrnn_words *const words = &network->words;
    const double share = network->config.dropout;
    const double drawn_from = 1 << DECISION_BITS;
    const double dropped = fmin(round(share * drawn_from), drawn_from - 1);
    const ccrnn_real kept = (ccrnn_real)(drawn_from / (drawn_from - dropped));
    const uint32_t limit = (uint32_t)dropped;
    ccrnn_real *const keep = words->keep + first;
    for (size_t i = 0; i < count;) {
        const size_t from = (number + i) % DECISIONS;
        const size_t left = count - i;
        ccrnn_real decided[DECISIONS];
        decide(&words->dropout, (number + i) / DECISIONS, limit, kept, decided);
        const size_t some = left < DECISIONS - from ? left : DECISIONS - from;
        memcpy(keep + i, decided + from, some * sizeof *keep);
        i += some;
    }
    network->math.kernels->multiply(count, network->input + first, keep, network->input + first);
}

static void input_piece(void *context, size_t piece)
{
    const struct input_work *const work = context;
    struct ccrnn_network *const network = work->network;
    const size_t B = network->split.rows, I = network->config.inputs;
    const size_t whole = network->config.batch, mine = network->split.first;
    const size_t t = piece / work->pieces_a_step, global = work->span->start + t;
    const size_t from = piece % work->pieces_a_step * INPUT_ROWS;
    const size_t to = from + INPUT_ROWS < B ? from + INPUT_ROWS : B;
    const size_t first = ccrnn_segments_gate_of(&work->span->segments, t) * B * I;
    for (size_t b = from; b < to && global > 0; b++) {
        const size_t word = (size_t)work->batch->label[(global - 1) * whole + mine + b];
        memcpy(network->input + first + b * I, network->words.embedding + word * I,
               I * sizeof *network->input);
    }
    if (work->drop)
        drop(network, first + from * I, (global * whole + mine + from) * I, (to - from) * I);
}

void ccrnn_words_input(struct ccrnn_network *network, const struct ccrnn_span *span,
                       const struct ccrnn_batch *batch, bool learning)
{
    const size_t B = network->split.rows, I = network->config.inputs;
    struct input_work work = {
        .network = network,
        .span = span,
        .batch = batch,
        .pieces_a_step = (B + INPUT_ROWS - 1) / INPUT_ROWS,
        .drop = learning && network->words.keep != NULL,
    };
    if (span->start == 0)
        ccrnn_words_map(network, batch->feature + network->split.first * network->config.features,
                        B, learning,
                        network->input + ccrnn_segments_gate_of(&span->segments, 0) * B * I);
    ccrnn_team_run(network->math.team, span->segments.T * work.pieces_a_step, input_piece, &work);
}

void ccrnn_words_readout(struct ccrnn_network *network, size_t rows, const ccrnn_real *state,
                         ccrnn_real *output)
{
    const struct ccrnn_linear *const readout = &network->readout;
    ccrnn_math_gemm(&network->math, false, true, rows, readout->outputs, readout->inputs, 1,
                    state, network->shape.state_width, readout->weight, readout->inputs, 0,
                    output, readout->outputs);
}

/* --- loss -------------------------------------------------------------------------------- */

void ccrnn_words_loss(struct ccrnn_network *network, const struct ccrnn_span *span,
                      const struct ccrnn_batch *batch, struct ccrnn_step_report *report)
{
    const size_t B = network->split.rows, O = network->config.outputs;
    const size_t whole = network->config.batch, mine = network->split.first;
    struct ccrnn_words *const words = &network->words;
    for (size_t t = 0; t < span->segments.T; t++) {
        const size_t row = ccrnn_span_row(network, span, t);
        double sum = 0;
        ccrnn_math_softmax(&network->math, B, O,
                           ccrnn_loop_target_weight(network, span->start + t),
                           network->readout.bias, batch->label + (span->start + t) * whole + mine,
                           network->output + row * O, words->nats);
        for (size_t b = 0; b < B; b++)
            sum += words->nats[b];
        report->loss += sum / (double)whole;
        if (span->start + t == 0)
            report->first_loss = sum / (double)whole;
    }
}

/* --- backward ---------------------------------------------------------------------------- */

/* Rows of the embedding's gradient that the last span wrote are zero again. */
static void clear_embedding(struct ccrnn_network *network)
{
    struct ccrnn_words *const words = &network->words;
    const size_t I = network->config.inputs;
    for (size_t i = 0; i < words->touched_count; i++)
        memset(words->grad_embedding + (size_t)words->touched[i] * I, 0,
               I * sizeof *words->grad_embedding);
    words->touched_count = 0;
}

static void add_to_embedding(struct ccrnn_network *network, size_t word, const ccrnn_real *d)
{
    struct ccrnn_words *const words = &network->words;
    const size_t I = network->config.inputs;
    ccrnn_real *const grad = words->grad_embedding + word * I;
    for (size_t i = 0; i < I; i++)
        grad[i] += d[i];
    words->touched[words->touched_count++] = (int32_t)word;
}

/* The gradient of the first step's input, (B,I) of the first span, through normalisation and map. Normalised
 * rows depend on one another: that part is the whole batch's, and of the map each rank has its own rows. */
static void map_gradients(struct ccrnn_network *network, const struct ccrnn_batch *batch)
{
    struct ccrnn_words *const words = &network->words;
    const struct ccrnn_batch_split *const split = &network->split;
    const size_t B = network->config.batch, I = network->config.inputs;
    const ccrnn_real *const mine = words->d_mapped + split->first * I;
    words->map_is_clear = false;
    if (words->has_norm)
        ccrnn_normalisation_backward(&words->norm, B, I, words->d_mapped);
    ccrnn_linear_gradient_weight(&network->math, &words->map, split->rows, mine,
                                 batch->feature + split->first * network->config.features,
                                 network->config.features);
    /* the batch's mean takes away what a bias adds: its gradient is 0, and no rounding errors */
    if (words->has_norm)
        memset(words->map.grad_bias, 0, I * sizeof *words->map.grad_bias);
    else
        ccrnn_linear_gradient_bias(&network->math, &words->map, split->rows, mine);
    ccrnn_network_sum(network, network->parameters.map_index, 2);
}

/* In later spans the map's gradient is 0, and the optimiser's momentum moves it on. */
static void clear_map(struct ccrnn_network *network)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const size_t from = p->parameter[p->map_index].offset;
    if (network->words.map_is_clear)
        return;
    memset(p->grad + from, 0, (p->cerebellum_start - from) * sizeof *p->grad);
    network->words.map_is_clear = true;
}

void ccrnn_words_update(struct ccrnn_network *network)
{
    if (network->words.norm_waits)
        ccrnn_normalisation_move(&network->words.norm, network->config.inputs);
    network->words.norm_waits = false;
}

/* Where the gradients of a rank's inputs lie: those of rank 0 first, each rank's in block order. */
static ccrnn_real *d_input_of(struct ccrnn_network *network, const struct ccrnn_span *span,
                              size_t first)
{
    return network->words.d_inputs + first * span->segments.T * network->config.inputs;
}

void ccrnn_words_backward(struct ccrnn_network *network, const struct ccrnn_span *span)
{
    const size_t I = network->config.inputs, rows = span->segments.T * network->split.rows;
    ccrnn_real *const d_input = d_input_of(network, span, network->split.first);
    ccrnn_cell_backward_input(&network->math, network->cell, &network->shape, &network->cortex,
                              rows, network->gates, d_input);
    if (network->words.keep != NULL)
        network->math.kernels->multiply(rows * I, d_input, network->words.keep, d_input);
    ccrnn_split_gather(&network->split, network->words.d_inputs, network->config.batch,
                       span->segments.T * I * sizeof *d_input);
}

/* What a step of rows [first, first + count) of the batch was given. */
static void take_step(struct ccrnn_network *network, const struct ccrnn_span *span,
                      const struct ccrnn_batch *batch, size_t t, size_t first, size_t count)
{
    const size_t I = network->config.inputs, global = span->start + t;
    const ccrnn_real *const d =
        d_input_of(network, span, first) + ccrnn_segments_gate_of(&span->segments, t) * count * I;
    if (global == 0)
        memcpy(network->words.d_mapped + first * I, d, count * I * sizeof *d);
    for (size_t b = 0; b < count && global > 0; b++)
        add_to_embedding(network,
                         (size_t)batch->label[(global - 1) * network->config.batch + first + b],
                         d + b * I);
}

void ccrnn_words_gradients(struct ccrnn_network *network, const struct ccrnn_span *span,
                           const struct ccrnn_batch *batch)
{
    const struct ccrnn_ranks *const ranks = network->split.ranks;
    const size_t B = network->config.batch, count = ranks == NULL ? 1 : ranks->count;
    clear_embedding(network);
    ccrnn_split_wait(&network->split);
    for (size_t t = 0; t < span->segments.T; t++) {
        for (size_t r = 0; r < count; r++) {
            const size_t first = ranks == NULL ? 0 : ccrnn_ranks_first(ranks, B, r);
            const size_t end = ranks == NULL ? B : ccrnn_ranks_first(ranks, B, r + 1);
            take_step(network, span, batch, t, first, end - first);
        }
        if (span->start + t == 0 && network->words.map_learns)
            map_gradients(network, batch);
    }
    if (span->start > 0 && network->words.map_learns)
        clear_map(network);
}
