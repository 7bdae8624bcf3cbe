/** @file
 * Making and passing on errors (internal side of ccrnn/status.h).
 */
#ifndef CCRNN_BASE_ERROR_H
#define CCRNN_BASE_ERROR_H

#include "ccrnn/status.h"

/** Pass a failing status on to the caller; active in every build type. */
#define CCRNN_TRY(expr)                                                                          \
    do {                                                                                         \
        const enum ccrnn_status ccrnn_try_status = (expr);                                       \
        if (ccrnn_try_status != CCRNN_OK)                                                        \
            return ccrnn_try_status;                                                             \
    } while (0)

/** Write a formatted message into `err` (may be NULL) and return `status`.
 * Numbers are printed with '.' whatever the locale. */
enum ccrnn_status ccrnn_fail(struct ccrnn_error *err, enum ccrnn_status status,
                             const char *format, ...) __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* The analyser does not follow a variadic function: tell it which status comes back. */
#define ccrnn_fail(err, status, ...) (ccrnn_fail((err), (status), __VA_ARGS__), (status))
#endif

/** Put "prefix: " (formatted) in front of the message already in `err`; returns err's status
 * (or `status` when err is NULL). Used to add the file or run in which something failed. */
enum ccrnn_status ccrnn_fail_within(struct ccrnn_error *err, enum ccrnn_status status,
                                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
