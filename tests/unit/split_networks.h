/** @file
 * Networks whose batches are split, and what they learn: cases, a few steps of each, and comparisons with one rank.
 * Used with ranks that are threads, and with those of MPI.
 */
#ifndef CCRNN_TESTS_SPLIT_NETWORKS_H
#define CCRNN_TESTS_SPLIT_NETWORKS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/ranks.h"
#include "word_networks.h"

/* Relative: of the joint norm of a step's gradients, of a report's numbers, of the norm of the weights after all
 * steps. Ranks change the order of sums, and nothing else. */
#ifdef CCRNN_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 1e-5;
#endif

enum { LESSONS = 4, SPLIT_CASES = 8 };

static const char *const split_case_name[SPLIT_CASES] = {
    "LSTM, everything, an update a segment",
    "LSTM, the whole sequence, no cerebellum",
    "GRU, an update a batch, mean loss of the cerebellum, separate clips",
    "tanh, horizon 1, features as they are",
    "LSTM, a frozen map, a fixed cerebellum",
    "GRU, a map without normalisation, no cerebellum, gradient descent",
    "LSTM, two granule layers, RMSprop, no feedback",
    "LSTM, wide enough for products in pieces",
};

static inline struct ccrnn_network_config split_case(int number)
{
    static const enum ccrnn_cell cells[SPLIT_CASES] = {
        CCRNN_CELL_LSTM, CCRNN_CELL_LSTM, CCRNN_CELL_GRU,  CCRNN_CELL_TANH,
        CCRNN_CELL_LSTM, CCRNN_CELL_GRU,  CCRNN_CELL_LSTM, CCRNN_CELL_LSTM};
    struct ccrnn_network_config config = rich(cells[number]);
    config.batch = 7; /* 4 + 3 rows, or 3 + 2 + 2 */
    switch (number) {
    case 1:
        config.cerebellum = CCRNN_CEREBELLUM_NONE;
        config.horizon = T;
        config.batch = 4;
        break;
    case 2:
        config.update = CCRNN_UPDATE_BATCH;
        config.cerebellar_loss = CCRNN_CEREBELLAR_LOSS_MEAN;
        config.clip = CCRNN_CLIP_SEPARATE;
        break;
    case 3:
        config.horizon = 1;
        config.feature_map = CCRNN_FEATURES_AS_THEY_ARE;
        config.feature_norm = CCRNN_FEATURE_NORM_NONE;
        config.features = config.inputs;
        config.batch = 5; /* 3 + 2, or 2 + 2 + 1 */
        break;
    case 4:
        config.feature_map = CCRNN_FEATURES_FROZEN;
        config.cerebellum = CCRNN_CEREBELLUM_FIXED;
        config.fixed_output_scale = 1;
        config.dropout = 0.5;
        break;
    case 5:
        config.feature_norm = CCRNN_FEATURE_NORM_NONE;
        config.cerebellum = CCRNN_CEREBELLUM_NONE;
        config.optimiser = CCRNN_OPTIMISER_SGD;
        config.momentum = 0.9;
        config.update = CCRNN_UPDATE_BATCH;
        break;
    case 6:
        config.granule_layers = 2;
        config.mossy_fibres = 0;
        config.optimiser = CCRNN_OPTIMISER_RMSPROP;
        config.feedback = CCRNN_FEEDBACK_OFF;
        config.update = CCRNN_UPDATE_BATCH;
        config.dropout = 0;
        break;
    case 7:
        config.batch = ROWS_MOST - 1;
        config.steps = STEPS_MOST;
        config.inputs = 40;
        config.hidden = 64;
        config.outputs = 700;
        config.features = FEATURES_MOST;
        config.granule_units = 300;
        config.horizon = 5;
        break;
    default:
        break;
    }
    return config;
}

/* What a rank has after a few steps. */
struct learned {
    struct ccrnn_network *network;
    struct ccrnn_step_report report[LESSONS];
    ccrnn_real *grad[LESSONS]; /* (parameters) */
    double nats[STEPS_MOST * ROWS_MOST];
    int32_t best[STEPS_MOST * ROWS_MOST];
};

/* A few batches, each shorter than the one before, then a score. */
static inline void learn(const struct ccrnn_network_config *config,
                         const struct ccrnn_ranks *ranks, struct learned *learned)
{
    struct ccrnn_error err = {0};
    struct captions c;
    memset(learned, 0, sizeof *learned);
    expect_ok(ccrnn_network_create_split(config, 3, ranks, &learned->network, &err), &err);
    const struct ccrnn_parameters *const p = &learned->network->parameters;
    for (uint32_t i = 0; i < LESSONS; i++) {
        fill(&c, config, config->steps - i, i);
        expect_ok(ccrnn_network_train(learned->network, &c.batch, &learned->report[i], &err),
                  &err);
        learned->grad[i] = malloc(p->size * sizeof(ccrnn_real));
        assert_non_null(learned->grad[i]);
        memcpy(learned->grad[i], p->grad, p->size * sizeof(ccrnn_real));
    }
    fill(&c, config, config->steps - 1, 99);
    expect_ok(ccrnn_network_score(learned->network, &c.batch, learned->nats, learned->best, &err),
              &err);
}

static inline void forget(struct learned *learned)
{
    ccrnn_network_destroy(learned->network);
    for (size_t i = 0; i < LESSONS; i++)
        free(learned->grad[i]);
}

/* ‖a − b‖ / ‖b‖; NaN if anything is. */
static inline double distance(const ccrnn_real *a, const ccrnn_real *b, size_t n)
{
    double difference = 0, norm = 0;
    for (size_t i = 0; i < n; i++) {
        difference += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        norm += (double)b[i] * (double)b[i];
    }
    return sqrt(difference / norm);
}

static inline void expect_near(const char *what, double found, double expected)
{
    if (!(fabs(found - expected) <= tolerance * (1 + fabs(expected))))
        fail_msg("%s: %.17g with ranks, %.17g alone", what, found, expected);
}

/* What ranks learned is what one learned, up to the order of sums. @return the largest distance of a gradient */
static inline double expect_alike(const struct learned *split, const struct learned *alone)
{
    const struct ccrnn_parameters *const p = &alone->network->parameters;
    double worst = 0;
    for (size_t i = 0; i < LESSONS; i++) {
        const double far = distance(split->grad[i], alone->grad[i], p->size);
        if (!(far <= tolerance))
            fail_msg("gradients of step %zu are %.3g apart", i, far);
        worst = fmax(worst, far);
        expect_near("loss", split->report[i].loss, alone->report[i].loss);
        expect_near("first loss", split->report[i].first_loss, alone->report[i].first_loss);
        expect_near("norm", split->report[i].grad_norm, alone->report[i].grad_norm);
        expect_near("cerebellar loss", split->report[i].cerebellar_loss,
                    alone->report[i].cerebellar_loss);
        expect_near("similarity", split->report[i].similarity, alone->report[i].similarity);
    }
    const double far = distance(split->network->parameters.value, p->value, p->size);
    if (!(far <= tolerance))
        fail_msg("weights are %.3g apart", far);
    for (size_t i = 0; i < (alone->network->config.steps - 1) * alone->network->config.batch;
         i++) {
        expect_near("nats", split->nats[i], alone->nats[i]);
        assert_int_equal(split->best[i], alone->best[i]);
    }
    return worst;
}

/* To the last bit. */
static inline void expect_equal(const struct learned *a, const struct learned *b)
{
    expect_same(a->network, b->network);
    assert_memory_equal(a->report, b->report, sizeof a->report);
    assert_memory_equal(a->nats, b->nats, sizeof a->nats);
    assert_memory_equal(a->best, b->best, sizeof a->best);
    for (size_t i = 0; i < LESSONS; i++)
        assert_memory_equal(a->grad[i], b->grad[i],
                            a->network->parameters.size * sizeof(ccrnn_real));
}

#endif
