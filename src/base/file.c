#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "base/number.h"

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

/* "cannot DO PATH: what the system says; what to do next." */
static enum ccrnn_status fail_errno(struct ccrnn_error *err, const char *what, const char *path,
                                    int error)
{
    char buffer[128];
    const char *const reason = strerror_r(error, buffer, sizeof buffer);
    return ccrnn_fail(err, CCRNN_IO, "cannot %s %s: %s; %s", what, path, reason, remedy(error));
}

bool ccrnn_path_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool ccrnn_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool ccrnn_directory_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
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

static enum ccrnn_status make_one_directory(const char *path, struct ccrnn_error *err)
{
    if (mkdir(path, 0777) == 0)
        return CCRNN_OK;
    const int error = errno;
    return ccrnn_directory_exists(path) ? CCRNN_OK
                                        : fail_errno(err, "make the directory", path, error);
}

enum ccrnn_status ccrnn_directory_make(const char *path, struct ccrnn_error *err)
{
    char part[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(part, sizeof part, path, "", err));
    if (path[0] == '\0')
        return fail_errno(err, "make the directory", "``", ENOENT);
    for (char *p = part + 1; *p != '\0'; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        CCRNN_TRY(make_one_directory(part, err));
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
            return fail_errno(err, "read", path, errno);
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
        return fail_errno(err, "read", path, errno);
    if (S_ISDIR(info.st_mode))
        return fail_errno(err, "read", path, EISDIR);
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

/* Without O_NONBLOCK, opening a pipe that nobody writes would wait for ever. */
static enum ccrnn_status open_to_read(const char *path, int *descriptor, struct ccrnn_error *err)
{
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return *descriptor < 0 ? fail_errno(err, "read", path, errno) : CCRNN_OK;
}

enum ccrnn_status ccrnn_file_read(const char *path, size_t max_bytes, uint8_t **bytes,
                                  size_t *size, struct ccrnn_error *err)
{
    *bytes = NULL;
    *size = 0;
    int descriptor;
    CCRNN_TRY(open_to_read(path, &descriptor, err));
    const enum ccrnn_status status =
        read_descriptor(descriptor, path, max_bytes, bytes, size, err);
    close(descriptor);
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

struct ccrnn_file_writer {
    int descriptor;
    char path[CCRNN_PATH_MAX];
    char temporary[CCRNN_PATH_MAX];
};

/* Names of temporary files end with ".tmp-PID-HEX"; HEX is eight digits that belong to this
 * process and eight that count, so that a later process with the same id knows what is not its
 * own. */
static const char temporary_mark[] = ".tmp-";
enum { HEX_DIGITS = 16, OPEN_ATTEMPTS = 100 };

static uint32_t process_nonce;
static pthread_once_t process_nonce_once = PTHREAD_ONCE_INIT;
static atomic_uint temporary_count;

static void make_process_nonce(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    process_nonce = (uint32_t)now.tv_nsec ^ (uint32_t)now.tv_sec;
    uint32_t bits = 0;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) == (ssize_t)sizeof bits)
        process_nonce = bits;
}

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
    pthread_once(&process_nonce_once, make_process_nonce);
    char directory[CCRNN_PATH_MAX];
    char name[CCRNN_PATH_MAX];
    const char *const base = split_path(writer->path, directory);
    const int length =
        ccrnn_format(name, sizeof name, ".%s%s%ld-%08x%08x", base, temporary_mark, (long)getpid(),
                     process_nonce, atomic_fetch_add(&temporary_count, 1u));
    if (length < 0 || (size_t)length >= sizeof name)
        return fail_errno(err, "write", writer->path, ENAMETOOLONG);
    return ccrnn_path_join(writer->temporary, sizeof writer->temporary, directory, name, err);
}

static enum ccrnn_status open_temporary(struct ccrnn_file_writer *writer, struct ccrnn_error *err)
{
    for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
        CCRNN_TRY(name_temporary(writer, err));
        writer->descriptor =
            open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (writer->descriptor >= 0)
            return CCRNN_OK;
        if (errno != EEXIST)
            break;
    }
    return fail_errno(err, "write", writer->path, errno);
}

enum ccrnn_status ccrnn_file_writer_open(const char *path, struct ccrnn_file_writer **writer,
                                         struct ccrnn_error *err)
{
    *writer = NULL;
    if (ccrnn_directory_exists(path))
        return fail_errno(err, "write", path, EISDIR);
    if (strlen(path) >= CCRNN_PATH_MAX)
        return fail_errno(err, "write", path, ENAMETOOLONG);
    if (path[0] == '\0')
        return fail_errno(err, "write", "``", ENOENT);
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
    return error == 0 ? CCRNN_OK : fail_errno(err, "write", writer->path, error);
}

/* Returns 0 or the errno. Some file systems cannot fsync a directory and say EINVAL; there is
 * nothing more to do on these. */
static int sync_directory_of(const char *path)
{
    char directory[CCRNN_PATH_MAX];
    split_path(path, directory);
    const int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return errno == EACCES ? 0 : errno;
    const int error = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
    close(descriptor);
    return error;
}

/* Returns 0 or the errno of the first step that failed; the descriptor is closed in any case. */
static int finish_temporary(struct ccrnn_file_writer *writer)
{
    int error = fsync(writer->descriptor) == 0 ? 0 : errno;
    if (close(writer->descriptor) != 0 && error == 0)
        error = errno;
    writer->descriptor = -1;
    if (error == 0 && rename(writer->temporary, writer->path) != 0)
        error = errno;
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
        const enum ccrnn_status status = fail_errno(err, "write", writer->path, error);
        ccrnn_file_writer_abandon(writer);
        return status;
    }
    error = sync_directory_of(writer->path);
    const enum ccrnn_status status =
        error == 0 ? CCRNN_OK : fail_errno(err, "flush the directory of", writer->path, error);
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

/* Is the name ".NAME.tmp-PID-HEX"? Its process id, and whether it is of this process. */
static bool is_temporary(const char *name, long *pid, bool *own)
{
    if (name[0] != '.')
        return false;
    const char *mark = NULL;
    for (const char *p = strstr(name + 1, temporary_mark); p != NULL;
         p = strstr(p + 1, temporary_mark))
        mark = p;
    if (mark == NULL)
        return false;
    const char *const pid_text = mark + sizeof temporary_mark - 1;
    char *pid_end;
    errno = 0;
    *pid = strtol(pid_text, &pid_end, 10);
    if (*pid_text < '1' || *pid_text > '9' || errno != 0 || *pid_end != '-' ||
        *pid != (pid_t)*pid)
        return false;
    const char *const hex = pid_end + 1;
    if (strlen(hex) != HEX_DIGITS || strspn(hex, "0123456789abcdef") != HEX_DIGITS)
        return false;
    pthread_once(&process_nonce_once, make_process_nonce);
    char mine[9];
    ccrnn_format(mine, sizeof mine, "%08x", process_nonce);
    *own = *pid == (long)getpid() && strncmp(hex, mine, 8) == 0;
    return true;
}

static bool is_gone(long pid)
{
    return pid == (long)getpid() || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static enum ccrnn_status remove_temporaries(const char *path, bool of_the_living, size_t *removed,
                                            struct ccrnn_error *err)
{
    size_t count = 0;
    DIR *const directory = opendir(path);
    if (directory == NULL)
        return fail_errno(err, "look into the directory", path, errno);
    int error = 0;
    for (;;) {
        long pid;
        bool own;
        errno = 0;
        const struct dirent *const entry = readdir(directory);
        if (entry == NULL) {
            error = error == 0 ? errno : error;
            break;
        }
        if (!is_temporary(entry->d_name, &pid, &own) || own || (!of_the_living && !is_gone(pid)))
            continue;
        if (unlinkat(dirfd(directory), entry->d_name, 0) == 0)
            count++;
        else if (errno != ENOENT)
            error = errno;
    }
    closedir(directory);
    if (removed != NULL)
        *removed = count;
    return error == 0 ? CCRNN_OK : fail_errno(err, "remove old temporary files in", path, error);
}

enum ccrnn_status ccrnn_directory_remove_stale(const char *path, size_t *removed,
                                               struct ccrnn_error *err)
{
    return remove_temporaries(path, false, removed, err);
}

enum ccrnn_status ccrnn_directory_remove_temporary(const char *path, size_t *removed,
                                                   struct ccrnn_error *err)
{
    return remove_temporaries(path, true, removed, err);
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
        return fail_errno(err, "write", path, errno);
    if (!S_ISREG(info.st_mode))
        return ccrnn_fail(err, CCRNN_IO, "cannot write %s: it is not a regular file; %s", path,
                          remedy(EEXIST));
    if ((uint64_t)info.st_size < offset)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is damaged: it has %lld bytes, but %llu had been written; restore "
                          "it, or remove this directory and run the same command again",
                          path, (long long)info.st_size, (unsigned long long)offset);
    const int error = append_at(descriptor, (off_t)offset, bytes, size);
    return error == 0 ? CCRNN_OK : fail_errno(err, "write", path, error);
}

enum ccrnn_status ccrnn_file_append(const char *path, uint64_t offset, const void *bytes,
                                    size_t size, struct ccrnn_error *err)
{
    const int flags = O_WRONLY | O_CLOEXEC | O_NONBLOCK | (offset == 0 ? O_CREAT : 0);
    const int descriptor = open(path, flags, 0666);
    if (descriptor < 0)
        return fail_errno(err, "write", path, errno);
    enum ccrnn_status status = append_descriptor(descriptor, path, offset, bytes, size, err);
    if (close(descriptor) != 0 && status == CCRNN_OK)
        status = fail_errno(err, "write", path, errno);
    if (status == CCRNN_OK && offset == 0) {
        const int error = sync_directory_of(path);
        if (error != 0)
            status = fail_errno(err, "flush the directory of", path, error);
    }
    return status;
}
