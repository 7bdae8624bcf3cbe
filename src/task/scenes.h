/** @file
 * Generated scenes: the captions that need no download.
 *
 * A scene has a few objects with kind, colour, size and place. Its feature vector is a fixed random
 * projection of the scene plus noise; its captions come from a small grammar with several wordings.
 * Scene i of a split is the same however many are made; nothing depends on a run's seed.
 */
#ifndef CCRNN_TASK_SCENES_H
#define CCRNN_TASK_SCENES_H

#include <stddef.h>
#include <stdint.h>

enum {
    CCRNN_SCENE_WIDTH = 256,      /**< numbers of a feature vector */
    CCRNN_SCENE_CAPTIONS = 5,     /**< a scene */
    CCRNN_SCENE_CAPTION_MAX = 256 /**< bytes of a caption with its end */
};

/** The projection: the same for all scenes. */
struct ccrnn_scene_projection;

/** Make it (a third of a millisecond). @return owned by the caller; NULL: no memory */
struct ccrnn_scene_projection *ccrnn_scene_projection_create(void);
void ccrnn_scene_projection_destroy(struct ccrnn_scene_projection *projection);

/** Make scene `number` of a stream of scenes (0: training, 1: validation, 2: test).
 * @param[out] feature (CCRNN_SCENE_WIDTH), about standard normal
 * @param[out] caption words separated by spaces, lower-cased */
void ccrnn_scene_make(const struct ccrnn_scene_projection *projection, uint32_t stream,
                      uint32_t number, float *feature,
                      char caption[CCRNN_SCENE_CAPTIONS][CCRNN_SCENE_CAPTION_MAX]);

#endif
