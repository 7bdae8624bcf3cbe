/* Digits drawn by pens: an image is made from its name alone, shows its label, and is the same on
 * every machine. Runs under the thread sanitizer too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ccrnn/pen_digits.h"

enum { SPLITS = 3, PIXELS = CCRNN_DIGIT_PIXELS, CLASSES = CCRNN_DIGIT_CLASSES };

struct images {
    uint8_t *pixels, *labels;
};

static struct images filled(enum ccrnn_pen_split split, uint32_t first, size_t count)
{
    const struct images images = {.pixels = malloc(count * PIXELS), .labels = malloc(count)};
    assert_non_null(images.pixels);
    assert_non_null(images.labels);
    ccrnn_pen_digits_fill(split, first, count, images.pixels, images.labels);
    return images;
}

static void forget(struct images images)
{
    free(images.pixels);
    free(images.labels);
}

static uint32_t crc_of(enum ccrnn_pen_split split, uint32_t index, uint8_t *label)
{
    uint8_t pixels[PIXELS];
    ccrnn_pen_digit(split, index, pixels, label);
    return ccrnn_crc32(0, pixels, sizeof pixels);
}

/* The numbers of every study on these images hang on these bytes: who changes them changes the
 * data set. */
static void three_images_are_what_they_were(void **state)
{
    (void)state;
    static const struct {
        enum ccrnn_pen_split split;
        uint32_t index, crc;
        uint8_t label;
    } known[] = {{CCRNN_PENS_TRAIN, 0, 0xce0b9f45, 1},
                 {CCRNN_PENS_TEST, 13, 0x353fc454, 5},
                 {CCRNN_PENS_FRESH, UINT32_MAX, 0xc566b416, 8}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t label;
        const uint32_t crc = crc_of(known[i].split, known[i].index, &label);
        if (crc != known[i].crc || label != known[i].label)
            fail_msg("split %d, image %u: crc %08x, label %d; it was %08x, %d", known[i].split,
                     known[i].index, crc, label, known[i].crc, known[i].label);
    }
}

static void an_image_depends_on_its_name_alone(void **state)
{
    (void)state;
    enum { COUNT = 100, FIRST = 40, FEW = 7 };
    for (int split = 0; split < SPLITS; split++) {
        const struct images all = filled(split, 0, COUNT), few = filled(split, FIRST, FEW);
        assert_memory_equal(few.pixels, all.pixels + FIRST * PIXELS, FEW * PIXELS);
        assert_memory_equal(few.labels, all.labels + FIRST, FEW);
        for (uint32_t i = COUNT; i-- > 0;) {
            uint8_t pixels[PIXELS], label;
            ccrnn_pen_digit(split, i, pixels, &label);
            assert_memory_equal(pixels, all.pixels + i * PIXELS, PIXELS);
            assert_int_equal(label, all.labels[i]);
        }
        forget(all);
        forget(few);
    }
}

static int compare_crcs(const void *one, const void *other)
{
    const uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

static void no_image_comes_twice(void **state)
{
    (void)state;
    enum { EACH = 300 };
    uint32_t crc[SPLITS * EACH];
    for (uint32_t i = 0; i < SPLITS * EACH; i++) {
        uint8_t label;
        crc[i] = crc_of(i % SPLITS, i / SPLITS, &label);
    }
    qsort(crc, SPLITS * EACH, sizeof crc[0], compare_crcs);
    for (size_t i = 1; i < SPLITS * EACH; i++)
        assert_int_not_equal(crc[i], crc[i - 1]);
}

static void classes_are_equally_likely(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    for (int split = 0; split < SPLITS; split++) {
        const struct images images = filled(split, 0, COUNT);
        size_t seen[CLASSES] = {0};
        for (size_t i = 0; i < COUNT; i++) {
            assert_in_range(images.labels[i], 0, CLASSES - 1);
            seen[images.labels[i]]++;
        }
        const double expected = (double)COUNT / CLASSES;
        const double deviation = sqrt(expected * (1 - 1.0 / CLASSES));
        for (size_t k = 0; k < CLASSES; k++)
            if (!(fabs((double)seen[k] - expected) <= 4 * deviation))
                fail_msg("class %zu: %zu of %d images", k, seen[k], COUNT);
        forget(images);
    }
}

/* Every image has a stroke, dark and long enough to see, and most of it is paper. */
static void ink_is_on_paper(void **state)
{
    (void)state;
    enum { COUNT = 5000, INK = 128, PAPER = 64, INK_LEAST = 8, PAPER_LEAST = PIXELS / 3 };
    const struct images images = filled(CCRNN_PENS_TRAIN, 0, COUNT);
    double sum = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const uint8_t *const pixels = images.pixels + i * PIXELS;
        size_t ink = 0, paper = 0;
        for (size_t k = 0; k < PIXELS; k++) {
            sum += pixels[k];
            ink += pixels[k] >= INK;
            paper += pixels[k] < PAPER;
        }
        if (ink < INK_LEAST || paper < PAPER_LEAST)
            fail_msg("image %zu: %zu pixels of ink, %zu of paper", i, ink, paper);
    }
    const double mean = sum / ((double)COUNT * PIXELS);
    if (!(mean > 35 && mean < 55))
        fail_msg("mean of all pixels: %g", mean);
    forget(images);
}

/* Mean image of each class. */
static void class_means(const struct images *images, size_t count, double mean[CLASSES][PIXELS])
{
    size_t seen[CLASSES] = {0};
    memset(mean, 0, sizeof(double[CLASSES][PIXELS]));
    for (size_t i = 0; i < count; i++) {
        seen[images->labels[i]]++;
        for (size_t k = 0; k < PIXELS; k++)
            mean[images->labels[i]][k] += images->pixels[i * PIXELS + k];
    }
    for (size_t digit = 0; digit < CLASSES; digit++)
        for (size_t k = 0; k < PIXELS; k++)
            mean[digit][k] /= (double)seen[digit];
}

static size_t nearest(const uint8_t *pixels, double mean[CLASSES][PIXELS])
{
    size_t best = 0;
    double least = INFINITY;
    for (size_t digit = 0; digit < CLASSES; digit++) {
        double distance = 0;
        for (size_t k = 0; k < PIXELS; k++)
            distance += (pixels[k] - mean[digit][k]) * (pixels[k] - mean[digit][k]);
        if (distance < least) {
            least = distance;
            best = digit;
        }
    }
    return best;
}

/* A label that does not belong to its image would be found one time in ten. */
static void an_image_shows_its_label(void **state)
{
    (void)state;
    enum { TRAIN = 5000, TEST = 1000 };
    static double mean[CLASSES][PIXELS];
    const struct images train = filled(CCRNN_PENS_TRAIN, 0, TRAIN);
    const struct images test = filled(CCRNN_PENS_TEST, 0, TEST);
    class_means(&train, TRAIN, mean);
    size_t found = 0;
    for (size_t i = 0; i < TEST; i++)
        found += nearest(test.pixels + i * PIXELS, mean) == test.labels[i];
    if (found < TEST / 2)
        fail_msg("%zu of %d digits are nearest to the mean of their class", found, TEST);
    forget(train);
    forget(test);
}

enum { THREADS = 4, SHARE = 200 };

struct share {
    uint32_t first;
    uint8_t pixels[SHARE * PIXELS], labels[SHARE];
};

static void *fill_share(void *argument)
{
    struct share *const share = argument;
    ccrnn_pen_digits_fill(CCRNN_PENS_TRAIN, share->first, SHARE, share->pixels, share->labels);
    return NULL;
}

static void threads_draw_what_one_draws(void **state)
{
    (void)state;
    static struct share share[THREADS];
    pthread_t thread[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        share[i].first = i * SHARE;
        assert_int_equal(pthread_create(&thread[i], NULL, fill_share, &share[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    const struct images alone = filled(CCRNN_PENS_TRAIN, 0, (size_t)THREADS * SHARE);
    for (size_t i = 0; i < THREADS; i++) {
        assert_memory_equal(share[i].pixels, alone.pixels + i * SHARE * PIXELS, SHARE * PIXELS);
        assert_memory_equal(share[i].labels, alone.labels + i * SHARE, SHARE);
    }
    forget(alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_images_are_what_they_were),
        cmocka_unit_test(an_image_depends_on_its_name_alone),
        cmocka_unit_test(no_image_comes_twice),
        cmocka_unit_test(classes_are_equally_likely),
        cmocka_unit_test(ink_is_on_paper),
        cmocka_unit_test(an_image_shows_its_label),
        cmocka_unit_test(threads_draw_what_one_draws),
    };
    return cmocka_run_group_tests_name("pen_digits", tests, NULL, NULL);
}
