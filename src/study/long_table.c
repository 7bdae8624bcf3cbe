#define _GNU_SOURCE
#include "study/long_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "study/run_open.h"

static const char metrics_header[] = "step,split,metric,value\n";

enum { METRICS_BYTES_MOST = 1 << 30, VALUE_SIZE = 2 * CCRNN_CONFIG_PATH_MAX, COMMAS = 3 };

/* An option of the table: its value in the first run, and whether another run has another one. */
struct option_column {
    char *first;
    bool differs;
};

struct maker {
    const struct ccrnn_survey *survey;
    const struct ccrnn_long_table_listener *listener;
    struct ccrnn_long_table *table;
    bool *taken;                   /* (runs) */
    struct option_column *options; /* (options) */
    struct ccrnn_text text, prefix;
    struct ccrnn_error *err;
};

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the table of a study");
}

/* --- which runs -------------------------------------------------------------------------- */

static bool is_wanted(enum ccrnn_survey_state state, bool unfinished)
{
    switch (state) {
    case CCRNN_SURVEY_DONE:
    case CCRNN_SURVEY_NONFINITE:
        return true;
    case CCRNN_SURVEY_RUNNING:
    case CCRNN_SURVEY_INTERRUPTED:
    case CCRNN_SURVEY_STALE:
    case CCRNN_SURVEY_FAILED:
        return unfinished;
    default:
        return false;
    }
}

static void refuse(struct maker *maker, size_t index, const char *message)
{
    maker->taken[index] = false;
    maker->table->refused++;
    if (maker->listener->refused != NULL)
        maker->listener->refused(maker->listener->context, message);
}

/* A run that was just begun has no measures yet; that is no damage. */
static bool has_metrics(const char *directory)
{
    char path[CCRNN_PATH_MAX];
    return ccrnn_path_join(path, sizeof path, directory, "metrics.csv", NULL) == CCRNN_OK &&
           ccrnn_path_exists(path);
}

static enum ccrnn_status choose(struct maker *maker, bool unfinished)
{
    for (size_t i = 0; i < maker->survey->runs; i++) {
        char directory[CCRNN_PATH_MAX];
        const struct ccrnn_surveyed *const run = &maker->survey->run[i];
        CCRNN_TRY(ccrnn_survey_directory(maker->survey, i, directory, maker->err));
        const bool finished = is_wanted(run->state, false);
        maker->taken[i] =
            is_wanted(run->state, unfinished) && (finished || has_metrics(directory));
        if (run->state == CCRNN_SURVEY_UNREADABLE)
            refuse(maker, i, run->message == NULL ? directory : run->message);
        else if (!maker->taken[i])
            maker->table->left_out[run->state]++;
    }
    return CCRNN_OK;
}

/* --- which options ----------------------------------------------------------------------- */

/* "" where it does not apply. */
static void value_of(const struct ccrnn_run_config *config, const struct ccrnn_option *option,
                     char value[VALUE_SIZE])
{
    value[0] = '\0';
    if (!option->derived && ccrnn_option_applies(option, config))
        (void)ccrnn_run_config_get(config, option, value, VALUE_SIZE);
}

static enum ccrnn_status compare_options(struct maker *maker,
                                         const struct ccrnn_run_config *config)
{
    char value[VALUE_SIZE];
    for (size_t k = 0; k < ccrnn_option_count(); k++) {
        struct option_column *const column = &maker->options[k];
        value_of(config, ccrnn_option_at(k), value);
        if (column->first == NULL && (column->first = strdup(value)) == NULL)
            return fail_memory(maker->err);
        column->differs = column->differs || strcmp(column->first, value) != 0;
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_config(const struct maker *maker, size_t index,
                                     struct ccrnn_run_config *config, struct ccrnn_error *why)
{
    char directory[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_survey_directory(maker->survey, index, directory, why));
    return ccrnn_run_config_read(directory, config, why);
}

static enum ccrnn_status find_options(struct maker *maker)
{
    for (size_t i = 0; i < maker->survey->runs; i++) {
        struct ccrnn_run_config config;
        struct ccrnn_error why = {0};
        if (!maker->taken[i])
            continue;
        if (read_config(maker, i, &config, &why) != CCRNN_OK)
            refuse(maker, i, why.message);
        else
            CCRNN_TRY(compare_options(maker, &config));
    }
    return CCRNN_OK;
}

/* --- rows -------------------------------------------------------------------------------- */

static void add_cell(struct ccrnn_text *text, const char *cell)
{
    if (strpbrk(cell, ",\"\n\r") == NULL) {
        ccrnn_text_add(text, "%s", cell);
        return;
    }
    ccrnn_text_add(text, "\"");
    for (; *cell != '\0'; cell++)
        ccrnn_text_add(text, "%s%c", *cell == '"' ? "\"" : "", *cell);
    ccrnn_text_add(text, "\"");
}

static enum ccrnn_status pass_on(struct maker *maker)
{
    if (maker->text.failed)
        return fail_memory(maker->err);
    const enum ccrnn_status status = maker->listener->text(
        maker->listener->context, maker->text.bytes, maker->text.size, maker->err);
    ccrnn_text_clear(&maker->text);
    return status;
}

static enum ccrnn_status add_header(struct maker *maker)
{
    ccrnn_text_add(&maker->text, "arm,hash,seed");
    for (size_t k = 0; k < ccrnn_option_count(); k++)
        if (maker->options[k].differs)
            ccrnn_text_add(&maker->text, ",%s", ccrnn_option_at(k)->key);
    ccrnn_text_add(&maker->text, ",status,%s", metrics_header);
    return pass_on(maker);
}

/* What every row of a run begins with. */
static void make_prefix(struct maker *maker, size_t index, const struct ccrnn_run_config *config)
{
    const struct ccrnn_survey *const survey = maker->survey;
    char value[VALUE_SIZE];
    ccrnn_text_clear(&maker->prefix);
    add_cell(&maker->prefix, ccrnn_survey_arm(survey, index));
    ccrnn_text_add(&maker->prefix, ",%s,%" PRIu64,
                   survey->index.arms[index % survey->index.arm_count].hash,
                   ccrnn_survey_seed(survey, index));
    for (size_t k = 0; k < ccrnn_option_count(); k++) {
        if (!maker->options[k].differs)
            continue;
        value_of(config, ccrnn_option_at(k), value);
        ccrnn_text_add(&maker->prefix, ",");
        add_cell(&maker->prefix, value);
    }
    ccrnn_text_add(&maker->prefix, ",%s,", ccrnn_survey_state_name(survey->run[index].state));
}

/* Whole rows of four cells? What stands after the last newline is being written. @param[out] length up to it */
static enum ccrnn_status check_rows(const char *bytes, const char *path, size_t *length,
                                    struct ccrnn_error *why)
{
    const size_t head = sizeof metrics_header - 1;
    size_t line = 2;
    if (strncmp(bytes, metrics_header, head) != 0)
        return ccrnn_fail(why, CCRNN_FORMAT,
                          "%s:1: expected %.*s; run the study again, or move the run away", path,
                          (int)head - 1, metrics_header);
    const char *at = bytes + head;
    for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1, line++) {
        size_t commas = 0;
        for (const char *p = at; p < end; p++)
            commas += *p == ',';
        if (commas != COMMAS || at == end || *at == ',' || end[-1] == ',')
            return ccrnn_fail(why, CCRNN_FORMAT,
                              "%s:%zu: expected a step, a split, a metric and a value, found "
                              "\"%.*s\"; run the study again, or move the run away",
                              path, line, (int)(end - at < 60 ? end - at : 60), at);
    }
    *length = (size_t)(at - bytes);
    return CCRNN_OK;
}

static enum ccrnn_status read_metrics(const struct maker *maker, size_t index, uint8_t **bytes,
                                      size_t *length, struct ccrnn_error *why)
{
    char path[CCRNN_PATH_MAX];
    size_t size;
    CCRNN_TRY(ccrnn_survey_directory(maker->survey, index, path, why));
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, path, "metrics.csv", why));
    CCRNN_TRY(ccrnn_file_read(path, METRICS_BYTES_MOST, bytes, &size, why));
    const enum ccrnn_status status =
        memchr(*bytes, '\0', size) != NULL
            ? ccrnn_fail(why, CCRNN_FORMAT,
                         "%s: has a zero byte; run the study again, or move "
                         "the run away",
                         path)
            : check_rows((const char *)*bytes, path, length, why);
    if (status != CCRNN_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}

static enum ccrnn_status add_run(struct maker *maker, size_t index)
{
    struct ccrnn_run_config config;
    struct ccrnn_error why = {0};
    uint8_t *bytes = NULL;
    size_t length = 0;
    enum ccrnn_status status = read_config(maker, index, &config, &why);
    if (status == CCRNN_OK)
        status = read_metrics(maker, index, &bytes, &length, &why);
    if (status == CCRNN_MEMORY)
        return fail_memory(maker->err);
    if (status != CCRNN_OK) {
        refuse(maker, index, why.message);
        return CCRNN_OK;
    }
    make_prefix(maker, index, &config);
    const char *at = (const char *)bytes + sizeof metrics_header - 1;
    const char *const stop = (const char *)bytes + length;
    for (const char *end; at < stop; at = end + 1) {
        end = strchr(at, '\n');
        ccrnn_text_append(&maker->text, maker->prefix.bytes, maker->prefix.size);
        ccrnn_text_append(&maker->text, at, (size_t)(end - at) + 1);
        maker->table->rows++;
    }
    free(bytes);
    maker->table->runs++;
    return maker->prefix.failed ? fail_memory(maker->err) : pass_on(maker);
}

static bool is_any_taken(const struct maker *maker)
{
    for (size_t i = 0; i < maker->survey->runs; i++)
        if (maker->taken[i])
            return true;
    return false;
}

static enum ccrnn_status make(struct maker *maker, bool unfinished)
{
    if (maker->taken == NULL || maker->options == NULL)
        return fail_memory(maker->err);
    CCRNN_TRY(choose(maker, unfinished));
    CCRNN_TRY(find_options(maker));
    if (!is_any_taken(maker))
        return CCRNN_OK;
    CCRNN_TRY(add_header(maker));
    for (size_t i = 0; i < maker->survey->runs; i++)
        if (maker->taken[i])
            CCRNN_TRY(add_run(maker, i));
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_long_table_make(const struct ccrnn_survey *survey, bool unfinished,
                                        const struct ccrnn_long_table_listener *listener,
                                        struct ccrnn_long_table *table, struct ccrnn_error *err)
{
    struct maker maker = {.survey = survey, .listener = listener, .table = table, .err = err};
    *table = (struct ccrnn_long_table){0};
    maker.taken = calloc(survey->runs + 1, sizeof *maker.taken);
    maker.options = calloc(ccrnn_option_count(), sizeof *maker.options);
    const enum ccrnn_status status = make(&maker, unfinished);
    for (size_t k = 0; maker.options != NULL && k < ccrnn_option_count(); k++)
        free(maker.options[k].first);
    free(maker.options);
    free(maker.taken);
    free(maker.text.bytes);
    free(maker.prefix.bytes);
    return status;
}
