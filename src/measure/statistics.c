#include "ccrnn/statistics.h"

#include <float.h>
#include <math.h>

/* Differences whose spread is below this many roundings of the largest value compared count as
 * equal. */
#define ROUNDINGS 8.0

/* value[i], or value[i] − minus[i]. */
static double element(const double *value, const double *minus, size_t i)
{
    return minus == NULL ? value[i] : value[i] - minus[i];
}

/* Two passes: the mean first, then squared deviations, with the correction of Chan, Golub and
 * LeVeque (1983) for the rounding of the mean. */
static void summarise(const double *value, const double *minus, size_t n,
                      struct ccrnn_summary *summary)
{
    *summary = (struct ccrnn_summary){.mean = NAN,
                                      .sd = NAN,
                                      .sem = NAN,
                                      .ci_low = NAN,
                                      .ci_high = NAN,
                                      .smallest = NAN,
                                      .largest = NAN};
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double x = element(value, minus, i);
        if (!isfinite(x)) {
            summary->missing++;
            continue;
        }
        summary->n++;
        sum += x;
        summary->smallest = fmin(summary->smallest, x);
        summary->largest = fmax(summary->largest, x);
    }
    if (summary->n == 0)
        return;
    const double count = (double)summary->n;
    summary->mean = sum / count;
    if (summary->n < 2)
        return;
    double squares = 0.0, rest = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double x = element(value, minus, i);
        if (!isfinite(x))
            continue;
        const double deviation = x - summary->mean;
        squares += deviation * deviation;
        rest += deviation;
    }
    squares = fmax(squares - rest * rest / count, 0.0);
    summary->sd = sqrt(squares / (count - 1.0));
    summary->sem = summary->sd / sqrt(count);
    const double half = ccrnn_statistics_t_quantile(0.975, count - 1.0) * summary->sem;
    summary->ci_low = summary->mean - half;
    summary->ci_high = summary->mean + half;
}

void ccrnn_statistics_summarise(const double *value, size_t n, struct ccrnn_summary *summary)
{
    summarise(value, NULL, n, summary);
}

void ccrnn_statistics_paired_test(const double *a, const double *b, size_t n,
                                  struct ccrnn_paired_test *test)
{
    *test = (struct ccrnn_paired_test){.t = NAN, .p = NAN, .dz = NAN};
    summarise(a, b, n, &test->difference);
    test->pairs = test->difference.n;
    test->missing = test->difference.missing;
    test->df = test->pairs == 0 ? 0.0 : (double)test->pairs - 1.0;
    test->enough = test->pairs >= CCRNN_PAIRS_MIN;
    if (!test->enough)
        return;
    double scale = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(a[i] - b[i]))
            scale = fmax(scale, fmax(fabs(a[i]), fabs(b[i])));
    }
    test->constant =
        test->difference.largest - test->difference.smallest <= ROUNDINGS * DBL_EPSILON * scale;
    if (test->constant)
        return;
    test->t = test->difference.mean / test->difference.sem;
    test->dz = test->difference.mean / test->difference.sd;
    test->p = ccrnn_statistics_t_two_sided(test->t, test->df);
}
