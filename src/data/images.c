#include "ccrnn/images.h"

#include <stdlib.h>

#include "base/file.h"

enum { SIZES = 3, SIZE_BYTES = 8, BYTE_BITS = 8 };

void ccrnn_image_set_release(struct ccrnn_image_set *set)
{
    free(set->pixels);
    free(set->labels);
    *set = (struct ccrnn_image_set){0};
}

uint64_t ccrnn_image_set_fingerprint(const struct ccrnn_image_set *set)
{
    const uint64_t sizes[SIZES] = {set->count, set->rows, set->cols};
    uint8_t bytes[SIZES * SIZE_BYTES];
    for (int i = 0; i < SIZES * SIZE_BYTES; i++)
        bytes[i] = (uint8_t)(sizes[i / SIZE_BYTES] >> (BYTE_BITS * (i % SIZE_BYTES)));
    const size_t pixels = set->count * set->rows * set->cols;
    const uint32_t low =
        ccrnn_crc32(ccrnn_crc32(0, bytes, sizeof bytes), set->labels, set->count);
    return (uint64_t)ccrnn_crc32(0, set->pixels, pixels) << 32 | low;
}
