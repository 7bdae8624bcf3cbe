#define _GNU_SOURCE
#include "data/idx.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

#define RESTORE "restore it from a copy or download it again (`ccrnn data fetch mnist`)"

enum {
    MAGIC_BYTES = 4,
    DIMENSION_BYTES = 4,
    UNSIGNED_BYTE = 0x08, /* the only type that is read */
    GZIP_FIRST = 0x1f,
    GZIP_SECOND = 0x8b,
    GZIP_ONLY = 16 + MAX_WBITS, /* inflateInit2: a gzip file, nothing else */
    DEFLATE_RATIO_MAX = 1032,   /* 258 bytes from one code of at least 2 bits */
    FIRST_RATIO = 8,            /* room taken at first: MNIST is compressed by less */
    FIRST_ROOM = 1 << 16,
    CLAIM_TEXT = 160
};

/* A page of the larger kind (bytes). */
static const size_t huge_page = (size_t)1 << 21;

/* Largest file and largest content: ten times the largest set in this format. */
static const size_t bytes_max = (size_t)1 << 32;

static enum ccrnn_status fail_memory(const char *path, size_t size, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY,
                      "no memory for the %zu bytes of %s; close other programs or use a machine "
                      "with more memory",
                      size, path);
}

/* Memory for `size` bytes, to be freed with free(); NULL if there is none. A set of images is
 * written once from end to end: with large pages the system has to interrupt that 512 times less
 * often, which is half of the time where it has to ask a hypervisor for every page. */
static uint8_t *take_room(size_t size)
{
    if (size < 2 * huge_page)
        return malloc(size);
    const size_t whole = (size + huge_page - 1) / huge_page * huge_page;
    uint8_t *const room = aligned_alloc(huge_page, whole);
    if (room != NULL)
        (void)madvise(room, whole,
                      MADV_HUGEPAGE); /* advice: without it all is the same, slower */
    return room;
}

static const char *kind_name(enum ccrnn_idx_kind kind)
{
    return kind == CCRNN_IDX_IMAGES ? "images" : "labels";
}

/* What a header tells, e.g. "60000 images of 28 × 28, that is 47040000 bytes". */
static const char *claim(const struct ccrnn_idx *idx, char text[CLAIM_TEXT])
{
    if (idx->kind == CCRNN_IDX_IMAGES)
        ccrnn_format(text, CLAIM_TEXT, "%zu images of %zu × %zu, that is %zu bytes", idx->count,
                     idx->rows, idx->cols, idx->size);
    else
        ccrnn_format(text, CLAIM_TEXT, "%zu labels", idx->count);
    return text;
}

static size_t header_size(enum ccrnn_idx_kind kind)
{
    return MAGIC_BYTES + DIMENSION_BYTES * (size_t)kind;
}

/* The first `count` bytes in hexadecimal, as far as they are there. */
static void hex_text(const uint8_t *bytes, size_t count, char text[3 * MAGIC_BYTES + 1])
{
    text[0] = '\0';
    for (size_t i = 0; i < count && i < MAGIC_BYTES; i++)
        ccrnn_format(text + (i == 0 ? 0 : 3 * i - 1), 4, "%s%02x", i == 0 ? "" : " ", bytes[i]);
}

/* The first four bytes: type and number of dimensions. */
static enum ccrnn_status check_magic(const char *path, enum ccrnn_idx_kind kind,
                                     const uint8_t *header, size_t got, struct ccrnn_error *err)
{
    const uint8_t expected[MAGIC_BYTES] = {0, 0, UNSIGNED_BYTE, (uint8_t)kind};
    if (got >= MAGIC_BYTES && memcmp(header, expected, MAGIC_BYTES) == 0)
        return CCRNN_OK;
    const enum ccrnn_idx_kind other =
        kind == CCRNN_IDX_IMAGES ? CCRNN_IDX_LABELS : CCRNN_IDX_IMAGES;
    char found[3 * MAGIC_BYTES + 1];
    hex_text(header, got, found);
    if (got >= MAGIC_BYTES && memcmp(header, expected, MAGIC_BYTES - 1) == 0 &&
        header[MAGIC_BYTES - 1] == other)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s holds %s where %s were expected: it begins with %s instead of "
                          "00 00 08 %02x; it has the name of another file of the set: rename it, "
                          "or download it again (`ccrnn data fetch mnist`)",
                          path, kind_name(other), kind_name(kind), found, kind);
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s is not an IDX file of %s: expected the first bytes 00 00 08 %02x, found "
        "%s; check that it is the right file, or download it again (`ccrnn data "
        "fetch mnist`)",
        path, kind_name(kind), kind, found);
}

/* Check the header of a file (the first `got` bytes of its content) and take over its sizes. */
static enum ccrnn_status read_header(const char *path, const uint8_t *header, size_t got,
                                     struct ccrnn_idx *idx, struct ccrnn_error *err)
{
    if (got == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is empty where an IDX file of %s was expected; " RESTORE, path,
                          kind_name(idx->kind));
    CCRNN_TRY(check_magic(path, idx->kind, header, got, err));
    if (got < header_size(idx->kind))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is cut off: it has %zu bytes of the %zu of its header; " RESTORE,
                          path, got, header_size(idx->kind));
    size_t sizes[CCRNN_IDX_IMAGES] = {1, 1, 1};
    for (size_t i = 0; i < (size_t)idx->kind; i++) {
        sizes[i] = 0;
        for (size_t k = 0; k < DIMENSION_BYTES; k++)
            sizes[i] = sizes[i] << CHAR_BIT | header[MAGIC_BYTES + DIMENSION_BYTES * i + k];
    }
    idx->count = sizes[0];
    idx->rows = sizes[1];
    idx->cols = sizes[2];
    if (idx->count == 0 || idx->rows == 0 || idx->cols == 0) {
        char text[CLAIM_TEXT];
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s has no content: its header tells of %s, at least one was expected; " RESTORE,
            path, claim(idx, text));
    }
    if (__builtin_mul_overflow(idx->count, idx->rows, &idx->size) ||
        __builtin_mul_overflow(idx->size, idx->cols, &idx->size))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is damaged: its header tells of %zu images of %zu × %zu, more than "
                          "memory can have; " RESTORE,
                          path, idx->count, idx->rows, idx->cols);
    return CCRNN_OK;
}

static enum ccrnn_status fail_cut_off(const char *path, const struct ccrnn_idx *idx, size_t found,
                                      struct ccrnn_error *err)
{
    char text[CLAIM_TEXT];
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s is cut off: its header tells of %s, but only %zu bytes follow; " RESTORE, path,
        claim(idx, text), found);
}

static enum ccrnn_status fail_left_over(const char *path, const struct ccrnn_idx *idx,
                                        struct ccrnn_error *err)
{
    char text[CLAIM_TEXT];
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s is too long: its header tells of %s, but more bytes follow; " RESTORE,
                      path, claim(idx, text));
}

static enum ccrnn_status parse_plain(const char *path, const uint8_t *bytes, size_t size,
                                     struct ccrnn_idx *idx, struct ccrnn_error *err)
{
    const size_t head = header_size(idx->kind);
    CCRNN_TRY(read_header(path, bytes, size < head ? size : head, idx, err));
    if (size - head < idx->size)
        return fail_cut_off(path, idx, size - head, err);
    if (size - head > idx->size)
        return fail_left_over(path, idx, err);
    idx->values = take_room(idx->size);
    if (idx->values == NULL)
        return fail_memory(path, idx->size, err);
    memcpy(idx->values, bytes + head, idx->size);
    return CCRNN_OK;
}

/* A gzip file being inflated: what is left of it starts at `next`. */
struct gunzip {
    z_stream stream;
    const char *path;
    const uint8_t *next;
    size_t left;
    bool ended; /* the last member has ended and its checksum is right */
};

/* zlib's words for what is wrong, and ours. */
static enum ccrnn_status fail_inflate(const struct gunzip *gunzip, int result,
                                      struct ccrnn_error *err)
{
    if (result == Z_MEM_ERROR)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to decompress %s; close other programs",
                          gunzip->path);
    if (result == Z_BUF_ERROR)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is cut off: the gzip stream goes on where the file ends; " RESTORE,
                          gunzip->path);
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s is damaged: its gzip stream has an error (%s); " RESTORE, gunzip->path,
                      gunzip->stream.msg == NULL ? "unknown" : gunzip->stream.msg);
}

/* A member has ended: another one may follow, or nothing. */
static enum ccrnn_status end_member(struct gunzip *gunzip, struct ccrnn_error *err)
{
    gunzip->ended = gunzip->left == 0;
    if (gunzip->ended)
        return CCRNN_OK;
    if (gunzip->left < 2 || gunzip->next[0] != GZIP_FIRST || gunzip->next[1] != GZIP_SECOND)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is too long: %zu bytes follow the end of its gzip stream; " RESTORE,
                          gunzip->path, gunzip->left);
    const int result = inflateReset(&gunzip->stream);
    return result == Z_OK ? CCRNN_OK : fail_inflate(gunzip, result, err);
}

/* Inflate up to `want` bytes to `out`; *got is less only if the stream has ended. */
static enum ccrnn_status inflate_some(struct gunzip *gunzip, uint8_t *out, size_t want,
                                      size_t *got, struct ccrnn_error *err)
{
    z_stream *const stream = &gunzip->stream;
    *got = 0;
    while (*got < want && !gunzip->ended) {
        const uInt room = (uInt)(want - *got < UINT_MAX ? want - *got : UINT_MAX);
        const uInt feed = (uInt)(gunzip->left < UINT_MAX ? gunzip->left : UINT_MAX);
        stream->next_out = out + *got;
        stream->avail_out = room;
        stream->next_in = (z_const Bytef *)gunzip->next;
        stream->avail_in = feed;
        const int result = inflate(stream, Z_NO_FLUSH);
        *got += room - stream->avail_out;
        gunzip->next += feed - stream->avail_in;
        gunzip->left -= feed - stream->avail_in;
        if (result == Z_STREAM_END)
            CCRNN_TRY(end_member(gunzip, err));
        else if (result != Z_OK)
            return fail_inflate(gunzip, result, err);
    }
    return CCRNN_OK;
}

/* Refuse a header that promises more than so short a gzip file can hold. */
static enum ccrnn_status check_ratio(const char *path, size_t file_size,
                                     const struct ccrnn_idx *idx, struct ccrnn_error *err)
{
    char text[CLAIM_TEXT];
    if (idx->size / DEFLATE_RATIO_MAX > file_size)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is damaged: its header tells of %s, but a gzip file of %zu bytes "
                          "holds at most %zu; " RESTORE,
                          path, claim(idx, text), file_size, file_size * DEFLATE_RATIO_MAX);
    if (idx->size > bytes_max)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is too large: its header tells of %s, at most %zu bytes are read; "
                          "split it into smaller files",
                          path, claim(idx, text), bytes_max);
    return CCRNN_OK;
}

/* Move the first `filled` values to a place with room for `room`. */
static enum ccrnn_status grow_values(const char *path, struct ccrnn_idx *idx, size_t filled,
                                     size_t room, struct ccrnn_error *err)
{
    uint8_t *const grown = take_room(room);
    if (grown == NULL)
        return fail_memory(path, room, err);
    if (filled > 0)
        memcpy(grown, idx->values, filled);
    free(idx->values);
    idx->values = grown;
    return CCRNN_OK;
}

/* Inflate idx->size bytes into idx->values, which grows with what arrives. */
static enum ccrnn_status inflate_values(struct gunzip *gunzip, struct ccrnn_idx *idx,
                                        struct ccrnn_error *err)
{
    size_t room = FIRST_ROOM + FIRST_RATIO * idx->file_size;
    for (size_t filled = 0; filled < idx->size; room *= 2) {
        size_t got;
        room = room < idx->size ? room : idx->size;
        CCRNN_TRY(grow_values(gunzip->path, idx, filled, room, err));
        CCRNN_TRY(inflate_some(gunzip, idx->values + filled, room - filled, &got, err));
        filled += got;
        if (filled < room)
            return fail_cut_off(gunzip->path, idx, filled, err);
    }
    return CCRNN_OK;
}

static enum ccrnn_status parse_stream(struct gunzip *gunzip, struct ccrnn_idx *idx,
                                      struct ccrnn_error *err)
{
    uint8_t header[CCRNN_IDX_HEADER_MAX];
    uint8_t beyond;
    size_t got;
    CCRNN_TRY(inflate_some(gunzip, header, header_size(idx->kind), &got, err));
    CCRNN_TRY(read_header(gunzip->path, header, got, idx, err));
    CCRNN_TRY(check_ratio(gunzip->path, idx->file_size, idx, err));
    CCRNN_TRY(inflate_values(gunzip, idx, err));
    /* Only asking for one byte more makes zlib compare the checksum. */
    CCRNN_TRY(inflate_some(gunzip, &beyond, 1, &got, err));
    return got == 0 ? CCRNN_OK : fail_left_over(gunzip->path, idx, err);
}

static enum ccrnn_status parse_gzip(const char *path, const uint8_t *bytes, size_t size,
                                    struct ccrnn_idx *idx, struct ccrnn_error *err)
{
    struct gunzip gunzip = {.path = path, .next = bytes, .left = size};
    const int result = inflateInit2(&gunzip.stream, GZIP_ONLY);
    if (result != Z_OK)
        return fail_inflate(&gunzip, result, err);
    const enum ccrnn_status status = parse_stream(&gunzip, idx, err);
    inflateEnd(&gunzip.stream);
    return status;
}

enum ccrnn_status ccrnn_idx_parse(const char *path, const uint8_t *bytes, size_t size,
                                  enum ccrnn_idx_kind kind, struct ccrnn_idx *idx,
                                  struct ccrnn_error *err)
{
    *idx = (struct ccrnn_idx){.kind = kind, .file_size = size};
    idx->compressed = size >= 2 && bytes[0] == GZIP_FIRST && bytes[1] == GZIP_SECOND;
    const enum ccrnn_status status = idx->compressed ? parse_gzip(path, bytes, size, idx, err)
                                                     : parse_plain(path, bytes, size, idx, err);
    if (status != CCRNN_OK)
        ccrnn_idx_release(idx);
    return status;
}

enum ccrnn_status ccrnn_idx_read(const char *path, enum ccrnn_idx_kind kind,
                                 struct ccrnn_idx *idx, struct ccrnn_error *err)
{
    uint8_t *bytes;
    size_t size;
    *idx = (struct ccrnn_idx){0};
    CCRNN_TRY(ccrnn_file_read(path, bytes_max, &bytes, &size, err));
    const enum ccrnn_status status = ccrnn_idx_parse(path, bytes, size, kind, idx, err);
    free(bytes);
    return status;
}

size_t ccrnn_idx_header(const struct ccrnn_idx *idx, uint8_t header[CCRNN_IDX_HEADER_MAX])
{
    const size_t sizes[CCRNN_IDX_IMAGES] = {idx->count, idx->rows, idx->cols};
    const uint8_t magic[MAGIC_BYTES] = {0, 0, UNSIGNED_BYTE, (uint8_t)idx->kind};
    memcpy(header, magic, MAGIC_BYTES);
    for (size_t i = 0; i < (size_t)idx->kind * DIMENSION_BYTES; i++) {
        const size_t shift = CHAR_BIT * (DIMENSION_BYTES - 1 - i % DIMENSION_BYTES);
        header[MAGIC_BYTES + i] = (uint8_t)(sizes[i / DIMENSION_BYTES] >> shift);
    }
    return header_size(idx->kind);
}

void ccrnn_idx_release(struct ccrnn_idx *idx)
{
    free(idx->values);
    *idx = (struct ccrnn_idx){0};
}
