/** @file
 * The number type of states, weights and gradients.
 */
#ifndef CCRNN_REAL_H
#define CCRNN_REAL_H

/** float in every installed library. The project's tests compile the same sources once more with
 * CCRNN_DOUBLE, to compare gradients with finite differences. */
#ifdef CCRNN_DOUBLE
typedef double ccrnn_real;
#else
typedef float ccrnn_real;
#endif

#endif
