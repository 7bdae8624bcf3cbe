/* Any text: its tokens are visible text without spaces, and splitting them again changes nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes above ASCII stand for one of these, so that every input is valid UTF-8: À Ÿ İ × « » é,
 * typographic quotes, a dash, a hyphen, wide spaces, a dog. */
static const char *const far_characters[] = {
    "\xc3\x80",     "\xc5\xb8",     "\xc4\xb0",     "\xc3\x97",     "\xc2\xab",
    "\xc2\xbb",     "\xc3\xa9",     "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c",
    "\xe2\x80\x94", "\xe2\x80\x90", "\xc2\xa0",     "\xe3\x80\x80", "\xf0\x9f\x90\x95"};
enum { FAR = sizeof far_characters / sizeof far_characters[0], LONGEST = 4 };

static void add(char **end, const char *bytes, size_t size)
{
    memcpy(*end, bytes, size);
    *end += size;
}

static void make_text(const uint8_t *data, size_t size, char *text)
{
    for (size_t i = 0; i < size; i++) {
        const char *const far = far_characters[data[i] % FAR];
        if (data[i] >= 0x80)
            add(&text, far, strlen(far));
        else if (data[i] != 0)
            *text++ = (char)data[i];
    }
    *text = '\0';
}

static void join(const struct ccrnn_tokens *tokens, char *joined)
{
    for (size_t i = 0; i < tokens->count; i++) {
        const char *const token = tokens->token[i];
        if (token[0] == '\0' || strpbrk(token, " \t\n\r") != NULL || token[0] == '\x7f')
            abort();
        add(&joined, token, strlen(token));
        *joined++ = ' ';
    }
    *joined = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = malloc(LONGEST * size + 1);
    char *const joined = malloc(2 * LONGEST * size + 1);
    char *const again = malloc(2 * LONGEST * size + 1);
    struct ccrnn_tokens tokens = {0};
    if (text != NULL && joined != NULL && again != NULL) {
        make_text(data, size, text);
        if (!ccrnn_tokens_split(text, &tokens))
            abort();
        join(&tokens, joined);
        if (!ccrnn_tokens_split(joined, &tokens))
            abort();
        join(&tokens, again);
        if (strcmp(joined, again) != 0)
            abort();
    }
    ccrnn_tokens_release(&tokens);
    free(text);
    free(joined);
    free(again);
    return 0;
}
