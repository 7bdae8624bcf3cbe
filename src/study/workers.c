#define _GNU_SOURCE
#include "study/workers.h"

#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "data/hdf5_library.h"
#include "study/data.h"
#include "study/schedule.h"
#include "study/record_space.h"

/* As many as a network takes (network.h). */
enum { RUN_THREADS_MAX = 1024 };

/* More than a study.json ever has. */
enum { INDEX_BYTES_MOST = 1 << 26 };

/* How a run of the study stands; `status`, once it has ended. */
struct state {
    enum { WAITS, RUNS, ENDED } progress;
    enum ccrnn_status status;
};

/* What the worker threads share. */
struct shift {
    const struct ccrnn_study *study;
    const struct ccrnn_workers *workers;
    struct ccrnn_workers_result *result;
    int threads;                  /* of each run */
    struct ccrnn_study_data data; /* never changed while threads run */
    pthread_mutex_t mutex;        /* guards everything below, and the listener */
    pthread_cond_t ended;         /* a run has */
    struct state *state;          /* (runs) */
    size_t begun, first;          /* how many; before the first that waits, none does */
    bool stopping;
    enum ccrnn_status status;
    struct ccrnn_error err;
};

/* The run a callback speaks of. */
struct task {
    struct shift *shift;
    size_t index;
};

size_t ccrnn_study_run_count(const struct ccrnn_study *study)
{
    return study->arm_count * study->seed_count;
}

const struct ccrnn_study_arm *ccrnn_study_run_arm(const struct ccrnn_study *study, size_t index)
{
    return &study->arms[index % study->arm_count];
}

uint64_t ccrnn_study_run_seed(const struct ccrnn_study *study, size_t index)
{
    return study->seeds[index / study->arm_count];
}

size_t ccrnn_study_run_parent(const struct ccrnn_study *study, size_t index)
{
    const size_t arm = index % study->arm_count, parent = study->arms[arm].parent;
    if (parent == SIZE_MAX || study->arms[arm].config.branch_epoch == 0)
        return SIZE_MAX;
    return index - arm + parent;
}

enum ccrnn_status ccrnn_study_run_directory(const struct ccrnn_study *study,
                                            const char *directory, size_t index, char *path,
                                            size_t size, struct ccrnn_error *err)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, ccrnn_study_run_seed(study, index));
    CCRNN_TRY(ccrnn_path_join(path, size, directory, ccrnn_study_run_arm(study, index)->directory,
                              err));
    return ccrnn_path_join(path, size, path, seed, err);
}

static bool holds(const char *path, const char *text)
{
    const size_t length = strlen(text);
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!ccrnn_file_exists(path) ||
        ccrnn_file_read(path, INDEX_BYTES_MOST, &bytes, &size, NULL) != CCRNN_OK)
        return false;
    const bool same = size == length && memcmp(bytes, text, size) == 0;
    free(bytes);
    return same;
}

/* Replace the file unless it says this already. Who holds the directory's lock may clear away what a
 * killed process left there; without it (a file system may have none) the file is written all the same. */
static enum ccrnn_status replace_index(const char *directory, const char *path, const char *text,
                                       struct ccrnn_error *err)
{
    enum ccrnn_status status = CCRNN_OK;
    const int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        status = ccrnn_directory_remove_stale(directory, NULL, err);
    if (status == CCRNN_OK && !holds(path, text))
        status = ccrnn_file_write_atomic(path, text, strlen(text), err);
    if (lock >= 0)
        close(lock);
    return status;
}

/* A study without claims has no word of them in its index. */
static void add_claims(const struct ccrnn_study *study, json_t *root)
{
    if (study->claim_count == 0)
        return;
    json_t *const claims = json_array();
    for (size_t i = 0; i < study->claim_count; i++)
        json_array_append_new(claims, ccrnn_claim_to_json(&study->claims[i]));
    json_object_set_new(root, "claims", claims);
}

enum ccrnn_status ccrnn_study_index_write(const struct ccrnn_study *study, const char *directory,
                                          struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_directory_make(directory, err));
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "study.json", err));
    json_t *const arms = json_array(), *const seeds = json_array();
    for (size_t i = 0; i < study->arm_count; i++)
        json_array_append_new(arms, json_pack("{s:s, s:s, s:s}", "name", study->arms[i].name,
                                              "hash", study->arms[i].hash, "directory",
                                              study->arms[i].directory));
    for (size_t i = 0; i < study->seed_count; i++)
        json_array_append_new(seeds, json_integer((json_int_t)study->seeds[i]));
    json_t *const root =
        json_pack("{s:s, s:s, s:s, s:o, s:o}", "format", "ccrnn-study-1", "study", study->name,
                  "description", study->description, "arms", arms, "seeds", seeds);
    if (study->quick != NULL)
        json_object_set_new(root, "quick", json_string(study->quick));
    add_claims(study, root);
    char *const text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    if (text == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory while writing %s", path);
    const enum ccrnn_status status = replace_index(directory, path, text, err);
    free(text);
    return status;
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
    return listener->stop != NULL && listener->stop(listener->context);
}

static bool on_stop(void *context)
{
    const struct task *const task = context;
    return wants_stop(task->shift);
}

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
        return 4;
    default:
        return 3;
    }
}

static void count(struct ccrnn_workers_result *result, enum ccrnn_status status, bool already)
{
    if (status == CCRNN_OK)
        *(already ? &result->already : &result->done) += 1;
    else if (status == CCRNN_NONFINITE)
        result->nonfinite++;
    else if (status == CCRNN_BUSY)
        result->busy++;
    else if (status == CCRNN_INTERRUPTED)
        result->left++;
    else
        result->failed++;
}

/* Name the run in front of a message that does not name its directory. */
static void settle(struct shift *shift, size_t index, enum ccrnn_status status,
                   const struct ccrnn_run_outcome *outcome, struct ccrnn_error *err)
{
    const struct ccrnn_workers_listener *const listener = &shift->workers->listener;
    pthread_mutex_lock(&shift->mutex);
    count(shift->result, status, outcome->already);
    if (status != CCRNN_OK)
        ccrnn_fail_within(err, status, "%s, seed %" PRIu64,
                          ccrnn_study_run_arm(shift->study, index)->name,
                          ccrnn_study_run_seed(shift->study, index));
    if (gravity(status) > gravity(shift->status)) {
        shift->status = status;
        shift->err = *err;
    }
    if (listener->finished != NULL)
        listener->finished(listener->context, index, outcome, status, err);
    pthread_mutex_unlock(&shift->mutex);
}

static enum ccrnn_status execute(struct shift *shift, size_t index)
{
    char directory[CCRNN_PATH_MAX], other[CCRNN_PATH_MAX];
    struct ccrnn_error err = {0};
    const size_t parent = ccrnn_study_run_parent(shift->study, index);
    struct ccrnn_run_outcome outcome = {.status = CCRNN_RUN_FAILED};
    struct task task = {shift, index};
    const struct ccrnn_study_arm *const arm = ccrnn_study_run_arm(shift->study, index);
    enum ccrnn_status status = ccrnn_study_run_directory(
        shift->study, shift->workers->directory, index, directory, sizeof directory, &err);
    if (status == CCRNN_OK && parent != SIZE_MAX)
        status = ccrnn_study_run_directory(shift->study, shift->workers->directory, parent, other,
                                           sizeof other, &err);
    const bool new_rate =
        parent != SIZE_MAX &&
        !ccrnn_schedule_same(&arm->config, &ccrnn_study_run_arm(shift->study, parent)->config);
    const enum ccrnn_status ended = parent == SIZE_MAX ? CCRNN_OK : shift->state[parent].status;
    const struct ccrnn_run run = {
        .study = shift->study->name,
        .arm = arm->name,
        .hash = arm->hash,
        .directory = directory,
        .seed = ccrnn_study_run_seed(shift->study, index),
        .config = &arm->config,
        .data = ccrnn_study_data_of(&shift->data, &arm->config),
        .threads = shift->threads,
        .branch = {parent == SIZE_MAX ? NULL : other, arm->config.branch_hash, new_rate, ended},
        .argv = shift->workers->argv,
        .listener = {&task, on_epoch, on_note, on_stop},
    };
    if (status == CCRNN_OK)
        status = ccrnn_run_execute(&run, &outcome, &err);
    settle(shift, index, status, &outcome, &err);
    return status;
}

/* The next run that need not wait for the one it branches from. SIZE_MAX: none now. */
static size_t next_ready(struct shift *shift)
{
    const size_t runs = ccrnn_study_run_count(shift->study);
    while (shift->first < runs && shift->state[shift->first].progress != WAITS)
        shift->first++;
    for (size_t i = shift->first; i < runs; i++) {
        const size_t parent = ccrnn_study_run_parent(shift->study, i);
        if (shift->state[i].progress == WAITS &&
            (parent == SIZE_MAX || shift->state[parent].progress == ENDED))
            return i;
    }
    return SIZE_MAX;
}

/* Claim a run; wait if those that are left branch from runs at work. SIZE_MAX: nothing is left, or stop. */
static size_t claim(struct shift *shift)
{
    size_t index = SIZE_MAX;
    pthread_mutex_lock(&shift->mutex);
    for (;;) {
        shift->stopping = shift->stopping || wants_stop(shift);
        if (shift->stopping || shift->begun == ccrnn_study_run_count(shift->study))
            break;
        index = next_ready(shift);
        if (index != SIZE_MAX)
            break;
        pthread_cond_wait(&shift->ended, &shift->mutex);
    }
    if (index != SIZE_MAX) {
        shift->begun++;
        shift->state[index].progress = RUNS;
    }
    pthread_mutex_unlock(&shift->mutex);
    return index;
}

static void *work(void *context)
{
    struct shift *const shift = context;
    for (size_t index = claim(shift); index != SIZE_MAX; index = claim(shift)) {
        const enum ccrnn_status status = execute(shift, index);
        pthread_mutex_lock(&shift->mutex);
        shift->state[index].progress = ENDED;
        shift->state[index].status = status;
        pthread_cond_broadcast(&shift->ended);
        pthread_mutex_unlock(&shift->mutex);
    }
    return NULL;
}

/* Start the threads and wait for them. Fewer than asked for is still progress. */
static enum ccrnn_status run_threads(struct shift *shift, unsigned jobs, struct ccrnn_error *err)
{
    pthread_t *const threads = calloc(jobs, sizeof *threads);
    unsigned started = 0;
    while (threads != NULL && started < jobs &&
           pthread_create(&threads[started], NULL, work, shift) == 0)
        started++;
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    if (started == 0)
        return ccrnn_fail(err, CCRNN_MEMORY, "no thread could be started; use a smaller -j");
    return CCRNN_OK;
}

bool ccrnn_study_run_is_complete(const struct ccrnn_study *study, const char *directory,
                                 size_t index)
{
    char path[CCRNN_PATH_MAX];
    enum ccrnn_run_status status = CCRNN_RUN_RUNNING;
    if (ccrnn_study_run_directory(study, directory, index, path, sizeof path, NULL) != CCRNN_OK)
        return false;
    const uint64_t epochs = ccrnn_run_epochs_done(path, &status);
    if (status == CCRNN_RUN_NONFINITE)
        return true;
    return status == CCRNN_RUN_DONE && epochs >= ccrnn_study_run_arm(study, index)->config.epochs;
}

/* Images are needed only if something is left to do: a complete study asks for nothing. */
bool ccrnn_study_is_complete(const struct ccrnn_study *study, const char *directory)
{
    for (size_t i = 0; i < ccrnn_study_run_count(study); i++)
        if (!ccrnn_study_run_is_complete(study, directory, i))
            return false;
    return true;
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

enum ccrnn_status ccrnn_study_execute(struct ccrnn_study *study,
                                      const struct ccrnn_workers *workers,
                                      struct ccrnn_workers_result *result,
                                      struct ccrnn_error *err)
{
    const size_t runs = ccrnn_study_run_count(study);
    struct shift shift = {.study = study, .workers = workers, .result = result};
    *result = (struct ccrnn_workers_result){0};
    CCRNN_TRY(check_record(study, workers, err));
    if (!ccrnn_study_is_complete(study, workers->directory))
        CCRNN_TRY(load(&shift, study, err));
    enum ccrnn_status status = ccrnn_study_index_write(study, workers->directory, err);
    if (status != CCRNN_OK) {
        ccrnn_study_data_release(&shift.data);
        return status;
    }
    shift.state = calloc(runs, sizeof *shift.state);
    if (shift.state == NULL) {
        ccrnn_study_data_release(&shift.data);
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu runs", runs);
    }
    pthread_mutex_init(&shift.mutex, NULL);
    pthread_cond_init(&shift.ended, NULL);
    const unsigned jobs = workers->jobs < runs ? workers->jobs : (unsigned)runs;
    shift.threads = threads_of_a_run(workers->jobs, jobs);
    status = run_threads(&shift, jobs, err);
    pthread_cond_destroy(&shift.ended);
    pthread_mutex_destroy(&shift.mutex);
    free(shift.state);
    ccrnn_study_data_release(&shift.data);
    CCRNN_TRY(status);
    result->left += runs - shift.begun;
    if (shift.status == CCRNN_OK && result->left > 0)
        return ccrnn_fail(err, CCRNN_INTERRUPTED, "stopped before all runs were begun");
    if (shift.status != CCRNN_OK && err != NULL)
        *err = shift.err;
    return shift.status;
}
