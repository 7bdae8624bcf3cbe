/* ccrnn analyse: how a run's network works and learns. */
#include "cli/analyse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "cli/run_data.h"
#include "math/math.h"
#include "study/curve.h"
#include "study/evaluate.h"
#include "study/plan.h"

struct analyse_options {
    const char *run, *checkpoint, *data, *out;
    uint64_t trials;
    double criterion;
    bool has_criterion, json;
    enum ccrnn_gemm_choice gemm;
    enum ccrnn_kernel_choice kernels;
};

enum { KEY_DATA = CLI_KEY_FIRST, KEY_CRITERION };
static const uint64_t trials_most = 1000000, trials_default = 200;

static void parse_run(struct analyse_options *options, char *arg, struct argp_state *state)
{
    if (options->run != NULL)
        argp_error(state, "two runs given, \"%s\" and \"%s\": expected one", options->run, arg);
    options->run = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct analyse_options *const options = state->input;
    switch (key) {
    case 'c':
        options->checkpoint = arg;
        return 0;
    case 'o':
        options->out = arg;
        return 0;
    case 'n':
        if (!ccrnn_parse_unsigned(arg, &options->trials) || options->trials < 2 ||
            options->trials > trials_most)
            argp_error(state, "--trials is \"%s\": expected an integer from 2 to 1000000", arg);
        return 0;
    case KEY_DATA:
        options->data = arg;
        return 0;
    case KEY_CRITERION:
        if (!ccrnn_parse_real(arg, &options->criterion))
            argp_error(state, "--criterion is \"%s\": expected a number", arg);
        options->has_criterion = true;
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
        parse_run(options, arg, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no run given: expected a directory like STUDYDIR/ARM-HASH/SEED");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"checkpoint", 'c', "NAME", 0, "last (default; of captions best), previous or epoch-N", 0},
    {"criterion", KEY_CRITERION, "VALUE", 0,
     "Also tell the epochs until the validation error stays at or below VALUE", 0},
    {"data", KEY_DATA, "DIR", 0, "Directory of the files the run was trained with, if it was", 0},
    {"gemm", CLI_KEY_GEMM, "NAME", 0, "Matrix products: auto, onednn, plain", 0},
    {"json", CLI_KEY_JSON, NULL, 0, "Print JSON to stdout", 0},
    {"kernels", CLI_KEY_KERNELS, "NAME", 0, "Elementwise kernels: auto, avx512, avx2, plain", 0},
    {"out", 'o', "DIR", 0, "Write CSV files too", 0},
    {"trials", 'n', "N", 0, "Validation trials to look at (default: the run's probe_trials)", 0},
    {0},
};

const struct argp cli_analyse_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "RUN",
    .doc =
        "Look into the network of a run: what its cortex and granule cells do, what its cerebellum "
        "says and should say, how cues part in the cortex, how fast it learned, its weights."
        "\vRUN is the directory of one run, STUDYDIR/ARM-HASH/SEED. The network is shown validation "
        "trials that no epoch met where trials are made anew; nothing is learned. Beside each measure "
        "stands the same of the network before it learned.\n\n"
        "similarity_target is the cosine of predicted feedback and what the cerebellum is taught, "
        "similarity_true of predicted feedback and the true gradient of all that is still to come. coupling is "
        "the mean |Pearson r| of cortical and granule units, coupling_shift how far each pair has "
        "moved since learning began. docs/measures.md defines every measure.\n\n"
        "--out writes summary.csv, similarity_by_step.csv, similarity_by_unit.csv, "
        "coupling_histogram.csv, trajectories.csv, cue_distance.csv, components.csv, learning.csv "
        "and weights.csv, as far as the run has them.\n\n"
        "  ccrnn analyse demo/ccRNN-HASH/1\n"
        "  ccrnn analyse demo/ccRNN-HASH/1 --checkpoint epoch-10 --out tables\n\n"
        "To record these measures while a run learns, give its study `probe_every: 10`. Of captions "
        "only learning and weights are told.",
};

/* --- what is measured -------------------------------------------------------------------- */

void cli_values_add(void *context, const char *name, double value)
{
    struct cli_values *const values = context;
    if (values->count == CLI_VALUES_MAX)
        return;
    (void)ccrnn_format(values->row[values->count].name, CLI_VALUE_NAME, "%s", name);
    values->row[values->count++].value = value;
}

/* Rows of all trials; a dot begins those of a class. */
static void add_whole(void *context, const char *name, double value)
{
    if (strchr(name, '.') == NULL)
        cli_values_add(context, name, value);
}

/* A run's first weights may be gone with the file they came from: then there is nothing to compare with. */
static enum ccrnn_status measure_first(struct cli_analysis *a, struct ccrnn_trials *trials,
                                       size_t count, struct ccrnn_error *err)
{
    struct ccrnn_error lost = {0};
    if (ccrnn_analysis_first_network(&a->run.config, a->run.record.seed, &a->first, &lost) !=
        CCRNN_OK)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_analysis_create(&a->run.config, a->first, count, &a->before, err));
    CCRNN_TRY(ccrnn_analysis_measure(&a->before, a->first, trials, err));
    ccrnn_analysis_rows(&a->before, a->before.coupling, false, cli_values_add,
                        &a->activity_before);
    return CCRNN_OK;
}

static enum ccrnn_status measure_movement(struct cli_analysis *a, struct ccrnn_trials *trials,
                                          size_t count, struct ccrnn_error *err)
{
    struct ccrnn_evaluator *evaluator;
    double error;
    CCRNN_TRY(ccrnn_evaluator_create(&a->run.config, trials, &evaluator, err));
    const enum ccrnn_status status =
        ccrnn_evaluate(evaluator, a->run.network, CCRNN_SPLIT_VALIDATION, 0, count,
                       CCRNN_EVALUATION_LONG, &error, err);
    if (status == CCRNN_OK)
        ccrnn_evaluator_rows(evaluator, add_whole, &a->movement);
    ccrnn_evaluator_destroy(evaluator);
    return status;
}

static enum ccrnn_status probe(struct cli_analysis *a, struct ccrnn_trials *trials, size_t count,
                               struct ccrnn_error *err)
{
    const struct ccrnn_run_config *const config = &a->run.config;
    CCRNN_TRY(measure_first(a, trials, count, err));
    CCRNN_TRY(ccrnn_analysis_create(config, a->run.network, count, &a->now, err));
    CCRNN_TRY(ccrnn_analysis_measure(&a->now, a->run.network, trials, err));
    ccrnn_analysis_rows(&a->now, a->before.coupling, false, cli_values_add, &a->activity);
    CCRNN_TRY(ccrnn_trajectory_make(&a->now.seen, ccrnn_task_classes(&config->task),
                                    &a->trajectory, err));
    a->probed = true;
    return measure_movement(a, trials, count, err);
}

static enum ccrnn_status probe_trials(const struct analyse_options *options,
                                      struct cli_analysis *a, struct ccrnn_error *err)
{
    const struct ccrnn_run_config *const config = &a->run.config;
    struct cli_run_data data;
    struct ccrnn_trials *trials = NULL;
    enum ccrnn_status status =
        cli_run_data_load(options->run, options->data, &a->run, &data, err);
    if (status == CCRNN_OK)
        status =
            ccrnn_trials_open(&config->task, data.run.images, a->run.record.seed, &trials, err);
    if (status == CCRNN_OK) {
        const uint64_t there = ccrnn_trials_available(trials, CCRNN_SPLIT_VALIDATION);
        uint64_t count = config->probe_every > 0 ? config->probe_trials : trials_default;
        count = count < there ? count : there;
        if (options->trials > there)
            status = ccrnn_fail(err, CCRNN_USAGE,
                                "--trials is %llu, but there are only %llu validation images",
                                (unsigned long long)options->trials, (unsigned long long)there);
        else
            status =
                probe(a, trials, (size_t)(options->trials > 0 ? options->trials : count), err);
    }
    ccrnn_trials_close(trials);
    cli_run_data_release(&data);
    return status;
}

/* --- learning ---------------------------------------------------------------------------- */

static const struct {
    const char *name;
    double share;
} criteria[] = {{"epochs_to_half", 0.5}, {"epochs_to_quarter", 0.25}, {"epochs_to_tenth", 0.1}};

static void measure_curve(const struct analyse_options *options, const struct ccrnn_curve *curve,
                          struct cli_values *values)
{
    double sum = 0, best = INFINITY;
    for (size_t i = 0; i < curve->count; i++) {
        sum += curve->value[i];
        best = fmin(best, curve->value[i]);
    }
    const size_t n = curve->count;
    cli_values_add(values, "epochs", curve->epoch[n - 1]);
    cli_values_add(values, "first", curve->value[0]);
    cli_values_add(values, "last", curve->value[n - 1]);
    cli_values_add(values, "best", best);
    cli_values_add(values, "mean", sum / (double)n);
    cli_values_add(values, "area", ccrnn_learning_area(curve->epoch, curve->value, n));
    for (size_t i = 0; i < sizeof criteria / sizeof criteria[0]; i++)
        cli_values_add(values, criteria[i].name,
                       ccrnn_learning_epochs_to(curve->epoch, curve->value, n,
                                                criteria[i].share * curve->value[0],
                                                CCRNN_CRITERION_STAYS));
    if (options->has_criterion)
        cli_values_add(values, "epochs_to_criterion",
                       ccrnn_learning_epochs_to(curve->epoch, curve->value, n, options->criterion,
                                                CCRNN_CRITERION_STAYS));
}

static enum ccrnn_status measure_learning(const struct analyse_options *options,
                                          struct cli_analysis *a, struct ccrnn_error *err)
{
    const struct ccrnn_task_kind *const kind = ccrnn_task_kind(a->run.config.task.task);
    struct ccrnn_curve curve;
    a->curve = kind->draws ? "error" : "nll";
    if (kind->says_words)
        a->curve = "bits_per_word";
    const enum ccrnn_status status =
        ccrnn_curve_read(options->run, "validation", a->curve, &curve, err);
    if (status == CCRNN_OK && curve.count > 0)
        measure_curve(options, &curve, &a->learning);
    ccrnn_curve_release(&curve);
    return status;
}

/* --- the command ------------------------------------------------------------------------- */

static enum ccrnn_status check_effects(const struct analyse_options *options,
                                       const struct ccrnn_run_config *config,
                                       struct ccrnn_error *err)
{
    if (!ccrnn_task_kind(config->task.task)->says_words)
        return CCRNN_OK;
    if (options->trials == 0 && options->data == NULL)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_USAGE,
        "%s has no effect: of captions only learning and weights are told; leave it "
        "out",
        options->trials > 0 ? "--trials" : "--data");
}

static enum ccrnn_status analyse(const struct analyse_options *options, struct cli_analysis *a,
                                 struct ccrnn_error *err)
{
    a->directory = options->run;
    CCRNN_TRY(ccrnn_run_open(options->run, options->checkpoint, options->gemm, options->kernels,
                             &a->run, err));
    CCRNN_TRY(check_effects(options, &a->run.config, err));
    /* what was cut when these weights were made is cut now */
    CCRNN_TRY(ccrnn_plan_training(&a->run.config, a->run.network, a->run.epoch, UINT64_MAX, err));
    CCRNN_TRY(measure_learning(options, a, err));
    if (!ccrnn_task_kind(a->run.config.task.task)->says_words)
        CCRNN_TRY(probe_trials(options, a, err));
    if (options->json)
        cli_analysis_print_json(a);
    else
        cli_analysis_print(a);
    return options->out == NULL ? CCRNN_OK : cli_analysis_write(a, options->out, err);
}

int cli_analyse(int argc, char **argv)
{
    struct analyse_options options = {0};
    struct cli_analysis analysis = {0};
    struct ccrnn_error err = {0};
    cli_parse(&cli_analyse_argp, argc, argv, &options);
    ccrnn_math_thread_setup();
    const enum ccrnn_status status = analyse(&options, &analysis, &err);
    ccrnn_trajectory_release(&analysis.trajectory);
    ccrnn_analysis_release(&analysis.now);
    ccrnn_analysis_release(&analysis.before);
    ccrnn_network_destroy(analysis.first);
    ccrnn_run_close(&analysis.run);
    return status == CCRNN_OK ? 0 : cli_fail("analyse", status, &err);
}
