/* Panels several figures have. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/measures.h"
#include "report/paper_figures.h"

void ccrnn_paper_start(struct ccrnn_paper_sheet *sheet, struct ccrnn_paper_panel *panel,
                       const struct ccrnn_paper_cell *cell, const char *title)
{
    ccrnn_paper_panel_begin(sheet, panel, cell->left, cell->top, cell->width, cell->height, true);
    panel->title = title;
    ccrnn_paper_caption_panel(sheet, panel);
}

enum ccrnn_status ccrnn_paper_label(struct ccrnn_paper_sheet *sheet, const char **label,
                                    const char *noun, const char *unit, struct ccrnn_error *err)
{
    struct ccrnn_report_text text = {0};
    ccrnn_report_add(&text, "%s\\n(%s)", noun, unit);
    enum ccrnn_status status = ccrnn_report_text_check(&text, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&sheet->study->pool, text.bytes, label, err);
    ccrnn_report_text_release(&text);
    return status;
}

enum ccrnn_status ccrnn_paper_curves_panel(struct ccrnn_paper_sheet *sheet,
                                           const struct ccrnn_paper_task *task,
                                           const struct ccrnn_paper_cell *cell, const char *title,
                                           const char *const *base, struct ccrnn_error *err)
{
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, title);
    panel.x_label = "epoch";
    panel.loose_y = task->error == CCRNN_SERIES_VALIDATION_BITS;
    CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, task->noun, task->unit, err));
    ccrnn_report_add(&sheet->caption,
                     "%s over epochs; lines: mean over seeds, bands: ± standard error.",
                     task->noun);
    CCRNN_TRY(ccrnn_paper_add_curves(&panel, task, base, task->error, err));
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* --- dysmetria ----------------------------------------------------------------------------- */

/* On test data if all used runs of the task were tested. */
static enum ccrnn_report_series_id dysmetria_of(const struct ccrnn_paper_sheet *sheet,
                                                const struct ccrnn_paper_task *task)
{
    const struct ccrnn_report_measure *const measure = ccrnn_report_final(task->dysmetria);
    for (size_t i = 0; i < sheet->arms; i++) {
        const struct ccrnn_report_arm *const arm = sheet->arm[i].arm;
        for (size_t r = 0; r < arm->runs && sheet->arm[i].task == task; r++) {
            if (arm->run[r].used && arm->run[r].series[measure->series].count == 0)
                return measure->fallback;
        }
    }
    return measure->series;
}

static void add_tic(struct ccrnn_paper_panel *panel, const char *name, double x)
{
    ccrnn_report_add(&panel->tic_names, "%s\"%s\" %g", panel->tic_names.length == 0 ? "" : ", ",
                     name, x);
}

/* A pair of arms at x and x + 1, with lines between seeds and a test over them. */
static enum ccrnn_status add_pair(struct ccrnn_paper_panel *panel,
                                  const struct ccrnn_paper_task *task, const char *const base[2],
                                  enum ccrnn_report_series_id series, double *x,
                                  struct ccrnn_error *err)
{
    const double beside = 0.16;
    struct ccrnn_paper_sample sample[2];
    const struct ccrnn_paper_arm *arm[2];
    struct ccrnn_paired_test test;
    double at = *x;
    for (size_t i = 0; i < 2; i++) {
        arm[i] = ccrnn_paper_find(panel->sheet, task, base[i]);
        if (arm[i] == NULL)
            continue;
        CCRNN_TRY(ccrnn_paper_sample_of(panel->sheet, arm[i], series, at, &sample[i], err));
        add_tic(panel, ccrnn_paper_style_of(base[i])->tic, at);
        at += 1.0;
    }
    if (arm[0] != NULL && arm[1] != NULL)
        ccrnn_paper_add_pairs(panel, &sample[0], &sample[1]);
    for (size_t i = 0; i < 2; i++) {
        const struct ccrnn_paper_look look = {.style = ccrnn_paper_style_of(base[i]),
                                              .confidence = true,
                                              .seeds = true,
                                              .beside = i == 0 ? -beside : beside};
        if (arm[i] != NULL)
            ccrnn_paper_add_samples(panel, &sample[i], 1, &look);
    }
    CCRNN_TRY(ccrnn_paper_test(panel->sheet, arm[1], arm[0], series, &test, err));
    ccrnn_paper_add_bracket(panel, *x, *x + 1.0, &test, arm[1] == NULL ? "" : arm[1]->arm->label);
    *x = at;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_dysmetria_panel(struct ccrnn_paper_sheet *sheet,
                                              const struct ccrnn_paper_task *task,
                                              const struct ccrnn_paper_cell *cell,
                                              const char *title, struct ccrnn_error *err)
{
    static const char *const pairs[][2] = {{"cRNN", "ccRNN"}, {"cRNN no clip", "ccRNN no clip"}};
    struct ccrnn_paper_panel panel;
    double x = 1.0;
    ccrnn_paper_start(sheet, &panel, cell, title);
    if (task->dysmetria == NULL) {
        ccrnn_paper_panel_missing(&panel);
        return CCRNN_OK;
    }
    const enum ccrnn_report_series_id series = dysmetria_of(sheet, task);
    panel.y_label = task->dysmetria_axis;
    panel.head = 0.24;
    panel.even_y = true;
    ccrnn_report_add(
        &sheet->caption,
        "%s with the final weights. Small dots: seeds, joined where both arms have "
        "them; large symbols and bars: mean and 95 %% confidence interval, cut where "
        "it leaves the axis; p: two-sided paired t-test over the seeds both have.",
        strcmp(task->dysmetria, "uncertainty") == 0
            ? "1 − certainty of the answer"
            : "roughness of the drawn movement less that of the target");
    for (size_t i = 0; i < 2; i++)
        CCRNN_TRY(add_pair(&panel, task, pairs[i], series, &x, err));
    panel.x_least = 0.4;
    panel.x_most = x - 0.4;
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* --- horizons ------------------------------------------------------------------------------ */

static double share(const struct ccrnn_paper_arm *arm)
{
    return 100.0 * arm->arm->horizon / arm->arm->steps;
}

static double steps(const struct ccrnn_paper_arm *arm)
{
    return ccrnn_paper_number(arm, "horizon");
}

/* True if K/T is known of every arm of the task, and T is the same for all trials. */
static bool has_share(const struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_task *task)
{
    for (size_t i = 0; i < sheet->arms; i++) {
        if (sheet->arm[i].task == task && isnan(share(&sheet->arm[i])))
            return false;
    }
    return task->final != CCRNN_SERIES_TEST_BITS;
}

/* Stars over every horizon both arms have. */
static enum ccrnn_status add_tests(struct ccrnn_paper_panel *panel,
                                   const struct ccrnn_paper_task *task, const double *value,
                                   size_t values, double (*place)(const struct ccrnn_paper_arm *),
                                   struct ccrnn_error *err)
{
    for (size_t i = 0; i < values; i++) {
        struct ccrnn_paired_test test;
        const struct ccrnn_paper_arm *const a =
            ccrnn_paper_find_at(panel->sheet, task, "ccRNN", "horizon", value[i]);
        const struct ccrnn_paper_arm *const b =
            ccrnn_paper_find_at(panel->sheet, task, "cRNN", "horizon", value[i]);
        CCRNN_TRY(ccrnn_paper_test(panel->sheet, a, b, task->final, &test, err));
        if (a != NULL)
            ccrnn_paper_add_stars(panel, place(a), &test, 0, "#404040", a->arm->label);
    }
    return CCRNN_OK;
}

static enum ccrnn_status add_full(struct ccrnn_paper_panel *panel,
                                  const struct ccrnn_paper_task *task, struct ccrnn_error *err)
{
    struct ccrnn_paper_sample sample;
    CCRNN_TRY(ccrnn_paper_sample_of(panel->sheet, ccrnn_paper_find_full(panel->sheet, task),
                                    task->final, NAN, &sample, err));
    ccrnn_paper_add_level(panel, &sample, ccrnn_paper_style_of("full BPTT"));
    return CCRNN_OK;
}

/* Horizons of cRNN and ccRNN, without doubles; tics where an arm stands. */
static enum ccrnn_status read_horizons(struct ccrnn_paper_sheet *sheet,
                                       const struct ccrnn_paper_task *task,
                                       struct ccrnn_paper_panel *panel, bool as_share,
                                       double **value, size_t *values, struct ccrnn_error *err)
{
    const double wide = 12.0;
    void *memory;
    CCRNN_TRY(ccrnn_paper_values(sheet, task, "ccRNN", "horizon", value, values, err));
    if (*values == 0)
        CCRNN_TRY(ccrnn_paper_values(sheet, task, "cRNN", "horizon", value, values, err));
    CCRNN_TRY(ccrnn_report_pool_take(&sheet->study->pool, *values, sizeof(double), &memory, err));
    double *const tic = memory;
    for (size_t i = 0; i < *values; i++) {
        const struct ccrnn_paper_arm *arm =
            ccrnn_paper_find_at(sheet, task, "ccRNN", "horizon", (*value)[i]);
        if (arm == NULL)
            arm = ccrnn_paper_find_at(sheet, task, "cRNN", "horizon", (*value)[i]);
        tic[i] = as_share ? share(arm) : (*value)[i];
    }
    panel->tic = tic;
    panel->tics = *values;
    panel->log_x = *values > 1 && (*value)[*values - 1] > wide * (*value)[0];
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_horizon_panel(struct ccrnn_paper_sheet *sheet,
                                            const struct ccrnn_paper_task *task,
                                            const struct ccrnn_paper_cell *cell,
                                            const char *title, struct ccrnn_error *err)
{
    static const char *const base[] = {"cRNN", "ccRNN", "ccRNN end zero"};
    struct ccrnn_paper_panel panel;
    const bool as_share = has_share(sheet, task);
    double *value;
    size_t values;
    ccrnn_paper_start(sheet, &panel, cell, title);
    panel.x_label = as_share ? "feedback horizon K/T (%)" : "feedback horizon K (steps)";
    panel.head = 0.18;
    panel.loose_y = task->final == CCRNN_SERIES_TEST_BITS;
    if (panel.loose_y)
        panel.x_label = "feedback horizon K (words)";
    CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, task->final_noun, task->unit, err));
    CCRNN_TRY(read_horizons(sheet, task, &panel, as_share, &value, &values, err));
    for (size_t i = 0; i < sizeof base / sizeof base[0]; i++)
        CCRNN_TRY(ccrnn_paper_add_sweep(&panel, task, base[i], "horizon",
                                        as_share ? share : steps, task->final, err));
    if (panel.front.length > 0)
        CCRNN_TRY(add_full(&panel, task, err));
    CCRNN_TRY(add_tests(&panel, task, value, values, as_share ? share : steps, err));
    ccrnn_report_add(
        &sheet->caption,
        "%s against the feedback horizon, the steps of true backpropagation. Large "
        "symbols and bars: mean ± standard error; small dots: seeds; horizontal line "
        "and band: full backpropagation through time. Stars: two-sided paired t-test "
        "of ccRNN against cRNN at this horizon, not corrected for several tests "
        "(* p < 0.05, ** p < 0.01, *** p < 0.001, ns: not significant).",
        task->final_noun);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}
