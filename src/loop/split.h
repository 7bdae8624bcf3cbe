/** @file
 * A network whose batches are split over ranks (ccrnn/ranks.h): which rows are whose, and what is added up when.
 *
 * Sums travel while the backward pass goes on: the readout's, the largest, first, then those of the
 * cerebellum, the cortex, the map of features. The gradient of the embedding is not summed: each word's row is
 * a sum over the few places where the batch has the word, so the gradients of these places travel instead, a
 * twentieth of the bytes, and every rank adds them up in the order of one rank.
 */
#ifndef CCRNN_LOOP_SPLIT_H
#define CCRNN_LOOP_SPLIT_H

#include "base/arena.h"
#include "ccrnn/ranks.h"

/** What a network knows of its ranks; without ranks, `rows` is the batch and all functions do nothing. */
struct ccrnn_batch_split {
    const struct ccrnn_ranks *ranks; /* NULL: none */
    size_t first, rows;              /* of the batch: this rank's */
    size_t begun;                    /* requests: the number of the next one */
    double (*report)[4];             /* (ranks): parts of a step's report */
};

/** Share out a batch. @return CCRNN_USAGE */
enum ccrnn_status ccrnn_split_plan(const struct ccrnn_network_config *config,
                                   const struct ccrnn_ranks *ranks,
                                   struct ccrnn_batch_split *split, struct ccrnn_error *err);

/** Both passes of an arena. */
void ccrnn_split_carve(struct ccrnn_batch_split *split, struct ccrnn_arena *arena);

/** For what a split network cannot do. @param what of the message, with "are" @return CCRNN_USAGE */
enum ccrnn_status ccrnn_split_refuse(const struct ccrnn_batch_split *split, const char *what,
                                     struct ccrnn_error *err);

/** Begin to add up n values. */
void ccrnn_split_sum(struct ccrnn_batch_split *split, ccrnn_real *values, size_t n);

/** Begin to exchange rows. */
void ccrnn_split_gather(struct ccrnn_batch_split *split, void *whole, size_t rows, size_t size);

/** Wait for all that was begun. */
void ccrnn_split_wait(struct ccrnn_batch_split *split);

/** Make the parts of a report, each a share of a mean over the whole batch, the report of the whole. */
void ccrnn_split_report(struct ccrnn_batch_split *split, struct ccrnn_step_report *report);

/** What every implementation of ccrnn_ranks.sum does: to = ((part₀ + part₁) + part₂) + …
 * @param[in] part (count) arrays of n values
 * @param[out] to (n): may be one of them */
void ccrnn_split_add(size_t count, const ccrnn_real *const *part, size_t n, ccrnn_real *to);

#endif
