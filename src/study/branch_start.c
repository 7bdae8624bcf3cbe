#include "study/branch_start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/safetensors.h"
#include "loop/network.h"
#include "study/branch.h"
#include "study/run_record.h"

/* More than a metrics.csv ever has. */
enum { METRICS_MOST = 1 << 30 };

static enum ccrnn_status path_of(const struct ccrnn_run *run, const char *name,
                                 char path[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    return ccrnn_path_join(path, CCRNN_PATH_MAX, run->branch.directory, name, err);
}

static void take(const struct ccrnn_network *network, struct ccrnn_branch_start *start)
{
    memcpy(start->best, network->parameters.value,
           network->parameters.size * sizeof *start->best);
}

/* Optimiser steps that made the weights of an exported file. */
static enum ccrnn_status read_updates(const char *path, uint64_t *updates,
                                      struct ccrnn_error *err)
{
    struct ccrnn_tensor_file *file = NULL;
    CCRNN_TRY(ccrnn_tensor_file_open(path, &file, err));
    const char *const text = ccrnn_tensor_file_metadata(file, "ccrnn_updates");
    const bool ok = text != NULL && ccrnn_parse_unsigned(text, updates);
    ccrnn_tensor_file_close(file);
    return ok ? CCRNN_OK
              : ccrnn_fail(err, CCRNN_FORMAT,
                           "%s: metadata ccrnn_updates is missing or no number; remove the "
                           "directory of that run and run the study again",
                           path);
}

enum ccrnn_status ccrnn_branch_keep_best(const char *best, const char *kept, uint64_t updates,
                                         struct ccrnn_error *err)
{
    uint64_t made;
    uint8_t *bytes;
    size_t size;
    bool exists;
    CCRNN_TRY(ccrnn_path_look(kept, &exists, err));
    if (exists)
        return CCRNN_OK;
    CCRNN_TRY(read_updates(best, &made, err));
    if (made > updates)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_file_read(best, PTRDIFF_MAX, &bytes, &size, err));
    const enum ccrnn_status status = ccrnn_file_write_atomic(kept, bytes, size, err);
    free(bytes);
    return status;
}

/* Weights of the best epoch, when that is an earlier one; they pass through the network. */
static enum ccrnn_status read_best(const struct ccrnn_run *run, struct ccrnn_network *network,
                                   struct ccrnn_branch_start *start, struct ccrnn_error *err)
{
    char name[64], path[CCRNN_PATH_MAX];
    ccrnn_branch_best_name(start->at.epoch, name, sizeof name);
    CCRNN_TRY(path_of(run, name, path, err));
    bool exists;
    CCRNN_TRY(ccrnn_path_look(path, &exists, err));
    if (!exists)
        return ccrnn_fail(err, CCRNN_IO,
                          "%s: is not there: the run this one branches from kept the epoch, but "
                          "not its best weights up to it; remove its directory and run the study "
                          "again",
                          path);
    CCRNN_TRY(ccrnn_weights_import(path, network, err));
    take(network, start);
    return read_updates(path, &start->best_updates, err);
}

static enum ccrnn_status copy_metrics(const struct ccrnn_run *run, uint64_t size, const char *to,
                                      struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    uint8_t *bytes;
    size_t found;
    CCRNN_TRY(path_of(run, "metrics.csv", path, err));
    CCRNN_TRY(ccrnn_file_read(path, METRICS_MOST, &bytes, &found, err));
    const enum ccrnn_status status =
        found < size
            ? ccrnn_fail(err, CCRNN_FORMAT,
                         "%s: expected at least %llu bytes, found %zu; remove the directory of "
                         "that run and run the study again",
                         path, (unsigned long long)size, found)
            : ccrnn_file_write_atomic(to, bytes, (size_t)size, err);
    free(bytes);
    return status;
}

/* Why the kept checkpoint is not there. */
static enum ccrnn_status explain_missing(const struct ccrnn_run *run, const char *path,
                                         struct ccrnn_error *err)
{
    struct ccrnn_run_record record = {.status = CCRNN_RUN_RUNNING};
    const unsigned long long wanted = run->config->branch_epoch;
    (void)ccrnn_run_record_read(run->branch.directory, &record, NULL);
    const unsigned long long reached = record.epoch;
    if (record.status == CCRNN_RUN_NONFINITE)
        return ccrnn_fail(
            err, CCRNN_NONFINITE,
            "cannot begin after epoch %llu of %s: that run ended in NaN after epoch "
            "%llu (%s)",
            wanted, run->branch.directory, reached, record.message);
    if (run->branch.ended != CCRNN_OK)
        return ccrnn_fail(
            err, run->branch.ended,
            "cannot begin after epoch %llu of %s: that run failed after epoch %llu; "
            "when it can go on, the same command runs both",
            wanted, run->branch.directory, reached);
    if (reached >= wanted)
        return ccrnn_fail(err, CCRNN_IO,
                          "%s: is not there, and this run begins with it: the run it branches "
                          "from was past epoch %llu before it was asked to keep it; remove the "
                          "directory of that run and run the study again: it comes out the same",
                          path, wanted);
    return ccrnn_fail(err, CCRNN_IO,
                      "%s: is not there, and this run begins with it: the run it branches from "
                      "ended after epoch %llu; branch earlier, or let that run go on",
                      path, reached);
}

enum ccrnn_status ccrnn_branch_begin(const struct ccrnn_run *run, const char *images,
                                     struct ccrnn_network *network, const char *metrics,
                                     struct ccrnn_branch_start *start, struct ccrnn_error *err)
{
    const struct ccrnn_checkpoint_owner owner = {
        .hash = run->branch.hash,
        .seed = run->seed,
        .images = images,
        .ranks = ccrnn_together_count(run->together),
        .other_ranks = run->other_ranks,
    };
    char name[64], path[CCRNN_PATH_MAX];
    if (run->branch.ended == CCRNN_BUSY)
        return ccrnn_fail(err, CCRNN_BUSY,
                          "begins after epoch %llu of %s, and another process is working on that "
                          "run; wait for it to end, then the same command goes on",
                          (unsigned long long)run->config->branch_epoch, run->branch.directory);
    snprintf(name, sizeof name, "epoch-%llu.safetensors",
             (unsigned long long)run->config->branch_epoch);
    CCRNN_TRY(path_of(run, name, path, err));
    bool exists;
    CCRNN_TRY(ccrnn_path_look(path, &exists, err));
    if (!exists)
        return explain_missing(run, path, err);
    CCRNN_TRY(ccrnn_checkpoint_load(path, network, &owner, &start->at, err));
    if (start->at.best_epoch == start->at.epoch) {
        take(network, start);
        start->best_updates = network->updates;
    } else {
        CCRNN_TRY(read_best(run, network, start, err));
        CCRNN_TRY(ccrnn_checkpoint_load(path, network, &owner, &start->at, err));
    }
    return copy_metrics(run, start->at.metrics_bytes, metrics, err);
}
