/* Courses of trials that all have the same length: drawing and discrimination. */
#include <stdlib.h>

#include "base/error.h"
#include "study/course.h"
#include "study/plan.h"
#include "study/probe_rows.h"

struct trials_course {
    struct ccrnn_course course; /* first: a pointer to one is a pointer to the other */
    const struct ccrnn_run_config *config;
    struct ccrnn_trials *trials;
    struct ccrnn_evaluator *evaluator;
    struct ccrnn_trial_batch batch;  /* for training */
    struct ccrnn_probe_rows *probes; /* NULL: the run has none */
    bool evaluated, probed;          /* what there are rows of */
};

static void close_trials(struct ccrnn_course *course)
{
    struct trials_course *const own = (struct trials_course *)course;
    ccrnn_evaluator_destroy(own->evaluator);
    ccrnn_probe_rows_destroy(own->probes);
    ccrnn_trials_close(own->trials);
    free(own->batch.input);
    free(own->batch.target);
    free(own->batch.class_index);
    free(own);
}

static enum ccrnn_status begin(struct ccrnn_course *course, struct ccrnn_network *network,
                               struct ccrnn_error *err)
{
    struct trials_course *const own = (struct trials_course *)course;
    own->evaluated = false;
    own->probed = own->probes != NULL;
    return own->probed ? ccrnn_probe_rows_measure(own->probes, network, err) : CCRNN_OK;
}

static enum ccrnn_status train(struct ccrnn_course *course, struct ccrnn_network *network,
                               uint64_t epoch, struct ccrnn_lesson *lesson,
                               struct ccrnn_error *err)
{
    struct trials_course *const own = (struct trials_course *)course;
    const size_t B = own->config->network.batch;
    const uint64_t batches = own->config->task.train_size / B;
    struct ccrnn_batch batch = {
        .input = own->batch.input, .target = own->batch.target, .label = own->batch.class_index};
    *lesson = (struct ccrnn_lesson){0};
    for (uint64_t i = 0; i < batches; i++) {
        struct ccrnn_step_report report;
        ccrnn_trials_batch(own->trials, CCRNN_SPLIT_TRAIN, (uint32_t)epoch, i * B, B,
                           &own->batch);
        CCRNN_TRY(ccrnn_plan_training(own->config, network, epoch, i + 1, err));
        batch.epoch = (uint32_t)epoch;
        batch.item = (uint32_t)i;
        const enum ccrnn_status status = ccrnn_network_train(network, &batch, &report, err);
        if (status != CCRNN_OK)
            return ccrnn_fail_within(err, status, "epoch %llu, batch %llu",
                                     (unsigned long long)epoch, (unsigned long long)i + 1);
        ccrnn_lesson_add(lesson, &report, (double)batches);
    }
    const bool draws = ccrnn_task_kind(own->config->task.task)->draws;
    lesson->row[0].name = draws ? "error" : "nll";
    lesson->row[0].value = lesson->mean.loss;
    lesson->rows = 1;
    return CCRNN_OK;
}

static enum ccrnn_status validate(struct ccrnn_course *course, struct ccrnn_network *network,
                                  uint64_t epoch, double *error, struct ccrnn_error *err)
{
    struct trials_course *const own = (struct trials_course *)course;
    const enum ccrnn_evaluation_depth depth =
        epoch % own->config->measure_every == 0 ? CCRNN_EVALUATION_LONG : CCRNN_EVALUATION_SHORT;
    own->evaluated = true;
    own->probed = own->probes != NULL && epoch % own->config->probe_every == 0;
    CCRNN_TRY(ccrnn_evaluate(own->evaluator, network, CCRNN_SPLIT_VALIDATION, (uint32_t)epoch,
                             own->config->task.validation_size, depth, error, err));
    return own->probed ? ccrnn_probe_rows_measure(own->probes, network, err) : CCRNN_OK;
}

static enum ccrnn_status test(struct ccrnn_course *course, struct ccrnn_network *network,
                              const char *directory, double *error, struct ccrnn_error *err)
{
    struct trials_course *const own = (struct trials_course *)course;
    own->evaluated = true;
    /* the cortex is tested without a cerebellum: what a lesion at test changes is seen by a probe alone */
    own->probed = own->probes != NULL && own->config->intervention.at == CCRNN_AT_TEST;
    CCRNN_TRY(ccrnn_plan_test(own->config, network, err));
    if (own->probed)
        CCRNN_TRY(ccrnn_probe_rows_measure(own->probes, network, err));
    CCRNN_TRY(ccrnn_evaluate(own->evaluator, network, CCRNN_SPLIT_TEST, 0,
                             own->config->task.test_size, CCRNN_EVALUATION_LONG, error, err));
    return directory == NULL ? CCRNN_OK
                             : ccrnn_examples_write(own->evaluator, network, directory, err);
}

static void rows(const struct ccrnn_course *course, ccrnn_evaluation_row *row, void *context)
{
    const struct trials_course *const own = (const struct trials_course *)course;
    if (own->evaluated)
        ccrnn_evaluator_rows(own->evaluator, row, context);
    if (own->probed)
        ccrnn_probe_rows_write(own->probes, row, context);
}

static const struct ccrnn_course_kind kind = {
    .close = close_trials,
    .begin = begin,
    .train = train,
    .validate = validate,
    .test = test,
    .rows = rows,
};

static enum ccrnn_status prepare(struct trials_course *own, const struct ccrnn_run_data *data,
                                 uint64_t seed, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &own->config->network;
    const size_t steps = network->steps * network->batch;
    CCRNN_TRY(ccrnn_trials_open(&own->config->task, data->images, seed, &own->trials, err));
    CCRNN_TRY(ccrnn_evaluator_create(own->config, own->trials, &own->evaluator, err));
    if (own->config->probe_every > 0)
        CCRNN_TRY(ccrnn_probe_rows_create(own->config, own->trials, seed, &own->probes, err));
    own->batch.input = calloc(steps * network->inputs, sizeof *own->batch.input);
    own->batch.target = calloc(steps * network->outputs, sizeof *own->batch.target);
    own->batch.class_index = calloc(network->batch, sizeof *own->batch.class_index);
    if (own->batch.input == NULL || own->batch.target == NULL || own->batch.class_index == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a run; use a smaller -j");
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_course_open_trials(const struct ccrnn_run_config *config,
                                           const struct ccrnn_run_data *data, uint64_t seed,
                                           struct ccrnn_course **course, struct ccrnn_error *err)
{
    *course = NULL;
    struct trials_course *const own = calloc(1, sizeof *own);
    if (own == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a run; use a smaller -j");
    own->course.kind = &kind;
    own->config = config;
    const enum ccrnn_status status = prepare(own, data, seed, err);
    if (status != CCRNN_OK) {
        close_trials(&own->course);
        return status;
    }
    *course = &own->course;
    return CCRNN_OK;
}

/* --- what all courses share -------------------------------------------------------------- */

enum ccrnn_status ccrnn_course_open(const struct ccrnn_run_config *config,
                                    const struct ccrnn_run_data *data, uint64_t seed,
                                    struct ccrnn_course **course, struct ccrnn_error *err)
{
    if (ccrnn_task_kind(config->task.task)->says_words)
        return ccrnn_course_open_captions(config, data, seed, course, err);
    return ccrnn_course_open_trials(config, data, seed, course, err);
}

void ccrnn_lesson_add(struct ccrnn_lesson *lesson, const struct ccrnn_step_report *report,
                      double batches)
{
    struct ccrnn_step_report *const mean = &lesson->mean;
    mean->loss += report->loss / batches;
    mean->first_loss += report->first_loss / batches;
    mean->grad_norm += report->grad_norm / batches;
    mean->cerebellar_loss += report->cerebellar_loss / batches;
    mean->similarity += report->similarity / batches;
}
