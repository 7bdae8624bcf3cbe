/* Measures of drawings against values worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "ccrnn/measure.h"

/* Absolute; NaN fails. */
static void assert_near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-14))
        fail_msg("expected %.17g, found %.17g", expected, found);
}

static void assert_nan(double found)
{
    if (!isnan(found))
        fail_msg("expected NaN, found %.17g", found);
}

/* T = 3, B = 2: trial 0 draws (0,0) (3,4) (0,0), trial 1 stays at (1,0). */
static const ccrnn_real OUTPUT[] = {0, 0, 1, 0, 3, 4, 1, 0, 0, 0, 1, 0};
/* Trial 0 should go (0,0) (1,0) (2,0); trial 1 should go (0,0) (0,0) (0,2). */
static const ccrnn_real TARGET[] = {0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 2};

static struct ccrnn_drawing drawing(size_t trials)
{
    return (struct ccrnn_drawing){
        .output = OUTPUT, .target = TARGET, .steps = 3, .batch = 2, .trials = trials};
}

static void both_trials(void **state)
{
    (void)state;
    const struct ccrnn_drawing both = drawing(2);
    /* squared distances: trial 0: 0, 4 + 16, 4; trial 1: 1, 1, 1 + 4 */
    assert_near(ccrnn_measure_validation_error(&both), 31.0 / 6.0);
    assert_near(ccrnn_measure_end_point_error(&both), (2.0 + sqrt(5.0)) / 2.0);
    /* second differences: output (−6,−8) and (0,0); target (0,0) and (0,2) */
    assert_near(ccrnn_measure_roughness(&both), (10.0 - 2.0) / 2.0);
}

static void first_trial_only(void **state)
{
    (void)state;
    const struct ccrnn_drawing first = drawing(1);
    assert_near(ccrnn_measure_validation_error(&first), 24.0 / 3.0);
    assert_near(ccrnn_measure_end_point_error(&first), 2.0);
    assert_near(ccrnn_measure_roughness(&first), 10.0);
}

static void perfect_drawing(void **state)
{
    (void)state;
    struct ccrnn_drawing perfect = drawing(2);
    perfect.output = TARGET;
    assert_near(ccrnn_measure_validation_error(&perfect), 0.0);
    assert_near(ccrnn_measure_end_point_error(&perfect), 0.0);
    assert_near(ccrnn_measure_roughness(&perfect), 0.0);
}

/* The per-trial family averages to the same numbers. */
static void means_of_trials(void **state)
{
    (void)state;
    const struct ccrnn_drawing both = drawing(2);
    double sum[CCRNN_MOVEMENT_COUNT] = {0};
    for (size_t trial = 0; trial < 2; trial++) {
        double value[CCRNN_MOVEMENT_COUNT];
        ccrnn_measure_movement(&both, trial, value);
        for (size_t i = 0; i < CCRNN_MOVEMENT_COUNT; i++)
            sum[i] += value[i];
    }
    assert_near(sum[CCRNN_MOVEMENT_ERROR] / 2.0, ccrnn_measure_validation_error(&both));
    assert_near(sum[CCRNN_MOVEMENT_END_POINT_ERROR] / 2.0, ccrnn_measure_end_point_error(&both));
    assert_near(sum[CCRNN_MOVEMENT_ROUGHNESS] / 2.0, ccrnn_measure_roughness(&both));
    /* trial 0 ends 2 short of (2,0) after 10 of 2 units; trial 1 stays, beside a target that ends
     * at (0,2) */
    assert_near(sum[CCRNN_MOVEMENT_OVERSHOOT], 0.0);
    assert_near(sum[CCRNN_MOVEMENT_UNDERSHOOT], 2.0 + 2.0);
    assert_near(sum[CCRNN_MOVEMENT_PATH_LENGTH_RATIO], 5.0 + 0.0);
}

static void undefined(void **state)
{
    (void)state;
    const struct ccrnn_drawing none = drawing(0);
    assert_nan(ccrnn_measure_validation_error(&none));
    assert_nan(ccrnn_measure_end_point_error(&none));
    assert_nan(ccrnn_measure_roughness(&none));
    struct ccrnn_drawing two_steps = drawing(2);
    two_steps.steps = 2;
    assert_nan(ccrnn_measure_roughness(&two_steps));
    assert_near(ccrnn_measure_validation_error(&two_steps), 22.0 / 4.0);
    const ccrnn_real bad[] = {0, 0, 0, (ccrnn_real)NAN, 0, 0};
    const struct ccrnn_drawing nan_in_it = {
        .output = bad, .target = TARGET, .steps = 3, .batch = 1, .trials = 1};
    assert_nan(ccrnn_measure_validation_error(&nan_in_it));
    assert_nan(ccrnn_measure_roughness(&nan_in_it));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_trials),     cmocka_unit_test(first_trial_only),
        cmocka_unit_test(perfect_drawing), cmocka_unit_test(means_of_trials),
        cmocka_unit_test(undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
