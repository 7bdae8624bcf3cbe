/* A study's directory: which arms and runs are there. */
#include "report/collect.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "report/members.h"

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
                                 const char *hash, const char *path, uint64_t seed,
                                 struct ccrnn_error *err)
{
    void *array = arm->run;
    CCRNN_TRY(ccrnn_report_pool_grow(&study->pool, &array, arm->runs, &arm->capacity,
                                     sizeof *arm->run, err));
    arm->run = array;
    struct ccrnn_report_run *const run = &arm->run[arm->runs++];
    *run = (struct ccrnn_report_run){.seed = seed, .reason = ""};
    CCRNN_TRY(copy_bytes(&study->pool, path, &run->path, err));
    CCRNN_TRY(ccrnn_report_read_run(&study->pool, hash, run, err));
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

/* Name and hash: of study.json, else of the first run that has them, else of the directory "<name>-<hash>". */
static enum ccrnn_status name_arm(struct ccrnn_report_study *study, struct ccrnn_report_arm *arm,
                                  const struct ccrnn_report_member *member,
                                  struct ccrnn_error *err)
{
    if (member != NULL) {
        CCRNN_TRY(ccrnn_report_pool_text(&study->pool, member->hash, &arm->hash, err));
        return ccrnn_report_pool_text(&study->pool, member->name, &arm->name, err);
    }
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

/* Add a text that is safe to show to a list. */
static enum ccrnn_status add_shown(struct ccrnn_report_pool *pool, const char *text,
                                   const char ***list, size_t *count, size_t *capacity,
                                   struct ccrnn_error *err)
{
    void *array = (void *)*list;
    CCRNN_TRY(ccrnn_report_pool_grow(pool, &array, *count, capacity, sizeof **list, err));
    *list = array;
    return ccrnn_report_pool_text(pool, text, &(*list)[(*count)++], err);
}

/* Directories in `path` that are named by a seed. */
struct places {
    struct names names;
    uint64_t *seed; /* (count), each of the directory PATH/name[place] */
    size_t *place;
    size_t count;
};

static enum ccrnn_status list_places(struct ccrnn_report_pool *pool, const char *path,
                                     struct places *places, struct ccrnn_error *err)
{
    char run_path[CCRNN_PATH_MAX];
    void *memory;
    *places = (struct places){0};
    CCRNN_TRY(list(pool, path, &places->names, err));
    const size_t most = places->names.count;
    CCRNN_TRY(ccrnn_report_pool_take(pool, most, sizeof *places->seed, &memory, err));
    places->seed = memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, most, sizeof *places->place, &memory, err));
    places->place = memory;
    for (size_t i = 0; i < most; i++) {
        uint64_t seed;
        if (!ccrnn_parse_unsigned(places->names.name[i], &seed))
            continue;
        CCRNN_TRY(ccrnn_path_join(run_path, sizeof run_path, path, places->names.name[i], err));
        if (!ccrnn_directory_exists(run_path))
            continue;
        places->seed[places->count] = seed;
        places->place[places->count++] = i;
    }
    return CCRNN_OK;
}

/* Has a run been begun there? If the disk does not tell, reading it will say why. */
static bool is_begun(const char *run_path)
{
    char path[CCRNN_PATH_MAX];
    bool exists = true;
    return ccrnn_path_join(path, sizeof path, run_path, "run.json", NULL) != CCRNN_OK ||
           ccrnn_path_look(path, &exists, NULL) != CCRNN_OK || exists;
}

/* Add the runs in `path` to an arm, or to the spare ones if the study does not have their seeds. */
static enum ccrnn_status add_runs(struct ccrnn_report_study *study, struct ccrnn_report_arm *arm,
                                  const struct ccrnn_report_members *members,
                                  const struct ccrnn_report_member *member, const char *path,
                                  struct ccrnn_error *err)
{
    char run_path[CCRNN_PATH_MAX];
    struct places places;
    CCRNN_TRY(list_places(&study->pool, path, &places, err));
    for (size_t i = 0; i < places.count; i++) {
        const char *const name = places.names.name[places.place[i]];
        const bool spare =
            member != NULL && !ccrnn_report_members_have_seed(members, places.seed[i]);
        CCRNN_TRY(ccrnn_path_join(run_path, sizeof run_path, spare ? member->directory : path,
                                  name, err));
        if (spare)
            CCRNN_TRY(add_shown(&study->pool, run_path, &study->spare, &study->spares,
                                &study->spare_capacity, err));
        else if (member == NULL || is_begun(run_path))
            CCRNN_TRY(add_run(study, arm, member == NULL ? NULL : member->hash, run_path,
                              places.seed[i], err));
    }
    return CCRNN_OK;
}

/* Name those of an arm's runs that are not there. Its runs are in rising order of seeds. */
static enum ccrnn_status add_absent(struct ccrnn_report_study *study,
                                    const struct ccrnn_report_arm *arm,
                                    const struct ccrnn_report_members *members,
                                    const struct ccrnn_report_member *member,
                                    struct ccrnn_error *err)
{
    const char *name;
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, member->name, &name, err));
    for (size_t s = 0, r = 0; s < members->seeds; s++) {
        if (r < arm->runs && arm->run[r].seed == members->seed[s]) {
            while (r < arm->runs && arm->run[r].seed == members->seed[s])
                r++;
            continue;
        }
        void *array = study->absent;
        CCRNN_TRY(ccrnn_report_pool_grow(&study->pool, &array, study->absents,
                                         &study->absent_capacity, sizeof *study->absent, err));
        study->absent = array;
        study->absent[study->absents++] =
            (struct ccrnn_report_absent){.arm = name, .seed = members->seed[s]};
    }
    return CCRNN_OK;
}

/* Add the arm in study/directory, if there are runs in it. @param member NULL: there is no study.json */
static enum ccrnn_status add_arm(struct ccrnn_report_study *study, const char *directory,
                                 const struct ccrnn_report_members *members,
                                 const struct ccrnn_report_member *member,
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
    CCRNN_TRY(add_runs(study, arm, members, member, path, err));
    if (arm->runs > 1)
        qsort(arm->run, arm->runs, sizeof *arm->run, compare_seeds);
    if (member != NULL)
        CCRNN_TRY(add_absent(study, arm, members, member, err));
    if (arm->runs == 0) {
        study->arms--;
        return CCRNN_OK;
    }
    CCRNN_TRY(copy_bytes(&study->pool, directory, &arm->directory, err));
    CCRNN_TRY(name_arm(study, arm, member, err));
    arm->label = arm->name;
    const char *const task = ccrnn_report_setting_of(arm, "task");
    arm->task = task == NULL ? "" : task;
    return CCRNN_OK;
}

/* What lies in the directory and looks like an arm, and is none of the study. */
static enum ccrnn_status add_strangers(struct ccrnn_report_study *study,
                                       const struct names *names,
                                       const struct ccrnn_report_members *members,
                                       struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct places places;
    for (size_t i = 0; i < names->count; i++) {
        if (ccrnn_report_members_have_arm(members, names->name[i]))
            continue;
        CCRNN_TRY(ccrnn_path_join(path, sizeof path, study->directory, names->name[i], err));
        CCRNN_TRY(list_places(&study->pool, path, &places, err));
        if (places.count > 0)
            CCRNN_TRY(add_shown(&study->pool, names->name[i], &study->stranger, &study->strangers,
                                &study->stranger_capacity, err));
    }
    return CCRNN_OK;
}

/* The arms of study.json, or, where there is none, all that are found. */
static enum ccrnn_status add_arms(struct ccrnn_report_study *study, struct ccrnn_error *err)
{
    struct ccrnn_report_members members;
    struct names names;
    CCRNN_TRY(ccrnn_report_members_read(&study->pool, study->directory, &members, err));
    CCRNN_TRY(list(&study->pool, study->directory, &names, err));
    study->indexed = members.there;
    study->wanted_arms = members.arms;
    study->scale = members.scale;
    study->scales = members.scales;
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, members.name, &study->name, err));
    CCRNN_TRY(
        ccrnn_report_pool_text(&study->pool, members.description, &study->description, err));
    for (size_t i = 0; i < members.arms; i++)
        CCRNN_TRY(add_arm(study, members.arm[i].directory, &members, &members.arm[i], err));
    if (members.there)
        return add_strangers(study, &names, &members, err);
    for (size_t i = 0; i < names.count; i++)
        CCRNN_TRY(add_arm(study, names.name[i], &members, NULL, err));
    study->wanted_arms = study->arms;
    return CCRNN_OK;
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
    if (study->indexed)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s: none of the %zu runs that study.json names has been begun%s. Run "
                          "the study, then report it.",
                          study->directory, study->absents,
                          study->strangers > 0 ? ", and the runs that lie there are of no arm "
                                                 "of it"
                                               : "");
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
    study->directory = directory;
    study->name = study->description = "";
    if (!ccrnn_directory_exists(directory))
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s: there is no such directory. Give the directory that `ccrnn run` "
                          "named as its output.",
                          directory);
    CCRNN_TRY(add_arms(study, err));
    if (study->runs == 0)
        return no_runs(study, err);
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
