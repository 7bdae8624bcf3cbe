#include "task/caption_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/features.h"
#include "data/tokens.h"
#include "data/utf8.h"
#include "task/caption_files.h"
#include "task/captioned.h"
#include "task/lexicon.h"
#include "task/scenes.h"

/* How many scenes each split has. */
static const uint32_t scene_counts[CCRNN_CAPTIONS_UNUSED] = {6000, 1000, 1000};

static const char *const split_names[CCRNN_CAPTIONS_UNUSED] = {"train", "validation", "test"};

/* A set being filled image by image; it can be released at any time. */
struct filling {
    struct ccrnn_caption_set *set;
    struct ccrnn_lexicon lexicon;
    struct ccrnn_tokens tokens;
    size_t token_room;
};

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "no memory for the captions and features; close other programs");
}

/* Room for so many images and captions. */
static enum ccrnn_status start_filling(struct filling *filling, struct ccrnn_caption_set *set,
                                       size_t images, size_t captions, struct ccrnn_error *err)
{
    *filling = (struct filling){.set = set};
    if (captions >= UINT32_MAX)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "there are %zu captions, expected fewer than %lu; use fewer", captions,
                          (unsigned long)UINT32_MAX);
    set->image_id = calloc(images, sizeof(char *));
    set->split = calloc(images, sizeof *set->split);
    set->first = calloc(images + 1, sizeof *set->first);
    set->start = calloc(captions + 1, sizeof *set->start);
    const bool done =
        set->image_id != NULL && set->split != NULL && set->first != NULL && set->start != NULL;
    return done ? CCRNN_OK : fail_memory(err);
}

static bool add_token(struct filling *filling, const char *token, bool is_training)
{
    struct ccrnn_caption_set *const set = filling->set;
    const size_t count = set->start[set->captions];
    uint32_t number;
    if (count == filling->token_room) {
        const size_t room = count < 1024 ? 1024 : 2 * count;
        uint32_t *const grown = reallocarray(set->token, room, sizeof *grown);
        if (grown == NULL)
            return false;
        set->token = grown;
        filling->token_room = room;
    }
    if (!ccrnn_lexicon_number(&filling->lexicon, token, &number))
        return false;
    filling->lexicon.seen[number] += is_training;
    set->token[count] = number;
    set->start[set->captions]++;
    return true;
}

/* start[captions] is where the next token goes; a caption that has words becomes one more. */
static enum ccrnn_status add_caption(struct filling *filling, const char *text, bool is_training,
                                     struct ccrnn_error *err)
{
    struct ccrnn_caption_set *const set = filling->set;
    if (!ccrnn_tokens_split(text, &filling->tokens))
        return fail_memory(err);
    if (filling->tokens.count == 0) {
        set->tally.captions_without_words++;
        return CCRNN_OK;
    }
    const size_t first = set->start[set->captions];
    for (size_t i = 0; i < filling->tokens.count; i++)
        if (!add_token(filling, filling->tokens.token[i], is_training))
            return fail_memory(err);
    const size_t end = set->start[set->captions];
    set->start[set->captions] = first;
    set->start[++set->captions] = end;
    return CCRNN_OK;
}

/* The image whose captions were added since the image before. */
static enum ccrnn_status add_image(struct filling *filling, const char *id, uint8_t split,
                                   struct ccrnn_error *err)
{
    struct ccrnn_caption_set *const set = filling->set;
    char *const copy = strdup(id);
    if (copy == NULL)
        return fail_memory(err);
    set->image_id[set->images] = copy;
    set->split[set->images] = split;
    set->first[++set->images] = (uint32_t)set->captions;
    set->tally.images_of_no_split += split == CCRNN_CAPTIONS_UNUSED;
    return CCRNN_OK;
}

static void finish_filling(struct filling *filling)
{
    struct ccrnn_lexicon *const lexicon = &filling->lexicon;
    filling->set->lexicon = lexicon->token;
    filling->set->seen = lexicon->seen;
    filling->set->lexicon_size = lexicon->count;
    lexicon->token = NULL;
    lexicon->seen = NULL;
    lexicon->count = 0;
    ccrnn_lexicon_release(lexicon);
    ccrnn_tokens_release(&filling->tokens);
}

static enum ccrnn_status add_scene(struct filling *filling,
                                   const struct ccrnn_scene_projection *projection, size_t split,
                                   uint32_t number, struct ccrnn_error *err)
{
    struct ccrnn_caption_set *const set = filling->set;
    char caption[CCRNN_SCENE_CAPTIONS][CCRNN_SCENE_CAPTION_MAX], id[32];
    ccrnn_scene_make(projection, (uint32_t)split, number, set->feature + set->images * set->width,
                     caption);
    for (size_t i = 0; i < CCRNN_SCENE_CAPTIONS; i++)
        CCRNN_TRY(add_caption(filling, caption[i], split == CCRNN_CAPTIONS_TRAIN, err));
    ccrnn_format(id, sizeof id, "%s-%u", split_names[split], number);
    return add_image(filling, id, (uint8_t)split, err);
}

static enum ccrnn_status fill_scenes(struct filling *filling, struct ccrnn_error *err)
{
    struct ccrnn_scene_projection *const projection = ccrnn_scene_projection_create();
    enum ccrnn_status status = projection == NULL ? fail_memory(err) : CCRNN_OK;
    for (size_t split = 0; split < CCRNN_CAPTIONS_UNUSED; split++)
        for (uint32_t i = 0; i < scene_counts[split] && status == CCRNN_OK; i++)
            status = add_scene(filling, projection, split, i, err);
    ccrnn_scene_projection_destroy(projection);
    return status;
}

static enum ccrnn_status make_scenes(struct ccrnn_caption_set *set, struct ccrnn_error *err)
{
    struct filling filling;
    size_t images = 0;
    for (size_t split = 0; split < CCRNN_CAPTIONS_UNUSED; split++)
        images += scene_counts[split];
    set->width = CCRNN_SCENE_WIDTH;
    set->feature = calloc(images * set->width, sizeof *set->feature);
    enum ccrnn_status status =
        start_filling(&filling, set, images, images * CCRNN_SCENE_CAPTIONS, err);
    if (status == CCRNN_OK)
        status = set->feature == NULL ? fail_memory(err) : fill_scenes(&filling, err);
    finish_filling(&filling);
    return status;
}

/* The number in an id of COCO: `9`, `000000009` or `COCO_val2014_000000000009.jpg`. False if the id has
 * none at its end, or one too long.
 * @param[out] number decimal, without leading zeros */
static bool coco_number(const char *id, char number[CCRNN_EXCERPT])
{
    static const char digits[] = "0123456789";
    const char *const dot = strrchr(id, '.');
    const char *end = id + strlen(id);
    if (dot != NULL && strchr(digits, end[-1]) == NULL)
        end = dot;
    const char *start = end;
    while (start > id && strchr(digits, start[-1]) != NULL)
        start--;
    if (start == end || end - start >= CCRNN_EXCERPT)
        return false;
    while (start + 1 < end && *start == '0')
        start++;
    memcpy(number, start, (size_t)(end - start));
    number[end - start] = '\0';
    return true;
}

/* The image a row of the features is of, or NULL. */
static struct ccrnn_captioned_image *image_of(const struct ccrnn_captioned *captioned,
                                              enum ccrnn_caption_source source, const char *id)
{
    char number[CCRNN_EXCERPT];
    if (source != CCRNN_CAPTIONS_COCO)
        return ccrnn_captioned_find(captioned, id);
    return coco_number(id, number) ? ccrnn_captioned_find(captioned, number) : NULL;
}

/* What the files have; for a set loaded from them. */
struct sources {
    enum ccrnn_caption_source source;
    const char *directory;
    struct ccrnn_caption_files files;
    struct ccrnn_captioned captioned;
    struct ccrnn_features features;
};

/* One image, if this row has captions; its features move to the images before it. */
static enum ccrnn_status add_row(struct filling *filling, struct sources *from, size_t row,
                                 struct ccrnn_error *err)
{
    struct ccrnn_caption_set *const set = filling->set;
    const char *const id = from->features.ids.id[row];
    struct ccrnn_captioned_image *const image = image_of(&from->captioned, from->source, id);
    const size_t before = set->captions;
    char one[CCRNN_EXCERPT], other[CCRNN_EXCERPT];
    if (image != NULL && image->row != 0) {
        const char *const twice = from->features.ids.id[image->row - 1];
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: the ids `%s` and `%s` of the features are of one image, %.40s, "
                          "expected one row an image; remove one of them",
                          from->files.features, ccrnn_utf8_excerpt(twice, strlen(twice), one),
                          ccrnn_utf8_excerpt(id, strlen(id), other), image->id);
    }
    if (image != NULL) {
        image->row = row + 1;
        for (size_t i = image->first; i < image->first + image->count; i++)
            CCRNN_TRY(add_caption(filling, ccrnn_captioned_caption(&from->captioned, i)->text,
                                  image->split == CCRNN_CAPTIONS_TRAIN, err));
    }
    if (set->captions == before) {
        set->tally.features_without_captions++;
        return CCRNN_OK;
    }
    memmove(set->feature + set->images * set->width, set->feature + row * set->width,
            set->width * sizeof *set->feature);
    return add_image(filling, image->id, image->split, err);
}

/* Ids that belong to nothing are the likely cause, so one of each kind is shown. */
static enum ccrnn_status check_any(const struct ccrnn_caption_set *set,
                                   const struct sources *from, struct ccrnn_error *err)
{
    const char *const captioned = from->captioned.image[0].id;
    const char *const featured = from->features.ids.id[0];
    char one[CCRNN_EXCERPT], other[CCRNN_EXCERPT];
    if (set->images > set->tally.images_of_no_split)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: no image has features, captions and a split. Found: %zu images with "
                      "captions (`%s`, for one), %zu rows of features (`%s`), %zu images with "
                      "both, %zu ids of splits without captions. Give all of them the same ids",
                      from->directory, from->captioned.images,
                      ccrnn_utf8_excerpt(captioned, strlen(captioned), one), from->features.count,
                      ccrnn_utf8_excerpt(featured, strlen(featured), other), set->images,
                      from->captioned.missing);
}

static enum ccrnn_status fill_rows(struct filling *filling, struct sources *from,
                                   struct ccrnn_error *err)
{
    struct ccrnn_caption_set *const set = filling->set;
    for (size_t row = 0; row < from->features.count; row++)
        CCRNN_TRY(add_row(filling, from, row, err));
    for (size_t i = 0; i < from->captioned.images; i++)
        set->tally.images_without_features += from->captioned.image[i].row == 0;
    for (size_t i = 0; i < CCRNN_CAPTION_FILES; i++)
        set->tally.captions_without_words += from->captioned.file[i].without_words;
    set->tally.missing_from_captions = from->captioned.missing;
    return check_any(set, from, err);
}

/* A list of ids beside features that name their images themselves is not theirs. */
static enum ccrnn_status read_features(struct sources *from, struct ccrnn_error *err)
{
    const struct ccrnn_caption_files *const files = &from->files;
    if (files->ids[0] != '\0') {
        const enum ccrnn_status status =
            ccrnn_features_read(files->features, files->ids, &from->features, err);
        if (status != CCRNN_USAGE)
            return status;
    }
    return ccrnn_features_read(files->features, NULL, &from->features, err);
}

static enum ccrnn_status read_files(struct sources *from, const char *features,
                                    struct ccrnn_caption_set *set, struct ccrnn_error *err)
{
    struct filling filling;
    CCRNN_TRY(
        ccrnn_caption_files_find(from->source, from->directory, features, &from->files, err));
    CCRNN_TRY(ccrnn_captioned_read(from->source, &from->files, &from->captioned, err));
    CCRNN_TRY(read_features(from, err));
    set->width = from->features.width;
    set->feature = from->features.value;
    from->features.value = NULL;
    enum ccrnn_status status =
        start_filling(&filling, set, from->features.count, from->captioned.captions, err);
    if (status == CCRNN_OK)
        status = fill_rows(&filling, from, err);
    finish_filling(&filling);
    return status;
}

static uint32_t crc_number(uint32_t crc, uint64_t number)
{
    enum { BYTES = 8, BYTE_BITS = 8 };
    uint8_t bytes[BYTES];
    for (int i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)(number >> (BYTE_BITS * i));
    return ccrnn_crc32(crc, bytes, sizeof bytes);
}

/* Upper 32 bits: CRC-32 of the features. Lower: of all else in the order of the struct, numbers as 8
 * bytes little-endian, strings with their zero bytes. */
static uint64_t fingerprint(const struct ccrnn_caption_set *set)
{
    const uint32_t high =
        ccrnn_crc32(0, set->feature, set->images * set->width * sizeof *set->feature);
    uint32_t low = crc_number(crc_number(0, set->images), set->width);
    for (size_t i = 0; i < set->images; i++)
        low = ccrnn_crc32(low, set->image_id[i], strlen(set->image_id[i]) + 1);
    low = crc_number(ccrnn_crc32(low, set->split, set->images), set->captions);
    for (size_t i = 0; i <= set->images; i++)
        low = crc_number(low, set->first[i]);
    for (size_t i = 0; i <= set->captions; i++)
        low = crc_number(low, set->start[i]);
    for (size_t i = 0; i < set->start[set->captions]; i++)
        low = crc_number(low, set->token[i]);
    low = crc_number(low, set->lexicon_size);
    for (size_t i = 0; i < set->lexicon_size; i++)
        low = ccrnn_crc32(low, set->lexicon[i], strlen(set->lexicon[i]) + 1);
    for (size_t i = 0; i < set->lexicon_size; i++)
        low = crc_number(low, set->seen[i]);
    return (uint64_t)high << 32 | low;
}

static enum ccrnn_status load_files(enum ccrnn_caption_source source, const char *directory,
                                    const char *features, struct ccrnn_caption_set *set,
                                    struct ccrnn_error *err)
{
    struct sources *const from = calloc(1, sizeof *from);
    if (from == NULL)
        return fail_memory(err);
    from->source = source;
    from->directory = directory;
    const enum ccrnn_status status = read_files(from, features, set, err);
    ccrnn_captioned_release(&from->captioned);
    ccrnn_features_release(&from->features);
    free(from);
    if (status == CCRNN_OK)
        set->fingerprint = fingerprint(set);
    return status;
}

enum ccrnn_status ccrnn_caption_set_load(enum ccrnn_caption_source source, const char *directory,
                                         const char *features, struct ccrnn_caption_set *set,
                                         struct ccrnn_error *err)
{
    *set = (struct ccrnn_caption_set){0};
    const enum ccrnn_status status = source == CCRNN_CAPTIONS_SCENES
                                         ? make_scenes(set, err)
                                         : load_files(source, directory, features, set, err);
    if (status != CCRNN_OK)
        ccrnn_caption_set_release(set);
    return status;
}

void ccrnn_caption_set_release(struct ccrnn_caption_set *set)
{
    for (size_t i = 0; i < set->images; i++)
        free(set->image_id[i]);
    for (size_t i = 0; i < set->lexicon_size; i++)
        free(set->lexicon[i]);
    free(set->feature);
    free(set->image_id);
    free(set->split);
    free(set->first);
    free(set->start);
    free(set->token);
    free(set->lexicon);
    free(set->seen);
    *set = (struct ccrnn_caption_set){0};
}

enum ccrnn_status ccrnn_caption_set_vocabulary(const struct ccrnn_caption_set *set,
                                               uint64_t minimum,
                                               struct ccrnn_vocabulary **vocabulary,
                                               struct ccrnn_error *err)
{
    return ccrnn_vocabulary_make((const char *const *)set->lexicon, set->seen, set->lexicon_size,
                                 minimum, vocabulary, err);
}
