#include "study/plan.h"

static enum ccrnn_status set(const struct ccrnn_intervention_plan *plan,
                             struct ccrnn_network *network, bool acts, struct ccrnn_error *err)
{
    const struct ccrnn_intervention intervention = {
        .kind = plan->kind,
        .share = plan->share,
        .gain = plan->gain,
        .noise = plan->noise,
        .delay = plan->delay,
    };
    return ccrnn_network_intervene(network, acts ? &intervention : NULL, err);
}

enum ccrnn_status ccrnn_plan_training(const struct ccrnn_run_config *config,
                                      struct ccrnn_network *network, uint64_t epoch,
                                      uint64_t batch, struct ccrnn_error *err)
{
    const struct ccrnn_intervention_plan *const plan = &config->intervention;
    if (plan->kind == CCRNN_INTERVENTION_NONE)
        return CCRNN_OK;
    const bool begun = epoch > plan->from || (epoch == plan->from && batch >= plan->batch);
    return set(plan, network, plan->at == CCRNN_AT_TRAINING && begun && epoch <= plan->until,
               err);
}

enum ccrnn_status ccrnn_plan_test(const struct ccrnn_run_config *config,
                                  struct ccrnn_network *network, struct ccrnn_error *err)
{
    const struct ccrnn_intervention_plan *const plan = &config->intervention;
    const bool acts = plan->kind != CCRNN_INTERVENTION_NONE && plan->at == CCRNN_AT_TEST;
    return acts ? set(plan, network, true, err) : CCRNN_OK;
}
