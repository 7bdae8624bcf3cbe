/* What the optimisers move and what they leave alone, and the learning rate that changes between steps. What
 * a step is in numbers: the recorded cases of tests/oracle, and test_kernel_arrays.c. */
#include <math.h>
#include <string.h>

#include "word_networks.h"

static const enum ccrnn_optimiser optimisers[] = {CCRNN_OPTIMISER_ADAM, CCRNN_OPTIMISER_RMSPROP,
                                                  CCRNN_OPTIMISER_SGD};
enum { OPTIMISERS = sizeof optimisers / sizeof optimisers[0] };

static struct ccrnn_network_config rich_with(enum ccrnn_optimiser optimiser)
{
    struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
    config.optimiser = optimiser;
    config.momentum = 0.9;
    config.weight_decay = 0.1;
    return config;
}

static enum ccrnn_status train(struct ccrnn_network *network, uint32_t item, bool spoilt,
                               struct ccrnn_error *err)
{
    struct captions c;
    fill(&c, &network->config, T, item);
    if (spoilt)
        c.feature[FEATURES + 1] = (ccrnn_real)NAN;
    return ccrnn_network_train(network, &c.batch, NULL, err);
}

static void train_well(struct ccrnn_network *network, uint32_t item)
{
    struct ccrnn_error err = {0};
    expect_ok(train(network, item, false, &err), &err);
}

/* Weights, moments and counter are those of before, and the next step is as if nothing had been. */
static void a_step_that_is_not_finite_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTIMISERS; i++) {
        const struct ccrnn_network_config config = rich_with(optimisers[i]);
        struct ccrnn_network *const one = make(&config), *const two = make(&config);
        struct ccrnn_error err = {0};
        train_well(one, 0);
        train_well(two, 0);
        assert_int_equal(train(one, 1, true, &err), CCRNN_NONFINITE);
        expect_same(one, two);
        train_well(one, 2);
        train_well(two, 2);
        expect_same(one, two);
        ccrnn_network_destroy(one);
        ccrnn_network_destroy(two);
    }
}

/* Absent fibres, running statistics, a fixed cerebellum and a frozen map: none decays. */
static void what_does_not_learn_does_not_decay(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTIMISERS; i++) {
        struct ccrnn_network_config config = rich_with(optimisers[i]);
        config.cerebellum = CCRNN_CEREBELLUM_FIXED;
        config.feature_map = CCRNN_FEATURES_FROZEN;
        struct ccrnn_network *const network = make(&config), *const before = make(&config);
        const struct ccrnn_parameters *const p = &network->parameters;
        for (uint32_t step = 0; step < 3; step++)
            train_well(network, step);
        for (size_t t = 0; t < p->count; t++) {
            const struct ccrnn_parameter *const tensor = &p->parameter[t];
            const ccrnn_real *const old = before->parameters.parameter[t].value;
            const size_t bytes = tensor->rows * tensor->cols * sizeof *old;
            const bool same = memcmp(tensor->value, old, bytes) == 0;
            const bool learns =
                p->owner[t] != CCRNN_OWNER_CEREBELLUM && p->owner[t] != CCRNN_OWNER_KEPT;
            if (same == learns)
                fail_msg("%s %s", tensor->name, same ? "did not change" : "changed");
        }
        ccrnn_network_destroy(network);
        ccrnn_network_destroy(before);
    }
}

static void absent_fibres_stay_absent(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTIMISERS; i++) {
        const struct ccrnn_network_config config = rich_with(optimisers[i]);
        struct ccrnn_network *const network = make(&config);
        for (uint32_t step = 0; step < 3; step++)
            train_well(network, step);
        const struct ccrnn_parameters *const p = &network->parameters;
        const struct ccrnn_parameter *const map = &p->parameter[p->cerebellum_index];
        size_t absent = 0;
        for (size_t e = 0; e < map->rows * map->cols; e++) {
            absent += map->mask[e] == 0;
            assert_true(map->mask[e] != 0 || (map->value[e] == 0 && map->first[e] == 0));
            assert_true(isfinite(map->value[e]));
        }
        assert_true(absent > 0);
        ccrnn_network_destroy(network);
    }
}

/* The first step of gradient descent is −rate · gradient: three times the rate, three times the step. */
static void a_changed_rate_counts_from_the_next_step(void **state)
{
    (void)state;
    struct ccrnn_network_config config = rich_with(CCRNN_OPTIMISER_SGD);
    config.update = CCRNN_UPDATE_BATCH;
    struct ccrnn_network *const slow = make(&config), *const fast = make(&config);
    struct ccrnn_network *const before = make(&config);
    struct ccrnn_error err = {0};
    expect_ok(ccrnn_network_set_learning_rate(fast, 0.03, &err), &err);
    assert_true(ccrnn_network_learning_rate(fast) == 0.03);
    assert_true(ccrnn_network_config_of(fast)->learning_rate == 0.01);
    train_well(slow, 0);
    train_well(fast, 0);
    for (size_t e = 0; e < slow->parameters.cerebellum_end; e++) {
        const double w = (double)before->parameters.value[e];
        const double short_step = (double)slow->parameters.value[e] - w;
        const double long_step = (double)fast->parameters.value[e] - w;
        assert_true(fabs(long_step - 3 * short_step) <= 1e-6);
    }
    ccrnn_network_destroy(slow);
    ccrnn_network_destroy(fast);
    ccrnn_network_destroy(before);
}

static void a_rate_that_is_none_is_refused(void **state)
{
    (void)state;
    const double bad[] = {0, -1e-3, NAN, INFINITY};
    const struct ccrnn_network_config config = rich_with(CCRNN_OPTIMISER_ADAM);
    struct ccrnn_network *const network = make(&config);
    struct ccrnn_error err = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ccrnn_network_set_learning_rate(network, bad[i], &err), CCRNN_USAGE);
        assert_non_null(strstr(err.message, "learning_rate"));
        assert_true(ccrnn_network_learning_rate(network) == config.learning_rate);
    }
    ccrnn_network_destroy(network);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    struct ccrnn_network_config config = rich_with(CCRNN_OPTIMISER_RMSPROP);
    config.rms_decay = 1;
    assert_int_equal(ccrnn_network_create(&config, 1, &network, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "rms_decay is 1"));
    config = rich_with(CCRNN_OPTIMISER_SGD);
    config.momentum = NAN;
    assert_int_equal(ccrnn_network_create(&config, 1, &network, &err), CCRNN_USAGE);
    config = rich_with(CCRNN_OPTIMISER_SGD);
    config.weight_decay = -0.1;
    assert_int_equal(ccrnn_network_create(&config, 1, &network, &err), CCRNN_USAGE);
    assert_null(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_that_is_not_finite_changes_nothing),
        cmocka_unit_test(what_does_not_learn_does_not_decay),
        cmocka_unit_test(absent_fibres_stay_absent),
        cmocka_unit_test(a_changed_rate_counts_from_the_next_step),
        cmocka_unit_test(a_rate_that_is_none_is_refused),
        cmocka_unit_test(settings_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
