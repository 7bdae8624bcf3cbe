/* What a claim may be about. */
#include <string.h>

#include "measure/claim.h"

#define TRAIN (1U << CCRNN_CLAIM_TRAIN)
#define VALIDATION (1U << CCRNN_CLAIM_VALIDATION)
#define TEST (1U << CCRNN_CLAIM_TEST)
#define HELD_OUT (VALIDATION | TEST)
#define ALL_SPLITS (TRAIN | HELD_OUT)
#define DRAWS CCRNN_CLAIM_DRAWS
#define NAMES CCRNN_CLAIM_NAMES
#define SAYS CCRNN_CLAIM_SAYS
#define ANY (DRAWS | NAMES | SAYS)

#define CORTEX(name)                                                                             \
    {                                                                                            \
        "cortex_" name, VALIDATION, ANY, 0, .probed = true                                       \
    }
#define GRANULE(name)                                                                            \
    {                                                                                            \
        "granule_" name, VALIDATION, ANY, 0, .probed = true, .cerebellum = true                  \
    }
#define SCORE(name)                                                                              \
    {name, TEST, SAYS, 1, .parts = true},                                                        \
    {                                                                                            \
        "beam_" name, TEST, SAYS, 1, .parts = true                                               \
    }

const struct ccrnn_claim_measure ccrnn_claim_measures[] = {
    /* of a drawing */
    {"error", ALL_SPLITS, DRAWS, -1, .parts = true},
    {"roughness", HELD_OUT, DRAWS, -1, .parts = true},
    {"end_point_error", HELD_OUT, DRAWS, -1, .parts = true},
    {"overshoot", HELD_OUT, DRAWS, -1, .parts = true, .seldom = true},
    {"undershoot", HELD_OUT, DRAWS, -1, .parts = true, .seldom = true},
    {"path_length_ratio", HELD_OUT, DRAWS, 0, .parts = true, .seldom = true},
    {"curvature", HELD_OUT, DRAWS, -1, .parts = true, .seldom = true},
    {"direction_error", HELD_OUT, DRAWS, -1, .parts = true, .seldom = true},
    {"sparc", HELD_OUT, DRAWS, 1, .parts = true, .seldom = true},
    {"log_dimensionless_jerk", HELD_OUT, DRAWS, 1, .parts = true, .seldom = true},
    /* of an answer */
    {"nll", ALL_SPLITS, NAMES, -1, .parts = true},
    {"accuracy", HELD_OUT, NAMES | SAYS, 1, .parts = true},
    {"certainty", HELD_OUT, NAMES, 1, .parts = true},
    {"uncertainty", HELD_OUT, NAMES, -1, .parts = true},
    /* of captions */
    {"bits_per_word", ALL_SPLITS, SAYS, -1, .parts = true},
    {"bits_per_word_with_start", ALL_SPLITS, SAYS, -1, .parts = false},
    {"perplexity", HELD_OUT, SAYS, -1, .parts = false},
    SCORE("bleu_1"),
    SCORE("bleu_2"),
    SCORE("bleu_3"),
    SCORE("bleu_4"),
    SCORE("rouge_l"),
    SCORE("cider"),
    SCORE("cider_d"),
    /* of learning */
    {"grad_norm", TRAIN, ANY, 0, .parts = false},
    {"cerebellar_loss", TRAIN, ANY, 0, .cerebellum = true},
    {"similarity", TRAIN, ANY, 0, .cerebellum = true},
    {"best_epoch", TEST, ANY, 0, .parts = false},
    /* of the probe */
    {"similarity_target", VALIDATION, ANY, 1, .parts = true, .cerebellum = true, .probed = true},
    {"similarity_true", VALIDATION, ANY, 1, .parts = true, .cerebellum = true, .probed = true},
    {"coupling", VALIDATION, ANY, 0, .parts = true, .cerebellum = true, .probed = true},
    {"coupling_shift", VALIDATION, ANY, 0, .cerebellum = true, .probed = true},
    CORTEX("pairwise_correlation"),
    CORTEX("population_correlation"),
    CORTEX("participation_ratio"),
    CORTEX("coding_space"),
    CORTEX("sparsity"),
    GRANULE("pairwise_correlation"),
    GRANULE("population_correlation"),
    GRANULE("participation_ratio"),
    GRANULE("coding_space"),
    GRANULE("sparsity"),
    {"weights_*", VALIDATION, ANY, 0, .parts = true, .probed = true},
    /* made of a whole curve */
    {CCRNN_CLAIM_LEARNING_SPEED, ALL_SPLITS, ANY, -1, .derived = true},
    {CCRNN_CLAIM_AREA, ALL_SPLITS, ANY, -1, .derived = true},
    {CCRNN_CLAIM_NORMALISED_ERROR, ALL_SPLITS, ANY, -1, .derived = true},
    {NULL, 0, 0, 0, .parts = false},
};

const struct ccrnn_claim_measure *ccrnn_claim_measure_find(const char *name)
{
    const size_t length = strcspn(name, ".");
    const bool part = name[length] != '\0';
    if (part && name[length + 1] == '\0')
        return NULL;
    for (const struct ccrnn_claim_measure *m = ccrnn_claim_measures; m->name != NULL; m++) {
        const size_t known = strcspn(m->name, "*");
        const bool open = m->name[known] != '\0';
        if (open ? length <= known : length != known)
            continue;
        if (strncmp(m->name, name, known) == 0)
            return part && !m->parts ? NULL : m;
    }
    return NULL;
}
