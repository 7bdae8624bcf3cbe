#define _GNU_SOURCE
#include "study/leftovers.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "study/index.h"

/* So many names are told, and ranges of seeds. */
enum { TOLD = 4 };

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* --- directories of runs that are no arm ------------------------------------------------- */

struct strangers {
    size_t arms, runs;
    char name[TOLD][NAME_MAX + 1]; /* the first by byte */
};

/* Runs in a directory: folders named by a seed, with a run.json. */
static size_t count_runs(const char *path)
{
    char run[CCRNN_PATH_MAX];
    size_t runs = 0;
    uint64_t seed;
    DIR *const entries = ccrnn_directory_open(path);
    if (entries == NULL)
        return 0;
    for (struct dirent *e = readdir(entries); e != NULL; e = readdir(entries))
        runs += ccrnn_parse_unsigned(e->d_name, &seed) &&
                ccrnn_path_join(run, sizeof run, path, e->d_name, NULL) == CCRNN_OK &&
                ccrnn_path_join(run, sizeof run, run, "run.json", NULL) == CCRNN_OK &&
                ccrnn_file_exists(run);
    closedir(entries);
    return runs;
}

static void keep_name(struct strangers *strangers, const char *name)
{
    size_t place = strangers->arms < TOLD ? strangers->arms : TOLD;
    while (place > 0 && strcmp(name, strangers->name[place - 1]) < 0) {
        if (place < TOLD)
            memcpy(strangers->name[place], strangers->name[place - 1], sizeof strangers->name[0]);
        place--;
    }
    if (place < TOLD)
        snprintf(strangers->name[place], sizeof strangers->name[0], "%s", name);
    strangers->arms++;
}

/* The directories of an index's arms, sorted; NULL without memory. */
static const char **sort_arms(const struct ccrnn_study_index *index)
{
    const char **const sorted = malloc((index->arm_count + 1) * sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < index->arm_count; i++)
        sorted[i] = index->arms[i].directory;
    if (sorted != NULL)
        qsort(sorted, index->arm_count, sizeof *sorted, by_text);
    return sorted;
}

static enum ccrnn_status find_strangers(const struct ccrnn_study_index *after,
                                        const char *directory, struct strangers *strangers,
                                        struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    const char **const sorted = sort_arms(after);
    if (sorted == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    DIR *const entries = ccrnn_directory_open(directory);
    for (struct dirent *e = entries == NULL ? NULL : readdir(entries); e != NULL;
         e = readdir(entries)) {
        const char *const name = e->d_name;
        if (name[0] == '.' ||
            bsearch(&name, sorted, after->arm_count, sizeof *sorted, by_text) != NULL ||
            ccrnn_path_join(path, sizeof path, directory, name, NULL) != CCRNN_OK)
            continue;
        const size_t runs = count_runs(path);
        if (runs > 0)
            keep_name(strangers, name);
        strangers->runs += runs;
    }
    if (entries != NULL)
        closedir(entries);
    free(sorted);
    return CCRNN_OK;
}

static void tell_strangers(FILE *out, const char *directory, const struct strangers *strangers)
{
    const size_t told = strangers->arms < TOLD ? strangers->arms : TOLD;
    if (strangers->arms == 0)
        return;
    fprintf(out, "%s holds %zu arm%s (%zu run%s) that the study does not have:", directory,
            strangers->arms, strangers->arms == 1 ? "" : "s", strangers->runs,
            strangers->runs == 1 ? "" : "s");
    for (size_t i = 0; i < told; i++)
        fprintf(out, "%s %s", i == 0 ? "" : ",", strangers->name[i]);
    if (strangers->arms > told)
        fprintf(out, " and %zu more", strangers->arms - told);
    fprintf(out, "; they stay on the disk and enter neither report nor collect\n");
}

/* --- seeds ------------------------------------------------------------------------------- */

/* "3..10, 12": of rising seeds. */
static void tell_seeds(FILE *out, const uint64_t *seed, size_t count)
{
    size_t told = 0, last;
    for (size_t first = 0; first < count; first = last + 1) {
        last = first;
        while (last + 1 < count && seed[last + 1] - seed[last] <= 1)
            last++;
        if (told++ == TOLD) {
            fprintf(out, " and %zu more", count - first);
            return;
        }
        fprintf(out, "%s%" PRIu64, first == 0 ? "" : ", ", seed[first]);
        if (last > first)
            fprintf(out, "..%" PRIu64, seed[last]);
    }
}

/* Those of `seeds` that are not among `others`, rising. @param[out] found (count) @return how many; SIZE_MAX without
 * memory */
static size_t without(const uint64_t *seeds, size_t count, const uint64_t *others,
                      size_t other_count, uint64_t *found)
{
    uint64_t *const sorted = malloc((other_count + 1) * sizeof *sorted);
    size_t left = 0;
    if (sorted == NULL)
        return SIZE_MAX;
    memcpy(sorted, others, other_count * sizeof *sorted);
    qsort(sorted, other_count, sizeof *sorted, by_size);
    for (size_t i = 0; i < count; i++)
        if (bsearch(&seeds[i], sorted, other_count, sizeof *sorted, by_size) == NULL)
            found[left++] = seeds[i];
    qsort(found, left, sizeof *found, by_size);
    free(sorted);
    return left;
}

/* How many arms two indices share; SIZE_MAX without memory. */
static size_t shared_arms(const struct ccrnn_study_index *a, const struct ccrnn_study_index *b)
{
    const char **const sorted = sort_arms(a);
    size_t shared = 0;
    if (sorted == NULL)
        return SIZE_MAX;
    for (size_t i = 0; i < b->arm_count; i++) {
        const char *const directory = b->arms[i].directory;
        shared += bsearch(&directory, sorted, a->arm_count, sizeof *sorted, by_text) != NULL;
    }
    free(sorted);
    return shared;
}

static void tell_seed_line(FILE *out, const char *directory, const uint64_t *seeds, size_t count,
                           const char *rest)
{
    if (count == 0)
        return;
    fprintf(out, "%s/study.json has seeds that this study does not have: ", directory);
    tell_seeds(out, seeds, count);
    fprintf(out, "; %s\n", rest);
}

/* What the study makes of the index. */
static enum ccrnn_status tell_index(FILE *out, const struct ccrnn_study *study,
                                    const char *directory, const struct ccrnn_study_index *before,
                                    const struct ccrnn_study_index *after,
                                    struct ccrnn_error *err)
{
    const size_t most = before->seed_count + after->seed_count;
    uint64_t *const seeds = malloc((most + 1) * sizeof *seeds);
    const size_t shared = shared_arms(before, after);
    if (seeds == NULL || shared == SIZE_MAX) {
        free(seeds);
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    }
    if (strcmp(before->name, study->name) != 0 && shared > 0)
        fprintf(out,
                "%s was the directory of the study '%s'; from now on it is that of '%s', which "
                "has %zu of its %zu arms\n",
                directory, before->name, study->name, shared, before->arm_count);
    size_t count = shared == 0 ? 0
                               : without(before->seeds, before->seed_count, after->seeds,
                                         after->seed_count, seeds);
    if (count != SIZE_MAX)
        tell_seed_line(
            out, directory, seeds, count,
            "as its arms are others now, these leave report and collect (--seeds takes "
            "them back)");
    if (count != SIZE_MAX && !study->seeds_given) {
        count = without(after->seeds, after->seed_count, study->seeds, study->seed_count, seeds);
        if (count != SIZE_MAX)
            tell_seed_line(out, directory, seeds, count,
                           "they stay in report and collect (without study.json, run again, they "
                           "are out)");
    }
    free(seeds);
    return count == SIZE_MAX ? ccrnn_fail(err, CCRNN_MEMORY, "out of memory") : CCRNN_OK;
}

/* --- all of it --------------------------------------------------------------------------- */

static enum ccrnn_status tell(FILE *out, const struct ccrnn_study *study, const char *directory,
                              struct ccrnn_study_index *before, struct ccrnn_study_index *after,
                              struct ccrnn_error *err)
{
    struct strangers strangers = {0};
    /* what cannot be understood is written anew */
    const bool there = ccrnn_study_index_read(directory, before, NULL) == CCRNN_OK;
    CCRNN_TRY(ccrnn_study_index_after(study, directory, after, err));
    CCRNN_TRY(find_strangers(after, directory, &strangers, err));
    tell_strangers(out, directory, &strangers);
    return there ? tell_index(out, study, directory, before, after, err) : CCRNN_OK;
}

enum ccrnn_status ccrnn_study_leftovers(const struct ccrnn_study *study, const char *directory,
                                        char **text, struct ccrnn_error *err)
{
    struct ccrnn_study_index before = {0}, after = {0};
    size_t size = 0;
    *text = NULL;
    if (!ccrnn_directory_exists(directory))
        return CCRNN_OK;
    FILE *const out = open_memstream(text, &size);
    if (out == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    enum ccrnn_status status = tell(out, study, directory, &before, &after, err);
    ccrnn_study_index_free(&before);
    ccrnn_study_index_free(&after);
    if (fclose(out) != 0 && status == CCRNN_OK)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    if (status != CCRNN_OK || size == 0) {
        free(*text);
        *text = NULL;
    }
    return status;
}
