/** @file
 * All different tokens of a set of captions, numbered as they come.
 */
#ifndef CCRNN_TASK_LEXICON_H
#define CCRNN_TASK_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Zeroed: empty; release with ccrnn_lexicon_release. */
struct ccrnn_lexicon {
    char **token;   /**< (count), each owned */
    uint64_t *seen; /**< (count): left to the caller, starts at 0 */
    size_t count;
    uint32_t *slot; /**< private */
    size_t slots, room;
};

/** The number of a token, which is added if it is new.
 * @return false if out of memory; the lexicon is then as before */
bool ccrnn_lexicon_number(struct ccrnn_lexicon *lexicon, const char *token, uint32_t *number);

/** Safe on a zeroed struct. */
void ccrnn_lexicon_release(struct ccrnn_lexicon *lexicon);

#endif
