#include "loop/rank_threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/thread.h"
#include "loop/split.h"

/* Requests of a rank that have begun and are not done: a rank that has more waits. */
enum { UNDER_WAY = 64 };

struct request {
    enum { SUM, GATHER, TELL } kind;
    void *bytes;
    size_t count, size; /* of each of `count` */
};

/* What a rank's functions are given. */
struct seat {
    struct ccrnn_rank_threads *group;
    struct ccrnn_ranks ranks;
    struct request request[UNDER_WAY];
    size_t begun;
};

struct ccrnn_rank_threads {
    size_t count;
    struct seat seat[CCRNN_RANK_THREADS_MAX];
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows, and all `begun` */
    pthread_cond_t changed;
    size_t done;
    bool ends;
};

/* --- the ranks' side --------------------------------------------------------------------- */

static size_t begin(struct seat *seat, struct request request)
{
    struct ccrnn_rank_threads *const group = seat->group;
    pthread_mutex_lock(&group->mutex);
    while (seat->begun - group->done == UNDER_WAY)
        pthread_cond_wait(&group->changed, &group->mutex);
    const size_t number = seat->begun++;
    seat->request[number % UNDER_WAY] = request;
    pthread_cond_broadcast(&group->changed);
    pthread_mutex_unlock(&group->mutex);
    return number;
}

static size_t begin_sum(void *context, ccrnn_real *values, size_t n)
{
    return begin(context, (struct request){SUM, values, n, sizeof *values});
}

static size_t begin_gather(void *context, void *whole, size_t rows, size_t size)
{
    return begin(context, (struct request){GATHER, whole, rows, size});
}

static size_t begin_tell(void *context, void *bytes, size_t size)
{
    return begin(context, (struct request){TELL, bytes, 1, size});
}

static void wait_for(void *context, size_t number)
{
    const struct seat *const seat = context;
    struct ccrnn_rank_threads *const group = seat->group;
    pthread_mutex_lock(&group->mutex);
    while (group->done <= number)
        pthread_cond_wait(&group->changed, &group->mutex);
    pthread_mutex_unlock(&group->mutex);
}

/* --- the group's thread ------------------------------------------------------------------ */

static struct request *request_of(struct ccrnn_rank_threads *group, size_t rank)
{
    return &group->seat[rank].request[group->done % UNDER_WAY];
}

static void add_up(struct ccrnn_rank_threads *group)
{
    const ccrnn_real *part[CCRNN_RANK_THREADS_MAX];
    const size_t n = request_of(group, 0)->count;
    for (size_t r = 0; r < group->count; r++)
        part[r] = request_of(group, r)->bytes;
    ccrnn_split_add(group->count, part, n, request_of(group, 0)->bytes);
    for (size_t r = 1; r < group->count; r++)
        memcpy(request_of(group, r)->bytes, part[0], n * sizeof(ccrnn_real));
}

/* Rows of rank `from` become those of rank `to`. */
static void hand_over(struct ccrnn_rank_threads *group, size_t from, size_t to, size_t first,
                      size_t end)
{
    const struct request *const source = request_of(group, from);
    const struct request *const target = request_of(group, to);
    if (from != to)
        memcpy((char *)target->bytes + first * source->size,
               (const char *)source->bytes + first * source->size, (end - first) * source->size);
}

static void exchange(struct ccrnn_rank_threads *group)
{
    const struct request *const asked = request_of(group, 0);
    const struct ccrnn_ranks *const ranks = &group->seat[0].ranks;
    for (size_t from = 0; from < group->count; from++)
        for (size_t to = 0; to < group->count; to++)
            hand_over(group, from, to, ccrnn_ranks_first(ranks, asked->count, from),
                      ccrnn_ranks_first(ranks, asked->count, from + 1));
}

static void tell(struct ccrnn_rank_threads *group)
{
    for (size_t to = 1; to < group->count; to++)
        hand_over(group, 0, to, 0, 1);
}

static bool all_have_begun(const struct ccrnn_rank_threads *group)
{
    for (size_t r = 0; r < group->count; r++)
        if (group->seat[r].begun <= group->done)
            return false;
    return true;
}

static void *work(void *context)
{
    struct ccrnn_rank_threads *const group = context;
    pthread_mutex_lock(&group->mutex);
    for (;;) {
        while (!all_have_begun(group) && !group->ends)
            pthread_cond_wait(&group->changed, &group->mutex);
        if (!all_have_begun(group))
            break;
        /* the mutex is free meanwhile: what the ranks gave stays theirs to leave alone */
        pthread_mutex_unlock(&group->mutex);
        switch (request_of(group, 0)->kind) {
        case SUM:
            add_up(group);
            break;
        case GATHER:
            exchange(group);
            break;
        case TELL:
            tell(group);
        }
        pthread_mutex_lock(&group->mutex);
        group->done++;
        pthread_cond_broadcast(&group->changed);
    }
    pthread_mutex_unlock(&group->mutex);
    return NULL;
}

/* --- begin and end ----------------------------------------------------------------------- */

enum ccrnn_status ccrnn_rank_threads_create(size_t count, struct ccrnn_rank_threads **group,
                                            struct ccrnn_error *err)
{
    *group = NULL;
    if (count < 1 || count > CCRNN_RANK_THREADS_MAX)
        return ccrnn_fail(err, CCRNN_USAGE, "%zu ranks: expected 1 … %d", count,
                          CCRNN_RANK_THREADS_MAX);
    struct ccrnn_rank_threads *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %zu ranks", count);
    made->count = count;
    for (size_t r = 0; r < count; r++) {
        made->seat[r].group = made;
        made->seat[r].ranks = (struct ccrnn_ranks){&made->seat[r], r,          count,   begin_sum,
                                                   begin_gather,   begin_tell, wait_for};
    }
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->changed, NULL);
    if (ccrnn_thread_start(&made->thread, work, made) != 0) {
        pthread_cond_destroy(&made->changed);
        pthread_mutex_destroy(&made->mutex);
        free(made);
        return ccrnn_fail(err, CCRNN_MEMORY, "no thread could be started");
    }
    *group = made;
    return CCRNN_OK;
}

const struct ccrnn_ranks *ccrnn_rank_threads_of(const struct ccrnn_rank_threads *group,
                                                size_t rank)
{
    return &group->seat[rank].ranks;
}

void ccrnn_rank_threads_destroy(struct ccrnn_rank_threads *group)
{
    if (group == NULL)
        return;
    pthread_mutex_lock(&group->mutex);
    group->ends = true;
    pthread_cond_broadcast(&group->changed);
    pthread_mutex_unlock(&group->mutex);
    pthread_join(group->thread, NULL);
    pthread_cond_destroy(&group->changed);
    pthread_mutex_destroy(&group->mutex);
    free(group);
}
