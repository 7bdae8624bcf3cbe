#include "study/curve.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "data/csv.h"

enum { STEP, SPLIT, METRIC, VALUE, COLUMNS };

static const char *const columns[COLUMNS] = {"step", "split", "metric", "value"};

static enum ccrnn_status take_rows(const struct ccrnn_csv *csv, const char *split,
                                   const char *metric, struct ccrnn_curve *curve,
                                   struct ccrnn_error *err)
{
    for (size_t i = 0; i < ccrnn_csv_rows(csv); i++) {
        if (strcmp(ccrnn_csv_text(csv, i, SPLIT), split) != 0 ||
            strcmp(ccrnn_csv_text(csv, i, METRIC), metric) != 0)
            continue;
        CCRNN_TRY(ccrnn_csv_real(csv, i, STEP, &curve->epoch[curve->count], err));
        CCRNN_TRY(ccrnn_csv_real(csv, i, VALUE, &curve->value[curve->count], err));
        curve->count++;
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_curve_read(const char *directory, const char *split, const char *metric,
                                   struct ccrnn_curve *curve, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv = NULL;
    *curve = (struct ccrnn_curve){0};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "metrics.csv", err));
    CCRNN_TRY(ccrnn_csv_open(path, columns, COLUMNS, &csv, err));
    const size_t most = ccrnn_csv_rows(csv) + 1;
    curve->epoch = calloc(most, sizeof *curve->epoch);
    curve->value = calloc(most, sizeof *curve->value);
    enum ccrnn_status status;
    if (curve->epoch == NULL || curve->value == NULL)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the rows of %s", path);
    else
        status = take_rows(csv, split, metric, curve, err);
    ccrnn_csv_close(csv);
    return status;
}

void ccrnn_curve_release(struct ccrnn_curve *curve)
{
    free(curve->epoch);
    free(curve->value);
    *curve = (struct ccrnn_curve){0};
}
