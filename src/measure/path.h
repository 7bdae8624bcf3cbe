/** @file
 * One trial's path through the plane, and what its measures share.
 */
#ifndef CCRNN_MEASURE_PATH_H
#define CCRNN_MEASURE_PATH_H

#include <math.h>

#include "ccrnn/measure.h"

/** Points inside a drawing's arrays; nothing is owned. */
struct ccrnn_path {
    const ccrnn_real *start; /**< x, y of point t at start[t · stride], start[t · stride + 1] */
    size_t steps;            /**< T, the number of points */
    size_t stride;           /**< numbers from a point to the next */
};

struct ccrnn_vector {
    double x, y;
};

/** The path of one trial in one of the drawing's two arrays. */
static inline struct ccrnn_path ccrnn_path_of(const struct ccrnn_drawing *drawing,
                                              const ccrnn_real *array, size_t trial)
{
    return (struct ccrnn_path){array + 2 * trial, drawing->steps, 2 * drawing->batch};
}

/** point `to` minus point `from`. */
static inline struct ccrnn_vector ccrnn_path_move(const struct ccrnn_path *path, size_t from,
                                                  size_t to)
{
    const ccrnn_real *const a = path->start + from * path->stride;
    const ccrnn_real *const b = path->start + to * path->stride;
    return (struct ccrnn_vector){(double)b[0] - (double)a[0], (double)b[1] - (double)a[1]};
}

static inline double ccrnn_vector_length(struct ccrnn_vector v)
{
    return sqrt(v.x * v.x + v.y * v.y);
}

/** ‖a_t − b_t‖². */
double ccrnn_path_squared_distance(const struct ccrnn_path *a, const struct ccrnn_path *b,
                                   size_t t);

/** Σ over all t of ‖a_t − b_t‖²; both have as many points. */
double ccrnn_path_squared_distances(const struct ccrnn_path *a, const struct ccrnn_path *b);

/** Σ over t = 2 … T−1 of ‖p_t − 2p_{t−1} + p_{t−2}‖. */
double ccrnn_path_bending(const struct ccrnn_path *path);

/** SPARC and log dimensionless jerk of the path's T − 1 speeds, all in one second; see
 * ccrnn_measure_movement. */
double ccrnn_path_sparc(const struct ccrnn_path *path);
double ccrnn_path_log_dimensionless_jerk(const struct ccrnn_path *path);

#endif
