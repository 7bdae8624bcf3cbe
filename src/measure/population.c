#include "ccrnn/activity.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "measure/moments.h"
#include "measure/symmetric.h"

/* Treves–Rolls sparseness of each sample, averaged over those that are not silent. */
static void measure_sparsity(const ccrnn_real *x, struct ccrnn_population *found)
{
    const size_t N = found->units;
    double sum = 0;
    for (size_t s = 0; s < found->samples; s++) {
        double absolute = 0, squares = 0;
        for (size_t i = 0; i < N; i++) {
            const double v = (double)x[s * N + i];
            absolute += fabs(v);
            squares += v * v;
        }
        if (squares > 0)
            sum += absolute * absolute / squares;
        else
            found->silent++;
    }
    const size_t heard = found->samples - found->silent;
    if (N > 1 && heard > 0)
        found->sparsity = ((double)N - sum / (double)heard) / ((double)N - 1);
}

/* From the covariance: a unit is constant if its variance is 0. */
static void measure_pairs(const double *covariance, struct ccrnn_population *found)
{
    const size_t N = found->units;
    double sum = 0;
    size_t pairs = 0;
    for (size_t i = 0; i < N; i++) {
        const double own = covariance[i * N + i];
        found->constant += !(own > 0);
        for (size_t j = i + 1; j < N && own > 0; j++) {
            const double other = covariance[j * N + j];
            if (!(other > 0))
                continue;
            sum += fmin(1, fabs(covariance[i * N + j]) / (sqrt(own) * sqrt(other)));
            pairs++;
        }
    }
    if (pairs > 0)
        found->pairwise_correlation = sum / (double)pairs;
}

/* Σλ is the trace and Σλ² the sum of squares of all elements; only λ_max needs to be looked for. */
static enum ccrnn_status measure_spectrum(double *covariance, double *value,
                                          struct ccrnn_population *found, struct ccrnn_error *err)
{
    const size_t N = found->units;
    double squares = 0, trace = 0;
    for (size_t i = 0; i < N * N; i++)
        squares += covariance[i] * covariance[i];
    for (size_t i = 0; i < N; i++)
        trace += covariance[i * N + i];
    found->coding_space = trace;
    if (!(squares > 0))
        return CCRNN_OK;
    found->participation_ratio = trace * trace / squares;
    CCRNN_TRY(ccrnn_symmetric_eigen(covariance, N, value, NULL, err));
    if (N > 1)
        found->population_correlation =
            (double)N / ((double)N - 1) * (value[0] / trace - 1 / (double)N);
    return CCRNN_OK;
}

static enum ccrnn_status measure_moments(const ccrnn_real *x, struct ccrnn_population *found,
                                         struct ccrnn_error *err)
{
    const size_t N = found->units;
    enum ccrnn_status status = CCRNN_OK;
    double *const centred = ccrnn_moments_table(found->samples, N);
    double *const covariance = ccrnn_moments_table(N, N);
    double *const value = ccrnn_moments_table(N, 1);
    if (centred == NULL || covariance == NULL || value == NULL) {
        status = ccrnn_fail(err, CCRNN_MEMORY,
                            "out of memory for the covariance of %zu units; use fewer trials or "
                            "units",
                            N);
    } else {
        ccrnn_moments_centre(x, found->samples, N, centred);
        ccrnn_moments_products(centred, N, centred, N, found->samples, covariance);
        for (size_t i = 0; i < N * N; i++)
            covariance[i] /= (double)(found->samples - 1);
        measure_pairs(covariance, found);
        status = measure_spectrum(covariance, value, found, err);
    }
    free(centred);
    free(covariance);
    free(value);
    return status;
}

enum ccrnn_status ccrnn_activity_population(const ccrnn_real *x, size_t samples, size_t units,
                                            struct ccrnn_population *population,
                                            struct ccrnn_error *err)
{
    *population = (struct ccrnn_population){
        .samples = samples,
        .units = units,
        .pairwise_correlation = NAN,
        .population_correlation = NAN,
        .participation_ratio = NAN,
        .coding_space = NAN,
        .sparsity = NAN,
    };
    if (units == 0 || samples == 0 || !ccrnn_moments_finite(x, samples * units))
        return CCRNN_OK;
    measure_sparsity(x, population);
    return samples > 1 ? measure_moments(x, population, err) : CCRNN_OK;
}
