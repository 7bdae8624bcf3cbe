#include "ccrnn/measure.h"

#include <math.h>

#include "measure/path.h"

/* A step shorter than this share of its path's longest stands still. */
#define MOVING_SHARE 0.05
/* A target ends where it starts if the two points are closer than this share of its length: a
 * matter of rounding in float32, far below any task's drawing. */
#define CLOSED_SHARE 1e-5
/* A first stroke ends where the target has turned by more than this: π/8. Templates turn by 45
 * degrees and more. */
#define STROKE_TURN 0.39269908169872414

static bool is_finite(const struct ccrnn_path *path)
{
    for (size_t t = 0; t < path->steps; t++) {
        const ccrnn_real *const point = path->start + t * path->stride;
        if (!isfinite(point[0]) || !isfinite(point[1]))
            return false;
    }
    return true;
}

static double length(const struct ccrnn_path *path)
{
    double sum = 0.0;
    for (size_t t = 1; t < path->steps; t++)
        sum += ccrnn_vector_length(ccrnn_path_move(path, t - 1, t));
    return sum;
}

/* The shortest step that counts as moving; infinite for a path that stands still. */
static double moving_from(const struct ccrnn_path *path)
{
    double longest = 0.0;
    for (size_t t = 1; t < path->steps; t++)
        longest = fmax(longest, ccrnn_vector_length(ccrnn_path_move(path, t - 1, t)));
    return longest > 0.0 ? MOVING_SHARE * longest : INFINITY;
}

static double angle_between(struct ccrnn_vector a, struct ccrnn_vector b)
{
    return atan2(fabs(a.x * b.y - a.y * b.x), a.x * b.x + a.y * b.y);
}

static void measure_end(const struct ccrnn_path *output, const struct ccrnn_path *target,
                        double *value)
{
    const size_t last = target->steps - 1;
    const struct ccrnn_vector across = ccrnn_path_move(target, 0, last);
    const double distance = ccrnn_vector_length(across);
    if (!(distance > CLOSED_SHARE * length(target)))
        return;
    const ccrnn_real *const drawn = output->start + last * output->stride;
    const ccrnn_real *const meant = target->start + last * target->stride;
    const double beyond = (((double)drawn[0] - (double)meant[0]) * across.x +
                           ((double)drawn[1] - (double)meant[1]) * across.y) /
                          distance;
    value[CCRNN_MOVEMENT_OVERSHOOT] = beyond > 0.0 ? beyond : 0.0;
    value[CCRNN_MOVEMENT_UNDERSHOOT] = beyond < 0.0 ? -beyond : 0.0;
}

static double path_length_ratio(const struct ccrnn_path *output, const struct ccrnn_path *target)
{
    const double meant = length(target);
    return meant > 0.0 ? length(output) / meant : (double)NAN;
}

static double curvature(const struct ccrnn_path *path)
{
    const double shortest = moving_from(path);
    struct ccrnn_vector before = {0.0, 0.0};
    size_t moves = 0;
    double sum = 0.0;
    for (size_t t = 1; t < path->steps; t++) {
        const struct ccrnn_vector now = ccrnn_path_move(path, t - 1, t);
        if (ccrnn_vector_length(now) < shortest)
            continue;
        if (moves > 0)
            sum += angle_between(before, now);
        before = now;
        moves++;
    }
    return moves < 2 ? (double)NAN : sum;
}

static double direction_error(const struct ccrnn_path *output, const struct ccrnn_path *target)
{
    const double shortest = moving_from(target);
    size_t start = 0;
    while (start + 1 < target->steps &&
           ccrnn_vector_length(ccrnn_path_move(target, start, start + 1)) < shortest)
        start++;
    const size_t last = target->steps - 1;
    if (start == last)
        return NAN;
    const struct ccrnn_vector first = ccrnn_path_move(target, start, start + 1);
    const size_t quarter = (last + 3) / 4;
    const size_t latest = last - start < quarter ? last : start + quarter;
    size_t end = start + 1;
    while (end < latest &&
           angle_between(first, ccrnn_path_move(target, end, end + 1)) <= STROKE_TURN)
        end++;
    const struct ccrnn_vector drawn = ccrnn_path_move(output, start, end);
    if (!(ccrnn_vector_length(drawn) > 0.0))
        return NAN;
    return angle_between(drawn, ccrnn_path_move(target, start, end));
}

void ccrnn_measure_movement(const struct ccrnn_drawing *drawing, size_t trial,
                            double value[CCRNN_MOVEMENT_COUNT])
{
    for (size_t i = 0; i < CCRNN_MOVEMENT_COUNT; i++)
        value[i] = NAN;
    const size_t steps = drawing->steps;
    if (steps == 0)
        return;
    const struct ccrnn_path output = ccrnn_path_of(drawing, drawing->output, trial);
    const struct ccrnn_path target = ccrnn_path_of(drawing, drawing->target, trial);
    if (!is_finite(&output) || !is_finite(&target))
        return;
    value[CCRNN_MOVEMENT_ERROR] = ccrnn_path_squared_distances(&output, &target) / (double)steps;
    value[CCRNN_MOVEMENT_END_POINT_ERROR] =
        sqrt(ccrnn_path_squared_distance(&output, &target, steps - 1));
    if (steps >= 3)
        value[CCRNN_MOVEMENT_ROUGHNESS] =
            (ccrnn_path_bending(&output) - ccrnn_path_bending(&target)) / (double)(steps - 2);
    measure_end(&output, &target, value);
    value[CCRNN_MOVEMENT_PATH_LENGTH_RATIO] = path_length_ratio(&output, &target);
    value[CCRNN_MOVEMENT_CURVATURE] = curvature(&output);
    value[CCRNN_MOVEMENT_DIRECTION_ERROR] = direction_error(&output, &target);
    value[CCRNN_MOVEMENT_SPARC] = ccrnn_path_sparc(&output);
    value[CCRNN_MOVEMENT_LOG_DIMENSIONLESS_JERK] = ccrnn_path_log_dimensionless_jerk(&output);
}
