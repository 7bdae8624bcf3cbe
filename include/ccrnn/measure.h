/** @file
 * Measures of drawn movements and of answers.
 *
 * Movements: two families take the same drawing, what a network drew and what it should have
 * drawn. The first gives one mean over all trials. It adds up in double, trial by trial and within
 * a trial step by step, so that a value does not depend on batch size; a value that is not finite
 * in the drawing gives a measure that is not finite. To measure more trials than one batch holds,
 * weigh the batches' values by their trials. The second, ccrnn_measure_movement, measures one
 * trial, for averages over classes or over the trials where a measure is defined.
 *
 * Answers: a network that has to name a class is measured by ccrnn_measure_answer, trial by trial.
 *
 * No function allocates, fails or keeps anything: they are safe in any number of threads.
 */
#ifndef CCRNN_MEASURE_H
#define CCRNN_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/real.h"
#include "ccrnn/version.h"

/** Trajectories in the plane; nothing is owned. Units: those of the task's targets. */
struct ccrnn_drawing {
    const ccrnn_real *output; /**< (T,B,2) row-major: x, y drawn by trial b at step t */
    const ccrnn_real *target; /**< (T,B,2) row-major; may alias output */
    size_t steps;             /**< T */
    size_t batch;             /**< B: the row width of both arrays */
    size_t trials;            /**< the first `trials` ≤ B of each row are measured */
};

/** X(id, name in files, title, unit, definition): the one list of measures of a single movement.
 * The unit of a pure number is "". More about each at ccrnn_measure_movement. To add one: its row
 * here, its value there. */
#define CCRNN_MOVEMENT_LIST(X)                                                                     \
    X(ERROR, "error", "Error", "squared length units",                                             \
      "squared distance to the target, mean over all steps")                                       \
    X(ROUGHNESS, "roughness", "Roughness", "length units",                                         \
      "length of the drawing's second difference minus the same of the target, mean over "         \
      "steps")                                                                                     \
    X(END_POINT_ERROR, "end_point_error", "End-point error", "length units",                       \
      "distance between the last point drawn and the last of the target")                          \
    X(OVERSHOOT, "overshoot", "Overshoot", "length units",                                         \
      "how far the drawing ends beyond the target's end, along the line from the target's "        \
      "start to its end; 0 if it ends short of it")                                                \
    X(UNDERSHOOT, "undershoot", "Undershoot", "length units",                                      \
      "how far the drawing ends short of the target's end, along the line from the target's "      \
      "start to its end; 0 if it ends beyond it")                                                  \
    X(PATH_LENGTH_RATIO, "path_length_ratio", "Path length ratio", "",                             \
      "length of the drawn path divided by the length of the target's")                            \
    X(CURVATURE, "curvature", "Total curvature", "rad",                                            \
      "angles by which the drawn path turns from step to step, whichever way, added up over "      \
      "the movement")                                                                              \
    X(DIRECTION_ERROR, "direction_error", "Initial direction error", "rad",                        \
      "angle between drawing and target over the target's first straight part, at most a "         \
      "quarter of the trial")                                                                      \
    X(SPARC, "sparc", "Spectral arc length", "",                                                   \
      "minus the arc length of the normalised amplitude spectrum of the drawing's speed (SPARC); " \
      "closer to 0 is smoother")                                                                   \
    X(LOG_DIMENSIONLESS_JERK, "log_dimensionless_jerk", "Log dimensionless jerk", "",              \
      "minus the logarithm of the drawing's squared jerk, made independent of its size and "       \
      "duration; larger is smoother")

enum ccrnn_movement_measure {
#define CCRNN_MOVEMENT_ENUM(id, name, title, unit, definition) CCRNN_MOVEMENT_##id,
    CCRNN_MOVEMENT_LIST(CCRNN_MOVEMENT_ENUM)
#undef CCRNN_MOVEMENT_ENUM
        CCRNN_MOVEMENT_COUNT
};

/** What one trial's logits say. */
struct ccrnn_answer {
    double nll;       /**< −log softmax(logits)[label], nats, ≥ 0 */
    double certainty; /**< the largest softmax value, 1/O … 1 */
    int32_t choice; /**< the class of the largest logit, the lowest of equals; −1 if undefined */
    bool right;     /**< choice is the label */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Mean over trials and all steps of ‖y_t − target_t‖² (Pemberton et al. 2021, error on
 * validation data). NaN without trials or steps. */
CCRNN_API double ccrnn_measure_validation_error(const struct ccrnn_drawing *drawing);

/** Mean over trials of ‖y_T − target_T‖ at the last step. NaN without trials or steps. */
CCRNN_API double ccrnn_measure_end_point_error(const struct ccrnn_drawing *drawing);

/** Roughness D, a dysmetria score: mean over trials and t = 2 … T−1 of
 * ‖y_t − 2y_{t−1} + y_{t−2}‖ minus the same of the target (which is 0 for straight lines at even
 * speed). 0 is as smooth as the target. After the ataxia score of Pemberton et al. 2021; the
 * printed formula leaves the normalisation open, this one is ours.
 * NaN without trials or with fewer than three steps, where it is not defined. */
CCRNN_API double ccrnn_measure_roughness(const struct ccrnn_drawing *drawing);

/**
 * Measure one movement y_0 … y_{T−1} against its target y*.
 *
 * A step of a path is its move from one point to the next; steps shorter than 5 % of the path's
 * longest have no direction worth measuring and count as standing still (5 % of the peak speed is
 * the usual onset threshold of reaching studies). Angles are between 0 and π.
 *
 * - ERROR: mean over steps of ‖y_t − y*_t‖². NaN if T = 0.
 * - ROUGHNESS: mean over t = 2 … T−1 of ‖y_t − 2y_{t−1} + y_{t−2}‖, minus the same of the target.
 *   NaN if T < 3.
 * - END_POINT_ERROR: ‖y_{T−1} − y*_{T−1}‖. NaN if T = 0.
 * - OVERSHOOT, UNDERSHOOT: max(s, 0) and max(−s, 0), where s = (y_{T−1} − y*_{T−1}) · u and u is
 *   the unit vector of y*_{T−1} − y*_0. NaN if the target ends where it starts (to 1e-5 of its
 *   path length).
 * - PATH_LENGTH_RATIO: Σ‖y_t − y_{t−1}‖ / Σ‖y*_t − y*_{t−1}‖. NaN if the target stands still.
 * - CURVATURE: sum of the angles between successive steps of the drawing that do not stand still,
 *   the total absolute curvature ∫|κ| ds of the drawn polygon (Milnor 1950). It does not depend on
 *   size, speed or pauses; corners that the target has count too. NaN with fewer than two such
 *   steps.
 * - DIRECTION_ERROR: angle between y_b − y_a and y*_b − y*_a. a is where the target starts to
 *   move, b the end of its first stroke: the steps within π/8 of its first direction, at most
 *   ⌈(T−1)/4⌉ of them. On a line that is a quarter of the trial, on a digit's template it ends at
 *   the first corner. NaN if the target stands still, or y_b = y_a.
 * - SPARC, LOG_DIMENSIONLESS_JERK: see the functions of these names; of the drawing's speeds.
 *   NaN as there, so always if T < 4.
 *
 * The last two need a duration: a trial is taken to last one second, so that its T − 1 speeds
 * ‖y_t − y_{t−1}‖ · rate come at rate = T − 1 per second.
 *
 * If the trial's output or target has a value that is not finite, every measure is NaN.
 *
 * @param[in] trial     < drawing->batch; drawing->trials is not read
 * @param[out] value    (CCRNN_MOVEMENT_COUNT), indexed by enum ccrnn_movement_measure
 */
CCRNN_API void ccrnn_measure_movement(const struct ccrnn_drawing *drawing, size_t trial,
                                      double value[CCRNN_MOVEMENT_COUNT]);

/**
 * Spectral arc length of a speed profile (SPARC; Balasubramanian, Melendez-Calderon, Roby-Brami &
 * Burdet 2015): with V the amplitude spectrum, zero-padded to 2^(⌈log₂ n⌉ + 4) points and divided
 * by its value at 0 Hz, minus the length of the curve V(f) for f from 0 to the last frequency,
 * at most 10 Hz, where V ≥ 0.05, both axes scaled to 1. Around −1.4 for one smooth stroke, more
 * negative the more a movement stops and starts. Does not depend on the profile's size.
 *
 * Frequencies above rate/2 only mirror those below and are left out. The authors' program would
 * count them if rate < 20; from there on both agree.
 *
 * NaN if n < 3, a speed is negative or not finite, all are 0, rate is not positive and finite,
 * or so high that nothing but 0 Hz is left below 10 Hz.
 *
 * @param[in] speed     (n), ≥ 0, any unit
 * @param rate          samples per second
 */
CCRNN_API double ccrnn_measure_sparc(const double *speed, size_t n, double rate);

/**
 * Log dimensionless jerk of a speed profile (Balasubramanian et al. 2015, as in the authors'
 * program): −ln(d³ / p² · Σ j² · dt), where dt = 1/rate, d = n · dt, p = max|v|,
 * j = (v_i − 2v_{i−1} + v_{i−2}) / dt². Larger is smoother. The rate drops out; it is only checked.
 *
 * NaN if n < 3, a speed or the rate is not finite, rate ≤ 0, or the second differences are all 0
 * (even or evenly changing speed), where the logarithm has no bound.
 *
 * @param[in] speed     (n), any unit
 * @param rate          samples per second
 */
CCRNN_API double ccrnn_measure_log_dimensionless_jerk(const double *speed, size_t n, double rate);

/**
 * Measure one trial's answer. Means over trials of nll and certainty are the negative
 * log-likelihood and the certainty of Pemberton et al. 2021; the dysmetria of a discrimination is
 * 1 − mean certainty.
 *
 * If O is 0 or a logit is not finite: nll and certainty are NaN, choice −1, right false. If the
 * label is outside 0 … O−1: nll is NaN and right false.
 *
 * @param[in] logits    (O)
 */
CCRNN_API void ccrnn_measure_answer(const ccrnn_real *logits, size_t O, int32_t label,
                                    struct ccrnn_answer *answer);

/** probability[o] = e^{logits[o]} / Σ e^{logits}, computed without overflow. All NaN if a logit is
 * not finite. @param[in] logits (O) @param[out] probability (O) */
CCRNN_API void ccrnn_measure_softmax(const ccrnn_real *logits, size_t O, double *probability);

#ifdef __cplusplus
}
#endif
#endif
