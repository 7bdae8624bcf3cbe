/* The table of curves, and what is common to all measures; finals.c has the values at the end. */
#include "report/measures.h"

#include <string.h>

#include "report/task.h"
#include "report/text.h"

const struct ccrnn_report_measure ccrnn_report_curves[] = {
    {.name = "learning-curves",
     .title = "Learning curves: training error",
     .noun = "training error",
     .axis = "training error",
     .definition = "squared distance to the target, summed over the steps that were "
                   "given a target, divided by all steps of a trial; mean over the "
                   "epoch’s trials",
     .series = CCRNN_SERIES_TRAIN_ERROR,
     .fallback = CCRNN_SERIES_TRAIN_ERROR,
     .unit = CCRNN_UNIT_SQUARED_LENGTH,
     .figure = true},
    {.name = "training-likelihood-curves",
     .title = "Learning curves: training loss",
     .noun = "training loss",
     .axis = "training loss, −log likelihood",
     .definition = "negative logarithm of the probability given to the right class at "
                   "the last step, mean over the epoch’s trials",
     .series = CCRNN_SERIES_TRAIN_NLL,
     .fallback = CCRNN_SERIES_TRAIN_NLL,
     .unit = CCRNN_UNIT_NATS,
     .figure = true},
    {.name = "validation-curves",
     .title = "Learning curves: validation error",
     .noun = "validation error",
     .axis = "validation error",
     .definition = "squared distance to the target, mean over trials and all steps, on "
                   "data never trained on",
     .series = CCRNN_SERIES_VALIDATION_ERROR,
     .fallback = CCRNN_SERIES_VALIDATION_ERROR,
     .unit = CCRNN_UNIT_SQUARED_LENGTH,
     .figure = true},
    {.name = "validation-likelihood-curves",
     .title = "Learning curves: validation loss",
     .noun = "validation loss",
     .axis = "validation loss, −log likelihood",
     .definition = "the training loss’s formula, on data never trained on",
     .series = CCRNN_SERIES_VALIDATION_NLL,
     .fallback = CCRNN_SERIES_VALIDATION_NLL,
     .unit = CCRNN_UNIT_NATS,
     .figure = true},
    {.name = "accuracy-curves",
     .title = "Learning curves: validation accuracy",
     .noun = "validation accuracy",
     .axis = "validation accuracy (share of trials)",
     .definition = "share of validation trials in which the most probable class at the "
                   "last step is the right one",
     .series = CCRNN_SERIES_VALIDATION_ACCURACY,
     .fallback = CCRNN_SERIES_VALIDATION_ACCURACY,
     .unit = CCRNN_UNIT_NONE,
     .figure = true},
    {.name = "training-bits-curves",
     .title = "Learning curves: training loss",
     .noun = "training loss in bits per word",
     .axis = "training loss",
     .definition = "cross-entropy of the words after &lt;start&gt; and of &lt;end&gt;, "
                   "divided by ln 2, mean over the words of the epoch’s captions, while "
                   "the network learns",
     .series = CCRNN_SERIES_TRAIN_BITS,
     .fallback = CCRNN_SERIES_TRAIN_BITS,
     .unit = CCRNN_UNIT_BITS_PER_WORD,
     .figure = true,
     .captions = true,
     .narrow = true},
    {.name = "validation-bits-curves",
     .title = "Learning curves: validation loss",
     .noun = "validation loss in bits per word",
     .axis = "validation loss",
     .definition = "the training loss’s formula, on images never trained on and without "
                   "dropout",
     .series = CCRNN_SERIES_VALIDATION_BITS,
     .fallback = CCRNN_SERIES_VALIDATION_BITS,
     .unit = CCRNN_UNIT_BITS_PER_WORD,
     .figure = true,
     .captions = true,
     .narrow = true},
    {.name = "word-accuracy-curves",
     .title = "Learning curves: validation accuracy",
     .noun = "validation accuracy",
     .axis = "validation accuracy (share of words)",
     .definition = "share of the words of validation captions, &lt;end&gt; among them, "
                   "that are the most probable one given the image and the true words "
                   "before",
     .series = CCRNN_SERIES_VALIDATION_ACCURACY,
     .fallback = CCRNN_SERIES_VALIDATION_ACCURACY,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .captions = true,
     .narrow = true},
    {.name = "feedback-similarity",
     .title = "Similarity of predicted feedback to its target",
     .noun = "feedback similarity",
     .axis = "cosine similarity",
     .definition = "cosine between the feedback the cerebellum predicts and the target "
                   "it learns from, per trial over the units of the cortical state, "
                   "then averaged over trials and segments; 1 is the right direction, "
                   "0 is chance",
     .series = CCRNN_SERIES_TRAIN_SIMILARITY,
     .fallback = CCRNN_SERIES_TRAIN_SIMILARITY,
     .unit = CCRNN_UNIT_NONE,
     .figure = true},
    {.name = "feedback-similarity-probe",
     .title = "Similarity of predicted feedback to its target, on validation trials",
     .noun = "feedback similarity",
     .axis = "cosine with the target",
     .definition = "cosine between the feedback the cerebellum predicts and the target it "
                   "learns from, per trial over the units of the cortical state, mean over "
                   "validation trials and segments; epoch 0 is before learning",
     .series = CCRNN_SERIES_SIMILARITY_TARGET,
     .fallback = CCRNN_SERIES_SIMILARITY_TARGET,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "true-similarity",
     .title = "Similarity of predicted feedback to the true gradient",
     .noun = "similarity to the true gradient",
     .axis = "cosine with the true gradient",
     .definition = "cosine between the feedback the cerebellum predicts and the gradient of "
                   "the whole remaining sequence (full backpropagation), mean over "
                   "validation trials and segments; epoch 0 is before learning",
     .series = CCRNN_SERIES_SIMILARITY_TRUE,
     .fallback = CCRNN_SERIES_SIMILARITY_TRUE,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "coupling",
     .title = "Cortico-cerebellar coupling",
     .noun = "coupling",
     .axis = "coupling, mean |r|",
     .definition = "absolute Pearson correlation of a unit of the cortical state with a "
                   "granule unit over validation trials and segments, mean over all pairs of "
                   "units; epoch 0 is before learning",
     .series = CCRNN_SERIES_COUPLING,
     .fallback = CCRNN_SERIES_COUPLING,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "coupling-shift",
     .title = "Change of the coupling since the start of learning",
     .noun = "change of the coupling",
     .axis = "change of |r| since epoch 0",
     .definition = "absolute change of a pair’s |r| since epoch 0, mean over all pairs of "
                   "a unit of the cortical state and a granule unit",
     .series = CCRNN_SERIES_COUPLING_SHIFT,
     .fallback = CCRNN_SERIES_COUPLING_SHIFT,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "cortex-pairwise-correlation",
     .title = "Correlations between units of the cortical state",
     .noun = "pairwise correlation, cortical state",
     .axis = "mean |r|, cortical state",
     .definition = "absolute Pearson correlation of two units of the cortical state over "
                   "validation trials and segments, mean over all pairs; epoch 0 is before "
                   "learning",
     .series = CCRNN_SERIES_CORTEX_PAIRWISE,
     .fallback = CCRNN_SERIES_CORTEX_PAIRWISE,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "cortex-population-correlation",
     .title = "Population correlation of the cortical state",
     .noun = "population correlation, cortical state",
     .axis = "population correlation, cortical state",
     .definition = "N/(N − 1)·(λ<sub>max</sub>/Σλ − 1/N) of the covariance of the N "
                   "units of the cortical state over validation trials and segments: 0 if "
                   "they vary independently and alike, 1 along one line",
     .series = CCRNN_SERIES_CORTEX_POPULATION,
     .fallback = CCRNN_SERIES_CORTEX_POPULATION,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "cortex-participation-ratio",
     .title = "Participation ratio of the cortical state",
     .noun = "participation ratio, cortical state",
     .axis = "participation ratio, cortical state",
     .definition = "(Σλ)²/Σλ² of the covariance of the units of the cortical state: "
                   "how many dimensions their activity fills",
     .series = CCRNN_SERIES_CORTEX_PARTICIPATION,
     .fallback = CCRNN_SERIES_CORTEX_PARTICIPATION,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "cortex-coding-space",
     .title = "Coding space of the cortical state",
     .noun = "coding space, cortical state",
     .axis = "total variance, cortical state",
     .definition = "trace of the covariance of the units of the cortical state over "
                   "validation trials and segments",
     .series = CCRNN_SERIES_CORTEX_CODING_SPACE,
     .fallback = CCRNN_SERIES_CORTEX_CODING_SPACE,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "cortex-sparsity",
     .title = "Sparsity of the cortical state",
     .noun = "sparsity, cortical state",
     .axis = "sparsity, cortical state",
     .definition = "(N − mean of (Σ|x|)²/Σx²)/(N − 1) over validation trials and "
                   "segments: 1 if one of the N units is active at a time, 0 if all are "
                   "alike",
     .series = CCRNN_SERIES_CORTEX_SPARSITY,
     .fallback = CCRNN_SERIES_CORTEX_SPARSITY,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "granule-pairwise-correlation",
     .title = "Correlations between units of the granule layer",
     .noun = "pairwise correlation, granule layer",
     .axis = "mean |r|, granule layer",
     .definition = "absolute Pearson correlation of two units of the granule layer over "
                   "validation trials and segments, mean over all pairs; epoch 0 is before "
                   "learning",
     .series = CCRNN_SERIES_GRANULE_PAIRWISE,
     .fallback = CCRNN_SERIES_GRANULE_PAIRWISE,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "granule-population-correlation",
     .title = "Population correlation of the granule layer",
     .noun = "population correlation, granule layer",
     .axis = "population correlation, granule layer",
     .definition = "N/(N − 1)·(λ<sub>max</sub>/Σλ − 1/N) of the covariance of the N "
                   "units of the granule layer over validation trials and segments: 0 if "
                   "they vary independently and alike, 1 along one line",
     .series = CCRNN_SERIES_GRANULE_POPULATION,
     .fallback = CCRNN_SERIES_GRANULE_POPULATION,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "granule-participation-ratio",
     .title = "Participation ratio of the granule layer",
     .noun = "participation ratio, granule layer",
     .axis = "participation ratio, granule layer",
     .definition = "(Σλ)²/Σλ² of the covariance of the units of the granule layer: how "
                   "many dimensions their activity fills",
     .series = CCRNN_SERIES_GRANULE_PARTICIPATION,
     .fallback = CCRNN_SERIES_GRANULE_PARTICIPATION,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "granule-coding-space",
     .title = "Coding space of the granule layer",
     .noun = "coding space, granule layer",
     .axis = "total variance, granule layer",
     .definition = "trace of the covariance of the units of the granule layer over "
                   "validation trials and segments",
     .series = CCRNN_SERIES_GRANULE_CODING_SPACE,
     .fallback = CCRNN_SERIES_GRANULE_CODING_SPACE,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
    {.name = "granule-sparsity",
     .title = "Sparsity of the granule layer",
     .noun = "sparsity, granule layer",
     .axis = "sparsity, granule layer",
     .definition = "(N − mean of (Σ|x|)²/Σx²)/(N − 1) over validation trials and "
                   "segments: 1 if one of the N units is active at a time, 0 if all are "
                   "alike",
     .series = CCRNN_SERIES_GRANULE_SPARSITY,
     .fallback = CCRNN_SERIES_GRANULE_SPARSITY,
     .unit = CCRNN_UNIT_NONE,
     .figure = true,
     .any = true},
};
const size_t ccrnn_report_curve_count =
    sizeof ccrnn_report_curves / sizeof ccrnn_report_curves[0];

const struct ccrnn_report_measure *ccrnn_report_final(const char *name)
{
    for (size_t i = 0; i < ccrnn_report_final_count; i++) {
        if (strcmp(ccrnn_report_finals[i].name, name) == 0)
            return &ccrnn_report_finals[i];
    }
    return NULL;
}

static void add_unit(struct ccrnn_report_text *text, const struct ccrnn_report_study *study,
                     const struct ccrnn_report_measure *measure)
{
    const char *const length = study->task->length;
    switch (measure->unit) {
    case CCRNN_UNIT_LENGTH:
        ccrnn_report_add(text, " (%s)", length);
        return;
    case CCRNN_UNIT_SQUARED_LENGTH:
        ccrnn_report_add(text, " (squared %s)", length);
        return;
    case CCRNN_UNIT_RADIANS:
        ccrnn_report_add(text, " (radians)");
        return;
    case CCRNN_UNIT_NATS:
        ccrnn_report_add(text, " (nats)");
        return;
    case CCRNN_UNIT_BITS_PER_WORD:
        ccrnn_report_add(text, " (bits per word)");
        return;
    case CCRNN_UNIT_NONE:
        return;
    }
}

void ccrnn_report_add_axis(struct ccrnn_report_text *text, const struct ccrnn_report_study *study,
                           const struct ccrnn_report_measure *measure)
{
    ccrnn_report_add(text, "%s", measure->axis);
    add_unit(text, study, measure);
}

int ccrnn_report_digits(const struct ccrnn_report_measure *measure)
{
    return measure->narrow ? 4 : 3;
}
