/* Generated scenes and their feature vectors. Only IEEE's basic operations and square roots are used, so
 * that the numbers are the same everywhere. */
#include "task/scenes.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

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

/* A feature vector being made: a sum of terms of mean 0, and their variance. */
struct projection {
    double value[CCRNN_SCENE_WIDTH], variance[CCRNN_SCENE_WIDTH];
    uint32_t term; /* the next one; names its signs */
};

/* The signs of the next term: ±1 for each number of the vector, the same in every scene. */
static void next_signs(struct projection *projection, double sign[CCRNN_SCENE_WIDTH])
{
    struct ccrnn_random stream;
    uint32_t bits = 0;
    ccrnn_random_start(&stream, scenes_seed, CCRNN_RANDOM_SCENE_SIGNS, 0, projection->term++);
    for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++) {
        bits = j % 32 == 0 ? ccrnn_random_u32(&stream) : bits >> 1;
        sign[j] = (bits & 1) == 0 ? -1 : 1;
    }
}

/* A property with `count` values, drawn with the probability weight[v] / Σ weight.
 * @param chosen its value  @param is_there false: the thing is not in this scene, the sum stays as it is
 * @param there_part how often the thing is in a scene */
static void add_property(struct projection *projection, const uint32_t *weight, size_t count,
                         uint32_t chosen, bool is_there, double there_part)
{
    const double total = sum(weight, count);
    double mean[CCRNN_SCENE_WIDTH] = {0}, sign[CCRNN_SCENE_WIDTH];
    for (size_t v = 0; v < count; v++) {
        next_signs(projection, sign);
        for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++) {
            mean[j] += weight[v] / total * sign[j];
            if (is_there && v == chosen)
                projection->value[j] += sign[j];
        }
    }
    for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++) {
        if (is_there)
            projection->value[j] -= mean[j];
        projection->variance[j] += there_part * (1 - mean[j] * mean[j]);
    }
}

static void add_thing(struct projection *projection, const struct ccrnn_thing *thing,
                      bool is_there, double there_part)
{
    static const uint32_t even[CCRNN_SCENE_KINDS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const uint32_t action_weights[CCRNN_SCENE_ACTIONS] = {
        CCRNN_SCENE_KINDS - CCRNN_SCENE_ANIMALS, 1, 1, 1, 1};
    const struct {
        const uint32_t *weight;
        size_t count;
        uint32_t chosen;
    } properties[] = {
        {even, CCRNN_SCENE_KINDS, thing->kind},
        {even, CCRNN_SCENE_COLOURS, thing->colour},
        {even, CCRNN_SCENE_SIZES, thing->size},
        {count_weights, CCRNN_SCENE_COUNTS, thing->count},
        {action_weights, CCRNN_SCENE_ACTIONS, thing->action},
        {even, CCRNN_SCENE_SIDE, thing->column},
        {even, CCRNN_SCENE_SIDE, thing->row},
    };
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++)
        add_property(projection, properties[i].weight, properties[i].count, properties[i].chosen,
                     is_there, there_part);
}

static void project(const struct ccrnn_scene *scene, struct projection *projection)
{
    uint32_t rest = sum(thing_weights, CCRNN_SCENE_THINGS);
    const double total = rest;
    *projection = (struct projection){.term = 0};
    add_property(projection, thing_weights, CCRNN_SCENE_THINGS, scene->count - 1, true, 1);
    for (uint32_t i = 0; i < CCRNN_SCENE_THINGS; i++) {
        add_thing(projection, &scene->thing[i], i < scene->count, rest / total);
        rest -= thing_weights[i];
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

void ccrnn_scene_make(uint32_t stream, uint32_t number, float *feature,
                      char caption[CCRNN_SCENE_CAPTIONS][CCRNN_SCENE_CAPTION_MAX])
{
    struct ccrnn_random random;
    struct ccrnn_scene scene;
    struct projection projection;
    ccrnn_scene_start(&random, stream, number);
    ccrnn_scene_draw(&random, &scene);
    project(&scene, &projection);
    for (size_t j = 0; j < CCRNN_SCENE_WIDTH; j++) {
        const double signal = projection.value[j] / sqrt(projection.variance[j]);
        feature[j] = (float)(sqrt(signal_part) * signal + sqrt(1 - signal_part) * noise(&random));
    }
    ccrnn_scene_describe(&random, &scene, caption);
}
