/* Figure 8: image captioning. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/csv.h"
#include "report/figures.h"
#include "report/paper_figures.h"
#include "report/task.h"

#define TOP (CCRNN_PAPER_LEGEND + 1.0)
/* The published horizon. */
#define HORIZON 4.0
#define IMAGES 3
/* Characters of a caption that fit the page beside the names of the arms. */
#define CAPTION_DRAWN 104

static const char *const pair[] = {"cRNN", "ccRNN"};

/* The arm at the published horizon, else one found by itself. */
static const struct ccrnn_paper_arm *find(const struct ccrnn_paper_sheet *sheet,
                                          const struct ccrnn_paper_task *task, const char *base)
{
    const struct ccrnn_paper_arm *const arm =
        ccrnn_paper_find_at(sheet, task, base, "horizon", HORIZON);
    return arm != NULL ? arm : ccrnn_paper_find(sheet, task, base);
}

static enum ccrnn_status curves_panel(struct ccrnn_paper_sheet *sheet,
                                      const struct ccrnn_paper_task *task,
                                      const struct ccrnn_paper_cell *cell,
                                      struct ccrnn_error *err)
{
    static const char *const base[] = {"full BPTT", "cRNN", "ccRNN"};
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, "learning, K = 4");
    panel.x_label = "epoch";
    panel.x_least = 0.0;
    panel.even_y = panel.loose_y = true;
    CCRNN_TRY(ccrnn_paper_label(sheet, &panel.y_label, task->noun, task->unit, err));
    for (size_t i = 0; i < sizeof base / sizeof base[0]; i++) {
        const struct ccrnn_paper_arm *const arm =
            i == 0 ? ccrnn_paper_find(sheet, task, base[i]) : find(sheet, task, base[i]);
        if (arm == NULL)
            continue;
        if (i > 0 && ccrnn_paper_number(arm, "horizon") != HORIZON)
            panel.title = "learning";
        CCRNN_TRY(
            ccrnn_paper_add_curve(&panel, arm, task->error, ccrnn_paper_style_of(base[i]), err));
    }
    ccrnn_report_add(&sheet->caption,
                     "%s over epochs; lines: mean over seeds, bands: ± standard error. The axis "
                     "does not begin at 0.",
                     task->noun);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* --- scores by length ---------------------------------------------------------------------- */

/* Values of a length, of all used runs. */
static enum ccrnn_status sample_length(struct ccrnn_paper_sheet *sheet,
                                       const struct ccrnn_paper_arm *arm,
                                       enum ccrnn_report_series_id series, int64_t length,
                                       double x, struct ccrnn_paper_sample *sample,
                                       struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_paper_sample_of(sheet, arm, series, x, sample, err));
    sample->count = 0;
    for (size_t r = 0; r < arm->arm->runs; r++) {
        const struct ccrnn_report_run *const run = &arm->arm->run[r];
        if (!run->used || run->series[series].count == 0)
            continue;
        sample->seed[sample->count] = run->seed;
        sample->value[sample->count++] = ccrnn_report_class_value_of(run, series, length, 0);
    }
    return CCRNN_OK;
}

static enum ccrnn_status add_bracket(struct ccrnn_paper_panel *panel,
                                     const struct ccrnn_paper_arm *const arm[2],
                                     enum ccrnn_report_series_id series, int64_t length,
                                     double apart, struct ccrnn_error *err)
{
    struct ccrnn_paired_test test;
    void *scratch;
    if (arm[0] == NULL || arm[1] == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_pool_take(&panel->sheet->study->pool,
                                     arm[0]->arm->runs + arm[1]->arm->runs, sizeof(double),
                                     &scratch, err));
    ccrnn_report_compare_class(arm[1]->arm, arm[0]->arm, series, length, scratch, &test);
    ccrnn_paper_add_bracket(panel, (double)length - apart, (double)length + apart, &test,
                            arm[1]->arm->label);
    return CCRNN_OK;
}

static enum ccrnn_status lengths_panel(struct ccrnn_paper_sheet *sheet,
                                       const struct ccrnn_paper_task *task,
                                       const struct ccrnn_paper_cell *cell, const char *score,
                                       struct ccrnn_error *err)
{
    const double apart = 0.2, beside = 0.09;
    const struct ccrnn_report_measure *const measure = ccrnn_report_final(score);
    const struct ccrnn_paper_arm *const arm[] = {find(sheet, task, pair[0]),
                                                 find(sheet, task, pair[1])};
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, "");
    panel.x_label = "length of the references";
    panel.y_label = measure->axis;
    panel.even_y = panel.loose_y = true;
    panel.head = 0.3;
    panel.x_least = -0.5;
    panel.x_most = (double)CCRNN_REPORT_LENGTHS - 0.5;
    ccrnn_report_add(&panel.tic_names, "'short' 0, 'medium' 1, 'long' 2");
    for (size_t i = 0; i < 2; i++) {
        struct ccrnn_paper_sample sample[CCRNN_REPORT_LENGTHS];
        const double side = i == 0 ? -1.0 : 1.0;
        if (arm[i] == NULL)
            continue;
        for (int64_t k = 0; k < CCRNN_REPORT_LENGTHS; k++)
            CCRNN_TRY(sample_length(sheet, arm[i], measure->series, k, (double)k + side * apart,
                                    &sample[k], err));
        ccrnn_paper_add_samples(&panel, sample, CCRNN_REPORT_LENGTHS,
                                &(struct ccrnn_paper_look){.style = ccrnn_paper_style_of(pair[i]),
                                                           .seeds = true,
                                                           .beside = side * beside});
    }
    for (int64_t k = 0; k < CCRNN_REPORT_LENGTHS; k++)
        CCRNN_TRY(add_bracket(&panel, arm, measure->series, k, apart, err));
    ccrnn_report_add(&sheet->caption,
                     "%s of the captions said greedily, by length: short, medium and long are "
                     "thirds of the test images by the mean length of their references. Large "
                     "symbols and bars: mean ± standard error; small dots: seeds; p: two-sided "
                     "paired t-test, not corrected for several tests. Higher is better.",
                     measure->noun);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* --- examples ------------------------------------------------------------------------------ */

/* Columns of the report's example captions. */
enum { IMAGE, LENGTH, SEED, SAID, BLEU, CIDER, REFERENCES, ARM, COLUMNS };

/* One line of the table at `top`: a name and what was said. */
static void add_said(struct ccrnn_paper_panel *panel, double top, const char *name,
                     const char *colour, const char *said, const char *score)
{
    struct ccrnn_report_text *const script = &panel->sheet->body;
    const double text = 25.0;
    ccrnn_report_add(script, "set label ");
    ccrnn_report_add_gnuplot(script, name, 16);
    ccrnn_report_add(script, " at screen %.3f/W, screen 1 - %.3f/H left tc rgb '%s'\nset label ",
                     panel->left, top, colour);
    ccrnn_report_add_gnuplot(script, said, CAPTION_DRAWN);
    ccrnn_report_add(script,
                     " at screen %.3f/W, screen 1 - %.3f/H left\nset label '%s' at "
                     "screen %.3f/W, screen 1 - %.3f/H right\n",
                     panel->left + text, top, score, panel->left + panel->width, top);
}

/* The first of the references. */
static void first_reference(const char *references, char *text, size_t size)
{
    const char *const end = strstr(references, " | ");
    const size_t length = end == NULL ? strlen(references) : (size_t)(end - references);
    (void)ccrnn_format(text, size, "%.*s", (int)(length < size ? length : size - 1), references);
}

static void add_table(struct ccrnn_paper_panel *panel, const struct ccrnn_csv *csv)
{
    const double line = 4.0, first = 4.5, between = 1.6;
    const char *image = NULL;
    double top = panel->top + first;
    size_t images = 0;
    add_said(panel, panel->top, "image", "#404040", "the first reference; what the arms said",
             "CIDEr-D");
    for (size_t row = 0; row < ccrnn_csv_rows(csv); row++) {
        const char *const name = ccrnn_csv_text(csv, row, IMAGE);
        const char *const arm = ccrnn_csv_text(csv, row, ARM);
        char text[512], score[32];
        if (image == NULL || strcmp(name, image) != 0) {
            if (images++ == IMAGES)
                return;
            top += images > 1 ? between : 0.0;
            image = name;
            first_reference(ccrnn_csv_text(csv, row, REFERENCES), text, sizeof text);
            add_said(panel, top, name, "#404040", text, "");
            top += line;
        }
        const char *const said = ccrnn_csv_text(csv, row, SAID);
        double cider = NAN;
        (void)ccrnn_csv_real(csv, row, CIDER, &cider, NULL);
        (void)ccrnn_format(score, sizeof score, "%.2f", cider);
        add_said(panel, top, arm,
                 ccrnn_paper_style_of(strncmp(arm, "cc", 2) == 0 ? pair[1] : pair[0])->colour,
                 *said == '\0' ? "(nothing)" : said, score);
        top += line;
    }
}

/* Have the report's figure of examples choose images of the two arms, then read its data. */
static enum ccrnn_status choose_examples(struct ccrnn_paper_sheet *sheet,
                                         struct ccrnn_report_study *view, struct ccrnn_csv **csv,
                                         struct ccrnn_error *err)
{
    static const char *const columns[COLUMNS] = {
        "image", "length_class", "seed", "caption", "bleu_4", "cider_d", "references", "arm"};
    struct ccrnn_report_figure figure;
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_report_figure_examples(view, sheet->directory, &figure, err));
    if (!figure.present)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, sheet->directory, figure.data[0], err));
    CCRNN_TRY(ccrnn_csv_open(path, columns, COLUMNS, csv, err));
    ccrnn_report_add(&sheet->caption,
                     "examples: the first %d of the images in %s, which are evenly spaced in the "
                     "file of all test images and so not chosen by what was said; what each arm "
                     "said with its lowest seed, and the score of this caption alone.",
                     IMAGES, figure.data[0]);
    return CCRNN_OK;
}

static enum ccrnn_status examples_panel(struct ccrnn_paper_sheet *sheet,
                                        const struct ccrnn_paper_task *task,
                                        const struct ccrnn_paper_cell *cell,
                                        struct ccrnn_error *err)
{
    const struct ccrnn_paper_arm *arm[2];
    const struct ccrnn_report_run *run[2];
    struct ccrnn_report_study view = {0};
    struct ccrnn_paper_panel panel;
    struct ccrnn_csv *csv = NULL;
    size_t arms = 0;
    for (size_t i = 0; i < 2; i++) {
        arm[arms] = find(sheet, task, pair[i]);
        run[arms] = NULL;
        for (size_t r = 0; arm[arms] != NULL && r < arm[arms]->arm->runs && run[arms] == NULL;
             r++)
            run[arms] = arm[arms]->arm->run[r].used ? &arm[arms]->arm->run[r] : NULL;
        arms += run[arms] != NULL;
    }
    ccrnn_paper_start(sheet, &panel, cell, "");
    enum ccrnn_status status = CCRNN_OK;
    if (arms > 0)
        status = ccrnn_paper_view(sheet, arm, run, arms, &view, err);
    view.prefix = "fig8-";
    if (arms > 0 && status == CCRNN_OK)
        status = choose_examples(sheet, &view, &csv, err);
    if (status == CCRNN_OK && csv == NULL)
        ccrnn_paper_panel_missing(&panel);
    if (csv != NULL) {
        sheet->drawn++;
        ccrnn_paper_panel_frame(&panel);
        add_table(&panel, csv);
        ccrnn_report_add(&sheet->body, "unset border; unset xtics; unset ytics\n"
                                       "set xrange [0:1]; set yrange [0:1]\nplot 2 notitle\n");
    }
    ccrnn_csv_close(csv);
    ccrnn_report_pool_release(&view.pool);
    return status;
}

enum ccrnn_status ccrnn_paper_draw_captions(struct ccrnn_paper_sheet *sheet,
                                            struct ccrnn_error *err)
{
    const double row = 56.0, table = 50.0, width = CCRNN_PAPER_PAGE / 2.0;
    const struct ccrnn_paper_cell cell[] = {{0.0, TOP, width, row},
                                            {width, TOP, width, row},
                                            {0.0, TOP + row, width, row},
                                            {width, TOP + row, width, row},
                                            {0.0, TOP + 2.0 * row, CCRNN_PAPER_PAGE, table}};
    const struct ccrnn_paper_task *task[8];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, 8);
    if (tasks == 0 || task[tasks - 1]->final != CCRNN_SERIES_TEST_BITS)
        return CCRNN_OK;
    const struct ccrnn_paper_task *const captions = task[tasks - 1];
    sheet->width = CCRNN_PAPER_PAGE;
    sheet->height = TOP + 2.0 * row + table;
    CCRNN_TRY(curves_panel(sheet, captions, &cell[0], err));
    CCRNN_TRY(ccrnn_paper_horizon_panel(sheet, captions, &cell[1], "feedback horizon", err));
    for (size_t i = 0; i < CCRNN_REPORT_LENGTH_SCORES; i++)
        CCRNN_TRY(
            lengths_panel(sheet, captions, &cell[2 + i], ccrnn_report_length_score(i), err));
    return examples_panel(sheet, captions, &cell[4], err);
}
