/** @file
 * The options of a run: one table (option_table.c) that drives defaults, validation, `--set`,
 * `ccrnn list options`, the man page, completion, config.yaml and the hash of a run.
 *
 * How to add an option: a member in struct ccrnn_run_config, a row in option_table.c, and (only
 * if its range depends on other options) a rule in ccrnn_run_config_resolve(). Nothing else
 * lists options. A new row is `later`, or it would change the hash of every run it applies to.
 */
#ifndef CCRNN_STUDY_OPTIONS_H
#define CCRNN_STUDY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/intervention.h"
#include "ccrnn/network.h"
#include "ccrnn/status.h"
#include "task/task.h"

/** Longest path (bytes, terminating zero included). */
#define CCRNN_CONFIG_PATH_MAX 1024
/** Hexadecimal digits of a configuration's hash, and a terminating zero. */
#define CCRNN_CONFIG_HASH_SIZE 13
/** Bytes of a value shown in a message. */
#define CCRNN_SHOWN_SIZE 64
/** As `horizon: full` is stored before ccrnn_run_config_resolve() makes it the number of steps.
 */
#define CCRNN_HORIZON_FULL SIZE_MAX
/** As `lr_patience: off` is stored. */
#define CCRNN_LR_PATIENCE_OFF UINT64_MAX

/** What is written of every unit, in record.h5 (study/record.h). */
enum ccrnn_record_quantity {
    CCRNN_RECORD_INPUTS = 1,
    CCRNN_RECORD_OUTPUTS = 2,
    CCRNN_RECORD_STATES = 4,
    CCRNN_RECORD_GATES = 8,
    CCRNN_RECORD_GRANULES = 16,
    CCRNN_RECORD_FEEDBACK = 32,
    CCRNN_RECORD_TARGET = 64,
    CCRNN_RECORD_TRUTH = 128,
    CCRNN_RECORD_LOSSES = 256
};

struct ccrnn_record_options {
    unsigned quantities; /**< enum ccrnn_record_quantity, added up; 0: nothing is recorded */
    struct ccrnn_integers epochs; /**< 0: before learning; empty: `every` decides */
    uint64_t every, trials;
};

/** `intervention_until: end`. */
#define CCRNN_UNTIL_END UINT64_MAX
/** Bytes of the name of an arm, terminating zero included. */
#define CCRNN_ARM_NAME_SIZE 201

enum ccrnn_intervention_time { CCRNN_AT_TRAINING, CCRNN_AT_TEST };

/** What is done to a network, and when (ccrnn/intervention.h). */
struct ccrnn_intervention_plan {
    enum ccrnn_intervention_kind kind;
    enum ccrnn_intervention_time at;
    uint64_t from, batch; /**< both from 1 */
    uint64_t until;       /**< last epoch */
    double share, gain, noise;
    size_t delay;
};

/** Everything that one run is made from, but its seed. A plain value: copy it with =. */
struct ccrnn_run_config {
    struct ccrnn_task_options task;
    struct ccrnn_network_config network; /**< inputs, outputs, steps, loss and predict come from
                                              the task, in ccrnn_run_config_resolve() */
    uint64_t lr_patience; /**< epochs, or CCRNN_LR_PATIENCE_OFF; see study/schedule.h */
    double lr_factor, lr_threshold, lr_minimum;
    uint64_t stop_patience; /**< epochs; 0: never */
    uint64_t epochs;
    uint64_t measure_every; /**< epochs */
    uint64_t probe_every;   /**< epochs; 0: never */
    uint64_t probe_trials;
    uint64_t checkpoint_every;               /**< epochs */
    struct ccrnn_integers checkpoint_epochs; /**< from 1 */
    struct ccrnn_record_options record;
    char init_from[CCRNN_CONFIG_PATH_MAX]; /**< .safetensors with the first weights, "" = drawn */
    char init_from_hash[17];               /**< FNV-1a 64 of that file's bytes, hex; "" = none */
    struct ccrnn_intervention_plan intervention;
    char branch_from[CCRNN_ARM_NAME_SIZE]; /**< name of an arm; "" = none */
    uint64_t branch_epoch;
    char branch_hash[CCRNN_CONFIG_HASH_SIZE]; /**< of that arm's configuration; "" = none */
};

enum ccrnn_option_type {
    CCRNN_OPTION_INTEGER,
    CCRNN_OPTION_REAL,
    CCRNN_OPTION_CHOICE,
    CCRNN_OPTION_INTEGERS, /**< a rising list of integers */
    CCRNN_OPTION_PATH,
    CCRNN_OPTION_WORDS, /**< a list out of the choices' names; stored as the sum of their values */
    CCRNN_OPTION_NAME   /**< of an arm */
};

/** A word and the value it stands for. */
struct ccrnn_option_choice {
    const char *name; /**< NULL ends a list */
    /** NULL: always of effect; else whether this value differs from `substitute` in a run. */
    bool (*applies)(const struct ccrnn_run_config *config);
    const char *applies_text; /**< e.g. "only with cerebellum: learning" */
    unsigned value;
    unsigned substitute; /**< the value that says the same where this one does not apply */
};

/** One row of the option table. */
struct ccrnn_option {
    const char *key;
    const char *group;        /**< "task", "cortex", "cerebellum", "learning", "run", "machine" */
    size_t offset;            /**< of the member in struct ccrnn_run_config */
    size_t width;             /**< of the member in bytes */
    double minimum, maximum;  /**< inclusive unless said otherwise */
    const char *word;         /**< INTEGER: a word accepted beside the numbers, or NULL */
    size_t word_value;        /**< what the word is stored as */
    const char *default_text; /**< as one would write it in a study file; some tasks have another
                                 one: ccrnn_option_default() */
    const char *unit;         /**< NULL = none */
    const char *help;         /**< one sentence */
    const struct ccrnn_option_choice
        *choices; /**< CHOICE, WORDS: ends with a NULL name; else NULL */
    bool (*applies)(const struct ccrnn_run_config *config); /**< NULL: always */
    const char *applies_text; /**< why or when; NULL where applies is NULL */
    enum ccrnn_option_type type;
    bool above_minimum; /**< the minimum itself is not allowed */
    bool below_maximum; /**< the maximum itself is not allowed */
    bool in_hash;       /**< part of what makes a run's numbers */
    bool later;         /**< younger than runs that exist: at its default it is left out of
                           config.yaml and the hash, so that those runs stay what they are */
    bool of_data; /**< PATH: of a file in the data's directory; else of one of first weights,
                           beside the study file */
    bool derived; /**< filled by the program; refused in study files and --set */
};

/** Number of rows in the table. */
size_t ccrnn_option_count(void);
/** Row `index` < count (static storage). */
const struct ccrnn_option *ccrnn_option_at(size_t index);
/** The row named `key`; NULL if there is none. */
const struct ccrnn_option *ccrnn_option_find(const char *key);
/** "integer", "real", "choice", "integers", "path", "words", "name" (static storage). */
const char *ccrnn_option_type_name(enum ccrnn_option_type type);
/** The option's default in a task: the published value. */
const char *ccrnn_option_default(const struct ccrnn_option *option, enum ccrnn_task task);
/** The defaults in words: "50; 30 in online-line-drawing, …" @param[out] text ends with a zero */
void ccrnn_option_defaults(const struct ccrnn_option *option, char *text, size_t size);
/** The allowed values in words: "an integer from 1 to 65536", "one of none, learning, fixed", …
 * @param[out] text at least 160 bytes hold any of them; always ends with a zero */
void ccrnn_option_range(const struct ccrnn_option *option, char *text, size_t size);
/** Whether the option changes anything in this configuration. */
bool ccrnn_option_applies(const struct ccrnn_option *option,
                          const struct ccrnn_run_config *config);
/** Whether config.yaml and the hash name the option: it applies, and is not a `later` one at its default. */
bool ccrnn_option_is_told(const struct ccrnn_option *option,
                          const struct ccrnn_run_config *config);
/** The present choice, if the option is one and this value says the same as its `substitute` in
 * this configuration (`clip: separate` without a learning cerebellum), or the first of a list of words
 * none of which applies; else NULL. */
const struct ccrnn_option_choice *ccrnn_option_idle_choice(const struct ccrnn_option *option,
                                                           const struct ccrnn_run_config *config);
/** Whether the option has the same value in two configurations. */
bool ccrnn_option_equal(const struct ccrnn_option *option, const struct ccrnn_run_config *a,
                        const struct ccrnn_run_config *b);
/** The key of the table, or the word of `words` (ends with NULL; may be NULL), nearest to `word`;
 * NULL if none is near enough to be a slip of the keyboard. */
const char *ccrnn_option_nearest(const char *word, const char *const *words);

/** Of a list of words: the sum of those that apply in this configuration. */
unsigned ccrnn_option_live_words(const struct ccrnn_option *option,
                                 const struct ccrnn_run_config *config);

/** `text` made fit for a message: at most 60 bytes, cut between characters, without control
 * characters. @param[out] shown CCRNN_SHOWN_SIZE bytes @return shown */
const char *ccrnn_option_show(const char *text, char *shown);

/** Every option at the task's default: the published run. Resolved. */
void ccrnn_run_config_default(enum ccrnn_task task, struct ccrnn_run_config *config);

/** Set one option from text ("0.5", "learning", "full", "10,50,100"). Setting `task` leaves the
 * other options as they are: begin with its defaults. Checks the option's own
 * range; rules between options are checked by ccrnn_run_config_resolve().
 * @return CCRNN_USAGE: unknown key (with a suggestion), not of its type, out of range */
enum ccrnn_status ccrnn_run_config_set(struct ccrnn_run_config *config, const char *key,
                                       const char *value, struct ccrnn_error *err);

/** The same for a row of the table, derived ones too. The message starts with the key. */
enum ccrnn_status ccrnn_option_parse(const struct ccrnn_option *option, const char *value,
                                     struct ccrnn_run_config *config, struct ccrnn_error *err);

/** The refusal of an unknown key, with the nearest known one.
 * @param[in] words more keys known at this place, ends with NULL; may be NULL
 * @return CCRNN_USAGE */
enum ccrnn_status ccrnn_option_unknown(const char *key, const char *const *words,
                                       struct ccrnn_error *err);

/** Fill init_from_hash from the content of the file init_from names ("" if it names none).
 * @return CCRNN_IO: missing, not a plain file, unreadable; CCRNN_FORMAT: above 16 GiB */
enum ccrnn_status ccrnn_run_config_fingerprint(struct ccrnn_run_config *config,
                                               struct ccrnn_error *err);

/** Put options that do not apply back to their defaults, fill what the task decides (inputs,
 * outputs, steps, loss, predict), turn `horizon: full` into a number, and check the rules between
 * options. May be called again; set options on a resolved configuration only before doing so.
 * @return CCRNN_USAGE with the keys, the values and a remedy */
enum ccrnn_status ccrnn_run_config_resolve(struct ccrnn_run_config *config,
                                           struct ccrnn_error *err);

/** The value of one option as text, in the form ccrnn_run_config_set() reads; numbers with the
 * fewest digits that read back as the same value.
 * @return bytes needed without the terminating zero, as snprintf */
size_t ccrnn_run_config_get(const struct ccrnn_run_config *config,
                            const struct ccrnn_option *option, char *text, size_t size);

/** The resolved configuration as the text of a config.yaml: a comment, then `key: value` for
 * every option that is told (ccrnn_option_is_told): of those that apply, younger ones at their default are left
 * out. @param[out] text owned by the caller, free(); NULL on failure
 * @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_run_config_to_yaml(const struct ccrnn_run_config *config, char **text,
                                           struct ccrnn_error *err);

/** Read a config.yaml back; a configuration written by ccrnn_run_config_to_yaml() returns
 * exactly.
 * @param[in] filename for messages only
 * @return CCRNN_FORMAT: an option missing, unknown, twice, or of no effect; CCRNN_MEMORY */
enum ccrnn_status ccrnn_run_config_from_yaml(const char *bytes, size_t size, const char *filename,
                                             struct ccrnn_run_config *config,
                                             struct ccrnn_error *err);

/** 12 hexadecimal digits (FNV-1a of 64 bits folded to 48) over the lines `key: value` of the
 * options that apply and are in_hash. `config` must be resolved. */
void ccrnn_run_config_hash(const struct ccrnn_run_config *config,
                           char hash[CCRNN_CONFIG_HASH_SIZE]);

/** ccrnn_network_flops() of a resolved configuration: floating-point operations of one batch. */
double ccrnn_run_config_flops_per_step(const struct ccrnn_run_config *config);

/** Trainable numbers of a resolved configuration: cortex, readout and, if it learns, cerebellum
 * (absent mossy fibres are not counted); infinite if sizes overflow. */
double ccrnn_run_config_parameters(const struct ccrnn_run_config *config);

#endif
