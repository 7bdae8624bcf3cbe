#include "report/paper_places.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/csv.h"

struct places {
    struct ccrnn_paper_place *place;
    size_t count, capacity;
};

static int compare(const void *a, const void *b)
{
    const struct ccrnn_paper_place *const x = a, *const y = b;
    if (x->epoch != y->epoch)
        return x->epoch < y->epoch ? -1 : 1;
    return (x->t > y->t) - (x->t < y->t);
}

/* The t of "METRIC.t"; false if the name is another. */
static bool parse(const char *name, const char *metric, uint64_t *t)
{
    const size_t length = strlen(metric);
    return strncmp(name, metric, length) == 0 && name[length] == '.' &&
           ccrnn_parse_unsigned(name + length + 1, t) && *t <= INT32_MAX;
}

static enum ccrnn_status read_run(struct ccrnn_report_pool *pool,
                                  const struct ccrnn_report_run *run, const char *metric,
                                  struct places *places, struct ccrnn_error *err)
{
    static const char *const columns[] = {"step", "split", "metric", "value"};
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "metrics.csv", err));
    CCRNN_TRY(ccrnn_csv_open(path, columns, 4, &csv, err));
    enum ccrnn_status status = CCRNN_OK;
    for (size_t row = 0; row < ccrnn_csv_rows(csv) && status == CCRNN_OK; row++) {
        uint64_t t;
        int64_t step = 0;
        double value = NAN;
        if (strcmp(ccrnn_csv_text(csv, row, 1), "validation") != 0 ||
            !parse(ccrnn_csv_text(csv, row, 2), metric, &t))
            continue;
        status = ccrnn_csv_integer(csv, row, 0, &step, err);
        if (status == CCRNN_OK)
            status = ccrnn_csv_real(csv, row, 3, &value, err);
        if (status != CCRNN_OK || step < 0 || !isfinite(value))
            continue;
        void *array = places->place;
        status = ccrnn_report_pool_grow(pool, &array, places->count, &places->capacity,
                                        sizeof *places->place, err);
        places->place = array;
        if (status == CCRNN_OK)
            places->place[places->count++] =
                (struct ccrnn_paper_place){(uint64_t)step, (int64_t)t, value, 1};
    }
    ccrnn_csv_close(csv);
    return status;
}

enum ccrnn_status ccrnn_paper_places_read(struct ccrnn_report_pool *pool,
                                          const struct ccrnn_report_arm *arm, const char *metric,
                                          struct ccrnn_paper_place **place, size_t *places,
                                          struct ccrnn_error *err)
{
    struct places all = {0};
    size_t kept = 0;
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].used)
            CCRNN_TRY(read_run(pool, &arm->run[r], metric, &all, err));
    }
    if (all.count > 1)
        qsort(all.place, all.count, sizeof *all.place, compare);
    for (size_t i = 0; i < all.count; i++) {
        struct ccrnn_paper_place *const last = kept == 0 ? NULL : &all.place[kept - 1];
        if (last != NULL && compare(last, &all.place[i]) == 0) {
            last->sum += all.place[i].sum;
            last->n++;
        } else {
            all.place[kept++] = all.place[i];
        }
    }
    *place = all.place;
    *places = kept;
    return CCRNN_OK;
}
