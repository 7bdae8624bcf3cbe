#include "data/captions.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/keys.h"
#include "data/utf8.h"

/* Ten times the largest file of COCO; Jansson counts lines and columns in an int. */
static const size_t file_max = (size_t)1 << 30;
enum { NUMBER_TEXT = 24 }; /* "-9223372036854775808" and its zero byte fit */

/* What is gathered before the strings are copied. */
struct gathered {
    const char *path;
    const json_t *annotations;
    int64_t *images; /* (image_count) sorted */
    size_t image_count;
    bool has_images;
    int64_t *image;         /* (captions): the number of each caption's image */
    struct ccrnn_key *keys; /* (key_count): the annotations' own ids */
    size_t key_count;
    size_t text_size; /* of all captions, terminating zeros included */
};

static enum ccrnn_status fail_memory(const char *path, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "no memory to read %s; close other programs or use a machine with more "
                      "memory",
                      path);
}

/* What Jansson found, in words for who has the file; a file of one line needs the byte. */
static enum ccrnn_status fail_json(const char *path, const json_error_t *where,
                                   struct ccrnn_error *err)
{
    const char *what = where->text;
    const char *next = "the file is damaged or of another kind";
    switch (json_error_code(where)) {
    case json_error_out_of_memory:
        return fail_memory(path, err);
    case json_error_stack_overflow:
        what = "lists and objects are nested deeper than captions ever are";
        break;
    case json_error_invalid_utf8:
        what = "this is not UTF-8";
        next = "save the file as plain UTF-8 text";
        break;
    case json_error_null_character:
        what = "a string has a zero character (\\u0000)";
        next = "remove it";
        break;
    case json_error_premature_end_of_input:
        what = "the file ends inside its JSON";
        next = "it is cut off: download or copy it again";
        break;
    default:
        break;
    }
    char shown[CCRNN_EXCERPT];
    return ccrnn_fail(err, CCRNN_FORMAT, "%s:%d: not valid JSON near byte %d: %s; %s", path,
                      where->line, where->position, ccrnn_utf8_excerpt(what, strlen(what), shown),
                      next);
}

static enum ccrnn_status load(const char *path, const uint8_t *bytes, size_t size, json_t **root,
                              struct ccrnn_error *err)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const size_t mark = sizeof byte_order_mark - 1;
    const size_t skip = size >= mark && memcmp(bytes, byte_order_mark, mark) == 0 ? mark : 0;
    if (size == skip)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s is empty; download or copy it again", path);
    json_error_t where;
    *root = json_loadb((const char *)bytes + skip, size - skip, JSON_REJECT_DUPLICATES, &where);
    return *root == NULL ? fail_json(path, &where, err) : CCRNN_OK;
}

static int compare_numbers(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    if (a == b)
        return 0;
    return a < b ? -1 : 1;
}

/* The numbers of the list "images", sorted. */
static enum ccrnn_status gather_images(struct gathered *gathered, const json_t *images,
                                       struct ccrnn_error *err)
{
    if (images == NULL)
        return CCRNN_OK;
    if (!json_is_array(images))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: \"images\" is not a list; expected COCO's captions, such as "
                          "captions_train2014.json",
                          gathered->path);
    const size_t count = json_array_size(images);
    gathered->has_images = true;
    gathered->images = reallocarray(NULL, count + 1, sizeof *gathered->images);
    if (gathered->images == NULL)
        return fail_memory(gathered->path, err);
    for (size_t i = 0; i < count; i++) {
        const json_t *const id = json_object_get(json_array_get(images, i), "id");
        if (!json_is_integer(id))
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: image %zu (from 0) of \"images\" has no \"id\" (an integer); "
                              "repair it or give another file",
                              gathered->path, i);
        gathered->images[i] = json_integer_value(id);
    }
    gathered->image_count = count;
    qsort(gathered->images, count, sizeof *gathered->images, compare_numbers);
    return CCRNN_OK;
}

static enum ccrnn_status check_image(const struct gathered *gathered, size_t place, int64_t image,
                                     struct ccrnn_error *err)
{
    if (!gathered->has_images ||
        (gathered->image_count > 0 && bsearch(&image, gathered->images, gathered->image_count,
                                              sizeof image, compare_numbers) != NULL))
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: annotation %zu (from 0) is about image %lld, which is not among the "
                      "%zu of \"images\"; the file is incomplete: download it again",
                      gathered->path, place, (long long)image, gathered->image_count);
}

/* The annotation's own number, where it has one. */
static enum ccrnn_status gather_key(struct gathered *gathered, size_t place,
                                    const json_t *annotation, struct ccrnn_error *err)
{
    const json_t *const id = json_object_get(annotation, "id");
    if (id == NULL)
        return CCRNN_OK;
    if (!json_is_integer(id))
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: the \"id\" of annotation %zu (from 0) is not an integer; repair it",
            gathered->path, place);
    gathered->keys[gathered->key_count++] =
        (struct ccrnn_key){"", (uint64_t)json_integer_value(id), place};
    return CCRNN_OK;
}

static enum ccrnn_status gather_caption(struct gathered *gathered, size_t place,
                                        struct ccrnn_captions *captions, struct ccrnn_error *err)
{
    const json_t *const annotation = json_array_get(gathered->annotations, place);
    const json_t *const image = json_object_get(annotation, "image_id");
    const json_t *const caption = json_object_get(annotation, "caption");
    if (!json_is_integer(image))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: annotation %zu (from 0) has no \"image_id\" (an integer); give a "
                          "file of captions, such as captions_train2014.json",
                          gathered->path, place);
    if (!json_is_string(caption))
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: annotation %zu (from 0) has no \"caption\" (a string); give a file "
            "of captions, such as captions_train2014.json",
            gathered->path, place);
    CCRNN_TRY(check_image(gathered, place, json_integer_value(image), err));
    CCRNN_TRY(gather_key(gathered, place, annotation, err));
    if (ccrnn_utf8_is_blank(json_string_value(caption))) {
        captions->without_words++;
        return CCRNN_OK;
    }
    gathered->image[captions->count] = json_integer_value(image);
    gathered->text_size += json_string_length(caption) + 1;
    captions->caption[captions->count++] =
        (struct ccrnn_caption){NULL, json_string_value(caption), place};
    return CCRNN_OK;
}

static enum ccrnn_status check_twice(struct gathered *gathered, struct ccrnn_error *err)
{
    const struct ccrnn_key *const twice =
        ccrnn_keys_find_twice(gathered->keys, gathered->key_count);
    if (twice == NULL)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s: annotations %zu and %zu (from 0) have the same \"id\" %lld; remove one "
        "of them",
        gathered->path, twice[0].place, twice[1].place, (long long)twice->number);
}

/* The captions with texts that still belong to the JSON. */
static enum ccrnn_status gather(struct gathered *gathered, const json_t *root,
                                struct ccrnn_captions *captions, struct ccrnn_error *err)
{
    gathered->annotations = json_object_get(root, "annotations");
    if (!json_is_array(gathered->annotations))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has no list \"annotations\"; expected COCO's captions, such as "
                          "captions_train2014.json",
                          gathered->path);
    CCRNN_TRY(gather_images(gathered, json_object_get(root, "images"), err));
    const size_t count = json_array_size(gathered->annotations);
    captions->caption = reallocarray(NULL, count + 1, sizeof *captions->caption);
    gathered->image = reallocarray(NULL, count + 1, sizeof *gathered->image);
    gathered->keys = reallocarray(NULL, count + 1, sizeof *gathered->keys);
    if (captions->caption == NULL || gathered->image == NULL || gathered->keys == NULL)
        return fail_memory(gathered->path, err);
    for (size_t i = 0; i < count; i++)
        CCRNN_TRY(gather_caption(gathered, i, captions, err));
    CCRNN_TRY(check_twice(gathered, err));
    if (captions->count == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: there is no caption in \"annotations\" (%zu are blank); give "
                          "another file",
                          gathered->path, captions->without_words);
    return CCRNN_OK;
}

/* Give the captions strings of their own. */
static enum ccrnn_status copy_strings(const struct gathered *gathered,
                                      struct ccrnn_captions *captions, struct ccrnn_error *err)
{
    char *const texts = malloc(gathered->text_size + captions->count * NUMBER_TEXT);
    if (texts == NULL)
        return fail_memory(gathered->path, err);
    captions->owned = texts;
    char *to = texts;
    for (size_t i = 0; i < captions->count; i++) {
        struct ccrnn_caption *const caption = &captions->caption[i];
        const size_t size = strlen(caption->text) + 1;
        memcpy(to, caption->text, size);
        caption->text = to;
        to += size;
        caption->image = to;
        to += ccrnn_format(to, NUMBER_TEXT, "%lld", (long long)gathered->image[i]) + 1;
    }
    return CCRNN_OK;
}

/* Consumes the JSON. */
static enum ccrnn_status convert(const char *path, json_t *root, struct ccrnn_captions *captions,
                                 struct ccrnn_error *err)
{
    struct gathered gathered = {.path = path};
    enum ccrnn_status status = gather(&gathered, root, captions, err);
    if (status == CCRNN_OK)
        status = copy_strings(&gathered, captions, err);
    json_decref(root);
    free(gathered.images);
    free(gathered.image);
    free(gathered.keys);
    if (status != CCRNN_OK)
        ccrnn_captions_release(captions);
    return status;
}

enum ccrnn_status ccrnn_captions_read_coco(const char *path, struct ccrnn_captions *captions,
                                           struct ccrnn_error *err)
{
    *captions = (struct ccrnn_captions){0};
    uint8_t *bytes;
    size_t size;
    json_t *root;
    CCRNN_TRY(ccrnn_file_read(path, file_max, &bytes, &size, err));
    const enum ccrnn_status status = load(path, bytes, size, &root, err);
    free(bytes);
    return status == CCRNN_OK ? convert(path, root, captions, err) : status;
}

enum ccrnn_status ccrnn_captions_parse_coco(const char *path, const uint8_t *bytes, size_t size,
                                            struct ccrnn_captions *captions,
                                            struct ccrnn_error *err)
{
    *captions = (struct ccrnn_captions){0};
    json_t *root;
    CCRNN_TRY(load(path, bytes, size, &root, err));
    return convert(path, root, captions, err);
}
