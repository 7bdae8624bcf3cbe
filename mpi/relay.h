/** @file
 * What the ranks tell one another while each works on runs of its own: progress and failures go to rank 0,
 * which shows them, and a wish to stop goes to all.
 *
 * A thread of its own does the talking, several times a second, and sleeps in between.
 */
#ifndef CCRNN_MPI_RELAY_H
#define CCRNN_MPI_RELAY_H

#include "cli/progress.h"
#include "study/workers.h"

struct relay;

/** Start talking. Until relay_end() nothing else of this rank may call MPI. All ranks together.
 * @param progress shows what happens; only rank 0 has one, NULL on the others
 * @param[out] relay end it with relay_end(); NULL on failure
 * @return CCRNN_MEMORY, the same on all ranks, and then nobody talks */
enum ccrnn_status relay_begin(const struct ccrnn_study *study, struct cli_progress *progress,
                              struct relay **relay, struct ccrnn_error *err);

/** What this rank's workers are to call. */
struct ccrnn_workers_listener relay_listener(struct relay *relay);

/** This rank has nothing left to do: wait for the others, asleep, and add up how the runs ended. All ranks
 * together.
 * @param[out] result rank 0: of every run, the best that any rank made of it
 * @return rank 0: of the gravest run, as ccrnn_study_execute(); the others CCRNN_OK */
enum ccrnn_status relay_end(struct relay *relay, struct ccrnn_workers_result *result);

#endif
