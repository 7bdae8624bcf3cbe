#define _GNU_SOURCE
#include "study/lease.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/number.h"

static const char aside[] = ".lease-"; /* beginning of what is made ready */

/* A claimant may find that what it made ready was cleared away by the one who was faster. */
enum { ATTEMPTS = 8 };

struct ccrnn_lease {
    struct ccrnn_leases *of;
    struct ccrnn_lease *next;
    uint64_t token;
    atomic_bool lost;
    bool taken_over;
    struct ccrnn_lease_holder before;
    char entry[CCRNN_PATH_MAX];              /* RUN/lease/NAME */
    char directory[CCRNN_PATH_MAX];          /* RUN/lease/NAME/../.. */
    char suffix[CCRNN_LEASE_NAME_SIZE + 32]; /* what people need not see of it */
};

struct ccrnn_leases {
    struct ccrnn_process self;
    double stale, beat;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t closing_changed;
    bool closing;
    struct ccrnn_lease *first;
};

/* --- names ------------------------------------------------------------------------------- */

static void write_name(const struct ccrnn_leases *leases, uint64_t token,
                       char name[CCRNN_LEASE_NAME_SIZE])
{
    const struct ccrnn_process *const self = &leases->self;
    (void)ccrnn_format(name, CCRNN_LEASE_NAME_SIZE,
                       "host=%s,boot=%s,ns=%" PRIu64 ",pid=%" PRIu64 ",start=%" PRIu64
                       ",beat=%.0f,token=%016" PRIx64,
                       self->host, self->boot, self->container, self->id, self->started,
                       1000 * leases->beat, token);
}

/* The value of the next "key=value,"; moves on behind it. */
static bool take_word(const char **at, const char *key, char *value, size_t size)
{
    const size_t length = strlen(key);
    if (strncmp(*at, key, length) != 0 || (*at)[length] != '=')
        return false;
    const char *const begin = *at + length + 1;
    const size_t found = strcspn(begin, ",");
    if (found >= size)
        return false;
    memcpy(value, begin, found);
    value[found] = '\0';
    *at = begin + found + (begin[found] == ',');
    return true;
}

static bool take_number(const char **at, const char *key, uint64_t *number)
{
    char text[24];
    return take_word(at, key, text, sizeof text) && ccrnn_parse_unsigned(text, number);
}

static bool take_token(const char **at, uint64_t *token)
{
    char text[17], *end = NULL;
    if (!take_word(at, "token", text, sizeof text) || strlen(text) != 16 ||
        strspn(text, "0123456789abcdef") != 16)
        return false;
    *token = strtoull(text, &end, 16);
    return **at == '\0';
}

static void read_name(struct ccrnn_lease_holder *holder)
{
    struct ccrnn_process *const process = &holder->process;
    const char *at = holder->name;
    uint64_t beat = 0;
    holder->understood = take_word(&at, "host", process->host, sizeof process->host) &&
                         take_word(&at, "boot", process->boot, sizeof process->boot) &&
                         take_number(&at, "ns", &process->container) &&
                         take_number(&at, "pid", &process->id) &&
                         take_number(&at, "start", &process->started) &&
                         take_number(&at, "beat", &beat) && take_token(&at, &holder->token);
    holder->beat = holder->understood ? 1e-3 * (double)beat : CCRNN_LEASE_BEAT;
    holder->state = holder->understood ? ccrnn_process_look(process) : CCRNN_PROCESS_ELSEWHERE;
}

/* --- looking ----------------------------------------------------------------------------- */

static enum ccrnn_status fail_io(struct ccrnn_error *err, const char *what, const char *path)
{
    const int error = errno;
    char buffer[128];
    return ccrnn_fail(err, CCRNN_IO,
                      "cannot %s %s: %s; check the disk and the permissions there, or choose "
                      "another --out",
                      what, path, strerror_r(error, buffer, sizeof buffer));
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

enum ccrnn_status ccrnn_lease_look(const char *directory, struct ccrnn_lease_holder *holder,
                                   struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct stat info;
    *holder = (struct ccrnn_lease_holder){.state = CCRNN_PROCESS_GONE};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "lease", err));
    DIR *const entries = opendir(path);
    if (entries == NULL)
        return errno == ENOENT ? CCRNN_OK : fail_io(err, "see who works on", directory);
    for (struct dirent *e; holder->name[0] == '\0' && (e = readdir(entries)) != NULL;) {
        if (is_dots(e->d_name) || strlen(e->d_name) >= sizeof holder->name ||
            fstatat(dirfd(entries), e->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        memcpy(holder->name, e->d_name, strlen(e->d_name) + 1);
        holder->touched = info.st_mtim;
        read_name(holder);
    }
    closedir(entries);
    return CCRNN_OK;
}

/* FNV-1a */
uint64_t ccrnn_lease_sight(const struct ccrnn_lease_holder *holder)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *p = holder->name; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
    hash = (hash ^ (uint64_t)holder->touched.tv_sec) * 0x100000001b3u;
    hash = (hash ^ (uint64_t)holder->touched.tv_nsec) * 0x100000001b3u;
    return hash | 1;
}

double ccrnn_lease_patience(const struct ccrnn_lease_holder *holder, double stale)
{
    return 4 * holder->beat > stale ? 4 * holder->beat : stale;
}

void ccrnn_lease_give_up(const struct ccrnn_lease_holder *holder, struct ccrnn_lease_watch *watch)
{
    *watch = (struct ccrnn_lease_watch){
        .seen = ccrnn_lease_sight(holder), .since = ccrnn_monotonic_seconds(), .given_up = true};
}

/* May the lease be taken over now? */
static bool is_abandoned(const struct ccrnn_leases *leases,
                         const struct ccrnn_lease_holder *holder, struct ccrnn_lease_watch *watch)
{
    if (holder->state == CCRNN_PROCESS_GONE)
        return true;
    if (watch == NULL)
        return false;
    const uint64_t seen = ccrnn_lease_sight(holder);
    const double now = ccrnn_monotonic_seconds();
    if (watch->since <= 0 || watch->seen != seen) {
        *watch = (struct ccrnn_lease_watch){.seen = seen, .since = now};
        return false;
    }
    return (watch->given_up && holder->state == CCRNN_PROCESS_ELSEWHERE) ||
           now - watch->since >= ccrnn_lease_patience(holder, leases->stale);
}

/* --- the beat ---------------------------------------------------------------------------- */

/* Not there any more: somebody took it over. Anything else, such as a disk that does not answer, says
 * nothing about who has it. */
static bool is_missing(const char *path)
{
    struct stat info;
    return stat(path, &info) != 0 && errno == ENOENT;
}

static void touch(struct ccrnn_lease *lease)
{
    if (utimensat(AT_FDCWD, lease->entry, NULL, 0) != 0 && errno == ENOENT)
        lease->lost = true;
}

static void *beat(void *context)
{
    struct ccrnn_leases *const leases = context;
    pthread_mutex_lock(&leases->mutex);
    while (!leases->closing) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        const double after = (double)until.tv_sec + 1e-9 * (double)until.tv_nsec + leases->beat;
        until.tv_sec = (time_t)after;
        until.tv_nsec = (long)(1e9 * (after - (double)until.tv_sec));
        (void)pthread_cond_timedwait(&leases->closing_changed, &leases->mutex, &until);
        for (struct ccrnn_lease *l = leases->first; !leases->closing && l != NULL; l = l->next)
            touch(l);
    }
    pthread_mutex_unlock(&leases->mutex);
    return NULL;
}

enum ccrnn_status ccrnn_leases_open(double stale, struct ccrnn_leases **leases,
                                    struct ccrnn_error *err)
{
    pthread_condattr_t monotonic;
    struct ccrnn_leases *const made = calloc(1, sizeof *made);
    *leases = NULL;
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
    ccrnn_process_self(&made->self);
    made->stale = stale < CCRNN_LEASE_STALE_LEAST ? CCRNN_LEASE_STALE_LEAST : stale;
    made->beat = made->stale / 4 < CCRNN_LEASE_BEAT ? made->stale / 4 : CCRNN_LEASE_BEAT;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&made->closing_changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&made->thread, NULL, beat, made) != 0) {
        pthread_cond_destroy(&made->closing_changed);
        pthread_mutex_destroy(&made->mutex);
        free(made);
        return ccrnn_fail(err, CCRNN_MEMORY, "no thread could be started; close other programs");
    }
    *leases = made;
    return CCRNN_OK;
}

void ccrnn_leases_close(struct ccrnn_leases *leases)
{
    if (leases == NULL)
        return;
    pthread_mutex_lock(&leases->mutex);
    leases->closing = true;
    pthread_cond_broadcast(&leases->closing_changed);
    pthread_mutex_unlock(&leases->mutex);
    pthread_join(leases->thread, NULL);
    pthread_cond_destroy(&leases->closing_changed);
    pthread_mutex_destroy(&leases->mutex);
    free(leases);
}

/* --- taking ------------------------------------------------------------------------------ */

static void remove_aside(const char *path, const char *name)
{
    char entry[CCRNN_PATH_MAX];
    if (ccrnn_path_join(entry, sizeof entry, path, name, NULL) == CCRNN_OK)
        (void)rmdir(entry);
    (void)rmdir(path);
}

/* What processes that were killed while they made a lease ready left behind. One that is still at it
 * finds that it was too late. */
static void clear_aside(const char *directory)
{
    DIR *const entries = opendir(directory);
    for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;) {
        char path[CCRNN_PATH_MAX];
        if (strncmp(e->d_name, aside, sizeof aside - 1) != 0 ||
            ccrnn_path_join(path, sizeof path, directory, e->d_name, NULL) != CCRNN_OK)
            continue;
        DIR *const inside = opendir(path);
        for (struct dirent *i; inside != NULL && (i = readdir(inside)) != NULL;)
            if (!is_dots(i->d_name))
                (void)unlinkat(dirfd(inside), i->d_name, AT_REMOVEDIR);
        if (inside != NULL)
            closedir(inside);
        (void)rmdir(path);
    }
    if (entries != NULL)
        closedir(entries);
}

/* A reply that was lost on the network may make a rename that was done look like one that failed, so
 * what counts is whether the entry is there. */
static bool is_there(const char *entry)
{
    struct stat info;
    return stat(entry, &info) == 0;
}

/* The run is free: make a lease ready and put it into its place. CCRNN_BUSY: another one was faster. */
static enum ccrnn_status take_free(struct ccrnn_lease *lease, const char *directory,
                                   const char *name, struct ccrnn_error *err)
{
    char ready[CCRNN_PATH_MAX], entry[CCRNN_PATH_MAX], place[CCRNN_PATH_MAX], own[32];
    (void)ccrnn_format(own, sizeof own, "%s%016" PRIx64, aside, lease->token);
    CCRNN_TRY(ccrnn_path_join(ready, sizeof ready, directory, own, err));
    CCRNN_TRY(ccrnn_path_join(entry, sizeof entry, ready, name, err));
    CCRNN_TRY(ccrnn_path_join(place, sizeof place, directory, "lease", err));
    if (mkdir(ready, 0777) != 0 || mkdir(entry, 0777) != 0) {
        const bool cleared = errno == ENOENT;
        const enum ccrnn_status status =
            cleared ? CCRNN_BUSY : fail_io(err, "claim the run", directory);
        remove_aside(ready, name);
        return status;
    }
    if (rename(ready, place) == 0 || is_there(lease->entry))
        return CCRNN_OK;
    const bool faster = errno == EEXIST || errno == ENOTEMPTY || errno == ENOENT;
    const enum ccrnn_status status =
        faster ? CCRNN_BUSY : fail_io(err, "claim the run", directory);
    remove_aside(ready, name);
    return status;
}

static enum ccrnn_status take_over(struct ccrnn_lease *lease, const char *directory,
                                   const struct ccrnn_lease_holder *holder,
                                   struct ccrnn_error *err)
{
    char place[CCRNN_PATH_MAX], old[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(place, sizeof place, directory, "lease", err));
    CCRNN_TRY(ccrnn_path_join(old, sizeof old, place, holder->name, err));
    if (rename(old, lease->entry) != 0 && !is_there(lease->entry))
        return errno == ENOENT ? CCRNN_BUSY : fail_io(err, "take over the run", directory);
    lease->taken_over = true;
    lease->before = *holder;
    return CCRNN_OK;
}

static enum ccrnn_status fail_busy(const char *directory, const struct ccrnn_lease_holder *holder,
                                   struct ccrnn_error *err)
{
    if (!holder->understood)
        return ccrnn_fail(err, CCRNN_BUSY,
                          "%s: another process is working on this run (%s); wait for it to end, "
                          "or stop it",
                          directory, holder->name[0] == '\0' ? "just begun" : holder->name);
    return ccrnn_fail(err, CCRNN_BUSY,
                      "%s: another process is working on this run (process %" PRIu64
                      " of %s); wait for it to end, or stop it",
                      directory, holder->process.id, holder->process.host);
}

/* One attempt. CCRNN_BUSY with holder->name "": somebody was faster, look again. */
static enum ccrnn_status attempt(struct ccrnn_lease *lease, const char *directory,
                                 const char *name, struct ccrnn_lease_watch *watch,
                                 struct ccrnn_lease_holder *holder, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_lease_look(directory, holder, err));
    if (holder->name[0] == '\0')
        return take_free(lease, directory, name, err);
    if (!is_abandoned(lease->of, holder, watch))
        return fail_busy(directory, holder, err);
    const enum ccrnn_status status = take_over(lease, directory, holder, err);
    if (status == CCRNN_BUSY)
        holder->name[0] = '\0';
    return status;
}

static enum ccrnn_status name_paths(struct ccrnn_lease *lease, const char *directory,
                                    const char *name, struct ccrnn_error *err)
{
    (void)ccrnn_format(lease->suffix, sizeof lease->suffix, "/lease/%s/../..", name);
    char place[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(place, sizeof place, directory, "lease", err));
    CCRNN_TRY(ccrnn_path_join(lease->entry, sizeof lease->entry, place, name, err));
    return ccrnn_path_join(lease->directory, sizeof lease->directory, lease->entry, "../..", err);
}

static void hold(struct ccrnn_leases *leases, struct ccrnn_lease *lease)
{
    touch(lease);
    pthread_mutex_lock(&leases->mutex);
    lease->next = leases->first;
    leases->first = lease;
    pthread_mutex_unlock(&leases->mutex);
}

enum ccrnn_status ccrnn_lease_take(struct ccrnn_leases *leases, const char *directory,
                                   struct ccrnn_lease_watch *watch, struct ccrnn_lease **lease,
                                   struct ccrnn_error *err)
{
    char name[CCRNN_LEASE_NAME_SIZE];
    struct ccrnn_lease_holder holder = {.state = CCRNN_PROCESS_GONE};
    *lease = NULL;
    CCRNN_TRY(ccrnn_directory_make(directory, err));
    struct ccrnn_lease *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
    made->of = leases;
    made->token = ccrnn_process_token();
    write_name(leases, made->token, name);
    enum ccrnn_status status = name_paths(made, directory, name, err);
    for (int i = 0; status == CCRNN_OK && i < ATTEMPTS; i++) {
        status = attempt(made, directory, name, watch, &holder, err);
        if (status != CCRNN_BUSY || holder.name[0] != '\0' || i + 1 == ATTEMPTS)
            break;
        status = CCRNN_OK;
    }
    if (status == CCRNN_BUSY && holder.name[0] == '\0')
        status = fail_busy(directory, &holder, err);
    if (status != CCRNN_OK) {
        free(made);
        return status;
    }
    clear_aside(directory);
    hold(leases, made);
    *lease = made;
    return CCRNN_OK;
}

/* --- holding ----------------------------------------------------------------------------- */

const char *ccrnn_lease_directory(const struct ccrnn_lease *lease)
{
    return lease->directory;
}

void ccrnn_lease_clean(const struct ccrnn_lease *lease, char *message)
{
    const size_t length = strlen(lease->suffix);
    for (char *at = strstr(message, lease->suffix); at != NULL; at = strstr(at, lease->suffix))
        memmove(at, at + length, strlen(at + length) + 1);
}

uint64_t ccrnn_lease_token(const struct ccrnn_lease *lease)
{
    return lease->token;
}

const struct ccrnn_lease_holder *ccrnn_lease_before(const struct ccrnn_lease *lease)
{
    return lease->taken_over ? &lease->before : NULL;
}

bool ccrnn_lease_held(struct ccrnn_lease *lease)
{
    if (!lease->lost && is_missing(lease->entry))
        lease->lost = true;
    return !lease->lost;
}

bool ccrnn_lease_known_lost(const struct ccrnn_lease *lease)
{
    return lease->lost;
}

void ccrnn_lease_release(struct ccrnn_lease *lease)
{
    if (lease == NULL)
        return;
    struct ccrnn_leases *const leases = lease->of;
    pthread_mutex_lock(&leases->mutex);
    struct ccrnn_lease **at = &leases->first;
    while (*at != lease)
        at = &(*at)->next;
    *at = lease->next;
    pthread_mutex_unlock(&leases->mutex);
    if (rmdir(lease->entry) == 0) {
        *strrchr(lease->entry, '/') = '\0';
        (void)rmdir(lease->entry); /* not empty: somebody was quick to take it */
    }
    free(lease);
}
