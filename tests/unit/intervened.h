/** @file
 * Small networks of every kind, and batches for them, for the tests of interventions. In float or double, as
 * the engine the test is linked with.
 */
#ifndef CCRNN_TESTS_INTERVENED_H
#define CCRNN_TESTS_INTERVENED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/intervention.h"
#include "ccrnn/random.h"
#include "loop/network.h"

enum { B = 3, T = 7, INPUTS = 4, OUTPUTS = 5, HIDDEN = 6, GRANULE = 9, FEATURES = 4 };
/* Error of an explicit computation in double, of the engine's precision. */
static const double tolerance = sizeof(ccrnn_real) == sizeof(double) ? 1e-12 : 2e-5;

struct lesson {
    ccrnn_real input[T * B * INPUTS], target[T * B * OUTPUTS], feature[B * FEATURES];
    int32_t label[T * B];
    struct ccrnn_batch batch;
};

/** Kinds of networks that differ where interventions act; false past the last. */
static inline bool variant(size_t index, struct ccrnn_network_config *config)
{
    static const struct {
        enum ccrnn_cell cell;
        size_t layers, fibres, horizon;
        enum ccrnn_update update;
        enum ccrnn_clip clip;
        enum ccrnn_terminal terminal;
        bool last, words, fixed;
    } rows[] = {
        {CCRNN_CELL_LSTM, 1, 0, 1, CCRNN_UPDATE_BATCH, CCRNN_CLIP_JOINT, 0, false, false, false},
        {CCRNN_CELL_LSTM, 2, 4, 3, CCRNN_UPDATE_BATCH, CCRNN_CLIP_SEPARATE, 0, false, false,
         false},
        {CCRNN_CELL_GRU, 0, 0, 2, CCRNN_UPDATE_BATCH, CCRNN_CLIP_NONE, 1, false, false, false},
        {CCRNN_CELL_GRU, 1, 3, 3, CCRNN_UPDATE_SEGMENT, CCRNN_CLIP_JOINT, 0, false, false, false},
        {CCRNN_CELL_TANH, 0, 2, 1, CCRNN_UPDATE_SEGMENT, CCRNN_CLIP_JOINT, 1, false, false,
         false},
        {CCRNN_CELL_TANH, 2, 0, 2, CCRNN_UPDATE_BATCH, CCRNN_CLIP_JOINT, 0, true, false, false},
        {CCRNN_CELL_LSTM, 1, 4, 2, CCRNN_UPDATE_BATCH, CCRNN_CLIP_JOINT, 0, false, false, true},
        {CCRNN_CELL_LSTM, 2, 0, 3, CCRNN_UPDATE_SEGMENT, CCRNN_CLIP_NONE, 0, false, true, false},
        {CCRNN_CELL_GRU, 1, 3, 2, CCRNN_UPDATE_BATCH, CCRNN_CLIP_SEPARATE, 1, false, true, false},
        {CCRNN_CELL_LSTM, 0, 0, 1, CCRNN_UPDATE_SEGMENT, CCRNN_CLIP_JOINT, 0, false, true, true},
    };
    if (index >= sizeof rows / sizeof rows[0])
        return false;
    ccrnn_network_config_default(config);
    config->cell = rows[index].cell;
    config->inputs = INPUTS;
    config->hidden = HIDDEN;
    config->outputs = OUTPUTS;
    config->batch = B;
    config->steps = T;
    config->horizon = rows[index].horizon;
    config->granule_layers = rows[index].layers;
    config->granule_units = GRANULE;
    config->mossy_fibres = rows[index].fibres;
    config->update = rows[index].update;
    config->clip = rows[index].clip;
    config->clip_norm = 0.5;
    config->terminal_feedback = rows[index].terminal;
    config->predict = rows[index].last ? CCRNN_PREDICT_LAST : CCRNN_PREDICT_ALL;
    config->feedback_scale = 0.5;
    config->learning_rate = 0.02;
    config->gemm = CCRNN_GEMM_PLAIN;
    if (rows[index].fixed)
        config->cerebellum = CCRNN_CEREBELLUM_FIXED;
    if (rows[index].words) {
        config->features = FEATURES;
        config->feature_map = CCRNN_FEATURES_LEARNED;
        config->feature_norm = CCRNN_FEATURE_NORM_BATCH;
        config->dropout = 0.25;
        config->loss = CCRNN_LOSS_CROSS_ENTROPY;
        config->interval = 1;
    }
    return true;
}

static inline struct ccrnn_network *make(const struct ccrnn_network_config *config, uint64_t seed)
{
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    if (ccrnn_network_create(config, seed, &network, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return network;
}

static inline void fill(struct lesson *lesson, const struct ccrnn_network_config *config,
                        uint32_t item)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 23, CCRNN_RANDOM_USER, 0, item);
    for (size_t i = 0; i < T * B * INPUTS; i++)
        lesson->input[i] = (ccrnn_real)ccrnn_random_normal(&stream);
    for (size_t i = 0; i < T * B * OUTPUTS; i++)
        lesson->target[i] = (ccrnn_real)(3 * ccrnn_random_normal(&stream));
    for (size_t i = 0; i < B * FEATURES; i++)
        lesson->feature[i] = (ccrnn_real)ccrnn_random_normal(&stream);
    for (size_t i = 0; i < T * B; i++)
        lesson->label[i] = (int32_t)ccrnn_random_below(&stream, OUTPUTS);
    const bool words = config->features > 0;
    lesson->batch = (struct ccrnn_batch){.input = words ? NULL : lesson->input,
                                         .target = words ? NULL : lesson->target,
                                         .label = words ? lesson->label : NULL,
                                         .feature = words ? lesson->feature : NULL,
                                         .epoch = 4,
                                         .item = item};
    if (words)
        lesson->batch.steps = T - item % 3; /* captions differ in length */
}

/** One step on batch `item`. */
static inline struct ccrnn_step_report learn(struct ccrnn_network *network, uint32_t item)
{
    struct ccrnn_error err = {0};
    struct ccrnn_step_report report;
    struct lesson lesson;
    fill(&lesson, &network->config, item);
    if (ccrnn_network_train(network, &lesson.batch, &report, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return report;
}

static inline void intervene(struct ccrnn_network *network, enum ccrnn_intervention_kind kind,
                             double share)
{
    struct ccrnn_error err = {0};
    const struct ccrnn_intervention wanted = {.kind = kind, .share = share, .gain = 1};
    if (ccrnn_network_intervene(network, &wanted, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

/** A network of the same seed, values, moments and updates as another, tensor by tensor of the same name and
 * shape, with another configuration. */
static inline struct ccrnn_network *clone(const struct ccrnn_network *from,
                                          const struct ccrnn_network_config *config)
{
    struct ccrnn_network *const made = make(config, from->seed);
    for (size_t i = 0; i < made->parameters.count; i++)
        for (size_t k = 0; k < from->parameters.count; k++) {
            const struct ccrnn_parameter *const a = &made->parameters.parameter[i];
            const struct ccrnn_parameter *const b = &from->parameters.parameter[k];
            const size_t bytes = a->rows * a->cols * sizeof *a->value;
            if (strcmp(a->name, b->name) != 0)
                continue;
            assert_true(a->rows == b->rows && a->cols == b->cols);
            memcpy(a->value, b->value, bytes);
            memcpy(a->first, b->first, bytes);
            memcpy(a->second, b->second, bytes);
        }
    if (made->parameters.mossy_mask != NULL && from->parameters.mossy_mask != NULL) {
        const struct ccrnn_parameter *const map =
            &made->parameters.parameter[made->parameters.cerebellum_index];
        memcpy(made->parameters.mossy_mask, from->parameters.mossy_mask,
               map->rows * map->cols * sizeof *map->value);
    }
    made->updates = from->updates;
    return made;
}

static inline bool is_cerebellar(const char *name)
{
    return strncmp(name, "cerebellum.", strlen("cerebellum.")) == 0;
}

/** Tensors of the same name have the same bytes of values and moments. @param cerebellum those of it too */
static inline void expect_same(const struct ccrnn_network *one, const struct ccrnn_network *other,
                               bool cerebellum)
{
    for (size_t i = 0; i < one->parameters.count; i++)
        for (size_t k = 0; k < other->parameters.count; k++) {
            const struct ccrnn_parameter *const a = &one->parameters.parameter[i];
            const struct ccrnn_parameter *const b = &other->parameters.parameter[k];
            const size_t bytes = a->rows * a->cols * sizeof *a->value;
            if (strcmp(a->name, b->name) != 0 || (is_cerebellar(a->name) && !cerebellum))
                continue;
            if (memcmp(a->value, b->value, bytes) != 0 ||
                memcmp(a->first, b->first, bytes) != 0 ||
                memcmp(a->second, b->second, bytes) != 0)
                fail_msg("%s differs", a->name);
        }
    assert_true(one->updates == other->updates);
}

/** Values and moments of a network: 3 × size, free(). */
static inline ccrnn_real *snapshot(const struct ccrnn_network *network)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    ccrnn_real *const kept = malloc(3 * p->size * sizeof *kept);
    if (kept == NULL)
        abort();
    memcpy(kept, p->value, p->size * sizeof *kept);
    memcpy(kept + p->size, p->first, p->size * sizeof *kept);
    memcpy(kept + 2 * p->size, p->second, p->size * sizeof *kept);
    return kept;
}

#endif
