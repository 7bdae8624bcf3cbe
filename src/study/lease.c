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
#include "base/thread.h"
#include "study/lease_look.h"

static const char aside[] = ".lease-"; /* beginning of what is made ready */

/* A claimant may find that what it made ready was cleared away by the one who was faster. */
enum { ATTEMPTS = 8 };

struct ccrnn_lease {
    struct ccrnn_leases *of;
    struct ccrnn_lease *next;
    uint64_t token;
    atomic_bool lost;
    bool returning; /* released, but the disk would not let the entry go; under the mutex */
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

/* --- waiting ----------------------------------------------------------------------------- */

double ccrnn_lease_patience(const struct ccrnn_lease_holder *holder, double stale)
{
    return 4 * holder->beat > stale ? 4 * holder->beat : stale;
}

/* May the lease be taken over now? `before`: a moment before the look, so that it is not taken for the time of
 * the look if this process was stopped in between. */
static bool is_abandoned(const struct ccrnn_leases *leases, const struct ccrnn_lease_place *seen,
                         double before, struct ccrnn_lease_watch *watch)
{
    if (seen->holder.state == CCRNN_PROCESS_GONE)
        return true;
    if (watch == NULL)
        return false;
    if (watch->since <= 0 || watch->seen != seen->holder.sight) {
        *watch = (struct ccrnn_lease_watch){.seen = seen->holder.sight,
                                            .since = ccrnn_monotonic_seconds()};
        return false;
    }
    return before - watch->since >= ccrnn_lease_patience(&seen->holder, leases->stale);
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

/* Nothing of ours stays there, also if it was lost. @return false: the disk refuses */
static bool give_back(const struct ccrnn_lease *lease)
{
    char place[CCRNN_PATH_MAX];
    const bool gone = rmdir(lease->entry) == 0 || errno == ENOENT;
    memcpy(place, lease->entry, sizeof place);
    *strrchr(place, '/') = '\0';
    (void)rmdir(place); /* not empty: somebody was quick to take it */
    return gone;
}

/* Under the mutex. */
static void forget(struct ccrnn_lease *lease)
{
    struct ccrnn_lease **at = &lease->of->first;
    while (*at != lease)
        at = &(*at)->next;
    *at = lease->next;
    free(lease);
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
        for (struct ccrnn_lease *l = leases->first, *next; !leases->closing && l != NULL;
             l = next) {
            next = l->next;
            if (!l->returning)
                touch(l);
            else if (give_back(l))
                forget(l);
        }
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
    if (ccrnn_thread_start(&made->thread, beat, made) != 0) {
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
    while (leases->first != NULL) {
        (void)give_back(leases->first);
        forget(leases->first);
    }
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

static void empty(const char *path)
{
    DIR *const entries = ccrnn_directory_open(path);
    for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;)
        if (!ccrnn_lease_is_dots(e->d_name))
            (void)unlinkat(dirfd(entries), e->d_name, AT_REMOVEDIR);
    if (entries != NULL)
        closedir(entries);
    (void)rmdir(path);
}

/* What processes that were killed while they made a lease ready left behind. One that is still at it finds that
 * it was too late. Each is first renamed to a name of our own: so either it became a lease, or it never will, and
 * nothing is ever removed from one that somebody holds. */
static void clear_aside(const struct ccrnn_lease *lease, const char *directory)
{
    char own[40], dead[CCRNN_PATH_MAX], path[CCRNN_PATH_MAX];
    (void)ccrnn_format(own, sizeof own, "%sx%016" PRIx64, aside, lease->token);
    DIR *const entries = ccrnn_directory_open(directory);
    for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;)
        if (strncmp(e->d_name, aside, sizeof aside - 1) == 0 &&
            ccrnn_path_join(path, sizeof path, directory, e->d_name, NULL) == CCRNN_OK &&
            ccrnn_path_join(dead, sizeof dead, directory, own, NULL) == CCRNN_OK) {
            (void)rename(path, dead); /* a reply may get lost: what has our name is ours */
            empty(dead);
        }
    if (entries != NULL)
        closedir(entries);
}

/* What keeps a free place from being taken: files, and on some file systems that it is there at all. A
 * directory in it, which may be a lease, stays. */
static void clear_place(const char *place)
{
    DIR *const entries = ccrnn_directory_open(place);
    for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;)
        if (!ccrnn_lease_is_dots(e->d_name))
            (void)unlinkat(dirfd(entries), e->d_name, 0);
    if (entries != NULL)
        closedir(entries);
    (void)rmdir(place);
}

/* After taking over: entries beside ours, as abandoned as the one it was. By the path of ours, which leads
 * nowhere once it is lost. */
static void remove_others(const struct ccrnn_lease *lease)
{
    char place[CCRNN_PATH_MAX], path[CCRNN_PATH_MAX];
    const char *const own = strrchr(lease->entry, '/') + 1;
    if (ccrnn_path_join(place, sizeof place, lease->entry, "..", NULL) != CCRNN_OK)
        return;
    DIR *const entries = ccrnn_directory_open(place);
    for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;)
        if (!ccrnn_lease_is_dots(e->d_name) && strcmp(e->d_name, own) != 0 &&
            ccrnn_path_join(path, sizeof path, place, e->d_name, NULL) == CCRNN_OK)
            (void)rmdir(path);
    if (entries != NULL)
        closedir(entries);
}

/* Made now, or by a call of ours whose reply was lost: nobody else has the name. */
static bool make(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
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
    if (make(ready) && make(entry) && rename(ready, place) == 0)
        return CCRNN_OK;
    const int error = errno;
    if (ccrnn_path_exists(lease->entry)) /* it was done, only the reply got lost */
        return CCRNN_OK;
    remove_aside(ready, name);
    (void)give_back(lease);
    if (error == EEXIST || error == ENOTEMPTY)
        clear_place(place);
    return error == EEXIST || error == ENOTEMPTY || error == ENOENT
               ? CCRNN_BUSY
               : ccrnn_fail_errno(err, "claim", directory, error);
}

static enum ccrnn_status take_over(struct ccrnn_lease *lease, const char *directory,
                                   const struct ccrnn_lease_place *seen, struct ccrnn_error *err)
{
    char place[CCRNN_PATH_MAX], old[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(place, sizeof place, directory, "lease", err));
    CCRNN_TRY(ccrnn_path_join(old, sizeof old, place, seen->first, err));
    const int error = rename(old, lease->entry) == 0 ? 0 : errno;
    if (error != 0 && !ccrnn_path_exists(lease->entry)) {
        (void)give_back(lease);
        return error == ENOENT ? CCRNN_BUSY
                               : ccrnn_fail_errno(err, "take over", directory, error);
    }
    remove_others(lease);
    lease->taken_over = true;
    lease->before = seen->holder;
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
    struct ccrnn_lease_place seen;
    const double before = ccrnn_monotonic_seconds();
    CCRNN_TRY(ccrnn_lease_see(directory, &seen, err));
    *holder = seen.holder;
    if (holder->name[0] == '\0')
        return take_free(lease, directory, name, err);
    if (!is_abandoned(lease->of, &seen, before, watch))
        return fail_busy(directory, holder, err);
    const enum ccrnn_status status = take_over(lease, directory, &seen, err);
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
    clear_aside(made, directory);
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
    const bool gone = give_back(lease);
    pthread_mutex_lock(&leases->mutex);
    if (gone)
        forget(lease);
    else
        lease->returning = true;
    pthread_mutex_unlock(&leases->mutex);
}

/* @param all also the temporary files of the run itself */
static bool has_rests(const char *directory, bool all)
{
    bool found = false;
    DIR *const entries = ccrnn_directory_open(directory);
    for (struct dirent *e; !found && entries != NULL && (e = readdir(entries)) != NULL;)
        found = strcmp(e->d_name, "lease") == 0 ||
                strncmp(e->d_name, aside, sizeof aside - 1) == 0 ||
                (all && e->d_name[0] == '.' && !ccrnn_lease_is_dots(e->d_name));
    if (entries != NULL)
        closedir(entries);
    return found;
}

static void tidy(struct ccrnn_leases *leases, const char *directory, bool all)
{
    struct ccrnn_lease *lease;
    if (!has_rests(directory, all) ||
        ccrnn_lease_take(leases, directory, NULL, &lease, NULL) != CCRNN_OK)
        return;
    if (all)
        (void)ccrnn_directory_remove_temporary(lease->directory, NULL, NULL);
    ccrnn_lease_release(lease);
}

void ccrnn_lease_tidy(struct ccrnn_leases *leases, const char *directory)
{
    tidy(leases, directory, true);
}

void ccrnn_lease_tidy_shared(struct ccrnn_leases *leases, const char *directory)
{
    tidy(leases, directory, false);
}
