#include "report/members.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "report/collect.h"

static enum ccrnn_status fail_damaged(const char *path, const char *what, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: %s, so it does not say which runs the study has; remove the file and "
                      "run the study again: its finished runs are not repeated",
                      path, what);
}

static enum ccrnn_status keep_text(struct ccrnn_report_pool *pool, const json_t *object,
                                   const char *key, const char **text, struct ccrnn_error *err)
{
    const char *const value = json_string_value(json_object_get(object, key));
    const size_t size = value == NULL ? 1 : strlen(value) + 1;
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, size, 1, &memory, err));
    if (value != NULL)
        memcpy(memory, value, size);
    *text = memory;
    return CCRNN_OK;
}

/* A name that leads to a place below the study. */
static bool is_plain(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_seeds(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static enum ccrnn_status read_arms(struct ccrnn_report_pool *pool, const json_t *arms,
                                   const char *path, struct ccrnn_report_members *members,
                                   struct ccrnn_error *err)
{
    const size_t count = json_array_size(arms);
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, count, sizeof *members->arm, &memory, err));
    members->arm = memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, count, sizeof *members->sorted, &memory, err));
    members->sorted = memory;
    for (size_t i = 0; i < count; i++) {
        struct ccrnn_report_member *const arm = &members->arm[i];
        const json_t *const entry = json_array_get(arms, i);
        CCRNN_TRY(keep_text(pool, entry, "name", &arm->name, err));
        CCRNN_TRY(keep_text(pool, entry, "hash", &arm->hash, err));
        CCRNN_TRY(keep_text(pool, entry, "directory", &arm->directory, err));
        if (*arm->name == '\0' || *arm->hash == '\0' || !is_plain(arm->directory))
            return fail_damaged(path, "an arm has no name, no hash or no directory", err);
        members->sorted[members->arms++] = arm->directory;
    }
    if (members->arms == 0)
        return fail_damaged(path, "there are no arms in it", err);
    qsort(members->sorted, members->arms, sizeof *members->sorted, compare_texts);
    return CCRNN_OK;
}

static enum ccrnn_status read_seeds(struct ccrnn_report_pool *pool, const json_t *seeds,
                                    const char *path, struct ccrnn_report_members *members,
                                    struct ccrnn_error *err)
{
    const size_t count = json_array_size(seeds);
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, count, sizeof *members->seed, &memory, err));
    members->seed = memory;
    for (size_t i = 0; i < count; i++) {
        const json_t *const seed = json_array_get(seeds, i);
        if (!json_is_integer(seed) || json_integer_value(seed) < 0)
            return fail_damaged(path, "a seed is not a whole number", err);
        members->seed[members->seeds++] = (uint64_t)json_integer_value(seed);
    }
    if (members->seeds == 0)
        return fail_damaged(path, "there are no seeds in it", err);
    qsort(members->seed, members->seeds, sizeof *members->seed, compare_seeds);
    size_t different = 1;
    for (size_t i = 1; i < members->seeds; i++) {
        if (members->seed[i] != members->seed[different - 1])
            members->seed[different++] = members->seed[i];
    }
    members->seeds = different;
    return CCRNN_OK;
}

static enum ccrnn_status read_scales(struct ccrnn_report_pool *pool, json_t *scales,
                                     struct ccrnn_report_members *members,
                                     struct ccrnn_error *err)
{
    const char *key;
    json_t *scale;
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, json_object_size(scales), sizeof *members->scale,
                                     &memory, err));
    members->scale = memory;
    json_object_foreach(scales, key, scale)
    {
        const char *const word = json_string_value(scale);
        struct ccrnn_report_written_scale *const written = &members->scale[members->scales++];
        written->log = word != NULL && strcmp(word, "log") == 0;
        CCRNN_TRY(ccrnn_report_pool_text(pool, key, &written->key, err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status take(struct ccrnn_report_pool *pool, const json_t *index,
                              const char *path, struct ccrnn_report_members *members,
                              struct ccrnn_error *err)
{
    const char *const format = json_string_value(json_object_get(index, "format"));
    if (format == NULL || strcmp(format, "ccrnn-study-1") != 0)
        return fail_damaged(path, "it is not the index of a study of this version", err);
    CCRNN_TRY(keep_text(pool, index, "study", &members->name, err));
    CCRNN_TRY(keep_text(pool, index, "description", &members->description, err));
    CCRNN_TRY(read_arms(pool, json_object_get(index, "arms"), path, members, err));
    CCRNN_TRY(read_seeds(pool, json_object_get(index, "seeds"), path, members, err));
    CCRNN_TRY(read_scales(pool, json_object_get(index, "scales"), members, err));
    members->there = true;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_members_read(struct ccrnn_report_pool *pool, const char *directory,
                                            struct ccrnn_report_members *members,
                                            struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_error detail = {.message = ""};
    json_t *index;
    *members = (struct ccrnn_report_members){.name = "", .description = ""};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "study.json", err));
    if (!ccrnn_path_exists(path))
        return CCRNN_OK;
    const enum ccrnn_status read = ccrnn_report_read_json(path, &index, &detail);
    if (read == CCRNN_FORMAT)
        return fail_damaged(path, "it is damaged", err);
    if (read != CCRNN_OK)
        return ccrnn_fail(err, read, "%s", detail.message);
    const enum ccrnn_status status = take(pool, index, path, members, err);
    json_decref(index);
    return status;
}

bool ccrnn_report_members_have_arm(const struct ccrnn_report_members *members,
                                   const char *directory)
{
    return members->arms > 0 && bsearch(&directory, members->sorted, members->arms,
                                        sizeof *members->sorted, compare_texts) != NULL;
}

bool ccrnn_report_members_have_seed(const struct ccrnn_report_members *members, uint64_t seed)
{
    return members->seeds > 0 && bsearch(&seed, members->seed, members->seeds,
                                         sizeof *members->seed, compare_seeds) != NULL;
}
