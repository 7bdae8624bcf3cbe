/* Generated scenes and their feature vectors. Only IEEE's basic operations and square roots are used, so
 * that the numbers are the same everywhere. */
#include "task/scenes.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/random.h"
#include "task/scene.h"

/* Names the data set; another value makes another one. */
static const uint64_t scenes_seed = 0x7363656e6573; /* "scenes" */

/* The part of a feature's variance that comes from the scene; the rest is noise. */
static const double signal_part = 0.5;

/* How often a number of things or a count is drawn, in parts of the sum; all else is drawn evenly. */
static const uint32_t thing_weights[CCRNN_SCENE_THINGS] = {4, 9, 7};
static const uint32_t count_weights[CCRNN_SCENE_COUNTS] = {6, 1, 1};

static uint32_t sum(const uint32_t *weights, size_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += weights[i];
    return total;
}

static uint32_t weighted(struct ccrnn_random *stream, const uint32_t *weights, size_t count)
{
    uint32_t left = ccrnn_random_below(stream, sum(weights, count));
    uint32_t choice = 0;
    while (choice + 1 < count && left >= weights[choice])
        left -= weights[choice++];
    return choice;
}

/* Different numbers below n ≥ CCRNN_SCENE_THINGS. */
static void draw_different(struct ccrnn_random *stream, uint32_t n,
                           uint32_t drawn[CCRNN_SCENE_THINGS])
{
    for (uint32_t i = 0; i < CCRNN_SCENE_THINGS; i++) {
        bool again;
        do {
            again = false;
            drawn[i] = ccrnn_random_below(stream, n);
            for (uint32_t k = 0; k < i; k++)
                again |= drawn[k] == drawn[i];
        } while (again);
    }
}

void ccrnn_scene_start(struct ccrnn_random *random, uint32_t stream, uint32_t number)
{
    ccrnn_random_start(random, scenes_seed, CCRNN_RANDOM_SCENES, stream, number);
}

void ccrnn_scene_draw(struct ccrnn_random *stream, struct ccrnn_scene *scene)
{
    uint32_t kinds[CCRNN_SCENE_THINGS], cells[CCRNN_SCENE_THINGS];
    draw_different(stream, CCRNN_SCENE_KINDS, kinds);
    draw_different(stream, CCRNN_SCENE_SIDE * CCRNN_SCENE_SIDE, cells);
    scene->count = 1 + weighted(stream, thing_weights, CCRNN_SCENE_THINGS);
    for (uint32_t i = 0; i < CCRNN_SCENE_THINGS; i++) {
        const uint32_t action = 1 + ccrnn_random_below(stream, CCRNN_SCENE_ACTIONS - 1);
        scene->thing[i] = (struct ccrnn_thing){
            .kind = kinds[i],
            .colour = ccrnn_random_below(stream, CCRNN_SCENE_COLOURS),
            .size = ccrnn_random_below(stream, CCRNN_SCENE_SIZES),
            .count = weighted(stream, count_weights, CCRNN_SCENE_COUNTS),
            .action = kinds[i] < CCRNN_SCENE_ANIMALS ? action : 0,
            .column = cells[i] % CCRNN_SCENE_SIDE,
            .row = cells[i] / CCRNN_SCENE_SIDE,
        };
    }
}

/* Of a scene: how many things there are; of each thing its kind, colour, size, count, action, column, row. */
enum {
    THING_PROPERTIES = 7,
    PROPERTIES = 1 + CCRNN_SCENE_THINGS * THING_PROPERTIES,
    THING_TERMS = CCRNN_SCENE_KINDS + CCRNN_SCENE_COLOURS + CCRNN_SCENE_SIZES +
                  CCRNN_SCENE_COUNTS + CCRNN_SCENE_ACTIONS + 2 * CCRNN_SCENE_SIDE,
    TERMS = CCRNN_SCENE_THINGS * (1 + THING_TERMS)
};

/* A property with `count` values, drawn with the probability weight[v] / Σ weight. */
struct property {
    const uint32_t *weight;
    size_t count;
    uint32_t chosen;   /* its value */
    bool is_there;     /* false: the thing is not in this scene */
    double there_part; /* how often the thing is in a scene */
};

/* Every value of a property is a term with signs of its own. A vector is a sum of terms of mean 0. */
struct ccrnn_scene_projection {
    int8_t sign[TERMS][CCRNN_SCENE_WIDTH];      /* ±1 */
    double mean[PROPERTIES][CCRNN_SCENE_WIDTH]; /* of a property's terms */
    double deviation[CCRNN_SCENE_WIDTH];        /* of the sum, over scenes */
};

static void list_thing(const struct ccrnn_thing *thing, bool is_there, double there_part,
                       struct property property[THING_PROPERTIES])
{
    static const uint32_t even[CCRNN_SCENE_KINDS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const uint32_t action_weights[CCRNN_SCENE_ACTIONS] = {
        CCRNN_SCENE_KINDS - CCRNN_SCENE_ANIMALS, 1, 1, 1, 1};
    const struct property list[THING_PROPERTIES] = {
        {even, CCRNN_SCENE_KINDS, thing->kind, is_there, there_part},
        {even, CCRNN_SCENE_COLOURS, thing->colour, is_there, there_part},
        {even, CCRNN_SCENE_SIZES, thing->size, is_there, there_part},
        {count_weights, CCRNN_SCENE_COUNTS, thing->count, is_there, there_part},
        {action_weights, CCRNN_SCENE_ACTIONS, thing->action, is_there, there_part},
        {even, CCRNN_SCENE_SIDE, thing->column, is_there, there_part},
        {even, CCRNN_SCENE_SIDE, thing->row, is_there, there_part},
    };
    memcpy(property, list, sizeof list);
}

static void list_properties(const struct ccrnn_scene *scene, struct property property[PROPERTIES])
{
    uint32_t rest = sum(thing_weights, CCRNN_SCENE_THINGS);
    const double total = rest;
    property[0] = (struct property){thing_weights, CCRNN_SCENE_THINGS, scene->count - 1, true, 1};
    for (uint32_t i = 0; i < CCRNN_SCENE_THINGS; i++) {
        list_thing(&scene->thing[i], i < scene->count, rest / total,
                   property + 1 + (size_t)i * THING_PROPERTIES);
        rest -= thing_weights[i];
    }
}

/* The signs of a term, the same in every scene. */
static void draw_signs(uint32_t term, int8_t sign[CCRNN_SCENE_WIDTH])
{
    struct ccrnn_random stream;
    uint32_t bits = 0;
    ccrnn_random_start(&stream, scenes_seed, CCRNN_RANDOM_SCENE_SIGNS, 0, term);
    for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++) {
        bits = j % 32 == 0 ? ccrnn_random_u32(&stream) : bits >> 1;
        sign[j] = (bits & 1) == 0 ? -1 : 1;
    }
}

struct ccrnn_scene_projection *ccrnn_scene_projection_create(void)
{
    static const struct ccrnn_scene any = {.count = 1};
    struct ccrnn_scene_projection *const it = calloc(1, sizeof *it);
    struct property property[PROPERTIES];
    uint32_t term = 0;
    if (it == NULL)
        return NULL;
    list_properties(&any, property);
    for (size_t p = 0; p < PROPERTIES; p++) {
        const double total = sum(property[p].weight, property[p].count);
        double *const mean = it->mean[p];
        for (size_t v = 0; v < property[p].count; v++, term++) {
            draw_signs(term, it->sign[term]);
            for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++)
                mean[j] += property[p].weight[v] / total * it->sign[term][j];
        }
        for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++)
            it->deviation[j] += property[p].there_part * (1 - mean[j] * mean[j]);
    }
    for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++)
        it->deviation[j] = sqrt(it->deviation[j]);
    return it;
}

void ccrnn_scene_projection_destroy(struct ccrnn_scene_projection *projection)
{
    free(projection);
}

/* A thing that is not there adds nothing. */
static void project(const struct ccrnn_scene_projection *projection,
                    const struct ccrnn_scene *scene, double value[CCRNN_SCENE_WIDTH])
{
    struct property property[PROPERTIES];
    size_t first = 0;
    list_properties(scene, property);
    memset(value, 0, CCRNN_SCENE_WIDTH * sizeof *value);
    for (size_t p = 0; p < PROPERTIES; first += property[p].count, p++) {
        if (!property[p].is_there)
            continue;
        const int8_t *const sign = projection->sign[first + property[p].chosen];
        const double *const mean = projection->mean[p];
        for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++)
            value[j] = value[j] + sign[j] - mean[j];
    }
}

/* Mean 0, variance 1: three uniform numbers have a quarter. */
static double noise(struct ccrnn_random *stream)
{
    double total = 0;
    for (int i = 0; i < 3; i++)
        total += (double)ccrnn_random_uniform(stream);
    return 2 * (total - 1.5);
}

void ccrnn_scene_make(const struct ccrnn_scene_projection *projection, uint32_t stream,
                      uint32_t number, float *feature,
                      char caption[CCRNN_SCENE_CAPTIONS][CCRNN_SCENE_CAPTION_MAX])
{
    struct ccrnn_random random;
    struct ccrnn_scene scene;
    double value[CCRNN_SCENE_WIDTH];
    ccrnn_scene_start(&random, stream, number);
    ccrnn_scene_draw(&random, &scene);
    project(projection, &scene, value);
    for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++) {
        const double signal = value[j] / projection->deviation[j];
        feature[j] = (float)(sqrt(signal_part) * signal + sqrt(1 - signal_part) * noise(&random));
    }
    ccrnn_scene_describe(&random, &scene, caption);
}
