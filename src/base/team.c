#include "base/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/thread.h"

enum { THREADS_MAX = 1024 };

/* How often a waiting thread looks before it lets others run: a tenth to half of a millisecond, more
 * than a training step goes without common work. */
enum { LOOKS = 20000 };

struct ccrnn_team {
    int helpers;
    pthread_t *thread; /* (helpers) */
    void (*start)(void);

    /* The work at hand; written before `round` is raised. */
    ccrnn_team_work *work;
    void *context;
    size_t pieces;
    atomic_size_t next; /* piece nobody has taken */
    atomic_int busy;    /* helpers that have not ended the round */
    atomic_uint round;
    atomic_bool over;

    /* Helpers that waited long sleep here. */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_int sleeping;
};

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void take_pieces(struct ccrnn_team *team)
{
    for (;;) {
        const size_t piece = atomic_fetch_add(&team->next, 1);
        if (piece >= team->pieces)
            return;
        team->work(team->context, piece);
    }
}

/* Wait for a round after `seen`. A sleeper is counted before it looks for the last time, and whoever
 * starts a round looks for sleepers after raising it: so no round is slept through. */
static unsigned wait_for_round(struct ccrnn_team *team, unsigned seen)
{
    for (int look = 0; look < LOOKS; look++) {
        const unsigned round = atomic_load(&team->round);
        if (round != seen)
            return round;
        pause_briefly();
    }
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->sleeping, 1);
    while (atomic_load(&team->round) == seen)
        pthread_cond_wait(&team->wake, &team->lock);
    atomic_fetch_sub(&team->sleeping, 1);
    pthread_mutex_unlock(&team->lock);
    return atomic_load(&team->round);
}

static void start_round(struct ccrnn_team *team)
{
    atomic_fetch_add(&team->round, 1);
    if (atomic_load(&team->sleeping) == 0)
        return;
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
}

static void *help(void *argument)
{
    struct ccrnn_team *const team = argument;
    unsigned seen = 0;
    if (team->start != NULL)
        team->start();
    for (;;) {
        seen = wait_for_round(team, seen);
        if (atomic_load(&team->over))
            return NULL;
        take_pieces(team);
        atomic_fetch_sub(&team->busy, 1);
    }
}

enum ccrnn_status ccrnn_team_create(int threads, void (*start)(void), struct ccrnn_team **team,
                                    struct ccrnn_error *err)
{
    *team = NULL;
    if (threads < 1 || threads > THREADS_MAX)
        return ccrnn_fail(err, CCRNN_USAGE, "threads is %d: expected 1 … %d", threads,
                          THREADS_MAX);
    if (threads == 1)
        return CCRNN_OK;
    struct ccrnn_team *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %d threads", threads);
    made->start = start;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->wake, NULL);
    made->thread = calloc((size_t)threads - 1, sizeof *made->thread);
    while (made->thread != NULL && made->helpers < threads - 1 &&
           ccrnn_thread_start(&made->thread[made->helpers], help, made) == 0)
        made->helpers++;
    if (made->helpers < threads - 1) {
        ccrnn_team_destroy(made);
        return ccrnn_fail(err, CCRNN_MEMORY,
                          "the system refuses %d threads; use a smaller -j or --threads",
                          threads);
    }
    *team = made;
    return CCRNN_OK;
}

void ccrnn_team_destroy(struct ccrnn_team *team)
{
    if (team == NULL)
        return;
    atomic_store(&team->over, true);
    start_round(team);
    for (int i = 0; i < team->helpers; i++)
        pthread_join(team->thread[i], NULL);
    pthread_mutex_destroy(&team->lock);
    pthread_cond_destroy(&team->wake);
    free(team->thread);
    free(team);
}

void ccrnn_team_run(struct ccrnn_team *team, size_t pieces, ccrnn_team_work *work, void *context)
{
    if (team == NULL || pieces < 2) {
        for (size_t piece = 0; piece < pieces; piece++)
            work(context, piece);
        return;
    }
    team->work = work;
    team->context = context;
    team->pieces = pieces;
    atomic_store(&team->next, 0);
    atomic_store(&team->busy, team->helpers);
    start_round(team);
    take_pieces(team);
    int looks = 0;
    while (atomic_load(&team->busy) > 0) {
        if (looks < LOOKS) {
            looks++;
            pause_briefly();
        } else {
            sched_yield();
        }
    }
}
