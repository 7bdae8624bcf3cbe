/** @file
 * Ranks with ties.
 */
#ifndef CCRNN_MEASURE_RANKS_H
#define CCRNN_MEASURE_RANKS_H

#include <stddef.h>

/** Ranks from 1 of n finite values; equal values get the mean of their ranks.
 * @param[in] value (n)  @param[out] order (n) scratch: places in rising order  @param[out] rank (n)
 * @return Σ (t³ − t) over groups of t equal values: the ties' share in corrections of variance */
double ccrnn_ranks(const double *value, size_t n, size_t *order, double *rank);

#endif
