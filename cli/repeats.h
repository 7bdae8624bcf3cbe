/** @file
 * What is said of many runs in the same words: printed a few times, then counted.
 */
#ifndef CCRNN_CLI_REPEATS_H
#define CCRNN_CLI_REPEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** Messages beyond so many different ones are always printed. */
#define CLI_REPEATS_MESSAGES 16

/** Start with zeros; end with cli_repeats_end(). */
struct cli_repeats {
    struct {
        char *message;
        size_t count;
    } said[CLI_REPEATS_MESSAGES];
    size_t messages;
};

/** Is this message of a run still to be printed? It counts as said either way. */
bool cli_repeats_print(struct cli_repeats *repeats, const char *message);

/** Print of each message that was not printed how many more runs it was said of; forget all. */
void cli_repeats_end(struct cli_repeats *repeats, FILE *out);

#endif
