/* What the names and settings of a study's arms say. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "report/measures.h"
#include "report/paper_sheet.h"
#include "report/sweep.h"
#include "report/task.h"

#define ERROR_AND_MEAN(id)                                                                       \
    .error = CCRNN_SERIES_VALIDATION_##id, .mean = CCRNN_SERIES_MEAN_VALIDATION_##id

static const struct ccrnn_paper_task tasks[] = {
    {.name = "line-drawing",
     .title = "simple line drawing",
     .noun = "validation error",
     .unit = "squared length units",
     ERROR_AND_MEAN(ERROR),
     .final = CCRNN_SERIES_VALIDATION_ERROR,
     .final_noun = "final validation error",
     .dysmetria = "roughness",
     .dysmetria_axis = "dysmetria: roughness D\\n(length units)"},
    {.name = "online-line-drawing",
     .word = "lines",
     .title = "online line drawing",
     .noun = "validation error",
     .unit = "squared length units",
     ERROR_AND_MEAN(ERROR),
     .final = CCRNN_SERIES_VALIDATION_ERROR,
     .final_noun = "final validation error",
     .dysmetria = "roughness",
     .dysmetria_axis = "dysmetria: roughness D\\n(length units)"},
    {.name = "online-digit-drawing",
     .word = "digits",
     .title = "online digit drawing",
     .noun = "validation error",
     .unit = "squared template heights",
     ERROR_AND_MEAN(ERROR),
     .final = CCRNN_SERIES_VALIDATION_ERROR,
     .final_noun = "final validation error",
     .dysmetria = "roughness",
     .dysmetria_axis = "dysmetria: roughness D\\n(template heights)"},
    {.name = "visual-discrimination",
     .word = "names",
     .title = "visual discrimination",
     .noun = "validation loss",
     .unit = "nats",
     ERROR_AND_MEAN(NLL),
     .final = CCRNN_SERIES_VALIDATION_NLL,
     .final_noun = "final validation loss",
     .dysmetria = "uncertainty",
     .dysmetria_axis = "dysmetria:\\n1 − certainty"},
    {.name = "captions",
     .title = "image captioning",
     .noun = "validation loss",
     .unit = "bits per word",
     ERROR_AND_MEAN(BITS),
     .final = CCRNN_SERIES_TEST_BITS,
     .final_noun = "test loss"},
};

const struct ccrnn_paper_task *ccrnn_paper_task_number(size_t number)
{
    return number < sizeof tasks / sizeof tasks[0] ? &tasks[number] : NULL;
}

/* By the task's setting, else by the first word of its name, else the first of the table. */
static const struct ccrnn_paper_task *task_of(const struct ccrnn_report_arm *arm)
{
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
        if (strcmp(arm->task, tasks[i].name) == 0)
            return &tasks[i];
    }
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
        const size_t length = tasks[i].word == NULL ? 0 : strlen(tasks[i].word);
        if (length > 0 && strncmp(arm->name, tasks[i].word, length) == 0 &&
            arm->name[length] == ' ')
            return &tasks[i];
    }
    return &tasks[0];
}

/* The words of a name but a task's at its beginning and those that sweep a setting. */
static enum ccrnn_status read_name(struct ccrnn_report_pool *pool, struct ccrnn_paper_arm *arm,
                                   struct ccrnn_error *err)
{
    const char *const name = arm->arm->name;
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, strlen(name) + 1, 1, &memory, err));
    char *const base = memory;
    for (const char *word = name; *word != '\0';) {
        const size_t length = strcspn(word, " ");
        const bool key = memchr(word, '=', length) != NULL;
        bool of_task = false;
        for (size_t i = 0; i < sizeof tasks / sizeof tasks[0] && word == name; i++)
            of_task |= tasks[i].word != NULL && word[length] == ' ' &&
                       strlen(tasks[i].word) == length &&
                       strncmp(word, tasks[i].word, length) == 0;
        arm->swept |= key;
        if (!key && !of_task) {
            if (*base != '\0')
                strcat(base, " ");
            strncat(base, word, length);
        }
        word += length + strspn(word + length, " ");
    }
    arm->base = base;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_read_arms(struct ccrnn_paper_sheet *sheet, struct ccrnn_error *err)
{
    struct ccrnn_report_study *const study = sheet->study;
    void *memory;
    CCRNN_TRY(ccrnn_report_find_sweep(study, err));
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, study->arms, sizeof *sheet->arm, &memory, err));
    sheet->arm = memory;
    for (size_t i = 0; i < study->arms; i++) {
        if (study->arm[i].used == 0)
            continue;
        struct ccrnn_paper_arm *const arm = &sheet->arm[sheet->arms++];
        arm->arm = &study->arm[i];
        arm->task = task_of(arm->arm);
        CCRNN_TRY(read_name(&study->pool, arm, err));
    }
    return CCRNN_OK;
}

size_t ccrnn_paper_tasks(const struct ccrnn_paper_sheet *sheet,
                         const struct ccrnn_paper_task **task, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0] && count < most; i++) {
        bool any = false;
        for (size_t k = 0; k < sheet->arms; k++)
            any |= sheet->arm[k].task == &tasks[i];
        if (any)
            task[count++] = &tasks[i];
    }
    return count;
}

/* The number after "key=" (up to a blank), or at the start of a list as settings have it. */
static double first_number(const char *text)
{
    char digits[64] = "";
    double value = NAN;
    text += *text == '[';
    const size_t length = strcspn(text, " ,]");
    if (length >= sizeof digits)
        return NAN;
    memcpy(digits, text, length);
    (void)ccrnn_parse_real(digits, &value);
    return value;
}

/* What the name says after "key="; NULL. Horizons are also called K. */
static const char *in_name(const struct ccrnn_paper_arm *arm, const char *key)
{
    for (const char *word = arm->arm->name; *word != '\0';) {
        const size_t length = strcspn(word, " "), head = strcspn(word, "=");
        const bool horizon = strcmp(key, "horizon") == 0 && head == 1 && *word == 'K';
        if (head < length && (horizon || (head == strlen(key) && strncmp(word, key, head) == 0)))
            return word + head + 1;
        word += length + strspn(word + length, " ");
    }
    return NULL;
}

double ccrnn_paper_number(const struct ccrnn_paper_arm *arm, const char *key)
{
    const char *const said = in_name(arm, key);
    const char *const set = ccrnn_report_setting_of(arm->arm, key);
    if (strcmp(key, "horizon") == 0 && isfinite(arm->arm->horizon))
        return arm->arm->horizon;
    const double value = said == NULL ? NAN : first_number(said);
    return isnan(value) && set != NULL ? first_number(set) : value;
}

/* How far an arm's horizon is from a tenth of the sequence, as a factor. */
static double from_tenth(const struct ccrnn_paper_arm *arm)
{
    const double share = arm->arm->horizon / arm->arm->steps;
    return share > 0.0 ? fabs(log(share / 0.1)) : INFINITY;
}

static bool is(const struct ccrnn_paper_arm *arm, const struct ccrnn_paper_task *task,
               const char *base)
{
    return (task == NULL || arm->task == task) && (base == NULL || strcmp(arm->base, base) == 0);
}

const struct ccrnn_paper_arm *ccrnn_paper_find(const struct ccrnn_paper_sheet *sheet,
                                               const struct ccrnn_paper_task *task,
                                               const char *base)
{
    const struct ccrnn_paper_arm *best = NULL;
    for (size_t i = 0; i < sheet->arms; i++) {
        const struct ccrnn_paper_arm *const arm = &sheet->arm[i];
        if (!is(arm, task, base))
            continue;
        if (!arm->swept)
            return arm;
        if (best == NULL || from_tenth(arm) < from_tenth(best))
            best = arm;
    }
    return best;
}

const struct ccrnn_paper_arm *ccrnn_paper_find_full(const struct ccrnn_paper_sheet *sheet,
                                                    const struct ccrnn_paper_task *task)
{
    const struct ccrnn_paper_arm *full = NULL;
    for (size_t i = 0; i < sheet->arms; i++) {
        const struct ccrnn_paper_arm *const arm = &sheet->arm[i];
        if (is(arm, task, "full BPTT"))
            return arm;
        if (is(arm, task, "cRNN") && arm->arm->horizon == arm->arm->steps)
            full = arm;
    }
    return full;
}

const struct ccrnn_paper_arm *ccrnn_paper_find_at(const struct ccrnn_paper_sheet *sheet,
                                                  const struct ccrnn_paper_task *task,
                                                  const char *base, const char *key, double value)
{
    for (size_t i = 0; i < sheet->arms; i++) {
        if (is(&sheet->arm[i], task, base) && ccrnn_paper_number(&sheet->arm[i], key) == value)
            return &sheet->arm[i];
    }
    return NULL;
}

static int compare_values(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum ccrnn_status ccrnn_paper_values(struct ccrnn_paper_sheet *sheet,
                                     const struct ccrnn_paper_task *task, const char *base,
                                     const char *key, double **value, size_t *count,
                                     struct ccrnn_error *err)
{
    void *memory;
    *count = 0;
    CCRNN_TRY(
        ccrnn_report_pool_take(&sheet->study->pool, sheet->arms, sizeof **value, &memory, err));
    *value = memory;
    for (size_t i = 0; i < sheet->arms; i++) {
        const double number = ccrnn_paper_number(&sheet->arm[i], key);
        bool again = !isfinite(number);
        for (size_t k = 0; k < *count; k++)
            again |= (*value)[k] == number;
        if (!again && is(&sheet->arm[i], task, base))
            (*value)[(*count)++] = number;
    }
    if (*count > 1)
        qsort(*value, *count, sizeof **value, compare_values);
    return CCRNN_OK;
}

/* How many used runs of an arm have a smaller value, ties by their order. */
static size_t rank_of(const struct ccrnn_report_arm *arm, size_t place,
                      enum ccrnn_report_series_id series)
{
    const double value = ccrnn_report_last(&arm->run[place], series);
    size_t rank = 0;
    for (size_t r = 0; r < arm->runs; r++) {
        const double other = ccrnn_report_last(&arm->run[r], series);
        rank += arm->run[r].used && isfinite(other) &&
                (other < value || (other == value && r < place));
    }
    return rank;
}

const struct ccrnn_report_run *ccrnn_paper_median_run(const struct ccrnn_paper_arm *arm,
                                                      enum ccrnn_report_series_id series)
{
    size_t finite = 0;
    for (size_t r = 0; r < arm->arm->runs; r++)
        finite += arm->arm->run[r].used && isfinite(ccrnn_report_last(&arm->arm->run[r], series));
    for (size_t r = 0; r < arm->arm->runs && finite > 0; r++) {
        const struct ccrnn_report_run *const run = &arm->arm->run[r];
        if (run->used && isfinite(ccrnn_report_last(run, series)) &&
            rank_of(arm->arm, r, series) == (finite - 1) / 2)
            return run;
    }
    return NULL;
}

enum ccrnn_status ccrnn_paper_view(const struct ccrnn_paper_sheet *sheet,
                                   const struct ccrnn_paper_arm *const *arm,
                                   const struct ccrnn_report_run *const *run, size_t arms,
                                   struct ccrnn_report_study *view, struct ccrnn_error *err)
{
    void *memory;
    *view = (struct ccrnn_report_study){.directory = sheet->study->directory,
                                        .name = sheet->study->name,
                                        .description = sheet->study->description,
                                        .prefix = "",
                                        .title = sheet->title};
    CCRNN_TRY(ccrnn_report_pool_take(&view->pool, arms, sizeof *view->arm, &memory, err));
    view->arm = memory;
    for (size_t i = 0; i < arms; i++) {
        CCRNN_TRY(ccrnn_report_pool_take(&view->pool, 1, sizeof **run, &memory, err));
        struct ccrnn_report_run *const copy = memory;
        *copy = *run[i];
        view->arm[i] = *arm[i]->arm;
        view->arm[i].run = copy;
        view->arm[i].runs = view->arm[i].used = 1;
        view->task = ccrnn_report_task_of(arm[i]->task->name);
    }
    view->arms = view->runs = view->used = arms;
    return CCRNN_OK;
}
