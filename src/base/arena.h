/** @file
 * One aligned block of memory, carved once: a dry pass measures, a second pass hands out
 * pointers.
 */
#ifndef CCRNN_BASE_ARENA_H
#define CCRNN_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/status.h"

/** Every piece starts on a multiple of this (bytes): a cache line, and the widest vector. */
#define CCRNN_ARENA_ALIGNMENT ((size_t)64)

struct ccrnn_arena {
    unsigned char *base; /**< NULL while measuring */
    size_t size;         /**< bytes of the block, 0 while measuring */
    size_t used;         /**< bytes handed out */
    bool overflow;       /**< a size did not fit into size_t */
};

/** Next zeroed piece of count · element_size bytes; NULL while measuring, or when the sizes
 * overflow. The same sequence of calls with the same sizes gives the same layout. */
void *ccrnn_arena_take(struct ccrnn_arena *arena, size_t count, size_t element_size);

/** Allocate what the dry pass measured in arena->used, zeroed, and rewind for the second pass.
 * CCRNN_MEMORY if the sizes overflowed or the system refuses. Free with ccrnn_arena_free(). */
enum ccrnn_status ccrnn_arena_allocate(struct ccrnn_arena *arena, struct ccrnn_error *err);

/** Free the block; safe on a zeroed struct. */
void ccrnn_arena_free(struct ccrnn_arena *arena);

#endif
