#include "study/quick.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static enum ccrnn_status fail_memory(const struct ccrnn_yaml *yaml, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
}

/* --- reading ----------------------------------------------------------------------------- */

static enum ccrnn_status read_sweep_key(struct ccrnn_yaml *yaml, const struct ccrnn_grid *grid,
                                        struct ccrnn_sweep *sweep, yaml_node_t *list,
                                        struct ccrnn_error *err)
{
    char found[96];
    size_t place = 0;
    CCRNN_TRY(ccrnn_assignments_option(yaml, sweep->key, &sweep->option, err));
    while (place < grid->sweep_count && grid->sweeps[place].option != sweep->option)
        place++;
    if (place == grid->sweep_count)
        return ccrnn_yaml_fail(yaml, sweep->key, err, CCRNN_USAGE,
                               "quick: %s is not swept by this study; write `%s: value` without "
                               "sweep:",
                               sweep->option->key, sweep->option->key);
    const size_t count = ccrnn_yaml_length(list);
    if (list->type != YAML_SEQUENCE_NODE || count == 0 || count > CCRNN_STUDY_ARMS_MAX)
        return ccrnn_yaml_fail(yaml, list, err, CCRNN_USAGE,
                               "quick: sweep: %s: expected a list of values such as [1, 3], "
                               "found %s; write the values in brackets",
                               sweep->option->key, ccrnn_yaml_describe(list, found));
    sweep->values.items = calloc(count, sizeof sweep->values.items[0]);
    if (sweep->values.items == NULL)
        return fail_memory(yaml, err);
    for (size_t i = 0; i < count; i++) {
        yaml_node_t *const item = ccrnn_yaml_item(yaml, list, i);
        CCRNN_TRY(
            ccrnn_assignments_add(yaml, sweep->option, sweep->key, item, &sweep->values, err));
        for (size_t j = 0; j < i; j++)
            if (strcmp(sweep->values.items[i].text, sweep->values.items[j].text) == 0)
                return ccrnn_yaml_fail(yaml, item, err, CCRNN_USAGE,
                                       "quick: sweep: %s has the value %s twice; remove one",
                                       sweep->option->key, sweep->values.items[i].written);
    }
    return CCRNN_OK;
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
        struct ccrnn_sweep *const sweep = &quick->sweeps[quick->sweep_count++];
        yaml_node_t *key, *value;
        (void)ccrnn_yaml_pair(yaml, node, i, &key, &value);
        sweep->key = key;
        CCRNN_TRY(read_sweep_key(yaml, grid, sweep, value, err));
    }
    return CCRNN_OK;
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
        } else {
            CCRNN_TRY(ccrnn_assignments_option(yaml, key, &option, err));
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
    for (size_t i = 0; i < quick->sweep_count; i++)
        for (size_t j = 0; j < grid->sweep_count; j++)
            if (grid->sweeps[j].option == quick->sweeps[i].option) {
                const struct ccrnn_assignments former = grid->sweeps[j].values;
                grid->sweeps[j].values = quick->sweeps[i].values;
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
}

static void describe_pairs(struct ccrnn_yaml *yaml, const yaml_node_t *mapping,
                           struct ccrnn_text *text)
{
    for (size_t i = 0; i < ccrnn_yaml_length(mapping); i++) {
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(yaml, mapping, i, &key, &value);
        if (value->type != YAML_MAPPING_NODE)
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
