#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/network.h"
#include "study/branch.h"
#include "study/branch_start.h"
#include "study/run_session.h"

enum ccrnn_status ccrnn_session_path(struct ccrnn_session *s, const char *name,
                                     char path[CCRNN_PATH_MAX])
{
    return ccrnn_path_join(path, CCRNN_PATH_MAX, s->run->directory, name, s->err);
}

void ccrnn_session_note(const struct ccrnn_session *s, const char *format, ...)
{
    char message[CCRNN_ERROR_MAX];
    va_list arguments;
    if (s->run->listener.note == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (s->lease != NULL)
        ccrnn_lease_clean(s->lease, message);
    s->run->listener.note(s->run->listener.context, message);
}

struct ccrnn_checkpoint_owner ccrnn_session_owner(const struct ccrnn_session *s)
{
    return (struct ccrnn_checkpoint_owner){
        .hash = s->run->hash,
        .seed = s->run->seed,
        .images = s->images,
        .ranks = ccrnn_together_count(s->run->together),
        .other_ranks = s->run->other_ranks,
    };
}

/* metrics.csv must be at least as long as the checkpoint says. */
static enum ccrnn_status check_metrics(struct ccrnn_session *s)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_session_path(s, "metrics.csv", path));
    return ccrnn_file_append(path, s->at.metrics_bytes, NULL, 0, s->err);
}

static enum ccrnn_status load(struct ccrnn_session *s, const char *name)
{
    char path[CCRNN_PATH_MAX];
    const struct ccrnn_checkpoint_owner owner = ccrnn_session_owner(s);
    CCRNN_TRY(ccrnn_session_path(s, name, path));
    CCRNN_TRY(ccrnn_checkpoint_load(path, s->network, &owner, &s->at, s->err));
    return check_metrics(s);
}

/* Begin where the run this one branches from was. */
static enum ccrnn_status begin_as_branch(struct ccrnn_session *s)
{
    char metrics[CCRNN_PATH_MAX];
    struct ccrnn_branch_start start = {.best = s->best};
    CCRNN_TRY(ccrnn_session_path(s, "metrics.csv", metrics));
    CCRNN_TRY(ccrnn_branch_begin(s->run, s->images, s->network, metrics, &start, s->err));
    s->at = start.at;
    if (s->run->branch.new_rate)
        s->at.schedule = (struct ccrnn_schedule){0};
    s->best_updates = start.best_updates;
    s->best_waits = s->branched = true;
    return CCRNN_OK;
}

/* The last checkpoint there is. What a file's reader advises, to make it again, is to begin the run anew. */
static enum ccrnn_status load_only(struct ccrnn_session *s, const char *name)
{
    const enum ccrnn_status status = load(s, name);
    if (status != CCRNN_FORMAT)
        return status;
    const struct ccrnn_error before = *s->err;
    return ccrnn_fail(
        s->err, status,
        "%s; there is no other checkpoint to go on from: put back a copy, or move the "
        "run's directory away to begin it anew",
        before.message);
}

enum ccrnn_status ccrnn_session_resume(struct ccrnn_session *s)
{
    char last[CCRNN_PATH_MAX], previous[CCRNN_PATH_MAX];
    bool has_last, has_previous;
    CCRNN_TRY(ccrnn_session_path(s, "last.safetensors", last));
    CCRNN_TRY(ccrnn_session_path(s, "previous.safetensors", previous));
    CCRNN_TRY(ccrnn_path_look(last, &has_last, s->err));
    CCRNN_TRY(ccrnn_path_look(previous, &has_previous, s->err));
    if (has_last) {
        const enum ccrnn_status status =
            has_previous ? load(s, "last.safetensors") : load_only(s, "last.safetensors");
        if (status != CCRNN_FORMAT || !has_previous)
            return status;
        ccrnn_session_note(s, "%s; going on from the checkpoint before it", s->err->message);
        s->last_is_damaged = true;
    }
    if (has_previous)
        return load_only(s, "previous.safetensors");
    if (s->run->branch.directory != NULL)
        return begin_as_branch(s);
    if (s->run->config->init_from[0] != '\0')
        return ccrnn_weights_import(s->run->config->init_from, s->network, s->err);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_session_flush(struct ccrnn_session *s)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_session_path(s, "metrics.csv", path));
    if (s->metrics.failed)
        return ccrnn_fail(s->err, CCRNN_MEMORY, "out of memory for the rows of %s", path);
    CCRNN_TRY(
        ccrnn_file_append(path, s->at.metrics_bytes, s->metrics.bytes, s->metrics.size, s->err));
    s->at.metrics_bytes += s->metrics.size;
    ccrnn_text_clear(&s->metrics);
    return CCRNN_OK;
}

/* best.safetensors: the weights of the best epoch, under PyTorch's names. */
static enum ccrnn_status save_best(struct ccrnn_session *s)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_parameters *const p = &s->network->parameters;
    const size_t bytes = p->size * sizeof *p->value;
    const struct ccrnn_checkpoint_owner owner = ccrnn_session_owner(s);
    if (!s->best_waits)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_session_path(s, "best.safetensors", path));
    ccrnn_real *const now = malloc(bytes);
    if (now == NULL)
        return ccrnn_fail(s->err, CCRNN_MEMORY, "out of memory while writing %s", path);
    const uint64_t updates = s->network->updates;
    memcpy(now, p->value, bytes);
    memcpy(p->value, s->best, bytes);
    s->network->updates = s->best_updates;
    const enum ccrnn_status status = ccrnn_weights_export(path, s->network, &owner, s->err);
    s->network->updates = updates;
    memcpy(p->value, now, bytes);
    free(now);
    s->best_waits = status != CCRNN_OK;
    return status;
}

bool ccrnn_session_keeps(const struct ccrnn_run_config *config, uint64_t epoch)
{
    for (size_t i = 0; i < config->checkpoint_epochs.count; i++)
        if (config->checkpoint_epochs.value[i] == epoch)
            return true;
    return false;
}

/* A second name for the last checkpoint, so that there is a last.safetensors at every moment; where the
 * file system has no links, it is renamed. */
static enum ccrnn_status keep_previous(struct ccrnn_session *s, const char *last,
                                       const char *previous)
{
    (void)unlink(previous);
    if (link(last, previous) != 0 && rename(last, previous) != 0)
        return ccrnn_fail_errno(s->err, "keep", last, errno);
    return CCRNN_OK;
}

/* Before the kept checkpoint itself: where that is, all is there that a branch needs. */
static enum ccrnn_status keep_best_so_far(struct ccrnn_session *s)
{
    char name[64], best[CCRNN_PATH_MAX], kept[CCRNN_PATH_MAX];
    if (s->at.best_epoch == s->at.epoch)
        return CCRNN_OK;
    ccrnn_branch_best_name(s->at.epoch, name, sizeof name);
    CCRNN_TRY(ccrnn_session_path(s, "best.safetensors", best));
    CCRNN_TRY(ccrnn_session_path(s, name, kept));
    return ccrnn_branch_keep_best(best, kept, s->network->updates, s->err);
}

enum ccrnn_status ccrnn_session_checkpoint(struct ccrnn_session *s)
{
    char last[CCRNN_PATH_MAX], previous[CCRNN_PATH_MAX], kept[CCRNN_PATH_MAX], name[64];
    const struct ccrnn_checkpoint_owner owner = ccrnn_session_owner(s);
    bool has_last;
    CCRNN_TRY(ccrnn_session_flush(s));
    CCRNN_TRY(save_best(s));
    CCRNN_TRY(ccrnn_session_path(s, "last.safetensors", last));
    CCRNN_TRY(ccrnn_session_path(s, "previous.safetensors", previous));
    if (ccrnn_session_keeps(s->run->config, s->at.epoch)) {
        snprintf(name, sizeof name, "epoch-%llu.safetensors", (unsigned long long)s->at.epoch);
        CCRNN_TRY(ccrnn_session_path(s, name, kept));
        CCRNN_TRY(keep_best_so_far(s));
        CCRNN_TRY(ccrnn_checkpoint_save(kept, s->network, &owner, &s->at, s->err));
    }
    CCRNN_TRY(ccrnn_path_look(last, &has_last, s->err));
    if (!s->last_is_damaged && has_last)
        CCRNN_TRY(keep_previous(s, last, previous));
    CCRNN_TRY(ccrnn_checkpoint_save(last, s->network, &owner, &s->at, s->err));
    s->last_is_damaged = false;
    s->saved = s->at.epoch;
    return CCRNN_OK;
}
