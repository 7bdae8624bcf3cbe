#define _GNU_SOURCE
#include "base/arena.h"

#include <stdint.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"

void *ccrnn_arena_take(struct ccrnn_arena *arena, size_t count, size_t element_size)
{
    size_t bytes, end;
    if (__builtin_mul_overflow(count, element_size, &bytes) ||
        __builtin_add_overflow(bytes, CCRNN_ARENA_ALIGNMENT - 1, &bytes)) {
        arena->overflow = true;
        return NULL;
    }
    bytes -= bytes % CCRNN_ARENA_ALIGNMENT;
    if (__builtin_add_overflow(arena->used, bytes, &end) || end > PTRDIFF_MAX) {
        arena->overflow = true;
        return NULL;
    }
    if (arena->base != NULL && end > arena->size) {
        arena->overflow = true;
        return NULL;
    }
    void *const piece = arena->base == NULL ? NULL : arena->base + arena->used;
    arena->used = end;
    return piece;
}

/* Large blocks lie on large pages where the system has them (Linux: transparent huge pages on request):
 * rows of a matrix that is wide are then not a page apart. */
enum { LARGE_PAGE = 1 << 21, LARGE_BLOCK = 8 * LARGE_PAGE };

static unsigned char *allocate(size_t size)
{
    if (size < LARGE_BLOCK || size > SIZE_MAX - LARGE_PAGE)
        return aligned_alloc(CCRNN_ARENA_ALIGNMENT, size);
    const size_t pages = (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    unsigned char *const block = aligned_alloc(LARGE_PAGE, pages);
#ifdef MADV_HUGEPAGE
    if (block != NULL)
        (void)madvise(block, pages, MADV_HUGEPAGE);
#endif
    return block;
}

enum ccrnn_status ccrnn_arena_allocate(struct ccrnn_arena *arena, struct ccrnn_error *err)
{
    const size_t size = arena->used > 0 ? arena->used : CCRNN_ARENA_ALIGNMENT;
    if (arena->overflow)
        return ccrnn_fail(
            err, CCRNN_MEMORY,
            "the sizes asked for need more memory than can be addressed; use a smaller "
            "batch, fewer steps or fewer units");
    arena->base = allocate(size);
    if (arena->base == NULL)
        return ccrnn_fail(
            err, CCRNN_MEMORY,
            "out of memory: %.1f MiB are needed at once; use a smaller batch, fewer "
            "steps or fewer units, or run fewer runs at a time (-j)",
            (double)size / (1024.0 * 1024.0));
    memset(arena->base, 0, size);
    arena->size = size;
    arena->used = 0;
    return CCRNN_OK;
}

void ccrnn_arena_free(struct ccrnn_arena *arena)
{
    free(arena->base);
    *arena = (struct ccrnn_arena){0};
}
