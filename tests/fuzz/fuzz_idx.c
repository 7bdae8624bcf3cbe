/* Any bytes as an IDX file of images and of labels, as they are and compressed: read or refused,
 * never worse, and compression changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is the end of the plain file, and its header is the beginning. */
static void check_content(const struct ccrnn_idx *idx, const uint8_t *plain, size_t size)
{
    uint8_t header[CCRNN_IDX_HEADER_MAX];
    const size_t head = ccrnn_idx_header(idx, header);
    if (idx->size != idx->count * idx->rows * idx->cols || head + idx->size != size ||
        memcmp(header, plain, head) != 0 || memcmp(idx->values, plain + head, idx->size) != 0)
        abort();
}

/* Every byte must be readable. */
static void touch(const struct ccrnn_idx *idx)
{
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < idx->size; i++)
        sum = (uint8_t)(sum + idx->values[i]);
}

/* A gzip file with this content; the caller frees it. */
static uint8_t *compress_bytes(const uint8_t *data, size_t size, size_t *compressed)
{
    enum { GZIP = 15 + 16, MEMORY = 8 };
    z_stream stream = {.next_in = (z_const Bytef *)data, .avail_in = (uInt)size};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    const size_t room = deflateBound(&stream, size);
    uint8_t *const out = malloc(room);
    if (out == NULL)
        abort();
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    *compressed = stream.total_out;
    deflateEnd(&stream);
    return out;
}

static void try_kind(const uint8_t *data, size_t size, enum ccrnn_idx_kind kind)
{
    struct ccrnn_idx idx;
    struct ccrnn_error err;
    const enum ccrnn_status status = ccrnn_idx_parse("fuzz", data, size, kind, &idx, &err);
    const int is_gzip = size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
    if (status == CCRNN_OK) {
        touch(&idx);
        if (!is_gzip)
            check_content(&idx, data, size);
    } else if (idx.values != NULL || status != err.status) {
        abort();
    }
    ccrnn_idx_release(&idx);
    if (is_gzip)
        return;
    size_t compressed;
    uint8_t *const bytes = compress_bytes(data, size, &compressed);
    if (ccrnn_idx_parse("fuzz", bytes, compressed, kind, &idx, &err) != status)
        abort();
    if (status == CCRNN_OK)
        check_content(&idx, data, size);
    ccrnn_idx_release(&idx);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_kind(data, size, CCRNN_IDX_IMAGES);
    try_kind(data, size, CCRNN_IDX_LABELS);
    return 0;
}
