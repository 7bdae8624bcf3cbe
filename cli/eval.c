/* ccrnn eval: measure a run's weights on fresh data. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "math/math.h"
#include "study/evaluate.h"
#include "study/run_open.h"

struct eval_options {
    const char *run, *checkpoint;
    uint64_t trials, seed;
    bool has_seed, json;
    enum ccrnn_gemm_choice gemm;
    enum ccrnn_kernel_choice kernels;
};

enum { KEY_SEED = CLI_KEY_FIRST };
static const uint64_t trials_most = 4000000000u;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct eval_options *const options = state->input;
    switch (key) {
    case 'c':
        options->checkpoint = arg;
        return 0;
    case 'n':
        if (!ccrnn_parse_unsigned(arg, &options->trials) || options->trials < 1 ||
            options->trials > trials_most)
            argp_error(state, "--trials is \"%s\": expected an integer from 1 to 4000000000",
                       arg);
        return 0;
    case KEY_SEED:
        if (!ccrnn_parse_unsigned(arg, &options->seed))
            argp_error(state, "--seed is \"%s\": expected an integer without sign", arg);
        options->has_seed = true;
        return 0;
    case CLI_KEY_GEMM:
        if (!cli_read_gemm(arg, &options->gemm))
            argp_error(state, "--gemm is \"%s\": expected auto, onednn or plain", arg);
        return 0;
    case CLI_KEY_KERNELS:
        if (!cli_read_kernels(arg, &options->kernels))
            argp_error(state, "--kernels is \"%s\": expected auto, avx512, avx2 or plain", arg);
        return 0;
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->run != NULL)
            argp_error(state, "two runs given, \"%s\" and \"%s\": expected one", options->run,
                       arg);
        options->run = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no run given: expected a directory like STUDYDIR/ARM-HASH/SEED");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"checkpoint", 'c', "NAME", 0, "last (default), best, previous or epoch-N", 0},
    {"gemm", CLI_KEY_GEMM, "NAME", 0, "Matrix products: auto, onednn, plain", 0},
    {"json", CLI_KEY_JSON, NULL, 0, "Print JSON to stdout", 0},
    {"kernels", CLI_KEY_KERNELS, "NAME", 0, "Elementwise kernels: auto, avx512, avx2, plain", 0},
    {"seed", KEY_SEED, "N", 0, "Seed of the fresh trials (default: the run's)", 0},
    {"trials", 'n', "N", 0, "Number of trials (default: the run's test_size)", 0},
    {0},
};

const struct argp cli_eval_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "RUN",
    .doc =
        "Measure the weights of a run on trials it has not met: neither trained, validated nor "
        "tested on."
        "\vRUN is the directory of one run, STUDYDIR/ARM-HASH/SEED.\n\n"
        "error: mean squared distance over all steps. roughness: mean second difference of the drawn "
        "line. end_point_error: mean distance at the last step.",
};

static void print(const struct eval_options *options, const struct ccrnn_opened_run *run,
                  const struct ccrnn_evaluation *found, uint64_t seed)
{
    if (options->json) {
        json_t *const root = json_pack(
            "{s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:f}", "run", options->run, "arm",
            run->record.arm, "checkpoint", options->checkpoint, "seed", (json_int_t)seed,
            "trials", (json_int_t)found->trials, "error", found->error, "roughness",
            found->roughness, "end_point_error", found->end_point_error);
        json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
        printf("\n");
        json_decref(root);
        return;
    }
    printf("%s, seed %llu, checkpoint %s, %zu fresh trials of seed %llu\n", run->record.arm,
           (unsigned long long)run->record.seed, options->checkpoint, found->trials,
           (unsigned long long)seed);
    printf("error            %.6g\nroughness        %.6g\nend_point_error  %.6g\n", found->error,
           found->roughness, found->end_point_error);
}

static enum ccrnn_status evaluate(const struct eval_options *options, struct ccrnn_error *err)
{
    struct ccrnn_opened_run run;
    struct ccrnn_evaluator *evaluator = NULL;
    struct ccrnn_evaluation found;
    enum ccrnn_status status = ccrnn_run_open(options->run, options->checkpoint, options->gemm,
                                              options->kernels, &run, err);
    if (status == CCRNN_OK)
        status = ccrnn_evaluator_create(&run.config, &evaluator, err);
    const uint64_t seed = options->has_seed ? options->seed : run.record.seed;
    const uint64_t trials = options->trials > 0 ? options->trials : run.config.test_size;
    if (status == CCRNN_OK)
        status = ccrnn_evaluate(evaluator, run.network, seed, CCRNN_RANDOM_EVAL, 0, trials,
                                &found, err);
    if (status == CCRNN_OK)
        print(options, &run, &found, seed);
    ccrnn_evaluator_destroy(evaluator);
    ccrnn_run_close(&run);
    return status;
}

int cli_eval(int argc, char **argv)
{
    struct eval_options options = {.checkpoint = "last"};
    struct ccrnn_error err = {0};
    cli_parse(&cli_eval_argp, argc, argv, &options);
    ccrnn_math_thread_setup();
    const enum ccrnn_status status = evaluate(&options, &err);
    return status == CCRNN_OK ? 0 : cli_fail("eval", status, &err);
}
