/* Features from .npy and safetensors files: the numbers, the names of the rows, and a message for
 * each way a file can be wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/number.h"
#include "data/features.h"
#include "data/half.h"
#include "data/safetensors.h"
#include "scratch.h"

enum { FILE_MAX = 1024, HEADER_ROOM = 512 };
static const char ids_text[] = "a.jpg\nb.jpg\nc.jpg\n";

/* A file in the making. */
struct made {
    uint8_t bytes[FILE_MAX];
    size_t size;
};

static void add(struct made *made, const void *bytes, size_t size)
{
    assert_true(made->size + size <= FILE_MAX);
    if (size > 0)
        memcpy(made->bytes + made->size, bytes, size);
    made->size += size;
}

static struct made npy(int version, const char *header, const void *data, size_t size)
{
    struct made made = {.size = 0};
    const size_t length = strlen(header);
    const uint8_t start[] = {0x93,
                             'N',
                             'U',
                             'M',
                             'P',
                             'Y',
                             (uint8_t)version,
                             0,
                             (uint8_t)length,
                             (uint8_t)(length >> 8),
                             0,
                             0};
    add(&made, start, version == 1 ? 10 : 12);
    add(&made, header, length);
    add(&made, data, size);
    return made;
}

static struct made npy_of(const char *descr, const char *shape, const void *data, size_t size)
{
    char header[HEADER_ROOM];
    ccrnn_format(header, sizeof header,
                 "{'descr': '%s', 'fortran_order': False, 'shape': %s, }    \n", descr, shape);
    return npy(1, header, data, size);
}

static const char *written(const char *name, const struct made *made)
{
    const char *const path = scratch_path(name);
    scratch_write(path, made->bytes, made->size);
    return path;
}

/* Reads the file with the list of three ids, or without one. */
static enum ccrnn_status read_made(const struct made *made, bool with_ids,
                                   struct ccrnn_features *features, struct ccrnn_error *err)
{
    const char *const path = written("features", made);
    const char *const ids = scratch_path("ids.txt");
    scratch_write(ids, ids_text, sizeof ids_text - 1);
    return ccrnn_features_read(path, with_ids ? ids : NULL, features, err);
}

static void expect_features(const struct made *made, bool with_ids, size_t count, size_t width,
                            const float *values, const char *last)
{
    struct ccrnn_error err;
    struct ccrnn_features features;
    if (read_made(made, with_ids, &features, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(features.count, count);
    assert_int_equal(features.width, width);
    assert_int_equal(features.ids.count, count);
    for (size_t i = 0; i < count * width; i++)
        assert_true(features.value[i] == values[i]);
    assert_string_equal(features.ids.id[count - 1], last);
    ccrnn_features_release(&features);
    ccrnn_features_release(&features);
}

static void expect_refused(const struct made *made, bool with_ids, enum ccrnn_status status,
                           const char *words)
{
    struct ccrnn_error err;
    struct ccrnn_features features = {.count = 5};
    expect_error(read_made(made, with_ids, &features, &err), status, &err,
                 scratch_path("features"), words, NULL);
    assert_null(features.value);
    assert_null(features.ids.id);
    assert_int_equal(features.count, 0);
}

static const float six[] = {1.0f, -0.5f, 0.25f, 0.0f, 3.0f, -65504.0f};
static const double six_wide[] = {1.0, -0.5, 0.25, 0.0, 3.0, -65504.0};
static const uint16_t six_half[] = {0x3C00, 0xB800, 0x3400, 0x0000, 0x4200, 0xFBFF};

static void numbers_of_16_bits_are_exact(void **state)
{
    (void)state;
    assert_true(ccrnn_half_to_float(0x3C00) == 1.0f);
    assert_true(ccrnn_half_to_float(0x3C01) == 1.0009765625f);
    assert_true(ccrnn_half_to_float(0x7BFF) == 65504.0f);
    assert_true(ccrnn_half_to_float(0x0400) == 0x1p-14f);
    assert_true(ccrnn_half_to_float(0x03FF) == 0x1p-14f - 0x1p-24f);
    assert_true(ccrnn_half_to_float(0x8001) == -0x1p-24f);
    assert_true(ccrnn_half_to_float(0x8000) == 0.0f && signbit(ccrnn_half_to_float(0x8000)));
    assert_true(isinf(ccrnn_half_to_float(0xFC00)) && ccrnn_half_to_float(0xFC00) < 0.0f);
    assert_true(isnan(ccrnn_half_to_float(0x7C01)) && isnan(ccrnn_half_to_float(0xFE00)));
    for (unsigned bits = 0; bits < 0x7C00; bits++)
        assert_true(ccrnn_half_to_float((uint16_t)(bits + 1)) >
                    ccrnn_half_to_float((uint16_t)bits));
    assert_true(ccrnn_bfloat16_to_float(0x3F80) == 1.0f);
    assert_true(ccrnn_bfloat16_to_float(0xC040) == -3.0f);
    assert_true(isinf(ccrnn_bfloat16_to_float(0x7F80)) && isnan(ccrnn_bfloat16_to_float(0x7FC0)));
}

static void every_type_and_version_of_npy_is_read(void **state)
{
    (void)state;
    static const char header[] = "{\"shape\":(3L,2L),\"descr\":\"<f4\",\"fortran_order\":False}";
    struct made made = npy_of("<f4", "(3, 2)", six, sizeof six);
    expect_features(&made, true, 3, 2, six, "c.jpg");
    made = npy_of("<f8", "(3, 2)", six_wide, sizeof six_wide);
    expect_features(&made, true, 3, 2, six, "c.jpg");
    made = npy_of("<f2", "(3, 2)", six_half, sizeof six_half);
    expect_features(&made, true, 3, 2, six, "c.jpg");
    made = npy(2, header, six, sizeof six);
    expect_features(&made, true, 3, 2, six, "c.jpg");
    made = npy(3, header, six, sizeof six);
    expect_features(&made, true, 3, 2, six, "c.jpg");
}

static void expect_header_refused(const char *header, const char *words)
{
    const struct made made = npy(1, header, six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, words);
}

static void every_damaged_header_has_its_message(void **state)
{
    (void)state;
    expect_header_refused("", "at its byte 0 a dictionary in braces is expected");
    expect_header_refused("{}", "at its byte 2 the end, after descr");
    expect_header_refused("{'descr': '<f4', 'shape': (3, 2)}", "the end, after descr");
    expect_header_refused("{'descr': '<f4', 'descr': '<f4'}", "each of descr, fortran_order and");
    expect_header_refused("{'shape': (3, 2), 'shape': (3, 2)}", "each of descr, fortran_order");
    expect_header_refused("{'order': 'C'}", "each of descr, fortran_order and shape once");
    expect_header_refused("{'descr' '<f4'}", "a name in quotes and a colon");
    expect_header_refused("{descr: '<f4'}", "a name in quotes and a colon");
    expect_header_refused("{'descr': '<f4", "one type of number");
    expect_header_refused("{'descr': [('a', '<f4')]}", "one type of number");
    expect_header_refused("{'fortran_order': 0}", "True or False");
    expect_header_refused("{'shape': 3}", "a shape in brackets");
    expect_header_refused("{'shape': (3, -2)}", "a size is expected");
    expect_header_refused("{'shape': (3, 99999999999999999999)}", "a size is expected");
    expect_header_refused("{'shape': (3 2)}", "a comma or bracket");
    expect_header_refused("{'shape': (3", "a comma or bracket");
    expect_header_refused("{'shape': (1,1,1,1,1,1,1,1,1)}", "a shape of two numbers");
    expect_header_refused("{'shape': (3, 2) 'descr'}", "a comma or brace");
    expect_header_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)} x",
                          "the end, after descr");
    expect_header_refused("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2)}",
                          "is in Fortran order");
}

static void expect_type_refused(const char *descr, const char *words)
{
    const struct made made = npy_of(descr, "(3, 2)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, words);
}

static void other_arrays_are_refused(void **state)
{
    (void)state;
    expect_type_refused(">f4", "has big-endian numbers (`>f4`)");
    expect_type_refused("<i4", "has numbers of the type `<i4`, expected <f4, <f2 or <f8");
    expect_type_refused("|O", "has numbers of the type `|O`");
    expect_type_refused("<c8", "has numbers of the type `<c8`");
    struct made made = npy_of("<f4", "(6,)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, "has an array of shape (6), expected (images");
    made = npy_of("<f4", "(1, 3, 2)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, "has an array of shape (1, 3, 2)");
    made = npy_of("<f4", "()", six, 4);
    expect_refused(&made, true, CCRNN_FORMAT, "has an array of shape ()");
    made = npy_of("<f4", "(0, 2)", NULL, 0);
    expect_refused(&made, true, CCRNN_FORMAT, "there is nothing in it");
    made = npy_of("<f4", "(3, 0)", NULL, 0);
    expect_refused(&made, true, CCRNN_FORMAT, "there is nothing in it");
    made = npy_of("<f4", "(3, 2)", six, sizeof six - 1);
    expect_refused(&made, true, CCRNN_FORMAT,
                   "needs 24 bytes, but 23 follow the header; it is cut");
    made = npy_of("<f4", "(2, 2)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, "needs 16 bytes, but 24 follow");
    made = npy_of("<f4", "(4611686018427387904, 4)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, "more than memory can have");
    made = npy_of("<f4", "(1000000000, 1000000000)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, "needs 4000000000000000000 bytes");
    made = npy(4, "{}", NULL, 0);
    expect_refused(&made, true, CCRNN_FORMAT, "has version 4.0");
    made = npy_of("<f4", "(3, 2)", six, sizeof six);
    made.size = 60;
    expect_refused(&made, true, CCRNN_FORMAT, "it is cut off");
    made.size = 9;
    expect_refused(&made, true, CCRNN_FORMAT, "cut off after 9 bytes, inside its header");
}

static void the_ids_must_fit(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_features features;
    struct made made = npy_of("<f4", "(3, 2)", six, sizeof six);
    expect_refused(&made, false, CCRNN_USAGE, "does not name them; give a text file");
    made = npy_of("<f4", "(2, 3)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, "has 3 ids, but");
    made = npy_of("<f4", "(6, 1)", six, sizeof six);
    expect_refused(&made, true, CCRNN_FORMAT, "has features of 6 images");
    made = npy_of("<f4", "(3, 2)", six, sizeof six);
    const char *const path = written("features", &made);
    const char *const ids = scratch_path("twice.txt");
    expect_error(ccrnn_features_read(path, ids, &features, &err), CCRNN_IO, &err, ids, NULL);
    scratch_write(ids, "a\nb\na\n", 6);
    expect_error(ccrnn_features_read(path, ids, &features, &err), CCRNN_FORMAT, &err, ids,
                 "the id `a` stands for row 0 and again for row 2", NULL);
    scratch_write(ids, "a\n\xff\na\n", 6);
    expect_error(ccrnn_features_read(path, ids, &features, &err), CCRNN_FORMAT, &err, ids,
                 ":2:", NULL);
}

static void numbers_must_be_finite(void **state)
{
    (void)state;
    float values[6];
    memcpy(values, six, sizeof six);
    values[3] = NAN;
    struct made made = npy_of("<f4", "(3, 2)", values, sizeof values);
    expect_refused(&made, true, CCRNN_FORMAT, "number 1 of image `b.jpg` (row 1, from 0) is NaN");
    values[3] = -INFINITY;
    made = npy_of("<f4", "(3, 2)", values, sizeof values);
    expect_refused(&made, true, CCRNN_FORMAT, "`b.jpg` (row 1, from 0) is infinite or too large");
    double wide[6];
    memcpy(wide, six_wide, sizeof wide);
    wide[4] = 1e39;
    made = npy_of("<f8", "(3, 2)", wide, sizeof wide);
    expect_refused(&made, true, CCRNN_FORMAT, "number 0 of image `c.jpg` (row 2, from 0) is inf");
    uint16_t half[6] = {0, 0, 0, 0, 0, 0x7E00};
    made = npy_of("<f2", "(3, 2)", half, sizeof half);
    expect_refused(&made, true, CCRNN_FORMAT, "number 1 of image `c.jpg` (row 2, from 0) is NaN");
}

static struct made safetensors(const char *header, const void *data, size_t size)
{
    struct made made = {.size = 0};
    const size_t length = strlen(header);
    const uint8_t start[8] = {(uint8_t)length, (uint8_t)(length >> 8)};
    add(&made, start, sizeof start);
    add(&made, header, length);
    add(&made, data, size);
    return made;
}

#define TENSOR(name, dtype, shape, begin, end)                                                   \
    "\"" name "\": {\"dtype\": \"" dtype "\", \"shape\": [" shape "], \"data_offsets\": [" begin \
    ", " end "]}"

static void tensors_are_read(void **state)
{
    (void)state;
    static const uint16_t mixed[] = {0x3C00, 0xB800, 0x3E80, 0x0000};
    static const float mixed_values[] = {1.0f, -0.5f, 0.25f, 0.0f};
    struct made made =
        safetensors("{" TENSOR("features", "F32", "3, 2", "0", "24") "}", six, sizeof six);
    expect_features(&made, true, 3, 2, six, "c.jpg");
    expect_refused(&made, false, CCRNN_USAGE, "does not name them");
    made = safetensors(
        "{" TENSOR("a", "F64", "3", "0", "24") "," TENSOR("b", "F64", "3", "24", "48") "}",
        six_wide, sizeof six_wide);
    expect_features(&made, false, 2, 3, six, "b");
    expect_refused(&made, true, CCRNN_USAGE, "names its images itself");
    made = safetensors(
        "{" TENSOR("a", "F16", "2", "0", "4") "," TENSOR(" b ", "BF16", "2", "4", "8") "}", mixed,
        sizeof mixed);
    expect_features(&made, false, 2, 2, mixed_values, "b");
}

static void other_tensors_are_refused(void **state)
{
    (void)state;
    static const float nan[] = {0.0f, NAN};
    struct made made = safetensors("{" TENSOR("features", "F32", "6", "0", "24") "}", six, 24);
    expect_refused(&made, true, CCRNN_FORMAT, "tensor `features` has the shape (6)");
    made = safetensors("{" TENSOR("features", "I32", "3, 2", "0", "24") "}", six, 24);
    expect_refused(&made, true, CCRNN_FORMAT, "tensor `features` has the type I32");
    made = safetensors("{" TENSOR("features", "F32", "3, 1", "0",
                                  "12") "," TENSOR("x", "F32", "3", "12", "24") "}",
                       six, 24);
    expect_refused(&made, true, CCRNN_FORMAT, "has 1 tensors besides `features`");
    made = safetensors(
        "{" TENSOR("a", "F32", "1", "0", "4") "," TENSOR("b", "F32", "2", "4", "12") "}", six,
        12);
    expect_refused(&made, false, CCRNN_FORMAT, "image `b` has 2 numbers, but `a` has 1");
    made = safetensors("{" TENSOR("a", "F32", "1, 1", "0", "4") "}", six, 4);
    expect_refused(&made, false, CCRNN_FORMAT, "tensor `a` has the shape (1, 1)");
    made = safetensors("{" TENSOR("a", "U8", "4", "0", "4") "}", six, 4);
    expect_refused(&made, false, CCRNN_FORMAT, "tensor `a` has the type U8");
    made = safetensors("{" TENSOR(" ", "F32", "1", "0", "4") "}", six, 4);
    expect_refused(&made, false, CCRNN_FORMAT, "row 0 (from 0) has an empty id");
    made = safetensors(
        "{" TENSOR("a", "F32", "1", "0", "4") "," TENSOR("a ", "F32", "1", "4", "8") "}", six, 8);
    expect_refused(&made, false, CCRNN_FORMAT, "the id `a` stands for row 0 and again for row 1");
    made = safetensors("{" TENSOR("a", "F32", "0", "0", "0") "}", NULL, 0);
    expect_refused(&made, false, CCRNN_FORMAT, "there is nothing in it");
    made = safetensors("{}", NULL, 0);
    expect_refused(&made, false, CCRNN_FORMAT, "has no tensor in it");
    made = safetensors("{" TENSOR("a", "F32", "2", "0", "8") "}", six, 7);
    expect_refused(&made, false, CCRNN_FORMAT, "tensor `a` ends at byte 8");
    made = safetensors("{" TENSOR("a", "F32", "2", "0", "8") "}", nan, 8);
    expect_refused(&made, false, CCRNN_FORMAT, "number 1 of image `a` (row 0, from 0) is NaN");
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_features features;
    struct made made = {.bytes = "PK\3\4", .size = 4};
    expect_refused(&made, false, CCRNN_FORMAT, "but a zip archive (NumPy's .npz");
    made = (struct made){.bytes = "\x1f\x8b", .size = 2};
    expect_refused(&made, false, CCRNN_FORMAT, "but compressed with gzip");
    made = (struct made){.bytes = "0.5,0.25\n", .size = 9};
    expect_refused(&made, false, CCRNN_FORMAT,
                   "is neither a .npy, nor a safetensors, nor an HDF5");
    made.size = 0;
    expect_refused(&made, false, CCRNN_FORMAT, "is empty");
    const char *const path = scratch_path("missing");
    expect_error(ccrnn_features_read(path, NULL, &features, &err), CCRNN_IO, &err, path,
                 "No such file", NULL);
    expect_error(ccrnn_features_read(scratch_directory(), NULL, &features, &err), CCRNN_IO, &err,
                 scratch_directory(), "Is a directory", NULL);
    expect_error(ccrnn_features_read("/dev/null", NULL, &features, &err), CCRNN_IO, &err,
                 "/dev/null", "not a regular file", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_16_bits_are_exact),
        cmocka_unit_test(every_type_and_version_of_npy_is_read),
        cmocka_unit_test(every_damaged_header_has_its_message),
        cmocka_unit_test(other_arrays_are_refused),
        cmocka_unit_test(the_ids_must_fit),
        cmocka_unit_test(numbers_must_be_finite),
        cmocka_unit_test(tensors_are_read),
        cmocka_unit_test(other_tensors_are_refused),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests_name("features", tests, scratch_setup, scratch_teardown);
}
