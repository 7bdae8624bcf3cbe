/* Panels of examples: drawn lines, and answers step by step. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/csv.h"
#include "report/drawings.h"
#include "report/figures.h"
#include "report/paper_figures.h"
#include "report/task.h"

/* Between the two arms, and above them for their names (mm). */
#define GAP 4.5
#define ABOVE 8.0
#define BELOW 5.5
#define INDENT 6.0
#define RIM 1.25
#define TEMPLATE_RIM 1.15
#define TEMPLATE_ROWS 2
#define STEPS_MAX 4096

static const char *const pair[] = {"cRNN", "ccRNN"};

/* --- drawn lines --------------------------------------------------------------------------- */

struct grid {
    size_t columns, rows; /* of cues */
    double cue;           /* side of a cue's square (mm) */
    double scale;         /* length of the scale bar, in the task's unit */
    bool stacked;         /* the second arm stands under the first, else beside it */
};

/* Cues that overlap have a square each, and then the arms are stacked. */
static struct grid lay_out(const struct ccrnn_report_drawings *d, bool templates,
                           const struct ccrnn_paper_cell *cell)
{
    struct grid grid = {.columns = 1, .rows = 1, .stacked = templates};
    double width = cell->width - CCRNN_PAPER_RIGHT - INDENT;
    double height = cell->height - ABOVE - BELOW;
    if (templates) {
        grid.rows = TEMPLATE_ROWS;
        grid.columns = (d->cues + TEMPLATE_ROWS - 1) / TEMPLATE_ROWS;
        height = (height - GAP) / 2.0;
    } else {
        width = (width - GAP) / 2.0;
    }
    grid.cue = fmin(width / (double)grid.columns, height / (double)grid.rows);
    grid.scale = ccrnn_report_tic_step(2.0 * d->half_range);
    return grid;
}

/* All cues of an arm in one pair of axes, each moved to its square. */
static void add_lines(struct ccrnn_report_text *script, const char *file,
                      const struct ccrnn_report_drawings *d,
                      const struct ccrnn_report_drawn_arm *arm, const struct grid *grid,
                      const char *colour)
{
    ccrnn_report_add(script, "plot ");
    for (int lines = 0; lines < 2; lines++) {
        for (size_t c = 0; c < arm->cues; c++) {
            const size_t place = grid->columns == 1 ? 0 : arm->colour[c];
            const double right = 2.0 * d->half_range * (double)(place % grid->columns);
            const size_t row = place / grid->columns;
            const double down = 2.0 * d->half_range * (double)row;
            ccrnn_report_add(
                script,
                "%s'%s' skip 1 index %zu using ($%d+%.6g):($%d-%.6g) with lines lw %s "
                "lc rgb '%s' dt %s",
                lines + (int)c == 0 ? "" : ", \\\n    ", file, arm->first_block + c,
                lines == 0 ? 5 : 7, right, lines == 0 ? 6 : 8, down, lines == 0 ? "0.9" : "1.4",
                lines == 0 ? "#000000" : colour, lines == 0 ? "(3,2)" : "1");
        }
    }
    ccrnn_report_add(script, "\n");
}

/* The name of the arm and the seed over it, and the scale under the last. */
static void add_names(struct ccrnn_paper_panel *panel, const struct ccrnn_report_arm *arm,
                      const struct ccrnn_report_drawings *d, const struct grid *grid, bool scale,
                      const char *unit)
{
    struct ccrnn_report_text *const script = &panel->sheet->body;
    const double up = 2.0, down = 2.2, per_unit = grid->cue / (2.0 * d->half_range);
    const double bottom = panel->top + panel->height;
    ccrnn_report_add(script, "set label ");
    ccrnn_report_add_gnuplot(script, arm->brief, CCRNN_REPORT_NAME_DRAWN);
    ccrnn_report_add(script, ".', seed %llu' at screen %.3f/W, screen 1 - %.3f/H left\n",
                     (unsigned long long)arm->run[0].seed, panel->left, panel->top - up);
    if (scale)
        ccrnn_report_add(script,
                         "set arrow from screen %.3f/W, screen 1 - %.3f/H to screen %.3f/W, "
                         "screen 1 - %.3f/H nohead lw 1.5\n"
                         "set label '%g %s' at screen %.3f/W, screen 1 - %.3f/H left\n",
                         panel->left, bottom + down, panel->left + grid->scale * per_unit,
                         bottom + down, grid->scale, unit,
                         panel->left + grid->scale * per_unit + 1.5, bottom + down);
}

static const struct ccrnn_report_arm *arm_of(const struct ccrnn_report_study *view,
                                             const char *label)
{
    size_t i = 0;
    while (i + 1 < view->arms && strcmp(view->arm[i].label, label) != 0)
        i++;
    return &view->arm[i];
}

/* Arm `number` of the drawings. */
static void add_arm(struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_cell *cell,
                    size_t number, const char *file, const struct ccrnn_report_drawings *d,
                    const struct ccrnn_report_study *view)
{
    const struct grid grid = lay_out(d, view->task->templates, cell);
    const struct ccrnn_report_arm *const arm = arm_of(view, d->arm[number].label);
    const double width = grid.cue * (double)grid.columns, height = grid.cue * (double)grid.rows;
    const double side = 2.0 * d->half_range, place = (double)number;
    const bool scale = grid.stacked ? number + 1 == d->arms : number == 0;
    struct ccrnn_paper_panel panel;
    ccrnn_paper_panel_begin(sheet, &panel, 0.0, 0.0, 1.0, 1.0, false);
    panel.left = cell->left + INDENT + (grid.stacked ? 0.0 : place * (width + GAP));
    panel.top = cell->top + ABOVE + (grid.stacked ? place * (height + GAP) : 0.0);
    panel.width = width;
    panel.height = height;
    ccrnn_paper_panel_frame(&panel);
    add_names(&panel, arm, d, &grid, scale, view->task->length);
    ccrnn_report_add(
        &sheet->body,
        "set border 15 lc rgb '#c0c0c0'; unset xtics; unset ytics\n"
        "set xrange [%.9g:%.9g]; set yrange [%.9g:%.9g]\n",
        d->middle_x - d->half_range, d->middle_x - d->half_range + side * (double)grid.columns,
        d->middle_y + d->half_range - side * (double)grid.rows, d->middle_y + d->half_range);
    add_lines(&sheet->body, file, d, &d->arm[number], &grid, arm->colour);
    ccrnn_report_add(&sheet->body, "set border 3 lc rgb '#404040'\n");
    sheet->drawn++;
}

/* Arms of the pair with their median runs. */
static size_t choose(const struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_task *task,
                     const struct ccrnn_paper_arm *arm[2], const struct ccrnn_report_run *run[2])
{
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        arm[count] = ccrnn_paper_find(sheet, task, pair[i]);
        run[count] = arm[count] == NULL ? NULL : ccrnn_paper_median_run(arm[count], task->error);
        count += run[count] != NULL;
    }
    return count;
}

static enum ccrnn_status draw_view(struct ccrnn_paper_sheet *sheet,
                                   const struct ccrnn_paper_task *task,
                                   const struct ccrnn_paper_cell *cell,
                                   struct ccrnn_report_study *view, struct ccrnn_error *err)
{
    const bool templates = view->task->templates;
    struct ccrnn_report_drawings d = {
        .seeds_drawn = 1, .trials_drawn = 1, .rim = templates ? TEMPLATE_RIM : RIM};
    char file[128];
    (void)ccrnn_format(file, sizeof file, "%s%s%s-drawings.csv", sheet->name,
                       task->word == NULL ? "" : "-", task->word == NULL ? "" : task->word);
    CCRNN_TRY(ccrnn_report_collect_drawings(view, sheet->directory, file, &d, err));
    for (size_t i = 0; i < d.arms; i++)
        add_arm(sheet, cell, i, file, &d, view);
    if (d.arms == 0)
        return CCRNN_OK;
    ccrnn_report_add(&sheet->caption,
                     "one trial a %s, drawn by the seed with the median error (of an even number "
                     "the lower of two): ",
                     view->task->class_noun);
    for (size_t i = 0; i < view->arms; i++)
        ccrnn_report_add(&sheet->caption, "%s%s seed %llu", i == 0 ? "" : ", ",
                         view->arm[i].label, (unsigned long long)view->arm[i].run[0].seed);
    ccrnn_report_add(&sheet->caption, ". Dashed: targets. Data: %s.", file);
    if (d.unreadable > 0)
        ccrnn_report_add(&sheet->caption, " The drawings of %zu of them could not be read.",
                         d.unreadable);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_drawings_panel(struct ccrnn_paper_sheet *sheet,
                                             const struct ccrnn_paper_task *task,
                                             const struct ccrnn_paper_cell *cell,
                                             struct ccrnn_error *err)
{
    const struct ccrnn_paper_arm *arm[2];
    const struct ccrnn_report_run *run[2];
    struct ccrnn_report_study view = {0};
    struct ccrnn_paper_panel panel;
    const size_t before = sheet->drawn, arms = choose(sheet, task, arm, run);
    ccrnn_paper_start(sheet, &panel, cell, "");
    enum ccrnn_status status = CCRNN_OK;
    if (arms > 0) {
        status = ccrnn_paper_view(sheet, arm, run, arms, &view, err);
        for (size_t i = 0; i < arms && status == CCRNN_OK; i++) {
            (void)ccrnn_format(view.arm[i].colour, sizeof view.arm[i].colour, "%s",
                               ccrnn_paper_style_of(arm[i]->base)->colour);
            view.arm[i].brief = arm[i]->base;
            ccrnn_paper_list(sheet, ccrnn_paper_style_of(arm[i]->base));
        }
        if (status == CCRNN_OK)
            status = draw_view(sheet, task, cell, &view, err);
        ccrnn_report_pool_release(&view.pool);
    }
    if (status == CCRNN_OK && sheet->drawn == before)
        ccrnn_paper_panel_missing(&panel);
    else if (status == CCRNN_OK)
        ccrnn_report_add(&sheet->body,
                         "\n# letter of the panel\nunset label; unset arrow; unset border\n"
                         "set label '%c' at screen %.3f/W, screen 1 - %.3f/H font letter\n"
                         "set xrange [0:1]; set yrange [0:1]\nplot 2 notitle\n",
                         panel.letter, cell->left + 1.0, cell->top + CCRNN_PAPER_ABOVE - 3.2);
    return status;
}

/* --- answers ------------------------------------------------------------------------------- */

/* Sums of a run by step. */
struct answers {
    double sum[STEPS_MAX];
    size_t count[STEPS_MAX], steps;
};

static enum ccrnn_status read_row(const struct ccrnn_csv *csv, size_t row,
                                  struct answers *answers, struct ccrnn_error *err)
{
    int64_t cue, t, digit;
    double probability;
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 1, &cue, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 2, &t, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 3, &digit, err));
    CCRNN_TRY(ccrnn_csv_real(csv, row, 4, &probability, err));
    if (t < 0 || t >= STEPS_MAX)
        return ccrnn_fail(err, CCRNN_FORMAT, "answers.csv: step %lld is not in 0 to %d.",
                          (long long)t, STEPS_MAX - 1);
    if (cue != digit)
        return CCRNN_OK;
    answers->sum[t] += probability;
    answers->count[t]++;
    answers->steps = (size_t)t >= answers->steps ? (size_t)t + 1 : answers->steps;
    return CCRNN_OK;
}

static enum ccrnn_status read_answers(const struct ccrnn_report_run *run, struct answers *answers,
                                      struct ccrnn_error *err)
{
    static const char *const columns[] = {"trial", "cue", "t", "digit", "probability"};
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv;
    *answers = (struct answers){.steps = 0};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "answers.csv", err));
    CCRNN_TRY(ccrnn_csv_open(path, columns, sizeof columns / sizeof columns[0], &csv, err));
    enum ccrnn_status status = CCRNN_OK;
    for (size_t row = 0; row < ccrnn_csv_rows(csv) && status == CCRNN_OK; row++)
        status = read_row(csv, row, answers, err);
    ccrnn_csv_close(csv);
    return status;
}

/* Mean over trials for each run (rows) and step; runs that cannot be read are NaN and counted. */
static enum ccrnn_status add_answers(struct ccrnn_paper_panel *panel,
                                     const struct ccrnn_paper_arm *arm, struct answers *answers,
                                     size_t *unreadable, struct ccrnn_error *err)
{
    struct ccrnn_report_pool *const pool = &panel->sheet->study->pool;
    const size_t runs = arm->arm->runs;
    void *memory;
    size_t steps = 0;
    CCRNN_TRY(ccrnn_report_pool_take(pool, STEPS_MAX * runs, sizeof(double), &memory, err));
    double *const value = memory;
    for (size_t i = 0; i < STEPS_MAX * runs; i++)
        value[i] = NAN;
    for (size_t r = 0; r < runs; r++) {
        struct ccrnn_error detail;
        if (!arm->arm->run[r].used)
            continue;
        const enum ccrnn_status status = read_answers(&arm->arm->run[r], answers, &detail);
        if (status == CCRNN_MEMORY)
            return ccrnn_fail(err, status, "%s", detail.message);
        *unreadable += status != CCRNN_OK;
        for (size_t t = 0; t < answers->steps && status == CCRNN_OK; t++)
            value[t * runs + r] = answers->sum[t] / (double)answers->count[t];
        steps = answers->steps > steps && status == CCRNN_OK ? answers->steps : steps;
    }
    CCRNN_TRY(
        ccrnn_report_pool_take(pool, steps, sizeof(struct ccrnn_report_epoch), &memory, err));
    struct ccrnn_report_epoch *const point = memory;
    for (size_t t = 0; t < steps; t++) {
        point[t].step = t + 1;
        ccrnn_statistics_summarise(value + t * runs, runs, &point[t].summary);
    }
    ccrnn_paper_add_line(panel, point, steps, arm->arm->label, ccrnn_paper_style_of(arm->base));
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_answers_panel(struct ccrnn_paper_sheet *sheet,
                                            const struct ccrnn_paper_task *task,
                                            const struct ccrnn_paper_cell *cell,
                                            struct ccrnn_error *err)
{
    struct ccrnn_paper_panel panel;
    void *memory;
    size_t unreadable = 0;
    ccrnn_paper_start(sheet, &panel, cell, "");
    panel.x_label = "step of the image";
    panel.y_label = "probability of the\\nright digit";
    panel.even_y = true;
    ccrnn_report_add(&sheet->caption,
                     "probability given to the right digit after each step of the image, mean "
                     "over the trials kept with each run; lines: mean over seeds, bands: ± "
                     "standard error.");
    CCRNN_TRY(
        ccrnn_report_pool_take(&sheet->study->pool, 1, sizeof(struct answers), &memory, err));
    for (size_t i = 0; i < 2; i++) {
        const struct ccrnn_paper_arm *const arm = ccrnn_paper_find(sheet, task, pair[i]);
        if (arm != NULL)
            CCRNN_TRY(add_answers(&panel, arm, memory, &unreadable, err));
    }
    if (unreadable > 0)
        ccrnn_report_add(&sheet->caption, " The answers of %zu runs could not be read.",
                         unreadable);
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}
