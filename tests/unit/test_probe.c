/* The probe, in double: the true gradient against finite differences of the whole rest of a sequence, the
 * activity against the equations written once more, what the cerebellum is taught against what training
 * sees; and that looking changes nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/intervention.h"
#include "ccrnn/probe.h"
#include "ccrnn/random.h"
#include "reference.h"

enum { B = 3, T = 7, INPUTS = 2, HIDDEN = 4, OUTPUTS = 3, GRANULES = 6, FEATURES = 5 };
enum { STATE_MOST = 2 * HIDDEN, GATES_MOST = 4 * HIDDEN };

/* A network, a batch, and all that the probe finds of it. */
struct look {
    struct ccrnn_network *network;
    struct ccrnn_batch batch;
    size_t steps; /* of the batch */
    double input[T * B * INPUTS], target[T * B * OUTPUTS], feature[B * FEATURES];
    int32_t label[T * B];
    double output[T * B * OUTPUTS], state[(T + 1) * B * STATE_MOST], gates[T * B * GATES_MOST];
    double granule[CCRNN_GRANULE_LAYERS_MAX][(T + 1) * B * GRANULES];
    double predicted[(T + 1) * B * STATE_MOST], delta[T * B * STATE_MOST];
    double truth[(T + 1) * B * STATE_MOST], loss[T * B];
    double x_0[B * INPUTS];                /* words: what the cell was given at step 0 */
    double seen[(T + 1) * B * STATE_MOST]; /* δ that training saw */
};

static struct ccrnn_network_config small(enum ccrnn_cell cell, size_t horizon)
{
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    config.cell = cell;
    config.inputs = INPUTS;
    config.hidden = HIDDEN;
    config.outputs = OUTPUTS;
    config.batch = B;
    config.steps = T;
    config.granule_units = GRANULES;
    config.feedback_scale = 0.7;
    config.horizon = horizon;
    return config;
}

static struct ccrnn_network_config worded(enum ccrnn_cell cell, size_t horizon)
{
    struct ccrnn_network_config config = small(cell, horizon);
    config.features = FEATURES;
    config.feature_map = CCRNN_FEATURES_LEARNED;
    config.feature_norm = CCRNN_FEATURE_NORM_BATCH;
    config.dropout = 0.25;
    config.loss = CCRNN_LOSS_CROSS_ENTROPY;
    config.interval = 1;
    config.update = CCRNN_UPDATE_SEGMENT;
    return config;
}

static void randomise(double *values, size_t count, double bound, uint32_t item)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 41, CCRNN_RANDOM_USER, 0, item);
    for (size_t i = 0; i < count; i++)
        values[i] = bound * (2.0 * (double)ccrnn_random_uniform(&stream) - 1.0);
}

static void expect_ok(enum ccrnn_status status, const struct ccrnn_error *err)
{
    if (status != CCRNN_OK)
        fail_msg("%s", err->message);
}

static struct look *make(const struct ccrnn_network_config *config, size_t steps)
{
    struct ccrnn_error err = {0};
    struct look *const it = calloc(1, sizeof *it);
    assert_non_null(it);
    expect_ok(ccrnn_network_create(config, 3, &it->network, &err), &err);
    const struct ccrnn_parameters *const table = &it->network->parameters;
    for (size_t i = 0; i < table->count; i++) {
        const struct ccrnn_parameter *const tensor = &table->parameter[i];
        randomise(tensor->value, tensor->rows * tensor->cols, 0.8, (uint32_t)i);
        for (size_t e = 0; tensor->mask != NULL && e < tensor->rows * tensor->cols; e++)
            tensor->value[e] *= tensor->mask[e];
    }
    for (size_t i = 0; table->variance_index != SIZE_MAX && i < INPUTS; i++)
        table->parameter[table->variance_index].value[i] += 1;
    randomise(it->input, T * B * INPUTS, 1.0, 100);
    randomise(it->target, T * B * OUTPUTS, 1.0, 101);
    randomise(it->feature, B * FEATURES, 1.0, 102);
    for (size_t i = 0; i < T * B; i++)
        it->label[i] = (int32_t)(i * 7 % OUTPUTS);
    it->steps = steps;
    it->batch =
        (struct ccrnn_batch){.input = it->input, .target = it->target, .label = it->label};
    if (config->features > 0)
        it->batch = (struct ccrnn_batch){
            .feature = it->feature, .label = it->label, .steps = steps, .epoch = 2};
    return it;
}

static void destroy(struct look *it)
{
    ccrnn_network_destroy(it->network);
    free(it);
}

static void look(struct look *it)
{
    struct ccrnn_error err = {0};
    const struct ccrnn_network_config *const config = &it->network->config;
    struct ccrnn_probe probe = {
        .output = it->output,
        .state = it->state,
        .gates = it->gates,
        .truth = it->truth,
        .loss = it->loss,
    };
    if (config->cerebellum != CCRNN_CEREBELLUM_NONE) {
        probe.predicted = it->predicted;
        probe.target = it->delta;
        for (size_t l = 0; l < config->granule_layers; l++)
            probe.granule[l] = it->granule[l];
    }
    expect_ok(ccrnn_network_probe(it->network, &it->batch, &probe, &err), &err);
    memcpy(it->x_0, it->network->input, sizeof it->x_0);
}

/* NaN fails. */
static void assert_close(double found, double expected, double tolerance, const char *what,
                         size_t index)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%s[%zu]: %.15g, expected %.15g", what, index, found, expected);
}

/* --- the equations once more ------------------------------------------------------------- */

static const double *input_of(const struct look *it, size_t t, size_t b)
{
    const struct ccrnn_parameters *const table = &it->network->parameters;
    if (it->network->config.features == 0)
        return it->input + (t * B + b) * INPUTS;
    if (t == 0)
        return it->x_0 + b * INPUTS;
    return table->parameter[table->embedding_index].value +
           (size_t)it->label[(t - 1) * B + b] * INPUTS;
}

static bool has_target(const struct look *it, size_t t)
{
    const struct ccrnn_network_config *const config = &it->network->config;
    return config->predict == CCRNN_PREDICT_LAST ? t + 1 == T : t % config->interval == 0;
}

/* Rule 3. */
static double weight_of(const struct look *it, size_t t)
{
    const size_t K = it->network->config.horizon, first = t / K * K;
    size_t targets = 0;
    for (size_t u = first; u < first + K && u < it->steps; u++)
        targets += has_target(it, u);
    const bool mse = it->network->config.loss == CCRNN_LOSS_MSE;
    return 1.0 / ((double)targets * B * (mse ? OUTPUTS : 1));
}

static double loss_of(const struct look *it, size_t t, size_t b, const double *s)
{
    const bool last = it->network->config.predict == CCRNN_PREDICT_LAST;
    const size_t at = last ? b : t * B + b;
    double y[OUTPUTS], sum = 0;
    reference_readout(it->network, it->network->parameters.value, s, y);
    if (it->network->config.loss == CCRNN_LOSS_MSE) {
        for (size_t o = 0; o < OUTPUTS; o++)
            sum += pow(y[o] - it->target[at * OUTPUTS + o], 2);
        return sum;
    }
    for (size_t o = 0; o < OUTPUTS; o++)
        sum += exp(y[o]);
    return log(sum) - y[it->label[at]];
}

/* The loss of trial b from step t to the end, from the state s before it. */
static double rest_of(const struct look *it, size_t t, size_t b, const double *from)
{
    const size_t S = it->network->shape.state_width;
    double s[STATE_MOST], next[STATE_MOST], sum = 0;
    memcpy(s, from, S * sizeof *s);
    for (; t < it->steps; t++) {
        reference_cell(it->network, it->network->parameters.value, input_of(it, t, b), s, next);
        memcpy(s, next, S * sizeof *s);
        sum += has_target(it, t) ? weight_of(it, t) * loss_of(it, t, b, s) : 0;
    }
    return sum;
}

/* --- the comparisons --------------------------------------------------------------------- */

static void check_truth(struct look *it)
{
    const size_t S = it->network->shape.state_width;
    double largest = 0;
    for (size_t t = 0; t <= it->steps; t++)
        for (size_t b = 0; b < B; b++)
            for (size_t k = 0; k < S; k++) {
                const size_t at = (t * B + b) * S + k;
                double s[STATE_MOST];
                memcpy(s, it->state + (t * B + b) * S, S * sizeof *s);
                s[k] += 1e-5;
                const double above = rest_of(it, t, b, s);
                s[k] -= 2e-5;
                const double below = rest_of(it, t, b, s);
                largest = fmax(largest, fabs(it->truth[at]));
                assert_close(it->truth[at], (above - below) / 2e-5, 1e-9, "truth", at);
            }
    assert_true(largest > 1e-4);
}

static void check_gates(const struct look *it, size_t t, size_t b)
{
    const size_t S = it->network->shape.state_width, G = ccrnn_probe_gate_width(it->network);
    const double *const before = it->state + (t * B + b) * S;
    const double *const after = it->state + ((t + 1) * B + b) * S;
    const double *const gates = it->gates + (t * B + b) * G;
    for (size_t k = 0; k < HIDDEN; k++) {
        const double *const g = gates + k;
        double h = g[0];
        if (it->network->config.cell == CCRNN_CELL_LSTM) {
            const double c = g[HIDDEN] * before[HIDDEN + k] + g[0] * g[2 * HIDDEN];
            assert_close(after[HIDDEN + k], c, 1e-14, "c", k);
            h = g[3 * HIDDEN] * tanh(c);
        } else if (it->network->config.cell == CCRNN_CELL_GRU) {
            h = (1 - g[HIDDEN]) * g[2 * HIDDEN] + g[HIDDEN] * before[k];
        }
        assert_close(after[k], h, 1e-14, "h", k);
    }
}

/* States, gates, outputs and losses. */
static void check_cortex(const struct look *it)
{
    const size_t S = it->network->shape.state_width;
    const double *const value = it->network->parameters.value;
    for (size_t t = 0; t < it->steps; t++)
        for (size_t b = 0; b < B; b++) {
            const size_t row = t * B + b;
            const double *const after = it->state + (row + B) * S;
            double next[STATE_MOST], y[OUTPUTS];
            reference_cell(it->network, value, input_of(it, t, b), it->state + row * S, next);
            for (size_t k = 0; k < S; k++) {
                assert_true(t > 0 || it->state[row * S + k] == 0);
                assert_close(after[k], next[k], 1e-13, "state", row * S + k);
            }
            check_gates(it, t, b);
            reference_readout(it->network, value, after, y);
            for (size_t o = 0; o < OUTPUTS; o++)
                assert_close(it->output[row * OUTPUTS + o], y[o], 1e-13, "output", row);
            assert_true(isnan(it->loss[row]) == !has_target(it, t));
            if (has_target(it, t))
                assert_close(it->loss[row], loss_of(it, t, b, after), 1e-12, "loss", row);
        }
}

/* The prediction from the state, and from the last granule layer. */
static void check_cerebellum(const struct look *it)
{
    const struct ccrnn_network *const network = it->network;
    const size_t S = network->shape.state_width, K = network->config.horizon;
    const size_t layers = network->config.granule_layers, n = (it->steps + K - 1) / K;
    const struct ccrnn_linear *const last = &network->cerebellum.map[layers];
    for (size_t row = 0; row < (n + 1) * B; row++) {
        const size_t step = row / B * K < it->steps ? row / B * K : it->steps;
        const double *const s = it->state + (step * B + row % B) * S;
        double g[STATE_MOST];
        reference_cerebellum(network, network->parameters.value, s, g);
        for (size_t k = 0; k < S; k++) {
            assert_close(it->predicted[row * S + k], g[k], 1e-12, "predicted", row * S + k);
            double sum = last->bias[k];
            for (size_t i = 0; i < GRANULES && layers > 0; i++)
                sum +=
                    last->weight[k * GRANULES + i] * it->granule[layers - 1][row * GRANULES + i];
            if (layers > 0)
                assert_close(sum, g[k], 1e-12, "granule", row * S + k);
        }
    }
}

static void check(const struct ccrnn_network_config *config, size_t steps)
{
    struct look *const it = make(config, steps);
    look(it);
    check_truth(it);
    check_cortex(it);
    if (config->cerebellum != CCRNN_CEREBELLUM_NONE)
        check_cerebellum(it);
    destroy(it);
}

static const size_t horizons[] = {1, 2, 3, T, 9};
enum { HORIZONS = sizeof horizons / sizeof *horizons };

static void truth_is_the_gradient_of_the_rest(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t h = 0; h < HORIZONS; h++)
            for (size_t layers = 0; layers <= 3; layers++)
                for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++) {
                    struct ccrnn_network_config config =
                        small((enum ccrnn_cell)cell, horizons[h]);
                    config.update = (enum ccrnn_update)update;
                    config.granule_layers = layers;
                    config.mossy_fibres = layers == 2 ? 3 : 0;
                    check(&config, T);
                    config.cerebellum = CCRNN_CEREBELLUM_NONE;
                    config.granule_layers = 0;
                    check(&config, T);
                }
}

static void truth_of_every_loss_and_interval(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (int loss = CCRNN_LOSS_MSE; loss <= CCRNN_LOSS_CROSS_ENTROPY; loss++)
            for (int predict = CCRNN_PREDICT_ALL; predict <= CCRNN_PREDICT_LAST; predict++)
                for (size_t interval = 1; interval <= 4; interval++) {
                    struct ccrnn_network_config config = small((enum ccrnn_cell)cell, 3);
                    config.loss = (enum ccrnn_loss)loss;
                    config.predict = (enum ccrnn_predict)predict;
                    config.interval = interval;
                    check(&config, T);
                }
}

static void truth_of_words(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t h = 0; h < HORIZONS; h++)
            for (size_t steps = 1; steps <= T; steps += 2) {
                const struct ccrnn_network_config config =
                    worded((enum ccrnn_cell)cell, horizons[h]);
                check(&config, steps);
            }
}

/* Words: neither dropout nor the batch's statistics, but what scoring sees. */
static void losses_are_the_scores(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = worded(CCRNN_CELL_LSTM, 2);
    struct ccrnn_error err = {0};
    struct look *const it = make(&config, T);
    double nats[T * B];
    look(it);
    expect_ok(ccrnn_network_score(it->network, &it->batch, nats, NULL, &err), &err);
    for (size_t i = 0; i < T * B; i++)
        assert_close(it->loss[i], nats[i], 1e-13, "loss", i);
    destroy(it);
}

/* --- what the cerebellum is taught ------------------------------------------------------- */

static void keep_delta(void *context, size_t segment, double grad_norm)
{
    struct look *const it = context;
    const struct ccrnn_network_config *const config = &it->network->config;
    const size_t block = B * it->network->shape.state_width;
    const bool online = config->update == CCRNN_UPDATE_SEGMENT;
    assert_true(isfinite(grad_norm));
    memcpy(it->seen + segment * block, it->network->d_state,
           (online ? 1 : it->network->segments.n) * block * sizeof *it->seen);
}

/* The learning rate is so small that no weight moves from a segment to the next. */
static void target_is_what_training_sees(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t h = 0; h < HORIZONS; h++)
            for (int variant = 0; variant < 8; variant++) {
                struct ccrnn_error err = {0};
                struct ccrnn_network_config config = small((enum ccrnn_cell)cell, horizons[h]);
                config.update = variant & 1 ? CCRNN_UPDATE_SEGMENT : CCRNN_UPDATE_BATCH;
                config.terminal_feedback =
                    variant & 2 ? CCRNN_TERMINAL_ZERO : CCRNN_TERMINAL_PREDICTED;
                config.feedback = variant & 4 ? CCRNN_FEEDBACK_OFF : CCRNN_FEEDBACK_PREDICTED;
                config.learning_rate = 1e-300;
                struct look *const it = make(&config, T);
                look(it);
                it->network->observer =
                    (struct ccrnn_observer){.context = it, .gradients = keep_delta};
                expect_ok(ccrnn_network_train(it->network, &it->batch, NULL, &err), &err);
                const size_t n = ccrnn_probe_boundaries(it->network) - 1;
                assert_true(n == it->network->segments.n);
                for (size_t i = 0; i < n * B * it->network->shape.state_width; i++)
                    assert_close(it->delta[i], it->seen[i], 1e-15, "target", i);
                destroy(it);
            }
}

static void answer_the_truth(void *context, size_t rows, double *predicted)
{
    const struct look *const it = context;
    const size_t block = B * it->network->shape.state_width;
    for (size_t i = 0; i < rows / B; i++) {
        const size_t step = i * it->network->segments.K < T ? i * it->network->segments.K : T;
        memcpy(predicted + i * block, it->truth + step * block, block * sizeof *predicted);
    }
}

/* A cerebellum that says the truth is taught the truth (α = 1). The truth at the end of the sequence is 0:
 * the terminal rules are the same. */
static void true_feedback_is_taught_the_truth(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t h = 0; h < HORIZONS; h++)
            for (int words = 0; words < 2; words++) {
                struct ccrnn_network_config config =
                    words ? worded((enum ccrnn_cell)cell, horizons[h])
                          : small((enum ccrnn_cell)cell, horizons[h]);
                config.feedback_scale = 1;
                struct look *const it = make(&config, T);
                look(it);
                it->network->observer =
                    (struct ccrnn_observer){.context = it, .feedback = answer_the_truth};
                look(it);
                const size_t block = B * it->network->shape.state_width;
                const size_t K = it->network->segments.K;
                for (size_t i = 0; i < it->network->segments.n * block; i++)
                    assert_close(it->delta[i], it->truth[i / block * K * block + i % block],
                                 1e-15, "target", i);
                destroy(it);
            }
}

/* --- what looking leaves alone ------------------------------------------------------------ */

static void expect_same(const struct ccrnn_network *a, const struct ccrnn_network *b)
{
    const size_t bytes = a->parameters.size * sizeof(double);
    assert_memory_equal(a->parameters.value, b->parameters.value, bytes);
    assert_memory_equal(a->parameters.first, b->parameters.first, bytes);
    assert_memory_equal(a->parameters.second, b->parameters.second, bytes);
    assert_memory_equal(a->parameters.grad, b->parameters.grad, bytes);
    assert_true(a->updates == b->updates);
}

static void looking_changes_nothing_of(const struct ccrnn_network_config *config)
{
    struct look *const a = make(config, T), *const b = make(config, T);
    for (uint32_t item = 0; item < 4; item++) {
        struct ccrnn_error err = {0};
        struct ccrnn_step_report of_a = {0}, of_b = {0};
        look(b);
        expect_same(a->network, b->network);
        a->batch.item = b->batch.item = item;
        if (config->features > 0)
            a->batch.steps = b->batch.steps = T - item;
        expect_ok(ccrnn_network_train(a->network, &a->batch, &of_a, &err), &err);
        expect_ok(ccrnn_network_train(b->network, &b->batch, &of_b, &err), &err);
        assert_memory_equal(&of_a, &of_b, sizeof of_a);
        expect_same(a->network, b->network);
    }
    destroy(a);
    destroy(b);
}

static void looking_changes_nothing(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++) {
            struct ccrnn_network_config config = small((enum ccrnn_cell)cell, 3);
            config.update = (enum ccrnn_update)update;
            looking_changes_nothing_of(&config);
            config = worded((enum ccrnn_cell)cell, 3);
            config.update = (enum ccrnn_update)update;
            looking_changes_nothing_of(&config);
            config.cerebellum = CCRNN_CEREBELLUM_NONE;
            config.granule_layers = 0;
            looking_changes_nothing_of(&config);
        }
}

/* Under an intervention too. */
static void looking_at_a_disturbed_network(void **state)
{
    (void)state;
    static const struct ccrnn_intervention kinds[] = {
        {.kind = CCRNN_INTERVENTION_FEEDBACK, .share = 1, .gain = 2, .noise = 0.5, .delay = 1},
        {.kind = CCRNN_INTERVENTION_CEREBELLUM, .share = 1, .gain = 1},
        {.kind = CCRNN_INTERVENTION_MOSSY, .share = 0.5, .gain = 1},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++) {
            struct ccrnn_network_config config = small(CCRNN_CELL_LSTM, 2);
            struct ccrnn_error err = {0};
            config.update = (enum ccrnn_update)update;
            struct look *const a = make(&config, T), *const b = make(&config, T);
            expect_ok(ccrnn_network_intervene(a->network, &kinds[k], &err), &err);
            expect_ok(ccrnn_network_intervene(b->network, &kinds[k], &err), &err);
            for (uint32_t item = 0; item < 3; item++) {
                a->batch.item = b->batch.item = item;
                look(b);
                check_truth(b);
                expect_ok(ccrnn_network_train(a->network, &a->batch, NULL, &err), &err);
                expect_ok(ccrnn_network_train(b->network, &b->batch, NULL, &err), &err);
                expect_same(a->network, b->network);
            }
            destroy(a);
            destroy(b);
        }
}

/* A lesioned cerebellum says nothing, while its target is still known. */
static void a_lesion_silences_but_the_target_stays(void **state)
{
    (void)state;
    struct ccrnn_network_config config = small(CCRNN_CELL_GRU, 2);
    const struct ccrnn_intervention lesion = {
        .kind = CCRNN_INTERVENTION_CEREBELLUM, .share = 1, .gain = 1};
    struct ccrnn_error err = {0};
    struct look *const lesioned = make(&config, T);
    config.feedback = CCRNN_FEEDBACK_OFF;
    struct look *const deaf = make(&config, T);
    expect_ok(ccrnn_network_intervene(lesioned->network, &lesion, &err), &err);
    look(lesioned);
    look(deaf);
    for (size_t i = 0; i < (T + 1) * B * STATE_MOST; i++)
        assert_true(lesioned->predicted[i] == 0);
    assert_memory_equal(lesioned->delta, deaf->delta, sizeof deaf->delta);
    assert_memory_equal(lesioned->granule[0], deaf->granule[0], sizeof deaf->granule[0]);
    destroy(lesioned);
    destroy(deaf);
}

/* --- what is refused ---------------------------------------------------------------------- */

static void expect_refusal(struct look *it, const struct ccrnn_probe *probe, const char *message)
{
    struct ccrnn_error err = {0};
    assert_int_equal(ccrnn_network_probe(it->network, &it->batch, probe, &err), CCRNN_USAGE);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' does not say '%s'", err.message, message);
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    struct ccrnn_network_config config = small(CCRNN_CELL_GRU, 2);
    struct look *it = make(&config, T);
    expect_refusal(it, &(struct ccrnn_probe){.granule = {NULL, it->granule[1]}}, "granule[1]");
    it->batch.target = NULL;
    expect_refusal(it, &(struct ccrnn_probe){.state = it->state}, "no target");
    destroy(it);
    config.cerebellum = CCRNN_CEREBELLUM_NONE;
    config.granule_layers = 0;
    it = make(&config, T);
    expect_refusal(it, &(struct ccrnn_probe){.predicted = it->predicted}, "predicted");
    expect_refusal(it, &(struct ccrnn_probe){.target = it->delta}, "target");
    expect_refusal(it, &(struct ccrnn_probe){.granule = {it->granule[0]}}, "granule[0]");
    destroy(it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_is_the_gradient_of_the_rest),
        cmocka_unit_test(truth_of_every_loss_and_interval),
        cmocka_unit_test(truth_of_words),
        cmocka_unit_test(losses_are_the_scores),
        cmocka_unit_test(target_is_what_training_sees),
        cmocka_unit_test(true_feedback_is_taught_the_truth),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(looking_at_a_disturbed_network),
        cmocka_unit_test(a_lesion_silences_but_the_target_stays),
        cmocka_unit_test(what_is_not_there_is_refused),
    };
    return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
