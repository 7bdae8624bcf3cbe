#include "data/id_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "data/lines.h"

/* A hundred times the list of all images of COCO. */
static const size_t file_max = (size_t)1 << 28;
static const char spaces[] = " \t\v\f";

static enum ccrnn_status fail_memory(const char *path, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read %s; close other programs", path);
}

/* The line without spaces at its ends. */
static char *trim(char *line)
{
    char *const start = line + strspn(line, spaces);
    size_t length = strlen(start);
    while (length > 0 && strchr(spaces, start[length - 1]) != NULL)
        length--;
    start[length] = '\0';
    return start;
}

static enum ccrnn_status parse_text(const char *path, size_t size, struct ccrnn_id_list *list,
                                    struct ccrnn_error *err)
{
    struct ccrnn_lines lines;
    ccrnn_lines_start(&lines, path, list->owned, size);
    list->id = reallocarray(NULL, ccrnn_lines_most(&lines), sizeof *list->id);
    if (list->id == NULL)
        return fail_memory(path, err);
    char *line;
    CCRNN_TRY(ccrnn_lines_next(&lines, &line, err));
    while (line != NULL) {
        char *const id = trim(line);
        if (id[0] != '\0')
            list->id[list->count++] = id;
        CCRNN_TRY(ccrnn_lines_next(&lines, &line, err));
    }
    if (list->count == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: there is no id in the file; expected one id a line, such as "
                          "the name of an image",
                          path, lines.line > 0 ? lines.line : 1);
    return CCRNN_OK;
}

/* Takes ownership of `text` (malloc, size + 1 bytes), also on failure. */
static enum ccrnn_status parse_owned(const char *path, char *text, size_t size,
                                     struct ccrnn_id_list *list, struct ccrnn_error *err)
{
    *list = (struct ccrnn_id_list){.owned = text};
    const enum ccrnn_status status = parse_text(path, size, list, err);
    if (status != CCRNN_OK)
        ccrnn_id_list_release(list);
    return status;
}

enum ccrnn_status ccrnn_id_list_read(const char *path, struct ccrnn_id_list *list,
                                     struct ccrnn_error *err)
{
    *list = (struct ccrnn_id_list){0};
    uint8_t *bytes;
    size_t size;
    CCRNN_TRY(ccrnn_file_read(path, file_max, &bytes, &size, err));
    return parse_owned(path, (char *)bytes, size, list, err);
}

enum ccrnn_status ccrnn_id_list_parse(const char *path, const uint8_t *bytes, size_t size,
                                      struct ccrnn_id_list *list, struct ccrnn_error *err)
{
    *list = (struct ccrnn_id_list){0};
    char *const text = malloc(size + 1);
    if (text == NULL)
        return fail_memory(path, err);
    if (size > 0)
        memcpy(text, bytes, size);
    return parse_owned(path, text, size, list, err);
}

void ccrnn_id_list_release(struct ccrnn_id_list *list)
{
    free(list->id);
    free(list->owned);
    *list = (struct ccrnn_id_list){0};
}
