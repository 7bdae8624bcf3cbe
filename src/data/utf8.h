/** @file
 * UTF-8, strictly as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef CCRNN_DATA_UTF8_H
#define CCRNN_DATA_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/** Room for an excerpt, its terminating zero included (bytes). */
enum { CCRNN_EXCERPT = 96 };

/** Length of the valid sequence at the start of `size` bytes, 0 if there is none. */
size_t ccrnn_utf8_sequence(const char *text, size_t size);

/** How many bytes from the start are valid; `size` if all are. */
size_t ccrnn_utf8_valid(const char *text, size_t size);

/** True if valid text is empty or has nothing but spaces, tabs, line ends and Unicode's other white
 * space. */
bool ccrnn_utf8_is_blank(const char *text);

/** The start of a foreign text, fit for a message: whole characters, controls and what is not UTF-8
 * as `?`, cut off with "…" if it is long. Stops at a zero byte or after `size` bytes.
 * @param[out] excerpt CCRNN_EXCERPT bytes
 * @return excerpt */
const char *ccrnn_utf8_excerpt(const char *text, size_t size, char *excerpt);

#endif
