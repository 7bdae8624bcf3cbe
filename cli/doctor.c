/* ccrnn doctor: what is installed, what this machine can do, and a short self-test. */
#define _GNU_SOURCE
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <yaml.h>
#include <zlib.h>

#include "base/error.h"
#include "base/host.h"
#include "base/number.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "cli/selftest.h"
#include "math/math.h"

struct doctor_options {
    const char *selftest, *out; /* selftest: "": not said which */
    uint64_t seed;
    bool seeded;
};

enum { KEY_SELFTEST = CLI_KEY_FIRST, KEY_SEED };

static void check_options(const struct doctor_options *options, struct argp_state *state)
{
    const char *const name = options->selftest;
    if (name == NULL && (options->out != NULL || options->seeded))
        argp_error(state, "--out and --seed have no effect without --selftest resume");
    if (name != NULL && strcmp(name, "resume") != 0)
        argp_error(state, "--selftest%s%s%s: expected resume, the only one there is",
                   *name == '\0' ? " names no test" : " is \"", name, *name == '\0' ? "" : "\"");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct doctor_options *const options = state->input;
    switch (key) {
    case KEY_SELFTEST:
        options->selftest = arg == NULL ? "" : arg;
        return 0;
    case KEY_SEED:
        if (!ccrnn_parse_unsigned(arg, &options->seed))
            argp_error(state, "--seed is \"%s\": expected an integer from 0", arg);
        options->seeded = true;
        return 0;
    case 'o':
        if (*arg == '\0')
            argp_error(state, "--out is empty: expected a directory");
        options->out = arg;
        return 0;
    case ARGP_KEY_ARG: /* options come first: it may be the name of a self-test */
        if (options->selftest == NULL || *options->selftest != '\0')
            argp_error(state, "this command takes no argument");
        options->selftest = arg;
        return 0;
    case ARGP_KEY_END:
        check_options(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"out", 'o', "DIR", 0, "Where --selftest works, such as the file system of your studies", 0},
    {"seed", KEY_SEED, "N", 0, "Choose the moments as an earlier --selftest did", 0},
    {"selftest", KEY_SELFTEST, "resume", OPTION_ARG_OPTIONAL,
     "Stop and kill a short run at random moments, let it go on, and compare its files with those "
     "of an undisturbed one: is nothing lost on this file system?",
     0},
    {0},
};

const struct argp cli_doctor_argp = {
    .options = option_list,
    .parser = parse,
    .doc =
        "Tell what is installed, what this CPU offers, which kernels are chosen, and run a "
        "one-second self-test: kernels and matrix products against their plain versions, and a short "
        "training that must reduce its error. Exit code 0 only if all is well.",
};

/* Is a program on the PATH? */
static bool on_path(const char *program)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        const size_t length = strcspn(path, ":");
        char full[4096];
        snprintf(full, sizeof full, "%.*s/%s", (int)length, path, program);
        if (access(full, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

static void print_machine(const struct ccrnn_math *math)
{
    char onednn[32];
    cpu_set_t set;
    ccrnn_math_onednn_version(onednn, sizeof onednn);
    const int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    printf("ccrnn      %s, commit %s, numerics %d, %s\n", ccrnn_version(), ccrnn_commit(),
           CCRNN_NUMERICS, ccrnn_compiler());
    printf("libraries  oneDNN %s, libyaml %s, Jansson %s, zlib %s\n", onednn,
           yaml_get_version_string(), JANSSON_VERSION, zlibVersion());
    printf("gnuplot    %s\n", on_path("gnuplot") ? "found"
                                                 : "not found: `ccrnn report` needs it (apt "
                                                   "install gnuplot-nox)");
    printf("CPU        %d usable", cpus);
#if defined(__x86_64__)
    static const char *const names[] = {"AVX2",      "FMA",       "AVX-512F",
                                        "AVX-512DQ", "AVX-512BW", "AVX-512VL"};
    const bool has[] = {
        __builtin_cpu_supports("avx2") > 0,     __builtin_cpu_supports("fma") > 0,
        __builtin_cpu_supports("avx512f") > 0,  __builtin_cpu_supports("avx512dq") > 0,
        __builtin_cpu_supports("avx512bw") > 0, __builtin_cpu_supports("avx512vl") > 0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        printf(", %s%s", has[i] ? "" : "no ", names[i]);
#endif
    printf("\nkernels    %s, matrix products %s\n", math->kernels->name, math->gemm_name);
}

/* Largest difference between the chosen kernels' tanh and libm's, over a sweep. */
static double kernel_error(const struct ccrnn_math *math)
{
    enum { COUNT = 4096 };
    static ccrnn_real x[COUNT], y[COUNT];
    for (int i = 0; i < COUNT; i++)
        x[i] = (ccrnn_real)(-10.0 + 20.0 * i / COUNT);
    math->kernels->tanh(COUNT, x, y);
    double worst = 0;
    for (int i = 0; i < COUNT; i++) {
        const double error = fabs((double)y[i] - tanh((double)x[i]));
        worst = error <= worst ? worst : error;
    }
    return worst;
}

/* The chosen product against the plain loop, relative to the largest element. */
static double gemm_error(const struct ccrnn_math *math)
{
    enum { N = 97 };
    static ccrnn_real a[N * N], b[N * N], c[N * N], d[N * N];
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 1, CCRNN_RANDOM_USER, 0, 0);
    for (int i = 0; i < N * N; i++) {
        a[i] = 2 * ccrnn_random_uniform(&stream) - 1;
        b[i] = 2 * ccrnn_random_uniform(&stream) - 1;
    }
    math->gemm(false, true, N, N, N, 1, a, N, b, N, 0, c, N);
    ccrnn_gemm_plain(false, true, N, N, N, 1, a, N, b, N, 0, d, N);
    double worst = 0, largest = 0;
    for (int i = 0; i < N * N; i++) {
        const double error = fabs((double)c[i] - (double)d[i]);
        worst = error <= worst ? worst : error;
        largest = fmax(largest, fabs((double)d[i]));
    }
    return worst / largest;
}

/* Train the published network with full backpropagation for a few epochs; its error must fall. */
static enum ccrnn_status short_training(double errors[2], struct ccrnn_error *err)
{
    enum { STEPS = 400, EDGE = 20 };
    struct ccrnn_line_drawing task;
    struct ccrnn_network_config config;
    struct ccrnn_network *network = NULL;
    ccrnn_line_drawing_default(&task);
    ccrnn_network_config_default(&config);
    config.cerebellum = CCRNN_CEREBELLUM_NONE;
    config.horizon = config.steps;
    CCRNN_TRY(ccrnn_network_create(&config, 1, &network, err));
    static ccrnn_real input[10 * 50], target[10 * 50 * 2];
    const struct ccrnn_batch batch = {.input = input, .target = target};
    enum ccrnn_status status = CCRNN_OK;
    errors[0] = errors[1] = 0;
    for (uint32_t i = 0; i < STEPS && status == CCRNN_OK; i++) {
        struct ccrnn_step_report report = {0};
        ccrnn_line_drawing_batch(&task, 1, CCRNN_RANDOM_USER, i, 0, config.batch, input, target,
                                 NULL);
        status = ccrnn_network_train(network, &batch, &report, err);
        if (i < EDGE)
            errors[0] += report.loss / EDGE;
        if (i >= STEPS - EDGE)
            errors[1] += report.loss / EDGE;
    }
    ccrnn_network_destroy(network);
    return status;
}

static bool say(const char *what, bool good, const char *detail)
{
    printf("%-10s %s: %s\n", good ? "ok" : "FAILED", what, detail);
    return good;
}

static bool self_test(const struct ccrnn_math *math)
{
    char detail[160];
    double errors[2] = {0, 0};
    struct ccrnn_error err = {0};
    const double kernel = kernel_error(math), gemm = gemm_error(math);
    snprintf(detail, sizeof detail, "largest error of tanh %.1e (allowed 3e-7)", kernel);
    bool good = say("kernels", kernel <= 3e-7, detail);
    snprintf(detail, sizeof detail, "largest difference to the plain loop %.1e (allowed 1e-5)",
             gemm);
    good &= say("products", gemm <= 1e-5, detail);
    const enum ccrnn_status status = short_training(errors, &err);
    if (status == CCRNN_OK)
        snprintf(detail, sizeof detail,
                 "error %.2f fell to %.2f (expected: below three quarters)", errors[0],
                 errors[1]);
    else
        snprintf(detail, sizeof detail, "%.150s", err.message);
    good &= say("training", status == CCRNN_OK && errors[1] < 0.75 * errors[0], detail);
    return good;
}

static int run_selftest(const struct doctor_options *options)
{
    struct ccrnn_error err = {0};
    bool good;
    const uint64_t seed = options->seeded ? options->seed : ccrnn_process_token() >> 32;
    const enum ccrnn_status status = cli_selftest_resume(options->out, seed, &good, &err);
    if (status != CCRNN_OK)
        return cli_fail("doctor", status, &err);
    return good ? 0 : ccrnn_status_exit_code(CCRNN_FAILED);
}

int cli_doctor(int argc, char **argv)
{
    struct ccrnn_math math;
    struct ccrnn_error err = {0};
    struct doctor_options options = {0};
    cli_parse(&cli_doctor_argp, argc, argv, &options);
    if (options.selftest != NULL)
        return run_selftest(&options);
    ccrnn_math_thread_setup();
    const enum ccrnn_status status =
        ccrnn_math_select(CCRNN_GEMM_AUTO, CCRNN_KERNELS_AUTO, &math, &err);
    if (status != CCRNN_OK)
        return cli_fail("doctor", status, &err);
    print_machine(&math);
    return self_test(&math) ? 0 : ccrnn_status_exit_code(CCRNN_FAILED);
}
