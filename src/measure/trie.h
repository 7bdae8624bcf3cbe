/** @file
 * Numbers for sequences: the same sequence of symbols always leads to the same number, another one
 * to another. A sequence is reached from the sequence without its last symbol.
 */
#ifndef CCRNN_MEASURE_TRIE_H
#define CCRNN_MEASURE_TRIE_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

struct ccrnn_trie_slot;

/** Start with {0}; end with ccrnn_trie_release(). */
struct ccrnn_trie {
    struct ccrnn_trie_slot *slot; /**< (room), a hash table */
    size_t room;                  /**< a power of two, or 0 */
    size_t count;                 /**< sequences so far; their numbers are 1 … count */
};

/** Number of the sequence `parent` with `symbol` after it; made if it is new.
 * @param parent number of a sequence of this trie, 0 for the empty one
 * @return CCRNN_MEMORY, also when there is no number left */
enum ccrnn_status ccrnn_trie_child(struct ccrnn_trie *trie, uint32_t parent, uint32_t symbol,
                                   uint32_t *child, struct ccrnn_error *err);

/** Free the table; safe on a zeroed struct. */
void ccrnn_trie_release(struct ccrnn_trie *trie);

#endif
