#include "report/varied.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "report/members.h"
#include "report/text.h"

/* The run that speaks for an arm: its first one with settings; NULL if there is none. */
static const struct ccrnn_report_run *speaker(const struct ccrnn_report_arm *arm)
{
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].settings > 0)
            return &arm->run[r];
    }
    return NULL;
}

/* Two values; NULL is only like NULL. */
static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The number of a key; `keys` if it is not known. */
static size_t find_key(const struct ccrnn_report_varied *options, const char *key, size_t length)
{
    size_t k = 0;
    while (k < options->keys &&
           (strncmp(options->key[k], key, length) != 0 || options->key[k][length] != '\0'))
        k++;
    return k;
}

static enum ccrnn_status list_keys(struct ccrnn_report_study *study,
                                   struct ccrnn_report_varied *options, struct ccrnn_error *err)
{
    size_t capacity = 0;
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_run *const run = speaker(&study->arm[i]);
        for (size_t s = 0; run != NULL && s < run->settings; s++) {
            const char *const key = run->setting[s].key;
            /* these name a run rather than describe it */
            if (strcmp(key, "seed") == 0 || strcmp(key, "arm") == 0 ||
                find_key(options, key, strlen(key)) < options->keys)
                continue;
            void *array = (void *)options->key;
            CCRNN_TRY(ccrnn_report_pool_grow(&study->pool, &array, options->keys, &capacity,
                                             sizeof *options->key, err));
            options->key = array;
            options->key[options->keys++] = key;
        }
    }
    return CCRNN_OK;
}

/* Settings come in one order, so each is looked for behind the one before it first. */
static void fill_values(const struct ccrnn_report_study *study,
                        struct ccrnn_report_varied *options)
{
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_run *const run = speaker(&study->arm[i]);
        size_t next = 0;
        options->as_written += run != NULL && run->as_written;
        for (size_t s = 0; run != NULL && s < run->settings; s++) {
            const char *const key = run->setting[s].key;
            if (next >= options->keys || strcmp(options->key[next], key) != 0)
                next = find_key(options, key, strlen(key));
            if (next >= options->keys)
                continue;
            const char **const value = &options->value[i * options->keys + next++];
            if (*value == NULL) /* said twice, the first counts, as elsewhere */
                *value = run->setting[s].value;
        }
    }
}

const char *ccrnn_report_option_value(const struct ccrnn_report_varied *options, size_t arm,
                                      size_t key)
{
    return options->value[arm * options->keys + key];
}

void ccrnn_report_add_option(struct ccrnn_report_text *page, const char *value)
{
    ccrnn_report_add_html(page, value == NULL ? "–" : *value == '\0' ? "\"\"" : value);
}

/* A name without its words "key=value" of options there are. */
static enum ccrnn_status name_family(struct ccrnn_report_study *study,
                                     const struct ccrnn_report_varied *options, const char *name,
                                     const char **family, struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, strlen(name) + 1, 1, &memory, err));
    char *to = memory;
    *family = memory;
    while (*name != '\0') {
        const size_t word = strcspn(name, " "), key = strcspn(name, " =");
        const bool option = key < word && find_key(options, name, key) < options->keys;
        if (!option) {
            if (to != memory)
                *to++ = ' ';
            memcpy(to, name, word);
            to += word;
        }
        name += word;
        name += *name == ' ';
    }
    if (to == memory)
        *family = "all";
    return CCRNN_OK;
}

static enum ccrnn_status name_families(struct ccrnn_report_study *study,
                                       struct ccrnn_report_varied *options,
                                       struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, study->arms, sizeof *options->family, &memory, err));
    options->family = memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->arms, sizeof *options->family_place,
                                     &memory, err));
    options->family_place = memory;
    for (size_t i = 0; i < study->arms; i++) {
        CCRNN_TRY(name_family(study, options, study->arm[i].name, &options->family[i], err));
        size_t k = 0;
        while (k < i && strcmp(options->family[k], options->family[i]) != 0)
            k++;
        options->family_place[i] = k < i ? options->family_place[k] : options->families++;
    }
    return CCRNN_OK;
}

/* Has a family two values of this option? `first` (families) is for use here. */
static bool is_searched(const struct ccrnn_report_study *study,
                        const struct ccrnn_report_varied *options, size_t key, const char **first)
{
    memset((void *)first, 0, options->families * sizeof *first);
    for (size_t i = 0; i < study->arms; i++) {
        const char *const value = ccrnn_report_option_value(options, i, key);
        const char **const before = &first[options->family_place[i]];
        if (value != NULL && *before != NULL && strcmp(*before, value) != 0)
            return true;
        if (*before == NULL)
            *before = value;
    }
    return false;
}

enum ccrnn_status ccrnn_report_list_options(struct ccrnn_report_study *study,
                                            struct ccrnn_report_varied *options,
                                            struct ccrnn_error *err)
{
    void *memory;
    *options = (struct ccrnn_report_varied){0};
    CCRNN_TRY(list_keys(study, options, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->arms * (options->keys + 1),
                                     sizeof *options->value, &memory, err));
    options->value = memory;
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, 2 * options->keys, sizeof(bool), &memory, err));
    options->differs = memory;
    options->searched = options->differs + options->keys;
    fill_values(study, options);
    CCRNN_TRY(name_families(study, options, err));
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, options->families, sizeof(char *), &memory, err));
    for (size_t k = 0; k < options->keys; k++) {
        for (size_t i = 1; i < study->arms && !options->differs[k]; i++)
            options->differs[k] = !same(ccrnn_report_option_value(options, 0, k),
                                        ccrnn_report_option_value(options, i, k));
        options->searched[k] =
            options->differs[k] && is_searched(study, options, k, (const char **)memory);
    }
    return CCRNN_OK;
}

/* --- how values are spread --------------------------------------------------------------- */

static int compare_reals(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How much likelier values between the ends are evenly spread on a log axis than on an even one: the logarithm of the
 * ratio of the two densities, mean over the values. */
static double evidence_of_log(const double *value, size_t count)
{
    const double low = value[0], high = value[count - 1];
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum -= log(value[i]);
    return sum / (double)count - log(log(high / low)) + log(high - low);
}

static const struct ccrnn_report_written_scale *
find_written(const struct ccrnn_report_study *study, const char *key)
{
    for (size_t i = 0; i < study->scales; i++) {
        if (strcmp(study->scale[i].key, key) == 0)
            return &study->scale[i];
    }
    return NULL;
}

void ccrnn_report_option_scale(const struct ccrnn_report_study *study,
                               const struct ccrnn_report_varied *options, size_t key,
                               double *scratch, struct ccrnn_report_scale *scale)
{
    const double wide =
        4.0; /* a narrower range reads well on an even axis, however it was drawn */
    size_t count = 0;
    *scale = (struct ccrnn_report_scale){.numbers = true, .whole = true};
    for (size_t i = 0; i < study->arms; i++) {
        const char *const text = ccrnn_report_option_value(options, i, key);
        if (text == NULL)
            continue;
        if (!ccrnn_parse_real(text, &scratch[count])) {
            scale->numbers = false;
            return;
        }
        scale->whole = scale->whole && scratch[count] == floor(scratch[count]);
        count++;
    }
    if (count == 0) {
        scale->numbers = false;
        return;
    }
    qsort(scratch, count, sizeof *scratch, compare_reals);
    size_t different = 1;
    for (size_t i = 1; i < count; i++) {
        if (scratch[i] != scratch[different - 1])
            scratch[different++] = scratch[i];
    }
    scale->smallest = scratch[0];
    scale->largest = scratch[different - 1];
    if (different < 3 || scale->smallest <= 0.0)
        return;
    const struct ccrnn_report_written_scale *const written =
        find_written(study, options->key[key]);
    scale->log = written != NULL ? written->log
                                 : scale->largest >= wide * scale->smallest &&
                                       evidence_of_log(scratch, different) > 0.0;
}
