#include "study/decode.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/vocabulary.h"
#include "net/parameters.h"

enum { WORDS_MOST = 20 };

const struct ccrnn_decoding ccrnn_decoding_greedy = {.beam = 1, .most = WORDS_MOST};

/* A caption that is being said. */
struct hypothesis {
    double log_probability;
    size_t words;
    bool alive; /* may go on */
};

/* A way to go on: the word after hypothesis `from`. */
struct candidate {
    double log_probability;
    size_t from;
    int32_t word;
};

/* Everything about one group of images whose beams fill a batch. */
struct decoder {
    struct ccrnn_network *network;
    const struct ccrnn_decoding *decoding;
    size_t O, S, F, W; /* W: width of the beam */
    ccrnn_real *state, *next_state, *probability, *feature;
    int32_t *said, *next_said; /* (rows,most) */
    int32_t *word;             /* (rows) */
    struct hypothesis *beam, *next_beam;
    struct candidate *candidate; /* (W) the best so far of one image */
    int32_t *best;               /* (images of the group, most): finished captions */
    size_t *best_length;
    double *best_score;
};

static bool before(const struct candidate *a, const struct candidate *b)
{
    if (a->log_probability != b->log_probability)
        return a->log_probability > b->log_probability;
    return a->from != b->from ? a->from < b->from : a->word < b->word;
}

/* Put a candidate among the W best, if it belongs there. */
static void consider(const struct decoder *d, size_t *count, struct candidate candidate)
{
    size_t at = *count;
    if (at == d->W && !before(&candidate, &d->candidate[at - 1]))
        return;
    *count += at < d->W;
    at = at < d->W ? at : d->W - 1;
    for (; at > 0 && before(&candidate, &d->candidate[at - 1]); at--)
        d->candidate[at] = d->candidate[at - 1];
    d->candidate[at] = candidate;
}

/* A caption is complete: keep it if it is the best of its image. */
static void finish(struct decoder *d, size_t image, const int32_t *said, size_t words,
                   double log_probability)
{
    const double power = d->decoding->length_power;
    const double score = log_probability / pow((double)(words + 1), power);
    if (!(score > d->best_score[image]))
        return;
    d->best_score[image] = score;
    d->best_length[image] = words;
    memcpy(d->best + image * d->decoding->most, said, words * sizeof *said);
}

/* The W best ways to go on from the beam of an image. */
static enum ccrnn_status find_candidates(const struct decoder *d, size_t image, size_t *count,
                                         struct ccrnn_error *err)
{
    *count = 0;
    for (size_t i = 0; i < d->W; i++) {
        const size_t row = image * d->W + i;
        if (!d->beam[row].alive)
            continue;
        const ccrnn_real *const p = d->probability + row * d->O;
        for (size_t o = CCRNN_WORD_END; o < d->O; o++) {
            if (isnan(p[o]))
                return ccrnn_fail(err, CCRNN_NONFINITE,
                                  "the network's probabilities are not finite");
            /* most words cannot be among the best: no logarithm for them */
            if (*count == d->W && (double)p[o] < exp(d->candidate[d->W - 1].log_probability -
                                                     d->beam[row].log_probability) *
                                                     (1 - 1e-9))
                continue;
            const double log_probability = d->beam[row].log_probability + log((double)p[o]);
            if (log_probability > -(double)INFINITY)
                consider(d, count, (struct candidate){log_probability, i, (int32_t)o});
        }
    }
    return CCRNN_OK;
}

/* Go on with the candidates of one image. @return captions that go on */
static size_t take_candidates(struct decoder *d, size_t image, size_t count)
{
    const size_t most = d->decoding->most;
    size_t alive = 0;
    for (size_t i = 0; i < count; i++) {
        const struct candidate *const c = &d->candidate[i];
        const size_t from = image * d->W + c->from;
        const size_t words = d->beam[from].words;
        if (c->word == CCRNN_WORD_END) {
            finish(d, image, d->said + from * most, words, c->log_probability);
            continue;
        }
        const size_t to = image * d->W + alive++;
        memcpy(d->next_said + to * most, d->said + from * most, words * sizeof *d->said);
        d->next_said[to * most + words] = c->word;
        d->next_beam[to] = (struct hypothesis){c->log_probability, words + 1, true};
        d->word[to] = c->word;
        memcpy(d->next_state + to * d->S, d->state + from * d->S, d->S * sizeof *d->state);
        if (words + 1 == most) {
            finish(d, image, d->next_said + to * most, most, c->log_probability);
            d->next_beam[to].alive = false;
        }
    }
    size_t going_on = 0;
    for (size_t i = 0; i < alive; i++)
        going_on += d->next_beam[image * d->W + i].alive;
    for (size_t i = alive; i < d->W; i++) {
        d->next_beam[image * d->W + i].alive = false;
        d->word[image * d->W + i] = CCRNN_WORD_END;
    }
    return going_on;
}

/* With a greedy decoder, and once no caption of the beam can become better, an image is done; a beam whose
 * best open caption is already worse than a finished one is done when lengths do not matter. */
static bool is_settled(const struct decoder *d, size_t image)
{
    if (!(d->best_score[image] > -(double)INFINITY))
        return false;
    if (d->W == 1)
        return true;
    if (d->decoding->length_power > 0)
        return false;
    for (size_t i = 0; i < d->W; i++) {
        const struct hypothesis *const h = &d->next_beam[image * d->W + i];
        if (h->alive && h->log_probability > d->best_score[image])
            return false;
    }
    return true;
}

static void swap(struct decoder *d)
{
    int32_t *const said = d->said;
    ccrnn_real *const state = d->state;
    struct hypothesis *const beam = d->beam;
    d->said = d->next_said;
    d->next_said = said;
    d->state = d->next_state;
    d->next_state = state;
    d->beam = d->next_beam;
    d->next_beam = beam;
}

static void start_group(struct decoder *d, const ccrnn_real *feature, size_t images)
{
    for (size_t row = 0; row < images * d->W; row++) {
        memcpy(d->feature + row * d->F, feature + row / d->W * d->F, d->F * sizeof *feature);
        d->beam[row] = (struct hypothesis){.alive = row % d->W == 0};
        d->word[row] = CCRNN_WORD_START;
    }
    for (size_t image = 0; image < images; image++) {
        d->best_score[image] = -(double)INFINITY;
        d->best_length[image] = 0;
    }
}

static enum ccrnn_status decode_group(struct decoder *d, const ccrnn_real *feature, size_t images,
                                      struct ccrnn_error *err)
{
    const size_t rows = images * d->W;
    start_group(d, feature, images);
    CCRNN_TRY(ccrnn_network_see(d->network, rows, d->feature, d->state, d->probability, err));
    for (size_t word = 0; word < d->decoding->most; word++) {
        size_t alive = 0;
        CCRNN_TRY(ccrnn_network_say(d->network, rows, d->word, d->state, d->probability, err));
        for (size_t image = 0; image < images; image++) {
            size_t count = 0;
            CCRNN_TRY(find_candidates(d, image, &count, err));
            const size_t going_on = take_candidates(d, image, count);
            if (is_settled(d, image))
                for (size_t i = 0; i < d->W; i++)
                    d->next_beam[image * d->W + i].alive = false;
            else
                alive += going_on;
        }
        swap(d);
        if (alive == 0)
            break;
    }
    return CCRNN_OK;
}

static enum ccrnn_status reserve(struct decoder *d, size_t rows, struct ccrnn_error *err)
{
    const size_t most = d->decoding->most;
    d->state = calloc(rows * d->S, sizeof *d->state);
    d->next_state = calloc(rows * d->S, sizeof *d->next_state);
    d->probability = calloc(rows * d->O, sizeof *d->probability);
    d->feature = calloc(rows * d->F, sizeof *d->feature);
    d->said = calloc(rows * most, sizeof *d->said);
    d->next_said = calloc(rows * most, sizeof *d->next_said);
    d->word = calloc(rows, sizeof *d->word);
    d->beam = calloc(rows, sizeof *d->beam);
    d->next_beam = calloc(rows, sizeof *d->next_beam);
    d->candidate = calloc(d->W, sizeof *d->candidate);
    d->best = calloc(rows * most, sizeof *d->best);
    d->best_length = calloc(rows, sizeof *d->best_length);
    d->best_score = calloc(rows, sizeof *d->best_score);
    const bool complete = d->state != NULL && d->next_state != NULL && d->probability != NULL &&
                          d->feature != NULL && d->said != NULL && d->next_said != NULL &&
                          d->word != NULL && d->beam != NULL && d->next_beam != NULL &&
                          d->candidate != NULL && d->best != NULL && d->best_length != NULL &&
                          d->best_score != NULL;
    return complete
               ? CCRNN_OK
               : ccrnn_fail(err, CCRNN_MEMORY, "out of memory for captions of %zu images", rows);
}

static void release(struct decoder *d)
{
    free(d->state);
    free(d->next_state);
    free(d->probability);
    free(d->feature);
    free(d->said);
    free(d->next_said);
    free(d->word);
    free(d->beam);
    free(d->next_beam);
    free(d->candidate);
    free(d->best);
    free(d->best_length);
    free(d->best_score);
}

static enum ccrnn_status decode_all(struct decoder *d, const ccrnn_real *feature, size_t images,
                                    size_t group, int32_t *words, size_t *length,
                                    struct ccrnn_error *err)
{
    const size_t most = d->decoding->most;
    for (size_t first = 0; first < images; first += group) {
        const size_t here = images - first < group ? images - first : group;
        CCRNN_TRY(decode_group(d, feature + first * d->F, here, err));
        memcpy(words + first * most, d->best, here * most * sizeof *words);
        memcpy(length + first, d->best_length, here * sizeof *length);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_decode(struct ccrnn_network *network, const ccrnn_real *feature,
                               size_t images, const struct ccrnn_decoding *decoding,
                               int32_t *words, size_t *length, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const config = ccrnn_network_config_of(network);
    struct decoder d = {
        .network = network,
        .decoding = decoding,
        .O = config->outputs,
        .S = ccrnn_state_width(config->cell, config->hidden),
        .F = config->features,
        .W = decoding->beam,
    };
    if (d.W < 1 || d.W > config->batch)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "beam: expected 1 … %zu, the batch of the run, found %zu",
                          config->batch, d.W);
    const size_t group = config->batch / d.W;
    enum ccrnn_status status = reserve(&d, group * d.W, err);
    if (status == CCRNN_OK)
        status = decode_all(&d, feature, images, group, words, length, err);
    release(&d);
    return status;
}
