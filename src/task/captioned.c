#define _GNU_SOURCE
#include "task/captioned.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/id_list.h"
#include "data/keys.h"
#include "data/utf8.h"

/* The caption at a place of both files, one behind the other. */
static const struct ccrnn_caption *at_place(const struct ccrnn_captioned *captioned, size_t place)
{
    const size_t first = captioned->file[0].count;
    return place < first ? &captioned->file[0].caption[place]
                         : &captioned->file[1].caption[place - first];
}

const struct ccrnn_caption *ccrnn_captioned_caption(const struct ccrnn_captioned *captioned,
                                                    size_t index)
{
    return at_place(captioned, captioned->order[index]);
}

static int by_image(const void *left, const void *right, void *captioned)
{
    const size_t a = *(const size_t *)left, b = *(const size_t *)right;
    const int order = strcmp(at_place(captioned, a)->image, at_place(captioned, b)->image);
    if (order != 0 || a == b)
        return order;
    return a < b ? -1 : 1;
}

static int compare_id(const void *id, const void *image)
{
    return strcmp(id, ((const struct ccrnn_captioned_image *)image)->id);
}

struct ccrnn_captioned_image *ccrnn_captioned_find(const struct ccrnn_captioned *captioned,
                                                   const char *id)
{
    if (captioned->images == 0)
        return NULL;
    return bsearch(id, captioned->image, captioned->images, sizeof *captioned->image, compare_id);
}

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory for the captions; close other programs");
}

/* Sorts the captions and makes the images, all of no split. */
static enum ccrnn_status group_by_image(struct ccrnn_captioned *captioned,
                                        struct ccrnn_error *err)
{
    const size_t count = captioned->file[0].count + captioned->file[1].count;
    captioned->order = reallocarray(NULL, count, sizeof *captioned->order);
    captioned->image = reallocarray(NULL, count, sizeof *captioned->image);
    if (captioned->order == NULL || captioned->image == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < count; i++)
        captioned->order[i] = i;
    captioned->captions = count;
    qsort_r(captioned->order, count, sizeof *captioned->order, by_image, captioned);
    struct ccrnn_captioned_image *image = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *const id = ccrnn_captioned_caption(captioned, i)->image;
        if (image == NULL || strcmp(image->id, id) != 0) {
            image = &captioned->image[captioned->images++];
            *image = (struct ccrnn_captioned_image){
                .id = id, .first = i, .split = CCRNN_CAPTIONS_UNUSED};
        }
        image->count++;
    }
    return CCRNN_OK;
}

/* The ids of the three lists of Flickr as keys; a key's place is 3 · its place in the list + split. */
static enum ccrnn_status check_lists(const struct ccrnn_caption_files *files,
                                     const struct ccrnn_id_list *list, size_t count,
                                     struct ccrnn_error *err)
{
    struct ccrnn_key *const keys = reallocarray(NULL, count, sizeof *keys);
    if (keys == NULL)
        return fail_memory(err);
    size_t n = 0;
    for (size_t split = 0; split < CCRNN_CAPTIONS_UNUSED; split++)
        for (size_t i = 0; i < list[split].count; i++)
            keys[n++] =
                (struct ccrnn_key){list[split].id[i], 0, CCRNN_CAPTIONS_UNUSED * i + split};
    enum ccrnn_status status = CCRNN_OK;
    const struct ccrnn_key *const twice = ccrnn_keys_find_twice(keys, n);
    if (twice != NULL) {
        char shown[CCRNN_EXCERPT];
        status = ccrnn_fail(err, CCRNN_FORMAT,
                            "the image `%s` is number %zu of %s and number %zu of %s, expected "
                            "it in one split, once; remove one of them",
                            ccrnn_utf8_excerpt(twice->text, strlen(twice->text), shown),
                            twice[0].place / CCRNN_CAPTIONS_UNUSED + 1,
                            files->split[twice[0].place % CCRNN_CAPTIONS_UNUSED],
                            twice[1].place / CCRNN_CAPTIONS_UNUSED + 1,
                            files->split[twice[1].place % CCRNN_CAPTIONS_UNUSED]);
    }
    free(keys);
    return status;
}

static void assign(struct ccrnn_captioned *captioned, const struct ccrnn_id_list *list)
{
    for (size_t split = 0; split < CCRNN_CAPTIONS_UNUSED; split++)
        for (size_t i = 0; i < list[split].count; i++) {
            struct ccrnn_captioned_image *const image =
                ccrnn_captioned_find(captioned, list[split].id[i]);
            if (image == NULL)
                captioned->missing++;
            else
                image->split = (uint8_t)split;
        }
}

static enum ccrnn_status split_by_lists(const struct ccrnn_caption_files *files,
                                        struct ccrnn_captioned *captioned,
                                        struct ccrnn_error *err)
{
    struct ccrnn_id_list list[CCRNN_CAPTIONS_UNUSED] = {{0}};
    enum ccrnn_status status = CCRNN_OK;
    size_t count = 0;
    for (size_t i = 0; status == CCRNN_OK && i < CCRNN_CAPTIONS_UNUSED; i++) {
        status = ccrnn_id_list_read(files->split[i], &list[i], err);
        count += list[i].count;
    }
    if (status == CCRNN_OK)
        status = check_lists(files, list, count, err);
    if (status == CCRNN_OK)
        assign(captioned, list);
    for (size_t i = 0; i < CCRNN_CAPTIONS_UNUSED; i++)
        ccrnn_id_list_release(&list[i]);
    return status;
}

/* By number: they are decimal, without leading zeros. */
static int compare_numbers(const char *a, const char *b)
{
    const size_t longer = strlen(a), shorter = strlen(b);
    if (longer != shorter)
        return longer < shorter ? -1 : 1;
    return strcmp(a, b);
}

static int by_number(const void *left, const void *right)
{
    const struct ccrnn_captioned_image *const a = *(struct ccrnn_captioned_image *const *)left;
    const struct ccrnn_captioned_image *const b = *(struct ccrnn_captioned_image *const *)right;
    return compare_numbers(a->id, b->id);
}

/* The images of the second file, sorted by number, go to validation and test in turn. */
static enum ccrnn_status split_by_file(const struct ccrnn_caption_files *files,
                                       struct ccrnn_captioned *captioned, struct ccrnn_error *err)
{
    size_t count = 0;
    struct ccrnn_captioned_image **const dealt =
        reallocarray(NULL, captioned->images, sizeof(struct ccrnn_captioned_image *));
    if (dealt == NULL)
        return fail_memory(err);
    for (size_t i = 0; i < captioned->images; i++) {
        struct ccrnn_captioned_image *const image = &captioned->image[i];
        const size_t *const order = captioned->order + image->first;
        const bool first = order[0] >= captioned->file[0].count;
        const bool last = order[image->count - 1] >= captioned->file[0].count;
        image->split = CCRNN_CAPTIONS_TRAIN;
        if (first != last) {
            free(dealt);
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "the image %.40s has captions in %s and in %s, expected it in one "
                              "of them; take both files from one year",
                              image->id, files->captions[0], files->captions[1]);
        }
        if (first)
            dealt[count++] = image;
    }
    qsort(dealt, count, sizeof(struct ccrnn_captioned_image *), by_number);
    for (size_t i = 0; i < count; i++)
        dealt[i]->split = i % 2 == 0 ? CCRNN_CAPTIONS_VALIDATION : CCRNN_CAPTIONS_TEST;
    free(dealt);
    return CCRNN_OK;
}

static enum ccrnn_status read_all(enum ccrnn_caption_source source,
                                  const struct ccrnn_caption_files *files,
                                  struct ccrnn_captioned *captioned, struct ccrnn_error *err)
{
    if (source == CCRNN_CAPTIONS_COCO) {
        for (size_t i = 0; i < CCRNN_CAPTION_FILES; i++)
            CCRNN_TRY(ccrnn_captions_read_coco(files->captions[i], &captioned->file[i], err));
        CCRNN_TRY(group_by_image(captioned, err));
        return split_by_file(files, captioned, err);
    }
    CCRNN_TRY(ccrnn_captions_read_flickr(files->captions[0], &captioned->file[0], err));
    CCRNN_TRY(group_by_image(captioned, err));
    return split_by_lists(files, captioned, err);
}

enum ccrnn_status ccrnn_captioned_read(enum ccrnn_caption_source source,
                                       const struct ccrnn_caption_files *files,
                                       struct ccrnn_captioned *captioned, struct ccrnn_error *err)
{
    *captioned = (struct ccrnn_captioned){0};
    const enum ccrnn_status status = read_all(source, files, captioned, err);
    if (status != CCRNN_OK)
        ccrnn_captioned_release(captioned);
    return status;
}

void ccrnn_captioned_release(struct ccrnn_captioned *captioned)
{
    for (size_t i = 0; i < CCRNN_CAPTION_FILES; i++)
        ccrnn_captions_release(&captioned->file[i]);
    free(captioned->order);
    free(captioned->image);
    *captioned = (struct ccrnn_captioned){0};
}
