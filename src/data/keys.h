/** @file
 * Finding what stands twice in a file.
 */
#ifndef CCRNN_DATA_KEYS_H
#define CCRNN_DATA_KEYS_H

#include <stddef.h>
#include <stdint.h>

/** What must be unique: the pair of text and number. */
struct ccrnn_key {
    const char *text; /**< not NULL; "" if the number is all */
    uint64_t number;
    size_t place; /**< where it stands in the file; for messages */
};

/** The first key (in the order of places) that has been there before. Sorts the keys.
 * @return p: p[0] is the earlier one and p[1] the later; NULL if all differ */
const struct ccrnn_key *ccrnn_keys_find_twice(struct ccrnn_key *keys, size_t count);

#endif
