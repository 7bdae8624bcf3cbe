/** @file
 * Shared libraries that are loaded when they are needed. Linked in, libcurl with the thirty libraries
 * behind it and libcrypto would more than double the time every `ccrnn` takes to start (7 ms to
 * 19 ms).
 */
#ifndef CCRNN_CLI_LIBRARY_H
#define CCRNN_CLI_LIBRARY_H

#include "ccrnn/status.h"

/** Load a library; it stays loaded until the process ends.
 * @param name    as the system's loader knows it, e.g. "libcurl.so.4"
 * @param package Debian's name of what brings it, for the message
 * @param[out] library its handle; NULL on failure
 * @return CCRNN_UNSUPPORTED if it cannot be loaded. */
enum ccrnn_status cli_library_load(const char *name, const char *package, void **library,
                                   struct ccrnn_error *err);

/** Find a function in it.
 * @param[out] function points to a variable of the function's pointer type
 * @return CCRNN_UNSUPPORTED if the library does not have it. */
enum ccrnn_status cli_library_find(void *library, const char *name, void *function,
                                   struct ccrnn_error *err);

#endif
