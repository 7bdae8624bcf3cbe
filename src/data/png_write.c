/* Writing PNG files (ISO/IEC 15948): signature, then chunks of length, type, data and CRC. */
#define _GNU_SOURCE
#include "data/png_write.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"

enum { WORD = 4, HEADER = 13, GREY_BITS = 8 };

static void put_word(uint8_t bytes[WORD], uint32_t value)
{
    for (int i = 0; i < WORD; i++)
        bytes[i] = (uint8_t)(value >> (GREY_BITS * (WORD - 1 - i)));
}

static enum ccrnn_status add_chunk(struct ccrnn_file_writer *file, const char type[WORD + 1],
                                   const uint8_t *data, size_t size, struct ccrnn_error *err)
{
    uint8_t length[WORD], check[WORD];
    put_word(length, (uint32_t)size);
    put_word(check, ccrnn_crc32(ccrnn_crc32(0, type, WORD), data, size));
    CCRNN_TRY(ccrnn_file_writer_add(file, length, sizeof length, err));
    CCRNN_TRY(ccrnn_file_writer_add(file, type, WORD, err));
    if (size > 0)
        CCRNN_TRY(ccrnn_file_writer_add(file, data, size, err));
    return ccrnn_file_writer_add(file, check, sizeof check, err);
}

static enum ccrnn_status add_image(struct ccrnn_file_writer *file, const uint8_t *packed,
                                   size_t packed_size, size_t width, size_t height,
                                   struct ccrnn_error *err)
{
    static const char signature[] = "\x89PNG\r\n\x1a\n";
    uint8_t header[HEADER] = {[2 * WORD] =
                                  GREY_BITS}; /* the rest 0: grey, deflate, no interlace */
    put_word(header, (uint32_t)width);
    put_word(header + WORD, (uint32_t)height);
    CCRNN_TRY(ccrnn_file_writer_add(file, signature, sizeof signature - 1, err));
    CCRNN_TRY(add_chunk(file, "IHDR", header, sizeof header, err));
    CCRNN_TRY(add_chunk(file, "IDAT", packed, packed_size, err));
    return add_chunk(file, "IEND", NULL, 0, err);
}

static enum ccrnn_status write_packed(const char *path, const uint8_t *packed, size_t packed_size,
                                      size_t width, size_t height, struct ccrnn_error *err)
{
    struct ccrnn_file_writer *file;
    CCRNN_TRY(ccrnn_file_writer_open(path, &file, err));
    const enum ccrnn_status status = add_image(file, packed, packed_size, width, height, err);
    if (status == CCRNN_OK)
        return ccrnn_file_writer_commit(file, err);
    ccrnn_file_writer_abandon(file);
    return status;
}

enum ccrnn_status ccrnn_png_write(const char *path, const uint8_t *grey, size_t width,
                                  size_t height, struct ccrnn_error *err)
{
    if (width < 1 || width > CCRNN_PNG_SIDE_MAX || height < 1 || height > CCRNN_PNG_SIDE_MAX)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s: an image of %zu × %zu pixels; each side must be 1 … %d", path,
                          width, height, CCRNN_PNG_SIDE_MAX);
    /* Before each row one byte names its filter: 0, none. */
    const size_t raw_size = height * (width + 1);
    uLongf packed_size = compressBound(raw_size);
    uint8_t *const raw = calloc(raw_size, 1), *const packed = malloc(packed_size);
    enum ccrnn_status status = CCRNN_MEMORY;
    if (raw != NULL && packed != NULL) {
        for (size_t row = 0; row < height; row++)
            memcpy(raw + row * (width + 1) + 1, grey + row * width, width);
        if (compress2(packed, &packed_size, raw, raw_size, Z_BEST_COMPRESSION) == Z_OK)
            status = CCRNN_OK;
    }
    free(raw);
    if (status == CCRNN_OK)
        status = write_packed(path, packed, packed_size, width, height, err);
    else
        ccrnn_fail(err, status, "%s: no memory to compress an image; free some", path);
    free(packed);
    return status;
}
