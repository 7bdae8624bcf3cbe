/** @file
 * Ranks (ccrnn/ranks.h) that are threads of one process. What each of several processes would do can so be tried,
 * and looked at by a sanitizer, in one.
 */
#ifndef CCRNN_LOOP_RANK_THREADS_H
#define CCRNN_LOOP_RANK_THREADS_H

#include "ccrnn/ranks.h"

struct ccrnn_rank_threads;

enum { CCRNN_RANK_THREADS_MAX = 16 };

/** Start a group, and a thread that does what its ranks ask for.
 * @param count 1 … CCRNN_RANK_THREADS_MAX
 * @param[out] group end it with ccrnn_rank_threads_destroy(); NULL on failure
 * @return CCRNN_USAGE, CCRNN_MEMORY */
enum ccrnn_status ccrnn_rank_threads_create(size_t count, struct ccrnn_rank_threads **group,
                                            struct ccrnn_error *err);

/** What rank `rank` is given; each rank uses its own from one thread. */
const struct ccrnn_ranks *ccrnn_rank_threads_of(const struct ccrnn_rank_threads *group,
                                                size_t rank);

/** End the thread; NULL is fine. All ranks have waited for all they began. */
void ccrnn_rank_threads_destroy(struct ccrnn_rank_threads *group);

#endif
