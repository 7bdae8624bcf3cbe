#include "study/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "ccrnn/measure.h"
#include "ccrnn/random.h"

/* Trials per cue in drawings.csv, and how many trials are looked at to find them. */
enum { DRAWN_PER_CUE = 3, DRAWN_SEARCH_BATCHES = 200 };

struct ccrnn_evaluator {
    struct ccrnn_line_drawing task;
    size_t batch, inputs, outputs;
    ccrnn_real *input, *target, *output;
    int32_t *cue;
    struct ccrnn_arena arena;
};

static void carve(struct ccrnn_evaluator *evaluator)
{
    struct ccrnn_arena *const arena = &evaluator->arena;
    const size_t rows = evaluator->task.steps * evaluator->batch;
    evaluator->input = ccrnn_arena_take(arena, rows * evaluator->inputs, sizeof(ccrnn_real));
    evaluator->target = ccrnn_arena_take(arena, rows * evaluator->outputs, sizeof(ccrnn_real));
    evaluator->output = ccrnn_arena_take(arena, rows * evaluator->outputs, sizeof(ccrnn_real));
    evaluator->cue = ccrnn_arena_take(arena, evaluator->batch, sizeof *evaluator->cue);
}

enum ccrnn_status ccrnn_evaluator_create(const struct ccrnn_run_config *config,
                                         struct ccrnn_evaluator **evaluator,
                                         struct ccrnn_error *err)
{
    *evaluator = NULL;
    struct ccrnn_evaluator *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for an evaluation");
    made->task = config->line_drawing;
    made->batch = config->network.batch;
    made->inputs = config->network.inputs;
    made->outputs = config->network.outputs;
    carve(made);
    const enum ccrnn_status status = ccrnn_arena_allocate(&made->arena, err);
    if (status != CCRNN_OK) {
        free(made);
        return status;
    }
    carve(made);
    *evaluator = made;
    return CCRNN_OK;
}

void ccrnn_evaluator_destroy(struct ccrnn_evaluator *evaluator)
{
    if (evaluator == NULL)
        return;
    ccrnn_arena_free(&evaluator->arena);
    free(evaluator);
}

static enum ccrnn_status draw(struct ccrnn_evaluator *evaluator, struct ccrnn_network *network,
                              uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t first,
                              struct ccrnn_error *err)
{
    ccrnn_line_drawing_batch(&evaluator->task, seed, purpose, epoch, (uint32_t)first,
                             evaluator->batch, evaluator->input, evaluator->target,
                             evaluator->cue);
    return ccrnn_network_forward(network, evaluator->input, evaluator->output, NULL, err);
}

enum ccrnn_status ccrnn_evaluate(struct ccrnn_evaluator *evaluator, struct ccrnn_network *network,
                                 uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t trials,
                                 struct ccrnn_evaluation *found, struct ccrnn_error *err)
{
    *found = (struct ccrnn_evaluation){.trials = (size_t)trials};
    for (uint64_t first = 0; first < trials; first += evaluator->batch) {
        CCRNN_TRY(draw(evaluator, network, seed, purpose, epoch, first, err));
        const uint64_t rest = trials - first;
        const size_t here = rest < evaluator->batch ? (size_t)rest : evaluator->batch;
        const struct ccrnn_drawing drawing = {evaluator->output, evaluator->target,
                                              evaluator->task.steps, evaluator->batch, here};
        const double share = (double)here / (double)trials;
        found->error += share * ccrnn_measure_validation_error(&drawing);
        found->roughness += share * ccrnn_measure_roughness(&drawing);
        found->end_point_error += share * ccrnn_measure_end_point_error(&drawing);
    }
    return CCRNN_OK;
}

/* One trial's rows. */
static void add_trial(struct ccrnn_text *text, const struct ccrnn_evaluator *evaluator,
                      uint64_t trial, size_t b)
{
    const int middle = (int)(evaluator->task.cues / 2);
    for (size_t t = 0; t < evaluator->task.steps; t++) {
        const ccrnn_real *const target = evaluator->target + 2 * (t * evaluator->batch + b);
        const ccrnn_real *const output = evaluator->output + 2 * (t * evaluator->batch + b);
        ccrnn_text_add(text, "%llu,%d,%zu,%.9g,%.9g,%.9g,%.9g\n", (unsigned long long)trial,
                       (int)evaluator->cue[b] - middle, t, (double)target[0], (double)target[1],
                       (double)output[0], (double)output[1]);
    }
}

/* The first trials of one cue. Streams are cheap to draw again, so one pass per cue keeps no
 * state. */
static enum ccrnn_status add_cue(struct ccrnn_text *text, struct ccrnn_evaluator *evaluator,
                                 struct ccrnn_network *network, uint64_t seed, size_t cue,
                                 struct ccrnn_error *err)
{
    size_t kept = 0;
    for (uint64_t batch = 0; batch < DRAWN_SEARCH_BATCHES && kept < DRAWN_PER_CUE; batch++) {
        const uint64_t first = batch * evaluator->batch;
        CCRNN_TRY(draw(evaluator, network, seed, CCRNN_RANDOM_TEST, 0, first, err));
        for (size_t b = 0; b < evaluator->batch && kept < DRAWN_PER_CUE; b++) {
            if ((size_t)evaluator->cue[b] != cue)
                continue;
            add_trial(text, evaluator, first + b, b);
            kept++;
        }
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_evaluate_drawings(struct ccrnn_evaluator *evaluator,
                                          struct ccrnn_network *network, uint64_t seed,
                                          char **text, size_t *size, struct ccrnn_error *err)
{
    struct ccrnn_text csv = {0};
    enum ccrnn_status status = CCRNN_OK;
    ccrnn_text_add(&csv, "trial,cue,t,target_x,target_y,output_x,output_y\n");
    for (size_t cue = 0; cue < evaluator->task.cues && status == CCRNN_OK; cue++)
        status = add_cue(&csv, evaluator, network, seed, cue, err);
    if (status == CCRNN_OK && csv.failed)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the drawings");
    if (status != CCRNN_OK) {
        free(csv.bytes);
        csv = (struct ccrnn_text){0};
    }
    *text = csv.bytes;
    *size = csv.size;
    return status;
}
