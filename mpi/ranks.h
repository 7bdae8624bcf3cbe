/** @file
 * The ranks of this program: who they are, what they agree on, and an end that they share.
 *
 * Only one thread of a rank may be in here, or in MPI itself, at a time (MPI_THREAD_SERIALIZED).
 */
#ifndef CCRNN_MPI_RANKS_H
#define CCRNN_MPI_RANKS_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** Start MPI; MPI ends with the process. Where it cannot work, or the ranks were started with different
 * arguments, the process ends with a message. */
void ranks_begin(int *argc, char ***argv);

int ranks_self(void);  /**< 0 … ranks_count() − 1 */
int ranks_count(void); /**< 1: started without mpirun, or with -n 1 */

/** Rank 0 alone reads the command line and says what is wrong with it. Called by rank 0 when all is well; by
 * the others to wait for that. Where rank 0 called exit() instead, they end with the same code. */
void ranks_go_on(void);

/** Each rank gives a status; all get the gravest. A rank that fails says why on stderr, with its number, but
 * for rank 0, whose caller does. @param err of a status that is not CCRNN_OK */
enum ccrnn_status ranks_agree(const char *command, enum ccrnn_status mine,
                              const struct ccrnn_error *err);

/** Is this number the same on all ranks? */
bool ranks_same(uint64_t number);

/** Rank 0's value, for all. */
int ranks_tell(int value);

/** Sleep until MPI_Wait() would return at once: MPI's own way of waiting keeps a processor busy. */
void ranks_await(MPI_Request request);

/** The pause between two looks at something that is waited for. */
void ranks_nap(void);

#endif
