/* Simple line drawing: targets by the task's definition, trials that can be made again alone, and
 * pairing: what runs of one seed share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/ccrnn.h"
#include "loop/network.h"

enum { T = 10, B = 64, CUES = 7 };

/* False for NaN too. */
static void expect_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.9g, expected %.9g ± %g", found, expected, tolerance);
}

struct trials {
    ccrnn_real input[T * B], target[T * B * 2];
    int32_t cue[B];
};

static void draw(const struct ccrnn_line_drawing *task, uint64_t seed, uint32_t purpose,
                 uint32_t epoch, uint32_t first, struct trials *trials)
{
    memset(trials, 0xee, sizeof *trials);
    ccrnn_line_drawing_batch(task, seed, purpose, epoch, first, B, trials->input, trials->target,
                             trials->cue);
}

static void expect_same(const struct trials *a, const struct trials *b)
{
    assert_memory_equal(a->input, b->input, sizeof a->input);
    assert_memory_equal(a->target, b->target, sizeof a->target);
    assert_memory_equal(a->cue, b->cue, sizeof a->cue);
}

/* Cues −3 … 3 point to 300°, 240°, 180°, nowhere, 120°, 60°, 0°, clockwise from the y axis. */
static void end_points_are_the_published_ones(void **state)
{
    (void)state;
    static const double degrees[CUES] = {300, 240, 180, 0, 120, 60, 0};
    struct ccrnn_line_drawing task;
    ccrnn_line_drawing_default(&task);
    assert_int_equal(task.steps, T);
    assert_int_equal(task.cues, CUES);
    for (size_t cue = 0; cue < CUES; cue++)
        for (size_t t = 0; t < T; t++) {
            const double angle = degrees[cue] * acos(-1.0) / 180.0;
            const double length = cue == CUES / 2 ? 0.0 : 10.0 * (double)t / (T - 1);
            double xy[2] = {NAN, NAN};
            ccrnn_line_drawing_target(&task, cue, t, xy);
            expect_near(xy[0], length * sin(angle), 1e-12);
            expect_near(xy[1], length * cos(angle), 1e-12);
        }
}

static void a_batch_shows_the_cue_once_and_draws_its_line(void **state)
{
    (void)state;
    static struct trials trials;
    struct ccrnn_line_drawing task;
    int seen[CUES] = {0};
    ccrnn_line_drawing_default(&task);
    draw(&task, 1, CCRNN_RANDOM_TRAIN, 1, 0, &trials);
    for (size_t b = 0; b < B; b++) {
        assert_in_range(trials.cue[b], 0, CUES - 1);
        seen[trials.cue[b]]++;
        for (size_t t = 0; t < T; t++) {
            double xy[2];
            ccrnn_line_drawing_target(&task, (size_t)trials.cue[b], t, xy);
            expect_near((double)trials.target[2 * (t * B + b)], xy[0], 1e-6);
            expect_near((double)trials.target[2 * (t * B + b) + 1], xy[1], 1e-6);
            expect_near((double)trials.input[t * B + b], t == 0 ? 0.1 * (trials.cue[b] - 3) : 0.0,
                        1e-7);
        }
    }
    for (size_t cue = 0; cue < CUES; cue++)
        assert_true(seen[cue] > 0);
}

static void every_size_is_an_option(void **state)
{
    (void)state;
    static struct trials trials;
    const struct ccrnn_line_drawing task = {
        .steps = T, .cues = 3, .input_gain = 2, .input_noise = 0, .length = 4};
    draw(&task, 1, CCRNN_RANDOM_TEST, 0, 0, &trials);
    for (size_t b = 0; b < B; b++) {
        const double sign = trials.cue[b] - 1; /* 180°, nowhere, 0° */
        expect_near((double)trials.input[b], 2 * sign, 0);
        expect_near((double)trials.target[2 * ((T - 1) * B + b)], 0, 1e-6);
        expect_near((double)trials.target[2 * ((T - 1) * B + b) + 1], 4 * sign, 1e-6);
    }
}

static void a_trial_depends_on_its_name_alone(void **state)
{
    (void)state;
    static struct trials all, later, again, other;
    struct ccrnn_line_drawing task;
    ccrnn_line_drawing_default(&task);
    task.input_noise = 0.3;
    draw(&task, 7, CCRNN_RANDOM_TRAIN, 3, 0, &all);
    draw(&task, 7, CCRNN_RANDOM_TRAIN, 3, 0, &again);
    expect_same(&all, &again);
    draw(&task, 7, CCRNN_RANDOM_TRAIN, 3, B / 2, &later);
    for (size_t b = 0; b < B / 2; b++) {
        assert_int_equal(later.cue[b], all.cue[b + B / 2]);
        for (size_t t = 0; t < T; t++)
            assert_memory_equal(&later.input[t * B + b], &all.input[t * B + b + B / 2],
                                sizeof all.input[0]);
    }
    static const struct {
        uint64_t seed;
        uint32_t purpose, epoch;
    } names[] = {{8, CCRNN_RANDOM_TRAIN, 3},
                 {7, CCRNN_RANDOM_TEST, 3},
                 {7, CCRNN_RANDOM_TRAIN, 4},
                 {7 + (1ull << 32), CCRNN_RANDOM_TRAIN, 3}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        draw(&task, names[i].seed, names[i].purpose, names[i].epoch, 0, &other);
        assert_memory_not_equal(other.cue, all.cue, sizeof all.cue);
        assert_memory_not_equal(other.input, all.input, sizeof all.input);
    }
}

/* Noise starts after the cue, has the deviation asked for, and leaves the cues as they are. */
static void noise_does_not_disturb_the_cues(void **state)
{
    (void)state;
    static struct trials silent, noisy;
    struct ccrnn_line_drawing task;
    double sum = 0, squares = 0;
    ccrnn_line_drawing_default(&task);
    draw(&task, 5, CCRNN_RANDOM_TRAIN, 1, 0, &silent);
    task.input_noise = 0.5;
    draw(&task, 5, CCRNN_RANDOM_TRAIN, 1, 0, &noisy);
    assert_memory_equal(silent.cue, noisy.cue, sizeof silent.cue);
    assert_memory_equal(silent.target, noisy.target, sizeof silent.target);
    assert_memory_equal(silent.input, noisy.input, B * sizeof silent.input[0]);
    for (size_t i = B; i < T * B; i++) {
        sum += (double)noisy.input[i];
        squares += (double)noisy.input[i] * (double)noisy.input[i];
    }
    const double count = (T - 1) * B, deviation = sqrt(squares / count);
    expect_near(sum / count, 0, 4 * 0.5 / sqrt(count));
    expect_near(deviation, 0.5, 4 * 0.5 / sqrt(2 * count));
}

static struct ccrnn_network *make(const struct ccrnn_network_config *config, uint64_t seed)
{
    struct ccrnn_network *network = NULL;
    struct ccrnn_error err = {0};
    if (ccrnn_network_create(config, seed, &network, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return network;
}

static const struct ccrnn_parameter *find(const struct ccrnn_network *network, const char *name)
{
    for (size_t i = 0; i < ccrnn_network_parameter_count(network); i++)
        if (strcmp(ccrnn_network_parameter(network, i)->name, name) == 0)
            return ccrnn_network_parameter(network, i);
    return NULL;
}

/* Every tensor of the cortex and readout of `plain` is in `other`, byte for byte. */
static void expect_same_cortex(const struct ccrnn_network *plain,
                               const struct ccrnn_network *other)
{
    for (size_t i = 0; i < ccrnn_network_parameter_count(plain); i++) {
        const struct ccrnn_parameter *const a = ccrnn_network_parameter(plain, i);
        const struct ccrnn_parameter *const b = find(other, a->name);
        assert_non_null(b);
        assert_int_equal(a->rows, b->rows);
        assert_int_equal(a->cols, b->cols);
        assert_memory_equal(a->value, b->value, a->rows * a->cols * sizeof *a->value);
    }
}

static void arms_of_one_seed_share_cortex_and_readout(void **state)
{
    (void)state;
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++) {
        struct ccrnn_network_config config;
        ccrnn_network_config_default(&config);
        config.cell = (enum ccrnn_cell)cell;
        config.cerebellum = CCRNN_CEREBELLUM_NONE;
        struct ccrnn_network *const plain = make(&config, 11);
        for (int variant = 0; variant < 6; variant++) {
            config.cerebellum = variant == 5   ? CCRNN_CEREBELLUM_NONE
                                : variant == 4 ? CCRNN_CEREBELLUM_FIXED
                                               : CCRNN_CEREBELLUM_LEARNING;
            config.granule_layers = (size_t)variant % 3;
            config.mossy_fibres = variant == 3 ? 4 : 0;
            config.horizon = (size_t)variant + 1;
            config.batch = 50 + (size_t)variant;
            config.update = variant == 1 ? CCRNN_UPDATE_SEGMENT : CCRNN_UPDATE_BATCH;
            struct ccrnn_network *const other = make(&config, 11);
            expect_same_cortex(plain, other);
            ccrnn_network_destroy(other);
        }
        struct ccrnn_network *const foreign = make(&config, 12);
        assert_memory_not_equal(plain->parameters.value, foreign->parameters.value,
                                plain->parameters.parameter[0].rows * sizeof(ccrnn_real));
        ccrnn_network_destroy(foreign);
        ccrnn_network_destroy(plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(end_points_are_the_published_ones),
        cmocka_unit_test(a_batch_shows_the_cue_once_and_draws_its_line),
        cmocka_unit_test(every_size_is_an_option),
        cmocka_unit_test(a_trial_depends_on_its_name_alone),
        cmocka_unit_test(noise_does_not_disturb_the_cues),
        cmocka_unit_test(arms_of_one_seed_share_cortex_and_readout),
    };
    return cmocka_run_group_tests_name("line_drawing", tests, NULL, NULL);
}
