#define _GNU_SOURCE
#include "study/index.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "study/cost.h"

static const char index_format[] = "ccrnn-study-1";

/* More than a study.json ever has. */
enum { INDEX_BYTES_MOST = 1 << 28 };

static enum ccrnn_status index_path(const char *directory, char path[CCRNN_PATH_MAX],
                                    struct ccrnn_error *err)
{
    return ccrnn_path_join(path, CCRNN_PATH_MAX, directory, "study.json", err);
}

static enum ccrnn_status fail_damaged(const char *path, const char *what, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: %s, so nobody knows which runs the study has; remove the file and run "
                      "the study again, with all its seeds: finished runs are not repeated",
                      path, what);
}

static bool is_index(const json_t *root)
{
    const char *const format = json_string_value(json_object_get(root, "format"));
    return format != NULL && strcmp(format, index_format) == 0 &&
           json_is_string(json_object_get(root, "study"));
}

/* The index that is there; NULL: none. One that is damaged is not replaced: it may name arms and seeds that the study
 * at hand does not. */
static enum ccrnn_status load(const char *path, json_t **root, struct ccrnn_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    bool exists;
    json_error_t where;
    char what[JSON_ERROR_TEXT_LENGTH + 32];
    *root = NULL;
    CCRNN_TRY(ccrnn_path_look(path, &exists, err));
    if (!exists)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_file_read(path, INDEX_BYTES_MOST, &bytes, &size, err));
    *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &where);
    free(bytes);
    if (*root != NULL && is_index(*root))
        return CCRNN_OK;
    if (*root == NULL)
        (void)snprintf(what, sizeof what, "not JSON (line %d: %s)", where.line, where.text);
    const enum ccrnn_status status = fail_damaged(
        path, *root == NULL ? what : "it is not the index of a study of this version", err);
    json_decref(*root);
    *root = NULL;
    return status;
}

/* --- writing ----------------------------------------------------------------------------- */

static json_t *arms_of(const struct ccrnn_study *study)
{
    json_t *const arms = json_array();
    for (size_t i = 0; i < study->arm_count; i++)
        json_array_append_new(
            arms, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "name", study->arms[i].name, "hash",
                            study->arms[i].hash, "directory", study->arms[i].directory, "task",
                            ccrnn_task_kind(study->arms[i].config.task.task)->name, "epochs",
                            (json_int_t)study->arms[i].config.epochs, "work",
                            (json_int_t)llround(ccrnn_costs_work(study, i))));
    return arms;
}

static int by_directory(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many arms of the index the study has, by their directories, which tell name and options. SIZE_MAX without
 * memory. */
static size_t shared_arms(const json_t *before, const struct ccrnn_study *study)
{
    const json_t *const arms = json_object_get(before, "arms");
    const char **const sorted = malloc(study->arm_count * sizeof *sorted);
    size_t shared = 0;
    if (sorted == NULL)
        return SIZE_MAX;
    for (size_t i = 0; i < study->arm_count; i++)
        sorted[i] = study->arms[i].directory;
    qsort(sorted, study->arm_count, sizeof *sorted, by_directory);
    for (size_t i = 0; i < json_array_size(arms); i++) {
        const char *const directory =
            json_string_value(json_object_get(json_array_get(arms, i), "directory"));
        shared += directory != NULL && bsearch(&directory, sorted, study->arm_count,
                                               sizeof *sorted, by_directory) != NULL;
    }
    free(sorted);
    return shared;
}

/* The same arms, in any order, and however long they are to be? */
static bool same_arms(const json_t *before, const struct ccrnn_study *study)
{
    return json_array_size(json_object_get(before, "arms")) == study->arm_count &&
           shared_arms(before, study) == study->arm_count;
}

/* The arms of an index by `key`, as a map to the arms. */
static json_t *map_arms(const json_t *index, const char *key)
{
    const json_t *const arms = json_object_get(index, "arms");
    json_t *const map = json_object();
    for (size_t i = 0; i < json_array_size(arms); i++) {
        json_t *const arm = json_array_get(arms, i);
        const char *const name = json_string_value(json_object_get(arm, key));
        if (name != NULL)
            json_object_set(map, name, arm);
    }
    return map;
}

/* Is the study, by its --set, a part of what the index has, or one more part? Not if an arm has other options now:
 * then the file was edited, and the index is of what it was. */
static bool is_part(const json_t *before, const struct ccrnn_study *study)
{
    if (before == NULL || !study->arms_given)
        return false;
    json_t *const names = map_arms(before, "name");
    bool part = true;
    for (size_t i = 0; part && i < study->arm_count; i++) {
        const json_t *const arm = json_object_get(names, study->arms[i].name);
        const char *const hash = json_string_value(json_object_get(arm, "hash"));
        part = arm == NULL || (hash != NULL && strcmp(hash, study->arms[i].hash) == 0);
    }
    json_decref(names);
    return part;
}

/* Those that are there, as the study has them where it does, then the study's others. Takes `own`. */
static json_t *join_arms(const json_t *before, json_t *own)
{
    const json_t *const there = json_object_get(before, "arms");
    json_t *const wrapped = json_pack("{s:o}", "arms", own);
    json_t *const of_study = map_arms(wrapped, "directory");
    json_t *const known = map_arms(before, "directory");
    json_t *const arms = json_array();
    for (size_t i = 0; i < json_array_size(there); i++) {
        json_t *const arm = json_array_get(there, i);
        const char *const directory = json_string_value(json_object_get(arm, "directory"));
        json_t *const same = directory == NULL ? NULL : json_object_get(of_study, directory);
        json_array_append(arms, same == NULL ? arm : same);
    }
    for (size_t i = 0; i < json_array_size(own); i++) {
        json_t *const arm = json_array_get(own, i);
        if (json_object_get(known, json_string_value(json_object_get(arm, "directory"))) == NULL)
            json_array_append(arms, arm);
    }
    json_decref(of_study);
    json_decref(known);
    json_decref(wrapped);
    return arms;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Those of the study, then those that are there; NULL without memory. */
static json_t *seeds_of(const struct ccrnn_study *study, const json_t *before)
{
    const size_t bytes = study->seed_count * sizeof study->seeds[0];
    uint64_t *const sorted = malloc(bytes);
    if (sorted == NULL)
        return NULL;
    memcpy(sorted, study->seeds, bytes);
    qsort(sorted, study->seed_count, sizeof sorted[0], by_size);
    json_t *const seeds = json_array();
    for (size_t i = 0; i < study->seed_count; i++)
        json_array_append_new(seeds, json_integer((json_int_t)study->seeds[i]));
    for (size_t i = 0; i < json_array_size(before); i++) {
        const json_int_t number = json_integer_value(json_array_get(before, i));
        const uint64_t seed = (uint64_t)number;
        if (number >= 0 &&
            bsearch(&seed, sorted, study->seed_count, sizeof seed, by_size) == NULL)
            json_array_append_new(seeds, json_integer(number));
    }
    free(sorted);
    return seeds;
}

/* A claim as the index has it, if it says the same there, and what it is about is known. */
static json_t *known_claim(const json_t *there, const json_t *claim)
{
    json_t *const bare = json_copy((json_t *)claim);
    json_t *found = NULL;
    (void)json_object_del(bare, "note");
    for (size_t i = 0; found == NULL && i < json_array_size(there); i++)
        if (json_equal(json_array_get(there, i), bare))
            found = json_array_get(there, i);
    json_decref(bare);
    return found;
}

/* A study without claims has no word of them in its index. A part of a study does not have the arms of all its
 * claims: those of other parts stay as they are there. @param there claims of the index it is a part of; or NULL */
static void add_claims(const struct ccrnn_study *study, const json_t *there, json_t *root)
{
    if (study->claim_count == 0)
        return;
    json_t *const claims = json_array();
    for (size_t i = 0; i < study->claim_count; i++) {
        json_t *const claim = ccrnn_claim_to_json(&study->claims[i]);
        json_t *const known = known_claim(there, claim);
        json_array_append(claims, known == NULL ? claim : known);
        json_decref(claim);
    }
    json_object_set_new(root, "claims", claims);
}

/* Nor has one without ranges of these. */
static void add_scales(const struct ccrnn_study *study, json_t *root)
{
    if (study->scale_count == 0)
        return;
    json_t *const scales = json_object();
    for (size_t i = 0; i < study->scale_count; i++)
        json_object_set_new(scales, study->scales[i].option->key,
                            json_string(study->scales[i].log ? "log" : "linear"));
    json_object_set_new(root, "scales", scales);
}

static json_t *index_of(const struct ccrnn_study *study, const json_t *before)
{
    const bool part = is_part(before, study);
    const bool same = part || (before != NULL && same_arms(before, study));
    json_t *const arms = part ? join_arms(before, arms_of(study)) : arms_of(study);
    json_t *const seeds = seeds_of(study, same ? json_object_get(before, "seeds") : NULL);
    json_t *const root = json_pack("{s:s, s:s, s:s, s:i, s:o, s:o}", "format", index_format,
                                   "study", study->name, "description", study->description,
                                   "numerics", CCRNN_NUMERICS, "arms", arms, "seeds", seeds);
    if (root == NULL)
        return NULL;
    if (study->quick != NULL)
        json_object_set_new(root, "quick", json_string(study->quick));
    add_scales(study, root);
    add_claims(study, part ? json_object_get(before, "claims") : NULL, root);
    return root;
}

static enum ccrnn_status check_numerics(const json_t *before, const char *path,
                                        struct ccrnn_error *err)
{
    const json_t *const numerics = json_object_get(before, "numerics");
    if (!json_is_integer(numerics) || json_integer_value(numerics) == CCRNN_NUMERICS)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_OTHER_NUMERICS,
                      "%s: the study was begun with numerics %lld, this version has numerics %d, "
                      "so its runs would not belong together; use the version that began it, or "
                      "begin anew with another --out",
                      path, (long long)json_integer_value(numerics), CCRNN_NUMERICS);
}

/* Is a task of the study one of the index? Of an index of before the tasks were in it, it is not known: true. */
static bool shares_task(const json_t *before, const struct ccrnn_study *study)
{
    const json_t *const arms = json_object_get(before, "arms");
    for (size_t i = 0; i < json_array_size(arms); i++) {
        const char *const task =
            json_string_value(json_object_get(json_array_get(arms, i), "task"));
        if (task == NULL)
            return true;
        for (size_t k = 0; k < study->arm_count; k++)
            if (strcmp(task, ccrnn_task_kind(study->arms[k].config.task.task)->name) == 0)
                return true;
    }
    return json_array_size(arms) == 0;
}

/* A study that was edited goes on in its directory, one that is called otherwise too if it has some of the runs
 * there. What has no arm of it, and another name or another task, is another study: its index would put the old
 * one's runs out of every report. */
static enum ccrnn_status check_study(const json_t *before, const struct ccrnn_study *study,
                                     const char *directory, struct ccrnn_error *err)
{
    const char *const name = json_string_value(json_object_get(before, "study"));
    if (name == NULL || (strcmp(name, study->name) == 0 && shares_task(before, study)) ||
        shared_arms(before, study) > 0)
        return CCRNN_OK;
    const bool same = strcmp(name, study->name) == 0;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: has the runs of %s '%s' (%zu arms), and the study '%s' has no arm of "
                      "it%s; give it another --out. Or, if it is to take the other one's place, "
                      "remove %s/study.json: the runs there stay, and enter neither report nor "
                      "collect",
                      directory, same ? "an earlier" : "the study", name,
                      json_array_size(json_object_get(before, "arms")), study->name,
                      same ? " and other tasks" : "", directory);
}

static enum ccrnn_status check_index(const json_t *before, const struct ccrnn_study *study,
                                     const char *directory, const char *path,
                                     struct ccrnn_error *err)
{
    CCRNN_TRY(check_numerics(before, path, err));
    return check_study(before, study, directory, err);
}

/* A copy without what is for reckoning only and is no reason to write: the epochs, which a command that is refused
 * may have other ones of, and the arithmetic, which of captions is known only where they were read. */
static json_t *runs_of(const json_t *index)
{
    json_t *const copy = json_deep_copy(index);
    json_t *const arms = json_object_get(copy, "arms");
    for (size_t i = 0; i < json_array_size(arms); i++) {
        (void)json_object_del(json_array_get(arms, i), "work");
        (void)json_object_del(json_array_get(arms, i), "epochs");
    }
    return copy;
}

/* Rising, each once: a list is a set of seeds, whoever wrote it in whatever order. NULL without memory. */
static json_t *sorted_seeds(const json_t *seeds)
{
    const size_t count = json_array_size(seeds);
    uint64_t *const seed = malloc((count + 1) * sizeof *seed);
    if (seed == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        seed[i] = (uint64_t)json_integer_value(json_array_get(seeds, i));
    qsort(seed, count, sizeof *seed, by_size);
    json_t *const sorted = json_array();
    for (size_t i = 0; i < count; i++)
        if (i == 0 || seed[i] != seed[i - 1])
            json_array_append_new(sorted, json_integer((json_int_t)seed[i]));
    free(seed);
    return sorted;
}

/* Does the index say what is wanted of it? */
static bool covers(const json_t *there, const json_t *wanted)
{
    json_t *const a = runs_of(there), *const b = runs_of(wanted);
    json_object_set_new(a, "seeds", sorted_seeds(json_object_get(there, "seeds")));
    json_object_set_new(b, "seeds", sorted_seeds(json_object_get(wanted, "seeds")));
    const bool same = json_equal(a, b) != 0;
    json_decref(a);
    json_decref(b);
    return same;
}

static enum ccrnn_status write_once(const struct ccrnn_study *study, const char *directory,
                                    struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    json_t *before = NULL;
    CCRNN_TRY(index_path(directory, path, err));
    CCRNN_TRY(load(path, &before, err));
    enum ccrnn_status status = check_index(before, study, directory, path, err);
    json_t *const root = status == CCRNN_OK ? index_of(study, before) : NULL;
    char *const text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    if (status == CCRNN_OK && text == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory while writing %s", path);
    if (status == CCRNN_OK)
        status = ccrnn_directory_remove_stale(directory, NULL, err);
    if (status == CCRNN_OK)
        status = ccrnn_file_write_atomic(path, text, strlen(text), err);
    free(text);
    json_decref(root);
    json_decref(before);
    return status;
}

/* As read by anyone at any time: does it say what it should? */
static enum ccrnn_status is_settled(const struct ccrnn_study *study, const char *directory,
                                    bool *settled, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    json_t *before = NULL;
    CCRNN_TRY(index_path(directory, path, err));
    CCRNN_TRY(load(path, &before, err));
    const enum ccrnn_status status = check_index(before, study, directory, path, err);
    json_t *const root = status == CCRNN_OK && before != NULL ? index_of(study, before) : NULL;
    *settled = root != NULL && covers(before, root);
    json_decref(root);
    json_decref(before);
    return status;
}

/* By the lease's path, so that one who was stopped for too long writes nothing. */
static enum ccrnn_status write_leased(const struct ccrnn_study *study, struct ccrnn_lease *lease,
                                      struct ccrnn_error *err)
{
    const enum ccrnn_status status = write_once(study, ccrnn_lease_directory(lease), err);
    if (status == CCRNN_OK)
        return CCRNN_OK;
    if (!ccrnn_lease_held(lease))
        return CCRNN_BUSY;
    if (err != NULL)
        ccrnn_lease_clean(lease, err->message);
    return status;
}

/* Read, add, write: one process at a time, or one would take out what another one has put in. Who has the lease
 * of the study's directory may: processes with different parts of a study have no arm in common. CCRNN_BUSY:
 * another process has it, or took it over. */
static enum ccrnn_status update(const struct ccrnn_study *study, const char *directory,
                                struct ccrnn_leases *leases, struct ccrnn_lease_watch *watch,
                                struct ccrnn_error *err)
{
    struct ccrnn_lease *lease = NULL;
    CCRNN_TRY(ccrnn_lease_take(leases, directory, watch, &lease, err));
    const enum ccrnn_status status = write_leased(study, lease, err);
    ccrnn_lease_release(lease);
    return status;
}

enum ccrnn_status ccrnn_study_index_check(const struct ccrnn_study *study, const char *directory,
                                          struct ccrnn_error *err)
{
    bool settled;
    return is_settled(study, directory, &settled, err);
}

enum ccrnn_status ccrnn_study_index_write(const struct ccrnn_study *study, const char *directory,
                                          struct ccrnn_leases *leases, struct ccrnn_error *err)
{
    static const struct timespec moment = {0, 20000000};
    struct ccrnn_lease_watch watch = {0};
    CCRNN_TRY(ccrnn_directory_make(directory, err));
    for (;;) {
        bool settled;
        CCRNN_TRY(is_settled(study, directory, &settled, err));
        if (settled)
            break;
        const enum ccrnn_status status = update(study, directory, leases, &watch, err);
        if (status != CCRNN_OK && status != CCRNN_BUSY)
            return status;
        if (status == CCRNN_BUSY)
            (void)nanosleep(&moment, NULL); /* whoever has it may write what this one wants to */
    }
    ccrnn_lease_tidy_shared(leases, directory);
    (void)ccrnn_directory_remove_stale(directory, NULL, NULL);
    return CCRNN_OK;
}

/* --- reading ----------------------------------------------------------------------------- */

/* A name that leads to a place below the study. */
static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static bool copy_text(const json_t *arm, const char *key, char *text, size_t size)
{
    const char *const value = json_string_value(json_object_get(arm, key));
    if (value == NULL || strlen(value) >= size)
        return false;
    memcpy(text, value, strlen(value) + 1);
    return true;
}

static enum ccrnn_status read_arms(const json_t *arms, const char *path,
                                   struct ccrnn_study_index *index, struct ccrnn_error *err)
{
    const size_t count = json_array_size(arms);
    index->arms = calloc(count + 1, sizeof *index->arms);
    if (index->arms == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %s", path);
    for (size_t i = 0; i < count; i++) {
        const json_t *const arm = json_array_get(arms, i);
        if (!copy_text(arm, "name", index->arms[i].name, sizeof index->arms[i].name) ||
            !copy_text(arm, "hash", index->arms[i].hash, sizeof index->arms[i].hash) ||
            !copy_text(arm, "directory", index->arms[i].directory,
                       sizeof index->arms[i].directory) ||
            !is_plain_name(index->arms[i].directory))
            return fail_damaged(path, "an arm without a name, a hash or a directory", err);
        const json_int_t epochs = json_integer_value(json_object_get(arm, "epochs"));
        const double work = json_number_value(json_object_get(arm, "work"));
        index->arms[i].epochs = epochs > 0 ? (uint64_t)epochs : 0;
        index->arms[i].work = work > 0 ? work : 0;
        index->arm_count++;
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_seeds(const json_t *seeds, const char *path,
                                    struct ccrnn_study_index *index, struct ccrnn_error *err)
{
    const size_t count = json_array_size(seeds);
    index->seeds = calloc(count + 1, sizeof *index->seeds);
    if (index->seeds == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %s", path);
    for (size_t i = 0; i < count; i++) {
        const json_t *const seed = json_array_get(seeds, i);
        if (!json_is_integer(seed) || json_integer_value(seed) < 0)
            return fail_damaged(path, "a seed that is no number", err);
        index->seeds[index->seed_count++] = (uint64_t)json_integer_value(seed);
    }
    return CCRNN_OK;
}

static enum ccrnn_status take(const json_t *root, const char *path,
                              struct ccrnn_study_index *index, struct ccrnn_error *err)
{
    const char *const name = json_string_value(json_object_get(root, "study"));
    index->name = strdup(name);
    if (index->name == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %s", path);
    CCRNN_TRY(read_arms(json_object_get(root, "arms"), path, index, err));
    CCRNN_TRY(read_seeds(json_object_get(root, "seeds"), path, index, err));
    if (index->arm_count == 0 || index->seed_count == 0)
        return fail_damaged(path, "no arms or no seeds", err);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_study_index_read(const char *directory, struct ccrnn_study_index *index,
                                         struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    json_t *root;
    *index = (struct ccrnn_study_index){0};
    CCRNN_TRY(index_path(directory, path, err));
    CCRNN_TRY(load(path, &root, err));
    if (root == NULL)
        return ccrnn_fail(
            err, CCRNN_IO,
            "%s: no study.json there, so this is not the directory of a study; give "
            "what `ccrnn run` got as --out",
            directory);
    const enum ccrnn_status status = take(root, path, index, err);
    json_decref(root);
    return status;
}

/* Its hash says which options it had; of arms with the same ones, the name or its beginning which it was. */
size_t ccrnn_study_index_parent(const struct ccrnn_study_index *index,
                                const struct ccrnn_run_config *config)
{
    const size_t length = strlen(config->branch_from);
    size_t found = SIZE_MAX;
    for (size_t i = 0; length > 0 && config->branch_epoch > 0 && i < index->arm_count; i++) {
        const char *const name = index->arms[i].name;
        if (strcmp(index->arms[i].hash, config->branch_hash) != 0 ||
            strncmp(name, config->branch_from, length) != 0)
            continue;
        if (name[length] == '\0')
            return i;
        if (name[length] == ' ' && found == SIZE_MAX)
            found = i;
    }
    return found;
}

void ccrnn_study_index_free(struct ccrnn_study_index *index)
{
    free(index->name);
    free(index->arms);
    free(index->seeds);
    *index = (struct ccrnn_study_index){0};
}

enum ccrnn_status ccrnn_study_index_after(const struct ccrnn_study *study, const char *directory,
                                          struct ccrnn_study_index *index,
                                          struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    json_t *before = NULL;
    *index = (struct ccrnn_study_index){0};
    CCRNN_TRY(index_path(directory, path, err));
    CCRNN_TRY(load(path, &before, err));
    json_t *const root = index_of(study, before);
    const enum ccrnn_status status = root == NULL ? ccrnn_fail(err, CCRNN_MEMORY, "out of memory")
                                                  : take(root, path, index, err);
    json_decref(root);
    json_decref(before);
    return status;
}
