#define _GNU_SOURCE
#include "cli/terminal.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"

/* Of COLUMNS: more is no width. */
enum { COLUMNS_MOST = 100000 };

/* Of the second line of a sentence. */
enum { INDENT = 4 };

size_t cli_columns(int descriptor)
{
    struct winsize size;
    uint64_t columns;
    if (isatty(descriptor) != 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *const said = getenv("COLUMNS");
    if (said != NULL && ccrnn_parse_unsigned(said, &columns) && columns > 0 &&
        columns <= COLUMNS_MOST)
        return columns;
    return CLI_COLUMNS;
}

struct cli_screen cli_screen(int descriptor)
{
    enum { LINES_LEAST = 2, COLUMNS_LEAST = 20, LINES = 24 };
    struct winsize size;
    if (isatty(descriptor) == 0)
        return (struct cli_screen){0, 0};
    const bool told = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row >= LINES_LEAST;
    const size_t columns = cli_columns(descriptor);
    return (struct cli_screen){told ? size.ws_row : LINES,
                               columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns};
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

size_t cli_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += begins_character(*text);
    return width;
}

size_t cli_first(const char *text, size_t characters)
{
    size_t end = 0;
    for (; text[end] != '\0'; end++)
        if (begins_character(text[end]) && characters-- == 0)
            break;
    return end;
}

void cli_shorten_middle(const char *text, size_t characters, char *shortened, size_t size)
{
    const size_t width = cli_width(text);
    if (width <= characters || characters == 0) {
        (void)ccrnn_format(shortened, size, "%s", text);
        return;
    }
    const size_t head = (characters - 1) / 2, tail = characters - 1 - head;
    (void)ccrnn_format(shortened, size, "%.*s…%s", (int)cli_first(text, head), text,
                       text + cli_first(text, width - tail));
}

/* Up to a newline. @return what follows it */
static const char *print_sentence(FILE *out, const char *text, size_t columns)
{
    size_t used = 0;
    while (*text != '\n' && *text != '\0') {
        const size_t length = strcspn(text, " \n");
        const size_t width = cli_width(text) - cli_width(text + length);
        if (used > 0 && used + 1 + width > columns) {
            fprintf(out, "\n%*s", INDENT, "");
            used = INDENT;
        } else if (used > 0) {
            fputc(' ', out);
            used++;
        }
        fprintf(out, "%.*s", (int)length, text);
        used += width;
        text += length + strspn(text + length, " ");
    }
    fputc('\n', out);
    return text + (*text == '\n');
}

void cli_print_wrapped(FILE *out, const char *text)
{
    if (isatty(fileno(out)) == 0) {
        fputs(text, out);
        return;
    }
    while (*text != '\0')
        text = print_sentence(out, text, cli_columns(fileno(out)));
}
