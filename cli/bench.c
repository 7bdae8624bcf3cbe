/* ccrnn bench: how long a training step takes, against what this machine's matrix products can
 * do. */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "ccrnn/ccrnn.h"
#include "cli/bench_captions.h"
#include "cli/bench_epoch.h"
#include "cli/commands.h"
#include "math/math.h"

struct bench_options {
    enum ccrnn_gemm_choice gemm;
    enum ccrnn_kernel_choice kernels;
    bool json;
    unsigned repeats; /* 0: the case's own number */
    const char *only;
    const char *data; /* directory of Flickr8k, for captions-epoch */
};

enum bench_kind { BENCH_STEP, BENCH_DIGITS_EPOCH, BENCH_CAPTIONS, BENCH_CAPTIONS_EPOCH };

struct bench_case {
    const char *name;
    size_t inputs, hidden, steps, horizon, interval, granule_layers, granule_units;
    enum bench_kind kind;
    int threads; /* of captions */
};

/* To add a case: a row here, and for a step its PyTorch peer in bench/peers/. horizon 0: the whole sequence.
 */
static const struct bench_case bench_cases[] = {
    {"linedraw-ccrnn-400-400", 1, 50, 10, 1, 2, 2, 400, BENCH_STEP, 1},
    {"linedraw-ccrnn-400", 1, 50, 10, 1, 2, 1, 400, BENCH_STEP, 1},
    {"linedraw-bptt", 1, 50, 10, 0, 2, 0, 0, BENCH_STEP, 1},
    {"digits-ccrnn-300", 28, 30, 28, 3, 4, 1, 300, BENCH_STEP, 1},
    {.name = "digits-epoch", .kind = BENCH_DIGITS_EPOCH},
    {.name = "captions-ccrnn", .kind = BENCH_CAPTIONS, .threads = 1},
    {.name = "captions-ccrnn-2", .kind = BENCH_CAPTIONS, .threads = 2},
    {.name = "captions-epoch", .kind = BENCH_CAPTIONS_EPOCH, .threads = 1},
    {.name = "captions-epoch-2", .kind = BENCH_CAPTIONS_EPOCH, .threads = 2},
};
enum {
    BENCH_CASES = sizeof bench_cases / sizeof bench_cases[0],
    BENCH_REPEATS_LEAST = 9,
    BENCH_REPEATS = 21,
    BENCH_EPOCH_REPEATS = 9,
    BENCH_CAPTION_EPOCH_REPEATS = 3,
    KEY_DATA = CLI_KEY_FIRST
};

static const double repeat_seconds = 0.05;

struct bench_result {
    double mflop, ms, iqr_ms, gflops, peak_gflops, multiple;
};

static void refuse_case(const char *name, struct argp_state *state)
{
    const char *names[BENCH_CASES + 1] = {NULL};
    char hint[128];
    for (size_t i = 0; i < BENCH_CASES; i++)
        names[i] = bench_cases[i].name;
    argp_error(state, "unknown case \"%s\"; --help lists them%s", name,
               cli_hint(name, names, hint));
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *const options = state->input;
    switch (key) {
    case CLI_KEY_GEMM:
        cli_read_gemm(arg, state, &options->gemm);
        return 0;
    case CLI_KEY_KERNELS:
        cli_read_kernels(arg, state, &options->kernels);
        return 0;
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case KEY_DATA:
        options->data = arg;
        return 0;
    case 'r': {
        char *end;
        const unsigned long repeats = strtoul(arg, &end, 10);
        if (*arg < '0' || *arg > '9' || *end != '\0' || repeats < BENCH_REPEATS_LEAST ||
            repeats > 100000)
            argp_error(state, "--repeats is \"%s\": expected an integer from %d to 100000", arg,
                       BENCH_REPEATS_LEAST);
        options->repeats = (unsigned)repeats;
        return 0;
    }
    case ARGP_KEY_ARG:
        if (options->only != NULL)
            argp_error(state, "one case at most; without one, all are measured");
        for (size_t i = 0; i < BENCH_CASES; i++)
            if (strcmp(arg, bench_cases[i].name) == 0)
                options->only = bench_cases[i].name;
        if (options->only == NULL)
            refuse_case(arg, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"data", KEY_DATA, "DIR", 0, "Directory of Flickr8k: measure captions-epoch too", 0},
    {"gemm", CLI_KEY_GEMM, "NAME", 0, "Matrix products: auto, onednn, plain", 0},
    {"json", CLI_KEY_JSON, NULL, 0, "Print a list of {case, ms, gflops, peak_gflops, multiple}",
     0},
    {"kernels", CLI_KEY_KERNELS, "NAME", 0, "Elementwise kernels: auto, avx512, avx2, plain", 0},
    {"repeats", 'r', "N", 0, "Timed repeats per case, at least 9 (default 21; digits-epoch: 9)",
     0},
    {0},
};

const struct argp cli_bench_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "[CASE]",
    .doc =
        "Measure training steps (forward, predicted feedback, backward, clipping, Adam; not the "
        "making of data) on one thread with batches of 50, unless a case says otherwise."
        "\vCases: linedraw-ccrnn-400-400, linedraw-ccrnn-400, linedraw-bptt, "
        "digits-ccrnn-300, digits-epoch. The last is an epoch of the published visual "
        "discrimination: 960 batches made from images and trained on, then the validation.\n\n"
        "multiple = peak ÷ achieved. Achieved: the step's own arithmetic over its median time. "
        "Peak: "
        "the fastest oneDNN product of 512³, 768³ or 1024³ right before and after the case. A "
        "multiple of 1 would be a step made of nothing but perfect matrix products.",
};

double cli_bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* GFLOP/s of the best of a few products of N³; 0 without memory. */
static double peak_of(size_t N)
{
    ccrnn_real *const block = aligned_alloc(64, 3 * N * N * sizeof *block);
    if (block == NULL)
        return 0;
    for (size_t i = 0; i < 3 * N * N; i++)
        block[i] = (ccrnn_real)(i % 7) * (ccrnn_real)0.125;
    double best = 0;
    for (int repeat = 0; repeat < 6; repeat++) {
        const double start = cli_bench_now();
        ccrnn_gemm_onednn(false, false, N, N, N, 1, block, N, block + N * N, N, 0,
                          block + 2 * N * N, N);
        const double rate = 2e-9 * (double)N * (double)N * (double)N / (cli_bench_now() - start);
        best = rate > best ? rate : best;
    }
    free(block);
    return best;
}

static double measure_peak(void)
{
    double best = 0;
    for (size_t N = 512; N <= 1024; N += 256) {
        const double rate = peak_of(N);
        best = rate > best ? rate : best;
    }
    return best;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct ccrnn_network_config config_of(const struct bench_case *bench,
                                             const struct bench_options *options)
{
    struct ccrnn_network_config config;
    ccrnn_network_config_default(&config);
    config.inputs = bench->inputs;
    config.hidden = bench->hidden;
    config.steps = bench->steps;
    config.horizon = bench->horizon > 0 ? bench->horizon : bench->steps;
    config.interval = bench->interval;
    config.granule_layers = bench->granule_layers;
    config.granule_units = bench->granule_units > 0 ? bench->granule_units : 1;
    config.cerebellum =
        bench->granule_layers > 0 ? CCRNN_CEREBELLUM_LEARNING : CCRNN_CEREBELLUM_NONE;
    config.gemm = options->gemm;
    config.kernels = options->kernels;
    return config;
}

static enum ccrnn_status time_steps(struct ccrnn_network *network,
                                    const struct ccrnn_batch *batch, unsigned repeats,
                                    double *seconds, struct ccrnn_error *err)
{
    unsigned steps = 0;
    const double warm = cli_bench_now();
    do {
        CCRNN_TRY(ccrnn_network_train(network, batch, NULL, err));
        steps++;
    } while (cli_bench_now() - warm < repeat_seconds);
    for (unsigned r = 0; r < repeats; r++) {
        const double start = cli_bench_now();
        for (unsigned i = 0; i < steps; i++)
            CCRNN_TRY(ccrnn_network_train(network, batch, NULL, err));
        seconds[r] = (cli_bench_now() - start) / steps;
    }
    return CCRNN_OK;
}

/* Inputs and targets between −1 and 1: the values do not matter, that they are ordinary numbers
 * does. */
static void fill(ccrnn_real *values, size_t count, uint32_t item)
{
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 1, CCRNN_RANDOM_USER, 0, item);
    for (size_t i = 0; i < count; i++)
        values[i] = 2 * ccrnn_random_uniform(&stream) - 1;
}

/* Fill in the rest of a result from sorted times and the arithmetic each stands for. */
static void settle(const double *seconds, unsigned repeats, double flops, double peak,
                   struct bench_result *result)
{
    const double median = seconds[repeats / 2];
    const unsigned quarter = repeats / 4;
    result->mflop = 1e-6 * flops;
    result->ms = 1e3 * median;
    result->iqr_ms = 1e3 * (seconds[repeats - 1 - quarter] - seconds[quarter]);
    result->gflops = 1e-9 * flops / median;
    result->peak_gflops = peak;
    result->multiple = result->peak_gflops / result->gflops;
}

static enum ccrnn_status measure_step(const struct bench_case *bench,
                                      const struct bench_options *options, double *seconds,
                                      unsigned repeats, double *flops, struct ccrnn_error *err)
{
    const struct ccrnn_network_config config = config_of(bench, options);
    const size_t rows = config.steps * config.batch;
    struct ccrnn_network *network = NULL;
    CCRNN_TRY(ccrnn_network_create(&config, 1, &network, err));
    ccrnn_real *const input = calloc(rows * config.inputs, sizeof *input);
    ccrnn_real *const target = calloc(rows * config.outputs, sizeof *target);
    enum ccrnn_status status = CCRNN_OK;
    if (input == NULL || target == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the case %s", bench->name);
    if (status == CCRNN_OK) {
        fill(input, rows * config.inputs, 0);
        fill(target, rows * config.outputs, 1);
        const struct ccrnn_batch batch = {.input = input, .target = target};
        status = time_steps(network, &batch, repeats, seconds, err);
        *flops = ccrnn_network_flops(&config);
    }
    free(input);
    free(target);
    ccrnn_network_destroy(network);
    return status;
}

static unsigned usual_repeats(const struct bench_case *bench)
{
    switch (bench->kind) {
    case BENCH_DIGITS_EPOCH:
        return BENCH_EPOCH_REPEATS;
    case BENCH_CAPTIONS_EPOCH:
        return BENCH_CAPTION_EPOCH_REPEATS;
    case BENCH_STEP:
    case BENCH_CAPTIONS:
        break;
    }
    return BENCH_REPEATS;
}

static enum ccrnn_status time_case(const struct bench_case *bench,
                                   const struct bench_options *options, unsigned repeats,
                                   double *seconds, double *flops, struct ccrnn_error *err)
{
    size_t captions = 0, words = 0;
    enum ccrnn_status status = CCRNN_OK;
    switch (bench->kind) {
    case BENCH_DIGITS_EPOCH:
        return cli_bench_epoch(options->gemm, options->kernels, repeats, seconds, flops, err);
    case BENCH_CAPTIONS:
        return cli_bench_captions(options->gemm, options->kernels, bench->threads, repeats,
                                  seconds, flops, err);
    case BENCH_CAPTIONS_EPOCH:
        status = cli_bench_caption_epoch(options->data, options->gemm, options->kernels,
                                         bench->threads, repeats, seconds, flops, &captions,
                                         &words, err);
        if (status == CCRNN_OK && !options->json)
            printf("# an epoch: %zu captions, %zu words\n", captions, words);
        return status;
    case BENCH_STEP:
        break;
    }
    return measure_step(bench, options, seconds, repeats, flops, err);
}

static enum ccrnn_status measure(const struct bench_case *bench,
                                 const struct bench_options *options, struct bench_result *result,
                                 struct ccrnn_error *err)
{
    const unsigned repeats = options->repeats > 0 ? options->repeats : usual_repeats(bench);
    double *const seconds = calloc(repeats, sizeof *seconds);
    double flops = 0;
    if (seconds == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %u repeats", repeats);
    const double before = measure_peak();
    const enum ccrnn_status status = time_case(bench, options, repeats, seconds, &flops, err);
    const double after = measure_peak();
    if (status == CCRNN_OK) {
        qsort(seconds, repeats, sizeof *seconds, ascending);
        settle(seconds, repeats, flops, before > after ? before : after, result);
    }
    free(seconds);
    return status;
}

static void print_row(const struct bench_case *bench, const struct bench_result *result)
{
    printf("%-24s %8.1f %9.4f %8.4f %9.1f %9.1f %9.2f\n", bench->name, result->mflop, result->ms,
           result->iqr_ms, result->gflops, result->peak_gflops, result->multiple);
    fflush(stdout);
}

int cli_bench(int argc, char **argv)
{
    struct bench_options options = {0};
    struct ccrnn_error err = {0};
    cli_parse(&cli_bench_argp, argc, argv, &options);
    for (size_t i = 0; i < BENCH_CASES; i++)
        if (options.only == bench_cases[i].name && options.data == NULL &&
            bench_cases[i].kind == BENCH_CAPTIONS_EPOCH) {
            (void)ccrnn_fail(&err, CCRNN_USAGE,
                             "%s measures Flickr8k: give its directory with --data",
                             options.only);
            return cli_fail("bench", CCRNN_USAGE, &err);
        }
    ccrnn_math_thread_setup();
    json_t *const list = json_array();
    if (!options.json)
        printf("%-24s %8s %9s %8s %9s %9s %9s\n", "case", "MFLOP", "ms", "IQR", "GFLOP/s", "peak",
               "multiple");
    for (size_t i = 0; i < BENCH_CASES; i++) {
        if (options.only != NULL && options.only != bench_cases[i].name)
            continue;
        if (bench_cases[i].kind == BENCH_CAPTIONS_EPOCH && options.data == NULL)
            continue;
        struct bench_result result = {0};
        const enum ccrnn_status status = measure(&bench_cases[i], &options, &result, &err);
        if (status != CCRNN_OK) {
            json_decref(list);
            return cli_fail("bench", status, &err);
        }
        if (!options.json)
            print_row(&bench_cases[i], &result);
        json_array_append_new(
            list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f}", "case", bench_cases[i].name, "ms",
                            result.ms, "iqr_ms", result.iqr_ms, "gflops", result.gflops,
                            "peak_gflops", result.peak_gflops, "multiple", result.multiple));
    }
    if (options.json) {
        json_dumpf(list, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
        printf("\n");
    }
    json_decref(list);
    return 0;
}
