#include "study/probe_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "ccrnn/weight_statistics.h"
#include "study/analysis.h"

enum { NAME_SIZE = 128 };

struct ccrnn_probe_rows {
    struct ccrnn_trials *trials;
    struct ccrnn_analysis analysis;
    double *first_coupling;              /* (S,G) before learning; NULL: no granule layer */
    const struct ccrnn_network *network; /* looked at last */
};

static enum ccrnn_status measure_first(struct ccrnn_probe_rows *probes,
                                       struct ccrnn_network *first, struct ccrnn_error *err)
{
    const struct ccrnn_observation *const seen = &probes->analysis.seen;
    const size_t bytes = seen->S * seen->G * sizeof *probes->first_coupling;
    probes->first_coupling = malloc(bytes);
    if (probes->first_coupling == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the first coupling of a run");
    CCRNN_TRY(ccrnn_analysis_measure(&probes->analysis, first, probes->trials, err));
    memcpy(probes->first_coupling, probes->analysis.coupling, bytes);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_probe_rows_create(const struct ccrnn_run_config *config,
                                          struct ccrnn_trials *trials, uint64_t seed,
                                          struct ccrnn_probe_rows **probes,
                                          struct ccrnn_error *err)
{
    struct ccrnn_network *first = NULL;
    *probes = NULL;
    struct ccrnn_probe_rows *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the probes of a run");
    made->trials = trials;
    enum ccrnn_status status = ccrnn_analysis_first_network(config, seed, &first, err);
    if (status == CCRNN_OK)
        status = ccrnn_analysis_create(config, first, (size_t)config->probe_trials,
                                       &made->analysis, err);
    if (status == CCRNN_OK && made->analysis.seen.G > 0)
        status = measure_first(made, first, err);
    ccrnn_network_destroy(first);
    if (status != CCRNN_OK) {
        ccrnn_probe_rows_destroy(made);
        return status;
    }
    *probes = made;
    return CCRNN_OK;
}

void ccrnn_probe_rows_destroy(struct ccrnn_probe_rows *probes)
{
    if (probes == NULL)
        return;
    ccrnn_analysis_release(&probes->analysis);
    free(probes->first_coupling);
    free(probes);
}

enum ccrnn_status ccrnn_probe_rows_measure(struct ccrnn_probe_rows *probes,
                                           struct ccrnn_network *network, struct ccrnn_error *err)
{
    probes->network = network;
    return ccrnn_analysis_measure(&probes->analysis, network, probes->trials, err);
}

/* "weights_cortex_weight_ih_rms": a dot would mean a part of a metric. */
static void weight_row(const struct ccrnn_parameter *tensor, ccrnn_evaluation_row *row,
                       void *context)
{
    struct ccrnn_weight_statistics statistics;
    char name[NAME_SIZE];
    (void)ccrnn_format(name, sizeof name, "weights_%s_rms", tensor->name);
    for (char *dot = name; (dot = strchr(dot, '.')) != NULL;)
        *dot = '_';
    ccrnn_weight_statistics_measure(tensor->value, tensor->mask, tensor->rows * tensor->cols,
                                    &statistics);
    row(context, name, statistics.rms);
}

void ccrnn_probe_rows_write(const struct ccrnn_probe_rows *probes, ccrnn_evaluation_row *row,
                            void *context)
{
    ccrnn_analysis_rows(&probes->analysis, probes->first_coupling, true, row, context);
    for (size_t i = 0; i < ccrnn_network_parameter_count(probes->network); i++) {
        const struct ccrnn_parameter *const tensor = ccrnn_network_parameter(probes->network, i);
        if (tensor->dims == 2)
            weight_row(tensor, row, context);
    }
}
