#include "study/axes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "study/draws.h"
#include "study/values.h"

static enum ccrnn_status fail_memory(const struct ccrnn_yaml *yaml, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
}

/* A new axis with room for so many columns; NULL: no memory. */
static struct ccrnn_axis *begin_axis(struct ccrnn_grid *grid, enum ccrnn_axis_kind kind,
                                     const yaml_node_t *node, size_t columns)
{
    struct ccrnn_axis *const axis = &grid->axes[grid->axis_count++];
    *axis = (struct ccrnn_axis){.kind = kind, .node = node};
    axis->columns = calloc(columns + 1, sizeof *axis->columns);
    return axis->columns == NULL ? NULL : axis;
}

/* --- sweep ------------------------------------------------------------------------------- */

static enum ccrnn_status read_sweep(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                    struct ccrnn_grid *grid, struct ccrnn_error *err)
{
    char found[96];
    if (node->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "sweep: expected `option: [values]`, found %s; indent it below",
                               ccrnn_yaml_describe(node, found));
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        yaml_node_t *key, *value;
        (void)ccrnn_yaml_pair(yaml, node, i, &key, &value);
        struct ccrnn_axis *const axis = begin_axis(grid, CCRNN_AXIS_SWEEP, key, 1);
        if (axis == NULL)
            return fail_memory(yaml, err);
        struct ccrnn_column *const column = &axis->columns[axis->column_count++];
        column->key = key;
        CCRNN_TRY(ccrnn_values_option(yaml, "sweep", key, NULL, &column->option, err));
        CCRNN_TRY(ccrnn_values_read(yaml, "sweep", column->option, key, value, true,
                                    &column->values, err));
        axis->places = column->values.count;
        ccrnn_values_note_scale(yaml, value, column);
    }
    return CCRNN_OK;
}

/* --- zip --------------------------------------------------------------------------------- */

/* Two places with the same values of all keys are one arm too many. */
static enum ccrnn_status check_places(struct ccrnn_yaml *yaml, const struct ccrnn_axis *axis,
                                      struct ccrnn_error *err)
{
    const size_t places = axis->places, columns = axis->column_count;
    size_t *const classes = calloc(columns * places, sizeof *classes);
    bool good = classes != NULL;
    for (size_t c = 0; good && c < columns; c++)
        good = ccrnn_assignments_classes(&axis->columns[c].values, classes + c * places);
    enum ccrnn_status status = good ? CCRNN_OK : fail_memory(yaml, err);
    for (size_t i = 1; i < places && status == CCRNN_OK; i++)
        for (size_t j = 0; j < i && status == CCRNN_OK; j++) {
            size_t c = 0;
            while (c < columns && classes[c * places + i] == classes[c * places + j])
                c++;
            if (c == columns)
                status =
                    ccrnn_yaml_fail(yaml, axis->node, err, CCRNN_USAGE,
                                    "zip: values number %zu and %zu are the same for all its "
                                    "keys; remove one of each",
                                    j + 1, i + 1);
        }
    free(classes);
    return status;
}

/* `first` is the first key of the group. */
static enum ccrnn_status read_zip_key(struct ccrnn_yaml *yaml, struct ccrnn_axis *axis,
                                      const yaml_node_t *first, const yaml_node_t *key,
                                      yaml_node_t *value, struct ccrnn_error *err)
{
    struct ccrnn_column *const column = &axis->columns[axis->column_count++];
    column->key = key;
    CCRNN_TRY(ccrnn_values_option(yaml, "zip", key, NULL, &column->option, err));
    CCRNN_TRY(
        ccrnn_values_read(yaml, "zip", column->option, key, value, false, &column->values, err));
    ccrnn_values_note_scale(yaml, value, column);
    if (axis->column_count == 1)
        axis->places = column->values.count;
    if (column->values.count != axis->places)
        return ccrnn_yaml_fail(yaml, value, err, CCRNN_USAGE,
                               "zip: %s has %zu values, and %s in line %zu has %zu; keys that go "
                               "together need equally many",
                               ccrnn_yaml_text(key), column->values.count, ccrnn_yaml_text(first),
                               first->start_mark.line + 1, axis->places);
    return CCRNN_OK;
}

static enum ccrnn_status read_group(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                    struct ccrnn_grid *grid, struct ccrnn_error *err)
{
    char found[96];
    const size_t count = ccrnn_yaml_length(node);
    if (node->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "zip: expected keys that go together, such as {hidden: [20, 50], "
                               "granule_units: [200, 400]}, or a list of such groups, found %s",
                               ccrnn_yaml_describe(node, found));
    if (count < 2)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "zip: expected two keys or more that go together, found %zu; a "
                               "key by itself goes under sweep:",
                               count);
    struct ccrnn_axis *const axis = begin_axis(grid, CCRNN_AXIS_ZIP, node, count);
    if (axis == NULL)
        return fail_memory(yaml, err);
    yaml_node_t *first, *key, *value;
    (void)ccrnn_yaml_pair(yaml, node, 0, &first, &value);
    for (size_t i = 0; i < count; i++) {
        (void)ccrnn_yaml_pair(yaml, node, i, &key, &value);
        CCRNN_TRY(read_zip_key(yaml, axis, first, key, value, err));
    }
    return check_places(yaml, axis, err);
}

static enum ccrnn_status read_zip(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                  struct ccrnn_grid *grid, struct ccrnn_error *err)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return read_group(yaml, node, grid, err);
    if (ccrnn_yaml_length(node) == 0)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_USAGE,
                               "zip: expected groups of keys that go together, found an empty "
                               "list; leave zip: out");
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++)
        CCRNN_TRY(read_group(yaml, ccrnn_yaml_item(yaml, node, i), grid, err));
    return CCRNN_OK;
}

/* --- one key, one place ------------------------------------------------------------------ */

const char *ccrnn_axis_name(const struct ccrnn_axis *axis)
{
    static const char *const names[] = {"sweep", "zip", "random"};
    return names[axis->kind];
}

static enum ccrnn_status check_arms(const struct ccrnn_yaml *yaml, const struct ccrnn_grid *grid,
                                    const struct ccrnn_axis *axis,
                                    const struct ccrnn_column *column, struct ccrnn_error *err)
{
    for (size_t i = 0; i < grid->arm_count; i++) {
        const struct ccrnn_assignments *const written = &grid->arms[i].overrides;
        for (size_t j = 0; j < written->count; j++)
            if (written->items[j].option == column->option)
                return ccrnn_yaml_fail(yaml, written->items[j].key, err, CCRNN_USAGE,
                                       "%s is set in arm '%s' and in %s: too; remove one of them",
                                       column->option->key, grid->arms[i].name,
                                       ccrnn_axis_name(axis));
    }
    return CCRNN_OK;
}

/* The column before this one, in file order, that has the same option; NULL: none. */
static const struct ccrnn_column *find_before(const struct ccrnn_grid *grid,
                                              const struct ccrnn_column *column,
                                              const struct ccrnn_axis **axis)
{
    for (*axis = grid->axes;; ++*axis)
        for (size_t c = 0; c < (*axis)->column_count; c++) {
            const struct ccrnn_column *const other = &(*axis)->columns[c];
            if (other == column)
                return NULL;
            if (other->option == column->option)
                return other;
        }
}

static enum ccrnn_status check_keys(const struct ccrnn_yaml *yaml, const struct ccrnn_grid *grid,
                                    struct ccrnn_error *err)
{
    for (size_t a = 0; a < grid->axis_count; a++)
        for (size_t c = 0; c < grid->axes[a].column_count; c++) {
            const struct ccrnn_axis *first;
            const struct ccrnn_column *const column = &grid->axes[a].columns[c];
            const struct ccrnn_column *const other = find_before(grid, column, &first);
            if (other != NULL)
                return ccrnn_yaml_fail(yaml, column->key, err, CCRNN_USAGE,
                                       "%s is in %s: and in %s: too, in line %zu; remove one of "
                                       "them",
                                       column->option->key, ccrnn_axis_name(&grid->axes[a]),
                                       ccrnn_axis_name(first), other->key->start_mark.line + 1);
            CCRNN_TRY(check_arms(yaml, grid, &grid->axes[a], column, err));
        }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_axes_read(struct ccrnn_yaml *yaml, struct ccrnn_grid *grid,
                                  struct ccrnn_error *err)
{
    const yaml_node_t *const root = ccrnn_yaml_root(yaml);
    yaml_node_t *const sweep = ccrnn_yaml_get(yaml, root, "sweep"),
                       *const zip = ccrnn_yaml_get(yaml, root, "zip"),
                       *const random = ccrnn_yaml_get(yaml, root, "random");
    size_t most = 2; /* a group of zip, random */
    if (sweep != NULL)
        most += ccrnn_yaml_length(sweep);
    if (zip != NULL)
        most += ccrnn_yaml_length(zip);
    grid->axes = calloc(most, sizeof *grid->axes);
    if (grid->axes == NULL)
        return fail_memory(yaml, err);
    if (sweep != NULL && !ccrnn_yaml_is_null(sweep))
        CCRNN_TRY(read_sweep(yaml, sweep, grid, err));
    if (zip != NULL && !ccrnn_yaml_is_null(zip))
        CCRNN_TRY(read_zip(yaml, zip, grid, err));
    if (random != NULL && !ccrnn_yaml_is_null(random))
        CCRNN_TRY(ccrnn_draws_read(yaml, random, &grid->axes[grid->axis_count++], err));
    return check_keys(yaml, grid, err);
}

/* --- narrowing --------------------------------------------------------------------------- */

/* The value in the study's own words, if it has it: names and directories are then those of the whole study. */
static const struct ccrnn_assignment *own_words(const struct ccrnn_assignments *values,
                                                const struct ccrnn_assignment *wanted)
{
    for (size_t i = 0; i < values->count; i++)
        if (ccrnn_assignment_same(&values->items[i], wanted))
            return &values->items[i];
    return wanted;
}

/* The value, at so many places. */
static enum ccrnn_status hold(const struct ccrnn_yaml *yaml, struct ccrnn_column *column,
                              const struct ccrnn_assignment *wanted, size_t places,
                              struct ccrnn_error *err)
{
    const struct ccrnn_assignment *const value = own_words(&column->values, wanted);
    struct ccrnn_assignments held = {calloc(places, sizeof *held.items), 0};
    enum ccrnn_status status = held.items == NULL ? fail_memory(yaml, err) : CCRNN_OK;
    while (held.count < places && status == CCRNN_OK)
        status = ccrnn_assignments_copy(yaml, value, &held, err);
    if (status != CCRNN_OK) {
        ccrnn_assignments_clear(&held);
        return status;
    }
    ccrnn_assignments_clear(&column->values);
    column->values = held;
    return CCRNN_OK;
}

static void move_place(struct ccrnn_axis *axis, size_t to, size_t from)
{
    for (size_t c = 0; c < axis->column_count; c++) {
        struct ccrnn_assignment *const items = axis->columns[c].values.items;
        const struct ccrnn_assignment moved = items[from];
        items[from] = items[to];
        items[to] = moved;
    }
}

void ccrnn_axis_shorten(struct ccrnn_axis *axis, size_t count)
{
    for (size_t c = 0; c < axis->column_count; c++) {
        struct ccrnn_assignments *const values = &axis->columns[c].values;
        for (size_t i = count; i < values->count; i++)
            free(values->items[i].text);
        values->count = values->count < count ? values->count : count;
    }
    axis->places = axis->places < count ? axis->places : count;
}

/* Keep the places of a zip that have the value. */
static enum ccrnn_status choose(const struct ccrnn_yaml *yaml, struct ccrnn_axis *axis,
                                const struct ccrnn_column *column,
                                const struct ccrnn_assignment *wanted, struct ccrnn_error *err)
{
    static const char text[] = "zip: has no place with this value; choose one that it lists, or "
                               "change the file";
    size_t kept = 0;
    for (size_t i = 0; i < axis->places; i++)
        if (ccrnn_assignment_same(&column->values.items[i], wanted))
            move_place(axis, kept++, i);
    if (kept == 0 && wanted->key != NULL)
        return ccrnn_yaml_fail(yaml, wanted->key, err, CCRNN_USAGE, "quick: %s: %s: %s",
                               wanted->option->key, wanted->written, text);
    if (kept == 0)
        return ccrnn_fail(err, CCRNN_USAGE, "--set %s=%s: %s", wanted->option->key,
                          wanted->written, text);
    ccrnn_axis_shorten(axis, kept);
    return CCRNN_OK;
}

static enum ccrnn_status narrow(const struct ccrnn_yaml *yaml, struct ccrnn_axis *axis,
                                struct ccrnn_column *column,
                                const struct ccrnn_assignment *wanted, struct ccrnn_error *err)
{
    if (axis->kind == CCRNN_AXIS_ZIP)
        return choose(yaml, axis, column, wanted, err);
    if (axis->kind == CCRNN_AXIS_SWEEP)
        axis->places = 1;
    return hold(yaml, column, wanted, axis->places, err);
}

enum ccrnn_status ccrnn_axes_narrow(struct ccrnn_yaml *yaml, struct ccrnn_grid *grid,
                                    struct ccrnn_error *err)
{
    for (size_t a = 0; a < grid->axis_count; a++)
        for (size_t c = 0; c < grid->axes[a].column_count; c++)
            for (size_t i = 0; i < grid->set.count; i++)
                if (grid->set.items[i].option == grid->axes[a].columns[c].option) {
                    CCRNN_TRY(narrow(yaml, &grid->axes[a], &grid->axes[a].columns[c],
                                     &grid->set.items[i], err));
                    grid->narrowed = true;
                }
    return CCRNN_OK;
}
