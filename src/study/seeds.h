/** @file
 * Lists of seeds: "1..30", "1,4,7", "1..10,20".
 */
#ifndef CCRNN_STUDY_SEEDS_H
#define CCRNN_STUDY_SEEDS_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** A growing list; start with {0}, free(values) at the end. */
struct ccrnn_seed_list {
    uint64_t *values;
    size_t count, capacity;
};

/** Add seeds and rising ranges, separated by commas. At most CCRNN_STUDY_SEEDS_MAX in all, each
 * from 0 to CCRNN_STUDY_SEED_MAX.
 * @return CCRNN_USAGE with the message "seeds: expected …, found …; …"; CCRNN_MEMORY */
enum ccrnn_status ccrnn_seeds_add(struct ccrnn_seed_list *list, const char *text,
                                  struct ccrnn_error *err);

/** @return CCRNN_USAGE if the list is empty or has a seed twice; CCRNN_MEMORY */
enum ccrnn_status ccrnn_seeds_check(const struct ccrnn_seed_list *list, struct ccrnn_error *err);

#endif
