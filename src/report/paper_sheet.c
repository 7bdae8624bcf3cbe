#include "report/paper_sheet.h"

#include <math.h>
#include <string.h>

#include "report/figures.h"

/* Of the letter, the title and the names of the axes from the axes (mm). */
#define LETTER_LEFT 17.0
#define TITLE_UP 3.2
#define X_NAME_DOWN 7.4
#define Y_NAME_LEFT 12.6
/* Of the legend: a line, and a character of 7.5 points (mm). */
#define LEGEND_LINE 7.0
#define LEGEND_GAP 4.0
#define CHARACTER 1.2

void ccrnn_paper_panel_begin(struct ccrnn_paper_sheet *sheet, struct ccrnn_paper_panel *panel,
                             double left, double top, double width, double height, bool letter)
{
    *panel = (struct ccrnn_paper_panel){
        .sheet = sheet,
        .left = left + CCRNN_PAPER_LEFT,
        .top = top + CCRNN_PAPER_ABOVE,
        .width = width - CCRNN_PAPER_LEFT - CCRNN_PAPER_RIGHT,
        .height = height - CCRNN_PAPER_ABOVE - CCRNN_PAPER_BELOW,
        .title = "",
        .x_label = "",
        .y_label = "",
        .x_least = NAN,
        .x_most = NAN,
        .head = 0.14,
        .x = {.smallest = INFINITY, .largest = -INFINITY},
        .y = {.smallest = INFINITY, .largest = -INFINITY},
        .n_least = SIZE_MAX,
    };
    sheet->panels += letter;
    panel->letter = (char)('A' + (int)((sheet->panels - 1) % 26));
    if (!letter)
        panel->letter = (char)-panel->letter;
}

/* A panel that goes on with the letter before does not show it. */
static char letter_of(const struct ccrnn_paper_panel *panel)
{
    return panel->letter < 0 ? (char)-panel->letter : panel->letter;
}

void ccrnn_paper_row(struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_panel *panel,
                     const double value[4], long long n, long long seed, const char *kind,
                     const char *arm)
{
    for (size_t i = 0; i < 4; i++)
        ccrnn_report_add(&sheet->csv, "%.9g,", value[i]);
    if (n >= 0)
        ccrnn_report_add(&sheet->csv, "%lld", n);
    ccrnn_report_add(&sheet->csv, ",");
    if (seed >= 0)
        ccrnn_report_add(&sheet->csv, "%lld", seed);
    ccrnn_report_add(&sheet->csv, ",%s,%c,", kind, letter_of(panel));
    ccrnn_report_add_csv(&sheet->csv, arm);
    ccrnn_report_add(&sheet->csv, "\n");
}

size_t ccrnn_paper_block_end(struct ccrnn_paper_sheet *sheet)
{
    ccrnn_report_add(&sheet->csv, "\n\n");
    return sheet->blocks++;
}

void ccrnn_paper_add_n(struct ccrnn_report_text *text, size_t least, size_t most)
{
    if (least == most)
        ccrnn_report_add(text, "n = %zu", most);
    else
        ccrnn_report_add(text, "n = %zu to %zu", least, most);
}

void ccrnn_paper_caption_panel(struct ccrnn_paper_sheet *sheet,
                               const struct ccrnn_paper_panel *panel)
{
    ccrnn_report_add(&sheet->caption, "\n%c  ", letter_of(panel));
    if (*panel->title != '\0')
        ccrnn_report_add(&sheet->caption, "%s: ", panel->title);
}

/* --- axes ---------------------------------------------------------------------------------- */

/* Tics of a logarithmic axis: 1, 2 and 5 in every decade, or the decades if there are many. */
static void add_log_tics(struct ccrnn_report_text *script, const char *axis, double low,
                         double high)
{
    static const double parts[] = {1.0, 2.0, 5.0};
    const double wide = 300.0;
    const size_t each = high / low > wide ? 1 : 3;
    const char *separator = "";
    ccrnn_report_add(script, "set %stics nomirror out scale 0.6 (", axis);
    const int last = (int)floor(log10(high));
    for (int decade = (int)floor(log10(low)); decade <= last; decade++) {
        for (size_t i = 0; i < each; i++) {
            const double place = parts[i] * pow(10.0, (double)decade);
            if (place < low || place > high)
                continue;
            ccrnn_report_add(script, "%s'%.6g' %.6g", separator, place, place);
            separator = ", ";
        }
    }
    ccrnn_report_add(script, ")\n");
}

static void add_x_axis(const struct ccrnn_paper_panel *panel, struct ccrnn_report_text *script)
{
    const double factor = 1.25, rim = 0.05;
    const double width = panel->x.largest > panel->x.smallest
                             ? panel->x.largest - panel->x.smallest
                             : fmax(fabs(panel->x.largest), 1.0);
    double low = panel->x.smallest - rim * width, high = panel->x.largest + rim * width;
    if (panel->log_x) {
        low = panel->x.smallest / factor;
        high = panel->x.largest * factor;
        ccrnn_report_add(script, "set logscale x\n");
    }
    low = isnan(panel->x_least) ? low : panel->x_least;
    high = isnan(panel->x_most) ? high : panel->x_most;
    ccrnn_report_add(script, "set xrange [%.9g:%.9g]\nset format x '%%g'\n", low, high);
    if (panel->tic_names.length > 0)
        ccrnn_report_add(script, "set xtics nomirror out scale 0 (%s)\n", panel->tic_names.bytes);
    else if (panel->log_x && panel->tics == 0)
        add_log_tics(script, "x", low, high);
    else if (panel->tics == 0)
        ccrnn_report_add(script, "set xtics nomirror out scale 0.6 autofreq\n");
    if (panel->tic_names.length > 0 || panel->tics == 0)
        return;
    ccrnn_report_add(script, "set xtics nomirror out scale 0.6 (");
    for (size_t i = 0; i < panel->tics; i++)
        ccrnn_report_add(script, panel->tic[i] < 10.0 ? "%s'%.2g' %.9g" : "%s'%.0f' %.9g",
                         i == 0 ? "" : ", ", panel->tic[i], panel->tic[i]);
    ccrnn_report_add(script, ")\n");
}

/* lo() and hi() keep a value on the axis: a band or bar is cut where it leaves it. */
static void add_y_axis(const struct ccrnn_paper_panel *panel, struct ccrnn_report_text *script)
{
    const double below = 0.06, step = 1.4;
    double low = panel->y.smallest, high = panel->y.largest;
    const bool log_y = !panel->even_y && ccrnn_report_prefers_log(low, high);
    const double width = high > low ? high - low : fmax(fabs(high), 1e-3);
    if (log_y) {
        high *= step * pow(high / low, panel->head);
        low /= step;
        ccrnn_report_add(script, "set logscale y\n");
        add_log_tics(script, "y", low, high);
    } else {
        const bool zero = low >= 0.0 && !panel->loose_y;
        const double span = zero ? fmax(high, 1e-9) : width;
        high += panel->head * span;
        low = zero ? 0.0 : low - below * span;
        ccrnn_report_add(script, "set ytics nomirror out scale 0.6 autofreq\n");
    }
    ccrnn_report_add(script,
                     "set yrange [%.9g:%.9g]\nset format y '%%g'\n"
                     "lo(v) = v > %.9g ? v : %.9g\nhi(v) = v < %.9g ? v : %.9g\n",
                     low, high, low, low, high, high);
}

/* --- the script ---------------------------------------------------------------------------- */

void ccrnn_paper_panel_frame(struct ccrnn_paper_panel *panel)
{
    struct ccrnn_report_text *const script = &panel->sheet->body;
    const double right = panel->left + panel->width, bottom = panel->top + panel->height;
    ccrnn_report_add(script,
                     "\n# panel %c\nunset label; unset arrow; unset object; unset key; "
                     "unset logscale; set border 3\n"
                     "set lmargin at screen %.3f/W; set rmargin at screen %.3f/W\n"
                     "set tmargin at screen 1 - %.3f/H; set bmargin at screen 1 - %.3f/H\n",
                     letter_of(panel), panel->left, right, panel->top, bottom);
    if (panel->letter > 0)
        ccrnn_report_add(script,
                         "set label '%c' at screen %.3f/W, screen 1 - %.3f/H font letter\n",
                         panel->letter, panel->left - LETTER_LEFT, panel->top - TITLE_UP);
    if (*panel->title != '\0') {
        ccrnn_report_add(script, "set label ");
        ccrnn_report_add_gnuplot(script, panel->title, 0);
        ccrnn_report_add(script, " at screen %.3f/W, screen 1 - %.3f/H left\n", panel->left,
                         panel->top - TITLE_UP);
    }
    if (*panel->x_label != '\0')
        ccrnn_report_add(script, "set label \"%s\" at screen %.3f/W, screen 1 - %.3f/H center\n",
                         panel->x_label, panel->left + panel->width / 2.0, bottom + X_NAME_DOWN);
    if (*panel->y_label != '\0')
        ccrnn_report_add(
            script, "set label \"%s\" at screen %.3f/W, screen 1 - %.3f/H center rotate by 90\n",
            panel->y_label, panel->left - Y_NAME_LEFT, panel->top + panel->height / 2.0);
}

void ccrnn_paper_panel_missing(struct ccrnn_paper_panel *panel)
{
    ccrnn_paper_panel_frame(panel);
    ccrnn_report_add(&panel->sheet->body,
                     "set label 'not run' at graph 0.5, 0.5 center tc rgb '#606060'\n"
                     "set xrange [0:1]; set yrange [0:1]; unset xtics; unset ytics\n"
                     "plot 2 notitle\n");
    ccrnn_report_add(&panel->sheet->caption, " Not run.");
}

/* n in the upper right corner. */
static void add_n_label(struct ccrnn_paper_panel *panel, struct ccrnn_report_text *script)
{
    if (panel->n_least == SIZE_MAX)
        return;
    ccrnn_report_add(script, "set label '");
    ccrnn_paper_add_n(script, panel->n_least, panel->n_most);
    ccrnn_report_add(script, "' at screen %.3f/W, screen 1 - %.3f/H right tc rgb '#404040'\n",
                     panel->left + panel->width, panel->top - TITLE_UP);
}

static void release(struct ccrnn_paper_panel *panel)
{
    struct ccrnn_report_text *const texts[] = {&panel->back, &panel->front, &panel->labels,
                                               &panel->tic_names};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        panel->sheet->body.failed |= texts[i]->failed;
        ccrnn_report_text_release(texts[i]);
    }
}

void ccrnn_paper_panel_end(struct ccrnn_paper_panel *panel)
{
    struct ccrnn_report_text *const script = &panel->sheet->body;
    if (panel->front.length == 0 || !isfinite(panel->y.smallest)) {
        ccrnn_paper_panel_missing(panel);
        release(panel);
        return;
    }
    panel->sheet->drawn++;
    ccrnn_paper_panel_frame(panel);
    add_x_axis(panel, script);
    add_y_axis(panel, script);
    add_n_label(panel, script);
    ccrnn_report_add(script, "%splot %s%s%s\n",
                     panel->labels.bytes == NULL ? "" : panel->labels.bytes,
                     panel->back.bytes == NULL ? "" : panel->back.bytes,
                     panel->back.bytes == NULL ? "" : ", \\\n    ", panel->front.bytes);
    release(panel);
}

/* --- the legend ---------------------------------------------------------------------------- */

void ccrnn_paper_list(struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_style *style)
{
    for (size_t i = 0; ccrnn_paper_style_number(i) != NULL; i++)
        sheet->listed[i] |= ccrnn_paper_style_number(i) == style;
}

void ccrnn_paper_add_legend(struct ccrnn_paper_sheet *sheet)
{
    struct ccrnn_report_text *const script = &sheet->body;
    double left = sheet->legend_left, top = CCRNN_PAPER_LEGEND / 2.0 + 0.5;
    ccrnn_report_add(script, "\n# legend\nunset label; unset arrow; unset object; unset border; "
                             "unset logscale; unset xtics; unset ytics\n"
                             "set lmargin at screen 0; set rmargin at screen 1\n"
                             "set tmargin at screen 1; set bmargin at screen 0\n");
    for (size_t i = 0; ccrnn_paper_style_number(i) != NULL; i++) {
        const struct ccrnn_paper_style *const style = ccrnn_paper_style_number(i);
        if (!sheet->listed[i])
            continue;
        const double width =
            LEGEND_LINE + 1.0 + CHARACTER * (double)ccrnn_report_characters(style->legend);
        if (left + width > sheet->width && left > sheet->legend_left) {
            left = sheet->legend_left;
            top += CCRNN_PAPER_LEGEND;
        }
        ccrnn_report_add(script,
                         "set arrow from screen %.3f/W, screen 1 - %.3f/H to screen %.3f/W, "
                         "screen 1 - %.3f/H nohead lw %g lc rgb '%s' dt %s\n"
                         "set label '%s' at screen %.3f/W, screen 1 - %.3f/H left\n",
                         left, top, left + LEGEND_LINE, top, style->width, style->colour,
                         style->dash, style->legend, left + LEGEND_LINE + 1.0, top);
        left += width + LEGEND_GAP;
    }
    ccrnn_report_add(script, "set xrange [0:1]; set yrange [0:1]\nplot 2 notitle\n");
}
