/* Courses of captions: batches of one length each, likelihoods, and what the network says in the end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "loop/network.h"
#include "measure/ngrams.h"
#include "study/caption_test.h"
#include "study/course.h"
#include "study/plan.h"

/* Decoding of the test beside the greedy one: as many words, finished captions by their length. */
static const double beam_length_power = 0.7;

struct captions_course {
    struct ccrnn_course course; /* first: a pointer to one is a pointer to the other */
    const struct ccrnn_run_config *config;
    const struct ccrnn_caption_set *set;
    struct ccrnn_caption_trials *trials;
    struct ccrnn_caption_batch batch;
    double *nats;  /* (steps,B) */
    int32_t *best; /* (steps,B) */

    /* sums of the last evaluation */
    double *position_nats;    /* (steps): of the words at each place */
    uint64_t *position_words; /* (steps) */
    uint64_t right;           /* words that were the likeliest; place 0 not counted */
    bool tested;
    struct ccrnn_caption_test greedy, beam;
    struct ccrnn_ngram_result ngrams;
};

static struct captions_course *own_of(struct ccrnn_course *course)
{
    return (struct captions_course *)course;
}

static void close_captions(struct ccrnn_course *course)
{
    struct captions_course *const own = own_of(course);
    ccrnn_caption_test_release(&own->greedy);
    ccrnn_caption_test_release(&own->beam);
    ccrnn_caption_trials_close(own->trials);
    free(own->batch.feature);
    free(own->batch.label);
    free(own->nats);
    free(own->best);
    free(own->position_nats);
    free(own->position_words);
    free(own);
}

static double bits(double nats)
{
    return nats / log(2.0);
}

/* --- learning ---------------------------------------------------------------------------- */

static enum ccrnn_status train(struct ccrnn_course *course, struct ccrnn_network *network,
                               uint64_t epoch, struct ccrnn_lesson *lesson,
                               struct ccrnn_error *err)
{
    struct captions_course *const own = own_of(course);
    const size_t batches =
        ccrnn_caption_trials_plan(own->trials, CCRNN_CAPTIONS_TRAIN, (uint32_t)epoch);
    double all = 0, words = 0, places = 0;
    *lesson = (struct ccrnn_lesson){0};
    for (size_t i = 0; i < batches; i++) {
        struct ccrnn_step_report report;
        ccrnn_caption_trials_batch(own->trials, i, &own->batch);
        const struct ccrnn_batch batch = {.feature = own->batch.feature,
                                          .label = own->batch.label,
                                          .steps = own->batch.steps,
                                          .epoch = (uint32_t)epoch,
                                          .item = (uint32_t)i};
        CCRNN_TRY(ccrnn_plan_training(own->config, network, epoch, i + 1, err));
        const enum ccrnn_status status = ccrnn_network_train(network, &batch, &report, err);
        if (status != CCRNN_OK)
            return ccrnn_fail_within(err, status, "epoch %llu, batch %zu",
                                     (unsigned long long)epoch, i + 1);
        ccrnn_lesson_add(lesson, &report, (double)batches);
        const double steps = (double)own->batch.steps;
        all += report.loss * steps;
        words += report.loss * steps - report.first_loss;
        places += steps;
    }
    lesson->row[0].name = "bits_per_word";
    lesson->row[0].value = bits(words / (places - (double)batches));
    lesson->row[1].name = "bits_per_word_with_start";
    lesson->row[1].value = bits(all / places);
    lesson->rows = 2;
    return CCRNN_OK;
}

/* --- likelihoods ------------------------------------------------------------------------- */

static void count_batch(struct captions_course *own)
{
    const struct ccrnn_caption_batch *const batch = &own->batch;
    const size_t B = own->config->network.batch;
    for (size_t t = 0; t < batch->steps; t++)
        for (size_t b = 0; b < batch->count; b++) {
            own->position_nats[t] += own->nats[t * B + b];
            own->position_words[t]++;
            own->right += t > 0 && own->best[t * B + b] == batch->label[t * B + b];
        }
}

/* Mean nats of places `from` and later. */
static double mean_nats(const struct captions_course *own, size_t from)
{
    double sum = 0;
    uint64_t words = 0;
    for (size_t t = from; t < own->config->network.steps; t++) {
        sum += own->position_nats[t];
        words += own->position_words[t];
    }
    return sum / (double)words;
}

static uint64_t words_after_start(const struct captions_course *own)
{
    uint64_t words = 0;
    for (size_t t = 1; t < own->config->network.steps; t++)
        words += own->position_words[t];
    return words;
}

static enum ccrnn_status measure(struct captions_course *own, struct ccrnn_network *network,
                                 enum ccrnn_caption_split split, double *error,
                                 struct ccrnn_error *err)
{
    const size_t steps = own->config->network.steps;
    const size_t batches = ccrnn_caption_trials_plan(own->trials, split, 0);
    memset(own->position_nats, 0, steps * sizeof *own->position_nats);
    memset(own->position_words, 0, steps * sizeof *own->position_words);
    own->right = 0;
    own->tested = false;
    for (size_t i = 0; i < batches; i++) {
        ccrnn_caption_trials_batch(own->trials, i, &own->batch);
        const struct ccrnn_batch batch = {
            .feature = own->batch.feature, .label = own->batch.label, .steps = own->batch.steps};
        CCRNN_TRY(ccrnn_network_score(network, &batch, own->nats, own->best, err));
        count_batch(own);
    }
    *error = bits(mean_nats(own, 1));
    return CCRNN_OK;
}

static enum ccrnn_status validate(struct ccrnn_course *course, struct ccrnn_network *network,
                                  uint64_t epoch, double *error, struct ccrnn_error *err)
{
    (void)epoch;
    return measure(own_of(course), network, CCRNN_CAPTIONS_VALIDATION, error, err);
}

/* --- test -------------------------------------------------------------------------------- */

static enum ccrnn_status test(struct ccrnn_course *course, struct ccrnn_network *network,
                              const char *directory, double *error, struct ccrnn_error *err)
{
    struct captions_course *const own = own_of(course);
    const struct ccrnn_vocabulary *const words = ccrnn_caption_trials_vocabulary(own->trials);
    const uint64_t images = own->config->task.captions.test_images;
    const struct ccrnn_decoding wide = {.beam = own->config->task.captions.beam,
                                        .most = ccrnn_decoding_greedy.most,
                                        .length_power = beam_length_power};
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(measure(own, network, CCRNN_CAPTIONS_TEST, error, err));
    ccrnn_caption_test_release(&own->greedy);
    ccrnn_caption_test_release(&own->beam);
    CCRNN_TRY(ccrnn_caption_test_run(network, own->set, words, images, &ccrnn_decoding_greedy,
                                     &own->greedy, err));
    if (wide.beam > 1)
        CCRNN_TRY(
            ccrnn_caption_test_run(network, own->set, words, images, &wide, &own->beam, err));
    CCRNN_TRY(ccrnn_ngrams_measure(
        ccrnn_vocabulary_size(words),
        ccrnn_caption_trials_sentences(own->trials, CCRNN_CAPTIONS_TRAIN),
        ccrnn_caption_trials_sentences(own->trials, CCRNN_CAPTIONS_VALIDATION),
        ccrnn_caption_trials_sentences(own->trials, CCRNN_CAPTIONS_TEST), &own->ngrams, err));
    own->tested = true;
    if (directory == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "captions.csv", err));
    return ccrnn_caption_test_write(&own->greedy, own->set, path, err);
}

/* --- rows -------------------------------------------------------------------------------- */

static void score_rows(const char *prefix, const char *suffix,
                       const struct ccrnn_caption_score *score, ccrnn_evaluation_row *row,
                       void *context)
{
    char name[64];
    for (int n = 0; n < 4; n++) {
        (void)ccrnn_format(name, sizeof name, "%sbleu_%d%s", prefix, n + 1, suffix);
        row(context, name, score->bleu[n]);
    }
    const char *const names[] = {"rouge_l", "cider", "cider_d"};
    const double value[] = {score->rouge_l, score->cider, score->cider_d};
    for (int i = 0; i < 3; i++) {
        (void)ccrnn_format(name, sizeof name, "%s%s%s", prefix, names[i], suffix);
        row(context, name, value[i]);
    }
}

static void test_rows(const struct captions_course *own, ccrnn_evaluation_row *row, void *context)
{
    char name[64];
    for (size_t t = 1; t < own->config->network.steps && own->position_words[t] > 0; t++) {
        (void)ccrnn_format(name, sizeof name, "bits_per_word.%zu", t);
        row(context, name, bits(own->position_nats[t] / (double)own->position_words[t]));
    }
    score_rows("", "", &own->greedy.corpus, row, context);
    for (int k = 0; k < CCRNN_LENGTH_CLASSES; k++) {
        if (own->greedy.in_class[k] == 0)
            continue;
        (void)ccrnn_format(name, sizeof name, ".%d", k);
        score_rows("", name, &own->greedy.by_length[k], row, context);
    }
    if (own->beam.images > 0)
        score_rows("beam_", "", &own->beam.corpus, row, context);
    row(context, "unigram_bits_per_word", own->ngrams.unigram);
    row(context, "bigram_bits_per_word", own->ngrams.bigram);
}

static void rows(const struct ccrnn_course *course, ccrnn_evaluation_row *row, void *context)
{
    const struct captions_course *const own = (const struct captions_course *)course;
    const double nats = mean_nats(own, 1);
    row(context, "bits_per_word", bits(nats));
    row(context, "bits_per_word_with_start", bits(mean_nats(own, 0)));
    row(context, "perplexity", exp(nats));
    row(context, "accuracy", (double)own->right / (double)words_after_start(own));
    if (own->tested)
        test_rows(own, row, context);
}

/* --- open -------------------------------------------------------------------------------- */

/* The first place where two vocabularies differ; SIZE_MAX: nowhere. */
static size_t first_difference(const struct ccrnn_vocabulary *a, const struct ccrnn_vocabulary *b)
{
    const size_t sizes[2] = {ccrnn_vocabulary_size(a), ccrnn_vocabulary_size(b)};
    const size_t common = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
    for (size_t i = 0; i < common; i++)
        if (strcmp(ccrnn_vocabulary_word(a, i), ccrnn_vocabulary_word(b, i)) != 0)
            return i;
    return sizes[0] == sizes[1] ? SIZE_MAX : common;
}

static const char *word_at(const struct ccrnn_vocabulary *vocabulary, size_t index)
{
    return index < ccrnn_vocabulary_size(vocabulary) ? ccrnn_vocabulary_word(vocabulary, index)
                                                     : "the end";
}

/* vocabulary.txt: written once, and the same ever after. */
static enum ccrnn_status settle(const struct ccrnn_course *course, const char *directory,
                                struct ccrnn_error *err)
{
    const struct captions_course *const own = (const struct captions_course *)course;
    const struct ccrnn_vocabulary *const words = ccrnn_caption_trials_vocabulary(own->trials);
    struct ccrnn_vocabulary *before = NULL;
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "vocabulary.txt", err));
    bool exists;
    CCRNN_TRY(ccrnn_path_look(path, &exists, err));
    if (!exists)
        return ccrnn_vocabulary_save(words, path, err);
    CCRNN_TRY(ccrnn_vocabulary_load(path, &before, err));
    const size_t place = first_difference(before, words);
    enum ccrnn_status status = CCRNN_OK;
    if (place != SIZE_MAX)
        status = ccrnn_fail(
            err, CCRNN_USAGE,
            "%s:%zu: the run began with a vocabulary of %zu words, the captions at hand make "
            "another one, of %zu: here it has \"%s\", they have \"%s\"; give the directory of the "
            "first captions (--data), undo what was changed in this file, or begin anew with "
            "another --out",
            path, place + 1, ccrnn_vocabulary_size(before), ccrnn_vocabulary_size(words),
            word_at(before, place), word_at(words, place));
    ccrnn_vocabulary_release(before);
    return status;
}

static const struct ccrnn_course_kind kind = {
    .close = close_captions,
    .train = train,
    .validate = validate,
    .test = test,
    .rows = rows,
    .settle = settle,
    .tests_best = true,
};

static enum ccrnn_status prepare(struct captions_course *own, uint64_t seed,
                                 struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &own->config->network;
    const size_t B = network->batch, places = network->steps * B;
    CCRNN_TRY(ccrnn_caption_trials_open(&own->config->task.captions, own->set, B, seed,
                                        &own->trials, err));
    own->batch.feature = calloc(B * own->set->width, sizeof *own->batch.feature);
    own->batch.label = calloc(places, sizeof *own->batch.label);
    own->nats = calloc(places, sizeof *own->nats);
    own->best = calloc(places, sizeof *own->best);
    own->position_nats = calloc(network->steps, sizeof *own->position_nats);
    own->position_words = calloc(network->steps, sizeof *own->position_words);
    if (own->batch.feature == NULL || own->batch.label == NULL || own->nats == NULL ||
        own->best == NULL || own->position_nats == NULL || own->position_words == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a run; use a smaller -j");
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_course_open_captions(const struct ccrnn_run_config *config,
                                             const struct ccrnn_run_data *data, uint64_t seed,
                                             struct ccrnn_course **course,
                                             struct ccrnn_error *err)
{
    *course = NULL;
    struct captions_course *const own = calloc(1, sizeof *own);
    if (own == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a run; use a smaller -j");
    own->course.kind = &kind;
    own->config = config;
    own->set = data->captions;
    const enum ccrnn_status status = prepare(own, seed, err);
    if (status != CCRNN_OK) {
        close_captions(&own->course);
        return status;
    }
    *course = &own->course;
    return CCRNN_OK;
}
