#include "measure/symmetric.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/moments.h"

/* Steps of QL for one eigenvalue; three are usual. */
enum { STEPS_MOST = 100 };

/* The matrix on its way to tridiagonal form T. */
struct reduction {
    double *matrix; /* (n,n); after step k, row k holds the reflector v_k in columns k + 1 … */
    double *vector; /* (n,n) or NULL */
    double *diagonal, *beside; /* (n): of T; beside[i] lies between i and i + 1 */
    double *work;              /* (n) */
    size_t n;
};

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* to += factor · from */
static void add(size_t n, double factor, const double *restrict from, double *restrict to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += factor * from[i];
}

/* Turn x (n) into v with v·v = 2 (or 0: nothing to do), such that (1 − v vᵀ) x has only a first
 * element, which is returned. */
static double reflect(size_t n, double *x)
{
    const double rest = dot(n - 1, x + 1, x + 1);
    const double first = x[0];
    /* Squares this small have lost their digits; beside the largest element, 1, they are nothing. */
    if (rest < DBL_MIN) {
        memset(x, 0, n * sizeof *x);
        return first;
    }
    const double length = sqrt(first * first + rest);
    const double image = first > 0 ? -length : length;
    x[0] = first - image;
    const double scale = sqrt(2 / (x[0] * x[0] + rest));
    for (size_t i = 0; i < n; i++)
        x[i] *= scale;
    return image;
}

/* A ← (1 − v vᵀ) A (1 − v vᵀ) = A − v wᵀ − w vᵀ, w = Av − ½ (v·Av) v. */
static void apply(const struct reduction *r, size_t first, const double *v)
{
    const size_t n = r->n - first;
    for (size_t i = 0; i < n; i++)
        r->work[i] = dot(n, r->matrix + (first + i) * r->n + first, v);
    add(n, -0.5 * dot(n, v, r->work), v, r->work);
    for (size_t i = 0; i < n; i++) {
        double *const row = r->matrix + (first + i) * r->n + first;
        for (size_t j = 0; j < n; j++)
            row[j] -= v[i] * r->work[j] + r->work[i] * v[j];
    }
}

static void reduce(const struct reduction *r)
{
    for (size_t k = 0; k < r->n; k++) {
        double *const row = r->matrix + k * r->n;
        r->diagonal[k] = row[k];
        r->beside[k] = 0;
        if (k + 1 >= r->n)
            continue;
        r->beside[k] = reflect(r->n - k - 1, row + k + 1);
        apply(r, k + 1, row + k + 1);
    }
}

/* vector ← Qᵀ, the rows in which T is written, Q = H_0 H_1 …: from the last reflector on, each
 * touches only the part below it. Row k of Qᵀ is column k of Q. */
static void collect(const struct reduction *r)
{
    const size_t n = r->n;
    memset(r->vector, 0, n * n * sizeof *r->vector);
    for (size_t k = 0; k < n; k++)
        r->vector[k * n + k] = 1;
    for (size_t k = n - 1; k-- > 0;) {
        const double *const v = r->matrix + k * n + k + 1;
        for (size_t column = k + 1; column < n; column++) {
            double *const row = r->vector + column * n + k + 1;
            add(n - k - 1, -dot(n - k - 1, v, row), v, row);
        }
    }
}

/* Turn the vectors i and i + 1 by the angle with this cosine and sine. */
static void turn(const struct reduction *r, size_t i, double c, double s)
{
    if (r->vector == NULL)
        return;
    double *const a = r->vector + i * r->n, *const b = a + r->n;
    for (size_t k = 0; k < r->n; k++) {
        const double old = b[k];
        b[k] = s * a[k] + c * old;
        a[k] = c * a[k] - s * old;
    }
}

/* One step of QL on rows first … last of T, whose shift is the eigenvalue of its first two rows that is
 * nearer to the first. */
static void step(const struct reduction *r, size_t first, size_t last)
{
    double *const d = r->diagonal, *const e = r->beside;
    const double half = (d[first + 1] - d[first]) / (2 * e[first]);
    const double root = copysign(hypot(half, 1), half);
    double g = d[last] - d[first] + e[first] / (half + root);
    double c = 1, s = 1, p = 0;
    for (size_t i = last; i-- > first;) {
        const double f = s * e[i], b = c * e[i];
        const double length = hypot(f, g);
        e[i + 1] = length;
        if (length == 0) {
            d[i + 1] -= p;
            e[last] = 0;
            return;
        }
        s = f / length;
        c = g / length;
        g = d[i + 1] - p;
        const double t = (d[i] - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        turn(r, i, c, s);
    }
    d[first] -= p;
    e[first] = g;
    e[last] = 0;
}

/* The end of the block that begins at `first`: where T falls apart, to rounding. */
static size_t block_end(const struct reduction *r, size_t first, double smallest)
{
    size_t last = first;
    while (last + 1 < r->n && fabs(r->beside[last]) > smallest)
        last++;
    return last;
}

static enum ccrnn_status iterate(const struct reduction *r, struct ccrnn_error *err)
{
    double norm = 0;
    for (size_t i = 0; i < r->n; i++)
        norm = fmax(norm, fabs(r->diagonal[i]) + fabs(r->beside[i]));
    for (size_t first = 0; first < r->n; first++)
        for (int steps = 0;; steps++) {
            const size_t last = block_end(r, first, DBL_EPSILON * norm);
            if (last == first)
                break;
            if (steps == STEPS_MOST)
                return ccrnn_fail(err, CCRNN_NONFINITE,
                                  "eigenvalue %zu of %zu was not found in %d steps; report this "
                                  "matrix as a defect",
                                  first, r->n, STEPS_MOST);
            step(r, first, last);
        }
    return CCRNN_OK;
}

static void set_sign(size_t n, double *v)
{
    size_t largest = 0;
    for (size_t i = 1; i < n; i++)
        if (fabs(v[i]) > fabs(v[largest]))
            largest = i;
    for (size_t i = 0; v[largest] < 0 && i < n; i++)
        v[i] = i == largest ? v[i] : -v[i];
    v[largest] = fabs(v[largest]);
}

/* Largest eigenvalue first. */
static void sort(const struct reduction *r)
{
    for (size_t k = 0; k < r->n; k++) {
        size_t largest = k;
        for (size_t i = k + 1; i < r->n; i++)
            if (r->diagonal[i] > r->diagonal[largest])
                largest = i;
        const double value = r->diagonal[k];
        r->diagonal[k] = r->diagonal[largest];
        r->diagonal[largest] = value;
        for (size_t i = 0; r->vector != NULL && i < r->n; i++) {
            const double x = r->vector[k * r->n + i];
            r->vector[k * r->n + i] = r->vector[largest * r->n + i];
            r->vector[largest * r->n + i] = x;
        }
        if (r->vector != NULL)
            set_sign(r->n, r->vector + k * r->n);
    }
}

enum ccrnn_status ccrnn_symmetric_eigen(double *matrix, size_t n, double *value, double *vector,
                                        struct ccrnn_error *err)
{
    double largest = 0;
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(matrix[i]))
            return ccrnn_fail(err, CCRNN_NONFINITE,
                              "element %zu of a matrix of %zu rows is %f: expected a finite "
                              "number; look for what made it",
                              i, n, matrix[i]);
        largest = fmax(largest, fabs(matrix[i]));
    }
    double *const work = ccrnn_moments_table(2, n);
    if (work == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for eigenvalues of %zu rows", n);
    /* Scaled, so that squares neither overflow nor vanish. */
    for (size_t i = 0; largest > 0 && i < n * n; i++)
        matrix[i] /= largest;
    const struct reduction r = {
        .matrix = matrix,
        .vector = vector,
        .diagonal = value,
        .beside = work,
        .work = work + n,
        .n = n,
    };
    reduce(&r);
    if (vector != NULL)
        collect(&r);
    const enum ccrnn_status status = iterate(&r, err);
    if (status == CCRNN_OK)
        sort(&r);
    for (size_t i = 0; i < n; i++)
        value[i] *= largest;
    free(work);
    return status;
}
