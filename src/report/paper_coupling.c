/* Figure 6: coupling of cortex and granule layer over learning, with controls. */
#include <math.h>

#include "base/error.h"
#include "report/paper_figures.h"

#define TOP (CCRNN_PAPER_LEGEND + 1.0)
#define TASKS_MAX 5
#define TIMES 3

static const char *const arms[] = {"fixed cortex", "fixed cerebellum", "ccRNN", NULL};
#define ARMS 3

/* Curves of one measure. */
static enum ccrnn_status curves_panel(struct ccrnn_paper_sheet *sheet,
                                      const struct ccrnn_paper_task *task,
                                      const struct ccrnn_paper_cell *cell, bool shift,
                                      struct ccrnn_error *err)
{
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, shift ? "change since the start" : task->title);
    panel.x_label = "epoch";
    panel.y_label = shift ? "change of a pair’s |r|\\nsince epoch 0" : "coupling, mean |r|";
    panel.even_y = true;
    ccrnn_report_add(&sheet->caption, "%s; lines: mean over seeds, bands: ± standard error%s.",
                     shift
                         ? "absolute change of |r| since epoch 0, mean over pairs"
                         : "absolute Pearson correlation of a unit of the cortical state with a "
                           "granule unit over validation trials and boundaries, mean over all "
                           "pairs",
                     shift ? "" : "; epoch 0 is before learning");
    CCRNN_TRY(ccrnn_paper_add_curves(
        &panel, task, arms, shift ? CCRNN_SERIES_COUPLING_SHIFT : CCRNN_SERIES_COUPLING, err));
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* Quantiles of an arm at the first, the middle and the last measured epoch. */
struct bands {
    uint64_t epoch[TIMES];
    double value[TIMES][5]; /* 10, 25, 50, 75, 90 % */
    size_t n;
    bool present;
};

static enum ccrnn_status read_bands(struct ccrnn_paper_sheet *sheet,
                                    const struct ccrnn_paper_arm *arm, struct bands *bands,
                                    struct ccrnn_error *err)
{
    static const enum ccrnn_report_series_id series[] = {
        CCRNN_SERIES_COUPLING_Q10, CCRNN_SERIES_COUPLING_Q25, CCRNN_SERIES_COUPLING_Q50,
        CCRNN_SERIES_COUPLING_Q75, CCRNN_SERIES_COUPLING_Q90};
    *bands = (struct bands){.present = true};
    for (size_t q = 0; q < 5; q++) {
        struct ccrnn_report_epoch *epoch;
        size_t count;
        CCRNN_TRY(ccrnn_report_mean_curve(&sheet->study->pool, arm->arm, series[q], &epoch,
                                          &count, err));
        for (size_t i = 0; i < TIMES && count > 0; i++) {
            const struct ccrnn_report_epoch *const at = &epoch[i * (count - 1) / (TIMES - 1)];
            bands->epoch[i] = at->step;
            bands->value[i][q] = at->summary.mean;
            bands->n = at->summary.n;
            bands->present &= at->summary.n > 0;
        }
        bands->present &= count > 0;
    }
    return CCRNN_OK;
}

static void add_bands(struct ccrnn_paper_panel *panel, const struct ccrnn_paper_arm *arm,
                      const struct bands *bands, double beside)
{
    static const struct {
        size_t low, high;
        const char *kind;
        double width;
    } band[] = {{0, 4, "q10 to q90", 1.2}, {1, 3, "q25 to q75", 4.5}};
    const struct ccrnn_paper_style *const style = ccrnn_paper_style_of(arm->base);
    struct ccrnn_report_text *const plot = &panel->front;
    for (size_t b = 0; b < 2; b++) {
        for (size_t i = 0; i < TIMES; i++) {
            const double *const v = bands->value[i];
            ccrnn_paper_row(panel->sheet, panel,
                            (double[]){(double)i + beside, v[2], v[band[b].low], v[band[b].high]},
                            (long long)bands->n, -1, band[b].kind, arm->arm->label);
            ccrnn_report_widen(&panel->y, v[band[b].high]);
            ccrnn_report_widen(&panel->y, v[band[b].low]);
        }
        ccrnn_report_add(plot,
                         "%s'%s.csv' skip 1 index %zu using 1:3:(0):($4-$3) with vectors nohead "
                         "lw %g lc rgb '%s'",
                         plot->length == 0 ? "" : ", \\\n    ", panel->sheet->name,
                         ccrnn_paper_block_end(panel->sheet), band[b].width, style->colour);
    }
    ccrnn_report_add(plot,
                     ", \\\n    '' skip 1 index %zu using 1:2 with points pt 7 ps 0.55 "
                     "lc rgb 'white', '' skip 1 index %zu using 1:2 with points pt 6 ps 0.55 "
                     "lw 1.2 lc rgb '%s'",
                     panel->sheet->blocks - 1, panel->sheet->blocks - 1, style->colour);
    ccrnn_paper_list(panel->sheet, style);
    panel->n_least = bands->n < panel->n_least ? bands->n : panel->n_least;
    panel->n_most = bands->n > panel->n_most ? bands->n : panel->n_most;
}

static enum ccrnn_status bands_panel(struct ccrnn_paper_sheet *sheet,
                                     const struct ccrnn_paper_task *task,
                                     const struct ccrnn_paper_cell *cell, struct ccrnn_error *err)
{
    const double apart = 0.24;
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, "distribution over pairs");
    panel.x_label = "epoch";
    panel.y_label = "coupling |r|";
    panel.even_y = true;
    panel.x_least = -0.5;
    panel.x_most = (double)TIMES - 0.5;
    ccrnn_report_add(&sheet->caption,
                     "distribution of |r| over pairs of units at the first, the middle and the "
                     "last epoch at which it was measured. Circle: median; thick bar: 25 %% to "
                     "75 %% of pairs; thin bar: 10 %% to 90 %%; quantiles are means over seeds.");
    for (size_t i = 0; i < ARMS; i++) {
        const struct ccrnn_paper_arm *const arm = ccrnn_paper_find(sheet, task, arms[i]);
        struct bands bands;
        if (arm == NULL)
            continue;
        CCRNN_TRY(read_bands(sheet, arm, &bands, err));
        if (!bands.present)
            continue;
        ccrnn_report_text_release(&panel.tic_names);
        for (size_t k = 0; k < TIMES; k++)
            ccrnn_report_add(&panel.tic_names, "%s'%llu' %zu", k == 0 ? "" : ", ",
                             (unsigned long long)bands.epoch[k], k);
        add_bands(&panel, arm, &bands, apart * ((double)i - 1.0));
    }
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_draw_coupling(struct ccrnn_paper_sheet *sheet,
                                            struct ccrnn_error *err)
{
    const double row = 54.0, width = CCRNN_PAPER_PAGE / 3.0;
    const struct ccrnn_paper_task *task[TASKS_MAX];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, TASKS_MAX);
    sheet->width = CCRNN_PAPER_PAGE;
    sheet->height = TOP + row * (double)tasks;
    for (size_t i = 0; i < tasks; i++) {
        struct ccrnn_paper_cell cell = {0.0, TOP + row * (double)i, width, row};
        CCRNN_TRY(curves_panel(sheet, task[i], &cell, false, err));
        cell.left += width;
        CCRNN_TRY(bands_panel(sheet, task[i], &cell, err));
        cell.left += width;
        CCRNN_TRY(curves_panel(sheet, task[i], &cell, true, err));
    }
    return CCRNN_OK;
}
