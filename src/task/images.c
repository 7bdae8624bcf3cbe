#include "task/images.h"

#include <stdlib.h>

#include "base/error.h"
#include "ccrnn/digits.h"
#include "ccrnn/pen_digits.h"

/* Images made at a time while some wish is not yet met. */
enum { PENS_CHUNK = 1000 };

/* How many images of wanted digits there are among those made. */
static uint64_t count_digits(const struct ccrnn_image_set *set, unsigned digits)
{
    uint64_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count += (digits >> set->labels[i]) & 1;
    return count;
}

static bool satisfied(const struct ccrnn_image_set *set, const struct ccrnn_images_wanted *wanted,
                      size_t count, enum ccrnn_pen_split split)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t most = split == CCRNN_PENS_TEST ? wanted[i].test : wanted[i].train;
        if (count_digits(set, wanted[i].digits) < most)
            return false;
    }
    return true;
}

static enum ccrnn_status fail_memory(size_t images, struct ccrnn_error *err)
{
    return ccrnn_fail(
        err, CCRNN_MEMORY,
        "out of memory for %zu images; use a smaller train_size, validation_size or "
        "test_size",
        images);
}

static enum ccrnn_status add_pens(struct ccrnn_image_set *set, enum ccrnn_pen_split split,
                                  size_t more, struct ccrnn_error *err)
{
    size_t count, bytes;
    if (__builtin_add_overflow(set->count, more, &count) || count > UINT32_MAX ||
        __builtin_mul_overflow(count, (size_t)CCRNN_DIGIT_PIXELS, &bytes))
        return fail_memory(SIZE_MAX, err);
    uint8_t *const pixels = realloc(set->pixels, bytes);
    if (pixels == NULL)
        return fail_memory(count, err);
    set->pixels = pixels;
    uint8_t *const labels = realloc(set->labels, count);
    if (labels == NULL)
        return fail_memory(count, err);
    set->labels = labels;
    ccrnn_pen_digits_fill(split, (uint32_t)set->count, more,
                          pixels + set->count * CCRNN_DIGIT_PIXELS, labels + set->count);
    set->count = count;
    return CCRNN_OK;
}

/* Image i is the same however many are made, so making a few too many changes nothing. */
static enum ccrnn_status make_pens(struct ccrnn_image_set *set, enum ccrnn_pen_split split,
                                   const struct ccrnn_images_wanted *wanted, size_t count,
                                   struct ccrnn_error *err)
{
    uint64_t most = 1;
    for (size_t i = 0; i < count; i++) {
        const uint64_t asked = split == CCRNN_PENS_TEST ? wanted[i].test : wanted[i].train;
        most = asked > most ? asked : most;
    }
    *set = (struct ccrnn_image_set){.rows = CCRNN_DIGIT_SIDE, .cols = CCRNN_DIGIT_SIDE};
    CCRNN_TRY(add_pens(set, split, (size_t)most, err));
    while (!satisfied(set, wanted, count, split))
        CCRNN_TRY(add_pens(set, split, set->count / 4 + PENS_CHUNK, err));
    return CCRNN_OK;
}

static enum ccrnn_status check_size(const char *directory, const struct ccrnn_image_set *set,
                                    struct ccrnn_error *err)
{
    if (set->rows == CCRNN_DIGIT_SIDE && set->cols == CCRNN_DIGIT_SIDE)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: the images are %zu × %zu pixels: expected 28 × 28, as MNIST has; "
                      "resize them",
                      directory, set->rows, set->cols);
}

static enum ccrnn_status load_mnist(const char *directory, struct ccrnn_task_images *images,
                                    struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_mnist_load(directory, CCRNN_IMAGES_TRAIN, &images->train, err));
    CCRNN_TRY(ccrnn_mnist_load(directory, CCRNN_IMAGES_TEST, &images->test, err));
    CCRNN_TRY(check_size(directory, &images->train, err));
    CCRNN_TRY(check_size(directory, &images->test, err));
    const uint64_t train = ccrnn_image_set_fingerprint(&images->train);
    const uint64_t test = ccrnn_image_set_fingerprint(&images->test);
    images->fingerprint = train ^ (test << 1 | test >> 63);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_task_images_load(enum ccrnn_image_source source, const char *directory,
                                         const struct ccrnn_images_wanted *wanted, size_t count,
                                         struct ccrnn_task_images *images,
                                         struct ccrnn_error *err)
{
    *images = (struct ccrnn_task_images){0};
    enum ccrnn_status status;
    if (source == CCRNN_IMAGE_SOURCE_MNIST) {
        status = load_mnist(directory, images, err);
    } else {
        status = make_pens(&images->train, CCRNN_PENS_TRAIN, wanted, count, err);
        if (status == CCRNN_OK)
            status = make_pens(&images->test, CCRNN_PENS_TEST, wanted, count, err);
    }
    if (status != CCRNN_OK)
        ccrnn_task_images_release(images);
    return status;
}

void ccrnn_task_images_release(struct ccrnn_task_images *images)
{
    ccrnn_image_set_release(&images->train);
    ccrnn_image_set_release(&images->test);
    *images = (struct ccrnn_task_images){0};
}
