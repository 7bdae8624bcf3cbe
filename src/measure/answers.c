#include "ccrnn/measure.h"

#include <math.h>

/* The largest logit's place, the lowest of equals; O if there is none or one is not finite. */
static size_t place_of_largest(const ccrnn_real *logits, size_t O)
{
    size_t largest = 0;
    for (size_t o = 0; o < O; o++) {
        if (!isfinite(logits[o]))
            return O;
        if (logits[o] > logits[largest])
            largest = o;
    }
    return largest;
}

/* Σ of e^{logit − largest logit} over the other classes. The largest's own 1 is kept apart, as it
 * would swallow the rest of a very certain answer. */
static double sum_of_others(const ccrnn_real *logits, size_t O, size_t largest)
{
    double sum = 0.0;
    for (size_t o = 0; o < O; o++) {
        if (o != largest)
            sum += exp((double)logits[o] - (double)logits[largest]);
    }
    return sum;
}

void ccrnn_measure_answer(const ccrnn_real *logits, size_t O, int32_t label,
                          struct ccrnn_answer *answer)
{
    *answer = (struct ccrnn_answer){.nll = NAN, .certainty = NAN, .choice = -1};
    const size_t largest = place_of_largest(logits, O);
    if (largest == O)
        return;
    const double others = sum_of_others(logits, O, largest);
    answer->certainty = 1.0 / (1.0 + others);
    answer->choice = (int32_t)largest;
    if (label < 0 || (size_t)label >= O)
        return;
    answer->nll = log1p(others) + ((double)logits[largest] - (double)logits[label]);
    answer->right = answer->choice == label;
}

void ccrnn_measure_softmax(const ccrnn_real *logits, size_t O, double *probability)
{
    const size_t largest = place_of_largest(logits, O);
    const double sum = largest == O ? (double)NAN : 1.0 + sum_of_others(logits, O, largest);
    for (size_t o = 0; o < O; o++)
        probability[o] =
            largest == O ? (double)NAN : exp((double)logits[o] - (double)logits[largest]) / sum;
}
