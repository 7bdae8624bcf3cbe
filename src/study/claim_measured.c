/* Does a run write the row that a claim speaks of, and in the claim's epochs? Follows what course_trials.c,
 * course_captions.c and probe_rows.c write. */
#include "study/claim_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* --- parts of a metric ------------------------------------------------------------------- */

static bool is_one_of(const char *part, const char *const *parts)
{
    for (; *parts != NULL; parts++)
        if (strcmp(*parts, part) == 0)
            return true;
    return false;
}

/* A class of the task: a cue (which may be negative), or a digit. */
static bool is_class(const struct ccrnn_run_config *config, const char *part)
{
    char name[32];
    for (size_t k = 0; k < ccrnn_task_classes(&config->task); k++) {
        ccrnn_format(name, sizeof name, "%d", ccrnn_task_class_name(&config->task, k));
        if (strcmp(part, name) == 0)
            return true;
    }
    return false;
}

static bool has_part(const struct ccrnn_run_config *config, const char *metric, const char *part)
{
    static const char *const quantiles[] = {"q10", "q25", "q50", "q75", "q90", NULL};
    static const char *const lengths[] = {"0", "1", "2", NULL};
    const struct ccrnn_network_config *const network = &config->network;
    uint64_t step;
    if (strncmp(metric, "coupling.", strlen("coupling.")) == 0)
        return is_one_of(part, quantiles);
    if (strncmp(metric, "similarity_", strlen("similarity_")) == 0)
        return ccrnn_parse_unsigned(part, &step) && step < network->steps &&
               step % network->horizon == 0;
    if (!ccrnn_task_kind(config->task.task)->says_words)
        return is_class(config, part);
    if (strncmp(metric, "bits_per_word.", strlen("bits_per_word.")) == 0)
        return ccrnn_parse_unsigned(part, &step) && step >= 1 && step < network->steps;
    return is_one_of(part, lengths);
}

/* --- epochs ------------------------------------------------------------------------------ */

/* Is an epoch of first … last a multiple of `every`? */
static bool meets(uint64_t first, uint64_t last, uint64_t every)
{
    return first <= last && last / every * every >= first;
}

const char *ccrnn_claim_unmeasured(const struct ccrnn_run_config *config,
                                   enum ccrnn_claim_split split, const char *metric,
                                   const struct ccrnn_claim_window *over)
{
    const struct ccrnn_claim_measure *const measure = ccrnn_claim_measure_find(metric);
    const char *const dot = strchr(metric, '.');
    if (dot != NULL && !has_part(config, metric, dot + 1))
        return "has no such part in this arm; docs/measures.md and metrics.csv of a run name them";
    const uint64_t epochs = config->epochs;
    uint64_t first = over->first, last = over->last < epochs ? over->last : epochs;
    if (over->from_end) {
        first = over->last > epochs ? 1 : epochs - over->last + 1;
        last = epochs;
    }
    if (split == CCRNN_CLAIM_TEST)
        return last == epochs ? NULL : "is measured after the last epoch; write over: last";
    if (measure->probed)
        return meets(first, last, config->probe_every)
                   ? NULL
                   : "is not measured in these epochs; choose multiples of probe_every";
    if (first == 0 && last == 0)
        return "is not measured before learning; only what is probed is";
    const bool seldom =
        measure->seldom || (dot != NULL && !ccrnn_task_kind(config->task.task)->says_words);
    if (seldom && split == CCRNN_CLAIM_VALIDATION &&
        !meets(first < 1 ? 1 : first, last, config->measure_every))
        return "is not measured in these epochs; choose multiples of measure_every";
    return NULL;
}
