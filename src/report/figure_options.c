/* A search over options: the measure of the ranking against each option that was searched. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "report/dots.h"
#include "report/many.h"

/* Of the drawing, in pixels of the svg. */
#define WIDTH 760.0
#define LEFT 90.0
#define RIGHT 16.0
#define GAP 22.0
#define PANEL 270.0
#define BELOW 62.0
#define LEGEND_ROW 24.0
#define LEGEND_COLUMNS 4
#define COLUMNS 3
#define PANELS_MOST 12
/* Words of an option that are told apart on an axis. */
#define WORDS_MOST 8
#define WORD_DRAWN 14

struct search {
    struct ccrnn_report_study *study;
    const struct ccrnn_report_ranking *ranking;
    struct ccrnn_report_varied options;
    size_t key[PANELS_MOST];
    struct ccrnn_report_scale scale[PANELS_MOST];
    size_t panels, left_out; /* options with a panel, and without */
    bool coloured;           /* families have colours of their own */
    struct ccrnn_report_range range;
    const char *word[WORDS_MOST];
    size_t words;
    double *scratch;
};

static size_t groups(const struct search *s)
{
    return s->coloured ? s->options.families : 1;
}

/* The number of a word; the last of all stands for those that have no room. */
static size_t number_of(struct search *s, const char *word)
{
    size_t i = 0;
    while (i < s->words && strcmp(s->word[i], word) != 0)
        i++;
    if (i == s->words && s->words < WORDS_MOST)
        s->word[s->words++] = word;
    return i < WORDS_MOST ? i : WORDS_MOST - 1;
}

/* Where an arm stands on the axis of words: dots of a word keep apart, the same way each time. */
static double place_of(size_t word, size_t arm)
{
    const double width = 0.5, turned = (double)arm * 0.6180339887498949;
    return (double)word + 1.0 + width * (turned - floor(turned) - 0.5);
}

/* The arms of a group in a panel; gnuplot calls such a block an index. */
static void add_block(struct search *s, struct ccrnn_report_text *csv, size_t panel, size_t group)
{
    const size_t key = s->key[panel];
    size_t rows = 0;
    for (size_t i = 0; i < s->study->arms; i++) {
        const char *const value = ccrnn_report_option_value(&s->options, i, key);
        double x;
        if (value == NULL || !isfinite(s->ranking->mean[i]) ||
            (s->coloured && s->options.family_place[i] != group))
            continue;
        if (!s->scale[panel].numbers)
            x = place_of(number_of(s, value), i);
        else if (!ccrnn_parse_real(value, &x))
            continue;
        ccrnn_report_add(csv, "%.9g,%.9g,", x, s->ranking->mean[i]);
        ccrnn_report_add_csv(csv, s->options.key[key]);
        ccrnn_report_add(csv, ",");
        ccrnn_report_add_csv(csv, value);
        ccrnn_report_add(csv, ",");
        ccrnn_report_add_csv(csv, s->study->arm[i].label);
        ccrnn_report_add(csv, "\n");
        rows++;
    }
    ccrnn_report_add(csv, "%s\n\n", rows == 0 ? "nan,nan,,,\n" : "");
}

/* The best arm's place in the panel, in a block of its own. */
static void add_best(struct search *s, struct ccrnn_report_text *csv, size_t panel)
{
    const size_t best = s->ranking->order[0], key = s->key[panel];
    const char *const value = ccrnn_report_option_value(&s->options, best, key);
    double x = NAN;
    if (value != NULL && !s->scale[panel].numbers)
        x = place_of(number_of(s, value), best);
    else if (value != NULL && !ccrnn_parse_real(value, &x))
        x = NAN;
    ccrnn_report_add(csv, "%.9g,%.9g,,best,", x, s->ranking->mean[best]);
    ccrnn_report_add_csv(csv, s->study->arm[best].label);
    ccrnn_report_add(csv, "\n\n\n");
}

static void add_horizontal_axis(const struct search *s, struct ccrnn_report_text *script,
                                size_t panel)
{
    const struct ccrnn_report_scale *const scale = &s->scale[panel];
    const double width = scale->largest - scale->smallest;
    ccrnn_report_add(script, "unset logscale x\nset format x '%%g'\n");
    if (!scale->numbers) {
        ccrnn_report_add(script, "set xrange [0.4:%zu.6]\nset xtics (", s->words);
        for (size_t i = 0; i < s->words; i++) {
            ccrnn_report_add(script, "%s", i == 0 ? "" : ", ");
            ccrnn_report_add_gnuplot(script, s->word[i], WORD_DRAWN);
            ccrnn_report_add(script, " %zu", i + 1);
        }
        ccrnn_report_add(script, ")\n");
    } else if (scale->log)
        ccrnn_report_add(script, "set logscale x\nset xrange [%.9g:%.9g]\nset xtics autofreq\n",
                         scale->smallest / pow(scale->largest / scale->smallest, 0.05),
                         scale->largest * pow(scale->largest / scale->smallest, 0.05));
    else {
        const double step = ccrnn_report_tic_step(width > 0.0 ? width : 1.0);
        ccrnn_report_add(script, "set xrange [%.9g:%.9g]\nset xtics %.9g\n",
                         scale->smallest - 0.05 * width, scale->largest + 0.05 * width,
                         scale->whole && step < 1.0 ? 1.0 : step);
    }
}

static const char *family_of(const struct search *s, size_t group)
{
    size_t i = 0;
    while (s->options.family_place[i] != group)
        i++;
    return s->options.family[i];
}

/* One entry of the legend, whose symbol can be seen, unlike a single dot of the panels. */
static void add_entry(struct ccrnn_report_text *script, size_t number, double height,
                      const char *symbol, const char *colour, const char *name)
{
    const double column = (WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS;
    const double x = LEFT + (double)(number % LEGEND_COLUMNS) * column + 8.0;
    const double y = LEGEND_ROW * (floor((double)number / LEGEND_COLUMNS) + 0.5);
    ccrnn_report_add(script, "set label %zu ", number + 1);
    ccrnn_report_add_gnuplot(script, name, CCRNN_REPORT_NAME_DRAWN / 2);
    ccrnn_report_add(script, " at screen %.5f,%.5f left point %s lc rgb '%s' offset 1,-0.2\n",
                     x / WIDTH, 1.0 - y / height, symbol, colour);
}

static void add_legend(const struct search *s, struct ccrnn_report_text *script, double height)
{
    size_t entries = 0;
    for (size_t g = 0; g < groups(s) && s->coloured; g++)
        add_entry(script, entries++, height, "pt 7 ps 0.9", ccrnn_report_colour(g),
                  family_of(s, g));
    add_entry(script, entries, height, "pt 6 ps 1.3 lw 2", "black", "best arm");
}

static void add_plot(const struct search *s, struct ccrnn_report_text *script,
                     const struct ccrnn_report_figure *figure, size_t panel)
{
    const size_t first = panel * (groups(s) + 1);
    const char *separator = "plot";
    for (size_t g = 0; g < groups(s); g++) {
        ccrnn_report_add(script,
                         "%s '%s' skip 1 index %zu using 1:2 with points pt 7 ps 0.45 lc rgb "
                         "'#50%s' notitle",
                         separator, figure->data[0], first + g, ccrnn_report_colour(g) + 1);
        separator = ", \\\n    ";
    }
    ccrnn_report_add(script,
                     "%s'%s' skip 1 index %zu using 1:2 with points pt 6 ps 1.3 lw 2 lc rgb "
                     "'black' notitle\n",
                     separator, figure->data[0], first + groups(s));
}

/* The label of a curve is shorter: it does not say that the value is the last one. */
static const struct ccrnn_report_measure *curve_of(const struct ccrnn_report_measure *measure)
{
    for (size_t i = 0; i < ccrnn_report_curve_count; i++) {
        if (ccrnn_report_curves[i].series == measure->series)
            return &ccrnn_report_curves[i];
    }
    return measure;
}

/* Four panels are two rows of two. */
static size_t columns_of(const struct search *s)
{
    return s->panels == 4 ? 2 : s->panels < COLUMNS ? s->panels : COLUMNS;
}

static void add_panel(struct search *s, struct ccrnn_report_text *script,
                      const struct ccrnn_report_figure *figure, size_t panel, double height,
                      double legend)
{
    const size_t columns = columns_of(s);
    /* one panel is no wider than half the figure */
    const double across = columns < 2 ? 2.0 : (double)columns;
    const double width = (WIDTH - LEFT - RIGHT - GAP * (across - 1.0)) / across;
    const size_t row = panel / columns, column = panel % columns;
    ccrnn_report_add_margins(script, WIDTH, height, LEFT + (double)column * (width + GAP),
                             legend + (double)row * (PANEL + BELOW), width, PANEL);
    ccrnn_report_add(script, "%s",
                     panel == 0 ? "set key at screen 0.5, screen 0.995 center top "
                                  "horizontal Left reverse samplen 1\n"
                                : "unset key\n");
    ccrnn_report_add(script, "set xlabel ");
    ccrnn_report_add_gnuplot(script, s->options.key[s->key[panel]], CCRNN_REPORT_NAME_DRAWN);
    ccrnn_report_add(script, " offset 0,0.4\n");
    if (column > 0)
        ccrnn_report_add(script, "set format y ''\nunset ylabel\n");
    else {
        ccrnn_report_add(script, "set format y '%%g'\nset ylabel '");
        ccrnn_report_add_axis(script, s->study, curve_of(s->ranking->measure));
        ccrnn_report_add(script, "' font ',13'\n");
    }
    add_horizontal_axis(s, script, panel);
    if (panel == 1)
        ccrnn_report_add(script, "unset label\n");
    add_plot(s, script, figure, panel);
}

static void add_vertical_axis(const struct search *s, struct ccrnn_report_text *script)
{
    const double low = s->range.smallest, high = s->range.largest, rim = 0.07;
    if (ccrnn_report_prefers_log(low, high))
        ccrnn_report_add(script, "set logscale y\nset yrange [%.9g:%.9g]\n",
                         low / pow(high / low, rim), high * pow(high / low, rim));
    else if (high > low)
        ccrnn_report_add(script, "set yrange [%.9g:%.9g]\n", low - rim * (high - low),
                         high + rim * (high - low));
}

static void write_panels(struct search *s, const struct ccrnn_report_figure *figure,
                         struct ccrnn_report_text *csv, struct ccrnn_report_text *script)
{
    const size_t rows = (s->panels + columns_of(s) - 1) / columns_of(s);
    const double legend =
        LEGEND_ROW * ceil((double)(s->coloured ? groups(s) + 1 : 1) / LEGEND_COLUMNS) + 8.0;
    const double height = legend + (double)rows * (PANEL + BELOW);
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, (unsigned)WIDTH,
                               (unsigned)ceil(height));
    ccrnn_report_add(script, "set multiplot\nunset key\nset grid lc rgb '#e4e4e4' lw 1 lt 1\n");
    add_legend(s, script, height);
    add_vertical_axis(s, script);
    ccrnn_report_add(csv, "x,mean,option,value,arm\n");
    for (size_t p = 0; p < s->panels; p++) {
        s->words = 0;
        for (size_t g = 0; g < groups(s); g++)
            add_block(s, csv, p, g);
        add_best(s, csv, p);
        add_panel(s, script, figure, p, height, legend);
    }
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
}

static void add_caption(const struct search *s, struct ccrnn_report_text *caption)
{
    bool words = false, log_axis = ccrnn_report_prefers_log(s->range.smallest, s->range.largest);
    for (size_t p = 0; p < s->panels; p++)
        words |= !s->scale[p].numbers;
    ccrnn_report_add(
        caption,
        "Each dot is an arm, at its mean over seeds; a panel shows one option, and the "
        "others vary too. Ring: the best of %zu arms.%s%s",
        s->study->arms, log_axis ? " The vertical axis is logarithmic." : "",
        words ? " Dots of a word lie side by side." : "");
    const size_t gone = s->study->arms - s->ranking->ranked;
    if (gone > 0)
        ccrnn_report_add(caption, " %zu %s without a finite value %s not in it.", gone,
                         gone == 1 ? "arm" : "arms", gone == 1 ? "is" : "are");
    if (s->left_out > 0)
        ccrnn_report_add(caption, " %zu more options vary.", s->left_out);
}

/* The options with at least two values that apply. */
static void choose_panels(struct search *s)
{
    for (size_t k = 0; k < s->options.keys; k++) {
        if (!s->options.searched[k])
            continue;
        if (s->panels == PANELS_MOST) {
            s->left_out++;
            continue;
        }
        ccrnn_report_option_scale(s->study, &s->options, k, s->scratch, &s->scale[s->panels]);
        s->key[s->panels++] = k;
    }
    for (size_t i = 0; i < s->study->arms; i++)
        ccrnn_report_widen(&s->range, s->ranking->mean[i]);
    s->coloured = s->options.families > 1 && s->options.families <= ccrnn_report_colours();
}

enum ccrnn_status ccrnn_report_figure_options(struct ccrnn_report_study *study,
                                              const struct ccrnn_report_ranking *ranking,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err)
{
    struct search s = {.study = study,
                       .ranking = ranking,
                       .range = {.smallest = INFINITY, .largest = -INFINITY}};
    struct ccrnn_report_text csv = {0}, script = {0}, caption = {0};
    void *memory;
    CCRNN_TRY(
        ccrnn_report_figure_start(study, "options", "What each option does", NULL, figure, err));
    figure->ranking = true;
    figure->alt = "One panel per option that was searched, a dot per arm.";
    if (ranking->ranked == 0)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_list_options(study, &s.options, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->arms, sizeof(double), &memory, err));
    s.scratch = memory;
    choose_panels(&s);
    if (s.panels == 0)
        return CCRNN_OK;
    write_panels(&s, figure, &csv, &script);
    add_caption(&s, &caption);
    return ccrnn_report_figure_save(study, figure, &csv, NULL, &script, &caption, directory, err);
}
