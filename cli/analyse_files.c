/* The CSV files of `ccrnn analyse --out`. */
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "ccrnn/weight_statistics.h"
#include "cli/analyse.h"

/* Bars of the histogram of |r|. */
enum { BINS = 50 };

static void summary(const struct cli_analysis *a, struct ccrnn_text *text)
{
    ccrnn_text_add(text, "measure,value,before_learning\n");
    for (size_t i = 0; i < a->activity.count; i++) {
        ccrnn_text_add(text, "%s,%.9g,", a->activity.row[i].name, a->activity.row[i].value);
        if (i < a->activity_before.count)
            ccrnn_text_add(text, "%.9g", a->activity_before.row[i].value);
        ccrnn_text_add(text, "\n");
    }
    for (size_t i = 0; i < a->movement.count; i++)
        ccrnn_text_add(text, "%s,%.9g,\n", a->movement.row[i].name, a->movement.row[i].value);
}

static void learning(const struct cli_analysis *a, struct ccrnn_text *text)
{
    ccrnn_text_add(text, "measure,value\n");
    for (size_t i = 0; i < a->learning.count; i++)
        ccrnn_text_add(text, "%s,%.9g\n", a->learning.row[i].name, a->learning.row[i].value);
}

static void similarity_by_step(const struct cli_analysis *a, struct ccrnn_text *text)
{
    const struct ccrnn_observation *const seen = &a->now.seen;
    ccrnn_text_add(text, "step,trials,target,target_undefined,true,true_undefined\n");
    for (size_t i = 0; i + 1 < seen->boundaries; i++) {
        const struct ccrnn_similarity *const target = &a->now.target_by_step[i];
        const struct ccrnn_similarity *const truth = &a->now.truth_by_step[i];
        ccrnn_text_add(text, "%zu,%zu,%.9g,%zu,%.9g,%zu\n", ccrnn_observation_step(seen, i),
                       seen->trials, target->mean, target->undefined, truth->mean,
                       truth->undefined);
    }
}

/* Units of an LSTM's state: first h, then c. */
static void similarity_by_unit(const struct cli_analysis *a, struct ccrnn_text *text)
{
    const struct ccrnn_observation *const seen = &a->now.seen;
    const size_t samples = (seen->boundaries - 1) * seen->trials, S = seen->S;
    const size_t hidden = a->run.config.network.hidden;
    double *const value = calloc(4 * S, sizeof *value);
    if (value == NULL) {
        text->failed = true;
        return;
    }
    ccrnn_similarity_by_unit(seen->predicted, seen->target, samples, S, value, value + S);
    ccrnn_similarity_by_unit(seen->predicted, seen->truth, samples, S, value + 2 * S,
                             value + 3 * S);
    ccrnn_text_add(text, "unit,part,target_cosine,target_pearson,true_cosine,true_pearson\n");
    for (size_t i = 0; i < S; i++)
        ccrnn_text_add(text, "%zu,%s,%.9g,%.9g,%.9g,%.9g\n", i % hidden, i < hidden ? "h" : "c",
                       value[i], value[S + i], value[2 * S + i], value[3 * S + i]);
    free(value);
}

static void coupling_histogram(const struct cli_analysis *a, struct ccrnn_text *text)
{
    const size_t pairs = a->now.seen.S * a->now.seen.G;
    size_t now[BINS], before[BINS];
    ccrnn_activity_coupling_histogram(a->now.coupling, pairs, BINS, now);
    if (a->before.coupling != NULL)
        ccrnn_activity_coupling_histogram(a->before.coupling, pairs, BINS, before);
    ccrnn_text_add(text, "from,to,pairs,pairs_before_learning\n");
    for (size_t i = 0; i < BINS; i++) {
        ccrnn_text_add(text, "%.9g,%.9g,%zu,", (double)i / BINS, (double)(i + 1) / BINS, now[i]);
        if (a->before.coupling != NULL)
            ccrnn_text_add(text, "%zu", before[i]);
        ccrnn_text_add(text, "\n");
    }
}

static void trajectories(const struct cli_analysis *a, struct ccrnn_text *text)
{
    const struct ccrnn_trajectory *const path = &a->trajectory;
    ccrnn_text_add(text, "step,cue,trials");
    for (size_t k = 0; k < path->components; k++)
        ccrnn_text_add(text, ",component_%zu", k + 1);
    ccrnn_text_add(text, "\n");
    for (size_t p = 0; p < path->moments * path->cues; p++) {
        const size_t cue = p % path->cues;
        ccrnn_text_add(text, "%zu,%d,%zu", p / path->cues,
                       ccrnn_task_class_name(&a->run.config.task, (size_t)path->cue[cue]),
                       path->count[cue]);
        for (size_t k = 0; k < path->components; k++)
            ccrnn_text_add(text, ",%.9g", path->score[p * path->components + k]);
        ccrnn_text_add(text, "\n");
    }
}

static void cue_distance(const struct cli_analysis *a, struct ccrnn_text *text)
{
    ccrnn_text_add(text, "step,distance,distance_in_components\n");
    for (size_t t = 0; t < a->trajectory.moments; t++)
        ccrnn_text_add(text, "%zu,%.9g,%.9g\n", t, a->trajectory.distance[t],
                       a->trajectory.distance_k[t]);
}

static void components(const struct cli_analysis *a, struct ccrnn_text *text)
{
    double total = 0;
    for (size_t k = 0; k < a->trajectory.units; k++)
        total += a->trajectory.variance[k];
    ccrnn_text_add(text, "component,variance,share\n");
    for (size_t k = 0; k < a->trajectory.units; k++)
        ccrnn_text_add(text, "%zu,%.9g,%.9g\n", k + 1, a->trajectory.variance[k],
                       a->trajectory.variance[k] / total);
}

static void weights(const struct cli_analysis *a, struct ccrnn_text *text)
{
    ccrnn_text_add(text, "tensor,count,mean,sd,rms,largest,norm,zeros\n");
    for (size_t i = 0; i < ccrnn_network_parameter_count(a->run.network); i++) {
        const struct ccrnn_parameter *const tensor = ccrnn_network_parameter(a->run.network, i);
        struct ccrnn_weight_statistics s;
        ccrnn_weight_statistics_measure(tensor->value, tensor->mask, tensor->rows * tensor->cols,
                                        &s);
        ccrnn_text_add(text, "%s,%zu,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g\n", tensor->name, s.count,
                       s.mean, s.sd, s.rms, s.largest, s.norm, s.zeros);
    }
}

/* What a run must have for a file to have a meaning. */
enum needs { NOTHING, PROBES, CEREBELLUM, GRANULE };

static const struct {
    const char *name;
    void (*write)(const struct cli_analysis *analysis, struct ccrnn_text *text);
    enum needs needs;
} files[] = {
    {"summary.csv", summary, PROBES},
    {"similarity_by_step.csv", similarity_by_step, CEREBELLUM},
    {"similarity_by_unit.csv", similarity_by_unit, CEREBELLUM},
    {"coupling_histogram.csv", coupling_histogram, GRANULE},
    {"trajectories.csv", trajectories, PROBES},
    {"cue_distance.csv", cue_distance, PROBES},
    {"components.csv", components, PROBES},
    {"learning.csv", learning, NOTHING},
    {"weights.csv", weights, NOTHING},
};

static bool has(const struct cli_analysis *a, enum needs needs)
{
    switch (needs) {
    case PROBES:
        return a->probed;
    case CEREBELLUM:
        return a->probed && a->now.seen.cerebellum;
    case GRANULE:
        return a->probed && a->now.seen.G > 0;
    case NOTHING:
        break;
    }
    return true;
}

enum ccrnn_status cli_analysis_write(const struct cli_analysis *analysis, const char *directory,
                                     struct ccrnn_error *err)
{
    struct ccrnn_text text = {0};
    enum ccrnn_status status = ccrnn_directory_make(directory, err);
    for (size_t i = 0; status == CCRNN_OK && i < sizeof files / sizeof files[0]; i++) {
        char path[CCRNN_PATH_MAX];
        if (!has(analysis, files[i].needs))
            continue;
        status = ccrnn_path_join(path, sizeof path, directory, files[i].name, err);
        if (status != CCRNN_OK)
            break;
        ccrnn_text_clear(&text);
        files[i].write(analysis, &text);
        status = text.failed ? ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %s", path)
                             : ccrnn_file_write_atomic(path, text.bytes, text.size, err);
    }
    free(text.bytes);
    return status;
}
