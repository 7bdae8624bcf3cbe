/* Captions and lists of ids: what is in them, and a message with the place for each way a file can be
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/captions.h"
#include "data/id_list.h"
#include "data/utf8.h"
#include "scratch.h"

typedef enum ccrnn_status parse_captions(const char *path, const uint8_t *bytes, size_t size,
                                         struct ccrnn_captions *captions,
                                         struct ccrnn_error *err);

/* On the heap with its exact size, so that the sanitizer sees a byte too far. */
static uint8_t *exact(const char *text, size_t size)
{
    uint8_t *const bytes = malloc(size + (size == 0));
    assert_non_null(bytes);
    memcpy(bytes, text, size);
    return bytes;
}

static struct ccrnn_captions captions_of(parse_captions *parse, const char *text)
{
    struct ccrnn_error err;
    struct ccrnn_captions captions;
    uint8_t *const bytes = exact(text, strlen(text));
    if (parse("dir/f", bytes, strlen(text), &captions, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    free(bytes);
    return captions;
}

static void expect_caption(const struct ccrnn_captions *captions, size_t i, const char *image,
                           const char *text, size_t place)
{
    assert_true(i < captions->count);
    assert_string_equal(captions->caption[i].image, image);
    assert_string_equal(captions->caption[i].text, text);
    assert_int_equal(captions->caption[i].place, place);
}

static void expect_damaged_bytes(parse_captions *parse, const char *text, size_t size,
                                 const char *words)
{
    struct ccrnn_error err;
    struct ccrnn_captions captions = {.count = 7};
    uint8_t *const bytes = exact(text, size);
    expect_error(parse("dir/f", bytes, size, &captions, &err), CCRNN_FORMAT, &err, "dir/f", words,
                 NULL);
    assert_null(captions.caption);
    assert_null(captions.owned);
    assert_int_equal(captions.count, 0);
    free(bytes);
}

static void expect_damaged(parse_captions *parse, const char *text, const char *words)
{
    expect_damaged_bytes(parse, text, strlen(text), words);
}

static void flickr_lines_are_read(void **state)
{
    (void)state;
    struct ccrnn_captions captions =
        captions_of(ccrnn_captions_parse_flickr, "\xef\xbb\xbf"
                                                 "a.jpg#0\tA dog .\r\n\r\n"
                                                 "a.jpg#1\t caf\xc3\xa9\ttwo \n"
                                                 "b#1.jpg#0\t\n"
                                                 "c.jpg#10\t \xe3\x80\x80 \xc2\xa0\n"
                                                 "b#1.jpg#4\tlast");
    assert_int_equal(captions.count, 3);
    assert_int_equal(captions.without_words, 2);
    expect_caption(&captions, 0, "a.jpg", "A dog .", 1);
    expect_caption(&captions, 1, "a.jpg", " caf\xc3\xa9\ttwo ", 3);
    expect_caption(&captions, 2, "b#1.jpg", "last", 6);
    ccrnn_captions_release(&captions);
    ccrnn_captions_release(&captions);
}

static void every_damage_of_flickr_has_its_message(void **state)
{
    (void)state;
    parse_captions *const parse = ccrnn_captions_parse_flickr;
    static const char zero[] = "a#0\tx\nb#0\tx\0y\n";
    expect_damaged(parse, "", "f:1: there is no caption in the file");
    expect_damaged(parse, "\xef\xbb\xbf", "f:1: there is no caption");
    expect_damaged(parse, "a#0\t \nb#0\t\n",
                   "f:2: there is no caption in the file (2 are blank)");
    expect_damaged(parse, "a#0\tx\na.jpg A dog\n", "f:2: there is no tab in `a.jpg A dog`");
    expect_damaged(parse, "image,caption\n", "f:1: there is no tab");
    expect_damaged(parse, "a#0\tx\n\na.jpg\tA dog\n", "f:3: `a.jpg` stands before the tab");
    expect_damaged(parse, "a#\tx\n", "f:1: `a#` stands before the tab");
    expect_damaged(parse, "a#x\tx\n", "f:1: `a#x` stands before the tab");
    expect_damaged(parse, "a#-1\tx\n", "f:1: `a#-1` stands");
    expect_damaged(parse, "a#00\tx\n", "f:1: `a#00` stands");
    expect_damaged(parse, "a#99999999999999999999\tx\n", "f:1: `a#99999999999999999999` stands");
    expect_damaged(parse, "#0\tx\n", "f:1: `#0` stands before the tab");
    expect_damaged(parse, "a#0\tx\na#1\tx\nb#0\tx\na#1\ty\nb#0\tz\n",
                   "f:4: `a#1` stands on line 2 already");
    expect_damaged(parse, "a#0\tx\na#0\t\n", "f:2: `a#0` stands on line 1 already");
    expect_damaged(parse, "a#0\tx\nb#0\tcaf\xe9 \n",
                   "f:2: byte 8 of the line (0xe9) is not UTF-8");
    expect_damaged(parse, "a#0\t\xed\xa0\x80\n", "f:1: byte 5 of the line (0xed)");
    expect_damaged(parse, "a#0\t\xc0\xaf\n", "f:1: byte 5 of the line (0xc0)");
    expect_damaged(parse, "a#0\t\xe2\x82", "f:1: byte 5 of the line (0xe2)");
    expect_damaged(parse, "a#0\tx\rb#0\ty\r", "f:1: there is a carriage return inside");
    expect_damaged_bytes(parse, zero, sizeof zero - 1, "f:2: there is a zero byte");
}

static void coco_is_read(void **state)
{
    (void)state;
    struct ccrnn_captions captions = captions_of(
        ccrnn_captions_parse_coco,
        "\xef\xbb\xbf{\"info\": {\"year\": 2014}, \"annotations\": ["
        "{\"image_id\": 391895, \"id\": 7, \"caption\": \"A man.\"},"
        "{\"id\": 8, \"image_id\": 9, \"caption\": \" \\n\\t\"},"
        "{\"id\": 9, \"image_id\": -5, \"caption\": \"caf\\u00e9 \\ud83d\\ude00\", \"x\": []},"
        "{\"image_id\": 9223372036854775807, \"caption\": \"\xc3\xbc \"}],"
        "\"images\": [{\"id\": -5}, {\"id\": 9223372036854775807}, {\"id\": 9}, {\"id\": 391895}]}");
    assert_int_equal(captions.count, 3);
    assert_int_equal(captions.without_words, 1);
    expect_caption(&captions, 0, "391895", "A man.", 0);
    expect_caption(&captions, 1, "-5", "caf\xc3\xa9 \xf0\x9f\x98\x80", 2);
    expect_caption(&captions, 2, "9223372036854775807", "\xc3\xbc ", 3);
    ccrnn_captions_release(&captions);
    captions = captions_of(ccrnn_captions_parse_coco,
                           "{\"annotations\": [{\"image_id\": 0, \"caption\": \"x\"}]}");
    assert_int_equal(captions.count, 1);
    expect_caption(&captions, 0, "0", "x", 0);
    ccrnn_captions_release(&captions);
}

#define ANNOTATION(text) "{\"annotations\": [{\"image_id\": 1, \"caption\": \"x\"}, " text "]}"

static void every_damage_of_coco_has_its_message(void **state)
{
    (void)state;
    parse_captions *const parse = ccrnn_captions_parse_coco;
    static const char zero[] = "{\"annotations\": [\0]}";
    expect_damaged(parse, "", "f is empty");
    expect_damaged(parse, "\xef\xbb\xbf", "f is empty");
    expect_damaged(parse, "{\n\"annotations\": [\n{]}\n", "f:3: not valid JSON near byte");
    expect_damaged(parse, "{\"annotations\": [",
                   "f:1: not valid JSON near byte 17: the file ends "
                   "inside its JSON; it is cut off");
    expect_damaged(parse, "{\"annotations\": []} x", "f:1: not valid JSON near byte");
    expect_damaged(parse, "{\"annotations\": [{\"caption\": \"caf\xe9\"}]}", "this is not UTF-8");
    expect_damaged(parse, "{\"annotations\": [{\"caption\": \"\\u0000\"}]}", "zero character");
    expect_damaged(parse, "{\"annotations\": [{\"caption\": \"\\ud800\"}]}", "not valid JSON");
    expect_damaged(parse, "{\"annotations\": [], \"annotations\": []}", "duplicate object key");
    expect_damaged(parse, ANNOTATION("{\"image_id\": 99999999999999999999}"),
                   "too big integer near '99999999999999999999'");
    expect_damaged_bytes(parse, zero, sizeof zero - 1, "not valid JSON near byte");
    expect_damaged(parse, "[1]", "f has no list \"annotations\"");
    expect_damaged(parse, "{\"images\": []}", "f has no list \"annotations\"");
    expect_damaged(parse, "{\"annotations\": {}}", "f has no list \"annotations\"");
    expect_damaged(parse, "{\"annotations\": []}", "f: there is no caption");
    expect_damaged(parse, "{\"annotations\": [{\"image_id\": 1, \"caption\": \" \"}]}",
                   "f: there is no caption in \"annotations\" (1 are blank)");
    expect_damaged(parse, ANNOTATION("3"), "annotation 1 (from 0) has no \"image_id\"");
    expect_damaged(parse, ANNOTATION("{\"caption\": \"x\"}"),
                   "annotation 1 (from 0) has no \"image");
    expect_damaged(parse, ANNOTATION("{\"image_id\": \"1\", \"caption\": \"x\"}"),
                   "annotation 1 (from 0) has no \"image_id\" (an integer)");
    expect_damaged(parse, ANNOTATION("{\"image_id\": 1.5, \"caption\": \"x\"}"),
                   "no \"image_id\"");
    expect_damaged(parse, ANNOTATION("{\"image_id\": 1}"),
                   "annotation 1 (from 0) has no \"caption\"");
    expect_damaged(parse, ANNOTATION("{\"image_id\": 1, \"caption\": 3}"),
                   "annotation 1 (from 0) has no \"caption\" (a string)");
    expect_damaged(parse, ANNOTATION("{\"image_id\": 1, \"caption\": \"x\", \"id\": \"7\"}"),
                   "the \"id\" of annotation 1 (from 0) is not an integer");
}

static void coco_must_agree_with_itself(void **state)
{
    (void)state;
    parse_captions *const parse = ccrnn_captions_parse_coco;
    expect_damaged(parse,
                   "{\"annotations\": [{\"image_id\": 1, \"id\": 3, \"caption\": \"x\"},"
                   "{\"image_id\": 1, \"id\": 4, \"caption\": \"x\"},"
                   "{\"image_id\": 2, \"id\": -3, \"caption\": \" \"},"
                   "{\"image_id\": 2, \"id\": 4, \"caption\": \" \"}]}",
                   "annotations 1 and 3 (from 0) have the same \"id\" 4");
    expect_damaged(parse, "{\"images\": 3, \"annotations\": []}", "\"images\" is not a list");
    expect_damaged(parse, "{\"images\": [{\"id\": 1}, {\"id\": \"1\"}], \"annotations\": []}",
                   "image 1 (from 0) of \"images\" has no \"id\" (an integer)");
    expect_damaged(parse, "{\"images\": [{\"id\": 1}, 2], \"annotations\": []}",
                   "image 1 (from 0) of \"images\" has no \"id\"");
    expect_damaged(parse,
                   "{\"images\": [{\"id\": 7}, {\"id\": 2}],"
                   "\"annotations\": [{\"image_id\": 2, \"caption\": \"x\"},"
                   "{\"image_id\": 5, \"caption\": \"x\"}]}",
                   "annotation 1 (from 0) is about image 5, which is not among the 2");
    expect_damaged(parse,
                   "{\"images\": [], \"annotations\": [{\"image_id\": 2, \"caption\": \"x\"}]}",
                   "not among the 0");
}

static void endless_brackets_have_one_message(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    char *const text = malloc(DEEP);
    assert_non_null(text);
    memset(text, '[', DEEP);
    expect_damaged_bytes(ccrnn_captions_parse_coco, text, DEEP, "f:1: not valid JSON near byte");
    expect_damaged_bytes(ccrnn_captions_parse_coco, text, DEEP, "nested deeper");
    free(text);
}

static void caption_files_are_opened(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_captions captions;
    const char *const path = scratch_path("captions");
    static const char flickr[] = "a#0\tx\n";
    static const char coco[] = "{\"annotations\": [{\"image_id\": 3, \"caption\": \"x\"}]}";
    expect_error(ccrnn_captions_read_flickr(path, &captions, &err), CCRNN_IO, &err, path, NULL);
    expect_error(ccrnn_captions_read_coco(path, &captions, &err), CCRNN_IO, &err, path, NULL);
    scratch_write(path, flickr, sizeof flickr - 1);
    assert_int_equal(ccrnn_captions_read_flickr(path, &captions, &err), CCRNN_OK);
    expect_caption(&captions, 0, "a", "x", 1);
    ccrnn_captions_release(&captions);
    expect_error(ccrnn_captions_read_coco(path, &captions, &err), CCRNN_FORMAT, &err, path,
                 ":1:", NULL);
    scratch_write(path, coco, sizeof coco - 1);
    assert_int_equal(ccrnn_captions_read_coco(path, &captions, &err), CCRNN_OK);
    expect_caption(&captions, 0, "3", "x", 0);
    ccrnn_captions_release(&captions);
    unlink(path);
}

static enum ccrnn_status ids_of(const char *text, size_t size, struct ccrnn_id_list *list,
                                struct ccrnn_error *err)
{
    uint8_t *const bytes = exact(text, size);
    const enum ccrnn_status status = ccrnn_id_list_parse("dir/f", bytes, size, list, err);
    free(bytes);
    return status;
}

static void ids_are_read(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf a.jpg \r\n\n \t\r\n\tb c.jpg\n\xc3\xa9\na.jpg";
    static const char *const ids[] = {"a.jpg", "b c.jpg", "\xc3\xa9", "a.jpg"};
    struct ccrnn_error err;
    struct ccrnn_id_list list;
    assert_int_equal(ids_of(text, sizeof text - 1, &list, &err), CCRNN_OK);
    assert_int_equal(list.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(list.id[i], ids[i]);
    ccrnn_id_list_release(&list);
    ccrnn_id_list_release(&list);
    const char *const path = scratch_path("ids.txt");
    expect_error(ccrnn_id_list_read(path, &list, &err), CCRNN_IO, &err, path, NULL);
    scratch_write(path, text, sizeof text - 1);
    assert_int_equal(ccrnn_id_list_read(path, &list, &err), CCRNN_OK);
    assert_int_equal(list.count, 4);
    ccrnn_id_list_release(&list);
    unlink(path);
}

static void every_damage_of_a_list_has_its_message(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
        size_t size; /* 0: the string's */
    } cases[] = {
        {"", "f:1: there is no id in the file", 0},
        {" \n\r\n", "f:2: there is no id in the file", 0},
        {"a\nb\0c\n", "f:2: there is a zero byte", 6},
        {"a\n\nb\xff\n", "f:3: byte 2 of the line (0xff) is not UTF-8", 0},
        {"a\n\xf4\x90\x80\x80\n", "f:2: byte 1 of the line (0xf4)", 0},
        {"a\rb\n", "f:1: there is a carriage return inside", 0},
        {"a\n\xff\xfe", "f:2: byte 1 of the line (0xff)", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ccrnn_error err;
        struct ccrnn_id_list list;
        const size_t size = cases[i].size > 0 ? cases[i].size : strlen(cases[i].text);
        expect_error(ids_of(cases[i].text, size, &list, &err), CCRNN_FORMAT, &err, "dir/f",
                     cases[i].words, NULL);
        assert_null(list.id);
        assert_null(list.owned);
    }
}

static void utf8_is_strict(void **state)
{
    (void)state;
    static const char *const good[] = {"a",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x61",
                                      "\xe0\x9f\xbf",
                                      "\xe1\x80",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x90\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(ccrnn_utf8_sequence(good[i], strlen(good[i])), strlen(good[i]));
        assert_int_equal(ccrnn_utf8_sequence(good[i], strlen(good[i]) - 1), 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(ccrnn_utf8_sequence(bad[i], strlen(bad[i])), 0);
    assert_int_equal(ccrnn_utf8_valid("a\xc3\xa9\xc3", 4), 3);
    assert_true(ccrnn_utf8_is_blank(" \t\r\n\xe2\x80\xa8"));
    assert_false(ccrnn_utf8_is_blank(" \xe2\x80\xa6"));
}

static void excerpts_are_whole_characters(void **state)
{
    (void)state;
    char excerpt[CCRNN_EXCERPT];
    char text[2 * CCRNN_EXCERPT + 1] = "";
    assert_string_equal(ccrnn_utf8_excerpt("a\n\xff\xc3\xa9\x7f", 6, excerpt), "a??\xc3\xa9?");
    assert_string_equal(ccrnn_utf8_excerpt("abc", 2, excerpt), "ab");
    for (size_t start = 0; start < 4; start++) {
        memset(text, 'a', start);
        for (size_t at = start; at + 4 < sizeof text; at += 4)
            memcpy(text + at, "\xf0\x9f\x98\x80", 5);
        ccrnn_utf8_excerpt(text, strlen(text), excerpt);
        const size_t length = strlen(excerpt);
        assert_true(length < CCRNN_EXCERPT && length > CCRNN_EXCERPT - 8);
        assert_int_equal(ccrnn_utf8_valid(excerpt, length), length);
        assert_string_equal(excerpt + length - 3, "\xe2\x80\xa6");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flickr_lines_are_read),
        cmocka_unit_test(every_damage_of_flickr_has_its_message),
        cmocka_unit_test(coco_is_read),
        cmocka_unit_test(every_damage_of_coco_has_its_message),
        cmocka_unit_test(coco_must_agree_with_itself),
        cmocka_unit_test(endless_brackets_have_one_message),
        cmocka_unit_test(caption_files_are_opened),
        cmocka_unit_test(ids_are_read),
        cmocka_unit_test(every_damage_of_a_list_has_its_message),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(excerpts_are_whole_characters),
    };
    return cmocka_run_group_tests_name("captions", tests, scratch_setup, scratch_teardown);
}
