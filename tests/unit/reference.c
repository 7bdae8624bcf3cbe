#include "reference.h"

#include <math.h>
#include <string.h>

enum { WIDEST = 64 };

/* row of W · x + b */
static double affine(const double *W, const double *b, size_t row, size_t cols, const double *x)
{
    double sum = b[row];
    for (size_t i = 0; i < cols; i++)
        sum += W[row * cols + i] * x[i];
    return sum;
}

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

void reference_cell(const struct ccrnn_network *network, const double *value, const double *x,
                    const double *s_in, double *s_out)
{
    const struct ccrnn_parameter *const p = network->parameters.parameter;
    const double *const W = value + p[0].offset, *const U = value + p[1].offset;
    const double *const b = value + p[2].offset, *const b2 = value + p[3].offset;
    const size_t H = network->config.hidden, I = network->config.inputs;
    for (size_t k = 0; k < H; k++) {
        double in[4] = {0}, rec[4] = {0};
        for (size_t part = 0; part < p[0].rows / H; part++) {
            in[part] = affine(W, b, part * H + k, I, x);
            rec[part] = affine(U, b2, part * H + k, H, s_in);
        }
        if (network->config.cell == CCRNN_CELL_TANH) {
            s_out[k] = tanh(in[0] + rec[0]);
        } else if (network->config.cell == CCRNN_CELL_GRU) {
            const double r = logistic(in[0] + rec[0]), z = logistic(in[1] + rec[1]);
            s_out[k] = (1 - z) * tanh(in[2] + r * rec[2]) + z * s_in[k];
        } else {
            const double i = logistic(in[0] + rec[0]), f = logistic(in[1] + rec[1]);
            const double g = tanh(in[2] + rec[2]), o = logistic(in[3] + rec[3]);
            s_out[H + k] = f * s_in[H + k] + i * g;
            s_out[k] = o * tanh(s_out[H + k]);
        }
    }
}

void reference_readout(const struct ccrnn_network *network, const double *value, const double *s,
                       double *y)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    for (size_t o = 0; o < network->config.outputs; o++)
        y[o] = affine(value + p->parameter[p->readout_index].offset,
                      value + p->parameter[p->readout_index + 1].offset, o,
                      network->config.hidden, s);
}

void reference_cerebellum(const struct ccrnn_network *network, const double *value,
                          const double *s, double *g)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    double a[WIDEST], next[WIDEST];
    memcpy(a, s, network->shape.state_width * sizeof *a);
    for (size_t layer = 0; layer <= network->config.granule_layers; layer++) {
        const struct ccrnn_parameter *const weight =
            &p->parameter[p->cerebellum_index + 2 * layer];
        const bool output = layer == network->config.granule_layers;
        for (size_t row = 0; row < weight->rows; row++) {
            next[row] =
                affine(value + weight[0].offset, value + weight[1].offset, row, weight->cols, a);
            if (!output && next[row] < 0)
                next[row] = 0;
        }
        memcpy(a, next, weight->rows * sizeof *a);
    }
    memcpy(g, a, network->shape.state_width * sizeof *g);
}

/* Parameter `index` in the block `value`. */
static const double *tensor(const struct ccrnn_network *network, const double *value,
                            size_t index)
{
    return value + network->parameters.parameter[index].offset;
}

/* Column i of x (B,I), in place. */
static void normalise(const struct ccrnn_network *network, const double *value, size_t i,
                      double *x)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    const size_t B = network->config.batch, I = network->config.inputs;
    double mean = 0, variance = 0;
    for (size_t b = 0; b < B; b++)
        mean += x[b * I + i] / (double)B;
    for (size_t b = 0; b < B; b++)
        variance += (x[b * I + i] - mean) * (x[b * I + i] - mean) / (double)B;
    if (network->config.feature_map == CCRNN_FEATURES_FROZEN) {
        mean = tensor(network, value, p->mean_index)[i];
        variance = tensor(network, value, p->variance_index)[i];
    }
    for (size_t b = 0; b < B; b++)
        x[b * I + i] = (x[b * I + i] - mean) / sqrt(variance + 1e-5) *
                           tensor(network, value, p->gain_index)[i] +
                       tensor(network, value, p->shift_index)[i];
}

void reference_features(const struct ccrnn_network *network, const double *value,
                        const double *feature, double *x)
{
    const struct ccrnn_network_config *const config = &network->config;
    const size_t B = config->batch, I = config->inputs, F = config->features;
    const size_t map = network->parameters.map_index;
    if (config->feature_map == CCRNN_FEATURES_AS_THEY_ARE) {
        memcpy(x, feature, B * I * sizeof *x);
        return;
    }
    for (size_t b = 0; b < B; b++)
        for (size_t i = 0; i < I; i++)
            x[b * I + i] = affine(tensor(network, value, map), tensor(network, value, map + 1), i,
                                  F, feature + b * F);
    for (size_t i = 0; config->feature_norm == CCRNN_FEATURE_NORM_BATCH && i < I; i++)
        normalise(network, value, i, x);
}
