/* Claims as text and as JSON. */
#define _GNU_SOURCE
#include "measure/claim.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

const char *const ccrnn_claim_directions[] = {
    [CCRNN_CLAIM_BELOW] = "below",
    [CCRNN_CLAIM_ABOVE] = "above",
    [CCRNN_CLAIM_NO_ADVANTAGE] = "no advantage",
    [CCRNN_CLAIM_DIFFER] = "differ",
    [CCRNN_CLAIM_EQUAL] = "equal-to",
    [CCRNN_CLAIM_DIRECTION_COUNT] = NULL,
};

const char *const ccrnn_claim_splits[] = {
    [CCRNN_CLAIM_TRAIN] = "train",
    [CCRNN_CLAIM_VALIDATION] = "validation",
    [CCRNN_CLAIM_TEST] = "test",
    [CCRNN_CLAIM_SPLIT_COUNT] = NULL,
};

/* --- windows ----------------------------------------------------------------------------- */

static const char last_word[] = "last ", epoch_word[] = "epoch ";

static bool parse_range(const char *text, struct ccrnn_claim_window *window)
{
    char first[32];
    const char *const dots = strstr(text, "..");
    if (dots == NULL || (size_t)(dots - text) >= sizeof first)
        return false;
    memcpy(first, text, (size_t)(dots - text));
    first[dots - text] = '\0';
    return ccrnn_parse_unsigned(first, &window->first) &&
           ccrnn_parse_unsigned(dots + 2, &window->last) && window->first <= window->last &&
           window->last < UINT64_MAX;
}

bool ccrnn_claim_window_parse(const char *text, struct ccrnn_claim_window *window)
{
    struct ccrnn_claim_window found = {0};
    bool good = true;
    if (strcmp(text, "last") == 0) {
        found = CCRNN_CLAIM_WINDOW_LAST;
    } else if (strcmp(text, "all") == 0) {
        found = CCRNN_CLAIM_WINDOW_ALL;
    } else if (strncmp(text, last_word, strlen(last_word)) == 0) {
        found.from_end = true;
        good = ccrnn_parse_unsigned(text + strlen(last_word), &found.last) && found.last > 0;
    } else if (strncmp(text, epoch_word, strlen(epoch_word)) == 0) {
        good = ccrnn_parse_unsigned(text + strlen(epoch_word), &found.last) &&
               found.last < UINT64_MAX;
        found.first = found.last;
    } else {
        good = parse_range(text, &found);
    }
    if (good)
        *window = found;
    return good;
}

const char *ccrnn_claim_window_print(const struct ccrnn_claim_window *window, char *text)
{
    const size_t size = CCRNN_CLAIM_WINDOW_SIZE;
    if (window->from_end && window->last == 1)
        ccrnn_format(text, size, "last");
    else if (window->from_end)
        ccrnn_format(text, size, "last %" PRIu64, window->last);
    else if (window->last == UINT64_MAX)
        ccrnn_format(text, size, "all");
    else if (window->first == window->last)
        ccrnn_format(text, size, "epoch %" PRIu64, window->last);
    else
        ccrnn_format(text, size, "%" PRIu64 "..%" PRIu64, window->first, window->last);
    return text;
}

/* --- memory ------------------------------------------------------------------------------ */

void ccrnn_claim_clear(struct ccrnn_claim *claim)
{
    for (size_t i = 0; i < claim->sides; i++) {
        free(claim->side[i].arm);
        free(claim->side[i].measure);
        free(claim->side[i].reference);
    }
    free(claim->side);
    free(claim->name);
    free(claim->paper);
    free(claim->note);
    free(claim->of);
    *claim = (struct ccrnn_claim){0};
}

/* --- to JSON ----------------------------------------------------------------------------- */

static void set_real(json_t *object, const char *key, double value)
{
    if (isfinite(value))
        json_object_set_new(object, key, json_real(value));
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_object_set_new(object, key, json_string(text));
}

static json_t *side_to_json(const struct ccrnn_claim_side *side)
{
    char window[CCRNN_CLAIM_WINDOW_SIZE];
    json_t *const object =
        json_pack("{s:s, s:s, s:s}", "arm", side->arm, "measure", side->measure, "over",
                  ccrnn_claim_window_print(&side->over, window));
    if (object != NULL)
        set_text(object, "reference", side->reference);
    return object;
}

json_t *ccrnn_claim_to_json(const struct ccrnn_claim *claim)
{
    json_t *const sides = json_array();
    for (size_t i = 0; i < claim->sides; i++)
        json_array_append_new(sides, side_to_json(&claim->side[i]));
    json_t *const object =
        json_pack("{s:s, s:s, s:s, s:f, s:o}", "name", claim->name, "direction",
                  ccrnn_claim_directions[claim->direction], "split",
                  ccrnn_claim_splits[claim->split], "p", claim->p, "sides", sides);
    if (object == NULL)
        return NULL;
    set_text(object, "paper", claim->paper);
    set_text(object, "note", claim->note);
    set_text(object, "of", claim->of);
    set_real(object, "criterion", claim->criterion);
    set_real(object, "value", claim->value);
    set_real(object, "dz", claim->dz);
    if (claim->direction == CCRNN_CLAIM_EQUAL) {
        set_real(object, "sem", claim->sem);
        set_real(object, "within", claim->within);
        json_object_set_new(object, "n", json_integer((json_int_t)claim->n));
    }
    return object;
}

/* --- from JSON --------------------------------------------------------------------------- */

static enum ccrnn_status fail_key(const char *key, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "a claim's \"%s\" is missing or not understood; run the study again with "
                      "this version",
                      key);
}

/* `otherwise` NULL: the key has to be there. */
static enum ccrnn_status get_text(const json_t *object, const char *key, const char *otherwise,
                                  char **text, struct ccrnn_error *err)
{
    const char *const found = json_string_value(json_object_get(object, key));
    if (found == NULL && otherwise == NULL)
        return fail_key(key, err);
    *text = strdup(found == NULL ? otherwise : found);
    if (*text == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for a claim");
    for (char *at = *text; *at != '\0'; at++) /* it goes to terminals and pages */
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            *at = ' ';
    return CCRNN_OK;
}

static enum ccrnn_status get_optional(const json_t *object, const char *key, char **text,
                                      struct ccrnn_error *err)
{
    return json_object_get(object, key) == NULL ? CCRNN_OK
                                                : get_text(object, key, NULL, text, err);
}

static double get_real(const json_t *object, const char *key, double otherwise)
{
    const json_t *const found = json_object_get(object, key);
    return json_is_number(found) ? json_number_value(found) : otherwise;
}

static enum ccrnn_status get_word(const json_t *object, const char *key, const char *const *words,
                                  unsigned *index, struct ccrnn_error *err)
{
    const char *const found = json_string_value(json_object_get(object, key));
    for (*index = 0; found != NULL && words[*index] != NULL; ++*index)
        if (strcmp(words[*index], found) == 0)
            return CCRNN_OK;
    return fail_key(key, err);
}

static enum ccrnn_status side_from_json(const json_t *object, struct ccrnn_claim_side *side,
                                        struct ccrnn_error *err)
{
    const char *const over = json_string_value(json_object_get(object, "over"));
    CCRNN_TRY(get_text(object, "arm", NULL, &side->arm, err));
    CCRNN_TRY(get_text(object, "measure", NULL, &side->measure, err));
    CCRNN_TRY(get_optional(object, "reference", &side->reference, err));
    if (over == NULL || !ccrnn_claim_window_parse(over, &side->over))
        return fail_key("over", err);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_claim_from_json(const json_t *object, struct ccrnn_claim *claim,
                                        struct ccrnn_error *err)
{
    unsigned direction, split;
    const json_t *const sides = json_object_get(object, "sides");
    CCRNN_TRY(get_text(object, "name", NULL, &claim->name, err));
    CCRNN_TRY(get_text(object, "paper", "", &claim->paper, err));
    CCRNN_TRY(get_text(object, "note", "", &claim->note, err));
    CCRNN_TRY(get_optional(object, "of", &claim->of, err));
    CCRNN_TRY(get_word(object, "direction", ccrnn_claim_directions, &direction, err));
    CCRNN_TRY(get_word(object, "split", ccrnn_claim_splits, &split, err));
    claim->direction = (enum ccrnn_claim_direction)direction;
    claim->split = (enum ccrnn_claim_split)split;
    claim->criterion = get_real(object, "criterion", NAN);
    claim->value = get_real(object, "value", NAN);
    claim->sem = get_real(object, "sem", 0.0);
    claim->within = get_real(object, "within", NAN);
    claim->p = get_real(object, "p", NAN);
    claim->dz = get_real(object, "dz", NAN);
    const json_int_t n = json_integer_value(json_object_get(object, "n"));
    claim->n = n > 0 ? (uint64_t)n : 0;
    if (!json_is_array(sides) || json_array_size(sides) == 0)
        return fail_key("sides", err);
    claim->side = calloc(json_array_size(sides), sizeof *claim->side);
    if (claim->side == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for a claim");
    for (size_t i = 0; i < json_array_size(sides); i++)
        CCRNN_TRY(side_from_json(json_array_get(sides, i), &claim->side[claim->sides++], err));
    return CCRNN_OK;
}
