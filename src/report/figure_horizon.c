/* A sweep of the feedback horizon: error against it, and what the cerebellum changes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/dots.h"
#include "report/figures.h"
#include "report/sweep.h"
#include "report/task.h"

/* Layout in pixels of the svg. */
#define WIDTH 760.0
#define LEFT 92.0
#define RIGHT 24.0
#define PANEL 320.0
#define RATIO_PANEL 220.0
#define LEGEND_ROW 24.0
#define AXIS 84.0
/* Room beside the shortest and the longest horizon, as a factor. */
#define AROUND 1.15

struct horizons {
    struct ccrnn_report_study *study;
    const struct ccrnn_report_measure *measure; /* of the upper panel */
    const struct ccrnn_report_measure *curve;   /* of the same series; its label is short */
    enum ccrnn_report_series_id mean;           /* of the ratio */
    size_t *order;                              /* (arms) by group, then horizon */
    size_t groups;
    bool ratio; /* the second panel has points */
    double *scratch;
    struct ccrnn_report_range values, ratios; /* of the seeds shown */
    double shortest, longest;                 /* horizons */
};

static const struct ccrnn_report_arm *arm_at(const struct horizons *h, size_t place)
{
    return &h->study->arm[h->order[place]];
}

/* Arms by group and horizon; those without a known horizon last. */
static void sort_arms(struct horizons *h)
{
    for (size_t i = 0; i < h->study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &h->study->arm[i];
        size_t place = i;
        for (; place > 0; place--) {
            const struct ccrnn_report_arm *const before = arm_at(h, place - 1);
            const bool same = before->group_place == arm->group_place;
            const bool later = same ? before->horizon > arm->horizon || isnan(before->horizon)
                                    : before->group_place > arm->group_place;
            if (!later)
                break;
            h->order[place] = h->order[place - 1];
        }
        h->order[place] = i;
    }
}

/* Settings that may differ between an arm and its control: what a cerebellum has, and what makes no
 * numbers. */
static bool may_differ(const char *key)
{
    static const char *const keys[] = {
        "cerebellum",     "granule_layers",    "granule_units",
        "mossy_fibres",   "output_scale",      "feedback",
        "feedback_scale", "terminal_feedback", "cerebellar_loss",
        "epochs",         "checkpoint_every",  "checkpoint_epochs",
        "measure_every",  "kernels",           "gemm",
        "init_from",      "probe_every",       "probe_trials",
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

/* Clipping the cerebellum apart is to the cortex what clipping is without one. */
static const char *as_control(const char *key, const char *value)
{
    return strcmp(key, "clip") == 0 && strcmp(value, "separate") == 0 ? "joint" : value;
}

/* True if `other` is `arm` without its cerebellum, and otherwise the same. */
static bool is_control(const struct ccrnn_report_arm *arm, const struct ccrnn_report_arm *other)
{
    if (arm->alone || !other->alone || other->horizon != arm->horizon)
        return false;
    const struct ccrnn_report_run *const run = &other->run[0];
    for (size_t i = 0; i < run->settings; i++) {
        const char *const key = run->setting[i].key;
        const char *const mine = ccrnn_report_setting_of(arm, key);
        if (!may_differ(key) &&
            (mine == NULL || strcmp(as_control(key, mine), run->setting[i].value) != 0))
            return false;
    }
    return true;
}

static void add_row(struct ccrnn_report_text *csv, const struct ccrnn_report_arm *arm,
                    const double *value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ccrnn_report_add(csv, "%.9g,", value[i]);
    ccrnn_report_add_csv(csv, arm->label);
    ccrnn_report_add(csv, "\n");
}

/* Blocks 2g and 2g + 1 of the data are means and seeds of group g. */
static void add_errors(struct horizons *h, struct ccrnn_report_text *csv, size_t group)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(h->study, h->measure);
    struct ccrnn_report_text seeds = {0};
    for (size_t i = 0; i < h->study->arms; i++) {
        const struct ccrnn_report_arm *const arm = arm_at(h, i);
        struct ccrnn_summary s;
        if (arm->group_place != group || !isfinite(arm->horizon))
            continue;
        h->shortest = fmin(h->shortest, arm->horizon);
        h->longest = fmax(h->longest, arm->horizon);
        ccrnn_report_summarise_arm(arm, series, h->scratch, &s);
        const double sem = s.n > 1 ? s.sem : 0.0;
        add_row(csv, arm, (double[]){arm->horizon, s.mean, sem, (double)s.n}, 4);
        for (size_t r = 0; r < arm->runs; r++) {
            const double value = ccrnn_report_last(&arm->run[r], series);
            if (!arm->run[r].used || !isfinite(value))
                continue;
            add_row(&seeds, arm, (double[]){arm->horizon, value, NAN, (double)arm->run[r].seed},
                    4);
            ccrnn_report_widen(&h->values, value);
        }
    }
    ccrnn_report_add(csv, "nan,nan,nan,nan,\n\n\n%s\n\n\n",
                     seeds.bytes == NULL ? "nan,nan,nan,nan," : seeds.bytes);
    csv->failed |= seeds.failed;
    ccrnn_report_text_release(&seeds);
}

/* Ratio of the mean errors of two arms, seed by seed, into scratch. */
static size_t take_ratios(struct horizons *h, const struct ccrnn_report_arm *a,
                          const struct ccrnn_report_arm *b)
{
    size_t count = 0;
    for (size_t i = 0, k = 0; i < a->runs && k < b->runs;) {
        const struct ccrnn_report_run *const x = &a->run[i], *const y = &b->run[k];
        if (x->seed == y->seed && x->used && y->used)
            h->scratch[count++] = ccrnn_report_last(x, h->mean) / ccrnn_report_last(y, h->mean);
        i += x->seed <= y->seed;
        k += y->seed <= x->seed;
    }
    return count;
}

/* Means and seeds of a group's ratio to its control without a cerebellum. */
static void add_ratios(struct horizons *h, struct ccrnn_report_text *csv, size_t group)
{
    struct ccrnn_report_text seeds = {0};
    for (size_t i = 0; i < h->study->arms; i++) {
        const struct ccrnn_report_arm *const arm = arm_at(h, i);
        for (size_t k = 0; k < h->study->arms && arm->group_place == group; k++) {
            const struct ccrnn_report_arm *const other = arm_at(h, k);
            struct ccrnn_summary s;
            if (!is_control(arm, other))
                continue;
            const size_t count = take_ratios(h, arm, other);
            ccrnn_statistics_summarise(h->scratch, count, &s);
            h->ratio |= s.n > 0;
            add_row(csv, arm,
                    (double[]){arm->horizon, s.mean, s.n > 1 ? s.sem : 0.0, (double)s.n}, 4);
            for (size_t v = 0; v < count; v++) {
                add_row(&seeds, arm, (double[]){arm->horizon, h->scratch[v], NAN, NAN}, 4);
                ccrnn_report_widen(&h->ratios, h->scratch[v]);
            }
        }
    }
    ccrnn_report_add(csv, "nan,nan,nan,nan,\n\n\n%s\n\n\n",
                     seeds.bytes == NULL ? "nan,nan,nan,nan," : seeds.bytes);
    csv->failed |= seeds.failed;
    ccrnn_report_text_release(&seeds);
}

static const struct ccrnn_report_arm *first_of(const struct horizons *h, size_t group)
{
    size_t place = 0;
    while (h->study->arm[place].group_place != group)
        place++;
    return &h->study->arm[place];
}

/* Every horizon of the study as a tic: K, and below it K/T where T is known. */
static void add_tics(const struct horizons *h, struct ccrnn_report_text *script, bool named)
{
    const struct ccrnn_report_study *const study = h->study;
    const char *separator = "";
    ccrnn_report_add(script, "set xtics (");
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        bool again = !isfinite(arm->horizon);
        for (size_t k = 0; k < i; k++)
            again |= study->arm[k].horizon == arm->horizon;
        if (again)
            continue;
        ccrnn_report_add(script, "%s\"", separator);
        if (named)
            ccrnn_report_add(script, "%g", arm->horizon);
        if (named && isfinite(arm->steps))
            ccrnn_report_add(script, "\\n%.0f %%%%", 100.0 * arm->horizon / arm->steps);
        ccrnn_report_add(script, "\" %g", arm->horizon);
        separator = ", ";
    }
    ccrnn_report_add(script, ")\n");
}

static void add_group_plots(const struct horizons *h, struct ccrnn_report_text *script,
                            const struct ccrnn_report_figure *figure, size_t file)
{
    const char *separator = "plot";
    for (size_t g = 0; g < h->groups; g++) {
        const struct ccrnn_report_arm *const arm = first_of(h, g);
        const char *const colour = ccrnn_report_colour(g);
        if (file == 1 && arm->alone)
            continue;
        ccrnn_report_add(script,
                         "%s '%s' skip 1 index %zu using 1:2 with points pt 7 ps 0.45 lc rgb "
                         "'#80%s' notitle, \\\n"
                         "    '' skip 1 index %zu using 1:2:3 with yerrorlines lw 2 pt 7 ps 0.8 "
                         "lc rgb '%s' title ",
                         separator, figure->data[file], 2 * g + 1, colour + 1, 2 * g, colour);
        ccrnn_report_add_gnuplot(script, arm->group, CCRNN_REPORT_NAME_DRAWN);
        separator = ", \\\n    ";
    }
    ccrnn_report_add(script, "\n");
}

static void add_vertical_axis(const struct horizons *h, struct ccrnn_report_text *script,
                              const struct ccrnn_report_range *range)
{
    if (h->measure->narrow)
        ccrnn_report_add_narrow_axis(script, "y", range);
    else
        ccrnn_report_add(script, "set yrange [0:*]\n");
}

static void add_script(const struct horizons *h, struct ccrnn_report_text *script,
                       const struct ccrnn_report_figure *figure, bool log_axis)
{
    const double legend = LEGEND_ROW * ceil((double)h->groups / 2.0) + 10.0;
    const double below = h->ratio ? RATIO_PANEL + 26.0 : 0.0;
    const double height = legend + PANEL + below + AXIS;
    const double panel_width = WIDTH - LEFT - RIGHT;
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, (unsigned)WIDTH,
                               (unsigned)ceil(height));
    ccrnn_report_add(script,
                     "set multiplot\nset logscale x\nset grid lc rgb '#e4e4e4' lw 1 lt 1\n"
                     "set key above center horizontal Left reverse samplen 2\n"
                     "set xlabel '%s' offset 0,-0.7\nset xrange [%.9g:%.9g]\n",
                     h->ratio ? "" : "feedback horizon K in steps, and as share of the sequence",
                     h->shortest / AROUND, h->longest * AROUND);
    ccrnn_report_add_margins(script, WIDTH, height, LEFT, legend, panel_width, PANEL);
    add_tics(h, script, !h->ratio);
    ccrnn_report_add(script, "set ylabel '");
    ccrnn_report_add_axis(script, h->study, h->curve);
    ccrnn_report_add(script, log_axis ? "'\nset logscale y\nset format y '%%g'\n" : "'\n");
    if (!log_axis)
        add_vertical_axis(h, script, &h->values);
    add_group_plots(h, script, figure, 0);
    if (h->ratio) {
        ccrnn_report_add_margins(script, WIDTH, height, LEFT, legend + PANEL + 26.0, panel_width,
                                 RATIO_PANEL);
        add_tics(h, script, true);
        ccrnn_report_add(script,
                         "unset key\nunset logscale y\nset format y '%%g'\n"
                         "set xlabel 'feedback horizon K in steps, and as share of the "
                         "sequence'\nset ylabel 'normalised %s'\n"
                         "set arrow from graph 0, first 1 to graph 1, first 1 nohead dt (6,4) "
                         "lw 1.5 lc rgb '#606060'\n",
                         h->measure->captions ? "loss" : "error");
        add_vertical_axis(h, script, &h->ratios);
        add_group_plots(h, script, figure, 1);
    }
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
}

static void add_caption(const struct horizons *h, struct ccrnn_report_text *caption,
                        bool log_axis)
{
    const bool captions = h->measure->captions;
    ccrnn_report_add(caption,
                     "%s%s %s against the feedback horizon K, the steps of true backpropagation. "
                     "Mean over seeds ± standard error; small dots: single seeds. The horizontal "
                     "axis is%s logarithmic.",
                     h->ratio ? "Above: " : "", h->measure->noun,
                     captions ? "with the weights of each run’s best epoch"
                              : "after the last epoch",
                     log_axis ? " and the vertical axis are" : "");
    if (h->ratio)
        ccrnn_report_add(
            caption,
            " Below: normalised %s, the mean over all epochs of the validation %s "
            "divided by that of the arm without a cerebellum and otherwise the same, "
            "with the same seed; below the dashed line the cerebellum helps.",
            captions ? "loss" : "error", captions ? "loss" : "error");
    if (h->measure->narrow)
        ccrnn_report_add(caption, " The vertical %s not begin at 0.",
                         h->ratio ? "axes do" : "axis does");
}

static void choose_measure(struct horizons *h)
{
    const char *name = "final-validation-likelihood";
    h->mean = CCRNN_SERIES_MEAN_VALIDATION_NLL;
    if (h->study->task->captions) {
        name = "test-bits-per-word";
        h->mean = CCRNN_SERIES_MEAN_VALIDATION_BITS;
    } else if (ccrnn_report_has_data(h->study, CCRNN_SERIES_VALIDATION_ERROR)) {
        name = "final-validation-error";
        h->mean = CCRNN_SERIES_MEAN_VALIDATION_ERROR;
    }
    h->measure = ccrnn_report_final(name);
}

static enum ccrnn_status prepare(struct ccrnn_report_study *study, struct horizons *h,
                                 struct ccrnn_error *err)
{
    void *memory;
    h->study = study;
    choose_measure(h);
    h->curve = h->measure;
    for (size_t i = 0; i < ccrnn_report_curve_count; i++) {
        if (ccrnn_report_curves[i].series == h->measure->series)
            h->curve = &ccrnn_report_curves[i];
    }
    h->groups = ccrnn_report_groups(study);
    h->shortest = INFINITY;
    h->longest = -INFINITY;
    h->values = (struct ccrnn_report_range){.smallest = INFINITY, .largest = -INFINITY};
    /* the line at 1 is always in view */
    h->ratios = (struct ccrnn_report_range){.smallest = 1.0, .largest = 1.0};
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->arms, sizeof *h->order, &memory, err));
    h->order = memory;
    sort_arms(h);
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &memory, err));
    h->scratch = memory;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_figure_horizon(struct ccrnn_report_study *study,
                                              const char *directory,
                                              struct ccrnn_report_figure *figure,
                                              struct ccrnn_error *err)
{
    struct ccrnn_report_text errors = {0}, ratios = {0}, script = {0}, caption = {0};
    struct horizons h = {0};
    CCRNN_TRY(ccrnn_report_figure_start(study, "horizon", "Performance against feedback horizon",
                                        "-ratio.csv", figure, err));
    figure->alt = "One line per group of arms: final error against the feedback horizon.";
    CCRNN_TRY(prepare(study, &h, err));
    if (!study->sweep || !ccrnn_report_has_data(study, h.measure->series))
        return CCRNN_OK;
    ccrnn_report_add(&errors, "horizon,value,sem,n_or_seed,arm\n");
    ccrnn_report_add(&ratios, "horizon,ratio,sem,n,arm\n");
    for (size_t g = 0; g < h.groups; g++) {
        add_errors(&h, &errors, g);
        add_ratios(&h, &ratios, g);
    }
    const bool log_axis = ccrnn_report_prefers_log(h.values.smallest, h.values.largest);
    add_script(&h, &script, figure, log_axis);
    add_caption(&h, &caption, log_axis);
    return ccrnn_report_figure_save(study, figure, &errors, &ratios, &script, &caption, directory,
                                    err);
}
