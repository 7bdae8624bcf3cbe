/* What a trained network does on a few test trials of every class: the files a report draws. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "loop/network.h"
#include "study/evaluator.h"

/* Trials per class, and how many batches are looked at to find them. */
enum { EXAMPLES_PER_CLASS = 3, SEARCH_BATCHES = 200 };

struct examples {
    struct ccrnn_evaluator *evaluator;
    struct ccrnn_text drawings, answers, images;
    ccrnn_real *outputs; /* (T,B,O): the readout at every step, discrimination only */
    double *probability; /* (O) */
};

static int class_name(const struct examples *examples, size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    return ccrnn_task_class_name(evaluator->options, (size_t)evaluator->batch.class_index[b]);
}

static void add_drawing(struct examples *examples, uint64_t trial, size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    for (size_t t = 0; t < evaluator->T; t++) {
        const size_t at = 2 * (t * evaluator->B + b);
        const ccrnn_real *const target = evaluator->batch.target + at;
        const ccrnn_real *const output = evaluator->output + at;
        ccrnn_text_add(&examples->drawings, "%llu,%d,%zu,%.9g,%.9g,%.9g,%.9g\n",
                       (unsigned long long)trial, class_name(examples, b), t, (double)target[0],
                       (double)target[1], (double)output[0], (double)output[1]);
    }
}

static void add_answer(struct examples *examples, uint64_t trial, size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    for (size_t t = 0; t < evaluator->T; t++) {
        ccrnn_measure_softmax(examples->outputs + (t * evaluator->B + b) * evaluator->O,
                              evaluator->O, examples->probability);
        for (size_t o = 0; o < evaluator->O; o++)
            ccrnn_text_add(&examples->answers, "%llu,%d,%zu,%d,%.9g\n", (unsigned long long)trial,
                           class_name(examples, b), t,
                           ccrnn_task_class_name(evaluator->options, o),
                           examples->probability[o]);
    }
}

static void add_image(struct examples *examples, uint64_t trial, size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    for (size_t t = 0; t < evaluator->T; t++) {
        ccrnn_text_add(&examples->images, "%llu,%d,%zu,", (unsigned long long)trial,
                       class_name(examples, b), t);
        const ccrnn_real *const input =
            evaluator->batch.input + (t * evaluator->B + b) * evaluator->I;
        for (size_t i = 0; i < evaluator->I; i++)
            ccrnn_text_add(&examples->images, "%s%.0f", i == 0 ? "" : " ",
                           (double)input[i] * UINT8_MAX);
        ccrnn_text_add(&examples->images, "\n");
    }
}

static void add_trial(struct examples *examples, uint64_t trial, size_t b)
{
    if (examples->evaluator->draws)
        add_drawing(examples, trial, b);
    else
        add_answer(examples, trial, b);
    if (ccrnn_task_kind(examples->evaluator->options->task)->shows_images)
        add_image(examples, trial, b);
}

/* The first trials of one class. Batches are cheap to make again, so one pass a class keeps no
 * state. */
static enum ccrnn_status add_class(struct examples *examples, struct ccrnn_network *network,
                                   size_t class_index, struct ccrnn_error *err)
{
    struct ccrnn_evaluator *const evaluator = examples->evaluator;
    const uint64_t there = ccrnn_trials_available(evaluator->trials, CCRNN_SPLIT_TEST);
    size_t kept = 0;
    for (uint64_t batch = 0; batch < SEARCH_BATCHES && kept < EXAMPLES_PER_CLASS; batch++) {
        const uint64_t first = batch * evaluator->B;
        if (first >= there)
            break;
        CCRNN_TRY(ccrnn_evaluator_run_batch(evaluator, network, CCRNN_SPLIT_TEST, 0, first, err));
        if (examples->outputs != NULL)
            ccrnn_network_readout(network, examples->outputs);
        for (size_t b = 0; b < evaluator->B && kept < EXAMPLES_PER_CLASS; b++) {
            if ((size_t)evaluator->batch.class_index[b] != class_index || first + b >= there)
                continue;
            add_trial(examples, first + b, b);
            kept++;
        }
    }
    return CCRNN_OK;
}

static enum ccrnn_status save(const struct ccrnn_text *text, const char *directory,
                              const char *name, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    if (text->failed)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the examples of a run");
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, name, err));
    return ccrnn_file_write_atomic(path, text->bytes, text->size, err);
}

static enum ccrnn_status collect(struct examples *examples, struct ccrnn_network *network,
                                 const char *directory, struct ccrnn_error *err)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    const bool draws = evaluator->draws;
    const bool shows = ccrnn_task_kind(evaluator->options->task)->shows_images;
    if (!draws) {
        examples->outputs =
            calloc(evaluator->T * evaluator->B * evaluator->O, sizeof *examples->outputs);
        examples->probability = calloc(evaluator->O, sizeof *examples->probability);
        if (examples->outputs == NULL || examples->probability == NULL)
            return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the examples of a run");
    }
    ccrnn_text_add(&examples->drawings, "trial,cue,t,target_x,target_y,output_x,output_y\n");
    ccrnn_text_add(&examples->answers, "trial,cue,t,digit,probability\n");
    ccrnn_text_add(&examples->images, "trial,cue,t,pixels\n");
    for (size_t k = 0; k < evaluator->classes; k++)
        CCRNN_TRY(add_class(examples, network, k, err));
    if (draws)
        CCRNN_TRY(save(&examples->drawings, directory, "drawings.csv", err));
    else
        CCRNN_TRY(save(&examples->answers, directory, "answers.csv", err));
    return shows ? save(&examples->images, directory, "images.csv", err) : CCRNN_OK;
}

enum ccrnn_status ccrnn_examples_write(struct ccrnn_evaluator *evaluator,
                                       struct ccrnn_network *network, const char *directory,
                                       struct ccrnn_error *err)
{
    struct examples examples = {.evaluator = evaluator};
    const enum ccrnn_status status = collect(&examples, network, directory, err);
    free(examples.drawings.bytes);
    free(examples.answers.bytes);
    free(examples.images.bytes);
    free(examples.outputs);
    free(examples.probability);
    return status;
}
