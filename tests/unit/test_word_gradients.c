/* Networks of words: every gradient of every update against central finite differences, in double, with
 * the batch's statistics, dropout, batches of several lengths after each other, and both kinds of update.
 *
 * The forward pass is written once more here, over the whole batch: normalisation ties its trials together.
 * It draws dropout itself, in the order of time, so the stream must not depend on the horizon. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/random.h"
#include "reference.h"

enum { B = 3, T = 5, INPUTS = 3, HIDDEN = 3, WORDS = 6, FEATURES_MOST = 4, STATE_MOST = 6 };
static const uint64_t seed = 3;

/* A network, the batch it is given, and what the engine knew when it had its gradients. */
struct probe {
    struct ccrnn_network *network;
    double *value; /* parameter block to perturb */
    double feature[B * FEATURES_MOST];
    int32_t label[T * B];
    double keep[T * B * INPUTS];
    size_t start, steps; /* of the span that is looked at */
    bool last;           /* it ends where the sequence ends */
    struct ccrnn_segments segments;
    double boundary[(T + 1) * B * STATE_MOST]; /* s_0 … s_n of the span */
    double predicted[(T + 1) * B * STATE_MOST];
    double delta[T * B * STATE_MOST];
    double loss, first_loss; /* as the batch goes on */
    size_t updates;
};

static struct ccrnn_network_config small(enum ccrnn_cell cell)
{
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    config.cell = cell;
    config.inputs = config.features = INPUTS;
    config.hidden = HIDDEN;
    config.outputs = WORDS;
    config.batch = B;
    config.steps = T;
    config.interval = 1;
    config.loss = CCRNN_LOSS_CROSS_ENTROPY;
    config.granule_units = 4;
    config.feedback_scale = 0.7;
    config.clip = CCRNN_CLIP_NONE;
    config.learning_rate = 0.02;
    return config;
}

static void randomise(double *values, size_t count, double bound, uint32_t item)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 99, CCRNN_RANDOM_USER, 0, item);
    for (size_t i = 0; i < count; i++)
        values[i] = bound * (2.0 * (double)ccrnn_random_uniform(&stream) - 1.0);
}

static void draw_dropout(struct probe *p, const struct ccrnn_batch *batch)
{
    const double share = p->network->config.dropout;
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, seed, CCRNN_RANDOM_DROPOUT, batch->epoch, batch->item);
    const double dropped = round(share * 0x1p16) * 0x1p-16;
    uint32_t word = 0;
    for (size_t i = 0; i < batch->steps * B * INPUTS; i++) {
        /* a word of the stream is good for two inputs, its low half first */
        word = i % 2 == 0 ? ccrnn_random_u32(&stream) : word >> 16;
        const double drawn = (word & UINT16_MAX) * 0x1p-16;
        p->keep[i] = drawn < dropped ? 0 : 1 / (1 - dropped);
    }
}

/* --- the objective ----------------------------------------------------------------------- */

/* x (B,INPUTS) of step t of the sequence. */
static void input_of(const struct probe *p, size_t t, double *x)
{
    const struct ccrnn_parameters *const table = &p->network->parameters;
    if (t == 0)
        reference_features(p->network, p->value, p->feature, x);
    for (size_t b = 0; b < B && t > 0; b++)
        memcpy(x + b * INPUTS,
               p->value + table->parameter[table->embedding_index].offset +
                   (size_t)p->label[(t - 1) * B + b] * INPUTS,
               INPUTS * sizeof *x);
    for (size_t i = 0; i < B * INPUTS; i++)
        x[i] *= p->keep[t * B * INPUTS + i];
}

/* −log probability of the word at step t, trial b, after state s. */
static double nats_of(const struct probe *p, size_t t, size_t b, const double *s)
{
    double y[WORDS], sum = 0;
    reference_readout(p->network, p->value, s, y);
    for (size_t o = 0; o < WORDS; o++)
        sum += exp(y[o]);
    return log(sum) - y[p->label[t * B + b]];
}

/* α in front of ĝ_{i+1} at the end of segment i of the span. */
static double scale_after(const struct probe *p, size_t i)
{
    const struct ccrnn_network_config *const config = &p->network->config;
    const bool end = p->last && i + 1 == p->segments.n;
    if (config->cerebellum == CCRNN_CEREBELLUM_NONE || config->feedback == CCRNN_FEEDBACK_OFF ||
        (end && config->terminal_feedback == CCRNN_TERMINAL_ZERO))
        return 0;
    return config->feedback_scale;
}

/* What segment i's backward pass is the gradient of, from the states `start` (B,S): the mean loss of its
 * words, and the predicted feedback on its last state. */
static double segment_objective(const struct probe *p, size_t i, const double *start)
{
    const size_t S = p->network->shape.state_width, K = p->segments.K;
    const size_t from = i * K, to = from + K < p->steps ? from + K : p->steps;
    double s[B * STATE_MOST], next[STATE_MOST], x[B * INPUTS], loss = 0, feedback = 0;
    memcpy(s, start, B * S * sizeof *s);
    for (size_t t = from; t < to; t++) {
        input_of(p, p->start + t, x);
        for (size_t b = 0; b < B; b++) {
            reference_cell(p->network, p->value, x + b * INPUTS, s + b * S, next);
            memcpy(s + b * S, next, S * sizeof *s);
            loss += nats_of(p, p->start + t, b, s + b * S);
        }
    }
    for (size_t k = 0; k < B * S; k++)
        feedback += p->predicted[(i + 1) * B * S + k] * s[k];
    return loss / (double)(B * (to - from)) + scale_after(p, i) * feedback;
}

static double cortex_objective(const struct probe *p)
{
    const size_t block = B * p->network->shape.state_width;
    double sum = 0;
    for (size_t i = 0; i < p->segments.n; i++)
        sum += segment_objective(p, i, p->boundary + i * block);
    return sum;
}

static double cerebellum_objective(const struct probe *p)
{
    const size_t S = p->network->shape.state_width;
    double sum = 0, g[STATE_MOST];
    for (size_t row = 0; row < p->segments.n * B; row++) {
        reference_cerebellum(p->network, p->value, p->boundary + row * S, g);
        for (size_t k = 0; k < S; k++)
            sum += (g[k] - p->delta[row * S + k]) * (g[k] - p->delta[row * S + k]);
    }
    return p->network->config.cerebellar_loss == CCRNN_CEREBELLAR_LOSS_MEAN ? sum / B : sum;
}

/* The loss as it is reported: nats of every word of the span, the mean over the batch. */
static void add_loss(struct probe *p)
{
    const size_t S = p->network->shape.state_width;
    double s[B * STATE_MOST], next[STATE_MOST], x[B * INPUTS];
    memcpy(s, p->boundary, B * S * sizeof *s);
    for (size_t t = p->start; t < p->start + p->steps; t++) {
        input_of(p, t, x);
        for (size_t b = 0; b < B; b++) {
            reference_cell(p->network, p->value, x + b * INPUTS, s + b * S, next);
            memcpy(s + b * S, next, S * sizeof *s);
            const double nats = nats_of(p, t, b, s + b * S) / B;
            p->loss += nats;
            p->first_loss += t == 0 ? nats : 0;
        }
    }
}

/* --- the comparison ---------------------------------------------------------------------- */

/* NaN fails. */
static void assert_close(double found, double expected, double scale, const char *what,
                         size_t index)
{
    const double error = fabs(found - expected);
    if (!(error <= 2e-7 * (scale + 1e-3)))
        fail_msg("%s[%zu]: gradient %.12g, finite difference %.12g", what, index, found,
                 expected);
}

static double central_difference(struct probe *p, double *x,
                                 double (*objective)(const struct probe *))
{
    const double before = *x, h = 1e-5;
    *x = before + h;
    const double above = objective(p);
    *x = before - h;
    const double below = objective(p);
    *x = before;
    return (above - below) / (2 * h);
}

static void check_parameter(struct probe *p, size_t index)
{
    const struct ccrnn_parameters *const table = &p->network->parameters;
    const struct ccrnn_parameter *const tensor = &table->parameter[index];
    const bool cerebellum = table->owner[index] == CCRNN_OWNER_CEREBELLUM;
    double scale = 0;
    for (size_t e = 0; e < tensor->rows * tensor->cols; e++)
        scale = fmax(scale, fabs(tensor->grad[e]));
    for (size_t e = 0; e < tensor->rows * tensor->cols; e++) {
        double expected =
            central_difference(p, p->value + tensor->offset + e,
                               cerebellum ? cerebellum_objective : cortex_objective);
        if (tensor->mask != NULL && tensor->mask[e] == 0)
            expected = 0;
        assert_close(tensor->grad[e], expected, scale, tensor->name, e);
    }
}

static void check_delta(struct probe *p)
{
    const size_t block = B * p->network->shape.state_width;
    for (size_t i = 0; i < p->segments.n; i++)
        for (size_t k = 0; k < block; k++) {
            double start[B * STATE_MOST];
            memcpy(start, p->boundary + i * block, block * sizeof *start);
            start[k] += 1e-5;
            const double above = segment_objective(p, i, start);
            start[k] -= 2e-5;
            const double below = segment_objective(p, i, start);
            assert_close(p->delta[i * block + k], (above - below) / 2e-5, 1, "delta",
                         i * block + k);
        }
}

/* Called with the gradients of an update, the weights being those of before. */
static void on_gradients(void *context, size_t segment, double grad_norm)
{
    struct probe *const p = context;
    const struct ccrnn_network *const network = p->network;
    const struct ccrnn_network_config *const config = &network->config;
    const struct ccrnn_parameters *const table = &network->parameters;
    const struct ccrnn_segments whole = network->segments;
    const bool online = config->update == CCRNN_UPDATE_SEGMENT;
    const bool cerebellum = config->cerebellum != CCRNN_CEREBELLUM_NONE;
    const size_t block = B * network->shape.state_width;
    assert_true(isfinite(grad_norm));
    p->updates++;
    p->start = online ? segment * whole.K : 0;
    p->last = !online || segment + 1 == whole.n;
    p->steps = !online || p->last ? whole.T - p->start : whole.K;
    p->segments = online ? ccrnn_segments_cut(p->steps, p->steps) : whole;
    memcpy(p->boundary, network->state, (p->segments.n + 1) * block * sizeof *p->boundary);
    if (cerebellum) {
        memcpy(p->predicted, network->predicted,
               (p->segments.n + 1) * block * sizeof *p->predicted);
        memcpy(p->delta, network->d_state, p->segments.n * block * sizeof *p->delta);
        check_delta(p);
    }
    for (size_t i = 0; i < table->count; i++) {
        const bool learns = table->owner[i] != CCRNN_OWNER_KEPT &&
                            (table->owner[i] != CCRNN_OWNER_CEREBELLUM ||
                             config->cerebellum == CCRNN_CEREBELLUM_LEARNING);
        if (learns)
            check_parameter(p, i);
    }
    add_loss(p);
}

static struct probe *make(const struct ccrnn_network_config *config)
{
    struct ccrnn_error err = {0};
    struct probe *const p = calloc(1, sizeof *p);
    assert_non_null(p);
    if (ccrnn_network_create(config, seed, &p->network, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    struct ccrnn_parameters *const table = &p->network->parameters;
    for (size_t i = 0; i < table->count; i++) {
        struct ccrnn_parameter *const tensor = &table->parameter[i];
        randomise(tensor->value, tensor->rows * tensor->cols, 0.8, (uint32_t)i);
        for (size_t e = 0; tensor->mask != NULL && e < tensor->rows * tensor->cols; e++)
            tensor->value[e] *= tensor->mask[e];
    }
    for (size_t i = 0; table->variance_index != SIZE_MAX && i < INPUTS; i++)
        table->parameter[table->variance_index].value[i] += 1;
    p->value = table->value;
    p->network->observer = (struct ccrnn_observer){.context = p, .gradients = on_gradients};
    return p;
}

/* A batch whose words are not those of the batches before: no gradient of theirs may be left. */
static void train(struct probe *p, size_t steps, uint32_t item)
{
    struct ccrnn_error err = {0};
    struct ccrnn_step_report report;
    const struct ccrnn_batch batch = {
        .feature = p->feature, .label = p->label, .steps = steps, .epoch = 4, .item = item};
    randomise(p->feature, B * p->network->config.features, 1.0, 100 + item);
    for (size_t i = 0; i < steps * B; i++)
        p->label[i] = (int32_t)((i * i + 2 * item) % (WORDS - 1));
    draw_dropout(p, &batch);
    p->loss = p->first_loss = 0;
    p->updates = 0;
    if (ccrnn_network_train(p->network, &batch, &report, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    const bool online = p->network->config.update == CCRNN_UPDATE_SEGMENT;
    assert_true(p->updates == (online ? p->network->segments.n : 1));
    assert_close(report.loss, p->loss / (double)steps, 1e-6, "loss", item);
    assert_close(report.first_loss, p->first_loss, 1e-6, "first loss", item);
}

static void check(const struct ccrnn_network_config *config)
{
    struct probe *const p = make(config);
    train(p, T, 0);
    train(p, 2, 1);
    train(p, T - 1, 2);
    train(p, 1, 3);
    ccrnn_network_destroy(p->network);
    free(p);
}

struct map {
    enum ccrnn_feature_map map;
    enum ccrnn_feature_norm norm;
};

static const struct map maps[] = {
    {CCRNN_FEATURES_AS_THEY_ARE, CCRNN_FEATURE_NORM_NONE},
    {CCRNN_FEATURES_LEARNED, CCRNN_FEATURE_NORM_NONE},
    {CCRNN_FEATURES_LEARNED, CCRNN_FEATURE_NORM_BATCH},
    {CCRNN_FEATURES_FROZEN, CCRNN_FEATURE_NORM_NONE},
    {CCRNN_FEATURES_FROZEN, CCRNN_FEATURE_NORM_BATCH},
};
enum { MAPS = sizeof maps / sizeof *maps };

static struct ccrnn_network_config mapped(enum ccrnn_cell cell, size_t map)
{
    struct ccrnn_network_config config = small(cell);
    config.feature_map = maps[map].map;
    config.feature_norm = maps[map].norm;
    config.features = config.feature_map == CCRNN_FEATURES_AS_THEY_ARE ? INPUTS : FEATURES_MOST;
    return config;
}

/* Every map of features, horizon, update, with and without cerebellum. 9 is longer than any batch. */
static void check_cell(enum ccrnn_cell cell)
{
    static const size_t horizons[] = {1, 2, 3, T, 9};
    for (size_t map = 0; map < MAPS; map++)
        for (size_t h = 0; h < sizeof horizons / sizeof *horizons; h++)
            for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++)
                for (int cerebellum = CCRNN_CEREBELLUM_NONE;
                     cerebellum <= CCRNN_CEREBELLUM_LEARNING; cerebellum++) {
                    struct ccrnn_network_config config = mapped(cell, map);
                    config.horizon = horizons[h];
                    config.update = (enum ccrnn_update)update;
                    config.cerebellum = (enum ccrnn_cerebellum)cerebellum;
                    config.dropout = h % 2 == 0 ? 0.3 : 0;
                    check(&config);
                }
}

static void lstm_every_map_and_horizon(void **state)
{
    (void)state;
    check_cell(CCRNN_CELL_LSTM);
}

static void gru_every_map_and_horizon(void **state)
{
    (void)state;
    check_cell(CCRNN_CELL_GRU);
}

static void tanh_every_map_and_horizon(void **state)
{
    (void)state;
    check_cell(CCRNN_CELL_TANH);
}

static void every_rule_of_the_cerebellum(void **state)
{
    (void)state;
    for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++) {
        struct ccrnn_network_config config = mapped(CCRNN_CELL_LSTM, 2);
        config.update = (enum ccrnn_update)update;
        config.horizon = 2;
        config.mossy_fibres = 2;
        config.granule_layers = 2;
        config.dropout = 0.5;
        check(&config);
        config = mapped(CCRNN_CELL_GRU, 1);
        config.update = (enum ccrnn_update)update;
        config.horizon = 2;
        config.terminal_feedback = CCRNN_TERMINAL_ZERO;
        config.cerebellar_loss = CCRNN_CEREBELLAR_LOSS_MEAN;
        check(&config);
        config = mapped(CCRNN_CELL_TANH, 2);
        config.update = (enum ccrnn_update)update;
        config.cerebellum = CCRNN_CEREBELLUM_FIXED;
        config.mossy_fibres = 2;
        check(&config);
        config.feedback = CCRNN_FEEDBACK_OFF;
        config.cerebellum = CCRNN_CEREBELLUM_LEARNING;
        check(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lstm_every_map_and_horizon),
        cmocka_unit_test(gru_every_map_and_horizon),
        cmocka_unit_test(tanh_every_map_and_horizon),
        cmocka_unit_test(every_rule_of_the_cerebellum),
    };
    return cmocka_run_group_tests_name("word_gradients", tests, NULL, NULL);
}
