#include "report/paper_elements.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/measures.h"

static struct ccrnn_report_text *next(struct ccrnn_report_text *plot)
{
    if (plot->length > 0)
        ccrnn_report_add(plot, ", \\\n    ");
    return plot;
}

static void count_seeds(struct ccrnn_paper_panel *panel, size_t n)
{
    if (n == 0)
        return;
    panel->n_least = n < panel->n_least ? n : panel->n_least;
    panel->n_most = n > panel->n_most ? n : panel->n_most;
}

/* --- samples ------------------------------------------------------------------------------- */

static enum ccrnn_status start_sample(struct ccrnn_paper_sheet *sheet, size_t most, double x,
                                      const char *arm, struct ccrnn_paper_sample *sample,
                                      struct ccrnn_error *err)
{
    struct ccrnn_report_pool *const pool = &sheet->study->pool;
    void *memory;
    *sample = (struct ccrnn_paper_sample){.x = x, .arm = arm};
    CCRNN_TRY(ccrnn_report_pool_take(pool, most, sizeof *sample->seed, &memory, err));
    sample->seed = memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, most, sizeof *sample->value, &memory, err));
    sample->value = memory;
    return CCRNN_OK;
}

static void add_value(struct ccrnn_paper_sample *sample, uint64_t seed, double value)
{
    sample->seed[sample->count] = seed;
    sample->value[sample->count++] = value;
}

enum ccrnn_status ccrnn_paper_sample_of(struct ccrnn_paper_sheet *sheet,
                                        const struct ccrnn_paper_arm *arm,
                                        enum ccrnn_report_series_id series, double x,
                                        struct ccrnn_paper_sample *sample,
                                        struct ccrnn_error *err)
{
    const size_t most = arm == NULL ? 0 : arm->arm->runs;
    CCRNN_TRY(start_sample(sheet, most, x, arm == NULL ? "" : arm->arm->label, sample, err));
    for (size_t r = 0; r < most; r++) {
        const struct ccrnn_report_run *const run = &arm->arm->run[r];
        if (run->used && run->series[series].count > 0)
            add_value(sample, run->seed, ccrnn_report_last(run, series));
    }
    return CCRNN_OK;
}

enum ccrnn_status
ccrnn_paper_sample_contrast(struct ccrnn_paper_sheet *sheet, const struct ccrnn_paper_arm *a,
                            const struct ccrnn_paper_arm *b, enum ccrnn_report_series_id series,
                            enum ccrnn_paper_contrast contrast, double x,
                            struct ccrnn_paper_sample *sample, struct ccrnn_error *err)
{
    const bool both = a != NULL && b != NULL;
    const size_t of_a = both ? a->arm->runs : 0, of_b = both ? b->arm->runs : 0;
    CCRNN_TRY(start_sample(sheet, of_a, x, both ? a->arm->label : "", sample, err));
    for (size_t i = 0, k = 0; i < of_a && k < of_b;) {
        const struct ccrnn_report_run *const first = &a->arm->run[i];
        const struct ccrnn_report_run *const second = &b->arm->run[k];
        const double u = ccrnn_report_last(first, series), v = ccrnn_report_last(second, series);
        if (first->seed == second->seed && first->used && second->used)
            add_value(sample, first->seed, contrast == CCRNN_PAPER_RATIO ? u / v : u - v);
        i += first->seed <= second->seed;
        k += second->seed <= first->seed;
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_test(struct ccrnn_paper_sheet *sheet,
                                   const struct ccrnn_paper_arm *a,
                                   const struct ccrnn_paper_arm *b,
                                   enum ccrnn_report_series_id series,
                                   struct ccrnn_paired_test *test, struct ccrnn_error *err)
{
    void *scratch;
    if (a == NULL || b == NULL) {
        ccrnn_statistics_paired_test(NULL, NULL, 0, test);
        return CCRNN_OK;
    }
    CCRNN_TRY(ccrnn_report_pool_take(&sheet->study->pool, a->arm->runs + b->arm->runs,
                                     sizeof(double), &scratch, err));
    ccrnn_report_compare_arms(a->arm, b->arm, series, scratch, test);
    return CCRNN_OK;
}

/* --- curves -------------------------------------------------------------------------------- */

void ccrnn_paper_add_line(struct ccrnn_paper_panel *panel, const struct ccrnn_report_epoch *point,
                          size_t count, const char *arm, const struct ccrnn_paper_style *style)
{
    struct ccrnn_paper_sheet *const sheet = panel->sheet;
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = point[i].summary.n > most ? point[i].summary.n : most;
    if (most == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct ccrnn_summary *const s = &point[i].summary;
        const double sem = s->n > 1 ? s->sem : 0.0, step = (double)point[i].step;
        ccrnn_paper_row(sheet, panel, (double[]){step, s->mean, s->mean - sem, s->mean + sem},
                        (long long)s->n, -1, "mean", arm);
        ccrnn_report_widen(&panel->x, step);
        ccrnn_report_widen(&panel->y, s->mean);
        ccrnn_report_widen(&panel->y, s->mean + sem);
    }
    count_seeds(panel, most);
    ccrnn_paper_list(sheet, style);
    const size_t block = ccrnn_paper_block_end(sheet);
    ccrnn_report_add(next(&panel->back),
                     "'%s.csv' skip 1 index %zu using 1:(hi(lo($3))):(hi(lo($4))) with "
                     "filledcurves fs transparent solid 0.22 noborder lc rgb '%s'",
                     sheet->name, block, style->colour);
    ccrnn_report_add(next(&panel->front),
                     "'%s.csv' skip 1 index %zu using 1:2 with %s lw %g lc rgb '%s' dt %s",
                     sheet->name, block, count > 1 ? "lines" : "points pt 7 ps 0.4", style->width,
                     style->colour, style->dash);
}

enum ccrnn_status ccrnn_paper_add_curve(struct ccrnn_paper_panel *panel,
                                        const struct ccrnn_paper_arm *arm,
                                        enum ccrnn_report_series_id series,
                                        const struct ccrnn_paper_style *style,
                                        struct ccrnn_error *err)
{
    struct ccrnn_report_epoch *epoch;
    size_t count;
    CCRNN_TRY(ccrnn_report_mean_curve(&panel->sheet->study->pool, arm->arm, series, &epoch,
                                      &count, err));
    ccrnn_paper_add_line(panel, epoch, count, arm->arm->label, style);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_add_curves(struct ccrnn_paper_panel *panel,
                                         const struct ccrnn_paper_task *task,
                                         const char *const *base,
                                         enum ccrnn_report_series_id series,
                                         struct ccrnn_error *err)
{
    panel->x_least = 0.0;
    for (; *base != NULL; base++) {
        const struct ccrnn_paper_arm *const arm =
            strcmp(*base, "full BPTT") == 0 ? ccrnn_paper_find_full(panel->sheet, task)
                                            : ccrnn_paper_find(panel->sheet, task, *base);
        if (arm != NULL)
            CCRNN_TRY(
                ccrnn_paper_add_curve(panel, arm, series, ccrnn_paper_style_of(*base), err));
    }
    return CCRNN_OK;
}

/* --- means and seeds ----------------------------------------------------------------------- */

/* A block of seeds; they stand beside their mean. @return false: no finite value */
static bool add_seeds(struct ccrnn_paper_panel *panel, const struct ccrnn_paper_sample *sample,
                      size_t samples, const struct ccrnn_paper_look *look)
{
    bool any = false;
    for (size_t i = 0; i < samples; i++) {
        for (size_t v = 0; v < sample[i].count; v++) {
            const double x = sample[i].x, value = sample[i].value[v];
            if (!isfinite(value))
                continue;
            ccrnn_paper_row(panel->sheet, panel, (double[]){x, value, NAN, NAN}, -1,
                            (long long)sample[i].seed[v], "seed", sample[i].arm);
            ccrnn_report_widen(&panel->y, value);
            any = true;
        }
    }
    if (!any)
        return false;
    const size_t block = ccrnn_paper_block_end(panel->sheet);
    if (look->seeds)
        ccrnn_report_add(next(&panel->back),
                         "'%s.csv' skip 1 index %zu using ($1%s%.6g):2 with points pt 7 ps 0.28 "
                         "lc rgb '#90%s'",
                         panel->sheet->name, block, panel->log_x ? "*" : "+",
                         panel->log_x ? 1.0 + look->beside : look->beside,
                         look->style->colour + 1);
    return true;
}

void ccrnn_paper_add_samples(struct ccrnn_paper_panel *panel,
                             const struct ccrnn_paper_sample *sample, size_t samples,
                             const struct ccrnn_paper_look *look)
{
    const struct ccrnn_paper_style *const style = look->style;
    if (!add_seeds(panel, sample, samples, look))
        return;
    for (size_t i = 0; i < samples; i++) {
        struct ccrnn_summary s;
        ccrnn_statistics_summarise(sample[i].value, sample[i].count, &s);
        if (s.n == 0)
            continue;
        const double sem = s.n > 1 ? s.sem : 0.0;
        const double low = look->confidence ? s.ci_low : s.mean - sem;
        const double high = look->confidence ? s.ci_high : s.mean + sem;
        ccrnn_paper_row(panel->sheet, panel, (double[]){sample[i].x, s.mean, low, high},
                        (long long)s.n, -1, "mean", sample[i].arm);
        count_seeds(panel, s.n);
        ccrnn_report_widen(&panel->x, sample[i].x);
        if (!look->confidence)
            ccrnn_report_widen(&panel->y, high);
    }
    const size_t block = ccrnn_paper_block_end(panel->sheet);
    ccrnn_paper_list(panel->sheet, style);
    ccrnn_report_add(
        next(&panel->front),
        "'%s.csv' skip 1 index %zu using 1:(hi(lo($3))):(0):(hi(lo($4))-hi(lo($3))) with "
        "vectors nohead lw 1.4 lc rgb '%s', \\\n"
        "    '' skip 1 index %zu using 1:2 with points pt %d ps 0.5 lw 1.2 lc rgb '%s'",
        panel->sheet->name, block, style->colour, block, style->shape, style->colour);
    if (look->line)
        ccrnn_report_add(next(&panel->front),
                         "'%s.csv' skip 1 index %zu using 1:2 with lines lw %g lc rgb '%s' dt %s",
                         panel->sheet->name, block, style->width, style->colour, style->dash);
}

void ccrnn_paper_add_pairs(struct ccrnn_paper_panel *panel, const struct ccrnn_paper_sample *a,
                           const struct ccrnn_paper_sample *b)
{
    size_t pairs = 0;
    for (size_t i = 0; i < a->count; i++) {
        for (size_t k = 0; k < b->count; k++) {
            if (a->seed[i] != b->seed[k] || !isfinite(a->value[i]) || !isfinite(b->value[k]))
                continue;
            ccrnn_report_add(&panel->sheet->csv, "%s", pairs++ == 0 ? "" : "\n");
            ccrnn_paper_row(panel->sheet, panel, (double[]){a->x, a->value[i], NAN, NAN}, -1,
                            (long long)a->seed[i], "pair", a->arm);
            ccrnn_paper_row(panel->sheet, panel, (double[]){b->x, b->value[k], NAN, NAN}, -1,
                            (long long)b->seed[k], "pair", b->arm);
        }
    }
    if (pairs > 0)
        ccrnn_report_add(next(&panel->back),
                         "'%s.csv' skip 1 index %zu using 1:2 with lines lw 0.6 lc rgb '#c8c8c8'",
                         panel->sheet->name, ccrnn_paper_block_end(panel->sheet));
}

void ccrnn_paper_add_level(struct ccrnn_paper_panel *panel,
                           const struct ccrnn_paper_sample *sample,
                           const struct ccrnn_paper_style *style)
{
    struct ccrnn_summary s;
    ccrnn_statistics_summarise(sample->value, sample->count, &s);
    if (s.n == 0)
        return;
    const double sem = s.n > 1 ? s.sem : 0.0;
    ccrnn_paper_row(panel->sheet, panel, (double[]){NAN, s.mean, s.mean - sem, s.mean + sem},
                    (long long)s.n, -1, "level", sample->arm);
    (void)ccrnn_paper_block_end(panel->sheet);
    ccrnn_paper_list(panel->sheet, style);
    count_seeds(panel, s.n);
    ccrnn_report_widen(&panel->y, s.mean);
    ccrnn_report_widen(&panel->y, s.mean + sem);
    ccrnn_report_add(&panel->labels,
                     "set object rectangle from graph 0, first hi(lo(%.9g)) to graph 1, "
                     "first hi(lo(%.9g)) behind fs transparent solid 0.2 noborder fc rgb '%s'\n"
                     "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead back "
                     "lw %g lc rgb '%s' dt %s\n",
                     s.mean - sem, s.mean + sem, style->colour, s.mean, s.mean, style->width,
                     style->colour, style->dash);
}

/* --- tests --------------------------------------------------------------------------------- */

/* A block of the difference, its interval, and p. */
static void add_test_rows(struct ccrnn_paper_panel *panel, double x,
                          const struct ccrnn_paired_test *test, const char *arm)
{
    const struct ccrnn_summary *const d = &test->difference;
    ccrnn_paper_row(panel->sheet, panel, (double[]){x, d->mean, d->ci_low, d->ci_high},
                    (long long)test->pairs, -1, "difference", arm);
    ccrnn_paper_row(panel->sheet, panel, (double[]){x, test->p, NAN, NAN}, (long long)test->pairs,
                    -1, "p", arm);
    (void)ccrnn_paper_block_end(panel->sheet);
}

static const char *stars_of(double p)
{
    static const double below[] = {0.001, 0.01, 0.05};
    static const char *const stars[] = {"***", "**", "*", "ns"};
    size_t i = 0;
    while (i < 3 && !(p < below[i]))
        i++;
    return stars[i];
}

void ccrnn_paper_add_stars(struct ccrnn_paper_panel *panel, double x,
                           const struct ccrnn_paired_test *test, size_t row, const char *colour,
                           const char *arm)
{
    const double row_height = 3.0, first_row = 1.8;
    if (test->pairs == 0)
        return;
    add_test_rows(panel, x, test, arm);
    if (!isfinite(test->p))
        return;
    ccrnn_report_add(
        &panel->labels, "set label '%s' at first %.9g, screen 1 - %.3f/H center tc rgb '%s'\n",
        stars_of(test->p), x, panel->top + first_row + row_height * (double)row, colour);
}

void ccrnn_paper_add_bracket(struct ccrnn_paper_panel *panel, double from, double to,
                             const struct ccrnn_paired_test *test, const char *arm)
{
    const double line = 3.2, text = 1.4;
    if (test->pairs == 0)
        return;
    add_test_rows(panel, (from + to) / 2.0, test, arm);
    if (!isfinite(test->p))
        return;
    ccrnn_report_add(&panel->labels, "set label 'p ");
    ccrnn_report_add_p(&panel->labels, test->p, true);
    ccrnn_report_add(&panel->labels,
                     "' at first %.9g, screen 1 - %.3f/H center\n"
                     "set arrow from first %.9g, screen 1 - %.3f/H to first %.9g, "
                     "screen 1 - %.3f/H nohead lw 0.8 lc rgb '#404040'\n",
                     (from + to) / 2.0, panel->top + text, from, panel->top + line, to,
                     panel->top + line);
}

/* --- sweeps -------------------------------------------------------------------------------- */

enum ccrnn_status ccrnn_paper_add_sweep_as(struct ccrnn_paper_panel *panel,
                                           const struct ccrnn_paper_task *task, const char *base,
                                           const char *key,
                                           double (*place)(const struct ccrnn_paper_arm *),
                                           enum ccrnn_report_series_id series,
                                           const struct ccrnn_paper_style *style,
                                           struct ccrnn_error *err)
{
    struct ccrnn_paper_sheet *const sheet = panel->sheet;
    struct ccrnn_paper_sample *sample;
    double *value;
    void *memory;
    size_t count;
    CCRNN_TRY(ccrnn_paper_values(sheet, task, base, key, &value, &count, err));
    CCRNN_TRY(ccrnn_report_pool_take(&sheet->study->pool, count, sizeof *sample, &memory, err));
    sample = memory;
    for (size_t i = 0; i < count; i++) {
        const struct ccrnn_paper_arm *const arm =
            ccrnn_paper_find_at(sheet, task, base, key, value[i]);
        CCRNN_TRY(ccrnn_paper_sample_of(sheet, arm, series, place(arm), &sample[i], err));
    }
    ccrnn_paper_add_samples(panel, sample, count,
                            &(struct ccrnn_paper_look){.style = style,
                                                       .line = true,
                                                       .seeds = strcmp(base, "sham") != 0});
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_paper_add_sweep(struct ccrnn_paper_panel *panel,
                                        const struct ccrnn_paper_task *task, const char *base,
                                        const char *key,
                                        double (*place)(const struct ccrnn_paper_arm *),
                                        enum ccrnn_report_series_id series,
                                        struct ccrnn_error *err)
{
    return ccrnn_paper_add_sweep_as(panel, task, base, key, place, series,
                                    ccrnn_paper_style_of(base), err);
}
