#include "ccrnn/similarity.h"

#include <math.h>
#include <stdbool.h>

/* The sums two series are compared by. */
struct sums {
    double ab, aa, bb;
};

static void add_pair(struct sums *sums, double a, double b)
{
    sums->ab += a * b;
    sums->aa += a * a;
    sums->bb += b * b;
}

/* NaN if one of the two is 0, or not finite. */
static double cosine_of(const struct sums *sums)
{
    const double norms = sqrt(sums->aa) * sqrt(sums->bb);
    return norms > 0 ? fmax(-1, fmin(1, sums->ab / norms)) : (double)NAN;
}

void ccrnn_similarity_measure(const ccrnn_real *predicted, const ccrnn_real *reference,
                              size_t samples, size_t units, struct ccrnn_similarity *similarity)
{
    struct ccrnn_similarity found = {.samples = samples};
    double total = 0;
    bool finite = true;
    for (size_t s = 0; s < samples; s++) {
        struct sums sums = {0};
        for (size_t i = 0; i < units; i++)
            add_pair(&sums, (double)predicted[s * units + i], (double)reference[s * units + i]);
        finite = finite && isfinite(sums.aa) && isfinite(sums.bb);
        const bool silent = sums.aa == 0, undefined = sums.bb == 0;
        found.undefined += undefined;
        found.silent += silent && !undefined;
        if (!silent && !undefined)
            total += cosine_of(&sums);
    }
    const size_t counted = samples - found.undefined;
    found.mean = finite && counted > 0 ? total / (double)counted : (double)NAN;
    *similarity = found;
}

static double mean_of(const ccrnn_real *x, size_t samples, size_t units)
{
    double sum = 0;
    for (size_t s = 0; s < samples; s++)
        sum += (double)x[s * units];
    return sum / (double)samples;
}

static bool changes(const ccrnn_real *x, size_t samples, size_t units)
{
    for (size_t s = 1; s < samples; s++)
        if (x[s * units] != x[0])
            return true;
    return false;
}

/* Of two columns, less a mean each. */
static double column_cosine(const ccrnn_real *a, const ccrnn_real *b, size_t samples,
                            size_t units, double mean_a, double mean_b)
{
    struct sums sums = {0};
    for (size_t s = 0; s < samples; s++)
        add_pair(&sums, (double)a[s * units] - mean_a, (double)b[s * units] - mean_b);
    return cosine_of(&sums);
}

void ccrnn_similarity_by_unit(const ccrnn_real *a, const ccrnn_real *b, size_t samples,
                              size_t units, double *cosine, double *pearson)
{
    for (size_t i = 0; i < units; i++) {
        if (cosine != NULL)
            cosine[i] = column_cosine(a + i, b + i, samples, units, 0, 0);
        if (pearson == NULL)
            continue;
        pearson[i] = NAN;
        if (changes(a + i, samples, units) && changes(b + i, samples, units))
            pearson[i] =
                column_cosine(a + i, b + i, samples, units, mean_of(a + i, samples, units),
                              mean_of(b + i, samples, units));
    }
}
