/* Any bytes as a metrics.csv: read or refused, never worse. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const columns[] = {"step", "split", "metric", "value"};
    struct ccrnn_csv *csv;
    struct ccrnn_error err;
    if (ccrnn_csv_parse("fuzz.csv", data, size, columns, 4, &csv, &err) != CCRNN_OK)
        return 0;
    size_t line = 1;
    for (size_t row = 0; row < ccrnn_csv_rows(csv); row++) {
        int64_t step;
        double value;
        if (ccrnn_csv_line(csv, row) <= line)
            abort();
        line = ccrnn_csv_line(csv, row);
        if (strlen(ccrnn_csv_text(csv, row, 1)) > size)
            abort();
        (void)ccrnn_csv_integer(csv, row, 0, &step, &err);
        (void)ccrnn_csv_real(csv, row, 3, &value, &err);
    }
    ccrnn_csv_close(csv);
    return 0;
}
