/* Two identities that tie the cerebellum to plain learning, in double, and where the segments
 * lie. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/line_drawing.h"
#include "ccrnn/random.h"
#include "loop/network.h"

enum { B = 4, T = 11 };

struct data {
    double input[T * B], target[T * B * 2];
};

static struct data make_data(void)
{
    struct data data;
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 5, CCRNN_RANDOM_USER, 0, 0);
    for (size_t i = 0; i < T * B; i++)
        data.input[i] = ccrnn_random_normal(&stream);
    for (size_t i = 0; i < T * B * 2; i++)
        data.target[i] = ccrnn_random_normal(&stream);
    return data;
}

static struct ccrnn_network_config make_config(enum ccrnn_cell cell, size_t horizon)
{
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    config.cell = cell;
    config.hidden = 5;
    config.batch = B;
    config.steps = T;
    config.horizon = horizon;
    config.granule_units = 7;
    return config;
}

static struct ccrnn_network *make(const struct ccrnn_network_config *config)
{
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    if (ccrnn_network_create(config, 8, &network, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return network;
}

static void train(struct ccrnn_network *network, const struct data *data, size_t steps)
{
    struct ccrnn_error err = {0};
    const struct ccrnn_batch batch = {.input = data->input, .target = data->target};
    for (size_t i = 0; i < steps; i++)
        if (ccrnn_network_train(network, &batch, NULL, &err) != CCRNN_OK)
            fail_msg("%s", err.message);
}

/* A cerebellum of zeros is no cerebellum: after any number of steps, to the last bit. */
static void zeros_equal_plain_truncation(void **state)
{
    (void)state;
    const struct data data = make_data();
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t horizon = 1; horizon <= T; horizon += 2)
            for (int update = CCRNN_UPDATE_BATCH; update <= CCRNN_UPDATE_SEGMENT; update++) {
                struct ccrnn_network_config config = make_config((enum ccrnn_cell)cell, horizon);
                config.update = (enum ccrnn_update)update;
                config.cerebellum = CCRNN_CEREBELLUM_NONE;
                struct ccrnn_network *const plain = make(&config);
                config.cerebellum = CCRNN_CEREBELLUM_FIXED;
                config.fixed_output_scale = 0;
                struct ccrnn_network *const zeros = make(&config);
                train(plain, &data, 4);
                train(zeros, &data, 4);
                const size_t size = plain->parameters.size * sizeof *plain->parameters.value;
                assert_true(plain->parameters.size == zeros->parameters.cerebellum_start);
                assert_memory_equal(plain->parameters.value, zeros->parameters.value, size);
                ccrnn_network_destroy(plain);
                ccrnn_network_destroy(zeros);
            }
}

/* The learning cerebellum starts at zero, so it changes nothing before its first update. */
static void untrained_cerebellum_is_silent(void **state)
{
    (void)state;
    const struct data data = make_data();
    struct ccrnn_network_config config = make_config(CCRNN_CELL_LSTM, 3);
    struct ccrnn_network *const learning = make(&config);
    config.cerebellum = CCRNN_CEREBELLUM_NONE;
    struct ccrnn_network *const plain = make(&config);
    train(plain, &data, 1);
    train(learning, &data, 1);
    assert_memory_equal(plain->parameters.grad, learning->parameters.grad,
                        plain->parameters.size * sizeof *plain->parameters.grad);
    ccrnn_network_destroy(plain);
    ccrnn_network_destroy(learning);
}

struct oracle {
    double feedback[(T + 1) * B * 10];
    size_t width;
};

static void answer(void *context, size_t rows, double *predicted)
{
    const struct oracle *const oracle = context;
    memcpy(predicted, oracle->feedback, rows * oracle->width * sizeof *predicted);
}

static void gradients(struct ccrnn_network *network, const struct data *data)
{
    const struct ccrnn_batch batch = {.input = data->input, .target = data->target};
    const struct ccrnn_span span = ccrnn_network_whole(network);
    struct ccrnn_step_report report = {0};
    ccrnn_loop_gradients(network, &span, &batch, &report);
}

/* With α = 1, zero terminal feedback and a cerebellum that answers with the true gradient,
 * truncated learning is full backpropagation (with the segments' loss weights). The true gradient
 * is found from behind: each pass makes one more boundary right. */
static void true_feedback_equals_full_bptt(void **state)
{
    (void)state;
    const struct data data = make_data();
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++)
        for (size_t horizon = 1; horizon < T; horizon++) {
            struct ccrnn_network_config config = make_config((enum ccrnn_cell)cell, horizon);
            config.feedback_scale = 1;
            config.terminal_feedback = CCRNN_TERMINAL_ZERO;
            struct ccrnn_network *const truncated = make(&config);
            struct oracle oracle = {.width = truncated->shape.state_width};
            truncated->observer = (struct ccrnn_observer){.context = &oracle, .feedback = answer};
            const size_t n = truncated->segments.n;
            for (size_t pass = 0; pass < n; pass++) {
                gradients(truncated, &data);
                memcpy(oracle.feedback, truncated->d_state,
                       n * B * oracle.width * sizeof(double));
            }
            config.cerebellum = CCRNN_CEREBELLUM_NONE;
            config.horizon = T;
            struct ccrnn_network *const full = make(&config);
            full->loss_horizon = horizon;
            gradients(full, &data);
            double largest = 0, error = 0;
            for (size_t i = 0; i < full->parameters.size; i++) {
                largest = fmax(largest, fabs(full->parameters.grad[i]));
                const double e = fabs(full->parameters.grad[i] - truncated->parameters.grad[i]);
                error = e <= error ? error : e;
            }
            if (!(error <= 1e-13 * largest) || largest == 0)
                fail_msg("cell %d, horizon %zu: error %g of %g", cell, horizon, error, largest);
            ccrnn_network_destroy(full);
            ccrnn_network_destroy(truncated);
        }
}

/* Every step has one gate block and one state block, and both lie where the loop looks for them.
 */
static void segments_cover_the_sequence(void **state)
{
    (void)state;
    for (size_t steps = 1; steps <= 30; steps++)
        for (size_t K = 1; K <= steps + 2; K++) {
            const struct ccrnn_segments s = ccrnn_segments_cut(steps, K);
            bool gate_seen[31] = {0}, state_seen[31] = {0};
            size_t before = 0;
            for (size_t t = 0; t < steps; t++) {
                const size_t gate = ccrnn_segments_gate_of(&s, t);
                const size_t after = ccrnn_segments_state_after(&s, t);
                assert_true(gate < steps && !gate_seen[gate]);
                assert_true(after >= 1 && after <= steps && !state_seen[after]);
                assert_true(before == (gate < s.n ? gate : gate + 1));
                const size_t local = t % s.K, segment = t / s.K;
                assert_true(before == ccrnn_segments_state_before(&s, local) + segment);
                assert_true(segment < ccrnn_segments_active(&s, local));
                gate_seen[gate] = state_seen[after] = true;
                before = after;
            }
            assert_true(before == s.n);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeros_equal_plain_truncation),
        cmocka_unit_test(untrained_cerebellum_is_silent),
        cmocka_unit_test(true_feedback_equals_full_bptt),
        cmocka_unit_test(segments_cover_the_sequence),
    };
    return cmocka_run_group_tests_name("identities", tests, NULL, NULL);
}
