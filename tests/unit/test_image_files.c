/* Files of images: IDX, plain and compressed, byte for byte; PNG, taken apart again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "data/idx_write.h"
#include "data/png_write.h"
#include "scratch.h"

static void expect_ok(enum ccrnn_status status, const struct ccrnn_error *err)
{
    if (status != CCRNN_OK)
        fail_msg("%s", err->message);
}

/* 2 images of 3 × 4 pixels. */
static const uint8_t pixels[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 255};
static const uint8_t images_file[] = {0,  0,  8,  3,  0,  0,  0,  2,  0,  0,  0,  3,  0,  0,
                                      0,  4,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                      13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 255};

static void plain_files_are_header_and_bytes(void **state)
{
    (void)state;
    struct ccrnn_error err;
    expect_ok(ccrnn_idx_write_images(scratch_path("images"), pixels, 2, 3, 4, &err), &err);
    scratch_expect(scratch_path("images"), images_file, sizeof images_file);
    uint8_t labels[300], file[8 + sizeof labels] = {0, 0, 8, 1, 0, 0, 1, 44};
    for (size_t i = 0; i < sizeof labels; i++)
        file[8 + i] = labels[i] = (uint8_t)(i % 10);
    expect_ok(ccrnn_idx_write_labels(scratch_path("labels"), labels, sizeof labels, &err), &err);
    scratch_expect(scratch_path("labels"), file, sizeof file);
    expect_ok(ccrnn_idx_write_labels(scratch_path("empty"), NULL, 0, &err), &err);
    scratch_expect(scratch_path("empty"), (const uint8_t[]){0, 0, 8, 1, 0, 0, 0, 0}, 8);
}

/* The file, unpacked by zlib's own reader, is `expected`. */
static void expect_unpacked(const char *path, const uint8_t *expected, size_t size)
{
    uint8_t *const found = malloc(size + 1);
    assert_non_null(found);
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(gzdirect(file), 0);
    assert_int_equal(gzread(file, found, (unsigned)size + 1), size);
    assert_int_equal(gzclose(file), Z_OK);
    assert_memory_equal(found, expected, size);
    free(found);
}

static void compressed_files_unpack_to_the_same(void **state)
{
    (void)state;
    enum { MANY = 300000 }; /* more than one piece of output */
    struct ccrnn_error err;
    const char *const path = scratch_path("images.gz");
    expect_ok(ccrnn_idx_write_images(path, pixels, 2, 3, 4, &err), &err);
    expect_unpacked(path, images_file, sizeof images_file);
    uint8_t *const file = calloc(8 + MANY, 1);
    assert_non_null(file);
    memcpy(file, (const uint8_t[]){0, 0, 8, 1, 0, 4, 0x93, 0xe0}, 8);
    uint32_t noise = 1;
    for (size_t i = 0; i < MANY; i++)
        file[8 + i] = (uint8_t)((noise = noise * 1664525u + 1013904223u) >> 24);
    expect_ok(ccrnn_idx_write_labels(path, file + 8, MANY, &err), &err);
    expect_unpacked(path, file, 8 + MANY);
    free(file);
}

static void equal_content_gives_equal_bytes(void **state)
{
    (void)state;
    struct ccrnn_error err;
    uint8_t *bytes;
    size_t size;
    expect_ok(ccrnn_idx_write_images(scratch_path("one.gz"), pixels, 2, 3, 4, &err), &err);
    expect_ok(ccrnn_idx_write_images(scratch_path("other.gz"), pixels, 2, 3, 4, &err), &err);
    expect_ok(ccrnn_file_read(scratch_path("one.gz"), 1 << 20, &bytes, &size, &err), &err);
    scratch_expect(scratch_path("other.gz"), bytes, size);
    /* RFC 1952: magic, deflate, no flags (no name), time 0. */
    assert_true(size > 10);
    assert_memory_equal(bytes, ((const uint8_t[]){0x1f, 0x8b, 8, 0, 0, 0, 0, 0}), 8);
    free(bytes);
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void)state;
    struct ccrnn_error err;
    const size_t before = scratch_entries(scratch_directory());
    const size_t too_many = (size_t)UINT32_MAX + 1;
    expect_error(ccrnn_idx_write_labels(scratch_path("l"), pixels, too_many, &err), CCRNN_USAGE,
                 &err, "/l:", "4294967296", NULL);
    expect_error(
        ccrnn_idx_write_images(scratch_path("i"), pixels, UINT32_MAX, UINT32_MAX, 2, &err),
        CCRNN_USAGE, &err, "/i:", NULL);
    expect_error(ccrnn_idx_write_images(scratch_path("no/i.gz"), pixels, 2, 3, 4, &err), CCRNN_IO,
                 &err, "no/i.gz", NULL);
    expect_error(ccrnn_png_write(scratch_path("p.png"), pixels, 0, 4, &err), CCRNN_USAGE, &err,
                 "p.png", "0 × 4", NULL);
    expect_error(ccrnn_png_write(scratch_path("p.png"), pixels, 4, CCRNN_PNG_SIDE_MAX + 1, &err),
                 CCRNN_USAGE, &err, "p.png", "4 × 16385", NULL);
    expect_error(ccrnn_png_write(scratch_path("no/p.png"), pixels, 4, 3, &err), CCRNN_IO, &err,
                 "no/p.png", NULL);
    assert_int_equal(scratch_entries(scratch_directory()), before);
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

/* The chunk at *at: its type and CRC are right. Returns its data, and moves on. */
static const uint8_t *next_chunk(const uint8_t *bytes, size_t size, size_t *at, const char *type,
                                 size_t *length)
{
    assert_true(*at + 12 <= size);
    *length = word_at(bytes + *at);
    assert_true(*length <= size - *at - 12);
    const uint8_t *const data = bytes + *at + 8;
    assert_memory_equal(data - 4, type, 4);
    assert_int_equal(word_at(data + *length), ccrnn_crc32(0, data - 4, *length + 4));
    *at += *length + 12;
    return data;
}

static void a_png_holds_its_pixels(void **state)
{
    (void)state;
    static const uint8_t header[] = {0, 0, 0, 6, 0, 0, 0, 4, 8, 0, 0, 0, 0};
    enum { WIDTH = 6, HEIGHT = 4, RAW = HEIGHT * (WIDTH + 1) };
    struct ccrnn_error err;
    uint8_t *bytes, raw[RAW + 1];
    size_t size, length, at = 8;
    uLongf raw_size = sizeof raw;
    expect_ok(ccrnn_png_write(scratch_path("p.png"), pixels, WIDTH, HEIGHT, &err), &err);
    expect_ok(ccrnn_file_read(scratch_path("p.png"), 1 << 20, &bytes, &size, &err), &err);
    assert_true(size > at);
    assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", at);
    const uint8_t *data = next_chunk(bytes, size, &at, "IHDR", &length);
    assert_int_equal(length, sizeof header);
    assert_memory_equal(data, header, sizeof header);
    data = next_chunk(bytes, size, &at, "IDAT", &length);
    assert_int_equal(uncompress(raw, &raw_size, data, length), Z_OK);
    assert_int_equal(raw_size, RAW);
    for (size_t row = 0; row < HEIGHT; row++) {
        assert_int_equal(raw[row * (WIDTH + 1)], 0);
        assert_memory_equal(raw + row * (WIDTH + 1) + 1, pixels + row * WIDTH, WIDTH);
    }
    next_chunk(bytes, size, &at, "IEND", &length);
    assert_int_equal(length, 0);
    assert_int_equal(at, size);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_files_are_header_and_bytes),
        cmocka_unit_test(compressed_files_unpack_to_the_same),
        cmocka_unit_test(equal_content_gives_equal_bytes),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(a_png_holds_its_pixels),
    };
    return cmocka_run_group_tests_name("image_files", tests, scratch_setup, scratch_teardown);
}
