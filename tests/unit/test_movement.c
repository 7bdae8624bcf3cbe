/* Measures of single movements against tests/oracle/movement_table.py, and what must hold for
 * any drawing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/measure.h"

#include "../oracle/movement_table.h"

enum { STEPS_MAX = 128, M = CCRNN_MOVEMENT_COUNT };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PI 3.14159265358979323846

static const char *const NAMES[] = {
#define NAME(id, name, title, unit, definition) name,
    CCRNN_MOVEMENT_LIST(NAME)
#undef NAME
};

/* Relative, absolute below 1; NaN only where NaN is expected. */
static void assert_close(const char *what, double found, double expected, double tolerance)
{
    if (isnan(expected) && isnan(found))
        return;
    if (!(fabs(found - expected) <= tolerance * fmax(1.0, fabs(expected))))
        fail_msg("%s: expected %.17g, found %.17g", what, expected, found);
}

static void assert_all_nan(const double value[M])
{
    for (size_t i = 0; i < M; i++) {
        if (!isnan(value[i]))
            fail_msg("%s: expected NaN, found %.17g", NAMES[i], value[i]);
    }
}

/* One trial on its own. */
static void measure(const ccrnn_real *output, const ccrnn_real *target, size_t steps,
                    double value[M])
{
    const struct ccrnn_drawing drawing = {output, target, steps, 1, 1};
    ccrnn_measure_movement(&drawing, 0, value);
}

/* A drawing from a small generator of its own, −1 … 1. */
static double next(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 33U) / 1073741824.0 - 1.0;
}

static void scribble(uint64_t seed, size_t steps, ccrnn_real *path)
{
    uint64_t state = seed;
    for (size_t i = 0; i < 2 * steps; i++)
        path[i] = (ccrnn_real)next(&state);
}

/* Each case as the middle trial of three; what its neighbours drew is not finite. */
static void against_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(movement_table); i++) {
        const struct movement_case *const expected = &movement_table[i];
        const size_t steps = (size_t)expected->steps;
        ccrnn_real output[STEPS_MAX * 6], target[STEPS_MAX * 6];
        assert_true(steps <= STEPS_MAX);
        for (size_t t = 0; t < steps; t++) {
            for (size_t k = 0; k < 6; k++) {
                const int ours = k == 2 || k == 3;
                output[t * 6 + k] =
                    ours ? (ccrnn_real)expected->drawn[2 * t + k - 2] : (ccrnn_real)NAN;
                target[t * 6 + k] =
                    ours ? (ccrnn_real)expected->target[2 * t + k - 2] : (ccrnn_real)INFINITY;
            }
        }
        const struct ccrnn_drawing drawing = {output, target, steps, 3, 3};
        double value[M];
        ccrnn_measure_movement(&drawing, 1, value);
        for (size_t m = 0; m < M; m++) {
            char what[100];
            snprintf(what, sizeof what, "%s, %s", expected->name, NAMES[m]);
            assert_close(what, value[m], expected->value[m], 1e-12);
        }
        ccrnn_measure_movement(&drawing, 2, value);
        assert_all_nan(value);
    }
}

static void list_of_names(void **state)
{
    (void)state;
    assert_int_equal(COUNT(NAMES), M);
    assert_string_equal(NAMES[CCRNN_MOVEMENT_ROUGHNESS], "roughness");
    assert_string_equal(NAMES[CCRNN_MOVEMENT_LOG_DIMENSIONLESS_JERK], "log_dimensionless_jerk");
    for (size_t i = 0; i < M; i++) {
        assert_int_equal(strspn(NAMES[i], "abcdefghijklmnopqrstuvwxyz_"), strlen(NAMES[i]));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(NAMES[i], NAMES[j]);
    }
}

static void straight_line(void **state)
{
    (void)state;
    ccrnn_real line[28 * 2];
    for (size_t t = 0; t < 28; t++) {
        line[2 * t] = (ccrnn_real)(0.5 * (double)t);
        line[2 * t + 1] = (ccrnn_real)(-0.25 * (double)t);
    }
    double value[M];
    measure(line, line, 28, value);
    assert_true(value[CCRNN_MOVEMENT_ERROR] == 0.0);
    assert_true(value[CCRNN_MOVEMENT_ROUGHNESS] == 0.0);
    assert_true(value[CCRNN_MOVEMENT_END_POINT_ERROR] == 0.0);
    assert_true(value[CCRNN_MOVEMENT_OVERSHOOT] == 0.0);
    assert_true(value[CCRNN_MOVEMENT_UNDERSHOOT] == 0.0);
    assert_true(value[CCRNN_MOVEMENT_PATH_LENGTH_RATIO] == 1.0);
    assert_true(value[CCRNN_MOVEMENT_CURVATURE] == 0.0);
    assert_true(value[CCRNN_MOVEMENT_DIRECTION_ERROR] == 0.0);
    assert_true(value[CCRNN_MOVEMENT_SPARC] < -1.0);
    /* no jerk at all */
    assert_true(isnan(value[CCRNN_MOVEMENT_LOG_DIMENSIONLESS_JERK]));
}

/* By how much each measure grows when drawing and target are scaled by 4. */
static double growth(size_t measure_id)
{
    switch (measure_id) {
    case CCRNN_MOVEMENT_ERROR:
        return 16.0;
    case CCRNN_MOVEMENT_ROUGHNESS:
    case CCRNN_MOVEMENT_END_POINT_ERROR:
    case CCRNN_MOVEMENT_OVERSHOOT:
    case CCRNN_MOVEMENT_UNDERSHOOT:
        return 4.0;
    default:
        return 1.0;
    }
}

/* path ← scale · path turned by `angle`, moved to (x, y) */
static void transform(ccrnn_real *path, size_t steps, double scale, double angle, double x,
                      double y)
{
    const double c = scale * cos(angle), s = scale * sin(angle);
    for (size_t t = 0; t < steps; t++) {
        const double from_x = (double)path[2 * t], from_y = (double)path[2 * t + 1];
        path[2 * t] = (ccrnn_real)(c * from_x - s * from_y + x);
        path[2 * t + 1] = (ccrnn_real)(s * from_x + c * from_y + y);
    }
}

static void invariances(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        ccrnn_real output[28 * 2], target[28 * 2];
        double before[M], scaled[M], moved[M];
        scribble(seed, 28, output);
        scribble(seed + 100, 28, target);
        measure(output, target, 28, before);
        transform(output, 28, 4.0, 0.0, 0.0, 0.0);
        transform(target, 28, 4.0, 0.0, 0.0, 0.0);
        measure(output, target, 28, scaled);
        /* float32 rounds the points here, and an angle passes that on where steps are short */
        transform(output, 28, 1.0, 0.7, 2.0, -1.0);
        transform(target, 28, 1.0, 0.7, 2.0, -1.0);
        measure(output, target, 28, moved);
        for (size_t i = 0; i < M; i++) {
            assert_false(isnan(before[i]));
            assert_close(NAMES[i], scaled[i], growth(i) * before[i], 1e-14);
            assert_close(NAMES[i], moved[i], scaled[i], 2e-5);
        }
    }
}

static void shoot_is_the_projection(void **state)
{
    (void)state;
    size_t over = 0, under = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        ccrnn_real output[10 * 2], target[10 * 2];
        double value[M];
        scribble(seed, 10, output);
        scribble(seed + 100, 10, target);
        measure(output, target, 10, value);
        const double ux = (double)target[18] - (double)target[0];
        const double uy = (double)target[19] - (double)target[1];
        const double along = ((double)output[18] - (double)target[18]) * ux +
                             ((double)output[19] - (double)target[19]) * uy;
        const double o = value[CCRNN_MOVEMENT_OVERSHOOT], u = value[CCRNN_MOVEMENT_UNDERSHOOT];
        assert_true(o >= 0.0 && u >= 0.0 && (o == 0.0 || u == 0.0));
        assert_close("overshoot - undershoot", o - u, along / sqrt(ux * ux + uy * uy), 1e-14);
        over += o > 0.0;
        under += u > 0.0;
    }
    assert_true(over >= 10 && under >= 10);
}

/* Points drawn twice are pauses: the same path, so the same lengths and turns. */
static void pauses(void **state)
{
    (void)state;
    ccrnn_real once[10 * 2], twice[20 * 2], line[20 * 2];
    double alone[M], paused[M];
    scribble(7, 10, once);
    for (size_t t = 0; t < 20; t++) {
        memcpy(twice + 2 * t, once + 2 * (t / 2), 2 * sizeof *once);
        line[2 * t] = (ccrnn_real)t;
        line[2 * t + 1] = 0;
    }
    measure(once, line, 10, alone);
    measure(twice, line, 20, paused);
    assert_true(alone[CCRNN_MOVEMENT_CURVATURE] > 1.0);
    assert_true(paused[CCRNN_MOVEMENT_CURVATURE] == alone[CCRNN_MOVEMENT_CURVATURE]);
    assert_close("path length", paused[CCRNN_MOVEMENT_PATH_LENGTH_RATIO] * 19.0,
                 alone[CCRNN_MOVEMENT_PATH_LENGTH_RATIO] * 9.0, 1e-14);
}

static void known_angles(void **state)
{
    (void)state;
    /* T = 9: the first stroke is at most 2 steps long; the target turns after its first */
    const ccrnn_real corner[] = {0, 0, 1, 0, 1, 1, 1, 2, 1, 3, 1, 4, 1, 5, 1, 6, 1, 7};
    const ccrnn_real back[] = {0, 0, -1, 0, 5, 5, 1, 2, 1, 3, 1, 4, 1, 5, 1, 6, 1, 7};
    const ccrnn_real aside[] = {3, 3, 3, 4, 3, 5, 3, 6, 3, 7, 4, 7, 5, 7, 5, 6, 4, 6};
    double value[M];
    measure(corner, corner, 9, value);
    assert_close("curvature", value[CCRNN_MOVEMENT_CURVATURE], PI / 2, 1e-15);
    assert_close("direction", value[CCRNN_MOVEMENT_DIRECTION_ERROR], 0.0, 0.0);
    measure(back, corner, 9, value);
    assert_close("direction", value[CCRNN_MOVEMENT_DIRECTION_ERROR], PI, 1e-15);
    measure(aside, corner, 9, value);
    assert_close("direction", value[CCRNN_MOVEMENT_DIRECTION_ERROR], PI / 2, 1e-15);
    assert_close("curvature", value[CCRNN_MOVEMENT_CURVATURE], 1.5 * PI, 1e-15);
    assert_close("ratio", value[CCRNN_MOVEMENT_PATH_LENGTH_RATIO], 1.0, 1e-15);
    /* ends at (4,6) instead of (1,7), seen along (1,7) */
    assert_true(value[CCRNN_MOVEMENT_OVERSHOOT] == 0.0);
    assert_close("undershoot", value[CCRNN_MOVEMENT_UNDERSHOOT], 4.0 / sqrt(50.0), 1e-15);
}

static void not_finite(void **state)
{
    (void)state;
    const ccrnn_real bad[] = {(ccrnn_real)NAN, (ccrnn_real)INFINITY, (ccrnn_real)-INFINITY};
    ccrnn_real path[2][10 * 2];
    double value[M];
    scribble(1, 10, path[0]);
    scribble(2, 10, path[1]);
    for (size_t i = 0; i < COUNT(bad) * 2 * 20; i++) {
        ccrnn_real *const place = &path[i % 2][i / 2 % 20];
        const ccrnn_real kept = *place;
        *place = bad[i / 40];
        measure(path[0], path[1], 10, value);
        assert_all_nan(value);
        *place = kept;
    }
    measure(path[0], path[1], 10, value);
    assert_false(isnan(value[CCRNN_MOVEMENT_SPARC]));
}

static void undefined(void **state)
{
    (void)state;
    const ccrnn_real still[10 * 2] = {0};
    ccrnn_real drawn[10 * 2];
    double value[M];
    scribble(3, 10, drawn);
    measure(NULL, NULL, 0, value);
    assert_all_nan(value);
    /* the fewest steps of each measure, the target being a line */
    static const size_t fewest[M] = {
        [CCRNN_MOVEMENT_ERROR] = 1,           [CCRNN_MOVEMENT_ROUGHNESS] = 3,
        [CCRNN_MOVEMENT_END_POINT_ERROR] = 1, [CCRNN_MOVEMENT_OVERSHOOT] = 2,
        [CCRNN_MOVEMENT_UNDERSHOOT] = 2,      [CCRNN_MOVEMENT_PATH_LENGTH_RATIO] = 2,
        [CCRNN_MOVEMENT_CURVATURE] = 3,       [CCRNN_MOVEMENT_DIRECTION_ERROR] = 2,
        [CCRNN_MOVEMENT_SPARC] = 4,           [CCRNN_MOVEMENT_LOG_DIMENSIONLESS_JERK] = 4};
    const ccrnn_real line[] = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4};
    for (size_t steps = 1; steps <= 5; steps++) {
        measure(drawn, line, steps, value);
        for (size_t i = 0; i < M; i++)
            assert_int_equal(!isnan(value[i]), steps >= fewest[i]);
    }
    measure(drawn, still, 10, value);
    for (size_t i = 0; i < M; i++) {
        const int needs_a_moving_target =
            i == CCRNN_MOVEMENT_OVERSHOOT || i == CCRNN_MOVEMENT_UNDERSHOOT ||
            i == CCRNN_MOVEMENT_PATH_LENGTH_RATIO || i == CCRNN_MOVEMENT_DIRECTION_ERROR;
        assert_int_equal(isnan(value[i]) != 0, needs_a_moving_target);
    }
    measure(still, drawn, 10, value);
    assert_true(value[CCRNN_MOVEMENT_PATH_LENGTH_RATIO] == 0.0);
    assert_true(isnan(value[CCRNN_MOVEMENT_CURVATURE]));
    assert_true(isnan(value[CCRNN_MOVEMENT_DIRECTION_ERROR]));
    assert_true(isnan(value[CCRNN_MOVEMENT_SPARC]));
    assert_true(isnan(value[CCRNN_MOVEMENT_LOG_DIMENSIONLESS_JERK]));
}

static void gaussian(size_t n, double size, double *speed)
{
    for (size_t i = 0; i < n; i++) {
        const double t = -1.0 + (double)i * (2.0 / (double)n);
        speed[i] = size * exp(-5.0 * t * t);
    }
}

static void smoothness_of_a_profile(void **state)
{
    (void)state;
    static double speed[2000];
    char text[20];
    /* as published, to the printed digits */
    gaussian(200, 1.0, speed);
    snprintf(text, sizeof text, "%.5f", ccrnn_measure_sparc(speed, 200, 100.0));
    assert_string_equal(text, "-1.41403");
    snprintf(text, sizeof text, "%.5f", ccrnn_measure_log_dimensionless_jerk(speed, 200, 100.0));
    assert_string_equal(text, "-5.81636");
    for (size_t i = 0; i < COUNT(gaussian_table); i++) {
        const double *const row = gaussian_table[i];
        const size_t n = (size_t)row[0];
        assert_true(n <= COUNT(speed));
        for (double size = 1e-3; size < 2e3; size *= 1e3) {
            gaussian(n, size, speed);
            assert_close("SPARC", ccrnn_measure_sparc(speed, n, row[1]), row[2], 1e-12);
            assert_close("jerk", ccrnn_measure_log_dimensionless_jerk(speed, n, row[1]), row[3],
                         1e-9);
        }
    }
}

static void assert_no_smoothness(const double *speed, size_t n, double rate)
{
    assert_true(isnan(ccrnn_measure_sparc(speed, n, rate)));
    assert_true(isnan(ccrnn_measure_log_dimensionless_jerk(speed, n, rate)));
}

static void smoothness_undefined(void **state)
{
    (void)state;
    const double good[] = {1.0, 2.0, 1.0, 0.5}, none[4] = {0};
    const double even[] = {2.0, 2.0, 2.0, 2.0}, negative[] = {1.0, -1.0, 2.0, 1.0};
    assert_no_smoothness(NULL, 0, 3.0);
    assert_no_smoothness(good, 2, 3.0);
    assert_no_smoothness(none, 4, 3.0);
    const double bad_rate[] = {0.0, -1.0, NAN, INFINITY};
    for (size_t i = 0; i < COUNT(bad_rate); i++)
        assert_no_smoothness(good, 4, bad_rate[i]);
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < COUNT(bad) * 4; i++) {
        double speed[4];
        memcpy(speed, good, sizeof speed);
        speed[i % 4] = bad[i / 4];
        assert_no_smoothness(speed, 4, 3.0);
    }
    assert_true(ccrnn_measure_sparc(good, 3, 3.0) < -1.0);
    assert_true(ccrnn_measure_sparc(even, 4, 3.0) < -1.0);
    assert_true(isnan(ccrnn_measure_log_dimensionless_jerk(even, 4, 3.0)));
    assert_true(isnan(ccrnn_measure_sparc(negative, 4, 3.0)));
    assert_false(isnan(ccrnn_measure_log_dimensionless_jerk(negative, 4, 3.0)));
    /* 64 frequencies 0, rate/64, …: the second is 10 Hz at rate 640, and beyond it above */
    assert_false(isnan(ccrnn_measure_sparc(good, 4, 640.0)));
    assert_true(isnan(ccrnn_measure_sparc(good, 4, 641.0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_table),
        cmocka_unit_test(list_of_names),
        cmocka_unit_test(straight_line),
        cmocka_unit_test(invariances),
        cmocka_unit_test(shoot_is_the_projection),
        cmocka_unit_test(pauses),
        cmocka_unit_test(known_angles),
        cmocka_unit_test(not_finite),
        cmocka_unit_test(undefined),
        cmocka_unit_test(smoothness_of_a_profile),
        cmocka_unit_test(smoothness_undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
