/** @file
 * Memory of one report: taken piece by piece, released all at once.
 */
#ifndef CCRNN_REPORT_POOL_H
#define CCRNN_REPORT_POOL_H

#include <stddef.h>

#include "ccrnn/status.h"

/** All zero is an empty pool. */
struct ccrnn_report_pool {
    void *last;
};

/** `count` × `size` zeroed bytes, aligned as malloc aligns, in *memory (never NULL on success).
 * @return CCRNN_MEMORY, *memory then NULL */
enum ccrnn_status ccrnn_report_pool_take(struct ccrnn_report_pool *pool, size_t count,
                                         size_t size, void **memory, struct ccrnn_error *err);

/** Make room for one more element of `size` bytes in *array, which holds `count` of `*capacity`;
 * a new array is twice as long and the old one stays in the pool. */
enum ccrnn_status ccrnn_report_pool_grow(struct ccrnn_report_pool *pool, void **array,
                                         size_t count, size_t *capacity, size_t size,
                                         struct ccrnn_error *err);

/** A copy of `text` that is safe to show: valid UTF-8 (anything else becomes U+FFFD) and without
 * control characters (which become spaces). NULL gives "". */
enum ccrnn_status ccrnn_report_pool_text(struct ccrnn_report_pool *pool, const char *text,
                                         const char **copy, struct ccrnn_error *err);

/** Release everything; the pool is then empty. */
void ccrnn_report_pool_release(struct ccrnn_report_pool *pool);

#endif
