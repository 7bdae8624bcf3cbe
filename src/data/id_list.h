/** @file
 * Lists of ids, one a line: the images of a split, the rows of a feature file.
 */
#ifndef CCRNN_DATA_ID_LIST_H
#define CCRNN_DATA_ID_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** Zeroed: nothing; release with ccrnn_id_list_release. */
struct ccrnn_id_list {
    char **id; /**< (count), UTF-8, without spaces at the ends, none empty */
    size_t count;
    void *owned; /**< private */
};

/** Read a text file: an id a line, LF or CRLF, the last line's end may be missing; blank lines are
 * skipped. Duplicates are kept: what they mean is the caller's business.
 * @return CCRNN_IO; CCRNN_FORMAT with file:line: broken UTF-8, a zero byte, no id at all */
enum ccrnn_status ccrnn_id_list_read(const char *path, struct ccrnn_id_list *list,
                                     struct ccrnn_error *err);
/** The same for bytes in memory. */
enum ccrnn_status ccrnn_id_list_parse(const char *path, const uint8_t *bytes, size_t size,
                                      struct ccrnn_id_list *list, struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_id_list_release(struct ccrnn_id_list *list);

#endif
