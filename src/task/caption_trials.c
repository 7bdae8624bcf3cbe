#include "task/caption_trials.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ccrnn/random.h"

/* Captions of a split within the range of lengths. */
struct part {
    int32_t *word;
    size_t *start; /* (count+1) */
    size_t count;
    uint32_t *image;      /* (count) */
    uint32_t *order;      /* (count): captions by length, in each in the order of the set */
    size_t *length_start; /* (lengths+1) into `order` */
    struct ccrnn_sentences sentences;
};

/* Rows of a batch: places in a list of captions of one length. */
struct planned {
    size_t length; /* less `shortest` */
    size_t first, count;
};

struct ccrnn_caption_trials {
    struct ccrnn_caption_options options;
    const struct ccrnn_caption_set *set;
    struct ccrnn_vocabulary *vocabulary;
    size_t B, lengths;
    uint64_t seed;
    struct part part[CCRNN_CAPTIONS_UNUSED];

    /* the plan at hand */
    const struct part *planned_part;
    struct planned *plan; /* room for the largest plan */
    uint32_t *shuffled;   /* training captions by length, shuffled in each */
    const uint32_t *rows; /* `order` or `shuffled` */
};

static const char *const split_names[] = {"training", "validation", "test"};
static const char *const option_names[] = {"train", "validation", "test"};

static uint64_t images_wanted(const struct ccrnn_caption_options *options, size_t split)
{
    const uint64_t wanted[] = {options->train_images, options->validation_images,
                               options->test_images};
    return wanted[split];
}

/* Tokens of a caption, <start> and <end> counted. */
static size_t length_of(const struct ccrnn_caption_set *set, size_t caption)
{
    return set->start[caption + 1] - set->start[caption] + 2;
}

static bool in_range(const struct ccrnn_caption_options *options, size_t length)
{
    return length >= options->shortest && length <= options->longest;
}

/* --- captions of a split ----------------------------------------------------------------- */

static enum ccrnn_status check_images(size_t split, uint64_t there, uint64_t wanted,
                                      struct ccrnn_error *err)
{
    if (there == 0)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "there is no %s image with captions and features; check the ids of this "
            "split",
            split_names[split]);
    if (wanted != CCRNN_ALL_IMAGES && wanted > there)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s_images: expected at most %llu, as many as there are, found %llu; "
                          "write fewer, or all",
                          option_names[split], (unsigned long long)there,
                          (unsigned long long)wanted);
    return CCRNN_OK;
}

static enum ccrnn_status reserve_part(struct ccrnn_caption_trials *trials, size_t split,
                                      struct ccrnn_error *err)
{
    const struct ccrnn_caption_set *const set = trials->set;
    struct part *const part = &trials->part[split];
    const uint64_t wanted = images_wanted(&trials->options, split);
    size_t captions = 0, words = 0, all = 0;
    uint64_t images = 0;
    for (size_t i = 0; i < set->images; i++) {
        if (set->split[i] != split || images++ >= wanted)
            continue;
        for (size_t c = set->first[i]; c < set->first[i + 1]; c++) {
            const size_t length = length_of(set, c);
            all++;
            captions += in_range(&trials->options, length);
            words += in_range(&trials->options, length) ? length : 0;
        }
    }
    CCRNN_TRY(check_images(split, images, wanted, err));
    if (captions == 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "none of the %zu %s captions has %zu to %zu tokens (<start> and <end> "
                          "counted); choose another shortest and longest",
                          all, split_names[split], trials->options.shortest,
                          trials->options.longest);
    part->word = malloc(words * sizeof *part->word);
    part->start = calloc(captions + 1, sizeof *part->start);
    part->image = malloc(captions * sizeof *part->image);
    part->order = malloc(captions * sizeof *part->order);
    part->length_start = calloc(trials->lengths + 1, sizeof *part->length_start);
    if (part->word == NULL || part->start == NULL || part->image == NULL || part->order == NULL ||
        part->length_start == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %zu captions", captions);
    return CCRNN_OK;
}

static void add_caption(const struct ccrnn_caption_trials *trials, struct part *part,
                        size_t caption, size_t image, const int32_t *word_of)
{
    const struct ccrnn_caption_set *const set = trials->set;
    int32_t *to = part->word + part->start[part->count];
    *to++ = CCRNN_WORD_START;
    for (size_t i = set->start[caption]; i < set->start[caption + 1]; i++)
        *to++ = word_of[set->token[i]];
    *to = CCRNN_WORD_END;
    part->image[part->count] = (uint32_t)image;
    part->start[part->count + 1] = part->start[part->count] + length_of(set, caption);
    part->count++;
}

static size_t length_index(const struct ccrnn_caption_trials *trials, const struct part *part,
                           size_t caption)
{
    return part->start[caption + 1] - part->start[caption] - trials->options.shortest;
}

/* Captions by length: a counting sort. */
static void sort_part(const struct ccrnn_caption_trials *trials, struct part *part)
{
    size_t at[CCRNN_CAPTION_LENGTHS_MAX];
    for (size_t c = 0; c < part->count; c++)
        part->length_start[length_index(trials, part, c) + 1]++;
    for (size_t l = 0; l < trials->lengths; l++)
        part->length_start[l + 1] += part->length_start[l];
    memcpy(at, part->length_start, trials->lengths * sizeof *at);
    for (size_t c = 0; c < part->count; c++)
        part->order[at[length_index(trials, part, c)]++] = (uint32_t)c;
}

static enum ccrnn_status fill_part(struct ccrnn_caption_trials *trials, size_t split,
                                   const int32_t *word_of, struct ccrnn_error *err)
{
    const struct ccrnn_caption_set *const set = trials->set;
    struct part *const part = &trials->part[split];
    uint64_t images = 0;
    CCRNN_TRY(reserve_part(trials, split, err));
    part->start[0] = 0;
    for (size_t i = 0; i < set->images; i++) {
        if (set->split[i] != split || images++ >= images_wanted(&trials->options, split))
            continue;
        for (size_t c = set->first[i]; c < set->first[i + 1]; c++)
            if (in_range(&trials->options, length_of(set, c)))
                add_caption(trials, part, c, i, word_of);
    }
    sort_part(trials, part);
    part->sentences = (struct ccrnn_sentences){part->word, part->start, part->count};
    return CCRNN_OK;
}

/* --- open and close ---------------------------------------------------------------------- */

/* Batches that a plan of any split may have. */
static size_t plan_room(const struct ccrnn_caption_trials *trials)
{
    size_t most = 0;
    for (size_t split = 0; split < CCRNN_CAPTIONS_UNUSED; split++) {
        const size_t count = trials->part[split].count;
        most = count > most ? count : most;
    }
    return most / trials->B + 2 * trials->lengths;
}

static enum ccrnn_status prepare(struct ccrnn_caption_trials *trials, struct ccrnn_error *err)
{
    const struct ccrnn_caption_set *const set = trials->set;
    CCRNN_TRY(ccrnn_caption_set_vocabulary(set, trials->options.minimum_count,
                                           &trials->vocabulary, err));
    int32_t *const word_of = malloc((set->lexicon_size + 1) * sizeof *word_of);
    if (word_of == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %zu words", set->lexicon_size);
    for (size_t w = 0; w < set->lexicon_size; w++)
        word_of[w] = ccrnn_vocabulary_find(trials->vocabulary, set->lexicon[w]);
    enum ccrnn_status status = CCRNN_OK;
    for (size_t split = 0; split < CCRNN_CAPTIONS_UNUSED && status == CCRNN_OK; split++)
        status = fill_part(trials, split, word_of, err);
    free(word_of);
    CCRNN_TRY(status);
    trials->plan = malloc(plan_room(trials) * sizeof *trials->plan);
    trials->shuffled =
        malloc(trials->part[CCRNN_CAPTIONS_TRAIN].count * sizeof *trials->shuffled);
    if (trials->plan == NULL || trials->shuffled == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the order of captions");
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_caption_trials_open(const struct ccrnn_caption_options *options,
                                            const struct ccrnn_caption_set *set, size_t B,
                                            uint64_t seed, struct ccrnn_caption_trials **trials,
                                            struct ccrnn_error *err)
{
    *trials = NULL;
    struct ccrnn_caption_trials *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the captions of a run");
    made->options = *options;
    made->set = set;
    made->B = B;
    made->seed = seed;
    made->lengths = options->longest - options->shortest + 1;
    const enum ccrnn_status status = prepare(made, err);
    if (status != CCRNN_OK) {
        ccrnn_caption_trials_close(made);
        return status;
    }
    *trials = made;
    return CCRNN_OK;
}

void ccrnn_caption_trials_close(struct ccrnn_caption_trials *trials)
{
    if (trials == NULL)
        return;
    for (size_t split = 0; split < CCRNN_CAPTIONS_UNUSED; split++) {
        free(trials->part[split].word);
        free(trials->part[split].start);
        free(trials->part[split].image);
        free(trials->part[split].order);
        free(trials->part[split].length_start);
    }
    ccrnn_vocabulary_release(trials->vocabulary);
    free(trials->plan);
    free(trials->shuffled);
    free(trials);
}

const struct ccrnn_vocabulary *
ccrnn_caption_trials_vocabulary(const struct ccrnn_caption_trials *trials)
{
    return trials->vocabulary;
}

const struct ccrnn_sentences *
ccrnn_caption_trials_sentences(const struct ccrnn_caption_trials *trials,
                               enum ccrnn_caption_split split)
{
    return &trials->part[split].sentences;
}

/* --- plans ------------------------------------------------------------------------------- */

static void shuffle_captions(struct ccrnn_random *stream, uint32_t *item, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        const size_t chosen = ccrnn_random_below(stream, (uint32_t)left);
        const uint32_t mine = item[chosen];
        item[chosen] = item[left - 1];
        item[left - 1] = mine;
    }
}

static void shuffle_batches(struct ccrnn_random *stream, struct planned *item, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        const size_t chosen = ccrnn_random_below(stream, (uint32_t)left);
        const struct planned mine = item[chosen];
        item[chosen] = item[left - 1];
        item[left - 1] = mine;
    }
}

/* Batches of length l: enough for all its captions, or an equal share of as many as that makes in all. */
static size_t batches_of(const struct ccrnn_caption_trials *trials, const struct part *part,
                         size_t l, bool balanced)
{
    const size_t count = part->length_start[l + 1] - part->length_start[l];
    if (count == 0 || !balanced)
        return (count + trials->B - 1) / trials->B;
    size_t all = 0, others = 0;
    for (size_t k = 0; k < trials->lengths; k++) {
        all += batches_of(trials, part, k, false);
        others += k != l && part->length_start[k + 1] > part->length_start[k];
    }
    return (all + others) / (others + 1);
}

size_t ccrnn_caption_trials_plan(struct ccrnn_caption_trials *trials,
                                 enum ccrnn_caption_split split, uint32_t epoch)
{
    const struct part *const part = &trials->part[split];
    const bool training = split == CCRNN_CAPTIONS_TRAIN;
    const bool balanced = training && trials->options.lengths == CCRNN_LENGTHS_BALANCED;
    struct ccrnn_random stream;
    size_t batches = 0;
    trials->planned_part = part;
    trials->rows = training ? trials->shuffled : part->order;
    if (training) {
        ccrnn_random_start(&stream, trials->seed, CCRNN_RANDOM_SHUFFLE, epoch, 0);
        memcpy(trials->shuffled, part->order, part->count * sizeof *part->order);
    }
    for (size_t l = 0; l < trials->lengths; l++) {
        const size_t first = part->length_start[l], count = part->length_start[l + 1] - first;
        if (training)
            shuffle_captions(&stream, trials->shuffled + first, count);
        const size_t here = batches_of(trials, part, l, balanced);
        for (size_t i = 0; i < here; i++) {
            const size_t from = i * trials->B;
            const size_t left = count > from ? count - from : 0;
            const size_t some = training || left > trials->B ? trials->B : left;
            trials->plan[batches++] = (struct planned){l, from, some};
        }
    }
    if (training)
        shuffle_batches(&stream, trials->plan, batches);
    return batches;
}

void ccrnn_caption_trials_batch(const struct ccrnn_caption_trials *trials, size_t index,
                                struct ccrnn_caption_batch *batch)
{
    const struct planned *const planned = &trials->plan[index];
    const struct part *const part = trials->planned_part;
    const size_t B = trials->B, width = trials->set->width;
    const size_t first = part->length_start[planned->length];
    const size_t count = part->length_start[planned->length + 1] - first;
    batch->steps = planned->length + trials->options.shortest;
    batch->count = planned->count;
    for (size_t b = 0; b < B; b++) {
        const size_t caption = trials->rows[first + (planned->first + b) % count];
        const int32_t *const word = part->word + part->start[caption];
        const float *const feature = trials->set->feature + part->image[caption] * width;
        for (size_t t = 0; t < batch->steps; t++)
            batch->label[t * B + b] = word[t];
        for (size_t i = 0; i < width; i++)
            batch->feature[b * width + i] = (ccrnn_real)feature[i];
    }
}
