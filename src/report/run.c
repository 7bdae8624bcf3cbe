/* The files of one run. */
#include "report/collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/settings.h"
#include "report/checkpoint.h"

#define JSON_SIZE_MAX ((size_t)256 << 20)
#define CONFIG_SIZE_MAX ((size_t)1 << 20)

static const char *const state_names[CCRNN_REPORT_STATE_COUNT] = {
    [CCRNN_REPORT_DONE] = "done",
    [CCRNN_REPORT_RUNNING] = "running",
    [CCRNN_REPORT_INTERRUPTED] = "interrupted",
    [CCRNN_REPORT_NONFINITE] = "nonfinite",
    [CCRNN_REPORT_FAILED] = "failed",
    [CCRNN_REPORT_UNREADABLE] = "unreadable",
};

const char *ccrnn_report_state_name(enum ccrnn_report_state state)
{
    return state_names[state];
}

const char *ccrnn_report_run_text(const struct ccrnn_report_run *run, const char *key)
{
    const char *const text = json_string_value(json_object_get(run->info, key));
    return text == NULL ? "" : text;
}

enum ccrnn_status ccrnn_report_read_json(const char *path, json_t **object,
                                         struct ccrnn_error *err)
{
    uint8_t *bytes;
    size_t size;
    *object = NULL;
    CCRNN_TRY(ccrnn_file_read(path, JSON_SIZE_MAX, &bytes, &size, err));
    json_error_t detail;
    *object = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &detail);
    free(bytes);
    if (*object == NULL)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s:%d: not valid JSON: %s.", path, detail.line,
                          detail.text);
    if (json_is_object(*object))
        return CCRNN_OK;
    json_decref(*object);
    *object = NULL;
    return ccrnn_fail(err, CCRNN_FORMAT, "%s: expected a JSON object.", path);
}

static uint64_t json_count(const json_t *object, const char *key)
{
    const json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

/* Is run.json of the run whose directory it is in? */
static enum ccrnn_status check_owner(const struct ccrnn_report_run *run, const char *hash,
                                     const char *path, struct ccrnn_error *err)
{
    const json_t *const seed = json_object_get(run->info, "seed");
    if (json_is_integer(seed) && (uint64_t)json_integer_value(seed) != run->seed)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: is of seed %lld, and the directory of seed %llu: a copy of another "
            "run does not count. Remove it.",
            path, (long long)json_integer_value(seed), (unsigned long long)run->seed);
    const char *const found = ccrnn_report_run_text(run, "hash");
    if (hash != NULL && strcmp(found, hash) != 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: is of the options %s, and its arm has the options %s: a copy of "
                          "another run does not count. Remove it.",
                          path, found, hash);
    return CCRNN_OK;
}

/* run.json into the run; a status other than CCRNN_OK is the reason why it cannot be read. */
static enum ccrnn_status read_info(struct ccrnn_report_run *run, const char *hash,
                                   struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "run.json", err));
    CCRNN_TRY(ccrnn_report_read_json(path, &run->info, err));
    const char *const format = ccrnn_report_run_text(run, "format");
    if (strcmp(format, "ccrnn-run-1") != 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: expected format \"ccrnn-run-1\", found \"%s\". It was written by "
                          "another version of ccrnn.",
                          path, format);
    const char *const status = ccrnn_report_run_text(run, "status");
    int state = 0;
    while (state < CCRNN_REPORT_UNREADABLE && strcmp(status, state_names[state]) != 0)
        state++;
    if (state == CCRNN_REPORT_UNREADABLE)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: the status \"%s\" is not known.", path, status);
    CCRNN_TRY(check_owner(run, hash, path, err));
    run->state = (enum ccrnn_report_state)state;
    run->epoch = json_count(run->info, "epoch");
    run->epochs = json_count(run->info, "epochs");
    const json_t *const seconds = json_object_get(run->info, "seconds");
    run->seconds = json_is_number(seconds) ? json_number_value(seconds) : 0.0;
    return CCRNN_OK;
}

/* A value without its quotes, if it is in quotes. */
static char *unquoted(char *value)
{
    const size_t length = strlen(value);
    if (length < 2 || value[0] != value[length - 1] || strchr("\"'", value[0]) == NULL)
        return value;
    value[length - 1] = '\0';
    return value + 1;
}

/* A run whose settings are being read. */
struct settings {
    struct ccrnn_report_pool *pool;
    struct ccrnn_report_run *run;
    size_t capacity;
};

static enum ccrnn_status add_setting(void *context, const char *key, const char *value,
                                     struct ccrnn_error *err)
{
    struct settings *const settings = context;
    struct ccrnn_report_run *const run = settings->run;
    void *array = run->setting;
    CCRNN_TRY(ccrnn_report_pool_grow(settings->pool, &array, run->settings, &settings->capacity,
                                     sizeof *run->setting, err));
    run->setting = array;
    struct ccrnn_report_setting *const setting = &run->setting[run->settings++];
    CCRNN_TRY(ccrnn_report_pool_text(settings->pool, key, &setting->key, err));
    return ccrnn_report_pool_text(settings->pool, value, &setting->value, err);
}

static enum ccrnn_status read_lines(struct settings *settings, char *yaml,
                                    struct ccrnn_error *err)
{
    char *rest = NULL;
    for (char *line = strtok_r(yaml, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        char *const colon = strstr(line, ": ");
        if (colon == NULL || *line == '#' || *line == ' ')
            continue;
        *colon = '\0';
        CCRNN_TRY(add_setting(settings, line, unquoted(colon + 2 + strspn(colon + 2, " ")), err));
    }
    return CCRNN_OK;
}

/* config.yaml with what it leaves out at its default; of another version, what it says. */
static enum ccrnn_status read_config(struct ccrnn_report_pool *pool, struct ccrnn_report_run *run,
                                     struct ccrnn_error *err)
{
    struct settings settings = {.pool = pool, .run = run};
    char path[CCRNN_PATH_MAX];
    uint8_t *bytes;
    size_t size;
    const enum ccrnn_status told = ccrnn_run_settings(run->path, add_setting, &settings, err);
    if (told == CCRNN_OK || told == CCRNN_MEMORY)
        return told;
    run->as_written = true;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "config.yaml", err));
    CCRNN_TRY(ccrnn_file_read(path, CONFIG_SIZE_MAX, &bytes, &size, err));
    const enum ccrnn_status status = read_lines(&settings, (char *)bytes, err);
    free(bytes);
    return status;
}

const char *ccrnn_report_setting_of(const struct ccrnn_report_arm *arm, const char *key)
{
    for (size_t r = 0; r < arm->runs; r++) {
        const struct ccrnn_report_run *const run = &arm->run[r];
        for (size_t s = 0; s < run->settings; s++) {
            if (strcmp(run->setting[s].key, key) == 0)
                return run->setting[s].value;
        }
        if (run->settings > 0)
            return NULL;
    }
    return NULL;
}

/* How far a run is that ended without saying so in run.json, or goes on. */
static void find_epoch(struct ccrnn_report_run *run)
{
    struct ccrnn_report_checkpoint at;
    if (run->state != CCRNN_REPORT_RUNNING && run->state != CCRNN_REPORT_INTERRUPTED &&
        run->state != CCRNN_REPORT_FAILED)
        return;
    if (run->measured > run->epoch)
        run->epoch = run->measured;
    if (ccrnn_report_checkpoint_look(run->path, &at) && at.epoch > run->epoch)
        run->epoch = at.epoch;
}

/* metrics.csv. What is wrong with that of a run that is done, no `ccrnn run` mends. */
static enum ccrnn_status read_metrics(struct ccrnn_report_pool *pool,
                                      struct ccrnn_report_run *run, struct ccrnn_error *err)
{
    struct ccrnn_error detail = {.message = ""};
    const enum ccrnn_status status = ccrnn_report_read_metrics(pool, run, &detail);
    if (status == CCRNN_OK || status == CCRNN_MEMORY)
        return status;
    if (run->state == CCRNN_REPORT_DONE)
        return ccrnn_fail(err, status,
                          "%s; the run counts as finished, so nothing mends the file: move the "
                          "directory %s away and run the study again, which makes this run anew.",
                          detail.message, run->path);
    memset(run->series, 0, sizeof run->series);
    run->class_values = 0;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_read_run(struct ccrnn_report_pool *pool, const char *hash,
                                        struct ccrnn_report_run *run, struct ccrnn_error *err)
{
    struct ccrnn_error detail = {.status = CCRNN_OK, .message = ""};
    enum ccrnn_status status = read_info(run, hash, &detail);
    if (status == CCRNN_OK)
        status = read_metrics(pool, run, &detail);
    if (status == CCRNN_OK)
        find_epoch(run);
    const char *reason = ccrnn_report_run_text(run, "error");
    if (status == CCRNN_OK) {
        /* settings only describe: a run without them still counts */
        struct ccrnn_error ignored;
        if (read_config(pool, run, &ignored) == CCRNN_MEMORY)
            status = CCRNN_MEMORY;
    }
    if (status == CCRNN_MEMORY)
        return ccrnn_fail(err, CCRNN_MEMORY,
                          "Out of memory while reading the runs. Report fewer "
                          "runs, or free some memory.");
    if (status != CCRNN_OK) {
        run->state = CCRNN_REPORT_UNREADABLE;
        reason = detail.message;
    }
    return ccrnn_report_pool_text(pool, reason, &run->reason, err);
}
