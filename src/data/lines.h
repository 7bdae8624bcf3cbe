/** @file
 * A text file line by line, in place.
 */
#ifndef CCRNN_DATA_LINES_H
#define CCRNN_DATA_LINES_H

#include <stddef.h>

#include "ccrnn/status.h"

/** Where reading stands. */
struct ccrnn_lines {
    const char *path; /**< for messages */
    size_t line;      /**< number of the line read last, from 1 */
    char *at, *end;   /**< private */
};

/** Start at the first line; a byte order mark of UTF-8 is passed over.
 * @param text `size` bytes and one more that may be written to; line ends in it become zero bytes */
void ccrnn_lines_start(struct ccrnn_lines *lines, const char *path, char *text, size_t size);

/** No fewer than there are lines. */
size_t ccrnn_lines_most(const struct ccrnn_lines *lines);

/** The next line, without its LF or CRLF; the last one may lack it.
 * @param[out] line a string in the text; NULL after the last line
 * @return CCRNN_FORMAT with file:line: broken UTF-8, a zero byte, a carriage return inside */
enum ccrnn_status ccrnn_lines_next(struct ccrnn_lines *lines, char **line,
                                   struct ccrnn_error *err);

#endif
