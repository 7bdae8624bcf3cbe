#include "report/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

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

/* Length of the valid UTF-8 sequence at `s` (RFC 3629), 0 if there is none. */
static size_t sequence_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    size_t length = 2;
    if (s[0] >= 0xE0)
        length = s[0] >= 0xF0 ? 4 : 3;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    const bool too_large = s[0] == 0xF4 && s[1] > 0x8F;
    return overlong || surrogate || too_large ? 0 : length;
}

enum ccrnn_status ccrnn_report_pool_text(struct ccrnn_report_pool *pool, const char *text,
                                         const char **copy, struct ccrnn_error *err)
{
    static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
    const unsigned char *from = (const unsigned char *)(text == NULL ? "" : text);
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(pool, strlen((const char *)from) + 1, 3, &memory, err));
    char *to = memory;
    *copy = memory;
    while (*from != 0) {
        const size_t length = sequence_length(from);
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
