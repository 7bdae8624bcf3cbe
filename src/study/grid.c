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

static void note_effects(struct ccrnn_assignments *list, const struct ccrnn_run_config *config)
{
    for (size_t i = 0; i < list->count; i++)
        if (has_effect(list->items[i].option, config))
            list->items[i].effective = true;
}

/* --- one arm of the grid ----------------------------------------------------------------- */

/* The values of the sweeps at one place of the grid, and what they give. */
struct cell {
    struct ccrnn_run_config config;
    const struct ccrnn_assignment **values; /* (sweep_count) */
    char name[CCRNN_ARM_NAME_SIZE];
};

/* The first sweep varies slowest. */
static void choose_values(const struct ccrnn_grid *grid, size_t place, struct cell *cell)
{
    for (size_t i = grid->sweep_count; i-- > 0;) {
        const struct ccrnn_assignments *const values = &grid->sweeps[i].values;
        cell->values[i] = &values->items[place % values->count];
        place /= values->count;
    }
}

/* A swept key without effect here is left out of the name, and only its first value makes an arm.
 * A swept choice that says the same as another one gives way to that one. */
static bool keeps_place(struct ccrnn_sweep *sweep, const struct ccrnn_assignment *value,
                        const struct ccrnn_run_config *config, bool *named)
{
    *named = has_effect(sweep->option, config);
    if (*named)
        sweep->effective = true;
    if (!ccrnn_option_applies(sweep->option, config))
        return value == &sweep->values.items[0];
    return *named || sweep->values.count == 1;
}

bool ccrnn_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(" ._-=+", c) != NULL);
}

static enum ccrnn_status extend_name(const struct ccrnn_grid *grid,
                                     const struct ccrnn_sweep *sweep,
                                     const struct ccrnn_assignment *value, char *name,
                                     struct ccrnn_error *err)
{
    char addition[2 * CCRNN_ARM_NAME_SIZE];
    ccrnn_format(addition, sizeof addition, " %s=%s", sweep->option->key,
                 value->written[0] != '\0' ? value->written : value->text);
    /* The space in front is the only one: branches find their arm by these words. */
    for (char *p = addition + 1; *p != '\0'; p++)
        if (!ccrnn_name_char(*p) || *p == ' ')
            *p = '_';
    const size_t used = strlen(name);
    if (used + strlen(addition) >= CCRNN_ARM_NAME_SIZE)
        return ccrnn_yaml_fail(grid->yaml, sweep->key, err, CCRNN_USAGE,
                               "sweep: the name of an arm would be longer than %d bytes; shorten "
                               "the arm's name or split the study",
                               CCRNN_ARM_NAME_SIZE - 1);
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
    for (size_t i = 0; i < grid->sweep_count; i++)
        if (strcmp(cell->values[i]->option->key, "task") == 0) {
            const struct ccrnn_assignments one = {(struct ccrnn_assignment *)cell->values[i], 1};
            task = task_of(&one, task);
        }
    ccrnn_run_config_default(task_of(&grid->set, task), &cell->config);
    assign_all(&grid->base, &cell->config);
    assign_all(&arm->overrides, &cell->config);
    for (size_t i = 0; i < grid->sweep_count; i++)
        assign(cell->values[i], &cell->config);
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
    for (size_t i = 0; i < grid->sweep_count; i++) {
        bool named;
        kept &= keeps_place(&grid->sweeps[i], cell->values[i], &cell->config, &named);
        if (named)
            CCRNN_TRY(extend_name(grid, &grid->sweeps[i], cell->values[i], cell->name, err));
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
    const struct ccrnn_option_choice *same = option->choices;
    while (same->value != idle->substitute)
        same++;
    ccrnn_format(text, size, "%s: %s has no effect in %s: it is used %s, and says the same as %s",
                 option->key, idle->name, where, idle->applies_text, same->name);
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

static enum ccrnn_status check_grid_effects(const struct ccrnn_grid *grid,
                                            const struct ccrnn_run_config *config,
                                            struct ccrnn_error *err)
{
    char reason[512];
    for (size_t i = 0; i < grid->sweep_count; i++) {
        const struct ccrnn_sweep *const sweep = &grid->sweeps[i];
        if (sweep->effective)
            continue;
        explain(&sweep->values.items[0], "any arm", config, reason, sizeof reason);
        return ccrnn_yaml_fail(grid->yaml, sweep->key, err, CCRNN_USAGE,
                               "sweep: %s; remove it, or add an arm that uses it", reason);
    }
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

/* --- the whole grid ---------------------------------------------------------------------- */

static enum ccrnn_status count_places(const struct ccrnn_grid *grid, size_t *places,
                                      struct ccrnn_error *err)
{
    *places = 1;
    for (size_t i = 0; i < grid->sweep_count; i++) {
        *places *= grid->sweeps[i].values.count;
        if (*places * grid->arm_count > CCRNN_STUDY_ARMS_MAX)
            return ccrnn_yaml_fail(grid->yaml, grid->sweeps[i].key, err, CCRNN_USAGE,
                                   "sweep: crossed with %zu arms this makes more than %d; split "
                                   "the study",
                                   grid->arm_count, CCRNN_STUDY_ARMS_MAX);
    }
    return CCRNN_OK;
}

static int by_directory(const void *a, const void *b)
{
    return strcmp((*(struct ccrnn_study_arm *const *)a)->directory,
                  (*(struct ccrnn_study_arm *const *)b)->directory);
}

static enum ccrnn_status check_directories(const struct ccrnn_grid *grid,
                                           const struct ccrnn_study *study,
                                           struct ccrnn_error *err)
{
    struct ccrnn_study_arm **const sorted = malloc(study->arm_count * sizeof(void *));
    if (sorted == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu arms", study->arm_count);
    for (size_t i = 0; i < study->arm_count; i++)
        sorted[i] = &study->arms[i];
    qsort(sorted, study->arm_count, sizeof(void *), by_directory);
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 1; i < study->arm_count && status == CCRNN_OK; i++)
        if (strcmp(sorted[i - 1]->directory, sorted[i]->directory) == 0)
            status = ccrnn_fail(err, CCRNN_USAGE,
                                "%s: arms '%s' and '%s' would share one directory; rename one",
                                grid->yaml->filename, sorted[i - 1]->name, sorted[i]->name);
    free(sorted);
    return status;
}

static enum ccrnn_status expand_arm(struct ccrnn_grid *grid, struct ccrnn_written_arm *arm,
                                    size_t places, struct cell *cell, struct ccrnn_study *study,
                                    struct ccrnn_error *err)
{
    for (size_t place = 0; place < places; place++) {
        choose_values(grid, place, cell);
        CCRNN_TRY(expand_place(grid, arm, cell, study, err));
    }
    return check_overrides(grid, arm, &cell->config, err);
}

enum ccrnn_status ccrnn_grid_expand(struct ccrnn_grid *grid, struct ccrnn_study *study,
                                    struct ccrnn_error *err)
{
    size_t places;
    CCRNN_TRY(count_places(grid, &places, err));
    struct cell cell = {.values = calloc(grid->sweep_count + 1, sizeof(void *))};
    study->arms = calloc(places * grid->arm_count, sizeof study->arms[0]);
    enum ccrnn_status status = CCRNN_OK;
    if (cell.values == NULL || study->arms == NULL)
        status =
            ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu arms", places * grid->arm_count);
    for (size_t i = 0; i < grid->arm_count && status == CCRNN_OK; i++)
        status = expand_arm(grid, &grid->arms[i], places, &cell, study, err);
    free(cell.values);
    CCRNN_TRY(status);
    CCRNN_TRY(check_grid_effects(grid, &cell.config, err));
    CCRNN_TRY(ccrnn_branches_connect(study, grid->yaml->filename, err));
    return check_directories(grid, study, err);
}

void ccrnn_grid_clear(struct ccrnn_grid *grid)
{
    ccrnn_assignments_clear(&grid->base);
    ccrnn_assignments_clear(&grid->set);
    for (size_t i = 0; i < grid->arm_count; i++)
        ccrnn_assignments_clear(&grid->arms[i].overrides);
    for (size_t i = 0; i < grid->sweep_count; i++)
        ccrnn_assignments_clear(&grid->sweeps[i].values);
    free(grid->arms);
    free(grid->sweeps);
    *grid = (struct ccrnn_grid){0};
}
