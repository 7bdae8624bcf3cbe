#include "net/normalisation.h"

#include <math.h>

static const double momentum = 0.01, epsilon = 1e-5;

/* Column j of (R,N): its mean and the mean of squared deviations, in double. */
static void moments(size_t R, size_t N, size_t j, const ccrnn_real *x, double *mean,
                    double *variance)
{
    double sum = 0, squares = 0;
    for (size_t r = 0; r < R; r++)
        sum += (double)x[r * N + j];
    *mean = sum / (double)R;
    for (size_t r = 0; r < R; r++) {
        const double deviation = (double)x[r * N + j] - *mean;
        squares += deviation * deviation;
    }
    *variance = squares / (double)R;
}

void ccrnn_normalisation_learn(struct ccrnn_normalisation *norm, size_t R, size_t N,
                               ccrnn_real *x)
{
    for (size_t j = 0; j < N; j++) {
        double mean, variance;
        moments(R, N, j, x, &mean, &variance);
        const double inverse = 1 / sqrt(variance + epsilon);
        norm->inverse_deviation[j] = (ccrnn_real)inverse;
        for (size_t r = 0; r < R; r++) {
            const double normalised = ((double)x[r * N + j] - mean) * inverse;
            norm->normalised[r * N + j] = (ccrnn_real)normalised;
            x[r * N + j] =
                (ccrnn_real)(normalised * (double)norm->gain[j] + (double)norm->shift[j]);
        }
        norm->batch_mean[j] = mean;
        norm->batch_variance[j] = variance * (double)R / (double)(R - 1);
    }
}

static void move(ccrnn_real *running, double found)
{
    *running = (ccrnn_real)((1 - momentum) * (double)*running + momentum * found);
}

void ccrnn_normalisation_move(struct ccrnn_normalisation *norm, size_t N)
{
    for (size_t j = 0; j < N; j++) {
        move(&norm->mean[j], norm->batch_mean[j]);
        move(&norm->variance[j], norm->batch_variance[j]);
    }
}

void ccrnn_normalisation_apply(const struct ccrnn_normalisation *norm, size_t R, size_t N,
                               ccrnn_real *x)
{
    for (size_t j = 0; j < N; j++) {
        const double inverse = 1 / sqrt((double)norm->variance[j] + epsilon);
        for (size_t r = 0; r < R; r++) {
            const double normalised = ((double)x[r * N + j] - (double)norm->mean[j]) * inverse;
            x[r * N + j] =
                (ccrnn_real)(normalised * (double)norm->gain[j] + (double)norm->shift[j]);
        }
    }
}

void ccrnn_normalisation_backward(struct ccrnn_normalisation *norm, size_t R, size_t N,
                                  ccrnn_real *d)
{
    for (size_t j = 0; j < N; j++) {
        double shift = 0, gain = 0;
        for (size_t r = 0; r < R; r++) {
            shift += (double)d[r * N + j];
            gain += (double)d[r * N + j] * (double)norm->normalised[r * N + j];
        }
        const double scale = (double)norm->gain[j] * (double)norm->inverse_deviation[j];
        for (size_t r = 0; r < R; r++) {
            const double along = (double)norm->normalised[r * N + j] * gain;
            d[r * N + j] =
                (ccrnn_real)(scale * ((double)d[r * N + j] - (shift + along) / (double)R));
        }
        norm->grad_shift[j] = (ccrnn_real)shift;
        norm->grad_gain[j] = (ccrnn_real)gain;
    }
}
