/** @file
 * The tasks: one table (task.c), and the trials of one run.
 *
 * A task decides how many steps, inputs and outputs a network has and what its loss is, and fills
 * batches of trials. Training, validation and test trials are numbered from 0; which trial a number
 * means depends on the seed and, where a task says so, on the epoch, never on the batch size or the
 * arm: all arms of a seed meet the same trials in the same order.
 *
 * To add a task: its file, its row in the table of task.c, its name in enum ccrnn_task and in
 * ccrnn_choices_task (src/study/option_choices.c), its sizes as options in option_table.c.
 */
#ifndef CCRNN_TASK_TASK_H
#define CCRNN_TASK_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/digits.h"
#include "ccrnn/line_drawing.h"
#include "ccrnn/network.h"
#include "ccrnn/status.h"
#include "task/caption_trials.h"
#include "task/images.h"

enum ccrnn_task {
    CCRNN_TASK_LINE_DRAWING,
    CCRNN_TASK_ONLINE_LINE_DRAWING,
    CCRNN_TASK_ONLINE_DIGIT_DRAWING,
    CCRNN_TASK_VISUAL_DISCRIMINATION,
    CCRNN_TASK_CAPTIONS,
    CCRNN_TASK_COUNT
};

enum ccrnn_shuffle { CCRNN_SHUFFLE_NONE, CCRNN_SHUFFLE_EPOCH };

#define CCRNN_INTEGERS_MAX 64

/** A rising list of integers. */
struct ccrnn_integers {
    uint64_t value[CCRNN_INTEGERS_MAX];
    size_t count;
};

/** What the tasks on handwriting need to know. */
struct ccrnn_digit_options {
    enum ccrnn_image_source images;
    size_t inputs;                /**< pixels shown a step, a divisor of 784 */
    struct ccrnn_integers digits; /**< the classes in use, 0 … 9, rising */
    enum ccrnn_shuffle shuffle;
    enum ccrnn_line_targets line_targets;
};

/** Everything that decides the trials of a run, but its seed. A plain value. */
struct ccrnn_task_options {
    enum ccrnn_task task;
    struct ccrnn_line_drawing line_drawing; /**< `length` serves both tasks that draw lines */
    struct ccrnn_digit_options digits;
    struct ccrnn_caption_options captions;
    uint64_t train_size; /**< trials an epoch, a multiple of the batch */
    uint64_t validation_size, test_size;
};

/** A row of the table of tasks. */
struct ccrnn_task_kind {
    const char *name; /**< as in study files */
    const char *help; /**< one sentence */
    bool shows_images;
    bool draws;      /**< outputs are points (x, y); else logits of the classes, or of words */
    bool says_words; /**< its trials are those of caption_trials.h, not of this file */
    enum ccrnn_loss loss;
    enum ccrnn_predict predict;
};

const struct ccrnn_task_kind *ccrnn_task_kind(enum ccrnn_task task);

/** T, I and O of a network for this task. */
size_t ccrnn_task_steps(const struct ccrnn_task_options *options);
size_t ccrnn_task_inputs(const struct ccrnn_task_options *options);
size_t ccrnn_task_outputs(const struct ccrnn_task_options *options);

/** Number of classes: cues of the simple line drawing, else digits in use. */
size_t ccrnn_task_classes(const struct ccrnn_task_options *options);
/** The name of a class (< classes): the cue −m … m, or the digit. */
int ccrnn_task_class_name(const struct ccrnn_task_options *options, size_t class_index);

/** Rules between a task's options. @return CCRNN_USAGE with the key, the value and a remedy */
enum ccrnn_status ccrnn_task_check(const struct ccrnn_task_options *options,
                                   struct ccrnn_error *err);

enum ccrnn_split {
    CCRNN_SPLIT_TRAIN,
    CCRNN_SPLIT_VALIDATION,
    CCRNN_SPLIT_TEST,
    CCRNN_SPLIT_EVAL
};

/** Where a batch goes; owned by the caller. */
struct ccrnn_trial_batch {
    ccrnn_real *input;    /**< (T,B,I) */
    ccrnn_real *target;   /**< (T,B,2), tasks that draw; else NULL */
    int32_t *class_index; /**< (B): also the labels of the discrimination */
};

/** The trials of one run; opaque. Not to be shared between threads. */
struct ccrnn_trials;

/** @param[in] images of options->digits.images, kept by pointer, at least as many as
 *             ccrnn_task_images_needed(); NULL for tasks that show none
 *  @param[out] trials NULL on failure; close with ccrnn_trials_close()
 *  @return CCRNN_USAGE: fewer images than train_size, validation_size or test_size ask for */
enum ccrnn_status ccrnn_trials_open(const struct ccrnn_task_options *options,
                                    const struct ccrnn_task_images *images, uint64_t seed,
                                    struct ccrnn_trials **trials, struct ccrnn_error *err);
/** NULL is fine. */
void ccrnn_trials_close(struct ccrnn_trials *trials);

/** Trials first … first + B − 1 of a split; the number of the last may pass the split's size, where
 * images repeat from the start: such trials only fill the batch.
 * @param epoch from 1; what an epoch changes: simple line drawing draws training and validation
 *              trials anew, `shuffle: epoch` reorders training images. 0 for the other splits. */
void ccrnn_trials_batch(struct ccrnn_trials *trials, enum ccrnn_split split, uint32_t epoch,
                        uint64_t first, size_t B, const struct ccrnn_trial_batch *batch);

/** Most different trials of a split: UINT64_MAX where they are made as asked for. */
uint64_t ccrnn_trials_available(const struct ccrnn_trials *trials, enum ccrnn_split split);

#endif
