/** @file
 * One step of the optimiser (rule 7), after clipping.
 */
#ifndef CCRNN_LOOP_OPTIMISER_H
#define CCRNN_LOOP_OPTIMISER_H

#include <stddef.h>

struct ccrnn_network;

/** Move the elements [from, to) of the parameter block along their gradients, at the network's present
 * learning rate; their moments move on. @param factor of clipping: gradients are multiplied by it */
void ccrnn_loop_optimise(struct ccrnn_network *network, size_t from, size_t to, double factor);

#endif
