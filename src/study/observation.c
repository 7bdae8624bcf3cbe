#include "study/observation.h"

#include <string.h>

#include "base/error.h"

/* The stream of no epoch. */
enum { EPOCH_OF_PROBES = 0 };

static ccrnn_real *take(struct ccrnn_observation *o, size_t blocks, size_t width)
{
    return ccrnn_arena_take(&o->arena, blocks * width, sizeof(ccrnn_real));
}

static void carve(struct ccrnn_observation *o, const struct ccrnn_network_config *config)
{
    const size_t N = o->trials, B = o->B, T = o->T, S = o->S, n = o->boundaries - 1;
    const bool draws = config->loss == CCRNN_LOSS_MSE;
    o->cue = ccrnn_arena_take(&o->arena, N, sizeof *o->cue);
    o->state = take(o, (T + 1) * N, S);
    o->boundary = take(o, (n + 1) * N, S);
    o->batch.input = take(o, T * B, config->inputs);
    o->batch.target = draws ? take(o, T * B, config->outputs) : NULL;
    o->batch.class_index = ccrnn_arena_take(&o->arena, B, sizeof *o->batch.class_index);
    o->probe.state = take(o, (T + 1) * B, S);
    if (!o->cerebellum)
        return;
    o->predicted = take(o, n * N, S);
    o->target = take(o, n * N, S);
    o->truth = take(o, n * N, S);
    o->probe.predicted = take(o, (n + 1) * B, S);
    o->probe.target = take(o, n * B, S);
    o->probe.truth = take(o, (T + 1) * B, S);
    if (o->G == 0)
        return;
    o->granule = take(o, (n + 1) * N, o->G);
    o->probe.granule[config->granule_layers - 1] = take(o, (n + 1) * B, o->G);
}

/* More trials than this cannot be named. */
static const size_t trials_most = UINT32_MAX;

enum ccrnn_status ccrnn_observation_create(const struct ccrnn_run_config *config,
                                           const struct ccrnn_network *network, size_t trials,
                                           struct ccrnn_observation *observation,
                                           struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const shape = &config->network;
    const bool cerebellum = shape->cerebellum != CCRNN_CEREBELLUM_NONE;
    *observation = (struct ccrnn_observation){
        .trials = trials,
        .T = shape->steps,
        .B = shape->batch,
        .S = shape->cell == CCRNN_CELL_LSTM ? 2 * shape->hidden : shape->hidden,
        .boundaries = ccrnn_probe_boundaries(network),
        .K = shape->horizon,
        .G = cerebellum && shape->granule_layers > 0 ? shape->granule_units : 0,
        .cerebellum = cerebellum,
    };
    if (trials > trials_most)
        return ccrnn_fail(err, CCRNN_USAGE, "%zu trials to look at: expected at most %zu", trials,
                          trials_most);
    carve(observation, shape);
    CCRNN_TRY(ccrnn_arena_allocate(&observation->arena, err));
    carve(observation, shape);
    return CCRNN_OK;
}

void ccrnn_observation_release(struct ccrnn_observation *observation)
{
    ccrnn_arena_free(&observation->arena);
}

size_t ccrnn_observation_step(const struct ccrnn_observation *observation, size_t boundary)
{
    const size_t step = boundary * observation->K;
    return step < observation->T ? step : observation->T;
}

/* Rows of `here` trials of a batch, at their place among all. */
static void place(const struct ccrnn_observation *o, const ccrnn_real *from, size_t moments,
                  size_t width, size_t first, size_t here, ccrnn_real *to)
{
    for (size_t t = 0; t < moments; t++)
        memcpy(to + (t * o->trials + first) * width, from + t * o->B * width,
               here * width * sizeof *to);
}

static void keep(struct ccrnn_observation *o, size_t first, size_t here)
{
    const size_t n = o->boundaries - 1, S = o->S, row = o->B * S;
    memcpy(o->cue + first, o->batch.class_index, here * sizeof *o->cue);
    place(o, o->probe.state, o->T + 1, S, first, here, o->state);
    for (size_t i = 0; i <= n; i++)
        place(o, o->probe.state + ccrnn_observation_step(o, i) * row, 1, S, first, here,
              o->boundary + i * o->trials * S);
    if (!o->cerebellum)
        return;
    place(o, o->probe.predicted, n, S, first, here, o->predicted);
    place(o, o->probe.target, n, S, first, here, o->target);
    for (size_t i = 0; i < n; i++)
        place(o, o->probe.truth + ccrnn_observation_step(o, i) * row, 1, S, first, here,
              o->truth + i * o->trials * S);
    for (size_t l = 0; l < CCRNN_GRANULE_LAYERS_MAX; l++)
        if (o->probe.granule[l] != NULL)
            place(o, o->probe.granule[l], n + 1, o->G, first, here, o->granule);
}

enum ccrnn_status ccrnn_observation_take(struct ccrnn_observation *observation,
                                         struct ccrnn_network *network,
                                         struct ccrnn_trials *trials, struct ccrnn_error *err)
{
    const size_t B = observation->B;
    struct ccrnn_batch batch = {.input = observation->batch.input,
                                .target = observation->batch.target,
                                .label = observation->batch.class_index};
    for (size_t first = 0; first < observation->trials; first += B) {
        const size_t rest = observation->trials - first;
        batch.item = (uint32_t)(first / B);
        ccrnn_trials_batch(trials, CCRNN_SPLIT_VALIDATION, EPOCH_OF_PROBES, first, B,
                           &observation->batch);
        CCRNN_TRY(ccrnn_network_probe(network, &batch, &observation->probe, err));
        keep(observation, first, rest < B ? rest : B);
    }
    return CCRNN_OK;
}
