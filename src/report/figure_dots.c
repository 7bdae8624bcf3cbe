/* One value per run: a row an arm, a dot a seed, and the mean with its confidence interval. */
#include "report/figures.h"

#include <math.h>

#include "base/error.h"
#include "report/dots.h"

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

void ccrnn_report_widen(struct ccrnn_report_range *range, double value)
{
    if (!isfinite(value))
        return;
    range->smallest = fmin(range->smallest, value);
    range->largest = fmax(range->largest, value);
}

void ccrnn_report_add_dots(struct ccrnn_report_text *dots, struct ccrnn_report_text *means,
                           const struct ccrnn_report_arm *arm, size_t row,
                           enum ccrnn_report_series_id series, double *scratch,
                           struct ccrnn_report_range *range)
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
        ccrnn_report_widen(range, value);
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
                                    struct ccrnn_report_figure *figure, const char *directory,
                                    struct ccrnn_report_range *range, struct ccrnn_error *err)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, figure->measure);
    struct ccrnn_report_text dots = {0}, means = {0};
    void *scratch;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    ccrnn_report_add(&dots, "seed,value,row,arm\n");
    ccrnn_report_add(&means, "n,mean,ci_low,ci_high,row,arm\n");
    for (size_t i = 0; i < study->arms; i++)
        ccrnn_report_add_dots(&dots, &means, &study->arm[i], i + 1, series, scratch, range);
    enum ccrnn_status status = ccrnn_report_text_save(&dots, directory, figure->data[0], err);
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&means, directory, figure->data[1], err);
    ccrnn_report_text_release(&dots);
    ccrnn_report_text_release(&means);
    return status;
}

void ccrnn_report_add_narrow_axis(struct ccrnn_report_text *script, const char *axis,
                                  const struct ccrnn_report_range *range)
{
    const double around = 0.15, of_value = 0.05;
    if (!isfinite(range->smallest)) {
        ccrnn_report_add(script, "set %srange [*:*]\nabove(v) = v\n", axis);
        return;
    }
    const double width = range->largest - range->smallest;
    double rim = width > 0.0 ? around * width : of_value * fabs(range->largest);
    rim = rim > 0.0 ? rim : 1.0;
    ccrnn_report_add(script, "set %srange [%.9g:%.9g]\nabove(v) = v > %.9g ? v : %.9g\n", axis,
                     range->smallest - rim, range->largest + rim, range->smallest - rim,
                     range->smallest - rim);
}

/* The label of a tic is a format to gnuplot. */
static void add_tic(struct ccrnn_report_text *script, const char *name, size_t characters)
{
    struct ccrnn_report_text format = {0};
    for (; *name != '\0'; name++) {
        ccrnn_report_add_bytes(&format, name, 1);
        if (*name == '%')
            ccrnn_report_add_bytes(&format, name, 1);
    }
    ccrnn_report_add_gnuplot(script, format.bytes == NULL ? "" : format.bytes, characters);
    script->failed |= format.failed;
    ccrnn_report_text_release(&format);
}

void ccrnn_report_add_arm_tics(struct ccrnn_report_text *script,
                               const struct ccrnn_report_study *study, bool brief,
                               size_t characters)
{
    ccrnn_report_add(script, "set ytics scale 0 (");
    for (size_t i = 0; i < study->arms; i++) {
        ccrnn_report_add(script, "%s", i == 0 ? "" : ", ");
        add_tic(script, brief ? study->arm[i].brief : study->arm[i].label, characters);
        ccrnn_report_add(script, " %zu", i + 1);
    }
    ccrnn_report_add(script, ")\n");
}

void ccrnn_report_add_dots_plot(struct ccrnn_report_text *script,
                                const struct ccrnn_report_study *study,
                                const struct ccrnn_report_figure *figure, size_t panel,
                                double size)
{
    ccrnn_report_add(script, "plot ");
    for (size_t i = 0; i < study->arms; i++)
        ccrnn_report_add(script,
                         "'%s' skip 1 index %zu using 2:3 with points pt 7 ps %.2g lc rgb "
                         "'#60%s' notitle, \\\n    ",
                         figure->data[0], panel * study->arms + i, 0.7 * size,
                         study->arm[i].colour + 1);
    ccrnn_report_add(script,
                     "'%s' skip 1 index %zu using (above($3)):5:(above($4)-above($3)):(0) with "
                     "vectors nohead lw 2 lc rgb 'black' notitle, \\\n"
                     "    '' skip 1 index %zu using 2:5 with points pt 13 ps %.2g lc rgb 'black' "
                     "notitle\n",
                     figure->data[1], panel, panel, size);
}

static void add_script(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_figure *figure,
                       const struct ccrnn_report_range *range)
{
    const bool log_axis =
        !figure->measure->narrow && ccrnn_report_prefers_log(range->smallest, range->largest);
    const double floor_value = 0.7 * range->smallest;
    const unsigned row_height = study->arms <= CCRNN_REPORT_ARMS_WITH_SEEDS ? 52 : 36;
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, 760,
                               90 + row_height * (unsigned)study->arms);
    ccrnn_report_add(script, "unset key\n"
                             "set grid xtics lc rgb '#e4e4e4' lw 1 lt 1\n"
                             "set rmargin 4\n"
                             "set xlabel '");
    ccrnn_report_add_axis(script, study, figure->measure);
    ccrnn_report_add(script, "' offset 0,0.4\nset yrange [%zu.6:0.4]\n", study->arms);
    if (log_axis)
        ccrnn_report_add(script,
                         "set logscale x\n"
                         "set format x '%%g'\n"
                         "set xrange [%.9g:*]\n"
                         "above(v) = v > %.9g ? v : %.9g\n",
                         floor_value, floor_value, floor_value);
    else if (figure->measure->narrow)
        ccrnn_report_add_narrow_axis(script, "x", range);
    else
        ccrnn_report_add(script,
                         "set xrange [%s:*]\n"
                         "above(v) = %s\n",
                         range->smallest >= 0.0 ? "0" : "*",
                         range->smallest >= 0.0 ? "v > 0 ? v : 0" : "v");
    ccrnn_report_add_arm_tics(script, study, false, CCRNN_REPORT_NAME_DRAWN);
    ccrnn_report_add_dots_plot(script, study, figure, 0, 1.0);
    ccrnn_report_gnuplot_end(script);
}

enum ccrnn_status ccrnn_report_figure_dots(struct ccrnn_report_study *study,
                                           const struct ccrnn_report_measure *measure,
                                           const char *directory,
                                           struct ccrnn_report_figure *figure,
                                           struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_report_figure_start(study, measure->name, measure->title, "-means.csv",
                                        figure, err));
    figure->alt = "One row per arm with a dot per seed, the mean and its confidence interval.";
    figure->measure = measure;
    if (!measure->figure || !ccrnn_report_shows(study, measure))
        return CCRNN_OK;
    struct ccrnn_report_range range = {.smallest = INFINITY, .largest = -INFINITY};
    struct ccrnn_report_text script = {0}, caption = {0};
    CCRNN_TRY(write_data(study, figure, directory, &range, err));
    add_script(&script, study, figure, &range);
    ccrnn_report_add(&caption, "Each dot is a seed; the diamond is the mean, the bar its 95 %% "
                               "confidence interval, cut where it leaves the axis.");
    if (measure->better != NULL)
        ccrnn_report_add(&caption, " %s", measure->better);
    if (measure->narrow)
        ccrnn_report_add(&caption, " The axis does not begin at 0.");
    const enum ccrnn_status status =
        ccrnn_report_figure_finish(study, figure, &script, &caption, directory, err);
    ccrnn_report_text_release(&script);
    ccrnn_report_text_release(&caption);
    return status;
}
