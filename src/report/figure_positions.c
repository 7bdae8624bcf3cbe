/* Loss of captions by position of the word: a line an arm. */
#include <math.h>

#include "base/error.h"
#include "report/dots.h"
#include "report/figures.h"
#include "report/task.h"

/* Arms keep apart at a position by so much in all, in positions. */
#define APART 0.3
/* Wide enough a figure to name every position up to so many. */
#define POSITIONS_NAMED 30

/* The positions of the figure, rising. */
struct positions {
    int64_t *position;
    size_t count;
    struct ccrnn_report_range range; /* of the means and their standard errors */
    double *scratch;
};

/* A block of the data: an arm's mean at every position. */
static void add_arm(struct ccrnn_report_text *csv, const struct ccrnn_report_study *study,
                    struct positions *p, size_t place)
{
    const struct ccrnn_report_arm *const arm = &study->arm[place];
    const double shift = APART * (((double)place + 0.5) / (double)study->arms - 0.5);
    for (size_t i = 0; i < p->count; i++) {
        struct ccrnn_summary s;
        ccrnn_report_summarise_class(arm, CCRNN_SERIES_TEST_BITS, p->position[i], p->scratch, &s);
        const double sem = s.n > 1 ? s.sem : 0.0;
        ccrnn_report_widen(&p->range, s.mean - sem);
        ccrnn_report_widen(&p->range, s.mean + sem);
        ccrnn_report_add(csv, "%lld,%zu,%.9g,%.9g,%.9g,", (long long)p->position[i], s.n, s.mean,
                         sem, (double)p->position[i] + shift);
        ccrnn_report_add_csv(csv, arm->label);
        ccrnn_report_add(csv, "\n");
    }
    ccrnn_report_add(csv, "\n\n");
}

static void add_script(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_figure *figure, const struct positions *p)
{
    const unsigned legend = 24 * (unsigned)((study->arms + 1) / 2);
    const char *separator = "plot";
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, 760, 360 + legend);
    ccrnn_report_add(script,
                     "set errorbars 0.5\nset grid ytics lc rgb '#e4e4e4' lw 1 lt 1\n"
                     "set key above center horizontal Left reverse samplen 2\n"
                     "set xlabel 'position of the word' offset 0,0.4\n"
                     "set ylabel 'test loss (bits per word)'\nset xrange [%.9g:%.9g]\n",
                     (double)p->position[0] - 0.5, (double)p->position[p->count - 1] + 0.5);
    if (p->count <= POSITIONS_NAMED)
        ccrnn_report_add(script, "set xtics 1\n");
    ccrnn_report_add_narrow_axis(script, "y", &p->range);
    for (size_t i = 0; i < study->arms; i++) {
        ccrnn_report_add(script,
                         "%s '%s' skip 1 index %zu using 5:3:4 with yerrorlines lw 2 pt 7 ps 0.5 "
                         "lc rgb '%s' dt %zu title ",
                         separator, figure->data[0], i, study->arm[i].colour, study->arm[i].dash);
        ccrnn_report_add_gnuplot(script, study->arm[i].label, CCRNN_REPORT_NAME_DRAWN);
        separator = ", \\\n    ";
    }
    ccrnn_report_add(script, "\n");
    ccrnn_report_gnuplot_end(script);
}

enum ccrnn_status ccrnn_report_figure_positions(struct ccrnn_report_study *study,
                                                const char *directory,
                                                struct ccrnn_report_figure *figure,
                                                struct ccrnn_error *err)
{
    struct ccrnn_report_text csv = {0}, script = {0}, caption = {0};
    struct positions p = {.range = {.smallest = INFINITY, .largest = -INFINITY}};
    void *memory;
    CCRNN_TRY(ccrnn_report_figure_start(study, "loss-by-position", "Loss by position of the word",
                                        NULL, figure, err));
    figure->alt = "One line per arm: the loss at the first word, the second, and so on.";
    if (!study->task->captions)
        return CCRNN_OK;
    CCRNN_TRY(
        ccrnn_report_list_classes(study, CCRNN_SERIES_TEST_BITS, &p.position, &p.count, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &memory, err));
    p.scratch = memory;
    if (p.count == 0)
        return CCRNN_OK;
    ccrnn_report_add(&csv, "position,n,mean,sem,place,arm\n");
    for (size_t i = 0; i < study->arms; i++)
        add_arm(&csv, study, &p, i);
    add_script(&script, study, figure, &p);
    ccrnn_report_add(&caption,
                     "Mean over seeds ± standard error of the test loss at each position; 1 is "
                     "the first word after &lt;start&gt;, and the last position of a caption is "
                     "its &lt;end&gt;. Late positions are those of long captions only. The "
                     "vertical axis does not begin at 0.");
    return ccrnn_report_figure_save(study, figure, &csv, NULL, &script, &caption, directory, err);
}
