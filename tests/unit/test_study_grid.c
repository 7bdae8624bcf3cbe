/* What ranges, zipped keys and random search expand to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/study.h"

static struct ccrnn_study *parse_with(const char *text,
                                      const struct ccrnn_study_overrides *overrides)
{
    struct ccrnn_study *study;
    struct ccrnn_error err;
    if (ccrnn_study_parse(text, strlen(text), "s.yaml", overrides, &study, &err) != CCRNN_OK)
        fail_msg("%s\n%s", text, err.message);
    return study;
}

/* The names of all arms, one a line. */
static void assert_arms_with(const char *text, const struct ccrnn_study_overrides *overrides,
                             const char *expected)
{
    char names[4000] = "";
    struct ccrnn_study *const study = parse_with(text, overrides);
    for (size_t i = 0; i < study->arm_count; i++) {
        strcat(names, study->arms[i].name);
        strcat(names, "\n");
    }
    assert_string_equal(names, expected);
    ccrnn_study_destroy(study);
}

static void assert_arms(const char *text, const char *expected)
{
    assert_arms_with(text, NULL, expected);
}

/* A range says the same as the list of its values: the same names, the same hashes. */
static void assert_same_arms(const char *text, const char *other)
{
    struct ccrnn_study *const a = parse_with(text, NULL), *const b = parse_with(other, NULL);
    assert_int_equal(a->arm_count, b->arm_count);
    for (size_t i = 0; i < a->arm_count; i++)
        assert_string_equal(a->arms[i].directory, b->arms[i].directory);
    ccrnn_study_destroy(a);
    ccrnn_study_destroy(b);
}

static void ranges(void **state)
{
    (void)state;
    assert_same_arms("sweep: {hidden: {from: 10, to: 50, step: 10}}\n",
                     "sweep: {hidden: [10, 20, 30, 40, 50]}\n");
    assert_same_arms("sweep: {feedback_scale: {from: 0.1, to: 0.5, count: 5}}\n",
                     "sweep: {feedback_scale: [0.1, 0.2, 0.3, 0.4, 0.5]}\n");
    assert_same_arms("sweep: {feedback_scale: {to: 0.7, step: 0.2, from: 0.1}}\n",
                     "sweep: {feedback_scale: [0.1, 0.3, 0.5, 0.7]}\n");
    assert_same_arms("sweep: {learning_rate: {from: 1e-5, to: 1e-2, count: 4, scale: log}}\n",
                     "sweep: {learning_rate: [1e-5, 0.0001, 0.001, 0.01]}\n");
    assert_same_arms("sweep: {hidden: {from: 1, to: 64, count: 7, scale: log}}\n",
                     "sweep: {hidden: [1, 2, 4, 8, 16, 32, 64]}\n");
    /* integers of a log scale that round to the same are one */
    assert_same_arms("sweep: {hidden: {from: 1, to: 8, count: 8, scale: log}}\n",
                     "sweep: {hidden: [1, 2, 3, 4, 6, 8]}\n");
    /* from 1000 on they have four digits, the ends all of theirs */
    assert_same_arms("sweep: {hidden: {from: 3, to: 16383, count: 4, scale: log}}\n",
                     "sweep: {hidden: [3, 53, 930, 16383]}\n");
    assert_same_arms("sweep: {train_size: {from: 12345, to: 1234567, count: 3, scale: log}}\n"
                     "base: {batch: 1}\n",
                     "sweep: {train_size: [12345, 123500, 1234567]}\nbase: {batch: 1}\n");
}

static void zipped_keys(void **state)
{
    (void)state;
    assert_arms("zip: {hidden: [10, 20], granule_units: {from: 100, to: 200, step: 100}}\n",
                "default hidden=10 granule_units=100\ndefault hidden=20 granule_units=200\n");
    /* with a sweep and a second group: each one more axis, the last varies fastest */
    assert_arms("arms: {a: {}}\nsweep: {interval: [1, 2]}\n"
                "zip:\n  - {hidden: [1, 2], batch: [5, 10]}\n"
                "  - {cell: [gru, tanh], clip: [none, none]}\n",
                "a interval=1 hidden=1 batch=5 cell=gru clip=none\n"
                "a interval=1 hidden=1 batch=5 cell=tanh clip=none\n"
                "a interval=1 hidden=2 batch=10 cell=gru clip=none\n"
                "a interval=1 hidden=2 batch=10 cell=tanh clip=none\n"
                "a interval=2 hidden=1 batch=5 cell=gru clip=none\n"
                "a interval=2 hidden=1 batch=5 cell=tanh clip=none\n"
                "a interval=2 hidden=2 batch=10 cell=gru clip=none\n"
                "a interval=2 hidden=2 batch=10 cell=tanh clip=none\n");
    /* the task of an axis brings its defaults */
    struct ccrnn_study *const study =
        parse_with("zip: {task: [line-drawing, visual-discrimination], epochs: [3, 4]}\n", NULL);
    assert_int_equal(study->arms[0].config.network.hidden, 50);
    assert_int_equal(study->arms[1].config.task.task, CCRNN_TASK_VISUAL_DISCRIMINATION);
    assert_int_equal(study->arms[1].config.network.steps, 28);
    assert_int_equal(study->arms[1].config.epochs, 4);
    ccrnn_study_destroy(study);
}

/* What has no effect in an arm is left out of its name, and places that are then the same are one arm. */
static void zip_without_effect(void **state)
{
    (void)state;
    assert_arms("arms: {cRNN: {cerebellum: none}, ccRNN: {}}\n"
                "zip: {granule_units: [5, 6, 7], horizon: [1, 3, 1]}\n",
                "cRNN horizon=1\ncRNN horizon=3\n"
                "ccRNN granule_units=5 horizon=1\nccRNN granule_units=6 horizon=3\n"
                "ccRNN granule_units=7 horizon=1\n");
    assert_arms("zip: {cerebellum: [none, learning, learning], granule_units: [1, 2, 3]}\n",
                "default cerebellum=none\ndefault cerebellum=learning granule_units=2\n"
                "default cerebellum=learning granule_units=3\n");
    /* without a cerebellum `separate` says the same as `joint`, and is called so */
    assert_arms("arms: {a: {cerebellum: none}, b: {}}\n"
                "zip: {clip: [separate, joint, none], hidden: [2, 2, 3]}\n",
                "a clip=joint hidden=2\na clip=none hidden=3\n"
                "b clip=separate hidden=2\nb clip=joint hidden=2\nb clip=none hidden=3\n");
    /* epochs are no part of a hash: arms that differ in them alone stay two */
    assert_arms("zip: {epochs: [3, 4], measure_every: [1, 1]}\n",
                "default epochs=3 measure_every=1\ndefault epochs=4 measure_every=1\n");
}

/* Written down once: the same on every machine, for ever (tests/cli/test_grid computes them again). */
static void draws(void **state)
{
    (void)state;
    assert_arms("arms: {cRNN: {cerebellum: none}, ccRNN: {}}\n"
                "random: {count: 3, seed: 7, learning_rate: {from: 1e-5, to: 1e-1, scale: log}, "
                "granule_units: {from: 10, to: 100}, cell: [lstm, gru]}\n",
                "cRNN learning_rate=1.404e-5 cell=lstm\ncRNN learning_rate=4.007e-5 cell=lstm\n"
                "cRNN learning_rate=0.004298 cell=lstm\n"
                "ccRNN learning_rate=1.404e-5 granule_units=49 cell=lstm\n"
                "ccRNN learning_rate=4.007e-5 granule_units=24 cell=lstm\n"
                "ccRNN learning_rate=0.004298 granule_units=52 cell=lstm\n");
}

static void draws_in_range(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    double *const log_rate = malloc(COUNT * sizeof(double)), *const scale =
                                                                 malloc(COUNT * sizeof(double));
    size_t hidden[8] = {0}, cells[3] = {0}, small = 0;
    struct ccrnn_study *const study =
        parse_with("random:\n  count: 5000\n  learning_rate: {from: 1e-4, to: 1, scale: log}\n"
                   "  feedback_scale: {from: 0.5, to: 1.5}\n  hidden: {from: 3, to: 10}\n"
                   "  granule_units: {from: 1, to: 2, scale: log}\n  cell: [lstm, gru, tanh]\n",
                   NULL);
    assert_int_equal(study->arm_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const struct ccrnn_network_config *const net = &study->arms[i].config.network;
        assert_in_range(net->hidden, 3, 10);
        hidden[net->hidden - 3]++;
        cells[net->cell]++;
        small += net->granule_units == 1;
        log_rate[i] = log10(net->learning_rate) / 4 + 1;
        scale[i] = net->feedback_scale - 0.5;
    }
    /* counts of a uniform choice, and distances of distributions, within four standard deviations */
    for (size_t i = 0; i < 8; i++)
        assert_true(fabs((double)hidden[i] - COUNT / 8.0) < 4 * sqrt(COUNT * 7.0 / 64));
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs((double)cells[i] - COUNT / 3.0) < 4 * sqrt(COUNT * 2.0 / 9));
    /* an integer has the log scale's share of what rounds to it: 1 from 0.5 to 1.5, 2 from there to 2.5 */
    const double share = log(3) / log(5);
    assert_true(fabs((double)small - COUNT * share) < 4 * sqrt(COUNT * share * (1 - share)));
    for (int tenth = 0; tenth <= 10; tenth++) {
        const double edge = tenth / 10.0;
        size_t below[2] = {0};
        for (size_t i = 0; i < COUNT; i++) {
            assert_true(log_rate[i] >= -1e-12 && log_rate[i] <= 1 + 1e-12 && scale[i] >= 0 &&
                        scale[i] <= 1);
            below[0] += log_rate[i] < edge;
            below[1] += scale[i] < edge;
        }
        for (int k = 0; k < 2; k++)
            assert_true(fabs((double)below[k] - COUNT * edge) < 2 * sqrt(COUNT));
    }
    free(log_rate);
    free(scale);
    ccrnn_study_destroy(study);
}

/* As many draws as there are choices: each of them once, whatever comes twice is drawn again. */
static void every_draw_once(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse_with(
        "random: {count: 12, cell: [lstm, gru, tanh], hidden: {from: 4, to: 7}}\n", NULL);
    bool seen[3][4] = {{false}};
    assert_int_equal(study->arm_count, 12);
    for (size_t i = 0; i < 12; i++) {
        const struct ccrnn_network_config *const net = &study->arms[i].config.network;
        assert_false(seen[net->cell][net->hidden - 4]);
        seen[net->cell][net->hidden - 4] = true;
    }
    ccrnn_study_destroy(study);
}

static void narrowed(void **state)
{
    (void)state;
    static const char text[] =
        "zip: {hidden: [1, 2, 2], learning_rate: [0.1, 0.2, 0.3]}\n"
        "sweep: {interval: {from: 1, to: 3, step: 1}}\n"
        "random: {count: 2, cell: [gru, lstm], input_noise: {from: 0, to: 1}}\n";
    static const char *const set[] = {"learning_rate=3e-1", "interval=2", "cell=gru"};
    struct ccrnn_study_overrides overrides = {set, 3, NULL, false};
    struct ccrnn_study *const all = parse_with(text, NULL), *const few =
                                                                parse_with(text, &overrides);
    assert_int_equal(all->arm_count, 18);
    assert_int_equal(few->arm_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const char *const noise = strstr(few->arms[i].name, " input_noise=");
        assert_true(strncmp(few->arms[i].name,
                            "default interval=2 hidden=2 learning_rate=0.3 cell=gru ", 55) == 0);
        assert_string_equal(noise, strstr(all->arms[i].name, " input_noise="));
    }
    ccrnn_study_destroy(all);
    ccrnn_study_destroy(few);
}

static void made_quick(void **state)
{
    (void)state;
    static const char text[] =
        "sweep: {hidden: {from: 10, to: 100, count: 10}}\n"
        "zip: {cell: [lstm, gru], batch: [50, 100]}\n"
        "random: {count: 9, learning_rate: {from: 0.1, to: 1}}\n"
        "quick: {sweep: {hidden: {from: 2, to: 6, step: 4}}, random: {count: 2}, cell: gru, epochs: 3}\n";
    const struct ccrnn_study_overrides overrides = {.quick = true};
    struct ccrnn_study *const all = parse_with(text, NULL), *const quick =
                                                                parse_with(text, &overrides);
    assert_int_equal(all->arm_count, 10 * 2 * 9);
    assert_int_equal(quick->arm_count, 2 * 1 * 2);
    assert_string_equal(quick->quick,
                        "random count 2, cell gru, epochs 3, hidden from 2 to 6 step 4");
    for (size_t i = 0; i < 4; i++) {
        const struct ccrnn_network_config *const net = &quick->arms[i].config.network;
        assert_int_equal(net->hidden, i < 2 ? 2 : 6);
        assert_int_equal(net->cell, CCRNN_CELL_GRU);
        assert_int_equal(net->batch, 100);
        assert_memory_equal(&net->learning_rate, &all->arms[i % 2].config.network.learning_rate,
                            sizeof(double));
    }
    ccrnn_study_destroy(all);
    ccrnn_study_destroy(quick);
}

/* A branch goes from the arm with the same values: here all arms of a place have one parent. */
static void branches(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse_with(
        "arms:\n  cut: {branch_from: whole, intervention: cerebellum}\n  whole: {}\n"
        "  plain: {branch_from: whole, branch_epoch: 2, learning_rate: 0.5}\n"
        "sweep: {intervention_from: [3, 5]}\nzip: {hidden: [4, 8], granule_units: [10, 20]}\n"
        "random: {count: 20, weight_decay: {from: 0.001, to: 1, scale: log}}\n",
        NULL);
    size_t branched = 0;
    assert_int_equal(study->arm_count, (2 + 1 + 1) * 2 * 20);
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &study->arms[i];
        if (arm->parent == SIZE_MAX)
            continue;
        const struct ccrnn_study_arm *const parent = &study->arms[arm->parent];
        branched++;
        assert_true(strncmp(parent->name, "whole ", 6) == 0);
        assert_string_equal(strstr(parent->name, " hidden="), strstr(arm->name, " hidden="));
        assert_string_equal(arm->config.branch_hash, parent->hash);
    }
    assert_int_equal(branched, 3 * 2 * 20);
    ccrnn_study_destroy(study);
}

/* As large as a study may be, with names that are all different. */
static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void ten_thousand_arms(void **state)
{
    (void)state;
    struct ccrnn_study *const study = parse_with(
        "arms: {a: {}, b: {branch_from: a, branch_epoch: 3, learning_rate: 0.5}}\n"
        "sweep: {input_noise: {from: 0.1, to: 1, count: 10}}\n"
        "random: {count: 500, hidden: {from: 2, to: 400, scale: log}, granule_units: {from: 1, to: 60}}\n",
        NULL);
    const char **const names = calloc(study->arm_count, sizeof *names);
    assert_int_equal(study->arm_count, CCRNN_STUDY_ARMS_MAX);
    for (size_t i = 0; i < study->arm_count; i++)
        names[i] = study->arms[i].directory;
    qsort(names, study->arm_count, sizeof *names, by_text);
    for (size_t i = 1; i < study->arm_count; i++)
        assert_string_not_equal(names[i - 1], names[i]);
    free(names);
    ccrnn_study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges),
        cmocka_unit_test(zipped_keys),
        cmocka_unit_test(zip_without_effect),
        cmocka_unit_test(draws),
        cmocka_unit_test(draws_in_range),
        cmocka_unit_test(every_draw_once),
        cmocka_unit_test(narrowed),
        cmocka_unit_test(made_quick),
        cmocka_unit_test(branches),
        cmocka_unit_test(ten_thousand_arms),
    };
    return cmocka_run_group_tests_name("study_grid", tests, NULL, NULL);
}
