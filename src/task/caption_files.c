#include "task/caption_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

/* The names one file may have: some endings, and one ending of files that only look like it. */
struct pattern {
    const char *what;   /* for messages */
    const char *names;  /* the same endings, for messages */
    const char *end[2]; /* NULL: no more */
    const char *not_end;
};

static const struct pattern flickr_captions = {
    "captions", "*.token.txt or *.token", {".token.txt", ".token"}, ".lemma.token.txt"};
static const struct pattern flickr_splits[CCRNN_CAPTIONS_UNUSED] = {
    {"the training images", "*trainImages.txt", {"trainImages.txt", NULL}, NULL},
    {"the validation images", "*devImages.txt", {"devImages.txt", NULL}, NULL},
    {"the test images", "*testImages.txt", {"testImages.txt", NULL}, NULL},
};

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

static bool fits(const struct pattern *pattern, const char *name)
{
    if (name[0] == '.' || (pattern->not_end != NULL && ends_with(name, pattern->not_end)))
        return false;
    return ends_with(name, pattern->end[0]) ||
           (pattern->end[1] != NULL && ends_with(name, pattern->end[1]));
}

static enum ccrnn_status fail_several(const char *directory, const char *what, const char *one,
                                      const char *other, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: two files may hold %s, expected one: `%s` and `%s`; move one of them "
                      "away",
                      directory, what, one, other);
}

/* The regular file of the directory that fits; of two, the error names both in alphabetical order. */
static enum ccrnn_status find_pattern(const char *directory, const struct pattern *pattern,
                                      struct dirent **entry, int entries, char *path,
                                      struct ccrnn_error *err)
{
    const char *found = NULL;
    for (int i = 0; i < entries; i++) {
        char candidate[CCRNN_PATH_MAX];
        const char *const name = entry[i]->d_name;
        if (!fits(pattern, name))
            continue;
        CCRNN_TRY(ccrnn_path_join(candidate, sizeof candidate, directory, name, err));
        if (!ccrnn_file_exists(candidate))
            continue;
        if (found != NULL)
            return fail_several(directory, pattern->what, found, name, err);
        found = name;
    }
    if (found == NULL)
        return ccrnn_fail(err, CCRNN_IO,
                          "%s: no file with %s, expected one named %s; put it there or name "
                          "another directory",
                          directory, pattern->what, pattern->names);
    return ccrnn_path_join(path, CCRNN_PATH_MAX, directory, found, err);
}

static enum ccrnn_status find_flickr(const char *directory, struct ccrnn_caption_files *files,
                                     struct ccrnn_error *err)
{
    struct dirent **entry;
    errno = 0;
    const int entries = scandir(directory, &entry, NULL, alphasort);
    if (entries < 0)
        return errno == ENOMEM
                   ? ccrnn_fail(err, CCRNN_MEMORY,
                                "no memory to look into %s; close other programs", directory)
                   : ccrnn_fail(err, CCRNN_IO,
                                "cannot look into the directory %s; check its permissions",
                                directory);
    enum ccrnn_status status =
        find_pattern(directory, &flickr_captions, entry, entries, files->captions[0], err);
    for (int i = 0; status == CCRNN_OK && i < CCRNN_CAPTIONS_UNUSED; i++)
        status = find_pattern(directory, &flickr_splits[i], entry, entries, files->split[i], err);
    for (int i = 0; i < entries; i++)
        free(entry[i]);
    free(entry);
    return status;
}

/* COCO's files have fixed names: of one of two years, in one of two folders. */
enum { YEARS = 2, FOLDERS = 2 };
static const int years[YEARS] = {2014, 2017};
static const char *const folders[FOLDERS] = {"", "annotations/"};

/* The pair of one year in one folder; an empty path for a file that is not there. */
static enum ccrnn_status find_pair(const char *directory, const char *folder, int year,
                                   char path[CCRNN_CAPTION_FILES][CCRNN_PATH_MAX],
                                   struct ccrnn_error *err)
{
    static const char *const part[CCRNN_CAPTION_FILES] = {"train", "val"};
    for (int i = 0; i < CCRNN_CAPTION_FILES; i++) {
        char name[64];
        ccrnn_format(name, sizeof name, "%scaptions_%s%d.json", folder, part[i], year);
        CCRNN_TRY(ccrnn_path_join(path[i], CCRNN_PATH_MAX, directory, name, err));
        if (!ccrnn_file_exists(path[i]))
            path[i][0] = '\0';
    }
    return CCRNN_OK;
}

static enum ccrnn_status find_coco(const char *directory, struct ccrnn_caption_files *files,
                                   struct ccrnn_error *err)
{
    char pair[CCRNN_CAPTION_FILES][CCRNN_PATH_MAX], half[CCRNN_PATH_MAX] = "";
    for (int i = 0; i < YEARS * FOLDERS; i++) {
        CCRNN_TRY(find_pair(directory, folders[i % FOLDERS], years[i / FOLDERS], pair, err));
        if (pair[0][0] == '\0' || pair[1][0] == '\0') {
            const char *const there = pair[0][0] == '\0' ? pair[1] : pair[0];
            memcpy(half, half[0] == '\0' ? there : half, sizeof half);
            continue;
        }
        if (files->captions[0][0] != '\0')
            return fail_several(directory, "the training captions", files->captions[0], pair[0],
                                err);
        memcpy(files->captions, pair, sizeof pair);
    }
    if (files->captions[0][0] != '\0')
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_IO,
        "%s: expected captions_train2014.json and captions_val2014.json, or both of "
        "2017, there or in annotations/; found %s; put both into one folder or name "
        "another directory",
        directory, half[0] == '\0' ? "none" : half);
}

static enum ccrnn_status find_features(const char *directory, struct ccrnn_caption_files *files,
                                       struct ccrnn_error *err)
{
    static const char *const names[] = {"features.npy", "features.safetensors", "features.h5",
                                        "features.hdf5"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[CCRNN_PATH_MAX];
        CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, names[i], err));
        if (!ccrnn_file_exists(path))
            continue;
        if (found != NULL)
            return fail_several(directory, "the features", found, names[i], err);
        found = names[i];
        memcpy(files->features, path, sizeof path);
    }
    if (found == NULL)
        return ccrnn_fail(err, CCRNN_IO,
                          "%s: no features, expected features.npy, features.safetensors, "
                          "features.h5 or features.hdf5; put one there or name the file",
                          directory);
    return CCRNN_OK;
}

/* Beside the features, else in the directory. */
static enum ccrnn_status find_ids(const char *directory, struct ccrnn_caption_files *files,
                                  struct ccrnn_error *err)
{
    static const char name[] = "image_ids.txt";
    char beside[CCRNN_PATH_MAX];
    memcpy(beside, files->features, sizeof beside);
    char *const slash = strrchr(beside, '/');
    beside[slash == NULL ? 0 : slash + 1 - beside] = '\0';
    CCRNN_TRY(ccrnn_path_join(files->ids, CCRNN_PATH_MAX, beside, name, err));
    if (!ccrnn_file_exists(files->ids))
        CCRNN_TRY(ccrnn_path_join(files->ids, CCRNN_PATH_MAX, directory, name, err));
    if (!ccrnn_file_exists(files->ids))
        files->ids[0] = '\0';
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_caption_files_find(enum ccrnn_caption_source source,
                                           const char *directory, const char *features,
                                           struct ccrnn_caption_files *files,
                                           struct ccrnn_error *err)
{
    *files = (struct ccrnn_caption_files){0};
    if (directory == NULL || directory[0] == '\0')
        return ccrnn_fail(err, CCRNN_USAGE,
                          "no directory is named for the captions; name the one that has them");
    if (!ccrnn_directory_exists(directory))
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s is not a directory, expected the one that has the captions; check "
                          "the path",
                          directory);
    CCRNN_TRY(source == CCRNN_CAPTIONS_COCO ? find_coco(directory, files, err)
                                            : find_flickr(directory, files, err));
    if (features == NULL || features[0] == '\0')
        CCRNN_TRY(find_features(directory, files, err));
    else
        CCRNN_TRY(ccrnn_path_join(files->features, CCRNN_PATH_MAX,
                                  features[0] == '/' ? "" : directory, features, err));
    return find_ids(directory, files, err);
}
