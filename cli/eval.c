/* ccrnn eval: measure a run's weights on fresh data. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "cli/run_data.h"
#include "math/math.h"
#include "study/course.h"
#include "study/data.h"
#include "study/evaluate.h"
#include "study/run_open.h"

struct eval_options {
    const char *run, *checkpoint, *data;
    uint64_t trials, seed;
    bool has_seed, json;
    enum ccrnn_evaluation_depth depth;
    enum ccrnn_gemm_choice gemm;
    enum ccrnn_kernel_choice kernels;
};

enum { KEY_SEED = CLI_KEY_FIRST, KEY_DATA, KEY_CLASSES };
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
    case KEY_DATA:
        options->data = arg;
        return 0;
    case KEY_CLASSES:
        options->depth = CCRNN_EVALUATION_LONG;
        return 0;
    case KEY_SEED:
        if (!ccrnn_parse_unsigned(arg, &options->seed))
            argp_error(state, "--seed is \"%s\": expected an integer without sign", arg);
        options->has_seed = true;
        return 0;
    case CLI_KEY_GEMM:
        cli_read_gemm(arg, state, &options->gemm);
        return 0;
    case CLI_KEY_KERNELS:
        cli_read_kernels(arg, state, &options->kernels);
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
    {"all", KEY_CLASSES, NULL, 0, "Every measure, also of each class alone, and the confusions",
     0},
    {"checkpoint", 'c', "NAME", 0, "last (default; of captions best), previous or epoch-N", 0},
    {"data", KEY_DATA, "DIR", 0, "Directory of the files the run was trained with, if it was", 0},
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
        "Measure the weights of a run on trials it has not met: neither trained nor validated on. "
        "Simple line drawing makes fresh ones; the others take the images of their test split."
        "\vRUN is the directory of one run, STUDYDIR/ARM-HASH/SEED.\n\n"
        "Drawings: error is the mean squared distance over all steps, roughness the mean second "
        "difference of the drawn line (minus the target's), end_point_error the mean distance at the "
        "last step. Answers: nll in nats, accuracy, certainty (largest probability). --all adds the "
        "measures of docs/maths.md. Captions: bits a word, scores of greedy and beam decoding, and "
        "word models to compare with.",
};

/* Rows of the evaluation, as text or into a JSON object. */
struct output {
    json_t *object; /* NULL: text */
    bool all;       /* of captions: every row */
};

static void print_row(void *context, const char *metric, double value)
{
    const struct output *const output = context;
    if (output->object == NULL)
        printf("%-24s %.6g\n", metric, value);
    else
        json_object_set_new(output->object, metric,
                            isfinite(value) ? json_real(value) : json_null());
}

static void print(const struct eval_options *options, const struct ccrnn_opened_run *run,
                  const struct ccrnn_evaluator *evaluator, uint64_t seed, uint64_t trials)
{
    struct output output = {0};
    if (!options->json) {
        printf("%s, seed %llu, checkpoint %s, %llu trials%s%llu\n", run->record.arm,
               (unsigned long long)run->record.seed, run->checkpoint, (unsigned long long)trials,
               ", seed of the trials ", (unsigned long long)seed);
        ccrnn_evaluator_rows(evaluator, print_row, &output);
        return;
    }
    output.object = json_pack("{s:s, s:s, s:s, s:I, s:I}", "run", options->run, "arm",
                              run->record.arm, "checkpoint", run->checkpoint, "seed",
                              (json_int_t)seed, "trials", (json_int_t)trials);
    ccrnn_evaluator_rows(evaluator, print_row, &output);
    json_dumpf(output.object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    printf("\n");
    json_decref(output.object);
}

/* Options that say nothing about this run. */
static enum ccrnn_status check_effects(const struct eval_options *options,
                                       const struct ccrnn_run_config *config,
                                       struct ccrnn_error *err)
{
    const struct ccrnn_task_kind *const kind = ccrnn_task_kind(config->task.task);
    if (options->has_seed && (kind->shows_images || kind->says_words))
        return ccrnn_fail(err, CCRNN_USAGE,
                          "--seed has no effect: the test images do not depend on it; leave it "
                          "out");
    if (options->trials > 0 && kind->says_words)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "--trials has no effect: the run's test captions are measured; leave it "
            "out");
    return CCRNN_OK;
}

static enum ccrnn_status fail_nonfinite(const struct eval_options *options,
                                        struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_NONFINITE,
                      "%s: what the network does is not finite, so it cannot be measured; take "
                      "another checkpoint (-c best)",
                      options->run);
}

/* The head of the output; with JSON *object becomes the object that takes the rows. */
static void print_head(const struct eval_options *options, const struct ccrnn_opened_run *run,
                       struct output *output)
{
    if (options->json)
        output->object =
            json_pack("{s:s, s:s, s:s, s:I}", "run", options->run, "arm", run->record.arm,
                      "checkpoint", run->checkpoint, "seed", (json_int_t)run->record.seed);
    else
        printf("%s, seed %llu, checkpoint %s, the test captions\n", run->record.arm,
               (unsigned long long)run->record.seed, run->checkpoint);
}

/* Values at each place of a word and of each length only with --all. */
static void print_caption_row(void *context, const char *metric, double value)
{
    const struct output *const output = context;
    if (output->all || strchr(metric, '.') == NULL)
        print_row(context, metric, value);
}

/* Here nothing is settled that was not before: a run that is measured stays as it is. */
static enum ccrnn_status check_vocabulary(const char *run, const struct ccrnn_course *course,
                                          struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run, "vocabulary.txt", err));
    if (!ccrnn_path_exists(path))
        return ccrnn_fail(err, CCRNN_IO,
                          "%s is missing, so the words of the weights are not known; `ccrnn run` "
                          "of the same study with more epochs writes it anew",
                          path);
    return course->kind->settle(course, run, err);
}

static enum ccrnn_status measure_captions(const struct eval_options *options,
                                          const struct ccrnn_opened_run *run,
                                          const struct ccrnn_run_data *data,
                                          struct ccrnn_error *err)
{
    struct ccrnn_course *course = NULL;
    struct output output = {.all = options->depth == CCRNN_EVALUATION_LONG};
    double error = 0;
    CCRNN_TRY(ccrnn_course_open(&run->config, data, run->record.seed, &course, err));
    enum ccrnn_status status = check_vocabulary(options->run, course, err);
    if (status == CCRNN_OK)
        status = course->kind->test(course, run->network, NULL, &error, err);
    if (status == CCRNN_OK && !isfinite(error))
        status = fail_nonfinite(options, err);
    if (status == CCRNN_OK) {
        print_head(options, run, &output);
        course->kind->rows(course, print_caption_row, &output);
        if (output.object != NULL) {
            json_dumpf(output.object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
            printf("\n");
            json_decref(output.object);
        }
    }
    course->kind->close(course);
    return status;
}

static enum ccrnn_status measure(const struct eval_options *options,
                                 const struct ccrnn_opened_run *run,
                                 const struct ccrnn_task_images *images, struct ccrnn_error *err)
{
    struct ccrnn_trials *trials = NULL;
    struct ccrnn_evaluator *evaluator = NULL;
    const uint64_t seed = options->has_seed ? options->seed : run->record.seed;
    const uint64_t asked = options->trials > 0 ? options->trials : run->config.task.test_size;
    double error;
    enum ccrnn_status status = ccrnn_trials_open(&run->config.task, images, seed, &trials, err);
    if (status == CCRNN_OK && asked > ccrnn_trials_available(trials, CCRNN_SPLIT_EVAL))
        status =
            ccrnn_fail(err, CCRNN_USAGE, "--trials is %llu, but there are only %llu test images",
                       (unsigned long long)asked,
                       (unsigned long long)ccrnn_trials_available(trials, CCRNN_SPLIT_EVAL));
    if (status == CCRNN_OK)
        status = ccrnn_evaluator_create(&run->config, trials, &evaluator, err);
    if (status == CCRNN_OK)
        status = ccrnn_evaluate(evaluator, run->network, CCRNN_SPLIT_EVAL, 0, asked,
                                options->depth, &error, err);
    if (status == CCRNN_OK && !isfinite(error))
        status = fail_nonfinite(options, err);
    if (status == CCRNN_OK)
        print(options, run, evaluator, seed, asked);
    ccrnn_evaluator_destroy(evaluator);
    ccrnn_trials_close(trials);
    return status;
}

/* Images that are made are there in any number; the first ones are those of the run's own test. */
static void widen_test(const struct eval_options *options, struct ccrnn_task_options *task)
{
    const bool made = ccrnn_task_kind(task->task)->shows_images &&
                      task->digits.images == CCRNN_IMAGE_SOURCE_PENS;
    if (made && options->trials > 0)
        task->test_size = options->trials;
}

static enum ccrnn_status evaluate(struct eval_options *options, struct ccrnn_error *err)
{
    struct ccrnn_opened_run run;
    struct cli_run_data data = {0};
    enum ccrnn_status status = ccrnn_run_open(options->run, options->checkpoint, options->gemm,
                                              options->kernels, &run, err);
    if (status == CCRNN_OK)
        widen_test(options, &run.config.task);
    if (status == CCRNN_OK)
        status = check_effects(options, &run.config, err);
    if (status == CCRNN_OK)
        status = cli_run_data_load(options->run, options->data, &run, &data, err);
    if (status == CCRNN_OK)
        status = data.run.captions != NULL ? measure_captions(options, &run, &data.run, err)
                                           : measure(options, &run, data.run.images, err);
    cli_run_data_release(&data);
    ccrnn_run_close(&run);
    return status;
}

int cli_eval(int argc, char **argv)
{
    struct eval_options options = {0};
    struct ccrnn_error err = {0};
    cli_parse(&cli_eval_argp, argc, argv, &options);
    ccrnn_math_thread_setup();
    const enum ccrnn_status status = evaluate(&options, &err);
    return status == CCRNN_OK ? 0 : cli_fail("eval", status, &err);
}
