#include "loop/split.h"

#include <string.h>

#include "base/error.h"

size_t ccrnn_ranks_first(const struct ccrnn_ranks *ranks, size_t rows, size_t rank)
{
    const size_t each = rows / ranks->count, more = rows % ranks->count;
    return rank * each + (rank < more ? rank : more);
}

enum ccrnn_status ccrnn_split_plan(const struct ccrnn_network_config *config,
                                   const struct ccrnn_ranks *ranks,
                                   struct ccrnn_batch_split *split, struct ccrnn_error *err)
{
    *split = (struct ccrnn_batch_split){.ranks = ranks, .rows = config->batch};
    if (ranks == NULL)
        return CCRNN_OK;
    if (config->features == 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "only networks of words are trained by several ranks together");
    if (ranks->count > config->batch)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "%zu ranks share a batch of %zu: every rank needs a row; start fewer ranks, "
            "or choose a larger batch",
            ranks->count, config->batch);
    split->first = ccrnn_ranks_first(ranks, config->batch, ranks->rank);
    split->rows = ccrnn_ranks_first(ranks, config->batch, ranks->rank + 1) - split->first;
    return CCRNN_OK;
}

void ccrnn_split_carve(struct ccrnn_batch_split *split, struct ccrnn_arena *arena)
{
    if (split->ranks != NULL)
        split->report = ccrnn_arena_take(arena, split->ranks->count, sizeof *split->report);
}

enum ccrnn_status ccrnn_split_refuse(const struct ccrnn_batch_split *split, const char *what,
                                     struct ccrnn_error *err)
{
    if (split->ranks == NULL)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s not for networks whose batches are split over ranks; use one rank",
                      what);
}

void ccrnn_split_sum(struct ccrnn_batch_split *split, ccrnn_real *values, size_t n)
{
    if (split->ranks != NULL)
        split->begun = split->ranks->sum(split->ranks->context, values, n) + 1;
}

void ccrnn_split_gather(struct ccrnn_batch_split *split, void *whole, size_t rows, size_t size)
{
    if (split->ranks != NULL)
        split->begun = split->ranks->gather(split->ranks->context, whole, rows, size) + 1;
}

void ccrnn_split_wait(struct ccrnn_batch_split *split)
{
    if (split->ranks != NULL && split->begun > 0)
        split->ranks->wait(split->ranks->context, split->begun - 1);
}

void ccrnn_split_report(struct ccrnn_batch_split *split, struct ccrnn_step_report *report)
{
    if (split->ranks == NULL)
        return;
    double *const mine = split->report[split->ranks->rank];
    mine[0] = report->loss;
    mine[1] = report->first_loss;
    mine[2] = report->cerebellar_loss;
    mine[3] = report->similarity;
    ccrnn_split_gather(split, split->report, split->ranks->count, sizeof *split->report);
    ccrnn_split_wait(split);
    report->loss = report->first_loss = report->cerebellar_loss = report->similarity = 0;
    for (size_t r = 0; r < split->ranks->count; r++) {
        report->loss += split->report[r][0];
        report->first_loss += split->report[r][1];
        report->cerebellar_loss += split->report[r][2];
        report->similarity += split->report[r][3];
    }
}

void ccrnn_split_add(size_t count, const ccrnn_real *const *part, size_t n, ccrnn_real *to)
{
    enum { SOME = 1024 };
    for (size_t from = 0; from < n; from += SOME) {
        const size_t here = n - from < SOME ? n - from : SOME;
        ccrnn_real sum[SOME];
        memcpy(sum, part[0] + from, here * sizeof *sum);
        for (size_t r = 1; r < count; r++)
            for (size_t e = 0; e < here; e++)
                sum[e] += part[r][from + e];
        memcpy(to + from, sum, here * sizeof *sum);
    }
}
