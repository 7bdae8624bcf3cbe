#define _GNU_SOURCE
#include "study/same_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

enum { FILE_BYTES_MOST = 1 << 30 };

struct comparison {
    const char *one, *other, *except;
    bool same;
    size_t files;
    char *what;
    size_t size;
};

static enum ccrnn_status compare_file(struct comparison *c, const char *name,
                                      struct ccrnn_error *err)
{
    char first[CCRNN_PATH_MAX], second[CCRNN_PATH_MAX];
    uint8_t *a = NULL, *b = NULL;
    size_t size_a, size_b;
    CCRNN_TRY(ccrnn_path_join(first, sizeof first, c->one, name, err));
    CCRNN_TRY(ccrnn_path_join(second, sizeof second, c->other, name, err));
    if (!ccrnn_path_exists(second)) {
        c->same = false;
        snprintf(c->what, c->size, "%.100s is missing in %.300s", name, c->other);
        return CCRNN_OK;
    }
    CCRNN_TRY(ccrnn_file_read(first, FILE_BYTES_MOST, &a, &size_a, err));
    const enum ccrnn_status status = ccrnn_file_read(second, FILE_BYTES_MOST, &b, &size_b, err);
    if (status != CCRNN_OK) {
        free(a);
        return status;
    }
    size_t at = 0;
    while (at < size_a && at < size_b && a[at] == b[at])
        at++;
    c->same = at == size_a && at == size_b;
    c->files++;
    if (!c->same)
        snprintf(c->what, c->size, "%.300s and %.300s differ at byte %zu (%zu and %zu bytes)",
                 first, second, at, size_a, size_b);
    free(a);
    free(b);
    return CCRNN_OK;
}

/* What `other` has and `one` has not. */
static enum ccrnn_status find_strays(struct comparison *c, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    DIR *const entries = opendir(c->other);
    if (entries == NULL)
        return ccrnn_fail(err, CCRNN_IO, "%s: cannot be read: %s", c->other, strerror(errno));
    enum ccrnn_status status = CCRNN_OK;
    for (struct dirent *e; status == CCRNN_OK && c->same && (e = readdir(entries)) != NULL;) {
        status = ccrnn_path_join(path, sizeof path, c->one, e->d_name, err);
        if (status != CCRNN_OK || ccrnn_path_exists(path))
            continue;
        c->same = false;
        snprintf(c->what, c->size, "%.100s is in %.300s only", e->d_name, c->other);
    }
    closedir(entries);
    return status;
}

static enum ccrnn_status compare_all(struct comparison *c, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    DIR *const entries = opendir(c->one);
    if (entries == NULL)
        return ccrnn_fail(err, CCRNN_IO, "%s: cannot be read: %s", c->one, strerror(errno));
    enum ccrnn_status status = CCRNN_OK;
    for (struct dirent *e; status == CCRNN_OK && c->same && (e = readdir(entries)) != NULL;) {
        status = ccrnn_path_join(path, sizeof path, c->one, e->d_name, err);
        if (status == CCRNN_OK && ccrnn_file_exists(path) && strcmp(e->d_name, c->except) != 0)
            status = compare_file(c, e->d_name, err);
    }
    closedir(entries);
    return status == CCRNN_OK && c->same ? find_strays(c, err) : status;
}

enum ccrnn_status ccrnn_same_files(const char *one, const char *other, const char *except,
                                   bool *same, char *what, size_t size, struct ccrnn_error *err)
{
    struct comparison c = {one, other, except, true, 0, what, size};
    CCRNN_TRY(compare_all(&c, err));
    if (c.same && c.files == 0) {
        c.same = false;
        snprintf(what, size, "there are no files in %.300s", one);
    }
    if (c.same)
        snprintf(what, size, "%zu files have the same bytes", c.files);
    *same = c.same;
    return CCRNN_OK;
}
