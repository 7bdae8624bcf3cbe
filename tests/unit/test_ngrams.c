/* Word models: numbers worked out by hand, and the formulas again with plain tables on random captions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/random.h"
#include "measure/ngrams.h"
#include "scratch.h"

/* Words of the captions below; <pad>, <start>, <end> and <unk> stand first. */
enum { START = 1, END = 2, UNKNOWN = 3, A = 4, B = 5, WORDS = 6 };

static const int32_t train_words[] = {START, A, END, START, A, B, END};
static const size_t train_start[] = {0, 3, 7};
static const struct ccrnn_sentences train = {train_words, train_start, 2};

static const size_t one_start[] = {0, 3};
static const int32_t usual_words[] = {START, A, END};
static const int32_t odd_words[] = {START, B, END};
static const struct ccrnn_sentences usual = {usual_words, one_start, 1};
static const struct ccrnn_sentences odd = {odd_words, one_start, 1};

static void expect_near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-12))
        fail_msg("%.17g, expected %.17g", found, expected);
}

static struct ccrnn_ngram_result measured(size_t words, const struct ccrnn_sentences *set,
                                          const struct ccrnn_sentences *tune,
                                          const struct ccrnn_sentences *test)
{
    struct ccrnn_error err;
    struct ccrnn_ngram_result result;
    if (ccrnn_ngrams_measure(words, set, tune, test, &result, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return result;
}

/* N = 5 targets, V = 6: p(a) = p(<end>) = 3/11, p(b) = 2/11. After <start> comes a; after a, <end> or b;
 * after b, <end>. On "<start> a <end>" more weight is always better: λ = 0.99. */
static void numbers_by_hand(void **state)
{
    (void)state;
    const struct ccrnn_ngram_result result = measured(WORDS, &train, &usual, &odd);
    assert_int_equal(result.words, 2);
    expect_near(result.weight, 0.99);
    expect_near(result.tuned, -(log2(0.99 + 0.01 * 3 / 11) + log2(0.99 / 2 + 0.01 * 3 / 11)) / 2);
    expect_near(result.unigram, -(log2(2.0 / 11) + log2(3.0 / 11)) / 2);
    expect_near(result.bigram, -(log2(0.01 * 2 / 11) + log2(0.99 + 0.01 * 3 / 11)) / 2);
}

/* On "<start> b <end>" the best is where (1 − λ)(3 + 8λ) is largest, at 5/16. */
static void the_weight_is_the_best_on_the_grid(void **state)
{
    (void)state;
    const struct ccrnn_ngram_result result = measured(WORDS, &train, &odd, &usual);
    expect_near(result.weight, 0.31);
    expect_near(result.tuned, -(log2(0.69 * 2 / 11) + log2(0.31 + 0.69 * 3 / 11)) / 2);
    expect_near(result.bigram,
                -(log2(0.31 + 0.69 * 3 / 11) + log2(0.31 / 2 + 0.69 * 3 / 11)) / 2);
}

/* <unk> was never seen: 1/11 as a target, and after it p(w) alone. */
static void unseen_words_are_possible(void **state)
{
    (void)state;
    static const int32_t words[] = {START, UNKNOWN, A};
    const struct ccrnn_sentences unseen = {words, one_start, 1};
    const struct ccrnn_ngram_result result = measured(WORDS, &train, &usual, &unseen);
    expect_near(result.unigram, -(log2(1.0 / 11) + log2(3.0 / 11)) / 2);
    expect_near(result.bigram, -(log2(0.01 / 11) + log2(3.0 / 11)) / 2);
}

/* Captions of random length and words. */
enum { MANY = 12, SENTENCES = 60, LENGTH = 9 };
struct corpus {
    int32_t word[SENTENCES * LENGTH];
    size_t start[SENTENCES + 1];
    struct ccrnn_sentences set;
};

static void fill_corpus(struct corpus *corpus, uint32_t number)
{
    struct ccrnn_random random;
    size_t n = 0;
    ccrnn_random_start(&random, 7, CCRNN_RANDOM_USER, 0, number);
    for (size_t c = 0; c < SENTENCES; c++) {
        const size_t length = 1 + ccrnn_random_below(&random, LENGTH);
        corpus->start[c] = n;
        for (size_t i = 0; i < length; i++)
            corpus->word[n++] =
                (int32_t)(ccrnn_random_below(&random, 1 + ccrnn_random_below(&random, MANY)));
    }
    corpus->start[SENTENCES] = n;
    corpus->set = (struct ccrnn_sentences){corpus->word, corpus->start, SENTENCES};
}

static double plain_bits(double table[MANY][MANY], const struct ccrnn_sentences *test,
                         double weight)
{
    double alone[MANY] = {0}, before[MANY] = {0}, total = 0, sum = 0, words = 0;
    for (size_t v = 0; v < MANY; v++)
        for (size_t w = 0; w < MANY; w++) {
            alone[w] += table[v][w];
            before[v] += table[v][w];
            total += table[v][w];
        }
    for (size_t c = 0; c < test->count; c++)
        for (size_t i = test->start[c] + 1; i < test->start[c + 1]; i++) {
            const int32_t v = test->word[i - 1], w = test->word[i];
            const double p = (alone[w] + 1) / (total + MANY);
            const double after = before[v] > 0 ? table[v][w] / before[v] : p;
            sum += log2(weight * after + (1 - weight) * p);
            words++;
        }
    return -sum / words;
}

static void plain_tables_give_the_same(void **state)
{
    (void)state;
    static struct corpus corpus[3];
    double table[MANY][MANY] = {{0}}, best = INFINITY, weight = -1;
    for (uint32_t i = 0; i < 3; i++)
        fill_corpus(&corpus[i], i);
    for (size_t c = 0; c < SENTENCES; c++)
        for (size_t i = corpus[0].start[c] + 1; i < corpus[0].start[c + 1]; i++)
            table[corpus[0].word[i - 1]][corpus[0].word[i]]++;
    for (int step = 0; step < 100; step++) {
        const double found = plain_bits(table, &corpus[1].set, step / 100.0);
        if (found < best) {
            best = found;
            weight = step / 100.0;
        }
    }
    const struct ccrnn_ngram_result result =
        measured(MANY, &corpus[0].set, &corpus[1].set, &corpus[2].set);
    assert_true(weight > 0 && weight < 0.99);
    expect_near(result.weight, weight);
    expect_near(result.tuned, best);
    expect_near(result.unigram, plain_bits(table, &corpus[2].set, 0));
    expect_near(result.bigram, plain_bits(table, &corpus[2].set, weight));
}

static void expect_refused(size_t words, const struct ccrnn_sentences *one,
                           const struct ccrnn_sentences *tune, const struct ccrnn_sentences *test,
                           const char *message)
{
    struct ccrnn_error err;
    struct ccrnn_ngram_result result;
    expect_error(ccrnn_ngrams_measure(words, one, tune, test, &result, &err), CCRNN_USAGE, &err,
                 message, NULL);
}

static void what_cannot_be_counted_is_refused(void **state)
{
    (void)state;
    static const int32_t negative_words[] = {START, -1, END};
    static const size_t single_start[] = {0, 1};
    const struct ccrnn_sentences none = {usual_words, one_start, 0};
    const struct ccrnn_sentences no_target = {usual_words, single_start, 1};
    const struct ccrnn_sentences negative = {negative_words, one_start, 1};
    expect_refused(WORDS, &none, &usual, &odd, "no training captions");
    expect_refused(WORDS, &train, &none, &odd, "no tuning captions");
    expect_refused(WORDS, &train, &usual, &none, "no test captions");
    expect_refused(WORDS, &train, &usual, &no_target, "no test captions");
    expect_refused(WORDS - 1, &train, &usual, &odd,
                   "word 2 of training caption 1 is number 5, expected one of 5 words");
    expect_refused(WORDS, &train, &negative, &odd, "word 1 of tuning caption 0 is number -1");
    expect_refused(0, &train, &usual, &odd, "expected one of 0 words");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_by_hand),
        cmocka_unit_test(the_weight_is_the_best_on_the_grid),
        cmocka_unit_test(unseen_words_are_possible),
        cmocka_unit_test(plain_tables_give_the_same),
        cmocka_unit_test(what_cannot_be_counted_is_refused),
    };
    return cmocka_run_group_tests_name("ngrams", tests, NULL, NULL);
}
