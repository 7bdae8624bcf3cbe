/* metrics.csv: the series of a run, and the values per class. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/csv.h"
#include "report/checkpoint.h"
#include "report/collect.h"

/* Ten classes have some hundreds of values. No figure could show more than this: then a run is
 * read without any. */
#define CLASS_VALUES_MAX 8192
#define METRIC_SIZE 64
#define METRICS_BYTES_MOST ((size_t)1 << 30)

static const struct {
    const char *split, *metric;
} series_names[CCRNN_SERIES_COUNT] = {
    [CCRNN_SERIES_TRAIN_ERROR] = {"train", "error"},
    [CCRNN_SERIES_TRAIN_NLL] = {"train", "nll"},
    [CCRNN_SERIES_TRAIN_SIMILARITY] = {"train", "similarity"},
    [CCRNN_SERIES_VALIDATION_ERROR] = {"validation", "error"},
    [CCRNN_SERIES_VALIDATION_NLL] = {"validation", "nll"},
    [CCRNN_SERIES_VALIDATION_ACCURACY] = {"validation", "accuracy"},
    [CCRNN_SERIES_VALIDATION_UNCERTAINTY] = {"validation", "uncertainty"},
    [CCRNN_SERIES_VALIDATION_ROUGHNESS] = {"validation", "roughness"},
    [CCRNN_SERIES_VALIDATION_END_POINT] = {"validation", "end_point_error"},
    [CCRNN_SERIES_VALIDATION_OVERSHOOT] = {"validation", "overshoot"},
    [CCRNN_SERIES_VALIDATION_UNDERSHOOT] = {"validation", "undershoot"},
    [CCRNN_SERIES_VALIDATION_PATH_LENGTH] = {"validation", "path_length_ratio"},
    [CCRNN_SERIES_VALIDATION_CURVATURE] = {"validation", "curvature"},
    [CCRNN_SERIES_VALIDATION_DIRECTION] = {"validation", "direction_error"},
    [CCRNN_SERIES_VALIDATION_SPARC] = {"validation", "sparc"},
    [CCRNN_SERIES_VALIDATION_JERK] = {"validation", "log_dimensionless_jerk"},
    [CCRNN_SERIES_VALIDATION_CONFUSION] = {"validation", "confusion"},
    [CCRNN_SERIES_TEST_ERROR] = {"test", "error"},
    [CCRNN_SERIES_TEST_NLL] = {"test", "nll"},
    [CCRNN_SERIES_TEST_ACCURACY] = {"test", "accuracy"},
    [CCRNN_SERIES_TEST_UNCERTAINTY] = {"test", "uncertainty"},
    [CCRNN_SERIES_TEST_ROUGHNESS] = {"test", "roughness"},
    [CCRNN_SERIES_TEST_END_POINT] = {"test", "end_point_error"},
    [CCRNN_SERIES_TEST_OVERSHOOT] = {"test", "overshoot"},
    [CCRNN_SERIES_TEST_UNDERSHOOT] = {"test", "undershoot"},
    [CCRNN_SERIES_TEST_PATH_LENGTH] = {"test", "path_length_ratio"},
    [CCRNN_SERIES_TEST_CURVATURE] = {"test", "curvature"},
    [CCRNN_SERIES_TEST_DIRECTION] = {"test", "direction_error"},
    [CCRNN_SERIES_TEST_SPARC] = {"test", "sparc"},
    [CCRNN_SERIES_TEST_JERK] = {"test", "log_dimensionless_jerk"},
    [CCRNN_SERIES_TEST_CONFUSION] = {"test", "confusion"},
    [CCRNN_SERIES_TRAIN_BITS] = {"train", "bits_per_word"},
    [CCRNN_SERIES_VALIDATION_BITS] = {"validation", "bits_per_word"},
    [CCRNN_SERIES_TEST_BITS] = {"test", "bits_per_word"},
    [CCRNN_SERIES_TEST_BITS_WITH_START] = {"test", "bits_per_word_with_start"},
    [CCRNN_SERIES_TEST_PERPLEXITY] = {"test", "perplexity"},
    [CCRNN_SERIES_TEST_BEST_EPOCH] = {"test", "best_epoch"},
    [CCRNN_SERIES_TEST_BLEU_1] = {"test", "bleu_1"},
    [CCRNN_SERIES_TEST_BLEU_2] = {"test", "bleu_2"},
    [CCRNN_SERIES_TEST_BLEU_3] = {"test", "bleu_3"},
    [CCRNN_SERIES_TEST_BLEU_4] = {"test", "bleu_4"},
    [CCRNN_SERIES_TEST_ROUGE_L] = {"test", "rouge_l"},
    [CCRNN_SERIES_TEST_CIDER] = {"test", "cider"},
    [CCRNN_SERIES_TEST_CIDER_D] = {"test", "cider_d"},
    [CCRNN_SERIES_TEST_BEAM_BLEU_1] = {"test", "beam_bleu_1"},
    [CCRNN_SERIES_TEST_BEAM_BLEU_2] = {"test", "beam_bleu_2"},
    [CCRNN_SERIES_TEST_BEAM_BLEU_3] = {"test", "beam_bleu_3"},
    [CCRNN_SERIES_TEST_BEAM_BLEU_4] = {"test", "beam_bleu_4"},
    [CCRNN_SERIES_TEST_BEAM_ROUGE_L] = {"test", "beam_rouge_l"},
    [CCRNN_SERIES_TEST_BEAM_CIDER] = {"test", "beam_cider"},
    [CCRNN_SERIES_TEST_BEAM_CIDER_D] = {"test", "beam_cider_d"},
    [CCRNN_SERIES_TEST_UNIGRAM] = {"test", "unigram_bits_per_word"},
    [CCRNN_SERIES_TEST_BIGRAM] = {"test", "bigram_bits_per_word"},
    [CCRNN_SERIES_SIMILARITY_TARGET] = {"validation", "similarity_target"},
    [CCRNN_SERIES_SIMILARITY_TRUE] = {"validation", "similarity_true"},
    [CCRNN_SERIES_COUPLING] = {"validation", "coupling"},
    [CCRNN_SERIES_COUPLING_Q10] = {"validation", "coupling.q10"},
    [CCRNN_SERIES_COUPLING_Q25] = {"validation", "coupling.q25"},
    [CCRNN_SERIES_COUPLING_Q50] = {"validation", "coupling.q50"},
    [CCRNN_SERIES_COUPLING_Q75] = {"validation", "coupling.q75"},
    [CCRNN_SERIES_COUPLING_Q90] = {"validation", "coupling.q90"},
    [CCRNN_SERIES_COUPLING_SHIFT] = {"validation", "coupling_shift"},
    [CCRNN_SERIES_CORTEX_PAIRWISE] = {"validation", "cortex_pairwise_correlation"},
    [CCRNN_SERIES_CORTEX_POPULATION] = {"validation", "cortex_population_correlation"},
    [CCRNN_SERIES_CORTEX_PARTICIPATION] = {"validation", "cortex_participation_ratio"},
    [CCRNN_SERIES_CORTEX_CODING_SPACE] = {"validation", "cortex_coding_space"},
    [CCRNN_SERIES_CORTEX_SPARSITY] = {"validation", "cortex_sparsity"},
    [CCRNN_SERIES_GRANULE_PAIRWISE] = {"validation", "granule_pairwise_correlation"},
    [CCRNN_SERIES_GRANULE_POPULATION] = {"validation", "granule_population_correlation"},
    [CCRNN_SERIES_GRANULE_PARTICIPATION] = {"validation", "granule_participation_ratio"},
    [CCRNN_SERIES_GRANULE_CODING_SPACE] = {"validation", "granule_coding_space"},
    [CCRNN_SERIES_GRANULE_SPARSITY] = {"validation", "granule_sparsity"},
    [CCRNN_SERIES_MEAN_VALIDATION_ERROR] = {"", ""},
    [CCRNN_SERIES_MEAN_VALIDATION_NLL] = {"", ""},
    [CCRNN_SERIES_MEAN_VALIDATION_BITS] = {"", ""},
};

static enum ccrnn_status add_point(struct ccrnn_report_pool *pool,
                                   struct ccrnn_report_series *series, uint64_t step,
                                   double value, struct ccrnn_error *err)
{
    void *array = series->point;
    CCRNN_TRY(ccrnn_report_pool_grow(pool, &array, series->count, &series->capacity,
                                     sizeof *series->point, err));
    series->point = array;
    series->point[series->count++] = (struct ccrnn_report_point){step, value};
    return CCRNN_OK;
}

/* CCRNN_SERIES_COUNT if the report does not read it. */
static enum ccrnn_report_series_id find_series(const char *split, const char *metric)
{
    int id = 0;
    while (id < CCRNN_SERIES_COUNT && (strcmp(split, series_names[id].split) != 0 ||
                                       strcmp(metric, series_names[id].metric) != 0))
        id++;
    return (enum ccrnn_report_series_id)id;
}

/* A class: an integer, perhaps negative. Ends at a dot or at the end of the text. */
static bool parse_class(const char **text, int64_t *cue)
{
    char digits[METRIC_SIZE];
    uint64_t size;
    const bool negative = **text == '-';
    const char *const from = *text + negative;
    const size_t length = strcspn(from, ".");
    if (length >= sizeof digits)
        return false;
    memcpy(digits, from, length);
    digits[length] = '\0';
    if (!ccrnn_parse_unsigned(digits, &size) || size > INT32_MAX)
        return false;
    *cue = negative ? -(int64_t)size : (int64_t)size;
    *text = from + length;
    return true;
}

/* Split "roughness.3" or "confusion.3.5"; false if it is of no such form. */
static bool parse_name(const char *name, char metric[METRIC_SIZE],
                       struct ccrnn_report_class_value *value)
{
    const size_t length = strcspn(name, ".");
    if (name[length] == '\0' || length >= METRIC_SIZE)
        return false;
    memcpy(metric, name, length);
    metric[length] = '\0';
    name += length + 1;
    value->chosen = 0;
    if (!parse_class(&name, &value->cue))
        return false;
    if (strcmp(metric, "confusion") != 0)
        return *name == '\0';
    return *name++ == '.' && parse_class(&name, &value->chosen) && *name == '\0';
}

/* The place of a value in the run, made if it is new; NULL where there are too many. */
static enum ccrnn_status find_place(struct ccrnn_report_pool *pool, struct ccrnn_report_run *run,
                                    const struct ccrnn_report_class_value *key,
                                    struct ccrnn_report_class_value **place,
                                    struct ccrnn_error *err)
{
    for (size_t i = 0; i < run->class_values; i++) {
        *place = &run->class_value[i];
        if ((*place)->series == key->series && (*place)->cue == key->cue &&
            (*place)->chosen == key->chosen)
            return CCRNN_OK;
    }
    if (run->class_values == CLASS_VALUES_MAX) {
        run->class_values = 0;
        run->too_many_classes = true;
    }
    if (run->too_many_classes) {
        *place = NULL;
        return CCRNN_OK;
    }
    void *array = run->class_value;
    CCRNN_TRY(ccrnn_report_pool_grow(pool, &array, run->class_values, &run->class_capacity,
                                     sizeof *key, err));
    run->class_value = array;
    *place = &run->class_value[run->class_values++];
    **place = *key;
    return CCRNN_OK;
}

/* Of the probe, which looks at a network before it learns too. */
static bool from_zero(enum ccrnn_report_series_id series)
{
    return series >= CCRNN_SERIES_SIMILARITY_TARGET && series <= CCRNN_SERIES_GRANULE_SPARSITY;
}

/* @param least the smallest step that may come now */
static enum ccrnn_status check_step(const struct ccrnn_csv *csv, size_t row, const char *path,
                                    uint64_t least, int64_t *step, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 0, step, err));
    if (*step >= 0 && (uint64_t)*step >= least)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s:%zu: step %lld of %s %s: expected %llu or a later one; steps must rise",
                      path, ccrnn_csv_line(csv, row), (long long)*step,
                      ccrnn_csv_text(csv, row, 1), ccrnn_csv_text(csv, row, 2),
                      (unsigned long long)least);
}

/* Add a row to the series of its name. */
static enum ccrnn_status read_point(struct ccrnn_report_pool *pool, struct ccrnn_report_run *run,
                                    enum ccrnn_report_series_id id, const struct ccrnn_csv *csv,
                                    size_t row, const char *path, struct ccrnn_error *err)
{
    struct ccrnn_report_series *const series = &run->series[id];
    const uint64_t first = from_zero(id) ? 0 : 1;
    const uint64_t least = series->count == 0 ? first : series->point[series->count - 1].step + 1;
    int64_t step;
    double value;
    CCRNN_TRY(ccrnn_csv_real(csv, row, 3, &value, err));
    CCRNN_TRY(check_step(csv, row, path, least, &step, err));
    return add_point(pool, series, (uint64_t)step, value, err);
}

static enum ccrnn_status read_row(struct ccrnn_report_pool *pool, struct ccrnn_report_run *run,
                                  const struct ccrnn_csv *csv, size_t row, const char *path,
                                  struct ccrnn_error *err)
{
    const char *const split = ccrnn_csv_text(csv, row, 1);
    const char *const name = ccrnn_csv_text(csv, row, 2);
    char metric[METRIC_SIZE];
    struct ccrnn_report_class_value key = {0}, *place;
    const bool per_class = parse_name(name, metric, &key);
    int64_t step = 0;
    double value;
    if (ccrnn_csv_integer(csv, row, 0, &step, NULL) == CCRNN_OK && step > 0 &&
        (uint64_t)step > run->measured)
        run->measured = (uint64_t)step;
    key.series = find_series(split, per_class ? metric : name);
    if (key.series == CCRNN_SERIES_COUNT || (per_class && from_zero(key.series)))
        return CCRNN_OK;
    if (!per_class)
        return read_point(pool, run, key.series, csv, row, path, err);
    CCRNN_TRY(ccrnn_csv_real(csv, row, 3, &value, err));
    CCRNN_TRY(find_place(pool, run, &key, &place, err));
    if (place == NULL)
        return CCRNN_OK;
    CCRNN_TRY(check_step(csv, row, path, place->step + 1, &step, err));
    place->step = (uint64_t)step;
    place->value = value;
    return CCRNN_OK;
}

/* Mean over a series' points as the one point of another; NaN if one of them is. */
static enum ccrnn_status add_mean(struct ccrnn_report_pool *pool, struct ccrnn_report_run *run,
                                  enum ccrnn_report_series_id from,
                                  enum ccrnn_report_series_id to, struct ccrnn_error *err)
{
    const struct ccrnn_report_series *const series = &run->series[from];
    double sum = 0.0;
    if (series->count == 0)
        return CCRNN_OK;
    for (size_t i = 0; i < series->count; i++)
        sum += series->point[i].value;
    return add_point(pool, &run->series[to], series->point[series->count - 1].step,
                     sum / (double)series->count, err);
}

/* Of a run that is done: has metrics.csv lost its end? After the last checkpoint the test values are added. */
static enum ccrnn_status check_whole(const struct ccrnn_report_run *run, const char *path,
                                     size_t size, struct ccrnn_error *err)
{
    struct ccrnn_report_checkpoint at;
    if (run->measured < run->epoch)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: ends at epoch %" PRIu64 ", but run.json says that %" PRIu64
                          " were trained, so it is cut off",
                          path, run->measured, run->epoch);
    if (!ccrnn_report_checkpoint_look(run->path, &at) || size > at.metrics_bytes)
        return CCRNN_OK;
    if (size < at.metrics_bytes)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: has %zu bytes, but the checkpoint beside it knows %" PRIu64
                          ", so it is cut off",
                          path, size, at.metrics_bytes);
    return at.epoch != run->epoch
               ? CCRNN_OK
               : ccrnn_fail(err, CCRNN_FORMAT,
                            "%s: ends before the test values, which a run that is done has, so "
                            "it is cut off",
                            path);
}

/* Open it; of a run that is not done without a last line that is cut. */
static enum ccrnn_status open_metrics(const struct ccrnn_report_run *run, const char *path,
                                      struct ccrnn_csv **csv, size_t *size,
                                      struct ccrnn_error *err)
{
    static const char *const columns[] = {"step", "split", "metric", "value"};
    uint8_t *bytes = NULL;
    *csv = NULL;
    CCRNN_TRY(ccrnn_file_read(path, METRICS_BYTES_MOST, &bytes, size, err));
    size_t length = *size;
    if (run->state != CCRNN_REPORT_DONE) {
        const uint8_t *const newline = memrchr(bytes, '\n', length);
        length = newline == NULL ? length : (size_t)(newline - bytes) + 1;
    }
    const enum ccrnn_status status = ccrnn_csv_parse(path, bytes, length, columns, 4, csv, err);
    free(bytes);
    return status;
}

enum ccrnn_status ccrnn_report_read_metrics(struct ccrnn_report_pool *pool,
                                            struct ccrnn_report_run *run, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv;
    size_t size;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "metrics.csv", err));
    CCRNN_TRY(open_metrics(run, path, &csv, &size, err));
    enum ccrnn_status status = CCRNN_OK;
    for (size_t row = 0; row < ccrnn_csv_rows(csv) && status == CCRNN_OK; row++)
        status = read_row(pool, run, csv, row, path, err);
    ccrnn_csv_close(csv);
    CCRNN_TRY(status);
    if (run->state == CCRNN_REPORT_DONE)
        CCRNN_TRY(check_whole(run, path, size, err));
    CCRNN_TRY(add_mean(pool, run, CCRNN_SERIES_VALIDATION_ERROR,
                       CCRNN_SERIES_MEAN_VALIDATION_ERROR, err));
    CCRNN_TRY(
        add_mean(pool, run, CCRNN_SERIES_VALIDATION_NLL, CCRNN_SERIES_MEAN_VALIDATION_NLL, err));
    return add_mean(pool, run, CCRNN_SERIES_VALIDATION_BITS, CCRNN_SERIES_MEAN_VALIDATION_BITS,
                    err);
}
