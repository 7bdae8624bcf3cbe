/* A batch looked at, not learned from (ccrnn/probe.h). The rules are numbered as in docs/maths.md. */
#include "ccrnn/probe.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "loop/network.h"
#include "math/pieces.h"
#include "net/loss.h"

size_t ccrnn_probe_boundaries(const struct ccrnn_network *network)
{
    return ccrnn_segments_cut(network->config.steps, network->config.horizon).n + 1;
}

size_t ccrnn_probe_gate_width(const struct ccrnn_network *network)
{
    return network->shape.gate_width;
}

static enum ccrnn_status check(const struct ccrnn_network *network,
                               const struct ccrnn_probe *probe, struct ccrnn_error *err)
{
    const bool cerebellum = network->config.cerebellum != CCRNN_CEREBELLUM_NONE;
    const size_t layers = cerebellum ? network->config.granule_layers : 0;
    if (!cerebellum && (probe->predicted != NULL || probe->target != NULL))
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s of a network without cerebellum: expected NULL in the probe",
                          probe->predicted != NULL ? "predicted" : "target");
    for (size_t l = layers; l < CCRNN_GRANULE_LAYERS_MAX; l++)
        if (probe->granule[l] != NULL)
            return ccrnn_fail(
                err, CCRNN_USAGE,
                "granule[%zu] of a network with %zu granule layers: expected NULL in "
                "the probe",
                l, layers);
    return CCRNN_OK;
}

/* --- what the forward pass leaves -------------------------------------------------------- */

static void copy_states(const struct ccrnn_network *network, ccrnn_real *to)
{
    const size_t block = network->config.batch * network->shape.state_width;
    memcpy(to, network->state, block * sizeof *to);
    for (size_t t = 0; t < network->segments.T; t++)
        memcpy(to + (t + 1) * block,
               network->state + ccrnn_segments_state_after(&network->segments, t) * block,
               block * sizeof *to);
}

static void copy_gates(const struct ccrnn_network *network, ccrnn_real *to)
{
    const size_t block = network->config.batch * network->shape.gate_width;
    for (size_t t = 0; t < network->segments.T; t++)
        memcpy(to + t * block,
               network->gates + ccrnn_segments_gate_of(&network->segments, t) * block,
               block * sizeof *to);
}

/* Words networks leave the readout's bias to the softmax. */
static void copy_outputs(const struct ccrnn_network *network, ccrnn_real *to)
{
    const size_t B = network->config.batch, O = network->config.outputs;
    ccrnn_network_readout(network, to);
    if (network->config.features == 0)
        return;
    for (size_t r = 0; r < network->segments.T * B; r++)
        for (size_t o = 0; o < O; o++)
            to[r * O + o] += network->readout.bias[o];
}

/* --- loss --------------------------------------------------------------------------------- */

/* Loss of every trial of step t, and d loss / d output. @param[out] loss (B) or NULL */
static void measure_step(struct ccrnn_network *network, const struct ccrnn_batch *batch, size_t t,
                         ccrnn_real *d, double *loss)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t B = config->batch, O = config->outputs;
    const size_t at = config->predict == CCRNN_PREDICT_LAST ? 0 : t;
    const double weight = ccrnn_loop_target_weight(network, t);
    const ccrnn_real *const y = network->output + (d - network->d_output);
    if (config->features > 0) {
        ccrnn_math_softmax(&network->math, B, O, weight, network->readout.bias,
                           batch->label + at * B, d, network->words.nats);
        if (loss != NULL)
            memcpy(loss, network->words.nats, B * sizeof *loss);
        return;
    }
    for (size_t b = 0; b < B; b++) {
        double of_trial;
        if (config->loss == CCRNN_LOSS_MSE)
            of_trial = ccrnn_loss_squared(&network->math, 1, O, weight, y + b * O,
                                          batch->target + (at * B + b) * O, d + b * O);
        else
            of_trial = ccrnn_loss_cross_entropy(1, O, weight, y + b * O,
                                                batch->label + at * B + b, d + b * O);
        if (loss != NULL)
            loss[b] = of_trial;
    }
}

/* Rule 3: losses and d loss / d output of all steps. @param[out] loss (T,B) or NULL */
static void measure_loss(struct ccrnn_network *network, const struct ccrnn_batch *batch,
                         double *loss)
{
    const struct ccrnn_span span = ccrnn_network_whole(network);
    const size_t B = network->config.batch, O = network->config.outputs;
    for (size_t t = 0; t < span.segments.T; t++) {
        ccrnn_real *const d = network->d_output + ccrnn_span_row(network, &span, t) * O;
        double *const of_step = loss == NULL ? NULL : loss + t * B;
        if (ccrnn_network_has_target(network, t)) {
            measure_step(network, batch, t, d, of_step);
            continue;
        }
        memset(d, 0, B * O * sizeof *d);
        for (size_t b = 0; b < B && of_step != NULL; b++)
            of_step[b] = NAN;
    }
}

/* --- backward ------------------------------------------------------------------------------ */

/* Backpropagation through the whole sequence, a step after the other: at a boundary the gradient goes on
 * into the segment before, where learning would put ĝ. @param[out] truth (T+1,B,S) */
static void find_truth(struct ccrnn_network *network, ccrnn_real *truth)
{
    const struct ccrnn_segments *const segments = &network->segments;
    const size_t B = network->config.batch, G = network->shape.gate_width;
    const size_t block = B * network->shape.state_width;
    memset(truth + segments->T * block, 0, block * sizeof *truth);
    for (size_t t = segments->T; t-- > 0;) {
        const size_t segment = t / segments->K;
        ccrnn_real *const d_state = network->d_state + segment * block;
        memcpy(d_state, truth + (t + 1) * block, block * sizeof *truth);
        ccrnn_loop_step_back(network, segments, t % segments->K, segment, 1,
                             ccrnn_segments_state_after(segments, t));
        network->cell->backward_state(
            &network->math, &network->shape, &network->cortex, B,
            network->gates + ccrnn_segments_gate_of(segments, t) * B * G, d_state);
        memcpy(truth + t * block, d_state, block * sizeof *truth);
    }
}

/* Rules 4 and 5. The gates are gradients afterwards. */
static void find_target(struct ccrnn_network *network, const struct ccrnn_span *span,
                        const struct ccrnn_probe *probe)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t block = config->batch * network->shape.state_width, n = span->segments.n;
    const size_t granules = (n + 1) * config->batch * config->granule_units;
    ccrnn_loop_predict_feedback(network, span);
    if (network->interference.silent)
        memset(network->predicted, 0, (n + 1) * block * sizeof *network->predicted);
    if (probe->predicted != NULL)
        memcpy(probe->predicted, network->predicted, (n + 1) * block * sizeof *probe->predicted);
    for (size_t l = 0; l < config->granule_layers; l++)
        if (probe->granule[l] != NULL)
            memcpy(probe->granule[l], network->cerebellum.granule[l],
                   granules * sizeof *probe->granule[l]);
    if (probe->target == NULL)
        return;
    ccrnn_loop_start_backward(network, span);
    ccrnn_loop_go_backward(network, span);
    memcpy(probe->target, network->d_state, n * block * sizeof *probe->target);
}

static void run(struct ccrnn_network *network, const struct ccrnn_batch *batch,
                const struct ccrnn_probe *probe)
{
    const struct ccrnn_span span = ccrnn_network_whole(network);
    const size_t B = network->config.batch;
    memset(network->state, 0, B * network->shape.state_width * sizeof *network->state);
    ccrnn_intervention_begin(network, batch);
    ccrnn_loop_forward(network, &span, batch, false);
    if (probe->state != NULL)
        copy_states(network, probe->state);
    if (probe->gates != NULL)
        copy_gates(network, probe->gates);
    if (probe->output != NULL)
        copy_outputs(network, probe->output);
    measure_loss(network, batch, probe->loss);
    ccrnn_linear_backward_input(&network->math, &network->readout, span.segments.T * B,
                                network->d_output, network->d_h);
    if (network->config.cerebellum != CCRNN_CEREBELLUM_NONE)
        find_target(network, &span, probe);
    if (probe->truth == NULL)
        return;
    if (probe->target != NULL) /* the gates once more: these are gradients now */
        ccrnn_loop_forward(network, &span, batch, false);
    find_truth(network, probe->truth);
}

enum ccrnn_status ccrnn_network_probe(struct ccrnn_network *network,
                                      const struct ccrnn_batch *batch,
                                      const struct ccrnn_probe *probe, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_split_refuse(&network->split, "probes are", err));
    CCRNN_TRY(check(network, probe, err));
    CCRNN_TRY(ccrnn_network_take_batch(network, batch, err));
    const struct ccrnn_call call = ccrnn_network_begin(network);
    run(network, batch, probe);
    ccrnn_network_end(network, call);
    return CCRNN_OK;
}
