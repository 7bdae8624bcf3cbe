/** @file
 * A few threads that work on one thing together: fork, join, and nothing in between.
 *
 * Work is cut into pieces by its size, never by the number of threads, and a piece is done by one thread
 * from beginning to end: so the bytes of a result do not depend on how many threads there are.
 */
#ifndef CCRNN_BASE_TEAM_H
#define CCRNN_BASE_TEAM_H

#include <stddef.h>

#include "ccrnn/status.h"

struct ccrnn_team;

/** Do piece `piece` of some work. Called from any thread of the team. */
typedef void ccrnn_team_work(void *context, size_t piece);

/** Start threads − 1 threads; the caller of ccrnn_team_run() is the last one.
 * @param threads 1 … 1024; with 1 there is nothing to start, and *team is NULL
 * @param start called once in each new thread, or NULL
 * @param[out] team end it with ccrnn_team_destroy(); NULL on failure too
 * @return CCRNN_USAGE, CCRNN_MEMORY */
enum ccrnn_status ccrnn_team_create(int threads, void (*start)(void), struct ccrnn_team **team,
                                    struct ccrnn_error *err);

/** End the threads; NULL is fine. No work may be going on. */
void ccrnn_team_destroy(struct ccrnn_team *team);

/** Do pieces 0 … pieces − 1, in any order, and return when all are done. One caller at a time.
 * @param team NULL: the caller does all, in order */
void ccrnn_team_run(struct ccrnn_team *team, size_t pieces, ccrnn_team_work *work, void *context);

#endif
