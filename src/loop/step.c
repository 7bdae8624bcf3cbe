/* One training step: forward, predict feedback, backward, learn, update. The rules are numbered
 * as in docs/maths.md. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "loop/config.h"
#include "loop/network.h"
#include "net/loss.h"

double ccrnn_loop_target_weight(const struct ccrnn_network *network, size_t t)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t first = t - t % network->loss_horizon;
    size_t targets = 0;
    for (size_t u = first; u < first + network->loss_horizon && u < network->segments.T; u++)
        targets += ccrnn_network_has_target(network, u);
    const size_t outputs = config->loss == CCRNN_LOSS_MSE ? config->outputs : 1;
    return 1.0 / ((double)config->batch * (double)outputs * (double)targets);
}

/* Loss of every step of the span and d loss / d output. Reported loss: paper, section "measures".
 */
static void measure_loss(struct ccrnn_network *network, const struct ccrnn_span *span,
                         const struct ccrnn_batch *batch, struct ccrnn_step_report *report)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t B = config->batch, O = config->outputs;
    for (size_t t = 0; t < span->segments.T; t++) {
        const size_t global = span->start + t;
        const size_t row = (ccrnn_segments_state_after(&span->segments, t) - 1) * B;
        ccrnn_real *const d = network->d_output + row * O;
        if (!ccrnn_network_has_target(network, global)) {
            memset(d, 0, B * O * sizeof *d);
            continue;
        }
        const ccrnn_real *const y = network->output + row * O;
        const double weight = ccrnn_loop_target_weight(network, global);
        const size_t at = config->predict == CCRNN_PREDICT_LAST ? 0 : global;
        if (config->loss == CCRNN_LOSS_MSE)
            report->loss += ccrnn_loss_squared(&network->math, B, O, weight, y,
                                               batch->target + at * B * O, d) /
                            ((double)B * (double)config->steps);
        else
            report->loss +=
                ccrnn_loss_cross_entropy(B, O, weight, y, batch->label + at * B, d) / (double)B;
    }
}

static void place_input(struct ccrnn_network *network, const struct ccrnn_span *span,
                        const ccrnn_real *input)
{
    const size_t block = network->config.batch * network->config.inputs;
    for (size_t t = 0; t < span->segments.T; t++)
        memcpy(network->input + ccrnn_segments_gate_of(&span->segments, t) * block,
               input + (span->start + t) * block, block * sizeof *input);
}

void ccrnn_loop_forward(struct ccrnn_network *network, const struct ccrnn_span *span,
                        const struct ccrnn_batch *batch, bool learning)
{
    const struct ccrnn_segments *const segments = &span->segments;
    const size_t B = network->split.rows;
    const size_t G = network->shape.gate_width, S = network->shape.state_width;
    const bool words = network->config.features > 0;
    if (words)
        ccrnn_words_input(network, span, batch, learning);
    else
        place_input(network, span, batch->input);
    network->cell->project(&network->math, &network->shape, &network->cortex, segments->T * B,
                           network->input, network->gates);
    for (size_t t = 0; t < segments->T; t++) {
        const size_t gate = ccrnn_segments_gate_of(segments, t);
        const size_t before = gate < segments->n ? gate : gate + 1;
        const struct ccrnn_cell_step step = {
            .R = B,
            .gates = network->gates + gate * B * G,
            .state_prev = network->state + before * B * S,
            .state_next = network->state + ccrnn_segments_state_after(segments, t) * B * S,
            .tanh_c =
                network->tanh_c == NULL ? NULL : network->tanh_c + gate * B * network->shape.H,
        };
        network->cell->forward(&network->math, &network->shape, &network->cortex, &step);
    }
    if (words)
        ccrnn_words_readout(network, segments->T * B, network->state + B * S, network->output);
    else
        ccrnn_linear_forward(&network->math, &network->readout, segments->T * B,
                             network->state + B * S, S, network->output);
}

static bool cerebellum_works(const struct ccrnn_network *network)
{
    return network->config.cerebellum != CCRNN_CEREBELLUM_NONE && !network->interference.silent;
}

/* Rule 4: ĝ_i = C(s_i), i = 0 … n, as one batch. */
void ccrnn_loop_predict_feedback(struct ccrnn_network *network, const struct ccrnn_span *span)
{
    const size_t rows = (span->segments.n + 1) * network->split.rows;
    ccrnn_intervention_carry(network);
    ccrnn_perceptron_forward(&network->math, &network->cerebellum, rows, network->state,
                             network->shape.state_width, network->predicted);
    ccrnn_intervention_cut(network, rows, network->predicted);
    if (network->observer.feedback != NULL)
        network->observer.feedback(network->observer.context, rows, network->predicted);
}

/* Rule 5, start: what arrives at the end of every segment. */
void ccrnn_loop_start_backward(struct ccrnn_network *network, const struct ccrnn_span *span)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t block = network->split.rows * network->shape.state_width, n = span->segments.n;
    const enum ccrnn_intervention_kind kind = network->interference.now.kind;
    const bool silent = !cerebellum_works(network) || config->feedback == CCRNN_FEEDBACK_OFF;
    if (silent) {
        memset(network->d_state, 0, n * block * sizeof *network->d_state);
        return;
    }
    if (kind == CCRNN_INTERVENTION_FEEDBACK || kind == CCRNN_INTERVENTION_SHAM)
        ccrnn_intervention_deliver(network, span);
    else
        network->math.kernels->scale(n * block, config->feedback_scale,
                                     network->predicted + block, network->d_state);
    if (span->last && config->terminal_feedback == CCRNN_TERMINAL_ZERO)
        memset(network->d_state + (n - 1) * block, 0, block * sizeof *network->d_state);
}

/* One local step backwards for segments [first, first + count), whose states after the step are
 * the state blocks `after`, after + 1, … */
void ccrnn_loop_step_back(struct ccrnn_network *network, const struct ccrnn_segments *segments,
                          size_t local, size_t first, size_t count, size_t after)
{
    const size_t B = network->split.rows, H = network->shape.H;
    const size_t gate = ccrnn_segments_gate_block(segments, local) + first;
    const size_t before = ccrnn_segments_state_before(segments, local) + first;
    const struct ccrnn_cell_step step = {
        .R = count * B,
        .gates = network->gates + gate * B * network->shape.gate_width,
        .state_prev = network->state + before * B * network->shape.state_width,
        .tanh_c = network->tanh_c == NULL ? NULL : network->tanh_c + gate * B * H,
    };
    network->cell->backward(&network->math, &network->shape, &step,
                            network->d_state + first * B * network->shape.state_width,
                            network->d_h + (after - 1) * B * H);
}

/* Rule 5: all segments of the span go backward together; d_state ends as δ_i. */
void ccrnn_loop_go_backward(struct ccrnn_network *network, const struct ccrnn_span *span)
{
    const struct ccrnn_segments *const segments = &span->segments;
    const size_t B = network->split.rows;
    const bool need_delta = network->config.cerebellum != CCRNN_CEREBELLUM_NONE;
    for (size_t local = segments->local_steps; local-- > 0;) {
        const size_t active = ccrnn_segments_active(segments, local);
        const size_t going_on =
            local + 1 < segments->local_steps ? ccrnn_segments_active(segments, local + 1) : 0;
        if (going_on > 0)
            ccrnn_loop_step_back(network, segments, local, 0, going_on,
                                 ccrnn_segments_state_before(segments, local + 1));
        if (active > going_on)
            ccrnn_loop_step_back(network, segments, local, going_on, active - going_on,
                                 going_on + 1);
        const size_t gate = ccrnn_segments_gate_block(segments, local);
        if (local > 0 || need_delta)
            network->cell->backward_state(
                &network->math, &network->shape, &network->cortex, active * B,
                network->gates + gate * B * network->shape.gate_width, network->d_state);
    }
}

static void cortex_gradients(struct ccrnn_network *network, const struct ccrnn_segments *segments)
{
    const size_t B = network->split.rows, S = network->shape.state_width;
    const size_t first = segments->n * B, rest = (segments->T - segments->n) * B;
    const struct ccrnn_cell_operations *const cell = network->cell;
    cell->gradient_hh(&network->math, &network->shape, first, network->gates, network->state,
                      false, &network->d_cortex);
    if (rest > 0)
        cell->gradient_hh(&network->math, &network->shape, rest,
                          network->gates + first * network->shape.gate_width,
                          network->state + (first + B) * S, true, &network->d_cortex);
    cell->gradient_input(&network->math, &network->shape, segments->T * B, network->gates,
                         network->input, &network->d_cortex);
    ccrnn_network_sum(network, 0, network->parameters.readout_index);
}

/* Rule 6: the cerebellum learns δ; ‖ĝ − δ‖² and their cosine go into the report. */
static void cerebellum_gradients(struct ccrnn_network *network, const struct ccrnn_span *span,
                                 struct ccrnn_step_report *report)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t S = network->shape.state_width, rows = span->segments.n * network->split.rows;
    const double boundaries = (double)network->segments.n * (double)config->batch;
    double similarity = 0;
    for (size_t r = 0; r < rows; r++) {
        double dots[3];
        network->math.kernels->dots(S, network->predicted + r * S, network->d_state + r * S,
                                    dots);
        const double norms = sqrt(dots[1]) * sqrt(dots[2]);
        similarity += norms > 0 ? dots[0] / norms : 0;
    }
    report->similarity += similarity / boundaries;
    const double scale =
        config->cerebellar_loss == CCRNN_CEREBELLAR_LOSS_MEAN ? 2.0 / (double)config->batch : 2.0;
    report->cerebellar_loss +=
        network->math.kernels->difference(rows * S, scale, network->predicted, network->d_state,
                                          network->d_predicted) /
        boundaries;
    if (config->cerebellum != CCRNN_CEREBELLUM_LEARNING || network->interference.untaught)
        return;
    ccrnn_intervention_teach(network, rows);
    ccrnn_perceptron_backward(&network->math, &network->cerebellum, rows, network->state, S,
                              network->d_predicted);
    ccrnn_network_sum(network, network->parameters.cerebellum_index,
                      2 * (config->granule_layers + 1));
}

static void readout_gradients(struct ccrnn_network *network, size_t rows)
{
    const size_t S = network->shape.state_width;
    ccrnn_linear_gradient_weight(&network->math, &network->readout, rows, network->d_output,
                                 network->state + network->split.rows * S, S);
    ccrnn_linear_gradient_bias(&network->math, &network->readout, rows, network->d_output);
    ccrnn_network_sum(network, network->parameters.readout_index, 2);
    ccrnn_linear_backward_input(&network->math, &network->readout, rows, network->d_output,
                                network->d_h);
}

void ccrnn_loop_gradients(struct ccrnn_network *network, const struct ccrnn_span *span,
                          const struct ccrnn_batch *batch, struct ccrnn_step_report *report)
{
    const bool cerebellum = cerebellum_works(network);
    const bool words = network->config.features > 0;
    ccrnn_loop_forward(network, span, batch, true);
    if (words)
        ccrnn_words_loss(network, span, batch, report);
    else
        measure_loss(network, span, batch, report);
    readout_gradients(network, span->segments.T * network->split.rows);
    if (cerebellum)
        ccrnn_loop_predict_feedback(network, span);
    ccrnn_loop_start_backward(network, span);
    ccrnn_loop_go_backward(network, span);
    if (words)
        ccrnn_words_backward(network, span);
    if (cerebellum)
        cerebellum_gradients(network, span, report);
    else if (network->interference.silent)
        report->similarity = report->cerebellar_loss = NAN;
    cortex_gradients(network, &span->segments);
    if (words)
        ccrnn_words_gradients(network, span, batch);
    ccrnn_split_wait(&network->split);
}

/* Rule 8: segment after segment, the state carried, an update after each. */
static enum ccrnn_status train_segments(struct ccrnn_network *network,
                                        const struct ccrnn_batch *batch,
                                        struct ccrnn_step_report *report, struct ccrnn_error *err)
{
    const size_t K = network->segments.K, T = network->segments.T, n = network->segments.n;
    const size_t block = network->split.rows * network->shape.state_width;
    for (size_t j = 0; j < n; j++) {
        const size_t length = j + 1 == n ? T - j * K : K;
        const struct ccrnn_span span = {
            .segments = ccrnn_segments_cut(length, length),
            .start = j * K,
            .last = j + 1 == n,
        };
        const double before = report->loss;
        ccrnn_loop_gradients(network, &span, batch, report);
        if (network->observer.loss != NULL)
            network->observer.loss(network->observer.context, j, length, report->loss - before);
        CCRNN_TRY(ccrnn_loop_update(network, j, &report->grad_norm, err));
        memcpy(network->state, network->state + block, block * sizeof *network->state);
    }
    return CCRNN_OK;
}

static enum ccrnn_status check_parts(const struct ccrnn_network *network,
                                     const struct ccrnn_batch *batch, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const config = &network->config;
    if (config->loss == CCRNN_LOSS_MSE ? batch->target == NULL : batch->label == NULL)
        return ccrnn_fail(err, CCRNN_USAGE, "the batch has no %s, which this loss needs",
                          config->loss == CCRNN_LOSS_MSE ? "target" : "label");
    if (config->features > 0 ? batch->feature == NULL : batch->input == NULL)
        return ccrnn_fail(err, CCRNN_USAGE, "the batch has no %s",
                          config->features > 0 ? "feature" : "input");
    const size_t most = config->features > 0 ? config->steps : 0;
    if (batch->steps > most)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "steps of the batch is %zu: expected 0 … %zu; only batches of words "
                          "differ in length",
                          batch->steps, most);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_network_take_batch(struct ccrnn_network *network,
                                           const struct ccrnn_batch *batch,
                                           struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const config = &network->config;
    CCRNN_TRY(check_parts(network, batch, err));
    network->segments =
        ccrnn_segments_cut(batch->steps > 0 ? batch->steps : config->steps, config->horizon);
    if (config->loss == CCRNN_LOSS_MSE)
        return CCRNN_OK;
    const size_t steps = config->predict == CCRNN_PREDICT_LAST ? 1 : network->segments.T;
    for (size_t i = 0; i < steps * config->batch; i++)
        if (batch->label[i] < 0 || (size_t)batch->label[i] >= config->outputs)
            return ccrnn_fail(err, CCRNN_USAGE, "label %zu of the batch is %d: expected 0 … %zu",
                              i, (int)batch->label[i], config->outputs - 1);
    return CCRNN_OK;
}

static void start_batch(struct ccrnn_network *network, const struct ccrnn_batch *batch)
{
    const size_t block = network->split.rows * network->shape.state_width;
    memset(network->state, 0, block * sizeof *network->state);
    ccrnn_intervention_begin(network, batch);
    if (network->config.features > 0)
        ccrnn_words_begin(network, batch);
}

/* Steps of the batch that have a target. */
static size_t count_targets(const struct ccrnn_network *network)
{
    const size_t interval = network->config.interval;
    return network->config.predict == CCRNN_PREDICT_LAST
               ? 1
               : (network->segments.T + interval - 1) / interval;
}

enum ccrnn_status ccrnn_network_train(struct ccrnn_network *network,
                                      const struct ccrnn_batch *batch,
                                      struct ccrnn_step_report *report, struct ccrnn_error *err)
{
    struct ccrnn_step_report found = {0};
    CCRNN_TRY(ccrnn_network_take_batch(network, batch, err));
    const struct ccrnn_call call = ccrnn_network_begin(network);
    start_batch(network, batch);
    enum ccrnn_status status;
    if (network->config.update == CCRNN_UPDATE_SEGMENT) {
        status = train_segments(network, batch, &found, err);
    } else {
        const struct ccrnn_span span = ccrnn_network_whole(network);
        ccrnn_loop_gradients(network, &span, batch, &found);
        status = ccrnn_loop_update(network, 0, &found.grad_norm, err);
    }
    ccrnn_network_end(network, call);
    ccrnn_split_report(&network->split, &found);
    if (network->config.loss == CCRNN_LOSS_CROSS_ENTROPY)
        found.loss /= (double)count_targets(network);
    if (report != NULL)
        *report = found;
    if (status == CCRNN_OK && !isfinite(found.loss))
        return ccrnn_fail(err, CCRNN_NONFINITE,
                          "the loss became %f at update %llu; use a smaller %s", found.loss,
                          (unsigned long long)network->updates,
                          ccrnn_network_config_calms(&network->config));
    return status;
}
