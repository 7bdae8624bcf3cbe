/* The trials of one run: for simple line drawing made from their own streams, for the tasks on
 * handwriting taken from the shared images in an order of the run's own. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "ccrnn/random.h"
#include "task/task.h"

enum { UNSHUFFLED = 0 };

/* Numbers of images in a set. */
struct order {
    uint32_t *item; /* owned */
    size_t count;
};

struct ccrnn_trials {
    struct ccrnn_task_options options;
    const struct ccrnn_task_images *images;
    uint64_t seed;
    struct order train;      /* training images, then validation images */
    struct order test;       /* in the order of the file */
    uint32_t *shuffled;      /* (train_size): the training images of one epoch, or NULL */
    uint32_t shuffled_epoch; /* that epoch; UNSHUFFLED: none */
    int class_of[CCRNN_DIGIT_CLASSES]; /* index of a digit among those in use, or −1 */
    ccrnn_real *target;                /* (classes,T,2): what to draw, tasks on images */
    ccrnn_real grey[UINT8_MAX + 1];    /* a byte as input: byte / 255 */
};

static const uint32_t purposes[] = {
    [CCRNN_SPLIT_TRAIN] = CCRNN_RANDOM_TRAIN,
    [CCRNN_SPLIT_VALIDATION] = CCRNN_RANDOM_VALIDATION,
    [CCRNN_SPLIT_TEST] = CCRNN_RANDOM_TEST,
    [CCRNN_SPLIT_EVAL] = CCRNN_RANDOM_EVAL,
};

/* --- which images ------------------------------------------------------------------------ */

/* The images of the digits in use, in the order of the set: at most `most` of them. */
static enum ccrnn_status select_images(const struct ccrnn_trials *trials,
                                       const struct ccrnn_image_set *set, uint64_t most,
                                       struct order *order, struct ccrnn_error *err)
{
    order->item = malloc((set->count > 0 ? set->count : 1) * sizeof *order->item);
    if (order->item == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the order of %zu images",
                          set->count);
    for (size_t i = 0; i < set->count && order->count < most; i++)
        if (trials->class_of[set->labels[i]] >= 0)
            order->item[order->count++] = (uint32_t)i;
    return CCRNN_OK;
}

/* Fisher–Yates from the stream (seed, purpose, epoch, 0). */
static void shuffle(uint32_t *item, size_t count, uint64_t seed, uint32_t purpose, uint32_t epoch)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, seed, purpose, epoch, 0);
    for (size_t left = count; left > 1; left--) {
        const size_t chosen = ccrnn_random_below(&stream, (uint32_t)left);
        const uint32_t mine = item[chosen];
        item[chosen] = item[left - 1];
        item[left - 1] = mine;
    }
}

static enum ccrnn_status fail_too_few(const char *what, uint64_t asked, size_t there,
                                      const char *remedy, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: %llu images are asked for, but there are only %zu of the digits in "
                      "use; %s",
                      what, (unsigned long long)asked, there, remedy);
}

static enum ccrnn_status fail_train(uint64_t asked, size_t there, struct ccrnn_error *err)
{
    char remedy[96];
    (void)ccrnn_format(remedy, sizeof remedy, "make the two at most %zu together", there);
    return fail_too_few("train_size + validation_size", asked, there, remedy, err);
}

/* 48,000 and 12,000 images, in an order that the seed decides. MNIST: of all images in use. Made
 * images: of the first ones, as many as asked for, so that a run does not depend on how many more
 * were made for others. */
static enum ccrnn_status split_images(struct ccrnn_trials *trials, struct ccrnn_error *err)
{
    const struct ccrnn_task_options *const options = &trials->options;
    const uint64_t wanted = options->train_size + options->validation_size;
    const bool made = options->digits.images == CCRNN_IMAGE_SOURCE_PENS;
    CCRNN_TRY(select_images(trials, &trials->images->train, made ? wanted : UINT64_MAX,
                            &trials->train, err));
    CCRNN_TRY(select_images(trials, &trials->images->test, made ? options->test_size : UINT64_MAX,
                            &trials->test, err));
    if (trials->train.count < wanted)
        return fail_train(wanted, trials->train.count, err);
    if (trials->test.count < options->test_size) {
        char remedy[64];
        (void)ccrnn_format(remedy, sizeof remedy, "write test_size: %zu", trials->test.count);
        return fail_too_few("test_size", options->test_size, trials->test.count, remedy, err);
    }
    shuffle(trials->train.item, trials->train.count, trials->seed, CCRNN_RANDOM_SPLIT, 0);
    if (options->digits.shuffle == CCRNN_SHUFFLE_NONE)
        return CCRNN_OK;
    trials->shuffled = malloc((size_t)options->train_size * sizeof *trials->shuffled);
    if (trials->shuffled == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the order of an epoch");
    return CCRNN_OK;
}

/* --- what to draw ------------------------------------------------------------------------ */

static void line_to(const double end[2], size_t steps, double *xy)
{
    for (size_t t = 0; t < steps; t++) {
        const double fraction = steps > 1 ? (double)t / (double)(steps - 1) : 1.0;
        xy[2 * t] = end[0] * fraction;
        xy[2 * t + 1] = end[1] * fraction;
    }
}

static enum ccrnn_status make_targets(struct ccrnn_trials *trials, struct ccrnn_error *err)
{
    const struct ccrnn_task_options *const options = &trials->options;
    const size_t T = ccrnn_task_steps(options), classes = ccrnn_task_classes(options);
    double ends[CCRNN_DIGIT_CLASSES][2];
    double *const xy = calloc(T * 2, sizeof *xy);
    trials->target = malloc(classes * T * 2 * sizeof *trials->target);
    if (xy == NULL || trials->target == NULL) {
        free(xy);
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the targets of a task");
    }
    ccrnn_digit_line_ends(options->digits.line_targets, options->line_drawing.length,
                          trials->seed, ends);
    for (size_t k = 0; k < classes; k++) {
        const size_t digit = (size_t)ccrnn_task_class_name(options, k);
        if (options->task == CCRNN_TASK_ONLINE_DIGIT_DRAWING)
            ccrnn_digit_template(digit, T, xy);
        else
            line_to(ends[digit], T, xy);
        for (size_t i = 0; i < 2 * T; i++)
            trials->target[k * T * 2 + i] = (ccrnn_real)xy[i];
    }
    free(xy);
    return CCRNN_OK;
}

/* --- open and close ---------------------------------------------------------------------- */

static enum ccrnn_status prepare(struct ccrnn_trials *trials, struct ccrnn_error *err)
{
    const struct ccrnn_task_kind *const kind = ccrnn_task_kind(trials->options.task);
    if (!kind->shows_images)
        return CCRNN_OK;
    for (size_t digit = 0; digit < CCRNN_DIGIT_CLASSES; digit++)
        trials->class_of[digit] = -1;
    for (size_t k = 0; k < ccrnn_task_classes(&trials->options); k++)
        trials->class_of[ccrnn_task_class_name(&trials->options, k)] = (int)k;
    for (int byte = 0; byte <= UINT8_MAX; byte++)
        trials->grey[byte] = (ccrnn_real)byte / (ccrnn_real)UINT8_MAX;
    CCRNN_TRY(split_images(trials, err));
    return kind->draws ? make_targets(trials, err) : CCRNN_OK;
}

enum ccrnn_status ccrnn_trials_open(const struct ccrnn_task_options *options,
                                    const struct ccrnn_task_images *images, uint64_t seed,
                                    struct ccrnn_trials **trials, struct ccrnn_error *err)
{
    *trials = NULL;
    struct ccrnn_trials *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the trials of a run");
    made->options = *options;
    made->images = images;
    made->seed = seed;
    const enum ccrnn_status status = prepare(made, err);
    if (status != CCRNN_OK) {
        ccrnn_trials_close(made);
        return status;
    }
    *trials = made;
    return CCRNN_OK;
}

void ccrnn_trials_close(struct ccrnn_trials *trials)
{
    if (trials == NULL)
        return;
    free(trials->train.item);
    free(trials->test.item);
    free(trials->shuffled);
    free(trials->target);
    free(trials);
}

/* --- batches ----------------------------------------------------------------------------- */

/* The training images of an epoch: the same ones, in an order of the epoch's own. */
static const uint32_t *training_order(struct ccrnn_trials *trials, uint32_t epoch)
{
    const size_t count = (size_t)trials->options.train_size;
    if (trials->shuffled == NULL)
        return trials->train.item;
    if (trials->shuffled_epoch != epoch || epoch == UNSHUFFLED) {
        memcpy(trials->shuffled, trials->train.item, count * sizeof *trials->shuffled);
        shuffle(trials->shuffled, count, trials->seed, CCRNN_RANDOM_SHUFFLE, epoch);
        trials->shuffled_epoch = epoch;
    }
    return trials->shuffled;
}

/* Image `number` of a split: its place in the set it belongs to. */
static size_t image_at(struct ccrnn_trials *trials, enum ccrnn_split split, uint32_t epoch,
                       uint64_t number)
{
    const uint64_t train = trials->options.train_size;
    const uint64_t validation = trials->options.validation_size;
    switch (split) {
    case CCRNN_SPLIT_TRAIN:
        return training_order(trials, epoch)[number % train];
    case CCRNN_SPLIT_VALIDATION:
        return trials->train.item[train + number % validation];
    case CCRNN_SPLIT_TEST:
    case CCRNN_SPLIT_EVAL:
        break;
    }
    return trials->test.item[number % trials->test.count];
}

/* Trial b of the batch: the image a piece a step, and what to draw. */
static void show_image(const struct ccrnn_trials *trials, const struct ccrnn_image_set *set,
                       size_t image, size_t B, size_t b, const struct ccrnn_trial_batch *batch)
{
    const size_t I = trials->options.digits.inputs, T = CCRNN_DIGIT_PIXELS / I;
    const uint8_t *pixel = set->pixels + image * CCRNN_DIGIT_PIXELS;
    const int class_index = trials->class_of[set->labels[image]];
    for (size_t t = 0; t < T; t++) {
        ccrnn_real *const to = batch->input + (t * B + b) * I;
        for (size_t i = 0; i < I; i++)
            to[i] = trials->grey[*pixel++];
    }
    batch->class_index[b] = class_index;
    if (trials->target == NULL)
        return;
    const ccrnn_real *const xy = trials->target + (size_t)class_index * T * 2;
    for (size_t t = 0; t < T; t++) {
        batch->target[2 * (t * B + b)] = xy[2 * t];
        batch->target[2 * (t * B + b) + 1] = xy[2 * t + 1];
    }
}

void ccrnn_trials_batch(struct ccrnn_trials *trials, enum ccrnn_split split, uint32_t epoch,
                        uint64_t first, size_t B, const struct ccrnn_trial_batch *batch)
{
    if (trials->options.task == CCRNN_TASK_LINE_DRAWING) {
        ccrnn_line_drawing_batch(&trials->options.line_drawing, trials->seed, purposes[split],
                                 epoch, (uint32_t)first, B, batch->input, batch->target,
                                 batch->class_index);
        return;
    }
    const bool is_test = split == CCRNN_SPLIT_TEST || split == CCRNN_SPLIT_EVAL;
    const struct ccrnn_image_set *const set =
        is_test ? &trials->images->test : &trials->images->train;
    for (size_t b = 0; b < B; b++)
        show_image(trials, set, image_at(trials, split, epoch, first + b), B, b, batch);
}

uint64_t ccrnn_trials_available(const struct ccrnn_trials *trials, enum ccrnn_split split)
{
    if (trials->options.task == CCRNN_TASK_LINE_DRAWING)
        return UINT64_MAX;
    switch (split) {
    case CCRNN_SPLIT_TRAIN:
        return trials->options.train_size;
    case CCRNN_SPLIT_VALIDATION:
        return trials->options.validation_size;
    case CCRNN_SPLIT_TEST:
    case CCRNN_SPLIT_EVAL:
        break;
    }
    return trials->test.count;
}
