#include "study/caption_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "data/tokens.h"

/* More than any token of punctuation alone needs. */
enum { PUNCTUATION_ROOM = 32 };

static const char *const class_names[CCRNN_LENGTH_CLASSES] = {"short", "medium", "long"};

size_t ccrnn_caption_test_images(const struct ccrnn_caption_set *set, uint64_t most)
{
    uint64_t count = 0;
    for (size_t i = 0; i < set->images && count < most; i++)
        count += set->split[i] == CCRNN_CAPTIONS_TEST;
    return (size_t)count;
}

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the captions of the test images");
}

/* --- strings ----------------------------------------------------------------------------- */

/* Tokens of a reference without punctuation, separated by spaces. */
static char *reference_text(const struct ccrnn_caption_set *set, size_t caption)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "%s", "");
    for (size_t i = set->start[caption]; i < set->start[caption + 1]; i++) {
        const char *const token = set->lexicon[set->token[i]];
        if (!ccrnn_token_is_punctuation(token))
            ccrnn_text_add(&text, "%s%s", text.size > 0 ? " " : "", token);
    }
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

/* A caption as it is compared: without punctuation. */
static char *compared_text(const char *caption)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "%s", "");
    while (*caption != '\0') {
        char word[PUNCTUATION_ROOM] = "";
        const size_t length = strcspn(caption, " ");
        if (length < sizeof word)
            memcpy(word, caption, length);
        if (length > 0 && !ccrnn_token_is_punctuation(word))
            ccrnn_text_add(&text, "%s%.*s", text.size > 0 ? " " : "", (int)length, caption);
        caption += length + (caption[length] == ' ');
    }
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

static char *said_text(const struct ccrnn_vocabulary *vocabulary, const int32_t *word,
                       size_t count)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "%s", "");
    for (size_t i = 0; i < count; i++)
        ccrnn_text_add(&text, "%s%s", i > 0 ? " " : "",
                       ccrnn_vocabulary_word(vocabulary, (size_t)word[i]));
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

/* --- length classes ---------------------------------------------------------------------- */

struct length_rank {
    double mean; /* tokens of a reference */
    size_t place;
};

static int by_length(const void *a, const void *b)
{
    const struct length_rank *const x = a, *const y = b;
    if (x->mean != y->mean)
        return x->mean < y->mean ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static enum ccrnn_status classify(struct ccrnn_caption_test *test,
                                  const struct ccrnn_caption_set *set, struct ccrnn_error *err)
{
    struct length_rank *const rank = malloc((test->images + 1) * sizeof *rank);
    if (rank == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < test->images; i++) {
        const size_t first = set->first[test->image[i]], end = set->first[test->image[i] + 1];
        rank[i].mean = (double)(set->start[end] - set->start[first]) / (double)(end - first);
        rank[i].place = i;
    }
    qsort(rank, test->images, sizeof *rank, by_length);
    for (size_t i = 0; i < test->images; i++)
        test->length_class[rank[i].place] = (uint8_t)(i * CCRNN_LENGTH_CLASSES / test->images);
    free(rank);
    return CCRNN_OK;
}

/* --- scores ------------------------------------------------------------------------------ */

/* What the scorer reads: candidates and references of all test images. */
struct corpus {
    struct ccrnn_scored_caption *scored; /* (images) */
    struct ccrnn_scored_caption *chosen; /* (images): those of one class */
    char **candidate;                    /* (images) */
    char **reference;                    /* (references) */
    size_t references;
};

static void release_corpus(struct corpus *corpus, size_t images)
{
    for (size_t i = 0; corpus->candidate != NULL && i < images; i++)
        free(corpus->candidate[i]);
    for (size_t i = 0; corpus->reference != NULL && i < corpus->references; i++)
        free(corpus->reference[i]);
    free(corpus->scored);
    free(corpus->chosen);
    free(corpus->candidate);
    free(corpus->reference);
}

static enum ccrnn_status fill_corpus(const struct ccrnn_caption_test *test,
                                     const struct ccrnn_caption_set *set, struct corpus *corpus,
                                     struct ccrnn_error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < test->images; i++)
        corpus->references += set->first[test->image[i] + 1] - set->first[test->image[i]];
    corpus->scored = calloc(test->images + 1, sizeof *corpus->scored);
    corpus->chosen = calloc(test->images + 1, sizeof *corpus->chosen);
    corpus->candidate = calloc(test->images + 1, sizeof *corpus->candidate);
    corpus->reference = calloc(corpus->references + 1, sizeof *corpus->reference);
    if (corpus->scored == NULL || corpus->chosen == NULL || corpus->candidate == NULL ||
        corpus->reference == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < test->images; i++) {
        const size_t first = set->first[test->image[i]], end = set->first[test->image[i] + 1];
        if (test->caption[i] != NULL)
            corpus->candidate[i] = compared_text(test->caption[i]);
        if (corpus->candidate[i] == NULL)
            return fail_memory(err);
        corpus->scored[i] = (struct ccrnn_scored_caption){
            corpus->candidate[i], (const char *const *)corpus->reference + at, end - first};
        for (size_t c = first; c < end; c++, at++) {
            corpus->reference[at] = reference_text(set, c);
            if (corpus->reference[at] == NULL)
                return fail_memory(err);
        }
    }
    return CCRNN_OK;
}

static enum ccrnn_status score_classes(struct ccrnn_caption_test *test, struct corpus *corpus,
                                       struct ccrnn_error *err)
{
    for (size_t k = 0; k < CCRNN_LENGTH_CLASSES; k++) {
        size_t count = 0;
        for (size_t i = 0; i < test->images; i++)
            if (test->length_class[i] == k)
                corpus->chosen[count++] = corpus->scored[i];
        test->in_class[k] = count;
        if (count > 0)
            CCRNN_TRY(
                ccrnn_caption_scores(corpus->chosen, count, &test->by_length[k], NULL, err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status score(struct ccrnn_caption_test *test,
                               const struct ccrnn_caption_set *set, struct ccrnn_error *err)
{
    struct corpus corpus = {0};
    enum ccrnn_status status = fill_corpus(test, set, &corpus, err);
    if (status == CCRNN_OK)
        status =
            ccrnn_caption_scores(corpus.scored, test->images, &test->corpus, test->score, err);
    if (status == CCRNN_OK)
        status = score_classes(test, &corpus, err);
    release_corpus(&corpus, test->images);
    return status;
}

/* --- a test ------------------------------------------------------------------------------ */

static enum ccrnn_status reserve(struct ccrnn_caption_test *test,
                                 const struct ccrnn_caption_set *set, uint64_t most,
                                 struct ccrnn_error *err)
{
    *test = (struct ccrnn_caption_test){.images = ccrnn_caption_test_images(set, most)};
    if (test->images == 0)
        return ccrnn_fail(err, CCRNN_USAGE, "there is no test image to say something about");
    test->image = calloc(test->images + 1, sizeof *test->image);
    test->length_class = calloc(test->images + 1, sizeof *test->length_class);
    test->caption = calloc(test->images + 1, sizeof *test->caption);
    test->score = calloc(test->images + 1, sizeof *test->score);
    if (test->image == NULL || test->length_class == NULL || test->caption == NULL ||
        test->score == NULL)
        return fail_memory(err);
    for (size_t i = 0, count = 0; count < test->images; i++)
        if (set->split[i] == CCRNN_CAPTIONS_TEST)
            test->image[count++] = (uint32_t)i;
    return classify(test, set, err);
}

static enum ccrnn_status say(struct ccrnn_network *network, const struct ccrnn_caption_set *set,
                             const struct ccrnn_vocabulary *vocabulary,
                             const struct ccrnn_decoding *decoding,
                             struct ccrnn_caption_test *test, struct ccrnn_error *err)
{
    ccrnn_real *const feature = malloc(test->images * set->width * sizeof *feature);
    int32_t *const word = calloc(test->images * decoding->most, sizeof *word);
    size_t *const length = calloc(test->images, sizeof *length);
    enum ccrnn_status status = CCRNN_OK;
    if (feature == NULL || word == NULL || length == NULL)
        status = fail_memory(err);
    for (size_t i = 0; status == CCRNN_OK && i < test->images * set->width; i++)
        feature[i] =
            (ccrnn_real)set->feature[test->image[i / set->width] * set->width + i % set->width];
    if (status == CCRNN_OK)
        status = ccrnn_decode(network, feature, test->images, decoding, word, length, err);
    for (size_t i = 0; status == CCRNN_OK && i < test->images; i++) {
        test->caption[i] = said_text(vocabulary, word + i * decoding->most, length[i]);
        if (test->caption[i] == NULL)
            status = fail_memory(err);
    }
    free(feature);
    free(word);
    free(length);
    return status;
}

enum ccrnn_status ccrnn_caption_test_run(struct ccrnn_network *network,
                                         const struct ccrnn_caption_set *set,
                                         const struct ccrnn_vocabulary *vocabulary, uint64_t most,
                                         const struct ccrnn_decoding *decoding,
                                         struct ccrnn_caption_test *test, struct ccrnn_error *err)
{
    enum ccrnn_status status = reserve(test, set, most, err);
    if (status == CCRNN_OK)
        status = say(network, set, vocabulary, decoding, test, err);
    if (status == CCRNN_OK)
        status = score(test, set, err);
    if (status != CCRNN_OK)
        ccrnn_caption_test_release(test);
    return status;
}

enum ccrnn_status ccrnn_caption_test_score(const struct ccrnn_caption_set *set, uint64_t most,
                                           const char *const *caption,
                                           struct ccrnn_caption_test *test,
                                           struct ccrnn_error *err)
{
    enum ccrnn_status status = reserve(test, set, most, err);
    for (size_t i = 0; status == CCRNN_OK && i < test->images; i++) {
        test->caption[i] = strdup(caption[i]);
        if (test->caption[i] == NULL)
            status = fail_memory(err);
    }
    if (status == CCRNN_OK)
        status = score(test, set, err);
    if (status != CCRNN_OK)
        ccrnn_caption_test_release(test);
    return status;
}

void ccrnn_caption_test_release(struct ccrnn_caption_test *test)
{
    for (size_t i = 0; test->caption != NULL && i < test->images; i++)
        free(test->caption[i]);
    free(test->image);
    free(test->length_class);
    free(test->caption);
    free(test->score);
    *test = (struct ccrnn_caption_test){0};
}

/* --- captions.csv ------------------------------------------------------------------------ */

/* A quoted field; quotes inside are doubled. */
static void add_quoted(struct ccrnn_text *text, const char *field)
{
    ccrnn_text_add(text, "\"");
    for (; *field != '\0'; field++)
        ccrnn_text_add(text, *field == '"' ? "\"\"" : "%c", *field);
    ccrnn_text_add(text, "\"");
}

static void add_row(struct ccrnn_text *text, const struct ccrnn_caption_test *test, size_t i,
                    const struct ccrnn_caption_set *set)
{
    const struct ccrnn_caption_score *const s = &test->score[i];
    struct ccrnn_text references = {0};
    const size_t first = set->first[test->image[i]], end = set->first[test->image[i] + 1];
    for (size_t c = first; c < end; c++) {
        ccrnn_text_add(&references, "%s", c > first ? " | " : "");
        for (size_t w = set->start[c]; w < set->start[c + 1]; w++)
            ccrnn_text_add(&references, "%s%s", w > set->start[c] ? " " : "",
                           set->lexicon[set->token[w]]);
    }
    add_quoted(text, set->image_id[test->image[i]]);
    ccrnn_text_add(text, ",%s,", class_names[test->length_class[i]]);
    add_quoted(text, test->caption[i]);
    ccrnn_text_add(text, ",%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,", s->bleu[0], s->bleu[1],
                   s->bleu[2], s->bleu[3], s->rouge_l, s->cider, s->cider_d);
    add_quoted(text, references.bytes == NULL ? "" : references.bytes);
    ccrnn_text_add(text, "\n");
    text->failed |= references.failed;
    free(references.bytes);
}

enum ccrnn_status ccrnn_caption_test_write(const struct ccrnn_caption_test *test,
                                           const struct ccrnn_caption_set *set, const char *path,
                                           struct ccrnn_error *err)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "image,length_class,caption,bleu_1,bleu_2,bleu_3,bleu_4,rouge_l,cider,"
                          "cider_d,references\n");
    for (size_t i = 0; i < test->images; i++)
        add_row(&text, test, i, set);
    const enum ccrnn_status status =
        text.failed ? fail_memory(err)
                    : ccrnn_file_write_atomic(path, text.bytes, text.size, err);
    free(text.bytes);
    return status;
}
