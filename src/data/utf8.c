#include "data/utf8.h"

#include <string.h>

/* Length that the first byte announces, 0 if no sequence begins with it. */
static size_t announced(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    if (first < 0xE0)
        return 2;
    return first < 0xF0 ? 3 : 4;
}

size_t ccrnn_utf8_sequence(const char *text, size_t size)
{
    const unsigned char *const s = (const unsigned char *)text;
    const size_t length = size == 0 ? 0 : announced(s[0]);
    if (length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if (length < 3)
        return length;
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xED && s[1] > 0x9F;
    const bool too_large = s[0] == 0xF4 && s[1] > 0x8F;
    return overlong || surrogate || too_large ? 0 : length;
}

size_t ccrnn_utf8_valid(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        const size_t length = ccrnn_utf8_sequence(text + at, size - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

/* Length of the white space at the start of a text, 0 if there is none. */
static size_t space_length(const char *text)
{
    static const char *const wide[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
        "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
        "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80",
    };
    if (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        return 1;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return strlen(wide[i]);
    return 0;
}

bool ccrnn_utf8_is_blank(const char *text)
{
    size_t length = 1;
    while (*text != '\0' && length > 0) {
        length = space_length(text);
        text += length;
    }
    return *text == '\0';
}

const char *ccrnn_utf8_excerpt(const char *text, size_t size, char *excerpt)
{
    static const char cut[] = "…";
    const size_t room = CCRNN_EXCERPT - sizeof cut;
    size_t from = 0, to = 0;
    while (from < size && text[from] != '\0') {
        const size_t length = ccrnn_utf8_sequence(text + from, size - from);
        const bool shown = length > 1 || (length == 1 && text[from] >= ' ' && text[from] != 127);
        const size_t bytes = shown ? length : 1;
        if (to + bytes > room) {
            memcpy(excerpt + to, cut, sizeof cut);
            return excerpt;
        }
        if (shown)
            memcpy(excerpt + to, text + from, length);
        else
            excerpt[to] = '?';
        from += bytes;
        to += bytes;
    }
    excerpt[to] = '\0';
    return excerpt;
}
