#include "study/quick.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "study/axes.h"
#include "study/draws.h"
#include "study/values.h"

static enum ccrnn_status fail_memory(const struct ccrnn_yaml *yaml, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
}

/* --- reading ----------------------------------------------------------------------------- */

static struct ccrnn_axis *find_sweep(const struct ccrnn_grid *grid,
                                     const struct ccrnn_option *option)
{
    for (size_t i = 0; i < grid->axis_count; i++)
        if (grid->axes[i].kind == CCRNN_AXIS_SWEEP && grid->axes[i].columns[0].option == option)
            return &grid->axes[i];
    return NULL;
}

static enum ccrnn_status read_sweep_key(struct ccrnn_yaml *yaml, const struct ccrnn_grid *grid,
                                        struct ccrnn_column *sweep, yaml_node_t *values,
                                        struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_assignments_option(yaml, sweep->key, NULL, &sweep->option, err));
    if (find_sweep(grid, sweep->option) == NULL)
        return ccrnn_yaml_fail(yaml, sweep->key, err, CCRNN_USAGE,
                               "quick: %s is not swept by this study; write `%s: value` without "
                               "sweep:",
                               sweep->option->key, sweep->option->key);
    return ccrnn_values_read(yaml, "quick: sweep", sweep->option, sweep->key, values, true,
                             &sweep->values, err);
}

static enum ccrnn_status read_sweeps(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                     const struct ccrnn_grid *grid, struct ccrnn_quick *quick,
                                     struct ccrnn_error *err)
{
    char found[96];
    if (node->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "quick: sweep: expected `option: [values]`, found %s; indent it "
                               "below",
                               ccrnn_yaml_describe(node, found));
    quick->sweeps = calloc(ccrnn_yaml_length(node) + 1, sizeof *quick->sweeps);
    if (quick->sweeps == NULL)
        return fail_memory(yaml, err);
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        struct ccrnn_column *const sweep = &quick->sweeps[quick->sweep_count++];
        yaml_node_t *key, *value;
        (void)ccrnn_yaml_pair(yaml, node, i, &key, &value);
        sweep->key = key;
        CCRNN_TRY(read_sweep_key(yaml, grid, sweep, value, err));
    }
    return CCRNN_OK;
}

static struct ccrnn_axis *find_random(const struct ccrnn_grid *grid)
{
    for (size_t i = 0; i < grid->axis_count; i++)
        if (grid->axes[i].kind == CCRNN_AXIS_RANDOM)
            return &grid->axes[i];
    return NULL;
}

/* Fewer draws; what they are drawn from is the study's. */
static enum ccrnn_status read_random(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                     const struct ccrnn_grid *grid, struct ccrnn_quick *quick,
                                     struct ccrnn_error *err)
{
    const struct ccrnn_axis *const axis = find_random(grid);
    if (axis == NULL)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "quick: random: this study draws nothing; remove it");
    yaml_node_t *const count =
        node->type == YAML_MAPPING_NODE ? ccrnn_yaml_get(yaml, node, "count") : NULL;
    if (count == NULL || ccrnn_yaml_length(node) != 1)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "quick: random: expected {count: 5} alone: the first draws of the "
                               "study's; to hold a key at one value, write it without random:");
    return ccrnn_draws_count(yaml, "quick: random", count, axis->places, &quick->draws, err);
}

static bool is_kept(struct ccrnn_yaml *yaml, const yaml_node_t *arms, const char *name)
{
    for (size_t i = 0; i < ccrnn_yaml_length(arms); i++) {
        const char *const kept = ccrnn_yaml_text(ccrnn_yaml_item(yaml, arms, i));
        if (kept != NULL && strcmp(kept, name) == 0)
            return true;
    }
    return false;
}

static enum ccrnn_status check_arms(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                    const struct ccrnn_grid *grid, struct ccrnn_error *err)
{
    char found[96];
    if (node->type != YAML_SEQUENCE_NODE || ccrnn_yaml_length(node) == 0)
        return ccrnn_yaml_fail(
            yaml, node, err, CCRNN_USAGE,
            "quick: arms: expected a list of arms, found %s; write their names "
            "in brackets, or leave arms: out for all of them",
            node->type == YAML_SEQUENCE_NODE ? "an empty one" : ccrnn_yaml_describe(node, found));
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        yaml_node_t *const item = ccrnn_yaml_item(yaml, node, i);
        const char *const name = ccrnn_yaml_text(item);
        size_t arm = 0;
        while (name != NULL && arm < grid->arm_count && strcmp(grid->arms[arm].name, name) != 0)
            arm++;
        if (name == NULL || arm == grid->arm_count)
            return ccrnn_yaml_fail(yaml, item, err, CCRNN_USAGE,
                                   "quick: arms: expected an arm as written under arms: (sweeps "
                                   "left out), found %s; name one of them",
                                   ccrnn_yaml_describe(item, found));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_quick_read(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                   const struct ccrnn_grid *grid, struct ccrnn_quick *quick,
                                   struct ccrnn_error *err)
{
    static const char *const words[] = {"seeds", "arms", "sweep", "random", NULL};
    char found[96];
    if (node == NULL)
        return CCRNN_OK;
    if (node->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "quick: expected `key: value`, found %s; write for example "
                               "{seeds: 1..3, epochs: 20}",
                               ccrnn_yaml_describe(node, found));
    quick->self = node;
    quick->set.items = calloc(ccrnn_yaml_length(node) + 1, sizeof quick->set.items[0]);
    if (quick->set.items == NULL)
        return fail_memory(yaml, err);
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        const struct ccrnn_option *option;
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(yaml, node, i, &key, &value);
        if (strcmp(name, "seeds") == 0) {
            quick->seeds = value;
        } else if (strcmp(name, "arms") == 0) {
            quick->arms = value;
            CCRNN_TRY(check_arms(yaml, value, grid, err));
        } else if (strcmp(name, "sweep") == 0) {
            CCRNN_TRY(read_sweeps(yaml, value, grid, quick, err));
        } else if (strcmp(name, "random") == 0) {
            CCRNN_TRY(read_random(yaml, value, grid, quick, err));
        } else if (strcmp(name, "zip") == 0) {
            return ccrnn_yaml_fail(
                yaml, key, err, CCRNN_USAGE,
                "quick: zip: keeps its values together and cannot be replaced; "
                "to keep one place of it, write one of its keys with a value, "
                "as in quick: {hidden: 20}");
        } else {
            CCRNN_TRY(ccrnn_assignments_option(yaml, key, words, &option, err));
            CCRNN_TRY(ccrnn_assignments_add(yaml, option, key, value, &quick->set, err));
        }
    }
    return CCRNN_OK;
}

/* --- applying ---------------------------------------------------------------------------- */

static void drop_arms(const struct ccrnn_quick *quick, struct ccrnn_yaml *yaml,
                      struct ccrnn_grid *grid)
{
    size_t kept = 0;
    for (size_t i = 0; quick->arms != NULL && i < grid->arm_count; i++) {
        if (is_kept(yaml, quick->arms, grid->arms[i].name))
            grid->arms[kept++] = grid->arms[i];
        else
            ccrnn_assignments_clear(&grid->arms[i].overrides);
    }
    if (quick->arms != NULL)
        grid->arm_count = kept;
}

static void replace_sweeps(struct ccrnn_quick *quick, struct ccrnn_grid *grid)
{
    for (size_t i = 0; i < quick->sweep_count; i++) {
        struct ccrnn_axis *const axis = find_sweep(grid, quick->sweeps[i].option);
        const struct ccrnn_assignments former = axis->columns[0].values;
        axis->columns[0].values = quick->sweeps[i].values;
        axis->places = axis->columns[0].values.count;
        quick->sweeps[i].values = former;
    }
}

static bool names_option(const struct ccrnn_assignments *list, const struct ccrnn_option *option)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].option == option)
            return true;
    return false;
}

enum ccrnn_status ccrnn_quick_apply(struct ccrnn_quick *quick, struct ccrnn_yaml *yaml,
                                    struct ccrnn_grid *grid, struct ccrnn_error *err)
{
    struct ccrnn_assignments all = {
        calloc(quick->set.count + grid->set.count + 1, sizeof *all.items), 0};
    struct ccrnn_assignments rest = quick->set;
    if (all.items == NULL)
        return fail_memory(yaml, err);
    drop_arms(quick, yaml, grid);
    replace_sweeps(quick, grid);
    if (quick->draws > 0)
        ccrnn_axis_shorten(find_random(grid), quick->draws);
    rest.count = 0; /* those that --set overrides stay behind, to be freed */
    for (size_t i = 0; i < quick->set.count; i++) {
        if (names_option(&grid->set, quick->set.items[i].option))
            rest.items[rest.count++] = quick->set.items[i];
        else
            all.items[all.count++] = quick->set.items[i];
    }
    quick->set = rest;
    for (size_t i = 0; i < grid->set.count; i++)
        all.items[all.count++] = grid->set.items[i];
    free(grid->set.items);
    grid->set = all;
    return CCRNN_OK;
}

/* --- describing -------------------------------------------------------------------------- */

/* "epochs 40", "horizon 1 | 3", "random count 5", "hidden from 10 to 50 step 20" */
static void describe_value(struct ccrnn_yaml *yaml, const char *name, yaml_node_t *value,
                           struct ccrnn_text *text)
{
    ccrnn_text_add(text, "%s%s", text->size > 0 ? ", " : "", name);
    if (value->type == YAML_SCALAR_NODE)
        ccrnn_text_add(text, " %s", ccrnn_yaml_text(value));
    for (size_t i = 0; value->type == YAML_SEQUENCE_NODE && i < ccrnn_yaml_length(value); i++) {
        const char *const item = ccrnn_yaml_text(ccrnn_yaml_item(yaml, value, i));
        ccrnn_text_add(text, "%s%s", i > 0 ? " | " : " ", item == NULL ? "" : item);
    }
    for (size_t i = 0; value->type == YAML_MAPPING_NODE && i < ccrnn_yaml_length(value); i++) {
        yaml_node_t *key, *number;
        const char *const word = ccrnn_yaml_pair(yaml, value, i, &key, &number);
        const char *const of = ccrnn_yaml_text(number);
        ccrnn_text_add(text, " %s %s", word, of == NULL ? "" : of);
    }
}

static void describe_pairs(struct ccrnn_yaml *yaml, const yaml_node_t *mapping,
                           struct ccrnn_text *text)
{
    for (size_t i = 0; i < ccrnn_yaml_length(mapping); i++) {
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(yaml, mapping, i, &key, &value);
        if (strcmp(name, "sweep") != 0)
            describe_value(yaml, name, value, text);
    }
}

char *ccrnn_quick_describe(struct ccrnn_yaml *yaml, const struct ccrnn_quick *quick)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "%s", "");
    describe_pairs(yaml, quick->self, &text);
    const yaml_node_t *const sweep = ccrnn_yaml_get(yaml, quick->self, "sweep");
    if (sweep != NULL)
        describe_pairs(yaml, sweep, &text);
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

void ccrnn_quick_clear(struct ccrnn_quick *quick)
{
    ccrnn_assignments_clear(&quick->set);
    for (size_t i = 0; i < quick->sweep_count; i++)
        ccrnn_assignments_clear(&quick->sweeps[i].values);
    free(quick->sweeps);
}
