#include "measure/ngrams.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum { WEIGHT_STEPS = 100 }; /* λ = 0, 1/100, … 99/100 */

/* A pair of words and how often it stands in the training captions. */
struct pair {
    uint64_t key; /* first word · 2³² + second */
    uint64_t seen;
};

/* What is learned from the training captions. */
struct model {
    size_t words;
    uint64_t *target;  /* (words): n(w), as a target */
    uint64_t *before;  /* (words): n(v), as the word before one */
    uint64_t targets;  /* N */
    struct pair *pair; /* (pairs), by key */
    size_t pairs;
};

/* Both parts of the bigram model for one target; its probability is λ·after + (1 − λ)·alone. */
struct chance {
    double after, alone;
};

static uint64_t key_of(int32_t first, int32_t second)
{
    return (uint64_t)(uint32_t)first << 32 | (uint32_t)second;
}

static int by_key(const void *left, const void *right)
{
    const uint64_t a = ((const struct pair *)left)->key;
    const uint64_t b = ((const struct pair *)right)->key;
    if (a == b)
        return 0;
    return a < b ? -1 : 1;
}

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to count words; close other programs");
}

static size_t count_targets(const struct ccrnn_sentences *set)
{
    size_t targets = 0;
    for (size_t c = 0; c < set->count; c++)
        if (set->start[c + 1] > set->start[c])
            targets += set->start[c + 1] - set->start[c] - 1;
    return targets;
}

static enum ccrnn_status check_set(size_t words, const struct ccrnn_sentences *set,
                                   const char *name, struct ccrnn_error *err)
{
    if (set->count == 0 || count_targets(set) == 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "there are no %s captions with a word in them, expected one at least; "
                          "use more captions",
                          name);
    for (size_t c = 0; c < set->count; c++)
        for (size_t i = set->start[c]; i < set->start[c + 1]; i++)
            if (set->word[i] < 0 || (size_t)set->word[i] >= words)
                return ccrnn_fail(err, CCRNN_USAGE,
                                  "word %zu of %s caption %zu is number %d, expected one of %zu "
                                  "words, from 0; use the vocabulary the captions were made with",
                                  i - set->start[c], name, c, (int)set->word[i], words);
    return CCRNN_OK;
}

/* Equal pairs become one with their number. */
static void unite_pairs(struct model *model)
{
    size_t kept = 0;
    qsort(model->pair, model->pairs, sizeof *model->pair, by_key);
    for (size_t i = 0; i < model->pairs; i++)
        if (kept > 0 && model->pair[kept - 1].key == model->pair[i].key)
            model->pair[kept - 1].seen++;
        else
            model->pair[kept++] = model->pair[i];
    model->pairs = kept;
}

static void count(struct model *model, const struct ccrnn_sentences *train)
{
    for (size_t c = 0; c < train->count; c++)
        for (size_t i = train->start[c] + 1; i < train->start[c + 1]; i++) {
            const int32_t first = train->word[i - 1], second = train->word[i];
            model->before[first]++;
            model->target[second]++;
            model->targets++;
            model->pair[model->pairs++] = (struct pair){key_of(first, second), 1};
        }
    unite_pairs(model);
}

/* After a word that never stood before another, nothing better is known than p(w). */
static struct chance chance_of(const struct model *model, int32_t first, int32_t second)
{
    const struct pair wanted = {.key = key_of(first, second)};
    const struct pair *const found =
        bsearch(&wanted, model->pair, model->pairs, sizeof wanted, by_key);
    const uint64_t before = model->before[first];
    const double alone =
        ((double)model->target[second] + 1) / ((double)model->targets + (double)model->words);
    if (before == 0)
        return (struct chance){alone, alone};
    return (struct chance){found == NULL ? 0 : (double)found->seen / (double)before, alone};
}

/* Both parts for every target of a set, in order; `chance` has room for all. */
static void look_up(const struct model *model, const struct ccrnn_sentences *set,
                    struct chance *chance)
{
    size_t n = 0;
    for (size_t c = 0; c < set->count; c++)
        for (size_t i = set->start[c] + 1; i < set->start[c + 1]; i++)
            chance[n++] = chance_of(model, set->word[i - 1], set->word[i]);
}

static double bits(const struct chance *chance, size_t count, double weight)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum -= log2(weight * chance[i].after + (1 - weight) * chance[i].alone);
    return sum / (double)count;
}

/* Of equal weights the smallest. */
static void choose_weight(const struct chance *chance, size_t count,
                          struct ccrnn_ngram_result *result)
{
    for (int step = 0; step < WEIGHT_STEPS; step++) {
        const double weight = (double)step / WEIGHT_STEPS;
        const double found = bits(chance, count, weight);
        if (step == 0 || found < result->tuned) {
            result->tuned = found;
            result->weight = weight;
        }
    }
}

static enum ccrnn_status measure(const struct model *model, const struct ccrnn_sentences *tune,
                                 const struct ccrnn_sentences *test,
                                 struct ccrnn_ngram_result *result, struct ccrnn_error *err)
{
    const size_t tuning = count_targets(tune), testing = count_targets(test);
    struct chance *const chance =
        reallocarray(NULL, tuning > testing ? tuning : testing, sizeof *chance);
    if (chance == NULL)
        return fail_memory(err);
    look_up(model, tune, chance);
    choose_weight(chance, tuning, result);
    look_up(model, test, chance);
    result->unigram = bits(chance, testing, 0);
    result->bigram = bits(chance, testing, result->weight);
    result->words = testing;
    free(chance);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_ngrams_measure(size_t words, const struct ccrnn_sentences *train,
                                       const struct ccrnn_sentences *tune,
                                       const struct ccrnn_sentences *test,
                                       struct ccrnn_ngram_result *result, struct ccrnn_error *err)
{
    CCRNN_TRY(check_set(words, train, "training", err));
    CCRNN_TRY(check_set(words, tune, "tuning", err));
    CCRNN_TRY(check_set(words, test, "test", err));
    struct model model = {
        .words = words,
        .target = calloc(words, sizeof *model.target),
        .before = calloc(words, sizeof *model.before),
        .pair = reallocarray(NULL, count_targets(train), sizeof *model.pair),
    };
    enum ccrnn_status status = CCRNN_OK;
    if (model.target == NULL || model.before == NULL || model.pair == NULL)
        status = fail_memory(err);
    if (status == CCRNN_OK) {
        count(&model, train);
        status = measure(&model, tune, test, result, err);
    }
    free(model.target);
    free(model.before);
    free(model.pair);
    return status;
}
