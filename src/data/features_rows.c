#include "data/features_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/utf8.h"

static const char spaces[] = " \t\r\n\v\f";

static enum ccrnn_status fail_memory(const char *path, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "no memory for the features of %s; close other programs or use a machine "
                      "with more memory",
                      path);
}

enum ccrnn_status ccrnn_features_allocate(const char *path, size_t count, size_t width,
                                          struct ccrnn_features *features,
                                          struct ccrnn_error *err)
{
    if (count == 0 || width == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has features of %zu images with %zu numbers each: there is nothing "
                          "in it; make it again",
                          path, count, width);
    size_t numbers;
    if (__builtin_mul_overflow(count, width, &numbers))
        return fail_memory(path, err);
    features->value = reallocarray(NULL, numbers, sizeof *features->value);
    if (features->value == NULL)
        return fail_memory(path, err);
    features->count = count;
    features->width = width;
    return CCRNN_OK;
}

/* Length of a name without the spaces at its ends, and where it starts. */
static size_t trimmed(const char **name)
{
    *name += strspn(*name, spaces);
    size_t length = strlen(*name);
    while (length > 0 && strchr(spaces, (*name)[length - 1]) != NULL)
        length--;
    return length;
}

static enum ccrnn_status check_name(const char *path, size_t row, const char *name, size_t length,
                                    struct ccrnn_error *err)
{
    if (length == 0)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: row %zu (from 0) has an empty id; give each image a name of its own", path, row);
    if (ccrnn_utf8_valid(name, length) == length)
        return CCRNN_OK;
    char shown[CCRNN_EXCERPT];
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: the id `%s` of row %zu (from 0) is not UTF-8; write the ids as UTF-8",
                      path, ccrnn_utf8_excerpt(name, length, shown), row);
}

enum ccrnn_status ccrnn_features_name(const char *path, const char *const *name,
                                      struct ccrnn_features *features, struct ccrnn_error *err)
{
    struct ccrnn_id_list *const ids = &features->ids;
    size_t size = 1;
    for (size_t i = 0; i < features->count; i++) {
        const char *start = name[i];
        const size_t length = trimmed(&start);
        CCRNN_TRY(check_name(path, i, start, length, err));
        size += length + 1;
    }
    ids->id = reallocarray(NULL, features->count, sizeof *ids->id);
    ids->owned = malloc(size);
    if (ids->id == NULL || ids->owned == NULL)
        return fail_memory(path, err);
    char *to = ids->owned;
    for (size_t i = 0; i < features->count; i++) {
        const char *start = name[i];
        const size_t length = trimmed(&start);
        memcpy(to, start, length);
        to[length] = '\0';
        ids->id[i] = to;
        to += length + 1;
    }
    ids->count = features->count;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_features_name_from(const char *path, const char *ids,
                                           struct ccrnn_features *features,
                                           struct ccrnn_error *err)
{
    if (ids == NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s has features of %zu images, but does not name them; give a text "
                          "file with the id of each row, one a line (image_ids.txt)",
                          path, features->count);
    CCRNN_TRY(ccrnn_id_list_read(ids, &features->ids, err));
    if (features->ids.count != features->count)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has %zu ids, but %s has features of %zu images; give the list that "
                          "was made with these features",
                          ids, features->ids.count, path, features->count);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_features_without_ids(const char *path, const char *ids,
                                             struct ccrnn_error *err)
{
    if (ids == NULL)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s names its images itself, but the list %s is given too; leave the list "
                      "out",
                      path, ids);
}

enum ccrnn_status ccrnn_features_fail_width(const char *path, const char *id, size_t width,
                                            const char *first, size_t first_width,
                                            struct ccrnn_error *err)
{
    char shown[CCRNN_EXCERPT], shown_first[CCRNN_EXCERPT];
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: image `%s` has %zu numbers, but `%s` has %zu; make all features with "
                      "the same network",
                      path, ccrnn_utf8_excerpt(id, strlen(id), shown), width,
                      ccrnn_utf8_excerpt(first, strlen(first), shown_first), first_width);
}
