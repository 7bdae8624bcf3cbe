/** @file
 * Reader for the comma-separated files of a run (metrics.csv, drawings.csv): RFC 4180, UTF-8, a
 * header line, every line ended by a newline (LF or CRLF).
 */
#ifndef CCRNN_DATA_CSV_H
#define CCRNN_DATA_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** An open file; opaque, read-only, held in memory. */
struct ccrnn_csv;

/** Read and check a file.
 * @param columns the header must consist of exactly these `column_count` ≥ 1 names in this order
 * @param[out] csv NULL on failure; else release it with ccrnn_csv_close
 * @return CCRNN_IO if it cannot be read; CCRNN_FORMAT with file:line for an empty file, another
 *         header, a wrong number of fields, bad quotes, a zero byte, a last line without newline
 *         (a truncated file). */
enum ccrnn_status ccrnn_csv_open(const char *path, const char *const *columns,
                                 size_t column_count, struct ccrnn_csv **csv,
                                 struct ccrnn_error *err);

/** The same for bytes in memory, which are copied; `path` is the name used in messages. */
enum ccrnn_status ccrnn_csv_parse(const char *path, const uint8_t *bytes, size_t size,
                                  const char *const *columns, size_t column_count,
                                  struct ccrnn_csv **csv, struct ccrnn_error *err);

/** Release; NULL is fine. */
void ccrnn_csv_close(struct ccrnn_csv *csv);

/** Number of rows without the header. */
size_t ccrnn_csv_rows(const struct ccrnn_csv *csv);

/** Line of the file (from 1) on which row `row` begins; for messages. */
size_t ccrnn_csv_line(const struct ccrnn_csv *csv, size_t row);

/** A field without its quotes, as long as the file is open. row < rows, column < column_count. */
const char *ccrnn_csv_text(const struct ccrnn_csv *csv, size_t row, size_t column);

/** A field as a number; `nan`, `inf` and `-inf` too. CCRNN_FORMAT with file:line and column if it
 * is none; *value is then untouched. */
enum ccrnn_status ccrnn_csv_real(const struct ccrnn_csv *csv, size_t row, size_t column,
                                 double *value, struct ccrnn_error *err);

/** A field as an integer; as ccrnn_csv_real. */
enum ccrnn_status ccrnn_csv_integer(const struct ccrnn_csv *csv, size_t row, size_t column,
                                    int64_t *value, struct ccrnn_error *err);

#endif
