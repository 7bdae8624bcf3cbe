/* IDX files, plain and gzip, and the four files of MNIST: what is written is read, and a message for
 * each way a file can be wrong. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "ccrnn/images.h"
#include "ccrnn/random.h"
#include "data/idx.h"
#include "data/mnist.h"
#include "scratch.h"

/* Bytes on the heap with their exact size, so that the sanitizer sees a byte too far. Not inlined:
 * the compiler would believe that every size may be 0. */
struct bytes {
    uint8_t *data;
    size_t size;
};

__attribute__((noinline)) static struct bytes copy(const void *data, size_t size)
{
    struct bytes made = {malloc(size + (size == 0)), size};
    assert_non_null(made.data);
    if (size > 0)
        memcpy(made.data, data, size);
    return made;
}

static struct bytes join(struct bytes a, struct bytes b)
{
    struct bytes made = {realloc(a.data, a.size + b.size + 1), a.size + b.size};
    assert_non_null(made.data);
    memcpy(made.data + a.size, b.data, b.size);
    free(b.data);
    struct bytes exact = copy(made.data, made.size);
    free(made.data);
    return exact;
}

static struct bytes gzip(const void *data, size_t size, int level)
{
    enum { WINDOW = 15 + 16, MEMORY = 8 };
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, level, Z_DEFLATED, WINDOW, MEMORY, Z_DEFAULT_STRATEGY),
                     Z_OK);
    const size_t room = deflateBound(&stream, size);
    uint8_t *const out = malloc(room);
    assert_non_null(out);
    stream.next_in = (z_const Bytef *)data;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct bytes made = copy(out, stream.total_out);
    deflateEnd(&stream);
    free(out);
    return made;
}

/* Takes `plain` and gives it back compressed. */
static struct bytes compressed(struct bytes plain)
{
    struct bytes made = gzip(plain.data, plain.size, Z_BEST_COMPRESSION);
    free(plain.data);
    return made;
}

static struct bytes idx_file(uint8_t dims, uint32_t count, uint32_t rows, uint32_t cols,
                             size_t size)
{
    const uint32_t sizes[] = {count, rows, cols};
    const size_t head = 4 + 4 * (size_t)dims;
    uint8_t *const data = calloc(1, head + size);
    assert_non_null(data);
    data[2] = 8;
    data[3] = dims;
    for (size_t i = 0; i < 4 * (size_t)dims; i++)
        data[4 + i] = (uint8_t)(sizes[i / 4] >> (24 - 8 * (i % 4)));
    for (size_t i = 0; i < size; i++)
        data[head + i] = (uint8_t)(dims == 1 ? i % 10 : i * 7 + i / 256);
    return (struct bytes){data, head + size};
}

static struct bytes images(uint32_t count, uint32_t rows, uint32_t cols)
{
    return idx_file(3, count, rows, cols, (size_t)count * rows * cols);
}

static struct bytes labels(uint32_t count)
{
    return idx_file(1, count, 1, 1, count);
}

/* Both from memory and from a file; frees `content`. */
static void refused(struct bytes content, enum ccrnn_idx_kind kind, const char *first,
                    const char *second)
{
    struct ccrnn_idx idx = {.count = 1};
    struct ccrnn_error err = {0};
    expect_error(ccrnn_idx_parse("dir/f", content.data, content.size, kind, &idx, &err),
                 CCRNN_FORMAT, &err, "dir/f", first, second, NULL);
    assert_null(idx.values);
    assert_int_equal(idx.count, 0);
    const char *const path = scratch_path("refused");
    scratch_write(path, content.data, content.size);
    expect_error(ccrnn_idx_read(path, kind, &idx, &err), CCRNN_FORMAT, &err, path, first, second,
                 NULL);
    assert_null(idx.values);
    free(content.data);
}

/* Plain, and the same content compressed; frees `content`. */
static void refused_either_way(struct bytes content, enum ccrnn_idx_kind kind, const char *first,
                               const char *second)
{
    refused(gzip(content.data, content.size, Z_BEST_SPEED), kind, first, second);
    refused(content, kind, first, second);
}

static void expect_content(const char *path, const struct bytes *stored,
                           const struct bytes *plain, enum ccrnn_idx_kind kind)
{
    struct ccrnn_error err = {0};
    struct ccrnn_idx idx;
    uint8_t header[CCRNN_IDX_HEADER_MAX];
    scratch_write(path, stored->data, stored->size);
    for (int from_file = 0; from_file < 2; from_file++) {
        const enum ccrnn_status status =
            from_file ? ccrnn_idx_read(path, kind, &idx, &err)
                      : ccrnn_idx_parse(path, stored->data, stored->size, kind, &idx, &err);
        if (status != CCRNN_OK)
            fail_msg("%s", err.message);
        const size_t head = ccrnn_idx_header(&idx, header);
        assert_int_equal(head + idx.size, plain->size);
        assert_int_equal(idx.count * idx.rows * idx.cols, idx.size);
        assert_memory_equal(header, plain->data, head);
        assert_memory_equal(idx.values, plain->data + head, idx.size);
        assert_int_equal(idx.file_size, stored->size);
        assert_int_equal(idx.compressed, stored->data[0] == 0x1f);
        ccrnn_idx_release(&idx);
        ccrnn_idx_release(&idx);
    }
}

/* Random sizes and values, plain, compressed at every level, and as several gzip members. */
static void what_is_written_is_read(void **state)
{
    (void)state;
    struct ccrnn_random stream;
    ccrnn_random_start(&stream, 1, CCRNN_RANDOM_USER, 0, 0);
    for (int trial = 0; trial < 60; trial++) {
        const enum ccrnn_idx_kind kind = trial % 3 == 0 ? CCRNN_IDX_LABELS : CCRNN_IDX_IMAGES;
        uint32_t sizes[3] = {1, 1, 1};
        for (int i = 0; i < (int)kind; i++)
            sizes[i] = 1 + ccrnn_random_u32(&stream) % 40;
        struct bytes plain =
            kind == CCRNN_IDX_LABELS ? labels(sizes[0]) : images(sizes[0], sizes[1], sizes[2]);
        for (size_t i = 4 + 4 * (size_t)kind; i < plain.size; i++)
            plain.data[i] = (uint8_t)ccrnn_random_u32(&stream);
        expect_content(scratch_path("plain.gz"), &plain, &plain, kind);
        struct bytes whole = gzip(plain.data, plain.size, trial % 10);
        expect_content(scratch_path("whole"), &whole, &plain, kind);
        const size_t cut = ccrnn_random_u32(&stream) % (plain.size + 1);
        struct bytes pieces = join(gzip(plain.data, cut, 9), gzip("", 0, 1));
        pieces = join(pieces, gzip(plain.data + cut, plain.size - cut, 0));
        pieces = join(pieces, gzip("", 0, 6));
        expect_content(scratch_path("pieces"), &pieces, &plain, kind);
        free(pieces.data);
        free(whole.data);
        free(plain.data);
    }
}

/* Content that is compressed by far more than MNIST: room has to grow, large pages included. */
static void blank_images_are_read(void **state)
{
    (void)state;
    struct bytes plain = images(20000, 28, 28);
    memset(plain.data + 16, 0, plain.size - 16);
    struct bytes stored = gzip(plain.data, plain.size, 9);
    assert_true(plain.size / stored.size > 500);
    expect_content(scratch_path("blank"), &stored, &plain, CCRNN_IDX_IMAGES);
    free(stored.data);
    free(plain.data);
}

static void another_kind_is_named(void **state)
{
    (void)state;
    refused_either_way(labels(50), CCRNN_IDX_IMAGES, "holds labels where images were expected",
                       "00 00 08 01 instead of 00 00 08 03");
    refused_either_way(labels(1), CCRNN_IDX_IMAGES, "holds labels where images were expected",
                       "ccrnn data fetch mnist");
    refused_either_way(images(2, 3, 4), CCRNN_IDX_LABELS,
                       "holds images where labels were expected",
                       "00 00 08 03 instead of 00 00 08 01");
}

static void another_format_is_named(void **state)
{
    (void)state;
    refused_either_way(copy("\x89PNG\r\n\x1a\n0123456789", 18), CCRNN_IDX_IMAGES,
                       "expected the first bytes 00 00 08 03, found 89 50 4e 47", "right file");
    refused_either_way(copy("\0\0\x0d\3\0\0\0\1\0\0\0\1\0\0\0\1abcd", 20), CCRNN_IDX_IMAGES,
                       "found 00 00 0d 03", "not an IDX file of images");
    refused_either_way(copy("\0\0\x08\2\0\0\0\1\0\0\0\1a", 13), CCRNN_IDX_LABELS,
                       "found 00 00 08 02", "not an IDX file of labels");
    refused_either_way(copy("x", 1), CCRNN_IDX_LABELS, "found 78;", "00 00 08 01");
    refused(compressed(compressed(labels(3))), CCRNN_IDX_LABELS, "found 1f 8b 08 00",
            "00 00 08 01");
}

static void an_empty_file_is_named(void **state)
{
    (void)state;
    refused_either_way(copy("", 0), CCRNN_IDX_IMAGES, "is empty", "download it again");
    refused_either_way(copy("", 0), CCRNN_IDX_LABELS, "is empty", "IDX file of labels");
}

static void sizes_of_zero_are_refused(void **state)
{
    (void)state;
    refused_either_way(images(0, 28, 28), CCRNN_IDX_IMAGES, "0 images of 28 × 28", "no content");
    refused_either_way(images(3, 0, 28), CCRNN_IDX_IMAGES, "3 images of 0 × 28", "no content");
    refused_either_way(images(3, 28, 0), CCRNN_IDX_IMAGES, "3 images of 28 × 0", "no content");
    refused_either_way(labels(0), CCRNN_IDX_LABELS, "0 labels", "no content");
}

/* Every proper beginning of a file is refused, and so is every file with more behind it. */
static void every_cut_is_noticed(void **state)
{
    (void)state;
    const struct {
        struct bytes content;
        enum ccrnn_idx_kind kind;
    } files[] = {
        {images(3, 2, 2), CCRNN_IDX_IMAGES},
        {labels(9), CCRNN_IDX_LABELS},
        {compressed(images(3, 20, 20)), CCRNN_IDX_IMAGES},
        {compressed(labels(30)), CCRNN_IDX_LABELS},
    };
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        const struct bytes *const whole = &files[f].content;
        const size_t known = whole->data[0] == 0x1f ? 2 : 4; /* enough to see the format */
        for (size_t size = 0; size < whole->size; size++)
            refused(copy(whole->data, size), files[f].kind,
                    size < known ? "expected" : "is cut off", "download it again");
        refused(join(copy(whole->data, whole->size), copy("\0", 1)), files[f].kind, "is too long",
                "download it again");
        free(whole->data);
    }
}

static void a_short_or_long_content_is_measured(void **state)
{
    (void)state;
    refused_either_way(idx_file(3, 3, 2, 2, 11), CCRNN_IDX_IMAGES,
                       "3 images of 2 × 2, that is 12 bytes", "only 11 bytes follow");
    refused_either_way(idx_file(3, 3, 2, 2, 13), CCRNN_IDX_IMAGES,
                       "3 images of 2 × 2, that is 12 bytes", "more bytes follow");
    refused_either_way(idx_file(1, 30, 1, 1, 29), CCRNN_IDX_LABELS, "30 labels",
                       "only 29 bytes follow");
    refused_either_way(idx_file(1, 30, 1, 1, 31), CCRNN_IDX_LABELS, "30 labels",
                       "more bytes follow");
    refused(join(compressed(labels(5)), compressed(copy("more", 4))), CCRNN_IDX_LABELS,
            "is too long", "5 labels");
}

/* The largest lies a header can tell: refused before memory is taken for them. */
static void a_lie_in_the_header_costs_nothing(void **state)
{
    (void)state;
    const uint32_t most = UINT32_MAX;
    refused(idx_file(1, most, 1, 1, 10), CCRNN_IDX_LABELS, "4294967295 labels",
            "only 10 bytes follow");
    refused(compressed(idx_file(1, most, 1, 1, 10)), CCRNN_IDX_LABELS, "4294967295 labels",
            "holds at most");
    refused_either_way(idx_file(3, most, most, most, 10), CCRNN_IDX_IMAGES,
                       "more than memory can have", "damaged");
    refused(compressed(idx_file(3, most, most, 1, 10)), CCRNN_IDX_IMAGES, "holds at most",
            "damaged");
    refused(idx_file(3, most, most, 1, 10), CCRNN_IDX_IMAGES, "only 10 bytes follow", "cut off");
}

/* A flipped bit of a gzip file is noticed, or it changes nothing (padding). */
static void damage_in_gzip_is_noticed(void **state)
{
    (void)state;
    enum { GZIP_HEADER = 10, CHECKS = 8 };
    struct bytes plain = images(5, 8, 8);
    struct bytes whole = gzip(plain.data, plain.size, 9);
    size_t unnoticed = 0;
    for (size_t bit = 8 * GZIP_HEADER; bit < 8 * whole.size; bit++) {
        struct ccrnn_idx idx;
        struct ccrnn_error err = {0};
        struct bytes bad = copy(whole.data, whole.size);
        bad.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (ccrnn_idx_parse("f", bad.data, bad.size, CCRNN_IDX_IMAGES, &idx, &err) == CCRNN_OK) {
            assert_int_equal(idx.size, plain.size - 16);
            assert_memory_equal(idx.values, plain.data + 16, idx.size);
            unnoticed++;
        }
        ccrnn_idx_release(&idx);
        free(bad.data);
    }
    assert_true(unnoticed < 8);
    struct bytes crc = copy(whole.data, whole.size);
    crc.data[crc.size - CHECKS] ^= 1;
    refused(crc, CCRNN_IDX_IMAGES, "gzip stream has an error (incorrect data check)", "damaged");
    struct bytes length = copy(whole.data, whole.size);
    length.data[length.size - 1] ^= 1;
    refused(length, CCRNN_IDX_IMAGES, "(incorrect length check)", "damaged");
    refused(join(copy(whole.data, whole.size), copy("\x1f\x8b\x07\0", 4)), CCRNN_IDX_IMAGES,
            "gzip stream has an error", "damaged");
    refused(join(copy(whole.data, whole.size), copy("\x1f\x8b", 2)), CCRNN_IDX_IMAGES,
            "gzip stream goes on where the file ends", "cut off");
    refused(join(copy(whole.data, whole.size), copy("abc", 3)), CCRNN_IDX_IMAGES,
            "3 bytes follow the end of its gzip stream", "too long");
    free(whole.data);
    free(plain.data);
}

static void what_is_no_file_is_named(void **state)
{
    (void)state;
    struct ccrnn_idx idx;
    struct ccrnn_error err = {0};
    expect_error(ccrnn_idx_read(scratch_directory(), CCRNN_IDX_IMAGES, &idx, &err), CCRNN_IO,
                 &err, scratch_directory(), "directory", NULL);
    const char *const path = scratch_path("none");
    expect_error(ccrnn_idx_read(path, CCRNN_IDX_IMAGES, &idx, &err), CCRNN_IO, &err, path,
                 "No such file", NULL);
    assert_null(idx.values);
}

/* A file of the made-up set in a directory of its own; frees `content`. */
static void put(const char *directory, const char *name, struct bytes content)
{
    char path[SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    scratch_write(path, content.data, content.size);
    free(content.data);
}

static const char *new_directory(const char *name)
{
    const char *const path = scratch_path(name);
    assert_int_equal(mkdir(path, 0777), 0);
    return path;
}

static void put_set(const char *directory)
{
    put(directory, "train-images-idx3-ubyte.gz", compressed(images(12, 5, 4)));
    put(directory, "train-labels-idx1-ubyte", labels(12));
    put(directory, "t10k-images.idx3-ubyte", images(7, 5, 4));
    put(directory, "t10k-labels.idx1-ubyte.gz", compressed(labels(7)));
}

static struct ccrnn_image_set loaded(const char *directory, enum ccrnn_image_split split)
{
    struct ccrnn_error err = {0};
    struct ccrnn_image_set set;
    if (ccrnn_mnist_load(directory, split, &set, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return set;
}

static void every_spelling_is_found(void **state)
{
    (void)state;
    const char *const directory = new_directory("spellings");
    put_set(directory);
    struct ccrnn_image_set train = loaded(directory, CCRNN_IMAGES_TRAIN);
    struct ccrnn_image_set test = loaded(directory, CCRNN_IMAGES_TEST);
    assert_int_equal(train.count, 12);
    assert_int_equal(test.count, 7);
    assert_int_equal(train.rows, 5);
    assert_int_equal(train.cols, 4);
    for (size_t i = 0; i < train.count; i++)
        assert_int_equal(train.labels[i], i % 10);
    for (size_t i = 0; i < test.count * test.rows * test.cols; i++)
        assert_int_equal(test.pixels[i], (uint8_t)(i * 7 + i / 256));
    ccrnn_image_set_release(&train);
    ccrnn_image_set_release(&test);
    ccrnn_image_set_release(&test);
    assert_null(test.pixels);
}

/* A plain file goes before a compressed one, a hyphen before a dot. */
static void of_several_spellings_one_is_taken(void **state)
{
    (void)state;
    static const char *const names[] = {"t10k-labels.idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
                                        "t10k-labels.idx1-ubyte", "t10k-labels-idx1-ubyte"};
    const char *const directory = new_directory("several");
    for (uint32_t i = 0; i < 4; i++) {
        put(directory, names[i], labels(7 + i));
        char path[CCRNN_PATH_MAX];
        struct ccrnn_error err = {0};
        assert_int_equal(ccrnn_mnist_find(directory, CCRNN_MNIST_TEST_LABELS, path, &err),
                         CCRNN_OK);
        assert_string_equal(strrchr(path, '/') + 1, names[i]);
    }
    put(directory, "t10k-images-idx3-ubyte", images(10, 2, 2));
    struct ccrnn_image_set test = loaded(directory, CCRNN_IMAGES_TEST);
    assert_int_equal(test.count, 10);
    ccrnn_image_set_release(&test);
}

static void all_missing_files_are_listed(void **state)
{
    (void)state;
    struct ccrnn_image_set set = {.count = 3};
    struct ccrnn_error err = {0};
    const char *const none = scratch_path("nowhere");
    expect_error(ccrnn_mnist_load(none, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_IO, &err,
                 "4 of the 4 files of MNIST are missing in", none, "no such directory",
                 "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                 "t10k-labels-idx1-ubyte", ".gz", "CCRNN_DATA", "ccrnn data fetch mnist --data ",
                 NULL);
    assert_int_equal(set.count, 0);
    const char *const directory = new_directory("half");
    put(directory, "t10k-labels-idx1-ubyte", labels(2));
    put(directory, "t10k-images-idx3-ubyte", images(2, 1, 1));
    put(directory, "train-labels-idx1-ubyte", labels(2));
    expect_error(ccrnn_mnist_load(directory, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_IO, &err,
                 "1 of the 4 files of MNIST is missing", ": train-images-idx3-ubyte (", NULL);
    assert_null(strstr(err.message, "no such directory"));
    set = loaded(directory, CCRNN_IMAGES_TEST);
    ccrnn_image_set_release(&set);
    const char *const folder = scratch_path("half/train-images-idx3-ubyte");
    assert_int_equal(mkdir(folder, 0777), 0);
    expect_error(ccrnn_mnist_load(directory, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_IO, &err,
                 folder, "directory", NULL);
}

static void a_path_too_long_is_refused(void **state)
{
    (void)state;
    static char longest[CCRNN_PATH_MAX];
    memset(longest, 'd', sizeof longest - 1);
    struct ccrnn_image_set set;
    struct ccrnn_error err = {0};
    expect_error(ccrnn_mnist_load(longest, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_USAGE, &err,
                 "train-images-idx3-ubyte", "choose a shorter path", NULL);
}

static void images_and_labels_belong_together(void **state)
{
    (void)state;
    struct ccrnn_image_set set;
    struct ccrnn_error err = {0};
    const char *const directory = new_directory("apart");
    put_set(directory);
    put(directory, "train-labels-idx1-ubyte", labels(13));
    expect_error(ccrnn_mnist_load(directory, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_FORMAT, &err,
                 "train-images-idx3-ubyte.gz has 12 images", "train-labels-idx1-ubyte has 13",
                 "ccrnn data fetch mnist", NULL);
    assert_null(set.pixels);
    struct bytes ten = labels(12);
    ten.data[8 + 5] = 10;
    put(directory, "train-labels-idx1-ubyte", ten);
    expect_error(ccrnn_mnist_load(directory, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_FORMAT, &err,
                 "train-labels-idx1-ubyte: label 5", "is 10, expected 0 … 9", NULL);
    put(directory, "train-labels-idx1-ubyte", images(12, 1, 1));
    expect_error(ccrnn_mnist_load(directory, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_FORMAT, &err,
                 "train-labels-idx1-ubyte", "holds images where labels were expected", NULL);
    put(directory, "train-labels-idx1-ubyte", labels(12));
    put(directory, "train-images-idx3-ubyte.gz", copy("", 0));
    expect_error(ccrnn_mnist_load(directory, CCRNN_IMAGES_TRAIN, &set, &err), CCRNN_FORMAT, &err,
                 "train-images-idx3-ubyte.gz is empty", NULL);
    assert_null(set.labels);
}

/* Expected: zlib.crc32 of Python. Any change of a size, a pixel or a label is another number. */
static void the_fingerprint_is_as_documented(void **state)
{
    (void)state;
    uint8_t pixels[12], digits[2] = {3, 9};
    for (int i = 0; i < 12; i++)
        pixels[i] = (uint8_t)(i * 20);
    struct ccrnn_image_set set = {
        .pixels = pixels, .labels = digits, .count = 2, .rows = 3, .cols = 2};
    const uint64_t first = ccrnn_image_set_fingerprint(&set);
    assert_true(first == UINT64_C(0x4bb7c4bb06241365));
    pixels[11] ^= 1;
    assert_true(first != ccrnn_image_set_fingerprint(&set));
    pixels[11] ^= 1;
    digits[0] = 4;
    assert_true(first != ccrnn_image_set_fingerprint(&set));
    digits[0] = 3;
    set.rows = 2;
    set.cols = 3;
    assert_true(first != ccrnn_image_set_fingerprint(&set));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(blank_images_are_read),
        cmocka_unit_test(another_kind_is_named),
        cmocka_unit_test(another_format_is_named),
        cmocka_unit_test(an_empty_file_is_named),
        cmocka_unit_test(sizes_of_zero_are_refused),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(a_short_or_long_content_is_measured),
        cmocka_unit_test(a_lie_in_the_header_costs_nothing),
        cmocka_unit_test(damage_in_gzip_is_noticed),
        cmocka_unit_test(what_is_no_file_is_named),
        cmocka_unit_test(every_spelling_is_found),
        cmocka_unit_test(of_several_spellings_one_is_taken),
        cmocka_unit_test(all_missing_files_are_listed),
        cmocka_unit_test(a_path_too_long_is_refused),
        cmocka_unit_test(images_and_labels_belong_together),
        cmocka_unit_test(the_fingerprint_is_as_documented),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
