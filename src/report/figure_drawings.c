/* Drawn trajectories against targets: small multiples, a panel an arm. */
#include "report/figures.h"

#include <math.h>

#include "base/error.h"
#include "report/drawings.h"
#include "report/task.h"

/* Layout in pixels of the svg. */
#define LEFT 84
#define RIGHT 18
#define GAP 22
#define TITLE 40
#define X_AXIS 56
#define LEGEND 46
#define LEGEND_CUES 14

/* Drawn at most: of an arm, and of a seed and cue. Online tasks have more classes and steps. */
#define SEEDS_DRAWN 10
#define TRIALS_DRAWN 2
#define ONLINE_SEEDS_DRAWN 5
#define ONLINE_TRIALS_DRAWN 1
#define TEMPLATE_SEEDS_DRAWN 3
/* Side of the axes in sides of the square the targets fill. */
#define RIM 1.25
#define TEMPLATE_RIM 1.4

struct layout {
    unsigned columns, rows, panel; /* panels a row, rows, side of a panel */
    unsigned width, height;
};

/* Width of a character of the panels' titles, at most. */
#define CHARACTER 8

static size_t longest_label(const struct ccrnn_report_drawings *d)
{
    size_t longest = 0;
    for (size_t i = 0; i < d->arms; i++) {
        const size_t length = ccrnn_report_characters(d->arm[i].label);
        longest = length > longest ? length : longest;
    }
    return longest < CCRNN_REPORT_NAME_DRAWN ? longest : CCRNN_REPORT_NAME_DRAWN;
}

/* Small panels for many arms, but no smaller than the names over them. */
static struct layout lay_out(const struct ccrnn_report_drawings *d)
{
    static const unsigned sides[] = {380, 320, 214, 158};
    const unsigned arms = (unsigned)d->arms, fewest = arms <= 12 ? 2 : 3;
    struct layout layout;
    if (arms <= 4)
        layout.columns = arms == 4 ? 2 : arms;
    else
        layout.columns = arms <= 9 ? 3 : 4;
    while (layout.columns > fewest && longest_label(d) * CHARACTER > sides[layout.columns - 1])
        layout.columns--;
    layout.rows = (arms + layout.columns - 1) / layout.columns;
    layout.panel = sides[layout.columns - 1];
    layout.width = LEFT + layout.columns * layout.panel + (layout.columns - 1) * GAP + RIGHT;
    layout.height = layout.rows * (layout.panel + TITLE) + X_AXIS + LEGEND;
    return layout;
}

static void add_legend(struct ccrnn_report_text *script, const struct ccrnn_report_drawings *d,
                       const struct layout *layout, const char *noun)
{
    const double y = 18.0 / layout->height;
    double x = 14.0;
    ccrnn_report_add(script,
                     "set arrow 1 from screen %.4f,%.4f to screen %.4f,%.4f nohead dt (6,4) lw 2 "
                     "lc rgb '#808080'\n"
                     "set label 1 'target' at screen %.4f,%.4f left\n"
                     "set label 2 '%s' at screen %.4f,%.4f left\n",
                     x / layout->width, y, (x + 40.0) / layout->width, y,
                     (x + 46.0) / layout->width, y, noun, (x + 116.0) / layout->width, y);
    x += 150.0;
    for (size_t c = 0; c < d->cues && c < LEGEND_CUES; c++) {
        const char *const sign = d->cue[c] < 0 ? "−" : "";
        const unsigned long long size =
            d->cue[c] < 0 ? 0ULL - (unsigned long long)d->cue[c] : (unsigned long long)d->cue[c];
        const bool cut = c + 1 == LEGEND_CUES && d->cues > LEGEND_CUES;
        ccrnn_report_add(script, "set label %zu '", c + 3);
        if (cut)
            ccrnn_report_add(script, "…");
        else
            ccrnn_report_add(script, "%s%llu", sign, size);
        ccrnn_report_add(script, "' at screen %.4f,%.4f left textcolor rgb '%s'\n",
                         x / layout->width, y, ccrnn_report_class_colour(c));
        x += 30.0;
    }
}

static void add_panel(struct ccrnn_report_text *script, const struct ccrnn_report_drawings *d,
                      const struct layout *layout, size_t place)
{
    const struct ccrnn_report_drawn_arm *const arm = &d->arm[place];
    const unsigned column = (unsigned)place % layout->columns;
    const unsigned row = (unsigned)place / layout->columns;
    const bool lowest = place + layout->columns >= d->arms;
    ccrnn_report_add_margins(script, layout->width, layout->height,
                             LEFT + column * (layout->panel + GAP),
                             row * (layout->panel + TITLE) + TITLE, layout->panel, layout->panel);
    ccrnn_report_add(script,
                     "set format x '%s'; set xlabel '%s'\n"
                     "set format y '%s'; set ylabel '%s'\n"
                     "set title ",
                     lowest ? "%g" : "", lowest ? "x (length units)" : "",
                     column == 0 ? "%g" : "", column == 0 ? "y (length units)" : "");
    ccrnn_report_add_gnuplot(script, arm->label, layout->panel / CHARACTER);
    ccrnn_report_add(script, "\nplot ");
    for (size_t c = 0; c < arm->cues; c++)
        ccrnn_report_add(script,
                         "data skip 1 index %zu using 7:8 with lines lw 1.2 lc rgb '#48%s' "
                         "notitle, \\\n    ",
                         arm->first_block + c, ccrnn_report_class_colour(arm->colour[c]) + 1);
    for (size_t c = 0; c < arm->cues; c++)
        ccrnn_report_add(script,
                         "data skip 1 index %zu every :::0::0 using 5:6 with lines lw 2 dt (6,4) "
                         "lc rgb '#707070' notitle%s",
                         arm->first_block + c, c + 1 < arm->cues ? ", \\\n    " : "\n");
    ccrnn_report_add(script, "unset label; unset arrow\n");
}

static void add_script(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_drawings *d,
                       const struct ccrnn_report_figure *figure)
{
    const struct layout layout = lay_out(d);
    const double step = ccrnn_report_tic_step(2.0 * d->half_range);
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, layout.width, layout.height);
    ccrnn_report_add(script,
                     "data = '%s'\n"
                     "set multiplot\n"
                     "unset key\n"
                     "set clip two\n"
                     "set grid lc rgb '#ececec' lw 1 lt 1\n"
                     "set title offset 0,-0.5\n"
                     "set xlabel offset 0,0.4\n"
                     "set xrange [%.9g:%.9g]; set yrange [%.9g:%.9g]\n"
                     "set xtics %.9g; set ytics %.9g\n",
                     figure->data[0], d->middle_x - d->half_range, d->middle_x + d->half_range,
                     d->middle_y - d->half_range, d->middle_y + d->half_range, step, step);
    add_legend(script, d, &layout, study->task->class_noun);
    for (size_t i = 0; i < d->arms; i++)
        add_panel(script, d, &layout, i);
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
}

static void add_caption(struct ccrnn_report_text *caption, const struct ccrnn_report_study *study,
                        const struct ccrnn_report_drawings *d)
{
    const bool templates = study->task->templates;
    ccrnn_report_add(caption,
                     "Coloured lines: movements drawn with the final weights on test data, one "
                     "colour per %s; at most %zu %s per %s and seed and %zu seeds per arm. "
                     "%s. All panels have the same axes; what leaves them is cut.",
                     templates ? "arm" : study->task->class_noun, d->trials_drawn,
                     d->trials_drawn == 1 ? "trial" : "trials", study->task->class_noun,
                     d->seeds_drawn, templates ? "Grey: templates" : "Grey dashes: targets");
    if (d->other_targets)
        ccrnn_report_add(caption,
                         " Targets differ between seeds: only movements towards those of "
                         "an arm’s first seed are shown.");
    if (d->unreadable > 0)
        ccrnn_report_add(caption, " No drawings could be read for %zu of the runs chosen.",
                         d->unreadable);
}

enum ccrnn_status ccrnn_report_figure_drawings(struct ccrnn_report_study *study,
                                               const char *directory,
                                               struct ccrnn_report_figure *figure,
                                               struct ccrnn_error *err)
{
    const bool online = *study->task->class_noun == 'd';
    struct ccrnn_report_drawings d = {.rim = study->task->templates ? TEMPLATE_RIM : RIM,
                                      .seeds_drawn = online ? ONLINE_SEEDS_DRAWN : SEEDS_DRAWN,
                                      .trials_drawn =
                                          online ? ONLINE_TRIALS_DRAWN : TRIALS_DRAWN};
    if (study->task->templates)
        d.seeds_drawn = TEMPLATE_SEEDS_DRAWN;
    struct ccrnn_report_text script = {0}, caption = {0};
    CCRNN_TRY(ccrnn_report_figure_start(study, "drawn-trajectories", "Drawn trajectories", NULL,
                                        figure, err));
    figure->learning = true;
    figure->alt = study->task->templates
                      ? "One row per arm, one column per class: drawn lines over the template."
                      : "One panel per arm: drawn trajectories, coloured by cue, over dashed "
                        "targets.";
    CCRNN_TRY(ccrnn_report_collect_drawings(study, directory, figure->data[0], &d, err));
    figure->damaged = d.damaged;
    if (d.arms == 0)
        return CCRNN_OK;
    if (study->task->templates)
        ccrnn_report_add_template_grid(&script, &d, figure);
    else
        add_script(&script, study, &d, figure);
    add_caption(&caption, study, &d);
    const enum ccrnn_status status =
        ccrnn_report_figure_finish(study, figure, &script, &caption, directory, err);
    ccrnn_report_text_release(&script);
    ccrnn_report_text_release(&caption);
    return status;
}
