#define _GNU_SOURCE
#include "data/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "data/lines.h"
#include "data/utf8.h"

static const size_t file_max = (size_t)1 << 28;
static const char *const special_words[CCRNN_WORDS_SPECIAL] = {"<pad>", "<start>", "<end>",
                                                               "<unk>"};

struct ccrnn_vocabulary {
    char *bytes; /* the words, each with its zero byte, one behind the other */
    size_t bytes_size;
    size_t count;
    const char **word; /* (count), by index */
    int32_t *sorted;   /* (count), indices in the order of the words' bytes */
};

/* A word while the vocabulary is put in order. */
struct counted {
    const char *word;
    uint64_t seen;
};

static int more_seen_first(const void *left, const void *right)
{
    const struct counted *const a = left, *const b = right;
    if (a->seen != b->seen)
        return a->seen > b->seen ? -1 : 1;
    return strcmp(a->word, b->word);
}

static int by_word(const void *left, const void *right, void *words)
{
    const char *const *const word = words;
    return strcmp(word[*(const int32_t *)left], word[*(const int32_t *)right]);
}

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory for a vocabulary; close other programs");
}

void ccrnn_vocabulary_release(struct ccrnn_vocabulary *vocabulary)
{
    if (vocabulary == NULL)
        return;
    free(vocabulary->bytes);
    free(vocabulary->word);
    free(vocabulary->sorted);
    free(vocabulary);
}

/* Room for `count` words of together `bytes` bytes with their ends; NULL if there is no memory or the
 * indices do not fit. */
static struct ccrnn_vocabulary *make_empty(size_t count, size_t bytes)
{
    if (count > INT32_MAX)
        return NULL;
    struct ccrnn_vocabulary *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->bytes = malloc(bytes);
    made->word = calloc(count, sizeof *made->word);
    made->sorted = calloc(count, sizeof *made->sorted);
    if (made->bytes != NULL && made->word != NULL && made->sorted != NULL)
        return made;
    ccrnn_vocabulary_release(made);
    return NULL;
}

/* There must be room. */
static void add_word(struct ccrnn_vocabulary *vocabulary, const char *word)
{
    const size_t size = strlen(word) + 1;
    char *const copy = vocabulary->bytes + vocabulary->bytes_size;
    memcpy(copy, word, size);
    vocabulary->bytes_size += size;
    vocabulary->sorted[vocabulary->count] = (int32_t)vocabulary->count;
    vocabulary->word[vocabulary->count++] = copy;
}

static void sort_words(struct ccrnn_vocabulary *vocabulary)
{
    qsort_r(vocabulary->sorted, vocabulary->count, sizeof *vocabulary->sorted, by_word,
            vocabulary->word);
}

/* The words seen often enough, in their order.
 * @param[out] kept (*kept_count); the caller frees it */
static enum ccrnn_status choose_words(const char *const *word, const uint64_t *seen, size_t count,
                                      uint64_t minimum, struct counted **kept, size_t *kept_count,
                                      struct ccrnn_error *err)
{
    uint64_t most = 0;
    *kept = calloc(count == 0 ? 1 : count, sizeof **kept);
    if (*kept == NULL)
        return fail_memory(err);
    *kept_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (seen[i] >= minimum)
            (*kept)[(*kept_count)++] = (struct counted){word[i], seen[i]};
        if (seen[i] > most)
            most = seen[i];
    }
    if (*kept_count == 0) {
        free(*kept);
        *kept = NULL;
        return ccrnn_fail(err, CCRNN_USAGE,
                          "no word is seen often enough for a vocabulary: expected %llu times or "
                          "more, the most frequent of %zu words is seen %llu times; choose a "
                          "smaller minimum or more captions",
                          (unsigned long long)minimum, count, (unsigned long long)most);
    }
    qsort(*kept, *kept_count, sizeof **kept, more_seen_first);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_vocabulary_make(const char *const *word, const uint64_t *seen,
                                        size_t count, uint64_t minimum,
                                        struct ccrnn_vocabulary **vocabulary,
                                        struct ccrnn_error *err)
{
    struct counted *kept;
    size_t kept_count, bytes = 0;
    *vocabulary = NULL;
    CCRNN_TRY(choose_words(word, seen, count, minimum, &kept, &kept_count, err));
    for (size_t i = 0; i < CCRNN_WORDS_SPECIAL; i++)
        bytes += strlen(special_words[i]) + 1;
    for (size_t i = 0; i < kept_count; i++)
        bytes += strlen(kept[i].word) + 1;
    struct ccrnn_vocabulary *const made = make_empty(CCRNN_WORDS_SPECIAL + kept_count, bytes);
    if (made == NULL) {
        free(kept);
        return fail_memory(err);
    }
    for (size_t i = 0; i < CCRNN_WORDS_SPECIAL; i++)
        add_word(made, special_words[i]);
    for (size_t i = 0; i < kept_count; i++)
        add_word(made, kept[i].word);
    free(kept);
    sort_words(made);
    *vocabulary = made;
    return CCRNN_OK;
}

size_t ccrnn_vocabulary_size(const struct ccrnn_vocabulary *vocabulary)
{
    return vocabulary->count;
}

const char *ccrnn_vocabulary_word(const struct ccrnn_vocabulary *vocabulary, size_t index)
{
    return vocabulary->word[index];
}

int32_t ccrnn_vocabulary_find(const struct ccrnn_vocabulary *vocabulary, const char *word)
{
    size_t low = 0, high = vocabulary->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int32_t index = vocabulary->sorted[middle];
        const int order = strcmp(word, vocabulary->word[index]);
        if (order == 0)
            return index;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return CCRNN_WORD_UNKNOWN;
}

uint32_t ccrnn_vocabulary_fingerprint(const struct ccrnn_vocabulary *vocabulary)
{
    return ccrnn_crc32(0, vocabulary->bytes, vocabulary->bytes_size);
}

enum ccrnn_status ccrnn_vocabulary_save(const struct ccrnn_vocabulary *vocabulary,
                                        const char *path, struct ccrnn_error *err)
{
    struct ccrnn_text text = {0};
    for (size_t i = 0; i < vocabulary->count; i++)
        ccrnn_text_add(&text, "%s\n", vocabulary->word[i]);
    const enum ccrnn_status status =
        text.failed ? fail_memory(err)
                    : ccrnn_file_write_atomic(path, text.bytes, text.size, err);
    free(text.bytes);
    return status;
}

static enum ccrnn_status check_word(const struct ccrnn_lines *lines, const char *word,
                                    size_t index, struct ccrnn_error *err)
{
    char shown[CCRNN_EXCERPT];
    const char *const excerpt = ccrnn_utf8_excerpt(word, strlen(word), shown);
    if (word[0] == '\0')
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: the line is empty, expected one word a line; restore the file",
                          lines->path, lines->line);
    if (strpbrk(word, " \t\v\f") != NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: there is a space in `%s`, expected one word a line; restore "
                          "the file",
                          lines->path, lines->line, excerpt);
    if (index < CCRNN_WORDS_SPECIAL && strcmp(word, special_words[index]) != 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: the word is `%s`, expected `%s`: a vocabulary starts with the "
                          "%d special words; give the file of a vocabulary",
                          lines->path, lines->line, excerpt, special_words[index],
                          CCRNN_WORDS_SPECIAL);
    return CCRNN_OK;
}

static enum ccrnn_status read_words(struct ccrnn_lines *lines,
                                    struct ccrnn_vocabulary *vocabulary, struct ccrnn_error *err)
{
    char *word;
    CCRNN_TRY(ccrnn_lines_next(lines, &word, err));
    while (word != NULL) {
        CCRNN_TRY(check_word(lines, word, vocabulary->count, err));
        add_word(vocabulary, word);
        CCRNN_TRY(ccrnn_lines_next(lines, &word, err));
    }
    if (vocabulary->count < CCRNN_WORDS_SPECIAL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: the file ends after %zu words, expected the %d special words "
                          "first; give the file of a vocabulary",
                          lines->path, lines->line > 0 ? lines->line : 1, vocabulary->count,
                          CCRNN_WORDS_SPECIAL);
    return CCRNN_OK;
}

/* Sorts the words; no two may be equal. A word of index i stands on line i + 1. */
static enum ccrnn_status check_different(const char *path, struct ccrnn_vocabulary *vocabulary,
                                         struct ccrnn_error *err)
{
    sort_words(vocabulary);
    for (size_t i = 1; i < vocabulary->count; i++) {
        const int32_t one = vocabulary->sorted[i - 1], other = vocabulary->sorted[i];
        const char *const word = vocabulary->word[one];
        char shown[CCRNN_EXCERPT];
        if (strcmp(word, vocabulary->word[other]) == 0)
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s:%d: the word `%s` stands on line %d too, expected different "
                              "words; restore the file",
                              path, (one > other ? one : other) + 1,
                              ccrnn_utf8_excerpt(word, strlen(word), shown),
                              (one < other ? one : other) + 1);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_vocabulary_load(const char *path, struct ccrnn_vocabulary **vocabulary,
                                        struct ccrnn_error *err)
{
    uint8_t *bytes;
    size_t size;
    struct ccrnn_lines lines;
    *vocabulary = NULL;
    CCRNN_TRY(ccrnn_file_read(path, file_max, &bytes, &size, err));
    ccrnn_lines_start(&lines, path, (char *)bytes, size);
    /* A last line without its end needs one more byte. */
    struct ccrnn_vocabulary *const made = make_empty(ccrnn_lines_most(&lines), size + 1);
    enum ccrnn_status status = made == NULL ? fail_memory(err) : read_words(&lines, made, err);
    if (status == CCRNN_OK)
        status = check_different(path, made, err);
    free(bytes);
    if (status != CCRNN_OK) {
        ccrnn_vocabulary_release(made);
        return status;
    }
    *vocabulary = made;
    return CCRNN_OK;
}
