/* A study's directory: which arms and runs are there. */
#include "report/collect.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

/* Names in a directory but for hidden ones, sorted by byte. */
struct names {
    char **name;
    size_t count, capacity;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum ccrnn_status copy_bytes(struct ccrnn_report_pool *pool, const char *text, char **copy,
                                    struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, strlen(text) + 1, 1, &memory, err));
    *copy = memory;
    strcpy(*copy, text);
    return CCRNN_OK;
}

static enum ccrnn_status add_name(struct ccrnn_report_pool *pool, struct names *names,
                                  const char *name, struct ccrnn_error *err)
{
    void *array = names->name;
    CCRNN_TRY(ccrnn_report_pool_grow(pool, &array, names->count, &names->capacity,
                                     sizeof *names->name, err));
    names->name = array;
    return copy_bytes(pool, name, &names->name[names->count++], err);
}

/* An unreadable directory has no names. */
static enum ccrnn_status list(struct ccrnn_report_pool *pool, const char *path,
                              struct names *names, struct ccrnn_error *err)
{
    *names = (struct names){0};
    DIR *const directory = opendir(path);
    if (directory == NULL)
        return CCRNN_OK;
    enum ccrnn_status status = CCRNN_OK;
    for (struct dirent *entry = readdir(directory); entry != NULL && status == CCRNN_OK;
         entry = readdir(directory)) {
        if (entry->d_name[0] != '.')
            status = add_name(pool, names, entry->d_name, err);
    }
    closedir(directory);
    if (names->count > 1)
        qsort(names->name, names->count, sizeof *names->name, compare_names);
    return status;
}

static enum ccrnn_status add_run(struct ccrnn_report_study *study, struct ccrnn_report_arm *arm,
                                 const char *path, uint64_t seed, struct ccrnn_error *err)
{
    void *array = arm->run;
    CCRNN_TRY(ccrnn_report_pool_grow(&study->pool, &array, arm->runs, &arm->capacity,
                                     sizeof *arm->run, err));
    arm->run = array;
    struct ccrnn_report_run *const run = &arm->run[arm->runs++];
    *run = (struct ccrnn_report_run){.seed = seed, .reason = ""};
    CCRNN_TRY(copy_bytes(&study->pool, path, &run->path, err));
    CCRNN_TRY(ccrnn_report_read_run(&study->pool, run, err));
    study->runs++;
    study->count[run->state]++;
    return CCRNN_OK;
}

static int compare_seeds(const void *a, const void *b)
{
    const uint64_t x = ((const struct ccrnn_report_run *)a)->seed;
    const uint64_t y = ((const struct ccrnn_report_run *)b)->seed;
    return (x > y) - (x < y);
}

/* Name and hash: of the first run that has them, else of the directory "<name>-<hash>". */
static enum ccrnn_status name_arm(struct ccrnn_report_study *study, struct ccrnn_report_arm *arm,
                                  struct ccrnn_error *err)
{
    for (size_t i = 0; i < arm->runs; i++) {
        const char *const name = ccrnn_report_run_text(&arm->run[i], "arm");
        if (*name == '\0')
            continue;
        CCRNN_TRY(ccrnn_report_pool_text(
            &study->pool, ccrnn_report_run_text(&arm->run[i], "hash"), &arm->hash, err));
        return ccrnn_report_pool_text(&study->pool, name, &arm->name, err);
    }
    char *directory;
    CCRNN_TRY(copy_bytes(&study->pool, arm->directory, &directory, err));
    char *const dash = strrchr(directory, '-');
    if (dash != NULL)
        *dash = '\0';
    CCRNN_TRY(
        ccrnn_report_pool_text(&study->pool, dash == NULL ? "" : dash + 1, &arm->hash, err));
    return ccrnn_report_pool_text(&study->pool, directory, &arm->name, err);
}

/* Add the runs (directories named by a seed) in `path` to an arm. */
static enum ccrnn_status add_runs(struct ccrnn_report_study *study, struct ccrnn_report_arm *arm,
                                  const char *path, struct ccrnn_error *err)
{
    char run_path[CCRNN_PATH_MAX];
    struct names names;
    CCRNN_TRY(list(&study->pool, path, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        uint64_t seed;
        if (!ccrnn_parse_unsigned(names.name[i], &seed))
            continue;
        CCRNN_TRY(ccrnn_path_join(run_path, sizeof run_path, path, names.name[i], err));
        if (ccrnn_directory_exists(run_path))
            CCRNN_TRY(add_run(study, arm, run_path, seed, err));
    }
    return CCRNN_OK;
}

/* Add the arm in study/directory, if there are runs in it. */
static enum ccrnn_status add_arm(struct ccrnn_report_study *study, const char *directory,
                                 struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    void *array = study->arm;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, study->directory, directory, err));
    CCRNN_TRY(ccrnn_report_pool_grow(&study->pool, &array, study->arms, &study->capacity,
                                     sizeof *study->arm, err));
    study->arm = array;
    /* counted at once, so that its runs are released whatever fails */
    struct ccrnn_report_arm *const arm = &study->arm[study->arms++];
    *arm =
        (struct ccrnn_report_arm){.name = "", .label = "", .brief = "", .hash = "", .task = ""};
    CCRNN_TRY(add_runs(study, arm, path, err));
    if (arm->runs == 0) {
        study->arms--;
        return CCRNN_OK;
    }
    qsort(arm->run, arm->runs, sizeof *arm->run, compare_seeds);
    CCRNN_TRY(copy_bytes(&study->pool, directory, &arm->directory, err));
    CCRNN_TRY(name_arm(study, arm, err));
    arm->label = arm->name;
    const char *const task = ccrnn_report_setting_of(arm, "task");
    arm->task = task == NULL ? "" : task;
    return CCRNN_OK;
}

/* Bring the arm in `directory` to place `place`, moving those between back by one. */
static void move_arm(struct ccrnn_report_study *study, const char *directory, size_t *place)
{
    for (size_t i = *place; i < study->arms; i++) {
        if (strcmp(study->arm[i].directory, directory) != 0)
            continue;
        const struct ccrnn_report_arm arm = study->arm[i];
        memmove(study->arm + *place + 1, study->arm + *place, (i - *place) * sizeof arm);
        study->arm[(*place)++] = arm;
        return;
    }
}

/* Name, description and order of the arms from study.json, as far as it is there and readable. */
static enum ccrnn_status read_index(struct ccrnn_report_study *study, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_error ignored;
    json_t *index;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, study->directory, "study.json", err));
    if (ccrnn_report_read_json(path, &index, &ignored) != CCRNN_OK)
        return CCRNN_OK;
    const char *name = json_string_value(json_object_get(index, "study"));
    const char *description = json_string_value(json_object_get(index, "description"));
    enum ccrnn_status status = ccrnn_report_pool_text(&study->pool, name, &study->name, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&study->pool, description, &study->description, err);
    const json_t *const arms = json_object_get(index, "arms");
    size_t place = 0;
    for (size_t i = 0; i < json_array_size(arms); i++) {
        const json_t *const arm = json_array_get(arms, i);
        const char *const directory = json_string_value(json_object_get(arm, "directory"));
        if (directory != NULL)
            move_arm(study, directory, &place);
    }
    json_decref(index);
    return status;
}

/* The study's name where study.json has none: of the first run that has one, else the folder's. */
static enum ccrnn_status name_study(struct ccrnn_report_study *study, struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arms && *study->name == '\0'; i++) {
        for (size_t r = 0; r < study->arm[i].runs && *study->name == '\0'; r++)
            CCRNN_TRY(ccrnn_report_pool_text(
                &study->pool, ccrnn_report_run_text(&study->arm[i].run[r], "study"), &study->name,
                err));
    }
    if (*study->name != '\0')
        return CCRNN_OK;
    char *path;
    CCRNN_TRY(copy_bytes(&study->pool, study->directory, &path, err));
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
    const char *const slash = strrchr(path, '/');
    const bool only_root = slash != NULL && slash[1] == '\0';
    return ccrnn_report_pool_text(&study->pool, slash == NULL || only_root ? path : slash + 1,
                                  &study->name, err);
}

/* "name [hash]" where several arms share a name. */
static enum ccrnn_status label_arms(struct ccrnn_report_study *study, struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_report_arm *const arm = &study->arm[i];
        size_t same = 0;
        for (size_t k = 0; k < study->arms; k++)
            same += strcmp(study->arm[k].name, arm->name) == 0;
        if (same < 2)
            continue;
        const size_t size = strlen(arm->name) + strlen(arm->hash) + 4;
        void *memory;
        CCRNN_TRY(ccrnn_report_pool_take(&study->pool, size, 1, &memory, err));
        (void)ccrnn_format(memory, size, "%s [%s]", arm->name, arm->hash);
        arm->label = memory;
    }
    return CCRNN_OK;
}

static bool has_points(const struct ccrnn_report_run *run)
{
    for (size_t id = 0; id < CCRNN_SERIES_COUNT; id++) {
        if (run->series[id].count > 0)
            return true;
    }
    return false;
}

/* Arms that name no task (no readable config.yaml) have the study's only one, if there is just
 * one. */
static void adopt_task(struct ccrnn_report_study *study)
{
    const char *only = "";
    for (size_t i = 0; i < study->arms; i++) {
        const char *const task = study->arm[i].task;
        if (*task != '\0' && *only != '\0' && strcmp(task, only) != 0)
            return;
        only = *task == '\0' ? only : task;
    }
    for (size_t i = 0; i < study->arms; i++)
        study->arm[i].task = only;
}

/* True if a run of this task is done. */
static bool task_done(const struct ccrnn_report_study *study, const char *task)
{
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        for (size_t r = 0; r < arm->runs && strcmp(arm->task, task) == 0; r++) {
            if (arm->run[r].state == CCRNN_REPORT_DONE)
                return true;
        }
    }
    return false;
}

/* Arms are compared within a task, so a task without a finished run is a preview by itself. */
static void choose_runs(struct ccrnn_report_study *study)
{
    study->preview = study->count[CCRNN_REPORT_DONE] == 0;
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_report_arm *const arm = &study->arm[i];
        const bool preview = !task_done(study, arm->task);
        for (size_t r = 0; r < arm->runs; r++) {
            struct ccrnn_report_run *const run = &arm->run[r];
            const bool unfinished =
                run->state == CCRNN_REPORT_RUNNING || run->state == CCRNN_REPORT_INTERRUPTED;
            const enum ccrnn_report_state state = run->state;
            run->used = has_points(run) && (preview ? unfinished : state == CCRNN_REPORT_DONE);
            arm->used += run->used;
        }
        study->used += arm->used;
    }
}

static enum ccrnn_status no_runs(const struct ccrnn_report_study *study, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    const char *hint = "Give the directory that `ccrnn run` named as its output.";
    if (ccrnn_path_join(path, sizeof path, study->directory, "run.json", NULL) == CCRNN_OK &&
        ccrnn_file_exists(path))
        hint = "This is the directory of a single run: give the one two levels above it.";
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: there are no runs in this directory; expected <arm>-<hash>/<seed>/ "
                      "with a run.json. %s",
                      study->directory, hint);
}

enum ccrnn_status ccrnn_report_collect(const char *directory, struct ccrnn_report_study *study,
                                       struct ccrnn_error *err)
{
    struct names names;
    study->directory = directory;
    study->name = study->description = "";
    if (!ccrnn_directory_exists(directory))
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s: there is no such directory. Give the directory that `ccrnn run` "
                          "named as its output.",
                          directory);
    CCRNN_TRY(list(&study->pool, directory, &names, err));
    for (size_t i = 0; i < names.count; i++)
        CCRNN_TRY(add_arm(study, names.name[i], err));
    if (study->runs == 0)
        return no_runs(study, err);
    CCRNN_TRY(read_index(study, err));
    CCRNN_TRY(name_study(study, err));
    CCRNN_TRY(label_arms(study, err));
    adopt_task(study);
    choose_runs(study);
    return CCRNN_OK;
}

void ccrnn_report_study_release(struct ccrnn_report_study *study)
{
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++)
            json_decref(study->arm[i].run[r].info);
    }
    ccrnn_report_pool_release(&study->pool);
    *study = (struct ccrnn_report_study){0};
}
