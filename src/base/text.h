/** @file
 * A growing text.
 */
#ifndef CCRNN_BASE_TEXT_H
#define CCRNN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** Start with {0}; free(bytes) at the end. Always ends with a zero byte, not counted in `size`.
 */
struct ccrnn_text {
    char *bytes;
    size_t size, room;
    bool failed; /**< out of memory at some time; what was added since is lost */
};

/** Append formatted text; numbers with '.' in any locale. */
void ccrnn_text_add(struct ccrnn_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Append a word as it is typed into a shell: as it is, or in quotes. */
void ccrnn_text_add_shell_word(struct ccrnn_text *text, const char *word);

/** Append `size` bytes as they are, but for a zero byte, which the text cannot hold. */
void ccrnn_text_append(struct ccrnn_text *text, const char *bytes, size_t size);

/** Drop the content, keep the memory. */
void ccrnn_text_clear(struct ccrnn_text *text);

#endif
