/* Figure 7: lesions of the cerebellum and of the inferior olive, by the epoch at which they begin. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "report/paper_figures.h"

#define TOP (CCRNN_PAPER_LEGEND + 1.0)
#define KEY "intervention_from"
/* Lesions whose learning curves are shown. */
#define CURVES 4

static const char *const lesions[] = {"cerebellum", "olive"};

static double epoch_of(const struct ccrnn_paper_arm *arm)
{
    return ccrnn_paper_number(arm, KEY);
}

/* Tests of the lesions against the ccRNN that has none. */
static enum ccrnn_status add_tests(struct ccrnn_paper_panel *panel,
                                   const struct ccrnn_paper_task *task, size_t lesion,
                                   struct ccrnn_error *err)
{
    const struct ccrnn_paper_arm *const whole = ccrnn_paper_find(panel->sheet, task, "ccRNN");
    double *value;
    size_t values;
    CCRNN_TRY(ccrnn_paper_values(panel->sheet, task, lesions[lesion], KEY, &value, &values, err));
    for (size_t i = 0; i < values; i++) {
        const struct ccrnn_paper_arm *const arm =
            ccrnn_paper_find_at(panel->sheet, task, lesions[lesion], KEY, value[i]);
        struct ccrnn_paired_test test;
        CCRNN_TRY(ccrnn_paper_test(panel->sheet, arm, whole, task->final, &test, err));
        ccrnn_paper_add_stars(panel, value[i], &test, lesion,
                              ccrnn_paper_style_of(lesions[lesion])->colour, arm->arm->label);
    }
    return CCRNN_OK;
}

static enum ccrnn_status final_panel(struct ccrnn_paper_sheet *sheet,
                                     const struct ccrnn_paper_task *task,
                                     const struct ccrnn_paper_cell *cell, struct ccrnn_error *err)
{
    static const char *const references[] = {"cRNN", "ccRNN"};
    static const char *const swept[] = {"sham", "cerebellum", "olive"};
    struct ccrnn_paper_panel panel;
    struct ccrnn_paper_sample sample;
    double *value;
    ccrnn_paper_start(sheet, &panel, cell, task->title);
    panel.x_label = "lesion from epoch";
    CCRNN_TRY(ccrnn_paper_values(sheet, task, lesions[0], KEY, &value, &panel.tics, err));
    if (panel.tics == 0)
        CCRNN_TRY(ccrnn_paper_values(sheet, task, lesions[1], KEY, &value, &panel.tics, err));
    panel.tic = value;
    panel.head = 0.22;
    CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, task->final_noun, task->unit, err));
    for (size_t i = 0; i < sizeof swept / sizeof swept[0]; i++)
        CCRNN_TRY(ccrnn_paper_add_sweep(&panel, task, swept[i], KEY, epoch_of, task->final, err));
    const bool any = panel.front.length > 0;
    for (size_t i = 0; i < sizeof references / sizeof references[0] && any; i++) {
        const struct ccrnn_paper_arm *const arm = ccrnn_paper_find(sheet, task, references[i]);
        CCRNN_TRY(ccrnn_paper_sample_of(sheet, arm, task->final, NAN, &sample, err));
        ccrnn_paper_add_level(&panel, &sample, ccrnn_paper_style_of(references[i]));
    }
    for (size_t i = 0; i < 2; i++)
        CCRNN_TRY(add_tests(&panel, task, i, err));
    ccrnn_report_add(
        &sheet->caption,
        "%s against the epoch at whose start the lesion was made. Large symbols and "
        "bars: mean ± standard error; small dots: seeds; horizontal lines and bands: "
        "networks without a lesion. Stars, in the colour of the lesion: two-sided "
        "paired t-test against the ccRNN without one, not corrected for several "
        "tests (* p < 0.05, ** p < 0.01, *** p < 0.001, ns: not significant).",
        task->final_noun);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* "#rrggbb" moved towards white by `share`, into text of 8 bytes. */
static void lighten(const char *colour, double share, char mixed[8])
{
    const long from = strtol(colour + 1, NULL, 16);
    long to = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        const double part = (double)((from >> shift) & 0xff);
        to |= lround(part + share * (255.0 - part)) << shift;
    }
    (void)ccrnn_format(mixed, 8, "#%06lx", to & 0xffffffL);
}

/* The moment of a lesion: a vertical line with its epoch. */
static void mark(struct ccrnn_paper_panel *panel, double epoch, const char *colour)
{
    ccrnn_report_add(&panel->labels,
                     "set arrow from first %g, graph 0 to first %g, graph 0.93 nohead back lw 1 "
                     "lc rgb '%s' dt (3,2)\n"
                     "set label '%g' at first %g, graph 0.97 center tc rgb '%s'\n",
                     epoch, epoch, colour, epoch, epoch, colour);
}

static enum ccrnn_status curves_panel(struct ccrnn_paper_sheet *sheet,
                                      const struct ccrnn_paper_task *task,
                                      const struct ccrnn_paper_cell *cell, size_t lesion,
                                      struct ccrnn_error *err)
{
    static const char *const references[] = {"cRNN", "ccRNN", NULL};
    const double lightest = 0.55;
    const struct ccrnn_paper_style *const style = ccrnn_paper_style_of(lesions[lesion]);
    char colour[CURVES][8];
    struct ccrnn_paper_style shade[CURVES];
    struct ccrnn_paper_panel panel;
    double *value;
    size_t values;
    ccrnn_paper_start(sheet, &panel, cell, style->legend);
    panel.x_label = "epoch";
    CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, task->noun, task->unit, err));
    CCRNN_TRY(ccrnn_paper_values(sheet, task, lesions[lesion], KEY, &value, &values, err));
    if (values == 0) {
        ccrnn_paper_panel_missing(&panel);
        return CCRNN_OK;
    }
    CCRNN_TRY(ccrnn_paper_add_curves(&panel, task, references, task->error, err));
    const size_t curves = values < CURVES ? values : CURVES;
    for (size_t i = 0; i < curves; i++) {
        const double epoch = value[(2 * i + 1) * values / (2 * curves)];
        const double rank = curves > 1 ? (double)i / (double)(curves - 1) : 0.0;
        lighten(style->colour, lightest * (1.0 - rank), colour[i]);
        shade[i] = *style;
        shade[i].colour = colour[i];
        CCRNN_TRY(ccrnn_paper_add_curve(
            &panel, ccrnn_paper_find_at(sheet, task, lesions[lesion], KEY, epoch), task->error,
            &shade[i], err));
        mark(&panel, epoch, colour[i]);
    }
    ccrnn_report_add(&sheet->caption,
                     "learning curves of %zu of the %zu lesions, the earlier the lighter; "
                     "vertical lines: the epochs at which they begin. Lines: mean over seeds, "
                     "bands: ± standard error; grey and orange: networks without a lesion.",
                     curves, values);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_draw_lesions(struct ccrnn_paper_sheet *sheet,
                                           struct ccrnn_error *err)
{
    const double row = 60.0, width = CCRNN_PAPER_PAGE / 2.0;
    const struct ccrnn_paper_task *task;
    if (ccrnn_paper_tasks(sheet, &task, 1) == 0)
        return CCRNN_OK;
    sheet->width = CCRNN_PAPER_PAGE;
    sheet->height = TOP + 2.0 * row;
    const struct ccrnn_paper_cell cell[] = {{0.0, TOP, CCRNN_PAPER_PAGE, row},
                                            {0.0, TOP + row, width, row},
                                            {width, TOP + row, width, row}};
    CCRNN_TRY(final_panel(sheet, task, &cell[0], err));
    for (size_t i = 0; i < 2; i++)
        CCRNN_TRY(curves_panel(sheet, task, &cell[1 + i], i, err));
    return CCRNN_OK;
}
