/* Families of arms, compared over the arms of theirs that have the same options. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/many.h"
#include "report/text.h"

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
        size_t of[2] = {family[arm[first]] == m->a, family[arm[first]] == m->b};
        for (; next < count && compare_options(m, arm[first], arm[next]) == 0; next++)
            of[family[arm[next]] == m->b]++;
        for (size_t side = 0; side < 2; side++) {
            families->arms[side] += of[side];
            families->crowded[side] += of[0] > 0 && of[1] > 0 && next - first > 2 ? of[side] : 0;
        }
        if (of[0] != 1 || of[1] != 1)
            continue;
        const bool turned = family[arm[first]] == m->b;
        families->a[families->pairs] = arm[first + turned];
        families->b[families->pairs++] = arm[first + !turned];
    }
}

/* Has a family two values of this option? */
static bool family_varies(const struct match *m, size_t family, size_t key)
{
    const char *first = NULL;
    for (size_t i = 0; i < m->study->arms; i++) {
        const char *const value = ccrnn_report_option_value(m->options, i, key);
        if (m->options->family_place[i] != family || value == NULL)
            continue;
        if (first != NULL && strcmp(first, value) != 0)
            return true;
        first = value;
    }
    return false;
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
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, m->options->keys, sizeof *families->own,
                                     &memory, err));
    families->own = memory;
    for (size_t key = 0; key < m->options->keys; key++) {
        const bool a = family_has(m, m->a, key), b = family_has(m, m->b, key);
        m->key[key] = m->options->searched[key] && a && b;
        if (a != b && family_varies(m, a ? m->a : m->b, key))
            families->own[families->owns++] = key;
    }
    find_pairs(m, arm, families);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_pair_families(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_varied *options,
                                             struct ccrnn_report_families **families,
                                             size_t *count, size_t *paired,
                                             struct ccrnn_error *err)
{
    struct match m = {.study = study, .options = options};
    struct ccrnn_report_families without[CCRNN_REPORT_FAMILY_TESTS_MOST], two;
    size_t others = 0;
    void *memory, *arm;
    *count = *paired = 0;
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
            CCRNN_TRY(pair_two(study, &m, arm, &two, err));
            if (two.pairs > 0)
                (*families)[(*paired)++] = two;
            else
                without[others++] = two;
        }
    }
    memcpy(*families + *paired, without, others * sizeof *without);
    *count = *paired + others;
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

/* --- who is in no pair ------------------------------------------------------------------- */

static void add_arms(struct ccrnn_report_text *page, size_t count, const char *family)
{
    ccrnn_report_add(page, "%zu %s of ", count, count == 1 ? "arm" : "arms");
    ccrnn_report_add_html(page, family);
}

/* "3 arms of cRNN and 9 arms of ccRNN"; those of which there are none are not said. */
static void add_both(struct ccrnn_report_text *page, const struct ccrnn_report_families *two,
                     const size_t count[2])
{
    if (count[0] > 0)
        add_arms(page, count[0], two->name_a);
    if (count[0] > 0 && count[1] > 0)
        ccrnn_report_add(page, " and ");
    if (count[1] > 0)
        add_arms(page, count[1], two->name_b);
}

/* Options that make several arms of one family out of one of the other. */
static void add_own(struct ccrnn_report_text *page, const struct ccrnn_report_varied *options,
                    const struct ccrnn_report_families *two)
{
    for (size_t i = 0; i < two->owns; i++) {
        ccrnn_report_add(page, "%s<code>", i == 0 ? ": " : ", ");
        ccrnn_report_add_html(page, options->key[two->own[i]]);
        ccrnn_report_add(page, "</code>");
    }
    if (two->owns > 0)
        ccrnn_report_add(page, " %s in one of the two only and %s no effect in the other",
                         two->owns == 1 ? "varies" : "vary", two->owns == 1 ? "has" : "have");
}

/* @param tested pairs that are in the test */
static void add_unpaired(struct ccrnn_report_text *page,
                         const struct ccrnn_report_varied *options,
                         const struct ccrnn_report_families *two, size_t tested)
{
    const size_t alone[2] = {two->arms[0] - two->crowded[0] - two->pairs,
                             two->arms[1] - two->crowded[1] - two->pairs};
    if (two->arms[0] == tested && two->arms[1] == tested)
        return;
    ccrnn_report_add(page, "<p class=\"files\">");
    ccrnn_report_add_html(page, two->name_a);
    ccrnn_report_add(page, " − ");
    ccrnn_report_add_html(page, two->name_b);
    ccrnn_report_add(page, tested == 0 ? ": not tested. Of " : ": %zu pairs of ", tested);
    add_both(page, two, two->arms);
    if (tested == 0)
        ccrnn_report_add(page, " no two are a pair with values");
    ccrnn_report_add(page, ".");
    if (two->crowded[0] > 0) {
        ccrnn_report_add(page, " ");
        add_both(page, two, two->crowded);
        ccrnn_report_add(page, " have the same options, but not one to one");
        add_own(page, options, two);
        ccrnn_report_add(page, ".");
    }
    if (alone[0] + alone[1] > 0) {
        ccrnn_report_add(page, " ");
        add_both(page, two, alone);
        ccrnn_report_add(page,
                         " %s options that no arm of the other family has of which a run "
                         "was begun.",
                         alone[0] + alone[1] == 1 ? "has" : "have");
    }
    if (tested < two->pairs)
        ccrnn_report_add(
            page,
            " %zu more %s left out because the two arms have no seed of which both have a "
            "finished run with a finite value.",
            two->pairs - tested, two->pairs - tested == 1 ? "pair is" : "pairs are");
    ccrnn_report_add(page, "</p>\n");
}

void ccrnn_report_add_unpaired(struct ccrnn_report_text *page,
                               const struct ccrnn_report_varied *options,
                               const struct ccrnn_report_families *families, size_t count,
                               size_t paired, const struct ccrnn_report_family_test *test)
{
    if (options->families > CCRNN_REPORT_FAMILIES_TESTED)
        ccrnn_report_add(page,
                         "<p class=\"files\">The arms are of %zu families, called alike but for "
                         "their options; of more than %d none is tested.</p>\n",
                         options->families, CCRNN_REPORT_FAMILIES_TESTED);
    for (size_t i = 0; i < count; i++)
        add_unpaired(page, options, &families[i], i < paired ? test[i].test.pairs : 0);
}
