/* Preloaded under the program by tests: the troubles of network file systems and of clocks that are set, made here.
 *
 *   TROUBLE_SEED=N     of the random numbers below
 *   TROUBLE_LIES=N     one of N renames is done and told to have failed, as when the reply gets lost
 *   TROUBLE_FAILS=N    one of N renames is not done, and fails
 *   TROUBLE_STALE=N    one of N opens and looks at a file finds a stale handle
 *   TROUBLE_SLOW=N     every call that concerns a name takes up to N milliseconds
 *   TROUBLE_LATE=N     a rename takes up to N milliseconds more
 *   TROUBLE_CLOCK=FILE seconds by which the clock on the wall is wrong, read anew every time
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static atomic_uint_least64_t calls;

/* The function of the C library that stands behind the one here. */
#define BEHIND(name)                                                                             \
    __extension__({                                                                              \
        __typeof__(&name) function;                                                              \
        *(void **)(&function) = dlsym(RTLD_NEXT, #name);                                         \
        function;                                                                                \
    })

static unsigned long setting(const char *name)
{
    const char *const text = getenv(name);
    return text == NULL ? 0 : strtoul(text, NULL, 10);
}

/* splitmix64 of seed and number of the call: threads change the order, not what a call draws. */
static uint64_t draw(void)
{
    uint64_t x = setting("TROUBLE_SEED") * 0xd1342543de82ef95u +
                 (atomic_fetch_add(&calls, 1) + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static bool strikes(const char *name)
{
    const unsigned long one_of = setting(name);
    return one_of > 0 && draw() % one_of == 0;
}

static void sleep_up_to(unsigned long milliseconds)
{
    if (milliseconds == 0)
        return;
    const struct timespec time = {0, (long)(draw() % (1000000 * milliseconds))};
    nanosleep(&time, NULL);
}

static void be_slow(void)
{
    sleep_up_to(setting("TROUBLE_SLOW"));
}

/* Not for what a machine has of its own. */
static bool is_stale(const char *path)
{
    const bool own = strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0 ||
                     strncmp(path, "/usr/", 5) == 0 || strncmp(path, "/etc/", 5) == 0;
    if (own)
        return false;
    be_slow();
    if (!strikes("TROUBLE_STALE"))
        return false;
    errno = ESTALE;
    return true;
}

/* The C library has reserved names for its parameters. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* --- names ------------------------------------------------------------------------------- */

int rename(const char *from, const char *to)
{
    be_slow();
    sleep_up_to(setting("TROUBLE_LATE"));
    if (strikes("TROUBLE_FAILS")) {
        errno = EIO;
        return -1;
    }
    const int result = BEHIND(rename)(from, to);
    if (result == 0 && strikes("TROUBLE_LIES")) {
        errno = draw() % 2 == 0 ? ENOENT : EIO; /* asked again, or given up */
        return -1;
    }
    return result;
}

int mkdir(const char *path, mode_t mode)
{
    be_slow();
    return BEHIND(mkdir)(path, mode);
}

int rmdir(const char *path)
{
    be_slow();
    return BEHIND(rmdir)(path);
}

int link(const char *from, const char *to)
{
    be_slow();
    return BEHIND(link)(from, to);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return is_stale(path) ? -1 : BEHIND(open64)(path, flags, mode);
}

int stat64(const char *path, struct stat64 *info)
{
    return is_stale(path) ? -1 : BEHIND(stat64)(path, info);
}

DIR *opendir(const char *path)
{
    return is_stale(path) ? NULL : BEHIND(opendir)(path);
}

/* --- clocks ------------------------------------------------------------------------------ */

static time_t error_of_clock(void)
{
    char text[32] = "";
    const char *const path = getenv("TROUBLE_CLOCK");
    const int descriptor = path == NULL ? -1 : BEHIND(open64)(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    const ssize_t got = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    return got > 0 ? (time_t)strtoll(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    const int result = BEHIND(clock_gettime)(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += error_of_clock();
    return result;
}

time_t time(time_t *store)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (store != NULL)
        *store = now.tv_sec;
    return now.tv_sec;
}

/* The machine's wrong clock is the one that stamps what it touches. */
int utimensat(int directory, const char *path, const struct timespec times[2], int flags)
{
    struct timespec now[2];
    be_slow();
    if (times == NULL && getenv("TROUBLE_CLOCK") != NULL) {
        (void)clock_gettime(CLOCK_REALTIME, &now[0]);
        now[1] = now[0];
        times = now;
    }
    return BEHIND(utimensat)(directory, path, times, flags);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
