#include "ccrnn/weight_statistics.h"

#include <math.h>

struct sums {
    double sum, squares, largest;
    size_t count, zeros;
};

static struct sums add_up(const ccrnn_real *weight, const ccrnn_real *mask, size_t count)
{
    struct sums sums = {0};
    for (size_t i = 0; i < count; i++) {
        if (mask != NULL && mask[i] == 0)
            continue;
        const double w = (double)weight[i];
        sums.sum += w;
        sums.squares += w * w;
        sums.largest = fmax(sums.largest, fabs(w));
        sums.zeros += w == 0;
        sums.count++;
    }
    return sums;
}

/* Σ (w − mean)², in a pass of its own, which keeps its precision where the mean is large. */
static double deviations(const ccrnn_real *weight, const ccrnn_real *mask, size_t count,
                         double mean)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (mask == NULL || mask[i] != 0)
            sum += ((double)weight[i] - mean) * ((double)weight[i] - mean);
    return sum;
}

void ccrnn_weight_statistics_measure(const ccrnn_real *weight, const ccrnn_real *mask,
                                     size_t count, struct ccrnn_weight_statistics *statistics)
{
    const struct sums sums = add_up(weight, mask, count);
    *statistics = (struct ccrnn_weight_statistics){sums.count, NAN, NAN, NAN, NAN, NAN, NAN};
    if (sums.count == 0 || isnan(sums.sum))
        return;
    const double n = (double)sums.count;
    statistics->mean = sums.sum / n;
    statistics->rms = sqrt(sums.squares / n);
    statistics->largest = sums.largest;
    statistics->norm = sqrt(sums.squares);
    statistics->zeros = (double)sums.zeros / n;
    if (sums.count > 1)
        statistics->sd = sqrt(deviations(weight, mask, count, statistics->mean) / (n - 1));
}
