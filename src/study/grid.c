#include "study/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "study/branch.h"

static void assign(const struct ccrnn_assignment *assignment, struct ccrnn_run_config *config)
{
    /* Cannot fail: the text was parsed before, when it was read. */
    (void)ccrnn_option_parse(assignment->option, assignment->text, config, NULL);
    if (assignment->option->type == CCRNN_OPTION_PATH && !assignment->option->of_data)
        memcpy(config->init_from_hash, assignment->fingerprint, sizeof config->init_from_hash);
}

static void assign_all(const struct ccrnn_assignments *list, struct ccrnn_run_config *config)
{
    for (size_t i = 0; i < list->count; i++)
        assign(&list->items[i], config);
}

static bool has_effect(const struct ccrnn_option *option, const struct ccrnn_run_config *config)
{
    return ccrnn_option_applies(option, config) &&
           ccrnn_option_idle_choice(option, config) == NULL;
}

/* The choice that says the same as an idle one. */
static const struct ccrnn_option_choice *same_choice(const struct ccrnn_option *option,
                                                     const struct ccrnn_option_choice *idle)
{
    const struct ccrnn_option_choice *same = option->choices;
    while (same->value != idle->substitute)
        same++;
    return same;
}

static void note_effects(struct ccrnn_assignments *list, const struct ccrnn_run_config *config)
{
    for (size_t i = 0; i < list->count; i++)
        if (has_effect(list->items[i].option, config))
            list->items[i].effective = true;
}

/* --- one arm of the grid ----------------------------------------------------------------- */

/* One place of the grid, and what it gives. */
struct cell {
    struct ccrnn_run_config config;
    size_t *at; /* (axis_count): place on each axis */
    char name[CCRNN_ARM_NAME_SIZE];
};

/* The first axis varies slowest. */
static void choose_values(const struct ccrnn_grid *grid, size_t place, struct cell *cell)
{
    for (size_t i = grid->axis_count; i-- > 0;) {
        cell->at[i] = place % grid->axes[i].places;
        place /= grid->axes[i].places;
    }
}

/* A swept key without effect here is left out of the name, and only its first value makes an arm.
 * A swept choice that says the same as another one gives way to that one. */
static bool keeps_place(const struct ccrnn_axis *axis, size_t at,
                        const struct ccrnn_run_config *config)
{
    const struct ccrnn_option *const option = axis->columns[0].option;
    if (axis->kind != CCRNN_AXIS_SWEEP)
        return true; /* here equal names tell equal arms: drop_repeated() */
    if (!ccrnn_option_applies(option, config))
        return at == 0;
    return ccrnn_option_idle_choice(option, config) == NULL || axis->places == 1;
}

bool ccrnn_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(" ._-=+", c) != NULL);
}

/* How a value is called in a name; NULL: not at all, it has no effect. Beside other keys, a choice that says the same as
 * another one is called as that one. */
static const char *name_value(const struct ccrnn_axis *axis, const struct ccrnn_assignment *value,
                              const struct ccrnn_run_config *config)
{
    if (!ccrnn_option_applies(value->option, config))
        return NULL;
    const struct ccrnn_option_choice *const idle =
        ccrnn_option_idle_choice(value->option, config);
    if (idle == NULL)
        return value->written[0] != '\0' ? value->written : value->text;
    return axis->kind == CCRNN_AXIS_SWEEP ? NULL : same_choice(value->option, idle)->name;
}

static enum ccrnn_status extend_name(const struct ccrnn_grid *grid, const struct ccrnn_axis *axis,
                                     const struct ccrnn_column *column, const char *value,
                                     char *name, struct ccrnn_error *err)
{
    char addition[2 * CCRNN_ARM_NAME_SIZE];
    ccrnn_format(addition, sizeof addition, " %s=%s", column->option->key, value);
    /* The space in front is the only one: branches find their arm by these words. */
    for (char *p = addition + 1; *p != '\0'; p++)
        if (!ccrnn_name_char(*p) || *p == ' ')
            *p = '_';
    const size_t used = strlen(name);
    if (used + strlen(addition) >= CCRNN_ARM_NAME_SIZE)
        return ccrnn_yaml_fail(grid->yaml, column->key, err, CCRNN_USAGE,
                               "%s: the name of an arm would be longer than %d bytes; shorten "
                               "the arm's name or split the study",
                               ccrnn_axis_name(axis), CCRNN_ARM_NAME_SIZE - 1);
    memcpy(name + used, addition, strlen(addition) + 1);
    return CCRNN_OK;
}

static enum ccrnn_status finish_arm(const struct ccrnn_grid *grid,
                                    const struct ccrnn_written_arm *written,
                                    const struct cell *cell, struct ccrnn_study *study,
                                    struct ccrnn_error *err)
{
    struct ccrnn_study_arm *const arm = &study->arms[study->arm_count];
    struct ccrnn_error inner;
    arm->config = cell->config;
    memcpy(arm->name, cell->name, sizeof arm->name);
    if (ccrnn_run_config_resolve(&arm->config, &inner) != CCRNN_OK)
        return ccrnn_yaml_fail(grid->yaml, written->key, err, CCRNN_USAGE, "arm '%s': %s",
                               arm->name, inner.message);
    arm->written_size = strlen(written->name);
    arm->line = written->key->start_mark.line + 1;
    arm->column = written->key->start_mark.column + 1;
    study->arm_count++;
    return CCRNN_OK;
}

/* The task that a list of assignments names, else `task`. */
static enum ccrnn_task task_of(const struct ccrnn_assignments *list, enum ccrnn_task task)
{
    const struct ccrnn_option *const key = ccrnn_option_find("task");
    struct ccrnn_run_config named = {.task.task = task};
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].option == key)
            assign(&list->items[i], &named);
    return named.task.task;
}

/* All options as written, on top of the defaults of the task that is written. */
static void configure(const struct ccrnn_grid *grid, const struct ccrnn_written_arm *arm,
                      struct cell *cell)
{
    enum ccrnn_task task = task_of(&grid->base, CCRNN_TASK_LINE_DRAWING);
    task = task_of(&arm->overrides, task);
    for (size_t i = 0; i < grid->axis_count; i++)
        for (size_t c = 0; c < grid->axes[i].column_count; c++) {
            struct ccrnn_assignments one = grid->axes[i].columns[c].values;
            one.items += cell->at[i];
            one.count = 1;
            task = task_of(&one, task);
        }
    ccrnn_run_config_default(task_of(&grid->set, task), &cell->config);
    assign_all(&grid->base, &cell->config);
    assign_all(&arm->overrides, &cell->config);
    for (size_t i = 0; i < grid->axis_count; i++)
        for (size_t c = 0; c < grid->axes[i].column_count; c++)
            assign(&grid->axes[i].columns[c].values.items[cell->at[i]], &cell->config);
    assign_all(&grid->set, &cell->config);
}

static enum ccrnn_status expand_place(struct ccrnn_grid *grid, struct ccrnn_written_arm *arm,
                                      struct cell *cell, struct ccrnn_study *study,
                                      struct ccrnn_error *err)
{
    configure(grid, arm, cell);
    note_effects(&arm->overrides, &cell->config);
    note_effects(&grid->set, &cell->config);
    ccrnn_format(cell->name, sizeof cell->name, "%s", arm->name);
    bool kept = true;
    for (size_t i = 0; i < grid->axis_count; i++) {
        const struct ccrnn_axis *const axis = &grid->axes[i];
        kept &= keeps_place(axis, cell->at[i], &cell->config);
        for (size_t c = 0; c < axis->column_count; c++) {
            struct ccrnn_column *const column = &axis->columns[c];
            const char *const value =
                name_value(axis, &column->values.items[cell->at[i]], &cell->config);
            column->effective |= has_effect(column->option, &cell->config);
            if (value != NULL)
                CCRNN_TRY(extend_name(grid, axis, column, value, cell->name, err));
        }
    }
    return kept ? finish_arm(grid, arm, cell, study, err) : CCRNN_OK;
}

/* --- options without effect -------------------------------------------------------------- */

/* Why an assignment does nothing in `config`, as a sentence. */
static void explain(const struct ccrnn_assignment *assignment, const char *where,
                    const struct ccrnn_run_config *config, char *text, size_t size)
{
    const struct ccrnn_option *const option = assignment->option;
    const struct ccrnn_option_choice *const idle = ccrnn_option_idle_choice(option, config);
    if (!ccrnn_option_applies(option, config) || idle == NULL) {
        ccrnn_format(text, size, "%s has no effect in %s: it is used %s", option->key, where,
                     option->applies_text == NULL ? "elsewhere" : option->applies_text);
        return;
    }
    if (option->type == CCRNN_OPTION_WORDS) {
        ccrnn_format(text, size, "%s: %s has no effect in %s: it is used %s", option->key,
                     idle->name, where, idle->applies_text);
        return;
    }
    ccrnn_format(text, size, "%s: %s has no effect in %s: it is used %s, and says the same as %s",
                 option->key, idle->name, where, idle->applies_text,
                 same_choice(option, idle)->name);
}

static enum ccrnn_status check_overrides(const struct ccrnn_grid *grid,
                                         const struct ccrnn_written_arm *arm,
                                         const struct ccrnn_run_config *config,
                                         struct ccrnn_error *err)
{
    char where[CCRNN_ARM_NAME_SIZE + 8], reason[512];
    for (size_t i = 0; i < arm->overrides.count; i++) {
        const struct ccrnn_assignment *const item = &arm->overrides.items[i];
        if (item->effective)
            continue;
        ccrnn_format(where, sizeof where, "arm '%s'", arm->name);
        explain(item, where, config, reason, sizeof reason);
        return ccrnn_yaml_fail(grid->yaml, item->key, err, CCRNN_USAGE,
                               "%s; remove it here (under base: it would be left out silently)",
                               reason);
    }
    return CCRNN_OK;
}

static enum ccrnn_status check_axes(const struct ccrnn_grid *grid,
                                    const struct ccrnn_run_config *config,
                                    struct ccrnn_error *err)
{
    char reason[512];
    for (size_t i = 0; i < grid->axis_count; i++)
        for (size_t c = 0; c < grid->axes[i].column_count; c++) {
            const struct ccrnn_column *const column = &grid->axes[i].columns[c];
            if (column->effective)
                continue;
            explain(&column->values.items[0], "any arm", config, reason, sizeof reason);
            return ccrnn_yaml_fail(grid->yaml, column->key, err, CCRNN_USAGE,
                                   "%s: %s; remove it, or add an arm that uses it",
                                   ccrnn_axis_name(&grid->axes[i]), reason);
        }
    return CCRNN_OK;
}

static enum ccrnn_status check_set(const struct ccrnn_grid *grid,
                                   const struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    char reason[512];
    for (size_t i = 0; i < grid->set.count; i++) {
        const struct ccrnn_assignment *const item = &grid->set.items[i];
        if (item->effective)
            continue;
        explain(item, "any arm", config, reason, sizeof reason);
        if (item->key != NULL)
            return ccrnn_yaml_fail(grid->yaml, item->key, err, CCRNN_USAGE,
                                   "quick: %s; remove it", reason);
        return ccrnn_fail(err, CCRNN_USAGE, "--set %s=%s: %s; leave it out", item->option->key,
                          item->written, reason);
    }
    return CCRNN_OK;
}

/* --- how many places --------------------------------------------------------------------- */

static enum ccrnn_status count_places(const struct ccrnn_grid *grid, size_t *places,
                                      struct ccrnn_error *err)
{
    *places = 1;
    for (size_t i = 0; i < grid->axis_count; i++) {
        *places *= grid->axes[i].places;
        if (*places * grid->arm_count > CCRNN_STUDY_ARMS_MAX)
            return ccrnn_yaml_fail(grid->yaml, grid->axes[i].node, err, CCRNN_USAGE,
                                   "%s: crossed with %zu arms this makes more than %d; split the "
                                   "study",
                                   ccrnn_axis_name(&grid->axes[i]), grid->arm_count,
                                   CCRNN_STUDY_ARMS_MAX);
    }
    return CCRNN_OK;
}

/* --- one name, one arm ------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const struct ccrnn_study_arm *const x = *(struct ccrnn_study_arm *const *)a,
                                        *const y = *(struct ccrnn_study_arm *const *)b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x > y) - (x < y);
}

static int by_directory(const void *a, const void *b)
{
    return strcmp((*(struct ccrnn_study_arm *const *)a)->directory,
                  (*(struct ccrnn_study_arm *const *)b)->directory);
}

/* Pointers to the arms from `begin` on, in an order; NULL: no memory. */
static struct ccrnn_study_arm **sort_arms(const struct ccrnn_study *study, size_t begin,
                                          int (*order)(const void *, const void *))
{
    const size_t count = study->arm_count - begin;
    struct ccrnn_study_arm **const sorted = malloc((count + 1) * sizeof(void *));
    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &study->arms[begin + i];
    qsort(sorted, count, sizeof(void *), order);
    return sorted;
}

static enum ccrnn_status fail_memory(const struct ccrnn_study *study, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu arms", study->arm_count);
}

/* Places of a zip or draws that differ only in what has no effect in a written arm are one arm: the first of them. */
static enum ccrnn_status drop_repeated(struct ccrnn_study *study, size_t begin,
                                       struct ccrnn_error *err)
{
    char hash[2][CCRNN_CONFIG_HASH_SIZE];
    struct ccrnn_study_arm **const sorted = sort_arms(study, begin, by_name);
    if (sorted == NULL)
        return fail_memory(study, err);
    size_t first = 0;
    for (size_t i = 1; i < study->arm_count - begin; i++) {
        bool same = strcmp(sorted[first]->name, sorted[i]->name) == 0;
        for (int k = 0; same && k < 2; k++)
            ccrnn_run_config_hash(&sorted[k == 0 ? first : i]->config, hash[k]);
        if (same && strcmp(hash[0], hash[1]) == 0)
            sorted[i]->line = 0; /* to be dropped */
        else
            first = i;
    }
    free(sorted);
    size_t kept = begin;
    for (size_t i = begin; i < study->arm_count; i++) {
        if (study->arms[i].line == 0)
            continue;
        if (kept != i)
            study->arms[kept] = study->arms[i];
        kept++;
    }
    study->arm_count = kept;
    return CCRNN_OK;
}

/* Names tell arms apart in claims and branches, directories on the disk. */
static enum ccrnn_status check_unique(const struct ccrnn_grid *grid,
                                      const struct ccrnn_study *study, struct ccrnn_error *err)
{
    enum ccrnn_status status = CCRNN_OK;
    struct ccrnn_study_arm **sorted = sort_arms(study, 0, by_name);
    if (sorted == NULL)
        return fail_memory(study, err);
    for (size_t i = 1; i < study->arm_count && status == CCRNN_OK; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            status = ccrnn_fail(
                err, CCRNN_USAGE,
                "%s:%zu:%zu: two arms would have the name '%s'; rename an arm, or "
                "change the values",
                grid->yaml->filename, sorted[i]->line, sorted[i]->column, sorted[i]->name);
    free(sorted);
    CCRNN_TRY(status);
    sorted = sort_arms(study, 0, by_directory);
    if (sorted == NULL)
        return fail_memory(study, err);
    for (size_t i = 1; i < study->arm_count && status == CCRNN_OK; i++)
        if (strcmp(sorted[i - 1]->directory, sorted[i]->directory) == 0)
            status = ccrnn_fail(err, CCRNN_USAGE,
                                "%s: arms '%s' and '%s' would share one directory; rename one",
                                grid->yaml->filename, sorted[i - 1]->name, sorted[i]->name);
    free(sorted);
    return status;
}

/* --- the whole grid ---------------------------------------------------------------------- */

static enum ccrnn_status expand_arm(struct ccrnn_grid *grid, struct ccrnn_written_arm *arm,
                                    size_t places, struct cell *cell, struct ccrnn_study *study,
                                    struct ccrnn_error *err)
{
    const size_t begin = study->arm_count;
    bool may_repeat = false;
    for (size_t i = 0; i < grid->axis_count; i++)
        may_repeat |= grid->axes[i].kind != CCRNN_AXIS_SWEEP;
    for (size_t place = 0; place < places; place++) {
        choose_values(grid, place, cell);
        CCRNN_TRY(expand_place(grid, arm, cell, study, err));
    }
    if (may_repeat)
        CCRNN_TRY(drop_repeated(study, begin, err));
    return check_overrides(grid, arm, &cell->config, err);
}

/* The scales of all ranges; a key has one axis. */
static enum ccrnn_status note_scales(const struct ccrnn_grid *grid, struct ccrnn_study *study,
                                     struct ccrnn_error *err)
{
    size_t columns = 0;
    for (size_t i = 0; i < grid->axis_count; i++)
        columns += grid->axes[i].column_count;
    study->scales = calloc(columns + 1, sizeof *study->scales);
    if (study->scales == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu options", columns);
    for (size_t i = 0; i < grid->axis_count; i++)
        for (size_t c = 0; c < grid->axes[i].column_count; c++) {
            const struct ccrnn_column *const column = &grid->axes[i].columns[c];
            if (column->ranged)
                study->scales[study->scale_count++] =
                    (struct ccrnn_study_scale){column->option, column->log};
        }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_grid_expand(struct ccrnn_grid *grid, struct ccrnn_study *study,
                                    struct ccrnn_error *err)
{
    size_t places;
    CCRNN_TRY(count_places(grid, &places, err));
    struct cell cell = {.at = calloc(grid->axis_count + 1, sizeof(size_t))};
    study->arms = calloc(places * grid->arm_count, sizeof study->arms[0]);
    enum ccrnn_status status = CCRNN_OK;
    if (cell.at == NULL || study->arms == NULL)
        status =
            ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu arms", places * grid->arm_count);
    for (size_t i = 0; i < grid->arm_count && status == CCRNN_OK; i++)
        status = expand_arm(grid, &grid->arms[i], places, &cell, study, err);
    free(cell.at);
    CCRNN_TRY(status);
    CCRNN_TRY(check_axes(grid, &cell.config, err));
    CCRNN_TRY(check_set(grid, &cell.config, err));
    CCRNN_TRY(note_scales(grid, study, err));
    CCRNN_TRY(ccrnn_branches_connect(study, grid->yaml->filename, err));
    return check_unique(grid, study, err);
}

void ccrnn_axis_clear(struct ccrnn_axis *axis)
{
    for (size_t c = 0; c < axis->column_count; c++)
        ccrnn_assignments_clear(&axis->columns[c].values);
    free(axis->columns);
    *axis = (struct ccrnn_axis){0};
}

void ccrnn_grid_clear(struct ccrnn_grid *grid)
{
    ccrnn_assignments_clear(&grid->base);
    ccrnn_assignments_clear(&grid->set);
    for (size_t i = 0; i < grid->arm_count; i++)
        ccrnn_assignments_clear(&grid->arms[i].overrides);
    for (size_t i = 0; i < grid->axis_count; i++)
        ccrnn_axis_clear(&grid->axes[i]);
    free(grid->arms);
    free(grid->axes);
    *grid = (struct ccrnn_grid){0};
}
