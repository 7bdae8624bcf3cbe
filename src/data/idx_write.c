/* Writing IDX files, plain or compressed. */
#define _GNU_SOURCE
#define ZLIB_CONST
#include "data/idx_write.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"

enum {
    IDX_UNSIGNED_BYTE = 0x08, /* type of an element */
    DIMS_MAX = 3,
    SIZE_BYTES = 4,
    HEADER_MAX = SIZE_BYTES * (1 + DIMS_MAX),
    GZIP_WINDOW = 15 + 16, /* zlib: the largest window, in gzip's wrapping */
    GZIP_MEMORY = 8,       /* zlib's default */
    PIECE = 1 << 16        /* of compressed output */
};

static enum ccrnn_status fail_memory(const char *path, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "%s: no memory to compress it; free some, or write it without .gz", path);
}

/* Hand `size` bytes to zlib and what comes out to the file; with `flush` Z_FINISH the last ones. */
static enum ccrnn_status compress_bytes(z_stream *zlib, struct ccrnn_file_writer *file,
                                        const uint8_t *bytes, size_t size, int flush,
                                        struct ccrnn_error *err)
{
    uint8_t piece[PIECE];
    size_t left = size;
    zlib->next_in = bytes;
    do {
        /* Its counter of input is narrower than a size. */
        const size_t now = left < INT_MAX ? left : INT_MAX;
        zlib->avail_in = (uInt)now;
        left -= now;
        do {
            zlib->next_out = piece;
            zlib->avail_out = sizeof piece;
            (void)deflate(zlib, left == 0 ? flush : Z_NO_FLUSH);
            CCRNN_TRY(ccrnn_file_writer_add(file, piece, sizeof piece - zlib->avail_out, err));
        } while (zlib->avail_out == 0);
    } while (left > 0);
    return CCRNN_OK;
}

static enum ccrnn_status add_compressed(struct ccrnn_file_writer *file, const char *path,
                                        const uint8_t *header, size_t header_size,
                                        const uint8_t *bytes, size_t size,
                                        struct ccrnn_error *err)
{
    z_stream zlib = {0};
    if (deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return fail_memory(path, err);
    enum ccrnn_status status = compress_bytes(&zlib, file, header, header_size, Z_NO_FLUSH, err);
    if (status == CCRNN_OK)
        status = compress_bytes(&zlib, file, bytes, size, Z_FINISH, err);
    (void)deflateEnd(&zlib);
    return status;
}

static enum ccrnn_status add_plain(struct ccrnn_file_writer *file, const uint8_t *header,
                                   size_t header_size, const uint8_t *bytes, size_t size,
                                   struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_file_writer_add(file, header, header_size, err));
    return size == 0 ? CCRNN_OK : ccrnn_file_writer_add(file, bytes, size, err);
}

static bool is_compressed(const char *path)
{
    static const char ending[] = ".gz";
    const size_t length = strlen(path), most = sizeof ending - 1;
    return length >= most && strcmp(path + length - most, ending) == 0;
}

/* Magic number and sizes; `size` is their product. */
static enum ccrnn_status make_header(const char *path, size_t dims, const size_t *shape,
                                     uint8_t header[HEADER_MAX], size_t *size,
                                     struct ccrnn_error *err)
{
    static const uint8_t byte_bits = 8;
    memset(header, 0, HEADER_MAX);
    header[2] = IDX_UNSIGNED_BYTE;
    header[3] = (uint8_t)dims;
    *size = 1;
    for (size_t i = 0; i < dims; i++) {
        if (shape[i] > UINT32_MAX || __builtin_mul_overflow(*size, shape[i], size))
            return ccrnn_fail(err, CCRNN_USAGE,
                              "%s: dimension %zu of %zu is %zu, more than an IDX file can hold "
                              "(%lu); write fewer",
                              path, i + 1, dims, shape[i], (unsigned long)UINT32_MAX);
        uint8_t *const end = header + SIZE_BYTES * (i + 2);
        for (size_t k = 1; k <= SIZE_BYTES; k++)
            end[-(ptrdiff_t)k] = (uint8_t)(shape[i] >> (byte_bits * (k - 1)));
    }
    return CCRNN_OK;
}

static enum ccrnn_status write_file(const char *path, size_t dims, const size_t *shape,
                                    const uint8_t *bytes, struct ccrnn_error *err)
{
    uint8_t header[HEADER_MAX];
    const size_t header_size = SIZE_BYTES * (1 + dims);
    size_t size;
    struct ccrnn_file_writer *file;
    CCRNN_TRY(make_header(path, dims, shape, header, &size, err));
    CCRNN_TRY(ccrnn_file_writer_open(path, &file, err));
    const enum ccrnn_status status =
        is_compressed(path) ? add_compressed(file, path, header, header_size, bytes, size, err)
                            : add_plain(file, header, header_size, bytes, size, err);
    if (status == CCRNN_OK)
        return ccrnn_file_writer_commit(file, err);
    ccrnn_file_writer_abandon(file);
    return status;
}

enum ccrnn_status ccrnn_idx_write_images(const char *path, const uint8_t *pixels, size_t count,
                                         size_t rows, size_t cols, struct ccrnn_error *err)
{
    const size_t shape[] = {count, rows, cols};
    return write_file(path, sizeof shape / sizeof *shape, shape, pixels, err);
}

enum ccrnn_status ccrnn_idx_write_labels(const char *path, const uint8_t *labels, size_t count,
                                         struct ccrnn_error *err)
{
    return write_file(path, 1, &count, labels, err);
}
