#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "base/temporary.h"

/* What to do next, after the system's words for an errno. */
static const char *remedy(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return "free some space there and run the same command again";
    case EFBIG:
        return "raise the limit on file sizes (ulimit -f) and run the same command again";
    case EACCES:
    case EPERM:
    case EROFS:
        return "choose another place or change its permissions";
    case ENOENT:
        return "check the path";
    case ENOTDIR:
        return "check the path";
    case EISDIR:
        return "give the path of a file";
    case EEXIST:
        return "move away what is there, or choose another path";
    case EMFILE:
    case ENFILE:
        return "raise the limit on open files (ulimit -n) and run the same command again";
    case ENAMETOOLONG:
        return "choose a shorter path";
    default:
        return "check the disk and run the same command again";
    }
}

enum ccrnn_status(ccrnn_fail_errno)(struct ccrnn_error *err, const char *what, const char *path,
                                    int error)
{
    char buffer[128];
    const char *const reason = strerror_r(error, buffer, sizeof buffer);
    (void)ccrnn_fail(err, CCRNN_IO, "cannot %s %s: %s; %s", what, path, reason, remedy(error));
    errno = error;
    return CCRNN_IO;
}

/* On a network file system a file that another machine has replaced in the meantime is "stale"; the path
 * leads to the new one when it is followed again. */
enum { STALE_ATTEMPTS = 5 };

/* Returns 0 or the errno. */
static int look(const char *path, struct stat *info)
{
    int error = ESTALE;
    for (int i = 0; error == ESTALE && i < STALE_ATTEMPTS; i++)
        error = stat(path, info) == 0 ? 0 : errno;
    return error;
}

bool ccrnn_path_exists(const char *path)
{
    struct stat info;
    return look(path, &info) == 0;
}

enum ccrnn_status ccrnn_path_look(const char *path, bool *exists, struct ccrnn_error *err)
{
    struct stat info;
    const int error = look(path, &info);
    *exists = error == 0;
    return error == 0 || error == ENOENT || error == ENOTDIR
               ? CCRNN_OK
               : ccrnn_fail_errno(err, "look for", path, error);
}

bool ccrnn_file_exists(const char *path)
{
    struct stat info;
    return look(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool ccrnn_directory_exists(const char *path)
{
    struct stat info;
    return look(path, &info) == 0 && S_ISDIR(info.st_mode);
}

DIR *ccrnn_directory_open(const char *path)
{
    DIR *directory = NULL;
    errno = ESTALE;
    for (int i = 0; directory == NULL && errno == ESTALE && i < STALE_ATTEMPTS; i++)
        directory = opendir(path);
    return directory;
}

enum ccrnn_status ccrnn_path_join(char *path, size_t size, const char *directory,
                                  const char *name, struct ccrnn_error *err)
{
    const size_t head = strlen(directory);
    const size_t tail = strlen(name);
    const size_t slash = head > 0 && directory[head - 1] != '/' ? 1 : 0;
    if (head >= size || tail >= size || head + slash + tail >= size) {
        ccrnn_fail(
            err, CCRNN_USAGE,
            "the path %.200s… with `%.200s` is longer than %zu bytes; choose a shorter path",
            directory, name, size == 0 ? 0 : size - 1);
        if (size > 0)
            path[0] = '\0';
        return CCRNN_USAGE;
    }
    memmove(path, directory, head);
    if (slash)
        path[head] = '/';
    memcpy(path + head + slash, name, tail + 1);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_directory_make_last(const char *path, struct ccrnn_error *err)
{
    if (mkdir(path, 0777) == 0)
        return CCRNN_OK;
    const int error = errno;
    return ccrnn_directory_exists(path)
               ? CCRNN_OK
               : ccrnn_fail_errno(err, "make the directory", path, error);
}

enum ccrnn_status ccrnn_directory_make(const char *path, struct ccrnn_error *err)
{
    char part[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(part, sizeof part, path, "", err));
    if (path[0] == '\0')
        return ccrnn_fail_errno(err, "make the directory", "``", ENOENT);
    for (char *p = part + 1; *p != '\0'; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        CCRNN_TRY(ccrnn_directory_make_last(part, err));
        *p = '/';
    }
    return CCRNN_OK;
}

/* ssize_t counts at most this much; Linux transfers less than 2 GiB in one call anyway. */
enum { CHUNK = 1 << 30 };

/* Read exactly `size` bytes; fewer in the file is an error too. */
static enum ccrnn_status read_all(int descriptor, const char *path, uint8_t *bytes, size_t size,
                                  struct ccrnn_error *err)
{
    for (size_t done = 0; done < size;) {
        const size_t want = size - done < CHUNK ? size - done : CHUNK;
        const ssize_t got = read(descriptor, bytes + done, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ccrnn_fail_errno(err, "read", path, errno);
        if (got == 0)
            return ccrnn_fail(err, CCRNN_IO,
                              "cannot read %s: it became shorter while it was read (%zu of %zu "
                              "bytes); wait for the program that writes it and try again",
                              path, done, size);
        done += (size_t)got;
    }
    return CCRNN_OK;
}

/* The size of a regular file; anything else is refused. */
static enum ccrnn_status regular_size(int descriptor, const char *path, uint64_t *size,
                                      struct ccrnn_error *err)
{
    struct stat info;
    if (fstat(descriptor, &info) != 0)
        return ccrnn_fail_errno(err, "read", path, errno);
    if (S_ISDIR(info.st_mode))
        return ccrnn_fail_errno(err, "read", path, EISDIR);
    if (!S_ISREG(info.st_mode))
        return ccrnn_fail(err, CCRNN_IO,
                          "cannot read %s: it is not a regular file; copy its content into one",
                          path);
    *size = (uint64_t)info.st_size;
    return CCRNN_OK;
}

static enum ccrnn_status read_descriptor(int descriptor, const char *path, size_t max_bytes,
                                         uint8_t **bytes, size_t *size, struct ccrnn_error *err)
{
    uint64_t found;
    CCRNN_TRY(regular_size(descriptor, path, &found, err));
    if (found > max_bytes || max_bytes == SIZE_MAX)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s has %llu bytes, but such a file has at most %zu; check that it is "
                          "the right file",
                          path, (unsigned long long)found, max_bytes);
    const size_t length = (size_t)found;
    uint8_t *const content = malloc(length + 1);
    if (content == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY,
                          "no memory to read the %zu bytes of %s; close other programs or use a "
                          "machine with more memory",
                          length, path);
    const enum ccrnn_status status = read_all(descriptor, path, content, length, err);
    if (status != CCRNN_OK) {
        free(content);
        return status;
    }
    content[length] = 0;
    *bytes = content;
    *size = length;
    return CCRNN_OK;
}

static int open_path(const char *path, int flags)
{
    int descriptor = -1;
    for (int i = 0; i < STALE_ATTEMPTS; i++) {
        descriptor = open(path, flags | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != ESTALE)
            break;
    }
    return descriptor;
}

/* Without O_NONBLOCK, opening a pipe that nobody writes would wait for ever. */
static enum ccrnn_status open_to_read(const char *path, int *descriptor, struct ccrnn_error *err)
{
    *descriptor = open_path(path, O_RDONLY | O_NONBLOCK);
    return *descriptor < 0 ? ccrnn_fail_errno(err, "read", path, errno) : CCRNN_OK;
}

static enum ccrnn_status read_once(const char *path, size_t max_bytes, uint8_t **bytes,
                                   size_t *size, struct ccrnn_error *err)
{
    int descriptor;
    errno = 0;
    CCRNN_TRY(open_to_read(path, &descriptor, err));
    const enum ccrnn_status status =
        read_descriptor(descriptor, path, max_bytes, bytes, size, err);
    const int error = errno;
    close(descriptor);
    errno = error;
    return status;
}

enum ccrnn_status ccrnn_file_read(const char *path, size_t max_bytes, uint8_t **bytes,
                                  size_t *size, struct ccrnn_error *err)
{
    enum ccrnn_status status = CCRNN_IO;
    *bytes = NULL;
    *size = 0;
    for (int i = 0; i < STALE_ATTEMPTS; i++) {
        status = read_once(path, max_bytes, bytes, size, err);
        if (status != CCRNN_IO || errno != ESTALE)
            break;
    }
    return status;
}

enum ccrnn_status ccrnn_file_read_start(const char *path, uint8_t *bytes, size_t most,
                                        size_t *size, struct ccrnn_error *err)
{
    *size = 0;
    int descriptor;
    CCRNN_TRY(open_to_read(path, &descriptor, err));
    uint64_t found;
    enum ccrnn_status status = regular_size(descriptor, path, &found, err);
    if (status == CCRNN_OK) {
        const size_t length = found < most ? (size_t)found : most;
        status = read_all(descriptor, path, bytes, length, err);
        *size = status == CCRNN_OK ? length : 0;
    }
    close(descriptor);
    return status;
}

uint32_t ccrnn_crc32(uint32_t crc, const void *bytes, size_t size)
{
    return size == 0 ? crc : (uint32_t)crc32_z(crc, bytes, size);
}

enum { OPEN_ATTEMPTS = 100 };

struct ccrnn_file_writer {
    int descriptor;
    char path[CCRNN_PATH_MAX];
    char temporary[CCRNN_PATH_MAX];
};

/* The directory of `path` in `directory` ("." if it names none); returns the name in it. */
static const char *split_path(const char *path, char directory[CCRNN_PATH_MAX])
{
    const char *const slash = strrchr(path, '/');
    if (slash == NULL) {
        memcpy(directory, ".", 2);
        return path;
    }
    const size_t length = slash == path ? 1 : (size_t)(slash - path);
    memcpy(directory, path, length);
    directory[length] = '\0';
    return slash + 1;
}

static enum ccrnn_status name_temporary(struct ccrnn_file_writer *writer, struct ccrnn_error *err)
{
    char directory[CCRNN_PATH_MAX], name[CCRNN_PATH_MAX];
    const char *const base = split_path(writer->path, directory);
    if (!ccrnn_temporary_name(base, name, sizeof name))
        return ccrnn_fail_errno(err, "write", writer->path, ENAMETOOLONG);
    return ccrnn_path_join(writer->temporary, sizeof writer->temporary, directory, name, err);
}

static enum ccrnn_status open_temporary(struct ccrnn_file_writer *writer, struct ccrnn_error *err)
{
    for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
        CCRNN_TRY(name_temporary(writer, err));
        writer->descriptor = open_path(writer->temporary, O_WRONLY | O_CREAT | O_EXCL);
        if (writer->descriptor >= 0)
            return CCRNN_OK;
        if (errno != EEXIST)
            break;
    }
    return ccrnn_fail_errno(err, "write", writer->path, errno);
}

enum ccrnn_status ccrnn_file_writer_open(const char *path, struct ccrnn_file_writer **writer,
                                         struct ccrnn_error *err)
{
    *writer = NULL;
    if (ccrnn_directory_exists(path))
        return ccrnn_fail_errno(err, "write", path, EISDIR);
    if (strlen(path) >= CCRNN_PATH_MAX)
        return ccrnn_fail_errno(err, "write", path, ENAMETOOLONG);
    if (path[0] == '\0')
        return ccrnn_fail_errno(err, "write", "``", ENOENT);
    struct ccrnn_file_writer *const made = malloc(sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to write %s; close other programs", path);
    memcpy(made->path, path, strlen(path) + 1);
    const enum ccrnn_status status = open_temporary(made, err);
    if (status != CCRNN_OK) {
        free(made);
        return status;
    }
    *writer = made;
    return CCRNN_OK;
}

/* Returns 0 or the errno. */
static int write_all(int descriptor, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const size_t want = size - done < CHUNK ? size - done : CHUNK;
        const ssize_t put = write(descriptor, bytes + done, want);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        done += (size_t)put;
    }
    return 0;
}

enum ccrnn_status ccrnn_file_writer_add(struct ccrnn_file_writer *writer, const void *bytes,
                                        size_t size, struct ccrnn_error *err)
{
    const int error = write_all(writer->descriptor, bytes, size);
    return error == 0 ? CCRNN_OK : ccrnn_fail_errno(err, "write", writer->path, error);
}

/* Returns 0 or the errno. Some file systems cannot fsync a directory and say EINVAL; there is
 * nothing more to do on these. */
static int sync_directory_of(const char *path)
{
    char directory[CCRNN_PATH_MAX];
    split_path(path, directory);
    const int descriptor = open_path(directory, O_RDONLY | O_DIRECTORY);
    if (descriptor < 0)
        return errno == EACCES ? 0 : errno;
    const int error = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
    close(descriptor);
    return error;
}

static bool is_the_file(const char *path, const struct stat *file)
{
    struct stat there;
    return look(path, &there) == 0 && there.st_dev == file->st_dev &&
           there.st_ino == file->st_ino;
}

/* Returns 0 or the errno of the first step that failed; the descriptor is closed in any case. If the reply
 * gets lost on the network, a rename that was done looks like one that failed: then the file is in its place. */
static int finish_temporary(struct ccrnn_file_writer *writer)
{
    struct stat file = {0};
    int error =
        fsync(writer->descriptor) == 0 && fstat(writer->descriptor, &file) == 0 ? 0 : errno;
    if (close(writer->descriptor) != 0 && error == 0)
        error = errno;
    writer->descriptor = -1;
    if (error == 0 && rename(writer->temporary, writer->path) != 0) {
        error = errno;
        if (is_the_file(writer->path, &file))
            error = 0;
    }
    return error;
}

const char *ccrnn_file_writer_path(const struct ccrnn_file_writer *writer)
{
    return writer->temporary;
}

enum ccrnn_status ccrnn_file_writer_commit(struct ccrnn_file_writer *writer,
                                           struct ccrnn_error *err)
{
    int error = finish_temporary(writer);
    if (error != 0) {
        const enum ccrnn_status status = ccrnn_fail_errno(err, "write", writer->path, error);
        ccrnn_file_writer_abandon(writer);
        return status;
    }
    error = sync_directory_of(writer->path);
    const enum ccrnn_status status =
        error == 0 ? CCRNN_OK
                   : ccrnn_fail_errno(err, "flush the directory of", writer->path, error);
    free(writer);
    return status;
}

void ccrnn_file_writer_abandon(struct ccrnn_file_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->descriptor >= 0)
        close(writer->descriptor);
    unlink(writer->temporary);
    free(writer);
}

enum ccrnn_status ccrnn_file_write_atomic(const char *path, const void *bytes, size_t size,
                                          struct ccrnn_error *err)
{
    struct ccrnn_file_writer *writer;
    CCRNN_TRY(ccrnn_file_writer_open(path, &writer, err));
    const enum ccrnn_status status = ccrnn_file_writer_add(writer, bytes, size, err);
    if (status != CCRNN_OK) {
        ccrnn_file_writer_abandon(writer);
        return status;
    }
    return ccrnn_file_writer_commit(writer, err);
}

/* Cut to `offset`, append, fsync. Returns 0 or the errno, after cutting back. */
static int append_at(int descriptor, off_t offset, const void *bytes, size_t size)
{
    if (ftruncate(descriptor, offset) != 0 || lseek(descriptor, offset, SEEK_SET) != offset)
        return errno;
    int error = write_all(descriptor, bytes, size);
    if (error == 0 && fsync(descriptor) != 0)
        error = errno;
    if (error != 0) {
        /* The first failure is the one to report. If this fails too, what stands after `offset`
         * is cut away the next time. */
        const int cut = ftruncate(descriptor, offset);
        (void)cut;
    }
    return error;
}

static enum ccrnn_status append_descriptor(int descriptor, const char *path, uint64_t offset,
                                           const void *bytes, size_t size,
                                           struct ccrnn_error *err)
{
    struct stat info;
    if (fstat(descriptor, &info) != 0)
        return ccrnn_fail_errno(err, "write", path, errno);
    if (!S_ISREG(info.st_mode))
        return ccrnn_fail(err, CCRNN_IO, "cannot write %s: it is not a regular file; %s", path,
                          remedy(EEXIST));
    if ((uint64_t)info.st_size < offset)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is damaged: it has %lld bytes, but %llu had been written; restore "
                          "it, or remove this directory and run the same command again",
                          path, (long long)info.st_size, (unsigned long long)offset);
    const int error = append_at(descriptor, (off_t)offset, bytes, size);
    return error == 0 ? CCRNN_OK : ccrnn_fail_errno(err, "write", path, error);
}

enum ccrnn_status ccrnn_file_append(const char *path, uint64_t offset, const void *bytes,
                                    size_t size, struct ccrnn_error *err)
{
    const int descriptor = open_path(path, O_WRONLY | O_NONBLOCK | (offset == 0 ? O_CREAT : 0));
    if (descriptor < 0)
        return ccrnn_fail_errno(err, "write", path, errno);
    enum ccrnn_status status = append_descriptor(descriptor, path, offset, bytes, size, err);
    if (close(descriptor) != 0 && status == CCRNN_OK)
        status = ccrnn_fail_errno(err, "write", path, errno);
    if (status == CCRNN_OK && offset == 0) {
        const int error = sync_directory_of(path);
        if (error != 0)
            status = ccrnn_fail_errno(err, "flush the directory of", path, error);
    }
    return status;
}
