/* Measures of activity, feedback, trajectories, weights and learning curves against numpy and scipy:
 * tests/oracle/laboratory_table.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ccrnn/activity.h"
#include "ccrnn/learning.h"
#include "ccrnn/similarity.h"
#include "ccrnn/trajectories.h"
#include "ccrnn/weight_statistics.h"
#include "measure/symmetric.h"

#include "../oracle/laboratory_table.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
/* Sums of some hundred numbers around 1 in double. */
static const double tolerance = 1e-13;

static struct ccrnn_error err;

/* Absolute below 1, relative above; NaN fails unless it is expected. */
static void assert_close(double found, double expected)
{
    if (isnan(expected) ? isnan(found)
                        : fabs(found - expected) <= tolerance * fmax(1, fabs(expected)))
        return;
    fail_msg("expected %.17g, found %.17g", expected, found);
}

static void assert_all_close(const double *found, const double *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_close(found[i], expected[i]);
}

static void assert_nan(double found)
{
    if (!isnan(found))
        fail_msg("expected NaN, found %.17g", found);
}

/* --- activity ---------------------------------------------------------------------------- */

static void check_population(const float *x, size_t units, const double *expected)
{
    struct ccrnn_population p;
    assert_int_equal(ccrnn_activity_population(x, SAMPLES, units, &p, &err), CCRNN_OK);
    const double found[] = {(double)p.constant,
                            (double)p.silent,
                            p.pairwise_correlation,
                            p.population_correlation,
                            p.participation_ratio,
                            p.coding_space,
                            p.sparsity};
    assert_int_equal(p.samples, SAMPLES);
    assert_int_equal(p.units, units);
    assert_all_close(found, expected, COUNT(found));
}

static void populations(void **state_of_test)
{
    (void)state_of_test;
    check_population(cortex, CORTEX, cortex_population);
    check_population(granule, GRANULE, granule_population);
    assert_true(granule_population[0] > 0 && cortex_population[0] > 0);
}

static void assert_no_population(const struct ccrnn_population *p)
{
    assert_nan(p->pairwise_correlation);
    assert_nan(p->population_correlation);
    assert_nan(p->participation_ratio);
}

static void populations_without_sense(void **state_of_test)
{
    (void)state_of_test;
    struct ccrnn_population p;
    const float one[] = {1, 0, 0}, same[] = {1, 2, 1, 2, 1, 2}, bad[] = {1, 2, NAN, 4};
    assert_int_equal(ccrnn_activity_population(one, 1, 3, &p, &err), CCRNN_OK);
    assert_no_population(&p);
    assert_nan(p.coding_space);
    assert_close(p.sparsity, 1);
    assert_int_equal(ccrnn_activity_population(same, 3, 2, &p, &err), CCRNN_OK);
    assert_no_population(&p);
    assert_true(p.coding_space == 0.0 && p.constant == 2);
    assert_int_equal(ccrnn_activity_population(bad, 2, 2, &p, &err), CCRNN_OK);
    assert_no_population(&p);
    assert_nan(p.coding_space);
    assert_nan(p.sparsity);
    assert_int_equal(ccrnn_activity_population(one, 3, 1, &p, &err), CCRNN_OK);
    assert_nan(p.population_correlation);
    assert_nan(p.sparsity);
    assert_close(p.participation_ratio, 1);
    assert_int_equal(ccrnn_activity_population(NULL, 0, 3, &p, &err), CCRNN_OK);
    assert_no_population(&p);
}

/* One direction: all correlations are 1. Two independent ones of equal size: two directions. */
static void known_populations(void **state_of_test)
{
    (void)state_of_test;
    struct ccrnn_population p;
    const float line[] = {1, 2, -1, 2, 4, -2, 3, 6, -3}, square[] = {1, 1, 1, -1, -1, 1, -1, -1};
    assert_int_equal(ccrnn_activity_population(line, 3, 3, &p, &err), CCRNN_OK);
    assert_close(p.pairwise_correlation, 1);
    assert_close(p.population_correlation, 1);
    assert_close(p.participation_ratio, 1);
    assert_int_equal(ccrnn_activity_population(square, 4, 2, &p, &err), CCRNN_OK);
    assert_close(p.pairwise_correlation, 0);
    assert_close(p.population_correlation, 0);
    assert_close(p.participation_ratio, 2);
    assert_close(p.coding_space, 8.0 / 3.0);
    assert_close(p.sparsity, 0);
}

static void couplings(void **state_of_test)
{
    (void)state_of_test;
    double found[CORTEX * GRANULE], moved[CORTEX * GRANULE];
    size_t count[COUNT(coupling_histogram)];
    struct ccrnn_coupling summary;
    assert_int_equal(
        ccrnn_activity_coupling(cortex, CORTEX, granule, GRANULE, SAMPLES, found, &err),
        CCRNN_OK);
    assert_all_close(found, coupling, COUNT(found));
    assert_int_equal(ccrnn_activity_summarise_coupling(found, COUNT(found), &summary, &err),
                     CCRNN_OK);
    assert_int_equal(summary.pairs, (size_t)coupling_summary[0]);
    assert_int_equal(summary.undefined, COUNT(found) - summary.pairs);
    assert_close(summary.mean, coupling_summary[1]);
    assert_all_close(summary.quantile, coupling_summary + 2, CCRNN_COUPLING_QUANTILES);
    ccrnn_activity_coupling_histogram(found, COUNT(found), COUNT(count), count);
    for (size_t i = 0; i < COUNT(count); i++)
        assert_int_equal(count[i], (size_t)coupling_histogram[i]);
    assert_int_equal(
        ccrnn_activity_coupling(later, CORTEX, granule, GRANULE, SAMPLES, moved, &err), CCRNN_OK);
    assert_close(ccrnn_activity_coupling_shift(moved, found, COUNT(found)), coupling_shift[0]);
    assert_true(ccrnn_activity_coupling_shift(found, found, COUNT(found)) == 0.0);
}

static void couplings_without_sense(void **state_of_test)
{
    (void)state_of_test;
    const float x[] = {1, 2, NAN}, y[] = {1, -2, 0, 0, 3, 1};
    double r[2];
    size_t count[2];
    struct ccrnn_coupling summary;
    assert_int_equal(ccrnn_activity_coupling(x, 1, y, 2, 1, r, &err), CCRNN_OK);
    assert_nan(r[0]);
    assert_int_equal(ccrnn_activity_coupling(x, 1, y, 2, 3, r, &err), CCRNN_OK);
    assert_nan(r[0]);
    assert_nan(r[1]);
    assert_int_equal(ccrnn_activity_summarise_coupling(r, 2, &summary, &err), CCRNN_OK);
    assert_int_equal(summary.pairs, 0);
    assert_nan(summary.mean);
    assert_nan(summary.quantile[2]);
    assert_nan(ccrnn_activity_coupling_shift(r, r, 2));
    const double ends[] = {0, 1, 0.5, NAN};
    ccrnn_activity_coupling_histogram(ends, COUNT(ends), 2, count);
    assert_int_equal(count[0], 1);
    assert_int_equal(count[1], 2);
}

/* --- feedback ---------------------------------------------------------------------------- */

static void similarities(void **state_of_test)
{
    (void)state_of_test;
    struct ccrnn_similarity s;
    double cosine[CORTEX], pearson[CORTEX];
    ccrnn_similarity_measure(predicted, target, SAMPLES, CORTEX, &s);
    assert_close(s.mean, similarity[0]);
    assert_int_equal(s.samples, SAMPLES);
    assert_int_equal(s.undefined, (size_t)similarity[1]);
    assert_int_equal(s.silent, (size_t)similarity[2]);
    assert_true(s.undefined == 2 && s.silent == 1);
    ccrnn_similarity_by_unit(predicted, target, SAMPLES, CORTEX, cosine, pearson);
    assert_all_close(cosine, unit_cosine, CORTEX);
    assert_all_close(pearson, unit_pearson, CORTEX);
    ccrnn_similarity_measure(target, target, SAMPLES, CORTEX, &s);
    assert_close(s.mean, 1);
}

static void similarities_without_sense(void **state_of_test)
{
    (void)state_of_test;
    struct ccrnn_similarity s;
    const float nothing[] = {0, 0}, bad[] = {NAN, 1}, good[] = {1, 1}, far[] = {INFINITY, 1};
    double cosine, pearson;
    ccrnn_similarity_measure(nothing, good, 1, 2, &s);
    assert_true(s.mean == 0.0 && s.undefined == 0 && s.silent == 1);
    ccrnn_similarity_measure(good, nothing, 1, 2, &s);
    assert_nan(s.mean);
    assert_true(s.undefined == 1 && s.silent == 0);
    ccrnn_similarity_measure(bad, good, 1, 2, &s);
    assert_nan(s.mean);
    ccrnn_similarity_measure(good, far, 1, 2, &s);
    assert_nan(s.mean);
    ccrnn_similarity_measure(good, good, 0, 2, &s);
    assert_nan(s.mean);
    ccrnn_similarity_by_unit(bad, good, 2, 1, &cosine, &pearson);
    assert_nan(cosine);
    assert_nan(pearson);
    ccrnn_similarity_by_unit(good, good, 2, 1, &cosine, &pearson);
    assert_close(cosine, 1);
    assert_nan(pearson);
}

/* --- trajectories ------------------------------------------------------------------------ */

static void trajectories(void **state_of_test)
{
    (void)state_of_test;
    enum { POINTS = MOMENTS * CUES, KEPT = 3 };
    double mean[POINTS * UNITS], distance[MOMENTS], found[UNITS], component[KEPT * UNITS];
    double score[POINTS * KEPT];
    size_t count[CUES];
    ccrnn_trajectories_mean(state, cue, MOMENTS, TRIALS, UNITS, CUES, mean, count);
    assert_all_close(mean, cue_mean, COUNT(mean));
    assert_int_equal(count[0] + count[1] + count[2], TRIALS - 1);
    ccrnn_trajectories_distance(mean, MOMENTS, CUES, UNITS, UNITS, distance);
    assert_all_close(distance, cue_distance, MOMENTS);
    assert_int_equal(
        ccrnn_trajectories_components(mean, POINTS, UNITS, KEPT, found, component, score, &err),
        CCRNN_OK);
    assert_all_close(found, variance, UNITS);
    assert_all_close(component, components, COUNT(component));
    assert_all_close(score, scores, COUNT(score));
    ccrnn_trajectories_distance(score, MOMENTS, CUES, KEPT, 2, distance);
    assert_all_close(distance, score_distance, MOMENTS);
}

static void trajectories_without_sense(void **state_of_test)
{
    (void)state_of_test;
    const double point[] = {1, 2, NAN, 4};
    const float value[] = {1, 2};
    const int32_t second[] = {1, 1};
    double found[2], component[4], mean[2], distance;
    size_t count[2];
    assert_int_equal(ccrnn_trajectories_components(point, 1, 2, 1, found, component, NULL, &err),
                     CCRNN_USAGE);
    assert_int_equal(ccrnn_trajectories_components(point, 2, 2, 3, found, component, NULL, &err),
                     CCRNN_USAGE);
    assert_int_equal(ccrnn_trajectories_components(point, 2, 2, 1, found, component, NULL, &err),
                     CCRNN_NONFINITE);
    ccrnn_trajectories_mean(value, second, 1, 2, 1, 2, mean, count);
    assert_nan(mean[0]);
    assert_close(mean[1], 1.5);
    ccrnn_trajectories_distance(point, 1, 1, 2, 2, &distance);
    assert_nan(distance);
}

/* --- eigenvalues ------------------------------------------------------------------------- */

/* A v = λ v and v_k · v_l = δ_kl, whatever the vectors of equal eigenvalues are. */
static void check_eigen(const double *matrix, size_t n, const double *value, const double *vector)
{
    for (size_t k = 0; k < n; k++) {
        const double *const v = vector + k * n;
        for (size_t i = 0; i < n; i++) {
            double image = 0;
            for (size_t j = 0; j < n; j++)
                image += matrix[i * n + j] * v[j];
            assert_close(image, value[k] * v[i]);
        }
        for (size_t l = 0; l < n; l++) {
            double product = 0;
            for (size_t i = 0; i < n; i++)
                product += v[i] * vector[l * n + i];
            assert_close(product, k == l ? 1 : 0);
        }
    }
}

static void decompose(const double *matrix, size_t n, double *value, double *vector)
{
    double *const copy = malloc(n * n * sizeof *copy), *const only = malloc(n * sizeof *only);
    assert_non_null(copy);
    assert_non_null(only);
    memcpy(copy, matrix, n * n * sizeof *copy);
    assert_int_equal(ccrnn_symmetric_eigen(copy, n, value, vector, &err), CCRNN_OK);
    memcpy(copy, matrix, n * n * sizeof *copy);
    assert_int_equal(ccrnn_symmetric_eigen(copy, n, only, NULL, &err), CCRNN_OK);
    for (size_t i = 0; i < n; i++)
        assert_true(only[i] == value[i]);
    check_eigen(matrix, n, value, vector);
    free(copy);
    free(only);
}

static void eigenvalues(void **state_of_test)
{
    (void)state_of_test;
    enum { N = COUNT(full_values) };
    double value[N], vector[N * N];
    decompose(full_matrix, N, value, vector);
    assert_all_close(value, full_values, N);
    decompose(equal_matrix, N, value, vector);
    assert_all_close(value, equal_values, N);
}

static void eigenvalues_of_many(void **state_of_test)
{
    (void)state_of_test;
    enum { N = 120 };
    double *const matrix = calloc(N * N, sizeof *matrix);
    double *const vector = calloc(N * N, sizeof *vector), value[N];
    assert_non_null(matrix);
    assert_non_null(vector);
    /* −1, 2, −1 along the diagonal: λ = 2 − 2 cos(kπ / (N + 1)) */
    for (size_t i = 0; i < N; i++) {
        matrix[i * N + i] = 2;
        if (i > 0)
            matrix[i * N + i - 1] = matrix[(i - 1) * N + i] = -1;
    }
    decompose(matrix, N, value, vector);
    for (size_t k = 0; k < N; k++)
        assert_close(value[k], 2 - 2 * cos((double)(N - k) * acos(-1) / (N + 1)));
    /* of rank 1: one, and zeros */
    for (size_t i = 0; i < N * N; i++)
        matrix[i] = 1.0 / N;
    decompose(matrix, N, value, vector);
    assert_close(value[0], 1);
    for (size_t k = 1; k < N; k++)
        assert_close(value[k], 0);
    free(matrix);
    free(vector);
}

static void eigenvalues_without_sense(void **state_of_test)
{
    (void)state_of_test;
    double one[] = {-4}, zero[4] = {0}, bad[] = {1, NAN, NAN, 1}, tiny[] = {1e-300, 0, 0, 2e-300};
    double value[2], vector[4];
    assert_int_equal(ccrnn_symmetric_eigen(one, 1, value, vector, &err), CCRNN_OK);
    assert_true(value[0] == -4 && vector[0] == 1);
    assert_int_equal(ccrnn_symmetric_eigen(zero, 2, value, vector, &err), CCRNN_OK);
    assert_true(value[0] == 0 && value[1] == 0);
    assert_int_equal(ccrnn_symmetric_eigen(bad, 2, value, vector, &err), CCRNN_NONFINITE);
    assert_int_equal(ccrnn_symmetric_eigen(tiny, 2, value, vector, &err), CCRNN_OK);
    assert_true(fabs(value[0] / 2e-300 - 1) < 1e-15 && vector[1] == 1);
}

/* --- weights and learning ---------------------------------------------------------------- */

static void check_weights(const float *of_mask, const double *expected)
{
    struct ccrnn_weight_statistics s;
    ccrnn_weight_statistics_measure(weights, of_mask, COUNT(weights), &s);
    const double found[] = {(double)s.count, s.mean, s.sd, s.rms, s.largest, s.norm, s.zeros};
    assert_all_close(found, expected, COUNT(found));
}

static void weight_statistics(void **state_of_test)
{
    (void)state_of_test;
    struct ccrnn_weight_statistics s;
    const float none[] = {0}, one[] = {3}, bad[] = {NAN, 1};
    check_weights(NULL, weights_all);
    check_weights(mask, weights_present);
    ccrnn_weight_statistics_measure(one, none, 1, &s);
    assert_int_equal(s.count, 0);
    assert_nan(s.mean);
    assert_nan(s.rms);
    ccrnn_weight_statistics_measure(one, NULL, 1, &s);
    assert_true(s.mean == 3.0 && s.norm == 3.0 && s.zeros == 0.0);
    assert_nan(s.sd);
    ccrnn_weight_statistics_measure(bad, NULL, 2, &s);
    assert_nan(s.mean);
    assert_nan(s.largest);
    assert_nan(s.norm);
}

static void learning_curves(void **state_of_test)
{
    (void)state_of_test;
    const size_t n = COUNT(epoch);
    const double broken[] = {9, 4, NAN, 3, 2, 1};
    assert_close(ccrnn_learning_area(epoch, curve, n), curve_area[0]);
    assert_close(ccrnn_learning_normalised_error(curve, n, other_curve, n), normalised[0]);
    assert_true(ccrnn_learning_epochs_to(epoch, curve, n, 5, CCRNN_CRITERION_FIRST) == 2);
    assert_true(ccrnn_learning_epochs_to(epoch, curve, n, 5, CCRNN_CRITERION_STAYS) == 5);
    assert_true(ccrnn_learning_epochs_to(epoch, curve, n, 2, CCRNN_CRITERION_STAYS) == 8);
    assert_true(ccrnn_learning_epochs_to(epoch, curve, n, 9, CCRNN_CRITERION_STAYS) == 1);
    assert_nan(ccrnn_learning_epochs_to(epoch, curve, n, 0.5, CCRNN_CRITERION_FIRST));
    assert_true(ccrnn_learning_epochs_to(epoch, broken, n, 5, CCRNN_CRITERION_STAYS) == 5);
    assert_nan(ccrnn_learning_epochs_to(epoch, curve, n, NAN, CCRNN_CRITERION_FIRST));
    assert_nan(ccrnn_learning_epochs_to(epoch, curve, 0, 5, CCRNN_CRITERION_FIRST));
    assert_nan(ccrnn_learning_area(epoch, curve, 1));
    assert_nan(ccrnn_learning_area(epoch, broken, n));
    assert_nan(ccrnn_learning_normalised_error(curve, 0, curve, n));
    assert_nan(ccrnn_learning_normalised_error(broken, n, curve, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(populations),
        cmocka_unit_test(populations_without_sense),
        cmocka_unit_test(known_populations),
        cmocka_unit_test(couplings),
        cmocka_unit_test(couplings_without_sense),
        cmocka_unit_test(similarities),
        cmocka_unit_test(similarities_without_sense),
        cmocka_unit_test(trajectories),
        cmocka_unit_test(trajectories_without_sense),
        cmocka_unit_test(eigenvalues),
        cmocka_unit_test(eigenvalues_of_many),
        cmocka_unit_test(eigenvalues_without_sense),
        cmocka_unit_test(weight_statistics),
        cmocka_unit_test(learning_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
