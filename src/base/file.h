/** @file
 * Files: read whole, written whole or not at all, appended with care.
 *
 * Paths are UTF-8 or whatever bytes the system uses, terminated by zero. Every message names the
 * path, what the system said, and what to do next.
 */
#ifndef CCRNN_BASE_FILE_H
#define CCRNN_BASE_FILE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** "cannot `what` `path`: what the system says about `error`, an errno; what to do next". Leaves it in errno.
 * @return CCRNN_IO */
enum ccrnn_status ccrnn_fail_errno(struct ccrnn_error *err, const char *what, const char *path,
                                   int error);

#ifdef __clang_analyzer__
/* The analyser does not look into other files: tell it which status comes back. */
#define ccrnn_fail_errno(err, what, path, error)                                                 \
    (ccrnn_fail_errno((err), (what), (path), (error)), CCRNN_IO)
#endif

/** Longest path, terminating zero included (bytes). */
#define CCRNN_PATH_MAX 4096

/** True if something exists at `path` (a dangling link does not count). */
bool ccrnn_path_exists(const char *path);

/** The same where the answer "no" must be certain: a disk that does not tell is an error, not a "no".
 * @param[out] exists false on failure
 * @return CCRNN_IO: no permission to look, a disk that fails, … */
enum ccrnn_status ccrnn_path_look(const char *path, bool *exists, struct ccrnn_error *err);

/** True if a regular file (or a link to one) exists at `path`. */
bool ccrnn_file_exists(const char *path);

/** True if a directory (or a link to one) exists at `path`. */
bool ccrnn_directory_exists(const char *path);

/** Write "directory/name" into `path`. An empty directory gives `name`; a slash at the end of
 * `directory` is not doubled.
 * @param[out] path `size` bytes; may be `directory` itself, not `name`
 * @return CCRNN_USAGE if the result does not fit (path is then the empty string). */
enum ccrnn_status ccrnn_path_join(char *path, size_t size, const char *directory,
                                  const char *name, struct ccrnn_error *err);

/** opendir(), which looks again where a network file system has a stale handle. */
DIR *ccrnn_directory_open(const char *path);

/** Make a directory and all its missing parents (mode 0777 minus the umask). One that exists is
 * success, also when another process makes it at the same moment. */
enum ccrnn_status ccrnn_directory_make(const char *path, struct ccrnn_error *err);

/** The same of a directory whose parents must be there: through a lease (lease.h), whose path must lead nowhere
 * once it is lost. */
enum ccrnn_status ccrnn_directory_make_last(const char *path, struct ccrnn_error *err);

/** Read a whole regular file.
 * @param max_bytes   larger files are refused before anything is allocated
 * @param[out] bytes  the content and one zero byte after it, aligned as malloc aligns; the caller
 *                    frees it with free(). NULL on failure.
 * @param[out] size   length without the zero byte
 * @return CCRNN_IO: missing, a directory or device, not readable; CCRNN_FORMAT: too large. */
enum ccrnn_status ccrnn_file_read(const char *path, size_t max_bytes, uint8_t **bytes,
                                  size_t *size, struct ccrnn_error *err);

/** Read the first bytes of a regular file, to see what it is.
 * @param[out] bytes  `most` bytes
 * @param[out] size   how many were read; fewer than `most` if the file is shorter
 * @return CCRNN_IO as ccrnn_file_read. */
enum ccrnn_status ccrnn_file_read_start(const char *path, uint8_t *bytes, size_t most,
                                        size_t *size, struct ccrnn_error *err);

/** Write a whole file atomically: a reader, and whoever looks after a crash or a power cut, finds
 * the old content or the new, never a part. On failure the old file is untouched and nothing is
 * left beside it. `bytes` may be NULL when size is 0. */
enum ccrnn_status ccrnn_file_write_atomic(const char *path, const void *bytes, size_t size,
                                          struct ccrnn_error *err);

/** A file being written atomically, piece by piece; opaque. */
struct ccrnn_file_writer;

/** Start: makes a hidden temporary file `.NAME.tmp-PID-HEX` in the directory of `path`.
 * @param[out] writer NULL on failure; else end it with exactly one of commit and abandon. */
enum ccrnn_status ccrnn_file_writer_open(const char *path, struct ccrnn_file_writer **writer,
                                         struct ccrnn_error *err);

/** Add bytes at the end. After a failure only abandon may follow. */
enum ccrnn_status ccrnn_file_writer_add(struct ccrnn_file_writer *writer, const void *bytes,
                                        size_t size, struct ccrnn_error *err);

/** The temporary file's path, for a library that writes files itself: it may open and truncate it, must close
 * it, and must not replace it. Lives as long as the writer. */
const char *ccrnn_file_writer_path(const struct ccrnn_file_writer *writer);

/** fsync, rename to the final name, fsync the directory; frees the writer in any case. On failure
 * the temporary file is removed. (If only the last step fails, the new file is in place, but may
 * be lost in a power cut; that is a failure too.) */
enum ccrnn_status ccrnn_file_writer_commit(struct ccrnn_file_writer *writer,
                                           struct ccrnn_error *err);

/** Remove the temporary file and free the writer; NULL is fine. */
void ccrnn_file_writer_abandon(struct ccrnn_file_writer *writer);

/** Remove temporary files that killed writers left in a directory (not below it). Those whose number a process
 * on this machine has stay; a writer on another machine may find its file gone, and fails then.
 * @param[out] removed how many; may be NULL */
enum ccrnn_status ccrnn_directory_remove_stale(const char *path, size_t *removed,
                                               struct ccrnn_error *err);

/** The same of every process but this one: for a directory in which nobody else may write (lease.h). The process
 * that left them may have been on another machine, where its number says nothing here. */
enum ccrnn_status ccrnn_directory_remove_temporary(const char *path, size_t *removed,
                                                   struct ccrnn_error *err);

/** Cut a file to `offset` bytes, append `bytes` there, fsync. With offset 0 the file is made if
 * it is missing. If writing fails the file is cut back to `offset`, which the caller knows to be
 * good: a log continues after any interruption.
 * @return CCRNN_FORMAT if the file is shorter than `offset`; CCRNN_IO otherwise. */
enum ccrnn_status ccrnn_file_append(const char *path, uint64_t offset, const void *bytes,
                                    size_t size, struct ccrnn_error *err);

/** CRC-32 (the one of zlib, gzip and PNG), continued from `crc`; start with 0. */
uint32_t ccrnn_crc32(uint32_t crc, const void *bytes, size_t size);

#endif
