/* Confusion matrices: what was shown against what was answered, a panel an arm. */
#include <math.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/task.h"

/* Layout in pixels of the svg. */
#define WIDTH 900.0
#define LEFT 64.0
#define RIGHT 16.0
#define GAP 22.0
#define TITLE 36.0
#define AXIS 64.0
#define CHARACTER 8.0
/* From this share on a cell is so dark that its number is white. */
#define DARK 0.55

struct layout {
    size_t columns;
    double panel, height;
};

static struct layout lay_out(size_t arms)
{
    struct layout layout = {.columns = arms < 3 ? arms : 3};
    if (arms == 4)
        layout.columns = 2;
    const double rows = ceil((double)arms / (double)layout.columns);
    const double wide =
        (WIDTH - LEFT - RIGHT - ((double)layout.columns - 1.0) * GAP) / (double)layout.columns;
    layout.panel = fmin(wide, 400.0);
    layout.height = rows * (layout.panel + TITLE) + AXIS;
    return layout;
}

/* Classes are places 0 … count − 1; a share is a mean over seeds of count / all of that row. */
struct matrix {
    int64_t *cue;
    size_t count;
    enum ccrnn_report_series_id series;
};

/* Share of trials of class `actual` in which `chosen` was answered; NaN without such trials. */
static double share_of(const struct ccrnn_report_run *run, const struct matrix *matrix,
                       size_t actual, size_t chosen)
{
    double all = 0.0;
    for (size_t i = 0; i < run->class_values; i++) {
        const struct ccrnn_report_class_value *const value = &run->class_value[i];
        if (value->series == matrix->series && value->cue == matrix->cue[actual])
            all += value->value;
    }
    const double count = ccrnn_report_class_value_of(run, matrix->series, matrix->cue[actual],
                                                     matrix->cue[chosen]);
    return all > 0.0 ? count / all : NAN;
}

static void add_cell(struct ccrnn_report_text *csv, const struct ccrnn_report_arm *arm,
                     const struct matrix *matrix, size_t actual, size_t chosen, double *scratch)
{
    struct ccrnn_summary s;
    size_t runs = 0;
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].used)
            scratch[runs++] = share_of(&arm->run[r], matrix, actual, chosen);
    }
    ccrnn_statistics_summarise(scratch, runs, &s);
    ccrnn_report_add(csv, "%lld,%lld,%zu,%.9g,%.9g,%zu,%zu,", (long long)matrix->cue[actual],
                     (long long)matrix->cue[chosen], s.n, s.mean, s.sem, chosen, actual);
    ccrnn_report_add_csv(csv, arm->label);
    ccrnn_report_add(csv, "\n");
}

static void add_tics(struct ccrnn_report_text *script, char axis, const struct matrix *matrix,
                     bool named)
{
    ccrnn_report_add(script, "set %ctics scale 0 (", axis);
    for (size_t c = 0; c < matrix->count; c++) {
        ccrnn_report_add(script, "%s'", c == 0 ? "" : ", ");
        if (named)
            ccrnn_report_add(script, "%lld", (long long)matrix->cue[c]);
        ccrnn_report_add(script, "' %zu", c);
    }
    ccrnn_report_add(script, ")\n");
}

static void add_panel(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                      const struct ccrnn_report_figure *figure, const struct matrix *matrix,
                      const struct layout *layout, size_t place)
{
    const size_t column = place % layout->columns, row = place / layout->columns;
    const bool lowest = place + layout->columns >= study->arms;
    ccrnn_report_add_margins(
        script, WIDTH, layout->height, LEFT + (double)column * (layout->panel + GAP),
        (double)row * (layout->panel + TITLE) + TITLE, layout->panel, layout->panel);
    ccrnn_report_add(script, "set xlabel '%s'\nset ylabel '%s'\nset title ",
                     lowest ? "digit answered" : "", column == 0 ? "digit shown" : "");
    ccrnn_report_add_gnuplot(script, study->arm[place].label,
                             (size_t)(layout->panel / CHARACTER));
    ccrnn_report_add(script, "\n");
    add_tics(script, 'x', matrix, lowest);
    add_tics(script, 'y', matrix, column == 0);
    ccrnn_report_add(
        script,
        "plot '%s' skip 1 index %zu using "
        "6:7:($6-0.5):($6+0.5):($7-0.5):($7+0.5):(shade($4)) with boxxyerror fs solid "
        "noborder lc rgb variable notitle, \\\n"
        "    '' skip 1 index %zu using 6:7:(number($4)):($4 < %g ? 0x202020 : "
        "0xffffff) with labels font ',%d' tc rgb variable notitle\n",
        figure->data[0], place, place, DARK, layout->panel < 320.0 ? 11 : 13);
}

static void add_script(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_figure *figure, const struct matrix *matrix)
{
    const struct layout layout = lay_out(study->arms);
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, (unsigned)WIDTH,
                               (unsigned)ceil(layout.height));
    /* from white to the first colour of the palette; a number below half a per cent is left out */
    ccrnn_report_add(script,
                     "mix(s, c) = int(255 - s * (255 - c))\n"
                     "shade(v) = v >= 0 ? mix(v, 0) * 65536 + mix(v, 90) * 256 + mix(v, 142) "
                     ": 0xeeeeee\n"
                     "number(v) = v >= 0.005 ? sprintf('%%.0f', 100 * v) : (v >= 0 ? '' : '–')\n"
                     "set multiplot\nunset key\nset border 15 lw 1 lc rgb '#404040'\n"
                     "set title offset 0,-0.5\nset xlabel offset 0,0.4\n"
                     "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n",
                     matrix->count - 1, matrix->count - 1);
    for (size_t i = 0; i < study->arms; i++)
        add_panel(script, study, figure, matrix, &layout, i);
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
}

/* Test data if every used run has them, else validation. */
static enum ccrnn_status find_matrix(struct ccrnn_report_study *study, struct matrix *matrix,
                                     struct ccrnn_error *err)
{
    matrix->series = CCRNN_SERIES_TEST_CONFUSION;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            bool found = !run->used;
            for (size_t v = 0; v < run->class_values && !found; v++)
                found = run->class_value[v].series == CCRNN_SERIES_TEST_CONFUSION;
            if (!found)
                matrix->series = CCRNN_SERIES_VALIDATION_CONFUSION;
        }
    }
    return ccrnn_report_list_classes(study, matrix->series, &matrix->cue, &matrix->count, err);
}

enum ccrnn_status ccrnn_report_figure_confusion(struct ccrnn_report_study *study,
                                                const char *directory,
                                                struct ccrnn_report_figure *figure,
                                                struct ccrnn_error *err)
{
    struct ccrnn_report_text csv = {0}, script = {0}, caption = {0};
    struct matrix matrix = {0};
    void *scratch;
    CCRNN_TRY(ccrnn_report_figure_start(study, "confusion-matrices", "Confusion matrices", NULL,
                                        figure, err));
    figure->alt = "One matrix per arm: how often each digit was answered for each digit shown.";
    CCRNN_TRY(find_matrix(study, &matrix, err));
    if (matrix.count == 0)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    ccrnn_report_add(&csv, "shown,answered,n,mean_share,sem,column,row,arm\n");
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t actual = 0; actual < matrix.count; actual++) {
            for (size_t chosen = 0; chosen < matrix.count; chosen++)
                add_cell(&csv, &study->arm[i], &matrix, actual, chosen, scratch);
        }
        ccrnn_report_add(&csv, "\n\n");
    }
    add_script(&script, study, figure, &matrix);
    ccrnn_report_add(&caption,
                     "Numbers: per cent of the trials in which a digit was shown, mean over "
                     "seeds, with the final weights on %s data; a row adds up to 100. A cell "
                     "without a number is below 0.5.",
                     matrix.series == CCRNN_SERIES_TEST_CONFUSION ? "test" : "validation");
    return ccrnn_report_figure_save(study, figure, &csv, NULL, &script, &caption, directory, err);
}
