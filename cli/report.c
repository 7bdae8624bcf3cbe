/* ccrnn report: figures and a page from the run directories of a study. */
#include <stdio.h>

#include "base/file.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "report/paper.h"

struct report_options {
    const char *study;
    const char *figure;
    struct ccrnn_report_options report;
};

enum { KEY_NO_FIGURES = CLI_KEY_FIRST, KEY_FIGURE };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct report_options *const options = state->input;
    switch (key) {
    case 'o':
        options->report.out = arg;
        return 0;
    case KEY_NO_FIGURES:
        options->report.no_figures = true;
        return 0;
    case KEY_FIGURE:
        options->figure = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (options->study != NULL)
            argp_error(state, "two studies given, \"%s\" and \"%s\": expected one",
                       options->study, arg);
        options->study = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->figure != NULL && options->report.no_figures)
            argp_error(state, "--figure and --no-figures exclude each other");
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no study given: expected the --out directory of `ccrnn run`");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"no-figures", KEY_NO_FIGURES, NULL, 0, "Tables, data and gnuplot scripts only", 0},
    {"figure", KEY_FIGURE, "NAME", 0,
     "Instead of the report, one figure of the paper: fig2, fig3, figS3, fig4, fig4-online, fig5, "
     "fig6, fig7, fig8, expansion or sparsity, as NAME.svg, .pdf and .png with NAME.csv, NAME.gp "
     "and its caption NAME.txt",
     0},
    {"out", 'o', "DIR", 0, "Where to write (default: DIR/report; of --figure: DIR/paper)", 0},
    {0},
};

const struct argp cli_report_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "DIR",
    .doc =
        "Write report.html (one file, no network) and its figures as SVG and PDF, each with the .csv "
        "it shows and the gnuplot script that draws it."
        "\vDIR is the --out directory of `ccrnn run`. The report is made from the files of the runs "
        "that DIR/study.json names; runs that are not finished are listed, not counted. Copies and arms "
        "that the study no longer has are named on the page and enter nothing.",
};

static int write_figure(const struct report_options *options)
{
    struct ccrnn_error err = {0};
    char directory[CCRNN_PATH_MAX];
    const char *out = options->report.out;
    enum ccrnn_status status = CCRNN_OK;
    if (out == NULL) {
        status = ccrnn_path_join(directory, sizeof directory, options->study, "paper", &err);
        out = directory;
    }
    if (status == CCRNN_OK)
        status = ccrnn_paper_figure_write(options->figure, options->study, out, &err);
    if (status != CCRNN_OK)
        return cli_fail("report", status, &err);
    printf("%s/%s.svg\n", out, options->figure);
    return 0;
}

/* What was found and is not of the study; the page names it. */
static void print_strangers(const struct ccrnn_report_outcome *outcome)
{
    if (outcome->strangers > 0)
        printf("\n%u director%s with runs that %s no arm of study.json left out; the page names "
               "%s",
               outcome->strangers, outcome->strangers == 1 ? "y" : "ies",
               outcome->strangers == 1 ? "is" : "are", outcome->strangers == 1 ? "it" : "them");
    if (outcome->spares > 0)
        printf("\n%u run%s of seeds that study.json does not have left out; the page names %s",
               outcome->spares, outcome->spares == 1 ? "" : "s",
               outcome->spares == 1 ? "it" : "them");
    if (!outcome->indexed)
        printf("\nno study.json there: all runs that were found are taken for the study's");
}

int cli_report(int argc, char **argv)
{
    struct report_options options = {0};
    struct ccrnn_report_outcome outcome = {0};
    struct ccrnn_error err = {0};
    cli_parse(&cli_report_argp, argc, argv, &options);
    if (options.figure != NULL)
        return write_figure(&options);
    options.report.outcome = &outcome;
    const enum ccrnn_status status = ccrnn_report_write(options.study, &options.report, &err);
    if (status != CCRNN_OK)
        return cli_fail("report", status, &err);
    const char *const out = options.report.out;
    printf("%u arm%s, %u of %u runs in the figures", outcome.arms, outcome.arms == 1 ? "" : "s",
           outcome.used, outcome.runs);
    if (outcome.unfinished > 0)
        printf(", %u not finished", outcome.unfinished);
    if (outcome.broken > 0)
        printf(", %u broken or not finite", outcome.broken);
    if (outcome.missing > 0)
        printf(", %u not begun", outcome.missing);
    print_strangers(&outcome);
    printf("\n%s%s/report.html\n", out != NULL ? out : options.study,
           out != NULL ? "" : "/report");
    return 0;
}
