/* The tables of `ccrnn analyse`, for people and as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "ccrnn/weight_statistics.h"
#include "cli/analyse.h"

/* Principal components told of. */
enum { COMPONENTS_SHOWN = 5 };

static double total_of(const struct ccrnn_trajectory *trajectory)
{
    double total = 0;
    for (size_t k = 0; k < trajectory->units; k++)
        total += trajectory->variance[k];
    return total;
}

static size_t components_shown(const struct ccrnn_trajectory *trajectory)
{
    return trajectory->units < COMPONENTS_SHOWN ? trajectory->units : COMPONENTS_SHOWN;
}

/* The boundary before step t, or as many as there are. */
static size_t boundary_at(const struct ccrnn_observation *seen, size_t t)
{
    for (size_t i = 0; seen->cerebellum && i + 1 < seen->boundaries; i++)
        if (ccrnn_observation_step(seen, i) == t)
            return i;
    return seen->boundaries;
}

static struct ccrnn_weight_statistics statistics_of(const struct ccrnn_parameter *tensor)
{
    struct ccrnn_weight_statistics statistics;
    ccrnn_weight_statistics_measure(tensor->value, tensor->mask, tensor->rows * tensor->cols,
                                    &statistics);
    return statistics;
}

/* --- for people -------------------------------------------------------------------------- */

static void print_head(const struct cli_analysis *a)
{
    const struct ccrnn_run_config *const config = &a->run.config;
    printf("%s, seed %llu, checkpoint %s\n", a->run.record.arm,
           (unsigned long long)a->run.record.seed, a->run.checkpoint);
    printf("%s, %zu steps, horizon %zu", ccrnn_task_kind(config->task.task)->name,
           config->network.steps, config->network.horizon);
    if (a->probed)
        printf(", %zu validation trials", a->now.seen.trials);
    printf("\n");
    const struct ccrnn_intervention *const cut = ccrnn_network_intervention(a->run.network);
    if (cut->kind != CCRNN_INTERVENTION_NONE)
        printf("with the intervention in force at epoch %llu: %s%s\n",
               (unsigned long long)a->run.epoch, ccrnn_intervention_name(cut->kind),
               cut->share < 1 ? ", a part" : "");
}

static void print_activity(const struct cli_analysis *a)
{
    printf("\n%-30s %12s %16s\n", "Activity and feedback", "now", "before learning");
    for (size_t i = 0; i < a->activity.count; i++) {
        printf("%-30s %12.6g", a->activity.row[i].name, a->activity.row[i].value);
        if (i < a->activity_before.count)
            printf(" %16.6g", a->activity_before.row[i].value);
        printf("\n");
    }
}

static void print_steps(const struct cli_analysis *a)
{
    const struct ccrnn_observation *const seen = &a->now.seen;
    const struct ccrnn_trajectory *const path = &a->trajectory;
    printf("\n%-6s %18s %16s %17s %15s%zu\n", "Step", "similarity_target", "similarity_true",
           "distance of cues", "in components 1-", path->components);
    for (size_t t = 0; t < path->moments; t++) {
        const size_t i = boundary_at(seen, t);
        printf("%-6zu", t);
        if (i < seen->boundaries)
            printf(" %18.6g %16.6g", a->now.target_by_step[i].mean, a->now.truth_by_step[i].mean);
        else
            printf(" %18s %16s", "", "");
        printf(" %17.6g %16.6g\n", path->distance[t], path->distance_k[t]);
    }
}

static void print_values(const char *title, const struct cli_values *values)
{
    printf("\n%s\n", title);
    for (size_t i = 0; i < values->count; i++)
        printf("%-30s %12.6g\n", values->row[i].name, values->row[i].value);
}

static void print_components(const struct ccrnn_trajectory *trajectory)
{
    const double total = total_of(trajectory);
    printf("\n%-30s %12s %12s\n", "Components of the cues' paths", "variance", "share");
    for (size_t k = 0; k < components_shown(trajectory); k++)
        printf("%-30zu %12.6g %12.6g\n", k + 1, trajectory->variance[k],
               trajectory->variance[k] / total);
}

static void print_weights(const struct ccrnn_network *network)
{
    printf("\n%-30s %9s %10s %10s %10s %10s %10s %8s\n", "Weights", "count", "mean", "sd", "rms",
           "largest", "norm", "zeros");
    for (size_t i = 0; i < ccrnn_network_parameter_count(network); i++) {
        const struct ccrnn_parameter *const tensor = ccrnn_network_parameter(network, i);
        const struct ccrnn_weight_statistics s = statistics_of(tensor);
        printf("%-30s %9zu %10.4g %10.4g %10.4g %10.4g %10.4g %8.4g\n", tensor->name, s.count,
               s.mean, s.sd, s.rms, s.largest, s.norm, s.zeros);
    }
}

void cli_analysis_print(const struct cli_analysis *analysis)
{
    char title[CLI_VALUE_NAME + 16];
    print_head(analysis);
    if (analysis->probed) {
        print_activity(analysis);
        print_steps(analysis);
        print_values(analysis->now.seen.batch.target != NULL ? "Movement" : "Answers",
                     &analysis->movement);
        print_components(&analysis->trajectory);
    }
    snprintf(title, sizeof title, "Learning: validation %s", analysis->curve);
    print_values(title, &analysis->learning);
    print_weights(analysis->run.network);
}

/* --- JSON -------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *values_json(const struct cli_values *values)
{
    json_t *const object = json_object();
    for (size_t i = 0; i < values->count; i++)
        json_object_set_new(object, values->row[i].name, number(values->row[i].value));
    return object;
}

static json_t *steps_json(const struct cli_analysis *a)
{
    const struct ccrnn_observation *const seen = &a->now.seen;
    json_t *const array = json_array();
    for (size_t t = 0; t < a->trajectory.moments; t++) {
        const size_t i = boundary_at(seen, t);
        json_t *const step =
            json_pack("{s:I, s:o, s:o}", "step", (json_int_t)t, "cue_distance",
                      number(a->trajectory.distance[t]), "cue_distance_components",
                      number(a->trajectory.distance_k[t]));
        if (i < seen->boundaries) {
            json_object_set_new(step, "similarity_target", number(a->now.target_by_step[i].mean));
            json_object_set_new(step, "similarity_true", number(a->now.truth_by_step[i].mean));
        }
        json_array_append_new(array, step);
    }
    return array;
}

static json_t *components_json(const struct ccrnn_trajectory *trajectory)
{
    const double total = total_of(trajectory);
    json_t *const array = json_array();
    for (size_t k = 0; k < components_shown(trajectory); k++)
        json_array_append_new(array, number(trajectory->variance[k] / total));
    return array;
}

static json_t *weights_json(const struct ccrnn_network *network)
{
    json_t *const object = json_object();
    for (size_t i = 0; i < ccrnn_network_parameter_count(network); i++) {
        const struct ccrnn_parameter *const tensor = ccrnn_network_parameter(network, i);
        const struct ccrnn_weight_statistics s = statistics_of(tensor);
        json_object_set_new(
            object, tensor->name,
            json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "count", (json_int_t)s.count, "mean",
                      number(s.mean), "sd", number(s.sd), "rms", number(s.rms), "largest",
                      number(s.largest), "norm", number(s.norm), "zeros", number(s.zeros)));
    }
    return object;
}

void cli_analysis_print_json(const struct cli_analysis *analysis)
{
    json_t *const object = json_pack(
        "{s:s, s:s, s:s, s:I}", "run", analysis->directory, "arm", analysis->run.record.arm,
        "checkpoint", analysis->run.checkpoint, "seed", (json_int_t)analysis->run.record.seed);
    if (analysis->probed) {
        json_object_set_new(object, "trials",
                            json_integer((json_int_t)analysis->now.seen.trials));
        json_object_set_new(object, "activity", values_json(&analysis->activity));
        json_object_set_new(object, "activity_before_learning",
                            values_json(&analysis->activity_before));
        json_object_set_new(object, "steps", steps_json(analysis));
        json_object_set_new(object, "movement", values_json(&analysis->movement));
        json_object_set_new(object, "explained_variance", components_json(&analysis->trajectory));
    }
    json_object_set_new(object, "learning", values_json(&analysis->learning));
    json_object_set_new(object, "weights", weights_json(analysis->run.network));
    json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    printf("\n");
    json_decref(object);
}
