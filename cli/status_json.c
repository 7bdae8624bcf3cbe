/* `ccrnn status --json`: everything, for programs. docs/status.md explains the keys. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "cli/status.h"

static json_t *number_or_null(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *count_or_null(uint64_t count)
{
    return count > 0 ? json_integer((json_int_t)count) : json_null();
}

/* A message may quote a path, and a path any bytes. */
static json_t *text_or_null(const char *text)
{
    json_t *const exact = text == NULL ? NULL : json_string(text);
    return exact != NULL ? exact : text == NULL ? json_null() : json_string("?");
}

static json_t *counts(const size_t *count)
{
    json_t *const object = json_object();
    for (unsigned s = 0; s < CCRNN_SURVEY_STATES; s++)
        json_object_set_new(object, ccrnn_survey_state_name((enum ccrnn_survey_state)s),
                            json_integer((json_int_t)count[s]));
    return object;
}

static json_t *arms(const struct cli_status *status)
{
    const struct ccrnn_survey *const survey = &status->survey;
    const size_t arm_count = survey->index.arm_count;
    json_t *const list = json_array();
    for (size_t arm = 0; arm < arm_count; arm++) {
        size_t count[CCRNN_SURVEY_STATES] = {0};
        for (size_t i = arm; i < survey->runs; i += arm_count)
            count[survey->run[i].state]++;
        json_t *const object = json_object();
        json_object_set_new(object, "arm", json_string(survey->index.arms[arm].name));
        json_object_set_new(object, "hash", json_string(survey->index.arms[arm].hash));
        json_object_set_new(object, "directory", json_string(survey->index.arms[arm].directory));
        json_object_set_new(object, "counts", counts(count));
        json_object_set_new(object, "seconds_left",
                            status->forecast.known ? json_real(status->forecast.arm[arm])
                                                   : json_null());
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *holder_of(const struct ccrnn_surveyed *run)
{
    static const char *const states[] = {
        [CCRNN_PROCESS_ALIVE] = "alive",
        [CCRNN_PROCESS_GONE] = "gone",
        [CCRNN_PROCESS_ELSEWHERE] = "elsewhere",
    };
    const struct ccrnn_lease_holder *const holder = run->holder;
    if (holder == NULL)
        return json_null();
    json_t *const object = json_object();
    json_object_set_new(object, "host",
                        holder->understood ? json_string(holder->process.host) : json_null());
    json_object_set_new(object, "pid",
                        holder->understood ? json_integer((json_int_t)holder->process.id)
                                           : json_null());
    json_object_set_new(object, "process", json_string(states[holder->state]));
    json_object_set_new(object, "stopped", json_boolean(run->stopped));
    json_object_set_new(object, "untouched", number_or_null(run->untouched));
    return object;
}

static json_t *runs(const struct ccrnn_survey *survey)
{
    json_t *const list = json_array();
    for (size_t i = 0; i < survey->runs; i++) {
        const struct ccrnn_surveyed *const run = &survey->run[i];
        char path[CCRNN_PATH_MAX];
        json_t *const object = json_object();
        json_object_set_new(object, "arm", json_string(ccrnn_survey_arm(survey, i)));
        json_object_set_new(object, "seed",
                            json_integer((json_int_t)ccrnn_survey_seed(survey, i)));
        json_object_set_new(object, "state", json_string(ccrnn_survey_state_name(run->state)));
        json_object_set_new(object, "epoch", json_integer((json_int_t)run->epoch));
        json_object_set_new(object, "epochs", count_or_null(run->epochs));
        json_object_set_new(object, "seconds", json_real(run->seconds));
        json_object_set_new(object, "sessions", json_integer((json_int_t)run->sessions));
        json_object_set_new(object, "taken_over", json_integer((json_int_t)run->taken_over));
        json_object_set_new(object, "holder", holder_of(run));
        json_object_set_new(object, "message", text_or_null(run->message));
        json_object_set_new(object, "extension", json_boolean(run->extension));
        const bool named = ccrnn_survey_directory(survey, i, path, NULL) == CCRNN_OK;
        json_object_set_new(object, "directory", text_or_null(named ? path : NULL));
        json_array_append_new(list, object);
    }
    return list;
}

/* When all is done, as ISO 8601 in UTC. */
static json_t *moment(double seconds)
{
    char text[32];
    struct tm utc;
    const time_t then = isfinite(seconds) ? time(NULL) + (time_t)seconds : 0;
    if (!isfinite(seconds) || gmtime_r(&then, &utc) == NULL)
        return json_null();
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text);
}

char *cli_status_json(const struct cli_status *status)
{
    const struct ccrnn_survey *const survey = &status->survey;
    const struct ccrnn_forecast *const forecast = &status->forecast;
    const double wait = forecast->known ? forecast->wait : NAN;
    json_t *const root = json_object();
    json_object_set_new(root, "format", json_string("ccrnn-status-1"));
    json_object_set_new(root, "study", json_string(survey->index.name));
    json_object_set_new(root, "directory", text_or_null(survey->directory));
    json_object_set_new(root, "stale", json_real(survey->stale));
    json_object_set_new(
        root, "complete",
        json_boolean(survey->count[CCRNN_SURVEY_DONE] + survey->count[CCRNN_SURVEY_NONFINITE] ==
                     survey->runs));
    json_object_set_new(root, "run_count", json_integer((json_int_t)survey->runs));
    json_object_set_new(root, "counts", counts(survey->count));
    json_object_set_new(root, "shorter", json_integer((json_int_t)survey->shorter));
    json_object_set_new(root, "to_extend", json_integer((json_int_t)survey->to_extend));
    json_object_set_new(root, "seconds_left",
                        forecast->known ? json_real(forecast->seconds) : json_null());
    json_object_set_new(root, "done_in", number_or_null(wait));
    json_object_set_new(root, "done_at", moment(wait));
    json_object_set_new(root, "lost_work",
                        json_pack("{s:I, s:f, s:f}", "runs", (json_int_t)status->lost.runs,
                                  "seconds", status->lost.seconds, "epochs",
                                  status->lost.epochs));
    json_object_set_new(root, "arms", arms(status));
    json_object_set_new(root, "runs", runs(survey));
    char *const text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(root);
    return text;
}
