#include <math.h>

#include "base/error.h"
#include "loop/config.h"
#include "loop/segments.h"
#include "net/cell.h"

void ccrnn_network_config_default(struct ccrnn_network_config *config)
{
    *config = (struct ccrnn_network_config){
        .cell = CCRNN_CELL_LSTM,
        .inputs = 1,
        .hidden = 50,
        .outputs = 2,
        .batch = 50,
        .steps = 10,
        .cerebellum = CCRNN_CEREBELLUM_LEARNING,
        .granule_layers = 1,
        .granule_units = 400,
        .mossy_fibres = 0,
        .fixed_output_scale = 1.0,
        .feedback = CCRNN_FEEDBACK_PREDICTED,
        .loss = CCRNN_LOSS_MSE,
        .predict = CCRNN_PREDICT_ALL,
        .horizon = 1,
        .interval = 2,
        .feedback_scale = 0.1,
        .terminal_feedback = CCRNN_TERMINAL_PREDICTED,
        .cerebellar_loss = CCRNN_CEREBELLAR_LOSS_SUM,
        .update = CCRNN_UPDATE_BATCH,
        .clip = CCRNN_CLIP_JOINT,
        .clip_norm = 1.0,
        .optimiser = CCRNN_OPTIMISER_ADAM,
        .learning_rate = 1e-3,
        .beta1 = 0.9,
        .beta2 = 0.98,
        .epsilon = 1e-9,
        .rms_decay = 0.99,
        .momentum = 0,
        .weight_decay = 0,
        .gemm = CCRNN_GEMM_AUTO,
        .kernels = CCRNN_KERNELS_AUTO,
        .threads = 1,
    };
}

enum { THREADS_MAX = 1024 };

struct size_rule {
    const char *name;
    size_t value, least, most;
};

/* gemm back ends count in int, so no single dimension may pass this. */
static const size_t size_most = (size_t)1 << 30;

static enum ccrnn_status check_sizes(const struct ccrnn_network_config *config,
                                     struct ccrnn_error *err)
{
    const bool cerebellum = config->cerebellum != CCRNN_CEREBELLUM_NONE;
    const struct size_rule rules[] = {
        {"inputs", config->inputs, 1, size_most},
        {"hidden", config->hidden, 1, size_most / 8},
        {"outputs", config->outputs, 1, size_most},
        {"features", config->features, 0, size_most},
        {"batch", config->batch, 1, size_most},
        {"steps", config->steps, 1, size_most},
        {"horizon", config->horizon, 1, size_most},
        {"interval", config->interval, 1, size_most},
        {"granule_layers", config->granule_layers, 0, CCRNN_GRANULE_LAYERS_MAX},
        {"granule_units", config->granule_units, cerebellum && config->granule_layers > 0,
         size_most},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].value < rules[i].least || rules[i].value > rules[i].most)
            return ccrnn_fail(err, CCRNN_USAGE, "%s is %zu: expected %zu … %zu", rules[i].name,
                              rules[i].value, rules[i].least, rules[i].most);
    size_t rows;
    if (__builtin_mul_overflow(config->batch, config->steps + 1, &rows) || rows > size_most)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "batch · (steps + 1) is larger than %zu; use a smaller batch or fewer steps",
            size_most);
    return CCRNN_OK;
}

struct real_rule {
    const char *name;
    double value, least, most;
    bool least_excluded, most_excluded;
};

static enum ccrnn_status check_reals(const struct ccrnn_network_config *config,
                                     struct ccrnn_error *err)
{
    const struct real_rule rules[] = {
        {"feedback_scale", config->feedback_scale, 0, 1e6, false, false},
        {"fixed_output_scale", config->fixed_output_scale, 0, 1e6, false, false},
        {"clip_norm", config->clip_norm, 0, 1e30, config->clip != CCRNN_CLIP_NONE, false},
        {"learning_rate", config->learning_rate, 0, 1e6, true, false},
        {"beta1", config->beta1, 0, 1, false, true},
        {"beta2", config->beta2, 0, 1, false, true},
        {"epsilon", config->epsilon, 0, 1, true, false},
        {"rms_decay", config->rms_decay, 0, 1, false, true},
        {"momentum", config->momentum, 0, 1, false, true},
        {"weight_decay", config->weight_decay, 0, 1e6, false, false},
        {"dropout", config->dropout, 0, 1, false, true},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct real_rule *const rule = &rules[i];
        const bool above =
            rule->least_excluded ? rule->value > rule->least : rule->value >= rule->least;
        const bool below =
            rule->most_excluded ? rule->value < rule->most : rule->value <= rule->most;
        if (!above || !below)
            return ccrnn_fail(err, CCRNN_USAGE, "%s is %.9g: expected a number %s %g and %s %g",
                              rule->name, rule->value, rule->least_excluded ? "above" : "from",
                              rule->least, rule->most_excluded ? "below" : "up to", rule->most);
    }
    return CCRNN_OK;
}

static enum ccrnn_status check_words(const struct ccrnn_network_config *config,
                                     struct ccrnn_error *err)
{
    const bool mapped = config->feature_map != CCRNN_FEATURES_AS_THEY_ARE;
    if (config->loss != CCRNN_LOSS_CROSS_ENTROPY || config->predict != CCRNN_PREDICT_ALL ||
        config->interval != 1)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "a network of words (features > 0) needs loss CROSS_ENTROPY, predict "
                          "ALL and interval 1");
    if (!mapped && config->features != config->inputs)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "features is %zu: without a map it must be inputs, %zu",
                          config->features, config->inputs);
    if (config->feature_norm == CCRNN_FEATURE_NORM_BATCH && !mapped)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "feature_norm BATCH normalises mapped features: choose a feature_map");
    if (config->feature_norm == CCRNN_FEATURE_NORM_BATCH && config->batch < 2)
        return ccrnn_fail(err, CCRNN_USAGE, "feature_norm BATCH needs a batch of 2 or more");
    if (config->threads < 1 || config->threads > THREADS_MAX)
        return ccrnn_fail(err, CCRNN_USAGE, "threads is %d: expected 1 … %d", config->threads,
                          THREADS_MAX);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_network_config_check(const struct ccrnn_network_config *config,
                                             struct ccrnn_error *err)
{
    CCRNN_TRY(check_sizes(config, err));
    CCRNN_TRY(check_reals(config, err));
    if (config->features > 0)
        CCRNN_TRY(check_words(config, err));
    else if (config->threads != 1)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "threads is %d: a network without words works with 1; run several "
                          "networks at the same time instead",
                          config->threads);
    const size_t S = ccrnn_state_width(config->cell, config->hidden);
    if (config->cerebellum != CCRNN_CEREBELLUM_NONE && config->mossy_fibres > S)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "mossy_fibres is %zu, but the cortical state has only %zu units; use 0 … %zu "
            "(0: all)",
            config->mossy_fibres, S, S);
    return CCRNN_OK;
}

/* Weights of the cerebellum's maps, and those of its first. */
static void cerebellum_products(const struct ccrnn_network_config *config, double *all,
                                double *first)
{
    double inputs = (double)ccrnn_state_width(config->cell, config->hidden);
    const double S = inputs;
    *all = *first = 0;
    for (size_t layer = 0; layer <= config->granule_layers; layer++) {
        const double outputs =
            layer == config->granule_layers ? S : (double)config->granule_units;
        *all += inputs * outputs;
        if (layer == 0)
            *first = inputs * outputs;
        inputs = outputs;
    }
}

double ccrnn_network_flops(const struct ccrnn_network_config *config)
{
    const double B = (double)config->batch, T = (double)config->steps;
    const double I = (double)config->inputs, H = (double)config->hidden;
    const double parts = (double)ccrnn_cell_operations(config->cell)->weight_parts;
    const double cortex = parts * H * (2 * I + 3 * H);
    const double readout = 3 * (double)config->outputs * H;
    double products = T * B * (cortex + readout);
    if (config->features > 0) {
        const double map = B * (double)config->features * I;
        const bool learned = config->feature_map == CCRNN_FEATURES_LEARNED;
        products += T * B * parts * H * I;
        products += config->feature_map == CCRNN_FEATURES_AS_THEY_ARE ? 0 : map;
        products += learned ? map : 0;
    }
    if (config->cerebellum != CCRNN_CEREBELLUM_NONE) {
        const double n = (double)ccrnn_segments_cut(config->steps, config->horizon).n;
        double all, first;
        cerebellum_products(config, &all, &first);
        const bool segmental = config->update == CCRNN_UPDATE_SEGMENT;
        products += (segmental ? 2 * n : n + 1) * B * all;
        if (config->cerebellum == CCRNN_CEREBELLUM_LEARNING)
            products += n * B * (2 * all - first);
    }
    return 2 * products;
}

double ccrnn_network_forward_flops(const struct ccrnn_network_config *config)
{
    const double rows = (double)config->batch * (double)config->steps;
    const double I = (double)config->inputs, H = (double)config->hidden;
    const double parts = (double)ccrnn_cell_operations(config->cell)->weight_parts;
    const double map = config->feature_map == CCRNN_FEATURES_AS_THEY_ARE
                           ? 0
                           : (double)config->batch * (double)config->features * I;
    return 2 * map + 2 * rows * (parts * H * (I + H) + (double)config->outputs * H);
}

const char *ccrnn_network_config_calms(const struct ccrnn_network_config *config)
{
    return config->cerebellum == CCRNN_CEREBELLUM_NONE ? "learning_rate"
                                                       : "learning_rate or feedback_scale";
}
