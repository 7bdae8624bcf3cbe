#define _GNU_SOURCE
#include "study/claims.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

#define CLAIMS_MAX 1000
#define TEXT_MAX 1000
#define DEFAULT_P 0.05
#define DEFAULT_WITHIN 3.0

/* The keys of a claim. */
enum key {
    NAME,
    PAPER,
    MEASURE,
    OF,
    CRITERION,
    SPLIT,
    OVER,
    ARM,
    ARMS,
    REFERENCE,
    REFERENCES,
    THAN,
    THAN_MEASURE,
    THAN_OVER,
    THAN_REFERENCE,
    VALUE,
    SEM,
    N,
    WITHIN,
    DIRECTION,
    P,
    DZ,
    KEY_COUNT
};

static const char *const key_names[] = {
    [NAME] = "name",
    [PAPER] = "paper",
    [MEASURE] = "measure",
    [OF] = "of",
    [CRITERION] = "criterion",
    [SPLIT] = "split",
    [OVER] = "over",
    [ARM] = "arm",
    [ARMS] = "arms",
    [REFERENCE] = "reference",
    [REFERENCES] = "references",
    [THAN] = "than",
    [THAN_MEASURE] = "than_measure",
    [THAN_OVER] = "than_over",
    [THAN_REFERENCE] = "than_reference",
    [VALUE] = "value",
    [SEM] = "sem",
    [N] = "n",
    [WITHIN] = "within",
    [DIRECTION] = "direction",
    [P] = "p",
    [DZ] = "dz",
    [KEY_COUNT] = NULL,
};

/* One claim while it is read. */
struct reader {
    struct ccrnn_yaml *yaml;
    const struct ccrnn_study *study;
    bool changed;
    struct ccrnn_claim *claim;
    yaml_node_t *self;             /* the claim's mapping */
    yaml_node_t *value[KEY_COUNT]; /* NULL: not written */
    struct ccrnn_error *err;
};

static enum ccrnn_status fail_memory(const struct reader *r)
{
    return ccrnn_fail(r->err, CCRNN_MEMORY, "no memory to read '%s'", r->yaml->filename);
}

/* --- values ------------------------------------------------------------------------------ */

static enum ccrnn_status text_of(const struct reader *r, const char *key, yaml_node_t *node,
                                 const char **text)
{
    char found[96];
    *text = ccrnn_yaml_is_null(node) ? NULL : ccrnn_yaml_text(node);
    if (*text == NULL || **text == '\0')
        return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                               "claims: %s: expected a text, found %s; write it after the colon",
                               key, ccrnn_yaml_describe(node, found));
    if (strlen(*text) > TEXT_MAX)
        return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                               "claims: %s: expected at most %d bytes, found %zu; shorten it",
                               key, TEXT_MAX, strlen(*text));
    return CCRNN_OK;
}

/* A copy of a key's text; `otherwise` (may be NULL) if it is not written. */
static enum ccrnn_status copy_text(const struct reader *r, enum key key, const char *otherwise,
                                   char **copy)
{
    const char *text = otherwise;
    if (r->value[key] != NULL)
        CCRNN_TRY(text_of(r, key_names[key], r->value[key], &text));
    if (text == NULL)
        return CCRNN_OK;
    *copy = strdup(text);
    return *copy == NULL ? fail_memory(r) : CCRNN_OK;
}

/* A real above `least`, or at it if `closed`; untouched if it is not written. */
static enum ccrnn_status read_real(const struct reader *r, enum key key, double least,
                                   bool closed, double *value)
{
    char found[96], range[64] = "a number";
    yaml_node_t *const node = r->value[key];
    double number;
    if (node == NULL)
        return CCRNN_OK;
    if (isfinite(least))
        ccrnn_format(range, sizeof range, "a number %s %g", closed ? "from" : "above", least);
    if (!ccrnn_yaml_is_plain(node) || !ccrnn_parse_real(ccrnn_yaml_text(node), &number) ||
        !(closed ? number >= least : number > least))
        return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                               "claims: %s: expected %s, found %s; write a number such as 0.01",
                               key_names[key], range, ccrnn_yaml_describe(node, found));
    *value = number;
    return CCRNN_OK;
}

/* Refuse a word that is not in the list, with the nearest. */
static enum ccrnn_status fail_word(const struct reader *r, const char *key, yaml_node_t *node,
                                   const char *what, const char *const *words)
{
    char shown[CCRNN_SHOWN_SIZE];
    const char *const text = ccrnn_yaml_text(node);
    const char *const nearest = ccrnn_word_nearest(text, words);
    ccrnn_option_show(text, shown);
    if (nearest != NULL)
        return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                               "claims: %s: %s '%s' is not known; did you mean '%s'?", key, what,
                               shown, nearest);
    return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                           "claims: %s: %s '%s' is not known; docs/claims.md has them all", key,
                           what, shown);
}

static enum ccrnn_status read_word(const struct reader *r, enum key key, const char *const *words,
                                   unsigned *index)
{
    const char *text;
    if (r->value[key] == NULL)
        return CCRNN_OK;
    CCRNN_TRY(text_of(r, key_names[key], r->value[key], &text));
    for (unsigned i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *index = i;
            return CCRNN_OK;
        }
    return fail_word(r, key_names[key], r->value[key], "the word", words);
}

static enum ccrnn_status read_window(const struct reader *r, enum key key,
                                     struct ccrnn_claim_window *window)
{
    char found[96];
    const char *text;
    if (r->value[key] == NULL)
        return CCRNN_OK;
    CCRNN_TRY(text_of(r, key_names[key], r->value[key], &text));
    if (ccrnn_claim_window_parse(text, window))
        return CCRNN_OK;
    return ccrnn_yaml_fail(r->yaml, r->value[key], r->err, CCRNN_USAGE,
                           "claims: %s: expected epochs, found %s; write last, last 10, all, "
                           "1..20 or epoch 25",
                           key_names[key], ccrnn_yaml_describe(r->value[key], found));
}

/* --- keys -------------------------------------------------------------------------------- */

static enum ccrnn_status find_keys(struct reader *r)
{
    char found[96];
    if (r->self->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(
            r->yaml, r->self, r->err, CCRNN_USAGE,
            "claims: expected `key: value` lines, found %s; see docs/claims.md",
            ccrnn_yaml_describe(r->self, found));
    for (size_t i = 0; i < ccrnn_yaml_length(r->self); i++) {
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(r->yaml, r->self, i, &key, &value);
        int k = 0;
        while (k < KEY_COUNT && strcmp(key_names[k], name) != 0)
            k++;
        if (k == KEY_COUNT)
            return fail_word(r, "a claim", key, "the key", key_names);
        r->value[k] = value;
    }
    return CCRNN_OK;
}

static enum ccrnn_status fail_claim(const struct reader *r, const char *message)
{
    return ccrnn_yaml_fail(r->yaml, r->self, r->err, CCRNN_USAGE, "claims: %s", message);
}

/* Keys that go together, before any of them is read. */
static enum ccrnn_status check_shape(const struct reader *r)
{
    const bool list = r->value[ARMS] != NULL, number = r->value[VALUE] != NULL;
    const bool second = r->value[THAN] != NULL || r->value[THAN_MEASURE] != NULL ||
                        r->value[THAN_OVER] != NULL || r->value[THAN_REFERENCE] != NULL;
    const bool equal = r->claim->direction == CCRNN_CLAIM_EQUAL;
    for (int k = 0; k < KEY_COUNT; k++)
        if (r->value[k] == NULL && (k == NAME || k == MEASURE || k == DIRECTION))
            return ccrnn_yaml_fail(r->yaml, r->self, r->err, CCRNN_USAGE,
                                   "claims: %s: is missing; every claim needs name, measure and "
                                   "direction",
                                   key_names[k]);
    if (list == (r->value[ARM] != NULL))
        return fail_claim(r, "expected either arm: or arms:; name one arm, or a list to compare "
                             "all together");
    if (list && r->claim->direction != CCRNN_CLAIM_DIFFER)
        return fail_claim(r, "arms: compares all of its arms and goes with direction: differ; "
                             "for another direction name arm: and than:");
    if (list ? number || second : number == second)
        return fail_claim(r, list ? "than: and value: do not go with arms:; remove them"
                                  : "expected either than: (an arm) or value: (a number); write "
                                    "what the arm is compared with");
    if (equal && !number)
        return fail_claim(r, "direction: equal-to needs value:; write the published number");
    if (!equal && (r->value[SEM] != NULL || r->value[N] != NULL || r->value[WITHIN] != NULL))
        return fail_claim(r, "sem:, n: and within: go with direction: equal-to; remove them");
    if (equal && (r->value[P] != NULL || r->value[DZ] != NULL))
        return fail_claim(r, "p: and dz: do not go with direction: equal-to; write within:");
    if (r->value[DZ] != NULL && list)
        return fail_claim(r, "dz: does not go with arms:; it is defined for pairs");
    return CCRNN_OK;
}

static enum ccrnn_status read_scalars(const struct reader *r)
{
    struct ccrnn_claim *const claim = r->claim;
    unsigned split = CCRNN_CLAIM_VALIDATION;
    double n = 0;
    claim->criterion = claim->value = claim->dz = NAN;
    claim->p = DEFAULT_P;
    claim->within = DEFAULT_WITHIN;
    CCRNN_TRY(copy_text(r, NAME, NULL, &claim->name));
    CCRNN_TRY(copy_text(r, PAPER, "", &claim->paper));
    CCRNN_TRY(copy_text(r, OF, NULL, &claim->of));
    CCRNN_TRY(read_word(r, SPLIT, ccrnn_claim_splits, &split));
    claim->split = (enum ccrnn_claim_split)split;
    CCRNN_TRY(read_real(r, CRITERION, -INFINITY, false, &claim->criterion));
    CCRNN_TRY(read_real(r, VALUE, -INFINITY, false, &claim->value));
    CCRNN_TRY(read_real(r, SEM, 0, true, &claim->sem));
    CCRNN_TRY(read_real(r, N, 1, true, &n));
    CCRNN_TRY(read_real(r, WITHIN, 0, false, &claim->within));
    CCRNN_TRY(read_real(r, P, 0, false, &claim->p));
    CCRNN_TRY(read_real(r, DZ, 0, true, &claim->dz));
    if (claim->p >= 1)
        return ccrnn_yaml_fail(r->yaml, r->value[P], r->err, CCRNN_USAGE,
                               "claims: p: expected a number below 1, found %g; write a "
                               "threshold such as 0.01",
                               claim->p);
    if (n != floor(n) || n > CCRNN_STUDY_SEEDS_MAX)
        return ccrnn_yaml_fail(
            r->yaml, r->value[N], r->err, CCRNN_USAGE,
            "claims: n: expected a number of runs, found %g; write digits only", n);
    claim->n = (uint64_t)n;
    return CCRNN_OK;
}

/* --- sides ------------------------------------------------------------------------------- */

static enum ccrnn_status measure_of(const struct reader *r, const char *key, yaml_node_t *node,
                                    const struct ccrnn_claim_measure **measure)
{
    const char *names[64], *text;
    size_t count = 0;
    CCRNN_TRY(text_of(r, key, node, &text));
    *measure = ccrnn_claim_measure_find(text);
    if (*measure != NULL)
        return CCRNN_OK;
    for (const struct ccrnn_claim_measure *m = ccrnn_claim_measures; m->name != NULL; m++)
        if (count + 1 < sizeof names / sizeof names[0])
            names[count++] = m->name;
    names[count] = NULL;
    return fail_word(r, key, node, "the measure", names);
}

/* The rules of measures made of a whole curve. */
static enum ccrnn_status check_derived(const struct reader *r,
                                       const struct ccrnn_claim_measure *measure,
                                       const struct ccrnn_claim_side *side)
{
    const bool speed = strcmp(measure->name, CCRNN_CLAIM_LEARNING_SPEED) == 0;
    const bool ratio = strcmp(measure->name, CCRNN_CLAIM_NORMALISED_ERROR) == 0;
    const struct ccrnn_claim_measure *of;
    if (measure->derived && r->value[OF] == NULL)
        return ccrnn_yaml_fail(r->yaml, r->self, r->err, CCRNN_USAGE,
                               "claims: %s is made of another measure; name it with of:, for "
                               "example of: error",
                               measure->name);
    if (measure->derived) {
        CCRNN_TRY(measure_of(r, "of", r->value[OF], &of));
        if (of->derived)
            return ccrnn_yaml_fail(r->yaml, r->value[OF], r->err, CCRNN_USAGE,
                                   "claims: of: expected a measure of metrics.csv, found %s; "
                                   "name for example error",
                                   of->name);
    }
    if (speed != isfinite(r->claim->criterion))
        return fail_claim(r, speed
                                 ? "learning_speed needs criterion:, the value of `of` that has "
                                   "to be reached"
                                 : "criterion: goes with measure: learning_speed; remove it");
    if (ratio != (side->reference != NULL))
        return fail_claim(r, ratio ? "normalised_error needs reference:, the arm it is divided by"
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

static bool probes(const struct ccrnn_run_config *config)
{
    char text[32];
    const struct ccrnn_option *const option = ccrnn_option_find("probe_every");
    if (option == NULL)
        return true;
    ccrnn_run_config_get(config, option, text, sizeof text);
    return strcmp(text, "0") != 0;
}

/* Does the arm record this measure? */
static enum ccrnn_status check_recorded(const struct reader *r, const struct ccrnn_study_arm *arm,
                                        const char *name)
{
    const struct ccrnn_claim_measure *const measure = ccrnn_claim_measure_find(name);
    const char *why = NULL;
    if (!measure->derived && (measure->tasks & task_bit(&arm->config)) == 0)
        why = "is not recorded in its task; name a measure of this task";
    else if (!measure->derived && (measure->splits & (1U << r->claim->split)) == 0)
        why = "is not recorded in this split; set split:";
    else if (measure->cerebellum && arm->config.network.cerebellum == CCRNN_CEREBELLUM_NONE)
        why = "needs a cerebellum; name another arm";
    else if (measure->probed && !probes(&arm->config))
        why = "is measured by the probe only; set probe_every in the arm";
    if (why == NULL)
        return CCRNN_OK;
    return ccrnn_yaml_fail(r->yaml, r->value[MEASURE], r->err, CCRNN_USAGE,
                           "claims: arm '%s': %s (%s) %s", arm->name, name,
                           ccrnn_claim_splits[r->claim->split], why);
}

/* The claim stands, but says why it cannot be judged in the study as it is now. */
static enum ccrnn_status set_note(const struct reader *r, const char *note)
{
    if (r->claim->note[0] != '\0')
        return CCRNN_OK;
    free(r->claim->note);
    r->claim->note = strdup(note);
    return r->claim->note == NULL ? fail_memory(r) : CCRNN_OK;
}

static enum ccrnn_status fail_arm(const struct reader *r, const char *key, yaml_node_t *node,
                                  const char *name)
{
    char note[CCRNN_ARM_NAME_SIZE + 64];
    if (r->changed) {
        ccrnn_format(note, sizeof note, "there is no arm '%.200s' here", name);
        return set_note(r, note);
    }
    const char **const names = calloc(r->study->arm_count + 1, sizeof *names);
    if (names == NULL)
        return fail_memory(r);
    for (size_t i = 0; i < r->study->arm_count; i++)
        names[i] = r->study->arms[i].name;
    const enum ccrnn_status status = fail_word(r, key, node, "the arm", names);
    free(names);
    return status;
}

static enum ccrnn_status check_window(const struct reader *r, const struct ccrnn_study_arm *arm,
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
    return ccrnn_yaml_fail(r->yaml, r->value[OVER] == NULL ? r->self : r->value[OVER], r->err,
                           CCRNN_USAGE, "claims: %s; name earlier epochs", message);
}

/* Does the arm exist, last long enough, and record what is asked for? */
static enum ccrnn_status check_arm(const struct reader *r, const char *key, yaml_node_t *node,
                                   const char *name, const struct ccrnn_claim_side *side)
{
    for (size_t i = 0; i < r->study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &r->study->arms[i];
        if (strcmp(arm->name, name) != 0)
            continue;
        CCRNN_TRY(check_window(r, arm, &side->over));
        CCRNN_TRY(check_recorded(r, arm, side->measure));
        return ccrnn_claim_measure_find(side->measure)->derived
                   ? check_recorded(r, arm, r->claim->of)
                   : CCRNN_OK;
    }
    return fail_arm(r, key, node, name);
}

/* The nodes a side is made of; reference may be NULL. */
struct side_nodes {
    const char *key;
    yaml_node_t *arm, *measure, *reference;
    enum key over;
};

static enum ccrnn_status add_side(const struct reader *r, const struct side_nodes *nodes)
{
    struct ccrnn_claim_side *const side = &r->claim->side[r->claim->sides++];
    const struct ccrnn_claim_measure *measure;
    const char *arm, *reference = NULL;
    CCRNN_TRY(text_of(r, nodes->key, nodes->arm, &arm));
    CCRNN_TRY(measure_of(r, "measure", nodes->measure, &measure));
    if (nodes->reference != NULL)
        CCRNN_TRY(text_of(r, "reference", nodes->reference, &reference));
    side->arm = strdup(arm);
    side->measure = strdup(ccrnn_yaml_text(nodes->measure));
    side->reference = reference == NULL ? NULL : strdup(reference);
    if (side->arm == NULL || side->measure == NULL ||
        (reference != NULL && side->reference == NULL))
        return fail_memory(r);
    side->over = measure->derived ? CCRNN_CLAIM_WINDOW_ALL : CCRNN_CLAIM_WINDOW_LAST;
    CCRNN_TRY(read_window(r, OVER, &side->over));
    CCRNN_TRY(read_window(r, nodes->over, &side->over));
    CCRNN_TRY(check_derived(r, measure, side));
    if (reference != NULL)
        CCRNN_TRY(check_arm(r, "reference", nodes->reference, reference, side));
    return check_arm(r, nodes->key, nodes->arm, arm, side);
}

static enum ccrnn_status check_list(const struct reader *r, enum key key, size_t least)
{
    char found[96];
    yaml_node_t *const node = r->value[key];
    if (node->type == YAML_SEQUENCE_NODE && ccrnn_yaml_length(node) >= least)
        return CCRNN_OK;
    return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                           "claims: %s: expected a list of at least %zu arms, found %s; write "
                           "their names in brackets",
                           key_names[key], least,
                           node->type == YAML_SEQUENCE_NODE ? "a shorter one"
                                                            : ccrnn_yaml_describe(node, found));
}

static enum ccrnn_status read_list(const struct reader *r)
{
    CCRNN_TRY(check_list(r, ARMS, 3));
    const size_t count = ccrnn_yaml_length(r->value[ARMS]);
    if (r->value[REFERENCES] != NULL)
        CCRNN_TRY(check_list(r, REFERENCES, count));
    r->claim->side = calloc(count, sizeof *r->claim->side);
    if (r->claim->side == NULL)
        return fail_memory(r);
    for (size_t i = 0; i < count; i++) {
        yaml_node_t *const list = r->value[REFERENCES];
        const struct side_nodes nodes = {
            "arms", ccrnn_yaml_item(r->yaml, r->value[ARMS], i), r->value[MEASURE],
            list == NULL ? r->value[REFERENCE] : ccrnn_yaml_item(r->yaml, list, i), OVER};
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

static enum ccrnn_status read_sides(const struct reader *r)
{
    if (r->value[ARMS] != NULL)
        return read_list(r);
    r->claim->side = calloc(2, sizeof *r->claim->side);
    if (r->claim->side == NULL)
        return fail_memory(r);
    const struct side_nodes first = {"arm", r->value[ARM], r->value[MEASURE], r->value[REFERENCE],
                                     OVER};
    CCRNN_TRY(add_side(r, &first));
    if (r->value[VALUE] != NULL)
        return CCRNN_OK;
    const struct side_nodes second = {
        "than", r->value[THAN] == NULL ? r->value[ARM] : r->value[THAN],
        r->value[THAN_MEASURE] == NULL ? r->value[MEASURE] : r->value[THAN_MEASURE],
        r->value[THAN_REFERENCE] == NULL ? r->value[REFERENCE] : r->value[THAN_REFERENCE],
        THAN_OVER};
    CCRNN_TRY(add_side(r, &second));
    if (same_side(&r->claim->side[0], &r->claim->side[1]))
        return fail_claim(r, "the arm is compared with itself; name another arm, measure or "
                             "window");
    return CCRNN_OK;
}

/* "No advantage" needs to know which way is better. */
static enum ccrnn_status check_better(const struct reader *r)
{
    const struct ccrnn_claim_measure *const measure =
        ccrnn_claim_measure_find(r->claim->side[0].measure);
    const bool area = strcmp(measure->name, CCRNN_CLAIM_AREA) == 0;
    const struct ccrnn_claim_measure *const of =
        area ? ccrnn_claim_measure_find(r->claim->of) : measure;
    if (r->claim->direction != CCRNN_CLAIM_NO_ADVANTAGE || of->better != 0)
        return CCRNN_OK;
    return ccrnn_yaml_fail(r->yaml, r->value[DIRECTION], r->err, CCRNN_USAGE,
                           "claims: no advantage: neither more nor less of %s is better; write "
                           "below, above or differ",
                           of->name);
}

/* --- the list ---------------------------------------------------------------------------- */

static enum ccrnn_status read_claim(struct reader *r)
{
    unsigned direction = CCRNN_CLAIM_BELOW;
    CCRNN_TRY(find_keys(r));
    r->claim->note = strdup("");
    if (r->claim->note == NULL)
        return fail_memory(r);
    CCRNN_TRY(read_word(r, DIRECTION, ccrnn_claim_directions, &direction));
    r->claim->direction = (enum ccrnn_claim_direction)direction;
    CCRNN_TRY(check_shape(r));
    CCRNN_TRY(read_scalars(r));
    CCRNN_TRY(read_sides(r));
    return check_better(r);
}

enum ccrnn_status ccrnn_claims_read(struct ccrnn_yaml *yaml, yaml_node_t *node, bool changed,
                                    struct ccrnn_study *study, struct ccrnn_error *err)
{
    char found[96];
    if (node == NULL || ccrnn_yaml_is_null(node))
        return CCRNN_OK;
    const size_t count = ccrnn_yaml_length(node);
    if (node->type != YAML_SEQUENCE_NODE || count > CLAIMS_MAX)
        return ccrnn_yaml_fail(
            yaml, node, err, CCRNN_USAGE,
            "claims: expected a list of at most %d claims, found %s; begin "
            "each with a dash, as in docs/claims.md",
            CLAIMS_MAX,
            node->type == YAML_SEQUENCE_NODE ? "more" : ccrnn_yaml_describe(node, found));
    study->claims = calloc(count + 1, sizeof *study->claims);
    if (study->claims == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
    for (size_t i = 0; i < count; i++) {
        struct reader reader = {.yaml = yaml,
                                .study = study,
                                .changed = changed,
                                .claim = &study->claims[study->claim_count++],
                                .self = ccrnn_yaml_item(yaml, node, i),
                                .err = err};
        CCRNN_TRY(read_claim(&reader));
        for (size_t j = 0; j < i; j++)
            if (strcmp(study->claims[j].name, reader.claim->name) == 0)
                return ccrnn_yaml_fail(yaml, reader.value[NAME], err, CCRNN_USAGE,
                                       "claims: two claims have this name; give each its own");
    }
    return CCRNN_OK;
}
