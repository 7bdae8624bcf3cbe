/** @file
 * The network's equations written once more, plainly, in double, one trial at a time: what finite
 * differences are taken of. Shares nothing with src/ but the layout of the parameter block.
 */
#ifndef CCRNN_TESTS_REFERENCE_H
#define CCRNN_TESTS_REFERENCE_H

#include "loop/network.h"

/** s_out (S) from x (I) and s_in (S) with the cortex in parameter block `value`. */
void reference_cell(const struct ccrnn_network *network, const double *value, const double *x,
                    const double *s_in, double *s_out);

/** y (O) = readout of the h part of s. */
void reference_readout(const struct ccrnn_network *network, const double *value, const double *s,
                       double *y);

/** g (S) = C(s). */
void reference_cerebellum(const struct ccrnn_network *network, const double *value,
                          const double *s, double *g);

/** Words networks: x (B,I), the first input of a batch in training without dropout, from feature (B,F):
 * mapped, and normalised with the batch's statistics (of a frozen map: with the running ones). */
void reference_features(const struct ccrnn_network *network, const double *value,
                        const double *feature, double *x);

#endif
