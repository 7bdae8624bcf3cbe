#define _GNU_SOURCE
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

/* Names end with ".tmp-PID-HEX"; HEX is eight digits that belong to this process and eight that
 * count, so that a later process with the same id knows what is not its own. */
static const char temporary_mark[] = ".tmp-";
enum { HEX_DIGITS = 16 };

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

bool ccrnn_temporary_name(const char *base, char *name, size_t size)
{
    pthread_once(&process_nonce_once, make_process_nonce);
    const int length =
        ccrnn_format(name, size, ".%s%s%ld-%08x%08x", base, temporary_mark, (long)getpid(),
                     process_nonce, atomic_fetch_add(&temporary_count, 1u));
    return length >= 0 && (size_t)length < size;
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

/* By its path: who reaches the directory through a lease (lease.h) and has lost it removes nothing of the
 * new holder's. Returns 0 or the errno. */
static int remove_one(const char *directory, const char *name, size_t *count)
{
    char path[CCRNN_PATH_MAX];
    if (ccrnn_path_join(path, sizeof path, directory, name, NULL) != CCRNN_OK)
        return ENAMETOOLONG;
    if (unlink(path) != 0)
        return errno == ENOENT ? 0 : errno;
    (*count)++;
    return 0;
}

static enum ccrnn_status remove_temporaries(const char *path, bool of_the_living, size_t *removed,
                                            struct ccrnn_error *err)
{
    size_t count = 0;
    DIR *const directory = ccrnn_directory_open(path);
    if (directory == NULL)
        return ccrnn_fail_errno(err, "look into the directory", path, errno);
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
        const int failed = remove_one(path, entry->d_name, &count);
        error = failed != 0 ? failed : error;
    }
    closedir(directory);
    if (removed != NULL)
        *removed = count;
    return error == 0 ? CCRNN_OK
                      : ccrnn_fail_errno(err, "remove old temporary files in", path, error);
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
