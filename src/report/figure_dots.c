/* One value per run: a row an arm, a dot a seed, and the mean with its confidence interval. */
#include "report/figures.h"

#include <math.h>

#include "base/error.h"
#include "base/number.h"

/* Heights above and below an arm's row, in rows. */
#define DOTS_ABOVE 0.12
#define SPREAD 0.16
#define MEAN_BELOW 0.22

/* Dots of neighbouring seeds keep apart: −1 … 1 by the golden ratio, the same in every figure. */
static double spread_of(uint64_t seed)
{
    const double turned = (double)(seed % 1000) * 0.6180339887498949;
    return 2.0 * (turned - floor(turned)) - 1.0;
}

struct ranges {
    double smallest, largest;
};

static void add_arm(struct ccrnn_report_text *dots, struct ccrnn_report_text *means,
                    const struct ccrnn_report_arm *arm, size_t row,
                    enum ccrnn_report_series_id series, double *scratch, struct ranges *ranges)
{
    for (size_t r = 0; r < arm->runs; r++) {
        const struct ccrnn_report_run *const run = &arm->run[r];
        const double value = ccrnn_report_last(run, series);
        if (!run->used || !isfinite(value))
            continue;
        ccrnn_report_add(dots, "%llu,%.9g,%.4f,", (unsigned long long)run->seed, value,
                         (double)row - DOTS_ABOVE + SPREAD * spread_of(run->seed));
        ccrnn_report_add_csv(dots, arm->label);
        ccrnn_report_add(dots, "\n");
        ranges->smallest = fmin(ranges->smallest, value);
        ranges->largest = fmax(ranges->largest, value);
    }
    struct ccrnn_summary s;
    ccrnn_report_summarise_arm(arm, series, scratch, &s);
    ccrnn_report_add(means, "%zu,%.9g,%.9g,%.9g,%.4f,", s.n, s.mean, s.ci_low, s.ci_high,
                     (double)row + MEAN_BELOW);
    ccrnn_report_add_csv(means, arm->label);
    ccrnn_report_add(means, "\n");
    /* an arm without a value keeps its block, so that blocks and rows agree */
    ccrnn_report_add(dots, "%s\n\n", s.n == 0 ? ",nan,nan,\n" : "");
}

static enum ccrnn_status write_data(struct ccrnn_report_study *study,
                                    const struct ccrnn_report_measure *measure,
                                    const char *directory, struct ranges *ranges,
                                    struct ccrnn_error *err)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure);
    struct ccrnn_report_text dots = {0}, means = {0};
    char name[128];
    void *scratch;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    ccrnn_report_add(&dots, "seed,value,row,arm\n");
    ccrnn_report_add(&means, "n,mean,ci_low,ci_high,row,arm\n");
    for (size_t i = 0; i < study->arms; i++)
        add_arm(&dots, &means, &study->arm[i], i + 1, series, scratch, ranges);
    (void)ccrnn_format(name, sizeof name, "%s.csv", measure->name);
    enum ccrnn_status status = ccrnn_report_text_save(&dots, directory, name, err);
    (void)ccrnn_format(name, sizeof name, "%s-means.csv", measure->name);
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&means, directory, name, err);
    ccrnn_report_text_release(&dots);
    ccrnn_report_text_release(&means);
    return status;
}

static void add_plot(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                     const struct ccrnn_report_measure *measure)
{
    ccrnn_report_add(script, "set ytics scale 0 (");
    for (size_t i = 0; i < study->arms; i++) {
        ccrnn_report_add(script, "%s", i == 0 ? "" : ", ");
        ccrnn_report_add_gnuplot(script, study->arm[i].label, CCRNN_REPORT_NAME_DRAWN);
        ccrnn_report_add(script, " %zu", i + 1);
    }
    ccrnn_report_add(script, ")\nplot ");
    for (size_t i = 0; i < study->arms; i++)
        ccrnn_report_add(script,
                         "'%s.csv' skip 1 index %zu using 2:3 with points pt 7 ps 0.7 lc rgb "
                         "'#60%s' notitle, \\\n    ",
                         measure->name, i, ccrnn_report_colour(i) + 1);
    ccrnn_report_add(script,
                     "'%s-means.csv' skip 1 using (above($3)):5:(above($4)-above($3)):(0) with "
                     "vectors nohead lw 2 lc rgb 'black' notitle, \\\n"
                     "    '' skip 1 using 2:5 with points pt 13 ps 1 lc rgb 'black' notitle\n",
                     measure->name);
}

static enum ccrnn_status write_script(const struct ccrnn_report_study *study,
                                      const struct ccrnn_report_measure *measure,
                                      const char *directory, const struct ranges *ranges,
                                      bool log_axis, struct ccrnn_error *err)
{
    struct ccrnn_report_text script = {0};
    char name[128];
    const double floor_value = 0.7 * ranges->smallest;
    const unsigned row_height = study->arms <= CCRNN_REPORT_ARMS_WITH_SEEDS ? 52 : 36;
    ccrnn_report_gnuplot_begin(&script, measure->name, measure->title, 760,
                               90 + row_height * (unsigned)study->arms);
    ccrnn_report_add(&script,
                     "unset key\n"
                     "set grid xtics lc rgb '#e4e4e4' lw 1 lt 1\n"
                     "set rmargin 4\n"
                     "set xlabel '%s' offset 0,0.4\n"
                     "set yrange [%zu.6:0.4]\n",
                     measure->axis, study->arms);
    if (log_axis)
        ccrnn_report_add(&script,
                         "set logscale x\n"
                         "set format x '%%g'\n"
                         "set xrange [%.9g:*]\n"
                         "above(v) = v > %.9g ? v : %.9g\n",
                         floor_value, floor_value, floor_value);
    else
        ccrnn_report_add(&script,
                         "set xrange [%s:*]\n"
                         "above(v) = %s\n",
                         ranges->smallest >= 0.0 ? "0" : "*",
                         ranges->smallest >= 0.0 ? "v > 0 ? v : 0" : "v");
    add_plot(&script, study, measure);
    ccrnn_report_gnuplot_end(&script);
    (void)ccrnn_format(name, sizeof name, "%s.gp", measure->name);
    const enum ccrnn_status status = ccrnn_report_text_save(&script, directory, name, err);
    ccrnn_report_text_release(&script);
    return status;
}

enum ccrnn_status ccrnn_report_figure_dots(struct ccrnn_report_study *study,
                                           const struct ccrnn_report_measure *measure,
                                           const char *directory,
                                           struct ccrnn_report_figure *figure,
                                           struct ccrnn_error *err)
{
    *figure = (struct ccrnn_report_figure){.name = measure->name, .title = measure->title};
    figure->alt = "One row per arm with a dot per seed, the mean and its confidence interval.";
    figure->present = ccrnn_report_has_data(study, ccrnn_report_series_of(study, measure));
    if (!figure->present)
        return CCRNN_OK;
    struct ranges ranges = {.smallest = INFINITY, .largest = -INFINITY};
    CCRNN_TRY(write_data(study, measure, directory, &ranges, err));
    const bool log_axis = ccrnn_report_prefers_log(ranges.smallest, ranges.largest);
    CCRNN_TRY(write_script(study, measure, directory, &ranges, log_axis, err));
    figure->caption = "Each dot is a seed; the diamond is the mean, the bar its 95 % confidence "
                      "interval, cut where it leaves the axis.";
    char name[128];
    (void)ccrnn_format(name, sizeof name, "%s.csv", measure->name);
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, name, &figure->data[0], err));
    (void)ccrnn_format(name, sizeof name, "%s-means.csv", measure->name);
    return ccrnn_report_pool_text(&study->pool, name, &figure->data[1], err);
}
