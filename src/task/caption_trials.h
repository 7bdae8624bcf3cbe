/** @file
 * The captions of one run: which, in which words, in which order; batches of equal length.
 */
#ifndef CCRNN_TASK_CAPTION_TRIALS_H
#define CCRNN_TASK_CAPTION_TRIALS_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/real.h"
#include "measure/ngrams.h"
#include "task/caption_set.h"

/** NATURAL: every caption once an epoch. BALANCED: as many batches of each length, as many in all. */
enum ccrnn_length_balance { CCRNN_LENGTHS_NATURAL, CCRNN_LENGTHS_BALANCED };

enum { CCRNN_CAPTION_PATH_MAX = 1024, CCRNN_CAPTION_LENGTHS_MAX = 1024 };

/** All images of a split. */
#define CCRNN_ALL_IMAGES UINT64_MAX

/** What a run asks of its captions. A plain value. */
struct ccrnn_caption_options {
    enum ccrnn_caption_source source;
    char features
        [CCRNN_CAPTION_PATH_MAX]; /**< file in the data's directory; "" = found by its name */
    size_t shortest, longest;     /**< tokens of a caption, <start> and <end> counted */
    uint64_t minimum_count;       /**< how often a word must be seen to be in the vocabulary */
    enum ccrnn_length_balance lengths;
    uint64_t train_images, validation_images,
        test_images; /**< the first so many; ALL_IMAGES: all */
    size_t embedding;
    size_t beam; /**< width of the beam of the second decoding; 1: greedy alone */
    /* found out when the captions are there; 0 before */
    size_t words; /**< of the vocabulary */
    size_t width; /**< numbers of a feature vector */
};

/** A batch of captions of one length; arrays owned by the caller. */
struct ccrnn_caption_batch {
    ccrnn_real *feature; /**< (B,width) */
    int32_t *label;      /**< (steps,B): <start>, words, <end>; room for longest·B */
    size_t steps;
    size_t count; /**< of B: the rest repeats others, to fill the batch */
};

/** Opaque; not to be shared between threads. */
struct ccrnn_caption_trials;

/** @param[in] set kept by pointer
 *  @param[out] trials NULL on failure; close with ccrnn_caption_trials_close()
 *  @return CCRNN_USAGE: a split without captions of these lengths, or with fewer images than asked for; no
 *          word seen often enough; CCRNN_MEMORY */
enum ccrnn_status ccrnn_caption_trials_open(const struct ccrnn_caption_options *options,
                                            const struct ccrnn_caption_set *set, size_t B,
                                            uint64_t seed, struct ccrnn_caption_trials **trials,
                                            struct ccrnn_error *err);
/** NULL is fine. */
void ccrnn_caption_trials_close(struct ccrnn_caption_trials *trials);

const struct ccrnn_vocabulary *
ccrnn_caption_trials_vocabulary(const struct ccrnn_caption_trials *trials);

/** Captions of a split within the range of lengths, as words. */
const struct ccrnn_sentences *
ccrnn_caption_trials_sentences(const struct ccrnn_caption_trials *trials,
                               enum ccrnn_caption_split split);

/** Lay out the batches of a split.
 * @param epoch training: an order of its own, from the stream (seed, SHUFFLE, epoch); captions of a length
 *              that do not fill a batch are filled up with others of it. Other splits: by length.
 * @return how many there are */
size_t ccrnn_caption_trials_plan(struct ccrnn_caption_trials *trials,
                                 enum ccrnn_caption_split split, uint32_t epoch);

/** Fill batch `index` of the last plan. */
void ccrnn_caption_trials_batch(const struct ccrnn_caption_trials *trials, size_t index,
                                struct ccrnn_caption_batch *batch);

#endif
