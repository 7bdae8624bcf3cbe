#include "study/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "study/evaluator.h"

static const char *const movement_names[CCRNN_MOVEMENT_COUNT] = {
#define MOVEMENT_NAME(id, name, title, unit, definition) [CCRNN_MOVEMENT_##id] = (name),
    CCRNN_MOVEMENT_LIST(MOVEMENT_NAME)
#undef MOVEMENT_NAME
};

static const char *const answer_names[CCRNN_ANSWER_MEASURES] = {
    [CCRNN_ANSWER_NLL] = "nll",
    [CCRNN_ANSWER_ACCURACY] = "accuracy",
    [CCRNN_ANSWER_CERTAINTY] = "certainty",
    [CCRNN_ANSWER_UNCERTAINTY] = "uncertainty",
};

/* Measures of drawings that every epoch records. */
static const enum ccrnn_movement_measure brief_movements[] = {
    CCRNN_MOVEMENT_ERROR, CCRNN_MOVEMENT_ROUGHNESS, CCRNN_MOVEMENT_END_POINT_ERROR};
enum { BRIEF_MOVEMENTS = sizeof brief_movements / sizeof brief_movements[0] };

/* Fewest steps of which a second difference can be taken. */
enum { ROUGHNESS_STEPS = 3 };

/* --- create ------------------------------------------------------------------------------ */

static void carve(struct ccrnn_evaluator *evaluator)
{
    struct ccrnn_arena *const arena = &evaluator->arena;
    const size_t rows = evaluator->T * evaluator->B, classes = evaluator->classes;
    evaluator->batch.input = ccrnn_arena_take(arena, rows * evaluator->I, sizeof(ccrnn_real));
    if (evaluator->draws)
        evaluator->batch.target = ccrnn_arena_take(arena, rows * 2, sizeof(ccrnn_real));
    evaluator->batch.class_index = ccrnn_arena_take(arena, evaluator->B, sizeof(int32_t));
    evaluator->output = ccrnn_arena_take(
        arena, (evaluator->draws ? rows : evaluator->B) * evaluator->O, sizeof(ccrnn_real));
    evaluator->tally =
        ccrnn_arena_take(arena, (1 + classes) * evaluator->measures, sizeof *evaluator->tally);
    if (!evaluator->draws)
        evaluator->confusion =
            ccrnn_arena_take(arena, classes * classes, sizeof *evaluator->confusion);
}

enum ccrnn_status ccrnn_evaluator_create(const struct ccrnn_run_config *config,
                                         struct ccrnn_trials *trials,
                                         struct ccrnn_evaluator **evaluator,
                                         struct ccrnn_error *err)
{
    *evaluator = NULL;
    struct ccrnn_evaluator *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for an evaluation");
    made->options = &config->task;
    made->trials = trials;
    made->draws = ccrnn_task_kind(config->task.task)->draws;
    made->T = config->network.steps;
    made->B = config->network.batch;
    made->I = config->network.inputs;
    made->O = config->network.outputs;
    made->classes = ccrnn_task_classes(&config->task);
    made->measures = made->draws ? (size_t)CCRNN_MOVEMENT_COUNT : CCRNN_ANSWER_MEASURES;
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

/* --- measure ----------------------------------------------------------------------------- */

enum ccrnn_status ccrnn_evaluator_run_batch(struct ccrnn_evaluator *evaluator,
                                            struct ccrnn_network *network, enum ccrnn_split split,
                                            uint32_t epoch, uint64_t first,
                                            struct ccrnn_error *err)
{
    ccrnn_trials_batch(evaluator->trials, split, epoch, first, evaluator->B, &evaluator->batch);
    return ccrnn_network_forward(network, evaluator->batch.input, evaluator->output, NULL, err);
}

static void count_value(struct ccrnn_tally *tally, double value)
{
    if (isnan(value))
        return;
    tally->sum += value;
    tally->count++;
}

/* One trial's measures, into the sums of all trials and into those of its class. */
static void count_trial(struct ccrnn_evaluator *evaluator, size_t class_index,
                        const double *value)
{
    struct ccrnn_tally *const all = evaluator->tally;
    struct ccrnn_tally *const own = evaluator->tally + (1 + class_index) * evaluator->measures;
    for (size_t m = 0; m < evaluator->measures; m++) {
        count_value(&all[m], value[m]);
        count_value(&own[m], value[m]);
    }
}

static void measure_drawings(struct ccrnn_evaluator *evaluator, size_t here, double share)
{
    const struct ccrnn_drawing drawing = {evaluator->output, evaluator->batch.target,
                                          evaluator->T, evaluator->B, here};
    double *const brief = evaluator->brief;
    brief[CCRNN_MOVEMENT_ERROR] += share * ccrnn_measure_validation_error(&drawing);
    brief[CCRNN_MOVEMENT_ROUGHNESS] += share * ccrnn_measure_roughness(&drawing);
    brief[CCRNN_MOVEMENT_END_POINT_ERROR] += share * ccrnn_measure_end_point_error(&drawing);
    for (size_t b = 0; b < here && evaluator->depth == CCRNN_EVALUATION_LONG; b++) {
        double value[CCRNN_MOVEMENT_COUNT];
        ccrnn_measure_movement(&drawing, b, value);
        count_trial(evaluator, (size_t)evaluator->batch.class_index[b], value);
    }
}

static void measure_answers(struct ccrnn_evaluator *evaluator, size_t here)
{
    for (size_t b = 0; b < here; b++) {
        const int32_t label = evaluator->batch.class_index[b];
        struct ccrnn_answer answer;
        ccrnn_measure_answer(evaluator->output + b * evaluator->O, evaluator->O, label, &answer);
        const double value[CCRNN_ANSWER_MEASURES] = {
            [CCRNN_ANSWER_NLL] = answer.nll,
            [CCRNN_ANSWER_ACCURACY] = answer.right ? 1.0 : 0.0,
            [CCRNN_ANSWER_CERTAINTY] = answer.certainty,
            [CCRNN_ANSWER_UNCERTAINTY] = 1.0 - answer.certainty,
        };
        count_trial(evaluator, (size_t)label, value);
        if (answer.choice >= 0 && evaluator->confusion != NULL)
            evaluator->confusion[(size_t)label * evaluator->classes + (size_t)answer.choice]++;
    }
}

static double mean_of(const struct ccrnn_tally *tally)
{
    return tally->count > 0 ? tally->sum / (double)tally->count : (double)NAN;
}

/* A network that answers with NaN has no error to be counted, and must not pass as a good one. */
static double error_of(const struct ccrnn_evaluator *evaluator, uint64_t trials)
{
    if (evaluator->draws)
        return evaluator->brief[CCRNN_MOVEMENT_ERROR];
    const struct ccrnn_tally *const nll = &evaluator->tally[CCRNN_ANSWER_NLL];
    return nll->count == trials ? mean_of(nll) : (double)NAN;
}

enum ccrnn_status ccrnn_evaluate(struct ccrnn_evaluator *evaluator, struct ccrnn_network *network,
                                 enum ccrnn_split split, uint32_t epoch, uint64_t count,
                                 enum ccrnn_evaluation_depth depth, double *error,
                                 struct ccrnn_error *err)
{
    const size_t classes = evaluator->classes;
    evaluator->depth = depth;
    memset(evaluator->brief, 0, sizeof evaluator->brief);
    memset(evaluator->tally, 0, (1 + classes) * evaluator->measures * sizeof *evaluator->tally);
    if (evaluator->confusion != NULL)
        memset(evaluator->confusion, 0, classes * classes * sizeof *evaluator->confusion);
    for (uint64_t first = 0; first < count; first += evaluator->B) {
        CCRNN_TRY(ccrnn_evaluator_run_batch(evaluator, network, split, epoch, first, err));
        const uint64_t rest = count - first;
        const size_t here = rest < evaluator->B ? (size_t)rest : evaluator->B;
        if (evaluator->draws)
            measure_drawings(evaluator, here, (double)here / (double)count);
        else
            measure_answers(evaluator, here);
    }
    *error = error_of(evaluator, count);
    return CCRNN_OK;
}

/* --- rows -------------------------------------------------------------------------------- */

static bool is_brief(size_t measure)
{
    for (size_t i = 0; i < BRIEF_MOVEMENTS; i++)
        if (brief_movements[i] == measure)
            return true;
    return false;
}

static void all_rows(const struct ccrnn_evaluator *evaluator, ccrnn_evaluation_row *row,
                     void *context)
{
    if (!evaluator->draws) {
        for (size_t m = 0; m < CCRNN_ANSWER_MEASURES; m++)
            row(context, answer_names[m], mean_of(&evaluator->tally[m]));
        return;
    }
    for (size_t i = 0; i < BRIEF_MOVEMENTS; i++) {
        const enum ccrnn_movement_measure m = brief_movements[i];
        if (m != CCRNN_MOVEMENT_ROUGHNESS || evaluator->T >= ROUGHNESS_STEPS)
            row(context, movement_names[m], evaluator->brief[m]);
    }
    for (size_t m = 0; m < evaluator->measures && evaluator->depth == CCRNN_EVALUATION_LONG; m++)
        if (!is_brief(m))
            row(context, movement_names[m], mean_of(&evaluator->tally[m]));
}

static void class_rows(const struct ccrnn_evaluator *evaluator, ccrnn_evaluation_row *row,
                       void *context)
{
    const char *const *const names = evaluator->draws ? movement_names : answer_names;
    char name[64];
    for (size_t m = 0; m < evaluator->measures; m++)
        for (size_t k = 0; k < evaluator->classes; k++) {
            (void)ccrnn_format(name, sizeof name, "%s.%d", names[m],
                               ccrnn_task_class_name(evaluator->options, k));
            row(context, name, mean_of(&evaluator->tally[(1 + k) * evaluator->measures + m]));
        }
}

static void confusion_rows(const struct ccrnn_evaluator *evaluator, ccrnn_evaluation_row *row,
                           void *context)
{
    char name[64];
    for (size_t is = 0; is < evaluator->classes; is++)
        for (size_t taken = 0; taken < evaluator->classes; taken++) {
            (void)ccrnn_format(name, sizeof name, "confusion.%d.%d",
                               ccrnn_task_class_name(evaluator->options, is),
                               ccrnn_task_class_name(evaluator->options, taken));
            row(context, name, (double)evaluator->confusion[is * evaluator->classes + taken]);
        }
}

void ccrnn_evaluator_rows(const struct ccrnn_evaluator *evaluator, ccrnn_evaluation_row *row,
                          void *context)
{
    all_rows(evaluator, row, context);
    if (evaluator->depth != CCRNN_EVALUATION_LONG)
        return;
    class_rows(evaluator, row, context);
    if (evaluator->confusion != NULL)
        confusion_rows(evaluator, row, context);
}
