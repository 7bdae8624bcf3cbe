/* A network that says words: how likely given ones are, and what may come next. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "loop/network.h"
#include "math/pieces.h"

static int32_t likeliest(const ccrnn_real *probability, size_t O)
{
    size_t best = 0;
    for (size_t o = 1; o < O; o++)
        if (probability[o] > probability[best])
            best = o;
    return (int32_t)best;
}

/* One step of all captions: output (B,O) is the readout without its bias. */
static void score_step(struct ccrnn_network *network, const int32_t *label, ccrnn_real *output,
                       double *nats, int32_t *best)
{
    const size_t B = network->split.rows, O = network->config.outputs;
    const ccrnn_real *const bias = network->readout.bias;
    for (size_t b = 0; b < B; b++)
        nats[b] = -(double)(output[b * O + (size_t)label[b]] + bias[label[b]]);
    ccrnn_math_softmax(&network->math, B, O, 1, bias, NULL, output, network->words.nats);
    for (size_t b = 0; b < B; b++) {
        nats[b] += network->words.nats[b];
        if (best != NULL)
            best[b] = likeliest(output + b * O, O);
    }
}

enum ccrnn_status ccrnn_network_score(struct ccrnn_network *network,
                                      const struct ccrnn_batch *batch, double *nats,
                                      int32_t *best, struct ccrnn_error *err)
{
    const size_t B = network->config.batch, O = network->config.outputs;
    if (network->config.features == 0)
        return ccrnn_fail(err, CCRNN_USAGE, "this network knows no words: set features");
    CCRNN_TRY(ccrnn_network_take_batch(network, batch, err));
    const struct ccrnn_span span = ccrnn_network_whole(network);
    const struct ccrnn_call call = ccrnn_network_begin(network);
    struct ccrnn_batch_split *const split = &network->split;
    memset(network->state, 0, split->rows * network->shape.state_width * sizeof *network->state);
    ccrnn_loop_forward(network, &span, batch, false);
    for (size_t t = 0; t < span.segments.T; t++) {
        const size_t at = t * B + split->first;
        score_step(network, batch->label + at,
                   network->output + ccrnn_span_row(network, &span, t) * O, nats + at,
                   best == NULL ? NULL : best + at);
        ccrnn_split_gather(split, nats + t * B, B, sizeof *nats);
        if (best != NULL)
            ccrnn_split_gather(split, best + t * B, B, sizeof *best);
    }
    ccrnn_split_wait(split);
    ccrnn_network_end(network, call);
    return CCRNN_OK;
}

/* One step of the cell on network->input, from `state` to `state`. */
static void step(struct ccrnn_network *network, size_t rows, ccrnn_real *state,
                 ccrnn_real *probability)
{
    const size_t S = network->shape.state_width, block = network->config.batch * S;
    const struct ccrnn_cell_step cell_step = {
        .R = rows,
        .gates = network->gates,
        .state_prev = network->state,
        .state_next = network->state + block,
        .tanh_c = network->tanh_c,
    };
    memcpy(network->state, state, rows * S * sizeof *state);
    network->cell->project(&network->math, &network->shape, &network->cortex, rows,
                           network->input, network->gates);
    network->cell->forward(&network->math, &network->shape, &network->cortex, &cell_step);
    memcpy(state, network->state + block, rows * S * sizeof *state);
    ccrnn_words_readout(network, rows, network->state + block, probability);
    ccrnn_math_softmax(&network->math, rows, network->config.outputs, 1, network->readout.bias,
                       NULL, probability, network->words.nats);
}

static enum ccrnn_status check_rows(const struct ccrnn_network *network, size_t rows,
                                    struct ccrnn_error *err)
{
    if (network->config.features == 0)
        return ccrnn_fail(err, CCRNN_USAGE, "this network knows no words: set features");
    if (rows < 1 || rows > network->config.batch)
        return ccrnn_fail(err, CCRNN_USAGE, "%zu rows: expected 1 … %zu, the batch", rows,
                          network->config.batch);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_network_see(struct ccrnn_network *network, size_t rows,
                                    const ccrnn_real *feature, ccrnn_real *state,
                                    ccrnn_real *probability, struct ccrnn_error *err)
{
    CCRNN_TRY(check_rows(network, rows, err));
    const struct ccrnn_call call = ccrnn_network_begin(network);
    memset(state, 0, rows * network->shape.state_width * sizeof *state);
    ccrnn_words_map(network, feature, rows, false, network->input);
    step(network, rows, state, probability);
    ccrnn_network_end(network, call);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_network_say(struct ccrnn_network *network, size_t rows,
                                    const int32_t *word, ccrnn_real *state,
                                    ccrnn_real *probability, struct ccrnn_error *err)
{
    const size_t I = network->config.inputs, O = network->config.outputs;
    CCRNN_TRY(check_rows(network, rows, err));
    for (size_t r = 0; r < rows; r++)
        if (word[r] < 0 || (size_t)word[r] >= O)
            return ccrnn_fail(err, CCRNN_USAGE, "word %zu is %d: expected 0 … %zu", r,
                              (int)word[r], O - 1);
    const struct ccrnn_call call = ccrnn_network_begin(network);
    for (size_t r = 0; r < rows; r++)
        memcpy(network->input + r * I, network->words.embedding + (size_t)word[r] * I,
               I * sizeof *network->input);
    step(network, rows, state, probability);
    ccrnn_network_end(network, call);
    return CCRNN_OK;
}
