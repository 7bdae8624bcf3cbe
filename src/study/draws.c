#include "study/draws.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/number.h"
#include "ccrnn/random.h"
#include "study/values.h"

/* So often is a draw made again that repeats an earlier one. */
enum { TRIES_MOST = 1000 };

static const char what[] = "random";

/* Its keys that are no options. */
static const char *const words[] = {"count", "seed", NULL};

/* Where the values of one key come from. */
struct source {
    struct ccrnn_assignments list; /* of a list, or a range of so many values; else empty */
    struct ccrnn_range range;
    bool whole;
    int exponent;       /* of the unit of a linear scale */
    int64_t first;      /* units */
    uint32_t units;     /* how many to choose from, one unit apart */
    uint32_t stream_id; /* of the key */
};

/* All that the draws are made of. */
struct drawing {
    struct ccrnn_yaml *yaml;
    struct ccrnn_axis *axis;
    struct source *sources;      /* (columns) */
    struct ccrnn_random *stream; /* (columns) */
    uint64_t seed;
    uint64_t *seen; /* (mask + 1): hashes of the draws there are, 0: free */
    size_t mask;
};

static enum ccrnn_status fail_memory(const struct ccrnn_yaml *yaml, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
}

/* --- reading ----------------------------------------------------------------------------- */

enum ccrnn_status ccrnn_draws_count(struct ccrnn_yaml *yaml, const char *place,
                                    const yaml_node_t *node, size_t most, size_t *count,
                                    struct ccrnn_error *err)
{
    char found[96];
    uint64_t value = 0;
    if (!ccrnn_yaml_is_plain(node) || !ccrnn_parse_unsigned(ccrnn_yaml_text(node), &value) ||
        value < 1 || value > most)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "%s: count: expected an integer from 1 to %zu, found %s%s", place,
                               most, ccrnn_yaml_describe(node, found),
                               value > CCRNN_STUDY_ARMS_MAX ? "; split the study" : "");
    *count = (size_t)value;
    return CCRNN_OK;
}

static enum ccrnn_status read_seed(struct drawing *d, const yaml_node_t *node,
                                   struct ccrnn_error *err)
{
    char found[96];
    if (!ccrnn_yaml_is_plain(node) || !ccrnn_parse_unsigned(ccrnn_yaml_text(node), &d->seed) ||
        d->seed > CCRNN_STUDY_SEED_MAX)
        return ccrnn_yaml_fail(
            d->yaml, node, err, CCRNN_USAGE,
            "random: seed: expected an integer from 0 to %llu, found %s; leave "
            "it out for 1",
            CCRNN_STUDY_SEED_MAX, ccrnn_yaml_describe(node, found));
    return CCRNN_OK;
}

/* Units of a linear scale: 1 for integers, else a power of ten that makes 1000 to 10000 of the range. */
static enum ccrnn_status find_units(struct drawing *d, const struct ccrnn_option *option,
                                    const yaml_node_t *node, struct source *source,
                                    struct ccrnn_error *err)
{
    const struct ccrnn_range *const range = &source->range;
    const int finest =
        range->from.exponent < range->to.exponent ? range->from.exponent : range->to.exponent;
    int64_t first = 0, last = 0, coarse = 1;
    source->exponent = source->whole || finest > 0 ? 0 : finest;
    bool fits = ccrnn_decimal_units(range->from, source->exponent, &first) &&
                ccrnn_decimal_units(range->to, source->exponent, &last);
    if (fits && !source->whole) {
        int digits = 1;
        for (int64_t rest = last - first; rest >= 10; rest /= 10)
            digits++;
        for (; digits > CCRNN_VALUE_DIGITS; digits--, source->exponent++)
            coarse *= 10;
        for (; digits < CCRNN_VALUE_DIGITS; digits++)
            source->exponent--;
        fits = coarse > 1 || (ccrnn_decimal_units(range->from, source->exponent, &first) &&
                              ccrnn_decimal_units(range->to, source->exponent, &last));
    }
    /* inwards: no value is outside the range */
    first = first / coarse + (first % coarse > 0);
    last = last / coarse - (last % coarse < 0);
    if (!fits || last - first >= UINT32_MAX)
        return ccrnn_yaml_fail(d->yaml, node, err, CCRNN_USAGE,
                               "random: %s: from: and to: are too far apart for an even draw; "
                               "round them, choose a narrower range, or write scale: log",
                               option->key);
    source->first = first;
    source->units = (uint32_t)(last - first) + 1;
    return CCRNN_OK;
}

static enum ccrnn_status read_source(struct drawing *d, const yaml_node_t *key, yaml_node_t *node,
                                     struct ccrnn_error *err)
{
    struct ccrnn_column *const column = &d->axis->columns[d->axis->column_count];
    struct source *const source = &d->sources[d->axis->column_count++];
    column->key = key;
    CCRNN_TRY(ccrnn_values_option(d->yaml, what, key, words, &column->option, err));
    const char *const name = column->option->key;
    const uint64_t hash = ccrnn_hash_add(CCRNN_HASH_START, name, strlen(name));
    source->stream_id = (uint32_t)(hash ^ hash >> 32);
    source->whole = column->option->type == CCRNN_OPTION_INTEGER;
    ccrnn_values_note_scale(d->yaml, node, column);
    if (node->type == YAML_MAPPING_NODE) {
        CCRNN_TRY(ccrnn_range_read(d->yaml, what, column->option, node, &source->range, err));
        if (source->range.count == 0 && source->range.step.mantissa == 0)
            return source->range.log ? CCRNN_OK
                                     : find_units(d, column->option, node, source, err);
    }
    return ccrnn_values_read(d->yaml, what, column->option, key, node, true, &source->list, err);
}

/* A word misspelt is no option: say so rather than that it is missing. */
static enum ccrnn_status check_keys(const struct drawing *d, yaml_node_t *node,
                                    struct ccrnn_error *err)
{
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        const struct ccrnn_option *option;
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(d->yaml, node, i, &key, &value);
        if (strcmp(name, "seed") != 0 && strcmp(name, "count") != 0)
            CCRNN_TRY(ccrnn_values_option(d->yaml, what, key, words, &option, err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_keys(struct drawing *d, yaml_node_t *node, struct ccrnn_error *err)
{
    char found[96];
    if (node->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(
            d->yaml, node, err, CCRNN_USAGE,
            "random: expected `count: 20` and options with their ranges, found "
            "%s; indent them below",
            ccrnn_yaml_describe(node, found));
    yaml_node_t *const count = ccrnn_yaml_get(d->yaml, node, "count");
    CCRNN_TRY(check_keys(d, node, err));
    if (count == NULL)
        return ccrnn_yaml_fail(d->yaml, node, err, CCRNN_USAGE,
                               "random: how many draws? write count: 20, for example");
    d->axis->node = count;
    CCRNN_TRY(
        ccrnn_draws_count(d->yaml, what, count, CCRNN_STUDY_ARMS_MAX, &d->axis->places, err));
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(d->yaml, node, i, &key, &value);
        if (strcmp(name, "seed") == 0)
            CCRNN_TRY(read_seed(d, value, err));
        else if (strcmp(name, "count") != 0)
            CCRNN_TRY(read_source(d, key, value, err));
    }
    if (d->axis->column_count == 0)
        return ccrnn_yaml_fail(
            d->yaml, node, err, CCRNN_USAGE,
            "random: there is nothing to draw; add an option with a range or a "
            "list, such as learning_rate: {from: 1e-5, to: 0.1, scale: log}");
    return CCRNN_OK;
}

/* --- drawing ----------------------------------------------------------------------------- */

static struct ccrnn_decimal draw_number(const struct source *source, struct ccrnn_random *stream)
{
    const struct ccrnn_range *const range = &source->range;
    if (!range->log)
        return ccrnn_decimal_of(source->first + ccrnn_random_below(stream, source->units),
                                source->exponent);
    /* an integer has the share of the log scale that is rounded to it */
    const double half = source->whole ? 0.5 : 0.0;
    const double real = ccrnn_between_geometric(ccrnn_decimal_real(range->from) - half,
                                                ccrnn_decimal_real(range->to) + half,
                                                ccrnn_random_u32(stream), (uint64_t)1 << 32);
    return ccrnn_range_round(range, real, source->whole);
}

/* The next value of a column, at the end of its list. */
static enum ccrnn_status draw_value(const struct drawing *d, size_t c, struct ccrnn_error *err)
{
    struct ccrnn_column *const column = &d->axis->columns[c];
    const struct source *const source = &d->sources[c];
    char text[CCRNN_DECIMAL_SIZE];
    if (source->list.count > 0) {
        const size_t chosen = ccrnn_random_below(&d->stream[c], (uint32_t)source->list.count);
        return ccrnn_assignments_copy(d->yaml, &source->list.items[chosen], &column->values, err);
    }
    ccrnn_decimal_text(draw_number(source, &d->stream[c]), text);
    return ccrnn_assignments_add_made(d->yaml, column->option, column->key, column->key, text,
                                      &column->values, err);
}

/* Equal hashes are taken for equal draws: of two that are not, one is only drawn once more. */
static bool is_new(const struct drawing *d, size_t draw)
{
    uint64_t hash = CCRNN_HASH_START;
    for (size_t c = 0; c < d->axis->column_count; c++) {
        const char *const text = d->axis->columns[c].values.items[draw].text;
        hash = ccrnn_hash_add(hash, text, strlen(text) + 1);
    }
    hash += hash == 0;
    size_t slot = (size_t)hash & d->mask;
    for (; d->seen[slot] != 0; slot = (slot + 1) & d->mask)
        if (d->seen[slot] == hash)
            return false;
    d->seen[slot] = hash;
    return true;
}

static void take_back(const struct drawing *d, size_t draw)
{
    for (size_t c = 0; c < d->axis->column_count; c++) {
        struct ccrnn_assignments *const values = &d->axis->columns[c].values;
        free(values->items[draw].text);
        values->count = draw;
    }
}

static enum ccrnn_status make_draw(const struct drawing *d, size_t draw, struct ccrnn_error *err)
{
    const size_t columns = d->axis->column_count;
    for (size_t c = 0; c < columns; c++)
        ccrnn_random_start(&d->stream[c], d->seed, CCRNN_RANDOM_SEARCH, d->sources[c].stream_id,
                           (uint32_t)draw);
    for (size_t tries = 0; tries < TRIES_MOST; tries++) {
        for (size_t c = 0; c < columns; c++)
            CCRNN_TRY(draw_value(d, c, err));
        if (is_new(d, draw))
            return CCRNN_OK;
        take_back(d, draw);
    }
    return ccrnn_yaml_fail(d->yaml, d->axis->node, err, CCRNN_USAGE,
                           "random: count: after %zu draws, %d more only repeat them; write "
                           "count: %zu, or list the values under sweep:",
                           draw, TRIES_MOST, draw);
}

static enum ccrnn_status make_draws(struct drawing *d, struct ccrnn_error *err)
{
    for (d->mask = 1; d->mask < 2 * d->axis->places; d->mask = 2 * d->mask + 1)
        ;
    d->seen = calloc(d->mask + 1, sizeof *d->seen);
    if (d->seen == NULL)
        return fail_memory(d->yaml, err);
    for (size_t c = 0; c < d->axis->column_count; c++) {
        struct ccrnn_assignments *const values = &d->axis->columns[c].values;
        values->items = calloc(d->axis->places, sizeof values->items[0]);
        if (values->items == NULL)
            return fail_memory(d->yaml, err);
    }
    for (size_t draw = 0; draw < d->axis->places; draw++)
        CCRNN_TRY(make_draw(d, draw, err));
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_draws_read(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                   struct ccrnn_axis *axis, struct ccrnn_error *err)
{
    const size_t most = ccrnn_yaml_length(node) + 1;
    struct drawing d = {.yaml = yaml, .axis = axis, .seed = 1};
    axis->kind = CCRNN_AXIS_RANDOM;
    axis->columns = calloc(most, sizeof *axis->columns);
    d.sources = calloc(most, sizeof *d.sources);
    d.stream = calloc(most, sizeof *d.stream);
    enum ccrnn_status status = CCRNN_OK;
    if (axis->columns == NULL || d.sources == NULL || d.stream == NULL)
        status = fail_memory(yaml, err);
    if (status == CCRNN_OK)
        status = read_keys(&d, node, err);
    if (status == CCRNN_OK)
        status = make_draws(&d, err);
    for (size_t c = 0; d.sources != NULL && c < axis->column_count; c++)
        ccrnn_assignments_clear(&d.sources[c].list);
    free(d.sources);
    free(d.stream);
    free(d.seen);
    return status;
}
