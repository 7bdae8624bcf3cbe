/** @file
 * Status codes and error messages.
 *
 * Every fallible call returns an `enum ccrnn_status` and writes one message into a caller-owned
 * `struct ccrnn_error`. The library never prints, exits or aborts.
 */
#ifndef CCRNN_STATUS_H
#define CCRNN_STATUS_H

#include "ccrnn/version.h"

/** X(name, process exit code, meaning): the one list of status codes. */
#define CCRNN_STATUS_LIST(X)                                                                     \
    X(OK, 0, "success")                                                                          \
    X(FAILED, 1, "a check did not pass")                                                         \
    X(USAGE, 2, "an argument or option is wrong")                                                \
    X(FORMAT, 3, "a file's content is damaged or of another kind")                               \
    X(IO, 4, "reading or writing failed")                                                        \
    X(MEMORY, 5, "out of memory")                                                                \
    X(NONFINITE, 6, "a loss or gradient became NaN or infinite")                                 \
    X(OTHER_NUMERICS, 7, "results were made by a version with other numbers")                    \
    X(BUSY, 8, "another process is working on this")                                             \
    X(INTERRUPTED, 9, "stopped on request; can be continued")                                    \
    X(UNSUPPORTED, 10, "not available on this machine or in this build")

enum ccrnn_status {
#define CCRNN_STATUS_ENUM(name, exit_code, meaning) CCRNN_##name,
    CCRNN_STATUS_LIST(CCRNN_STATUS_ENUM)
#undef CCRNN_STATUS_ENUM
        CCRNN_STATUS_COUNT
};

/** Longest error message, terminating zero included (bytes). */
#define CCRNN_ERROR_MAX 2048

/** One error. Owned by the caller; `message` is UTF-8, one paragraph: where, what was expected,
 * what was found, what to do next. Untouched on success. */
struct ccrnn_error {
    enum ccrnn_status status;
    char message[CCRNN_ERROR_MAX];
};

#ifdef __cplusplus
extern "C" {
#endif

/** Short name of a status, e.g. "FORMAT" (static storage; "?" outside the range). */
CCRNN_API const char *ccrnn_status_name(enum ccrnn_status status);

/** The meaning of a status in words (static storage). */
CCRNN_API const char *ccrnn_status_meaning(enum ccrnn_status status);

/** The exit code the command line uses for a status: 0 only for CCRNN_OK. */
CCRNN_API int ccrnn_status_exit_code(enum ccrnn_status status);

#ifdef __cplusplus
}
#endif
#endif
