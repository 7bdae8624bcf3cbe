/* Scores of captions by length of the references: a panel a score, arms side by side. */
#include <math.h>

#include "base/error.h"
#include "report/dots.h"
#include "report/figures.h"
#include "report/task.h"

/* Share of a length's width its arms fill. */
#define FILLED 0.76
/* Layout in pixels of the svg. */
#define WIDTH 760.0
#define LEFT 92.0
#define RIGHT 24.0
#define PANEL 230.0
#define GAP 26.0
#define LEGEND_ROW 24.0
#define AXIS 62.0

/* Of an arm's mean and of its seeds from the middle of its place: a share of its width, and at most
 * so much of a length's width. */
#define BESIDE 0.16
#define BESIDE_MOST 0.03

const char *ccrnn_report_length_name(int64_t length)
{
    static const char *const names[CCRNN_REPORT_LENGTHS] = {"short", "medium", "long"};
    return length >= 0 && length < CCRNN_REPORT_LENGTHS ? names[length] : "";
}

const char *ccrnn_report_length_score(size_t number)
{
    static const char *const names[CCRNN_REPORT_LENGTH_SCORES] = {"cider-d", "bleu-4"};
    return number < CCRNN_REPORT_LENGTH_SCORES ? names[number] : NULL;
}

/* One panel's data being written. */
struct panel {
    const struct ccrnn_report_study *study;
    const struct ccrnn_report_measure *measure;
    struct ccrnn_report_range range; /* of the seeds */
    double *scratch;
};

/* A block of means and one of seeds: the arm's rows of all lengths. */
static void add_arm(struct panel *panel, size_t place, struct ccrnn_report_text *means,
                    struct ccrnn_report_text *seeds)
{
    const struct ccrnn_report_arm *const arm = &panel->study->arm[place];
    const double slot = FILLED / (double)panel->study->arms;
    const double beside = fmin(BESIDE * slot, BESIDE_MOST);
    const enum ccrnn_report_series_id series = panel->measure->series;
    for (int64_t length = 0; length < CCRNN_REPORT_LENGTHS; length++) {
        const double middle = (double)length - FILLED / 2.0 + ((double)place + 0.5) * slot;
        struct ccrnn_summary s;
        ccrnn_report_summarise_class(arm, series, length, panel->scratch, &s);
        ccrnn_report_add(means, "%d,%zu,%.9g,%.9g,%.9g,%s,", (int)length, s.n, s.mean,
                         s.n > 1 ? s.sem : 0.0, middle + beside, panel->measure->name);
        ccrnn_report_add_csv(means, arm->label);
        ccrnn_report_add(means, "\n");
        for (size_t r = 0; r < arm->runs; r++) {
            const double value = ccrnn_report_class_value_of(&arm->run[r], series, length, 0);
            if (!arm->run[r].used || !isfinite(value))
                continue;
            ccrnn_report_widen(&panel->range, value);
            ccrnn_report_add(seeds, "%d,%llu,%.9g,%.9g,%s,", (int)length,
                             (unsigned long long)arm->run[r].seed, value, middle - beside,
                             panel->measure->name);
            ccrnn_report_add_csv(seeds, arm->label);
            ccrnn_report_add(seeds, "\n");
        }
    }
    ccrnn_report_add(means, "\n\n");
    /* an arm without a value keeps its block, so that blocks and arms agree */
    ccrnn_report_add(seeds, "nan,nan,nan,nan,,\n\n\n");
}

static void add_plot(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                     const struct ccrnn_report_figure *figure, size_t number)
{
    const char *separator = "plot";
    for (size_t i = 0; i < study->arms; i++) {
        const char *const colour = study->arm[i].colour;
        ccrnn_report_add(script,
                         "%s '%s' skip 1 index %zu using 4:3 with points pt 7 ps 0.5 lc rgb "
                         "'#80%s' notitle, \\\n"
                         "    '%s' skip 1 index %zu using 5:3:4 with yerrorbars pt 7 ps 0.7 lw 2 "
                         "lc rgb '%s' title ",
                         separator, figure->data[1], number * study->arms + i, colour + 1,
                         figure->data[0], number * study->arms + i, colour);
        ccrnn_report_add_gnuplot(script, study->arm[i].label, CCRNN_REPORT_NAME_DRAWN);
        separator = ", \\\n    ";
    }
    ccrnn_report_add(script, "\n");
}

static double top_of(const struct ccrnn_report_study *study, size_t number)
{
    const double legend = LEGEND_ROW * ceil((double)study->arms / 2.0) + 10.0;
    return legend + (double)number * (PANEL + GAP);
}

static void add_panel(struct ccrnn_report_text *script, const struct panel *panel,
                      const struct ccrnn_report_figure *figure, size_t number, double height)
{
    const bool last = number + 1 == CCRNN_REPORT_LENGTH_SCORES;
    ccrnn_report_add_margins(script, WIDTH, height, LEFT, top_of(panel->study, number),
                             WIDTH - LEFT - RIGHT, PANEL);
    ccrnn_report_add(script, number == 0
                                 ? "set key above center horizontal Left reverse samplen 1.5\n"
                                 : "unset key\n");
    ccrnn_report_add(script, "set xlabel '%s' offset 0,0.4\nset ylabel '%s'\nset xtics scale 0 (",
                     last ? "length of the references" : "", panel->measure->axis);
    for (int length = 0; length < CCRNN_REPORT_LENGTHS; length++)
        ccrnn_report_add(script, "%s'%s' %d", length == 0 ? "" : ", ",
                         last ? ccrnn_report_length_name(length) : "", length);
    ccrnn_report_add(script, ")\n");
    ccrnn_report_add_narrow_axis(script, "y", &panel->range);
    add_plot(script, panel->study, figure, number);
}

static enum ccrnn_status write_panels(struct ccrnn_report_study *study, const char *directory,
                                      struct ccrnn_report_figure *figure, double *scratch,
                                      struct ccrnn_report_text text[4], struct ccrnn_error *err)
{
    struct ccrnn_report_text *const means = &text[0], *const seeds = &text[1];
    struct ccrnn_report_text *const script = &text[2], *const caption = &text[3];
    const double height = top_of(study, CCRNN_REPORT_LENGTH_SCORES - 1) + PANEL + AXIS;
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, (unsigned)WIDTH,
                               (unsigned)ceil(height));
    ccrnn_report_add(script, "set multiplot\nset errorbars 0.6\nset xrange [-0.5:2.5]\n"
                             "set grid ytics lc rgb '#e4e4e4' lw 1 lt 1\n");
    for (int length = 1; length < CCRNN_REPORT_LENGTHS; length++)
        ccrnn_report_add(script,
                         "set arrow from %d.5,graph 0 to %d.5,graph 1 nohead back lw 1 "
                         "lc rgb '#e4e4e4'\n",
                         length - 1, length - 1);
    ccrnn_report_add(means, "class,n,mean,sem,place,measure,arm\n");
    ccrnn_report_add(seeds, "class,seed,value,place,measure,arm\n");
    for (size_t number = 0; number < CCRNN_REPORT_LENGTH_SCORES; number++) {
        struct panel panel = {.study = study,
                              .measure = ccrnn_report_final(ccrnn_report_length_score(number)),
                              .range = {.smallest = INFINITY, .largest = -INFINITY},
                              .scratch = scratch};
        for (size_t i = 0; i < study->arms; i++)
            add_arm(&panel, i, means, seeds);
        add_panel(script, &panel, figure, number, height);
    }
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
    ccrnn_report_add(caption,
                     "Large dots and bars: mean over seeds ± standard error; small dots: single "
                     "seeds. Short, medium and long are thirds of the test images by the mean "
                     "length of their references. Higher is better. The vertical axes do not "
                     "begin at 0.");
    CCRNN_TRY(ccrnn_report_text_save(means, directory, figure->data[0], err));
    CCRNN_TRY(ccrnn_report_text_save(seeds, directory, figure->data[1], err));
    return ccrnn_report_figure_finish(study, figure, script, caption, directory, err);
}

/* True if a used run has a finite value of a length. */
static bool has_lengths(const struct ccrnn_report_study *study, double *scratch)
{
    for (size_t number = 0; number < CCRNN_REPORT_LENGTH_SCORES; number++) {
        const enum ccrnn_report_series_id series =
            ccrnn_report_final(ccrnn_report_length_score(number))->series;
        for (size_t i = 0; i < study->arms; i++) {
            for (int64_t length = 0; length < CCRNN_REPORT_LENGTHS; length++) {
                struct ccrnn_summary s;
                ccrnn_report_summarise_class(&study->arm[i], series, length, scratch, &s);
                if (s.n > 0)
                    return true;
            }
        }
    }
    return false;
}

enum ccrnn_status ccrnn_report_figure_lengths(struct ccrnn_report_study *study,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err)
{
    struct ccrnn_report_text text[4] = {{0}};
    void *scratch;
    CCRNN_TRY(ccrnn_report_figure_start(
        study, "score-by-length", "Score by length of the caption", "-seeds.csv", figure, err));
    figure->alt = "Two panels: for short, medium and long captions and each arm the seeds, their "
                  "mean and its standard error.";
    figure->lengths = true;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    if (!study->task->captions || !has_lengths(study, scratch))
        return CCRNN_OK;
    const enum ccrnn_status status = write_panels(study, directory, figure, scratch, text, err);
    for (size_t i = 0; i < 4; i++)
        ccrnn_report_text_release(&text[i]);
    return status;
}
