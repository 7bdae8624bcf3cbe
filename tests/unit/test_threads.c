/* The library has no global state: what one thread computes does not depend on the others.
 * Runs under the thread sanitizer too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ccrnn/line_drawing.h"
#include "ccrnn/network.h"
#include "ccrnn/random.h"
#include "math/math.h"

enum { THREADS = 4, DRAWS = 5000, UPDATES = 5 };

struct work {
    uint64_t seed;
    double sum;
};

static void *draw(void *argument)
{
    struct work *work = argument;
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, work->seed, CCRNN_RANDOM_USER, 1, 2);
    work->sum = 0.0;
    for (int i = 0; i < DRAWS; i++)
        work->sum += ccrnn_random_normal(&stream) + ccrnn_random_uniform(&stream);
    return NULL;
}

static void streams_of_threads_equal_streams_alone(void **state)
{
    (void)state;
    struct work together[THREADS];
    pthread_t thread[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        together[i].seed = i + 1;
        assert_int_equal(pthread_create(&thread[i], NULL, draw, &together[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        struct work alone = {.seed = i + 1};
        draw(&alone);
        assert_memory_equal(&alone.sum, &together[i].sum, sizeof alone.sum);
    }
    assert_memory_not_equal(&together[0].sum, &together[1].sum, sizeof together[0].sum);
}

struct run {
    uint64_t seed;
    size_t numbers;      /* weights */
    ccrnn_real *weights; /* after UPDATES, or NULL if anything failed */
};

static void copy_weights(const struct ccrnn_network *network, struct run *run)
{
    const size_t parameters = ccrnn_network_parameter_count(network);
    for (size_t pass = 0; pass < 2; pass++) {
        size_t at = 0;
        for (size_t i = 0; i < parameters; i++) {
            const struct ccrnn_parameter *const parameter = ccrnn_network_parameter(network, i);
            const size_t count = parameter->rows * parameter->cols;
            if (run->weights != NULL)
                memcpy(run->weights + at, parameter->value, count * sizeof *parameter->value);
            at += count;
        }
        run->numbers = at;
        if (run->weights == NULL)
            run->weights = calloc(at, sizeof *run->weights);
    }
}

static void *train(void *argument)
{
    struct run *const run = argument;
    struct ccrnn_network_config config;
    struct ccrnn_network *network;
    struct ccrnn_step_report report;
    struct ccrnn_error err;
    struct ccrnn_line_drawing task;
    ccrnn_math_thread_setup();
    ccrnn_line_drawing_default(&task);
    ccrnn_network_config_default(&config);
    config.hidden = 7;
    config.granule_units = 30;
    config.batch = 10;
    if (ccrnn_network_create(&config, run->seed, &network, &err) != CCRNN_OK)
        return NULL;
    const size_t trials = config.batch * config.steps;
    ccrnn_real *const input = calloc(trials, sizeof *input);
    ccrnn_real *const target = calloc(2 * trials, sizeof *target);
    const struct ccrnn_batch batch = {.input = input, .target = target};
    enum ccrnn_status status = CCRNN_OK;
    for (uint32_t step = 0; step < UPDATES && status == CCRNN_OK; step++) {
        ccrnn_line_drawing_batch(&task, run->seed, CCRNN_RANDOM_TRAIN, step, 0, config.batch,
                                 input, target, NULL);
        status = ccrnn_network_train(network, &batch, &report, &err);
    }
    if (status == CCRNN_OK)
        copy_weights(network, run);
    ccrnn_network_destroy(network);
    free(input);
    free(target);
    return NULL;
}

static void networks_of_threads_equal_networks_alone(void **state)
{
    (void)state;
    struct run together[THREADS] = {{0}};
    pthread_t thread[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        together[i].seed = i + 1;
        assert_int_equal(pthread_create(&thread[i], NULL, train, &together[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        struct run alone = {.seed = i + 1};
        train(&alone);
        assert_non_null(alone.weights);
        assert_non_null(together[i].weights);
        assert_true(alone.numbers > 0);
        assert_int_equal(alone.numbers, together[i].numbers);
        assert_memory_equal(alone.weights, together[i].weights,
                            alone.numbers * sizeof *alone.weights);
        free(alone.weights);
    }
    assert_memory_not_equal(together[0].weights, together[1].weights,
                            together[0].numbers * sizeof *together[0].weights);
    for (size_t i = 0; i < THREADS; i++)
        free(together[i].weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_threads_equal_streams_alone),
        cmocka_unit_test(networks_of_threads_equal_networks_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
