#include "ccrnn/measure.h"

#include <math.h>

static double squared_distance(const struct ccrnn_drawing *drawing, size_t t, size_t trial)
{
    const size_t at = (t * drawing->batch + trial) * 2;
    const double x = (double)drawing->output[at] - (double)drawing->target[at];
    const double y = (double)drawing->output[at + 1] - (double)drawing->target[at + 1];
    return x * x + y * y;
}

double ccrnn_measure_validation_error(const struct ccrnn_drawing *drawing)
{
    if (drawing->trials == 0 || drawing->steps == 0)
        return NAN;
    double sum = 0.0;
    for (size_t trial = 0; trial < drawing->trials; trial++) {
        double of_trial = 0.0;
        for (size_t t = 0; t < drawing->steps; t++)
            of_trial += squared_distance(drawing, t, trial);
        sum += of_trial;
    }
    return sum / ((double)drawing->trials * (double)drawing->steps);
}

double ccrnn_measure_end_point_error(const struct ccrnn_drawing *drawing)
{
    if (drawing->trials == 0 || drawing->steps == 0)
        return NAN;
    double sum = 0.0;
    for (size_t trial = 0; trial < drawing->trials; trial++)
        sum += sqrt(squared_distance(drawing, drawing->steps - 1, trial));
    return sum / (double)drawing->trials;
}

/* Sum over t = 2 … T−1 of ‖p_t − 2p_{t−1} + p_{t−2}‖ of one trial's path p. */
static double bending(const ccrnn_real *path, size_t steps, size_t batch, size_t trial)
{
    double sum = 0.0;
    for (size_t t = 2; t < steps; t++) {
        const ccrnn_real *now = path + (t * batch + trial) * 2;
        const ccrnn_real *before = now - 2 * batch;
        const ccrnn_real *first = before - 2 * batch;
        const double x = (double)now[0] - 2.0 * (double)before[0] + (double)first[0];
        const double y = (double)now[1] - 2.0 * (double)before[1] + (double)first[1];
        sum += sqrt(x * x + y * y);
    }
    return sum;
}

double ccrnn_measure_roughness(const struct ccrnn_drawing *drawing)
{
    const size_t steps = drawing->steps, batch = drawing->batch;
    if (drawing->trials == 0 || steps < 3)
        return NAN;
    double sum = 0.0;
    for (size_t trial = 0; trial < drawing->trials; trial++)
        sum += bending(drawing->output, steps, batch, trial) -
               bending(drawing->target, steps, batch, trial);
    return sum / ((double)drawing->trials * (double)(steps - 2));
}
