/* ccrnn data check: read the four files, tell what is in them. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/number.h"
#include "ccrnn/images.h"
#include "cli/data.h"

enum { SPLITS = 2, FINGERPRINT_TEXT = 17 };

/* All that is found. Two parts, images and labels, are one split. */
struct findings {
    char paths[CCRNN_MNIST_PARTS][CCRNN_PATH_MAX];
    struct ccrnn_idx parts[CCRNN_MNIST_PARTS];
    char sha256[CCRNN_MNIST_PARTS][CLI_SHA256_TEXT];
    bool published[CCRNN_MNIST_PARTS];
    size_t histogram[SPLITS][CCRNN_MNIST_CLASSES];
    char fingerprint[SPLITS][FINGERPRINT_TEXT];
    double seconds; /* to read and decode */
};

static const char *const split_names[SPLITS] = {"train", "test"};
static const enum ccrnn_mnist_part image_parts[SPLITS] = {CCRNN_MNIST_TRAIN_IMAGES,
                                                          CCRNN_MNIST_TEST_IMAGES};
static const enum ccrnn_mnist_part label_parts[SPLITS] = {CCRNN_MNIST_TRAIN_LABELS,
                                                          CCRNN_MNIST_TEST_LABELS};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum ccrnn_status read_all(struct findings *found, struct ccrnn_error *err)
{
    const double start = now();
    for (int s = 0; s < SPLITS; s++)
        CCRNN_TRY(ccrnn_mnist_read(found->paths[image_parts[s]], found->paths[label_parts[s]],
                                   &found->parts[image_parts[s]], &found->parts[label_parts[s]],
                                   err));
    found->seconds = now() - start;
    const struct ccrnn_idx *const train = &found->parts[CCRNN_MNIST_TRAIN_IMAGES];
    const struct ccrnn_idx *const test = &found->parts[CCRNN_MNIST_TEST_IMAGES];
    if (train->rows != test->rows || train->cols != test->cols)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "the images of %s are %zu × %zu, but those of %s are %zu × %zu; take "
                          "all four files from the same source (`ccrnn data fetch mnist`)",
                          found->paths[CCRNN_MNIST_TRAIN_IMAGES], train->rows, train->cols,
                          found->paths[CCRNN_MNIST_TEST_IMAGES], test->rows, test->cols);
    return CCRNN_OK;
}

static enum ccrnn_status examine(struct findings *found, struct ccrnn_error *err)
{
    for (enum ccrnn_mnist_part part = 0; part < CCRNN_MNIST_PARTS; part++)
        CCRNN_TRY(cli_mnist_recognise(part, &found->parts[part], found->sha256[part],
                                      &found->published[part], err));
    for (int s = 0; s < SPLITS; s++) {
        const struct ccrnn_idx *const images = &found->parts[image_parts[s]];
        const struct ccrnn_idx *const labels = &found->parts[label_parts[s]];
        const struct ccrnn_image_set set = {.pixels = images->values,
                                            .labels = labels->values,
                                            .count = images->count,
                                            .rows = images->rows,
                                            .cols = images->cols};
        ccrnn_format(found->fingerprint[s], FINGERPRINT_TEXT, "%016" PRIx64,
                     ccrnn_image_set_fingerprint(&set));
        for (size_t i = 0; i < labels->count; i++)
            found->histogram[s][labels->values[i]]++;
    }
    return CCRNN_OK;
}

static bool all_published(const struct findings *found)
{
    bool all = true;
    for (int part = 0; part < CCRNN_MNIST_PARTS; part++)
        all &= found->published[part];
    return all;
}

static void print_part(const struct findings *found, enum ccrnn_mnist_part part)
{
    const struct ccrnn_idx *const idx = &found->parts[part];
    printf("%s\n    %s, %zu bytes, %zu ", found->paths[part], idx->compressed ? "gzip" : "plain",
           idx->file_size, idx->count);
    if (idx->kind == CCRNN_IDX_IMAGES)
        printf("images of %zu × %zu\n", idx->rows, idx->cols);
    else
        printf("labels\n");
    printf("    SHA-256 of the content %s: %s\n", found->sha256[part],
           found->published[part] ? "published MNIST" : "not the published MNIST");
}

static void print_text(const struct findings *found)
{
    for (enum ccrnn_mnist_part part = 0; part < CCRNN_MNIST_PARTS; part++)
        print_part(found, part);
    printf("\ndigit ");
    for (int c = 0; c < CCRNN_MNIST_CLASSES; c++)
        printf(" %6d", c);
    for (int s = 0; s < SPLITS; s++) {
        printf("\n%-6s", split_names[s]);
        for (int c = 0; c < CCRNN_MNIST_CLASSES; c++)
            printf(" %6zu", found->histogram[s][c]);
    }
    printf("\n\nfingerprint: train %s, test %s\n", found->fingerprint[0], found->fingerprint[1]);
    printf("all four files read and decoded in %.2f s\n", found->seconds);
    if (!all_published(found))
        printf(
            "note: not every file is the published MNIST. Other data of the same format can be "
            "used; for MNIST itself, fetch it into a directory of its own (`ccrnn data fetch "
            "mnist --data DIR`).\n");
}

static json_t *counts_json(const size_t counts[CCRNN_MNIST_CLASSES])
{
    json_t *const list = json_array();
    for (int c = 0; c < CCRNN_MNIST_CLASSES; c++)
        json_array_append_new(list, json_integer((json_int_t)counts[c]));
    return list;
}

static json_t *parts_json(const struct findings *found)
{
    json_t *const list = json_array();
    for (enum ccrnn_mnist_part part = 0; part < CCRNN_MNIST_PARTS; part++) {
        const struct ccrnn_idx *const idx = &found->parts[part];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:b}", "file",
                            ccrnn_mnist_name(part), "path", found->paths[part], "format",
                            idx->compressed ? "gzip" : "plain", "bytes",
                            (json_int_t)idx->file_size, "count", (json_int_t)idx->count, "rows",
                            (json_int_t)idx->rows, "cols", (json_int_t)idx->cols, "sha256",
                            found->sha256[part], "published", found->published[part]));
    }
    return list;
}

static enum ccrnn_status print_json(const char *directory, const struct findings *found,
                                    struct ccrnn_error *err)
{
    json_t *const all =
        json_pack("{s:s, s:b, s:f, s:o, s:{s:o, s:o}, s:{s:s, s:s}}", "directory", directory,
                  "published", all_published(found), "seconds", found->seconds, "files",
                  parts_json(found), "labels", split_names[0], counts_json(found->histogram[0]),
                  split_names[1], counts_json(found->histogram[1]), "fingerprints",
                  split_names[0], found->fingerprint[0], split_names[1], found->fingerprint[1]);
    if (all == NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "the path %s is not UTF-8, which JSON needs; rename it, or leave out "
                          "--json",
                          directory);
    json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(4));
    printf("\n");
    json_decref(all);
    return CCRNN_OK;
}

enum ccrnn_status cli_data_check(const char *directory, bool json, struct ccrnn_error *err)
{
    struct findings *const found = calloc(1, sizeof *found);
    if (found == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to check data; close other programs");
    enum ccrnn_status status =
        ccrnn_mnist_require(directory, 0, CCRNN_MNIST_PARTS - 1, found->paths, err);
    if (status == CCRNN_OK)
        status = read_all(found, err);
    if (status == CCRNN_OK)
        status = examine(found, err);
    if (status == CCRNN_OK && json)
        status = print_json(directory, found, err);
    else if (status == CCRNN_OK)
        print_text(found);
    for (int part = 0; part < CCRNN_MNIST_PARTS; part++)
        ccrnn_idx_release(&found->parts[part]);
    free(found);
    return status;
}
