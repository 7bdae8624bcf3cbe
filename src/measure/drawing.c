#include "ccrnn/measure.h"

#include <math.h>

#include "measure/path.h"

double ccrnn_path_squared_distance(const struct ccrnn_path *a, const struct ccrnn_path *b,
                                   size_t t)
{
    const ccrnn_real *const p = a->start + t * a->stride;
    const ccrnn_real *const q = b->start + t * b->stride;
    const double x = (double)p[0] - (double)q[0];
    const double y = (double)p[1] - (double)q[1];
    return x * x + y * y;
}

double ccrnn_path_squared_distances(const struct ccrnn_path *a, const struct ccrnn_path *b)
{
    double sum = 0.0;
    for (size_t t = 0; t < a->steps; t++)
        sum += ccrnn_path_squared_distance(a, b, t);
    return sum;
}

double ccrnn_path_bending(const struct ccrnn_path *path)
{
    double sum = 0.0;
    for (size_t t = 2; t < path->steps; t++) {
        const ccrnn_real *now = path->start + t * path->stride;
        const ccrnn_real *before = now - path->stride;
        const ccrnn_real *first = before - path->stride;
        const double x = (double)now[0] - 2.0 * (double)before[0] + (double)first[0];
        const double y = (double)now[1] - 2.0 * (double)before[1] + (double)first[1];
        sum += sqrt(x * x + y * y);
    }
    return sum;
}

double ccrnn_measure_validation_error(const struct ccrnn_drawing *drawing)
{
    if (drawing->trials == 0 || drawing->steps == 0)
        return NAN;
    double sum = 0.0;
    for (size_t trial = 0; trial < drawing->trials; trial++) {
        const struct ccrnn_path output = ccrnn_path_of(drawing, drawing->output, trial);
        const struct ccrnn_path target = ccrnn_path_of(drawing, drawing->target, trial);
        sum += ccrnn_path_squared_distances(&output, &target);
    }
    return sum / ((double)drawing->trials * (double)drawing->steps);
}

double ccrnn_measure_end_point_error(const struct ccrnn_drawing *drawing)
{
    if (drawing->trials == 0 || drawing->steps == 0)
        return NAN;
    double sum = 0.0;
    for (size_t trial = 0; trial < drawing->trials; trial++) {
        const struct ccrnn_path output = ccrnn_path_of(drawing, drawing->output, trial);
        const struct ccrnn_path target = ccrnn_path_of(drawing, drawing->target, trial);
        sum += sqrt(ccrnn_path_squared_distance(&output, &target, drawing->steps - 1));
    }
    return sum / (double)drawing->trials;
}

double ccrnn_measure_roughness(const struct ccrnn_drawing *drawing)
{
    if (drawing->trials == 0 || drawing->steps < 3)
        return NAN;
    double sum = 0.0;
    for (size_t trial = 0; trial < drawing->trials; trial++) {
        const struct ccrnn_path output = ccrnn_path_of(drawing, drawing->output, trial);
        const struct ccrnn_path target = ccrnn_path_of(drawing, drawing->target, trial);
        sum += ccrnn_path_bending(&output) - ccrnn_path_bending(&target);
    }
    return sum / ((double)drawing->trials * (double)(drawing->steps - 2));
}
