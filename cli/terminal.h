/** @file
 * Lines that fit a terminal. Every character counts as one column.
 */
#ifndef CCRNN_CLI_TERMINAL_H
#define CCRNN_CLI_TERMINAL_H

#include <stddef.h>
#include <stdio.h>

/** What a text is made to fit where nothing else is said: no terminal, no COLUMNS. */
enum { CLI_COLUMNS = 80 };

/** Columns for what is written to a file descriptor: of the terminal it is, as wide as that is now; else what the
 * environment variable COLUMNS says; else CLI_COLUMNS. */
size_t cli_columns(int descriptor);

/** Lines and columns of a terminal, at least 2 and 20; 0 and 0: it is none. One that does not tell its size has 24
 * lines. */
struct cli_screen {
    size_t lines, columns;
};
struct cli_screen cli_screen(int descriptor);

/** Characters of a UTF-8 text. */
size_t cli_width(const char *text);

/** Bytes of the first `characters` characters, or of all there are. */
size_t cli_first(const char *text, size_t characters);

/** The text in at most so many characters: of a longer one the middle becomes "…", since what sweeps add to a name
 * is at its end. @param characters 0: all  @param[out] shortened (size) */
void cli_shorten_middle(const char *text, size_t characters, char *shortened, size_t size);

/** Print sentences, each of which ends with a newline. On a terminal they are broken at blanks, and lines after the
 * first begin with four; a word that is longer than a line stays whole. Elsewhere they stay as they are. */
void cli_print_wrapped(FILE *out, const char *text);

#endif
