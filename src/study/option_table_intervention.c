/* The rows of interventions and branching (ccrnn/intervention.h, branch.h). */
#include "study/option_rows.h"

static enum ccrnn_intervention_kind kind_of(const struct ccrnn_run_config *config)
{
    return config->intervention.kind;
}

static bool has_cerebellum(const struct ccrnn_run_config *config)
{
    return config->network.cerebellum != CCRNN_CEREBELLUM_NONE;
}

static bool has_feedback(const struct ccrnn_run_config *config)
{
    return has_cerebellum(config) && config->network.feedback == CCRNN_FEEDBACK_PREDICTED;
}

static bool has_olive(const struct ccrnn_run_config *config)
{
    return config->network.cerebellum == CCRNN_CEREBELLUM_LEARNING;
}

static bool has_granule_layer(const struct ccrnn_run_config *config)
{
    return has_cerebellum(config) && config->network.granule_layers >= 1;
}

static bool intervenes(const struct ccrnn_run_config *config)
{
    return kind_of(config) != CCRNN_INTERVENTION_NONE;
}

static bool while_learning(const struct ccrnn_run_config *config)
{
    return intervenes(config) && config->intervention.at == CCRNN_AT_TRAINING;
}

static bool is_graded(const struct ccrnn_run_config *config)
{
    const enum ccrnn_intervention_kind kind = kind_of(config);
    return intervenes(config) && kind != CCRNN_INTERVENTION_SHAM &&
           kind != CCRNN_INTERVENTION_FEEDBACK;
}

static bool disturbs(const struct ccrnn_run_config *config)
{
    return kind_of(config) == CCRNN_INTERVENTION_FEEDBACK;
}

static bool branches(const struct ccrnn_run_config *config)
{
    return config->branch_from[0] != '\0';
}

#define PART(part, when, text)                                                                   \
    .value = CCRNN_INTERVENTION_##part, .applies = when, .applies_text = text,                   \
    .substitute = CCRNN_INTERVENTION_NONE
#define NEEDS_CEREBELLUM "only with cerebellum: learning or fixed"
#define NEEDS_FEEDBACK NEEDS_CEREBELLUM ", and feedback: predicted"

static const struct ccrnn_option_choice interventions[] = {
    {.name = "none", .value = CCRNN_INTERVENTION_NONE},
    {.name = "sham", .value = CCRNN_INTERVENTION_SHAM},
    {.name = "cerebellum", PART(CEREBELLUM, has_cerebellum, NEEDS_CEREBELLUM)},
    {.name = "olive", PART(OLIVE, has_olive, "only with cerebellum: learning")},
    {.name = "cortex", .value = CCRNN_INTERVENTION_CORTEX},
    {.name = "readout", .value = CCRNN_INTERVENTION_READOUT},
    {.name = "mossy", PART(MOSSY, has_cerebellum, NEEDS_CEREBELLUM)},
    {.name = "granule",
     PART(GRANULE, has_granule_layer, "only with a cerebellum of granule_layers: 1 or more")},
    {.name = "feedback", PART(FEEDBACK, has_feedback, NEEDS_FEEDBACK)},
    {.name = NULL}};

static const struct ccrnn_option_choice times[] = {
    {.name = "training", .value = CCRNN_AT_TRAINING},
    {.name = "test", .value = CCRNN_AT_TEST},
    {.name = NULL}};

#define WHILE_LEARNING                                                                           \
    .applies = while_learning, .applies_text = "only with an intervention at: training",         \
    .in_hash = true, .later = true
#define DISTURBS                                                                                 \
    .applies = disturbs, .applies_text = "only with intervention: feedback", .in_hash = true,    \
    .later = true

const struct ccrnn_option ccrnn_intervention_rows[] = {
    {.key = "intervention",
     .group = "intervention",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(intervention.kind),
     .default_text = "none",
     .help =
         "What is cut, held fixed or disturbed: the cerebellum (it sends and learns nothing), "
         "the inferior olive (it talks on and learns nothing), learning of the cortex or the "
         "readout, mossy fibres, granule units, the feedback; sham changes nothing.",
     .choices = interventions,
     .in_hash = true,
     .later = true},
    {.key = "intervention_at",
     .group = "intervention",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(intervention.at),
     .default_text = "training",
     .help =
         "While the network learns, or only when it is tested (sham, cerebellum, mossy, granule): "
         "what the cerebellum says then is probed (probe_every), the cortex moves as it would "
         "without.",
     .choices = times,
     .applies = intervenes,
     .applies_text = "only with an intervention",
     .in_hash = true,
     .later = true},
    {.key = "intervention_from",
     .group = "intervention",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(intervention.from),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "1",
     .unit = "epochs",
     .help = "First epoch of the intervention; it acts from the epoch's start.",
     WHILE_LEARNING},
    {.key = "intervention_batch",
     .group = "intervention",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(intervention.batch),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "1",
     .unit = "batches",
     .help = "First batch of the intervention within its first epoch.",
     WHILE_LEARNING},
    {.key = "intervention_until",
     .group = "intervention",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(intervention.until),
     .minimum = 1,
     .maximum = 1e9,
     .word = "end",
     .word_value = CCRNN_UNTIL_END,
     .default_text = "end",
     .unit = "epochs",
     .help = "Last epoch of the intervention; after it, all is as before and learns on.",
     WHILE_LEARNING},
    {.key = "intervention_share",
     .group = "intervention",
     .type = CCRNN_OPTION_REAL,
     MEMBER(intervention.share),
     .minimum = 0,
     .maximum = 1,
     .above_minimum = true,
     .default_text = "1",
     .help = "Share of the units or fibres, drawn once per seed: output units of cerebellum and "
             "olive, cortical, readout and granule units, mossy fibres.",
     .applies = is_graded,
     .applies_text = "only with an intervention other than sham and feedback",
     .in_hash = true,
     .later = true},
    {.key = "intervention_gain",
     .group = "intervention",
     .type = CCRNN_OPTION_REAL,
     MEMBER(intervention.gain),
     .minimum = 0,
     .maximum = 1e6,
     .default_text = "1",
     .help = "The predicted feedback is multiplied by this too.",
     DISTURBS},
    {.key = "intervention_noise",
     .group = "intervention",
     .type = CCRNN_OPTION_REAL,
     MEMBER(intervention.noise),
     .minimum = 0,
     .maximum = 1e6,
     .default_text = "0",
     .help =
         "Standard deviation of Gaussian noise on the predicted feedback, in units of its own "
         "root mean square.",
     DISTURBS},
    {.key = "intervention_delay",
     .group = "intervention",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(intervention.delay),
     .minimum = 0,
     .maximum = 10000,
     .default_text = "0",
     .unit = "segments",
     .help = "The cortex gets predictions that are so many segments old.",
     DISTURBS},
    {.key = "branch_from",
     .group = "intervention",
     .type = CCRNN_OPTION_NAME,
     MEMBER(branch_from),
     .default_text = "",
     .help = "Another arm of the study; each run goes on from that arm's weights of the same "
             "seed, with the same later data and noise. \"\": from the beginning.",
     .later = true},
    {.key = "branch_epoch",
     .group = "intervention",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(branch_epoch),
     .minimum = 0,
     .maximum = 1e9,
     .default_text = "0",
     .unit = "epochs",
     .help = "Epoch of the other arm after which this one goes its own way; 0: the last before "
             "intervention_from.",
     .applies = branches,
     .applies_text = "only with branch_from",
     .in_hash = true,
     .later = true},
    {.key = "branch_hash",
     .group = "intervention",
     .type = CCRNN_OPTION_NAME,
     MEMBER(branch_hash),
     .default_text = "",
     .help = "Hash of the arm branched from, computed when the study is read.",
     .applies = branches,
     .applies_text = "only with branch_from",
     .in_hash = true,
     .later = true,
     .derived = true},
};

const size_t ccrnn_intervention_rows_count =
    sizeof ccrnn_intervention_rows / sizeof ccrnn_intervention_rows[0];
