/** @file
 * Small networks of words and captions for them, for the tests that use some.
 */
#ifndef CCRNN_TESTS_WORD_NETWORKS_H
#define CCRNN_TESTS_WORD_NETWORKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ccrnn/random.h"
#include "loop/network.h"

enum { B = 4, T = 7, WORDS = 11, FEATURES = 6 };

/* Room for the largest batch of any test here. */
enum { ROWS_MOST = 16, STEPS_MOST = 8, FEATURES_MOST = 80 };

struct captions {
    ccrnn_real feature[ROWS_MOST * FEATURES_MOST];
    int32_t label[STEPS_MOST * ROWS_MOST];
    struct ccrnn_batch batch;
};

/* Everything a network of words can have, at once. */
static inline struct ccrnn_network_config rich(enum ccrnn_cell cell)
{
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    config.cell = cell;
    config.inputs = 5;
    config.hidden = 6;
    config.outputs = WORDS;
    config.batch = B;
    config.steps = T;
    config.features = FEATURES;
    config.feature_map = CCRNN_FEATURES_LEARNED;
    config.feature_norm = CCRNN_FEATURE_NORM_BATCH;
    config.dropout = 0.25;
    config.granule_units = 8;
    config.mossy_fibres = 3;
    config.loss = CCRNN_LOSS_CROSS_ENTROPY;
    config.interval = 1;
    config.horizon = 3;
    config.update = CCRNN_UPDATE_SEGMENT;
    config.learning_rate = 0.01;
    config.gemm = CCRNN_GEMM_PLAIN;
    return config;
}

static inline void expect_ok(enum ccrnn_status status, const struct ccrnn_error *err)
{
    if (status != CCRNN_OK)
        fail_msg("%s: %s", ccrnn_status_name(status), err->message);
}

static inline struct ccrnn_network *make(const struct ccrnn_network_config *config)
{
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    if (ccrnn_network_create(config, 3, &network, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return network;
}

static inline void fill(struct captions *c, const struct ccrnn_network_config *config,
                        size_t steps, uint32_t item)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 17, CCRNN_RANDOM_USER, 0, item);
    assert_true(config->batch <= ROWS_MOST && steps <= STEPS_MOST &&
                config->features <= FEATURES_MOST);
    for (size_t i = 0; i < config->batch * config->features; i++)
        c->feature[i] = (ccrnn_real)ccrnn_random_normal(&stream);
    for (size_t i = 0; i < steps * config->batch; i++)
        c->label[i] = (int32_t)ccrnn_random_below(&stream, (uint32_t)config->outputs);
    c->batch = (struct ccrnn_batch){
        .feature = c->feature, .label = c->label, .steps = steps, .epoch = 1, .item = item};
}

static inline void expect_same(const struct ccrnn_network *a, const struct ccrnn_network *b)
{
    const size_t bytes = a->parameters.size * sizeof(ccrnn_real);
    assert_int_equal(a->parameters.size, b->parameters.size);
    assert_memory_equal(a->parameters.value, b->parameters.value, bytes);
    assert_memory_equal(a->parameters.first, b->parameters.first, bytes);
    assert_memory_equal(a->parameters.second, b->parameters.second, bytes);
    assert_int_equal(a->updates, b->updates);
}

#endif
