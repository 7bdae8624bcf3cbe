/* Curves over epochs: mean ± SEM in front of faint single seeds. */
#include "report/figures.h"

#include <math.h>

#include "base/error.h"

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
    bool seeds, bands;                       /* single seeds and standard errors are drawn */
    struct ccrnn_report_word_model model[2]; /* horizontal lines */
    size_t models;
    bool models_differ;
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
                                    struct ccrnn_report_figure *figure, const char *directory,
                                    struct ranges *ranges, struct ccrnn_error *err)
{
    const enum ccrnn_report_series_id id = figure->measure->series;
    struct ccrnn_report_text means = {0}, seeds = {0};
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
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&means, directory, figure->data[0], err);
    if (status == CCRNN_OK)
        status = ccrnn_report_text_save(&seeds, directory, figure->data[1], err);
    ccrnn_report_text_release(&means);
    ccrnn_report_text_release(&seeds);
    return status;
}

static void add_plot(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                     const struct ccrnn_report_figure *figure, const struct ranges *ranges)
{
    const enum ccrnn_report_series_id id = figure->measure->series;
    const char *separator = "plot";
    size_t index = 0;
    for (size_t i = 0; i < study->arms && ranges->seeds; i++) {
        if (!arm_has(&study->arm[i], id))
            continue;
        ccrnn_report_add(script,
                         "%s '%s' skip 1 index %zu every %zu using 2:3 with lines lw 1 "
                         "lc rgb '#c0%s' notitle",
                         separator, figure->data[1], index++,
                         ranges->longest / SEED_POINTS_DRAWN + 1, study->arm[i].colour + 1);
        separator = ", \\\n    ";
    }
    index = 0;
    for (size_t i = 0; i < study->arms && ranges->bands; i++) {
        if (!arm_has(&study->arm[i], id))
            continue;
        ccrnn_report_add(script,
                         "%s '%s' skip 1 index %zu using 1:(above($5)):(above($6)) with "
                         "filledcurves fs transparent solid 0.25 noborder lc rgb '%s' notitle",
                         separator, figure->data[0], index++, study->arm[i].colour);
        separator = ", \\\n    ";
    }
    index = 0;
    for (size_t i = 0; i < study->arms; i++) {
        if (!arm_has(&study->arm[i], id))
            continue;
        ccrnn_report_add(
            script, "%s '%s' skip 1 index %zu using 1:3 with %s lw 2.5 lc rgb '%s' dt %zu title ",
            separator, figure->data[0], index++,
            ranges->longest > 1 ? "lines" : "linespoints pt 7 ps 0.7", study->arm[i].colour,
            study->arm[i].dash);
        ccrnn_report_add_gnuplot(script, study->arm[i].label, CCRNN_REPORT_NAME_DRAWN);
        separator = ", \\\n    ";
    }
    ccrnn_report_add(script, "\n");
}

/* What is drawn beside the loss on data never trained on. */
static void find_word_models(const struct ccrnn_report_study *study,
                             const struct ccrnn_report_measure *measure, struct ranges *ranges)
{
    if (measure->series != CCRNN_SERIES_VALIDATION_BITS)
        return;
    ranges->models = ccrnn_report_word_models(study, ranges->model, &ranges->models_differ);
}

/* Their lines, with a name above the right end of each. */
static void add_word_models(struct ccrnn_report_text *script, const struct ranges *ranges)
{
    for (size_t i = 0; i < ranges->models; i++)
        ccrnn_report_add(script,
                         "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead "
                         "dt (6,4) lw 1.5 lc rgb '#606060'\n"
                         "set label '%s' at graph 0.99, first %.9g right offset 0,0.6 "
                         "tc rgb '#404040'\n",
                         ranges->model[i].bits, ranges->model[i].bits, ranges->model[i].name,
                         ranges->model[i].bits);
}

/* Around all seeds and word models; a seed far above all means is cut. */
static void add_narrow_axis(struct ccrnn_report_text *script, const struct ranges *ranges,
                            double top)
{
    const double rim = 0.06;
    double low = fmin(ranges->floor, ranges->smallest), high = top;
    for (size_t i = 0; i < ranges->models; i++) {
        low = fmin(low, ranges->model[i].bits);
        high = fmax(high, ranges->model[i].bits);
    }
    const double width = high > low ? high - low : 1.0;
    ccrnn_report_add(script, "set yrange [%.9g:%.9g]\nabove(v) = v\n", low - rim * width,
                     high + rim * width);
}

/* A seed far above all means is cut, so that it cannot flatten the rest. */
static void add_vertical_axis(struct ccrnn_report_text *script, const struct ranges *ranges,
                              bool narrow, bool log_axis)
{
    const double room_above_means = 3.0;
    double top = ranges->top;
    if (ranges->largest > 0.0)
        top = fmin(top, room_above_means * ranges->largest);
    if (narrow)
        add_narrow_axis(script, ranges, top);
    else if (log_axis)
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

static void add_script(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_figure *figure, const struct ranges *ranges,
                       size_t drawn, bool log_axis)
{
    const unsigned legend = 24 * (unsigned)((drawn + 1) / 2);
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, 760, 420 + legend);
    ccrnn_report_add(script, "set grid ytics lc rgb '#e4e4e4' lw 1 lt 1\n"
                             "set key above center horizontal Left reverse samplen 2.5\n"
                             "set xlabel 'epoch' offset 0,0.4\n"
                             "set ylabel '");
    ccrnn_report_add_axis(script, study, figure->measure);
    ccrnn_report_add(script, "'\nset xrange [0:*]\n");
    add_vertical_axis(script, ranges, figure->measure->narrow, log_axis);
    add_word_models(script, ranges);
    add_plot(script, study, figure, ranges);
    ccrnn_report_gnuplot_end(script);
}

static void add_caption(struct ccrnn_report_text *caption,
                        const struct ccrnn_report_measure *measure, const struct ranges *ranges,
                        bool log_axis)
{
    ccrnn_report_add(caption,
                     ranges->several_seeds ? "Lines: mean over seeds" : "One run per arm");
    if (ranges->bands)
        ccrnn_report_add(caption, "; bands: ± standard error of the mean");
    if (ranges->seeds)
        ccrnn_report_add(caption, "; faint lines: single seeds");
    ccrnn_report_add(caption, ".%s Measure: %s.",
                     log_axis ? " The vertical axis is logarithmic." : "", measure->definition);
    for (size_t i = 0; i < ranges->models; i++)
        ccrnn_report_add(caption, "%s%s (knows %s), %.2f bits per word",
                         i == 0 ? " Dashed: word models that know nothing of the image, on test "
                                  "images: "
                                : "; ",
                         ranges->model[i].name, ranges->model[i].what, ranges->model[i].bits);
    if (ranges->models > 0)
        ccrnn_report_add(caption, ".");
    if (ranges->models_differ)
        ccrnn_report_add(caption, " Word models on which the runs do not agree are not drawn.");
    if (measure->narrow)
        ccrnn_report_add(caption, " The vertical axis does not begin at 0.");
}

enum ccrnn_status ccrnn_report_figure_curves(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_measure *measure,
                                             const char *directory,
                                             struct ccrnn_report_figure *figure,
                                             struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_report_figure_start(study, measure->name, measure->title, "-seeds.csv",
                                        figure, err));
    figure->alt = "One line per arm over the epochs of training.";
    figure->learning = true;
    figure->measure = measure;
    if (!ccrnn_report_shows(study, measure))
        return CCRNN_OK;
    struct ranges ranges = {
        .smallest = INFINITY, .largest = -INFINITY, .floor = INFINITY, .top = -INFINITY};
    size_t drawn = 0;
    for (size_t i = 0; i < study->arms; i++)
        drawn += arm_has(&study->arm[i], measure->series);
    CCRNN_TRY(write_data(study, figure, directory, &ranges, err));
    find_word_models(study, measure, &ranges);
    /* in a sweep they would lie over each other */
    const bool crowded = study->sweep && study->arms >= CCRNN_REPORT_ARMS_WITH_SEEDS;
    ranges.seeds = ranges.several_seeds && !crowded && drawn <= CCRNN_REPORT_ARMS_WITH_SEEDS;
    ranges.bands = ranges.several_seeds && !crowded;
    struct ccrnn_report_text script = {0}, caption = {0};
    /* a cosine may be 0 or below, and a share is read on an even axis */
    const bool bounded = measure->unit == CCRNN_UNIT_NONE || measure->narrow;
    const bool log_axis = !bounded && ccrnn_report_prefers_log(ranges.smallest, ranges.largest);
    add_script(&script, study, figure, &ranges, drawn, log_axis);
    add_caption(&caption, measure, &ranges, log_axis);
    const enum ccrnn_status status =
        ccrnn_report_figure_finish(study, figure, &script, &caption, directory, err);
    ccrnn_report_text_release(&script);
    ccrnn_report_text_release(&caption);
    return status;
}
