/* Decoding: greedy and beams against plain loops over the same network, one image at a time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/vocabulary.h"
#include "study/decode.h"
#include "word_networks.h"

/* Of nine words six may be said. With a beam of ROWS none of the 1 + 6 + 36 beginnings of a sentence of
 * three words, nor of their ends, is ever dropped. */
enum { MOST = 3, SAID_WORDS = 8, ROWS = 200, IMAGES = 7, STATE_MOST = 12 };

struct sentence {
    int32_t word[STEPS_MOST];
    size_t words;
    double log_probability;
};

/* A network whose opinions are strong and differ from image to image. */
static struct ccrnn_network *make_decided(enum ccrnn_cell cell, size_t batch)
{
    struct ccrnn_network_config config = rich(cell);
    config.outputs = SAID_WORDS + 1;
    config.batch = batch;
    struct ccrnn_network *const network = make(&config);
    for (size_t i = 0; i < network->parameters.size; i++)
        network->parameters.value[i] *= 3;
    return network;
}

static void draw_features(ccrnn_real *feature)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 23, CCRNN_RANDOM_USER, 0, 0);
    for (size_t i = 0; i < IMAGES * FEATURES; i++)
        feature[i] = (ccrnn_real)ccrnn_random_normal(&stream);
}

/* All images' captions by ccrnn_decode(). */
static void decode(struct ccrnn_network *network, const ccrnn_real *feature,
                   struct ccrnn_decoding decoding, struct sentence *said)
{
    int32_t words[IMAGES * STEPS_MOST];
    size_t length[IMAGES];
    struct ccrnn_error err = {0};
    assert_true(decoding.most <= STEPS_MOST);
    expect_ok(ccrnn_decode(network, feature, IMAGES, &decoding, words, length, &err), &err);
    for (size_t i = 0; i < IMAGES; i++) {
        said[i] = (struct sentence){.words = length[i]};
        assert_true(length[i] <= decoding.most);
        memcpy(said[i].word, words + i * decoding.most, length[i] * sizeof *words);
    }
}

static void expect_sentence(const struct sentence *found, const struct sentence *expected)
{
    assert_int_equal(found->words, expected->words);
    assert_memory_equal(found->word, expected->word, expected->words * sizeof *found->word);
}

static void see(struct ccrnn_network *network, const ccrnn_real *feature, ccrnn_real *state,
                ccrnn_real *probability)
{
    struct ccrnn_error err = {0};
    expect_ok(ccrnn_network_see(network, 1, feature, state, probability, &err), &err);
}

static void say(struct ccrnn_network *network, int32_t word, ccrnn_real *state,
                ccrnn_real *probability)
{
    struct ccrnn_error err = {0};
    expect_ok(ccrnn_network_say(network, 1, &word, state, probability, &err), &err);
}

/* --- greedy ------------------------------------------------------------------------------ */

static struct sentence say_greedily(struct ccrnn_network *network, const ccrnn_real *feature,
                                    size_t most)
{
    ccrnn_real state[STATE_MOST], probability[SAID_WORDS + 1];
    struct sentence said = {.words = 0};
    see(network, feature, state, probability);
    int32_t word = CCRNN_WORD_START;
    while (said.words < most) {
        say(network, word, state, probability);
        word = CCRNN_WORD_END;
        for (int32_t o = CCRNN_WORD_END; o <= SAID_WORDS; o++)
            word = probability[o] > probability[word] ? o : word;
        if (word == CCRNN_WORD_END)
            break;
        said.word[said.words++] = word;
    }
    return said;
}

static void a_beam_of_one_is_greedy(void **state)
{
    (void)state;
    ccrnn_real feature[IMAGES * FEATURES];
    size_t ended = 0, cut = 0;
    draw_features(feature);
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++) {
        /* a batch of 3: the seven images are three groups */
        struct ccrnn_network *const network = make_decided((enum ccrnn_cell)cell, 3);
        struct sentence said[IMAGES];
        decode(network, feature, (struct ccrnn_decoding){.beam = 1, .most = STEPS_MOST}, said);
        for (size_t i = 0; i < IMAGES; i++) {
            const struct sentence expected =
                say_greedily(network, feature + i * FEATURES, STEPS_MOST);
            expect_sentence(&said[i], &expected);
            cut += expected.words == STEPS_MOST;
            ended += expected.words < STEPS_MOST;
        }
        ccrnn_network_destroy(network);
    }
    assert_true(ended > 0 && cut > 0);
}

static void length_power_means_nothing_to_greedy(void **state)
{
    (void)state;
    ccrnn_real feature[IMAGES * FEATURES];
    struct sentence plain[IMAGES], powered[IMAGES];
    struct ccrnn_network *const network = make_decided(CCRNN_CELL_LSTM, 4);
    draw_features(feature);
    decode(network, feature, (struct ccrnn_decoding){.beam = 1, .most = MOST}, plain);
    decode(network, feature, (struct ccrnn_decoding){.beam = 1, .most = MOST, .length_power = 2},
           powered);
    for (size_t i = 0; i < IMAGES; i++)
        expect_sentence(&powered[i], &plain[i]);
    ccrnn_network_destroy(network);
}

/* --- beams ------------------------------------------------------------------------------- */

/* What has been looked at, and the best of it. */
struct search {
    struct ccrnn_network *network;
    double length_power;
    struct sentence best;
    double best_score, second_score;
    size_t sentences;
};

static void weigh(struct search *search, const struct sentence *sentence)
{
    const double score =
        sentence->log_probability / pow((double)(sentence->words + 1), search->length_power);
    search->sentences++;
    if (score > search->best_score) {
        search->second_score = search->best_score;
        search->best_score = score;
        search->best = *sentence;
    } else if (score > search->second_score) {
        search->second_score = score;
    }
}

/* All sentences that begin with this one. */
static void look_at_all(struct search *search, const struct sentence *sentence,
                        const ccrnn_real *state, int32_t last)
{
    ccrnn_real next[STATE_MOST], probability[SAID_WORDS + 1];
    memcpy(next, state, sizeof next);
    say(search->network, last, next, probability);
    for (int32_t o = CCRNN_WORD_END; o <= SAID_WORDS; o++) {
        struct sentence longer = *sentence;
        longer.log_probability += log((double)probability[o]);
        if (o != CCRNN_WORD_END)
            longer.word[longer.words++] = o;
        if (o == CCRNN_WORD_END || longer.words == MOST)
            weigh(search, &longer);
        else
            look_at_all(search, &longer, next, o);
    }
}

static struct search search_all(struct ccrnn_network *network, const ccrnn_real *feature,
                                double length_power)
{
    ccrnn_real state[STATE_MOST] = {0}, probability[SAID_WORDS + 1];
    const struct sentence nothing = {.words = 0};
    struct search search = {.network = network,
                            .length_power = length_power,
                            .best_score = -INFINITY,
                            .second_score = -INFINITY};
    see(network, feature, state, probability);
    look_at_all(&search, &nothing, state, CCRNN_WORD_START);
    return search;
}

static void a_wide_beam_finds_the_best_of_all_sentences(void **state)
{
    (void)state;
    enum { MAY_SAY = SAID_WORDS - CCRNN_WORD_END };
    static const double powers[] = {0, 0.7, 2};
    ccrnn_real feature[IMAGES * FEATURES];
    size_t not_greedy = 0;
    draw_features(feature);
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++) {
        struct ccrnn_network *const network = make_decided((enum ccrnn_cell)cell, 2 * ROWS + 1);
        for (size_t p = 0; p < sizeof powers / sizeof powers[0]; p++) {
            struct sentence said[IMAGES];
            decode(network, feature,
                   (struct ccrnn_decoding){.beam = ROWS, .most = MOST, .length_power = powers[p]},
                   said);
            for (size_t i = 0; i < IMAGES; i++) {
                const struct search all = search_all(network, feature + i * FEATURES, powers[p]);
                const struct sentence greedy =
                    say_greedily(network, feature + i * FEATURES, MOST);
                assert_int_equal(all.sentences,
                                 1 + MAY_SAY + MAY_SAY * MAY_SAY + MAY_SAY * MAY_SAY * MAY_SAY);
                assert_true(all.best_score - all.second_score > 1e-6);
                expect_sentence(&said[i], &all.best);
                not_greedy +=
                    greedy.words != all.best.words ||
                    memcmp(greedy.word, all.best.word, greedy.words * sizeof *greedy.word) != 0;
            }
        }
        ccrnn_network_destroy(network);
    }
    assert_true(not_greedy > 0);
}

/* One image's beam, each hypothesis with a state of its own; the plainest way to write it. */
static struct sentence beam_of_one_image(struct ccrnn_network *network, const ccrnn_real *feature,
                                         const struct ccrnn_decoding *decoding)
{
    enum { BEAM_MOST = 4 };
    struct open {
        struct sentence said;
        ccrnn_real state[STATE_MOST];
        int32_t last;
    } open[BEAM_MOST] = {{.last = CCRNN_WORD_START}};
    ccrnn_real probability[SAID_WORDS + 1];
    struct search search = {.length_power = decoding->length_power,
                            .best_score = -INFINITY,
                            .second_score = -INFINITY};
    size_t count = 1;
    assert_true(decoding->beam <= BEAM_MOST);
    see(network, feature, open[0].state, probability);
    while (count > 0) {
        struct open next[BEAM_MOST * SAID_WORDS], best[BEAM_MOST];
        size_t found = 0, kept = 0;
        for (size_t i = 0; i < count; i++) {
            say(network, open[i].last, open[i].state, probability);
            for (int32_t o = CCRNN_WORD_END; o <= SAID_WORDS; o++) {
                next[found] = open[i];
                next[found].last = o;
                next[found++].said.log_probability += log((double)probability[o]);
            }
        }
        for (; kept < decoding->beam && kept < found; kept++) {
            size_t first = 0;
            for (size_t i = 1; i < found; i++)
                if (next[i].said.log_probability > next[first].said.log_probability)
                    first = i;
            best[kept] = next[first];
            next[first].said.log_probability = -INFINITY;
        }
        count = 0;
        for (size_t i = 0; i < kept; i++) {
            struct open *const it = &best[i];
            if (it->last != CCRNN_WORD_END)
                it->said.word[it->said.words++] = it->last;
            if (it->last == CCRNN_WORD_END || it->said.words == decoding->most)
                weigh(&search, &it->said);
            else
                open[count++] = *it;
        }
    }
    return search.best;
}

static void narrow_beams_are_those_of_each_image_alone(void **state)
{
    (void)state;
    ccrnn_real feature[IMAGES * FEATURES];
    draw_features(feature);
    for (int cell = CCRNN_CELL_LSTM; cell <= CCRNN_CELL_TANH; cell++) {
        /* rows for two beams of four, or for four of two and one that stays empty */
        struct ccrnn_network *const network = make_decided((enum ccrnn_cell)cell, 9);
        for (size_t beam = 2; beam <= 4; beam++)
            for (int powered = 0; powered < 2; powered++) {
                const struct ccrnn_decoding decoding = {
                    .beam = beam, .most = STEPS_MOST, .length_power = 0.7 * powered};
                struct sentence said[IMAGES];
                decode(network, feature, decoding, said);
                for (size_t i = 0; i < IMAGES; i++) {
                    const struct sentence expected =
                        beam_of_one_image(network, feature + i * FEATURES, &decoding);
                    expect_sentence(&said[i], &expected);
                }
            }
        ccrnn_network_destroy(network);
    }
}

/* --- what is never said, and what is refused --------------------------------------------- */

/* The readout's bias of a word. */
static void like_word(struct ccrnn_network *network, int32_t word, ccrnn_real bias)
{
    network->readout.bias[word] = bias;
}

static void padding_and_start_are_never_said(void **state)
{
    (void)state;
    ccrnn_real feature[IMAGES * FEATURES];
    draw_features(feature);
    for (size_t beam = 1; beam <= 3; beam++) {
        struct ccrnn_network *const network = make_decided(CCRNN_CELL_GRU, 9);
        struct sentence said[IMAGES];
        size_t words = 0;
        like_word(network, CCRNN_WORD_PAD, 20);
        like_word(network, CCRNN_WORD_START, 21);
        like_word(network, CCRNN_WORD_END, -5);
        decode(network, feature, (struct ccrnn_decoding){.beam = beam, .most = STEPS_MOST}, said);
        for (size_t i = 0; i < IMAGES; i++)
            for (size_t w = 0; w < said[i].words; w++, words++) {
                assert_true(said[i].word[w] > CCRNN_WORD_END);
                assert_true(said[i].word[w] <= SAID_WORDS);
            }
        assert_true(words > 0);
        ccrnn_network_destroy(network);
    }
}

static void a_caption_may_be_empty_or_as_long_as_allowed(void **state)
{
    (void)state;
    ccrnn_real feature[IMAGES * FEATURES];
    draw_features(feature);
    for (size_t beam = 1; beam <= 3; beam++) {
        struct ccrnn_network *const network = make_decided(CCRNN_CELL_LSTM, 9);
        struct sentence said[IMAGES];
        like_word(network, CCRNN_WORD_END, -60);
        for (size_t most = 1; most <= STEPS_MOST; most++) {
            decode(network, feature, (struct ccrnn_decoding){.beam = beam, .most = most}, said);
            for (size_t i = 0; i < IMAGES; i++)
                assert_int_equal(said[i].words, most);
        }
        like_word(network, CCRNN_WORD_END, 60);
        decode(network, feature, (struct ccrnn_decoding){.beam = beam, .most = MOST}, said);
        for (size_t i = 0; i < IMAGES; i++)
            assert_int_equal(said[i].words, 0);
        ccrnn_network_destroy(network);
    }
}

static void beams_that_do_not_fit_and_nan_are_refused(void **state)
{
    (void)state;
    ccrnn_real feature[IMAGES * FEATURES];
    int32_t words[IMAGES * MOST];
    size_t length[IMAGES];
    struct ccrnn_error err = {0};
    struct ccrnn_network *const network = make_decided(CCRNN_CELL_LSTM, 4);
    draw_features(feature);
    static const size_t beams[] = {0, 5, SIZE_MAX};
    for (size_t i = 0; i < sizeof beams / sizeof beams[0]; i++) {
        const struct ccrnn_decoding decoding = {.beam = beams[i], .most = MOST};
        assert_int_equal(ccrnn_decode(network, feature, IMAGES, &decoding, words, length, &err),
                         CCRNN_USAGE);
        assert_non_null(strstr(err.message, "expected 1 … 4"));
    }
    like_word(network, SAID_WORDS, NAN);
    for (size_t beam = 1; beam <= 4; beam++) {
        const struct ccrnn_decoding decoding = {.beam = beam, .most = MOST};
        assert_int_equal(ccrnn_decode(network, feature, IMAGES, &decoding, words, length, &err),
                         CCRNN_NONFINITE);
    }
    ccrnn_network_destroy(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beam_of_one_is_greedy),
        cmocka_unit_test(length_power_means_nothing_to_greedy),
        cmocka_unit_test(a_wide_beam_finds_the_best_of_all_sentences),
        cmocka_unit_test(narrow_beams_are_those_of_each_image_alone),
        cmocka_unit_test(padding_and_start_are_never_said),
        cmocka_unit_test(a_caption_may_be_empty_or_as_long_as_allowed),
        cmocka_unit_test(beams_that_do_not_fit_and_nan_are_refused),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
