/* Splitting captions into words: the examples of docs/captions.md, and what holds for any text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/tokens.h"

enum { TEXT_MAX = 512, LINE_MAX_BYTES = 4096 };

/* The tokens with a space between each two. */
static void join(const struct ccrnn_tokens *tokens, char joined[TEXT_MAX])
{
    size_t size = 0;
    joined[0] = '\0';
    for (size_t i = 0; i < tokens->count; i++) {
        const int added =
            snprintf(joined + size, TEXT_MAX - size, "%s%s", i == 0 ? "" : " ", tokens->token[i]);
        assert_true(added > 0 && (size_t)added < TEXT_MAX - size);
        size += (size_t)added;
    }
}

/* On the heap with its exact size, so that the sanitizer sees a byte too far. */
static void split(const char *text, struct ccrnn_tokens *tokens)
{
    char *const exact = strdup(text);
    assert_non_null(exact);
    assert_true(ccrnn_tokens_split(exact, tokens));
    free(exact);
}

static void expect(const char *text, const char *expected)
{
    struct ccrnn_tokens tokens = {0};
    char found[TEXT_MAX], again[TEXT_MAX];
    split(text, &tokens);
    join(&tokens, found);
    assert_string_equal(found, expected);
    split(found, &tokens);
    join(&tokens, again);
    assert_string_equal(again, expected);
    ccrnn_tokens_release(&tokens);
}

/* Every row `| `text` | `tokens` |` of the page. */
static void the_examples_of_the_docs_hold(void **state)
{
    (void)state;
    char path[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
    const char *const root = getenv("CCRNN_SOURCE_ROOT");
    assert_non_null(root);
    assert_true(snprintf(path, sizeof path, "%s/docs/captions.md", root) < (int)sizeof path);
    FILE *const file = fopen(path, "r");
    assert_non_null(file);
    int rows = 0;
    bool in_table = false;
    while (fgets(line, sizeof line, file) != NULL) {
        in_table = strcmp(line, "| text | tokens |\n") == 0 || (in_table && line[0] == '|');
        char *const between = strstr(line, "` | `");
        if (!in_table || strncmp(line, "| `", 3) != 0 || between == NULL)
            continue;
        *between = '\0';
        char *const tokens = between + strlen("` | `");
        *strrchr(tokens, '`') = '\0';
        expect(line + 3, tokens);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 12);
}

static void quotes_and_brackets_stand_alone(void **state)
{
    (void)state;
    expect("\"a\"", "\" a \"");
    expect("(a [b] {c} <d>)", "( a [ b ] { c } < d > )");
    expect("``a'' `b'", "`` a '' ` b '");
    expect("'a'", "' a '");
    expect("'", "'");
    expect("''", "''");
    expect("'''", "'' '");
    expect("a''b", "a '' b");
    expect("\xe2\x80\x98"
           "a\xe2\x80\x99 \xe2\x80\x9c"
           "b\xe2\x80\x9d",
           "' a ' \" b \"");
    expect("\xc2\xab"
           "a.\xc2\xbb",
           "\xc2\xab a . \xc2\xbb");
}

static void symbols_stand_alone(void **state)
{
    (void)state;
    expect("a,b;c:d!e?f", "a , b ; c : d ! e ? f");
    expect("#1 $5 50% a@b x=y a+b *c a\\b a^b a|b ~c",
           "# 1 $ 5 50 % a @ b x = y a + b * c a \\ b "
           "a ^ b a | b ~ c");
    expect("1,000 1,a a,1 10:30 1/2 a/b", "1,000 1 , a a , 1 10:30 1/2 a / b");
    expect("1,,2 ,1 2,", "1 , , 2 , 1 2 ,");
    expect("r&b & b&2 \xc3\xa9&a", "r&b & b & 2 \xc3\xa9 & a");
    expect("snow_man", "snow_man");
    expect("5\xe2\x82\xac\xe2\x80\x94"
           "6\xe2\x80\xa6",
           "5 \xe2\x82\xac \xe2\x80\x94 6 \xe2\x80\xa6");
}

static void a_period_ends_the_text_only(void **state)
{
    (void)state;
    expect("One. Two.", "one. two .");
    expect("Dogs run.", "dogs run .");
    expect("Dogs run .", "dogs run .");
    expect("Dogs run. ", "dogs run .");
    expect("(Dogs run.)", "( dogs run . )");
    expect("\"run.\" )", "\" run . \" )");
    expect("run.'", "run . '");
    expect("run...", "run ...");
    expect("run..", "run ..");
    expect("so...what", "so ... what");
    expect("at ccrnn.org now", "at ccrnn.org now");
    expect("the U.S.", "the u.s.");
    expect("the (U.S.)", "the ( u.s. )");
    expect("letter \" P. \"", "letter \" p. \"");
    expect("it isn't.", "it is n't .");
    expect("the dog's.", "the dog 's .");
    expect("No. 5.", "no. 5 .");
    expect(".", ".");
    expect(".5", ".5");
}

static void contractions_are_split_off(void **state)
{
    (void)state;
    expect("isn't CAN'T won't", "is n't ca n't wo n't");
    expect("dog's they're we've he'll she'd I'm", "dog 's they 're we 've he 'll she 'd i 'm");
    expect("n't 's 're 've 'll 'd 'm", "n't 's 're 've 'll 'd 'm");
    expect("he'd've", "he 'd 've");
    expect("a&n't", "a&n't");
    expect("the U.S.'s", "the u.s. 's");
    expect("dog\xe2\x80\x99s", "dog 's");
    expect("bird's-eye-view 's-eye-view", "bird's-eye-view 's-eye-view");
    expect("o'clock", "o'clock");
    expect("tikes' 'slide", "tikes ' ' slide");
    expect("'n' 'n x'n'", "'n' 'n x'n '");
    expect("'90s", "'90s");
    expect("'s\xc3\xa9", "' s\xc3\xa9");
}

static void hyphens_stay_in_words(void **state)
{
    (void)state;
    expect("t-shirt -a a- -", "t-shirt -a a- -");
    expect("a--b", "a -- b");
    expect("a---b", "a --- b");
}

static void capitals_become_small(void **state)
{
    (void)state;
    expect("AZaz09", "azaz09");
    expect("\xc3\x80\xc3\x96\xc3\x98\xc3\x9e\xc3\x9f\xc3\xbf",
           "\xc3\xa0\xc3\xb6\xc3\xb8\xc3\xbe\xc3\x9f\xc3\xbf"); /* À Ö Ø Þ ß ÿ */
    expect("\xc4\x80\xc4\xb6\xc4\xb7\xc4\xb8\xc4\xb9\xc5\x87\xc5\x88\xc5\x89\xc5\x8a",
           "\xc4\x81\xc4\xb7\xc4\xb7\xc4\xb8\xc4\xba\xc5\x88\xc5\x88\xc5\x89\xc5\x8b");
    expect("\xc5\xb6\xc5\xb8\xc5\xb9\xc5\xbd\xc5\xbe\xc5\xbf\xc4\xb0",
           "\xc5\xb7\xc3\xbf\xc5\xba\xc5\xbe\xc5\xbe\xc5\xbf"
           "i"); /* Ŷ Ÿ Ź Ž ž ſ İ */
    expect("\xd0\x96 \xe4\xba\xba \xf0\x9f\x90\x95", "\xd0\x96 \xe4\xba\xba \xf0\x9f\x90\x95");
    expect("3\xc3\x97"
           "4",
           "3 \xc3\x97 4");
}

static void spaces_of_every_kind_are_gone(void **state)
{
    (void)state;
    expect("", "");
    expect("  \t\r\n", "");
    expect(" a\tb\nc\x01"
           "d\x7f"
           "e\xc2\xa0"
           "f\xe2\x80\x83"
           "g\xe3\x80\x80h\xef\xbb\xbfi ",
           "a b c d e f g h i");
}

static void no_text_makes_a_special_word(void **state)
{
    (void)state;
    expect("<pad><start> <end> <unk>", "< pad > < start > < end > < unk >");
}

static void a_struct_serves_many_texts(void **state)
{
    (void)state;
    struct ccrnn_tokens tokens = {0};
    char joined[TEXT_MAX];
    split("a longer text, with some more words.", &tokens);
    assert_int_equal(tokens.count, 9);
    split("", &tokens);
    assert_int_equal(tokens.count, 0);
    split("Two dogs", &tokens);
    join(&tokens, joined);
    assert_string_equal(joined, "two dogs");
    ccrnn_tokens_release(&tokens);
    assert_null(tokens.token);
    assert_int_equal(tokens.count, 0);
    ccrnn_tokens_release(&tokens);
}

static void punctuation_is_known(void **state)
{
    (void)state;
    static const char *const marks[] = {".", ",",  "!", "?",  ":",   ";", "'", "\"", "''",
                                        "`", "``", "-", "--", "...", "(", ")", "{",  "}"};
    static const char *const others[] = {"", "a", "'s", "&", "..", ".5", "#", "n't", "---"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        assert_true(ccrnn_token_is_punctuation(marks[i]));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(ccrnn_token_is_punctuation(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_docs_hold),
        cmocka_unit_test(quotes_and_brackets_stand_alone),
        cmocka_unit_test(symbols_stand_alone),
        cmocka_unit_test(a_period_ends_the_text_only),
        cmocka_unit_test(contractions_are_split_off),
        cmocka_unit_test(hyphens_stay_in_words),
        cmocka_unit_test(capitals_become_small),
        cmocka_unit_test(spaces_of_every_kind_are_gone),
        cmocka_unit_test(no_text_makes_a_special_word),
        cmocka_unit_test(a_struct_serves_many_texts),
        cmocka_unit_test(punctuation_is_known),
    };
    return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
