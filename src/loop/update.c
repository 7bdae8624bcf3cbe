/* Rule 7: clip, then one step of the optimiser (optimiser.c). */
#include <math.h>

#include "base/error.h"
#include "loop/config.h"
#include "loop/network.h"
#include "loop/optimiser.h"
#include "math/pieces.h"

/* The first tensor whose gradient holds a NaN or an infinity. */
static const char *first_nonfinite(const struct ccrnn_network *network)
{
    const struct ccrnn_parameters *const p = &network->parameters;
    for (size_t i = 0; i < p->count; i++)
        for (size_t e = 0; e < p->parameter[i].rows * p->parameter[i].cols; e++)
            if (!isfinite(p->parameter[i].grad[e]))
                return p->parameter[i].name;
    return "all tensors together";
}

static double clip_factor(double norm, double clip_norm)
{
    return fmin(1.0, clip_norm / (norm + 1e-6));
}

enum ccrnn_status ccrnn_loop_update(struct ccrnn_network *network, size_t segment,
                                    double *grad_norm, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const config = &network->config;
    const struct ccrnn_parameters *const p = &network->parameters;
    const bool learning =
        config->cerebellum == CCRNN_CEREBELLUM_LEARNING && !network->interference.untaught;
    const size_t middle = p->cerebellum_start, end = learning ? p->cerebellum_end : middle;
    const struct ccrnn_math *const math = &network->math;
    ccrnn_intervention_freeze(network);
    const double cortex = sqrt(ccrnn_math_sum_of_squares(math, middle, p->grad));
    const double cerebellum =
        sqrt(ccrnn_math_sum_of_squares(math, end - middle, p->grad + middle));
    const double joint = hypot(cortex, cerebellum);
    *grad_norm = joint;
    if (!isfinite(joint))
        return ccrnn_fail(
            err, CCRNN_NONFINITE,
            "the gradient of %s became NaN or infinite at update %llu; use a smaller %s",
            first_nonfinite(network), (unsigned long long)network->updates + 1,
            ccrnn_network_config_calms(config));
    if (network->observer.gradients != NULL)
        network->observer.gradients(network->observer.context, segment, joint);
    network->updates++;
    ccrnn_words_update(network);
    const double limit = config->clip_norm;
    switch (config->clip) {
    case CCRNN_CLIP_SEPARATE:
        ccrnn_loop_optimise(network, 0, middle, clip_factor(cortex, limit));
        ccrnn_loop_optimise(network, middle, end, clip_factor(cerebellum, limit));
        break;
    case CCRNN_CLIP_JOINT:
        ccrnn_loop_optimise(network, 0, end, clip_factor(joint, limit));
        break;
    case CCRNN_CLIP_NONE:
    default:
        ccrnn_loop_optimise(network, 0, end, 1.0);
    }
    ccrnn_intervention_restore(network);
    return CCRNN_OK;
}
