/* Sets of captions: scenes, Flickr's files, COCO's files; what belongs together, what is left out, what
 * is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "scratch.h"
#include "task/caption_set.h"

enum { WIDTH = 2, ROWS_MAX = 8 };

/* A directory of its own for each test, below the scratch directory. */
static char place[SCRATCH_PATH];

static void new_place(void)
{
    static int number;
    assert_true(snprintf(place, sizeof place, "%s/%d", scratch_directory(), number++) > 0);
    assert_int_equal(mkdir(place, 0777), 0);
}

static const char *in_place(const char *name)
{
    static char path[2 * SCRATCH_PATH];
    assert_true(snprintf(path, sizeof path, "%s/%s", place, name) > 0);
    return path;
}

static void write_text(const char *name, const char *text)
{
    scratch_write(in_place(name), text, strlen(text));
}

/* Row r of a .npy file is (r + 0.25, −r). */
static void write_features(const char *name, int rows)
{
    enum { HEADER = 128, START = 10 };
    uint8_t bytes[HEADER + ROWS_MAX * WIDTH * sizeof(float)];
    char dictionary[HEADER];
    memset(bytes, ' ', sizeof bytes);
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", START);
    const int length =
        snprintf(dictionary, sizeof dictionary,
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, WIDTH);
    memcpy(bytes + START, dictionary, (size_t)length);
    bytes[HEADER - 1] = '\n';
    for (int i = 0; i < rows; i++) {
        const float row[WIDTH] = {(float)i + 0.25F, (float)-i};
        memcpy(bytes + HEADER + (size_t)i * sizeof row, row, sizeof row);
    }
    scratch_write(in_place(name), bytes, HEADER + (size_t)rows * WIDTH * sizeof(float));
}

/* Six images with captions; f.jpg has no features, g.jpg has no captions, e.jpg no split, d.jpg one
 * caption without words, gone.jpg is in a split only. */
static void write_flickr(void)
{
    new_place();
    write_text("tiny.token.txt", "b.jpg#0\tA dog runs .\n"
                                 "a.jpg#0\tThe dog isn't here.\n"
                                 "b.jpg#1\ta DOG\n"
                                 "c.jpg#0\ta cat\n"
                                 "d.jpg#0\ta bird\n"
                                 "d.jpg#1\t \n"
                                 "e.jpg#0\tan owl\n"
                                 "f.jpg#0\ta fish\n");
    write_text("tiny.trainImages.txt", "a.jpg\nb.jpg\nf.jpg\n");
    write_text("tiny.devImages.txt", "c.jpg\n");
    write_text("tiny.testImages.txt", "d.jpg\ngone.jpg\n");
    write_text("image_ids.txt", "e.jpg\nb.jpg\ng.jpg\na.jpg\nd.jpg\nc.jpg\n");
    write_features("features.npy", 6);
}

static void load(enum ccrnn_caption_source source, const char *features,
                 struct ccrnn_caption_set *set)
{
    struct ccrnn_error err;
    if (ccrnn_caption_set_load(source, place, features, set, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

static void expect_image(const struct ccrnn_caption_set *set, size_t image, const char *id,
                         enum ccrnn_caption_split split, int row, size_t captions)
{
    assert_string_equal(set->image_id[image], id);
    assert_int_equal(set->split[image], split);
    assert_true(set->feature[image * WIDTH] == (float)row + 0.25F);
    assert_true(set->feature[image * WIDTH + 1] == (float)-row);
    assert_int_equal(set->first[image + 1] - set->first[image], captions);
}

static void expect_caption(const struct ccrnn_caption_set *set, size_t caption,
                           const char *expected)
{
    char found[256] = "";
    for (size_t i = set->start[caption]; i < set->start[caption + 1]; i++) {
        assert_true(set->token[i] < set->lexicon_size);
        strcat(strcat(found, i == set->start[caption] ? "" : " "), set->lexicon[set->token[i]]);
    }
    assert_string_equal(found, expected);
}

static void files_of_flickr_become_a_set(void **state)
{
    (void)state;
    struct ccrnn_caption_set set;
    write_flickr();
    load(CCRNN_CAPTIONS_FLICKR, NULL, &set);
    assert_int_equal(set.images, 5);
    assert_int_equal(set.width, WIDTH);
    assert_int_equal(set.first[0], 0);
    assert_int_equal(set.start[0], 0);
    expect_image(&set, 0, "e.jpg", CCRNN_CAPTIONS_UNUSED, 0, 1);
    expect_image(&set, 1, "b.jpg", CCRNN_CAPTIONS_TRAIN, 1, 2);
    expect_image(&set, 2, "a.jpg", CCRNN_CAPTIONS_TRAIN, 3, 1);
    expect_image(&set, 3, "d.jpg", CCRNN_CAPTIONS_TEST, 4, 1);
    expect_image(&set, 4, "c.jpg", CCRNN_CAPTIONS_VALIDATION, 5, 1);
    assert_int_equal(set.captions, 6);
    expect_caption(&set, 0, "an owl");
    expect_caption(&set, 1, "a dog runs .");
    expect_caption(&set, 2, "a dog");
    expect_caption(&set, 3, "the dog is n't here .");
    expect_caption(&set, 4, "a bird");
    expect_caption(&set, 5, "a cat");
    assert_int_equal(set.tally.images_without_features, 1);
    assert_int_equal(set.tally.features_without_captions, 1);
    assert_int_equal(set.tally.captions_without_words, 1);
    assert_int_equal(set.tally.images_of_no_split, 1);
    assert_int_equal(set.tally.missing_from_captions, 1);
    ccrnn_caption_set_release(&set);
    assert_null(set.feature);
    ccrnn_caption_set_release(&set);
}

static void words_are_counted_in_training_captions(void **state)
{
    (void)state;
    static const char *const words[] = {"an",  "owl", "a",   "dog",  "runs", ".",
                                        "the", "is",  "n't", "here", "bird", "cat"};
    static const uint64_t seen[] = {0, 0, 2, 3, 1, 2, 1, 1, 1, 1, 0, 0};
    enum { WORDS = sizeof words / sizeof words[0] };
    struct ccrnn_error err;
    struct ccrnn_caption_set set;
    struct ccrnn_vocabulary *vocabulary;
    write_flickr();
    load(CCRNN_CAPTIONS_FLICKR, "", &set);
    assert_int_equal(set.lexicon_size, WORDS);
    for (size_t i = 0; i < WORDS; i++) {
        assert_string_equal(set.lexicon[i], words[i]);
        assert_int_equal(set.seen[i], seen[i]);
    }
    assert_int_equal(ccrnn_caption_set_vocabulary(&set, 2, &vocabulary, &err), CCRNN_OK);
    assert_int_equal(ccrnn_vocabulary_size(vocabulary), CCRNN_WORDS_SPECIAL + 3);
    assert_string_equal(ccrnn_vocabulary_word(vocabulary, CCRNN_WORDS_SPECIAL), "dog");
    assert_int_equal(ccrnn_vocabulary_find(vocabulary, "owl"), CCRNN_WORD_UNKNOWN);
    ccrnn_vocabulary_release(vocabulary);
    expect_error(ccrnn_caption_set_vocabulary(&set, 4, &vocabulary, &err), CCRNN_USAGE, &err,
                 "3 times", NULL);
    ccrnn_caption_set_release(&set);
}

static uint64_t fingerprint_now(void)
{
    struct ccrnn_caption_set set;
    load(CCRNN_CAPTIONS_FLICKR, NULL, &set);
    const uint64_t fingerprint = set.fingerprint;
    ccrnn_caption_set_release(&set);
    return fingerprint;
}

static void the_fingerprint_tells_sets_apart(void **state)
{
    (void)state;
    write_flickr();
    const uint64_t before = fingerprint_now();
    assert_true(before != 0);
    assert_true(before == fingerprint_now());
    write_text("tiny.devImages.txt", "c.jpg\ne.jpg\n");
    const uint64_t other_split = fingerprint_now();
    assert_true(other_split != before);
    assert_true(other_split >> 32 == before >> 32);
    write_flickr();
    write_text("image_ids.txt", "e.jpg\nb.jpg\ng.jpg\na.jpg\nc.jpg\nd.jpg\n");
    assert_true(fingerprint_now() != before);
}

/* `tiny.token.txt` and the splits as they are, one file other than before. */
static void expect_refused(const char *name, const char *text, enum ccrnn_status status,
                           const char *part, const char *other)
{
    struct ccrnn_error err;
    struct ccrnn_caption_set set;
    write_flickr();
    write_text(name, text);
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_FLICKR, place, NULL, &set, &err), status,
                 &err, part, other, NULL);
    assert_null(set.feature);
    assert_int_equal(set.images, 0);
}

static void every_disagreement_has_its_message(void **state)
{
    (void)state;
    expect_refused("tiny.testImages.txt", "d.jpg\nb.jpg\n", CCRNN_FORMAT,
                   "the image `b.jpg` is number 2 of", "tiny.testImages.txt");
    expect_refused("tiny.devImages.txt", "c.jpg\n\nd.jpg\nc.jpg\n", CCRNN_FORMAT,
                   "`d.jpg` is number 1 of", "number 2 of");
    expect_refused("tiny.trainImages.txt", "a.jpg\nb.jpg\na.jpg\n", CCRNN_FORMAT,
                   "`a.jpg` is number 1 of", "and number 3 of");
    expect_refused("image_ids.txt", "e\nb\ng\na\nd\nc\n", CCRNN_USAGE,
                   "6 images with captions (`a.jpg`, for one), 6 rows of features (`e`)",
                   "0 images with both, 1 ids of splits without captions");
    expect_refused("image_ids.txt", "e.jpg\nb.jpg\ng.jpg\na.jpg\nd.jpg\nb.jpg\n", CCRNN_FORMAT,
                   "`b.jpg`", "image_ids.txt");
    expect_refused("other.token", "a.jpg#0\ta dog\n", CCRNN_USAGE, "two files may hold captions",
                   "`other.token` and `tiny.token.txt`");
    expect_refused("a.devImages.txt", "c.jpg\n", CCRNN_USAGE, "the validation images",
                   "a.devImages.txt");
    expect_refused("features.h5", "", CCRNN_USAGE, "two files may hold the features",
                   "`features.npy` and `features.h5`");
    expect_refused("tiny.token.txt", "a.jpg#0 a dog\n", CCRNN_FORMAT, "tiny.token.txt:1:", "");
}

static void other_files_of_a_distribution_are_passed_over(void **state)
{
    (void)state;
    write_flickr();
    const uint64_t before = fingerprint_now();
    write_text("tiny.lemma.token.txt", "a.jpg#0\tthe dog be not here\n");
    write_text(".tiny.token.txt", "a.jpg#0\thidden\n");
    write_text("readme.txt", "read me\n");
    assert_int_equal(mkdir(in_place("old.token"), 0777), 0);
    assert_true(before == fingerprint_now());
}

static void expect_missing(const char *name, const char *expected)
{
    struct ccrnn_error err;
    struct ccrnn_caption_set set;
    write_flickr();
    assert_int_equal(unlink(in_place(name)), 0);
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_FLICKR, place, NULL, &set, &err), CCRNN_IO,
                 &err, place, expected, NULL);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_caption_set set;
    expect_missing("tiny.token.txt", "*.token.txt or *.token");
    expect_missing("tiny.trainImages.txt", "*trainImages.txt");
    expect_missing("tiny.devImages.txt", "*devImages.txt");
    expect_missing("tiny.testImages.txt", "*testImages.txt");
    expect_missing("features.npy", "features.npy, features.safetensors");
    write_flickr();
    assert_int_equal(unlink(in_place("image_ids.txt")), 0);
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_FLICKR, place, NULL, &set, &err),
                 CCRNN_USAGE, &err, "image_ids.txt", NULL);
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_FLICKR, place, "no.npy", &set, &err),
                 CCRNN_IO, &err, "no.npy", NULL);
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_FLICKR, "/nowhere", NULL, &set, &err),
                 CCRNN_USAGE, &err, "/nowhere is not a directory", NULL);
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_COCO, NULL, NULL, &set, &err), CCRNN_USAGE,
                 &err, "no directory is named", NULL);
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_COCO, "", NULL, &set, &err), CCRNN_USAGE,
                 &err, "no directory is named", NULL);
}

/* Named, the features may lie anywhere; the list beside them goes before that of the directory. */
static void features_may_be_named(void **state)
{
    (void)state;
    char away[SCRATCH_PATH];
    struct ccrnn_caption_set set;
    new_place();
    write_features("rows.npy", 3);
    write_text("image_ids.txt", "c.jpg\nb.jpg\na.jpg\n");
    strcpy(away, in_place("rows.npy"));
    write_flickr();
    write_features("few.npy", 6);
    load(CCRNN_CAPTIONS_FLICKR, "few.npy", &set);
    assert_int_equal(set.images, 5);
    ccrnn_caption_set_release(&set);
    load(CCRNN_CAPTIONS_FLICKR, away, &set);
    assert_int_equal(set.images, 3);
    expect_image(&set, 2, "a.jpg", CCRNN_CAPTIONS_TRAIN, 2, 1);
    ccrnn_caption_set_release(&set);
}

/* Two vectors in a safetensors file, named by their images; the list of ids is not theirs. */
static void features_may_name_their_images(void **state)
{
    (void)state;
    static const char header[] = "{\"a.jpg\":{\"dtype\":\"F32\",\"shape\":[2],"
                                 "\"data_offsets\":[0,8]},\"c.jpg\":{\"dtype\":\"F32\","
                                 "\"shape\":[2],\"data_offsets\":[8,16]}}";
    static const float numbers[] = {0.25F, 0, 1.25F, -1};
    uint8_t bytes[8 + sizeof header - 1 + sizeof numbers] = {sizeof header - 1};
    memcpy(bytes + 8, header, sizeof header - 1);
    memcpy(bytes + 8 + sizeof header - 1, numbers, sizeof numbers);
    struct ccrnn_caption_set set;
    write_flickr();
    assert_int_equal(unlink(in_place("features.npy")), 0);
    scratch_write(in_place("features.safetensors"), bytes, sizeof bytes);
    load(CCRNN_CAPTIONS_FLICKR, NULL, &set);
    assert_int_equal(set.images, 2);
    expect_image(&set, 0, "a.jpg", CCRNN_CAPTIONS_TRAIN, 0, 1);
    expect_image(&set, 1, "c.jpg", CCRNN_CAPTIONS_VALIDATION, 1, 1);
    assert_int_equal(set.tally.images_without_features, 4);
    ccrnn_caption_set_release(&set);
}

#define ANNOTATION(image, id, text)                                                              \
    "{\"image_id\": " #image ", \"id\": " #id ", \"caption\": \"" text "\"}"

static const char coco_train[] = "{\"annotations\": [" ANNOTATION(
    30, 1, "A dog.") ", " ANNOTATION(4, 2, "A cat.") ", " ANNOTATION(30, 3, "Two dogs.") "]}";
static const char coco_val[] = "{\"annotations\": [" ANNOTATION(
    100, 4, "An owl.") ", " ANNOTATION(9, 5, "A cow.") ", " ANNOTATION(25, 6, "A pig.") "]}";

static void write_coco(const char *folder, const char *ids, int rows)
{
    char name[64];
    new_place();
    if (folder[0] != '\0')
        assert_int_equal(mkdir(in_place(folder), 0777), 0);
    snprintf(name, sizeof name, "%scaptions_train2014.json", folder);
    write_text(name, coco_train);
    snprintf(name, sizeof name, "%scaptions_val2014.json", folder);
    write_text(name, coco_val);
    write_text("image_ids.txt", ids);
    write_features("features.npy", rows);
}

/* The numbers 9, 25, 100 of the second file go to validation, test, validation. */
static void files_of_coco_become_a_set(void **state)
{
    (void)state;
    struct ccrnn_caption_set set;
    write_coco("annotations/",
               "100\n000000000009\nCOCO_train2014_000000000030.jpg\nv1.5/25.png\n7\nno number\n"
               "images.4\n",
               7);
    load(CCRNN_CAPTIONS_COCO, NULL, &set);
    assert_int_equal(set.images, 5);
    expect_image(&set, 0, "100", CCRNN_CAPTIONS_VALIDATION, 0, 1);
    expect_image(&set, 1, "9", CCRNN_CAPTIONS_VALIDATION, 1, 1);
    expect_image(&set, 2, "30", CCRNN_CAPTIONS_TRAIN, 2, 2);
    expect_image(&set, 3, "25", CCRNN_CAPTIONS_TEST, 3, 1);
    expect_image(&set, 4, "4", CCRNN_CAPTIONS_TRAIN, 6, 1);
    expect_caption(&set, 2, "a dog .");
    expect_caption(&set, 3, "two dogs .");
    assert_int_equal(set.tally.features_without_captions, 2);
    assert_int_equal(set.tally.images_without_features, 0);
    assert_int_equal(set.tally.missing_from_captions, 0);
    ccrnn_caption_set_release(&set);
}

static void a_split_of_coco_does_not_hang_on_the_features(void **state)
{
    (void)state;
    struct ccrnn_caption_set set;
    write_coco("", "25\n", 1);
    load(CCRNN_CAPTIONS_COCO, NULL, &set);
    assert_int_equal(set.images, 1);
    expect_image(&set, 0, "25", CCRNN_CAPTIONS_TEST, 0, 1);
    assert_int_equal(set.tally.images_without_features, 4);
    ccrnn_caption_set_release(&set);
}

static void expect_coco_refused(enum ccrnn_status status, const char *part, const char *other)
{
    struct ccrnn_error err;
    struct ccrnn_caption_set set;
    expect_error(ccrnn_caption_set_load(CCRNN_CAPTIONS_COCO, place, NULL, &set, &err), status,
                 &err, part, other, NULL);
}

static void disagreements_of_coco_have_their_messages(void **state)
{
    (void)state;
    write_coco("", "9\n009.jpg\n", 2);
    expect_coco_refused(CCRNN_FORMAT, "`9` and `009.jpg`", "one image, 9");
    write_coco("", "9\n", 1);
    write_text("captions_val2014.json", coco_train);
    expect_coco_refused(CCRNN_FORMAT, "captions_train2014.json and in", "captions_val2014.json");
    write_coco("", "9\n", 1);
    write_text("captions_train2017.json", coco_train);
    write_text("captions_val2017.json", coco_val);
    expect_coco_refused(CCRNN_USAGE, "captions_train2014.json", "captions_train2017.json");
    write_coco("", "9\n", 1);
    assert_int_equal(unlink(in_place("captions_val2014.json")), 0);
    expect_coco_refused(CCRNN_IO, "expected captions_train2014.json and captions_val2014.json",
                        "captions_train2014.json; put both");
    write_flickr();
    expect_coco_refused(CCRNN_IO, "expected captions_train2014.json", "found none");
}

static void scenes_need_no_files(void **state)
{
    (void)state;
    static const size_t counts[] = {6000, 1000, 1000, 0};
    size_t found[CCRNN_CAPTION_SPLITS] = {0};
    struct ccrnn_error err;
    struct ccrnn_caption_set set;
    struct ccrnn_vocabulary *vocabulary;
    assert_int_equal(ccrnn_caption_set_load(CCRNN_CAPTIONS_SCENES, NULL, NULL, &set, &err),
                     CCRNN_OK);
    assert_int_equal(set.images, 8000);
    for (size_t i = 0; i < set.images; i++) {
        found[set.split[i]]++;
        assert_int_equal(set.first[i + 1], 5 * (i + 1));
    }
    for (size_t i = 0; i < CCRNN_CAPTION_SPLITS; i++)
        assert_int_equal(found[i], counts[i]);
    assert_string_equal(set.image_id[0], "train-0");
    assert_string_equal(set.image_id[7999], "test-999");
    assert_int_equal(set.captions, 40000);
    assert_true(set.fingerprint == 0);
    assert_int_equal(ccrnn_caption_set_vocabulary(&set, 4, &vocabulary, &err), CCRNN_OK);
    assert_int_equal(ccrnn_vocabulary_size(vocabulary), 76);
    ccrnn_vocabulary_release(vocabulary);
    ccrnn_caption_set_release(&set);
}

/* Flickr8k beside the repository: the counts its readers have published. */
static void flickr8k_is_read(void **state)
{
    (void)state;
    const char *const shared = getenv("CCRNN_SHARED");
    const char *const root = getenv("CCRNN_SOURCE_ROOT");
    size_t found[CCRNN_CAPTION_SPLITS] = {0}, fitting = 0;
    struct ccrnn_error err;
    struct ccrnn_vocabulary *vocabulary;
    struct ccrnn_caption_set set;
    assert_non_null(root);
    snprintf(place, sizeof place, "%s%s/data/flickr8k", shared == NULL ? root : shared,
             shared == NULL ? "/../shared" : "");
    if (!ccrnn_directory_exists(place)) {
        print_message("# SKIP no Flickr8k (set CCRNN_SHARED): its counts go unchecked\n");
        skip();
    }
    load(CCRNN_CAPTIONS_FLICKR, NULL, &set);
    for (size_t i = 0; i < set.images; i++) {
        found[set.split[i]]++;
        for (size_t c = set.first[i]; c < set.first[i + 1]; c++) {
            const size_t words = set.start[c + 1] - set.start[c];
            fitting += set.split[i] == CCRNN_CAPTIONS_TRAIN && words >= 9 && words <= 13;
        }
    }
    assert_int_equal(found[CCRNN_CAPTIONS_TRAIN], 6000);
    assert_int_equal(found[CCRNN_CAPTIONS_VALIDATION], 1000);
    assert_int_equal(found[CCRNN_CAPTIONS_TEST], 1000);
    assert_int_equal(fitting, 15039);
    assert_int_equal(ccrnn_caption_set_vocabulary(&set, 4, &vocabulary, &err), CCRNN_OK);
    assert_int_equal(ccrnn_vocabulary_size(vocabulary), 2933);
    ccrnn_vocabulary_release(vocabulary);
    ccrnn_caption_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_flickr_become_a_set),
        cmocka_unit_test(words_are_counted_in_training_captions),
        cmocka_unit_test(the_fingerprint_tells_sets_apart),
        cmocka_unit_test(every_disagreement_has_its_message),
        cmocka_unit_test(other_files_of_a_distribution_are_passed_over),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(features_may_be_named),
        cmocka_unit_test(features_may_name_their_images),
        cmocka_unit_test(files_of_coco_become_a_set),
        cmocka_unit_test(a_split_of_coco_does_not_hang_on_the_features),
        cmocka_unit_test(disagreements_of_coco_have_their_messages),
        cmocka_unit_test(scenes_need_no_files),
        cmocka_unit_test(flickr8k_is_read),
    };
    return cmocka_run_group_tests_name("caption_set", tests, scratch_setup, scratch_teardown);
}
