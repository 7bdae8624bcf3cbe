/* Families of arms, compared over the arms of theirs that have the same options. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/many.h"

/* Two families, and the options that tell which of their arms go together. */
struct match {
    const struct ccrnn_report_study *study;
    const struct ccrnn_report_varied *options;
    size_t a, b;
    bool *key; /* (keys) an arm of either has a value */
};

static bool family_has(const struct match *m, size_t family, size_t key)
{
    for (size_t i = 0; i < m->study->arms; i++) {
        if (m->options->family_place[i] == family &&
            ccrnn_report_option_value(m->options, i, key) != NULL)
            return true;
    }
    return false;
}

static int compare_options(const struct match *m, size_t i, size_t k)
{
    for (size_t key = 0; key < m->options->keys; key++) {
        const char *const x = ccrnn_report_option_value(m->options, i, key);
        const char *const y = ccrnn_report_option_value(m->options, k, key);
        if (!m->key[key] || x == y)
            continue;
        const int order = x == NULL ? -1 : y == NULL ? 1 : strcmp(x, y);
        if (order != 0)
            return order;
    }
    return 0;
}

static int compare_arms(const void *a, const void *b, void *context)
{
    const struct match *const m = context;
    const size_t i = *(const size_t *)a, k = *(const size_t *)b;
    const int order = compare_options(m, i, k);
    return order != 0 ? order : (i > k) - (i < k);
}

/* Arms of both families next to those like them: two, one of each, are a pair. @param arm (arms), for use here */
static void find_pairs(struct match *m, size_t *arm, struct ccrnn_report_families *families)
{
    const size_t *const family = m->options->family_place;
    size_t count = 0;
    for (size_t i = 0; i < m->study->arms; i++) {
        if (family[i] == m->a || family[i] == m->b)
            arm[count++] = i;
    }
    qsort_r(arm, count, sizeof *arm, compare_arms, m);
    for (size_t first = 0, next; first < count; first = next) {
        next = first + 1;
        while (next < count && compare_options(m, arm[first], arm[next]) == 0)
            next++;
        if (next - first != 2 || family[arm[first]] == family[arm[first + 1]])
            continue;
        const bool turned = family[arm[first]] == m->b;
        families->a[families->pairs] = arm[first + turned];
        families->b[families->pairs++] = arm[first + !turned];
    }
}

static const char *family_name(const struct ccrnn_report_varied *options, size_t family)
{
    size_t i = 0;
    while (options->family_place[i] != family)
        i++;
    return options->family[i];
}

static enum ccrnn_status pair_two(struct ccrnn_report_study *study, struct match *m, size_t *arm,
                                  struct ccrnn_report_families *families, struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, 2 * study->arms, sizeof *families->a, &memory, err));
    *families = (struct ccrnn_report_families){.name_a = family_name(m->options, m->a),
                                               .name_b = family_name(m->options, m->b),
                                               .a = memory,
                                               .b = (size_t *)memory + study->arms};
    for (size_t key = 0; key < m->options->keys; key++)
        m->key[key] =
            m->options->searched[key] && family_has(m, m->a, key) && family_has(m, m->b, key);
    find_pairs(m, arm, families);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_pair_families(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_varied *options,
                                             struct ccrnn_report_families **families,
                                             size_t *count, struct ccrnn_error *err)
{
    struct match m = {.study = study, .options = options};
    void *memory, *arm;
    *count = 0;
    *families = NULL;
    if (options->families < 2 || options->families > CCRNN_REPORT_FAMILIES_TESTED)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, CCRNN_REPORT_FAMILY_TESTS_MOST,
                                     sizeof **families, &memory, err));
    *families = memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, options->keys, sizeof *m.key, &memory, err));
    m.key = memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->arms, sizeof(size_t), &arm, err));
    for (m.a = 0; m.a < options->families; m.a++) {
        for (m.b = m.a + 1; m.b < options->families; m.b++) {
            CCRNN_TRY(pair_two(study, &m, arm, &(*families)[*count], err));
            *count += (*families)[*count].pairs > 0;
        }
    }
    return CCRNN_OK;
}

/* Means over the seeds that both arms have; false if there is none. */
static bool paired_means(const struct ccrnn_report_arm *a, const struct ccrnn_report_arm *b,
                         enum ccrnn_report_series_id series, double *of_a, double *of_b)
{
    double sum_a = 0.0, sum_b = 0.0;
    size_t pairs = 0;
    for (size_t i = 0, k = 0; i < a->runs && k < b->runs;) {
        const struct ccrnn_report_run *const x = &a->run[i], *const y = &b->run[k];
        const double u = ccrnn_report_last(x, series), v = ccrnn_report_last(y, series);
        if (x->seed == y->seed && x->used && y->used && isfinite(u) && isfinite(v)) {
            sum_a += u;
            sum_b += v;
            pairs++;
        }
        i += x->seed <= y->seed;
        k += y->seed <= x->seed;
    }
    if (pairs == 0)
        return false;
    *of_a = sum_a / (double)pairs;
    *of_b = sum_b / (double)pairs;
    return true;
}

/* @param value (2, arms), for use here */
static enum ccrnn_status test_two(const struct ccrnn_report_study *study,
                                  const struct ccrnn_report_families *families,
                                  enum ccrnn_report_series_id series, double *value,
                                  struct ccrnn_report_family_test *test, struct ccrnn_error *err)
{
    double *const of_a = value, *const of_b = value + study->arms;
    size_t pairs = 0;
    *test = (struct ccrnn_report_family_test){0};
    for (size_t i = 0; i < families->pairs; i++) {
        if (!paired_means(&study->arm[families->a[i]], &study->arm[families->b[i]], series,
                          &of_a[pairs], &of_b[pairs]))
            continue;
        test->lower += of_a[pairs] < of_b[pairs];
        pairs++;
    }
    ccrnn_statistics_paired_test(of_a, of_b, pairs, &test->test);
    return ccrnn_statistics_wilcoxon(of_a, of_b, pairs, &test->wilcoxon, err);
}

enum ccrnn_status ccrnn_report_test_families(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_families *families,
                                             size_t count, enum ccrnn_report_series_id series,
                                             struct ccrnn_report_family_test *test,
                                             struct ccrnn_error *err)
{
    double p[CCRNN_REPORT_FAMILY_TESTS_MOST];
    void *value;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, 2 * study->arms, sizeof(double), &value, err));
    for (size_t i = 0; i < count; i++) {
        CCRNN_TRY(test_two(study, &families[i], series, value, &test[i], err));
        p[i] = test[i].wilcoxon.p;
    }
    CCRNN_TRY(ccrnn_statistics_holm(p, count, p, err));
    for (size_t i = 0; i < count; i++)
        test[i].holm = p[i];
    return CCRNN_OK;
}
