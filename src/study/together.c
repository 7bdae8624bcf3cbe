#include "study/together.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "loop/network.h"
#include "math/math.h"

enum order_kind { ORDER_BEGIN, ORDER_TRAIN, ORDER_VALIDATE, ORDER_END, ORDER_LEAVE };

/* From rank 0 to all. All ranks run one program on machines of one kind, so a struct may travel as its bytes. */
struct order {
    enum order_kind kind;
    char hash[CCRNN_CONFIG_HASH_SIZE];
    uint64_t seed, fingerprint, epoch, updates;
    double rate;
    char kernels[32];
};

/* From each rank to all. */
struct reply {
    enum ccrnn_status status;
    bool stop;
    uint32_t weights; /* a checksum */
    struct ccrnn_error err;
};

struct ccrnn_together {
    const struct ccrnn_ranks *ranks;
    struct reply *replies; /* (ranks) */
    bool begun, stop;
};

/* What a follower has of a run. */
struct part {
    const struct ccrnn_follower *follower;
    struct ccrnn_study_data data;
    bool loaded;
    struct ccrnn_network *network;
    struct ccrnn_course *course;
};

/* --- what is said ------------------------------------------------------------------------ */

static void tell(struct ccrnn_together *together, void *bytes, size_t size)
{
    const struct ccrnn_ranks *const ranks = together->ranks;
    ranks->wait(ranks->context, ranks->tell(ranks->context, bytes, size));
}

static struct reply *own_reply(struct ccrnn_together *together)
{
    struct reply *const mine = &together->replies[together->ranks->rank];
    memset(mine, 0, sizeof *mine);
    return mine;
}

/* Of all ranks: what went wrong first. @return its rank, or SIZE_MAX */
static size_t hear(struct ccrnn_together *together)
{
    const struct ccrnn_ranks *const ranks = together->ranks;
    ranks->wait(ranks->context, ranks->gather(ranks->context, together->replies, ranks->count,
                                              sizeof *together->replies));
    for (size_t r = 0; r < ranks->count; r++)
        together->stop |= together->replies[r].stop;
    for (size_t r = 0; r < ranks->count; r++)
        if (together->replies[r].status != CCRNN_OK)
            return r;
    return SIZE_MAX;
}

/* Weights and moments of rank 0 become those of all. */
static void tell_weights(struct ccrnn_together *together, struct ccrnn_network *network)
{
    struct ccrnn_parameters *const p = &network->parameters;
    const size_t bytes = p->size * sizeof *p->value;
    tell(together, p->value, bytes);
    tell(together, p->first, bytes);
    tell(together, p->second, bytes);
    if (p->mossy_mask == NULL)
        return;
    const struct ccrnn_parameter *const masked = &p->parameter[p->cerebellum_index];
    tell(together, p->mossy_mask, masked->rows * masked->cols * sizeof *p->mossy_mask);
}

static uint32_t checksum(const struct ccrnn_network *network)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    return (uint32_t)crc32_z(0, (const unsigned char *)p->value, p->size * sizeof *p->value);
}

/* --- open -------------------------------------------------------------------------------- */

enum ccrnn_status ccrnn_together_open(const struct ccrnn_ranks *ranks,
                                      struct ccrnn_together **together, struct ccrnn_error *err)
{
    struct ccrnn_together *const made = calloc(1, sizeof *made);
    *together = NULL;
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    made->ranks = ranks;
    made->replies = calloc(ranks->count, sizeof *made->replies);
    if (made->replies == NULL) {
        free(made);
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %zu ranks", ranks->count);
    }
    *together = made;
    return CCRNN_OK;
}

void ccrnn_together_close(struct ccrnn_together *together)
{
    if (together == NULL)
        return;
    free(together->replies);
    free(together);
}

size_t ccrnn_together_count(const struct ccrnn_together *together)
{
    return together == NULL ? 1 : together->ranks->count;
}

const struct ccrnn_ranks *ccrnn_together_ranks(const struct ccrnn_together *together)
{
    return together == NULL ? NULL : together->ranks;
}

bool ccrnn_together_stop(const struct ccrnn_together *together)
{
    return together != NULL && together->stop;
}

static const char *hindrance(const struct ccrnn_run_config *config)
{
    if (!ccrnn_task_kind(config->task.task)->says_words)
        return "is not of captions: only their networks are large enough to be worth it";
    if (config->intervention.kind != CCRNN_INTERVENTION_NONE)
        return "has an intervention, which one rank must do alone";
    return NULL;
}

enum ccrnn_status ccrnn_together_check(const struct ccrnn_study *study, size_t ranks,
                                       struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_study_arm *const arm = &study->arms[i];
        const char *const why = hindrance(&arm->config);
        if (why != NULL)
            return ccrnn_fail(
                err, CCRNN_USAGE,
                "--split-batch: arm '%s' %s; leave --split-batch out, and the ranks "
                "share the runs of the study",
                arm->name, why);
        if (arm->config.network.batch < ranks)
            return ccrnn_fail(
                err, CCRNN_USAGE,
                "--split-batch: arm '%s' has batches of %zu, fewer than the %zu ranks; "
                "start at most %zu, or choose larger batches",
                arm->name, arm->config.network.batch, ranks, arm->config.network.batch);
    }
    return CCRNN_OK;
}

/* --- rank 0 ------------------------------------------------------------------------------ */

static void give(struct ccrnn_together *together, struct order order)
{
    tell(together, &order, sizeof order);
}

/* The failure of another rank, as rank 0 tells it. */
static enum ccrnn_status pass_on(const struct ccrnn_together *together, size_t rank,
                                 struct ccrnn_error *err)
{
    const struct reply *const reply = &together->replies[rank];
    return ccrnn_fail(err, reply->status, "rank %zu: %s", rank, reply->err.message);
}

enum ccrnn_status ccrnn_together_begin(struct ccrnn_together *together,
                                       const struct ccrnn_together_run *run,
                                       struct ccrnn_network *network, struct ccrnn_error *err)
{
    if (together == NULL)
        return CCRNN_OK;
    struct order order = {.kind = ORDER_BEGIN,
                          .seed = run->seed,
                          .fingerprint = run->fingerprint,
                          .updates = network->updates,
                          .rate = network->learning_rate};
    snprintf(order.hash, sizeof order.hash, "%s", run->hash);
    snprintf(order.kernels, sizeof order.kernels, "%s", ccrnn_network_kernel_set(network));
    give(together, order);
    (void)own_reply(together);
    const size_t failed = hear(together);
    if (failed != SIZE_MAX)
        return pass_on(together, failed, err);
    together->begun = true;
    tell_weights(together, network);
    return CCRNN_OK;
}

/* After an epoch, before anything of it is written. */
static enum ccrnn_status compare(struct ccrnn_together *together,
                                 const struct ccrnn_network *network, struct ccrnn_error *err)
{
    own_reply(together)->weights = checksum(network);
    (void)hear(together);
    for (size_t r = 1; r < together->ranks->count; r++)
        if (together->replies[r].weights != together->replies[0].weights)
            return ccrnn_fail(
                err, CCRNN_FAILED,
                "the weights of rank %zu are no longer those of rank 0: its machine "
                "computes otherwise, or its memory is faulty; start the ranks on "
                "machines of one kind",
                r);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_together_train(struct ccrnn_together *together,
                                       struct ccrnn_course *course, struct ccrnn_network *network,
                                       uint64_t epoch, struct ccrnn_lesson *lesson,
                                       struct ccrnn_error *err)
{
    if (together == NULL)
        return course->kind->train(course, network, epoch, lesson, err);
    give(together,
         (struct order){.kind = ORDER_TRAIN, .epoch = epoch, .rate = network->learning_rate});
    const enum ccrnn_status status = course->kind->train(course, network, epoch, lesson, err);
    struct ccrnn_error differ;
    const enum ccrnn_status compared = compare(together, network, &differ);
    if (status == CCRNN_OK && compared != CCRNN_OK && err != NULL)
        *err = differ;
    return status != CCRNN_OK ? status : compared;
}

enum ccrnn_status ccrnn_together_validate(struct ccrnn_together *together,
                                          struct ccrnn_course *course,
                                          struct ccrnn_network *network, uint64_t epoch,
                                          double *error, struct ccrnn_error *err)
{
    if (together != NULL)
        give(together, (struct order){.kind = ORDER_VALIDATE, .epoch = epoch});
    return course->kind->validate(course, network, epoch, error, err);
}

void ccrnn_together_end(struct ccrnn_together *together)
{
    if (together == NULL || !together->begun)
        return;
    together->begun = false;
    give(together, (struct order){.kind = ORDER_END});
}

void ccrnn_together_leave(struct ccrnn_together *together)
{
    give(together, (struct order){.kind = ORDER_LEAVE});
}

/* --- the others -------------------------------------------------------------------------- */

static const struct ccrnn_study_arm *find_arm(const struct ccrnn_study *study, const char *hash)
{
    for (size_t i = 0; i < study->arm_count; i++)
        if (strcmp(study->arms[i].hash, hash) == 0)
            return &study->arms[i];
    return NULL;
}

static void drop_run(struct part *part)
{
    if (part->course != NULL)
        part->course->kind->close(part->course);
    ccrnn_network_destroy(part->network);
    part->course = NULL;
    part->network = NULL;
}

static enum ccrnn_status prepare(struct ccrnn_together *together, struct part *part,
                                 const struct order *order, struct ccrnn_error *err)
{
    struct ccrnn_study *const study = part->follower->study;
    if (!part->loaded)
        CCRNN_TRY(ccrnn_study_data_load(study, part->follower->data, &part->data, err));
    part->loaded = true;
    const struct ccrnn_study_arm *const arm = find_arm(study, order->hash);
    if (arm == NULL)
        return ccrnn_fail(err, CCRNN_USAGE, "its study has no arm of hash %s", order->hash);
    const struct ccrnn_run_data data = ccrnn_study_data_of(&part->data, &arm->config);
    if (data.fingerprint != order->fingerprint)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "has captions of fingerprint %016llx, rank 0 has %016llx; give all ranks "
            "the same files (--data)",
            (unsigned long long)data.fingerprint, (unsigned long long)order->fingerprint);
    struct ccrnn_network_config config = arm->config.network;
    config.threads = part->follower->threads;
    CCRNN_TRY(
        ccrnn_network_create_split(&config, order->seed, together->ranks, &part->network, err));
    if (strcmp(ccrnn_network_kernel_set(part->network), order->kernels) != 0)
        return ccrnn_fail(
            err, CCRNN_UNSUPPORTED,
            "computes with %s, rank 0 with %s; choose what all machines have with --set "
            "kernels=… and --set gemm=…",
            ccrnn_network_kernel_set(part->network), order->kernels);
    return ccrnn_course_open(&arm->config, &data, order->seed, &part->course, err);
}

static void join_run(struct ccrnn_together *together, struct part *part,
                     const struct order *order)
{
    struct reply *const mine = own_reply(together);
    mine->status = prepare(together, part, order, &mine->err);
    if (hear(together) != SIZE_MAX || part->network == NULL) {
        drop_run(part);
        return;
    }
    part->network->updates = order->updates;
    tell_weights(together, part->network);
}

/* What goes wrong here goes wrong on rank 0 too, which tells it. */
static void learn(struct ccrnn_together *together, struct part *part, const struct order *order)
{
    const struct ccrnn_follower *const follower = part->follower;
    struct ccrnn_lesson lesson;
    struct ccrnn_error err;
    part->network->learning_rate = order->rate;
    (void)part->course->kind->train(part->course, part->network, order->epoch, &lesson, &err);
    struct reply *const mine = own_reply(together);
    mine->weights = checksum(part->network);
    mine->stop = follower->stop != NULL && follower->stop(follower->context);
    (void)hear(together);
}

static void validate(struct part *part, const struct order *order)
{
    struct ccrnn_error err;
    double error;
    (void)part->course->kind->validate(part->course, part->network, order->epoch, &error, &err);
}

void ccrnn_together_follow(struct ccrnn_together *together, const struct ccrnn_follower *follower)
{
    struct part part = {.follower = follower};
    struct order order = {.kind = ORDER_END};
    ccrnn_math_thread_setup();
    while (order.kind != ORDER_LEAVE) {
        tell(together, &order, sizeof order);
        const bool has_run = part.network != NULL && part.course != NULL;
        switch (order.kind) {
        case ORDER_BEGIN:
            join_run(together, &part, &order);
            break;
        case ORDER_TRAIN:
            if (has_run)
                learn(together, &part, &order);
            break;
        case ORDER_VALIDATE:
            if (has_run)
                validate(&part, &order);
            break;
        case ORDER_END:
        case ORDER_LEAVE:
            drop_run(&part);
        }
    }
    ccrnn_study_data_release(&part.data);
}
