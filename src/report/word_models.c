/* Word models: what a loss in bits per word is measured against. */
#include <math.h>

#include "report/figures.h"

/* The value all used runs agree on; NaN if there is none, or several. */
static double agreed(const struct ccrnn_report_study *study, enum ccrnn_report_series_id series,
                     bool *differ)
{
    const double rounding = 1e-6;
    double value = NAN;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            const double its = ccrnn_report_last(run, series);
            if (!run->used || !isfinite(its))
                continue;
            if (fabs(its - value) > rounding * fabs(value)) {
                *differ = true;
                return NAN;
            }
            value = its;
        }
    }
    return value;
}

size_t ccrnn_report_word_models(const struct ccrnn_report_study *study,
                                struct ccrnn_report_word_model model[2], bool *differ)
{
    static const struct {
        const char *name, *what;
        enum ccrnn_report_series_id series;
    } known[] = {
        {"unigram", "how frequent each word is", CCRNN_SERIES_TEST_UNIGRAM},
        {"bigram", "the word before only", CCRNN_SERIES_TEST_BIGRAM},
    };
    size_t count = 0;
    *differ = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const double bits = agreed(study, known[i].series, differ);
        if (isfinite(bits))
            model[count++] = (struct ccrnn_report_word_model){known[i].name, known[i].what, bits};
    }
    return count;
}
