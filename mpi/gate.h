/** @file
 * Ranks (ccrnn/ranks.h) between a network and the exchange, for measurements: requests pass, pass one at a time, or
 * do not pass at all.
 */
#ifndef CCRNN_MPI_GATE_H
#define CCRNN_MPI_GATE_H

#include <stdbool.h>

#include "ccrnn/ranks.h"

enum gate_mode {
    GATE_OPEN,    /**< a request goes on while its rank computes */
    GATE_IN_TURN, /**< it is waited for where it begins */
    GATE_SHUT     /**< nothing is exchanged: every rank keeps what it has */
};

enum { GATE_REQUESTS = 256 };

/** Not to be moved: `ranks` points to it. */
struct gate {
    struct ccrnn_ranks ranks; /**< what the network is given */
    const struct ccrnn_ranks *inner;
    enum gate_mode mode;
    size_t begun;

    /* what was asked for while `notes` was set */
    bool notes;
    struct {
        size_t rows, size; /**< rows 0: a sum of `size` values */
    } request[GATE_REQUESTS];
    size_t count, sums;
    double summed, gathered; /**< bytes */
};

/** Around other ranks, which are kept by pointer; open. */
void gate_around(struct gate *gate, const struct ccrnn_ranks *inner);

/** Rank 0 of so many that are not there; shut. */
void gate_pretend(struct gate *gate, size_t ranks);

/** Note requests from now on, or no longer. */
void gate_note(struct gate *gate, bool notes);

/** Ask for the same again, all at once, and wait. @param values room for the largest request */
void gate_replay(struct gate *gate, ccrnn_real *values);

#endif
