/* The words a network knows: order, look-up, fingerprint, and a file that is checked when read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "data/vocabulary.h"
#include "scratch.h"

#define SPECIAL "<pad>\n<start>\n<end>\n<unk>\n"

static const char *const words[] = {"zebra", "dog", "a", "the", "ball", "dogs", "\xc3\xa9tude"};
static const uint64_t seen[] = {4, 9, 100, 9, 3, 4, 4};
enum { WORDS = sizeof words / sizeof words[0] };

static struct ccrnn_vocabulary *made(uint64_t minimum)
{
    struct ccrnn_error err;
    struct ccrnn_vocabulary *vocabulary;
    if (ccrnn_vocabulary_make(words, seen, WORDS, minimum, &vocabulary, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return vocabulary;
}

static void frequent_words_come_first(void **state)
{
    (void)state;
    static const char *const expected[] = {"<pad>", "<start>", "<end>", "<unk>", "a",
                                           "dog",   "the",     "dogs",  "zebra", "\xc3\xa9tude"};
    struct ccrnn_vocabulary *const vocabulary = made(4);
    assert_int_equal(ccrnn_vocabulary_size(vocabulary), sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < ccrnn_vocabulary_size(vocabulary); i++) {
        assert_string_equal(ccrnn_vocabulary_word(vocabulary, i), expected[i]);
        assert_int_equal(ccrnn_vocabulary_find(vocabulary, expected[i]), i);
    }
    ccrnn_vocabulary_release(vocabulary);
    ccrnn_vocabulary_release(NULL);
}

static void other_words_are_unknown(void **state)
{
    (void)state;
    static const char *const others[] = {"ball", "", "do", "dogss", "Dog", "zz", "\xff", "!"};
    struct ccrnn_vocabulary *const vocabulary = made(4);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(ccrnn_vocabulary_find(vocabulary, others[i]), CCRNN_WORD_UNKNOWN);
    ccrnn_vocabulary_release(vocabulary);
}

static void a_minimum_that_no_word_reaches_is_refused(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_vocabulary *vocabulary = (struct ccrnn_vocabulary *)&err;
    expect_error(ccrnn_vocabulary_make(words, seen, WORDS, 101, &vocabulary, &err), CCRNN_USAGE,
                 &err, "101 times", "of 7 words", "100 times", NULL);
    assert_null(vocabulary);
    expect_error(ccrnn_vocabulary_make(NULL, NULL, 0, 1, &vocabulary, &err), CCRNN_USAGE, &err,
                 "of 0 words", NULL);
    assert_null(vocabulary);
}

static void the_fingerprint_is_that_of_the_words(void **state)
{
    (void)state;
    static const char bytes[] = "<pad>\0<start>\0<end>\0<unk>\0a\0dog\0the";
    struct ccrnn_vocabulary *const vocabulary = made(9);
    assert_int_equal(ccrnn_vocabulary_fingerprint(vocabulary),
                     ccrnn_crc32(0, bytes, sizeof bytes));
    ccrnn_vocabulary_release(vocabulary);
}

static void a_file_keeps_a_vocabulary(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_vocabulary *const vocabulary = made(4);
    struct ccrnn_vocabulary *again;
    const char *const path = scratch_path("words.txt");
    static const char expected[] = SPECIAL "a\ndog\nthe\ndogs\nzebra\n\xc3\xa9tude\n";
    assert_int_equal(ccrnn_vocabulary_save(vocabulary, path, &err), CCRNN_OK);
    scratch_expect(path, expected, strlen(expected));
    assert_int_equal(ccrnn_vocabulary_load(path, &again, &err), CCRNN_OK);
    assert_int_equal(ccrnn_vocabulary_size(again), ccrnn_vocabulary_size(vocabulary));
    for (size_t i = 0; i < ccrnn_vocabulary_size(again); i++) {
        const char *const word = ccrnn_vocabulary_word(vocabulary, i);
        assert_string_equal(ccrnn_vocabulary_word(again, i), word);
        assert_int_equal(ccrnn_vocabulary_find(again, word), i);
    }
    assert_int_equal(ccrnn_vocabulary_fingerprint(again),
                     ccrnn_vocabulary_fingerprint(vocabulary));
    ccrnn_vocabulary_release(again);
    ccrnn_vocabulary_release(vocabulary);
}

static void a_last_line_may_lack_its_end(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_vocabulary *vocabulary;
    const char *const path = scratch_path("open.txt");
    scratch_write(path, SPECIAL "dog", strlen(SPECIAL "dog"));
    assert_int_equal(ccrnn_vocabulary_load(path, &vocabulary, &err), CCRNN_OK);
    assert_int_equal(ccrnn_vocabulary_size(vocabulary), 5);
    assert_int_equal(ccrnn_vocabulary_find(vocabulary, "dog"), 4);
    ccrnn_vocabulary_release(vocabulary);
}

static void expect_damaged(const char *text, const char *message)
{
    struct ccrnn_error err;
    struct ccrnn_vocabulary *vocabulary = (struct ccrnn_vocabulary *)&err;
    const char *const path = scratch_path("damaged.txt");
    scratch_write(path, text, strlen(text));
    expect_error(ccrnn_vocabulary_load(path, &vocabulary, &err), CCRNN_FORMAT, &err, message,
                 NULL);
    assert_null(vocabulary);
}

static void every_damage_has_its_message(void **state)
{
    (void)state;
    expect_damaged("", "damaged.txt:1: the file ends after 0 words");
    expect_damaged("<pad>\n<start>\n", "damaged.txt:2: the file ends after 2 words");
    expect_damaged("<pad>\n<start>\n<unk>\n<end>\n", ":3: the word is `<unk>`, expected `<end>`");
    expect_damaged(SPECIAL "\ndog\n", ":5: the line is empty");
    expect_damaged(SPECIAL "dog\n\n", ":6: the line is empty");
    expect_damaged(SPECIAL "a dog\n", ":5: there is a space in `a dog`");
    expect_damaged(SPECIAL "a\tdog\n", ":5: there is a space");
    expect_damaged(SPECIAL "b\na\nc\na\n", ":8: the word `a` stands on line 6 too");
    expect_damaged(SPECIAL "<pad>\n", ":5: the word `<pad>` stands on line 1 too");
    expect_damaged(SPECIAL "dog\nca\xfft\n", ":6: byte 3 of the line (0xff) is not UTF-8");
}

static void a_missing_file_is_told(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_vocabulary *vocabulary;
    expect_error(ccrnn_vocabulary_load(scratch_path("nowhere.txt"), &vocabulary, &err), CCRNN_IO,
                 &err, "nowhere.txt", NULL);
    assert_null(vocabulary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequent_words_come_first),
        cmocka_unit_test(other_words_are_unknown),
        cmocka_unit_test(a_minimum_that_no_word_reaches_is_refused),
        cmocka_unit_test(the_fingerprint_is_that_of_the_words),
        cmocka_unit_test(a_file_keeps_a_vocabulary),
        cmocka_unit_test(a_last_line_may_lack_its_end),
        cmocka_unit_test(every_damage_has_its_message),
        cmocka_unit_test(a_missing_file_is_told),
    };
    return cmocka_run_group_tests_name("vocabulary", tests, scratch_setup, scratch_teardown);
}
