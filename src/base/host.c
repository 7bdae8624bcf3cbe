#define _GNU_SOURCE
#include "base/host.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"

/* The start of a small file of /proc, as text. */
static bool read_small(const char *path, char *text, size_t size)
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    const ssize_t got = read(descriptor, text, size - 1);
    close(descriptor);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

static void read_host(char host[65])
{
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
        memcpy(name, "unknown", sizeof "unknown");
    size_t length = 0;
    for (const char *p = name; *p != '\0' && length < 64; p++)
        host[length++] = isalnum((unsigned char)*p) || *p == '.' || *p == '-' ? *p : '_';
    host[length] = '\0';
}

static void read_boot(char boot[37])
{
    char text[64];
    boot[0] = '\0';
    if (read_small("/proc/sys/kernel/random/boot_id", text, sizeof text) &&
        strspn(text, "0123456789abcdef-") == 36) {
        memcpy(boot, text, 36);
        boot[36] = '\0';
    }
}

/* The text of a link of /proc; false if there is none. */
static bool read_link(const char *path, char *text, size_t size)
{
    const ssize_t got = readlink(path, text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* Number of one of our name spaces, from a link like "pid:[4026531836]"; 0 if /proc does not tell. */
static uint64_t read_name_space(const char *path)
{
    char link[64];
    uint64_t number = 0;
    if (!read_link(path, link, sizeof link))
        return 0;
    char *const digits = strchr(link, '[');
    char *const end = digits == NULL ? NULL : strchr(digits, ']');
    if (end == NULL)
        return 0;
    *end = '\0';
    return ccrnn_parse_unsigned(digits + 1, &number) ? number : 0;
}

/* 0 as well where /proc shows another name space than ours: its numbers mean other processes then. In a name
 * space of time of its own, the starts of processes count from another moment: so that is another container. */
static uint64_t read_container(void)
{
    static const uint64_t first_time =
        0xEFFFFFFAu; /* of the machine itself, a constant of Linux */
    char link[64], own[24];
    (void)ccrnn_format(own, sizeof own, "%ld", (long)getpid());
    if (!read_link("/proc/self", link, sizeof link) || strcmp(link, own) != 0)
        return 0;
    const uint64_t pids = read_name_space("/proc/self/ns/pid");
    const uint64_t time = read_name_space("/proc/self/ns/time");
    return pids == 0 || time == 0 || time == first_time ? pids : pids ^ time << 32;
}

/* State and start of a process; false if there is none, or /proc is not there. The second field, the
 * program's name in parentheses, may hold anything, so what counts begins after the last of them. */
static bool read_stat(uint64_t id, char *state, uint64_t *started)
{
    enum { FIELDS_BEFORE_START = 19 };
    char path[48], text[1024];
    (void)ccrnn_format(path, sizeof path, "/proc/%" PRIu64 "/stat", id);
    if (!read_small(path, text, sizeof text))
        return false;
    const char *field = strrchr(text, ')');
    if (field == NULL || field[1] != ' ' || field[2] == '\0')
        return false;
    field += 2;
    *state = *field;
    for (int i = 0; i < FIELDS_BEFORE_START && field != NULL; i++) {
        field = strchr(field, ' ');
        field = field == NULL ? NULL : field + 1;
    }
    char number[24];
    const size_t length = field == NULL ? 0 : strspn(field, "0123456789");
    if (length == 0 || length >= sizeof number)
        return false;
    memcpy(number, field, length);
    number[length] = '\0';
    return ccrnn_parse_unsigned(number, started);
}

void ccrnn_process_self(struct ccrnn_process *process)
{
    char state;
    *process = (struct ccrnn_process){.id = (uint64_t)getpid()};
    read_host(process->host);
    read_boot(process->boot);
    process->container = read_container();
    if (!read_stat(process->id, &state, &process->started))
        process->started = 0;
}

enum ccrnn_process_state ccrnn_process_look(const struct ccrnn_process *process)
{
    struct ccrnn_process self;
    char state;
    uint64_t started;
    ccrnn_process_self(&self);
    if (self.boot[0] == '\0' || self.container == 0 || self.started == 0 ||
        strcmp(process->boot, self.boot) != 0 || process->container != self.container)
        return CCRNN_PROCESS_ELSEWHERE;
    /* /proc may be silent about the processes of other users (hidepid); whether the number is in use can be
     * asked all the same. */
    if (!read_stat(process->id, &state, &started))
        return kill((pid_t)process->id, 0) != 0 && errno == ESRCH ? CCRNN_PROCESS_GONE
                                                                  : CCRNN_PROCESS_ELSEWHERE;
    return started == process->started && state != 'Z' && state != 'X' ? CCRNN_PROCESS_ALIVE
                                                                       : CCRNN_PROCESS_GONE;
}

bool ccrnn_process_is_stopped(const struct ccrnn_process *process)
{
    char state;
    uint64_t started;
    return ccrnn_process_look(process) == CCRNN_PROCESS_ALIVE &&
           read_stat(process->id, &state, &started) && started == process->started &&
           (state == 'T' || state == 't');
}

uint64_t ccrnn_process_token(void)
{
    static atomic_uint_least64_t calls;
    uint64_t token = 0;
    struct timespec now = {0, 0};
    if (getrandom(&token, sizeof token, GRND_NONBLOCK) == (ssize_t)sizeof token)
        return token;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec << 8 ^ (uint64_t)getpid() << 40) +
           atomic_fetch_add(&calls, 1u);
}

double ccrnn_monotonic_seconds(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
