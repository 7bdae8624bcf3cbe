/* The words of options that choose, in the order of the table. */
#include "study/option_choices.h"

const struct ccrnn_option_choice ccrnn_choices_task[] = {
    {.name = "line-drawing", .value = CCRNN_TASK_LINE_DRAWING},
    {.name = "online-line-drawing", .value = CCRNN_TASK_ONLINE_LINE_DRAWING},
    {.name = "online-digit-drawing", .value = CCRNN_TASK_ONLINE_DIGIT_DRAWING},
    {.name = "visual-discrimination", .value = CCRNN_TASK_VISUAL_DISCRIMINATION},
    {.name = "captions", .value = CCRNN_TASK_CAPTIONS},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_image[] = {
    {.name = "pens", .value = CCRNN_IMAGE_SOURCE_PENS},
    {.name = "mnist", .value = CCRNN_IMAGE_SOURCE_MNIST},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_shuffle[] = {
    {.name = "none", .value = CCRNN_SHUFFLE_NONE},
    {.name = "epoch", .value = CCRNN_SHUFFLE_EPOCH},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_line_target[] = {
    {.name = "circle", .value = CCRNN_LINE_TARGETS_CIRCLE},
    {.name = "grid", .value = CCRNN_LINE_TARGETS_GRID},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_caption[] = {
    {.name = "scenes", .value = CCRNN_CAPTIONS_SCENES},
    {.name = "flickr", .value = CCRNN_CAPTIONS_FLICKR},
    {.name = "coco", .value = CCRNN_CAPTIONS_COCO},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_length[] = {
    {.name = "natural", .value = CCRNN_LENGTHS_NATURAL},
    {.name = "balanced", .value = CCRNN_LENGTHS_BALANCED},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_feature_map[] = {
    {.name = "learned", .value = CCRNN_FEATURES_LEARNED},
    {.name = "frozen", .value = CCRNN_FEATURES_FROZEN},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_feature_norm[] = {
    {.name = "none", .value = CCRNN_FEATURE_NORM_NONE},
    {.name = "batch", .value = CCRNN_FEATURE_NORM_BATCH},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_cell[] = {
    {.name = "lstm", .value = CCRNN_CELL_LSTM},
    {.name = "gru", .value = CCRNN_CELL_GRU},
    {.name = "tanh", .value = CCRNN_CELL_TANH},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_cerebellum[] = {
    {.name = "none", .value = CCRNN_CEREBELLUM_NONE},
    {.name = "learning", .value = CCRNN_CEREBELLUM_LEARNING},
    {.name = "fixed", .value = CCRNN_CEREBELLUM_FIXED},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_feedback[] = {
    {.name = "predicted", .value = CCRNN_FEEDBACK_PREDICTED},
    {.name = "off", .value = CCRNN_FEEDBACK_OFF},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_terminal[] = {
    {.name = "predicted", .value = CCRNN_TERMINAL_PREDICTED},
    {.name = "zero", .value = CCRNN_TERMINAL_ZERO},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_cerebellar_loss[] = {
    {.name = "sum", .value = CCRNN_CEREBELLAR_LOSS_SUM},
    {.name = "mean", .value = CCRNN_CEREBELLAR_LOSS_MEAN},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_update[] = {
    {.name = "batch", .value = CCRNN_UPDATE_BATCH},
    {.name = "segment", .value = CCRNN_UPDATE_SEGMENT},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_optimiser[] = {
    {.name = "adam", .value = CCRNN_OPTIMISER_ADAM},
    {.name = "rmsprop", .value = CCRNN_OPTIMISER_RMSPROP},
    {.name = "sgd", .value = CCRNN_OPTIMISER_SGD},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_gemm[] = {
    {.name = "auto", .value = CCRNN_GEMM_AUTO},
    {.name = "onednn", .value = CCRNN_GEMM_ONEDNN},
    {.name = "plain", .value = CCRNN_GEMM_PLAIN},
    {.name = NULL}};

const struct ccrnn_option_choice ccrnn_choices_kernel[] = {
    {.name = "auto", .value = CCRNN_KERNELS_AUTO},
    {.name = "avx512", .value = CCRNN_KERNELS_AVX512},
    {.name = "avx2", .value = CCRNN_KERNELS_AVX2},
    {.name = "plain", .value = CCRNN_KERNELS_PLAIN},
    {.name = NULL}};
