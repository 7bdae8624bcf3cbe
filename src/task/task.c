/* The table of tasks, and what follows from it. */
#include "task/task.h"

#include "base/error.h"

static const struct ccrnn_task_kind kinds[CCRNN_TASK_COUNT] = {
    [CCRNN_TASK_LINE_DRAWING] = {.name = "line-drawing",
                                 .help = "A cue is shown once; then draw a straight line in its "
                                         "direction.",
                                 .shows_images = false,
                                 .draws = true,
                                 .loss = CCRNN_LOSS_MSE,
                                 .predict = CCRNN_PREDICT_ALL},
    [CCRNN_TASK_ONLINE_LINE_DRAWING] = {.name = "online-line-drawing",
                                        .help = "A handwritten digit is shown row by row; "
                                                "meanwhile draw the line of its class.",
                                        .shows_images = true,
                                        .draws = true,
                                        .loss = CCRNN_LOSS_MSE,
                                        .predict = CCRNN_PREDICT_ALL},
    [CCRNN_TASK_ONLINE_DIGIT_DRAWING] = {.name = "online-digit-drawing",
                                         .help = "A handwritten digit is shown row by row; "
                                                 "meanwhile draw that digit.",
                                         .shows_images = true,
                                         .draws = true,
                                         .loss = CCRNN_LOSS_MSE,
                                         .predict = CCRNN_PREDICT_ALL},
    [CCRNN_TASK_VISUAL_DISCRIMINATION] = {.name = "visual-discrimination",
                                          .help = "A handwritten digit is shown row by row; at "
                                                  "the end, name it.",
                                          .shows_images = true,
                                          .draws = false,
                                          .loss = CCRNN_LOSS_CROSS_ENTROPY,
                                          .predict = CCRNN_PREDICT_LAST},
    [CCRNN_TASK_CAPTIONS] = {.name = "captions",
                             .help = "An image's features are shown once; then say word by word "
                                     "what is on it.",
                             .says_words = true,
                             .loss = CCRNN_LOSS_CROSS_ENTROPY,
                             .predict = CCRNN_PREDICT_ALL},
};

const struct ccrnn_task_kind *ccrnn_task_kind(enum ccrnn_task task)
{
    return &kinds[task];
}

static bool shows_images(const struct ccrnn_task_options *options)
{
    return kinds[options->task].shows_images;
}

static bool says_words(const struct ccrnn_task_options *options)
{
    return kinds[options->task].says_words;
}

size_t ccrnn_task_steps(const struct ccrnn_task_options *options)
{
    if (says_words(options))
        return options->captions.longest;
    return shows_images(options) ? CCRNN_DIGIT_PIXELS / options->digits.inputs
                                 : options->line_drawing.steps;
}

size_t ccrnn_task_inputs(const struct ccrnn_task_options *options)
{
    if (says_words(options))
        return options->captions.embedding;
    return shows_images(options) ? options->digits.inputs : 1;
}

size_t ccrnn_task_classes(const struct ccrnn_task_options *options)
{
    if (says_words(options))
        return 0;
    return shows_images(options) ? options->digits.digits.count : options->line_drawing.cues;
}

size_t ccrnn_task_outputs(const struct ccrnn_task_options *options)
{
    const size_t words = options->captions.words;
    if (says_words(options))
        return words > CCRNN_WORDS_SPECIAL ? words : CCRNN_WORDS_SPECIAL + 1;
    return kinds[options->task].draws ? 2 : ccrnn_task_classes(options);
}

int ccrnn_task_class_name(const struct ccrnn_task_options *options, size_t class_index)
{
    if (shows_images(options))
        return (int)options->digits.digits.value[class_index];
    return (int)class_index - (int)(options->line_drawing.cues / 2);
}

static enum ccrnn_status check_inputs(size_t inputs, struct ccrnn_error *err)
{
    if (CCRNN_DIGIT_PIXELS % inputs == 0)
        return CCRNN_OK;
    size_t below = inputs, above = inputs;
    while (CCRNN_DIGIT_PIXELS % below != 0)
        below--;
    while (CCRNN_DIGIT_PIXELS % above != 0)
        above++;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "inputs_per_step: expected a divisor of the image's %d pixels, found %zu; "
                      "write %zu or %zu (28 is one row a step)",
                      CCRNN_DIGIT_PIXELS, inputs, below, above);
}

enum ccrnn_status ccrnn_task_check(const struct ccrnn_task_options *options,
                                   struct ccrnn_error *err)
{
    const size_t cues = options->line_drawing.cues;
    const struct ccrnn_caption_options *const captions = &options->captions;
    if (says_words(options)) {
        if (captions->shortest > captions->longest)
            return ccrnn_fail(err, CCRNN_USAGE,
                              "shortest: expected at most longest, %zu, found %zu",
                              captions->longest, captions->shortest);
    } else if (shows_images(options)) {
        CCRNN_TRY(check_inputs(options->digits.inputs, err));
        const size_t least = kinds[options->task].draws ? 1 : 2;
        if (options->digits.digits.count < least)
            return ccrnn_fail(err, CCRNN_USAGE,
                              "digits: expected at least %zu of the digits 0 to 9, found %zu; "
                              "write for example [0, 1]",
                              least, options->digits.digits.count);
    } else if (cues % 2 == 0) {
        return ccrnn_fail(err, CCRNN_USAGE,
                          "cues: expected an odd number, found %zu; the middle cue asks for no "
                          "movement: write %zu or %zu",
                          cues, cues - 1, cues + 1);
    }
    return CCRNN_OK;
}
