#include "ccrnn/activity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/moments.h"

static const double levels[CCRNN_COUPLING_QUANTILES] = {0.1, 0.25, 0.5, 0.75, 0.9};

/* Activity less its mean, and how much each unit varies. */
struct varying {
    double *centred; /* (samples,units) */
    double *squares; /* (units) */
    size_t units;
};

static enum ccrnn_status prepare(const ccrnn_real *x, size_t samples, size_t units,
                                 struct varying *varying, struct ccrnn_error *err)
{
    *varying = (struct varying){ccrnn_moments_table(samples, units),
                                ccrnn_moments_table(units, 1), units};
    if (varying->centred == NULL || varying->squares == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY,
                          "out of memory for a coupling: %zu samples of %zu units; use fewer "
                          "trials",
                          samples, units);
    ccrnn_moments_centre(x, samples, units, varying->centred);
    ccrnn_moments_squares(varying->centred, samples, units, varying->squares);
    return CCRNN_OK;
}

static void release(struct varying *varying)
{
    free(varying->centred);
    free(varying->squares);
}

/* Products of centred series into |r|. */
static void normalise(const struct varying *x, const struct varying *y, double *coupling)
{
    for (size_t i = 0; i < x->units; i++)
        for (size_t j = 0; j < y->units; j++) {
            double *const r = &coupling[i * y->units + j];
            const double norms = sqrt(x->squares[i]) * sqrt(y->squares[j]);
            const double value = norms > 0 ? fabs(*r) / norms : (double)NAN;
            *r = value > 1 ? 1 : value;
        }
}

enum ccrnn_status ccrnn_activity_coupling(const ccrnn_real *x, size_t x_units,
                                          const ccrnn_real *y, size_t y_units, size_t samples,
                                          double *coupling, struct ccrnn_error *err)
{
    if (samples < 2) {
        for (size_t i = 0; i < x_units * y_units; i++)
            coupling[i] = NAN;
        return CCRNN_OK;
    }
    struct varying one, other = {0};
    enum ccrnn_status status = prepare(x, samples, x_units, &one, err);
    if (status == CCRNN_OK)
        status = prepare(y, samples, y_units, &other, err);
    if (status == CCRNN_OK) {
        ccrnn_moments_products(one.centred, x_units, other.centred, y_units, samples, coupling);
        normalise(&one, &other, coupling);
    }
    release(&one);
    release(&other);
    return status;
}

static int rising(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Linear between the values around place level · (n − 1). */
static double quantile(const double *sorted, size_t n, double level)
{
    const double place = level * (double)(n - 1);
    const size_t below = (size_t)place;
    const size_t above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

enum ccrnn_status ccrnn_activity_summarise_coupling(const double *coupling, size_t pairs,
                                                    struct ccrnn_coupling *summary,
                                                    struct ccrnn_error *err)
{
    *summary = (struct ccrnn_coupling){.mean = NAN};
    for (size_t q = 0; q < CCRNN_COUPLING_QUANTILES; q++)
        summary->quantile[q] = NAN;
    double *const sorted = ccrnn_moments_table(pairs + 1, 1);
    if (sorted == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %zu correlations", pairs);
    double sum = 0;
    for (size_t i = 0; i < pairs; i++) {
        if (isnan(coupling[i]))
            continue;
        sorted[summary->pairs++] = coupling[i];
        sum += coupling[i];
    }
    summary->undefined = pairs - summary->pairs;
    if (summary->pairs > 0) {
        qsort(sorted, summary->pairs, sizeof *sorted, rising);
        summary->mean = sum / (double)summary->pairs;
        for (size_t q = 0; q < CCRNN_COUPLING_QUANTILES; q++)
            summary->quantile[q] = quantile(sorted, summary->pairs, levels[q]);
    }
    free(sorted);
    return CCRNN_OK;
}

void ccrnn_activity_coupling_histogram(const double *coupling, size_t pairs, size_t bins,
                                       size_t *count)
{
    memset(count, 0, bins * sizeof *count);
    for (size_t i = 0; i < pairs; i++) {
        if (!(coupling[i] >= 0 && coupling[i] <= 1))
            continue;
        const size_t bin = (size_t)(coupling[i] * (double)bins);
        count[bin < bins ? bin : bins - 1]++;
    }
}

double ccrnn_activity_coupling_shift(const double *now, const double *before, size_t pairs)
{
    double sum = 0;
    size_t defined = 0;
    for (size_t i = 0; i < pairs; i++) {
        if (isnan(now[i]) || isnan(before[i]))
            continue;
        sum += fabs(now[i] - before[i]);
        defined++;
    }
    return defined > 0 ? sum / (double)defined : (double)NAN;
}
