#define _GNU_SOURCE
#include "study/workers.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/thread.h"
#include "data/hdf5_library.h"
#include "study/data.h"
#include "study/failed_attempt.h"
#include "study/index.h"
#include "study/lost_work.h"
#include "study/queue.h"
#include "study/record_space.h"
#include "study/schedule.h"

/* As many as a network takes (network.h). */
enum { RUN_THREADS_MAX = 1024 };

/* What the worker threads share. */
struct shift {
    const struct ccrnn_study *study;
    const struct ccrnn_workers *workers;
    struct ccrnn_workers_result *result;
    int threads;                  /* of each run */
    struct ccrnn_study_data data; /* never changed while threads run */
    struct ccrnn_leases *leases;
    pthread_mutex_t mutex; /* guards everything below, and the listener */
    pthread_cond_t ended;  /* a run has */
    struct ccrnn_queue *queue;
    bool stopping, told; /* told: that the end of others is waited for */
    unsigned threads_left;
    bool leaving;       /* what is still at work elsewhere is left to others */
    atomic_bool broken; /* a run has failed, and that ends all */
    enum ccrnn_status status;
    struct ccrnn_error err;
};

/* The run a callback speaks of. */
struct task {
    struct shift *shift;
    size_t index;
};

static void on_begin(struct shift *shift, size_t index)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    pthread_mutex_lock(&shift->mutex);
    if (listener->began != NULL)
        listener->began(listener->context, index);
    pthread_mutex_unlock(&shift->mutex);
}

static void on_epoch(void *context, const struct ccrnn_epoch *epoch)
{
    const struct task *const task = context;
    const struct ccrnn_workers_listener *const listener = &task->shift->workers->listener;
    pthread_mutex_lock(&task->shift->mutex);
    if (listener->epoch != NULL)
        listener->epoch(listener->context, task->index, epoch);
    pthread_mutex_unlock(&task->shift->mutex);
}

static void on_note(void *context, const char *message)
{
    const struct task *const task = context;
    const struct ccrnn_workers_listener *const listener = &task->shift->workers->listener;
    pthread_mutex_lock(&task->shift->mutex);
    if (listener->note != NULL)
        listener->note(listener->context, task->index, message);
    pthread_mutex_unlock(&task->shift->mutex);
}

static bool wants_stop(const struct shift *shift)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    return shift->broken || ccrnn_together_stop(shift->workers->together) ||
           (listener->stop != NULL && listener->stop(listener->context));
}

static bool on_stop(void *context)
{
    const struct task *const task = context;
    return wants_stop(task->shift);
}

enum { GRAVITY_FAILED = 3 };

/* Which of two failures the caller hears of. */
static int gravity(enum ccrnn_status status)
{
    switch (status) {
    case CCRNN_OK:
        return 0;
    case CCRNN_NONFINITE:
        return 1;
    case CCRNN_BUSY:
        return 2;
    case CCRNN_INTERRUPTED:
        return GRAVITY_FAILED + 1;
    default:
        return GRAVITY_FAILED;
    }
}

static void count(struct ccrnn_workers_result *result, enum ccrnn_status status,
                  const struct ccrnn_run_outcome *outcome)
{
    if (status == CCRNN_OK && outcome->already)
        *(outcome->elsewhere ? &result->elsewhere : &result->already) += 1;
    else if (status == CCRNN_OK)
        result->done++;
    else if (status == CCRNN_NONFINITE)
        result->nonfinite++;
    else if (status == CCRNN_BUSY)
        result->busy++;
    else if (status == CCRNN_INTERRUPTED)
        result->left++;
    else
        result->failed++;
    result->taken_over += outcome->taken_over && status != CCRNN_BUSY;
}

/* Name the run in front of a message that does not name its directory. Under the mutex. */
static void settle(struct shift *shift, size_t index, enum ccrnn_status status,
                   const struct ccrnn_run_outcome *outcome, struct ccrnn_error *err)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    count(shift->result, status, outcome);
    if (status != CCRNN_OK)
        ccrnn_fail_within(err, status, "%s, seed %" PRIu64,
                          ccrnn_study_run_arm(shift->study, index)->name,
                          ccrnn_study_run_seed(shift->study, index));
    const bool consequence = status == CCRNN_INTERRUPTED && shift->broken;
    if (!consequence && gravity(status) > gravity(shift->status)) {
        shift->status = status;
        shift->err = *err;
    }
    if (shift->workers->fail_fast && gravity(status) == GRAVITY_FAILED)
        shift->broken = true;
    if (listener->finished != NULL)
        listener->finished(listener->context, index, outcome, status, err);
}

/* What is known of the run this one branches from. */
static enum ccrnn_status find_branch(struct shift *shift, size_t index, struct ccrnn_run *run,
                                     char *path, struct ccrnn_error *err)
{
    const size_t parent = ccrnn_study_run_parent(shift->study, index);
    if (parent == SIZE_MAX)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_study_run_directory(shift->study, shift->workers->directory, parent, path,
                                        CCRNN_PATH_MAX, err));
    run->branch.directory = path;
    run->branch.new_rate =
        !ccrnn_schedule_same(run->config, &ccrnn_study_run_arm(shift->study, parent)->config);
    pthread_mutex_lock(&shift->mutex);
    run->branch.ended = ccrnn_queue_at(shift->queue, parent)->status;
    pthread_mutex_unlock(&shift->mutex);
    return CCRNN_OK;
}

static enum ccrnn_status execute(struct shift *shift, size_t index,
                                 struct ccrnn_run_outcome *outcome, struct ccrnn_error *err)
{
    char directory[CCRNN_PATH_MAX], other[CCRNN_PATH_MAX];
    struct task task = {shift, index};
    const struct ccrnn_study_arm *const arm = ccrnn_study_run_arm(shift->study, index);
    struct ccrnn_queued *const queued = ccrnn_queue_at(shift->queue, index);
    struct ccrnn_run run = {
        .study = shift->study->name,
        .arm = arm->name,
        .hash = arm->hash,
        .directory = directory,
        .seed = ccrnn_study_run_seed(shift->study, index),
        .config = &arm->config,
        .data = ccrnn_study_data_of(&shift->data, &arm->config),
        .threads = shift->threads,
        .branch = {.hash = arm->config.branch_hash},
        .argv = shift->workers->argv,
        .together = shift->workers->together,
        .other_ranks = shift->workers->other_ranks,
        .listener = {&task, on_epoch, on_note, on_stop},
        .leases = shift->leases,
        .watch = &queued->watch, /* of this thread while the run is at work */
        .sessions = queued->sessions,
    };
    *outcome = (struct ccrnn_run_outcome){.status = CCRNN_RUN_FAILED};
    CCRNN_TRY(ccrnn_study_run_directory(shift->study, shift->workers->directory, index, directory,
                                        sizeof directory, err));
    CCRNN_TRY(find_branch(shift, index, &run, other, err));
    on_begin(shift, index);
    return ccrnn_run_execute(&run, outcome, err);
}

/* --- turns ------------------------------------------------------------------------------- */

/* A signal to stop wakes nobody, so nobody sleeps longer than this (s). */
static const double nap_most = 0.25;

/* Nobody waits longer for a word about it (s). */
static const double stop_pause = 0.1;

static void nap(struct shift *shift, double seconds)
{
    struct timespec until;
    const double wait = seconds < nap_most ? seconds : nap_most;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const long nanoseconds = until.tv_nsec + (long)(1e9 * (wait > 0 ? wait : 0));
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    (void)pthread_cond_timedwait(&shift->ended, &shift->mutex, &until);
}

/* Say once that only others are at work. */
static void tell(struct shift *shift)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    size_t here, elsewhere, waiting;
    ccrnn_queue_count(shift->queue, &here, &elsewhere, &waiting);
    if (shift->told || here > 0 || elsewhere == 0 || shift->workers->no_wait)
        return;
    shift->told = true;
    if (listener->waits != NULL)
        listener->waits(listener->context, elsewhere);
}

/* A process that does not wait looks once more at what others have, when it has nothing else to do: what is at
 * work then is left to them. */
static bool may_leave(struct shift *shift)
{
    size_t here, elsewhere, waiting;
    ccrnn_queue_count(shift->queue, &here, &elsewhere, &waiting);
    if (!shift->workers->no_wait || shift->leaving || here > 0)
        return false;
    shift->leaving = ccrnn_queue_look_again(shift->queue);
    return shift->leaving;
}

/* The run to work on; SIZE_MAX: nothing is left, or stop. */
static size_t next(struct shift *shift)
{
    size_t index = SIZE_MAX;
    double until;
    pthread_mutex_lock(&shift->mutex);
    for (;;) {
        const double now = ccrnn_monotonic_seconds();
        shift->stopping = shift->stopping || wants_stop(shift);
        if (shift->stopping)
            break;
        const enum ccrnn_queue_turn turn = ccrnn_queue_next(shift->queue, now, &index, &until);
        if (turn == CCRNN_QUEUE_RUN)
            break;
        index = SIZE_MAX;
        if (turn == CCRNN_QUEUE_END)
            break;
        if (may_leave(shift))
            continue;
        tell(shift);
        nap(shift, until - now);
    }
    pthread_mutex_unlock(&shift->mutex);
    return index;
}

/* It has ended, here or, since this process began, elsewhere: both teach how long such runs take. What had ended
 * before is known. */
static void end(struct shift *shift, size_t index, enum ccrnn_status status,
                const struct ccrnn_run_outcome *outcome, double seconds)
{
    const bool own = status == CCRNN_OK && !outcome->already;
    const bool others = status == CCRNN_OK && outcome->elsewhere;
    const uint64_t before = others ? ccrnn_study_run_arm(shift->study, index)->config.branch_epoch
                                   : outcome->first_epoch;
    const bool teaches = (own || others) && outcome->epoch > before;
    ccrnn_queue_end(shift->queue, index, status, own ? seconds : outcome->seconds,
                    teaches ? (double)(outcome->epoch - before) : 0);
}

/* Does it branch from a run that was left to another process? */
static bool waits_for_others(struct shift *shift, size_t index)
{
    const size_t parent = ccrnn_study_run_parent(shift->study, index);
    return parent != SIZE_MAX && ccrnn_queue_at(shift->queue, parent)->status == CCRNN_BUSY;
}

/* May a process that does not wait leave the run to whoever has it? If that one is seen to live: it is on this
 * machine, or its lease has changed since this process looked first. What nobody works on would be left by all. */
static bool is_in_good_hands(struct shift *shift, size_t index)
{
    char directory[CCRNN_PATH_MAX];
    struct ccrnn_lease_holder holder;
    struct ccrnn_queued *const queued = ccrnn_queue_at(shift->queue, index);
    if (waits_for_others(shift, index) ||
        ccrnn_study_run_directory(shift->study, shift->workers->directory, index, directory,
                                  sizeof directory, NULL) != CCRNN_OK ||
        ccrnn_lease_look(directory, &holder, NULL) != CCRNN_OK)
        return true;
    if (holder.name[0] == '\0' || holder.state == CCRNN_PROCESS_GONE)
        return false;
    if (queued->first_seen == 0)
        queued->first_seen = queued->watch.seen;
    return holder.state == CCRNN_PROCESS_ALIVE || queued->watch.seen != queued->first_seen;
}

/* What became of a run whose lease this process did not get, or lost. */
static void leave(struct shift *shift, size_t index, enum ccrnn_status status,
                  const struct ccrnn_run_outcome *outcome, struct ccrnn_error *err, double lost)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    if (outcome->lost) {
        shift->result->lost++;
        shift->result->lost_seconds += lost;
        if (listener->note != NULL)
            listener->note(listener->context, index, err->message);
    }
    struct ccrnn_queued *const queued = ccrnn_queue_at(shift->queue, index);
    queued->held = shift->workers->no_wait && is_in_good_hands(shift, index);
    if (queued->held && (shift->leaving || waits_for_others(shift, index))) {
        settle(shift, index, status, outcome, err);
        ccrnn_queue_end(shift->queue, index, status, 0, 0);
    } else {
        ccrnn_queue_elsewhere(shift->queue, index, ccrnn_monotonic_seconds());
    }
}

/* Processor time of the thread: what a process spends stopped is no work. */
static double thread_seconds(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Of the time of a session, the part of the epochs that were lost. */
static double lost_seconds(const struct ccrnn_run_outcome *outcome, double seconds)
{
    const uint64_t epochs = outcome->epoch - outcome->first_epoch;
    return outcome->lost && epochs > 0 ? seconds * (double)outcome->lost_epochs / (double)epochs
                                       : 0;
}

/* For those who look later: what became of this attempt, where the run itself does not say so. */
static void leave_notes(const struct shift *shift, size_t index, enum ccrnn_status status,
                        const struct ccrnn_run_outcome *outcome, const char *message, double lost)
{
    const char *const directory = shift->workers->directory;
    if (outcome->lost)
        ccrnn_lost_work_note(shift->study, directory, index, lost, outcome->lost_epochs);
    if (outcome->untold)
        ccrnn_failed_attempt_note(shift->study, directory, index, status, outcome->token,
                                  message);
    else if (status != CCRNN_BUSY && status != CCRNN_OTHER_NUMERICS)
        ccrnn_failed_attempt_forget(shift->study, directory, index);
}

static void *work(void *context)
{
    struct shift *const shift = context;
    for (size_t index = next(shift); index != SIZE_MAX; index = next(shift)) {
        struct ccrnn_run_outcome outcome;
        struct ccrnn_error err = {0};
        const double start = ccrnn_monotonic_seconds(), before = thread_seconds();
        const enum ccrnn_status status = execute(shift, index, &outcome, &err);
        const double seconds = ccrnn_monotonic_seconds() - start;
        const double lost = lost_seconds(&outcome, thread_seconds() - before);
        leave_notes(shift, index, status, &outcome, err.message, lost);
        pthread_mutex_lock(&shift->mutex);
        outcome.elsewhere = outcome.already && !ccrnn_queue_at(shift->queue, index)->complete;
        if (status == CCRNN_BUSY) {
            leave(shift, index, status, &outcome, &err, lost);
        } else {
            settle(shift, index, status, &outcome, &err);
            end(shift, index, status, &outcome, seconds);
        }
        pthread_cond_broadcast(&shift->ended);
        pthread_mutex_unlock(&shift->mutex);
    }
    pthread_mutex_lock(&shift->mutex);
    shift->threads_left--;
    pthread_cond_broadcast(&shift->ended);
    pthread_mutex_unlock(&shift->mutex);
    return NULL;
}

/* Tell the listener that the runs at work are going to stop. @return whether it was told, or need not be */
static bool tell_stopping(struct shift *shift)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    size_t here, elsewhere, waiting;
    if (!shift->broken && (listener->stop == NULL || !listener->stop(listener->context)))
        return false;
    ccrnn_queue_count(shift->queue, &here, &elsewhere, &waiting);
    if (here > 0 && listener->stopping != NULL)
        listener->stopping(listener->context, here);
    return true;
}

/* Until all threads have nothing left to do. What asks to stop wakes nobody: look for it often. */
static void watch(struct shift *shift)
{
    bool told_stopping = false;
    pthread_mutex_lock(&shift->mutex);
    while (shift->threads_left > 0) {
        if (!told_stopping)
            told_stopping = tell_stopping(shift);
        nap(shift, stop_pause);
    }
    pthread_mutex_unlock(&shift->mutex);
}

/* Start the threads and wait for them. Fewer than asked for is still progress. */
static enum ccrnn_status run_threads(struct shift *shift, unsigned jobs, struct ccrnn_error *err)
{
    pthread_t *const threads = calloc(jobs, sizeof *threads);
    unsigned started = 0;
    pthread_mutex_lock(&shift->mutex);
    while (threads != NULL && started < jobs &&
           ccrnn_thread_start(&threads[started], work, shift) == 0)
        started++;
    shift->threads_left = started;
    pthread_mutex_unlock(&shift->mutex);
    watch(shift);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    if (started == 0)
        return ccrnn_fail(err, CCRNN_MEMORY, "no thread could be started; use a smaller -j");
    return CCRNN_OK;
}

/* Before anything runs: is there room for what will be recorded, and the library that writes it? */
static enum ccrnn_status check_record(const struct ccrnn_study *study,
                                      const struct ccrnn_workers *workers,
                                      struct ccrnn_error *err)
{
    struct ccrnn_record_space space;
    struct ccrnn_hdf5_call call;
    CCRNN_TRY(ccrnn_record_space_find(study, workers->directory, workers->jobs, &space, err));
    if (space.count == 0)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_record_space_check(&space, err));
    const enum ccrnn_status status = ccrnn_hdf5_enter(&call, err);
    if (status != CCRNN_OK)
        return ccrnn_fail_within(err, status, "record");
    ccrnn_hdf5_leave(&call);
    return CCRNN_OK;
}

static enum ccrnn_status load(struct shift *shift, struct ccrnn_study *study,
                              struct ccrnn_error *err)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    struct ccrnn_text text = {0};
    CCRNN_TRY(ccrnn_study_data_load(study, shift->workers->data, &shift->data, err));
    ccrnn_study_data_describe(&shift->data, &text);
    if (listener->loaded != NULL)
        listener->loaded(listener->context, text.bytes == NULL ? "" : text.bytes);
    free(text.bytes);
    return CCRNN_OK;
}

/* Threads of one run share every step, so more of them than processors would only wait for each other. */
static int threads_of_a_run(unsigned asked, unsigned runs)
{
    cpu_set_t set;
    if (runs == 0 || sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int threads = (int)(asked / runs);
    if (threads > CPU_COUNT(&set))
        threads = CPU_COUNT(&set);
    if (threads > RUN_THREADS_MAX)
        threads = RUN_THREADS_MAX;
    return threads < 1 ? 1 : threads;
}

static enum ccrnn_status conduct(struct shift *shift, struct ccrnn_error *err)
{
    const size_t runs = ccrnn_study_wanted_count(shift->study);
    const struct ccrnn_workers *const workers = shift->workers;
    const unsigned at_a_time = workers->together != NULL ? 1 : workers->jobs;
    const unsigned jobs = at_a_time < runs ? at_a_time : (unsigned)runs;
    pthread_condattr_t monotonic;
    if (jobs == 0)
        return CCRNN_OK;
    shift->threads = threads_of_a_run(workers->jobs, jobs);
    pthread_mutex_init(&shift->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&shift->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    const enum ccrnn_status status = run_threads(shift, jobs, err);
    pthread_cond_destroy(&shift->ended);
    pthread_mutex_destroy(&shift->mutex);
    return status;
}

/* What the caller hears when all threads have come home. */
static enum ccrnn_status conclude(struct shift *shift, struct ccrnn_error *err)
{
    size_t here, elsewhere, waiting;
    ccrnn_queue_count(shift->queue, &here, &elsewhere, &waiting);
    shift->result->left += waiting;
    for (size_t i = 0; elsewhere > 0 && i < ccrnn_study_run_count(shift->study); i++) {
        if (ccrnn_queue_at(shift->queue, i)->progress != CCRNN_QUEUED_ELSEWHERE)
            continue;
        if (ccrnn_study_run_is_complete(shift->study, shift->workers->directory, i)) {
            shift->result->elsewhere++;
            elsewhere--;
        }
    }
    shift->result->busy += elsewhere;
    if (shift->status == CCRNN_OK && waiting + elsewhere > 0)
        return ccrnn_fail(err, CCRNN_INTERRUPTED, "stopped before all runs were begun");
    if (shift->status != CCRNN_OK && err != NULL)
        *err = shift->err;
    return shift->status;
}

/* A part of a study does not say what the whole is. */
static enum ccrnn_status write_index(const struct shift *shift, struct ccrnn_error *err)
{
    return shift->study->wanted != NULL
               ? CCRNN_OK
               : ccrnn_study_index_write(shift->study, shift->workers->directory, shift->leases,
                                         err);
}

static enum ccrnn_status run_all(struct shift *shift, struct ccrnn_study *study,
                                 struct ccrnn_error *err)
{
    const struct ccrnn_workers *const workers = shift->workers;
    const double stale = workers->stale > 0 ? workers->stale : CCRNN_LEASE_STALE;
    if (!ccrnn_study_is_complete(study, workers->directory))
        CCRNN_TRY(load(shift, study, err));
    CCRNN_TRY(ccrnn_leases_open(stale, &shift->leases, err));
    CCRNN_TRY(write_index(shift, err));
    CCRNN_TRY(ccrnn_queue_create(study, workers->directory, &shift->queue, err));
    CCRNN_TRY(conduct(shift, err));
    const enum ccrnn_status status = conclude(shift, err);
    /* Another process with other arms may have written the index since. */
    struct ccrnn_error other;
    const enum ccrnn_status second = write_index(shift, &other);
    if (status == CCRNN_OK && second != CCRNN_OK)
        return ccrnn_fail(err, second, "%s", other.message);
    return status;
}

enum ccrnn_status ccrnn_study_execute(struct ccrnn_study *study,
                                      const struct ccrnn_workers *workers,
                                      struct ccrnn_workers_result *result,
                                      struct ccrnn_error *err)
{
    struct shift shift = {.study = study, .workers = workers, .result = result};
    *result = (struct ccrnn_workers_result){0};
    CCRNN_TRY(check_record(study, workers, err));
    const enum ccrnn_status status = run_all(&shift, study, err);
    ccrnn_leases_close(shift.leases);
    ccrnn_queue_destroy(shift.queue);
    ccrnn_study_data_release(&shift.data);
    return status;
}
