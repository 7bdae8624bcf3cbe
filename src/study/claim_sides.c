/* What a claim compares: arms, measures and windows, held against the study. */
#define _GNU_SOURCE
#include "study/claim_reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

static enum ccrnn_status read_window(const struct ccrnn_claim_reader *r, enum ccrnn_claim_key key,
                                     struct ccrnn_claim_window *window)
{
    char found[96];
    const char *text;
    if (r->value[key] == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_claim_text(r, ccrnn_claim_keys[key], r->value[key], &text));
    if (ccrnn_claim_window_parse(text, window))
        return CCRNN_OK;
    return ccrnn_yaml_fail(r->yaml, r->value[key], r->err, CCRNN_USAGE,
                           "claims: %s: expected epochs, found %s; write last, last 10, all, "
                           "1..20 or epoch 25",
                           ccrnn_claim_keys[key], ccrnn_yaml_describe(r->value[key], found));
}

static enum ccrnn_status measure_of(const struct ccrnn_claim_reader *r, const char *key,
                                    yaml_node_t *node, const struct ccrnn_claim_measure **measure)
{
    const char *names[64], *text;
    size_t count = 0;
    CCRNN_TRY(ccrnn_claim_text(r, key, node, &text));
    *measure = ccrnn_claim_measure_find(text);
    if (*measure != NULL)
        return CCRNN_OK;
    for (const struct ccrnn_claim_measure *m = ccrnn_claim_measures; m->name != NULL; m++)
        if (count + 1 < sizeof names / sizeof names[0])
            names[count++] = m->name;
    names[count] = NULL;
    return ccrnn_claim_fail_word(r, key, node, "the measure", names);
}

/* The rules of measures made of a whole curve. */
static enum ccrnn_status check_derived(const struct ccrnn_claim_reader *r,
                                       const struct ccrnn_claim_measure *measure,
                                       const struct ccrnn_claim_side *side)
{
    const bool speed = strcmp(measure->name, CCRNN_CLAIM_LEARNING_SPEED) == 0;
    const bool ratio = strcmp(measure->name, CCRNN_CLAIM_NORMALISED_ERROR) == 0;
    const struct ccrnn_claim_measure *of;
    if (measure->derived && r->value[CCRNN_KEY_OF] == NULL)
        return ccrnn_yaml_fail(r->yaml, r->self, r->err, CCRNN_USAGE,
                               "claims: %s is made of another measure; name it with of:, for "
                               "example of: error",
                               measure->name);
    if (measure->derived) {
        CCRNN_TRY(measure_of(r, "of", r->value[CCRNN_KEY_OF], &of));
        if (of->derived)
            return ccrnn_yaml_fail(r->yaml, r->value[CCRNN_KEY_OF], r->err, CCRNN_USAGE,
                                   "claims: of: expected a measure of metrics.csv, found %s; "
                                   "name for example error",
                                   of->name);
    }
    if (speed != isfinite(r->claim->criterion))
        return ccrnn_claim_fail(
            r, speed ? "learning_speed needs criterion:, the value of `of` that has "
                       "to be reached"
                     : "criterion: goes with measure: learning_speed; remove it");
    if (ratio != (side->reference != NULL))
        return ccrnn_claim_fail(
            r, ratio ? "normalised_error needs reference:, the arm it is divided by"
                     : "reference: goes with measure: normalised_error; remove it");
    return CCRNN_OK;
}

static unsigned task_bit(const struct ccrnn_run_config *config)
{
    const struct ccrnn_task_kind *const kind = ccrnn_task_kind(config->task.task);
    if (kind->says_words)
        return CCRNN_CLAIM_SAYS;
    return kind->draws ? CCRNN_CLAIM_DRAWS : CCRNN_CLAIM_NAMES;
}

/* A lesion of the test alone is seen by a probe there. */
static bool has_split(const struct ccrnn_claim_measure *measure, enum ccrnn_claim_split split,
                      const struct ccrnn_run_config *config)
{
    return (measure->splits & (1U << split)) != 0 ||
           (measure->probed && split == CCRNN_CLAIM_TEST &&
            config->intervention.at == CCRNN_AT_TEST);
}

/* The claim stands, but says why it cannot be judged in the study as it is now. */
static enum ccrnn_status set_note(const struct ccrnn_claim_reader *r, const char *note)
{
    if (r->claim->note[0] != '\0')
        return CCRNN_OK;
    free(r->claim->note);
    r->claim->note = strdup(note);
    return r->claim->note == NULL ? ccrnn_claim_fail_memory(r) : CCRNN_OK;
}

/* Does the arm record this measure? */
static enum ccrnn_status check_recorded(const struct ccrnn_claim_reader *r,
                                        const struct ccrnn_study_arm *arm, const char *name,
                                        const struct ccrnn_claim_window *over)
{
    char message[CCRNN_ARM_NAME_SIZE + 256];
    const struct ccrnn_claim_measure *const measure = ccrnn_claim_measure_find(name);
    const char *why = NULL;
    if (!measure->derived && (measure->tasks & task_bit(&arm->config)) == 0)
        why = "is not recorded in its task; name a measure of this task";
    else if (!measure->derived && !has_split(measure, r->claim->split, &arm->config))
        why = "is not recorded in this split; set split:";
    else if (measure->cerebellum && arm->config.network.cerebellum == CCRNN_CEREBELLUM_NONE)
        why = "needs a cerebellum; name another arm";
    else if (measure->probed && arm->config.probe_every == 0)
        why = "is measured by the probe only; set probe_every in the arm";
    else if (!measure->derived && r->claim->note[0] == '\0')
        why = ccrnn_claim_unmeasured(&arm->config, r->claim->split, name, over);
    if (why == NULL)
        return CCRNN_OK;
    ccrnn_format(message, sizeof message, "arm '%s': %.64s (%s) %s", arm->name, name,
                 ccrnn_claim_splits[r->claim->split], why);
    if (r->changed)
        return set_note(r, message);
    return ccrnn_yaml_fail(r->yaml, r->value[CCRNN_KEY_MEASURE], r->err, CCRNN_USAGE,
                           "claims: %s", message);
}

static enum ccrnn_status fail_arm(const struct ccrnn_claim_reader *r, const char *key,
                                  yaml_node_t *node, const char *name)
{
    char note[CCRNN_ARM_NAME_SIZE + 64];
    if (r->changed) {
        ccrnn_format(note, sizeof note, "there is no arm '%.200s' here", name);
        return set_note(r, note);
    }
    const char **const names = calloc(r->study->arm_count + 1, sizeof *names);
    if (names == NULL)
        return ccrnn_claim_fail_memory(r);
    for (size_t i = 0; i < r->study->arm_count; i++)
        names[i] = r->study->arms[i].name;
    const enum ccrnn_status status = ccrnn_claim_fail_word(r, key, node, "the arm", names);
    free(names);
    return status;
}

static enum ccrnn_status check_window(const struct ccrnn_claim_reader *r,
                                      const struct ccrnn_study_arm *arm,
                                      const struct ccrnn_claim_window *over)
{
    char window[CCRNN_CLAIM_WINDOW_SIZE], message[CCRNN_ARM_NAME_SIZE + 160];
    const uint64_t epochs = arm->config.epochs;
    if (over->last <= epochs || (!over->from_end && over->last == UINT64_MAX))
        return CCRNN_OK;
    ccrnn_format(message, sizeof message,
                 "over: %s goes beyond the last epoch of arm '%s', which is %" PRIu64,
                 ccrnn_claim_window_print(over, window), arm->name, epochs);
    if (r->changed)
        return set_note(r, message);
    return ccrnn_yaml_fail(r->yaml,
                           r->value[CCRNN_KEY_OVER] == NULL ? r->self : r->value[CCRNN_KEY_OVER],
                           r->err, CCRNN_USAGE, "claims: %s; name earlier epochs", message);
}

/* Does the arm exist, last long enough, and record what is asked for? */
static enum ccrnn_status check_arm(const struct ccrnn_claim_reader *r, const char *key,
                                   yaml_node_t *node, const char *name,
                                   const struct ccrnn_claim_side *side)
{
    for (size_t i = 0; i < r->study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &r->study->arms[i];
        if (strcmp(arm->name, name) != 0)
            continue;
        CCRNN_TRY(check_window(r, arm, &side->over));
        CCRNN_TRY(check_recorded(r, arm, side->measure, &side->over));
        return ccrnn_claim_measure_find(side->measure)->derived
                   ? check_recorded(r, arm, r->claim->of, &side->over)
                   : CCRNN_OK;
    }
    return fail_arm(r, key, node, name);
}

/* The nodes a side is made of; reference may be NULL. */
struct side_nodes {
    const char *key;
    yaml_node_t *arm, *measure, *reference;
    enum ccrnn_claim_key over;
};

static enum ccrnn_status add_side(const struct ccrnn_claim_reader *r,
                                  const struct side_nodes *nodes)
{
    struct ccrnn_claim_side *const side = &r->claim->side[r->claim->sides++];
    const struct ccrnn_claim_measure *measure;
    const char *arm, *reference = NULL;
    CCRNN_TRY(ccrnn_claim_text(r, nodes->key, nodes->arm, &arm));
    CCRNN_TRY(measure_of(r, "measure", nodes->measure, &measure));
    if (nodes->reference != NULL)
        CCRNN_TRY(ccrnn_claim_text(r, "reference", nodes->reference, &reference));
    side->arm = strdup(arm);
    side->measure = strdup(ccrnn_yaml_text(nodes->measure));
    side->reference = reference == NULL ? NULL : strdup(reference);
    if (side->arm == NULL || side->measure == NULL ||
        (reference != NULL && side->reference == NULL))
        return ccrnn_claim_fail_memory(r);
    side->over = measure->derived ? CCRNN_CLAIM_WINDOW_ALL : CCRNN_CLAIM_WINDOW_LAST;
    CCRNN_TRY(read_window(r, CCRNN_KEY_OVER, &side->over));
    CCRNN_TRY(read_window(r, nodes->over, &side->over));
    CCRNN_TRY(check_derived(r, measure, side));
    if (reference != NULL)
        CCRNN_TRY(check_arm(r, "reference", nodes->reference, reference, side));
    return check_arm(r, nodes->key, nodes->arm, arm, side);
}

static enum ccrnn_status check_list(const struct ccrnn_claim_reader *r, enum ccrnn_claim_key key,
                                    size_t least)
{
    char found[96];
    yaml_node_t *const node = r->value[key];
    if (node->type == YAML_SEQUENCE_NODE && ccrnn_yaml_length(node) >= least)
        return CCRNN_OK;
    return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                           "claims: %s: expected a list of at least %zu arms, found %s; write "
                           "their names in brackets",
                           ccrnn_claim_keys[key], least,
                           node->type == YAML_SEQUENCE_NODE ? "a shorter one"
                                                            : ccrnn_yaml_describe(node, found));
}

static enum ccrnn_status read_list(const struct ccrnn_claim_reader *r)
{
    CCRNN_TRY(check_list(r, CCRNN_KEY_ARMS, 3));
    const size_t count = ccrnn_yaml_length(r->value[CCRNN_KEY_ARMS]);
    if (r->value[CCRNN_KEY_REFERENCES] != NULL)
        CCRNN_TRY(check_list(r, CCRNN_KEY_REFERENCES, count));
    r->claim->side = calloc(count, sizeof *r->claim->side);
    if (r->claim->side == NULL)
        return ccrnn_claim_fail_memory(r);
    for (size_t i = 0; i < count; i++) {
        yaml_node_t *const list = r->value[CCRNN_KEY_REFERENCES];
        const struct side_nodes nodes = {
            "arms", ccrnn_yaml_item(r->yaml, r->value[CCRNN_KEY_ARMS], i),
            r->value[CCRNN_KEY_MEASURE],
            list == NULL ? r->value[CCRNN_KEY_REFERENCE] : ccrnn_yaml_item(r->yaml, list, i),
            CCRNN_KEY_OVER};
        CCRNN_TRY(add_side(r, &nodes));
    }
    return CCRNN_OK;
}

static bool same_side(const struct ccrnn_claim_side *a, const struct ccrnn_claim_side *b)
{
    return strcmp(a->arm, b->arm) == 0 && strcmp(a->measure, b->measure) == 0 &&
           a->over.from_end == b->over.from_end && a->over.first == b->over.first &&
           a->over.last == b->over.last;
}

static enum ccrnn_status read_both(const struct ccrnn_claim_reader *r)
{
    if (r->value[CCRNN_KEY_ARMS] != NULL)
        return read_list(r);
    r->claim->side = calloc(2, sizeof *r->claim->side);
    if (r->claim->side == NULL)
        return ccrnn_claim_fail_memory(r);
    const struct side_nodes first = {"arm", r->value[CCRNN_KEY_ARM], r->value[CCRNN_KEY_MEASURE],
                                     r->value[CCRNN_KEY_REFERENCE], CCRNN_KEY_OVER};
    CCRNN_TRY(add_side(r, &first));
    if (r->value[CCRNN_KEY_VALUE] != NULL)
        return CCRNN_OK;
    const struct side_nodes second = {
        "than",
        r->value[CCRNN_KEY_THAN] == NULL ? r->value[CCRNN_KEY_ARM] : r->value[CCRNN_KEY_THAN],
        r->value[CCRNN_KEY_THAN_MEASURE] == NULL ? r->value[CCRNN_KEY_MEASURE]
                                                 : r->value[CCRNN_KEY_THAN_MEASURE],
        r->value[CCRNN_KEY_THAN_REFERENCE] == NULL ? r->value[CCRNN_KEY_REFERENCE]
                                                   : r->value[CCRNN_KEY_THAN_REFERENCE],
        CCRNN_KEY_THAN_OVER};
    CCRNN_TRY(add_side(r, &second));
    if (same_side(&r->claim->side[0], &r->claim->side[1]))
        return ccrnn_claim_fail(r,
                                "the arm is compared with itself; name another arm, measure or "
                                "window");
    return CCRNN_OK;
}

/* "No advantage" needs to know which way is better. */
static enum ccrnn_status check_better(const struct ccrnn_claim_reader *r)
{
    const struct ccrnn_claim_measure *const measure =
        ccrnn_claim_measure_find(r->claim->side[0].measure);
    const bool follows = strcmp(measure->name, CCRNN_CLAIM_AREA) == 0 ||
                         strcmp(measure->name, CCRNN_CLAIM_NORMALISED_ERROR) == 0;
    const struct ccrnn_claim_measure *const of =
        follows ? ccrnn_claim_measure_find(r->claim->of) : measure;
    if (r->claim->direction != CCRNN_CLAIM_NO_ADVANTAGE || of->better != 0)
        return CCRNN_OK;
    return ccrnn_yaml_fail(r->yaml, r->value[CCRNN_KEY_DIRECTION], r->err, CCRNN_USAGE,
                           "claims: no advantage: neither more nor less of %s is better; write "
                           "below, above or differ",
                           of->name);
}

enum ccrnn_status ccrnn_claim_read_sides(const struct ccrnn_claim_reader *r)
{
    CCRNN_TRY(read_both(r));
    return check_better(r);
}
