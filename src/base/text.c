#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static bool make_room(struct ccrnn_text *text, size_t more)
{
    if (text->size + more < text->room)
        return true;
    size_t room = text->room == 0 ? 256 : text->room;
    while (room <= text->size + more)
        room *= 2;
    char *const bytes = realloc(text->bytes, room);
    if (bytes == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->room = room;
    return true;
}

void ccrnn_text_add(struct ccrnn_text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = ccrnn_format_v(NULL, 0, format, arguments);
    if (length < 0)
        text->failed = true;
    else if (make_room(text, (size_t)length + 1)) {
        ccrnn_format_v(text->bytes + text->size, (size_t)length + 1, format, again);
        text->size += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

void ccrnn_text_add_shell_word(struct ccrnn_text *text, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "%+,-./:=@_";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        ccrnn_text_add(text, "%s", word);
        return;
    }
    ccrnn_text_add(text, "'");
    for (const char *at = word; *at != '\0';) {
        const size_t length = strcspn(at, "'");
        ccrnn_text_add(text, "%.*s%s", (int)length, at, at[length] == '\'' ? "'\\''" : "");
        at += length + (at[length] == '\'');
    }
    ccrnn_text_add(text, "'");
}

void ccrnn_text_append(struct ccrnn_text *text, const char *bytes, size_t size)
{
    if (!make_room(text, size + 1))
        return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void ccrnn_text_clear(struct ccrnn_text *text)
{
    text->size = 0;
    if (text->bytes != NULL)
        text->bytes[0] = '\0';
}
