#include "data/captions.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/keys.h"
#include "data/lines.h"
#include "data/utf8.h"

/* More than two hundred times the file of Flickr30k. */
static const size_t file_max = (size_t)1 << 32;

static enum ccrnn_status fail_memory(const char *path, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read %s; close other programs", path);
}

/* Cut `name#number<TAB>text` into its parts. */
static enum ccrnn_status cut_line(const struct ccrnn_lines *lines, char *line,
                                  struct ccrnn_key *key, const char **text,
                                  struct ccrnn_error *err)
{
    char shown[CCRNN_EXCERPT];
    char *const tab = strchr(line, '\t');
    if (tab == NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: there is no tab in `%s`; expected `name#number`, a tab, the "
                          "caption: repair the line or give another file",
                          lines->path, lines->line,
                          ccrnn_utf8_excerpt(line, strlen(line), shown));
    *tab = '\0';
    char *const hash = strrchr(line, '#');
    if (hash == NULL || hash == line || !ccrnn_parse_unsigned(hash + 1, &key->number))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: `%s` stands before the tab, expected `name#number`, such as "
                          "`1000268201.jpg#0`: repair the line or give another file",
                          lines->path, lines->line,
                          ccrnn_utf8_excerpt(line, strlen(line), shown));
    *hash = '\0';
    key->text = line;
    key->place = lines->line;
    *text = tab + 1;
    return CCRNN_OK;
}

static enum ccrnn_status check_twice(const char *path, struct ccrnn_key *keys, size_t count,
                                     struct ccrnn_error *err)
{
    const struct ccrnn_key *const twice = ccrnn_keys_find_twice(keys, count);
    if (twice == NULL)
        return CCRNN_OK;
    char shown[CCRNN_EXCERPT];
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s:%zu: `%s#%llu` stands on line %zu already; remove one of the two lines",
                      path, twice[1].place,
                      ccrnn_utf8_excerpt(twice->text, strlen(twice->text), shown),
                      (unsigned long long)twice->number, twice->place);
}

/* Fill captions and one key a line; both have room for every line. */
static enum ccrnn_status parse_lines(struct ccrnn_lines *lines, struct ccrnn_captions *captions,
                                     struct ccrnn_key *keys, struct ccrnn_error *err)
{
    size_t count = 0;
    char *line;
    CCRNN_TRY(ccrnn_lines_next(lines, &line, err));
    while (line != NULL) {
        const char *text = NULL;
        if (!ccrnn_utf8_is_blank(line)) {
            CCRNN_TRY(cut_line(lines, line, &keys[count], &text, err));
            if (ccrnn_utf8_is_blank(text))
                captions->without_words++;
            else
                captions->caption[captions->count++] =
                    (struct ccrnn_caption){line, text, lines->line};
            count++;
        }
        CCRNN_TRY(ccrnn_lines_next(lines, &line, err));
    }
    CCRNN_TRY(check_twice(lines->path, keys, count, err));
    if (captions->count == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: there is no caption in the file (%zu are blank); expected "
                          "lines of `name#number`, a tab, the caption: give another file",
                          lines->path, lines->line > 0 ? lines->line : 1,
                          captions->without_words);
    return CCRNN_OK;
}

/* Takes ownership of `text` (malloc, size + 1 bytes), also on failure. */
static enum ccrnn_status parse_owned(const char *path, char *text, size_t size,
                                     struct ccrnn_captions *captions, struct ccrnn_error *err)
{
    *captions = (struct ccrnn_captions){.owned = text};
    struct ccrnn_lines lines;
    ccrnn_lines_start(&lines, path, text, size);
    const size_t most = ccrnn_lines_most(&lines);
    captions->caption = reallocarray(NULL, most, sizeof *captions->caption);
    struct ccrnn_key *const keys = reallocarray(NULL, most, sizeof *keys);
    const enum ccrnn_status status = captions->caption == NULL || keys == NULL
                                         ? fail_memory(path, err)
                                         : parse_lines(&lines, captions, keys, err);
    free(keys);
    if (status != CCRNN_OK)
        ccrnn_captions_release(captions);
    return status;
}

enum ccrnn_status ccrnn_captions_read_flickr(const char *path, struct ccrnn_captions *captions,
                                             struct ccrnn_error *err)
{
    *captions = (struct ccrnn_captions){0};
    uint8_t *bytes;
    size_t size;
    CCRNN_TRY(ccrnn_file_read(path, file_max, &bytes, &size, err));
    return parse_owned(path, (char *)bytes, size, captions, err);
}

enum ccrnn_status ccrnn_captions_parse_flickr(const char *path, const uint8_t *bytes, size_t size,
                                              struct ccrnn_captions *captions,
                                              struct ccrnn_error *err)
{
    *captions = (struct ccrnn_captions){0};
    char *const text = malloc(size + 1);
    if (text == NULL)
        return fail_memory(path, err);
    if (size > 0)
        memcpy(text, bytes, size);
    return parse_owned(path, text, size, captions, err);
}

void ccrnn_captions_release(struct ccrnn_captions *captions)
{
    free(captions->caption);
    free(captions->owned);
    *captions = (struct ccrnn_captions){0};
}
