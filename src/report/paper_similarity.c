/* Figure 5: predicted feedback against its target and the true gradient. */
#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "report/paper_figures.h"
#include "report/paper_places.h"

#define TOP (CCRNN_PAPER_LEGEND + 1.0)
#define TASKS_MAX 5
#define ROW 56.0
#define ROWS_MAX 4
/* Beside a map, for its colours (mm). */
#define COLOURS 10.0

/* One map: means over seeds at every epoch and step of the task. */
struct map {
    const char *metric, *title, *what;
    struct ccrnn_paper_place *place;
    size_t places;
};

/* Halfway to the neighbours: the sides of a cell. Of one alone, a half on either side. */
static void sides(const double *at, size_t count, size_t i, double *low, double *high)
{
    const double half_low = i > 0 ? (at[i] - at[i - 1]) / 2.0 : NAN;
    const double half_high = i + 1 < count ? (at[i + 1] - at[i]) / 2.0 : NAN;
    const double lone = 0.5;
    *low = at[i] - (isnan(half_low) ? (isnan(half_high) ? lone : half_high) : half_low);
    *high = at[i] + (isnan(half_high) ? (isnan(half_low) ? lone : half_low) : half_high);
}

/* Different epochs (or steps) of a map, rising. */
static enum ccrnn_status list_axis(struct ccrnn_report_pool *pool, const struct map *map,
                                   bool epochs, double **at, size_t *count,
                                   struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, map->places, sizeof **at, &memory, err));
    *at = memory;
    *count = 0;
    for (size_t i = 0; i < map->places; i++) {
        const double value = epochs ? (double)map->place[i].epoch : (double)map->place[i].t;
        size_t k = *count;
        while (k > 0 && (*at)[k - 1] > value)
            k--;
        if (k > 0 && (*at)[k - 1] == value)
            continue;
        for (size_t m = *count; m > k; m--)
            (*at)[m] = (*at)[m - 1];
        (*at)[k] = value;
        (*count)++;
    }
    return CCRNN_OK;
}

static size_t place_of(const double *at, size_t count, double value)
{
    size_t i = 0;
    while (i + 1 < count && at[i] != value)
        i++;
    return i;
}

/* Cells into the file of maps; the panel learns its ranges. */
static enum ccrnn_status add_cells(struct ccrnn_paper_panel *panel, const struct map *map,
                                   const char *arm, struct ccrnn_report_text *csv,
                                   struct ccrnn_error *err)
{
    struct ccrnn_report_pool *const pool = &panel->sheet->study->pool;
    double *epoch, *step, low[2], high[2];
    size_t epochs, steps;
    CCRNN_TRY(list_axis(pool, map, true, &epoch, &epochs, err));
    CCRNN_TRY(list_axis(pool, map, false, &step, &steps, err));
    for (size_t i = 0; i < map->places; i++) {
        const struct ccrnn_paper_place *const p = &map->place[i];
        const double x = (double)p->epoch, y = (double)p->t;
        sides(epoch, epochs, place_of(epoch, epochs, x), &low[0], &high[0]);
        sides(step, steps, place_of(step, steps, y), &low[1], &high[1]);
        ccrnn_report_add(csv, "%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%zu,%s,%c,", x, y, low[0],
                         high[0], low[1], high[1], p->sum / (double)p->n, p->n, map->metric,
                         panel->letter);
        ccrnn_report_add_csv(csv, arm);
        ccrnn_report_add(csv, "\n");
        for (size_t k = 0; k < 2; k++) {
            struct ccrnn_report_range *const range = k == 0 ? &panel->x : &panel->y;
            ccrnn_report_widen(range, low[k]);
            ccrnn_report_widen(range, high[k]);
        }
        panel->n_least = p->n < panel->n_least ? p->n : panel->n_least;
        panel->n_most = p->n > panel->n_most ? p->n : panel->n_most;
    }
    ccrnn_report_add(csv, "\n\n");
    return CCRNN_OK;
}

static void draw_map(struct ccrnn_paper_panel *panel, const char *file, size_t block)
{
    struct ccrnn_report_text *const script = &panel->sheet->body;
    const double up = 3.2;
    panel->sheet->drawn++;
    ccrnn_paper_panel_frame(panel);
    ccrnn_report_add(script, "set label '");
    ccrnn_paper_add_n(script, panel->n_least, panel->n_most);
    ccrnn_report_add(script,
                     "' at screen %.3f/W, screen 1 - %.3f/H right tc rgb '#404040'\n"
                     "set xrange [%.9g:%.9g]; set yrange [%.9g:%.9g]\n"
                     "set format x '%%g'; set format y '%%g'\n"
                     "set xtics nomirror out scale 0.6 autofreq; "
                     "set ytics nomirror out scale 0.6 autofreq\n"
                     "set palette defined (0 '#0072b2', 0.5 '#ffffff', 1 '#d55e00')\n"
                     "set cbrange [-1:1]; set cbtics 0.5 scale 0.4\n"
                     "set colorbox user origin screen %.3f/W, screen 1 - %.3f/H "
                     "size screen 2.2/W, screen %.3f/H\n"
                     "set object rectangle from graph 0, graph 0 to graph 1, graph 1 behind "
                     "fs solid 1 noborder fc rgb '#e8e8e8'\n"
                     "plot '%s' skip 1 index %zu using 1:2:3:4:5:6:7 with boxxyerror "
                     "fs solid 1 noborder lc palette notitle\n"
                     "unset colorbox\n",
                     panel->left + panel->width, panel->top - up, panel->x.smallest,
                     panel->x.largest, panel->y.smallest, panel->y.largest,
                     panel->left + panel->width + 2.0, panel->top + panel->height, panel->height,
                     file, block);
}

static enum ccrnn_status map_panel(struct ccrnn_paper_sheet *sheet, const struct map *map,
                                   const struct ccrnn_paper_cell *cell, const char *arm,
                                   struct ccrnn_report_text *csv, size_t *blocks,
                                   struct ccrnn_error *err)
{
    struct ccrnn_paper_panel panel;
    char file[128];
    (void)ccrnn_format(file, sizeof file, "%s-steps.csv", sheet->name);
    ccrnn_paper_start(sheet, &panel, cell, map->title);
    panel.width -= COLOURS;
    panel.x_label = "epoch";
    panel.y_label = "step in the task, t";
    if (map->places == 0) {
        ccrnn_paper_panel_missing(&panel);
        return CCRNN_OK;
    }
    ccrnn_report_add(&sheet->caption,
                     "cosine between predicted feedback and %s at every epoch at which it was "
                     "measured and every boundary between segments, mean over validation trials "
                     "and seeds; grey: not defined, as one of the two is zero. Data: %s.",
                     map->what, file);
    CCRNN_TRY(add_cells(&panel, map, arm, csv, err));
    draw_map(&panel, file, (*blocks)++);
    return CCRNN_OK;
}

static enum ccrnn_status curves_panel(struct ccrnn_paper_sheet *sheet, const char *title,
                                      const struct ccrnn_paper_cell *cell,
                                      const struct ccrnn_paper_arm *arm, struct ccrnn_error *err)
{
    struct ccrnn_paper_panel panel;
    ccrnn_paper_start(sheet, &panel, cell, title);
    panel.x_label = "epoch";
    panel.y_label = "feedback similarity,\\ncosine";
    panel.x_least = 0.0;
    panel.even_y = true;
    ccrnn_report_add(&sheet->caption,
                     "cosine between predicted feedback and its target (solid), and the gradient "
                     "of the whole remaining sequence (dashed), over learning; mean over "
                     "validation trials and boundaries; lines: mean over seeds, bands: ± "
                     "standard error; epoch 0 is before learning.");
    CCRNN_TRY(ccrnn_paper_add_curve(&panel, arm, CCRNN_SERIES_SIMILARITY_TARGET,
                                    ccrnn_paper_style_of("to target"), err));
    CCRNN_TRY(ccrnn_paper_add_curve(&panel, arm, CCRNN_SERIES_SIMILARITY_TRUE,
                                    ccrnn_paper_style_of("to true"), err));
    ccrnn_paper_panel_end(&panel);
    return CCRNN_OK;
}

/* A row of panels for one horizon of the ccRNN. */
static enum ccrnn_status draw_row(struct ccrnn_paper_sheet *sheet,
                                  const struct ccrnn_paper_arm *arm, const char *title,
                                  double top, struct ccrnn_report_text *csv, size_t *blocks,
                                  struct ccrnn_error *err)
{
    struct map map[] = {
        {"similarity_target", "to its target", "its target", NULL, 0},
        {"similarity_true", "to true gradient", "the true gradient", NULL, 0},
    };
    const double width = CCRNN_PAPER_PAGE / 3.0;
    struct ccrnn_paper_cell cell = {0.0, top, width, ROW};
    CCRNN_TRY(curves_panel(sheet, title, &cell, arm, err));
    for (size_t m = 0; m < 2; m++)
        CCRNN_TRY(ccrnn_paper_places_read(&sheet->study->pool, arm->arm, map[m].metric,
                                          &map[m].place, &map[m].places, err));
    for (size_t m = 0; m < 2; m++) {
        cell.left += width;
        CCRNN_TRY(map_panel(sheet, &map[m], &cell, arm->arm->label, csv, blocks, err));
    }
    return CCRNN_OK;
}

/* A row for each task and horizon, as many as a page takes. */
static enum ccrnn_status draw_rows(struct ccrnn_paper_sheet *sheet, struct ccrnn_report_text *csv,
                                   struct ccrnn_error *err)
{
    const struct ccrnn_paper_task *task[TASKS_MAX];
    const size_t tasks = ccrnn_paper_tasks(sheet, task, TASKS_MAX);
    size_t blocks = 0, rows = 0;
    for (size_t i = 0; i < tasks; i++) {
        double *value;
        size_t values;
        CCRNN_TRY(ccrnn_paper_values(sheet, task[i], "ccRNN", "horizon", &value, &values, err));
        for (size_t k = 0; k < values && rows < ROWS_MAX; k++, rows++) {
            char title[80];
            const char *kept;
            (void)ccrnn_format(title, sizeof title, "%s, K = %g",
                               tasks > 1 ? task[i]->title : "ccRNN", value[k]);
            CCRNN_TRY(ccrnn_report_pool_text(&sheet->study->pool, title, &kept, err));
            CCRNN_TRY(draw_row(sheet,
                               ccrnn_paper_find_at(sheet, task[i], "ccRNN", "horizon", value[k]),
                               kept, TOP + ROW * (double)rows, csv, &blocks, err));
        }
    }
    sheet->height = TOP + ROW * (double)rows;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_draw_similarity(struct ccrnn_paper_sheet *sheet,
                                              struct ccrnn_error *err)
{
    struct ccrnn_report_text csv = {0};
    char file[128];
    (void)ccrnn_format(file, sizeof file, "%s-steps.csv", sheet->name);
    sheet->width = CCRNN_PAPER_PAGE;
    ccrnn_report_add(&csv, "epoch,t,epoch_low,epoch_high,t_low,t_high,mean,n,metric,panel,arm\n");
    enum ccrnn_status status = draw_rows(sheet, &csv, err);
    if (status == CCRNN_OK && sheet->drawn > 0)
        status = ccrnn_report_text_save(&csv, sheet->directory, file, err);
    ccrnn_report_text_release(&csv);
    return status;
}
