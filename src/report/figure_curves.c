/* Curves over epochs: mean ± SEM in front of faint single seeds. */
#include "report/figures.h"

#include <math.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

/* Points drawn of one faint line; longer ones are thinned. */
#define SEED_POINTS_DRAWN 400

/* The mean curve of one arm. */
struct mean_curve {
    struct ccrnn_report_epoch *epoch;
    size_t count;
};

/* What the script needs to know of the data. */
struct ranges {
    double smallest, largest; /* of the means */
    double floor, top;        /* the smallest positive and the largest value of a seed */
    size_t longest;           /* most points of a run */
    bool several_seeds;
};

/* Rows of one arm; gnuplot calls such a block, ended by two empty lines, an index. */
static void add_mean_rows(struct ccrnn_report_text *csv, const struct ccrnn_report_arm *arm,
                          const struct mean_curve *curve, struct ranges *ranges)
{
    for (size_t i = 0; i < curve->count; i++) {
        const struct ccrnn_summary *const s = &curve->epoch[i].summary;
        const double sem = s->n > 1 ? s->sem : 0.0;
        ccrnn_report_add(csv, "%llu,%zu,%.9g,%.9g,%.9g,%.9g,",
                         (unsigned long long)curve->epoch[i].step, s->n, s->mean, s->sem,
                         s->mean - sem, s->mean + sem);
        ccrnn_report_add_csv(csv, arm->label);
        ccrnn_report_add(csv, "\n");
        ranges->smallest = fmin(ranges->smallest, s->mean);
        ranges->largest = fmax(ranges->largest, s->mean);
        ranges->several_seeds |= s->n > 1;
    }
    ccrnn_report_add(csv, "\n\n");
}

static void add_seed_rows(struct ccrnn_report_text *csv, const struct ccrnn_report_arm *arm,
                          enum ccrnn_report_series_id id, struct ranges *ranges)
{
    for (size_t r = 0; r < arm->runs; r++) {
        const struct ccrnn_report_series *const series = &arm->run[r].series[id];
        if (!arm->run[r].used || series->count == 0)
            continue;
        for (size_t i = 0; i < series->count; i++) {
            const double value = series->point[i].value;
            ccrnn_report_add(csv, "%llu,%llu,%.9g,", (unsigned long long)arm->run[r].seed,
                             (unsigned long long)series->point[i].step, value);
            ccrnn_report_add_csv(csv, arm->label);
            ccrnn_report_add(csv, "\n");
            if (value > 0.0 && isfinite(value))
                ranges->floor = fmin(ranges->floor, value);
            if (isfinite(value))
                ranges->top = fmax(ranges->top, value);
        }
        ranges->longest = series->count > ranges->longest ? series->count : ranges->longest;
        ccrnn_report_add(csv, "\n");
    }
    ccrnn_report_add(csv, "\n");
}

/* Arms without this measure (similarity without a cerebellum) are left out of data and legend. */
static bool arm_has(const struct ccrnn_report_arm *arm, enum ccrnn_report_series_id id)
{
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].used && arm->run[r].series[id].count > 0)
            return true;
    }
    return false;
}

static enum ccrnn_status write_data(struct ccrnn_report_study *study,
                                    const struct ccrnn_report_measure *measure,
                                    const char *directory, struct ranges *ranges,
                                    struct ccrnn_error *err)
{
    const enum ccrnn_report_series_id id = measure->series;
    struct ccrnn_report_text means = {0}, seeds = {0};
    char name[128];
    ccrnn_report_add(&means, "epoch,n,mean,sem,mean_minus_sem,mean_plus_sem,arm\n");
    ccrnn_report_add(&seeds, "seed,epoch,value,arm\n");
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; i < study->arms && status == CCRNN_OK; i++) {
        struct mean_curve curve;
        if (!arm_has(&study->arm[i], id))
            continue;
        status = ccrnn_report_mean_curve(&study->pool, &study->arm[i], id, &curve.epoch,
                                         &curve.count, err);
        if (status == CCRNN_OK) {
            add_mean_rows(&means, &study->arm[i], &curve, ranges);
            add_seed_rows(&seeds, &study->arm[i], id, ranges);
        }
    }
    (void)ccrnn_format(name, sizeof name, "%s.csv", measure->name);
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&means, directory, name, err);
    (void)ccrnn_format(name, sizeof name, "%s-seeds.csv", measure->name);
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&seeds, directory, name, err);
    ccrnn_report_text_release(&means);
    ccrnn_report_text_release(&seeds);
    return status;
}

/* Colour, and from the second round of the palette on another dash. */
static void add_line_style(struct ccrnn_report_text *script, size_t arm)
{
    ccrnn_report_add(script, "lc rgb '%s' dt %zu", ccrnn_report_colour(arm),
                     arm / ccrnn_report_colours() + 1);
}

static void add_plot(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                     const struct ccrnn_report_measure *measure, const struct ranges *ranges,
                     size_t drawn)
{
    const char *separator = "plot";
    const bool seeds = drawn <= CCRNN_REPORT_ARMS_WITH_SEEDS && ranges->several_seeds;
    size_t index = 0;
    for (size_t i = 0; i < study->arms && seeds; i++) {
        if (!arm_has(&study->arm[i], measure->series))
            continue;
        ccrnn_report_add(script,
                         "%s '%s-seeds.csv' skip 1 index %zu every %zu using 2:3 with lines lw 1 "
                         "lc rgb '#c0%s' notitle",
                         separator, measure->name, index++,
                         ranges->longest / SEED_POINTS_DRAWN + 1, ccrnn_report_colour(i) + 1);
        separator = ", \\\n    ";
    }
    index = 0;
    for (size_t i = 0; i < study->arms && ranges->several_seeds; i++) {
        if (!arm_has(&study->arm[i], measure->series))
            continue;
        ccrnn_report_add(script,
                         "%s '%s.csv' skip 1 index %zu using 1:(above($5)):(above($6)) with "
                         "filledcurves fs transparent solid 0.25 noborder lc rgb '%s' notitle",
                         separator, measure->name, index++, ccrnn_report_colour(i));
        separator = ", \\\n    ";
    }
    index = 0;
    for (size_t i = 0; i < study->arms; i++) {
        if (!arm_has(&study->arm[i], measure->series))
            continue;
        ccrnn_report_add(script, "%s '%s.csv' skip 1 index %zu using 1:3 with lines lw 2.5 ",
                         separator, measure->name, index++);
        add_line_style(script, i);
        ccrnn_report_add(script, " title ");
        ccrnn_report_add_gnuplot(script, study->arm[i].label, CCRNN_REPORT_NAME_DRAWN);
        separator = ", \\\n    ";
    }
    ccrnn_report_add(script, "\n");
}

/* A seed far above all means is cut, so that it cannot flatten the rest. */
static void add_vertical_axis(struct ccrnn_report_text *script, const struct ranges *ranges,
                              bool log_axis)
{
    const double room_above_means = 3.0;
    double top = ranges->top;
    if (ranges->largest > 0.0)
        top = fmin(top, room_above_means * ranges->largest);
    if (log_axis)
        ccrnn_report_add(script,
                         "set logscale y\n"
                         "set format y '%%g'\n"
                         "set yrange [%.9g:%.9g]\n"
                         "above(v) = v > %.9g ? v : %.9g\n",
                         0.7 * ranges->floor, 1.4 * top, 0.7 * ranges->floor,
                         0.7 * ranges->floor);
    else if (ranges->smallest >= 0.0 && top > 0.0)
        ccrnn_report_add(script, "set yrange [0:%.9g]\nabove(v) = v\n", 1.05 * top);
    else
        ccrnn_report_add(script, "set yrange [*:*]\nabove(v) = v\n");
}

static enum ccrnn_status write_script(const struct ccrnn_report_study *study,
                                      const struct ccrnn_report_measure *measure,
                                      const char *directory, const struct ranges *ranges,
                                      size_t drawn, bool log_axis, struct ccrnn_error *err)
{
    struct ccrnn_report_text script = {0};
    char name[128];
    const unsigned legend = 24 * (unsigned)((drawn + 1) / 2);
    ccrnn_report_gnuplot_begin(&script, measure->name, measure->title, 760, 420 + legend);
    ccrnn_report_add(&script,
                     "set grid ytics lc rgb '#e4e4e4' lw 1 lt 1\n"
                     "set key above center horizontal Left reverse samplen 2.5\n"
                     "set xlabel 'epoch' offset 0,0.4\n"
                     "set ylabel '%s'\n"
                     "set xrange [0:*]\n",
                     measure->axis);
    add_vertical_axis(&script, ranges, log_axis);
    add_plot(&script, study, measure, ranges, drawn);
    ccrnn_report_gnuplot_end(&script);
    (void)ccrnn_format(name, sizeof name, "%s.gp", measure->name);
    const enum ccrnn_status status = ccrnn_report_text_save(&script, directory, name, err);
    ccrnn_report_text_release(&script);
    return status;
}

static enum ccrnn_status write_caption(struct ccrnn_report_study *study,
                                       const struct ccrnn_report_measure *measure,
                                       const struct ranges *ranges, size_t drawn, bool log_axis,
                                       struct ccrnn_report_figure *figure,
                                       struct ccrnn_error *err)
{
    struct ccrnn_report_text caption = {0};
    ccrnn_report_add(&caption, ranges->several_seeds
                                   ? "Lines: mean over seeds; bands: ± standard error of the mean"
                                   : "One run per arm");
    if (ranges->several_seeds && drawn <= CCRNN_REPORT_ARMS_WITH_SEEDS)
        ccrnn_report_add(&caption, "; faint lines: single seeds");
    ccrnn_report_add(&caption, ".%s Measure: %s.",
                     log_axis ? " The vertical axis is logarithmic." : "", measure->definition);
    enum ccrnn_status status = ccrnn_report_text_check(&caption, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&study->pool, caption.bytes, &figure->caption, err);
    ccrnn_report_text_release(&caption);
    return status;
}

enum ccrnn_status ccrnn_report_figure_curves(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_measure *measure,
                                             const char *directory,
                                             struct ccrnn_report_figure *figure,
                                             struct ccrnn_error *err)
{
    *figure = (struct ccrnn_report_figure){.name = measure->name, .title = measure->title};
    figure->alt = "One line per arm over the epochs of training.";
    figure->present = ccrnn_report_has_data(study, measure->series);
    if (!figure->present)
        return CCRNN_OK;
    struct ranges ranges = {
        .smallest = INFINITY, .largest = -INFINITY, .floor = INFINITY, .top = -INFINITY};
    size_t drawn = 0;
    for (size_t i = 0; i < study->arms; i++)
        drawn += arm_has(&study->arm[i], measure->series);
    CCRNN_TRY(write_data(study, measure, directory, &ranges, err));
    const bool log_axis = ccrnn_report_prefers_log(ranges.smallest, ranges.largest);
    CCRNN_TRY(write_script(study, measure, directory, &ranges, drawn, log_axis, err));
    CCRNN_TRY(write_caption(study, measure, &ranges, drawn, log_axis, figure, err));
    char name[128];
    (void)ccrnn_format(name, sizeof name, "%s.csv", measure->name);
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, name, &figure->data[0], err));
    (void)ccrnn_format(name, sizeof name, "%s-seeds.csv", measure->name);
    return ccrnn_report_pool_text(&study->pool, name, &figure->data[1], err);
}
