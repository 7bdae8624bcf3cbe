/** @file
 * The cerebellum's body: a perceptron with ReLU granule layers and a linear output,
 *   a_0 = x,  a_{l+1} = max(0, W_l a_l + b_l),  y = W_L a_L + b_L.
 * With no granule layer it is one linear map.
 */
#ifndef CCRNN_NET_PERCEPTRON_H
#define CCRNN_NET_PERCEPTRON_H

#include "net/linear.h"

struct ccrnn_perceptron {
    size_t granule_layers;
    struct ccrnn_linear map[CCRNN_GRANULE_LAYERS_MAX + 1]; /* the last is the output */
    const ccrnn_real *mask;                                /* of map[0].weight, or NULL */
    const ccrnn_real *granule_works; /* (layers, granule): 0 where a unit is silent; or NULL */

    /* Activations of the last forward pass, per granule layer (rows, granule). */
    ccrnn_real *granule[CCRNN_GRANULE_LAYERS_MAX];
    ccrnn_real *d_granule[2]; /* (rows, granule) each, NULL without granule layers */
};

/** y (R,outputs) dense from x (R,inputs; ld_x); keeps the granule activity. */
void ccrnn_perceptron_forward(const struct ccrnn_math *math, struct ccrnn_perceptron *perceptron,
                              size_t R, const ccrnn_real *x, size_t ld_x, ccrnn_real *y);

/** Gradients of every map from d_y (R,outputs), over the first R rows of the last forward pass;
 * none to x. Masked weights get a gradient of exactly zero. */
void ccrnn_perceptron_backward(const struct ccrnn_math *math, struct ccrnn_perceptron *perceptron,
                               size_t R, const ccrnn_real *x, size_t ld_x, const ccrnn_real *d_y);

#endif
