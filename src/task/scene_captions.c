/* The captions of generated scenes. */
#include <stdbool.h>
#include <string.h>

#include "task/scene.h"

enum {
    WORDINGS = 2,
    WORDS_MIN = 7, /* of a caption */
    WORDS_MAX = 16
};

enum relation { LEFT, RIGHT, ABOVE, BELOW, RELATIONS };

static const char *const one_of_kind[CCRNN_SCENE_KINDS] = {
    "dog", "cat", "bird", "horse", "ball", "box", "cup", "chair", "car", "tree", "boat", "book"};
static const char *const more_of_kind[CCRNN_SCENE_KINDS] = {"dogs",  "cats",  "birds", "horses",
                                                            "balls", "boxes", "cups",  "chairs",
                                                            "cars",  "trees", "boats", "books"};
static const char *const colour_words[CCRNN_SCENE_COLOURS] = {"red",   "blue",  "green", "yellow",
                                                              "black", "white", "brown", "pink"};
static const char *const size_words[CCRNN_SCENE_SIZES][WORDINGS] = {
    {"small", "little"}, {"big", "large"}, {"huge", "giant"}};
static const char *const count_words[CCRNN_SCENE_COUNTS] = {"", "two", "three"};
static const char *const action_words[CCRNN_SCENE_ACTIONS] = {"", "sitting", "sleeping",
                                                              "running", "eating"};
static const char *const relation_words[RELATIONS][WORDINGS] = {{"left of", "to the left of"},
                                                                {"right of", "to the right of"},
                                                                {"above", "over"},
                                                                {"below", "under"}};
static const char *const side_words[RELATIONS] = {"on the left", "on the right", "at the top",
                                                  "at the bottom"};
static const char *const place_words[CCRNN_SCENE_SIDE][CCRNN_SCENE_SIDE] = {
    {"in the top left corner", "at the top", "in the top right corner"},
    {"on the left", "in the middle", "on the right"},
    {"in the bottom left corner", "at the bottom", "in the bottom right corner"}};

/* How a caption may be worded. In a pattern, a capital letter and digits stand for words about the
 * things of these numbers (1 … 3):
 * N noun phrase, K its noun, V is or are, A what it does, P its place in the picture, R relation of the
 * first to the second, S the side of the first seen from the second. */
struct wording {
    uint32_t things;   /* it tells of */
    bool is_between;   /* thing 1 must stand between 2 and 3 */
    bool may_be_known; /* "the" instead of "a" */
    const char *pattern;
};

static const struct wording wordings[] = {
    {1, false, false, "there V1 N1 A1 P1"},
    {1, false, true, "N1 V1 A1 P1"},
    {1, false, false, "N1 A1 P1 of the picture"},
    {1, false, false, "P1 of the picture we see N1 A1"},
    {1, false, false, "this picture shows N1 A1 P1"},
    {2, false, true, "N1 V1 A1 R12 N2"},
    {2, false, false, "there V1 N1 A1 R12 N2"},
    {2, false, true, "N1 R12 N2 A2"},
    {2, false, false, "we see N1 A1 R12 N2 A2"},
    {2, false, false, "this picture shows N1 A1 R12 N2"},
    {2, false, false, "N1 and N2 with the K1 S12"},
    {2, false, true, "R12 N2 V1 N1 A1"},
    {2, false, false, "P1 there V1 N1 and P2 N2"},
    {3, false, true, "N1 V1 A1 R12 N2 and R13 N3"},
    {3, false, false, "there V1 N1 R12 N2 and R13 N3"},
    {3, false, false, "N1 R12 N2 with N3 P3"},
    {3, false, false, "we see N1 and N2 with N3 R31 the K1"},
    {3, true, true, "N1 V1 A1 between N2 and N3"},
    {3, true, false, "there V1 N1 between N2 and N3"},
    {3, true, true, "between N2 and N3 V1 N1 A1"},
};
enum { PATTERNS = sizeof wordings / sizeof wordings[0] };

/* A caption being written. */
struct saying {
    struct ccrnn_random *stream;
    const struct ccrnn_thing
        *thing[CCRNN_SCENE_THINGS]; /* in the order of the pattern's numbers */
    bool known;
    char *text;
    size_t size, words;
};

/* Add words; what does not fit makes the caption too long. */
static void say(struct saying *saying, const char *words)
{
    const size_t length = strlen(words);
    if (length == 0)
        return;
    if (saying->size + 1 + length >= CCRNN_SCENE_CAPTION_MAX) {
        saying->words = WORDS_MAX + 1;
        return;
    }
    if (saying->size > 0)
        saying->text[saying->size++] = ' ';
    memcpy(saying->text + saying->size, words, length + 1);
    saying->size += length;
    saying->words++;
    for (const char *at = words; *at != '\0'; at++)
        saying->words += *at == ' ';
}

static bool chance(struct saying *saying, uint32_t parts, uint32_t of)
{
    return ccrnn_random_below(saying->stream, of) < parts;
}

static void say_noun(struct saying *saying, const struct ccrnn_thing *thing)
{
    say(saying, thing->count == 0 ? one_of_kind[thing->kind] : more_of_kind[thing->kind]);
}

/* People leave things out: the size more often than the colour. */
static void say_phrase(struct saying *saying, const struct ccrnn_thing *thing)
{
    if (saying->known)
        say(saying, "the");
    else if (thing->count == 0)
        say(saying, "a");
    say(saying, count_words[thing->count]);
    if (chance(saying, 3, 5))
        say(saying, size_words[thing->size][ccrnn_random_below(saying->stream, WORDINGS)]);
    if (chance(saying, 4, 5))
        say(saying, colour_words[thing->colour]);
    say_noun(saying, thing);
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

/* Where `a` is seen from `b`: along the larger distance, either if they are equal. */
static enum relation relation(struct saying *saying, const struct ccrnn_thing *a,
                              const struct ccrnn_thing *b)
{
    const uint32_t across = distance(a->column, b->column), down = distance(a->row, b->row);
    const bool is_even = across == down;
    if (is_even ? chance(saying, 1, 2) : across > down)
        return a->column < b->column ? LEFT : RIGHT;
    return a->row < b->row ? ABOVE : BELOW;
}

static void say_code(struct saying *saying, const char *code)
{
    const struct ccrnn_thing *const one = saying->thing[code[1] - '1'];
    const struct ccrnn_thing *const other = code[2] == '\0' ? one : saying->thing[code[2] - '1'];
    switch (code[0]) {
    case 'N':
        say_phrase(saying, one);
        break;
    case 'K':
        say_noun(saying, one);
        break;
    case 'V':
        say(saying, one->count == 0 ? "is" : "are");
        break;
    case 'A':
        say(saying, chance(saying, 3, 4) ? action_words[one->action] : "");
        break;
    case 'P':
        say(saying, place_words[one->row][one->column]);
        break;
    case 'R':
        say(saying, relation_words[relation(saying, one, other)]
                                  [ccrnn_random_below(saying->stream, WORDINGS)]);
        break;
    default: /* S */
        say(saying, side_words[relation(saying, one, other)]);
        break;
    }
}

static bool is_inside(uint32_t middle, uint32_t one, uint32_t other)
{
    return (one < middle && middle < other) || (other < middle && middle < one);
}

static bool is_between(const struct ccrnn_thing *const thing[CCRNN_SCENE_THINGS])
{
    return is_inside(thing[0]->column, thing[1]->column, thing[2]->column) ||
           is_inside(thing[0]->row, thing[1]->row, thing[2]->row);
}

/* The things in the order of the pattern's numbers: mostly the main one first. */
static void choose_order(struct saying *saying, const struct ccrnn_scene *scene)
{
    const uint32_t first =
        chance(saying, 3, 4) ? 0 : ccrnn_random_below(saying->stream, scene->count);
    const bool swaps = chance(saying, 1, 2);
    saying->thing[0] = &scene->thing[first];
    saying->thing[1] = &scene->thing[(first + 1) % scene->count];
    saying->thing[2] = &scene->thing[(first + 2) % scene->count];
    if (scene->count == CCRNN_SCENE_THINGS && swaps) {
        const struct ccrnn_thing *const second = saying->thing[1];
        saying->thing[1] = saying->thing[2];
        saying->thing[2] = second;
    }
}

/* A wording that fits the scene; of three things, it may leave out one. */
static const struct wording *choose_wording(struct saying *saying,
                                            const struct ccrnn_scene *scene)
{
    const struct wording *wording;
    bool fits;
    do {
        choose_order(saying, scene);
        wording = &wordings[ccrnn_random_below(saying->stream, PATTERNS)];
        fits = wording->things == scene->count ||
               (wording->things == CCRNN_SCENE_THINGS - 1 && scene->count == CCRNN_SCENE_THINGS);
        if (fits && wording->is_between)
            fits = is_between(saying->thing);
    } while (!fits);
    return wording;
}

/* One caption, of any length. */
static void say_scene(struct saying *saying, const struct ccrnn_scene *scene)
{
    const struct wording *const wording = choose_wording(saying, scene);
    saying->size = saying->words = 0;
    saying->known = wording->may_be_known && chance(saying, 1, 2);
    char word[16];
    size_t length;
    for (const char *at = wording->pattern; *at != '\0'; at += length) {
        at += *at == ' ';
        length = strcspn(at, " ");
        memcpy(word, at, length);
        word[length] = '\0';
        if (word[0] >= 'A' && word[0] <= 'Z')
            say_code(saying, word);
        else
            say(saying, word);
    }
}

void ccrnn_scene_describe(struct ccrnn_random *stream, const struct ccrnn_scene *scene,
                          char caption[CCRNN_SCENE_CAPTIONS][CCRNN_SCENE_CAPTION_MAX])
{
    for (size_t i = 0; i < CCRNN_SCENE_CAPTIONS; i++) {
        struct saying saying = {.stream = stream, .text = caption[i]};
        bool again;
        do {
            say_scene(&saying, scene);
            again = saying.words < WORDS_MIN || saying.words > WORDS_MAX;
            for (size_t k = 0; k < i; k++)
                again |= strcmp(caption[k], caption[i]) == 0;
        } while (again);
    }
}
