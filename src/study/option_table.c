/* The one table of options, but for the rows of tasks, which come first (option_table_task.c), and those of
 * the optimiser (option_table_learning.c); those of interventions come last (option_table_intervention.c).
 * Order: as a reader thinks of a run, and as config.yaml lists them. */
#include "study/option_rows.h"

#include <string.h>

static bool has_cerebellum(const struct ccrnn_run_config *config)
{
    return config->network.cerebellum != CCRNN_CEREBELLUM_NONE;
}

static bool cerebellum_learns(const struct ccrnn_run_config *config)
{
    return config->network.cerebellum == CCRNN_CEREBELLUM_LEARNING;
}

static bool cerebellum_is_fixed(const struct ccrnn_run_config *config)
{
    return config->network.cerebellum == CCRNN_CEREBELLUM_FIXED;
}

static bool has_granule_layer(const struct ccrnn_run_config *config)
{
    return has_cerebellum(config) && config->network.granule_layers >= 1;
}

static bool feedback_arrives(const struct ccrnn_run_config *config)
{
    return has_cerebellum(config) && config->network.feedback == CCRNN_FEEDBACK_PREDICTED;
}

static bool has_segments(const struct ccrnn_run_config *config)
{
    return config->network.horizon < ccrnn_task_steps(&config->task);
}

static bool has_interval(const struct ccrnn_run_config *config)
{
    return ccrnn_task_kind(config->task.task)->draws;
}

static bool has_trials(const struct ccrnn_run_config *config)
{
    return !ccrnn_task_kind(config->task.task)->says_words;
}

static bool probes(const struct ccrnn_run_config *config)
{
    return has_trials(config) && config->probe_every > 0;
}

static bool clips(const struct ccrnn_run_config *config)
{
    return config->network.clip != CCRNN_CLIP_NONE;
}

static bool starts_from_file(const struct ccrnn_run_config *config)
{
    return config->init_from[0] != '\0';
}

#define NEEDS_CEREBELLUM "only with cerebellum: learning or fixed"
#define NEEDS_FEEDBACK "only with cerebellum: learning or fixed, and feedback: predicted"
#define NEEDS_TRIALS "only with tasks other than captions"

static const struct ccrnn_option_choice clip_choices[] = {
    {.name = "joint", .value = CCRNN_CLIP_JOINT},
    {.name = "separate",
     .value = CCRNN_CLIP_SEPARATE,
     .applies = cerebellum_learns,
     .applies_text = "only with cerebellum: learning",
     .substitute = CCRNN_CLIP_JOINT},
    {.name = "none", .value = CCRNN_CLIP_NONE},
    {.name = NULL}};

static bool records(const struct ccrnn_run_config *config)
{
    return config->record.quantities != 0;
}

static bool records_every(const struct ccrnn_run_config *config)
{
    return records(config) && config->record.epochs.count == 0;
}

#define OF_CEREBELLUM .applies = has_cerebellum, .applies_text = NEEDS_CEREBELLUM
static const struct ccrnn_option_choice record_choices[] = {
    {.name = "inputs", .value = CCRNN_RECORD_INPUTS},
    {.name = "outputs", .value = CCRNN_RECORD_OUTPUTS},
    {.name = "states", .value = CCRNN_RECORD_STATES},
    {.name = "gates", .value = CCRNN_RECORD_GATES},
    {.name = "granules",
     .value = CCRNN_RECORD_GRANULES,
     .applies = has_granule_layer,
     .applies_text = "only with a cerebellum of granule_layers: 1 or more"},
    {.name = "feedback", .value = CCRNN_RECORD_FEEDBACK, OF_CEREBELLUM},
    {.name = "target", .value = CCRNN_RECORD_TARGET, OF_CEREBELLUM},
    {.name = "truth", .value = CCRNN_RECORD_TRUTH},
    {.name = "losses", .value = CCRNN_RECORD_LOSSES},
    {.name = NULL}};

static const struct ccrnn_option table[] = {
    {.key = "cell",
     .group = "cortex",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.cell),
     .default_text = "lstm",
     .help = "Cell of the cortex.",
     .choices = ccrnn_choices_cell,
     .in_hash = true},
    {.key = "hidden",
     .group = "cortex",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(network.hidden),
     .minimum = 1,
     .maximum = 16384,
     .default_text = "50",
     .unit = "units",
     .help = "Units of the cortex.",
     .in_hash = true},
    {.key = "init_from",
     .group = "cortex",
     .type = CCRNN_OPTION_PATH,
     MEMBER(init_from),
     .default_text = "",
     .help = "A .safetensors file (as `ccrnn export` writes) with the first weights; \"\" draws "
             "them. Of captions it may hold the map of features alone."},
    {.key = "init_from_hash",
     .group = "cortex",
     .type = CCRNN_OPTION_PATH,
     MEMBER(init_from_hash),
     .default_text = "",
     .help = "Fingerprint of the content of init_from, computed when the study is read.",
     .applies = starts_from_file,
     .applies_text = "only with init_from",
     .in_hash = true,
     .derived = true},
    {.key = "cerebellum",
     .group = "cerebellum",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.cerebellum),
     .default_text = "learning",
     .help = "No cerebellum, one that learns, or a random one that never does.",
     .choices = ccrnn_choices_cerebellum,
     .in_hash = true},
    {.key = "granule_layers",
     .group = "cerebellum",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(network.granule_layers),
     .minimum = 0,
     .maximum = CCRNN_GRANULE_LAYERS_MAX,
     .default_text = "1",
     .unit = "layers",
     .help = "Granule layers (ReLU); 0 makes the cerebellum one linear map.",
     .applies = has_cerebellum,
     .applies_text = NEEDS_CEREBELLUM,
     .in_hash = true},
    {.key = "granule_units",
     .group = "cerebellum",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(network.granule_units),
     .minimum = 1,
     .maximum = 1048576,
     .default_text = "400",
     .unit = "units",
     .help = "Width of every granule layer.",
     .applies = has_granule_layer,
     .applies_text = "only with a cerebellum of granule_layers: 1 or more",
     .in_hash = true},
    {.key = "mossy_fibres",
     .group = "cerebellum",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(network.mossy_fibres),
     .minimum = 0,
     .maximum = 32768,
     .default_text = "0",
     .unit = "inputs",
     .help =
         "Cortical inputs each unit of the cerebellum's first map keeps, drawn once; 0 = all.",
     .applies = has_cerebellum,
     .applies_text = NEEDS_CEREBELLUM,
     .in_hash = true},
    {.key = "output_scale",
     .group = "cerebellum",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.fixed_output_scale),
     .minimum = 0,
     .maximum = 1e6,
     .above_minimum = true,
     .default_text = "1",
     .help =
         "A fixed cerebellum's last layer is uniform in plus or minus this / sqrt(its inputs).",
     .applies = cerebellum_is_fixed,
     .applies_text = "only with cerebellum: fixed",
     .in_hash = true},
    {.key = "feedback",
     .group = "cerebellum",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.feedback),
     .default_text = "predicted",
     .help = "Whether predicted feedback reaches the cortex.",
     .choices = ccrnn_choices_feedback,
     .applies = has_cerebellum,
     .applies_text = NEEDS_CEREBELLUM,
     .in_hash = true},
    {.key = "feedback_scale",
     .group = "cerebellum",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.feedback_scale),
     .minimum = 0,
     .maximum = 1e6,
     .default_text = "0.1",
     .help = "Predicted feedback is multiplied by this.",
     .applies = feedback_arrives,
     .applies_text = NEEDS_FEEDBACK,
     .in_hash = true},
    {.key = "terminal_feedback",
     .group = "cerebellum",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.terminal_feedback),
     .default_text = "predicted",
     .help = "Feedback at the end of the last segment: predicted (as published) or zero.",
     .choices = ccrnn_choices_terminal,
     .applies = feedback_arrives,
     .applies_text = NEEDS_FEEDBACK,
     .in_hash = true},
    {.key = "cerebellar_loss",
     .group = "cerebellum",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.cerebellar_loss),
     .default_text = "sum",
     .help = "The cerebellum's loss over a batch: summed (as published) or averaged.",
     .choices = ccrnn_choices_cerebellar_loss,
     .applies = cerebellum_learns,
     .applies_text = "only with cerebellum: learning",
     .in_hash = true},
    {.key = "horizon",
     .group = "learning",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(network.horizon),
     .minimum = 1,
     .maximum = 10000,
     .word = "full",
     .word_value = CCRNN_HORIZON_FULL,
     .default_text = "1",
     .unit = "steps",
     .help = "Feedback horizon K: steps of true backpropagation; full = the whole sequence.",
     .in_hash = true},
    {.key = "interval",
     .group = "learning",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(network.interval),
     .minimum = 1,
     .maximum = 10000,
     .default_text = "2",
     .unit = "steps",
     .help = "External feedback interval P: targets exist at steps 0, P, 2P, ...",
     .applies = has_interval,
     .applies_text = "only with tasks that draw",
     .in_hash = true},
    {.key = "update",
     .group = "learning",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.update),
     .default_text = "batch",
     .help = "One optimiser step per batch, or one per segment (online learning).",
     .choices = ccrnn_choices_update,
     .applies = has_segments,
     .applies_text = "only with a horizon shorter than the sequence",
     .in_hash = true},
    {.key = "clip",
     .group = "learning",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.clip),
     .default_text = "joint",
     .help = "Clip the gradient's joint norm, cortex and cerebellum separately, or not.",
     .choices = clip_choices,
     .in_hash = true},
    {.key = "clip_norm",
     .group = "learning",
     .type = CCRNN_OPTION_REAL,
     MEMBER(network.clip_norm),
     .minimum = 0,
     .maximum = 1e6,
     .above_minimum = true,
     .default_text = "1",
     .help = "Largest norm of a gradient.",
     .applies = clips,
     .applies_text = "only with clip: joint or separate",
     .in_hash = true},
};

/* Between these two: ccrnn_learning_rows. */
static const struct ccrnn_option run_table[] = {
    {.key = "epochs",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(epochs),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "100",
     .unit = "epochs",
     .help = "Length of a run; more epochs continue a finished one."},
    {.key = "stop_patience",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(stop_patience),
     .minimum = 0,
     .maximum = 1e9,
     .default_text = "0",
     .unit = "epochs",
     .help = "A run ends after this many epochs without a new best validation error; 0 = never.",
     .in_hash = true,
     .later = true},
    {.key = "batch",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(network.batch),
     .minimum = 1,
     .maximum = 65536,
     .default_text = "50",
     .unit = "trials",
     .help = "Trials in a batch.",
     .in_hash = true},
    {.key = "train_size",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(task.train_size),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "800",
     .unit = "trials",
     .help =
         "Training trials an epoch, a multiple of batch; simple line drawing makes new ones each "
         "epoch.",
     .applies = has_trials,
     .applies_text = NEEDS_TRIALS,
     .in_hash = true},
    {.key = "validation_size",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(task.validation_size),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "200",
     .unit = "trials",
     .help = "Validation trials; simple line drawing makes new ones each epoch.",
     .applies = has_trials,
     .applies_text = NEEDS_TRIALS,
     .in_hash = true},
    {.key = "test_size",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(task.test_size),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "10000",
     .unit = "trials",
     .help = "Test trials after the last epoch.",
     .applies = has_trials,
     .applies_text = NEEDS_TRIALS,
     .in_hash = true},
    {.key = "measure_every",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(measure_every),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "10",
     .unit = "epochs",
     .help = "Epochs between the long measurements: all of a drawing's measures, each class, "
             "confusions.",
     .applies = has_trials,
     .applies_text = NEEDS_TRIALS,
     .in_hash = true},
    {.key = "probe_every",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(probe_every),
     .minimum = 0,
     .maximum = 1e9,
     .default_text = "0",
     .unit = "epochs",
     .help = "Epochs between looks at activity and feedback (docs/measures.md), the first before "
             "learning; 0: none.",
     .applies = has_trials,
     .applies_text = NEEDS_TRIALS,
     .in_hash = true,
     .later = true},
    {.key = "probe_trials",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(probe_trials),
     .minimum = 2,
     .maximum = 1e6,
     .default_text = "200",
     .unit = "trials",
     .help = "Validation trials that are looked at.",
     .applies = probes,
     .applies_text = "only with probe_every above 0, and tasks other than captions",
     .in_hash = true,
     .later = true},
    {.key = "checkpoint_every",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(checkpoint_every),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "10",
     .unit = "epochs",
     .help = "A killed run loses at most this many epochs."},
    {.key = "checkpoint_epochs",
     .group = "run",
     .type = CCRNN_OPTION_INTEGERS,
     MEMBER(checkpoint_epochs),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "[]",
     .unit = "epochs",
     .help = "Epochs whose weights are kept as epoch-<n>.safetensors; later ones wait for more "
             "epochs."},
    {.key = "record",
     .group = "run",
     .type = CCRNN_OPTION_WORDS,
     MEMBER(record.quantities),
     .default_text = "[]",
     .help = "What record.h5 keeps of every unit and trial; changes no result.",
     .choices = record_choices,
     .applies = has_trials,
     .applies_text = NEEDS_TRIALS,
     .later = true},
    {.key = "record_epochs",
     .group = "run",
     .type = CCRNN_OPTION_INTEGERS,
     MEMBER(record.epochs),
     .minimum = 0,
     .maximum = 1e9,
     .default_text = "[]",
     .unit = "epochs",
     .help = "Epochs that are recorded, 0 being before learning; [] leaves it to record_every.",
     .applies = records,
     .applies_text = "only with record",
     .later = true},
    {.key = "record_every",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(record.every),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "10",
     .unit = "epochs",
     .help = "Records before learning and after every so many epochs.",
     .applies = records_every,
     .applies_text = "only with record, and without record_epochs",
     .later = true},
    {.key = "record_trials",
     .group = "run",
     .type = CCRNN_OPTION_INTEGER,
     MEMBER(record.trials),
     .minimum = 1,
     .maximum = 1e9,
     .default_text = "100",
     .unit = "trials",
     .help = "Validation trials that are recorded: the first ones, the same at every epoch.",
     .applies = records,
     .applies_text = "only with record",
     .later = true},
    {.key = "kernels",
     .group = "machine",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.kernels),
     .default_text = "auto",
     .help = "Elementwise kernels; auto takes the best this machine has.",
     .choices = ccrnn_choices_kernel},
    {.key = "gemm",
     .group = "machine",
     .type = CCRNN_OPTION_CHOICE,
     MEMBER(network.gemm),
     .default_text = "auto",
     .help = "Matrix products; auto is oneDNN.",
     .choices = ccrnn_choices_gemm},
};

/* Where the published value of a task is not the one of simple line drawing. */
struct task_default {
    const char *key, *text;
};

static const struct task_default digit_defaults[] = {
    {"hidden", "30"},
    {"granule_units", "300"},
    {"horizon", "3"},
    {"interval", "4"},
    {"epochs", "40"},
    {"learning_rate", "0.0001"},
    {"train_size", "48000"},
    {"validation_size", "12000"},
    {NULL, NULL},
};

static const struct task_default caption_defaults[] = {
    {"hidden", "256"}, {"granule_layers", "2"}, {"granule_units", "1024"},
    {"horizon", "4"},  {"interval", "1"},       {"update", "segment"},
    {"clip", "none"},  {"beta2", "0.999"},      {"epsilon", "1e-08"},
    {"epochs", "10"},  {"batch", "100"},        {"checkpoint_every", "1"},
    {NULL, NULL},
};

const char *ccrnn_option_default(const struct ccrnn_option *option, enum ccrnn_task task)
{
    const struct ccrnn_task_kind *const kind = ccrnn_task_kind(task);
    static const struct task_default none[] = {{NULL, NULL}};
    const struct task_default *of_task = none;
    if (kind->shows_images)
        of_task = digit_defaults;
    else if (kind->says_words)
        of_task = caption_defaults;
    for (; of_task->key != NULL; of_task++)
        if (strcmp(of_task->key, option->key) == 0)
            return of_task->text;
    return option->default_text;
}

size_t ccrnn_option_count(void)
{
    return ccrnn_task_rows_count + sizeof table / sizeof table[0] + ccrnn_learning_rows_count +
           sizeof run_table / sizeof run_table[0] + ccrnn_intervention_rows_count;
}

const struct ccrnn_option *ccrnn_option_at(size_t index)
{
    const struct {
        const struct ccrnn_option *rows;
        size_t count;
    } parts[] = {{ccrnn_task_rows, ccrnn_task_rows_count},
                 {table, sizeof table / sizeof table[0]},
                 {ccrnn_learning_rows, ccrnn_learning_rows_count},
                 {run_table, sizeof run_table / sizeof run_table[0]}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (index < parts[i].count)
            return &parts[i].rows[index];
        index -= parts[i].count;
    }
    return &ccrnn_intervention_rows[index];
}

const struct ccrnn_option *ccrnn_option_find(const char *key)
{
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (strcmp(ccrnn_option_at(i)->key, key) == 0)
            return ccrnn_option_at(i);
    return NULL;
}
