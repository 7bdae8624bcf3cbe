/** @file
 * For tests of files and messages: a directory of one's own, and a look at an error.
 */
#ifndef CCRNN_TESTS_SCRATCH_H
#define CCRNN_TESTS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/status.h"

/** Longest path of scratch_path (bytes). */
enum { SCRATCH_PATH = 1024 };

/** cmocka group setup: makes an empty directory under $TMPDIR (or /tmp). 0 on success. */
int scratch_setup(void **state);

/** cmocka group teardown: removes the directory with everything in it. */
int scratch_teardown(void **state);

/** The scratch directory. */
const char *scratch_directory(void);

/** `name` in the scratch directory; in static storage until the next call but three. */
const char *scratch_path(const char *name);

/** Write a file of the test's own making; fails the test if it cannot. */
void scratch_write(const char *path, const void *bytes, size_t size);

/** The file has exactly these bytes; fails the test otherwise. */
void scratch_expect(const char *path, const void *bytes, size_t size);

/** How many entries a directory has, hidden ones too. */
size_t scratch_entries(const char *path);

/** `found` is `expected`, and the message has every one of the given parts (up to a NULL), ends,
 * and is one line; fails the test otherwise. */
void expect_error(enum ccrnn_status found, enum ccrnn_status expected,
                  const struct ccrnn_error *err, ...) __attribute__((sentinel));

/** What a child reports: it cannot use cmocka's asserts, which would jump into its parent. */
enum { CHILD_PASSED, CHILD_FAILED, CHILD_CANNOT };

/** The exit code of a child process that runs `work`. */
int scratch_in_a_child(int (*work)(void));

/** Set a locale whose decimal point is a comma: an installed one, or one made in the scratch
 * directory. False if there is none. Undo with setlocale(LC_ALL, "C"). */
bool scratch_comma_locale(void);

#endif
