/* Bootstrap intervals of a mean. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ccrnn/random.h"
#include "ccrnn/statistics.h"

#define TAIL 0.025 /* on each side of a 95 % interval */

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double mean_of(const double *value, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    return sum / (double)n;
}

/* The quantile of sorted values, linear between them (type 7 of Hyndman and Fan, as numpy). */
static double quantile(const double *sorted, size_t count, double share)
{
    const double place = share * (double)(count - 1);
    const size_t below = (size_t)floor(place);
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* Share of the sorted means below `mean`, those equal to it counted as half. */
static double share_below(const double *sorted, size_t count, double mean)
{
    size_t less = 0, equal = 0;
    for (size_t i = 0; i < count; i++) {
        less += sorted[i] < mean;
        equal += sorted[i] == mean;
    }
    return ((double)less + 0.5 * (double)equal) / (double)count;
}

/* Skewness of the influence of single values: for a mean, of the values themselves. */
static double acceleration(const double *value, size_t n, double mean)
{
    double squares = 0.0, cubes = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double u = value[i] - mean;
        squares += u * u;
        cubes += u * u * u;
    }
    return cubes / (6.0 * pow(squares, 1.5));
}

/* The quantile that takes the place of `share` (Efron 1987, eq. 6.8). */
static double corrected(double share, double bias, double slope)
{
    const double z = bias + ccrnn_statistics_t_quantile(share, INFINITY);
    return ccrnn_statistics_t_cdf(bias + z / (1.0 - slope * z), INFINITY);
}

void ccrnn_statistics_bootstrap_interval(double *mean, size_t resamples, const double *value,
                                         size_t n, struct ccrnn_bootstrap *interval)
{
    const double observed = mean_of(value, n);
    qsort(mean, resamples, sizeof *mean, rising);
    *interval = (struct ccrnn_bootstrap){quantile(mean, resamples, TAIL),
                                         quantile(mean, resamples, 1.0 - TAIL), NAN, NAN};
    const double bias =
        ccrnn_statistics_t_quantile(share_below(mean, resamples, observed), INFINITY);
    const double slope = acceleration(value, n, observed);
    if (!isfinite(bias) || !isfinite(slope))
        return;
    interval->bca_low = quantile(mean, resamples, corrected(TAIL, bias, slope));
    interval->bca_high = quantile(mean, resamples, corrected(1.0 - TAIL, bias, slope));
}

/* Resample r has the stream of its number: none depends on how many there are. */
static void resample(const double *value, size_t n, uint64_t seed, double *mean, size_t resamples)
{
    for (size_t r = 0; r < resamples; r++) {
        struct ccrnn_random stream;
        double sum = 0.0;
        ccrnn_random_start(&stream, seed, CCRNN_RANDOM_BOOTSTRAP, 0, (uint32_t)r);
        for (size_t i = 0; i < n; i++)
            sum += value[ccrnn_random_below(&stream, (uint32_t)n)];
        mean[r] = sum / (double)n;
    }
}

enum ccrnn_status ccrnn_statistics_bootstrap(const double *value, size_t n, size_t resamples,
                                             uint64_t seed, struct ccrnn_bootstrap *interval,
                                             struct ccrnn_error *err)
{
    *interval = (struct ccrnn_bootstrap){NAN, NAN, NAN, NAN};
    if (resamples < 1 || resamples > CCRNN_BOOTSTRAP_MAX || n > UINT32_MAX)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "bootstrap: expected 1 to %d resamples of fewer than 2^32 values, found "
            "%zu of %zu",
            CCRNN_BOOTSTRAP_MAX, resamples, n);
    double *const kept = calloc(n + 1, sizeof *kept), *const mean =
                                                          calloc(resamples, sizeof *mean);
    enum ccrnn_status status = CCRNN_OK;
    size_t count = 0;
    bool differ = false;
    if (kept == NULL || mean == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu resamples", resamples);
    for (size_t i = 0; status == CCRNN_OK && i < n; i++)
        if (isfinite(value[i])) {
            kept[count++] = value[i];
            differ = differ || value[i] != kept[0];
        }
    if (differ) {
        resample(kept, count, seed, mean, resamples);
        ccrnn_statistics_bootstrap_interval(mean, resamples, kept, count, interval);
    }
    free(kept);
    free(mean);
    return status;
}
