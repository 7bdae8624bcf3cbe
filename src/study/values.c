#include "study/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/number.h"

static enum ccrnn_status fail_memory(const struct ccrnn_yaml *yaml, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
}

static bool is_integer(const struct ccrnn_option *option)
{
    return option->type == CCRNN_OPTION_INTEGER;
}

enum ccrnn_status ccrnn_values_option(struct ccrnn_yaml *yaml, const char *what,
                                      const yaml_node_t *key, const char *const *words,
                                      const struct ccrnn_option **option, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_assignments_option(yaml, key, words, option, err));
    if ((*option)->type == CCRNN_OPTION_INTEGERS || (*option)->type == CCRNN_OPTION_WORDS)
        return ccrnn_yaml_fail(yaml, key, err, CCRNN_USAGE,
                               "%s: %s is itself a list and cannot be swept; put it under base:",
                               what, (*option)->key);
    return CCRNN_OK;
}

/* --- a range as written ------------------------------------------------------------------ */

/* The nodes of a range's words; NULL: not written. */
struct words {
    yaml_node_t *from, *to, *step, *count, *scale;
};

static enum ccrnn_status find_words(struct ccrnn_yaml *yaml, const char *what,
                                    const struct ccrnn_option *option, yaml_node_t *node,
                                    struct words *words, struct ccrnn_error *err)
{
    static const char *const known[] = {"from", "to", "step", "count", "scale", NULL};
    yaml_node_t **const places[] = {&words->from, &words->to, &words->step, &words->count,
                                    &words->scale};
    char shown[CCRNN_SHOWN_SIZE];
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(yaml, node, i, &key, &value);
        size_t k = 0;
        while (known[k] != NULL && strcmp(known[k], name) != 0)
            k++;
        if (known[k] == NULL) {
            const char *const nearest = ccrnn_word_nearest(name, known);
            return ccrnn_yaml_fail(yaml, key, err, CCRNN_USAGE,
                                   "%s: %s: a range has no '%s'; its words are from, to, step or "
                                   "count, scale%s%s%s",
                                   what, option->key, ccrnn_option_show(name, shown),
                                   nearest == NULL ? "" : "; did you mean '",
                                   nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
        }
        *places[k] = value;
    }
    if (words->from == NULL || words->to == NULL)
        return ccrnn_yaml_fail(
            yaml, node, err, CCRNN_USAGE,
            "%s: %s: a range needs from: and to:, as in {from: 10, to: 50, step: 10}", what,
            option->key);
    if (words->step != NULL && words->count != NULL)
        return ccrnn_yaml_fail(yaml, words->count, err, CCRNN_USAGE,
                               "%s: %s: step and count say the same in two ways; keep one of "
                               "them",
                               what, option->key);
    return CCRNN_OK;
}

/* An end of a range: a value the option may have, and a number. */
static enum ccrnn_status read_end(struct ccrnn_yaml *yaml, const char *what,
                                  const struct ccrnn_option *option, const yaml_node_t *node,
                                  struct ccrnn_decimal *end, struct ccrnn_error *err)
{
    char found[96];
    struct ccrnn_run_config scratch;
    memset(&scratch, 0, sizeof scratch);
    if (!ccrnn_yaml_is_plain(node) || ccrnn_yaml_is_null(node))
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: %s: expected a number as an end of the range, found %s; "
                               "write it without quotes or brackets",
                               what, option->key, ccrnn_yaml_describe(node, found));
    const enum ccrnn_status status =
        ccrnn_option_parse(option, ccrnn_yaml_text(node), &scratch, err);
    if (status != CCRNN_OK)
        return ccrnn_yaml_within(yaml, node, err, status);
    if (!ccrnn_decimal_parse(ccrnn_yaml_text(node), end))
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: %s: expected a number of at most %d digits as an end of the "
                               "range, found %s; words go into a list, as in [1, 3, full]",
                               what, option->key, CCRNN_DECIMAL_DIGITS,
                               ccrnn_yaml_describe(node, found));
    return CCRNN_OK;
}

static enum ccrnn_status read_step(struct ccrnn_yaml *yaml, const char *what,
                                   const struct ccrnn_option *option, const yaml_node_t *node,
                                   struct ccrnn_range *range, struct ccrnn_error *err)
{
    char found[96];
    if (range->log)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: %s: a step adds, and has no effect on scale: log; write "
                               "count: instead",
                               what, option->key);
    if (!ccrnn_yaml_is_plain(node) || !ccrnn_decimal_parse(ccrnn_yaml_text(node), &range->step) ||
        range->step.mantissa <= 0 || (is_integer(option) && range->step.exponent < 0))
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: %s: step: expected %s above 0, found %s; from: is the "
                               "smaller end",
                               what, option->key,
                               is_integer(option) ? "a whole number" : "a number",
                               ccrnn_yaml_describe(node, found));
    return CCRNN_OK;
}

static enum ccrnn_status read_count(struct ccrnn_yaml *yaml, const char *what,
                                    const struct ccrnn_option *option, const yaml_node_t *node,
                                    struct ccrnn_range *range, struct ccrnn_error *err)
{
    char found[96];
    uint64_t count = 0;
    if (!ccrnn_yaml_is_plain(node) || !ccrnn_parse_unsigned(ccrnn_yaml_text(node), &count) ||
        count < 2 || count > CCRNN_STUDY_ARMS_MAX)
        return ccrnn_yaml_fail(
            yaml, node, err, CCRNN_USAGE,
            "%s: %s: count: expected an integer from 2 (both ends are "
            "values) to %d, found %s; %s",
            what, option->key, CCRNN_STUDY_ARMS_MAX, ccrnn_yaml_describe(node, found),
            count > CCRNN_STUDY_ARMS_MAX ? "split the study" : "write one value as [50]");
    range->count = (size_t)count;
    return CCRNN_OK;
}

static enum ccrnn_status read_scale(struct ccrnn_yaml *yaml, const char *what,
                                    const struct ccrnn_option *option, const yaml_node_t *node,
                                    struct ccrnn_range *range, struct ccrnn_error *err)
{
    char found[96];
    const char *const word = ccrnn_yaml_text(node);
    range->log = word != NULL && strcmp(word, "log") == 0;
    if (!range->log && (word == NULL || strcmp(word, "linear") != 0))
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: %s: scale: expected linear or log, found %s; leave it out "
                               "for linear",
                               what, option->key, ccrnn_yaml_describe(node, found));
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_range_read(struct ccrnn_yaml *yaml, const char *what,
                                   const struct ccrnn_option *option, yaml_node_t *node,
                                   struct ccrnn_range *range, struct ccrnn_error *err)
{
    struct words words = {0};
    *range = (struct ccrnn_range){0};
    if (!is_integer(option) && option->type != CCRNN_OPTION_REAL)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: %s is no number, so that it has no range; list its values "
                               "in brackets",
                               what, option->key);
    CCRNN_TRY(find_words(yaml, what, option, node, &words, err));
    CCRNN_TRY(read_end(yaml, what, option, words.from, &range->from, err));
    CCRNN_TRY(read_end(yaml, what, option, words.to, &range->to, err));
    if (ccrnn_decimal_compare(range->from, range->to) >= 0)
        return ccrnn_yaml_fail(yaml, words.from, err, CCRNN_USAGE,
                               "%s: %s: expected from: below to:, found %s and %s; write the "
                               "smaller end first, one value as [50]",
                               what, option->key, ccrnn_yaml_text(words.from),
                               ccrnn_yaml_text(words.to));
    if (words.scale != NULL)
        CCRNN_TRY(read_scale(yaml, what, option, words.scale, range, err));
    if (range->log && range->from.mantissa <= 0)
        return ccrnn_yaml_fail(yaml, words.from, err, CCRNN_USAGE,
                               "%s: %s: expected from: above 0 with scale: log, found %s; begin "
                               "with a small positive number",
                               what, option->key, ccrnn_yaml_text(words.from));
    if (words.step != NULL)
        CCRNN_TRY(read_step(yaml, what, option, words.step, range, err));
    if (words.count != NULL)
        CCRNN_TRY(read_count(yaml, what, option, words.count, range, err));
    return CCRNN_OK;
}

/* --- its values -------------------------------------------------------------------------- */

/* The list that a range is made into. */
struct making {
    struct ccrnn_yaml *yaml;
    const char *what;
    const struct ccrnn_option *option;
    const yaml_node_t *key;
    yaml_node_t *node;
    const struct ccrnn_range *range;
    struct ccrnn_assignments *list;
};

static enum ccrnn_status reserve(const struct making *m, size_t count, struct ccrnn_error *err)
{
    m->list->items = calloc(count, sizeof m->list->items[0]);
    return m->list->items == NULL ? fail_memory(m->yaml, err) : CCRNN_OK;
}

static enum ccrnn_status add(const struct making *m, struct ccrnn_decimal value,
                             struct ccrnn_error *err)
{
    char text[CCRNN_DECIMAL_SIZE];
    ccrnn_decimal_text(value, text);
    return ccrnn_assignments_add_made(m->yaml, m->option, m->key, m->node, text, m->list, err);
}

/* from: in steps: never gets to to:. */
static enum ccrnn_status fail_step(const struct making *m, int exponent, const int64_t units[3],
                                   struct ccrnn_error *err)
{
    char from[CCRNN_DECIMAL_SIZE], to[CCRNN_DECIMAL_SIZE], step[CCRNN_DECIMAL_SIZE],
        before[CCRNN_DECIMAL_SIZE], after[CCRNN_DECIMAL_SIZE];
    const int64_t last = units[1] - (units[1] - units[0]) % units[2];
    ccrnn_decimal_text(m->range->from, from);
    ccrnn_decimal_text(m->range->to, to);
    ccrnn_decimal_text(m->range->step, step);
    ccrnn_decimal_text(ccrnn_decimal_of(last, exponent), before);
    ccrnn_decimal_text(ccrnn_decimal_of(last + units[2], exponent), after);
    return ccrnn_yaml_fail(m->yaml, m->node, err, CCRNN_USAGE,
                           "%s: %s: both ends are values, and from %s in steps of %s there is "
                           "no %s; choose another step, or to: %s or %s",
                           m->what, m->option->key, from, step, to, before, after);
}

static enum ccrnn_status make_steps(const struct making *m, struct ccrnn_error *err)
{
    const struct ccrnn_range *const range = m->range;
    const struct ccrnn_decimal parts[3] = {range->from, range->to, range->step};
    int64_t units[3];
    int exponent = range->step.exponent;
    bool fits = true;
    for (int i = 0; i < 2; i++)
        exponent = parts[i].exponent < exponent ? parts[i].exponent : exponent;
    for (int i = 0; i < 3; i++)
        fits = fits && ccrnn_decimal_units(parts[i], exponent, &units[i]);
    if (!fits)
        return ccrnn_yaml_fail(m->yaml, m->node, err, CCRNN_USAGE,
                               "%s: %s: the values would have more than %d digits; round from:, "
                               "to: and step:, or write scale: log",
                               m->what, m->option->key, CCRNN_DECIMAL_DIGITS);
    const int64_t steps = (units[1] - units[0]) / units[2];
    if (steps >= CCRNN_STUDY_ARMS_MAX)
        return ccrnn_yaml_fail(m->yaml, m->node, err, CCRNN_USAGE,
                               "%s: %s: expected at most %d values, found %lld; choose a larger "
                               "step, or split the study",
                               m->what, m->option->key, CCRNN_STUDY_ARMS_MAX,
                               (long long)steps + 1);
    if (steps * units[2] != units[1] - units[0])
        return fail_step(m, exponent, units, err);
    CCRNN_TRY(reserve(m, (size_t)steps + 1, err));
    for (int64_t i = 0; i <= steps; i++)
        CCRNN_TRY(add(m, ccrnn_decimal_of(units[0] + i * units[2], exponent), err));
    return CCRNN_OK;
}

/* The count nearest to the one written at which even values are whole: 2 always is one. */
static size_t whole_count(int64_t distance, size_t count)
{
    for (size_t off = 1;; off++)
        for (int side = 0; side < 2; side++) {
            const size_t tried = side == 0 ? count - off : count + off;
            if (tried >= 2 && tried <= CCRNN_STUDY_ARMS_MAX &&
                distance % (int64_t)(tried - 1) == 0)
                return tried;
        }
}

/* Even values of an integer option are whole numbers. */
static enum ccrnn_status check_whole(const struct making *m, struct ccrnn_error *err)
{
    const struct ccrnn_range *const range = m->range;
    int64_t from, to;
    if (!is_integer(m->option) || !ccrnn_decimal_units(range->from, 0, &from) ||
        !ccrnn_decimal_units(range->to, 0, &to) || (to - from) % (int64_t)(range->count - 1) == 0)
        return CCRNN_OK;
    return ccrnn_yaml_fail(m->yaml, m->node, err, CCRNN_USAGE,
                           "%s: %s: %zu values at even distances from %lld to %lld are not all "
                           "whole numbers; write count: %zu, a step:, or scale: log, which "
                           "rounds",
                           m->what, m->option->key, range->count, (long long)from, (long long)to,
                           whole_count(to - from, range->count));
}

static enum ccrnn_status make_even(const struct making *m, struct ccrnn_error *err)
{
    const size_t count = m->range->count;
    CCRNN_TRY(check_whole(m, err));
    struct ccrnn_decimal *const values = calloc(count, sizeof *values);
    if (values == NULL)
        return fail_memory(m->yaml, err);
    enum ccrnn_status status = CCRNN_OK;
    if (!ccrnn_decimals_even(m->range->from, m->range->to, count, values))
        status = ccrnn_yaml_fail(m->yaml, m->node, err, CCRNN_USAGE,
                                 "%s: %s: the values would have more than %d digits; round from: "
                                 "and to:, or write scale: log",
                                 m->what, m->option->key, CCRNN_DECIMAL_DIGITS);
    if (status == CCRNN_OK)
        status = reserve(m, count, err);
    for (size_t i = 0; i < count && status == CCRNN_OK; i++)
        status = add(m, values[i], err);
    free(values);
    return status;
}

struct ccrnn_decimal ccrnn_range_round(const struct ccrnn_range *range, double real, bool whole)
{
    char text[CCRNN_DECIMAL_SIZE];
    struct ccrnn_decimal value = ccrnn_decimal_round(real, CCRNN_VALUE_DIGITS);
    if (whole && value.exponent < 0) {
        ccrnn_format(text, sizeof text, "%.0f", real);
        (void)ccrnn_decimal_parse(text, &value);
    }
    if (ccrnn_decimal_compare(value, range->from) < 0)
        return range->from;
    return ccrnn_decimal_compare(value, range->to) > 0 ? range->to : value;
}

static enum ccrnn_status make_log(const struct making *m, struct ccrnn_error *err)
{
    const struct ccrnn_range *const range = m->range;
    const double from = ccrnn_decimal_real(range->from), to = ccrnn_decimal_real(range->to);
    struct ccrnn_decimal last = range->from;
    CCRNN_TRY(reserve(m, range->count, err));
    CCRNN_TRY(add(m, range->from, err));
    for (size_t i = 1; i < range->count; i++) {
        const double real = ccrnn_between_geometric(from, to, i, range->count - 1);
        const struct ccrnn_decimal value =
            i + 1 == range->count ? range->to
                                  : ccrnn_range_round(range, real, is_integer(m->option));
        const int order = ccrnn_decimal_compare(value, last);
        if (order <= 0 && is_integer(m->option))
            continue;
        if (order <= 0)
            return ccrnn_yaml_fail(m->yaml, m->node, err, CCRNN_USAGE,
                                   "%s: %s: of %zu values on a log scale some are the same when "
                                   "rounded to %d digits; choose a smaller count, or scale: "
                                   "linear",
                                   m->what, m->option->key, range->count, CCRNN_VALUE_DIGITS);
        CCRNN_TRY(add(m, value, err));
        last = value;
    }
    return CCRNN_OK;
}

static enum ccrnn_status make_range(const struct making *m, struct ccrnn_error *err)
{
    if (m->range->step.mantissa != 0)
        return make_steps(m, err);
    if (m->range->count == 0)
        return ccrnn_yaml_fail(m->yaml, m->node, err, CCRNN_USAGE,
                               "%s: %s: how many values lie between from: and to:? write count: "
                               "or step:",
                               m->what, m->option->key);
    return m->range->log ? make_log(m, err) : make_even(m, err);
}

/* --- lists ------------------------------------------------------------------------------- */

static enum ccrnn_status check_unequal(struct ccrnn_yaml *yaml, const char *what,
                                       yaml_node_t *node, const struct ccrnn_assignments *list,
                                       struct ccrnn_error *err)
{
    size_t *const classes = calloc(list->count, sizeof *classes);
    if (classes == NULL || !ccrnn_assignments_classes(list, classes)) {
        free(classes);
        return fail_memory(yaml, err);
    }
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; i < list->count && status == CCRNN_OK; i++)
        if (classes[i] != i)
            status = ccrnn_yaml_fail(yaml, ccrnn_yaml_item(yaml, node, i), err, CCRNN_USAGE,
                                     "%s: %s has the value %s twice; remove one", what,
                                     list->items[i].option->key, list->items[i].written);
    free(classes);
    return status;
}

static enum ccrnn_status read_list(struct ccrnn_yaml *yaml, const char *what,
                                   const struct ccrnn_option *option, const yaml_node_t *key,
                                   yaml_node_t *node, struct ccrnn_assignments *list,
                                   struct ccrnn_error *err)
{
    const size_t count = ccrnn_yaml_length(node);
    if (count > CCRNN_STUDY_ARMS_MAX)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: %s: expected at most %d values, found %zu; split the study",
                               what, option->key, CCRNN_STUDY_ARMS_MAX, count);
    list->items = calloc(count, sizeof list->items[0]);
    if (list->items == NULL)
        return fail_memory(yaml, err);
    for (size_t i = 0; i < count; i++)
        CCRNN_TRY(
            ccrnn_assignments_add(yaml, option, key, ccrnn_yaml_item(yaml, node, i), list, err));
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_values_read(struct ccrnn_yaml *yaml, const char *what,
                                    const struct ccrnn_option *option, const yaml_node_t *key,
                                    yaml_node_t *node, bool unequal,
                                    struct ccrnn_assignments *list, struct ccrnn_error *err)
{
    char found[96];
    struct ccrnn_range range;
    const struct making making = {yaml, what, option, key, node, &range, list};
    if (node->type == YAML_MAPPING_NODE) {
        CCRNN_TRY(ccrnn_range_read(yaml, what, option, node, &range, err));
        return make_range(&making, err);
    }
    if (node->type != YAML_SEQUENCE_NODE || ccrnn_yaml_length(node) == 0)
        return ccrnn_yaml_fail(
            yaml, node, err, CCRNN_USAGE,
            "%s: %s: expected a list of values such as [1, 3] or a range such as {from: 1, to: "
            "5, step: 2}, found %s; write the values in brackets",
            what, option->key,
            node->type == YAML_SEQUENCE_NODE ? "an empty one" : ccrnn_yaml_describe(node, found));
    CCRNN_TRY(read_list(yaml, what, option, key, node, list, err));
    return unequal ? check_unequal(yaml, what, node, list, err) : CCRNN_OK;
}

void ccrnn_values_note_scale(struct ccrnn_yaml *yaml, const yaml_node_t *node,
                             struct ccrnn_column *column)
{
    column->ranged = node->type == YAML_MAPPING_NODE;
    const yaml_node_t *const scale = column->ranged ? ccrnn_yaml_get(yaml, node, "scale") : NULL;
    const char *const word = scale == NULL ? NULL : ccrnn_yaml_text(scale);
    column->log = word != NULL && strcmp(word, "log") == 0;
}
