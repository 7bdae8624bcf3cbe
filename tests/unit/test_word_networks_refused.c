/* Networks of words: configurations, batches and calls that are refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"
#include "word_networks.h"

static void batches_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
    struct ccrnn_network *const network = make(&config), *const same = make(&config);
    struct captions c;
    struct ccrnn_error err = {0};
    double nats[T * B];
    fill(&c, &config, T, 0);
    struct ccrnn_batch bad[5] = {c.batch, c.batch, c.batch, c.batch, c.batch};
    static const char *const what[] = {"feature", "label", "steps", "label 27", "label 0"};
    bad[0].feature = NULL;
    bad[1].label = NULL;
    bad[2].steps = T + 1;
    int32_t beyond[T * B] = {0}, below[T * B] = {-1};
    beyond[T * B - 1] = WORDS;
    bad[3].label = beyond;
    bad[4].label = below;
    for (size_t i = 0; i < 5; i++) {
        expect_error(ccrnn_network_train(network, &bad[i], NULL, &err), CCRNN_USAGE, &err,
                     what[i], NULL);
        expect_error(ccrnn_network_score(network, &bad[i], nats, NULL, &err), CCRNN_USAGE, &err,
                     what[i], NULL);
    }
    expect_same(network, same);
    ccrnn_network_destroy(network);
    ccrnn_network_destroy(same);
}

static void rows_and_words_out_of_range_are_refused(void **state)
{
    (void)state;
    const struct ccrnn_network_config config = rich(CCRNN_CELL_LSTM);
    struct ccrnn_network *const network = make(&config);
    struct captions c;
    struct ccrnn_error err = {0};
    ccrnn_real memory[(B + 1) * 12] = {0}, p[(B + 1) * WORDS];
    fill(&c, &config, T, 0);
    for (size_t rows = 0; rows <= B + 1; rows += B + 1) {
        expect_error(ccrnn_network_see(network, rows, c.feature, memory, p, &err), CCRNN_USAGE,
                     &err, "rows", NULL);
        expect_error(ccrnn_network_say(network, rows, c.label, memory, p, &err), CCRNN_USAGE,
                     &err, "rows", NULL);
    }
    const int32_t words[2][2] = {{0, -1}, {0, WORDS}};
    for (size_t i = 0; i < 2; i++)
        expect_error(ccrnn_network_say(network, 2, words[i], memory, p, &err), CCRNN_USAGE, &err,
                     "word 1", NULL);
    ccrnn_network_destroy(network);
}

static void networks_of_numbers_know_no_words(void **state)
{
    (void)state;
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    struct ccrnn_network *const numbers = make(&config);
    config = rich(CCRNN_CELL_LSTM);
    struct ccrnn_network *const words = make(&config);
    struct captions c;
    struct ccrnn_error err = {0};
    ccrnn_real memory[100] = {0}, p[100];
    double nats[T * B];
    fill(&c, &config, T, 0);
    expect_error(ccrnn_network_score(numbers, &c.batch, nats, NULL, &err), CCRNN_USAGE, &err,
                 "features", NULL);
    expect_error(ccrnn_network_see(numbers, 1, c.feature, memory, p, &err), CCRNN_USAGE, &err,
                 "features", NULL);
    expect_error(ccrnn_network_say(numbers, 1, c.label, memory, p, &err), CCRNN_USAGE, &err,
                 "features", NULL);
    expect_error(ccrnn_network_forward(words, p, p, NULL, &err), CCRNN_USAGE, &err,
                 "ccrnn_network_score", NULL);
    ccrnn_network_destroy(numbers);
    ccrnn_network_destroy(words);
}

static void expect_refused(const struct ccrnn_network_config *config, enum ccrnn_status status,
                           const char *what)
{
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    expect_error(ccrnn_network_create(config, 1, &network, &err), status, &err, what, NULL);
    assert_null(network);
}

static void configurations_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    const struct ccrnn_network_config good = rich(CCRNN_CELL_LSTM);
    struct ccrnn_network_config config = good;
    config.loss = CCRNN_LOSS_MSE;
    expect_refused(&config, CCRNN_USAGE, "CROSS_ENTROPY");
    config = good;
    config.interval = 2;
    expect_refused(&config, CCRNN_USAGE, "interval");
    config = good;
    config.predict = CCRNN_PREDICT_LAST;
    expect_refused(&config, CCRNN_USAGE, "predict");
    config = good;
    config.batch = 1;
    expect_refused(&config, CCRNN_USAGE, "batch");
    config = good;
    config.feature_map = CCRNN_FEATURES_AS_THEY_ARE;
    expect_refused(&config, CCRNN_USAGE, "features");
    config.features = config.inputs;
    expect_refused(&config, CCRNN_USAGE, "feature_map");
    config = good;
    config.dropout = 1;
    expect_refused(&config, CCRNN_USAGE, "dropout");
    config.dropout = NAN;
    expect_refused(&config, CCRNN_USAGE, "dropout");
    config = good;
    config.threads = 0;
    expect_refused(&config, CCRNN_USAGE, "threads");
    ccrnn_network_config_default(&config);
    config.threads = 2;
    expect_refused(&config, CCRNN_USAGE, "threads");
}

/* Sizes whose products do not fit into size_t, wherever they meet. */
static void sizes_beyond_memory_are_refused(void **state)
{
    (void)state;
    enum { HUGE_SIZE = 1 << 30 };
    const struct ccrnn_network_config good = rich(CCRNN_CELL_LSTM);
    struct ccrnn_network_config config = good;
    config.outputs = config.inputs = HUGE_SIZE;
    expect_refused(&config, CCRNN_MEMORY, "memory");
    config.features = HUGE_SIZE;
    expect_refused(&config, CCRNN_MEMORY, "memory");
    config = good;
    config.outputs = config.batch = HUGE_SIZE;
    config.steps = 1;
    config.batch = HUGE_SIZE / 2;
    expect_refused(&config, CCRNN_MEMORY, "memory");
    config.outputs = WORDS;
    config.inputs = HUGE_SIZE;
    expect_refused(&config, CCRNN_MEMORY, "memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_that_do_not_fit_are_refused),
        cmocka_unit_test(rows_and_words_out_of_range_are_refused),
        cmocka_unit_test(networks_of_numbers_know_no_words),
        cmocka_unit_test(configurations_that_make_no_sense_are_refused),
        cmocka_unit_test(sizes_beyond_memory_are_refused),
    };
    return cmocka_run_group_tests_name("word_networks_refused", tests, NULL, NULL);
}
