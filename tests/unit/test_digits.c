/* What the tasks on handwriting show and ask for: templates, ends of lines, and the trials of a
 * run. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ccrnn/digits.h"
#include "task/task.h"

/* The table of the paper's supplement, as printed. */
static const char *const printed[CCRNN_DIGIT_CLASSES][2] = {
    {"0 0 0 .5 1 1 1 .5 0", "1 .5 0 0 0 .5 1 1 1"},
    {".25 .5 .5 .5", ".75 1 .5 0"},
    {"0 .5 1 .5 0 .5 1", "1 1 1 .5 0 0 0"},
    {"0 .5 1 1 .5 1 1 .5 0", "1 1 1 .5 .5 .5 0 0 0"},
    {"0 0 .5 1 .5 .5 .5 .5", "1 .5 .5 .5 .5 1 .5 0"},
    {"0 .5 1 .5 0 0 .5 1 1 .5 0", "1 1 1 1 1 .5 .5 .5 0 0 0"},
    {"0 0 0 .5 1 1 .5 0", "1 .5 0 0 0 .5 .5 .5"},
    {"0 .5 1 .5 0", "1 1 1 .5 0"},
    {"0 .5 1 .5 0 .5 1 .5 0", "1 .5 0 0 0 .5 1 1 1"},
    {"0 0 .5 1 1 .5 0 .5 1 1 1", "1 .5 .5 .5 1 1 1 1 1 .5 0"},
};
/* Points of each pair of corners at 28 steps, worked out by hand. */
static const char *const shares[CCRNN_DIGIT_CLASSES] = {"4 4 4 3 3 3 3 3", "9 9 9",
                                                        "5 5 5 4 4 4",     "4 4 4 3 3 3 3 3",
                                                        "4 4 4 4 4 4 3",   "3 3 3 3 3 3 3 2 2 2",
                                                        "4 4 4 4 4 4 3",   "7 7 7 6",
                                                        "4 4 4 3 3 3 3 3", "3 3 3 3 3 3 3 2 2 2"};

static size_t numbers(const char *text, double *value)
{
    size_t count = 0;
    for (char *end; *text != '\0'; text = end)
        value[count++] = strtod(text, &end);
    return count;
}

static void corners_are_the_printed_table(void **state)
{
    (void)state;
    for (size_t digit = 0; digit < CCRNN_DIGIT_CLASSES; digit++) {
        double x[16], y[16], corner[CCRNN_DIGIT_CORNERS_MAX][2];
        const size_t count = ccrnn_digit_corners(digit, corner);
        assert_int_equal(count, numbers(printed[digit][0], x));
        assert_int_equal(count, numbers(printed[digit][1], y));
        for (size_t i = 0; i < count; i++)
            assert_true(corner[i][0] == x[i] && corner[i][1] == y[i]);
    }
}

static void templates_follow_the_rule(void **state)
{
    (void)state;
    enum { T = 28 };
    for (size_t digit = 0; digit < CCRNN_DIGIT_CLASSES; digit++) {
        double x[16], y[16], share[16], xy[T][2];
        const size_t corners = numbers(printed[digit][0], x);
        (void)numbers(printed[digit][1], y);
        assert_int_equal(numbers(shares[digit], share), corners - 1);
        ccrnn_digit_template(digit, T, xy[0]);
        size_t t = 0;
        for (size_t pair = 0; pair + 1 < corners; pair++)
            for (double i = 0; i < share[pair]; i++, t++) {
                const double part = i / share[pair];
                assert_true(fabs(xy[t][0] - (x[pair] * (1 - part) + x[pair + 1] * part)) < 1e-15);
                assert_true(fabs(xy[t][1] - (y[pair] * (1 - part) + y[pair + 1] * part)) < 1e-15);
            }
        assert_int_equal(t, T - 1);
        assert_true(xy[t][0] == x[corners - 1] && xy[t][1] == y[corners - 1]);
    }
}

/* Every number of steps gives exactly that many points, the last corner last. */
static void templates_of_any_length(void **state)
{
    (void)state;
    for (size_t digit = 0; digit < CCRNN_DIGIT_CLASSES; digit++)
        for (size_t T = 1; T <= CCRNN_DIGIT_PIXELS; T++) {
            double corner[CCRNN_DIGIT_CORNERS_MAX][2];
            double *const xy = calloc(2 * T, sizeof *xy); /* exact: a sanitizer sees one more */
            for (size_t i = 0; i < 2 * T; i++)
                xy[i] = NAN;
            const size_t count = ccrnn_digit_corners(digit, corner);
            ccrnn_digit_template(digit, T, xy);
            for (size_t i = 0; i < 2 * T; i++)
                assert_true(xy[i] >= 0 && xy[i] <= 1);
            assert_true(xy[2 * T - 2] == corner[count - 1][0]);
            assert_true(xy[2 * T - 1] == corner[count - 1][1]);
            free(xy);
        }
}

static void lines_end_on_a_circle(void **state)
{
    (void)state;
    double end[CCRNN_DIGIT_CLASSES][2];
    ccrnn_digit_line_ends(CCRNN_LINE_TARGETS_CIRCLE, 10, 1, end);
    assert_true(fabs(end[0][0]) < 1e-15 && end[0][1] == 10);
    for (size_t k = 0; k < CCRNN_DIGIT_CLASSES; k++) {
        const double degrees = atan2(end[k][0], end[k][1]) * 180 / acos(-1.0);
        assert_true(fabs(fmod(degrees + 360, 360) - 36.0 * (double)k) < 1e-9);
        assert_true(fabs(hypot(end[k][0], end[k][1]) - 10) < 1e-12);
    }
}

static void lines_end_on_a_grid(void **state)
{
    (void)state;
    double first[CCRNN_DIGIT_CLASSES][2], again[CCRNN_DIGIT_CLASSES][2];
    unsigned different = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        unsigned met = 0;
        ccrnn_digit_line_ends(CCRNN_LINE_TARGETS_GRID, 10, seed, again);
        for (size_t k = 0; k < CCRNN_DIGIT_CLASSES; k++) {
            const double x = again[k][0] * 3 / 10, y = again[k][1] * 3 / 10;
            assert_true(fabs(x - round(x)) < 1e-12 && fabs(y - round(y)) < 1e-12);
            assert_true(x > -0.5 && x < 3.5 && y > -0.5 && y < 3.5);
            const unsigned bit = 1U << (4 * (unsigned)lround(y) + (unsigned)lround(x));
            assert_int_equal(met & bit, 0);
            met |= bit;
        }
        if (seed > 1)
            different += memcmp(first, again, sizeof first) != 0;
        memcpy(first, again, sizeof first);
    }
    assert_true(different == 19);
    ccrnn_digit_line_ends(CCRNN_LINE_TARGETS_GRID, 10, 20, again);
    assert_memory_equal(first, again, sizeof first);
}

/* --- trials ------------------------------------------------------------------------------ */

/* `count` images whose first four pixels hold their number, so that a trial says which it is. */
static struct ccrnn_image_set numbered(size_t count)
{
    struct ccrnn_image_set set = {.pixels = calloc(count, CCRNN_DIGIT_PIXELS),
                                  .labels = calloc(count, 1),
                                  .count = count,
                                  .rows = CCRNN_DIGIT_SIDE,
                                  .cols = CCRNN_DIGIT_SIDE};
    for (size_t i = 0; i < count; i++) {
        uint8_t *const pixel = set.pixels + i * CCRNN_DIGIT_PIXELS;
        for (size_t p = 0; p < CCRNN_DIGIT_PIXELS; p++)
            pixel[p] = (uint8_t)(i * 31 + p * 7);
        pixel[0] = (uint8_t)(i & 255);
        pixel[1] = (uint8_t)(i >> 8);
        set.labels[i] = (uint8_t)(i * 7 % 10);
    }
    return set;
}

static struct ccrnn_task_images made_images(size_t train, size_t test)
{
    return (struct ccrnn_task_images){.train = numbered(train), .test = numbered(test)};
}

static struct ccrnn_task_options options_of(enum ccrnn_task task, enum ccrnn_image_source source)
{
    struct ccrnn_task_options options = {
        .task = task,
        .digits = {.images = source,
                   .inputs = 28,
                   .digits = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 10}},
        .train_size = 800,
        .validation_size = 200,
        .test_size = 100,
    };
    ccrnn_line_drawing_default(&options.line_drawing);
    return options;
}

enum { TRIALS_MOST = 1000 };

/* The numbers of the first `count` images of a split. */
static void image_numbers(struct ccrnn_trials *trials, enum ccrnn_split split, uint32_t epoch,
                          size_t count, size_t batch_size, size_t *number)
{
    float *const input = calloc(batch_size * CCRNN_DIGIT_PIXELS, sizeof *input);
    float *const target = calloc(batch_size * CCRNN_DIGIT_PIXELS * 2, sizeof *target);
    int32_t *const class_index = calloc(batch_size, sizeof *class_index);
    const struct ccrnn_trial_batch batch = {input, target, class_index};
    for (size_t first = 0; first < count; first += batch_size) {
        ccrnn_trials_batch(trials, split, epoch, first, batch_size, &batch);
        for (size_t b = 0; b < batch_size && first + b < count; b++) {
            const float *const row = input + b * 28;
            number[first + b] =
                (size_t)lroundf(row[0] * 255) + 256 * (size_t)lroundf(row[1] * 255);
        }
    }
    free(input);
    free(target);
    free(class_index);
}

static struct ccrnn_trials *open_trials(const struct ccrnn_task_options *options,
                                        const struct ccrnn_task_images *images, uint64_t seed)
{
    struct ccrnn_trials *trials;
    struct ccrnn_error err;
    if (ccrnn_trials_open(options, images, seed, &trials, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return trials;
}

static void split_parts_all_images(void **state)
{
    (void)state;
    struct ccrnn_task_images images = made_images(1000, 100);
    const struct ccrnn_task_options options =
        options_of(CCRNN_TASK_ONLINE_DIGIT_DRAWING, CCRNN_IMAGE_SOURCE_MNIST);
    size_t first[TRIALS_MOST], second[TRIALS_MOST], met[TRIALS_MOST] = {0};
    struct ccrnn_trials *const one = open_trials(&options, &images, 1);
    struct ccrnn_trials *const other = open_trials(&options, &images, 2);
    image_numbers(one, CCRNN_SPLIT_TRAIN, 1, 800, 50, first);
    image_numbers(one, CCRNN_SPLIT_VALIDATION, 1, 200, 50, first + 800);
    for (size_t i = 0; i < 1000; i++)
        met[first[i]]++;
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(met[i], 1);
    /* another seed splits otherwise; an epoch, a batch size change nothing */
    image_numbers(other, CCRNN_SPLIT_TRAIN, 1, 800, 50, second);
    assert_memory_not_equal(first, second, 800 * sizeof *first);
    image_numbers(one, CCRNN_SPLIT_TRAIN, 7, 800, 37, second);
    assert_memory_equal(first, second, 800 * sizeof *first);
    image_numbers(one, CCRNN_SPLIT_TEST, 0, 100, 50, second);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(second[i], i);
    ccrnn_trials_close(one);
    ccrnn_trials_close(other);
    ccrnn_task_images_release(&images);
}

static int ascending(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static void shuffling_reorders_an_epoch(void **state)
{
    (void)state;
    struct ccrnn_task_images images = made_images(1000, 100);
    struct ccrnn_task_options options =
        options_of(CCRNN_TASK_VISUAL_DISCRIMINATION, CCRNN_IMAGE_SOURCE_MNIST);
    options.digits.shuffle = CCRNN_SHUFFLE_EPOCH;
    size_t one[TRIALS_MOST], two[TRIALS_MOST], again[TRIALS_MOST], validation[2][200];
    struct ccrnn_trials *const trials = open_trials(&options, &images, 1);
    image_numbers(trials, CCRNN_SPLIT_TRAIN, 1, 800, 50, one);
    image_numbers(trials, CCRNN_SPLIT_VALIDATION, 1, 200, 50, validation[0]);
    image_numbers(trials, CCRNN_SPLIT_TRAIN, 2, 800, 50, two);
    image_numbers(trials, CCRNN_SPLIT_VALIDATION, 2, 200, 50, validation[1]);
    image_numbers(trials, CCRNN_SPLIT_TRAIN, 1, 800, 50, again);
    assert_memory_not_equal(one, two, 800 * sizeof *one);
    assert_memory_equal(one, again, 800 * sizeof *one); /* as when a run goes on */
    assert_memory_equal(validation[0], validation[1], sizeof validation[0]);
    qsort(one, 800, sizeof *one, ascending);
    qsort(two, 800, sizeof *two, ascending);
    assert_memory_equal(one, two, 800 * sizeof *one);
    ccrnn_trials_close(trials);
    ccrnn_task_images_release(&images);
}

/* Input, target and class of a batch, element by element, at pixels a step of 28, 14 and 784. */
static void a_trial_shows_its_image(void **state)
{
    (void)state;
    static const size_t inputs[] = {28, 14, 784, 1};
    struct ccrnn_task_images images = made_images(1000, 100);
    for (size_t k = 0; k < 4; k++) {
        struct ccrnn_task_options options =
            options_of(CCRNN_TASK_ONLINE_LINE_DRAWING, CCRNN_IMAGE_SOURCE_MNIST);
        options.digits.inputs = inputs[k];
        const size_t I = inputs[k], T = 784 / I;
        enum { B = 3 };
        static float input[784 * B], target[784 * 2 * B];
        int32_t class_index[B];
        const struct ccrnn_trial_batch batch = {input, target, class_index};
        struct ccrnn_trials *const trials = open_trials(&options, &images, 1);
        assert_int_equal(ccrnn_task_steps(&options), T);
        ccrnn_trials_batch(trials, CCRNN_SPLIT_TEST, 0, 7, B, &batch);
        for (size_t b = 0; b < B; b++) {
            const uint8_t *const pixel = images.test.pixels + (7 + b) * 784;
            const int label = images.test.labels[7 + b];
            assert_int_equal(class_index[b], label);
            for (size_t p = 0; p < 784; p++)
                assert_true(input[(p / I * B + b) * I + p % I] == (float)pixel[p] / 255.0f);
            const double angle = label * 36 * acos(-1.0) / 180;
            for (size_t t = 0; t < T; t++) {
                const double part = T > 1 ? (double)t / (double)(T - 1) : 1;
                const float *const xy = target + 2 * (t * B + b);
                assert_true(fabs((double)xy[0] - 10 * part * sin(angle)) < 1e-6);
                assert_true(fabs((double)xy[1] - 10 * part * cos(angle)) < 1e-6);
            }
        }
        ccrnn_trials_close(trials);
    }
    ccrnn_task_images_release(&images);
}

static void digits_can_be_restricted(void **state)
{
    (void)state;
    struct ccrnn_task_images images = made_images(1000, 100);
    struct ccrnn_task_options options =
        options_of(CCRNN_TASK_VISUAL_DISCRIMINATION, CCRNN_IMAGE_SOURCE_MNIST);
    options.digits.digits = (struct ccrnn_integers){{3, 8}, 2};
    options.train_size = 150;
    options.validation_size = 50;
    options.test_size = 20;
    assert_int_equal(ccrnn_task_outputs(&options), 2);
    struct ccrnn_trials *const trials = open_trials(&options, &images, 1);
    size_t number[TRIALS_MOST];
    image_numbers(trials, CCRNN_SPLIT_TRAIN, 1, 150, 50, number);
    for (size_t i = 0; i < 150; i++)
        assert_true(images.train.labels[number[i]] == 3 || images.train.labels[number[i]] == 8);
    float input[5 * 784];
    int32_t class_index[5];
    const struct ccrnn_trial_batch batch = {input, NULL, class_index};
    ccrnn_trials_batch(trials, CCRNN_SPLIT_TRAIN, 1, 0, 5, &batch);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(ccrnn_task_class_name(&options, (size_t)class_index[i]),
                         images.train.labels[number[i]]);
    assert_int_equal(ccrnn_trials_available(trials, CCRNN_SPLIT_TEST), 20);
    ccrnn_trials_close(trials);
    ccrnn_task_images_release(&images);
}

static void too_few_images_are_refused(void **state)
{
    (void)state;
    struct ccrnn_task_images images = made_images(1000, 100);
    struct ccrnn_task_options options =
        options_of(CCRNN_TASK_VISUAL_DISCRIMINATION, CCRNN_IMAGE_SOURCE_MNIST);
    struct ccrnn_trials *trials;
    struct ccrnn_error err;
    options.validation_size = 201;
    assert_int_equal(ccrnn_trials_open(&options, &images, 1, &trials, &err), CCRNN_USAGE);
    assert_null(trials);
    assert_non_null(strstr(err.message, "1001 images are asked for, but there are only 1000"));
    assert_non_null(strstr(err.message, "make the two at most 1000 together"));
    options.validation_size = 200;
    options.test_size = 101;
    assert_int_equal(ccrnn_trials_open(&options, &images, 1, &trials, &err), CCRNN_USAGE);
    assert_non_null(strstr(err.message, "write test_size: 100"));
    ccrnn_task_images_release(&images);
}

/* Images that are made: a run takes the first ones it needs, however many more there are. */
static void made_images_do_not_depend_on_how_many(void **state)
{
    (void)state;
    struct ccrnn_task_options options =
        options_of(CCRNN_TASK_VISUAL_DISCRIMINATION, CCRNN_IMAGE_SOURCE_PENS);
    options.digits.digits = (struct ccrnn_integers){{0, 1, 7}, 3};
    const struct ccrnn_images_wanted few = {.digits = 0x83, .train = 1000, .test = 100};
    const struct ccrnn_images_wanted more[] = {few,
                                               {.digits = 0x3FF, .train = 6000, .test = 900}};
    struct ccrnn_task_images a, b;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_task_images_load(CCRNN_IMAGE_SOURCE_PENS, NULL, &few, 1, &a, &err),
                     CCRNN_OK);
    assert_int_equal(ccrnn_task_images_load(CCRNN_IMAGE_SOURCE_PENS, NULL, more, 2, &b, &err),
                     CCRNN_OK);
    assert_true(b.train.count > a.train.count);
    struct ccrnn_trials *const one = open_trials(&options, &a, 1);
    struct ccrnn_trials *const other = open_trials(&options, &b, 1);
    static float first[800 * 784], second[800 * 784];
    int32_t class_first[800], class_second[800];
    const struct ccrnn_trial_batch one_batch = {first, NULL, class_first};
    const struct ccrnn_trial_batch other_batch = {second, NULL, class_second};
    for (int split = CCRNN_SPLIT_TRAIN; split <= CCRNN_SPLIT_TEST; split++) {
        const size_t count = split == CCRNN_SPLIT_TRAIN ? 800 : 100;
        ccrnn_trials_batch(one, (enum ccrnn_split)split, 1, 0, count, &one_batch);
        ccrnn_trials_batch(other, (enum ccrnn_split)split, 1, 0, count, &other_batch);
        assert_memory_equal(first, second, count * 784 * sizeof *first);
        assert_memory_equal(class_first, class_second, count * sizeof *class_first);
    }
    ccrnn_trials_close(one);
    ccrnn_trials_close(other);
    ccrnn_task_images_release(&a);
    ccrnn_task_images_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners_are_the_printed_table),
        cmocka_unit_test(templates_follow_the_rule),
        cmocka_unit_test(templates_of_any_length),
        cmocka_unit_test(lines_end_on_a_circle),
        cmocka_unit_test(lines_end_on_a_grid),
        cmocka_unit_test(split_parts_all_images),
        cmocka_unit_test(shuffling_reorders_an_epoch),
        cmocka_unit_test(a_trial_shows_its_image),
        cmocka_unit_test(digits_can_be_restricted),
        cmocka_unit_test(too_few_images_are_refused),
        cmocka_unit_test(made_images_do_not_depend_on_how_many),
    };
    return cmocka_run_group_tests_name("digits", tests, NULL, NULL);
}
