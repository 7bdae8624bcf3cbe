/* Caption scores: against tests/oracle/caption_scores.py, by hand, and plain CIDEr against the
 * reference toolkit where its recording is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/caption_scores.h"
#include "measure/trie.h"
#include "scratch.h"

#include "../oracle/caption_scores_table.h"

enum {
    CASES = sizeof caption_cases / sizeof caption_cases[0],
    REFERENCES_MOST = sizeof caption_cases[0].reference / sizeof caption_cases[0].reference[0],
};

/* What rounding may do; and what the toolkit's 1e-9 beside BLEU's counts may. */
static const double rounding = 1e-13;
static const double bleu_extras = 1e-8;

/* Absolute; NaN fails. */
static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("expected %.17g, found %.17g", expected, found);
}

static void assert_score(const struct ccrnn_caption_score *found,
                         const struct ccrnn_caption_score *expected)
{
    for (size_t n = 0; n < 4; n++)
        assert_near(found->bleu[n], expected->bleu[n], rounding);
    assert_near(found->rouge_l, expected->rouge_l, rounding);
    assert_near(found->cider, expected->cider, rounding);
    assert_near(found->cider_d, expected->cider_d, rounding);
}

static void score(const struct ccrnn_scored_caption *image, size_t images,
                  struct ccrnn_caption_score *corpus, struct ccrnn_caption_score *each)
{
    struct ccrnn_error err = {0};
    if (ccrnn_caption_scores(image, images, corpus, each, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

/* Scores of a candidate with its references (up to a NULL); another image with words of its own
 * is there too, so that words that only these references have weigh log 2. */
static struct ccrnn_caption_score score_one(const char *candidate, const char *first, ...)
{
    static const char *const foreign[] = {"nobody else says this"};
    const char *reference[8] = {0};
    size_t count = 0;
    va_list more;
    va_start(more, first);
    for (const char *text = first; text != NULL; text = va_arg(more, const char *))
        reference[count++] = text;
    va_end(more);
    const struct ccrnn_scored_caption images[] = {{candidate, reference, count},
                                                  {"", foreign, 1}};
    struct ccrnn_caption_score corpus, each[2];
    score(images, 2, &corpus, each);
    return each[0];
}

/* --- against the oracle ------------------------------------------------------------------ */

static void cases_of_table(struct ccrnn_scored_caption image[CASES])
{
    for (size_t i = 0; i < CASES; i++) {
        size_t count = 0;
        while (count < REFERENCES_MOST && caption_cases[i].reference[count] != NULL)
            count++;
        image[i] = (struct ccrnn_scored_caption){caption_cases[i].candidate,
                                                 caption_cases[i].reference, count};
    }
}

static void against_table(void **state)
{
    (void)state;
    struct ccrnn_scored_caption image[CASES];
    struct ccrnn_caption_score corpus, each[CASES];
    cases_of_table(image);
    score(image, CASES, &corpus, each);
    assert_score(&corpus, &corpus_scores);
    for (size_t i = 0; i < CASES; i++)
        assert_score(&each[i], &caption_cases[i].score);
}

/* The same captions give the same bytes, and an image's scores do not depend on its place. */
static void same_bytes(void **state)
{
    (void)state;
    struct ccrnn_scored_caption image[CASES], turned[CASES];
    struct ccrnn_caption_score corpus, again, each[CASES], other[CASES];
    cases_of_table(image);
    for (size_t i = 0; i < CASES; i++)
        turned[CASES - 1 - i] = image[i];
    score(image, CASES, &corpus, each);
    score(image, CASES, &again, NULL);
    assert_memory_equal(&corpus, &again, sizeof corpus);
    score(turned, CASES, &again, other);
    assert_memory_equal(again.bleu, corpus.bleu, sizeof corpus.bleu);
    for (size_t i = 0; i < CASES; i++)
        assert_memory_equal(&other[CASES - 1 - i], &each[i], sizeof each[i]);
}

/* --- by hand ----------------------------------------------------------------------------- */

static void bleu_by_hand(void **state)
{
    (void)state;
    /* Papineni et al. 2002, example 2: "the" counts at most twice */
    struct ccrnn_caption_score s =
        score_one("the the the the the the the", "the cat is on the mat",
                  "there is a cat on the mat", (const char *)NULL);
    assert_near(s.bleu[0], 2.0 / 7.0, bleu_extras);
    /* 3 of 4 words, 1 of 3 bigrams, as long as the reference */
    s = score_one("a b x d", "a b c d", (const char *)NULL);
    assert_near(s.bleu[0], 0.75, bleu_extras);
    assert_near(s.bleu[1], 0.5, bleu_extras);
    assert_near(s.bleu[2], cbrt(0.25 * 1e-15 / 2.0), 1e-13);
    /* clipping takes the largest count of one reference, not their sum */
    s = score_one("a a a", "a a b", "a c d", (const char *)NULL);
    assert_near(s.bleu[0], 2.0 / 3.0, bleu_extras);
    /* no n-gram at all of an order: 1e-15 / 1e-9 */
    s = score_one("a", "a", (const char *)NULL);
    assert_near(s.bleu[0], 1.0, bleu_extras);
    assert_near(s.bleu[1], 1e-3, bleu_extras);
    assert_near(s.bleu[3], pow(1e-18, 0.25), bleu_extras);
}

static void brevity_by_hand(void **state)
{
    (void)state;
    struct ccrnn_caption_score s = score_one("a b", "a b c d", (const char *)NULL);
    assert_near(s.bleu[0], exp(-1.0), bleu_extras);
    assert_near(s.bleu[1], exp(-1.0), bleu_extras);
    /* the closest reference counts; of two as close the shorter, whichever comes first */
    s = score_one("a b c d", "a b c d e", "x y z", (const char *)NULL);
    assert_near(s.bleu[0], 1.0, bleu_extras);
    s = score_one("a b c d", "x y z", "a b c d e", (const char *)NULL);
    assert_near(s.bleu[0], 1.0, bleu_extras);
    s = score_one("a b c d", "x", "a b c d e", "a b c d e f g", (const char *)NULL);
    assert_near(s.bleu[0], exp(1.0 - 5.0 / 4.0), bleu_extras);
}

static void rouge_by_hand(void **state)
{
    (void)state;
    /* Lin 2004: 3 of 4 words in order, then 2 */
    struct ccrnn_caption_score s =
        score_one("police kill the gunman", "police killed the gunman", (const char *)NULL);
    assert_near(s.rouge_l, 0.75, rounding);
    s = score_one("the gunman kill police", "police killed the gunman", (const char *)NULL);
    assert_near(s.rouge_l, 0.5, rounding);
    /* P = 1, R = 1/2 */
    s = score_one("a b", "a b c d", (const char *)NULL);
    assert_near(s.rouge_l, 2.44 * 0.5 / (0.5 + 1.44), rounding);
    /* P = 1/2, R = 1 */
    s = score_one("a b c d", "a d", (const char *)NULL);
    assert_near(s.rouge_l, 2.44 * 0.5 / (1.0 + 1.44 * 0.5), rounding);
    /* precision of one reference, recall of the other */
    s = score_one("a b c d", "a", "a b c d e f g h", (const char *)NULL);
    assert_near(s.rouge_l, 1.0, rounding);
    /* a subsequence, not a substring; words, not their beginnings */
    s = score_one("a x b y c", "a b c", (const char *)NULL);
    assert_near(s.rouge_l, 2.44 * 0.6 / (1.0 + 1.44 * 0.6), rounding);
    s = score_one("dog", "dogs do", (const char *)NULL);
    assert_near(s.rouge_l, 0.0, 0.0);
}

static void cider_by_hand(void **state)
{
    (void)state;
    /* words and bigrams agree, longer n-grams there are none */
    struct ccrnn_caption_score s = score_one("a b", "a b", (const char *)NULL);
    assert_near(s.cider, 5.0, rounding);
    assert_near(s.cider_d, 5.0, rounding);
    s = score_one("a b c d", "a b c d", (const char *)NULL);
    assert_near(s.cider, 10.0, rounding);
    assert_near(s.cider_d, 10.0, rounding);
    /* 1 bigram and 4: a penalty of 3²/72; cosines 2/√(2·5) and 1/√4 */
    s = score_one("a b", "a b x y z", (const char *)NULL);
    assert_near(s.cider, 10.0 * (2.0 / sqrt(10.0) + 0.5) / 4.0, rounding);
    assert_near(s.cider_d, 10.0 * (2.0 / sqrt(10.0) + 0.5) / 4.0 * exp(-9.0 / 72.0), rounding);
    /* clipped: of three only one counts */
    s = score_one("a a a", "a", (const char *)NULL);
    assert_near(s.cider, 2.5, rounding);
    assert_near(s.cider_d, 2.5 / 3.0 * exp(-4.0 / 72.0), rounding);
    /* the mean over references */
    s = score_one("a b", "a b", "x y", (const char *)NULL);
    assert_near(s.cider, 2.5, rounding);
    /* what all images' references have weighs nothing; a word only one of the captions has weighs
     * as if it were in one image: unigrams 1/√(2·1) */
    s = score_one("nobody", "nobody", (const char *)NULL);
    assert_near(s.cider, 0.0, 0.0);
    s = score_one("a q", "a", (const char *)NULL);
    assert_near(s.cider, 10.0 / sqrt(2.0) / 4.0, rounding);
}

static void documents_by_hand(void **state)
{
    (void)state;
    /* "a" is in the references of two images (of the second in both, which counts once), "b" of
     * one. Image 0: words a·log(3/2), b·log 3 against a·log(3/2); no shared bigram. */
    static const char *const first[] = {"a"}, *const second[] = {"a b", "a a"},
                             *const third[] = {"c"};
    const struct ccrnn_scored_caption images[] = {
        {"a b", first, 1}, {"d", second, 2}, {"c", third, 1}};
    struct ccrnn_caption_score corpus, each[3];
    const double a = log(1.5), b = log(3.0), cosine = a / sqrt(a * a + b * b);
    score(images, 3, &corpus, each);
    assert_near(each[0].cider, 10.0 * cosine / 4.0, rounding);
    assert_near(each[0].cider_d, 10.0 * cosine / 4.0 * exp(-1.0 / 72.0), rounding);
    assert_near(each[1].cider, 0.0, 0.0);
    assert_near(each[2].cider, 2.5, rounding);
    assert_near(corpus.cider, (10.0 * cosine / 4.0 + 2.5) / 3.0, rounding);
    assert_near(corpus.rouge_l, (2.44 * 0.5 / (1.0 + 1.44 * 0.5) + 0.0 + 1.0) / 3.0, rounding);
    /* words 1 of 2, 0 of 1, 1 of 1; lengths 2, 1, 1 against 1, 2, 1 */
    assert_near(corpus.bleu[0], 0.5, bleu_extras);
}

static void assert_zero(const struct ccrnn_caption_score *found)
{
    const double zero[sizeof *found / sizeof(double)] = {0};
    assert_memory_equal(found, zero, sizeof zero);
}

static void nothing_to_score(void **state)
{
    (void)state;
    static const char *const blank[] = {""}, *const some[] = {"a dog", ""};
    const struct ccrnn_scored_caption images[] = {
        {"", some, 2}, {"", blank, 1}, {"   ", some, 1}};
    struct ccrnn_caption_score corpus, each[3];
    score(images, 3, &corpus, each);
    assert_zero(&corpus);
    for (size_t i = 0; i < 3; i++)
        assert_zero(&each[i]);
    /* one image: every word is in every image, so CIDEr sees nothing */
    const struct ccrnn_scored_caption alone = {"a dog", some, 2};
    score(&alone, 1, &corpus, each);
    assert_near(corpus.cider, 0.0, 0.0);
    assert_near(corpus.cider_d, 0.0, 0.0);
    assert_near(corpus.rouge_l, 1.0, rounding);
    assert_memory_equal(corpus.bleu, each[0].bleu, sizeof corpus.bleu);
}

static void spaces_do_not_count(void **state)
{
    (void)state;
    const struct ccrnn_caption_score tight =
        score_one("a b c", "a b d", "b c", (const char *)NULL);
    const struct ccrnn_caption_score loose =
        score_one("  a  b c ", "a b   d", " b c", (const char *)NULL);
    assert_memory_equal(&tight, &loose, sizeof tight);
}

/* Many words, so that tables grow: every candidate is what its one reference says. */
static void many_images(void **state)
{
    (void)state;
    enum { IMAGES = 3000, LENGTH = 64 };
    char(*const text)[LENGTH] = calloc(IMAGES, sizeof *text);
    const char **const reference = calloc(IMAGES, sizeof *reference);
    struct ccrnn_scored_caption *const image = calloc(IMAGES, sizeof *image);
    struct ccrnn_caption_score *const each = calloc(IMAGES, sizeof *each);
    struct ccrnn_caption_score corpus;
    assert_true(text != NULL && reference != NULL && image != NULL && each != NULL);
    for (size_t i = 0; i < IMAGES; i++) {
        snprintf(text[i], sizeof text[i], "a w%zu x%zu y%zu z%zu dog", i, i / 2, i % 7, i);
        reference[i] = text[i];
        image[i] = (struct ccrnn_scored_caption){text[i], &reference[i], 1};
    }
    score(image, IMAGES, &corpus, each);
    for (size_t i = 0; i < IMAGES; i++) {
        assert_near(each[i].cider, 10.0, 1e-12);
        assert_near(each[i].cider_d, 10.0, 1e-12);
        assert_near(each[i].rouge_l, 1.0, rounding);
    }
    assert_near(corpus.bleu[3], 1.0, bleu_extras);
    assert_near(corpus.cider_d, 10.0, 1e-10);
    free(text);
    free(reference);
    free(image);
    free(each);
}

static void refused(void **state)
{
    (void)state;
    static const char *const some[] = {"a dog"};
    const struct ccrnn_scored_caption images[] = {{"a dog", some, 1}, {"a dog", some, 0}};
    struct ccrnn_caption_score corpus;
    struct ccrnn_error err = {0};
    expect_error(ccrnn_caption_scores(images, 0, &corpus, NULL, &err), CCRNN_USAGE, &err,
                 "no image", NULL);
    expect_error(ccrnn_caption_scores(images, 2, &corpus, NULL, &err), CCRNN_USAGE, &err,
                 "image 2 of 2", "no reference", NULL);
    assert_int_equal(ccrnn_caption_scores(images, 2, &corpus, NULL, NULL), CCRNN_USAGE);
}

static void numbers_of_sequences(void **state)
{
    (void)state;
    enum { PARENTS = 100, SYMBOLS = 200 };
    struct ccrnn_trie trie = {0};
    struct ccrnn_error err;
    bool *const taken = calloc(PARENTS * SYMBOLS + 1, sizeof *taken);
    uint32_t *const found = calloc((size_t)PARENTS * SYMBOLS, sizeof *found);
    assert_true(taken != NULL && found != NULL);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < PARENTS * SYMBOLS; i++) {
            uint32_t child = 0;
            /* symbols differ in high bits only, then in low bits only */
            const uint32_t symbol = i % 2 == 0 ? (i / PARENTS) << 20 : i / PARENTS;
            assert_int_equal(ccrnn_trie_child(&trie, i % PARENTS, symbol, &child, &err),
                             CCRNN_OK);
            assert_true(child >= 1 && child <= trie.count);
            assert_true(round == 0 || child == found[i]);
            assert_true(round == 1 || !taken[child]);
            taken[child] = true;
            found[i] = child;
        }
        assert_int_equal(trie.count, PARENTS * SYMBOLS);
    }
    ccrnn_trie_release(&trie);
    ccrnn_trie_release(&trie);
    free(taken);
    free(found);
}

/* --- the reference toolkit --------------------------------------------------------------- */

static json_t *read_recording(void)
{
    char path[4096];
    const char *const shared = getenv("CCRNN_SHARED");
    const char *const root = getenv("CCRNN_SOURCE_ROOT");
    const bool given = shared != NULL && shared[0] != '\0';
    snprintf(path, sizeof path, "%s%s/golden/caption_scores.json",
             given ? shared : (root == NULL ? "." : root), given ? "" : "/../shared");
    json_t *const recording = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    if (recording == NULL) {
        print_message("# SKIP no %s (set CCRNN_SHARED): plain CIDEr goes unchecked against the "
                      "reference toolkit\n",
                      path);
        skip();
    }
    return recording;
}

/* Plain CIDEr is not in the file; its value for these captions is known to ten digits. */
static void plain_cider_of_the_toolkit(void **state)
{
    (void)state;
    enum { IMAGES_MOST = 200, REFERENCES = 4 };
    struct ccrnn_scored_caption image[IMAGES_MOST];
    const char *reference[IMAGES_MOST][REFERENCES];
    struct ccrnn_caption_score corpus;
    json_t *const recording = read_recording();
    const json_t *const candidates = json_object_get(recording, "candidates");
    const char *name;
    json_t *list;
    size_t images = 0;
    json_object_foreach(json_object_get(recording, "references"), name, list)
    {
        assert_true(images < IMAGES_MOST);
        assert_int_equal(json_array_size(list), REFERENCES);
        for (size_t r = 0; r < REFERENCES; r++)
            reference[images][r] = json_string_value(json_array_get(list, r));
        image[images] = (struct ccrnn_scored_caption){
            json_string_value(json_object_get(candidates, name)), reference[images], REFERENCES};
        images++;
    }
    score(image, images, &corpus, NULL);
    assert_near(corpus.cider, 0.9334476716, 1e-10);
    json_decref(recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_table),
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(bleu_by_hand),
        cmocka_unit_test(brevity_by_hand),
        cmocka_unit_test(rouge_by_hand),
        cmocka_unit_test(cider_by_hand),
        cmocka_unit_test(documents_by_hand),
        cmocka_unit_test(nothing_to_score),
        cmocka_unit_test(spaces_do_not_count),
        cmocka_unit_test(many_images),
        cmocka_unit_test(refused),
        cmocka_unit_test(numbers_of_sequences),
        cmocka_unit_test(plain_cider_of_the_toolkit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
