/* Every gradient of the loop against central finite differences, in double: cortex, readout and
 * cerebellum, and δ, the gradient with respect to the states at the segments' starts. */
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

enum { B = 3, T = 7, STATE_MOST = 16, OUTPUTS = 3, STEPS_MOST = T };

/* One network, one batch, and what the engine found; the constants of the objective. */
struct probe {
    struct ccrnn_network *network;
    double *value; /* parameter block to perturb */
    double input[T * B * 2], target[T * B * OUTPUTS];
    int32_t label[T * B];
    double boundary[(T + 1) * B * STATE_MOST]; /* s_0 … s_n */
    double predicted[(T + 1) * B * STATE_MOST];
    double delta[T * B * STATE_MOST];
};

static struct ccrnn_network_config small(enum ccrnn_cell cell)
{
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    config.cell = cell;
    config.inputs = 2;
    config.hidden = 4;
    config.outputs = OUTPUTS;
    config.batch = B;
    config.steps = T;
    config.granule_units = 6;
    config.feedback_scale = 0.7;
    return config;
}

static void randomise(double *values, size_t count, double bound, uint32_t item)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 99, CCRNN_RANDOM_USER, 0, item);
    for (size_t i = 0; i < count; i++)
        values[i] = bound * (2.0 * (double)ccrnn_random_uniform(&stream) - 1.0);
}

/* Weight of one squared error (or log-likelihood) of step t: the segment's mean. */
static double weight_of(const struct ccrnn_network *network, size_t t)
{
    const size_t K = network->segments.K, first = t / K * K;
    size_t targets = 0;
    for (size_t u = first; u < first + K && u < T; u++)
        targets += ccrnn_network_has_target(network, u);
    const bool mse = network->config.loss == CCRNN_LOSS_MSE;
    return 1.0 / ((double)targets * B * (mse ? OUTPUTS : 1));
}

static double loss_of(const struct probe *p, size_t t, size_t b, const double *y)
{
    const struct ccrnn_network_config *const config = &p->network->config;
    const size_t at = config->predict == CCRNN_PREDICT_LAST ? b : t * B + b;
    double loss = 0;
    if (config->loss == CCRNN_LOSS_MSE) {
        for (size_t o = 0; o < OUTPUTS; o++)
            loss += (y[o] - p->target[at * OUTPUTS + o]) * (y[o] - p->target[at * OUTPUTS + o]);
        return loss;
    }
    double sum = 0;
    for (size_t o = 0; o < OUTPUTS; o++)
        sum += exp(y[o]);
    return log(sum) - y[p->label[at]];
}

/* α in front of ĝ_{i+1} at the end of segment i. */
static double scale_after(const struct ccrnn_network *network, size_t i)
{
    const struct ccrnn_network_config *const config = &network->config;
    if (config->cerebellum == CCRNN_CEREBELLUM_NONE || config->feedback == CCRNN_FEEDBACK_OFF)
        return 0;
    if (i + 1 == network->segments.n && config->terminal_feedback == CCRNN_TERMINAL_ZERO)
        return 0;
    return config->feedback_scale;
}

/* What segment i's backward pass is the gradient of: its loss, and the predicted feedback on its
 * last state; trial b, from state `start`. */
static double segment_objective(const struct probe *p, size_t i, size_t b, const double *start)
{
    const struct ccrnn_network *const network = p->network;
    const size_t K = network->segments.K, S = network->shape.state_width;
    double s[STATE_MOST], next[STATE_MOST], y[OUTPUTS], sum = 0;
    memcpy(s, start, S * sizeof *s);
    for (size_t t = i * K; t < (i + 1) * K && t < T; t++) {
        reference_cell(network, p->value, p->input + (t * B + b) * 2, s, next);
        memcpy(s, next, S * sizeof *s);
        if (!ccrnn_network_has_target(network, t))
            continue;
        reference_readout(network, p->value, s, y);
        sum += weight_of(network, t) * loss_of(p, t, b, y);
    }
    for (size_t k = 0; k < S; k++)
        sum += scale_after(network, i) * p->predicted[((i + 1) * B + b) * S + k] * s[k];
    return sum;
}

static double cortex_objective(const struct probe *p)
{
    const size_t S = p->network->shape.state_width;
    double sum = 0;
    for (size_t i = 0; i < p->network->segments.n; i++)
        for (size_t b = 0; b < B; b++)
            sum += segment_objective(p, i, b, p->boundary + (i * B + b) * S);
    return sum;
}

static double cerebellum_objective(const struct probe *p)
{
    const size_t S = p->network->shape.state_width;
    double sum = 0, g[STATE_MOST];
    for (size_t row = 0; row < p->network->segments.n * B; row++) {
        reference_cerebellum(p->network, p->value, p->boundary + row * S, g);
        for (size_t k = 0; k < S; k++)
            sum += (g[k] - p->delta[row * S + k]) * (g[k] - p->delta[row * S + k]);
    }
    const bool mean = p->network->config.cerebellar_loss == CCRNN_CEREBELLAR_LOSS_MEAN;
    return mean ? sum / B : sum;
}

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
    const size_t S = p->network->shape.state_width;
    for (size_t i = 0; i < p->network->segments.n; i++)
        for (size_t b = 0; b < B; b++)
            for (size_t k = 0; k < S; k++) {
                double start[STATE_MOST];
                memcpy(start, p->boundary + (i * B + b) * S, S * sizeof *start);
                start[k] += 1e-5;
                const double above = segment_objective(p, i, b, start);
                start[k] -= 2e-5;
                const double below = segment_objective(p, i, b, start);
                assert_close(p->delta[(i * B + b) * S + k], (above - below) / 2e-5, 1, "delta",
                             (i * B + b) * S + k);
            }
}

static void check(const struct ccrnn_network_config *config)
{
    struct ccrnn_error err = {0};
    struct probe *const p = calloc(1, sizeof *p);
    assert_non_null(p);
    if (ccrnn_network_create(config, 3, &p->network, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    struct ccrnn_parameters *const table = &p->network->parameters;
    for (size_t i = 0; i < table->count; i++) {
        randomise(table->parameter[i].value, table->parameter[i].rows * table->parameter[i].cols,
                  0.8, (uint32_t)i);
        for (size_t e = 0; table->parameter[i].mask != NULL &&
                           e < table->parameter[i].rows * table->parameter[i].cols;
             e++)
            table->parameter[i].value[e] *= table->parameter[i].mask[e];
    }
    p->value = table->value;
    randomise(p->input, T * B * 2, 1.0, 100);
    randomise(p->target, T * B * OUTPUTS, 1.0, 101);
    for (size_t i = 0; i < T * B; i++)
        p->label[i] = (int32_t)(i * 7 % OUTPUTS);

    const struct ccrnn_batch batch = {.input = p->input, .target = p->target, .label = p->label};
    const struct ccrnn_span span = ccrnn_network_whole(p->network);
    struct ccrnn_step_report report = {0};
    ccrnn_loop_gradients(p->network, &span, &batch, &report);
    const size_t S = p->network->shape.state_width, n = p->network->segments.n;
    const bool cerebellum = config->cerebellum != CCRNN_CEREBELLUM_NONE;
    memcpy(p->boundary, p->network->state, (n + 1) * B * S * sizeof *p->boundary);
    if (cerebellum) {
        memcpy(p->predicted, p->network->predicted, (n + 1) * B * S * sizeof *p->predicted);
        memcpy(p->delta, p->network->d_state, n * B * S * sizeof *p->delta);
        check_delta(p);
    }
    for (size_t i = 0; i < table->count; i++)
        if (table->owner[i] != CCRNN_OWNER_CEREBELLUM ||
            config->cerebellum == CCRNN_CEREBELLUM_LEARNING)
            check_parameter(p, i);
    ccrnn_network_destroy(p->network);
    free(p);
}

/* Every cell with every depth of the cerebellum (−1: none) and every horizon: 3 leaves a ragged
 * end, 9 is longer than the sequence. */
static void check_cell(enum ccrnn_cell cell)
{
    static const size_t horizons[] = {1, 2, 3, T, 9};
    for (int layers = -1; layers <= CCRNN_GRANULE_LAYERS_MAX; layers++)
        for (size_t h = 0; h < sizeof horizons / sizeof horizons[0]; h++) {
            struct ccrnn_network_config config = small(cell);
            config.cerebellum = layers < 0 ? CCRNN_CEREBELLUM_NONE : CCRNN_CEREBELLUM_LEARNING;
            config.granule_layers = layers < 0 ? 0 : (size_t)layers;
            config.horizon = horizons[h];
            check(&config);
        }
}

static void lstm_every_depth_and_horizon(void **state)
{
    (void)state;
    check_cell(CCRNN_CELL_LSTM);
}

static void gru_every_depth_and_horizon(void **state)
{
    (void)state;
    check_cell(CCRNN_CELL_GRU);
}

static void tanh_every_depth_and_horizon(void **state)
{
    (void)state;
    check_cell(CCRNN_CELL_TANH);
}

static void every_loss_and_interval(void **state)
{
    (void)state;
    for (int loss = CCRNN_LOSS_MSE; loss <= CCRNN_LOSS_CROSS_ENTROPY; loss++)
        for (int predict = CCRNN_PREDICT_ALL; predict <= CCRNN_PREDICT_LAST; predict++)
            for (size_t interval = 1; interval <= 4; interval++)
                for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++) {
                    struct ccrnn_network_config config = small((enum ccrnn_cell)cell);
                    config.loss = (enum ccrnn_loss)loss;
                    config.predict = (enum ccrnn_predict)predict;
                    config.interval = interval;
                    config.horizon = 2;
                    check(&config);
                }
}

static void every_rule_of_the_cerebellum(void **state)
{
    (void)state;
    struct ccrnn_network_config config = small(CCRNN_CELL_LSTM);
    config.horizon = 3;
    config.feedback = CCRNN_FEEDBACK_OFF;
    check(&config);
    config = small(CCRNN_CELL_GRU);
    config.terminal_feedback = CCRNN_TERMINAL_ZERO;
    check(&config);
    config = small(CCRNN_CELL_LSTM);
    config.cerebellar_loss = CCRNN_CEREBELLAR_LOSS_MEAN;
    config.horizon = 2;
    check(&config);
    config = small(CCRNN_CELL_TANH);
    config.cerebellum = CCRNN_CEREBELLUM_FIXED;
    check(&config);
    config = small(CCRNN_CELL_LSTM);
    config.mossy_fibres = 3;
    config.granule_layers = 2;
    check(&config);
    config.granule_layers = 0;
    check(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lstm_every_depth_and_horizon),
        cmocka_unit_test(gru_every_depth_and_horizon),
        cmocka_unit_test(tanh_every_depth_and_horizon),
        cmocka_unit_test(every_loss_and_interval),
        cmocka_unit_test(every_rule_of_the_cerebellum),
    };
    return cmocka_run_group_tests_name("gradients", tests, NULL, NULL);
}
