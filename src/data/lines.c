#include "data/lines.h"

#include <string.h>

#include "base/error.h"
#include "data/utf8.h"

void ccrnn_lines_start(struct ccrnn_lines *lines, const char *path, char *text, size_t size)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const size_t mark = sizeof byte_order_mark - 1;
    *lines = (struct ccrnn_lines){.path = path, .at = text, .end = text + size};
    if (size >= mark && memcmp(text, byte_order_mark, mark) == 0)
        lines->at += mark;
}

size_t ccrnn_lines_most(const struct ccrnn_lines *lines)
{
    size_t count = 1;
    for (const char *at = lines->at; at < lines->end; at++)
        count += *at == '\n';
    return count;
}

static enum ccrnn_status check_line(const struct ccrnn_lines *lines, const char *line,
                                    size_t length, struct ccrnn_error *err)
{
    if (memchr(line, '\0', length) != NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: there is a zero byte, so this is not UTF-8 text; give another "
                          "file, or save this one as plain UTF-8 text",
                          lines->path, lines->line);
    const size_t valid = ccrnn_utf8_valid(line, length);
    if (valid < length)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: byte %zu of the line (0x%02x) is not UTF-8; save the file as "
                          "plain UTF-8 text",
                          lines->path, lines->line, valid + 1, (unsigned char)line[valid]);
    if (memchr(line, '\r', length) != NULL)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s:%zu: there is a carriage return inside the line; end lines with LF "
                          "or CRLF",
                          lines->path, lines->line);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_lines_next(struct ccrnn_lines *lines, char **line,
                                   struct ccrnn_error *err)
{
    *line = NULL;
    if (lines->at == lines->end)
        return CCRNN_OK;
    char *const start = lines->at;
    char *const feed = memchr(start, '\n', (size_t)(lines->end - start));
    char *stop = feed == NULL ? lines->end : feed;
    lines->at = feed == NULL ? lines->end : feed + 1;
    lines->line++;
    if (stop > start && stop[-1] == '\r')
        stop--;
    CCRNN_TRY(check_line(lines, start, (size_t)(stop - start), err));
    *stop = '\0';
    *line = start;
    return CCRNN_OK;
}
