/* BLEU, ROUGE-L, CIDEr and CIDEr-D. Every n-gram has a number; what is known of it is found there.
 * Sums go through sentences in their order, so the same captions give the same bytes. */
#include "ccrnn/caption_scores.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/trie.h"

enum { ORDERS = 4 }; /* n-grams of 1 … 4 words */

/* The reference toolkit adds these to the counts of BLEU, so that nothing is divided by zero. */
static const double bleu_numerator_extra = 1e-15;
static const double bleu_denominator_extra = 1e-9;
static const double rouge_beta = 1.2;
static const double cider_sigma = 6.0;
static const double cider_scale = 10.0;

/* One n-gram. The counts belong to the image being scored and are 0 between images. */
struct gram {
    double weight;      /* log(images / images whose references have it), never below 0 */
    uint32_t documents; /* images whose references have it */
    uint32_t seen;      /* the last of them, counted from 1 */
    uint32_t candidate, reference;
    uint32_t most; /* largest count in one reference, if the candidate has it */
};

struct corpus {
    const struct ccrnn_scored_caption *image;
    size_t images, sentences, words, longest;
    size_t *start;  /* (sentences+1): first word of each; a candidate, its references, … */
    uint32_t *word; /* (words): equal words have equal numbers */
    uint32_t (*gram)[ORDERS]; /* (words): the 1-gram … 4-gram that starts there; 0: none */
    struct gram *record;      /* one more than there are n-grams */
    size_t *lcs;              /* (longest+1) */
};

/* Words or n-grams of one sentence. */
struct sentence {
    const uint32_t *word;
    const uint32_t (*gram)[ORDERS];
    size_t length;
};

/* What BLEU counts, of an image or of a corpus. */
struct bleu_counts {
    size_t matches[ORDERS], guesses[ORDERS];
    size_t length, reference_length;
};

/* --- words and n-grams ----------------------------------------------------------------- */

/* The next word from *text on, and its length; 0 at the end. */
static size_t next_word(const char **text)
{
    *text += strspn(*text, " ");
    return strcspn(*text, " ");
}

static size_t count_words(const char *text)
{
    size_t count = 0;
    for (size_t length; (length = next_word(&text)) > 0; text += length)
        count++;
    return count;
}

/* The candidate of an image, then its references. */
static const char *text_of(const struct ccrnn_scored_caption *image, size_t sentence)
{
    return sentence == 0 ? image->candidate : image->reference[sentence - 1];
}

static enum ccrnn_status measure_corpus(struct corpus *corpus, struct ccrnn_error *err)
{
    if (corpus->images == 0)
        return ccrnn_fail(err, CCRNN_USAGE, "no image to score: give at least one");
    for (size_t i = 0; i < corpus->images; i++) {
        const struct ccrnn_scored_caption *const image = &corpus->image[i];
        if (image->references == 0)
            return ccrnn_fail(err, CCRNN_USAGE,
                              "image %zu of %zu has no reference: leave it out, or give one",
                              i + 1, corpus->images);
        corpus->sentences += 1 + image->references;
        for (size_t s = 0; s <= image->references; s++) {
            const size_t count = count_words(text_of(image, s));
            corpus->words += count;
            corpus->longest = count > corpus->longest ? count : corpus->longest;
        }
    }
    if (corpus->images > UINT32_MAX || corpus->words > UINT32_MAX)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%zu images with %zu words: at most 2^32 − 1 can be scored at once",
                          corpus->images, corpus->words);
    return CCRNN_OK;
}

static enum ccrnn_status out_of_memory(const struct corpus *corpus, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the scores of %zu captions",
                      corpus->sentences);
}

static enum ccrnn_status reserve(struct corpus *corpus, struct ccrnn_error *err)
{
    corpus->start = calloc(corpus->sentences + 1, sizeof *corpus->start);
    corpus->word = calloc(corpus->words + 1, sizeof *corpus->word);
    corpus->gram = calloc(corpus->words + 1, sizeof *corpus->gram);
    corpus->lcs = calloc(corpus->longest + 1, sizeof *corpus->lcs);
    const bool ok = corpus->start != NULL && corpus->word != NULL && corpus->gram != NULL &&
                    corpus->lcs != NULL;
    return ok ? CCRNN_OK : out_of_memory(corpus, err);
}

/* Number the words of every sentence: a word is a sequence of characters. */
static enum ccrnn_status read_words(struct corpus *corpus, struct ccrnn_trie *letters,
                                    struct ccrnn_error *err)
{
    size_t sentence = 0, word = 0;
    for (size_t i = 0; i < corpus->images; i++) {
        for (size_t s = 0; s <= corpus->image[i].references; s++) {
            const char *text = text_of(&corpus->image[i], s);
            for (size_t length; (length = next_word(&text)) > 0; text += length) {
                uint32_t *const number = &corpus->word[word++];
                for (size_t c = 0; c < length; c++)
                    CCRNN_TRY(
                        ccrnn_trie_child(letters, *number, (unsigned char)text[c], number, err));
            }
            corpus->start[++sentence] = word;
        }
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_grams(struct corpus *corpus, struct ccrnn_trie *grams,
                                    struct ccrnn_error *err)
{
    for (size_t s = 0; s < corpus->sentences; s++) {
        const size_t end = corpus->start[s + 1];
        for (size_t w = corpus->start[s]; w < end; w++) {
            uint32_t gram = 0;
            for (size_t n = 0; n < ORDERS && w + n < end; n++) {
                CCRNN_TRY(ccrnn_trie_child(grams, gram, corpus->word[w + n], &gram, err));
                corpus->gram[w][n] = gram;
            }
        }
    }
    corpus->record = calloc(grams->count + 1, sizeof *corpus->record);
    return corpus->record != NULL ? CCRNN_OK : out_of_memory(corpus, err);
}

static struct sentence sentence_of(const struct corpus *corpus, size_t sentence)
{
    const size_t start = corpus->start[sentence];
    return (struct sentence){
        .word = corpus->word + start,
        .gram = (const uint32_t(*)[ORDERS])(corpus->gram + start),
        .length = corpus->start[sentence + 1] - start,
    };
}

/* How many n-grams of order n + 1 a sentence has. */
static size_t grams_of_order(size_t length, size_t n)
{
    return length > n ? length - n : 0;
}

/* Count documents: images whose references have an n-gram. */
static void weigh_grams(struct corpus *corpus, size_t grams)
{
    size_t sentence = 0;
    for (size_t i = 0; i < corpus->images; i++) {
        const size_t first = corpus->start[++sentence]; /* after the candidate */
        sentence += corpus->image[i].references;
        for (size_t w = first; w < corpus->start[sentence]; w++) {
            for (size_t n = 0; n < ORDERS; n++) {
                struct gram *const gram = &corpus->record[corpus->gram[w][n]];
                gram->documents += gram->seen != i + 1;
                gram->seen = (uint32_t)(i + 1);
            }
        }
    }
    const double all = log((double)corpus->images);
    for (size_t g = 1; g <= grams; g++) {
        struct gram *const gram = &corpus->record[g];
        gram->weight = all - log(fmax(1.0, (double)gram->documents));
    }
}

/* --- BLEU ------------------------------------------------------------------------------ */

static void bleu_add(struct bleu_counts *sum, const struct bleu_counts *more)
{
    for (size_t n = 0; n < ORDERS; n++) {
        sum->matches[n] += more->matches[n];
        sum->guesses[n] += more->guesses[n];
    }
    sum->length += more->length;
    sum->reference_length += more->reference_length;
}

static void bleu_from_counts(const struct bleu_counts *counts, double bleu[ORDERS])
{
    const double ratio = ((double)counts->length + bleu_numerator_extra) /
                         ((double)counts->reference_length + bleu_denominator_extra);
    const double brevity = ratio < 1.0 ? exp(1.0 - 1.0 / ratio) : 1.0;
    double product = 1.0;
    for (size_t n = 0; n < ORDERS; n++) {
        product *= ((double)counts->matches[n] + bleu_numerator_extra) /
                   ((double)counts->guesses[n] + bleu_denominator_extra);
        bleu[n] = pow(product, 1.0 / (double)(n + 1)) * brevity;
    }
}

static size_t distance(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

/* Of two reference lengths the one closer to the candidate's, or else the shorter. */
static size_t closer(size_t length, size_t a, size_t b)
{
    const size_t to_a = distance(a, length), to_b = distance(b, length);
    const bool first = to_a < to_b || (to_a == to_b && a < b);
    return first ? a : b;
}

/* --- ROUGE-L --------------------------------------------------------------------------- */

/* Length of the longest common subsequence; row (b.length+1). */
static size_t longest_common(const struct sentence *a, const struct sentence *b, size_t *row)
{
    memset(row, 0, (b->length + 1) * sizeof *row);
    for (size_t i = 0; i < a->length; i++) {
        size_t diagonal = 0; /* of a's words before i and b's before j */
        for (size_t j = 0; j < b->length; j++) {
            const size_t above = row[j + 1];
            if (a->word[i] == b->word[j])
                row[j + 1] = diagonal + 1;
            else if (row[j] > above)
                row[j + 1] = row[j];
            diagonal = above;
        }
    }
    return row[b->length];
}

static double rouge_f(double precision, double recall)
{
    const double beta2 = rouge_beta * rouge_beta;
    if (precision <= 0.0 || recall <= 0.0)
        return 0.0;
    return (1.0 + beta2) * precision * recall / (recall + beta2 * precision);
}

/* --- one image ------------------------------------------------------------------------- */

/* Sums over the references of one image. */
struct image_sums {
    double precision, recall;              /* the best */
    double cider[ORDERS], cider_d[ORDERS]; /* still to be divided by the candidate's norm */
};

static void count_candidate(struct corpus *corpus, const struct sentence *candidate)
{
    for (size_t w = 0; w < candidate->length; w++) {
        for (size_t n = 0; n < ORDERS && w + n < candidate->length; n++)
            corpus->record[candidate->gram[w][n]].candidate++;
    }
}

/* cos of the angle between tf-idf vectors, but for the candidate's norm. Leaves the reference's
 * counts at 0 and notes in `most` what BLEU clips with. */
static void compare_grams(struct corpus *corpus, const struct sentence *candidate,
                          const struct sentence *reference, struct image_sums *sums)
{
    double dot[ORDERS] = {0}, clipped[ORDERS] = {0}, square[ORDERS] = {0};
    for (size_t w = 0; w < reference->length; w++) {
        for (size_t n = 0; n < ORDERS && w + n < reference->length; n++)
            corpus->record[reference->gram[w][n]].reference++;
    }
    for (size_t w = 0; w < reference->length; w++) {
        for (size_t n = 0; n < ORDERS && w + n < reference->length; n++) {
            struct gram *const gram = &corpus->record[reference->gram[w][n]];
            const double there = gram->reference * gram->weight;
            const double here = gram->candidate * gram->weight;
            square[n] += there * there;
            dot[n] += here * there;
            clipped[n] += fmin(here, there) * there;
            if (gram->candidate > 0 && gram->reference > gram->most)
                gram->most = gram->reference;
            gram->reference = 0;
        }
    }
    /* Lengths are counted in bigrams, as the reference toolkit does. */
    const double difference = (double)grams_of_order(candidate->length, 1) -
                              (double)grams_of_order(reference->length, 1);
    const double penalty = exp(-difference * difference / (2.0 * cider_sigma * cider_sigma));
    for (size_t n = 0; n < ORDERS; n++) {
        const double norm = square[n] > 0.0 ? sqrt(square[n]) : 1.0;
        sums->cider[n] += dot[n] / norm;
        sums->cider_d[n] += penalty * clipped[n] / norm;
    }
}

/* The candidate's own norms and matches; leaves its counts at 0. */
static void finish_candidate(struct corpus *corpus, const struct sentence *candidate,
                             double norm[ORDERS], size_t matches[ORDERS])
{
    for (size_t n = 0; n < ORDERS; n++)
        norm[n] = 0.0;
    for (size_t w = 0; w < candidate->length; w++) {
        for (size_t n = 0; n < ORDERS && w + n < candidate->length; n++) {
            struct gram *const gram = &corpus->record[candidate->gram[w][n]];
            const double here = gram->candidate * gram->weight;
            norm[n] += here * here;
            matches[n] += gram->candidate < gram->most ? gram->candidate : gram->most;
            gram->candidate = gram->most = 0;
        }
    }
    for (size_t n = 0; n < ORDERS; n++)
        norm[n] = norm[n] > 0.0 ? sqrt(norm[n]) : 1.0;
}

static double mean_over_orders(const double sum[ORDERS], const double norm[ORDERS],
                               size_t references)
{
    double mean = 0.0;
    for (size_t n = 0; n < ORDERS; n++)
        mean += sum[n] / norm[n] / ORDERS;
    return cider_scale * mean / (double)references;
}

/* Score an image whose candidate is sentence `first`; its counts are what a corpus sums. */
static void score_image(struct corpus *corpus, size_t first, size_t references,
                        struct ccrnn_caption_score *score, struct bleu_counts *counts)
{
    const struct sentence candidate = sentence_of(corpus, first);
    const double length = (double)candidate.length;
    struct image_sums sums = {0};
    *counts = (struct bleu_counts){.length = candidate.length};
    count_candidate(corpus, &candidate);
    for (size_t r = 1; r <= references; r++) {
        const struct sentence reference = sentence_of(corpus, first + r);
        counts->reference_length =
            r == 1 ? reference.length
                   : closer(candidate.length, counts->reference_length, reference.length);
        compare_grams(corpus, &candidate, &reference, &sums);
        const double common = (double)longest_common(&candidate, &reference, corpus->lcs);
        if (common > 0.0) {
            sums.precision = fmax(sums.precision, common / length);
            sums.recall = fmax(sums.recall, common / (double)reference.length);
        }
    }
    double norm[ORDERS];
    finish_candidate(corpus, &candidate, norm, counts->matches);
    for (size_t n = 0; n < ORDERS; n++)
        counts->guesses[n] = grams_of_order(candidate.length, n);
    bleu_from_counts(counts, score->bleu);
    score->rouge_l = rouge_f(sums.precision, sums.recall);
    score->cider = mean_over_orders(sums.cider, norm, references);
    score->cider_d = mean_over_orders(sums.cider_d, norm, references);
}

/* --- the corpus ------------------------------------------------------------------------ */

static void score_corpus(struct corpus *corpus, struct ccrnn_caption_score *whole,
                         struct ccrnn_caption_score *each)
{
    struct bleu_counts sum = {0};
    size_t first = 0;
    *whole = (struct ccrnn_caption_score){0};
    for (size_t i = 0; i < corpus->images; i++) {
        struct ccrnn_caption_score score;
        struct bleu_counts counts;
        score_image(corpus, first, corpus->image[i].references, &score, &counts);
        first += 1 + corpus->image[i].references;
        bleu_add(&sum, &counts);
        whole->rouge_l += score.rouge_l;
        whole->cider += score.cider;
        whole->cider_d += score.cider_d;
        if (each != NULL)
            each[i] = score;
    }
    const double images = (double)corpus->images;
    bleu_from_counts(&sum, whole->bleu);
    whole->rouge_l /= images;
    whole->cider /= images;
    whole->cider_d /= images;
}

static enum ccrnn_status read_corpus(struct corpus *corpus, struct ccrnn_error *err)
{
    CCRNN_TRY(measure_corpus(corpus, err));
    CCRNN_TRY(reserve(corpus, err));
    struct ccrnn_trie letters = {0}, grams = {0};
    enum ccrnn_status status = read_words(corpus, &letters, err);
    if (status == CCRNN_OK)
        status = read_grams(corpus, &grams, err);
    if (status == CCRNN_OK)
        weigh_grams(corpus, grams.count);
    ccrnn_trie_release(&letters);
    ccrnn_trie_release(&grams);
    return status;
}

enum ccrnn_status ccrnn_caption_scores(const struct ccrnn_scored_caption *image, size_t images,
                                       struct ccrnn_caption_score *corpus,
                                       struct ccrnn_caption_score *each, struct ccrnn_error *err)
{
    struct corpus read = {.image = image, .images = images};
    const enum ccrnn_status status = read_corpus(&read, err);
    if (status == CCRNN_OK)
        score_corpus(&read, corpus, each);
    free(read.start);
    free(read.word);
    free(read.gram);
    free(read.record);
    free(read.lcs);
    return status;
}
