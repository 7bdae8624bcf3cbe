/* ccrnn reproduce: a figure of the paper, from training to verdicts on its claims. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/number.h"
#include "ccrnn/report.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/reproduce.h"
#include "cli/study_run.h"
#include "report/paper.h"
#include "report/results.h"

enum { ARGUMENTS_MOST = 64 };

struct reproduce_options {
    const char *argument[ARGUMENTS_MOST]; /* a figure; with --write-results directories */
    size_t arguments;
    const char *out, *data, *results;
    unsigned jobs;
    bool quick, dry_run, quiet;
    const char *const *argv;
};

enum { KEY_SCALE = CLI_KEY_FIRST, KEY_DRY_RUN, KEY_DATA, KEY_RESULTS };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct reproduce_options *const options = state->input;
    switch (key) {
    case KEY_SCALE:
        options->quick = strcmp(arg, "quick") == 0;
        if (!options->quick && strcmp(arg, "paper") != 0)
            argp_error(state, "--scale is \"%s\": expected quick or paper", arg);
        return 0;
    case KEY_DRY_RUN:
        options->dry_run = true;
        return 0;
    case KEY_DATA:
        options->data = arg;
        return 0;
    case KEY_RESULTS:
        options->results = arg;
        return 0;
    case 'j':
        if (!cli_read_jobs(arg, &options->jobs))
            argp_error(state, "-j is \"%s\": expected an integer from 1 to %d", arg,
                       CLI_JOBS_MOST);
        return 0;
    case 'o':
        if (*arg == '\0')
            argp_error(state, "--out is empty: expected a directory");
        options->out = arg;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->arguments == ARGUMENTS_MOST)
            argp_error(state, "more than %d arguments", ARGUMENTS_MOST);
        options->argument[options->arguments++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->arguments == 0)
            argp_error(state, options->results == NULL
                                  ? "reproduce which figure? fig2, …, or all"
                                  : "--write-results: from which directories?");
        if (options->results == NULL && options->arguments > 1)
            argp_error(state, "one figure at a time, or all");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"data", KEY_DATA, "DIR", 0,
     "Directory of MNIST or of captions and features; with all, the one that holds mnist, "
     "flickr8k, …",
     0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Show what would be run and for how long; run nothing", 0},
    {"jobs", 'j', "N", 0, "Runs at the same time (default: the CPUs this process may use)", 0},
    {"out", 'o', "DIR", 0, "Where the studies go (default: runs; of a quick look runs/quick)", 0},
    {"quiet", 'q', NULL, 0, "No progress, only results and failures", 0},
    {"scale", KEY_SCALE, "quick|paper", 0,
     "The published sizes (default), or as quick: of the study file makes it", 0},
    {"write-results", KEY_RESULTS, "FILE", 0,
     "Train nothing: write what the studies in the directories given say about their claims", 0},
    {0},
};

const struct argp cli_reproduce_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "FIGURE|all\n--write-results FILE DIR…",
    .doc =
        "Run the study of a figure, draw the figure, and judge the study's claims. What is finished "
        "is not run again, what was interrupted goes on. FIGURE is the name of a study that comes "
        "with ccrnn (fig2, fig7, …) or the path of a study file."
        "\vEvery claim is printed with its verdict: holds, does not hold, or undecided; "
        "docs/claims.md has the rules. The exit code tells whether everything was run, not whether "
        "the claims hold.",
};

/* --- one figure -------------------------------------------------------------------------- */

/* A study about to be run. */
struct work {
    const struct reproduce_options *options;
    struct ccrnn_study *study;
    char file[CCRNN_PATH_MAX], directory[CCRNN_PATH_MAX], data[CCRNN_PATH_MAX];
    bool several; /* with all: --data holds several sets */
};

static bool is_path(const char *name)
{
    return strchr(name, '/') != NULL || strstr(name, ".yaml") != NULL ||
           strstr(name, ".yml") != NULL;
}

/* The file as it is written must be right even where a quick look would not notice. */
static enum ccrnn_status load_study(struct work *work, struct ccrnn_error *err)
{
    const struct ccrnn_study_overrides quick = {.quick = true};
    CCRNN_TRY(ccrnn_study_load(work->file, NULL, &work->study, err));
    if (!work->options->quick)
        return CCRNN_OK;
    ccrnn_study_destroy(work->study);
    return ccrnn_study_load(work->file, &quick, &work->study, err);
}

static enum ccrnn_status find_places(struct work *work, struct ccrnn_error *err)
{
    const struct reproduce_options *const options = work->options;
    const char *const set = ccrnn_study_data_name(work->study);
    const char *parent = options->quick ? "runs/quick" : "runs";
    if (options->out != NULL)
        parent = options->out;
    CCRNN_TRY(
        ccrnn_path_join(work->directory, sizeof work->directory, parent, work->study->name, err));
    work->data[0] = '\0';
    if (!work->several || options->data == NULL)
        return cli_study_find_data(work->study, options->data, work->data, err);
    return set == NULL ? CCRNN_OK
                       : ccrnn_path_join(work->data, sizeof work->data, options->data, set, err);
}

static void print_estimate(const struct cli_study_estimate *estimate)
{
    char time[32], basis[256];
    cli_duration(estimate->seconds, time, sizeof time);
    cli_study_estimate_basis(estimate, basis, sizeof basis);
    if (estimate->done == estimate->runs)
        printf("all %zu runs are finished\n", estimate->runs);
    else
        printf("%zu of %zu runs are finished; the rest takes about %s with -j %u (%s)\n",
               estimate->done, estimate->runs, time, estimate->jobs, basis);
    fflush(stdout);
}

/* Say what is coming, before it begins. CCRNN_IO and the like: the data are not there. */
static enum ccrnn_status announce(struct work *work, const struct cli_study_run *how,
                                  struct ccrnn_error *err)
{
    struct ccrnn_study *const study = work->study;
    struct ccrnn_study_data data;
    struct cli_study_estimate estimate;
    printf("\n%s: %s\n%zu arm%s × %zu seed%s, into %s\n", study->name, study->description,
           study->arm_count, cli_plural(study->arm_count), study->seed_count,
           cli_plural(study->seed_count), work->directory);
    if (study->quick != NULL)
        printf("quick: %s; claims are checked for the machinery, not for science\n",
               study->quick);
    if (ccrnn_study_is_complete(study, work->directory)) {
        printf("all runs are finished\n");
        return CCRNN_OK;
    }
    CCRNN_TRY(ccrnn_study_data_load(study, how->data, &data, err));
    const enum ccrnn_status status = cli_study_estimate(study, how, &data, &estimate, err);
    ccrnn_study_data_release(&data);
    if (status == CCRNN_OK)
        print_estimate(&estimate);
    return status;
}

static bool is_paper_figure(const char *name)
{
    for (size_t i = 0; ccrnn_paper_figure_name(i) != NULL; i++)
        if (strcmp(ccrnn_paper_figure_name(i), name) == 0)
            return true;
    return false;
}

/* The figure of the paper, or for a study that is none of them the report. */
static enum ccrnn_status draw(const struct work *work, struct ccrnn_error *err)
{
    const char *const name = work->study->name;
    char out[CCRNN_PATH_MAX];
    if (!is_paper_figure(name)) {
        CCRNN_TRY(ccrnn_report_write(work->directory, NULL, err));
        printf("report: %s/report/report.html\n", work->directory);
        return CCRNN_OK;
    }
    CCRNN_TRY(ccrnn_path_join(out, sizeof out, work->directory, "figure", err));
    CCRNN_TRY(ccrnn_paper_figure_write(name, work->directory, out, err));
    printf("figure: %s/%s.pdf\n", out, name);
    return CCRNN_OK;
}

/* Draw, then judge: that no figure could be drawn must not hide the verdicts. */
static enum ccrnn_status show(const struct work *work, struct cli_claim_counts *counts,
                              struct ccrnn_error *err)
{
    struct ccrnn_error drawing = {0};
    const enum ccrnn_status drawn = draw(work, &drawing);
    if (drawn != CCRNN_OK)
        fprintf(stderr, "ccrnn reproduce: no figure of %s: %s\n", work->study->name,
                drawing.message);
    CCRNN_TRY(cli_claims_print(work->directory, counts, err));
    if (drawn != CCRNN_OK && err != NULL)
        *err = drawing;
    return drawn;
}

static enum ccrnn_status reproduce_study(struct work *work, struct cli_claim_counts *counts,
                                         struct ccrnn_error *err)
{
    const struct reproduce_options *const options = work->options;
    struct ccrnn_error training = {0};
    bool began = false;
    CCRNN_TRY(find_places(work, err));
    const struct cli_study_run how = {.directory = work->directory,
                                      .data = work->data,
                                      .jobs = options->jobs,
                                      .quiet = options->quiet,
                                      .argv = options->argv};
    CCRNN_TRY(announce(work, &how, err));
    if (options->dry_run)
        return CCRNN_OK;
    const enum ccrnn_status trained = cli_study_train(work->study, &how, &began, &training);
    counts->ran = began;
    if (!began || trained == CCRNN_INTERRUPTED) {
        if (err != NULL)
            *err = training;
        return trained;
    }
    CCRNN_TRY(show(work, counts, err));
    if (trained != CCRNN_OK && err != NULL)
        *err = training;
    return trained;
}

/* A study that comes with ccrnn; an unknown name is answered with those of the figures. */
static enum ccrnn_status find_study(const char *name, char file[CCRNN_PATH_MAX],
                                    struct ccrnn_error *err)
{
    char known[256] = "";
    struct ccrnn_error detail;
    struct ccrnn_nearest nearest = ccrnn_nearest_start(name);
    if (cli_study_find(name, file, &detail) == CCRNN_OK)
        return CCRNN_OK;
    for (size_t i = 0; ccrnn_paper_figure_name(i) != NULL; i++) {
        const size_t used = strlen(known);
        (void)ccrnn_format(known + used, sizeof known - used, "%s, ", ccrnn_paper_figure_name(i));
        ccrnn_nearest_try(&nearest, ccrnn_paper_figure_name(i));
    }
    return ccrnn_fail(err, detail.status, "%s. The figures are %sor all%s%s%s", detail.message,
                      known, nearest.best == NULL ? "" : "; did you mean ",
                      cli_text(nearest.best), nearest.best == NULL ? "" : "?");
}

static enum ccrnn_status reproduce(const struct reproduce_options *options, const char *name,
                                   bool several, struct cli_claim_counts *counts,
                                   struct ccrnn_error *err)
{
    struct work work = {.options = options, .several = several};
    *counts = (struct cli_claim_counts){0};
    if (is_path(name))
        CCRNN_TRY(ccrnn_path_join(work.file, sizeof work.file, "", name, err));
    else
        CCRNN_TRY(find_study(name, work.file, err));
    CCRNN_TRY(load_study(&work, err));
    const enum ccrnn_status status = reproduce_study(&work, counts, err);
    ccrnn_study_destroy(work.study);
    return status;
}

/* --- all figures ------------------------------------------------------------------------- */

static void print_outcome(const char *name, const struct cli_claim_counts *counts,
                          enum ccrnn_status status, const char *message)
{
    printf("%-12s ", name);
    if (counts->ran)
        printf("%zu hold, %zu do not hold, %zu undecided", counts->of[CCRNN_CLAIM_HOLDS],
               counts->of[CCRNN_CLAIM_DOES_NOT_HOLD], counts->of[CCRNN_CLAIM_UNDECIDED]);
    if (status != CCRNN_OK)
        printf("%s%s", counts->ran ? "; " : "not run: ", message);
    printf("\n");
}

/* A figure that fails does not keep the others from running; an interruption does. */
static enum ccrnn_status reproduce_all(const struct reproduce_options *options,
                                       struct ccrnn_error *err)
{
    enum { FIGURES_MOST = 32 };
    struct cli_claim_counts counts[FIGURES_MOST];
    struct ccrnn_error failure[FIGURES_MOST];
    enum ccrnn_status status[FIGURES_MOST], worst = CCRNN_OK;
    char took[32];
    size_t done = 0, failed = 0;
    const double start = cli_now();
    for (; done < FIGURES_MOST && ccrnn_paper_figure_name(done) != NULL; done++) {
        const char *const name = ccrnn_paper_figure_name(done);
        failure[done] = (struct ccrnn_error){0};
        status[done] = reproduce(options, name, true, &counts[done], &failure[done]);
        if (status[done] == CCRNN_INTERRUPTED) {
            if (err != NULL)
                *err = failure[done];
            return CCRNN_INTERRUPTED;
        }
        failed += status[done] != CCRNN_OK;
        if (worst == CCRNN_OK)
            worst = status[done];
        if (status[done] != CCRNN_OK)
            fprintf(stderr, "ccrnn reproduce: %s: %s\n", name, failure[done].message);
    }
    cli_duration(cli_now() - start, took, sizeof took);
    printf("\n%zu figures in %s%s\n", done, took, options->dry_run ? " (nothing was run)" : "");
    for (size_t i = 0; i < done && !options->dry_run; i++)
        print_outcome(ccrnn_paper_figure_name(i), &counts[i], status[i], failure[i].message);
    if (worst == CCRNN_OK)
        return CCRNN_OK;
    return ccrnn_fail(err, worst,
                      "%zu of %zu figures are not complete; the messages above say why", failed,
                      done);
}

int cli_reproduce(int argc, char **argv)
{
    struct reproduce_options options = {0};
    struct ccrnn_error err = {0};
    struct cli_claim_counts counts;
    enum ccrnn_status status;
    const char **const kept = cli_kept_argv("reproduce", argc, argv);
    options.argv = kept;
    cli_parse(&cli_reproduce_argp, argc, argv, &options);
    if (options.results != NULL)
        status = ccrnn_results_write(options.results, options.argument, options.arguments, &err);
    else if (strcmp(options.argument[0], "all") == 0)
        status = reproduce_all(&options, &err);
    else
        status = reproduce(&options, options.argument[0], false, &counts, &err);
    free(kept);
    return status == CCRNN_OK ? 0 : cli_fail("reproduce", status, &err);
}
