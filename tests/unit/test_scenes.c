/* Generated scenes: each is made from its name alone; the captions are as the task needs them; the
 * features tell what the scene is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/tokens.h"
#include "task/scene.h"

enum { WIDTH = CCRNN_SCENE_WIDTH, CAPTIONS = CCRNN_SCENE_CAPTIONS, STREAMS = 3 };

struct made {
    float feature[WIDTH];
    char caption[CAPTIONS][CCRNN_SCENE_CAPTION_MAX];
};

static struct ccrnn_scene_projection *projection; /* of all tests */

static int make_projection(void **state)
{
    (void)state;
    projection = ccrnn_scene_projection_create();
    return projection == NULL;
}

static int destroy_projection(void **state)
{
    (void)state;
    ccrnn_scene_projection_destroy(projection);
    return 0;
}

/* Bytes after a caption's end are not part of it. */
static struct made made(uint32_t stream, uint32_t number)
{
    struct made made;
    memset(&made, 0, sizeof made);
    ccrnn_scene_make(projection, stream, number, made.feature, made.caption);
    for (size_t i = 0; i < CAPTIONS; i++) {
        const size_t size = strlen(made.caption[i]);
        memset(made.caption[i] + size, 0, CCRNN_SCENE_CAPTION_MAX - size);
    }
    return made;
}

/* The numbers of every study on scenes hang on these: who changes them changes the data set. */
static void scenes_are_what_they_were(void **state)
{
    (void)state;
    static const struct {
        uint32_t stream, number, features;
        const char *caption;
    } known[] = {
        {0, 0, 0xecf13e22, "a small book and two big black horses with the book on the right"},
        {1, 13, 0x0f13973f, "there is a huge white boat in the top left corner"},
        {2, UINT32_MAX, 0x4371cf83, "there is a white bird eating under a big tree"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct made scene = made(known[i].stream, known[i].number);
        const uint32_t crc = ccrnn_crc32(0, scene.feature, sizeof scene.feature);
        if (crc != known[i].features || strcmp(scene.caption[0], known[i].caption) != 0)
            fail_msg("stream %u, scene %u: features %08x, `%s`; it was %08x, `%s`",
                     known[i].stream, known[i].number, crc, scene.caption[0], known[i].features,
                     known[i].caption);
    }
}

static void a_scene_depends_on_its_name_alone(void **state)
{
    (void)state;
    enum { COUNT = 40 };
    struct made *const first = malloc(COUNT * STREAMS * sizeof *first);
    assert_non_null(first);
    for (uint32_t i = 0; i < COUNT * STREAMS; i++)
        first[i] = made(i % STREAMS, i / STREAMS);
    for (uint32_t i = COUNT * STREAMS; i-- > 0;) {
        const struct made again = made(i % STREAMS, i / STREAMS);
        assert_memory_equal(&again, &first[i], sizeof again);
        for (uint32_t k = 0; k < i; k++)
            assert_memory_not_equal(first[k].feature, first[i].feature, sizeof again.feature);
    }
    free(first);
}

/* In a table of different words: where `word` is, or where it goes. */
static size_t place_of(char words[][CCRNN_SCENE_CAPTION_MAX], size_t count, const char *word)
{
    size_t i = 0;
    while (i < count && strcmp(words[i], word) != 0)
        i++;
    return i;
}

static void captions_have_the_lengths_and_words_of_the_task(void **state)
{
    (void)state;
    enum { SCENES = 1000, WORDS_MAX = 150, WORDS_MIN = 60 };
    static char words[WORDS_MAX + 1][CCRNN_SCENE_CAPTION_MAX];
    size_t known = 0, of_the_task = 0;
    struct ccrnn_tokens tokens = {0};
    for (uint32_t i = 0; i < SCENES * CAPTIONS; i++) {
        const struct made scene = made(0, i / CAPTIONS);
        const char *const caption = scene.caption[i % CAPTIONS];
        char joined[CCRNN_SCENE_CAPTION_MAX] = "";
        assert_true(ccrnn_tokens_split(caption, &tokens));
        assert_in_range(tokens.count, 7, 16);
        of_the_task += tokens.count >= 9 && tokens.count <= 13;
        for (size_t k = 0; k < tokens.count; k++) {
            strcat(strcat(joined, k == 0 ? "" : " "), tokens.token[k]);
            const size_t place = place_of(words, known, tokens.token[k]);
            if (place < known)
                continue;
            assert_true(known < WORDS_MAX);
            strcpy(words[known++], tokens.token[k]);
        }
        assert_string_equal(joined, caption);
        for (uint32_t k = 0; k < i % CAPTIONS; k++)
            assert_string_not_equal(scene.caption[k], caption);
    }
    ccrnn_tokens_release(&tokens);
    assert_in_range(known, WORDS_MIN, WORDS_MAX);
    assert_in_range(of_the_task, SCENES * CAPTIONS * 6 / 10, SCENES * CAPTIONS * 8 / 10);
}

/* Which thing is told of first must follow from the places, not from the wording. */
static void a_relation_is_that_of_the_places(void **state)
{
    (void)state;
    struct ccrnn_scene scene = {.count = 2,
                                .thing = {{.kind = 4, .column = 0}, {.kind = 5, .column = 2}}};
    static const char *const told[2][2] = {{"ball", "box"}, {"box", "ball"}};
    size_t found[2] = {0};
    for (uint32_t mirrored = 0; mirrored < 2; mirrored++)
        for (uint32_t i = 0; i < 1000; i++) {
            struct ccrnn_random random;
            char caption[CAPTIONS][CCRNN_SCENE_CAPTION_MAX];
            scene.thing[0].column = mirrored == 0 ? 0 : 2;
            scene.thing[1].column = 2 - scene.thing[0].column;
            ccrnn_random_start(&random, 1, CCRNN_RANDOM_USER, 0, i);
            ccrnn_scene_describe(&random, &scene, caption);
            for (size_t k = 0; k < CAPTIONS; k++) {
                const char *const is = strstr(caption[k], " is left of ");
                const char *const noun = told[mirrored][0], *const other = told[mirrored][1];
                if (is == NULL || strstr(caption[k], "there") != NULL)
                    continue;
                const size_t length = strlen(noun);
                assert_true((size_t)(is - caption[k]) >= length);
                assert_memory_equal(is - length, noun, length);
                assert_non_null(strstr(is, other));
                found[mirrored]++;
            }
        }
    assert_true(found[0] > 10 && found[1] > 10);
}

static void features_are_about_standard_normal(void **state)
{
    (void)state;
    enum { SCENES = 2000 };
    static double sum[WIDTH], squares[WIDTH];
    for (uint32_t i = 0; i < SCENES; i++) {
        const struct made scene = made(0, i);
        for (size_t j = 0; j < WIDTH; j++) {
            assert_true(fabs((double)scene.feature[j]) < 6);
            sum[j] += (double)scene.feature[j];
            squares[j] += (double)scene.feature[j] * (double)scene.feature[j];
        }
    }
    /* Five standard errors of a mean and of a variance over so many scenes: 0.11 and 0.16. */
    for (size_t j = 0; j < WIDTH; j++) {
        const double mean = sum[j] / SCENES;
        const double variance = squares[j] / SCENES - mean * mean;
        if (!(fabs(mean) < 0.11 && fabs(variance - 1) < 0.16))
            fail_msg("feature %zu: mean %g, variance %g", j, mean, variance);
    }
}

/* Least squares: a colour is read from the features and a constant. */
enum { INPUTS = WIDTH + 1, COLOURS = CCRNN_SCENE_COLOURS };
static double gram[INPUTS][INPUTS], weights[INPUTS][COLOURS];

static uint32_t first_colour(uint32_t stream, uint32_t number, double input[INPUTS])
{
    struct ccrnn_random random;
    struct ccrnn_scene scene;
    const struct made seen = made(stream, number);
    ccrnn_scene_start(&random, stream, number);
    ccrnn_scene_draw(&random, &scene);
    for (size_t j = 0; j < WIDTH; j++)
        input[j] = (double)seen.feature[j];
    input[WIDTH] = 1;
    return scene.thing[0].colour;
}

static void add_scene(uint32_t number)
{
    double input[INPUTS];
    const uint32_t colour = first_colour(0, number, input);
    for (size_t i = 0; i < INPUTS; i++) {
        for (size_t j = 0; j <= i; j++)
            gram[i][j] += input[i] * input[j];
        weights[i][colour] += input[i];
    }
}

/* Cholesky in place, then both triangular systems. */
static void solve(void)
{
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t j = 0; j <= i; j++) {
            double rest = gram[i][j];
            for (size_t k = 0; k < j; k++)
                rest -= gram[i][k] * gram[j][k];
            gram[i][j] = i == j ? sqrt(rest) : rest / gram[j][j];
        }
    for (size_t c = 0; c < COLOURS; c++) {
        for (size_t i = 0; i < INPUTS; i++) {
            for (size_t k = 0; k < i; k++)
                weights[i][c] -= gram[i][k] * weights[k][c];
            weights[i][c] /= gram[i][i];
        }
        for (size_t i = INPUTS; i-- > 0;) {
            for (size_t k = i + 1; k < INPUTS; k++)
                weights[i][c] -= gram[k][i] * weights[k][c];
            weights[i][c] /= gram[i][i];
        }
    }
}

static bool is_read_rightly(uint32_t number)
{
    double input[INPUTS], most = -INFINITY;
    const uint32_t colour = first_colour(2, number, input);
    size_t choice = 0;
    for (size_t c = 0; c < COLOURS; c++) {
        double value = 0;
        for (size_t i = 0; i < INPUTS; i++)
            value += input[i] * weights[i][c];
        if (value > most) {
            most = value;
            choice = c;
        }
    }
    return choice == colour;
}

static void a_linear_readout_sees_the_first_colour(void **state)
{
    (void)state;
    enum { TRAIN = 1500, TEST = 400 };
    for (uint32_t i = 0; i < TRAIN; i++)
        add_scene(i);
    solve();
    size_t right = 0;
    for (uint32_t i = 0; i < TEST; i++)
        right += is_read_rightly(i);
    print_message("# %zu of %d colours of unseen scenes read, chance %d\n", right, TEST,
                  TEST / COLOURS);
    assert_true(right > TEST * 3 / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_are_what_they_were),
        cmocka_unit_test(a_scene_depends_on_its_name_alone),
        cmocka_unit_test(captions_have_the_lengths_and_words_of_the_task),
        cmocka_unit_test(a_relation_is_that_of_the_places),
        cmocka_unit_test(features_are_about_standard_normal),
        cmocka_unit_test(a_linear_readout_sees_the_first_colour),
    };
    return cmocka_run_group_tests_name("scenes", tests, make_projection, destroy_projection);
}
