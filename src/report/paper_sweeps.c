/* Figure 4, expansion and sparsity: one setting swept. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/paper_figures.h"

#define TOP (CCRNN_PAPER_LEGEND + 1.0)
#define TASKS_MAX 5

/* --- figure 4 ------------------------------------------------------------------------------ */

static double interval(const struct ccrnn_paper_arm *arm)
{
    return ccrnn_paper_number(arm, "interval");
}

static void set_interval_axis(struct ccrnn_paper_panel *panel, const double *value, size_t values)
{
    const double wide = 8.0;
    panel->x_label = "feedback interval P (steps)";
    panel->tic = value;
    panel->tics = values;
    panel->log_x = values > 1 && value[values - 1] > wide * value[0];
    panel->head = 0.18;
}

static enum ccrnn_status errors_panel(struct ccrnn_paper_sheet *sheet,
                                      const struct ccrnn_paper_task *task,
                                      const struct ccrnn_paper_cell *cell, const double *value,
                                      size_t values, struct ccrnn_error *err)
{
    static const char *const base[] = {"cRNN no clip", "ccRNN no clip", "cRNN", "ccRNN"};
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, task->title);
    set_interval_axis(&panel, value, values);
    CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, task->final_noun, task->unit, err));
    for (size_t i = 0; i < sizeof base / sizeof base[0]; i++)
        CCRNN_TRY(
            ccrnn_paper_add_sweep(&panel, task, base[i], "interval", interval, task->final, err));
    ccrnn_report_add(&sheet->caption,
                     "%s against the interval of external feedback. Large symbols and bars: mean "
                     "± standard error; small dots: seeds.",
                     task->final_noun);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* One pair of arms over all intervals. */
static enum ccrnn_status add_advantage(struct ccrnn_paper_panel *panel,
                                       const struct ccrnn_paper_task *task, const char *with,
                                       const char *without, enum ccrnn_report_series_id series,
                                       enum ccrnn_paper_contrast contrast, const double *value,
                                       size_t values, struct ccrnn_error *err)
{
    const struct ccrnn_paper_look look = {
        .style = ccrnn_paper_style_of(with), .line = true, .confidence = true, .seeds = true};
    const bool first = strcmp(with, "ccRNN") == 0;
    struct ccrnn_paper_sheet *const sheet = panel->sheet;
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(&sheet->study->pool, values,
                                     sizeof(struct ccrnn_paper_sample), &memory, err));
    struct ccrnn_paper_sample *const sample = memory;
    for (size_t i = 0; i < values; i++) {
        const struct ccrnn_paper_arm *const a =
            ccrnn_paper_find_at(sheet, task, with, "interval", value[i]);
        const struct ccrnn_paper_arm *const b =
            ccrnn_paper_find_at(sheet, task, without, "interval", value[i]);
        struct ccrnn_paired_test test;
        CCRNN_TRY(ccrnn_paper_sample_contrast(sheet, a, b, series, contrast, value[i], &sample[i],
                                              err));
        CCRNN_TRY(ccrnn_paper_test(sheet, a, b, series, &test, err));
        if (a != NULL && contrast == CCRNN_PAPER_DIFFERENCE)
            ccrnn_paper_add_stars(panel, value[i], &test, first ? 0 : 1, look.style->colour,
                                  a->arm->label);
    }
    ccrnn_paper_add_samples(panel, sample, values, &look);
    return CCRNN_OK;
}

/* A thin line where the two are equal, always in view. */
static void add_equal(struct ccrnn_paper_panel *panel, double at)
{
    if (panel->front.length > 0)
        ccrnn_report_widen(&panel->y, at);
    ccrnn_report_add(&panel->labels,
                     "set arrow from graph 0, first %g to graph 1, first %g nohead back lw 0.8 "
                     "lc rgb '#606060' dt (3,3)\n",
                     at, at);
}

static enum ccrnn_status advantage_panel(struct ccrnn_paper_sheet *sheet,
                                         const struct ccrnn_paper_task *task,
                                         const struct ccrnn_paper_cell *cell,
                                         enum ccrnn_paper_contrast contrast, const double *value,
                                         size_t values, struct ccrnn_error *err)
{
    static const char *const pair[][2] = {{"ccRNN no clip", "cRNN no clip"}, {"ccRNN", "cRNN"}};
    const bool ratio = contrast == CCRNN_PAPER_RATIO;
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, ratio ? "normalised" : "advantage");
    set_interval_axis(&panel, value, values);
    panel.even_y = panel.loose_y = true;
    panel.y_label = "normalised error,\\nccRNN / cRNN";
    if (!ratio)
        CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, "final error, ccRNN − cRNN",
                                    task->unit, err));
    for (size_t i = 0; i < 2; i++)
        CCRNN_TRY(add_advantage(&panel, task, pair[i][0], pair[i][1],
                                ratio ? task->mean : task->final, contrast, value, values, err));
    add_equal(&panel, ratio ? 1.0 : 0.0);
    if (ratio)
        ccrnn_report_add(
            &sheet->caption,
            "mean over all epochs of the %s, ccRNN divided by cRNN, seed by seed. "
            "Large symbols and bars: mean and 95 %% confidence interval, cut where it "
            "leaves the axis; small dots: seeds; below 1 the cerebellum helps.",
            task->noun);
    else
        ccrnn_report_add(
            &sheet->caption,
            "%s, ccRNN − cRNN, seed by seed; below 0 the cerebellum helps. Symbols as "
            "in the panel to the right. Stars: two-sided paired t-test, not corrected "
            "for several tests (* p < 0.05, ** p < 0.01, *** p < 0.001, ns: not "
            "significant).",
            task->final_noun);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_draw_intervals(struct ccrnn_paper_sheet *sheet,
                                             struct ccrnn_error *err)
{
    const double row = 54.0, width = CCRNN_PAPER_PAGE / 3.0;
    const struct ccrnn_paper_task *task[TASKS_MAX];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, TASKS_MAX);
    sheet->width = CCRNN_PAPER_PAGE;
    sheet->height = TOP + row * (double)tasks;
    for (size_t i = 0; i < tasks; i++) {
        struct ccrnn_paper_cell cell = {0.0, TOP + row * (double)i, width, row};
        double *value;
        size_t values;
        CCRNN_TRY(ccrnn_paper_values(sheet, task[i], NULL, "interval", &value, &values, err));
        CCRNN_TRY(errors_panel(sheet, task[i], &cell, value, values, err));
        cell.left += width;
        CCRNN_TRY(
            advantage_panel(sheet, task[i], &cell, CCRNN_PAPER_DIFFERENCE, value, values, err));
        cell.left += width;
        CCRNN_TRY(advantage_panel(sheet, task[i], &cell, CCRNN_PAPER_RATIO, value, values, err));
    }
    return CCRNN_OK;
}

/* --- expansion and sparsity ---------------------------------------------------------------- */

/* Numbers in the state of a cortex: an LSTM has two a unit. */
static double state_of(const struct ccrnn_paper_arm *arm)
{
    const char *const cell = ccrnn_report_setting_of(arm->arm, "cell");
    const double each = cell == NULL || strcmp(cell, "lstm") == 0 ? 2.0 : 1.0;
    return each * ccrnn_paper_number(arm, "hidden");
}

static double expansion(const struct ccrnn_paper_arm *arm)
{
    return ccrnn_paper_number(arm, "granule_units") / state_of(arm);
}

/* 0 fibres stand for all of them. */
static double fibres(const struct ccrnn_paper_arm *arm)
{
    const double count = ccrnn_paper_number(arm, "mossy_fibres");
    return count == 0.0 ? state_of(arm) : count;
}

/* Places of the arms of a sweep, for tics. */
static enum ccrnn_status set_places(struct ccrnn_paper_panel *panel,
                                    const struct ccrnn_paper_task *task, const char *key,
                                    double (*place)(const struct ccrnn_paper_arm *),
                                    struct ccrnn_error *err)
{
    double *value;
    CCRNN_TRY(ccrnn_paper_values(panel->sheet, task, "ccRNN", key, &value, &panel->tics, err));
    for (size_t i = 0; i < panel->tics; i++)
        value[i] = place(ccrnn_paper_find_at(panel->sheet, task, "ccRNN", key, value[i]));
    panel->tic = value;
    panel->log_x = true;
    return CCRNN_OK;
}

/* Final error of ccRNN against a setting, the cortex alone as a level. */
static enum ccrnn_status swept_panel(struct ccrnn_paper_sheet *sheet,
                                     const struct ccrnn_paper_task *task,
                                     const struct ccrnn_paper_cell *cell, const char *key,
                                     double (*place)(const struct ccrnn_paper_arm *),
                                     const char *x_label, struct ccrnn_error *err)
{
    static const char *const with[] = {"ccRNN no clip", "ccRNN"};
    static const char *const without[] = {"cRNN no clip", "cRNN"};
    struct ccrnn_paper_panel panel;
    struct ccrnn_paper_sample alone;
    ccrnn_paper_start(sheet, &panel, cell, task->title);
    panel.x_label = x_label;
    CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, task->final_noun, task->unit, err));
    CCRNN_TRY(set_places(&panel, task, key, place, err));
    for (size_t i = 0; i < 2; i++)
        CCRNN_TRY(ccrnn_paper_add_sweep(&panel, task, with[i], key, place, task->final, err));
    const bool any = panel.front.length > 0;
    for (size_t i = 0; i < 2 && any; i++) {
        CCRNN_TRY(ccrnn_paper_sample_of(sheet, ccrnn_paper_find(sheet, task, without[i]),
                                        task->final, NAN, &alone, err));
        ccrnn_paper_add_level(&panel, &alone, ccrnn_paper_style_of(without[i]));
    }
    ccrnn_report_add(
        &sheet->caption,
        "%s of the ccRNN. Large symbols and bars: mean ± standard error; small dots: "
        "seeds; grey lines and bands: the cRNN.",
        task->final_noun);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_draw_expansion(struct ccrnn_paper_sheet *sheet,
                                             struct ccrnn_error *err)
{
    /* a column is too narrow for the legend in one row */
    const double row = 64.0, below_legend = TOP + CCRNN_PAPER_LEGEND;
    const struct ccrnn_paper_task *task[TASKS_MAX];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, TASKS_MAX);
    sheet->width = CCRNN_PAPER_COLUMN;
    sheet->height = below_legend + row * (double)tasks;
    for (size_t i = 0; i < tasks; i++) {
        const struct ccrnn_paper_cell cell = {0.0, below_legend + row * (double)i,
                                              CCRNN_PAPER_COLUMN, row};
        CCRNN_TRY(swept_panel(sheet, task[i], &cell, "granule_units", expansion,
                              "granule units / units of the cortical state", err));
    }
    return CCRNN_OK;
}

static enum ccrnn_status correlations_panel(struct ccrnn_paper_sheet *sheet,
                                            const struct ccrnn_paper_task *task,
                                            const struct ccrnn_paper_cell *cell,
                                            const char *x_label, struct ccrnn_error *err)
{
    static const struct {
        const char *style;
        enum ccrnn_report_series_id series;
    } measure[] = {{"pairwise", CCRNN_SERIES_GRANULE_PAIRWISE},
                   {"population", CCRNN_SERIES_GRANULE_POPULATION}};
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, "granule layer");
    panel.x_label = x_label;
    panel.y_label = "correlation at the last epoch";
    panel.even_y = true;
    CCRNN_TRY(set_places(&panel, task, "mossy_fibres", fibres, err));
    for (size_t i = 0; i < 2; i++)
        CCRNN_TRY(ccrnn_paper_add_sweep_as(&panel, task, "ccRNN", "mossy_fibres", fibres,
                                           measure[i].series,
                                           ccrnn_paper_style_of(measure[i].style), err));
    ccrnn_report_add(&sheet->caption,
                     "correlations between granule units on validation trials: mean |r| of pairs "
                     "(solid), and the population correlation, the share of variance along one "
                     "line (dashed). Large symbols and bars: mean ± standard error; small dots: "
                     "seeds.");
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_draw_sparsity(struct ccrnn_paper_sheet *sheet,
                                            struct ccrnn_error *err)
{
    static const char label[] = "mossy fibres a granule unit";
    const double row = 64.0, width = CCRNN_PAPER_PAGE / 2.0;
    const struct ccrnn_paper_task *task[TASKS_MAX];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, TASKS_MAX);
    sheet->width = CCRNN_PAPER_PAGE;
    sheet->height = TOP + row * (double)tasks;
    for (size_t i = 0; i < tasks; i++) {
        struct ccrnn_paper_cell cell = {0.0, TOP + row * (double)i, width, row};
        CCRNN_TRY(swept_panel(sheet, task[i], &cell, "mossy_fibres", fibres, label, err));
        cell.left += width;
        CCRNN_TRY(correlations_panel(sheet, task[i], &cell, label, err));
    }
    return CCRNN_OK;
}
