/** @file
 * Version of the library and of its numbers.
 */
#ifndef CCRNN_VERSION_H
#define CCRNN_VERSION_H

#define CCRNN_VERSION_MAJOR 0
#define CCRNN_VERSION_MINOR 1
#define CCRNN_VERSION_PATCH 0
#define CCRNN_VERSION_STRING "0.1.0"

/** Raised whenever the same study, seed and kernel set would give other numbers than before.
 * A run directory written under another integer is refused, never continued silently. */
#define CCRNN_NUMERICS 1

#if defined(__GNUC__)
#define CCRNN_API __attribute__((visibility("default")))
#else
#define CCRNN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** "0.1.0": the version of the library that was linked (static storage). */
CCRNN_API const char *ccrnn_version(void);

/** The git commit the library was built from, or "unknown" (static storage). */
CCRNN_API const char *ccrnn_commit(void);

/** Name and version of the compiler (static storage). */
CCRNN_API const char *ccrnn_compiler(void);

#ifdef __cplusplus
}
#endif
#endif
