/* A measure per class: mean and standard error, arms side by side. */
#include <math.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/task.h"

/* Share of a class's width its arms fill. */
#define FILLED 0.72

/* The classes of the figure, rising. */
struct classes {
    int64_t *cue;
    size_t count;
    enum ccrnn_report_series_id series;
};

static void add_arm(struct ccrnn_report_text *csv, const struct ccrnn_report_study *study,
                    const struct classes *classes, size_t arm, double *scratch, bool *negative)
{
    const double arms = (double)study->arms;
    const double shift = arms > 1.0 ? FILLED * (((double)arm + 0.5) / arms - 0.5) : 0.0;
    for (size_t c = 0; c < classes->count; c++) {
        struct ccrnn_summary s;
        ccrnn_report_summarise_class(&study->arm[arm], classes->series, classes->cue[c], scratch,
                                     &s);
        *negative |= s.smallest < 0.0;
        ccrnn_report_add(csv, "%lld,%zu,%.9g,%.9g,%.9g,", (long long)classes->cue[c], s.n, s.mean,
                         s.n > 1 ? s.sem : 0.0, (double)c + shift);
        ccrnn_report_add_csv(csv, study->arm[arm].label);
        ccrnn_report_add(csv, "\n");
    }
    ccrnn_report_add(csv, "\n\n");
}

static void add_script(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_figure *figure,
                       const struct ccrnn_report_measure *measure, const struct classes *classes,
                       bool negative)
{
    const unsigned legend = 24 * (unsigned)((study->arms + 1) / 2);
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, 760, 340 + legend);
    ccrnn_report_add(script,
                     "set errorbars 0.6\nset grid ytics lc rgb '#e4e4e4' lw 1 lt 1\n"
                     "set key above center horizontal Left reverse samplen 1.5\n"
                     "set xlabel '%s' offset 0,0.4\nset ylabel '",
                     study->task->class_noun);
    ccrnn_report_add_axis(script, study, measure);
    ccrnn_report_add(script, "'\nset xrange [-0.5:%zu.5]\nset yrange [%s:*]\nset xtics scale 0 (",
                     classes->count - 1, negative ? "*" : "0");
    for (size_t c = 0; c < classes->count; c++) {
        const long long cue = (long long)classes->cue[c];
        ccrnn_report_add(script, "%s'%s%lld' %zu", c == 0 ? "" : ", ", cue < 0 ? "−" : "",
                         cue < 0 ? -cue : cue, c);
    }
    ccrnn_report_add(script, ")\n");
    for (size_t c = 1; c < classes->count; c++)
        ccrnn_report_add(script,
                         "set arrow from %zu.5,graph 0 to %zu.5,graph 1 nohead back lw 1 "
                         "lc rgb '#e4e4e4'\n",
                         c - 1, c - 1);
    ccrnn_report_add(script, "plot ");
    for (size_t i = 0; i < study->arms; i++) {
        ccrnn_report_add(script,
                         "'%s' skip 1 index %zu using 5:3:4 with yerrorbars pt 7 ps 0.7 lw 1.5 "
                         "lc rgb '%s' title ",
                         figure->data[0], i, study->arm[i].colour);
        ccrnn_report_add_gnuplot(script, study->arm[i].label, CCRNN_REPORT_NAME_DRAWN);
        ccrnn_report_add(script, "%s", i + 1 < study->arms ? ", \\\n    " : "\n");
    }
    ccrnn_report_gnuplot_end(script);
}

enum ccrnn_status ccrnn_report_figure_classes(struct ccrnn_report_study *study,
                                              const struct ccrnn_report_measure *measure,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err)
{
    struct classes classes = {.series = ccrnn_report_series_of(study, measure)};
    struct ccrnn_report_text csv = {0}, script = {0}, caption = {0}, text = {0};
    const char *title, *base;
    void *scratch;
    bool negative = false;
    ccrnn_report_add(&text, "%c%s by %s", measure->noun[0] - 'a' + 'A', measure->noun + 1,
                     study->task->class_noun);
    enum ccrnn_status status = ccrnn_report_text_check(&text, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&study->pool, text.bytes, &title, err);
    ccrnn_report_text_release(&text);
    CCRNN_TRY(status);
    base = measure->series == CCRNN_SERIES_TEST_ROUGHNESS ? "roughness-by-class"
                                                          : "uncertainty-by-class";
    CCRNN_TRY(ccrnn_report_figure_start(study, base, title, NULL, figure, err));
    figure->alt = "For each class and arm the mean over seeds with its standard error.";
    CCRNN_TRY(
        ccrnn_report_list_classes(study, classes.series, &classes.cue, &classes.count, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    if (classes.count == 0)
        return CCRNN_OK;
    ccrnn_report_add(&csv, "class,n,mean,sem,place,arm\n");
    for (size_t i = 0; i < study->arms; i++)
        add_arm(&csv, study, &classes, i, scratch, &negative);
    add_script(&script, study, figure, measure, &classes, negative);
    ccrnn_report_add(&caption,
                     "Mean over seeds ± standard error for each %s. A %s without a value has no "
                     "mark.",
                     study->task->class_noun, study->task->class_noun);
    return ccrnn_report_figure_save(study, figure, &csv, NULL, &script, &caption, directory, err);
}
