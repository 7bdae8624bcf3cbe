#include "report/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/utf8.h"

union block {
    void *previous;
    max_align_t aligned;
};

enum ccrnn_status ccrnn_report_pool_take(struct ccrnn_report_pool *pool, size_t count,
                                         size_t size, void **memory, struct ccrnn_error *err)
{
    *memory = NULL;
    union block *block = NULL;
    if (size == 0 || count <= (SIZE_MAX - sizeof *block) / size)
        block = calloc(1, sizeof *block + count * size);
    if (block == NULL) {
        (void)ccrnn_fail(err, CCRNN_MEMORY,
                         "The report needs more memory than there is (%zu elements of %zu bytes "
                         "were refused). Report fewer runs, or free some memory.",
                         count, size);
        return CCRNN_MEMORY;
    }
    block->previous = pool->last;
    pool->last = block;
    *memory = block + 1;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_pool_grow(struct ccrnn_report_pool *pool, void **array,
                                         size_t count, size_t *capacity, size_t size,
                                         struct ccrnn_error *err)
{
    if (count < *capacity)
        return CCRNN_OK;
    const size_t more = *capacity < 8 ? 8 : *capacity * 2;
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, more, size, &memory, err));
    if (count > 0)
        memcpy(memory, *array, count * size);
    *array = memory;
    *capacity = more;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_pool_text(struct ccrnn_report_pool *pool, const char *text,
                                         const char **copy, struct ccrnn_error *err)
{
    static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
    const char *const start = text == NULL ? "" : text;
    const size_t size = strlen(start);
    const unsigned char *from = (const unsigned char *)start;
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, size + 1, 3, &memory, err));
    char *to = memory;
    *copy = memory;
    while (*from != 0) {
        const char *const at = (const char *)from;
        const size_t length = ccrnn_utf8_sequence(at, size - (size_t)(at - start));
        const bool c1_control = from[0] == 0xC2 && from[1] >= 0x80 && from[1] < 0xA0;
        if (length == 0) {
            memcpy(to, replacement, 3);
            to += 3;
            from++;
        } else if (*from < 0x20 || *from == 0x7F || c1_control) {
            *to++ = ' ';
            from += length;
        } else {
            memcpy(to, from, length);
            to += length;
            from += length;
        }
    }
    return CCRNN_OK;
}

void ccrnn_report_pool_release(struct ccrnn_report_pool *pool)
{
    union block *block = pool->last;
    while (block != NULL) {
        union block *const previous = block->previous;
        free(block);
        block = previous;
    }
    pool->last = NULL;
}
