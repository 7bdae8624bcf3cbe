#define _GNU_SOURCE
#include "relay.h"

#include <mpi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/thread.h"
#include "cli/stop.h"
#include "cli/study_run.h"
#include "ranks.h"

/* Between two looks for news (naps), and between two reports of the epochs a run has done. */
static const double epoch_pause = 0.2;

enum { TAG = 1 };

/* EPOCH, NOTE, FINISHED: to rank 0, of a run. LEAVING: to rank 0, the last word. STOP: to rank 0 and from it.
 * END: from rank 0, its last word. */
enum kind { EPOCH, NOTE, FINISHED, LEAVING, STOP, END };

/* All ranks run the same program on machines of one kind, so a struct may travel as its bytes. */
struct news {
    enum kind kind;
    int rank;
    size_t index;
    struct ccrnn_epoch epoch;
    struct ccrnn_run_outcome outcome;
    enum ccrnn_status status;
    struct ccrnn_error err; /* of a note, its message */
};

struct letter {
    struct letter *next;
    struct news news;
};

/* How a run stands: the larger, the better known. */
enum standing {
    UNKNOWN,
    IS_BUSY,
    IS_LEFT,
    HAS_FAILED,
    IS_NONFINITE,
    DONE_ELSEWHERE, /* by a process that is no rank */
    WAS_DONE,
    IS_DONE
};

struct relay {
    size_t runs;
    struct cli_progress *progress;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards everything below, and the progress */
    struct letter *first, **last;
    struct ccrnn_epoch *epoch; /* (runs): the last one, until it is told; epoch 0: told */
    double epochs_told;
    int *standing; /* (runs): standing · CCRNN_STATUS_COUNT + status */
    struct ccrnn_error busy;
    atomic_bool stop;
    bool stop_told, finished, left;
    int others_left;
    bool called_off; /* before the first word */
};

/* --- on rank 0 --------------------------------------------------------------------------- */

static enum standing standing_of(const struct news *news)
{
    switch (news->status) {
    case CCRNN_OK:
        return news->outcome.elsewhere ? DONE_ELSEWHERE
               : news->outcome.already ? WAS_DONE
                                       : IS_DONE;
    case CCRNN_NONFINITE:
        return IS_NONFINITE;
    case CCRNN_BUSY:
        return IS_BUSY;
    case CCRNN_INTERRUPTED:
        return IS_LEFT;
    default:
        return HAS_FAILED;
    }
}

/* A run that one rank has at hand is busy to the others, and done, or failed, when they come to it: it is
 * told once. Another rank may be faster to see that it is done than the one that did it is to say so; only that one
 * knows its course. */
static void show_finished(struct relay *relay, struct news *news)
{
    const enum standing now = standing_of(news);
    const enum standing before =
        (enum standing)(relay->standing[news->index] / CCRNN_STATUS_COUNT);
    if (now <= before)
        return;
    relay->standing[news->index] = (int)now * CCRNN_STATUS_COUNT + (int)news->status;
    if (now == IS_BUSY)
        relay->busy = news->err;
    else if (before <= IS_BUSY)
        cli_progress_finished(relay->progress, news->index, &news->outcome, news->status,
                              &news->err);
    else if (now == IS_DONE)
        cli_progress_course(relay->progress, news->index, &news->outcome, news->status);
}

static void show(struct relay *relay, struct news *news)
{
    char prefix[32];
    (void)ccrnn_format(prefix, sizeof prefix, "rank %d", news->rank);
    if (ranks_count() > 1 && news->err.message[0] != '\0')
        ccrnn_fail_within(&news->err, news->status, "%s", prefix);
    if (news->kind == EPOCH)
        cli_progress_epoch(relay->progress, news->index, &news->epoch);
    else if (news->kind == NOTE)
        cli_progress_note(relay->progress, news->index, news->err.message);
    else if (news->kind == FINISHED)
        show_finished(relay, news);
}

/* --- letters ----------------------------------------------------------------------------- */

static void send_to(int rank, struct news *news)
{
    MPI_Request request;
    news->rank = ranks_self();
    MPI_Isend(news, sizeof *news, MPI_BYTE, rank, TAG, MPI_COMM_WORLD, &request);
    ranks_await(request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

static void send_word(int rank, enum kind kind)
{
    struct news news = {.kind = kind};
    send_to(rank, &news);
}

/* The next letter of another rank, if there is one. */
static bool receive(struct news *news)
{
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &there, &status);
    if (there)
        MPI_Recv(news, sizeof *news, MPI_BYTE, status.MPI_SOURCE, TAG, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    return there != 0;
}

/* Take a letter out of the queue: a failure, a note, or the newest epoch of a run. */
static bool take(struct relay *relay, struct news *news)
{
    bool found = false;
    pthread_mutex_lock(&relay->mutex);
    struct letter *const letter = relay->first;
    if (letter != NULL) {
        *news = letter->news;
        relay->first = letter->next;
        if (relay->first == NULL)
            relay->last = &relay->first;
        free(letter);
        found = true;
    }
    for (size_t i = 0; !found && i < relay->runs; i++)
        if (relay->epoch[i].epoch > 0 && cli_now() - relay->epochs_told >= epoch_pause) {
            *news = (struct news){.kind = EPOCH, .index = i, .epoch = relay->epoch[i]};
            relay->epoch[i].epoch = 0;
            found = true;
        }
    if (!found && cli_now() - relay->epochs_told >= epoch_pause)
        relay->epochs_told = cli_now();
    pthread_mutex_unlock(&relay->mutex);
    return found;
}

static bool is_finished(struct relay *relay)
{
    pthread_mutex_lock(&relay->mutex);
    const bool finished = relay->finished;
    pthread_mutex_unlock(&relay->mutex);
    return finished;
}

/* --- the thread -------------------------------------------------------------------------- */

/* One look at what there is to say and to hear. @return true: all is said */
static bool talk_as_another(struct relay *relay)
{
    struct news news;
    if (relay->stop && !relay->stop_told && !relay->left) {
        send_word(0, STOP);
        relay->stop_told = true;
    }
    const bool finished = is_finished(relay);
    while (take(relay, &news))
        send_to(0, &news);
    if (finished && !relay->left) {
        send_word(0, LEAVING);
        relay->left = true;
    }
    while (receive(&news)) {
        if (news.kind == END)
            return true;
        relay->stop = true;
    }
    return false;
}

static void tell_stopping(struct relay *relay)
{
    pthread_mutex_lock(&relay->mutex);
    cli_progress_stopping_ranks(relay->progress, ranks_count());
    pthread_mutex_unlock(&relay->mutex);
}

static bool talk_as_first(struct relay *relay)
{
    struct news news;
    while (receive(&news)) {
        if (news.kind == LEAVING) {
            relay->others_left++;
        } else if (news.kind == STOP) {
            relay->stop = true;
        } else {
            pthread_mutex_lock(&relay->mutex);
            show(relay, &news);
            pthread_mutex_unlock(&relay->mutex);
        }
    }
    const bool over = is_finished(relay) && relay->others_left == ranks_count() - 1;
    const bool stop = relay->stop && !relay->stop_told;
    for (int rank = 1; rank < ranks_count() && (over || stop); rank++) {
        if (stop)
            send_word(rank, STOP);
        if (over)
            send_word(rank, END);
    }
    if (stop)
        tell_stopping(relay);
    relay->stop_told |= stop;
    return over;
}

static void *talk(void *context)
{
    struct relay *const relay = context;
    pthread_mutex_lock(&relay->mutex);
    const bool called_off = relay->called_off;
    pthread_mutex_unlock(&relay->mutex);
    while (!called_off) {
        if (cli_stop_asked())
            relay->stop = true;
        if (ranks_self() == 0 ? talk_as_first(relay) : talk_as_another(relay))
            return NULL;
        for (int i = 0; i < 10; i++)
            ranks_nap();
    }
    return NULL;
}

/* --- what workers call ------------------------------------------------------------------- */

/* Called with the mutex. Without memory the news is lost; that it is counted does not depend on it. */
static void post(struct relay *relay, struct news *news)
{
    if (relay->progress != NULL) {
        show(relay, news);
        return;
    }
    struct letter *const letter = malloc(sizeof *letter);
    if (letter == NULL)
        return;
    letter->next = NULL;
    letter->news = *news;
    *relay->last = letter;
    relay->last = &letter->next;
}

static void on_loaded(void *context, const char *text)
{
    struct relay *const relay = context;
    pthread_mutex_lock(&relay->mutex);
    if (relay->progress != NULL)
        cli_progress_loaded(relay->progress, text);
    pthread_mutex_unlock(&relay->mutex);
}

static void on_epoch(void *context, size_t index, const struct ccrnn_epoch *epoch)
{
    struct relay *const relay = context;
    pthread_mutex_lock(&relay->mutex);
    if (relay->progress != NULL)
        cli_progress_epoch(relay->progress, index, epoch);
    else
        relay->epoch[index] = *epoch;
    pthread_mutex_unlock(&relay->mutex);
}

static void on_note(void *context, size_t index, const char *message)
{
    struct relay *const relay = context;
    struct news news = {.kind = NOTE, .rank = ranks_self(), .index = index};
    (void)ccrnn_fail(&news.err, CCRNN_OK, "%s", message);
    pthread_mutex_lock(&relay->mutex);
    post(relay, &news);
    pthread_mutex_unlock(&relay->mutex);
}

static void on_finished(void *context, size_t index, const struct ccrnn_run_outcome *outcome,
                        enum ccrnn_status status, const struct ccrnn_error *err)
{
    struct relay *const relay = context;
    struct news news = {.kind = FINISHED,
                        .rank = ranks_self(),
                        .index = index,
                        .outcome = *outcome,
                        .status = status};
    if (status != CCRNN_OK)
        news.err = *err;
    pthread_mutex_lock(&relay->mutex);
    post(relay, &news);
    if (relay->progress == NULL)
        relay->standing[index] = (int)standing_of(&news) * CCRNN_STATUS_COUNT + (int)status;
    pthread_mutex_unlock(&relay->mutex);
}

static bool on_stop(void *context)
{
    const struct relay *const relay = context;
    return relay->stop || cli_stop_asked();
}

struct ccrnn_workers_listener relay_listener(struct relay *relay)
{
    return (struct ccrnn_workers_listener){.context = relay,
                                           .loaded = on_loaded,
                                           .epoch = on_epoch,
                                           .note = on_note,
                                           .finished = on_finished,
                                           .stop = on_stop};
}

/* --- begin and end ----------------------------------------------------------------------- */

static void release(struct relay *relay)
{
    pthread_mutex_destroy(&relay->mutex);
    while (relay->first != NULL) {
        struct letter *const next = relay->first->next;
        free(relay->first);
        relay->first = next;
    }
    free(relay->epoch);
    free(relay->standing);
    free(relay);
}

static struct relay *make(const struct ccrnn_study *study, struct cli_progress *progress)
{
    struct relay *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->runs = ccrnn_study_run_count(study);
    made->progress = progress;
    made->last = &made->first;
    made->epoch = calloc(made->runs, sizeof *made->epoch);
    made->standing = calloc(made->runs, sizeof *made->standing);
    pthread_mutex_init(&made->mutex, NULL);
    if (made->epoch != NULL && made->standing != NULL)
        return made;
    release(made);
    return NULL;
}

enum ccrnn_status relay_begin(const struct ccrnn_study *study, struct cli_progress *progress,
                              struct relay **relay, struct ccrnn_error *err)
{
    struct relay *const made = make(study, progress);
    bool started = false;
    *relay = NULL;
    /* the thread says nothing before the mutex is free, and by then all ranks know of each other's */
    if (made != NULL) {
        pthread_mutex_lock(&made->mutex);
        started = ccrnn_thread_start(&made->thread, talk, made) == 0;
    }
    const enum ccrnn_status status =
        started ? CCRNN_OK : ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a thread");
    const enum ccrnn_status worst = ranks_agree("run", status, err);
    if (made != NULL) {
        made->called_off = worst != CCRNN_OK;
        pthread_mutex_unlock(&made->mutex);
    }
    if (worst == CCRNN_OK) {
        *relay = made;
        return CCRNN_OK;
    }
    if (started)
        pthread_join(made->thread, NULL);
    if (made != NULL)
        release(made);
    return worst;
}

/* How grave a standing is for the whole; 0: not at all. */
static int gravity(enum standing standing)
{
    static const int of[] = {
        [UNKNOWN] = 4, [IS_LEFT] = 4, [HAS_FAILED] = 3, [IS_BUSY] = 2, [IS_NONFINITE] = 1};
    return standing < DONE_ELSEWHERE ? of[standing] : 0;
}

static enum ccrnn_status add_up(const struct relay *relay, struct ccrnn_workers_result *result)
{
    enum ccrnn_status status = CCRNN_OK;
    int gravest = 0;
    *result = (struct ccrnn_workers_result){0};
    for (size_t i = 0; i < relay->runs; i++) {
        const enum standing standing = (enum standing)(relay->standing[i] / CCRNN_STATUS_COUNT);
        result->done += standing == IS_DONE;
        result->already += standing == WAS_DONE;
        result->elsewhere += standing == DONE_ELSEWHERE;
        result->nonfinite += standing == IS_NONFINITE;
        result->failed += standing == HAS_FAILED;
        result->busy += standing == IS_BUSY;
        result->left += standing == IS_LEFT || standing == UNKNOWN;
        if (gravity(standing) <= gravest)
            continue;
        gravest = gravity(standing);
        status = standing == UNKNOWN
                     ? CCRNN_INTERRUPTED
                     : (enum ccrnn_status)(relay->standing[i] % CCRNN_STATUS_COUNT);
    }
    return status;
}

enum ccrnn_status relay_end(struct relay *relay, struct ccrnn_workers_result *result)
{
    const bool first = ranks_self() == 0;
    pthread_mutex_lock(&relay->mutex);
    relay->finished = true;
    pthread_mutex_unlock(&relay->mutex);
    pthread_join(relay->thread, NULL);
    enum ccrnn_status status = CCRNN_OK;
    MPI_Reduce(first ? MPI_IN_PLACE : relay->standing, relay->standing, (int)relay->runs, MPI_INT,
               MPI_MAX, 0, MPI_COMM_WORLD);
    if (first) {
        status = add_up(relay, result);
        cli_progress_clear(relay->progress);
        if (result->busy > 0)
            fprintf(stderr, "%s\n", relay->busy.message);
    }
    release(relay);
    return status;
}
