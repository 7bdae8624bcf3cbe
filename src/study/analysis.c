#include "study/analysis.h"

#include "base/error.h"
#include "base/number.h"
#include "study/checkpoint.h"

enum { NAME_SIZE = 64 };

static const char *const quantile_names[CCRNN_COUPLING_QUANTILES] = {
    "coupling.q10", "coupling.q25", "coupling.q50", "coupling.q75", "coupling.q90"};

static void carve(struct ccrnn_analysis *analysis)
{
    const struct ccrnn_observation *const seen = &analysis->seen;
    if (!seen->cerebellum)
        return;
    const size_t n = seen->boundaries - 1;
    analysis->target_by_step =
        ccrnn_arena_take(&analysis->arena, n, sizeof *analysis->target_by_step);
    analysis->truth_by_step =
        ccrnn_arena_take(&analysis->arena, n, sizeof *analysis->truth_by_step);
    if (seen->G > 0)
        analysis->coupling =
            ccrnn_arena_take(&analysis->arena, seen->S * seen->G, sizeof *analysis->coupling);
}

enum ccrnn_status ccrnn_analysis_create(const struct ccrnn_run_config *config,
                                        const struct ccrnn_network *network, size_t trials,
                                        struct ccrnn_analysis *analysis, struct ccrnn_error *err)
{
    *analysis = (struct ccrnn_analysis){0};
    CCRNN_TRY(ccrnn_observation_create(config, network, trials, &analysis->seen, err));
    if (!analysis->seen.cerebellum)
        return CCRNN_OK;
    carve(analysis);
    CCRNN_TRY(ccrnn_arena_allocate(&analysis->arena, err));
    carve(analysis);
    return CCRNN_OK;
}

void ccrnn_analysis_release(struct ccrnn_analysis *analysis)
{
    ccrnn_observation_release(&analysis->seen);
    ccrnn_arena_free(&analysis->arena);
}

static void measure_similarity(const struct ccrnn_observation *seen, const ccrnn_real *to,
                               struct ccrnn_similarity *all, struct ccrnn_similarity *by_step)
{
    const size_t n = seen->boundaries - 1, block = seen->trials * seen->S;
    ccrnn_similarity_measure(seen->predicted, to, n * seen->trials, seen->S, all);
    for (size_t i = 0; i < n; i++)
        ccrnn_similarity_measure(seen->predicted + i * block, to + i * block, seen->trials,
                                 seen->S, &by_step[i]);
}

enum ccrnn_status ccrnn_analysis_measure(struct ccrnn_analysis *analysis,
                                         struct ccrnn_network *network,
                                         struct ccrnn_trials *trials, struct ccrnn_error *err)
{
    struct ccrnn_observation *const seen = &analysis->seen;
    const size_t samples = seen->boundaries * seen->trials;
    CCRNN_TRY(ccrnn_observation_take(seen, network, trials, err));
    CCRNN_TRY(ccrnn_activity_population(seen->state + seen->trials * seen->S,
                                        seen->T * seen->trials, seen->S, &analysis->cortex, err));
    if (!seen->cerebellum)
        return CCRNN_OK;
    measure_similarity(seen, seen->target, &analysis->to_target, analysis->target_by_step);
    measure_similarity(seen, seen->truth, &analysis->to_truth, analysis->truth_by_step);
    if (seen->G == 0)
        return CCRNN_OK;
    CCRNN_TRY(
        ccrnn_activity_population(seen->granule, samples, seen->G, &analysis->granule, err));
    CCRNN_TRY(ccrnn_activity_coupling(seen->boundary, seen->S, seen->granule, seen->G, samples,
                                      analysis->coupling, err));
    return ccrnn_activity_summarise_coupling(analysis->coupling, seen->S * seen->G,
                                             &analysis->coupling_summary, err);
}

/* --- rows -------------------------------------------------------------------------------- */

static void similarity_rows(const struct ccrnn_observation *seen, const char *name,
                            const struct ccrnn_similarity *all,
                            const struct ccrnn_similarity *by_step, ccrnn_evaluation_row *row,
                            void *context)
{
    char full[NAME_SIZE];
    row(context, name, all->mean);
    for (size_t i = 0; by_step != NULL && i + 1 < seen->boundaries; i++) {
        (void)ccrnn_format(full, sizeof full, "%s.%zu", name, ccrnn_observation_step(seen, i));
        row(context, full, by_step[i].mean);
    }
}

static void population_rows(const char *of, const struct ccrnn_population *population,
                            ccrnn_evaluation_row *row, void *context)
{
    const struct {
        const char *name;
        double value;
    } list[] = {
        {"pairwise_correlation", population->pairwise_correlation},
        {"population_correlation", population->population_correlation},
        {"participation_ratio", population->participation_ratio},
        {"coding_space", population->coding_space},
        {"sparsity", population->sparsity},
    };
    char full[NAME_SIZE];
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        (void)ccrnn_format(full, sizeof full, "%s_%s", of, list[i].name);
        row(context, full, list[i].value);
    }
}

void ccrnn_analysis_rows(const struct ccrnn_analysis *analysis, const double *before,
                         bool by_step, ccrnn_evaluation_row *row, void *context)
{
    const struct ccrnn_observation *const seen = &analysis->seen;
    if (seen->cerebellum) {
        similarity_rows(seen, "similarity_target", &analysis->to_target,
                        by_step ? analysis->target_by_step : NULL, row, context);
        similarity_rows(seen, "similarity_true", &analysis->to_truth,
                        by_step ? analysis->truth_by_step : NULL, row, context);
    }
    if (seen->G > 0) {
        row(context, "coupling", analysis->coupling_summary.mean);
        for (size_t q = 0; q < CCRNN_COUPLING_QUANTILES; q++)
            row(context, quantile_names[q], analysis->coupling_summary.quantile[q]);
        if (before != NULL)
            row(context, "coupling_shift",
                ccrnn_activity_coupling_shift(analysis->coupling, before, seen->S * seen->G));
    }
    population_rows("cortex", &analysis->cortex, row, context);
    if (seen->G > 0)
        population_rows("granule", &analysis->granule, row, context);
}

enum ccrnn_status ccrnn_analysis_first_network(const struct ccrnn_run_config *config,
                                               uint64_t seed, struct ccrnn_network **network,
                                               struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_network_create(&config->network, seed, network, err));
    if (config->init_from[0] == '\0')
        return CCRNN_OK;
    const enum ccrnn_status status = ccrnn_weights_import(config->init_from, *network, err);
    if (status != CCRNN_OK) {
        ccrnn_network_destroy(*network);
        *network = NULL;
    }
    return status;
}
