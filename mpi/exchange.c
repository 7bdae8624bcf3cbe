#define _GNU_SOURCE
#include "exchange.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/error.h"
#include "base/host.h"
#include "base/thread.h"
#include "loop/split.h"

/* Requests that have begun and are not done: a rank that has more waits. */
enum { UNDER_WAY = 64 };

/* Values of a piece of a sum; two pieces are on their way at a time. Bytes of one message at most. */
enum { PIECE = 1 << 20, MESSAGE_MOST = 1 << 28 };

/* How long the thread looks for messages without sleeping, and how long it sleeps between two looks: longer and
 * longer, for the other ranks may be far behind. */
static const double look_seconds = 50e-6;
enum { NAP_LEAST = 20000, NAP_MOST = 500000, NAP_IDLE = 5000000 /* ns */ };
static const double idle_seconds = 1;

enum { TAG_COLLECT = 1, TAG_SPREAD, TAG_GATHER, TAG_TELL };

struct request {
    enum { SUM, GATHER, TELL } kind;
    void *bytes;
    size_t count, size; /* of each of `count` */
};

struct exchange {
    struct ccrnn_ranks ranks;
    MPI_Comm comm;
    MPI_Request *message; /* (4 · ranks): on their way */
    int messages;
    ccrnn_real *collected[2]; /* (ranks, largest part of a piece) of the pieces on their way */
    const ccrnn_real **part;  /* (ranks) */
    struct exchange_account account;

    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct request request[UNDER_WAY];
    size_t begun, done;
    bool ends;
};

/* --- messages ---------------------------------------------------------------------------- */

static void send_to(struct exchange *x, size_t rank, int tag, const void *bytes, size_t size)
{
    if (size > 0)
        MPI_Isend(bytes, (int)size, MPI_BYTE, (int)rank, tag, x->comm,
                  &x->message[x->messages++]);
}

static void receive_from(struct exchange *x, size_t rank, int tag, void *bytes, size_t size)
{
    if (size > 0)
        MPI_Irecv(bytes, (int)size, MPI_BYTE, (int)rank, tag, x->comm,
                  &x->message[x->messages++]);
}

static void settle(struct exchange *x)
{
    const double start = ccrnn_monotonic_seconds();
    long nap = NAP_LEAST;
    for (;;) {
        int done = 0;
        MPI_Testall(x->messages, x->message, &done, MPI_STATUSES_IGNORE);
        if (done)
            break;
        if (ccrnn_monotonic_seconds() - start < look_seconds) {
            sched_yield();
            continue;
        }
        const struct timespec pause = {.tv_nsec = nap};
        nanosleep(&pause, NULL);
        const long most = ccrnn_monotonic_seconds() - start < idle_seconds ? NAP_MOST : NAP_IDLE;
        nap = 2 * nap < most ? 2 * nap : most;
    }
    x->messages = 0;
}

/* --- sums -------------------------------------------------------------------------------- */

/* A piece of a sum: values [from, from + n), of which each rank adds up its part. */
struct piece {
    ccrnn_real *values;
    size_t n;
};

static struct piece piece_of(const struct request *sum, size_t number)
{
    const size_t from = number * PIECE, left = sum->count - from;
    return (struct piece){(ccrnn_real *)sum->bytes + from, left < PIECE ? left : PIECE};
}

static size_t part_first(const struct exchange *x, const struct piece *piece, size_t rank)
{
    return ccrnn_ranks_first(&x->ranks, piece->n, rank);
}

static size_t part_size(const struct exchange *x, const struct piece *piece, size_t rank)
{
    return (part_first(x, piece, rank + 1) - part_first(x, piece, rank)) * sizeof(ccrnn_real);
}

/* Every rank gets all ranks' values of its own part. */
static void collect(struct exchange *x, const struct piece *piece, ccrnn_real *collected)
{
    const size_t self = x->ranks.rank, mine = part_size(x, piece, self);
    for (size_t r = 0; r < x->ranks.count; r++)
        if (r != self)
            receive_from(x, r, TAG_COLLECT, collected + r * (mine / sizeof *collected), mine);
    for (size_t r = 0; r < x->ranks.count; r++)
        if (r != self)
            send_to(x, r, TAG_COLLECT, piece->values + part_first(x, piece, r),
                    part_size(x, piece, r));
}

static void add_up(struct exchange *x, const struct piece *piece, const ccrnn_real *collected)
{
    const size_t self = x->ranks.rank, n = part_size(x, piece, self) / sizeof *collected;
    ccrnn_real *const mine = piece->values + part_first(x, piece, self);
    for (size_t r = 0; r < x->ranks.count; r++)
        x->part[r] = r == self ? mine : collected + r * n;
    ccrnn_split_add(x->ranks.count, x->part, n, mine);
}

/* Every rank gives its part to all. */
static void spread(struct exchange *x, const struct piece *piece)
{
    const size_t self = x->ranks.rank;
    for (size_t r = 0; r < x->ranks.count; r++)
        if (r != self)
            receive_from(x, r, TAG_SPREAD, piece->values + part_first(x, piece, r),
                         part_size(x, piece, r));
    for (size_t r = 0; r < x->ranks.count; r++)
        if (r != self)
            send_to(x, r, TAG_SPREAD, piece->values + part_first(x, piece, self),
                    part_size(x, piece, self));
}

/* A piece is collected while the one before it is spread. */
static void sum(struct exchange *x, const struct request *request)
{
    const size_t pieces = (request->count + PIECE - 1) / PIECE;
    for (size_t i = 0; i <= pieces; i++) {
        const struct piece now = piece_of(request, i < pieces ? i : 0);
        const struct piece before = piece_of(request, i > 0 ? i - 1 : 0);
        if (i < pieces)
            collect(x, &now, x->collected[i % 2]);
        if (i > 0)
            spread(x, &before);
        settle(x);
        if (i < pieces)
            add_up(x, &now, x->collected[i % 2]);
    }
    x->account.bytes_summed += (double)(request->count * sizeof(ccrnn_real));
}

/* --- rows and words ---------------------------------------------------------------------- */

static void gather(struct exchange *x, const struct request *request)
{
    const size_t self = x->ranks.rank;
    char *const bytes = request->bytes;
    const size_t mine = ccrnn_ranks_first(&x->ranks, request->count, self);
    const size_t end = ccrnn_ranks_first(&x->ranks, request->count, self + 1);
    for (size_t r = 0; r < x->ranks.count; r++) {
        const size_t first = ccrnn_ranks_first(&x->ranks, request->count, r);
        const size_t last = ccrnn_ranks_first(&x->ranks, request->count, r + 1);
        if (r == self)
            continue;
        receive_from(x, r, TAG_GATHER, bytes + first * request->size,
                     (last - first) * request->size);
        send_to(x, r, TAG_GATHER, bytes + mine * request->size, (end - mine) * request->size);
    }
    settle(x);
}

/* From rank 0 to all: it is done once a run, and need not be fast. */
static void tell(struct exchange *x, const struct request *request)
{
    for (size_t from = 0; from < request->size; from += MESSAGE_MOST) {
        const size_t left = request->size - from;
        const size_t some = left < MESSAGE_MOST ? left : MESSAGE_MOST;
        char *const bytes = (char *)request->bytes + from;
        if (x->ranks.rank > 0)
            receive_from(x, 0, TAG_TELL, bytes, some);
        for (size_t r = 1; r < x->ranks.count && x->ranks.rank == 0; r++)
            send_to(x, r, TAG_TELL, bytes, some);
        settle(x);
    }
}

/* --- the thread -------------------------------------------------------------------------- */

static void perform(struct exchange *x, const struct request *request)
{
    switch (request->kind) {
    case SUM:
        sum(x, request);
        break;
    case GATHER:
        gather(x, request);
        break;
    case TELL:
        tell(x, request);
    }
}

static void *work(void *context)
{
    struct exchange *const x = context;
    prctl(PR_SET_TIMERSLACK, 1000UL); /* ns: naps are short */
    pthread_mutex_lock(&x->mutex);
    for (;;) {
        while (x->begun == x->done && !x->ends)
            pthread_cond_wait(&x->changed, &x->mutex);
        if (x->begun == x->done)
            break;
        const struct request request = x->request[x->done % UNDER_WAY];
        pthread_mutex_unlock(&x->mutex);
        const double start = ccrnn_monotonic_seconds();
        perform(x, &request);
        pthread_mutex_lock(&x->mutex);
        x->account.seconds_busy += ccrnn_monotonic_seconds() - start;
        x->account.requests++;
        x->done++;
        pthread_cond_broadcast(&x->changed);
    }
    pthread_mutex_unlock(&x->mutex);
    return NULL;
}

/* --- what the network calls -------------------------------------------------------------- */

static size_t begin(struct exchange *x, struct request request)
{
    pthread_mutex_lock(&x->mutex);
    while (x->begun - x->done == UNDER_WAY)
        pthread_cond_wait(&x->changed, &x->mutex);
    const size_t number = x->begun++;
    x->request[number % UNDER_WAY] = request;
    pthread_cond_broadcast(&x->changed);
    pthread_mutex_unlock(&x->mutex);
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
    struct exchange *const x = context;
    const double start = ccrnn_monotonic_seconds();
    pthread_mutex_lock(&x->mutex);
    while (x->done <= number)
        pthread_cond_wait(&x->changed, &x->mutex);
    x->account.seconds_waited += ccrnn_monotonic_seconds() - start;
    pthread_mutex_unlock(&x->mutex);
}

/* --- begin and end ----------------------------------------------------------------------- */

static void release(struct exchange *x)
{
    pthread_cond_destroy(&x->changed);
    pthread_mutex_destroy(&x->mutex);
    free(x->message);
    free(x->part);
    free(x->collected[0]);
    free(x->collected[1]);
    free(x);
}

enum ccrnn_status exchange_begin(MPI_Comm comm, struct exchange **made, struct ccrnn_error *err)
{
    int rank, count;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &count);
    struct exchange *const x = calloc(1, sizeof *x);
    *made = NULL;
    if (x == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    x->ranks = (struct ccrnn_ranks){
        x, (size_t)rank, (size_t)count, begin_sum, begin_gather, begin_tell, wait_for};
    x->comm = comm;
    const size_t room = x->ranks.count * (PIECE / x->ranks.count + 1);
    x->message = calloc(4 * x->ranks.count, sizeof *x->message);
    x->part = calloc(x->ranks.count, sizeof *x->part);
    x->collected[0] = malloc(room * sizeof *x->collected[0]);
    x->collected[1] = malloc(room * sizeof *x->collected[1]);
    pthread_mutex_init(&x->mutex, NULL);
    pthread_cond_init(&x->changed, NULL);
    if (x->message == NULL || x->part == NULL || x->collected[0] == NULL ||
        x->collected[1] == NULL || ccrnn_thread_start(&x->thread, work, x) != 0) {
        release(x);
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %d ranks", count);
    }
    *made = x;
    return CCRNN_OK;
}

const struct ccrnn_ranks *exchange_ranks(const struct exchange *exchange)
{
    return &exchange->ranks;
}

struct exchange_account exchange_account(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->mutex);
    const struct exchange_account account = exchange->account;
    pthread_mutex_unlock(&exchange->mutex);
    return account;
}

void exchange_end(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    pthread_mutex_lock(&exchange->mutex);
    exchange->ends = true;
    pthread_cond_broadcast(&exchange->changed);
    pthread_mutex_unlock(&exchange->mutex);
    pthread_join(exchange->thread, NULL);
    release(exchange);
}
