#include "report/drawings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "data/csv.h"
#include "report/figures.h"
#include "report/text.h"

struct point {
    int64_t cue, trial, t;
    uint64_t seed;
    double target[2], output[2];
};

struct points {
    struct point *point;
    size_t count, capacity;
};

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By cue, seed, trial, t. */
static int compare_points(const void *a, const void *b)
{
    const struct point *const x = a, *const y = b;
    if (x->cue != y->cue)
        return compare(x->cue, y->cue);
    if (x->seed != y->seed)
        return x->seed < y->seed ? -1 : 1;
    if (x->trial != y->trial)
        return compare(x->trial, y->trial);
    return compare(x->t, y->t);
}

static enum ccrnn_status read_point(const struct ccrnn_csv *csv, size_t row, uint64_t seed,
                                    struct point *point, struct ccrnn_error *err)
{
    point->seed = seed;
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 0, &point->trial, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 1, &point->cue, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 2, &point->t, err));
    for (size_t i = 0; i < 2; i++) {
        CCRNN_TRY(ccrnn_csv_real(csv, row, 3 + i, &point->target[i], err));
        CCRNN_TRY(ccrnn_csv_real(csv, row, 5 + i, &point->output[i], err));
    }
    return CCRNN_OK;
}

/* Add a run's points; those of a file with a damaged row are taken back. */
static enum ccrnn_status read_run(struct ccrnn_report_pool *pool,
                                  const struct ccrnn_report_run *run, struct points *points,
                                  struct ccrnn_error *err)
{
    static const char *const columns[] = {"trial",    "cue",      "t",       "target_x",
                                          "target_y", "output_x", "output_y"};
    const size_t before = points->count;
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "drawings.csv", err));
    CCRNN_TRY(ccrnn_csv_open(path, columns, sizeof columns / sizeof columns[0], &csv, err));
    enum ccrnn_status status = CCRNN_OK;
    for (size_t row = 0; row < ccrnn_csv_rows(csv) && status == CCRNN_OK; row++) {
        void *array = points->point;
        status = ccrnn_report_pool_grow(pool, &array, points->count, &points->capacity,
                                        sizeof *points->point, err);
        points->point = array;
        if (status == CCRNN_OK)
            status = read_point(csv, row, run->seed, &points->point[points->count++], err);
    }
    ccrnn_csv_close(csv);
    if (status != CCRNN_OK)
        points->count = before;
    return status;
}

static bool has_drawings(const struct ccrnn_report_run *run)
{
    char path[CCRNN_PATH_MAX];
    return ccrnn_path_join(path, sizeof path, run->path, "drawings.csv", NULL) == CCRNN_OK &&
           ccrnn_path_exists(path);
}

static enum ccrnn_status read_arm(struct ccrnn_report_study *study,
                                  const struct ccrnn_report_arm *arm, struct points *points,
                                  struct ccrnn_report_drawings *d, struct ccrnn_error *err)
{
    size_t chosen = 0;
    *points = (struct points){0};
    for (size_t r = 0; r < arm->runs && chosen < d->seeds_drawn; r++) {
        if (!arm->run[r].used)
            continue;
        chosen++;
        struct ccrnn_error detail;
        const enum ccrnn_status status = read_run(&study->pool, &arm->run[r], points, &detail);
        if (status == CCRNN_MEMORY)
            return ccrnn_fail(err, status, "%s", detail.message);
        d->unreadable += status != CCRNN_OK;
        d->damaged += status != CCRNN_OK && has_drawings(&arm->run[r]);
    }
    if (points->count > 1)
        qsort(points->point, points->count, sizeof *points->point, compare_points);
    return CCRNN_OK;
}

static bool same_trial(const struct point *a, const struct point *b)
{
    return a->cue == b->cue && a->seed == b->seed && a->trial == b->trial;
}

static bool same_targets(const struct point *a, const struct point *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].target[0] != b[i].target[0] || a[i].target[1] != b[i].target[1])
            return false;
    }
    return true;
}

/* Keep the first trials of every cue and seed, if they have the target of the cue's first trial:
 * one panel cannot show several targets of one cue. Points are sorted. */
static void thin(struct points *points, struct ccrnn_report_drawings *d)
{
    struct point *const point = points->point;
    size_t kept = 0, trials = 0, first = 0, first_length = 0;
    uint64_t seed = 0;
    for (size_t i = 0, end; i < points->count; i = end) {
        const bool other_cue = kept == 0 || point[i].cue != point[first].cue;
        end = i + 1;
        while (end < points->count && same_trial(&point[i], &point[end]))
            end++;
        trials = other_cue || point[i].seed != seed ? 1 : trials + 1;
        seed = point[i].seed;
        const bool fits = other_cue || (end - i == first_length &&
                                        same_targets(&point[first], &point[i], first_length));
        d->other_targets |= !fits;
        if (other_cue) {
            first = kept;
            first_length = end - i;
        }
        if (!fits || trials > d->trials_drawn)
            continue;
        memmove(&point[kept], &point[i], (end - i) * sizeof *point);
        kept += end - i;
    }
    points->count = kept;
}

static void add_rows(struct ccrnn_report_text *csv, const char *label,
                     const struct points *points)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct point *const p = &points->point[i];
        const struct point *const next = i + 1 < points->count ? p + 1 : NULL;
        ccrnn_report_add(csv, "%llu,%lld,%lld,%lld,%.9g,%.9g,%.9g,%.9g,",
                         (unsigned long long)p->seed, (long long)p->cue, (long long)p->trial,
                         (long long)p->t, p->target[0], p->target[1], p->output[0], p->output[1]);
        ccrnn_report_add_csv(csv, label);
        ccrnn_report_add(csv, "\n");
        if (next == NULL || next->cue != p->cue)
            ccrnn_report_add(csv, "\n\n");
        else if (next->seed != p->seed || next->trial != p->trial)
            ccrnn_report_add(csv, "\n");
    }
}

/* The cues of sorted points, rising. */
static enum ccrnn_status list_cues(struct ccrnn_report_pool *pool, const struct points *points,
                                   int64_t **cue, size_t *count, struct ccrnn_error *err)
{
    size_t capacity = 0;
    *cue = NULL;
    *count = 0;
    for (size_t i = 0; i < points->count; i++) {
        if (*count > 0 && (*cue)[*count - 1] == points->point[i].cue)
            continue;
        void *array = *cue;
        CCRNN_TRY(ccrnn_report_pool_grow(pool, &array, *count, &capacity, sizeof **cue, err));
        *cue = array;
        (*cue)[(*count)++] = points->point[i].cue;
    }
    return CCRNN_OK;
}

/* Merge `cue` into the study's cues; both rise. */
static enum ccrnn_status merge_cues(struct ccrnn_report_pool *pool,
                                    struct ccrnn_report_drawings *d, const int64_t *cue,
                                    size_t count, struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, d->cues + count, sizeof *cue, &memory, err));
    int64_t *const merged = memory;
    size_t n = 0;
    for (size_t i = 0, k = 0; i < d->cues || k < count;) {
        const bool first = k == count || (i < d->cues && d->cue[i] <= cue[k]);
        const bool second = i == d->cues || (k < count && cue[k] <= d->cue[i]);
        merged[n++] = first ? d->cue[i] : cue[k];
        i += first;
        k += second;
    }
    d->cue = merged;
    d->cues = n;
    return CCRNN_OK;
}

static void widen(const struct points *points, double low[2], double high[2])
{
    for (size_t i = 0; i < points->count; i++) {
        for (size_t axis = 0; axis < 2; axis++) {
            low[axis] = fmin(low[axis], points->point[i].target[axis]);
            high[axis] = fmax(high[axis], points->point[i].target[axis]);
        }
    }
}

static void set_axes(struct ccrnn_report_drawings *d, const double low[2], const double high[2])
{
    const double side = fmax(high[0] - low[0], high[1] - low[1]);
    d->middle_x = 0.5 * (low[0] + high[0]);
    d->middle_y = 0.5 * (low[1] + high[1]);
    d->half_range = side > 0.0 && isfinite(side) ? 0.5 * d->rim * side : 1.0;
    if (!isfinite(d->middle_x) || !isfinite(d->middle_y))
        d->middle_x = d->middle_y = 0.0;
}

/* Place of every cue of an arm among the study's. */
static void set_colours(const struct ccrnn_report_drawings *d, const int64_t *cue, size_t count,
                        size_t *colour)
{
    for (size_t c = 0, place = 0; c < count; c++) {
        while (d->cue[place] != cue[c])
            place++;
        colour[c] = place;
    }
}

/* An arm's cues, until all arms are read and their colours are known. */
struct cue_list {
    int64_t *cue;
    size_t count;
};

static enum ccrnn_status add_arm(struct ccrnn_report_study *study,
                                 const struct ccrnn_report_arm *arm, struct cue_list *list,
                                 struct ccrnn_report_drawings *d, struct ccrnn_report_text *csv,
                                 double low[2], double high[2], struct ccrnn_error *err)
{
    struct points points;
    CCRNN_TRY(read_arm(study, arm, &points, d, err));
    if (points.count == 0)
        return CCRNN_OK;
    thin(&points, d);
    widen(&points, low, high);
    add_rows(csv, arm->label, &points);
    CCRNN_TRY(list_cues(&study->pool, &points, &list->cue, &list->count, err));
    CCRNN_TRY(merge_cues(&study->pool, d, list->cue, list->count, err));
    void *colour;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, list->count, sizeof(size_t), &colour, err));
    struct ccrnn_report_drawn_arm *const drawn = &d->arm[d->arms];
    drawn->first_block = d->arms == 0 ? 0 : drawn[-1].first_block + drawn[-1].cues;
    drawn->label = arm->label;
    drawn->brief = arm->brief;
    drawn->line_colour = ccrnn_report_colour(arm->hue);
    drawn->cues = list->count;
    drawn->colour = colour;
    d->arms++;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_collect_drawings(struct ccrnn_report_study *study,
                                                const char *directory, const char *file,
                                                struct ccrnn_report_drawings *d,
                                                struct ccrnn_error *err)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    struct ccrnn_report_text csv = {0};
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->arms, sizeof *d->arm, &memory, err));
    d->arm = memory;
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, study->arms, sizeof(struct cue_list), &memory, err));
    struct cue_list *const lists = memory;
    ccrnn_report_add(&csv, "seed,cue,trial,t,target_x,target_y,output_x,output_y,arm\n");
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; i < study->arms && status == CCRNN_OK; i++)
        status = add_arm(study, &study->arm[i], &lists[d->arms], d, &csv, low, high, err);
    for (size_t i = 0; i < d->arms && status == CCRNN_OK; i++)
        set_colours(d, lists[i].cue, lists[i].count, d->arm[i].colour);
    set_axes(d, low, high);
    if (status == CCRNN_OK && d->arms > 0)
        status = ccrnn_report_text_save(&csv, directory, file, err);
    ccrnn_report_text_release(&csv);
    return status;
}
