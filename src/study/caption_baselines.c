#include "study/caption_baselines.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "ccrnn/random.h"
#include "study/caption_test.h"

/* The training captions of a set as text. */
struct texts {
    char **text; /* (count) */
    size_t count;
};

static void release(struct texts *texts)
{
    for (size_t i = 0; texts->text != NULL && i < texts->count; i++)
        free(texts->text[i]);
    free(texts->text);
}

static char *text_of(const struct ccrnn_caption_set *set, size_t caption)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "%s", "");
    for (size_t i = set->start[caption]; i < set->start[caption + 1]; i++)
        ccrnn_text_add(&text, "%s%s", i > set->start[caption] ? " " : "",
                       set->lexicon[set->token[i]]);
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the training captions");
}

static enum ccrnn_status take_texts(const struct ccrnn_caption_set *set, struct texts *texts,
                                    struct ccrnn_error *err)
{
    texts->text = calloc(set->captions + 1, sizeof *texts->text);
    if (texts->text == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < set->images; i++) {
        if (set->split[i] != CCRNN_CAPTIONS_TRAIN)
            continue;
        for (size_t c = set->first[i]; c < set->first[i + 1]; c++) {
            texts->text[texts->count] = text_of(set, c);
            if (texts->text[texts->count] == NULL)
                return fail_memory(err);
            texts->count++;
        }
    }
    return CCRNN_OK;
}

/* Texts in the order of their bytes; equal ones stand together, the earliest first. */
struct placed {
    const char *text;
    size_t place;
};

static int by_text(const void *a, const void *b)
{
    const struct placed *const x = a, *const y = b;
    const int order = strcmp(x->text, y->text);
    if (order != 0)
        return order;
    return (x->place > y->place) - (x->place < y->place);
}

static enum ccrnn_status find_frequent(const struct texts *texts,
                                       struct ccrnn_caption_baselines *baselines, size_t *place,
                                       struct ccrnn_error *err)
{
    struct placed *const sorted = malloc((texts->count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < texts->count; i++)
        sorted[i] = (struct placed){texts->text[i], i};
    qsort(sorted, texts->count, sizeof *sorted, by_text);
    *place = 0;
    for (size_t i = 0, next; i < texts->count; i = next) {
        next = i + 1;
        while (next < texts->count && strcmp(sorted[next].text, sorted[i].text) == 0)
            next++;
        const uint64_t seen = next - i;
        if (seen > baselines->frequent_seen ||
            (seen == baselines->frequent_seen && sorted[i].place < *place)) {
            baselines->frequent_seen = seen;
            *place = sorted[i].place;
        }
    }
    free(sorted);
    return CCRNN_OK;
}

/* The score of one caption for each test image. */
static enum ccrnn_status score_captions(const struct ccrnn_caption_options *options,
                                        const struct ccrnn_caption_set *set,
                                        const char *const *caption,
                                        struct ccrnn_caption_score *score,
                                        struct ccrnn_error *err)
{
    struct ccrnn_caption_test test = {0};
    CCRNN_TRY(ccrnn_caption_test_score(set, options->test_images, caption, &test, err));
    *score = test.corpus;
    ccrnn_caption_test_release(&test);
    return CCRNN_OK;
}

static void add_share(struct ccrnn_caption_score *mean, const struct ccrnn_caption_score *score,
                      double draws)
{
    for (int n = 0; n < 4; n++)
        mean->bleu[n] += score->bleu[n] / draws;
    mean->rouge_l += score->rouge_l / draws;
    mean->cider += score->cider / draws;
    mean->cider_d += score->cider_d / draws;
}

static enum ccrnn_status score_baselines(const struct ccrnn_caption_options *options,
                                         const struct ccrnn_caption_set *set,
                                         const struct texts *texts, uint64_t seed,
                                         struct ccrnn_caption_baselines *baselines,
                                         const char **caption, struct ccrnn_error *err)
{
    size_t frequent = 0;
    if (texts->count == 0 || texts->text == NULL)
        return ccrnn_fail(err, CCRNN_USAGE, "there is no training caption");
    CCRNN_TRY(find_frequent(texts, baselines, &frequent, err));
    (void)strncpy(baselines->frequent, texts->text[frequent], sizeof baselines->frequent - 1);
    for (size_t i = 0; i < baselines->images; i++)
        caption[i] = texts->text[frequent];
    CCRNN_TRY(score_captions(options, set, caption, &baselines->frequent_score, err));
    for (uint32_t draw = 0; draw < CCRNN_BASELINE_DRAWS; draw++) {
        struct ccrnn_random stream;
        struct ccrnn_caption_score score;
        ccrnn_random_start(&stream, seed, CCRNN_RANDOM_USER, draw, 0);
        for (size_t i = 0; i < baselines->images; i++)
            caption[i] = texts->text[ccrnn_random_below(&stream, (uint32_t)texts->count)];
        CCRNN_TRY(score_captions(options, set, caption, &score, err));
        add_share(&baselines->random_score, &score, CCRNN_BASELINE_DRAWS);
    }
    return CCRNN_OK;
}

static enum ccrnn_status measure_words(const struct ccrnn_caption_options *options,
                                       const struct ccrnn_caption_set *set,
                                       struct ccrnn_caption_baselines *baselines,
                                       struct ccrnn_error *err)
{
    struct ccrnn_caption_trials *trials = NULL;
    CCRNN_TRY(ccrnn_caption_trials_open(options, set, 1, 1, &trials, err));
    const struct ccrnn_sentences *const train =
        ccrnn_caption_trials_sentences(trials, CCRNN_CAPTIONS_TRAIN);
    baselines->captions = train->count;
    baselines->words = ccrnn_vocabulary_size(ccrnn_caption_trials_vocabulary(trials));
    const enum ccrnn_status status = ccrnn_ngrams_measure(
        baselines->words, train,
        ccrnn_caption_trials_sentences(trials, CCRNN_CAPTIONS_VALIDATION),
        ccrnn_caption_trials_sentences(trials, CCRNN_CAPTIONS_TEST), &baselines->ngrams, err);
    ccrnn_caption_trials_close(trials);
    return status;
}

enum ccrnn_status ccrnn_caption_baselines_measure(const struct ccrnn_caption_options *options,
                                                  const struct ccrnn_caption_set *set,
                                                  uint64_t seed,
                                                  struct ccrnn_caption_baselines *baselines,
                                                  struct ccrnn_error *err)
{
    struct texts texts = {0};
    *baselines = (struct ccrnn_caption_baselines){
        .images = ccrnn_caption_test_images(set, options->test_images)};
    const char **const caption = calloc(baselines->images + 1, sizeof *caption);
    enum ccrnn_status status = caption == NULL ? fail_memory(err) : CCRNN_OK;
    if (status == CCRNN_OK)
        status = measure_words(options, set, baselines, err);
    if (status == CCRNN_OK)
        status = take_texts(set, &texts, err);
    if (status == CCRNN_OK)
        status = score_baselines(options, set, &texts, seed, baselines, caption, err);
    release(&texts);
    free(caption);
    return status;
}
