/* A run's configuration as a whole: defaults, rules between options, hash, size, config.yaml. */
#include "study/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "loop/config.h"
#include "study/yaml.h"

/* Largest weight file read: 16 GiB. */
#define INIT_FILE_MAX ((size_t)1 << 34)
/* Room for any value as text: a path is the longest. */
#define VALUE_SIZE (2 * CCRNN_CONFIG_PATH_MAX)

void ccrnn_run_config_default(enum ccrnn_task task, struct ccrnn_run_config *config)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        (void)ccrnn_option_parse(ccrnn_option_at(i),
                                 ccrnn_option_default(ccrnn_option_at(i), task), config, NULL);
    config->task.task = task;
    (void)ccrnn_run_config_resolve(config, NULL);
}

/* --- rules between options --------------------------------------------------------------- */

static enum ccrnn_status drop_idle_options(struct ccrnn_run_config *config,
                                           struct ccrnn_error *err)
{
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        if (!ccrnn_option_applies(option, config))
            CCRNN_TRY(ccrnn_option_parse(option, ccrnn_option_default(option, config->task.task),
                                         config, err));
        if (option->type == CCRNN_OPTION_WORDS) {
            const unsigned live = ccrnn_option_live_words(option, config);
            memcpy((char *)config + option->offset, &live, sizeof live);
            continue;
        }
        const struct ccrnn_option_choice *const idle = ccrnn_option_idle_choice(option, config);
        if (idle != NULL)
            memcpy((char *)config + option->offset, &idle->substitute, sizeof idle->substitute);
    }
    return CCRNN_OK;
}

/* What the task decides about the network. */
static void fill_from_task(struct ccrnn_run_config *config)
{
    struct ccrnn_network_config *const network = &config->network;
    const struct ccrnn_task_kind *const kind = ccrnn_task_kind(config->task.task);
    network->steps = ccrnn_task_steps(&config->task);
    network->inputs = ccrnn_task_inputs(&config->task);
    network->outputs = ccrnn_task_outputs(&config->task);
    network->loss = kind->loss;
    network->predict = kind->predict;
    network->threads = 1;
    network->features = 0;
    if (kind->says_words) {
        const size_t width = config->task.captions.width;
        network->features = width > 0 ? width : network->inputs;
        network->interval = 1;
    }
    if (network->horizon == CCRNN_HORIZON_FULL)
        network->horizon = network->steps;
}

static enum ccrnn_status check_sequence(const struct ccrnn_run_config *config,
                                        struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &config->network;
    if (network->horizon > network->steps)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "horizon: expected at most the number of steps, %zu, found %zu; write "
                          "`horizon: full` for the whole sequence",
                          network->steps, network->horizon);
    if (network->predict == CCRNN_PREDICT_ALL && network->interval > network->steps)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "interval: expected at most the number of steps, %zu, found %zu; %zu "
                          "already means one target, at the first step",
                          network->steps, network->interval, network->steps);
    return CCRNN_OK;
}

static enum ccrnn_status check_train_size(const struct ccrnn_run_config *config,
                                          struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &config->network;
    const uint64_t batch = network->batch;
    if (batch == 0 || config->task.train_size < batch)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "train_size: expected a multiple of batch, %zu, found %llu; write %zu, "
                          "or choose a smaller batch",
                          network->batch, (unsigned long long)config->task.train_size,
                          network->batch);
    const uint64_t below = config->task.train_size - config->task.train_size % batch;
    const uint64_t above = below + batch;
    if (below != config->task.train_size)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "train_size: expected a multiple of batch, %zu, found %llu; write %llu "
                          "or %llu",
                          network->batch, (unsigned long long)config->task.train_size,
                          (unsigned long long)below, (unsigned long long)above);
    return CCRNN_OK;
}

static enum ccrnn_status check_rates(const struct ccrnn_run_config *config,
                                     struct ccrnn_error *err)
{
    if (config->lr_minimum < config->network.learning_rate)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "lr_minimum: expected less than learning_rate, %.9g, found %.9g; the rate "
                      "could never fall",
                      config->network.learning_rate, config->lr_minimum);
}

/* Known before the first epoch: the test would find it after the last one. */
static enum ccrnn_status check_beam(const struct ccrnn_run_config *config,
                                    struct ccrnn_error *err)
{
    if (config->task.captions.beam <= config->network.batch)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "beam: expected at most batch, %zu, found %zu; choose a narrower beam or a "
                      "larger batch",
                      config->network.batch, config->task.captions.beam);
}

/* Not a choice that gives way to another one: `at: training` would be a lesion nobody asked for. */
static enum ccrnn_status check_at_test(const struct ccrnn_run_config *config,
                                       struct ccrnn_error *err)
{
    const enum ccrnn_intervention_kind kind = config->intervention.kind;
    switch (kind) {
    case CCRNN_INTERVENTION_OLIVE:
    case CCRNN_INTERVENTION_CORTEX:
    case CCRNN_INTERVENTION_READOUT:
    case CCRNN_INTERVENTION_FEEDBACK:
        return ccrnn_fail(err, CCRNN_USAGE,
                          "intervention_at: test: intervention %s acts on learning, and nothing "
                          "learns in the test; use sham, cerebellum, mossy or granule, or "
                          "intervention_at: training",
                          ccrnn_intervention_name(kind));
    case CCRNN_INTERVENTION_NONE:
    case CCRNN_INTERVENTION_SHAM:
    case CCRNN_INTERVENTION_CEREBELLUM:
    case CCRNN_INTERVENTION_MOSSY:
    case CCRNN_INTERVENTION_GRANULE:
    case CCRNN_INTERVENTION_COUNT:
    default:
        break;
    }
    if (config->probe_every > 0)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "intervention_at: test changes nothing without probe_every: the cortex is "
                      "tested without its cerebellum, and only probes see what that says; set "
                      "probe_every");
}

static enum ccrnn_status check_record(const struct ccrnn_run_config *config,
                                      struct ccrnn_error *err)
{
    const struct ccrnn_record_options *const record = &config->record;
    const size_t count = record->epochs.count;
    if (record->quantities == 0)
        return CCRNN_OK;
    if (record->trials > config->task.validation_size)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "record_trials: expected at most validation_size, %llu, found %llu; "
                          "record fewer trials",
                          (unsigned long long)config->task.validation_size,
                          (unsigned long long)record->trials);
    if (count > 0 && record->epochs.value[count - 1] > config->epochs)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "record_epochs: expected at most epochs, %llu, found %llu; leave it "
                          "out, or train for more epochs",
                          (unsigned long long)config->epochs,
                          (unsigned long long)record->epochs.value[count - 1]);
    return CCRNN_OK;
}

static enum ccrnn_status check_intervention(const struct ccrnn_run_config *config,
                                            struct ccrnn_error *err)
{
    const struct ccrnn_intervention_plan *const plan = &config->intervention;
    if (plan->kind == CCRNN_INTERVENTION_NONE)
        return CCRNN_OK;
    if (plan->at == CCRNN_AT_TEST)
        return check_at_test(config, err);
    if (plan->from > config->epochs)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "intervention_from: expected at most epochs, %llu, found %llu: it would "
            "never begin; choose an earlier epoch, or more epochs",
            (unsigned long long)config->epochs, (unsigned long long)plan->from);
    if (plan->until < plan->from)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "intervention_until: expected intervention_from, %llu, or later, found "
                          "%llu; until is the last epoch of the intervention",
                          (unsigned long long)plan->from, (unsigned long long)plan->until);
    const uint64_t batches = config->task.train_size / config->network.batch;
    if (!ccrnn_task_kind(config->task.task)->says_words && plan->batch > batches)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "intervention_batch: expected at most the batches of an epoch, %llu, "
                          "found %llu; begin in the next epoch instead",
                          (unsigned long long)batches, (unsigned long long)plan->batch);
    const size_t segments =
        (config->network.steps + config->network.horizon - 1) / config->network.horizon;
    if (plan->kind == CCRNN_INTERVENTION_FEEDBACK && plan->delay > segments)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "intervention_delay: expected at most the segments of a sequence, %zu, "
            "found %zu: nothing would ever arrive; use intervention_gain: 0 for that",
            segments, plan->delay);
    if (plan->kind == CCRNN_INTERVENTION_FEEDBACK && plan->gain == 1 && plan->noise == 0 &&
        plan->delay == 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "intervention: feedback changes nothing without intervention_gain, "
                          "intervention_noise or intervention_delay; give one, or use sham");
    return CCRNN_OK;
}

/* `branch_epoch: 0` is the last epoch before the intervention. */
static enum ccrnn_status check_branch(struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    const struct ccrnn_intervention_plan *const plan = &config->intervention;
    const bool acts = plan->kind != CCRNN_INTERVENTION_NONE && plan->at == CCRNN_AT_TRAINING;
    if (config->branch_from[0] == '\0')
        return CCRNN_OK;
    if (config->branch_epoch == 0 && !acts)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "branch_epoch: without an intervention at: training it must be said after which "
            "epoch of '%s' this arm goes its own way",
            config->branch_from);
    if (config->branch_epoch == 0)
        config->branch_epoch = plan->from - 1;
    if (config->branch_epoch >= config->epochs)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "branch_epoch: expected less than epochs, %llu, found %llu: nothing "
                          "would be left to learn; branch earlier, or choose more epochs",
                          (unsigned long long)config->epochs,
                          (unsigned long long)config->branch_epoch);
    if (acts && plan->from <= config->branch_epoch)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "intervention_from: expected later than branch_epoch, %llu, found %llu: "
            "the weights of that epoch were made without it",
            (unsigned long long)config->branch_epoch, (unsigned long long)plan->from);
    return CCRNN_OK;
}

/* Beyond the split the same images would be met twice. */
static enum ccrnn_status check_probes(const struct ccrnn_run_config *config,
                                      struct ccrnn_error *err)
{
    if (config->probe_every == 0 || !ccrnn_task_kind(config->task.task)->shows_images ||
        config->probe_trials <= config->task.validation_size)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "probe_trials: expected at most validation_size, %llu, found %llu; write "
                      "%llu, or choose a larger validation_size",
                      (unsigned long long)config->task.validation_size,
                      (unsigned long long)config->probe_trials,
                      (unsigned long long)config->task.validation_size);
}

enum ccrnn_status ccrnn_run_config_resolve(struct ccrnn_run_config *config,
                                           struct ccrnn_error *err)
{
    CCRNN_TRY(drop_idle_options(config, err));
    CCRNN_TRY(ccrnn_task_check(&config->task, err));
    fill_from_task(config);
    CCRNN_TRY(check_sequence(config, err));
    CCRNN_TRY(check_rates(config, err));
    CCRNN_TRY(ccrnn_task_kind(config->task.task)->says_words ? check_beam(config, err)
                                                             : check_train_size(config, err));
    CCRNN_TRY(check_record(config, err));
    CCRNN_TRY(check_intervention(config, err));
    CCRNN_TRY(check_branch(config, err));
    CCRNN_TRY(check_probes(config, err));
    return ccrnn_network_config_check(&config->network, err);
}

/* --- hash -------------------------------------------------------------------------------- */

void ccrnn_run_config_hash(const struct ccrnn_run_config *config,
                           char hash[CCRNN_CONFIG_HASH_SIZE])
{
    uint64_t sum = CCRNN_HASH_START;
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        if (!option->in_hash || !ccrnn_option_is_told(option, config))
            continue;
        char value[VALUE_SIZE];
        ccrnn_run_config_get(config, option, value, sizeof value);
        sum = ccrnn_hash_add(sum, option->key, strlen(option->key));
        sum = ccrnn_hash_add(sum, ": ", 2);
        sum = ccrnn_hash_add(sum, value, strlen(value));
        sum = ccrnn_hash_add(sum, "\n", 1);
    }
    const uint64_t mask = (1ULL << 48) - 1;
    ccrnn_format(hash, CCRNN_CONFIG_HASH_SIZE, "%012llx",
                 (unsigned long long)((sum >> 48) ^ (sum & mask)));
}

enum ccrnn_status ccrnn_run_config_fingerprint(struct ccrnn_run_config *config,
                                               struct ccrnn_error *err)
{
    memset(config->init_from_hash, 0, sizeof config->init_from_hash);
    if (config->init_from[0] == '\0')
        return CCRNN_OK;
    uint8_t *bytes;
    size_t size;
    if (ccrnn_file_read(config->init_from, INIT_FILE_MAX, &bytes, &size, err) != CCRNN_OK)
        return ccrnn_fail_within(err, CCRNN_IO, "init_from");
    const uint64_t sum = ccrnn_hash_add(CCRNN_HASH_START, (const char *)bytes, size);
    free(bytes);
    ccrnn_format(config->init_from_hash, sizeof config->init_from_hash, "%016llx",
                 (unsigned long long)sum);
    return CCRNN_OK;
}

/* --- arithmetic and size ----------------------------------------------------------------- */

double ccrnn_run_config_flops_per_step(const struct ccrnn_run_config *config)
{
    return ccrnn_network_flops(&config->network);
}

double ccrnn_run_config_parameters(const struct ccrnn_run_config *config)
{
    const struct ccrnn_network_config *const network = &config->network;
    struct ccrnn_parameters parameters = {0};
    double count = 0;
    if (ccrnn_parameters_plan(&parameters, network, NULL) != CCRNN_OK)
        return INFINITY;
    for (size_t i = 0; i < parameters.count; i++) {
        const struct ccrnn_parameter *const tensor = &parameters.parameter[i];
        if (parameters.owner[i] == CCRNN_OWNER_CEREBELLUM &&
            network->cerebellum != CCRNN_CEREBELLUM_LEARNING)
            continue;
        const bool sparse = network->mossy_fibres > 0 && i == parameters.cerebellum_index;
        count += (double)tensor->rows * (double)(sparse ? network->mossy_fibres : tensor->cols);
    }
    return count;
}

/* --- config.yaml ------------------------------------------------------------------------- */

/* One line `key: value`. @return bytes, with text NULL or too small only counted */
static size_t print_line(const struct ccrnn_run_config *config, const struct ccrnn_option *option,
                         char *text, size_t size)
{
    char value[VALUE_SIZE], quoted[2 * VALUE_SIZE];
    ccrnn_run_config_get(config, option, value, sizeof value);
    if (option->type != CCRNN_OPTION_PATH && option->type != CCRNN_OPTION_NAME)
        return (size_t)ccrnn_format(text, size, "%s: %s\n", option->key, value);
    size_t used = 0;
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            quoted[used++] = '\\';
        quoted[used++] = *p;
    }
    quoted[used] = '\0';
    return (size_t)ccrnn_format(text, size, "%s: \"%s\"\n", option->key, quoted);
}

static size_t print_all(const struct ccrnn_run_config *config, char *text, size_t size)
{
    size_t used = (size_t)ccrnn_format(
        text, size,
        "# Every option of this run that has an effect; `ccrnn list options` explains them.\n");
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (ccrnn_option_is_told(ccrnn_option_at(i), config))
            used += print_line(config, ccrnn_option_at(i), used < size ? text + used : NULL,
                               used < size ? size - used : 0);
    return used;
}

enum ccrnn_status ccrnn_run_config_to_yaml(const struct ccrnn_run_config *config, char **text,
                                           struct ccrnn_error *err)
{
    const size_t size = print_all(config, NULL, 0) + 1;
    *text = malloc(size);
    if (*text == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu bytes of config.yaml", size);
    print_all(config, *text, size);
    return CCRNN_OK;
}

/* A list node as the text ccrnn_option_parse() reads; false if an item is not a scalar. */
static bool join_items(struct ccrnn_yaml *yaml, yaml_node_t *list, char *text, size_t size)
{
    ccrnn_format(text, size, "[");
    for (size_t i = 0; i < ccrnn_yaml_length(list); i++) {
        const char *const item = ccrnn_yaml_text(ccrnn_yaml_item(yaml, list, i));
        const size_t used = strlen(text);
        if (item == NULL || used + strlen(item) + 4 > size)
            return false;
        ccrnn_format(text + used, size - used, "%s%s", i == 0 ? "" : ",", item);
    }
    ccrnn_format(text + strlen(text), size - strlen(text), "]");
    return true;
}

static enum ccrnn_status read_value(struct ccrnn_yaml *yaml, yaml_node_t *value,
                                    const struct ccrnn_option *option,
                                    struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    char joined[VALUE_SIZE];
    const char *text = ccrnn_yaml_text(value);
    const bool list = option->type == CCRNN_OPTION_INTEGERS || option->type == CCRNN_OPTION_WORDS;
    if (list && value->type == YAML_SEQUENCE_NODE &&
        join_items(yaml, value, joined, sizeof joined))
        text = joined;
    if (text == NULL)
        return ccrnn_yaml_fail(yaml, value, err, CCRNN_FORMAT, "%s has no readable value",
                               option->key);
    if (ccrnn_option_parse(option, text, config, err) != CCRNN_OK)
        return ccrnn_yaml_within(yaml, value, err, CCRNN_FORMAT);
    return CCRNN_OK;
}

static enum ccrnn_status read_all(struct ccrnn_yaml *yaml, struct ccrnn_run_config *config,
                                  struct ccrnn_error *err)
{
    yaml_node_t *const root = ccrnn_yaml_root(yaml);
    for (size_t i = 0; i < ccrnn_yaml_length(root); i++) {
        yaml_node_t *key, *value;
        const struct ccrnn_option *const option =
            ccrnn_option_find(ccrnn_yaml_pair(yaml, root, i, &key, &value));
        if (option == NULL) {
            (void)ccrnn_option_unknown(ccrnn_yaml_text(key), NULL, err);
            return ccrnn_yaml_within(yaml, key, err, CCRNN_FORMAT);
        }
        CCRNN_TRY(read_value(yaml, value, option, config, err));
    }
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        const bool present = ccrnn_yaml_get(yaml, root, option->key) != NULL;
        if (present != ccrnn_option_is_told(option, config))
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: option '%s' %s; the file is damaged or of another version: "
                              "remove the run's directory and run it again",
                              yaml->filename, option->key,
                              present ? "has no effect beside the others" : "is missing");
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_run_config_from_yaml(const char *bytes, size_t size, const char *filename,
                                             struct ccrnn_run_config *config,
                                             struct ccrnn_error *err)
{
    struct ccrnn_yaml yaml;
    struct ccrnn_run_config read;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &read);
    CCRNN_TRY(ccrnn_yaml_open(&yaml, bytes, size, filename, err));
    enum ccrnn_status status = read_all(&yaml, &read, err);
    ccrnn_yaml_close(&yaml);
    CCRNN_TRY(status);
    struct ccrnn_error inner;
    if (ccrnn_run_config_resolve(&read, &inner) != CCRNN_OK)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: %s", filename, inner.message);
    *config = read;
    return CCRNN_OK;
}
