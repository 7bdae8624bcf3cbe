/** @file
 * One network of words trained by several ranks: processes, or threads of one. Every rank has all weights and
 * takes a share of the rows of each batch; the gradients are added up, and all take the same step.
 *
 * How ranks reach each other is not the library's business: a program gives it five functions. ccrnn-mpi
 * gives those of MPI.
 */
#ifndef CCRNN_RANKS_H
#define CCRNN_RANKS_H

#include "ccrnn/network.h"

/** What a rank asks of the others. All ranks ask for the same things in the same order; a request begins at
 * once and goes on while its rank computes. Nothing here can fail: who loses a rank ends the process.
 * The functions that begin something return its number, counted from 0; what they were given must not be touched
 * before it was waited for. */
struct ccrnn_ranks {
    void *context; /**< for the functions */
    size_t rank;   /**< 0 … count − 1 */
    size_t count;  /**< ≥ 1 */

    /** Begin to add up: `values` (n) of all ranks, in the order of their numbers: ((v₀ + v₁) + v₂) + …
     * Afterwards all ranks have the same bytes. */
    size_t (*sum)(void *context, ccrnn_real *values, size_t n);

    /** Begin to exchange: rank r brings rows ccrnn_ranks_first(rows, r) up to those of rank r + 1, and
     * afterwards all ranks have all. @param[in,out] whole (rows) of `size` bytes each */
    size_t (*gather)(void *context, void *whole, size_t rows, size_t size);

    /** Begin to hand what rank 0 has to all. @param[in,out] bytes (size) */
    size_t (*tell)(void *context, void *bytes, size_t size);

    /** Wait for a request and all before it. */
    void (*wait)(void *context, size_t number);
};

#ifdef __cplusplus
extern "C" {
#endif

/** The first of `rows` rows that belongs to a rank: shares differ by one row at most. `rank` may be count: then
 * `rows`. */
CCRNN_API size_t ccrnn_ranks_first(const struct ccrnn_ranks *ranks, size_t rows, size_t rank);

/** As ccrnn_network_create(), for one rank of several. All ranks give the same configuration and seed;
 * batch, losses, dropout and reports are those of the whole batch.
 *
 * ccrnn_network_train() and ccrnn_network_score() are then calls of all ranks together, each with the whole
 * batch; what they return is the same on all. It differs from what one rank finds by the order of sums alone, and
 * is the same to the last bit for the same number of ranks. The other functions concern the calling rank.
 * Interventions and probes are refused.
 * @param[in] ranks kept by pointer, with what it points to; NULL: ccrnn_network_create()
 * @return CCRNN_USAGE too: not a network of words, more ranks than rows of a batch */
CCRNN_API enum ccrnn_status ccrnn_network_create_split(const struct ccrnn_network_config *config,
                                                       uint64_t seed,
                                                       const struct ccrnn_ranks *ranks,
                                                       struct ccrnn_network **network,
                                                       struct ccrnn_error *err);

#ifdef __cplusplus
}
#endif
#endif
