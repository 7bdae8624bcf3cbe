/** @file
 * What a generated scene consists of; shared by its feature vector and its captions.
 */
#ifndef CCRNN_TASK_SCENE_H
#define CCRNN_TASK_SCENE_H

#include <stdint.h>

#include "ccrnn/random.h"
#include "task/scenes.h"

/** How many values each property of a thing has. */
enum ccrnn_scene_sizes {
    CCRNN_SCENE_KINDS = 12,
    CCRNN_SCENE_ANIMALS = 4, /**< the first kinds; only they act */
    CCRNN_SCENE_COLOURS = 8,
    CCRNN_SCENE_SIZES = 3,
    CCRNN_SCENE_COUNTS = 3,
    CCRNN_SCENE_ACTIONS = 5, /**< the first: none */
    CCRNN_SCENE_SIDE = 3,    /**< of the grid of places */
    CCRNN_SCENE_THINGS = 3   /**< in a scene, at most */
};

/** An object, or a few of one kind that stand together. Each number is below its size above. */
struct ccrnn_thing {
    uint32_t kind, colour, size, action;
    uint32_t count;       /**< 0: one of it */
    uint32_t column, row; /**< 0, 0: top left */
};

/** The first thing is the main one; kinds and places differ from thing to thing. */
struct ccrnn_scene {
    uint32_t count; /**< 1 … CCRNN_SCENE_THINGS */
    struct ccrnn_thing thing[CCRNN_SCENE_THINGS];
};

/** Start the random numbers of scene `number` of a stream: first the scene is drawn from them. */
void ccrnn_scene_start(struct ccrnn_random *random, uint32_t stream, uint32_t number);

/** Draw a scene. */
void ccrnn_scene_draw(struct ccrnn_random *stream, struct ccrnn_scene *scene);

/** Five different captions of a scene, 7 to 16 words long. */
void ccrnn_scene_describe(struct ccrnn_random *stream, const struct ccrnn_scene *scene,
                          char caption[CCRNN_SCENE_CAPTIONS][CCRNN_SCENE_CAPTION_MAX]);

#endif
