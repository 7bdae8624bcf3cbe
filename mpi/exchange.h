/** @file
 * The ranks of a split batch (ccrnn/ranks.h), over MPI.
 *
 * MPI moves nothing while nobody is inside it, so a thread of its own sees to what a rank has asked for, one
 * request after the other, and the rank goes on computing. A sum is not left to MPI_Allreduce, whose order
 * of adding is its own affair: every rank collects all ranks' values of a part, adds them up in order, and
 * gives the result to all. That moves the same bytes, and gives the same bytes on any machine.
 */
#ifndef CCRNN_MPI_EXCHANGE_H
#define CCRNN_MPI_EXCHANGE_H

#include <mpi.h>

#include "ccrnn/ranks.h"

struct exchange;

/** All ranks together. Until exchange_end() nothing else of this rank may call MPI.
 * @param comm its ranks take part; nothing else is sent through it
 * @param[out] made end it with exchange_end(); NULL on failure
 * @return CCRNN_MEMORY, of this rank alone */
enum ccrnn_status exchange_begin(MPI_Comm comm, struct exchange **made, struct ccrnn_error *err);

/** What the network is given. */
const struct ccrnn_ranks *exchange_ranks(const struct exchange *exchange);

/** What has been exchanged since the beginning, for measurements. */
struct exchange_account {
    double bytes_summed; /**< of all sums: n · size of a value */
    double
        seconds_busy; /**< the thread was at work on a request, or waited in it for other ranks */
    double seconds_waited; /**< the rank waited for its requests */
    size_t requests;
};
struct exchange_account exchange_account(struct exchange *exchange);

/** All ranks together, when nothing is under way; NULL is fine. */
void exchange_end(struct exchange *exchange);

#endif
