#include "study/queue.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "study/workers.h"

/* Two processes that begin at the same moment want the same run. Who was too late once takes any of so many
 * that are as good. */
enum { CHOICES = 64 };

static const double class_ratio = 1.25; /* runs whose times differ by less are equally long */
static const double look_first = 0.05, look_most = 20, look_per_run = 0.04; /* seconds */
enum { DOUBLINGS = 4 };

/* Place of a run in the queue. */
struct place {
    long class; /* of its time */
    size_t index;
};

struct ccrnn_queue {
    const struct ccrnn_study *study;
    struct ccrnn_costs *costs;
    size_t runs, first; /* before the first place that waits, none does */
    struct ccrnn_queued *run;
    struct place *place; /* in order */
    double *chain;       /* (arms) */
    size_t count[CCRNN_QUEUED_ENDED + 1];
    uint64_t random;
    bool late; /* another process was faster once */
};

/* --- order ------------------------------------------------------------------------------- */

static long class_of(const struct ccrnn_queue *queue, size_t index)
{
    const size_t arm = index % queue->study->arm_count;
    bool known;
    if (queue->run[index].complete)
        return LONG_MAX; /* there is only to say so */
    const double left =
        queue->chain[arm] - queue->run[index].done * ccrnn_costs_epoch(queue->costs, arm, &known);
    return left > 0 ? (long)floor(log(left) / log(class_ratio)) : LONG_MIN;
}

static int by_class(const void *a, const void *b)
{
    const struct place *const x = a, *const y = b;
    if (x->class != y->class)
        return x->class > y->class ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Sort anew if what was learned has changed a class. */
static void sort(struct ccrnn_queue *queue)
{
    bool changed = false;
    ccrnn_costs_chains(queue->costs, queue->chain);
    for (size_t i = 0; i < queue->runs; i++) {
        const long class = class_of(queue, queue->place[i].index);
        changed = changed || class != queue->place[i].class;
        queue->place[i].class = class;
    }
    if (!changed)
        return;
    qsort(queue->place, queue->runs, sizeof queue->place[0], by_class);
    queue->first = 0;
}

static void move(struct ccrnn_queue *queue, size_t index, unsigned progress)
{
    queue->count[queue->run[index].progress]--;
    queue->run[index].progress = progress;
    queue->count[progress]++;
}

/* --- making ------------------------------------------------------------------------------ */

static enum ccrnn_status scan(struct ccrnn_queue *queue, const char *directory,
                              struct ccrnn_error *err)
{
    for (size_t i = 0; i < queue->runs; i++) {
        char path[CCRNN_PATH_MAX];
        struct ccrnn_run_record record;
        const struct ccrnn_run_config *const config =
            &ccrnn_study_run_arm(queue->study, i)->config;
        CCRNN_TRY(ccrnn_study_run_directory(queue->study, directory, i, path, sizeof path, err));
        queue->place[i] = (struct place){LONG_MIN, i};
        if (!ccrnn_study_run_wanted(queue->study, i))
            move(queue, i, CCRNN_QUEUED_ENDED);
        if (ccrnn_run_record_read(path, &record, NULL) != CCRNN_OK)
            continue;
        queue->run[i].complete = ccrnn_run_record_is_complete(&record, config->epochs);
        queue->run[i].sessions = record.sessions;
        if (record.epoch > config->branch_epoch)
            queue->run[i].done = (double)(record.epoch - config->branch_epoch);
        ccrnn_costs_learn_record(queue->costs, i % queue->study->arm_count, &record);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_queue_create(const struct ccrnn_study *study, const char *directory,
                                     struct ccrnn_queue **queue, struct ccrnn_error *err)
{
    struct ccrnn_queue *const made = calloc(1, sizeof *made);
    *queue = NULL;
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
    made->study = study;
    made->runs = made->count[CCRNN_QUEUED_WAITS] = ccrnn_study_run_count(study);
    made->random = ccrnn_process_token() | 1;
    made->run = calloc(made->runs, sizeof made->run[0]);
    made->place = calloc(made->runs, sizeof made->place[0]);
    made->chain = calloc(study->arm_count, sizeof made->chain[0]);
    enum ccrnn_status status = ccrnn_costs_create(study, &made->costs, err);
    if (status == CCRNN_OK && (made->run == NULL || made->place == NULL || made->chain == NULL))
        status = ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu runs", made->runs);
    if (status == CCRNN_OK)
        status = scan(made, directory, err);
    if (status != CCRNN_OK) {
        ccrnn_queue_destroy(made);
        return status;
    }
    sort(made);
    *queue = made;
    return CCRNN_OK;
}

void ccrnn_queue_destroy(struct ccrnn_queue *queue)
{
    if (queue == NULL)
        return;
    ccrnn_costs_destroy(queue->costs);
    free(queue->run);
    free(queue->place);
    free(queue->chain);
    free(queue);
}

/* --- turns ------------------------------------------------------------------------------- */

/* xorshift; what it draws decides about no result. */
static uint64_t draw(struct ccrnn_queue *queue, uint64_t below)
{
    queue->random ^= queue->random << 13;
    queue->random ^= queue->random >> 7;
    queue->random ^= queue->random << 17;
    return queue->random % below;
}

static bool is_ready(const struct ccrnn_queue *queue, size_t index)
{
    const size_t parent = ccrnn_study_run_parent(queue->study, index);
    return queue->run[index].progress == CCRNN_QUEUED_WAITS &&
           (parent == SIZE_MAX || queue->run[parent].progress == CCRNN_QUEUED_ENDED);
}

/* The next run that need not wait for the one it branches from. SIZE_MAX: none now. */
static size_t next_ready(struct ccrnn_queue *queue)
{
    size_t choice[CHOICES] = {0}, choices = 0;
    long class = 0;
    while (queue->first < queue->runs &&
           queue->run[queue->place[queue->first].index].progress != CCRNN_QUEUED_WAITS)
        queue->first++;
    for (size_t i = queue->first; i < queue->runs && choices < CHOICES; i++) {
        const struct place *const place = &queue->place[i];
        if (choices > 0 && place->class != class)
            break;
        if (!is_ready(queue, place->index))
            continue;
        if (!queue->late)
            return place->index;
        class = place->class;
        choice[choices++] = place->index;
    }
    return choices == 0 ? SIZE_MAX : choice[draw(queue, choices)];
}

/* A run at work in another process whose time to be looked at has come, and else when it will. */
static size_t next_elsewhere(const struct ccrnn_queue *queue, double now, double *until)
{
    *until = now + look_most;
    for (size_t i = 0; queue->count[CCRNN_QUEUED_ELSEWHERE] > 0 && i < queue->runs; i++) {
        const struct ccrnn_queued *const run = &queue->run[i];
        if (run->progress != CCRNN_QUEUED_ELSEWHERE)
            continue;
        if (run->look_at <= now)
            return i;
        *until = run->look_at < *until ? run->look_at : *until;
    }
    return SIZE_MAX;
}

enum ccrnn_queue_turn ccrnn_queue_next(struct ccrnn_queue *queue, double now, size_t *index,
                                       double *until)
{
    *until = now;
    if (queue->count[CCRNN_QUEUED_ENDED] + queue->count[CCRNN_QUEUED_RUNS] == queue->runs)
        return CCRNN_QUEUE_END;
    *index = next_ready(queue);
    if (*index == SIZE_MAX)
        *index = next_elsewhere(queue, now, until);
    if (*index == SIZE_MAX)
        return CCRNN_QUEUE_WAIT;
    move(queue, *index, CCRNN_QUEUED_RUNS);
    return CCRNN_QUEUE_RUN;
}

struct ccrnn_queued *ccrnn_queue_at(struct ccrnn_queue *queue, size_t index)
{
    return &queue->run[index];
}

void ccrnn_queue_elsewhere(struct ccrnn_queue *queue, size_t index, double now)
{
    move(queue, index, CCRNN_QUEUED_ELSEWHERE);
    struct ccrnn_queued *const run = &queue->run[index];
    const double least = look_first * (double)(1 << run->looks);
    double wait = look_per_run * (double)queue->count[CCRNN_QUEUED_ELSEWHERE];
    wait = wait < least ? least : wait > look_most ? look_most : wait;
    run->looks += run->looks < DOUBLINGS;
    run->look_at = now + wait * (0.5 + (double)draw(queue, 1024) / 1024);
    queue->late = true;
}

bool ccrnn_queue_look_again(struct ccrnn_queue *queue)
{
    for (size_t i = 0; i < queue->runs; i++)
        if (queue->run[i].progress == CCRNN_QUEUED_ELSEWHERE && !queue->run[i].held)
            return false;
    for (size_t i = 0; i < queue->runs; i++)
        queue->run[i].look_at = 0;
    return true;
}

void ccrnn_queue_end(struct ccrnn_queue *queue, size_t index, enum ccrnn_status status,
                     double seconds, double epochs)
{
    move(queue, index, CCRNN_QUEUED_ENDED);
    queue->run[index].status = status;
    if (!(epochs > 0))
        return;
    ccrnn_costs_learn(queue->costs, index % queue->study->arm_count, seconds, epochs,
                      status == CCRNN_OK);
    sort(queue);
}

void ccrnn_queue_count(const struct ccrnn_queue *queue, size_t *here, size_t *elsewhere,
                       size_t *waiting)
{
    *here = queue->count[CCRNN_QUEUED_RUNS];
    *elsewhere = queue->count[CCRNN_QUEUED_ELSEWHERE];
    *waiting = queue->count[CCRNN_QUEUED_WAITS];
}
