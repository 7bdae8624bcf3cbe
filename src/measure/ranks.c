/* Tests of ranks: Wilcoxon, Friedman with its analysis of variance, and Holm's correction. */
#define _GNU_SOURCE
#include "measure/ranks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ccrnn/statistics.h"

static int by_value(const void *a, const void *b, void *context)
{
    const double *const value = context;
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    if (value[i] != value[j])
        return value[i] < value[j] ? -1 : 1;
    return (i > j) - (i < j);
}

/* Places of n values in rising order. */
static void sort_places(const double *value, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_value, (void *)(uintptr_t)value);
}

double ccrnn_ranks(const double *value, size_t n, size_t *order, double *rank)
{
    double ties = 0.0;
    sort_places(value, n, order);
    for (size_t i = 0, end = 0; i < n; i = end) {
        while (end < n && value[order[end]] == value[order[i]])
            end++;
        const double count = (double)(end - i);
        for (size_t j = i; j < end; j++)
            rank[order[j]] = 0.5 * ((double)i + 1.0 + (double)end);
        ties += count * count * count - count;
    }
    return ties;
}

/* --- Wilcoxon ---------------------------------------------------------------------------- */

/* Twice the ranks are whole numbers, whose sum is at most n(n + 1). */
#define WAYS_SIZE (CCRNN_WILCOXON_EXACT_MAX * (CCRNN_WILCOXON_EXACT_MAX + 1) + 1)

/* Of all 2^n choices of signs, the share whose rank sum is as far out as `plus`, both tails. The counts
 * are whole numbers below 2^53 and therefore exact. */
static double exact_p(const double *rank, size_t n, double plus)
{
    double ways[WAYS_SIZE] = {1.0};
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t twice = (size_t)lround(2.0 * rank[i]);
        most += twice;
        for (size_t sum = most; sum >= twice; sum--)
            ways[sum] += ways[sum - twice];
    }
    const size_t found = (size_t)lround(2.0 * plus);
    double below = 0.0, above = 0.0;
    for (size_t sum = 0; sum <= most; sum++) {
        below += sum <= found ? ways[sum] : 0.0;
        above += sum >= found ? ways[sum] : 0.0;
    }
    return fmin(1.0, ldexp(2.0 * fmin(below, above), -(int)n));
}

static double normal_p(size_t n, double plus, double ties)
{
    const double count = (double)n;
    const double mean = 0.25 * count * (count + 1.0);
    const double variance = (count * (count + 1.0) * (2.0 * count + 1.0) - 0.5 * ties) / 24.0;
    return erfc(fabs(plus - mean) / sqrt(2.0 * variance));
}

/* Sizes of the differences that count, and the sum of the ranks of positive ones. */
static void test_ranks(const double *difference, double *size, size_t *order, double *rank,
                       struct ccrnn_wilcoxon *test)
{
    for (size_t i = 0; i < test->pairs; i++)
        size[i] = fabs(difference[i]);
    const double ties = ccrnn_ranks(size, test->pairs, order, rank);
    for (size_t i = 0; i < test->pairs; i++)
        if (difference[i] > 0.0)
            test->plus += rank[i];
    test->enough = test->pairs >= CCRNN_PAIRS_MIN;
    test->exact = test->pairs <= CCRNN_WILCOXON_EXACT_MAX;
    if (!test->enough)
        return;
    test->p = test->exact ? exact_p(rank, test->pairs, test->plus)
                          : normal_p(test->pairs, test->plus, ties);
}

enum ccrnn_status ccrnn_statistics_wilcoxon(const double *a, const double *b, size_t n,
                                            struct ccrnn_wilcoxon *test, struct ccrnn_error *err)
{
    *test = (struct ccrnn_wilcoxon){.p = NAN};
    double *const memory = calloc(3 * n + 1, sizeof *memory);
    size_t *const order = calloc(n + 1, sizeof *order);
    enum ccrnn_status status = CCRNN_OK;
    if (memory == NULL || order == NULL) {
        status = ccrnn_fail(err, CCRNN_MEMORY, "no memory for a test of %zu pairs", n);
    } else {
        for (size_t i = 0; i < n; i++) {
            const double difference = a[i] - b[i];
            if (!isfinite(difference))
                test->missing++;
            else if (difference == 0.0)
                test->zeros++;
            else
                memory[test->pairs++] = difference;
        }
        test_ranks(memory, memory + n, order, memory + 2 * n, test);
    }
    free(memory);
    free(order);
    return status;
}

/* --- several measurements of each subject ------------------------------------------------ */

static bool is_complete(const double *row, size_t k)
{
    for (size_t j = 0; j < k; j++)
        if (!isfinite(row[j]))
            return false;
    return true;
}

/* χ² of Friedman from the sums of ranks; `ties` is Σ (t³ − t) over all rows. */
static void friedman(const double *rank_sum, double ties, struct ccrnn_comparison *c)
{
    const double n = (double)c->subjects, k = (double)c->levels;
    const double correction = 1.0 - ties / (k * (k * k - 1.0) * n);
    double squares = 0.0;
    for (size_t j = 0; j < c->levels; j++)
        squares += rank_sum[j] * rank_sum[j];
    if (!(correction > 0.0))
        return;
    c->chi2 = (12.0 / (k * n * (k + 1.0)) * squares - 3.0 * n * (k + 1.0)) / correction;
    c->p = ccrnn_statistics_chi2_upper(fmax(c->chi2, 0.0), c->df);
}

/* Sums of squares between and within the levels, in two passes. */
static void analyse_variance(const double *value, size_t subjects, double *mean,
                             struct ccrnn_comparison *c)
{
    const size_t k = c->levels;
    const double n = (double)c->subjects;
    double grand = 0.0, between = 0.0, within = 0.0;
    memset(mean, 0, k * sizeof *mean);
    for (size_t i = 0; i < subjects; i++)
        for (size_t j = 0; j < k && is_complete(value + i * k, k); j++)
            mean[j] += value[i * k + j] / n;
    for (size_t j = 0; j < k; j++)
        grand += mean[j] / (double)k;
    for (size_t j = 0; j < k; j++)
        between += n * (mean[j] - grand) * (mean[j] - grand);
    for (size_t i = 0; i < subjects; i++)
        for (size_t j = 0; j < k && is_complete(value + i * k, k); j++)
            within += (value[i * k + j] - mean[j]) * (value[i * k + j] - mean[j]);
    if (!(within > 0.0))
        return;
    c->f = (between / c->df1) / (within / c->df2);
    c->p_anova = ccrnn_statistics_f_upper(c->f, c->df1, c->df2);
}

/* `sum` and `rank` have room for k numbers each. */
static void compare(const double *value, size_t subjects, double *sum, double *rank,
                    size_t *order, struct ccrnn_comparison *c)
{
    double ties = 0.0;
    for (size_t i = 0; i < subjects; i++) {
        if (!is_complete(value + i * c->levels, c->levels)) {
            c->missing++;
            continue;
        }
        c->subjects++;
        ties += ccrnn_ranks(value + i * c->levels, c->levels, order, rank);
        for (size_t j = 0; j < c->levels; j++)
            sum[j] += rank[j];
    }
    c->enough = c->subjects >= CCRNN_PAIRS_MIN && c->levels >= 2;
    if (!c->enough)
        return;
    c->df = c->df1 = (double)c->levels - 1.0;
    c->df2 = (double)c->levels * ((double)c->subjects - 1.0);
    friedman(sum, ties, c);
    analyse_variance(value, subjects, sum, c);
}

enum ccrnn_status ccrnn_statistics_compare(const double *value, size_t subjects, size_t k,
                                           struct ccrnn_comparison *comparison,
                                           struct ccrnn_error *err)
{
    *comparison = (struct ccrnn_comparison){.levels = k,
                                            .chi2 = NAN,
                                            .df = NAN,
                                            .p = NAN,
                                            .f = NAN,
                                            .df1 = NAN,
                                            .df2 = NAN,
                                            .p_anova = NAN};
    double *const memory = calloc(2 * k + 1, sizeof *memory);
    size_t *const order = calloc(k + 1, sizeof *order);
    enum ccrnn_status status = CCRNN_OK;
    if (memory == NULL || order == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "no memory to compare %zu measurements", k);
    else
        compare(value, subjects, memory, memory + k, order, comparison);
    free(memory);
    free(order);
    return status;
}

/* --- Holm -------------------------------------------------------------------------------- */

enum ccrnn_status ccrnn_statistics_holm(const double *p, size_t n, double *adjusted,
                                        struct ccrnn_error *err)
{
    double *const kept = calloc(n + 1, sizeof *kept);
    size_t *const place = calloc(n + 1, sizeof *place), *const order =
                                                            calloc(n + 1, sizeof *order);
    enum ccrnn_status status = CCRNN_OK;
    size_t count = 0;
    if (kept == NULL || place == NULL || order == NULL) {
        status = ccrnn_fail(err, CCRNN_MEMORY, "no memory to correct %zu tests", n);
    } else {
        for (size_t i = 0; i < n; i++) {
            adjusted[i] = p[i];
            if (!isnan(p[i])) {
                kept[count] = p[i];
                place[count++] = i;
            }
        }
        sort_places(kept, count, order);
        double largest = 0.0;
        for (size_t i = 0; i < count; i++) {
            largest = fmax(largest, fmin(1.0, (double)(count - i) * kept[order[i]]));
            adjusted[place[order[i]]] = largest;
        }
    }
    free(kept);
    free(place);
    free(order);
    return status;
}
