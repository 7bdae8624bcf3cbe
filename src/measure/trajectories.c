#include "ccrnn/trajectories.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/moments.h"
#include "measure/symmetric.h"

static bool is_cue(int32_t cue, size_t cues)
{
    return cue >= 0 && (size_t)cue < cues;
}

void ccrnn_trajectories_mean(const ccrnn_real *state, const int32_t *cue, size_t moments,
                             size_t trials, size_t units, size_t cues, double *mean,
                             size_t *count)
{
    memset(count, 0, cues * sizeof *count);
    for (size_t b = 0; b < trials; b++)
        if (is_cue(cue[b], cues))
            count[cue[b]]++;
    for (size_t t = 0; t < moments; t++) {
        double *const here = mean + t * cues * units;
        memset(here, 0, cues * units * sizeof *here);
        for (size_t b = 0; b < trials; b++)
            for (size_t i = 0; is_cue(cue[b], cues) && i < units; i++)
                here[(size_t)cue[b] * units + i] += (double)state[(t * trials + b) * units + i];
        for (size_t k = 0; k < cues; k++)
            for (size_t i = 0; i < units; i++)
                here[k * units + i] =
                    count[k] > 0 ? here[k * units + i] / (double)count[k] : (double)NAN;
    }
}

static double distance_of(const double *a, const double *b, size_t dims)
{
    double sum = 0;
    for (size_t i = 0; i < dims; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

void ccrnn_trajectories_distance(const double *point, size_t moments, size_t cues, size_t row,
                                 size_t dims, double *distance)
{
    const double pairs = 0.5 * (double)cues * ((double)cues - 1);
    for (size_t t = 0; t < moments; t++) {
        const double *const here = point + t * cues * row;
        double sum = 0;
        for (size_t k = 0; k < cues; k++)
            for (size_t l = k + 1; l < cues; l++)
                sum += distance_of(here + k * row, here + l * row, dims);
        distance[t] = cues > 1 ? sum / pairs : (double)NAN;
    }
}

/* --- principal components ---------------------------------------------------------------- */

struct analysis {
    double *centred;    /* (points,units) */
    double *covariance; /* (units,units) */
    double *vector;     /* (units,units) */
};

static void centre(const double *point, size_t points, size_t units, double *centred)
{
    for (size_t i = 0; i < units; i++) {
        double sum = 0;
        for (size_t p = 0; p < points; p++)
            sum += point[p * units + i];
        for (size_t p = 0; p < points; p++)
            centred[p * units + i] = point[p * units + i] - sum / (double)points;
    }
}

static void project(const struct analysis *analysis, size_t points, size_t units, size_t count,
                    double *score)
{
    for (size_t p = 0; p < points; p++)
        for (size_t k = 0; k < count; k++) {
            double sum = 0;
            for (size_t i = 0; i < units; i++)
                sum += analysis->centred[p * units + i] * analysis->vector[k * units + i];
            score[p * count + k] = sum;
        }
}

static enum ccrnn_status analyse(const struct analysis *analysis, const double *point,
                                 size_t points, size_t units, double *variance,
                                 struct ccrnn_error *err)
{
    centre(point, points, units, analysis->centred);
    ccrnn_moments_products(analysis->centred, units, analysis->centred, units, points,
                           analysis->covariance);
    for (size_t i = 0; i < units * units; i++)
        analysis->covariance[i] /= (double)(points - 1);
    CCRNN_TRY(
        ccrnn_symmetric_eigen(analysis->covariance, units, variance, analysis->vector, err));
    for (size_t i = 0; i < units; i++)
        variance[i] = fmax(0, variance[i]);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_trajectories_components(const double *point, size_t points, size_t units,
                                                size_t count, double *variance, double *component,
                                                double *score, struct ccrnn_error *err)
{
    if (points < 2 || count > units)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%zu components of %zu points with %zu units: expected at least two "
                          "points and at most as many components as units",
                          count, points, units);
    const struct analysis analysis = {ccrnn_moments_table(points, units),
                                      ccrnn_moments_table(units, units),
                                      ccrnn_moments_table(units, units)};
    enum ccrnn_status status;
    if (analysis.centred == NULL || analysis.covariance == NULL || analysis.vector == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY,
                            "out of memory for the components of %zu units; use fewer", units);
    else
        status = analyse(&analysis, point, points, units, variance, err);
    if (status == CCRNN_OK) {
        memcpy(component, analysis.vector, count * units * sizeof *component);
        if (score != NULL)
            project(&analysis, points, units, count, score);
    }
    free(analysis.centred);
    free(analysis.covariance);
    free(analysis.vector);
    return status;
}
