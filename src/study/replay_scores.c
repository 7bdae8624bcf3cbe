#include "study/replay_scores.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/caption_scores.h"

static const double tolerance = 1e-6;
static const size_t bytes_most = (size_t)256 << 20; /* a hundred times COCO's validation set */

/* The recorded scores, and where struct ccrnn_caption_score has them. */
static const struct score_name {
    const char *name;
    size_t offset;
    bool per_image;
} score_names[] = {
    {"bleu1", offsetof(struct ccrnn_caption_score, bleu[0]), false},
    {"bleu2", offsetof(struct ccrnn_caption_score, bleu[1]), false},
    {"bleu3", offsetof(struct ccrnn_caption_score, bleu[2]), false},
    {"bleu4", offsetof(struct ccrnn_caption_score, bleu[3]), true},
    {"rouge_l", offsetof(struct ccrnn_caption_score, rouge_l), true},
    {"cider_d", offsetof(struct ccrnn_caption_score, cider_d), true},
};
enum { SCORES = sizeof score_names / sizeof score_names[0] };

/* What a file holds; the strings and objects belong to `root`. */
struct recorded {
    const char *path;
    json_t *root;
    const json_t *references, *candidates, *expected, *per_image;
    size_t images;
    struct ccrnn_scored_caption *caption; /* (images) */
    const char **name;                    /* (images) */
    const char **reference;               /* of all images */
    struct ccrnn_caption_score *score;    /* (images): computed */
};

bool ccrnn_replay_is_scores(const char *path)
{
    static const char ending[] = ".json";
    const size_t length = strlen(path);
    return length >= strlen(ending) && strcmp(path + length - strlen(ending), ending) == 0;
}

/* --- what must be in the file ------------------------------------------------------------ */

/* An object has this key; its value is of this type (JSON_REAL: any number). */
static enum ccrnn_status require(const struct recorded *file, const json_t *object,
                                 const char *where, const char *key, json_type type,
                                 const json_t **value, struct ccrnn_error *err)
{
    static const char *const names[] = {[JSON_OBJECT] = "an object",
                                        [JSON_ARRAY] = "a list",
                                        [JSON_STRING] = "a text",
                                        [JSON_REAL] = "a number"};
    const json_t *const found = json_object_get(object, key);
    *value = found;
    if (found == NULL)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: %s: \"%s\" is missing (or misspelt)",
                          file->path, where, key);
    if (type == JSON_REAL ? !json_is_number(found) : json_typeof(found) != type)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: %s: expected %s as \"%s\"", file->path, where,
                          names[type], key);
    return CCRNN_OK;
}

/* An object whose keys have all been required has no others if their number is right; if it is
 * not, `known` tells which key is too much. */
static enum ccrnn_status
refuse_others(const struct recorded *file, const json_t *object, const char *where, size_t count,
              bool (*known)(const struct recorded *file, const char *key),
              struct ccrnn_error *err)
{
    if (json_object_size(object) == count)
        return CCRNN_OK;
    void *place = json_object_iter((json_t *)object);
    while (place != NULL && known(file, json_object_iter_key(place)))
        place = json_object_iter_next((json_t *)object, place);
    return ccrnn_fail(err, CCRNN_FORMAT, "%s: %s: \"%s\" does not belong there (misspelt?)",
                      file->path, where, place == NULL ? "" : json_object_iter_key(place));
}

static bool is_part(const struct recorded *file, const char *key)
{
    static const char *const parts[] = {"note", "references", "candidates", "expected",
                                        "per_image"};
    (void)file;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(parts[i], key) == 0)
            return true;
    }
    return false;
}

static bool is_score(const char *key, bool per_image)
{
    for (size_t i = 0; i < SCORES; i++) {
        if (strcmp(score_names[i].name, key) == 0)
            return score_names[i].per_image || !per_image;
    }
    return false;
}

static bool is_corpus_score(const struct recorded *file, const char *key)
{
    (void)file;
    return is_score(key, false);
}

static bool is_image_score(const struct recorded *file, const char *key)
{
    (void)file;
    return is_score(key, true);
}

static bool is_image(const struct recorded *file, const char *key)
{
    return json_object_get(file->references, key) != NULL;
}

static enum ccrnn_status check_parts(struct recorded *file, struct ccrnn_error *err)
{
    static const char where[] = "the file";
    const json_t *note;
    if (!json_is_object(file->root))
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: expected an object with caption scores",
                          file->path);
    CCRNN_TRY(require(file, file->root, where, "note", JSON_STRING, &note, err));
    CCRNN_TRY(
        require(file, file->root, where, "references", JSON_OBJECT, &file->references, err));
    CCRNN_TRY(
        require(file, file->root, where, "candidates", JSON_OBJECT, &file->candidates, err));
    CCRNN_TRY(require(file, file->root, where, "expected", JSON_OBJECT, &file->expected, err));
    CCRNN_TRY(require(file, file->root, where, "per_image", JSON_OBJECT, &file->per_image, err));
    return refuse_others(file, file->root, where, 5, is_part, err);
}

/* All scores of the corpus, or those that are recorded of each image. */
static enum ccrnn_status check_scores(const struct recorded *file, const json_t *object,
                                      const char *where, bool per_image, struct ccrnn_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < SCORES; i++) {
        const json_t *number;
        if (per_image && !score_names[i].per_image)
            continue;
        CCRNN_TRY(require(file, object, where, score_names[i].name, JSON_REAL, &number, err));
        count++;
    }
    return refuse_others(file, object, where, count, per_image ? is_image_score : is_corpus_score,
                         err);
}

/* --- captions ---------------------------------------------------------------------------- */

static enum ccrnn_status reserve(struct recorded *file, struct ccrnn_error *err)
{
    size_t references = 0;
    for (void *place = json_object_iter((json_t *)file->references); place != NULL;
         place = json_object_iter_next((json_t *)file->references, place))
        references += json_array_size(json_object_iter_value(place));
    file->caption = calloc(file->images + 1, sizeof *file->caption);
    file->name = calloc(file->images + 1, sizeof *file->name);
    file->reference = calloc(references + 1, sizeof *file->reference);
    file->score = calloc(file->images + 1, sizeof *file->score);
    const bool ok = file->caption != NULL && file->name != NULL && file->reference != NULL &&
                    file->score != NULL;
    return ok ? CCRNN_OK
              : ccrnn_fail(err, CCRNN_MEMORY, "out of memory while replaying %s", file->path);
}

/* References of one image into `reference`, which has room for them. */
static enum ccrnn_status read_references(const struct recorded *file, const char *name,
                                         const char **reference,
                                         struct ccrnn_scored_caption *caption,
                                         struct ccrnn_error *err)
{
    const json_t *list;
    CCRNN_TRY(require(file, file->references, "references", name, JSON_ARRAY, &list, err));
    const size_t count = json_array_size(list);
    if (count == 0)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: references: \"%s\" has none", file->path, name);
    for (size_t r = 0; r < count; r++) {
        reference[r] = json_string_value(json_array_get(list, r));
        if (reference[r] == NULL)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: references: expected texts for \"%s\", but number %zu is "
                              "something else",
                              file->path, name, r + 1);
    }
    caption->reference = reference;
    caption->references = count;
    return CCRNN_OK;
}

static enum ccrnn_status read_captions(struct recorded *file, struct ccrnn_error *err)
{
    const char **reference = file->reference;
    size_t i = 0;
    for (void *place = json_object_iter((json_t *)file->references); place != NULL;
         place = json_object_iter_next((json_t *)file->references, place), i++) {
        const char *const name = json_object_iter_key(place);
        const json_t *candidate, *scores;
        struct ccrnn_scored_caption *const caption = &file->caption[i];
        CCRNN_TRY(read_references(file, name, reference, caption, err));
        reference += caption->references;
        CCRNN_TRY(
            require(file, file->candidates, "candidates", name, JSON_STRING, &candidate, err));
        CCRNN_TRY(require(file, file->per_image, "per_image", name, JSON_OBJECT, &scores, err));
        CCRNN_TRY(check_scores(file, scores, name, true, err));
        caption->candidate = json_string_value(candidate);
        file->name[i] = name;
    }
    CCRNN_TRY(refuse_others(file, file->candidates, "candidates", file->images, is_image, err));
    return refuse_others(file, file->per_image, "per_image", file->images, is_image, err);
}

/* --- comparison -------------------------------------------------------------------------- */

static double computed_score(const struct ccrnn_caption_score *score, size_t i)
{
    double value;
    memcpy(&value, (const char *)score + score_names[i].offset, sizeof value);
    return value;
}

static double difference(const struct ccrnn_caption_score *score, const json_t *object, size_t i)
{
    const json_t *const recorded = json_object_get(object, score_names[i].name);
    return fabs(computed_score(score, i) - json_number_value(recorded));
}

static void add_row(struct ccrnn_replay *replay, struct ccrnn_replay_row *row)
{
    row->tolerance = tolerance;
    row->passed = row->error <= tolerance;
    replay->passed &= row->passed;
    replay->rows[replay->count++] = *row;
}

static void compare_corpus(const struct recorded *file, const struct ccrnn_caption_score *corpus,
                           struct ccrnn_replay *replay)
{
    for (size_t i = 0; i < SCORES; i++) {
        struct ccrnn_replay_row row = {.error = difference(corpus, file->expected, i),
                                       .elements = 1};
        snprintf(row.name, sizeof row.name, "expected/%s", score_names[i].name);
        add_row(replay, &row);
    }
}

/* How many bytes of an image's name a row shows: whole characters of UTF-8. */
static int shown(const char *name)
{
    enum { BYTES_MOST = 96 };
    size_t bytes = strnlen(name, BYTES_MOST);
    while (bytes > 0 && ((unsigned char)name[bytes] & 0xC0) == 0x80)
        bytes--;
    return (int)bytes;
}

/* One score over all images. */
static void compare_images(const struct recorded *file, size_t score, struct ccrnn_replay *replay)
{
    struct ccrnn_replay_row row = {.elements = file->images};
    size_t worst = 0;
    for (size_t i = 0; i < file->images; i++) {
        const json_t *const expected = json_object_get(file->per_image, file->name[i]);
        const double error = difference(&file->score[i], expected, score);
        if (!(error <= row.error) && !isnan(row.error)) {
            row.error = error;
            worst = i;
        }
    }
    const char *const name = score_names[score].name;
    if (row.error <= tolerance)
        snprintf(row.name, sizeof row.name, "per_image/%s", name);
    else
        snprintf(row.name, sizeof row.name, "per_image/%s of %.*s", name,
                 shown(file->name[worst]), file->name[worst]);
    add_row(replay, &row);
}

static enum ccrnn_status compare(const struct recorded *file, struct ccrnn_replay *replay,
                                 struct ccrnn_error *err)
{
    struct ccrnn_caption_score corpus;
    CCRNN_TRY(ccrnn_caption_scores(file->caption, file->images, &corpus, file->score, err));
    const size_t rows_most = 2 * (size_t)SCORES;
    replay->rows = calloc(rows_most, sizeof *replay->rows);
    if (replay->rows == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory while replaying %s", file->path);
    replay->room = rows_most;
    replay->images = file->images;
    compare_corpus(file, &corpus, replay);
    for (size_t i = 0; i < SCORES; i++) {
        if (score_names[i].per_image)
            compare_images(file, i, replay);
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_json(struct recorded *file, struct ccrnn_error *err)
{
    uint8_t *bytes;
    size_t size;
    json_error_t detail;
    CCRNN_TRY(ccrnn_file_read(file->path, bytes_most, &bytes, &size, err));
    file->root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &detail);
    free(bytes);
    if (file->root != NULL)
        return CCRNN_OK;
    /* Where Jansson runs out of memory it often says nothing at all. */
    if (json_error_code(&detail) == json_error_out_of_memory || detail.text[0] == '\0')
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory while reading %s", file->path);
    return ccrnn_fail(err, CCRNN_FORMAT, "%s:%d: not valid JSON: %s", file->path, detail.line,
                      detail.text);
}

static enum ccrnn_status replay_recorded(struct recorded *file, struct ccrnn_replay *replay,
                                         struct ccrnn_error *err)
{
    CCRNN_TRY(read_json(file, err));
    CCRNN_TRY(check_parts(file, err));
    CCRNN_TRY(check_scores(file, file->expected, "expected", false, err));
    file->images = json_object_size(file->references);
    if (file->images == 0)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: references: no image", file->path);
    CCRNN_TRY(reserve(file, err));
    CCRNN_TRY(read_captions(file, err));
    return compare(file, replay, err);
}

enum ccrnn_status ccrnn_replay_scores(const char *path, struct ccrnn_replay *replay,
                                      struct ccrnn_error *err)
{
    struct ccrnn_error reason = {0};
    struct recorded file = {.path = path};
    *replay = (struct ccrnn_replay){.passed = true};
    const enum ccrnn_status status = replay_recorded(&file, replay, &reason);
    json_decref(file.root);
    free(file.caption);
    free(file.name);
    free(file.reference);
    free(file.score);
    if (status == CCRNN_OK)
        return CCRNN_OK;
    replay->passed = false;
    if (status == CCRNN_MEMORY) {
        if (err != NULL)
            *err = reason;
        return status;
    }
    ccrnn_format(replay->reason, sizeof replay->reason, "%s", reason.message);
    return CCRNN_OK;
}
