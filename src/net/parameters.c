#include "net/parameters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "ccrnn/random.h"
#include "net/cell.h"

size_t ccrnn_state_width(enum ccrnn_cell cell, size_t hidden)
{
    return ccrnn_cell_operations(cell)->state_parts * hidden;
}

struct planner {
    struct ccrnn_parameters *table;
    bool overflow;
};

/* Append one tensor. dims 1: a vector of `rows`. */
static void add(struct planner *p, enum ccrnn_owner owner, const char *name, const char *torch,
                int dims, size_t rows, size_t cols, struct ccrnn_init init)
{
    struct ccrnn_parameters *const table = p->table;
    const size_t at = table->count++;
    snprintf(table->names[at][0], sizeof table->names[at][0], "%s", name);
    snprintf(table->names[at][1], sizeof table->names[at][1], "%s", torch);
    table->parameter[at] = (struct ccrnn_parameter){
        .name = table->names[at][0],
        .torch = table->names[at][1],
        .rows = rows,
        .cols = cols,
        .dims = dims,
        .offset = table->size,
    };
    table->owner[at] = owner;
    table->init[at] = init;
    const size_t line = CCRNN_ARENA_ALIGNMENT / sizeof(ccrnn_real);
    size_t elements;
    if (__builtin_mul_overflow(rows, cols, &elements) ||
        __builtin_add_overflow(elements, line - 1, &elements) ||
        __builtin_add_overflow(table->size, elements - elements % line, &table->size))
        p->overflow = true;
}

static void add_cortex(struct planner *p, const struct ccrnn_network_config *config)
{
    static const char *const part[4] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
    const size_t rows = ccrnn_cell_operations(config->cell)->weight_parts * config->hidden;
    const size_t cols[4] = {config->inputs, config->hidden, 1, 1};
    const char *const prefix = config->cerebellum == CCRNN_CEREBELLUM_NONE ? "rnn." : "rnn.rnn.";
    for (uint32_t i = 0; i < 4; i++) {
        char name[80], torch[80];
        snprintf(name, sizeof name, "cortex.%s", part[i]);
        snprintf(torch, sizeof torch, "%s%s_l0", prefix, part[i]);
        add(p, CCRNN_OWNER_CORTEX, name, torch, i < 2 ? 2 : 1, rows, cols[i],
            (struct ccrnn_init){.purpose = CCRNN_RANDOM_INIT_CORTEX,
                                .item = i,
                                .bound = 1.0 / sqrt((double)config->hidden)});
    }
}

/* A linear map's weight (outputs, inputs) and bias, both uniform in ± bound. */
static void add_linear(struct planner *p, enum ccrnn_owner owner, const char *name,
                       const char *torch, size_t outputs, size_t inputs, uint32_t purpose,
                       uint32_t item, double bound)
{
    char ours[80], theirs[80];
    for (uint32_t i = 0; i < 2; i++) {
        const char *const part = i == 0 ? "weight" : "bias";
        snprintf(ours, sizeof ours, "%s.%s", name, part);
        snprintf(theirs, sizeof theirs, "%s.%s", torch, part);
        add(p, owner, ours, theirs, i == 0 ? 2 : 1, outputs, i == 0 ? inputs : 1,
            (struct ccrnn_init){.purpose = purpose, .item = item + i, .bound = bound});
    }
}

static void add_cerebellum(struct planner *p, const struct ccrnn_network_config *config)
{
    const size_t S = ccrnn_state_width(config->cell, config->hidden);
    size_t inputs = S;
    for (size_t layer = 0; layer <= config->granule_layers; layer++) {
        const bool output = layer == config->granule_layers;
        char name[40], torch[72];
        if (output)
            snprintf(name, sizeof name, "cerebellum.output");
        else
            snprintf(name, sizeof name, "cerebellum.granule.%zu", layer);
        if (layer == 0)
            snprintf(torch, sizeof torch, "rnn.backward_interface.synthesizer.input_trigger");
        else
            snprintf(torch, sizeof torch, "rnn.backward_interface.synthesizer.layers.%zu",
                     layer - 1);
        double bound = 1.0 / sqrt((double)inputs);
        if (output)
            bound *=
                config->cerebellum == CCRNN_CEREBELLUM_FIXED ? config->fixed_output_scale : 0.0;
        const size_t outputs = output ? S : config->granule_units;
        add_linear(p, CCRNN_OWNER_CEREBELLUM, name, torch, outputs, inputs,
                   CCRNN_RANDOM_INIT_CEREBELLUM, (uint32_t)(2 * layer), bound);
        inputs = outputs;
    }
}

/* A map of features that learns stands with the embedding; a frozen one after the cerebellum, with the
 * running statistics, where no optimiser comes. */
static void add_feature_map(struct planner *p, const struct ccrnn_network_config *config,
                            enum ccrnn_owner owner)
{
    struct ccrnn_parameters *const table = p->table;
    table->map_index = table->count;
    add_linear(p, owner, "features", "features", config->inputs, config->features,
               CCRNN_RANDOM_INIT_FEATURES, 0, 1.0 / sqrt((double)config->features));
    if (config->feature_norm == CCRNN_FEATURE_NORM_NONE)
        return;
    table->gain_index = table->count;
    add(p, owner, "feature_norm.weight", "bn.weight", 1, config->inputs, 1,
        (struct ccrnn_init){.constant = 1});
    table->shift_index = table->count;
    add(p, owner, "feature_norm.bias", "bn.bias", 1, config->inputs, 1, (struct ccrnn_init){0});
}

static void add_words(struct planner *p, const struct ccrnn_network_config *config)
{
    p->table->embedding_index = p->table->count;
    add(p, CCRNN_OWNER_WORDS, "embedding.weight", "embed.weight", 2, config->outputs,
        config->inputs,
        (struct ccrnn_init){.purpose = CCRNN_RANDOM_INIT_EMBEDDING, .normal = true});
    if (config->feature_map == CCRNN_FEATURES_LEARNED)
        add_feature_map(p, config, CCRNN_OWNER_WORDS);
}

static void add_kept(struct planner *p, const struct ccrnn_network_config *config)
{
    struct ccrnn_parameters *const table = p->table;
    if (config->feature_map == CCRNN_FEATURES_FROZEN)
        add_feature_map(p, config, CCRNN_OWNER_KEPT);
    if (config->feature_norm == CCRNN_FEATURE_NORM_NONE)
        return;
    table->mean_index = table->count;
    add(p, CCRNN_OWNER_KEPT, "feature_norm.running_mean", "bn.running_mean", 1, config->inputs, 1,
        (struct ccrnn_init){0});
    table->variance_index = table->count;
    add(p, CCRNN_OWNER_KEPT, "feature_norm.running_var", "bn.running_var", 1, config->inputs, 1,
        (struct ccrnn_init){.constant = 1});
}

enum ccrnn_status ccrnn_parameters_plan(struct ccrnn_parameters *parameters,
                                        const struct ccrnn_network_config *config,
                                        struct ccrnn_error *err)
{
    *parameters = (struct ccrnn_parameters){
        .embedding_index = SIZE_MAX,
        .map_index = SIZE_MAX,
        .gain_index = SIZE_MAX,
        .shift_index = SIZE_MAX,
        .mean_index = SIZE_MAX,
        .variance_index = SIZE_MAX,
    };
    struct planner p = {.table = parameters};
    add_cortex(&p, config);
    parameters->readout_index = parameters->count;
    add_linear(&p, CCRNN_OWNER_READOUT, "readout", "linear", config->outputs, config->hidden,
               CCRNN_RANDOM_INIT_READOUT, 0, 1.0 / sqrt((double)config->hidden));
    if (config->features > 0)
        add_words(&p, config);
    parameters->cerebellum_index = parameters->count;
    parameters->cerebellum_start = parameters->size;
    if (config->cerebellum != CCRNN_CEREBELLUM_NONE)
        add_cerebellum(&p, config);
    parameters->cerebellum_end = parameters->size;
    if (config->features > 0)
        add_kept(&p, config);
    if (p.overflow)
        return ccrnn_fail(
            err, CCRNN_MEMORY,
            "the network's weights need more memory than can be addressed; use fewer "
            "hidden or granule units");
    return CCRNN_OK;
}

void ccrnn_parameters_carve(struct ccrnn_parameters *parameters,
                            const struct ccrnn_network_config *config, struct ccrnn_arena *arena)
{
    ccrnn_real **const blocks[4] = {&parameters->value, &parameters->grad, &parameters->first,
                                    &parameters->second};
    for (size_t i = 0; i < 4; i++)
        *blocks[i] = ccrnn_arena_take(arena, parameters->size, sizeof(ccrnn_real));
    parameters->mossy_mask = NULL;
    if (config->cerebellum != CCRNN_CEREBELLUM_NONE && config->mossy_fibres > 0) {
        const struct ccrnn_parameter *const first =
            &parameters->parameter[parameters->cerebellum_index];
        parameters->mossy_mask =
            ccrnn_arena_take(arena, first->rows * first->cols, sizeof(ccrnn_real));
    }
    if (arena->base == NULL)
        return;
    for (size_t i = 0; i < parameters->count; i++) {
        struct ccrnn_parameter *const tensor = &parameters->parameter[i];
        tensor->value = parameters->value + tensor->offset;
        tensor->grad = parameters->grad + tensor->offset;
        tensor->first = parameters->first + tensor->offset;
        tensor->second = parameters->second + tensor->offset;
        tensor->mask = i == parameters->cerebellum_index ? parameters->mossy_mask : NULL;
    }
}

/* For every granule unit `fibres` of S inputs, without replacement: the first `fibres` places of
 * a Fisher–Yates shuffle, walked without storing it (Floyd's method). */
static void draw_mossy_mask(ccrnn_real *mask, size_t units, size_t S, size_t fibres,
                            uint64_t seed)
{
    for (size_t unit = 0; unit < units; unit++) {
        struct ccrnn_random stream;
        ccrnn_random_start(&stream, seed, CCRNN_RANDOM_MOSSY, 0, (uint32_t)unit);
        ccrnn_real *const row = mask + unit * S;
        memset(row, 0, S * sizeof *row);
        for (size_t last = S - fibres; last < S; last++) {
            const size_t pick = ccrnn_random_below(&stream, (uint32_t)last + 1);
            row[row[pick] == 0 ? pick : last] = 1;
        }
    }
}

static ccrnn_real draw(const struct ccrnn_init *init, struct ccrnn_random *stream)
{
    if (init->normal)
        return (ccrnn_real)ccrnn_random_normal(stream);
    if (init->bound > 0)
        return (ccrnn_real)(init->bound * (2 * (double)ccrnn_random_uniform(stream) - 1));
    return (ccrnn_real)init->constant;
}

void ccrnn_parameters_draw(struct ccrnn_parameters *parameters,
                           const struct ccrnn_network_config *config, uint64_t seed)
{
    for (size_t i = 0; i < parameters->count; i++) {
        const struct ccrnn_parameter *const tensor = &parameters->parameter[i];
        const struct ccrnn_init *const init = &parameters->init[i];
        struct ccrnn_random stream;
        ccrnn_random_start(&stream, seed, init->purpose, 0, init->item);
        for (size_t e = 0; e < tensor->rows * tensor->cols; e++)
            tensor->value[e] = draw(init, &stream);
    }
    if (parameters->mossy_mask == NULL)
        return;
    const struct ccrnn_parameter *const first =
        &parameters->parameter[parameters->cerebellum_index];
    draw_mossy_mask(parameters->mossy_mask, first->rows, first->cols, config->mossy_fibres, seed);
    for (size_t e = 0; e < first->rows * first->cols; e++)
        first->value[e] *= parameters->mossy_mask[e];
}
