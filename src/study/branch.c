#include "study/branch.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

void ccrnn_branch_best_name(uint64_t epoch, char *name, size_t size)
{
    ccrnn_format(name, size, "best-%llu.safetensors", (unsigned long long)epoch);
}

void ccrnn_study_arm_settle(struct ccrnn_study_arm *arm)
{
    ccrnn_run_config_hash(&arm->config, arm->hash);
    ccrnn_format(arm->directory, sizeof arm->directory, "%s-%s", arm->name, arm->hash);
    for (char *p = arm->directory; *p != '\0'; p++)
        if (*p == ' ')
            *p = '_';
}

/* "file:line:column: arm 'NAME' " in front: where the arm is written. */
static enum ccrnn_status fail_arm(const struct ccrnn_study_arm *arm, const char *filename,
                                  struct ccrnn_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static enum ccrnn_status fail_arm(const struct ccrnn_study_arm *arm, const char *filename,
                                  struct ccrnn_error *err, const char *format, ...)
{
    char message[CCRNN_ERROR_MAX];
    va_list arguments;
    va_start(arguments, format);
    ccrnn_format_v(message, sizeof message, format, arguments);
    va_end(arguments);
    return ccrnn_fail(err, CCRNN_USAGE, "%s:%zu:%zu: arm '%s' %s", filename, arm->line,
                      arm->column, arm->name, message);
}

/* --- which arm --------------------------------------------------------------------------- */

/* Is ` key=value` one of those a sweep added to the name? */
static bool has_token(const char *added, const char *token, size_t size)
{
    for (const char *at = added; (at = strstr(at, " ")) != NULL; at++)
        if (strncmp(at, token, size) == 0 && (at[size] == '\0' || at[size] == ' '))
            return true;
    return false;
}

/* Is every word a sweep added to the candidate's name in `added` too? Then how many are they; SIZE_MAX: not all.
 * A word begins with the only space it has (grid.c). */
static size_t tokens_within(const char *candidate, const char *added)
{
    size_t tokens = 0;
    while (*candidate != '\0') {
        const char *const next = strchr(candidate + 1, ' ');
        const size_t size = next == NULL ? strlen(candidate) : (size_t)(next - candidate);
        if (!has_token(added, candidate, size))
            return SIZE_MAX;
        tokens++;
        candidate += size;
    }
    return tokens;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct ccrnn_study_arm *const *)a)->name,
                  (*(const struct ccrnn_study_arm *const *)b)->name);
}

/* The arm with all the words a sweep added to the child's name: there is none better. Of thousands it is found at
 * once. SIZE_MAX: there is none. */
static size_t find_twin(const struct ccrnn_study *study,
                        const struct ccrnn_study_arm *const *sorted,
                        const struct ccrnn_study_arm *child)
{
    struct ccrnn_study_arm twin;
    const struct ccrnn_study_arm *const key = &twin;
    const int size = ccrnn_format(twin.name, sizeof twin.name, "%s%s", child->config.branch_from,
                                  child->name + child->written_size);
    const struct ccrnn_study_arm *const *const found =
        bsearch(&key, sorted, study->arm_count, sizeof(void *), by_name);
    const bool whole = size >= 0 && (size_t)size < sizeof twin.name;
    return whole && found != NULL ? (size_t)(*found - study->arms) : SIZE_MAX;
}

static size_t find_parent(const struct ccrnn_study *study,
                          const struct ccrnn_study_arm *const *sorted,
                          const struct ccrnn_study_arm *child)
{
    const char *const wanted = child->config.branch_from;
    const char *const added = child->name + child->written_size;
    size_t found = find_twin(study, sorted, child), most = 0;
    if (found != SIZE_MAX)
        return found;
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &study->arms[i];
        if (strncmp(arm->name, wanted, arm->written_size) != 0)
            continue;
        if (wanted[arm->written_size] != '\0') {
            if (strcmp(arm->name, wanted) == 0)
                return i;
            continue;
        }
        const size_t tokens = tokens_within(arm->name + arm->written_size, added);
        if (tokens != SIZE_MAX && (found == SIZE_MAX || tokens > most)) {
            found = i;
            most = tokens;
        }
    }
    return found;
}

/* --- may one follow the other ------------------------------------------------------------ */

/* What may change at a branch: how the network learns, what is done to it, how long it runs, what it costs. */
static bool may_change(const struct ccrnn_option *option)
{
    static const char *const keys[] = {"feedback", "feedback_scale", "terminal_feedback",
                                       "cerebellar_loss"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(option->key, keys[i]) == 0)
            return true;
    /* what another optimiser remembers means something else */
    if (strcmp(option->key, "optimiser") == 0)
        return false;
    return strcmp(option->group, "learning") == 0 || strcmp(option->group, "intervention") == 0 ||
           strcmp(option->group, "record") == 0 || !option->in_hash;
}

static enum ccrnn_status check_pair(const struct ccrnn_study_arm *child,
                                    const struct ccrnn_study_arm *parent, const char *filename,
                                    struct ccrnn_error *err)
{
    char of_child[CCRNN_CONFIG_PATH_MAX], of_parent[CCRNN_CONFIG_PATH_MAX];
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        ccrnn_run_config_get(&child->config, option, of_child, sizeof of_child);
        ccrnn_run_config_get(&parent->config, option, of_parent, sizeof of_parent);
        if (!may_change(option) && strcmp(of_child, of_parent) != 0)
            return fail_arm(child, filename, err,
                            "branches from '%s', but %s is %s in the one and %s in the other; a "
                            "branch may change how it learns, not what it is",
                            parent->name, option->key, of_child, of_parent);
    }
    const unsigned long long epoch = child->config.branch_epoch;
    if (epoch > parent->config.epochs)
        return fail_arm(child, filename, err,
                        "branches from '%s' after epoch %llu, which has only %llu epochs; branch "
                        "earlier, or give it more epochs",
                        parent->name, epoch, (unsigned long long)parent->config.epochs);
    if (parent->parent != SIZE_MAX && epoch > 0 && epoch <= parent->config.branch_epoch)
        return fail_arm(child, filename, err,
                        "branches from '%s' after epoch %llu, which itself begins after epoch "
                        "%llu of '%s'; branch later, or from '%s'",
                        parent->name, epoch, (unsigned long long)parent->config.branch_epoch,
                        parent->config.branch_from, parent->config.branch_from);
    return CCRNN_OK;
}

/* The parent keeps the checkpoint of an epoch. */
static enum ccrnn_status keep(struct ccrnn_study_arm *parent, uint64_t epoch,
                              const char *filename, struct ccrnn_error *err)
{
    struct ccrnn_integers *const kept = &parent->config.checkpoint_epochs;
    size_t place = 0;
    while (place < kept->count && kept->value[place] < epoch)
        place++;
    if (epoch == 0 || (place < kept->count && kept->value[place] == epoch))
        return CCRNN_OK;
    if (kept->count == CCRNN_INTEGERS_MAX)
        return fail_arm(parent, filename, err,
                        "would have to keep more than %d epochs, its own and those of arms that "
                        "branch from it; split the study",
                        CCRNN_INTEGERS_MAX);
    memmove(&kept->value[place + 1], &kept->value[place],
            (kept->count - place) * sizeof kept->value[0]);
    kept->value[place] = epoch;
    kept->count++;
    return CCRNN_OK;
}

/* --- all arms ---------------------------------------------------------------------------- */

static enum ccrnn_status find_all(struct ccrnn_study *study, const char *filename,
                                  struct ccrnn_error *err)
{
    const struct ccrnn_study_arm **const sorted = malloc((study->arm_count + 1) * sizeof(void *));
    enum ccrnn_status status = CCRNN_OK;
    if (sorted == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu arms", study->arm_count);
    for (size_t i = 0; i < study->arm_count; i++)
        sorted[i] = &study->arms[i];
    qsort(sorted, study->arm_count, sizeof(void *), by_name);
    for (size_t i = 0; i < study->arm_count && status == CCRNN_OK; i++) {
        struct ccrnn_study_arm *const arm = &study->arms[i];
        arm->parent = SIZE_MAX;
        if (arm->config.branch_from[0] == '\0')
            continue;
        arm->parent = find_parent(study, sorted, arm);
        if (arm->parent == SIZE_MAX)
            status = fail_arm(arm, filename, err,
                              "branches from '%s', and the study has no such arm, or none with "
                              "the same values of what is swept; `ccrnn run --dry-run` without "
                              "branch_from lists the arms",
                              arm->config.branch_from);
    }
    free(sorted);
    return status;
}

/* An arm's parent before the arm itself: its hash is part of the arm's. */
static enum ccrnn_status settle(struct ccrnn_study *study, size_t index, const char *filename,
                                struct ccrnn_error *err)
{
    size_t path = 0;
    for (size_t at = index; at != SIZE_MAX; at = study->arms[at].parent)
        if (path++ > study->arm_count) /* so many steps end inside the circle */
            return fail_arm(&study->arms[at], filename, err,
                            "branches from itself, by way of '%s'; one of the arms in the circle "
                            "must begin by itself",
                            study->arms[study->arms[at].parent].name);
    for (size_t left = path; left-- > 0;) {
        size_t at = index;
        for (size_t i = 0; i < left; i++)
            at = study->arms[at].parent;
        struct ccrnn_study_arm *const arm = &study->arms[at];
        if (arm->parent != SIZE_MAX)
            memcpy(arm->config.branch_hash, study->arms[arm->parent].hash,
                   sizeof arm->config.branch_hash);
        ccrnn_study_arm_settle(arm);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_branches_connect(struct ccrnn_study *study, const char *filename,
                                         struct ccrnn_error *err)
{
    CCRNN_TRY(find_all(study, filename, err));
    for (size_t i = 0; i < study->arm_count; i++)
        CCRNN_TRY(settle(study, i, filename, err));
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &study->arms[i];
        if (arm->parent == SIZE_MAX)
            continue;
        CCRNN_TRY(check_pair(arm, &study->arms[arm->parent], filename, err));
        CCRNN_TRY(keep(&study->arms[arm->parent], arm->config.branch_epoch, filename, err));
    }
    return CCRNN_OK;
}
