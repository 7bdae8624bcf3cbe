#define _GNU_SOURCE
#include "study/claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/number.h"
#include "study/claim_reader.h"

#define CLAIMS_MAX 1000
#define TEXT_MAX 1000
#define DEFAULT_P 0.05
#define DEFAULT_WITHIN 3.0

const char *const ccrnn_claim_keys[] = {
    [CCRNN_KEY_NAME] = "name",
    [CCRNN_KEY_PAPER] = "paper",
    [CCRNN_KEY_MEASURE] = "measure",
    [CCRNN_KEY_OF] = "of",
    [CCRNN_KEY_CRITERION] = "criterion",
    [CCRNN_KEY_SPLIT] = "split",
    [CCRNN_KEY_OVER] = "over",
    [CCRNN_KEY_ARM] = "arm",
    [CCRNN_KEY_ARMS] = "arms",
    [CCRNN_KEY_REFERENCE] = "reference",
    [CCRNN_KEY_REFERENCES] = "references",
    [CCRNN_KEY_THAN] = "than",
    [CCRNN_KEY_THAN_MEASURE] = "than_measure",
    [CCRNN_KEY_THAN_OVER] = "than_over",
    [CCRNN_KEY_THAN_REFERENCE] = "than_reference",
    [CCRNN_KEY_VALUE] = "value",
    [CCRNN_KEY_SEM] = "sem",
    [CCRNN_KEY_N] = "n",
    [CCRNN_KEY_WITHIN] = "within",
    [CCRNN_KEY_DIRECTION] = "direction",
    [CCRNN_KEY_P] = "p",
    [CCRNN_KEY_DZ] = "dz",
    [CCRNN_KEY_COUNT] = NULL,
};

enum ccrnn_status ccrnn_claim_fail_memory(const struct ccrnn_claim_reader *r)
{
    return ccrnn_fail(r->err, CCRNN_MEMORY, "no memory to read '%s'", r->yaml->filename);
}

/* --- values ------------------------------------------------------------------------------ */

enum ccrnn_status ccrnn_claim_text(const struct ccrnn_claim_reader *r, const char *key,
                                   yaml_node_t *node, const char **text)
{
    char found[96];
    *text = ccrnn_yaml_is_null(node) ? NULL : ccrnn_yaml_text(node);
    if (*text == NULL || **text == '\0')
        return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                               "claims: %s: expected a text, found %s; write it after the colon",
                               key, ccrnn_yaml_describe(node, found));
    for (const char *at = *text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                                   "claims: %s: expected one line without control characters; "
                                   "write it on the line of its key",
                                   key);
    if (strlen(*text) > TEXT_MAX)
        return ccrnn_yaml_fail(r->yaml, node, r->err, CCRNN_USAGE,
                               "claims: %s: expected at most %d bytes, found %zu; shorten it",
                               key, TEXT_MAX, strlen(*text));
    return CCRNN_OK;
}

/* A copy of a key's text; `otherwise` (may be NULL) if it is not written. */
static enum ccrnn_status copy_text(const struct ccrnn_claim_reader *r, enum ccrnn_claim_key key,
                                   const char *otherwise, char **copy)
{
    const char *text = otherwise;
    if (r->value[key] != NULL)
        CCRNN_TRY(ccrnn_claim_text(r, ccrnn_claim_keys[key], r->value[key], &text));
    if (text == NULL)
        return CCRNN_OK;
    *copy = strdup(text);
    return *copy == NULL ? ccrnn_claim_fail_memory(r) : CCRNN_OK;
}

/* A real above `least`, or at it if `closed`; untouched if it is not written. */
static enum ccrnn_status read_real(const struct ccrnn_claim_reader *r, enum ccrnn_claim_key key,
                                   double least, bool closed, double *value)
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
                               ccrnn_claim_keys[key], range, ccrnn_yaml_describe(node, found));
    *value = number;
    return CCRNN_OK;
}

/* Refuse a word that is not in the list, with the nearest. */
enum ccrnn_status ccrnn_claim_fail_word(const struct ccrnn_claim_reader *r, const char *key,
                                        yaml_node_t *node, const char *what,
                                        const char *const *words)
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

static enum ccrnn_status read_word(const struct ccrnn_claim_reader *r, enum ccrnn_claim_key key,
                                   const char *const *words, unsigned *index)
{
    const char *text = NULL;
    if (r->value[key] == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_claim_text(r, ccrnn_claim_keys[key], r->value[key], &text));
    for (unsigned i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *index = i;
            return CCRNN_OK;
        }
    return ccrnn_claim_fail_word(r, ccrnn_claim_keys[key], r->value[key], "the word", words);
}

/* --- keys -------------------------------------------------------------------------------- */

static enum ccrnn_status find_keys(struct ccrnn_claim_reader *r)
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
        while (k < CCRNN_KEY_COUNT && strcmp(ccrnn_claim_keys[k], name) != 0)
            k++;
        if (k == CCRNN_KEY_COUNT)
            return ccrnn_claim_fail_word(r, "keys", key, "the key", ccrnn_claim_keys);
        r->value[k] = value;
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_claim_fail(const struct ccrnn_claim_reader *r, const char *message)
{
    return ccrnn_yaml_fail(r->yaml, r->self, r->err, CCRNN_USAGE, "claims: %s", message);
}

/* Keys that go together, before any of them is read. */
static enum ccrnn_status check_shape(const struct ccrnn_claim_reader *r)
{
    const bool list = r->value[CCRNN_KEY_ARMS] != NULL,
               number = r->value[CCRNN_KEY_VALUE] != NULL;
    const bool second =
        r->value[CCRNN_KEY_THAN] != NULL || r->value[CCRNN_KEY_THAN_MEASURE] != NULL ||
        r->value[CCRNN_KEY_THAN_OVER] != NULL || r->value[CCRNN_KEY_THAN_REFERENCE] != NULL;
    const bool equal = r->claim->direction == CCRNN_CLAIM_EQUAL;
    for (int k = 0; k < CCRNN_KEY_COUNT; k++)
        if (r->value[k] == NULL &&
            (k == CCRNN_KEY_NAME || k == CCRNN_KEY_MEASURE || k == CCRNN_KEY_DIRECTION))
            return ccrnn_yaml_fail(r->yaml, r->self, r->err, CCRNN_USAGE,
                                   "claims: %s: is missing; every claim needs name, measure and "
                                   "direction",
                                   ccrnn_claim_keys[k]);
    if (list == (r->value[CCRNN_KEY_ARM] != NULL))
        return ccrnn_claim_fail(
            r, "expected either arm: or arms:; name one arm, or a list to compare "
               "all together");
    if (list && r->claim->direction != CCRNN_CLAIM_DIFFER)
        return ccrnn_claim_fail(r,
                                "arms: compares all of its arms and goes with direction: differ; "
                                "for another direction name arm: and than:");
    if (list ? number || second : number == second)
        return ccrnn_claim_fail(
            r, list ? "than: and value: do not go with arms:; remove them"
                    : "expected either than: (an arm) or value: (a number); write "
                      "what the arm is compared with");
    if (equal && !number)
        return ccrnn_claim_fail(r,
                                "direction: equal-to needs value:; write the published number");
    if (!equal && (r->value[CCRNN_KEY_SEM] != NULL || r->value[CCRNN_KEY_N] != NULL ||
                   r->value[CCRNN_KEY_WITHIN] != NULL))
        return ccrnn_claim_fail(r,
                                "sem:, n: and within: go with direction: equal-to; remove them");
    if (equal && (r->value[CCRNN_KEY_P] != NULL || r->value[CCRNN_KEY_DZ] != NULL))
        return ccrnn_claim_fail(r,
                                "p: and dz: do not go with direction: equal-to; write within:");
    if (r->value[CCRNN_KEY_DZ] != NULL && list)
        return ccrnn_claim_fail(r, "dz: does not go with arms:; it is defined for pairs");
    return CCRNN_OK;
}

static enum ccrnn_status read_scalars(const struct ccrnn_claim_reader *r)
{
    struct ccrnn_claim *const claim = r->claim;
    unsigned split = CCRNN_CLAIM_VALIDATION;
    double n = 0;
    claim->criterion = claim->value = claim->dz = NAN;
    claim->p = DEFAULT_P;
    claim->within = DEFAULT_WITHIN;
    CCRNN_TRY(copy_text(r, CCRNN_KEY_NAME, NULL, &claim->name));
    CCRNN_TRY(copy_text(r, CCRNN_KEY_PAPER, "", &claim->paper));
    CCRNN_TRY(copy_text(r, CCRNN_KEY_OF, NULL, &claim->of));
    CCRNN_TRY(read_word(r, CCRNN_KEY_SPLIT, ccrnn_claim_splits, &split));
    claim->split = (enum ccrnn_claim_split)split;
    CCRNN_TRY(read_real(r, CCRNN_KEY_CRITERION, -INFINITY, false, &claim->criterion));
    CCRNN_TRY(read_real(r, CCRNN_KEY_VALUE, -INFINITY, false, &claim->value));
    CCRNN_TRY(read_real(r, CCRNN_KEY_SEM, 0, true, &claim->sem));
    CCRNN_TRY(read_real(r, CCRNN_KEY_N, 1, true, &n));
    CCRNN_TRY(read_real(r, CCRNN_KEY_WITHIN, 0, false, &claim->within));
    CCRNN_TRY(read_real(r, CCRNN_KEY_P, 0, false, &claim->p));
    CCRNN_TRY(read_real(r, CCRNN_KEY_DZ, 0, true, &claim->dz));
    if (claim->p >= 1)
        return ccrnn_yaml_fail(r->yaml, r->value[CCRNN_KEY_P], r->err, CCRNN_USAGE,
                               "claims: p: expected a number below 1, found %g; write a "
                               "threshold such as 0.01",
                               claim->p);
    if (n != floor(n) || n > CCRNN_STUDY_SEEDS_MAX)
        return ccrnn_yaml_fail(
            r->yaml, r->value[CCRNN_KEY_N], r->err, CCRNN_USAGE,
            "claims: n: expected a number of runs, found %g; write digits only", n);
    claim->n = (uint64_t)n;
    return CCRNN_OK;
}

/* --- the list ---------------------------------------------------------------------------- */

static enum ccrnn_status read_claim(struct ccrnn_claim_reader *r)
{
    unsigned direction = CCRNN_CLAIM_BELOW;
    CCRNN_TRY(find_keys(r));
    r->claim->note = strdup("");
    if (r->claim->note == NULL)
        return ccrnn_claim_fail_memory(r);
    CCRNN_TRY(read_word(r, CCRNN_KEY_DIRECTION, ccrnn_claim_directions, &direction));
    r->claim->direction = (enum ccrnn_claim_direction)direction;
    CCRNN_TRY(check_shape(r));
    CCRNN_TRY(read_scalars(r));
    return ccrnn_claim_read_sides(r);
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
        struct ccrnn_claim_reader reader = {.yaml = yaml,
                                            .study = study,
                                            .changed = changed,
                                            .claim = &study->claims[study->claim_count++],
                                            .self = ccrnn_yaml_item(yaml, node, i),
                                            .err = err};
        CCRNN_TRY(read_claim(&reader));
        for (size_t j = 0; j < i; j++)
            if (strcmp(study->claims[j].name, reader.claim->name) == 0)
                return ccrnn_yaml_fail(yaml, reader.value[CCRNN_KEY_NAME], err, CCRNN_USAGE,
                                       "claims: two claims have this name; give each its own");
    }
    return CCRNN_OK;
}
