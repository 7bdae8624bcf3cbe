#include "net/loss.h"

#include <math.h>

double ccrnn_loss_squared(const struct ccrnn_math *math, size_t B, size_t O, double scale,
                          const ccrnn_real *y, const ccrnn_real *target, ccrnn_real *d)
{
    return math->kernels->difference(B * O, 2.0 * scale, y, target, d);
}

double ccrnn_loss_cross_entropy(size_t B, size_t O, double scale, const ccrnn_real *y,
                                const int32_t *label, ccrnn_real *d)
{
    double total = 0;
    for (size_t b = 0; b < B; b++) {
        const ccrnn_real *const logits = y + b * O;
        double largest = (double)logits[0];
        for (size_t o = 1; o < O; o++)
            largest = fmax(largest, (double)logits[o]);
        double sum = exp((double)logits[0] - largest);
        for (size_t o = 1; o < O; o++)
            sum += exp((double)logits[o] - largest);
        const double log_sum = largest + log(sum);
        for (size_t o = 0; o < O; o++)
            d[b * O + o] = (ccrnn_real)(scale * exp((double)logits[o] - log_sum));
        const size_t correct = (size_t)label[b];
        d[b * O + correct] = (ccrnn_real)(scale * (exp((double)logits[correct] - log_sum) - 1.0));
        total += log_sum - (double)logits[correct];
    }
    return total;
}
