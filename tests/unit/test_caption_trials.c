/* Batches of captions: each caption in its turn, of one length, in the order of the seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "task/caption_trials.h"

/* Every caption begins with a word of its own, so that a batch tells which ones it has. */
enum {
    IMAGES = 80,
    CAPTIONS_MOST = 4 * IMAGES,
    TOKENS_MOST = 10,
    COMMON = 3, /* words that all captions share; after them one that is rare */
    WORDS = CAPTIONS_MOST + COMMON + 1,
    RARE = CAPTIONS_MOST + COMMON,
    WIDTH = 2,
    SHORTEST = 4,
    LONGEST = 9,
    BATCH_MOST = 16,
};

struct made {
    struct ccrnn_caption_set set;
    float feature[IMAGES * WIDTH];
    char *image_id[IMAGES], *lexicon[WORDS];
    char name[WORDS][16];
    uint8_t split[IMAGES];
    uint32_t first[IMAGES + 1], token[CAPTIONS_MOST * TOKENS_MOST];
    size_t start[CAPTIONS_MOST + 1];
    uint64_t seen[WORDS];
};

static const struct ccrnn_caption_options usual = {
    .shortest = SHORTEST,
    .longest = LONGEST,
    .minimum_count = 4,
    .train_images = CCRNN_ALL_IMAGES,
    .validation_images = CCRNN_ALL_IMAGES,
    .test_images = CCRNN_ALL_IMAGES,
};

/* Captions of 1 … 10 tokens, most of them short; one image in eight is of no split. */
static void make_captions(struct made *made)
{
    struct ccrnn_caption_set *const set = &made->set;
    size_t tokens = 0;
    for (size_t i = 0; i < IMAGES; i++) {
        static const uint8_t splits[] = {0, 0, 1, 0, 3, 2, 0, 0};
        made->image_id[i] = made->name[0];
        made->split[i] = splits[i % sizeof splits];
        made->feature[i * WIDTH] = (float)i;
        made->feature[i * WIDTH + 1] = (float)i / 2;
        for (size_t c = 0; c < 1 + i % 4; c++) {
            const size_t length = 1 + (7 * i + 5 * c) % (c == 0 ? TOKENS_MOST : 6);
            for (size_t t = 0; t < length; t++) {
                const size_t common = CAPTIONS_MOST + (i + t) % (COMMON + 1);
                made->token[tokens++] = (uint32_t)(t == 0 ? set->captions : common);
            }
            made->start[++set->captions] = tokens;
        }
        made->first[++set->images] = (uint32_t)set->captions;
    }
}

static void make_set(struct made *made)
{
    *made = (struct made){.set = {.width = WIDTH}};
    make_captions(made);
    for (size_t w = 0; w < WORDS; w++) {
        (void)snprintf(made->name[w], sizeof made->name[w], "word%zu", w);
        made->lexicon[w] = made->name[w];
        made->seen[w] = w == RARE ? 3 : 4 + w;
    }
    made->set.feature = made->feature;
    made->set.image_id = made->image_id;
    made->set.split = made->split;
    made->set.first = made->first;
    made->set.start = made->start;
    made->set.token = made->token;
    made->set.lexicon_size = WORDS;
    made->set.lexicon = made->lexicon;
    made->set.seen = made->seen;
}

static struct ccrnn_caption_trials *open_trials(const struct ccrnn_caption_options *options,
                                                const struct made *made, size_t B, uint64_t seed)
{
    struct ccrnn_caption_trials *trials = NULL;
    struct ccrnn_error err = {0};
    if (ccrnn_caption_trials_open(options, &made->set, B, seed, &trials, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return trials;
}

/* Tokens of a caption, <start> and <end> counted. */
static size_t length_of(const struct made *made, size_t caption)
{
    return made->start[caption + 1] - made->start[caption] + 2;
}

static size_t image_of(const struct made *made, size_t caption)
{
    size_t image = 0;
    while (made->first[image + 1] <= caption)
        image++;
    return image;
}

static bool belongs(const struct made *made, size_t caption, size_t split)
{
    const size_t length = length_of(made, caption);
    return made->split[image_of(made, caption)] == split && length >= SHORTEST &&
           length <= LONGEST;
}

/* --- what a plan holds ------------------------------------------------------------------- */

struct batch {
    ccrnn_real feature[BATCH_MOST * WIDTH];
    int32_t label[LONGEST * BATCH_MOST];
    struct ccrnn_caption_batch it;
};

/* A plan as it was laid out. */
struct laid_out {
    size_t batches, rows; /* rows: those that count */
    size_t steps[CAPTIONS_MOST * 2];
    size_t count[CAPTIONS_MOST * 2];
    uint32_t caption[CAPTIONS_MOST * 2][BATCH_MOST]; /* which caption each row is */
    size_t seen[CAPTIONS_MOST];                      /* rows that count, by caption */
    size_t all[CAPTIONS_MOST];                       /* all rows, by caption */
    size_t of_length[LONGEST + 1];                   /* batches */
};

/* The caption that a row's second word names, and every word of it as the set has it. */
static size_t check_row(const struct made *made, const struct ccrnn_vocabulary *words,
                        const struct batch *batch, size_t B, size_t b)
{
    size_t caption = 0;
    char own[16] = "";
    assert_int_equal(batch->label[b], CCRNN_WORD_START);
    assert_true(batch->label[B + b] >= CCRNN_WORDS_SPECIAL);
    (void)snprintf(own, sizeof own, "%s",
                   ccrnn_vocabulary_word(words, (size_t)batch->label[B + b]));
    while (caption < made->set.captions && strcmp(own, made->name[caption]) != 0)
        caption++;
    assert_true(caption < made->set.captions);
    assert_int_equal(batch->it.steps, length_of(made, caption));
    for (size_t t = 1; t + 1 < batch->it.steps; t++) {
        const uint32_t token = made->token[made->start[caption] + t - 1];
        const int32_t expected =
            token == RARE ? CCRNN_WORD_UNKNOWN : ccrnn_vocabulary_find(words, made->name[token]);
        assert_int_equal(batch->label[t * B + b], expected);
        assert_true((token == RARE) == (expected == CCRNN_WORD_UNKNOWN));
    }
    assert_int_equal(batch->label[(batch->it.steps - 1) * B + b], CCRNN_WORD_END);
    const size_t image = image_of(made, caption);
    assert_true(batch->feature[b * WIDTH] == (ccrnn_real)image);
    assert_true(batch->feature[b * WIDTH + 1] == (ccrnn_real)image / 2);
    return caption;
}

static void lay_out(struct ccrnn_caption_trials *trials, const struct made *made, size_t B,
                    enum ccrnn_caption_split split, uint32_t epoch, struct laid_out *plan)
{
    const struct ccrnn_vocabulary *const words = ccrnn_caption_trials_vocabulary(trials);
    *plan = (struct laid_out){.batches = ccrnn_caption_trials_plan(trials, split, epoch)};
    assert_true(plan->batches > 0 && plan->batches <= CAPTIONS_MOST * 2 && B <= BATCH_MOST);
    for (size_t i = 0; i < plan->batches; i++) {
        struct batch batch = {.it = {0}};
        batch.it.feature = batch.feature;
        batch.it.label = batch.label;
        ccrnn_caption_trials_batch(trials, i, &batch.it);
        assert_in_range(batch.it.steps, SHORTEST, LONGEST);
        assert_in_range(batch.it.count, 1, B);
        plan->steps[i] = batch.it.steps;
        plan->count[i] = batch.it.count;
        plan->rows += batch.it.count;
        plan->of_length[batch.it.steps]++;
        for (size_t b = 0; b < B; b++) {
            const size_t caption = check_row(made, words, &batch, B, b);
            assert_true(belongs(made, caption, split));
            plan->caption[i][b] = (uint32_t)caption;
            plan->seen[caption] += b < batch.it.count;
            plan->all[caption]++;
        }
    }
}

/* How many captions of each length there are. */
static void count_lengths(const struct made *made, size_t split, size_t count[LONGEST + 1])
{
    memset(count, 0, (LONGEST + 1) * sizeof *count);
    for (size_t c = 0; c < made->set.captions; c++)
        if (belongs(made, c, split))
            count[length_of(made, c)]++;
}

/* --- tests ------------------------------------------------------------------------------- */

static struct made made;
static struct laid_out plan, other;

static void every_caption_comes_once_an_epoch(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 3, 7, BATCH_MOST};
    size_t count[LONGEST + 1], filled = 0;
    count_lengths(&made, CCRNN_CAPTIONS_TRAIN, count);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        const size_t B = sizes[s];
        struct ccrnn_caption_trials *const trials = open_trials(&usual, &made, B, 5);
        for (uint32_t epoch = 1; epoch <= 3; epoch++) {
            lay_out(trials, &made, B, CCRNN_CAPTIONS_TRAIN, epoch, &plan);
            for (size_t length = SHORTEST; length <= LONGEST; length++) {
                assert_true(count[length] > 0);
                assert_int_equal(plan.of_length[length], (count[length] + B - 1) / B);
            }
            for (size_t c = 0; c < made.set.captions; c++) {
                const size_t length = length_of(&made, c);
                const bool mine = belongs(&made, c, CCRNN_CAPTIONS_TRAIN);
                /* rows that fill up the last batch of a length are shared by its captions */
                const size_t spare = mine ? plan.of_length[length] * B - count[length] : 0;
                const size_t more = mine ? (spare + count[length] - 1) / count[length] : 0;
                assert_true(!mine == (plan.all[c] == 0));
                assert_true(plan.all[c] <= 1 + more);
                filled += plan.all[c] > 1;
            }
        }
        ccrnn_caption_trials_close(trials);
    }
    assert_true(filled > 0);
}

static void balanced_lengths_have_equal_numbers_of_batches(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 3, 7, BATCH_MOST};
    struct ccrnn_caption_options options = usual;
    options.lengths = CCRNN_LENGTHS_BALANCED;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        const size_t B = sizes[s], lengths = LONGEST - SHORTEST + 1;
        struct ccrnn_caption_trials *const natural = open_trials(&usual, &made, B, 5);
        struct ccrnn_caption_trials *const balanced = open_trials(&options, &made, B, 5);
        lay_out(natural, &made, B, CCRNN_CAPTIONS_TRAIN, 1, &other);
        lay_out(balanced, &made, B, CCRNN_CAPTIONS_TRAIN, 1, &plan);
        assert_true(other.of_length[SHORTEST] > other.of_length[LONGEST] || B == BATCH_MOST);
        for (size_t length = SHORTEST; length <= LONGEST; length++)
            assert_int_equal(plan.of_length[length], (other.batches + lengths - 1) / lengths);
        /* the others are not changed */
        for (enum ccrnn_caption_split split = CCRNN_CAPTIONS_VALIDATION;
             split <= CCRNN_CAPTIONS_TEST; split++) {
            lay_out(natural, &made, B, split, 1, &other);
            lay_out(balanced, &made, B, split, 1, &plan);
            assert_memory_equal(&plan, &other, sizeof plan);
        }
        ccrnn_caption_trials_close(natural);
        ccrnn_caption_trials_close(balanced);
    }
}

/* A length that no caption has takes no part. */
static void balance_knows_only_lengths_that_are_there(void **state)
{
    (void)state;
    struct ccrnn_caption_options options = usual;
    options.lengths = CCRNN_LENGTHS_BALANCED;
    options.longest = CCRNN_CAPTION_LENGTHS_MAX;
    struct ccrnn_error err = {0};
    struct ccrnn_caption_trials *trials = NULL;
    static ccrnn_real feature[WIDTH];
    static int32_t label[CCRNN_CAPTION_LENGTHS_MAX];
    size_t of_length[TOKENS_MOST + 3] = {0}, most = 0;
    assert_int_equal(ccrnn_caption_trials_open(&options, &made.set, 1, 5, &trials, &err),
                     CCRNN_OK);
    const size_t batches = ccrnn_caption_trials_plan(trials, CCRNN_CAPTIONS_TRAIN, 1);
    for (size_t i = 0; i < batches; i++) {
        struct ccrnn_caption_batch batch = {.feature = feature, .label = label};
        ccrnn_caption_trials_batch(trials, i, &batch);
        assert_in_range(batch.steps, SHORTEST, TOKENS_MOST + 2);
        of_length[batch.steps]++;
    }
    for (size_t length = SHORTEST; length <= TOKENS_MOST + 2; length++)
        most = of_length[length] > most ? of_length[length] : most;
    for (size_t length = SHORTEST; length <= TOKENS_MOST + 2; length++)
        assert_true(of_length[length] == 0 || of_length[length] == most);
    ccrnn_caption_trials_close(trials);
}

static void each_epoch_has_an_order_of_its_own(void **state)
{
    (void)state;
    struct ccrnn_caption_trials *const trials = open_trials(&usual, &made, 3, 5);
    lay_out(trials, &made, 3, CCRNN_CAPTIONS_TRAIN, 1, &plan);
    lay_out(trials, &made, 3, CCRNN_CAPTIONS_TRAIN, 2, &other);
    assert_memory_not_equal(plan.steps, other.steps, plan.batches * sizeof *plan.steps);
    assert_memory_not_equal(plan.caption, other.caption, sizeof plan.caption);
    /* not by way of the epoch before, nor of another split */
    lay_out(trials, &made, 3, CCRNN_CAPTIONS_TEST, 0, &other);
    lay_out(trials, &made, 3, CCRNN_CAPTIONS_TRAIN, 1, &other);
    assert_memory_equal(&plan, &other, sizeof plan);
    ccrnn_caption_trials_close(trials);
}

static void the_order_depends_on_the_seed_alone(void **state)
{
    (void)state;
    struct ccrnn_caption_options options = usual;
    options.beam = 7;
    options.embedding = 99;
    options.words = 12;
    struct ccrnn_caption_trials *const one = open_trials(&usual, &made, 3, 5);
    struct ccrnn_caption_trials *const same = open_trials(&options, &made, 3, 5);
    struct ccrnn_caption_trials *const wide = open_trials(&usual, &made, BATCH_MOST, 5);
    struct ccrnn_caption_trials *const another = open_trials(&usual, &made, 3, 6);
    lay_out(one, &made, 3, CCRNN_CAPTIONS_TRAIN, 4, &plan);
    lay_out(same, &made, 3, CCRNN_CAPTIONS_TRAIN, 4, &other);
    assert_memory_equal(&plan, &other, sizeof plan);
    lay_out(another, &made, 3, CCRNN_CAPTIONS_TRAIN, 4, &other);
    assert_memory_not_equal(plan.caption, other.caption, sizeof plan.caption);
    /* captions of a length are in the same order whatever the batch: the first three of it stand in one
     * batch of three and at the head of one of sixteen */
    lay_out(wide, &made, BATCH_MOST, CCRNN_CAPTIONS_TRAIN, 4, &other);
    size_t heads = 0;
    for (size_t i = 0; i < other.batches; i++)
        for (size_t k = 0; k < plan.batches; k++)
            heads += memcmp(plan.caption[k], other.caption[i], 3 * sizeof **plan.caption) == 0;
    assert_true(heads >= LONGEST - SHORTEST + 1);
    ccrnn_caption_trials_close(one);
    ccrnn_caption_trials_close(same);
    ccrnn_caption_trials_close(wide);
    ccrnn_caption_trials_close(another);
}

static void validation_and_test_count_each_caption_once(void **state)
{
    (void)state;
    struct ccrnn_caption_trials *const trials = open_trials(&usual, &made, 7, 5);
    for (enum ccrnn_caption_split split = CCRNN_CAPTIONS_VALIDATION; split <= CCRNN_CAPTIONS_TEST;
         split++) {
        size_t expected = 0;
        lay_out(trials, &made, 7, split, 1, &plan);
        for (size_t c = 0; c < made.set.captions; c++) {
            assert_int_equal(plan.seen[c], belongs(&made, c, split));
            expected += belongs(&made, c, split);
        }
        assert_int_equal(plan.rows, expected);
        for (size_t i = 1; i < plan.batches; i++)
            assert_true(plan.steps[i - 1] <= plan.steps[i]);
        lay_out(trials, &made, 7, split, 2, &other);
        assert_memory_equal(&plan, &other, sizeof plan);
    }
    ccrnn_caption_trials_close(trials);
}

/* A sentence is what a batch has, in the order of the set. */
static void sentences_are_the_captions_in_order(void **state)
{
    (void)state;
    struct ccrnn_caption_trials *const trials = open_trials(&usual, &made, 3, 5);
    const struct ccrnn_vocabulary *const words = ccrnn_caption_trials_vocabulary(trials);
    for (enum ccrnn_caption_split split = CCRNN_CAPTIONS_TRAIN; split <= CCRNN_CAPTIONS_TEST;
         split++) {
        const struct ccrnn_sentences *const all = ccrnn_caption_trials_sentences(trials, split);
        size_t at = 0;
        for (size_t c = 0; c < made.set.captions; c++) {
            if (!belongs(&made, c, split))
                continue;
            assert_true(at < all->count);
            const int32_t *const word = all->word + all->start[at];
            const size_t length = all->start[at + 1] - all->start[at];
            assert_int_equal(length, length_of(&made, c));
            assert_int_equal(word[0], CCRNN_WORD_START);
            assert_int_equal(word[1], ccrnn_vocabulary_find(words, made.name[c]));
            assert_int_equal(word[length - 1], CCRNN_WORD_END);
            at++;
        }
        assert_int_equal(at, all->count);
    }
    ccrnn_caption_trials_close(trials);
}

static void the_first_images_of_a_split_are_taken(void **state)
{
    (void)state;
    struct ccrnn_caption_options options = usual;
    options.train_images = 9;
    options.test_images = 4;
    struct ccrnn_caption_trials *const trials = open_trials(&options, &made, 3, 5);
    for (enum ccrnn_caption_split split = CCRNN_CAPTIONS_TRAIN; split <= CCRNN_CAPTIONS_TEST;
         split++) {
        static const size_t wanted[] = {9, IMAGES, 4};
        size_t before[IMAGES + 1] = {0}; /* images of the split before this one */
        for (size_t i = 0; i < IMAGES; i++)
            before[i + 1] = before[i] + (made.split[i] == split);
        lay_out(trials, &made, 3, split, 1, &plan);
        for (size_t c = 0; c < made.set.captions; c++)
            assert_true((plan.all[c] > 0) ==
                        (belongs(&made, c, split) && before[image_of(&made, c)] < wanted[split]));
    }
    ccrnn_caption_trials_close(trials);
}

static void expect_refusal(const struct ccrnn_caption_options *options, const char *one,
                           const char *other_part)
{
    struct ccrnn_caption_trials *trials = NULL;
    struct ccrnn_error err = {0};
    assert_int_equal(ccrnn_caption_trials_open(options, &made.set, 3, 5, &trials, &err),
                     CCRNN_USAGE);
    assert_null(trials);
    assert_non_null(strstr(err.message, one));
    assert_non_null(strstr(err.message, other_part));
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    struct ccrnn_caption_options options = usual;
    options.shortest = options.longest = 100;
    expect_refusal(&options, "100", "shortest");
    options = usual;
    options.minimum_count = 1000;
    expect_refusal(&options, "1000", "no word");
    options = usual;
    options.train_images = 51;
    expect_refusal(&options, "train_images", "50");
    options = usual;
    options.test_images = 11;
    expect_refusal(&options, "test_images", "10");
    for (size_t i = 0; i < IMAGES; i++)
        made.split[i] =
            made.split[i] == CCRNN_CAPTIONS_VALIDATION ? CCRNN_CAPTIONS_UNUSED : made.split[i];
    expect_refusal(&usual, "no validation image", "split");
    make_set(&made);
}

static int set_up(void **state)
{
    (void)state;
    make_set(&made);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_caption_comes_once_an_epoch),
        cmocka_unit_test(balanced_lengths_have_equal_numbers_of_batches),
        cmocka_unit_test(balance_knows_only_lengths_that_are_there),
        cmocka_unit_test(each_epoch_has_an_order_of_its_own),
        cmocka_unit_test(the_order_depends_on_the_seed_alone),
        cmocka_unit_test(validation_and_test_count_each_caption_once),
        cmocka_unit_test(sentences_are_the_captions_in_order),
        cmocka_unit_test(the_first_images_of_a_split_are_taken),
        cmocka_unit_test(what_is_not_there_is_refused),
    };
    return cmocka_run_group_tests_name("caption_trials", tests, set_up, NULL);
}
