/* What a trained network does on a few test trials of every class: the files a report draws. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "loop/network.h"
#include "study/evaluator.h"

/* Trials per class, and how many batches are looked at to find them. */
enum { EXAMPLES_PER_CLASS = 3, SEARCH_BATCHES = 200 };

/* The rows of one class. */
struct class_examples {
    size_t kept;               /* trials */
    struct ccrnn_text outputs; /* drawings or answers */
    struct ccrnn_text images;
};

struct examples {
    struct ccrnn_evaluator *evaluator;
    struct class_examples *of_class; /* (classes) */
    size_t open;                     /* classes that want more trials */
    ccrnn_real *outputs;             /* (T,B,O): the readout at every step, discrimination only */
    double *probability;             /* (O) */
};

static int class_name(const struct examples *examples, size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    return ccrnn_task_class_name(evaluator->options, (size_t)evaluator->batch.class_index[b]);
}

static void add_drawing(struct examples *examples, struct ccrnn_text *text, uint64_t trial,
                        size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    for (size_t t = 0; t < evaluator->T; t++) {
        const size_t at = 2 * (t * evaluator->B + b);
        const ccrnn_real *const target = evaluator->batch.target + at;
        const ccrnn_real *const output = evaluator->output + at;
        ccrnn_text_add(text, "%llu,%d,%zu,%.9g,%.9g,%.9g,%.9g\n", (unsigned long long)trial,
                       class_name(examples, b), t, (double)target[0], (double)target[1],
                       (double)output[0], (double)output[1]);
    }
}

static void add_answer(struct examples *examples, struct ccrnn_text *text, uint64_t trial,
                       size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    if (examples->probability == NULL)
        return;
    for (size_t t = 0; t < evaluator->T; t++) {
        ccrnn_measure_softmax(examples->outputs + (t * evaluator->B + b) * evaluator->O,
                              evaluator->O, examples->probability);
        for (size_t o = 0; o < evaluator->O; o++)
            ccrnn_text_add(
                text, "%llu,%d,%zu,%d,%.9g\n", (unsigned long long)trial, class_name(examples, b),
                t, ccrnn_task_class_name(evaluator->options, o), examples->probability[o]);
    }
}

static void add_image(struct examples *examples, struct ccrnn_text *text, uint64_t trial,
                      size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    for (size_t t = 0; t < evaluator->T; t++) {
        ccrnn_text_add(text, "%llu,%d,%zu,", (unsigned long long)trial, class_name(examples, b),
                       t);
        const ccrnn_real *const input =
            evaluator->batch.input + (t * evaluator->B + b) * evaluator->I;
        for (size_t i = 0; i < evaluator->I; i++)
            ccrnn_text_add(text, "%s%.0f", i == 0 ? "" : " ", (double)input[i] * UINT8_MAX);
        ccrnn_text_add(text, "\n");
    }
}

static void add_trial(struct examples *examples, uint64_t trial, size_t b)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    struct class_examples *const own = &examples->of_class[evaluator->batch.class_index[b]];
    if (own->kept == EXAMPLES_PER_CLASS)
        return;
    if (evaluator->draws)
        add_drawing(examples, &own->outputs, trial, b);
    else
        add_answer(examples, &own->outputs, trial, b);
    if (ccrnn_task_kind(evaluator->options->task)->shows_images)
        add_image(examples, &own->images, trial, b);
    own->kept++;
    examples->open -= own->kept == EXAMPLES_PER_CLASS;
}

/* The first trials of every class, met in one pass. */
static enum ccrnn_status find_trials(struct examples *examples, struct ccrnn_network *network,
                                     struct ccrnn_error *err)
{
    struct ccrnn_evaluator *const evaluator = examples->evaluator;
    const uint64_t there = ccrnn_trials_available(evaluator->trials, CCRNN_SPLIT_TEST);
    for (uint64_t batch = 0; batch < SEARCH_BATCHES && examples->open > 0; batch++) {
        const uint64_t first = batch * evaluator->B;
        if (first >= there)
            break;
        CCRNN_TRY(ccrnn_evaluator_run_batch(evaluator, network, CCRNN_SPLIT_TEST, 0, first, err));
        if (examples->outputs != NULL)
            ccrnn_network_readout(network, examples->outputs);
        for (size_t b = 0; b < evaluator->B && first + b < there; b++)
            add_trial(examples, first + b, b);
    }
    return CCRNN_OK;
}

/* One file: a header, then the rows of every class. `offset` is that of the rows' text. */
static enum ccrnn_status save(const struct examples *examples, size_t offset, const char *header,
                              const char *directory, const char *name, struct ccrnn_error *err)
{
    struct ccrnn_text text = {0};
    char path[CCRNN_PATH_MAX];
    ccrnn_text_add(&text, "%s", header);
    for (size_t k = 0; k < examples->evaluator->classes; k++) {
        const struct ccrnn_text *const rows =
            (const struct ccrnn_text *)((const char *)&examples->of_class[k] + offset);
        text.failed |= rows->failed;
        if (rows->size > 0)
            ccrnn_text_add(&text, "%s", rows->bytes);
    }
    enum ccrnn_status status = CCRNN_OK;
    if (text.failed)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the examples of a run");
    if (status == CCRNN_OK)
        status = ccrnn_path_join(path, sizeof path, directory, name, err);
    if (status == CCRNN_OK)
        status = ccrnn_file_write_atomic(path, text.bytes, text.size, err);
    free(text.bytes);
    return status;
}

static enum ccrnn_status prepare(struct examples *examples, struct ccrnn_error *err)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    examples->open = evaluator->classes;
    examples->of_class = calloc(evaluator->classes, sizeof *examples->of_class);
    bool complete = examples->of_class != NULL;
    if (!evaluator->draws) {
        examples->outputs =
            calloc(evaluator->T * evaluator->B * evaluator->O, sizeof *examples->outputs);
        examples->probability = calloc(evaluator->O, sizeof *examples->probability);
        complete &= examples->outputs != NULL && examples->probability != NULL;
    }
    return complete ? CCRNN_OK
                    : ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the examples of a run");
}

static enum ccrnn_status collect(struct examples *examples, struct ccrnn_network *network,
                                 const char *directory, struct ccrnn_error *err)
{
    const struct ccrnn_evaluator *const evaluator = examples->evaluator;
    const size_t outputs = offsetof(struct class_examples, outputs);
    CCRNN_TRY(prepare(examples, err));
    CCRNN_TRY(find_trials(examples, network, err));
    if (evaluator->draws)
        CCRNN_TRY(save(examples, outputs, "trial,cue,t,target_x,target_y,output_x,output_y\n",
                       directory, "drawings.csv", err));
    else
        CCRNN_TRY(save(examples, outputs, "trial,cue,t,digit,probability\n", directory,
                       "answers.csv", err));
    if (!ccrnn_task_kind(evaluator->options->task)->shows_images)
        return CCRNN_OK;
    return save(examples, offsetof(struct class_examples, images), "trial,cue,t,pixels\n",
                directory, "images.csv", err);
}

enum ccrnn_status ccrnn_examples_write(struct ccrnn_evaluator *evaluator,
                                       struct ccrnn_network *network, const char *directory,
                                       struct ccrnn_error *err)
{
    struct examples examples = {.evaluator = evaluator};
    const enum ccrnn_status status = collect(&examples, network, directory, err);
    for (size_t k = 0; k < evaluator->classes && examples.of_class != NULL; k++) {
        free(examples.of_class[k].outputs.bytes);
        free(examples.of_class[k].images.bytes);
    }
    free(examples.of_class);
    free(examples.outputs);
    free(examples.probability);
    return status;
}
