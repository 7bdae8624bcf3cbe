#include "study/trajectory.h"

#include "base/error.h"
#include "ccrnn/trajectories.h"

static bool occurs(const struct ccrnn_observation *seen, size_t class_index)
{
    for (size_t b = 0; b < seen->trials; b++)
        if (seen->cue[b] == (int32_t)class_index)
            return true;
    return false;
}

static size_t count_cues(const struct ccrnn_observation *seen, size_t classes)
{
    size_t cues = 0;
    for (size_t k = 0; k < classes; k++)
        cues += occurs(seen, k);
    return cues;
}

/* `place`: (N), which of the cues that occur each trial has. */
static void carve(struct ccrnn_trajectory *t, size_t trials, int32_t **place)
{
    const size_t points = t->moments * t->cues;
    struct ccrnn_arena *const arena = &t->arena;
    *place = ccrnn_arena_take(arena, trials, sizeof **place);
    t->cue = ccrnn_arena_take(arena, t->cues, sizeof *t->cue);
    t->count = ccrnn_arena_take(arena, t->cues, sizeof *t->count);
    t->mean = ccrnn_arena_take(arena, points * t->units, sizeof(double));
    t->distance = ccrnn_arena_take(arena, t->moments, sizeof(double));
    t->variance = ccrnn_arena_take(arena, t->units, sizeof(double));
    t->component = ccrnn_arena_take(arena, t->components * t->units, sizeof(double));
    t->score = ccrnn_arena_take(arena, points * t->components, sizeof(double));
    t->distance_k = ccrnn_arena_take(arena, t->moments, sizeof(double));
}

/* Classes without trials are left out, so that every mean is one. */
static void number_cues(const struct ccrnn_observation *seen, size_t classes,
                        struct ccrnn_trajectory *t, int32_t *place)
{
    int32_t next = 0;
    for (size_t k = 0; k < classes; k++) {
        if (!occurs(seen, k))
            continue;
        t->cue[next] = (int32_t)k;
        for (size_t b = 0; b < seen->trials; b++)
            if (seen->cue[b] == (int32_t)k)
                place[b] = next;
        next++;
    }
}

enum ccrnn_status ccrnn_trajectory_make(const struct ccrnn_observation *seen, size_t classes,
                                        struct ccrnn_trajectory *trajectory,
                                        struct ccrnn_error *err)
{
    struct ccrnn_trajectory *const t = trajectory;
    int32_t *place;
    *t = (struct ccrnn_trajectory){
        .moments = seen->T + 1,
        .cues = count_cues(seen, classes),
        .units = seen->S,
        .components =
            seen->S < CCRNN_TRAJECTORY_COMPONENTS ? seen->S : CCRNN_TRAJECTORY_COMPONENTS,
    };
    carve(t, seen->trials, &place);
    CCRNN_TRY(ccrnn_arena_allocate(&t->arena, err));
    carve(t, seen->trials, &place);
    number_cues(seen, classes, t, place);
    ccrnn_trajectories_mean(seen->state, place, t->moments, seen->trials, t->units, t->cues,
                            t->mean, t->count);
    ccrnn_trajectories_distance(t->mean, t->moments, t->cues, t->units, t->units, t->distance);
    CCRNN_TRY(ccrnn_trajectories_components(t->mean, t->moments * t->cues, t->units,
                                            t->components, t->variance, t->component, t->score,
                                            err));
    ccrnn_trajectories_distance(t->score, t->moments, t->cues, t->components, t->components,
                                t->distance_k);
    return CCRNN_OK;
}

void ccrnn_trajectory_release(struct ccrnn_trajectory *trajectory)
{
    ccrnn_arena_free(&trajectory->arena);
}
