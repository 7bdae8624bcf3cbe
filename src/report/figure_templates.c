/* Drawn templates: a row an arm, a column a class. */
#include <math.h>

#include "report/drawings.h"
#include "report/figures.h"

/* Layout in pixels of the svg. */
#define WIDTH 900.0
#define RIGHT 8.0
#define GAP 6.0
#define HEAD 34.0
#define FOOT 10.0
#define CHARACTER 8.0
/* Names longer than this are cut; they stand left of their row. */
#define NAME_SHOWN 22
#define LARGEST 120.0

static double names_width(const struct ccrnn_report_drawings *d)
{
    size_t longest = 0;
    for (size_t i = 0; i < d->arms; i++) {
        const size_t length = ccrnn_report_characters(d->arm[i].brief);
        longest = length > longest ? length : longest;
    }
    return 20.0 + CHARACTER * (double)(longest < NAME_SHOWN ? longest : NAME_SHOWN);
}

static void add_panel(struct ccrnn_report_text *script, const struct ccrnn_report_drawn_arm *arm,
                      size_t cue)
{
    ccrnn_report_add(script,
                     "plot data skip 1 index %zu every :::0::0 using 5:6 with lines lw 5 lc rgb "
                     "'#d4d4d4' notitle, \\\n"
                     "    data skip 1 index %zu using 7:8 with lines lw 1.2 lc rgb '#40%s' "
                     "notitle\n",
                     arm->first_block + cue, arm->first_block + cue, arm->line_colour + 1);
}

static void add_row(struct ccrnn_report_text *script, const struct ccrnn_report_drawings *d,
                    size_t row, double left, double side, double height)
{
    const struct ccrnn_report_drawn_arm *const arm = &d->arm[row];
    const double top = HEAD + (double)row * (side + GAP);
    ccrnn_report_add(script, "set label 1 ");
    ccrnn_report_add_gnuplot(script, arm->brief, NAME_SHOWN);
    ccrnn_report_add(script, " at screen %.5f,%.5f right\n", (left - 12.0) / WIDTH,
                     1.0 - (top + side / 2.0) / height);
    for (size_t c = 0; c < arm->cues; c++) {
        const double x = left + (double)arm->colour[c] * (side + GAP);
        ccrnn_report_add_margins(script, WIDTH, height, x, top, side, side);
        add_panel(script, arm, c);
        ccrnn_report_add(script, "unset label\n");
    }
}

void ccrnn_report_add_template_grid(struct ccrnn_report_text *script,
                                    const struct ccrnn_report_drawings *d,
                                    const struct ccrnn_report_figure *figure)
{
    const double left = names_width(d), cues = (double)d->cues;
    const double side =
        fmax(fmin((WIDTH - left - RIGHT - (cues - 1.0) * GAP) / cues, LARGEST), 1.0);
    const double height = HEAD + (double)d->arms * (side + GAP) + FOOT;
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, (unsigned)WIDTH,
                               (unsigned)ceil(height));
    ccrnn_report_add(script,
                     "data = '%s'\n"
                     "set multiplot\nunset key\nunset xtics\nunset ytics\nset clip two\n"
                     "set border 15 lw 1 lc rgb '#c8c8c8'\n"
                     "set xrange [%.9g:%.9g]; set yrange [%.9g:%.9g]\n",
                     figure->data[0], d->middle_x - d->half_range, d->middle_x + d->half_range,
                     d->middle_y - d->half_range, d->middle_y + d->half_range);
    for (size_t c = 0; c < d->cues; c++)
        ccrnn_report_add(script, "set label %zu '%lld' at screen %.5f,%.5f center\n", c + 2,
                         (long long)d->cue[c],
                         (left + (double)c * (side + GAP) + side / 2.0) / WIDTH,
                         1.0 - 18.0 / height);
    for (size_t i = 0; i < d->arms; i++)
        add_row(script, d, i, left, side, height);
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
}
