#define _GNU_SOURCE
#include "study/long_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "data/csv.h"
#include "study/checkpoint.h"
#include "study/run_open.h"

/* So much of the table is passed on at once. */
enum {
    PIECE_BYTES = 1 << 18,
    METRICS_BYTES_MOST = 1 << 30,
    VALUE_SIZE = 2 * CCRNN_CONFIG_PATH_MAX
};

/* Of metrics.csv. */
enum { STEP, SPLIT, METRIC, VALUE, COLUMNS };

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

/* What its files are: a run that could not be extended is as done as before. */
static enum ccrnn_survey_state state_of(const struct ccrnn_surveyed *run)
{
    return run->extension ? CCRNN_SURVEY_DONE : run->state;
}

static bool is_finished(const struct ccrnn_surveyed *run)
{
    const enum ccrnn_survey_state state = state_of(run);
    return state == CCRNN_SURVEY_DONE || (state == CCRNN_SURVEY_NONFINITE && !run->attempt);
}

static bool is_begun(enum ccrnn_survey_state state)
{
    return state == CCRNN_SURVEY_RUNNING || state == CCRNN_SURVEY_STOPPED ||
           state == CCRNN_SURVEY_INTERRUPTED || state == CCRNN_SURVEY_STALE ||
           state == CCRNN_SURVEY_FAILED;
}

static void refuse(struct maker *maker, size_t index, const char *message)
{
    maker->taken[index] = false;
    maker->table->refused++;
    if (maker->listener->refused != NULL)
        maker->listener->refused(maker->listener->context, message);
}

/* What its newest checkpoint knows of metrics.csv, in bytes; false: there is none. */
static bool find_checkpoint(const char *directory, uint64_t *bytes)
{
    static const char *const names[] = {"last.safetensors", "previous.safetensors"};
    char path[CCRNN_PATH_MAX];
    uint64_t epoch;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ccrnn_path_join(path, sizeof path, directory, names[i], NULL) == CCRNN_OK &&
            ccrnn_checkpoint_peek(path, &epoch, bytes, NULL) == CCRNN_OK)
            return true;
    return false;
}

static enum ccrnn_status choose(struct maker *maker, bool unfinished)
{
    for (size_t i = 0; i < maker->survey->runs; i++) {
        char directory[CCRNN_PATH_MAX];
        const struct ccrnn_surveyed *const run = &maker->survey->run[i];
        CCRNN_TRY(ccrnn_survey_directory(maker->survey, i, directory, maker->err));
        uint64_t bytes;
        maker->taken[i] = is_finished(run) || (unfinished && is_begun(run->state) &&
                                               find_checkpoint(directory, &bytes));
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
        ccrnn_text_append(text, cell, strlen(cell));
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
    if (maker->text.size == 0)
        return CCRNN_OK;
    const enum ccrnn_status status = maker->listener->text(
        maker->listener->context, maker->text.bytes, maker->text.size, maker->err);
    ccrnn_text_clear(&maker->text);
    return status;
}

static void add_header(struct maker *maker)
{
    ccrnn_text_add(&maker->text, "arm,hash,seed");
    for (size_t k = 0; k < ccrnn_option_count(); k++)
        if (maker->options[k].differs)
            ccrnn_text_add(&maker->text, ",%s", ccrnn_option_at(k)->key);
    ccrnn_text_add(&maker->text, ",status,step,split,metric,value\n");
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
    ccrnn_text_add(&maker->prefix, ",%s,",
                   ccrnn_survey_state_name(state_of(&survey->run[index])));
}

/* Before the first row of a run is written, all are looked at. */
static enum ccrnn_status check_rows(const char *path, const struct ccrnn_csv *csv,
                                    struct ccrnn_error *why)
{
    for (size_t row = 0; row < ccrnn_csv_rows(csv); row++) {
        int64_t step;
        double value;
        CCRNN_TRY(ccrnn_csv_integer(csv, row, STEP, &step, why));
        CCRNN_TRY(ccrnn_csv_real(csv, row, VALUE, &value, why));
        if (step < 0 || *ccrnn_csv_text(csv, row, SPLIT) == '\0' ||
            *ccrnn_csv_text(csv, row, METRIC) == '\0')
            return ccrnn_fail(
                why, CCRNN_FORMAT,
                "%s:%zu: expected an epoch from 0, a split and a metric, found "
                "\"%s\", \"%s\", \"%s\"; move the run's directory away and run the study again",
                path, ccrnn_csv_line(csv, row), ccrnn_csv_text(csv, row, STEP),
                ccrnn_csv_text(csv, row, SPLIT), ccrnn_csv_text(csv, row, METRIC));
    }
    return CCRNN_OK;
}

/* metrics.csv; of a run that goes on only what its checkpoint knows, for the rest is made again. Close it also
 * after a failure. */
static enum ccrnn_status open_metrics(const struct maker *maker, size_t index,
                                      struct ccrnn_csv **csv, struct ccrnn_error *why)
{
    static const char *const columns[COLUMNS] = {"step", "split", "metric", "value"};
    char path[CCRNN_PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size;
    uint64_t known = 0;
    *csv = NULL;
    CCRNN_TRY(ccrnn_survey_directory(maker->survey, index, path, why));
    const bool knows = find_checkpoint(path, &known);
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, path, "metrics.csv", why));
    CCRNN_TRY(ccrnn_file_read(path, METRICS_BYTES_MOST, &bytes, &size, why));
    const size_t length =
        is_finished(&maker->survey->run[index]) || size < known ? size : (size_t)known;
    enum ccrnn_status status = ccrnn_csv_parse(path, bytes, length, columns, COLUMNS, csv, why);
    free(bytes);
    if (status == CCRNN_OK)
        status = check_rows(path, *csv, why);
    if (status == CCRNN_OK && knows && size < known)
        status = ccrnn_fail(
            why, CCRNN_FORMAT,
            "%s: has %zu bytes, but the checkpoint beside it knows %" PRIu64
            ", so it is cut off; move the run's directory away and run the study again",
            path, size, known);
    return status;
}

static enum ccrnn_status add_rows(struct maker *maker, const struct ccrnn_csv *csv)
{
    if (maker->table->runs++ == 0)
        add_header(maker);
    for (size_t row = 0; row < ccrnn_csv_rows(csv); row++) {
        ccrnn_text_append(&maker->text, maker->prefix.bytes, maker->prefix.size);
        for (size_t column = 0; column < COLUMNS; column++) {
            add_cell(&maker->text, ccrnn_csv_text(csv, row, column));
            ccrnn_text_append(&maker->text, column + 1 < COLUMNS ? "," : "\n", 1);
        }
        if (maker->text.size >= PIECE_BYTES)
            CCRNN_TRY(pass_on(maker));
    }
    maker->table->rows += ccrnn_csv_rows(csv);
    return maker->prefix.failed ? fail_memory(maker->err) : pass_on(maker);
}

static enum ccrnn_status add_run(struct maker *maker, size_t index)
{
    struct ccrnn_run_config config;
    struct ccrnn_error why = {0};
    struct ccrnn_csv *csv = NULL;
    enum ccrnn_status status = read_config(maker, index, &config, &why);
    if (status == CCRNN_OK)
        status = open_metrics(maker, index, &csv, &why);
    if (status == CCRNN_OK) {
        make_prefix(maker, index, &config);
        status = add_rows(maker, csv);
    } else if (status == CCRNN_MEMORY) {
        status = fail_memory(maker->err);
    } else {
        refuse(maker, index, why.message);
        status = CCRNN_OK;
    }
    ccrnn_csv_close(csv);
    return status;
}

static enum ccrnn_status make(struct maker *maker, bool unfinished)
{
    if (maker->taken == NULL || maker->options == NULL)
        return fail_memory(maker->err);
    CCRNN_TRY(choose(maker, unfinished));
    CCRNN_TRY(find_options(maker));
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
