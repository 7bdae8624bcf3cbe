/* ccrnn-mpi bench: what splitting the batches of the published captions over these ranks brings, and what it is
 * made of. */
#define _GNU_SOURCE
#include <jansson.h>
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/bench_words.h"
#include "cli/study_run.h"
#include "commands.h"
#include "exchange.h"
#include "gate.h"
#include "math/math.h"
#include "ranks.h"

enum { REPEATS = 15, REPEATS_LEAST = 3, REPEATS_MOST = 10000, SHARES = 7, SIZES = 9 };

/* Ranks whose share of the work is measured on rank 0 alone; values of the sums that are timed. */
static const size_t shares[SHARES] = {1, 2, 4, 8, 16, 32, 64};
static const size_t sizes[SIZES] = {1 << 8,  1 << 10, 1 << 12, 1 << 14, 1 << 16,
                                    1 << 18, 1 << 20, 1 << 21, 1 << 22};

struct bench_options {
    bool json;
    unsigned repeats;
};

/* All in seconds. */
struct found {
    double alone, together, in_turn, computing, messages; /* a step */
    double summed, gathered;                              /* bytes of a step */
    size_t requests, sums;                                /* of a step; how many are sums */
    double sum[SIZES], allreduce[SIZES], message; /* a sum of so many values; one small message */
    double strong[SHARES],
        weak[SHARES]; /* a step's computing, of a share of 100 rows, of 100 rows */
    int on_machine, processors;
};

struct work {
    const struct bench_options *options;
    struct exchange *exchange;
    struct gate gate;
    struct ccrnn_network_config config;
    struct cli_bench_words words;
    struct ccrnn_network *split, *alone; /* alone: rank 0 */
    ccrnn_real *values;                  /* (gate's largest request) */
    double *seconds;                     /* (repeats) of one measurement */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *const options = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case 'r':
        if (!cli_read_jobs(arg, &options->repeats) || options->repeats < REPEATS_LEAST ||
            options->repeats > REPEATS_MOST)
            argp_error(state, "--repeats is \"%s\": expected an integer from %d to %d", arg,
                       REPEATS_LEAST, REPEATS_MOST);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "this command takes no argument");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"json", CLI_KEY_JSON, NULL, 0, "Print numbers for programs (bench/ranks)", 0},
    {"repeats", 'r', "N", 0, "Steps of each kind, at least 3 (default 15)", 0},
    {0},
};

const struct argp mpi_bench_argp = {
    .options = option_list,
    .parser = parse,
    .doc =
        "Measure the training step of the published captions split over the ranks: mpirun -n 2 "
        "ccrnn-mpi bench."
        "\vOf each kind of step one is timed in turn, so that all see the same machine; printed are "
        "medians. efficiency = time of one rank / (ranks · time of all). in turn: each sum is waited for as "
        "soon as it begins. computing: nothing is exchanged. messages: nothing is computed.",
};

/* --- timing ------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *seconds, size_t count)
{
    qsort(seconds, count, sizeof *seconds, ascending);
    return count % 2 == 1 ? seconds[count / 2]
                          : (seconds[count / 2 - 1] + seconds[count / 2]) / 2;
}

/* All ranks begin at the same moment. */
static void meet(struct work *work)
{
    const struct ccrnn_ranks *const ranks = exchange_ranks(work->exchange);
    ranks->wait(ranks->context, ranks->gather(ranks->context, work->values, ranks->count, 1));
}

static enum ccrnn_status time_step(struct work *work, struct ccrnn_network *network,
                                   double *seconds, struct ccrnn_error *err)
{
    const double start = cli_now();
    CCRNN_TRY(ccrnn_network_train(network, &work->words.batch, NULL, err));
    *seconds = cli_now() - start;
    return CCRNN_OK;
}

/* The exchanges of a step, without the step. */
static double time_messages(struct work *work)
{
    const double start = cli_now();
    gate_replay(&work->gate, work->values);
    return cli_now() - start;
}

enum { ALONE, TOGETHER, IN_TURN, COMPUTING, MESSAGES, KINDS };

static enum ccrnn_status time_kind(struct work *work, int kind, double *seconds,
                                   struct ccrnn_error *err)
{
    static const enum gate_mode modes[KINDS] = {
        [TOGETHER] = GATE_OPEN, [IN_TURN] = GATE_IN_TURN, [COMPUTING] = GATE_SHUT};
    meet(work);
    *seconds = 0;
    if (kind == ALONE)
        return work->alone == NULL ? CCRNN_OK : time_step(work, work->alone, seconds, err);
    if (kind == MESSAGES) {
        *seconds = time_messages(work);
        return CCRNN_OK;
    }
    work->gate.mode = modes[kind];
    return time_step(work, work->split, seconds, err);
}

/* A round of all kinds first, which is not counted. */
static enum ccrnn_status time_steps(struct work *work, struct found *found,
                                    struct ccrnn_error *err)
{
    const unsigned repeats = work->options->repeats;
    double *const of[KINDS] = {&found->alone, &found->together, &found->in_turn,
                               &found->computing, &found->messages};
    for (unsigned r = 0; r <= repeats; r++)
        for (int kind = 0; kind < KINDS; kind++) {
            double seconds;
            gate_note(&work->gate, r == 0 && kind == TOGETHER);
            CCRNN_TRY(time_kind(work, kind, &seconds, err));
            if (r > 0)
                work->seconds[(size_t)kind * repeats + r - 1] = seconds;
        }
    for (int kind = 0; kind < KINDS; kind++)
        *of[kind] = median(work->seconds + (size_t)kind * repeats, repeats);
    found->summed = work->gate.summed;
    found->gathered = work->gate.gathered;
    found->requests = work->gate.count;
    found->sums = work->gate.sums;
    return CCRNN_OK;
}

static void time_sums(struct work *work, struct found *found)
{
    const struct ccrnn_ranks *const ranks = exchange_ranks(work->exchange);
    const unsigned repeats = work->options->repeats;
    for (size_t s = 0; s < SIZES; s++) {
        for (unsigned r = 0; r < 2 * repeats; r++) {
            meet(work);
            const double start = cli_now();
            if (r % 2 == 0)
                ranks->wait(ranks->context, ranks->sum(ranks->context, work->values, sizes[s]));
            else
                MPI_Allreduce(MPI_IN_PLACE, work->values, (int)sizes[s], MPI_FLOAT, MPI_SUM,
                              MPI_COMM_WORLD);
            work->seconds[r % 2 * repeats + r / 2] = cli_now() - start;
            memset(work->values, 0, sizes[s] * sizeof *work->values);
        }
        found->sum[s] = median(work->seconds, repeats);
        found->allreduce[s] = median(work->seconds + repeats, repeats);
    }
}

/* Between ranks 0 and 1, many at a time: what each adds to the latency of the first. */
static double time_message(const struct ccrnn_ranks *ranks)
{
    enum { MESSAGES_SENT = 500 };
    static MPI_Request request[2 * MESSAGES_SENT];
    static char byte[2 * MESSAGES_SENT];
    if (ranks->rank > 1 || ranks->count < 2)
        return 0;
    const int other = ranks->rank == 0;
    const double start = cli_now();
    for (int i = 0; i < MESSAGES_SENT; i++) {
        MPI_Irecv(&byte[2 * i], 1, MPI_BYTE, other, 0, MPI_COMM_WORLD, &request[2 * i]);
        MPI_Isend(&byte[2 * i + 1], 1, MPI_BYTE, other, 0, MPI_COMM_WORLD, &request[2 * i + 1]);
    }
    MPI_Waitall(2 * MESSAGES_SENT, request, MPI_STATUSES_IGNORE);
    return (cli_now() - start) / MESSAGES_SENT;
}

/* --- shares of ranks that are not there -------------------------------------------------- */

/* What rank 0 of so many computes in a step. */
static enum ccrnn_status time_share(struct work *work, size_t ranks, size_t batch,
                                    double *seconds, struct ccrnn_error *err)
{
    struct ccrnn_network_config config = work->config;
    struct cli_bench_words words = {0};
    struct ccrnn_network *network = NULL;
    struct gate gate;
    config.batch = batch;
    gate_pretend(&gate, ranks);
    CCRNN_TRY(ccrnn_network_create_split(&config, 1, &gate.ranks, &network, err));
    enum ccrnn_status status = cli_bench_words_draw(&config, &words, err);
    unsigned done = 0;
    for (unsigned r = 0; r <= work->options->repeats && status == CCRNN_OK; r++) {
        const double start = cli_now();
        status = ccrnn_network_train(network, &words.batch, NULL, err);
        work->seconds[done] = cli_now() - start;
        done += r > 0;
    }
    *seconds = done > 0 ? median(work->seconds, done) : 0;
    cli_bench_words_release(&words);
    ccrnn_network_destroy(network);
    return status;
}

static enum ccrnn_status time_shares(struct work *work, struct found *found,
                                     struct ccrnn_error *err)
{
    for (size_t i = 0; i < SHARES; i++) {
        CCRNN_TRY(time_share(work, shares[i], work->config.batch, &found->strong[i], err));
        CCRNN_TRY(
            time_share(work, shares[i], work->config.batch * shares[i], &found->weak[i], err));
    }
    return CCRNN_OK;
}

/* --- output ------------------------------------------------------------------------------ */

/* t = latency + seconds_a_value · n with the least sum of squared relative errors. */
static void fit(const double *seconds, double *latency, double *a_value)
{
    double w = 0, wn = 0, wnn = 0, wt = 0, wnt = 0;
    for (size_t s = 0; s < SIZES; s++) {
        const double n = (double)sizes[s], t = seconds[s], weight = 1 / (t * t);
        w += weight;
        wn += weight * n;
        wnn += weight * n * n;
        wt += weight * t;
        wnt += weight * n * t;
    }
    *a_value = (w * wnt - wn * wt) / (w * wnn - wn * wn);
    *latency = (wt - *a_value * wn) / w;
}

static void print_words(const struct found *found, int ranks)
{
    double latency, a_value;
    fit(found->sum, &latency, &a_value);
    const double efficiency = found->alone / (ranks * found->together);
    const double hidden = 1 - (found->together - found->computing) / found->messages;
    printf(
        "captions, batches of 100 over %d ranks, %d of them on this machine with %d processors\n",
        ranks, found->on_machine, found->processors);
    if (found->on_machine > found->processors)
        printf("fewer processors than ranks: no speed is to be gained here\n");
    printf("one rank alone   %9.2f ms a step\n", 1e3 * found->alone);
    printf("all ranks        %9.2f ms: parallel efficiency %.3f\n", 1e3 * found->together,
           efficiency);
    printf("  in turn        %9.2f ms\n", 1e3 * found->in_turn);
    printf("  computing      %9.2f ms\n", 1e3 * found->computing);
    printf(
        "  messages       %9.2f ms: %.1f MB summed and %.2f MB gathered in %zu requests; of their time "
        "%.0f %% is hidden\n",
        1e3 * found->messages, 1e-6 * found->summed, 1e-6 * found->gathered, found->requests,
        1e2 * fmax(0, fmin(1, hidden)));
    printf("a sum alone: %.0f us + %.2f ns a value (%.2f GB/s)\n", 1e6 * latency, 1e9 * a_value,
           4e-9 / a_value);
}

static json_t *list(const double *numbers, size_t count)
{
    json_t *const all = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(all, json_real(numbers[i]));
    return all;
}

static json_t *counts(const size_t *numbers, size_t count)
{
    json_t *const all = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(all, json_integer((json_int_t)numbers[i]));
    return all;
}

static void print_json(const struct found *found, int ranks)
{
    double latency, a_value;
    fit(found->sum, &latency, &a_value);
    json_t *const root = json_pack(
        "{s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:f, s:f, s:f}", "ranks",
        ranks, "on_machine", found->on_machine, "processors", found->processors, "alone",
        found->alone, "together", found->together, "in_turn", found->in_turn, "computing",
        found->computing, "messages", found->messages, "bytes_summed", found->summed,
        "bytes_gathered", found->gathered, "requests", (json_int_t)found->requests, "sums",
        (json_int_t)found->sums, "latency", latency, "seconds_a_value", a_value, "message",
        found->message);
    json_object_set_new(root, "sizes", counts(sizes, SIZES));
    json_object_set_new(root, "sum", list(found->sum, SIZES));
    json_object_set_new(root, "allreduce", list(found->allreduce, SIZES));
    json_object_set_new(root, "shares", counts(shares, SHARES));
    json_object_set_new(root, "strong", list(found->strong, SHARES));
    json_object_set_new(root, "weak", list(found->weak, SHARES));
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(root);
}

/* --- the command ------------------------------------------------------------------------- */

static void look_at_machine(struct found *found)
{
    MPI_Comm here;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
    MPI_Comm_size(here, &found->on_machine);
    MPI_Comm_free(&here);
    found->processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static enum ccrnn_status prepare(struct work *work, struct ccrnn_error *err)
{
    work->config = cli_bench_words_network(CCRNN_GEMM_AUTO, CCRNN_KERNELS_AUTO, 1);
    CCRNN_TRY(cli_bench_words_draw(&work->config, &work->words, err));
    CCRNN_TRY(ccrnn_network_create_split(&work->config, 1, &work->gate.ranks, &work->split, err));
    if (ranks_self() == 0)
        CCRNN_TRY(ccrnn_network_create(&work->config, 1, &work->alone, err));
    work->values = calloc(sizes[SIZES - 1], sizeof *work->values);
    work->seconds = calloc((size_t)KINDS * work->options->repeats + 1, sizeof *work->seconds);
    if (work->values == NULL || work->seconds == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory");
    return CCRNN_OK;
}

static enum ccrnn_status measure(struct work *work, struct found *found, struct ccrnn_error *err)
{
    CCRNN_TRY(time_steps(work, found, err));
    time_sums(work, found);
    meet(work);
    found->message = time_message(exchange_ranks(work->exchange));
    /* the others wait meanwhile, asleep */
    const enum ccrnn_status status = ranks_self() == 0 ? time_shares(work, found, err) : CCRNN_OK;
    meet(work);
    return status;
}

static enum ccrnn_status run(const struct bench_options *options, struct found *found,
                             struct ccrnn_error *err)
{
    struct work work = {.options = options};
    look_at_machine(found);
    enum ccrnn_status status = exchange_begin(MPI_COMM_WORLD, &work.exchange, err);
    status = ranks_agree("bench", status, err);
    if (status == CCRNN_OK) {
        gate_around(&work.gate, exchange_ranks(work.exchange));
        status = ranks_agree("bench", prepare(&work, err), err);
    }
    if (status == CCRNN_OK)
        status = measure(&work, found, err);
    ccrnn_network_destroy(work.split);
    ccrnn_network_destroy(work.alone);
    cli_bench_words_release(&work.words);
    free(work.values);
    free(work.seconds);
    exchange_end(work.exchange);
    return status;
}

int mpi_bench(int argc, char **argv)
{
    struct bench_options options = {.repeats = REPEATS};
    struct found found = {0};
    struct ccrnn_error err = {0};
    if (ranks_self() == 0)
        cli_parse(&mpi_bench_argp, argc, argv, &options);
    ranks_go_on();
    if (ranks_self() > 0)
        argp_parse(&mpi_bench_argp, argc, argv, ARGP_SILENT, NULL, &options);
    ccrnn_math_thread_setup();
    const enum ccrnn_status status = ranks_agree("bench", run(&options, &found, &err), &err);
    if (ranks_self() > 0)
        return ccrnn_status_exit_code(status);
    if (status != CCRNN_OK)
        return cli_fail("bench", status, &err);
    if (options.json)
        print_json(&found, ranks_count());
    else
        print_words(&found, ranks_count());
    return 0;
}
