/* The optimisers: Adam (Kingma & Ba 2015), bias-corrected; RMSprop (Tieleman & Hinton 2012) and gradient
 * descent with classical momentum, both as in PyTorch. */
#include "loop/optimiser.h"

#include <math.h>

#include "loop/network.h"
#include "math/pieces.h"

static void adam(struct ccrnn_network *network, size_t from, size_t to, double factor)
{
    const struct ccrnn_network_config *const config = &network->config;
    const struct ccrnn_parameters *const p = &network->parameters;
    const double t = (double)network->updates;
    const struct ccrnn_adam_step step = {
        .factor = factor,
        .weight_decay = config->weight_decay,
        .beta1 = config->beta1,
        .beta2 = config->beta2,
        .step_size = network->learning_rate / (1.0 - pow(config->beta1, t)),
        .inverse_root_c2 = 1.0 / sqrt(1.0 - pow(config->beta2, t)),
        .epsilon = config->epsilon,
    };
    ccrnn_math_adam(&network->math, to - from, &step, p->value + from, p->grad + from,
                    p->first + from, p->second + from);
}

void ccrnn_loop_optimise(struct ccrnn_network *network, size_t from, size_t to, double factor)
{
    const struct ccrnn_network_config *const config = &network->config;
    const struct ccrnn_parameters *const p = &network->parameters;
    const struct ccrnn_momentum_step step = {
        .factor = factor,
        .weight_decay = config->weight_decay,
        .momentum = config->momentum,
        .learning_rate = network->learning_rate,
        .decay = config->rms_decay,
        .epsilon = config->epsilon,
    };
    switch (config->optimiser) {
    case CCRNN_OPTIMISER_RMSPROP:
        ccrnn_math_rmsprop(&network->math, to - from, &step, p->value + from, p->grad + from,
                           p->first + from, p->second + from);
        break;
    case CCRNN_OPTIMISER_SGD:
        ccrnn_math_sgd(&network->math, to - from, &step, p->value + from, p->grad + from,
                       p->first + from);
        break;
    case CCRNN_OPTIMISER_ADAM:
    default:
        adam(network, from, to, factor);
    }
}
