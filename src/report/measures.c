/* The table of measures. */
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
};
const size_t ccrnn_report_curve_count =
    sizeof ccrnn_report_curves / sizeof ccrnn_report_curves[0];

const struct ccrnn_report_measure ccrnn_report_finals[] = {
    {.name = "final-training-error",
     .title = "Final training error",
     .noun = "training error",
     .axis = "training error at the last epoch",
     .definition = "training error of a run’s last epoch",
     .series = CCRNN_SERIES_TRAIN_ERROR,
     .fallback = CCRNN_SERIES_TRAIN_ERROR,
     .unit = CCRNN_UNIT_SQUARED_LENGTH,
     .figure = true},
    {.name = "final-training-likelihood",
     .title = "Final training loss",
     .noun = "training loss",
     .axis = "training loss at the last epoch, −log likelihood",
     .definition = "training loss of a run’s last epoch",
     .series = CCRNN_SERIES_TRAIN_NLL,
     .fallback = CCRNN_SERIES_TRAIN_NLL,
     .unit = CCRNN_UNIT_NATS,
     .figure = false},
    {.name = "final-validation-error",
     .title = "Final validation error",
     .noun = "validation error",
     .axis = "validation error at the last epoch",
     .definition = "validation error after a run’s last epoch",
     .series = CCRNN_SERIES_VALIDATION_ERROR,
     .fallback = CCRNN_SERIES_VALIDATION_ERROR,
     .unit = CCRNN_UNIT_SQUARED_LENGTH,
     .figure = true},
    {.name = "final-validation-likelihood",
     .title = "Final validation loss",
     .noun = "validation loss",
     .axis = "validation loss at the last epoch, −log likelihood",
     .definition = "validation loss after a run’s last epoch",
     .series = CCRNN_SERIES_VALIDATION_NLL,
     .fallback = CCRNN_SERIES_VALIDATION_NLL,
     .unit = CCRNN_UNIT_NATS,
     .figure = true},
    {.name = "mean-validation-error",
     .title = "Speed of learning: validation error, mean over all epochs",
     .noun = "mean validation error",
     .axis = "validation error, mean over epochs",
     .definition = "validation error, averaged over all epochs of a run: the lower, "
                   "the faster it learned",
     .series = CCRNN_SERIES_MEAN_VALIDATION_ERROR,
     .fallback = CCRNN_SERIES_MEAN_VALIDATION_ERROR,
     .unit = CCRNN_UNIT_SQUARED_LENGTH,
     .figure = true},
    {.name = "mean-validation-likelihood",
     .title = "Speed of learning: validation loss, mean over all epochs",
     .noun = "mean validation loss",
     .axis = "validation loss, mean over epochs",
     .definition = "validation loss, averaged over all epochs of a run: the lower, the "
                   "faster it learned",
     .series = CCRNN_SERIES_MEAN_VALIDATION_NLL,
     .fallback = CCRNN_SERIES_MEAN_VALIDATION_NLL,
     .unit = CCRNN_UNIT_NATS,
     .figure = true},
    {.name = "test-error",
     .title = "Test error",
     .noun = "test error",
     .axis = "test error",
     .definition = "the validation error’s formula on test data, with the final "
                   "weights",
     .series = CCRNN_SERIES_TEST_ERROR,
     .fallback = CCRNN_SERIES_TEST_ERROR,
     .unit = CCRNN_UNIT_SQUARED_LENGTH,
     .figure = false},
    {.name = "test-likelihood",
     .title = "Test loss",
     .noun = "test loss",
     .axis = "test loss, −log likelihood",
     .definition = "the training loss’s formula on test data, with the final weights",
     .series = CCRNN_SERIES_TEST_NLL,
     .fallback = CCRNN_SERIES_TEST_NLL,
     .unit = CCRNN_UNIT_NATS,
     .figure = false},
    {.name = "test-accuracy",
     .title = "Accuracy",
     .noun = "accuracy",
     .axis = "accuracy (share of trials)",
     .definition = "share of trials in which the most probable class at the last step "
                   "is the right one, with the final weights",
     .series = CCRNN_SERIES_TEST_ACCURACY,
     .fallback = CCRNN_SERIES_VALIDATION_ACCURACY,
     .unit = CCRNN_UNIT_NONE,
     .figure = true},
    {.name = "end-point-error",
     .title = "End-point error",
     .noun = "end-point error",
     .axis = "end-point error",
     .definition = "distance between the drawn and the target end point, mean over "
                   "trials, with the final weights",
     .series = CCRNN_SERIES_TEST_END_POINT,
     .fallback = CCRNN_SERIES_VALIDATION_END_POINT,
     .unit = CCRNN_UNIT_LENGTH,
     .figure = true},
    {.name = "roughness",
     .title = "Roughness of the drawn movement (dysmetria)",
     .noun = "roughness",
     .axis = "roughness D",
     .definition = "D = mean over trials and steps of ‖<i>y<sub>t</sub></i> − "
                   "2<i>y</i><sub><i>t</i>−1</sub> + <i>y</i><sub><i>t</i>−2</sub>‖ "
                   "minus the same of the target, with the final weights; 0 is as "
                   "smooth as the target",
     .series = CCRNN_SERIES_TEST_ROUGHNESS,
     .fallback = CCRNN_SERIES_VALIDATION_ROUGHNESS,
     .unit = CCRNN_UNIT_LENGTH,
     .figure = true},
    {.name = "uncertainty",
     .title = "Uncertainty (dysmetria)",
     .noun = "uncertainty",
     .axis = "uncertainty, 1 − certainty",
     .definition = "1 − the largest class probability at the last step, mean over "
                   "trials, with the final weights; 0 is certain, right or wrong",
     .series = CCRNN_SERIES_TEST_UNCERTAINTY,
     .fallback = CCRNN_SERIES_VALIDATION_UNCERTAINTY,
     .unit = CCRNN_UNIT_NONE,
     .figure = true},
    {.name = "overshoot",
     .title = "Overshoot",
     .noun = "overshoot",
     .axis = "overshoot",
     .panel = "overshoot",
     .definition = "how far a movement ends beyond its target’s end, along the line "
                   "from the target’s start to its end, 0 if it ends short of it; mean "
                   "over trials",
     .series = CCRNN_SERIES_TEST_OVERSHOOT,
     .fallback = CCRNN_SERIES_VALIDATION_OVERSHOOT,
     .unit = CCRNN_UNIT_LENGTH,
     .figure = false},
    {.name = "undershoot",
     .title = "Undershoot",
     .noun = "undershoot",
     .axis = "undershoot",
     .panel = "undershoot",
     .definition = "how far a movement ends short of its target’s end, along the line "
                   "from the target’s start to its end, 0 if it ends beyond it; mean "
                   "over trials",
     .series = CCRNN_SERIES_TEST_UNDERSHOOT,
     .fallback = CCRNN_SERIES_VALIDATION_UNDERSHOOT,
     .unit = CCRNN_UNIT_LENGTH,
     .figure = false},
    {.name = "path-length-ratio",
     .title = "Path-length ratio",
     .noun = "path-length ratio",
     .axis = "path-length ratio",
     .panel = "path-length ratio",
     .definition = "length of the drawn path divided by that of the target’s, mean "
                   "over trials; 1 is as long as the target",
     .series = CCRNN_SERIES_TEST_PATH_LENGTH,
     .fallback = CCRNN_SERIES_VALIDATION_PATH_LENGTH,
     .unit = CCRNN_UNIT_NONE,
     .figure = false},
    {.name = "curvature",
     .title = "Total curvature",
     .noun = "total curvature",
     .axis = "total curvature",
     .panel = "total curvature",
     .definition = "angles by which the drawn path turns from step to step, whichever "
                   "way, added up over the movement; mean over trials",
     .series = CCRNN_SERIES_TEST_CURVATURE,
     .fallback = CCRNN_SERIES_VALIDATION_CURVATURE,
     .unit = CCRNN_UNIT_RADIANS,
     .figure = false},
    {.name = "direction-error",
     .title = "Initial direction error",
     .noun = "initial direction error",
     .axis = "initial direction error",
     .panel = "direction error",
     .definition = "angle between movement and target over the target’s first straight "
                   "part, at most a quarter of the trial; mean over trials",
     .series = CCRNN_SERIES_TEST_DIRECTION,
     .fallback = CCRNN_SERIES_VALIDATION_DIRECTION,
     .unit = CCRNN_UNIT_RADIANS,
     .figure = false},
    {.name = "sparc",
     .title = "Spectral arc length (SPARC)",
     .noun = "spectral arc length",
     .axis = "SPARC",
     .panel = "SPARC",
     .definition = "minus the arc length of the normalised spectrum of the movement’s "
                   "speed, mean over trials; nearer 0 is smoother (Balasubramanian et "
                   "al. 2015)",
     .series = CCRNN_SERIES_TEST_SPARC,
     .fallback = CCRNN_SERIES_VALIDATION_SPARC,
     .unit = CCRNN_UNIT_NONE,
     .figure = false},
    {.name = "log-dimensionless-jerk",
     .title = "Log dimensionless jerk",
     .noun = "log dimensionless jerk",
     .axis = "log dimensionless jerk",
     .panel = "log jerk",
     .definition = "minus the logarithm of the movement’s squared jerk, made "
                   "independent of its size and duration, mean over trials; larger is "
                   "smoother (Balasubramanian et al. 2015)",
     .series = CCRNN_SERIES_TEST_JERK,
     .fallback = CCRNN_SERIES_VALIDATION_JERK,
     .unit = CCRNN_UNIT_NONE,
     .figure = false},
};
const size_t ccrnn_report_final_count =
    sizeof ccrnn_report_finals / sizeof ccrnn_report_finals[0];

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
