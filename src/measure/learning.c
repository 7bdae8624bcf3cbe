#include "ccrnn/learning.h"

#include <math.h>

double ccrnn_learning_epochs_to(const double *epoch, const double *value, size_t n,
                                double threshold, enum ccrnn_criterion criterion)
{
    double met = NAN;
    for (size_t i = 0; i < n; i++) {
        if (!(value[i] <= threshold))
            met = NAN;
        else if (isnan(met))
            met = epoch[i];
        if (!isnan(met) && criterion == CCRNN_CRITERION_FIRST)
            break;
    }
    return met;
}

double ccrnn_learning_area(const double *epoch, const double *value, size_t n)
{
    double area = 0;
    for (size_t i = 1; i < n; i++)
        area += 0.5 * (value[i] + value[i - 1]) * (epoch[i] - epoch[i - 1]);
    return n > 1 && isfinite(area) ? area : (double)NAN;
}

static double mean_of(const double *value, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[i];
    return sum / (double)count;
}

double ccrnn_learning_normalised_error(const double *a, size_t a_count, const double *b,
                                       size_t b_count)
{
    if (a_count == 0 || b_count == 0)
        return NAN;
    const double ratio = mean_of(a, a_count) / mean_of(b, b_count);
    return isfinite(ratio) ? ratio : (double)NAN;
}
