/* Networks of words: what must be the same whichever way it is computed, and what is refused. Gradients are
 * in test_word_gradients.c. Runs under the thread sanitizer too. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"
#include "study/checkpoint.h"
#include "word_networks.h"

static const struct ccrnn_checkpoint_owner owner = {.hash = "0123456789ab", .seed = 3};

static struct ccrnn_step_report train(struct ccrnn_network *network, size_t steps, uint32_t item)
{
    struct captions c;
    struct ccrnn_error err = {0};
    struct ccrnn_step_report report;
    fill(&c, &network->config, steps, item);
    if (ccrnn_network_train(network, &c.batch, &report, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return report;
}

static void score(struct ccrnn_network *network, const struct captions *c, double *nats,
                  int32_t *best)
{
    struct ccrnn_error err = {0};
    if (ccrnn_network_score(network, &c->batch, nats, best, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

/* --- the same, whichever way ------------------------------------------------------------- */

/* Large enough that products, sums and Adam are cut into pieces. */
static struct ccrnn_network_config large(enum ccrnn_gemm_choice gemm)
{
    struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
    config.batch = ROWS_MOST;
    config.steps = STEPS_MOST;
    config.inputs = 40;
    config.hidden = 64;
    config.outputs = 2500;
    config.features = FEATURES_MOST;
    config.granule_units = 600;
    config.mossy_fibres = 0;
    config.horizon = 5;
    config.gemm = gemm;
    return config;
}

static void threads_change_nothing(void **state)
{
    (void)state;
    static const enum ccrnn_gemm_choice back_ends[] = {CCRNN_GEMM_PLAIN, CCRNN_GEMM_ONEDNN};
    static double nats[2][STEPS_MOST * ROWS_MOST];
    for (size_t e = 0; e < 2; e++) {
        struct ccrnn_network *network[3];
        struct ccrnn_network_config config = large(back_ends[e]);
        for (int threads = 1; threads <= 3; threads++) {
            config.threads = threads;
            struct ccrnn_network *const it = network[threads - 1] = make(&config);
            struct ccrnn_step_report first = {0};
            for (uint32_t item = 0; item < 2; item++) {
                const struct ccrnn_step_report report = train(it, STEPS_MOST - item, item);
                first = item == 0 ? report : first;
            }
            struct captions c;
            fill(&c, &config, STEPS_MOST, 9);
            score(it, &c, nats[threads > 1], NULL);
            assert_true(isfinite(first.loss) && first.loss > 0);
            assert_memory_equal(nats[0], nats[threads > 1], sizeof nats[0]);
            expect_same(network[0], it);
        }
        for (size_t i = 0; i < 3; i++)
            ccrnn_network_destroy(network[i]);
    }
}

/* Without dropout and statistics of the batch, training sees what scoring sees. */
static void scores_are_the_loss(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t steps = 1; steps <= T; steps += 3) {
            struct ccrnn_network_config config = rich((enum ccrnn_cell)cell);
            config.feature_norm = CCRNN_FEATURE_NORM_NONE;
            config.dropout = 0;
            config.update = CCRNN_UPDATE_BATCH;
            struct ccrnn_network *const network = make(&config);
            struct captions c;
            double nats[T * B], sum = 0, first = 0;
            train(network, T, 0);
            fill(&c, &config, steps, 1);
            score(network, &c, nats, NULL);
            for (size_t i = 0; i < steps * B; i++) {
                sum += nats[i];
                first += i < B ? nats[i] : 0;
            }
            const struct ccrnn_step_report report = train(network, steps, 1);
            assert_true(fabs(report.loss - sum / (double)(steps * B)) <= 1e-12 * report.loss);
            assert_true(fabs(report.first_loss - first / B) <= 1e-12 * report.first_loss);
            ccrnn_network_destroy(network);
        }
}

static size_t likeliest(const ccrnn_real *probability)
{
    size_t best = 0;
    for (size_t o = 1; o < WORDS; o++)
        best = probability[o] > probability[best] ? o : best;
    return best;
}

/* The probabilities of a step against what scoring says of the same words. */
static void check_step(const ccrnn_real *probability, const struct captions *c, size_t t,
                       const double *nats, const int32_t *best, size_t rows)
{
    for (size_t r = 0; r < rows; r++) {
        const ccrnn_real *const p = probability + r * WORDS;
        const double expected = nats[t * B + r];
        double sum = 0;
        for (size_t o = 0; o < WORDS; o++)
            sum += (double)p[o];
        assert_true(fabs(sum - 1) <= 1e-6);
        assert_true(fabs(-log((double)p[c->label[t * B + r]]) - expected) <=
                    1e-6 * (1 + expected));
        assert_int_equal(likeliest(p), best[t * B + r]);
    }
}

static void word_by_word_is_the_whole_caption(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t rows = 1; rows <= B; rows++) {
            const struct ccrnn_network_config config = rich((enum ccrnn_cell)cell);
            struct ccrnn_network *const network = make(&config);
            struct ccrnn_error err = {0};
            struct captions c;
            double nats[T * B];
            int32_t best[T * B];
            ccrnn_real memory[B * 12], probability[B * WORDS];
            for (uint32_t item = 0; item < 3; item++)
                train(network, T, item);
            fill(&c, &config, T, 7);
            score(network, &c, nats, best);
            expect_ok(ccrnn_network_see(network, rows, c.feature, memory, probability, &err),
                      &err);
            check_step(probability, &c, 0, nats, best, rows);
            for (size_t t = 1; t < T; t++) {
                assert_int_equal(ccrnn_network_say(network, rows, c.label + (t - 1) * B, memory,
                                                   probability, &err),
                                 CCRNN_OK);
                check_step(probability, &c, t, nats, best, rows);
            }
            ccrnn_network_destroy(network);
        }
}

/* A network with room for longer captions learns the same from short ones, whatever it did before. */
static void room_for_longer_captions_changes_nothing(void **state)
{
    (void)state;
    static const size_t horizons[] = {1, 2, 3, 4, 5, 100};
    for (size_t steps = 1; steps < T; steps++)
        for (size_t h = 0; h < sizeof horizons / sizeof *horizons; h++)
            for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++) {
                struct ccrnn_network_config config = rich(CCRNN_CELL_GRU);
                config.horizon = horizons[h];
                config.update = (enum ccrnn_update)update;
                struct ccrnn_network *const roomy = make(&config);
                config.steps = steps;
                struct ccrnn_network *const tight = make(&config);
                struct captions c;
                double nats[T * B];
                fill(&c, &roomy->config, T, 40);
                score(roomy, &c, nats, NULL);
                for (uint32_t item = 0; item < 2; item++) {
                    const struct ccrnn_step_report a = train(roomy, steps, item);
                    const struct ccrnn_step_report b = train(tight, steps, item);
                    assert_memory_equal(&a, &b, sizeof a);
                }
                expect_same(roomy, tight);
                ccrnn_network_destroy(roomy);
                ccrnn_network_destroy(tight);
            }
}

/* A cerebellum of zeros is no cerebellum: to the last bit. */
static void zeros_equal_plain_truncation(void **state)
{
    (void)state;
    for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++)
        for (size_t horizon = 1; horizon <= T; horizon += 2) {
            struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
            config.update = (enum ccrnn_update)update;
            config.horizon = horizon;
            config.cerebellum = CCRNN_CEREBELLUM_NONE;
            struct ccrnn_network *const plain = make(&config);
            config.cerebellum = CCRNN_CEREBELLUM_FIXED;
            config.fixed_output_scale = 0;
            struct ccrnn_network *const zeros = make(&config);
            for (uint32_t item = 0; item < 3; item++) {
                train(plain, T - item, item);
                train(zeros, T - item, item);
            }
            const size_t end = plain->parameters.cerebellum_start;
            assert_true(end == zeros->parameters.cerebellum_start);
            assert_memory_equal(plain->parameters.value, zeros->parameters.value,
                                end * sizeof(ccrnn_real));
            ccrnn_network_destroy(plain);
            ccrnn_network_destroy(zeros);
        }
}

static void a_network_goes_on_as_if_it_had_not_stopped(void **state)
{
    (void)state;
    for (int map = CCRNN_FEATURES_LEARNED; map <= CCRNN_FEATURES_FROZEN; map++) {
        struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
        config.feature_map = (enum ccrnn_feature_map)map;
        struct ccrnn_network *const one = make(&config), *const two = make(&config);
        const struct ccrnn_checkpoint at = {.epoch = 2};
        struct ccrnn_checkpoint found = {0};
        struct ccrnn_error err = {0};
        const char *const path = scratch_path("words.safetensors");
        for (uint32_t item = 0; item < 3; item++)
            train(one, T, item);
        for (uint32_t item = 50; item < 54; item++)
            train(two, T, item);
        expect_ok(ccrnn_checkpoint_save(path, one, &owner, &at, &err), &err);
        expect_ok(ccrnn_checkpoint_load(path, two, &owner, &found, &err), &err);
        expect_same(one, two);
        for (uint32_t item = 3; item < 6; item++) {
            train(one, T - item, item);
            train(two, T - item, item);
        }
        expect_same(one, two);
        ccrnn_network_destroy(one);
        ccrnn_network_destroy(two);
    }
}

static const struct ccrnn_parameter *tensor(const struct ccrnn_network *network, size_t index)
{
    assert_true(index < network->parameters.count);
    return &network->parameters.parameter[index];
}

/* Weights of another arm: all but the cerebellum must be in the file, the running statistics too. */
static void weights_move_to_a_network_with_a_cerebellum(void **state)
{
    (void)state;
    struct ccrnn_error err = {0};
    struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
    config.cerebellum = CCRNN_CEREBELLUM_NONE;
    struct ccrnn_network *const plain = make(&config);
    config.cerebellum = CCRNN_CEREBELLUM_LEARNING;
    struct ccrnn_network *const with = make(&config);
    config.feature_norm = CCRNN_FEATURE_NORM_NONE;
    struct ccrnn_network *const other = make(&config);
    const char *const path = scratch_path("plain.safetensors");
    for (uint32_t item = 0; item < 3; item++)
        train(plain, T, item);
    expect_ok(ccrnn_weights_export(path, plain, &owner, &err), &err);
    expect_ok(ccrnn_weights_import(path, with, &err), &err);
    const size_t a = plain->parameters.variance_index, b = with->parameters.variance_index;
    assert_true(tensor(plain, a)->value[0] != 1);
    assert_memory_equal(tensor(plain, a)->value, tensor(with, b)->value,
                        plain->config.inputs * sizeof(ccrnn_real));
    expect_ok(ccrnn_weights_export(path, other, &owner, &err), &err);
    expect_error(ccrnn_weights_import(path, plain, &err), CCRNN_FORMAT, &err, "bn.weight", NULL);
    ccrnn_network_destroy(plain);
    ccrnn_network_destroy(with);
    ccrnn_network_destroy(other);
}

/* --- what moves, and what must not ------------------------------------------------------- */

static void a_frozen_map_stays(void **state)
{
    (void)state;
    for (int norm = CCRNN_FEATURE_NORM_NONE; norm <= CCRNN_FEATURE_NORM_BATCH; norm++) {
        struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
        config.feature_map = CCRNN_FEATURES_FROZEN;
        config.feature_norm = (enum ccrnn_feature_norm)norm;
        struct ccrnn_network *const before = make(&config), *const after = make(&config);
        for (uint32_t item = 0; item < 3; item++)
            train(after, T, item);
        const struct ccrnn_parameters *const p = &after->parameters;
        size_t kept = 0;
        for (size_t i = 0; i < p->count; i++) {
            const size_t bytes = p->parameter[i].rows * p->parameter[i].cols * sizeof(ccrnn_real);
            const int moved = memcmp(tensor(before, i)->value, p->parameter[i].value, bytes) != 0;
            assert_int_equal(moved, p->owner[i] != CCRNN_OWNER_KEPT);
            kept += p->owner[i] == CCRNN_OWNER_KEPT;
        }
        assert_int_equal(kept, norm == CCRNN_FEATURE_NORM_BATCH ? 6 : 2);
        ccrnn_network_destroy(before);
        ccrnn_network_destroy(after);
    }
}

/* The running statistics against their definition, after one batch. */
static void running_statistics_follow_the_batch(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = rich(CCRNN_CELL_TANH);
    struct ccrnn_network *const network = make(&config);
    const struct ccrnn_parameters *const p = &network->parameters;
    const ccrnn_real *const W = tensor(network, p->map_index)->value;
    const ccrnn_real *const bias = tensor(network, p->map_index + 1)->value;
    const size_t I = config.inputs;
    double mapped[B][5], nats[T * B];
    struct captions c;
    fill(&c, &config, T, 0);
    for (size_t b = 0; b < B; b++)
        for (size_t i = 0; i < I; i++) {
            mapped[b][i] = (double)bias[i];
            for (size_t f = 0; f < FEATURES; f++)
                mapped[b][i] += (double)W[i * FEATURES + f] * (double)c.feature[b * FEATURES + f];
        }
    train(network, T, 0);
    score(network, &c, nats, NULL);
    for (size_t i = 0; i < I; i++) {
        double mean = 0, squares = 0;
        for (size_t b = 0; b < B; b++)
            mean += mapped[b][i] / B;
        for (size_t b = 0; b < B; b++)
            squares += (mapped[b][i] - mean) * (mapped[b][i] - mean);
        assert_true(fabs((double)tensor(network, p->mean_index)->value[i] - 0.01 * mean) <= 1e-7);
        assert_true(fabs((double)tensor(network, p->variance_index)->value[i] -
                         (0.99 + 0.01 * squares / (B - 1))) <= 2e-7);
    }
    ccrnn_network_destroy(network);
}

/* A batch that is refused leaves no trace, and the next one is learned from as if it had not been. */
static void a_refused_batch_leaves_no_trace(void **state)
{
    (void)state;
    for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++) {
        struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
        config.update = (enum ccrnn_update)update;
        struct ccrnn_network *const one = make(&config), *const two = make(&config);
        struct captions c;
        struct ccrnn_error err = {0};
        train(one, T, 0);
        train(two, T, 0);
        fill(&c, &config, T, 1);
        c.feature[FEATURES + 1] = (ccrnn_real)NAN;
        assert_int_equal(ccrnn_network_train(one, &c.batch, NULL, &err), CCRNN_NONFINITE);
        expect_same(one, two);
        train(one, T, 2);
        train(two, T, 2);
        expect_same(one, two);
        ccrnn_network_destroy(one);
        ccrnn_network_destroy(two);
    }
}

/* Dropout is that of the batch's name: epoch and item, and nothing else. */
static void dropout_is_named(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
    ccrnn_real *const first = malloc(sizeof(ccrnn_real) * 1 << 16);
    assert_non_null(first);
    for (int change = 0; change < 4; change++) {
        struct ccrnn_network *const network = make(&config);
        const size_t bytes = network->parameters.size * sizeof *first;
        struct captions c;
        struct ccrnn_error err = {0};
        assert_true(network->parameters.size <= 1 << 16);
        fill(&c, &config, T, 0);
        c.batch.item += change == 2;
        c.batch.epoch += change == 3;
        assert_int_equal(ccrnn_network_train(network, &c.batch, NULL, &err), CCRNN_OK);
        if (change == 0)
            memcpy(first, network->parameters.value, bytes);
        assert_int_equal(memcmp(first, network->parameters.value, bytes) != 0, change >= 2);
        ccrnn_network_destroy(network);
    }
    free(first);
}

static void mossy_fibres_stay_sparse(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
    struct ccrnn_network *const network = make(&config);
    for (uint32_t item = 0; item < 4; item++)
        train(network, T - item, item);
    const struct ccrnn_parameter *const first =
        tensor(network, network->parameters.cerebellum_index);
    size_t fibres = 0;
    for (size_t e = 0; e < first->rows * first->cols; e++) {
        assert_true(first->mask[e] == 1 || first->value[e] == 0);
        fibres += first->mask[e] == 1;
    }
    assert_int_equal(fibres, config.granule_units * config.mossy_fibres);
    ccrnn_network_destroy(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(scores_are_the_loss),
        cmocka_unit_test(word_by_word_is_the_whole_caption),
        cmocka_unit_test(room_for_longer_captions_changes_nothing),
        cmocka_unit_test(zeros_equal_plain_truncation),
        cmocka_unit_test(a_network_goes_on_as_if_it_had_not_stopped),
        cmocka_unit_test(weights_move_to_a_network_with_a_cerebellum),
        cmocka_unit_test(a_frozen_map_stays),
        cmocka_unit_test(running_statistics_follow_the_batch),
        cmocka_unit_test(a_refused_batch_leaves_no_trace),
        cmocka_unit_test(dropout_is_named),
        cmocka_unit_test(mossy_fibres_stay_sparse),
    };
    return cmocka_run_group_tests_name("word_networks", tests, scratch_setup, scratch_teardown);
}
