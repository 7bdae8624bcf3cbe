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

static enum ccrnn_status find_strangers(const struct ccrnn_study *study, const char *directory,
                                        struct strangers *strangers, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    const char **const sorted = malloc(study->arm_count * sizeof *sorted);
    DIR *const entries = ccrnn_directory_open(directory);
    if (sorted == NULL) {
        if (entries != NULL)
            closedir(entries);
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < study->arm_count; i++)
        sorted[i] = study->arms[i].directory;
    qsort(sorted, study->arm_count, sizeof *sorted, by_text);
    for (struct dirent *e = entries == NULL ? NULL : readdir(entries); e != NULL;
         e = readdir(entries)) {
        const char *const name = e->d_name;
        if (name[0] == '.' ||
            bsearch(&name, sorted, study->arm_count, sizeof *sorted, by_text) != NULL ||
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

/* Seeds of study.json that the study has not, rising, moved to the front of `index->seeds`. */
static size_t other_seeds(const struct ccrnn_study *study, struct ccrnn_study_index *index,
                          uint64_t *own)
{
    size_t others = 0;
    memcpy(own, study->seeds, study->seed_count * sizeof *own);
    qsort(own, study->seed_count, sizeof *own, by_size);
    for (size_t i = 0; i < index->seed_count; i++)
        if (bsearch(&index->seeds[i], own, study->seed_count, sizeof *own, by_size) == NULL)
            index->seeds[others++] = index->seeds[i];
    qsort(index->seeds, others, sizeof *index->seeds, by_size);
    return others;
}

/* How many arms of study.json the study has. */
static size_t shared_arms(const struct ccrnn_study *study, const struct ccrnn_study_index *index,
                          const char **sorted)
{
    size_t shared = 0;
    for (size_t i = 0; i < study->arm_count; i++)
        sorted[i] = study->arms[i].directory;
    qsort(sorted, study->arm_count, sizeof *sorted, by_text);
    for (size_t i = 0; i < index->arm_count; i++) {
        const char *const directory = index->arms[i].directory;
        shared += bsearch(&directory, sorted, study->arm_count, sizeof *sorted, by_text) != NULL;
    }
    return shared;
}

static void tell_others(FILE *out, const struct ccrnn_study *study, const char *directory,
                        const struct ccrnn_study_index *index, size_t shared, size_t others)
{
    const bool same = shared == study->arm_count && shared == index->arm_count;
    if (strcmp(index->name, study->name) != 0 && shared > 0)
        fprintf(out,
                "%s was the directory of the study '%s'; from now on it is that of '%s', which "
                "has %zu of its %zu arms\n",
                directory, index->name, study->name, shared, index->arm_count);
    if (others == 0 || shared == 0 || (same && study->seeds_given))
        return;
    fprintf(out, "%s/study.json has seeds the study %s not have: ", directory,
            study->seeds_given ? "with these --seeds does" : "does");
    tell_seeds(out, index->seeds, others);
    fprintf(out, same ? "; they stay in report and collect (without study.json, run again, they "
                        "are out)\n"
                      : "; as its arms are others now, these leave report and collect (--seeds "
                        "takes them back)\n");
}

static enum ccrnn_status tell_index(FILE *out, const struct ccrnn_study *study,
                                    const char *directory, struct ccrnn_study_index *index,
                                    struct ccrnn_error *err)
{
    uint64_t *const own = malloc(study->seed_count * sizeof *own);
    const char **const sorted = malloc(study->arm_count * sizeof *sorted);
    if (own != NULL && sorted != NULL) {
        const size_t shared = shared_arms(study, index, sorted);
        tell_others(out, study, directory, index, shared, other_seeds(study, index, own));
    }
    const bool failed = own == NULL || sorted == NULL;
    free(own);
    free(sorted);
    return failed ? ccrnn_fail(err, CCRNN_MEMORY, "out of memory") : CCRNN_OK;
}

/* --- all of it --------------------------------------------------------------------------- */

enum ccrnn_status ccrnn_study_leftovers(const struct ccrnn_study *study, const char *directory,
                                        char **text, struct ccrnn_error *err)
{
    struct strangers strangers = {0};
    struct ccrnn_study_index index = {0};
    size_t size = 0;
    *text = NULL;
    if (!ccrnn_directory_exists(directory))
        return CCRNN_OK;
    FILE *const out = open_memstream(text, &size);
    if (out == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    enum ccrnn_status status = find_strangers(study, directory, &strangers, err);
    tell_strangers(out, directory, &strangers);
    if (status == CCRNN_OK && ccrnn_study_index_read(directory, &index, NULL) == CCRNN_OK)
        status = tell_index(out, study, directory, &index, err);
    ccrnn_study_index_free(&index);
    if (fclose(out) != 0 && status == CCRNN_OK)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    if (status != CCRNN_OK || size == 0) {
        free(*text);
        *text = NULL;
    }
    return status;
}
