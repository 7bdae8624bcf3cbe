/* The safetensors format: round trips, and one message for each way a file can be wrong. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "data/safetensors.h"
#include "scratch.h"

/* A file in memory with this header and `data_size` bytes of data (0, 1, 2, …). */
struct made {
    uint8_t *bytes;
    size_t size;
};

static struct made make_file(const char *header, size_t data_size)
{
    const size_t length = strlen(header);
    struct made made = {malloc(8 + length + data_size), 8 + length + data_size};
    assert_non_null(made.bytes);
    for (int i = 0; i < 8; i++)
        made.bytes[i] = (uint8_t)((uint64_t)length >> (8 * i));
    memcpy(made.bytes + 8, header, length);
    for (size_t i = 0; i < data_size; i++)
        made.bytes[8 + length + i] = (uint8_t)i;
    return made;
}

static void expect_damaged(const uint8_t *bytes, size_t size, const char *words)
{
    struct ccrnn_error err;
    struct ccrnn_tensor_file *file = (struct ccrnn_tensor_file *)&err;
    expect_error(ccrnn_tensor_file_parse("some/file", bytes, size, &file, &err), CCRNN_FORMAT,
                 &err, "some/file", words, NULL);
    assert_null(file);
}

struct bad_header {
    const char *header;
    size_t data_size;
    const char *words;
};

#define ENTRY(dtype, shape, offsets)                                                             \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct bad_header bad_headers[] = {
    {"", 0, "does not begin with `{`"},
    {" {}", 0, "does not begin with `{`"},
    {"[]", 0, "does not begin with `{`"},
    {"{", 0, "not valid JSON"},
    {"{}x", 0, "not valid JSON"},
    {"{\"a\xff\":1}", 0, "not valid JSON"},
    {"{\"a\":1,\"a\":1}", 0, "duplicate"},
    {"{\"a\\u0000b\":1}", 0, "not valid JSON"},
    {"{\"a\":1}", 0, "`a` is not an object"},
    {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object of strings"},
    {"{\"__metadata__\":null}", 0, "__metadata__ is not an object of strings"},
    {"{\"__metadata__\":{\"k\":1}}", 0, "`k` is not a string"},
    {"{\"a\":{}}", 0, "`a` has no `dtype`"},
    {"{\"a\":{\"dtype\":5}}", 0, "`a` has no `dtype`"},
    {"{\"a\":" ENTRY("F31", "[1]", "[0,4]") "}", 4, "unknown dtype `F31`"},
    {"{\"a\":{\"dtype\":\"F32\"}}", 0, "`a` has no `shape`"},
    {"{\"a\":" ENTRY("F32", "3", "[0,12]") "}", 12, "`a` has no `shape`"},
    {"{\"a\":" ENTRY("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "9 dimensions, at most 8"},
    {"{\"a\":" ENTRY("F32", "[-1]", "[0,4]") "}", 4, "size 0 in the shape of tensor `a`"},
    {"{\"a\":" ENTRY("F32", "[1,1.0]", "[0,4]") "}", 4, "size 1 in the shape of tensor `a`"},
    {"{\"a\":" ENTRY("F32", "[4294967296,4294967296]", "[0,0]") "}", 0, "more than memory"},
    {"{\"a\":" ENTRY("F32", "[4611686018427387904]", "[0,0]") "}", 0, "more than memory"},
    {"{\"a\":" ENTRY("F32", "[99999999999999999999]", "[0,0]") "}", 0, "not valid JSON"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "no `data_offsets`"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0]") "}", 4, "no `data_offsets`"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0,4,8]") "}", 4, "no `data_offsets`"},
    {"{\"a\":" ENTRY("F32", "[1]", "[4,0]") "}", 4, "no `data_offsets`"},
    {"{\"a\":" ENTRY("F32", "[1]", "[-4,0]") "}", 4, "no `data_offsets`"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0,5]") "}", 5,
     "needs 4 bytes, but its `data_offsets` give "},
    {"{\"a\":" ENTRY("F32", "[2]", "[0,8]") "}", 7, "ends at byte 8 of the data"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0,4]") "}", 6, "2 bytes after the last tensor"},
    {"{}", 1, "1 bytes after the last tensor"},
    {"{\"a\":" ENTRY("F32", "[1]", "[1,5]") "}", 5,
     "bytes 0 to 1 of the data, before tensor `a`"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0,4]") ",\"b\":" ENTRY("F32", "[1]", "[2,6]") "}", 6,
     "tensor `b` begins at byte 2 of the data and overlaps `a`"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0,4]") ",\"b\":" ENTRY("F32", "[1]", "[0,4]") "}", 4,
     "tensor `b` begins at byte 0 of the data and overlaps `a`"},
    {"{\"a\":" ENTRY("U8", "[4]", "[0,4]") ",\"e\":" ENTRY("U8", "[0]", "[2,2]") "}", 4,
     "tensor `e` begins at byte 2 of the data and overlaps `a`"},
    {"{\"__metadata__\":{\"crc32\":\"00000000\"},\"a\":" ENTRY("U8", "[4]", "[0,4]") "}", 4,
     "is damaged: its checksum"},
    {"{\"__metadata__\":{\"crc32\":\"\"}}", 0, "is damaged: its checksum"},
};

static void every_damage_has_its_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_headers / sizeof bad_headers[0]; i++) {
        const struct made made = make_file(bad_headers[i].header, bad_headers[i].data_size);
        expect_damaged(made.bytes, made.size, bad_headers[i].words);
        free(made.bytes);
    }
}

static void lengths_that_lie_are_refused(void **state)
{
    (void)state;
    const uint8_t four_gigabytes[] = {0, 0, 0, 0, 1, 0, 0, 0, '{', '}'};
    const uint8_t everything[] = {255, 255, 255, 255, 255, 255, 255, 255, '{', '}'};
    const uint8_t one_too_many[] = {3, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    const uint8_t right[] = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    expect_damaged(right, 0, "too short");
    expect_damaged(right, 7, "too short");
    expect_damaged(right, 9, "only 1 follow");
    expect_damaged(four_gigabytes, sizeof four_gigabytes, "a header of 4294967296 bytes");
    expect_damaged(everything, sizeof everything, "a header of 18446744073709551615 bytes");
    expect_damaged(one_too_many, sizeof one_too_many, "only 2 follow");
    struct ccrnn_error err;
    struct ccrnn_tensor_file *file;
    assert_int_equal(ccrnn_tensor_file_parse("x", right, sizeof right, &file, &err), CCRNN_OK);
    assert_int_equal(file->count, 0);
    assert_int_equal(ccrnn_tensor_file_metadata_count(file), 0);
    assert_null(ccrnn_tensor_file_metadata_key(file, 0));
    assert_null(ccrnn_tensor_file_metadata(file, "key"));
    ccrnn_tensor_file_close(file);
    ccrnn_tensor_file_close(NULL);
}

/* A foreign file: entries not in the order of the data, unaligned, padded, with empty tensors. */
/* A file whose header has `length` bytes, and hardly any of the data it speaks of. */
static const char *cut_off_file(size_t length)
{
    static const char head[] = "{\"__metadata__\":{\"epoch\":\"17\"},\"a\":{\"dtype\":\"F32\","
                               "\"shape\":[1000],\"data_offsets\":[0,4000]}}";
    const char *const path = scratch_path("cut-off");
    char *const header = malloc(length + 1);
    assert_non_null(header);
    memset(header, ' ', length);
    memcpy(header, head, sizeof head - 1);
    header[length] = '\0';
    struct made made = make_file(header, 3);
    scratch_write(path, made.bytes, made.size);
    free(made.bytes);
    free(header);
    return path;
}

static void metadata_are_read_without_the_data(void **state)
{
    (void)state;
    /* shorter and longer than what is read at once, 2^16 bytes, and just at that */
    static const size_t lengths[] = {200,   65524, 65525, 65526, 65527, 65528,
                                     65529, 65530, 65535, 65536, 65537, 300000};
    struct ccrnn_tensor_file *file;
    struct ccrnn_error err;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const char *const path = cut_off_file(lengths[i]);
        assert_int_equal(ccrnn_tensor_file_open(path, &file, &err), CCRNN_FORMAT);
        assert_int_equal(ccrnn_tensor_file_open_metadata(path, &file, &err), CCRNN_OK);
        assert_string_equal(ccrnn_tensor_file_metadata(file, "epoch"), "17");
        assert_null(ccrnn_tensor_file_metadata(file, "a"));
        assert_int_equal(file->count, 0);
        ccrnn_tensor_file_close(file);
        assert_int_equal(truncate(path, (off_t)lengths[i] + 7), 0);
        expect_error(ccrnn_tensor_file_open_metadata(path, &file, &err), CCRNN_FORMAT, &err, path,
                     "cut off", NULL);
        assert_null(file);
    }
    const char *const path = scratch_path("bad");
    scratch_write(path, "1234567", 7);
    expect_error(ccrnn_tensor_file_open_metadata(path, &file, &err), CCRNN_FORMAT, &err, path,
                 "too short", NULL);
    for (size_t i = 0; i < 3; i++) {
        scratch_write(path,
                      i == 0   ? "12345678"
                      : i == 1 ? "\2\0\0\0\0\0\0\0[]"
                               : "\2\0\0\0\0\0\0\0{x",
                      i == 0 ? 8 : 10);
        expect_error(ccrnn_tensor_file_open_metadata(path, &file, &err), CCRNN_FORMAT, &err, path,
                     NULL);
    }
    expect_error(ccrnn_tensor_file_open_metadata(scratch_path("nowhere"), &file, &err), CCRNN_IO,
                 &err, "nowhere", NULL);
}

static void a_foreign_file_is_read(void **state)
{
    (void)state;
    static const char header[] =
        "{\"last\":" ENTRY("I16", "[2]", "[5,9]") ",\"none\":" ENTRY("F32", "[3,0]", "[5,5]") ",\"first\":" ENTRY(
            "U8", "[]",
            "[0,1]") ",\"real\":" ENTRY("F32", "[1,1]",
                                        "[1,5]") ",\"__metadata__\":{\"b\":\"\\u00fc\",\"a\":\"\"}}   ";
    const struct made made = make_file(header, 9);
    struct ccrnn_error err;
    struct ccrnn_tensor_file *file;
    assert_int_equal(ccrnn_tensor_file_parse("f", made.bytes, made.size, &file, &err), CCRNN_OK);
    static const char *const order[] = {"first", "real", "none", "last"};
    assert_int_equal(file->count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(file->tensors[i].name, order[i]);
    const struct ccrnn_tensor *const first = ccrnn_tensor_file_find(file, "first");
    assert_int_equal(first->dims, 0);
    assert_int_equal(first->count, 1);
    assert_int_equal(ccrnn_tensor_file_find(file, "none")->count, 0);
    assert_null(ccrnn_tensor_file_find(file, "__metadata__"));
    assert_string_equal(ccrnn_tensor_file_metadata(file, "b"), "\xc3\xbc");
    assert_string_equal(ccrnn_tensor_file_metadata_key(file, 0), "b");
    assert_string_equal(ccrnn_tensor_file_metadata_key(file, 1), "a");
    assert_null(ccrnn_tensor_file_metadata_key(file, 2));
    float real = 0.0f;
    float expected;
    const uint8_t expected_bytes[] = {1, 2, 3, 4};
    memcpy(&expected, expected_bytes, sizeof expected);
    const size_t shape[] = {1, 1};
    assert_int_equal(ccrnn_tensor_file_read_float(file, "real", 2, shape, &real, &err), CCRNN_OK);
    assert_memory_equal(&real, &expected, sizeof real);
    int64_t last[2];
    const size_t two[] = {2};
    assert_int_equal(ccrnn_tensor_file_read_int64(file, "last", 1, two, last, &err), CCRNN_OK);
    assert_int_equal(last[0], 0x0605);
    assert_int_equal(last[1], 0x0807);
    ccrnn_tensor_file_close(file);
    free(made.bytes);
}

static void add(struct ccrnn_tensor_writer *writer, const char *name, enum ccrnn_dtype dtype,
                size_t count, const void *data)
{
    struct ccrnn_error err;
    assert_int_equal(ccrnn_tensor_writer_add(writer, name, dtype, 1, &count, data, &err),
                     CCRNN_OK);
}

static const float some_floats[6] = {0.5f, -1.25f, 3e38f, 1e-45f, -0.0f, 7.0f};
static const double some_doubles[2] = {0.1, -2.5};
static const int64_t some_integers[2] = {INT64_MIN, INT64_MAX};
static const int32_t some_small[2] = {INT32_MIN, 5};
static const int8_t some_bytes[3] = {-128, 127, -1};

static struct ccrnn_tensor_writer *some_writer(void)
{
    struct ccrnn_error err;
    struct ccrnn_tensor_writer *writer;
    assert_int_equal(ccrnn_tensor_writer_create(&writer, &err), CCRNN_OK);
    assert_int_equal(ccrnn_tensor_writer_metadata(writer, "epoch", "12", &err), CCRNN_OK);
    assert_int_equal(ccrnn_tensor_writer_metadata(writer, "quote", "a \"b\"\n\xc3\xbc", &err),
                     CCRNN_OK);
    const size_t shape[] = {2, 3};
    assert_int_equal(
        ccrnn_tensor_writer_add(writer, "weight", CCRNN_DTYPE_F32, 2, shape, some_floats, &err),
        CCRNN_OK);
    add(writer, "z empty", CCRNN_DTYPE_F32, 0, NULL);
    add(writer, "a empty", CCRNN_DTYPE_F64, 0, NULL);
    add(writer, "bytes", CCRNN_DTYPE_I8, 3, some_bytes);
    add(writer, "doubles", CCRNN_DTYPE_F64, 2, some_doubles);
    add(writer, "integers", CCRNN_DTYPE_I64, 2, some_integers);
    add(writer, "small", CCRNN_DTYPE_I32, 2, some_small);
    assert_int_equal(
        ccrnn_tensor_writer_add(writer, "scalar", CCRNN_DTYPE_F32, 0, NULL, some_floats, &err),
        CCRNN_OK);
    return writer;
}

static void expect_some_tensors(const struct ccrnn_tensor_file *file)
{
    struct ccrnn_error err;
    float floats[6];
    double doubles[6];
    int64_t integers[3];
    const size_t shape[] = {2, 3};
    const size_t two[] = {2};
    const size_t three[] = {3};
    const size_t none[] = {0};
    assert_int_equal(file->count, 8);
    assert_int_equal(ccrnn_tensor_file_read_float(file, "weight", 2, shape, floats, &err), 0);
    assert_memory_equal(floats, some_floats, sizeof floats);
    assert_int_equal(ccrnn_tensor_file_read_double(file, "weight", 2, shape, doubles, &err), 0);
    for (int i = 0; i < 6; i++)
        assert_true(doubles[i] == (double)some_floats[i]);
    assert_int_equal(ccrnn_tensor_file_read_double(file, "doubles", 1, two, doubles, &err), 0);
    assert_memory_equal(doubles, some_doubles, sizeof some_doubles);
    assert_int_equal(ccrnn_tensor_file_read_float(file, "doubles", 1, two, floats, &err), 0);
    assert_true(floats[0] == (float)some_doubles[0]);
    assert_int_equal(ccrnn_tensor_file_read_int64(file, "integers", 1, two, integers, &err), 0);
    assert_memory_equal(integers, some_integers, sizeof some_integers);
    assert_int_equal(ccrnn_tensor_file_read_int64(file, "small", 1, two, integers, &err), 0);
    assert_true(integers[0] == INT32_MIN && integers[1] == 5);
    assert_int_equal(ccrnn_tensor_file_read_int64(file, "bytes", 1, three, integers, &err), 0);
    assert_true(integers[0] == -128 && integers[1] == 127 && integers[2] == -1);
    assert_int_equal(ccrnn_tensor_file_read_float(file, "a empty", 1, none, NULL, &err), 0);
    assert_int_equal(ccrnn_tensor_file_read_float(file, "scalar", 0, NULL, floats, &err), 0);
    assert_true(floats[0] == 0.5f);
    assert_string_equal(ccrnn_tensor_file_metadata(file, "epoch"), "12");
    assert_string_equal(ccrnn_tensor_file_metadata(file, "quote"), "a \"b\"\n\xc3\xbc");
    assert_int_equal(ccrnn_tensor_file_metadata_count(file), 3);
    assert_int_equal(ccrnn_tensor_file_require_finite(file, &err), CCRNN_OK);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct ccrnn_error err;
    const char *const path = scratch_path("some.safetensors");
    struct ccrnn_tensor_writer *const writer = some_writer();
    struct ccrnn_tensor_writer *const again = some_writer();
    uint8_t *bytes;
    size_t size;
    assert_int_equal(ccrnn_tensor_writer_save(writer, path, &err), CCRNN_OK);
    assert_int_equal(ccrnn_tensor_writer_bytes(again, &bytes, &size, &err), CCRNN_OK);
    scratch_expect(path, bytes, size);
    assert_int_equal((bytes[0] | bytes[1] << 8) % 8, 0);
    free(bytes);
    struct ccrnn_tensor_file *file;
    assert_int_equal(ccrnn_tensor_file_open(path, &file, &err), CCRNN_OK);
    assert_string_equal(file->path, path);
    expect_some_tensors(file);
    ccrnn_tensor_file_close(file);
    ccrnn_tensor_writer_destroy(writer);
    ccrnn_tensor_writer_destroy(again);
    unlink(path);
}

/* Checked with an independent implementation (Python's zlib over what safetensors.h says). */
static void the_bytes_are_these_for_ever(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_tensor_writer *writer;
    const uint8_t data[] = {1, 2, 3};
    assert_int_equal(ccrnn_tensor_writer_create(&writer, &err), CCRNN_OK);
    assert_int_equal(ccrnn_tensor_writer_metadata(writer, "k", "v", &err), CCRNN_OK);
    add(writer, "t", CCRNN_DTYPE_U8, 3, data);
    uint8_t *bytes;
    size_t size;
    assert_int_equal(ccrnn_tensor_writer_bytes(writer, &bytes, &size, &err), CCRNN_OK);
    static const char expected[] =
        "\x68\0\0\0\0\0\0\0{\"__metadata__\":{\"k\":\"v\",\"crc32\":\"821a55d4\"},"
        "\"t\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}       \1\2\3";
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
    ccrnn_tensor_writer_destroy(writer);
}

static void any_changed_or_missing_byte_is_found(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_tensor_writer *const writer = some_writer();
    uint8_t *bytes;
    size_t size;
    assert_int_equal(ccrnn_tensor_writer_bytes(writer, &bytes, &size, &err), CCRNN_OK);
    ccrnn_tensor_writer_destroy(writer);
    struct ccrnn_tensor_file *file;
    const uint8_t *const key = memmem(bytes, size, "crc32", 5);
    assert_non_null(key);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        const enum ccrnn_status status =
            ccrnn_tensor_file_parse("damaged", bytes, size, &file, &err);
        /* Another key makes it a file without checksum, as foreign ones are; a checkpoint without one
         * is refused (test_checkpoint.c). */
        if (status == CCRNN_OK && bytes + i >= key && bytes + i < key + 5)
            ccrnn_tensor_file_close(file);
        else if (status != CCRNN_FORMAT)
            fail_msg("a changed byte %zu was not found", i);
        bytes[i] ^= 1;
    }
    for (size_t length = 0; length < size; length++) {
        uint8_t *const cut = malloc(length + 1);
        assert_non_null(cut);
        memcpy(cut, bytes, length);
        assert_int_equal(ccrnn_tensor_file_parse("cut", cut, length, &file, &err), CCRNN_FORMAT);
        free(cut);
    }
    free(bytes);
}

static void another_shape_or_type_is_named(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_tensor_writer *const writer = some_writer();
    uint8_t *bytes;
    size_t size;
    assert_int_equal(ccrnn_tensor_writer_bytes(writer, &bytes, &size, &err), CCRNN_OK);
    ccrnn_tensor_writer_destroy(writer);
    struct ccrnn_tensor_file *file;
    assert_int_equal(ccrnn_tensor_file_parse("f", bytes, size, &file, &err), CCRNN_OK);
    float real[6];
    int64_t integer[6];
    const size_t other[] = {3, 2};
    const size_t flat[] = {6};
    const size_t two[] = {2};
    expect_error(ccrnn_tensor_file_read_float(file, "weight", 2, other, real, &err), CCRNN_FORMAT,
                 &err, "f: tensor `weight` has the shape (2, 3), expected (3, 2)", NULL);
    expect_error(ccrnn_tensor_file_read_float(file, "weight", 1, flat, real, &err), CCRNN_FORMAT,
                 &err, "has the shape (2, 3), expected (6)", NULL);
    expect_error(ccrnn_tensor_file_read_double(file, "bias", 1, flat, NULL, &err), CCRNN_FORMAT,
                 &err, "f has no tensor `bias`", NULL);
    expect_error(ccrnn_tensor_file_read_float(file, "integers", 1, two, real, &err), CCRNN_FORMAT,
                 &err, "`integers` has the type I64, expected F32 or F64", NULL);
    expect_error(ccrnn_tensor_file_read_int64(file, "doubles", 1, two, integer, &err),
                 CCRNN_FORMAT, &err, "`doubles` has the type F64, expected an integer type",
                 NULL);
    ccrnn_tensor_file_close(file);
    free(bytes);
}

static void expect_not_finite(enum ccrnn_dtype dtype, const void *data, size_t count,
                              const char *words)
{
    struct ccrnn_error err;
    struct ccrnn_tensor_writer *writer;
    assert_int_equal(ccrnn_tensor_writer_create(&writer, &err), CCRNN_OK);
    add(writer, "fine", CCRNN_DTYPE_F32, 6, some_floats);
    add(writer, "integer", CCRNN_DTYPE_I8, 3, some_bytes);
    add(writer, "bad", dtype, count, data);
    uint8_t *bytes;
    size_t size;
    assert_int_equal(ccrnn_tensor_writer_bytes(writer, &bytes, &size, &err), CCRNN_OK);
    ccrnn_tensor_writer_destroy(writer);
    struct ccrnn_tensor_file *file;
    assert_int_equal(ccrnn_tensor_file_parse("f", bytes, size, &file, &err), CCRNN_OK);
    expect_error(ccrnn_tensor_file_require_finite(file, &err), CCRNN_FORMAT, &err, words, NULL);
    ccrnn_tensor_file_close(file);
    free(bytes);
}

static void the_first_number_that_is_not_finite_is_named(void **state)
{
    (void)state;
    const float floats[] = {1.0f, -INFINITY, NAN};
    const double doubles[] = {1.0, 1e308, (double)NAN};
    const uint16_t halves[] = {0x7bff, 0xfc00};
    const uint16_t brains[] = {0x7f7f, 0x7bff, 0x7fc0};
    expect_not_finite(CCRNN_DTYPE_F32, floats, 3, "number 1 of tensor `bad`");
    expect_not_finite(CCRNN_DTYPE_F64, doubles, 3, "number 2 of tensor `bad`");
    expect_not_finite(CCRNN_DTYPE_F16, halves, 2, "number 1 of tensor `bad`");
    expect_not_finite(CCRNN_DTYPE_BF16, brains, 3, "number 2 of tensor `bad`");
}

static void a_double_too_large_for_float_is_refused(void **state)
{
    (void)state;
    const double doubles[] = {1.0, (double)INFINITY, -1e39};
    const struct made made = make_file("{\"d\":" ENTRY("F64", "[3]", "[0,24]") "}", 24);
    memcpy(made.bytes + made.size - sizeof doubles, doubles, sizeof doubles);
    struct ccrnn_error err;
    struct ccrnn_tensor_file *file;
    assert_int_equal(ccrnn_tensor_file_parse("f", made.bytes, made.size, &file, &err), CCRNN_OK);
    float real[3];
    const size_t shape[] = {3};
    expect_error(ccrnn_tensor_file_read_float(file, "d", 1, shape, real, &err), CCRNN_FORMAT,
                 &err, "number 2 of tensor `d` is -9.9", "too large for single precision", NULL);
    ccrnn_tensor_file_close(file);
    free(made.bytes);
}

static void a_writer_refuses_what_a_file_cannot_hold(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_tensor_writer *const w = some_writer();
    const size_t huge[] = {(size_t)1 << 40, (size_t)1 << 40};
    const size_t many[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const size_t large[] = {(size_t)1 << 60};
    const float x = 0.0f;
    expect_error(ccrnn_tensor_writer_metadata(w, "epoch", "13", &err), CCRNN_USAGE, &err,
                 "`epoch`", "twice", NULL);
    expect_error(ccrnn_tensor_writer_metadata(w, "crc32", "", &err), CCRNN_USAGE, &err,
                 "reserved", NULL);
    expect_error(ccrnn_tensor_writer_metadata(w, "k", "\xff", &err), CCRNN_USAGE, &err, "UTF-8",
                 NULL);
    expect_error(ccrnn_tensor_writer_metadata(w, "\xff", "v", &err), CCRNN_USAGE, &err, "UTF-8",
                 NULL);
    expect_error(ccrnn_tensor_writer_add(w, "weight", CCRNN_DTYPE_F32, 0, NULL, &x, &err),
                 CCRNN_USAGE, &err, "`weight`", "twice", NULL);
    expect_error(ccrnn_tensor_writer_add(w, "__metadata__", CCRNN_DTYPE_F32, 0, NULL, &x, &err),
                 CCRNN_USAGE, &err, "reserved", NULL);
    expect_error(ccrnn_tensor_writer_add(w, "\xc3", CCRNN_DTYPE_F32, 0, NULL, &x, &err),
                 CCRNN_USAGE, &err, "UTF-8", NULL);
    expect_error(ccrnn_tensor_writer_add(w, "h", CCRNN_DTYPE_F32, 2, huge, &x, &err), CCRNN_USAGE,
                 &err, "`h` is larger", NULL);
    expect_error(ccrnn_tensor_writer_add(w, "h", CCRNN_DTYPE_F64, 1, large, &x, &err),
                 CCRNN_USAGE, &err, "`h` is larger", NULL);
    expect_error(ccrnn_tensor_writer_add(w, "m", CCRNN_DTYPE_F32, 9, many, &x, &err), CCRNN_USAGE,
                 &err, "`m`", "9 dimensions", NULL);
    uint8_t *bytes;
    size_t size;
    struct ccrnn_tensor_file *file;
    assert_int_equal(ccrnn_tensor_writer_bytes(w, &bytes, &size, &err), CCRNN_OK);
    assert_int_equal(ccrnn_tensor_file_parse("f", bytes, size, &file, &err), CCRNN_OK);
    expect_some_tensors(file);
    ccrnn_tensor_file_close(file);
    free(bytes);
    const char *const path = scratch_path("missing/file");
    expect_error(ccrnn_tensor_writer_save(w, path, &err), CCRNN_IO, &err, path, NULL);
    expect_error(ccrnn_tensor_file_open(path, &file, &err), CCRNN_IO, &err, path, NULL);
    ccrnn_tensor_writer_destroy(w);
    ccrnn_tensor_writer_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damage_has_its_message),
        cmocka_unit_test(lengths_that_lie_are_refused),
        cmocka_unit_test(metadata_are_read_without_the_data),
        cmocka_unit_test(a_foreign_file_is_read),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_bytes_are_these_for_ever),
        cmocka_unit_test(any_changed_or_missing_byte_is_found),
        cmocka_unit_test(another_shape_or_type_is_named),
        cmocka_unit_test(the_first_number_that_is_not_finite_is_named),
        cmocka_unit_test(a_double_too_large_for_float_is_refused),
        cmocka_unit_test(a_writer_refuses_what_a_file_cannot_hold),
    };
    return cmocka_run_group_tests_name("safetensors", tests, scratch_setup, scratch_teardown);
}
