#include "study/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "study/cost.h"
#include "study/run_open.h"

/* Arms without anything left only tell how fast this machine is: so many of them are enough. */
enum { FINISHED_MOST = 64 };

/* The options of an arm, from the first of its runs that has them. */
static bool read_arm(const struct ccrnn_survey *survey, size_t arm,
                     struct ccrnn_run_config *config)
{
    char path[CCRNN_PATH_MAX];
    for (size_t i = arm; i < survey->runs; i += survey->index.arm_count)
        if (survey->run[i].epochs > 0 && survey->run[i].state != CCRNN_SURVEY_WAITING &&
            ccrnn_survey_directory(survey, i, path, NULL) == CCRNN_OK &&
            ccrnn_run_config_read(path, config, NULL) == CCRNN_OK)
            return true;
    return false;
}

/* Whatever is to be trained: also what is done, where others of the study get more epochs. */
static bool is_left(const struct ccrnn_surveyed *run)
{
    return run->to_extend || ccrnn_survey_is_left(run->state);
}

static bool has_left(const struct ccrnn_survey *survey, size_t arm)
{
    for (size_t i = arm; i < survey->runs; i += survey->index.arm_count)
        if (is_left(&survey->run[i]))
            return true;
    return false;
}

/* The arms as far as their runs tell. @param[out] known (arms)  @return false: none tells */
static bool sketch(const struct ccrnn_survey *survey, struct ccrnn_study *study, bool *known)
{
    const struct ccrnn_study_arm *before = NULL;
    size_t unknown = 0, finished = 0;
    for (size_t i = 0; i < study->arm_count; i++) {
        struct ccrnn_study_arm *const arm = &study->arms[i];
        arm->parent = SIZE_MAX;
        known[i] = (has_left(survey, i) || finished++ < FINISHED_MOST) &&
                   read_arm(survey, i, &arm->config);
        if (known[i])
            arm->parent = ccrnn_study_index_parent(&survey->index, &arm->config);
        if (known[i] && before == NULL)
            for (size_t j = 0; j < unknown; j++)
                study->arms[j].config = arm->config;
        if (known[i])
            before = arm;
        else if (before != NULL)
            arm->config = before->config;
        else
            unknown++;
    }
    for (size_t i = 0; i < study->arm_count; i++)
        if (!known[i] && survey->index.arms[i].epochs > 0)
            study->arms[i].config.epochs = survey->index.arms[i].epochs;
    return before != NULL;
}

/* Of arms that have no finished run, those that are not finished. */
static void learn(const struct ccrnn_survey *survey, const struct ccrnn_study *study,
                  struct ccrnn_costs *costs, size_t arm)
{
    const double before = (double)study->arms[arm].config.branch_epoch;
    double seconds = 0, epochs = 0;
    bool taught = false;
    for (size_t i = arm; i < survey->runs; i += study->arm_count) {
        const struct ccrnn_surveyed *const run = &survey->run[i];
        const double own = (double)run->epoch - before;
        if (run->state == CCRNN_SURVEY_DONE || run->state == CCRNN_SURVEY_NONFINITE) {
            ccrnn_costs_learn(costs, arm, run->seconds, own, run->state == CCRNN_SURVEY_DONE);
            taught = taught || own > 0;
        } else if (run->state == CCRNN_SURVEY_INTERRUPTED && own > 0) {
            seconds += run->seconds;
            epochs += own;
        }
        seconds += run->pace.seconds;
        epochs += run->pace.epochs;
    }
    if (!taught)
        ccrnn_costs_learn(costs, arm, seconds, epochs, false);
}

static double left_of(const struct ccrnn_survey *survey, const struct ccrnn_study *study,
                      const struct ccrnn_costs *costs, size_t index)
{
    const size_t arm = index % study->arm_count;
    const struct ccrnn_surveyed *const run = &survey->run[index];
    const struct ccrnn_run_config *const config = &study->arms[arm].config;
    const uint64_t begin = run->epoch > config->branch_epoch ? run->epoch : config->branch_epoch;
    const uint64_t asked = run->to_extend ? run->target : run->epochs;
    const uint64_t end = asked > 0 ? asked : config->epochs;
    bool known;
    if (!is_left(run) || end <= begin)
        return 0;
    return (double)(end - begin) * ccrnn_costs_epoch(costs, arm, &known) +
           ccrnn_costs_test(costs, arm);
}

static void add_up(const struct ccrnn_survey *survey, const struct ccrnn_study *study,
                   const struct ccrnn_costs *costs, struct ccrnn_forecast *forecast)
{
    for (size_t i = 0; i < survey->runs; i++) {
        const size_t arm = i % study->arm_count;
        double chain = left_of(survey, study, costs, i);
        forecast->arm[arm] += chain;
        forecast->seconds += chain;
        size_t steps = 0; /* a damaged study.json may have a circle */
        for (size_t p = study->arms[arm].parent; p != SIZE_MAX && steps < study->arm_count;
             p = study->arms[p].parent, steps++)
            chain += left_of(survey, study, costs, i - arm + p);
        forecast->longest = chain > forecast->longest ? chain : forecast->longest;
    }
    if (forecast->at_work > 0)
        forecast->wait = fmax(forecast->seconds / (double)forecast->at_work, forecast->longest);
}

static void make(const struct ccrnn_survey *survey, const struct ccrnn_study *study,
                 const bool *known, struct ccrnn_costs *costs, struct ccrnn_forecast *forecast)
{
    for (size_t arm = 0; arm < study->arm_count; arm++)
        ccrnn_costs_give_work(costs, arm, survey->index.arms[arm].work);
    for (size_t arm = 0; arm < study->arm_count; arm++)
        if (known[arm])
            learn(survey, study, costs, arm);
    (void)ccrnn_costs_epoch(costs, 0, &forecast->known);
    if (forecast->known)
        add_up(survey, study, costs, forecast);
}

/* With the room it takes. */
static enum ccrnn_status make_from(const struct ccrnn_survey *survey, struct ccrnn_study *study,
                                   bool *known, struct ccrnn_forecast *forecast,
                                   struct ccrnn_error *err)
{
    struct ccrnn_costs *costs = NULL;
    if (forecast->arm == NULL || study->arms == NULL || known == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for a study of %zu arms",
                          study->arm_count);
    forecast->known = ccrnn_survey_left(survey) == 0; /* then there is no need to read options */
    if (forecast->known || !sketch(survey, study, known))
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_costs_create(study, &costs, err));
    make(survey, study, known, costs, forecast);
    ccrnn_costs_destroy(costs);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_forecast_make(const struct ccrnn_survey *survey,
                                      struct ccrnn_forecast *forecast, struct ccrnn_error *err)
{
    const size_t arms = survey->index.arm_count;
    struct ccrnn_study study = {.arm_count = arms, .seed_count = survey->index.seed_count};
    *forecast = (struct ccrnn_forecast){.wait = NAN};
    forecast->at_work = survey->count[CCRNN_SURVEY_RUNNING];
    forecast->arm = calloc(arms, sizeof forecast->arm[0]);
    study.arms = calloc(arms, sizeof study.arms[0]);
    bool *const known = calloc(arms, sizeof known[0]);
    const enum ccrnn_status status = make_from(survey, &study, known, forecast, err);
    free(known);
    free(study.arms);
    return status;
}

void ccrnn_forecast_free(struct ccrnn_forecast *forecast)
{
    free(forecast->arm);
    forecast->arm = NULL;
}
