/* The learning rate on a plateau against PyTorch's ReduceLROnPlateau (tests/oracle/schedule_table.py), and
 * when a run ends early; how their options are told and checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/schedule.h"

#include "../oracle/schedule_table.h"

enum { CASES = sizeof schedule_table / sizeof schedule_table[0] };

static struct ccrnn_run_config config_of(const struct schedule_case *row)
{
    struct ccrnn_run_config config;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    config.network.learning_rate = row->learning_rate;
    config.lr_patience = row->patience;
    config.lr_factor = row->factor;
    config.lr_threshold = row->threshold;
    config.lr_minimum = row->minimum;
    return config;
}

/* To the last bit: rates are products and comparisons of the same doubles. */
static void rates_are_those_of_pytorch(void **state)
{
    (void)state;
    size_t falls = 0;
    for (size_t i = 0; i < CASES; i++) {
        const struct schedule_case *const row = &schedule_table[i];
        const struct ccrnn_run_config config = config_of(row);
        struct ccrnn_schedule schedule = {0};
        ccrnn_schedule_continue(&config, &schedule);
        assert_true(schedule.rate == row->learning_rate);
        for (size_t epoch = 0; epoch < SCHEDULE_EPOCHS; epoch++) {
            const double before = schedule.rate;
            ccrnn_schedule_step(&config, &schedule, row->error[epoch]);
            if (!(schedule.rate == row->rate[epoch]))
                fail_msg("case %zu, epoch %zu: %a is not %a", i, epoch + 1, schedule.rate,
                         row->rate[epoch]);
            falls += schedule.rate < before;
        }
    }
    assert_true(falls > CASES);
}

/* A state from a checkpoint goes on; without the rule there is none, whatever the checkpoint says. */
static void a_state_goes_on(void **state)
{
    (void)state;
    struct ccrnn_run_config config = config_of(&schedule_table[0]);
    const struct ccrnn_schedule kept = {.rate = 0.5, .best = 2, .bad = 3};
    struct ccrnn_schedule schedule = kept;
    ccrnn_schedule_continue(&config, &schedule);
    assert_true(schedule.rate == kept.rate && schedule.best == kept.best && schedule.bad == 3);
    config.lr_patience = CCRNN_LR_PATIENCE_OFF;
    ccrnn_schedule_continue(&config, &schedule);
    assert_true(schedule.rate == 0);
}

static void an_error_that_is_none_is_no_best(void **state)
{
    (void)state;
    const struct ccrnn_run_config config = config_of(&schedule_table[0]);
    struct ccrnn_schedule schedule = {0};
    ccrnn_schedule_continue(&config, &schedule);
    ccrnn_schedule_step(&config, &schedule, NAN);
    assert_true(isinf(schedule.best) && schedule.bad == 1);
}

static void runs_end_after_their_patience(void **state)
{
    (void)state;
    struct ccrnn_run_config config = config_of(&schedule_table[0]);
    assert_false(ccrnn_schedule_ends(&config, 1000000, 1));
    config.stop_patience = 3;
    assert_false(ccrnn_schedule_ends(&config, 0, 0));
    assert_false(ccrnn_schedule_ends(&config, 9, 7));
    assert_true(ccrnn_schedule_ends(&config, 10, 7));
    assert_false(ccrnn_schedule_ends(&config, 10, 10));
}

static void expect_set(struct ccrnn_run_config *config, const char *key, const char *value)
{
    struct ccrnn_error err;
    if (ccrnn_run_config_set(config, key, value, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

static void expect_resolved(struct ccrnn_run_config *config)
{
    struct ccrnn_error err;
    if (ccrnn_run_config_resolve(config, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

static struct ccrnn_run_config config_with(const char *key, const char *value)
{
    struct ccrnn_run_config config;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    expect_set(&config, key, value);
    return config;
}

/* What is younger than finished runs is not told where it has its default, and is where it has not. */
static void later_options_leave_old_runs_alone(void **state)
{
    (void)state;
    static const char *const keys[] = {"optimiser",    "rms_decay",   "momentum",
                                       "weight_decay", "lr_patience", "lr_factor",
                                       "lr_threshold", "lr_minimum",  "stop_patience"};
    struct ccrnn_run_config config = config_with("optimiser", "rmsprop");
    struct ccrnn_error err;
    char *text = NULL;
    expect_set(&config, "lr_patience", "7");
    expect_set(&config, "weight_decay", "0.01");
    expect_resolved(&config);
    assert_int_equal(ccrnn_run_config_to_yaml(&config, &text, &err), CCRNN_OK);
    assert_non_null(strstr(text, "\noptimiser: rmsprop\nlearning_rate: 0.001\nepsilon: 1e-09\n"
                                 "weight_decay: 0.01\nlr_patience: 7\nepochs: 100\n"));
    free(text);
    config = config_with("horizon", "2");
    expect_resolved(&config);
    assert_int_equal(ccrnn_run_config_to_yaml(&config, &text, &err), CCRNN_OK);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_null(strstr(text, keys[i]));
    free(text);
}

static void a_learning_rate_must_be_able_to_fall(void **state)
{
    (void)state;
    struct ccrnn_run_config config = config_with("lr_patience", "3");
    struct ccrnn_error err;
    expect_set(&config, "lr_minimum", "0.001");
    assert_int_equal(ccrnn_run_config_resolve(&config, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "lr_minimum: expected less than learning_rate, 0.001"));
    expect_set(&config, "lr_patience", "off");
    expect_resolved(&config);
    assert_true(config.lr_minimum == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_those_of_pytorch),
        cmocka_unit_test(a_state_goes_on),
        cmocka_unit_test(an_error_that_is_none_is_no_best),
        cmocka_unit_test(runs_end_after_their_patience),
        cmocka_unit_test(later_options_leave_old_runs_alone),
        cmocka_unit_test(a_learning_rate_must_be_able_to_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
