/* The family of dysmetria measures: a small panel each, rows are arms. */
#include <math.h>

#include "base/error.h"
#include "report/dots.h"
#include "report/task.h"

#define COLUMNS 3
#define CHARACTER 8.0
/* Layout in pixels of the svg. */
#define WIDTH 900.0
#define RIGHT 24.0
#define GAP 26.0
#define TITLE 42.0
#define AXIS 30.0
/* Widest column of names, in characters. */
#define NAME_SHOWN 24

struct layout {
    size_t panels;
    double left, panel_width, panel_height, height;
};

static struct layout lay_out(const struct ccrnn_report_study *study, size_t panels)
{
    struct layout layout = {.panels = panels};
    const size_t longest = ccrnn_report_longest_brief(study);
    const double row = study->arms <= CCRNN_REPORT_ARMS_WITH_SEEDS ? 30.0 : 20.0;
    const double rows = ceil((double)panels / COLUMNS);
    layout.left = 16.0 + CHARACTER * (double)(longest < NAME_SHOWN ? longest : NAME_SHOWN);
    layout.panel_width = (WIDTH - layout.left - RIGHT - (COLUMNS - 1) * GAP) / COLUMNS;
    layout.panel_height = row * (double)study->arms + 14.0;
    layout.height = rows * (TITLE + layout.panel_height + AXIS) + 8.0;
    return layout;
}

static void add_panel(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                      const struct ccrnn_report_figure *figure,
                      const struct ccrnn_report_measure *measure,
                      const struct ccrnn_report_range *range, const struct layout *layout,
                      size_t place)
{
    const size_t column = place % COLUMNS, row = place / COLUMNS;
    const bool from_zero = range->smallest >= 0.0 && !measure->narrow;
    const double low = from_zero ? 0.0 : range->smallest;
    const double width = range->largest - low > 0.0 ? range->largest - low : 1.0;
    const double left = from_zero ? 0.0 : low - 0.08 * width;
    ccrnn_report_add_margins(script, WIDTH, layout->height,
                             layout->left + (double)column * (layout->panel_width + GAP),
                             (double)row * (TITLE + layout->panel_height + AXIS) + TITLE,
                             layout->panel_width, layout->panel_height);
    ccrnn_report_add(script, "set title '%s", measure->panel);
    if (measure->unit == CCRNN_UNIT_RADIANS)
        ccrnn_report_add(script, " (rad)");
    ccrnn_report_add(
        script, "'\nset xrange [%.9g:%.9g]\nset xtics %.9g\nabove(v) = v > %.9g ? v : %.9g\n",
        left, range->largest + 0.08 * width, ccrnn_report_tic_step(width), left, left);
    if (place % COLUMNS == 0)
        ccrnn_report_add_arm_tics(script, study, true, NAME_SHOWN);
    else
        ccrnn_report_add(script, "set format y ''; set ytics scale 0 1,1\n");
    ccrnn_report_add_dots_plot(script, study, figure, place, 0.7);
}

/* The measures of the family that have values; at most ccrnn_report_final_count. */
static size_t list_family(const struct ccrnn_report_study *study,
                          const struct ccrnn_report_measure **measure)
{
    size_t count = 0;
    for (size_t i = 0; i < ccrnn_report_final_count; i++) {
        const struct ccrnn_report_measure *const m = &ccrnn_report_finals[i];
        if (m->panel != NULL && ccrnn_report_shows(study, m))
            measure[count++] = m;
    }
    return count;
}

static enum ccrnn_status write_family(struct ccrnn_report_study *study, const char *directory,
                                      const struct ccrnn_report_measure *const *measure,
                                      size_t count, double *scratch,
                                      struct ccrnn_report_text text[4],
                                      struct ccrnn_report_figure *figure, struct ccrnn_error *err)
{
    struct ccrnn_report_text *const dots = &text[0], *const means = &text[1];
    struct ccrnn_report_text *const script = &text[2], *const caption = &text[3];
    const struct layout layout = lay_out(study, count);
    const bool captions = study->task->captions;
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, (unsigned)WIDTH,
                               (unsigned)ceil(layout.height));
    ccrnn_report_add(script,
                     "set multiplot\nunset key\nset grid xtics lc rgb '#e4e4e4' lw 1 lt 1\n"
                     "set title offset 0,-0.6\nset yrange [%zu.6:0.4]\n",
                     study->arms);
    ccrnn_report_add(dots, "seed,value,row,arm\n");
    ccrnn_report_add(means, "n,mean,ci_low,ci_high,row,arm\n");
    ccrnn_report_add(
        caption,
        "%s Each dot is a seed; diamond and bar: mean and 95 %% confidence interval, "
        "cut where it leaves the axis.",
        captions ? "With the weights of the best epoch. Of scores more is better, of "
                   "perplexity and bits per word less. The axes do not begin at 0."
                 : "Other sides of dysmetria, with the final weights.");
    for (size_t m = 0; m < count; m++) {
        struct ccrnn_report_range range = {.smallest = INFINITY, .largest = -INFINITY};
        const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure[m]);
        for (size_t i = 0; i < study->arms; i++)
            ccrnn_report_add_dots(dots, means, &study->arm[i], i + 1, series, scratch, &range);
        ccrnn_report_add(means, "\n\n");
        add_panel(script, study, figure, measure[m], &range, &layout, m);
    }
    if (!captions)
        ccrnn_report_add(caption, " Overshoot and undershoot are in %s.", study->task->length);
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
    CCRNN_TRY(ccrnn_report_text_save(dots, directory, figure->data[0], err));
    CCRNN_TRY(ccrnn_report_text_save(means, directory, figure->data[1], err));
    return ccrnn_report_figure_finish(study, figure, script, caption, directory, err);
}

enum ccrnn_status ccrnn_report_figure_family(struct ccrnn_report_study *study,
                                             const char *directory,
                                             struct ccrnn_report_figure *figure,
                                             struct ccrnn_error *err)
{
    struct ccrnn_report_text text[4] = {{0}};
    void *measures, *scratch;
    const bool captions = study->task->captions;
    CCRNN_TRY(ccrnn_report_figure_start(study, captions ? "more-scores" : "dysmetria-family",
                                        captions ? "More scores of the captions"
                                                 : "More measures of dysmetria",
                                        "-means.csv", figure, err));
    figure->alt =
        "One small panel per measure: a row per arm, a dot per seed, mean and interval.";
    figure->family = true;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_final_count, sizeof(void *),
                                     &measures, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    const size_t count = list_family(study, measures);
    if (count == 0)
        return CCRNN_OK;
    const enum ccrnn_status status =
        write_family(study, directory, measures, count, scratch, text, figure, err);
    for (size_t i = 0; i < 4; i++)
        ccrnn_report_text_release(&text[i]);
    return status;
}
