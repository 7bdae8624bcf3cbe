#define _GNU_SOURCE
#include "study/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "loop/config.h"
#include "loop/network.h"
#include "math/math.h"
#include "study/run_session.h"

/* More than a metrics.csv ever has. */
enum { METRICS_BYTES_MOST = 1 << 30 };

static const char metrics_header[] = "step,split,metric,value\n";

/* What was appended to may still be open in the process that lost the run: go on in a file of our own. */
static enum ccrnn_status renew_metrics(struct ccrnn_session *s)
{
    char path[CCRNN_PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size;
    bool exists;
    CCRNN_TRY(ccrnn_session_path(s, "metrics.csv", path));
    CCRNN_TRY(ccrnn_path_look(path, &exists, s->err));
    if (!exists)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_file_read(path, METRICS_BYTES_MOST, &bytes, &size, s->err));
    const enum ccrnn_status status = ccrnn_file_write_atomic(path, bytes, size, s->err);
    free(bytes);
    return status;
}

/* Take the lease. From then on every file of the run is reached through it. */
static enum ccrnn_status claim(struct ccrnn_session *s)
{
    const struct ccrnn_run *const run = s->run;
    CCRNN_TRY(ccrnn_lease_take(run->leases, run->directory, run->watch, &s->lease, s->err));
    s->own = *run;
    s->own.directory = ccrnn_lease_directory(s->lease);
    s->run = &s->own;
    const struct ccrnn_lease_holder *const before = ccrnn_lease_before(s->lease);
    if (before != NULL && before->state != CCRNN_PROCESS_GONE) {
        if (before->understood)
            ccrnn_session_note(s,
                               "taken over from process %llu of %s, which shows no sign of life",
                               (unsigned long long)before->process.id, before->process.host);
        else
            ccrnn_session_note(s, "taken over from %s, which shows no sign of life",
                               before->name);
        CCRNN_TRY(renew_metrics(s));
    }
    return ccrnn_directory_remove_temporary(s->run->directory, NULL, s->err);
}

/* Fingerprint of the images, "" for those that are not read from files. */
static void note_images(struct ccrnn_session *s)
{
    if (s->run->data.fingerprint != 0)
        snprintf(s->images, sizeof s->images, "%016llx",
                 (unsigned long long)s->run->data.fingerprint);
}

/* A run that is not complete needs the images it began with. */
static enum ccrnn_status check_images(struct ccrnn_session *s)
{
    if (s->record.hash[0] == '\0' || strcmp(s->record.images, s->images) == 0)
        return CCRNN_OK;
    return ccrnn_fail(s->err, CCRNN_USAGE,
                      "%s: made with %s of fingerprint %s, those at hand have %s; give the "
                      "directory of the first ones (--data), or begin anew with another --out",
                      s->run->directory, s->run->data.captions == NULL ? "images" : "captions",
                      s->record.images, s->images);
}

/* What run.json of an earlier session says; none is fine. */
static enum ccrnn_status read_earlier(struct ccrnn_session *s)
{
    char path[CCRNN_PATH_MAX];
    bool exists;
    CCRNN_TRY(ccrnn_session_path(s, "run.json", path));
    CCRNN_TRY(ccrnn_path_look(path, &exists, s->err));
    if (!exists) {
        s->record = (struct ccrnn_run_record){0};
        ccrnn_run_record_now(s->record.started);
        return CCRNN_OK;
    }
    CCRNN_TRY(ccrnn_run_record_read(s->run->directory, &s->record, s->err));
    s->seconds_before = s->record.seconds;
    if (s->record.numerics != CCRNN_NUMERICS)
        return ccrnn_fail(
            s->err, CCRNN_OTHER_NUMERICS,
            "%s: made with numerics %llu, this version has numerics %d, so going on would "
            "mix two sets of numbers; use the version that began the run, or begin anew "
            "with another --out",
            path, (unsigned long long)s->record.numerics, CCRNN_NUMERICS);
    if (strcmp(s->record.hash, s->run->hash) != 0 || s->record.seed != s->run->seed)
        return ccrnn_fail(s->err, CCRNN_FORMAT,
                          "%s: belongs to the run %s, seed %llu, not to %s, seed %llu; move the "
                          "directory away",
                          path, s->record.hash, (unsigned long long)s->record.seed, s->run->hash,
                          (unsigned long long)s->run->seed);
    return CCRNN_OK;
}

static enum ccrnn_status read_record(struct ccrnn_session *s)
{
    const enum ccrnn_status status = read_earlier(s);
    s->unreadable = status != CCRNN_OK;
    s->told_of = s->record.token;
    return status;
}

static bool ends_early(const struct ccrnn_session *s)
{
    return ccrnn_schedule_ends(s->run->config, s->at.epoch, s->at.best_epoch);
}

static enum ccrnn_status write_record(struct ccrnn_session *s, enum ccrnn_run_status status,
                                      const char *message)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    s->record.status = status;
    s->record.epoch = s->at.epoch;
    s->record.epochs = s->run->config->epochs;
    s->record.stopped_early = status == CCRNN_RUN_DONE && ends_early(s);
    s->record.seconds = s->seconds_before + (double)(now.tv_sec - s->start.tv_sec) +
                        1e-9 * (double)(now.tv_nsec - s->start.tv_nsec);
    snprintf(s->record.kernels, sizeof s->record.kernels, "%s",
             ccrnn_network_kernel_set(s->network));
    snprintf(s->record.images, sizeof s->record.images, "%s", s->images);
    snprintf(s->record.ranks, sizeof s->record.ranks, "%s", s->at.ranks);
    snprintf(s->record.message, sizeof s->record.message, "%.*s",
             (int)sizeof s->record.message - 1, message);
    CCRNN_TRY(ccrnn_run_record_write(s->run, &s->record, s->err));
    s->told_of = s->record.token;
    s->told_as = status;
    return CCRNN_OK;
}

static enum ccrnn_status write_config(struct ccrnn_session *s)
{
    char path[CCRNN_PATH_MAX], *text = NULL;
    CCRNN_TRY(ccrnn_session_path(s, "config.yaml", path));
    CCRNN_TRY(ccrnn_run_config_to_yaml(s->run->config, &text, s->err));
    const enum ccrnn_status status = ccrnn_file_write_atomic(path, text, strlen(text), s->err);
    free(text);
    return status;
}

static enum ccrnn_status prepare(struct ccrnn_session *s)
{
    struct ccrnn_network_config config = s->run->config->network;
    if (config.features > 0 && s->run->threads > 0)
        config.threads = s->run->threads;
    CCRNN_TRY(ccrnn_network_create_split(
        &config, s->run->seed, ccrnn_together_ranks(s->run->together), &s->network, s->err));
    CCRNN_TRY(ccrnn_course_open(s->run->config, &s->run->data, s->run->seed, &s->course, s->err));
    s->best = calloc(s->network->parameters.size, sizeof *s->best);
    if (s->best == NULL)
        return ccrnn_fail(s->err, CCRNN_MEMORY, "out of memory for a run; use a smaller -j");
    s->at = (struct ccrnn_checkpoint){.best_error = INFINITY};
    ccrnn_checkpoint_start_ranks(&s->at, ccrnn_together_count(s->run->together));
    if (s->course->kind->settle == NULL)
        return CCRNN_OK;
    return s->course->kind->settle(s->course, s->run->directory, s->err);
}

/* The learning rate of the next epoch, where it depends on the validation errors so far. */
static enum ccrnn_status set_rate(struct ccrnn_session *s)
{
    if (!(s->at.schedule.rate > 0))
        return CCRNN_OK;
    return ccrnn_network_set_learning_rate(s->network, s->at.schedule.rate, s->err);
}

static enum ccrnn_status start_schedule(struct ccrnn_session *s)
{
    ccrnn_schedule_continue(s->run->config, &s->at.schedule);
    return set_rate(s);
}

static void add_metric(struct ccrnn_session *s, uint64_t epoch, const char *split,
                       const char *metric, double value)
{
    ccrnn_text_add(&s->metrics, "%llu,%s,%s,%.9g\n", (unsigned long long)epoch, split, metric,
                   value);
}

/* Where the rows of an evaluation belong. */
struct evaluation {
    struct ccrnn_session *session;
    const char *split;
};

static void add_row(void *context, const char *metric, double value)
{
    const struct evaluation *const evaluation = context;
    add_metric(evaluation->session, evaluation->session->at.epoch, evaluation->split, metric,
               value);
}

static void keep_best(struct ccrnn_session *s, uint64_t epoch, double error)
{
    if (!(error < s->at.best_error))
        return;
    s->at.best_error = error;
    s->at.best_epoch = epoch;
    memcpy(s->best, s->network->parameters.value, s->network->parameters.size * sizeof *s->best);
    s->best_updates = s->network->updates;
    s->best_waits = true;
}

static void add_lesson(struct ccrnn_session *s, uint64_t epoch, const struct ccrnn_lesson *lesson)
{
    for (size_t i = 0; i < lesson->rows; i++)
        add_metric(s, epoch, "train", lesson->row[i].name, lesson->row[i].value);
    add_metric(s, epoch, "train", "grad_norm", lesson->mean.grad_norm);
    if (s->at.schedule.rate > 0)
        add_metric(s, epoch, "train", "learning_rate", s->at.schedule.rate);
    if (s->run->config->network.cerebellum == CCRNN_CEREBELLUM_NONE)
        return;
    add_metric(s, epoch, "train", "cerebellar_loss", lesson->mean.cerebellar_loss);
    add_metric(s, epoch, "train", "similarity", lesson->mean.similarity);
}

static enum ccrnn_status run_epoch(struct ccrnn_session *s)
{
    const struct ccrnn_run_config *const config = s->run->config;
    const struct ccrnn_course_kind *const course = s->course->kind;
    const uint64_t epoch = s->at.epoch + 1;
    const bool cerebellum = config->network.cerebellum != CCRNN_CEREBELLUM_NONE;
    struct evaluation evaluation = {s, "validation"};
    struct ccrnn_lesson lesson;
    double error;
    CCRNN_TRY(
        ccrnn_together_train(s->run->together, s->course, s->network, epoch, &lesson, s->err));
    CCRNN_TRY(
        ccrnn_together_validate(s->run->together, s->course, s->network, epoch, &error, s->err));
    if (!isfinite(error))
        return ccrnn_fail(s->err, CCRNN_NONFINITE,
                          "epoch %llu: the validation error became %f; use a smaller %s",
                          (unsigned long long)epoch, error,
                          ccrnn_network_config_calms(&s->run->config->network));
    add_lesson(s, epoch, &lesson);
    s->at.epoch = epoch;
    course->rows(s->course, add_row, &evaluation);
    keep_best(s, epoch, error);
    if (s->at.schedule.rate > 0)
        ccrnn_schedule_step(config, &s->at.schedule, error);
    CCRNN_TRY(set_rate(s));
    const struct ccrnn_epoch news = {epoch, config->epochs, lesson.row[0].value, error,
                                     cerebellum ? lesson.mean.similarity : NAN};
    if (s->run->listener.epoch != NULL)
        s->run->listener.epoch(s->run->listener.context, &news);
    return CCRNN_OK;
}

/* The others have done their part: a network for this rank, whose rows are the whole batch's. */
static enum ccrnn_status go_on_alone(struct ccrnn_session *s)
{
    struct ccrnn_network *alone = NULL;
    const struct ccrnn_parameters *const from = &s->network->parameters;
    if (ccrnn_together_ranks(s->run->together) == NULL)
        return CCRNN_OK;
    ccrnn_together_end(s->run->together);
    CCRNN_TRY(
        ccrnn_network_create(ccrnn_network_config_of(s->network), s->run->seed, &alone, s->err));
    memcpy(alone->parameters.value, from->value, from->size * sizeof *from->value);
    alone->updates = s->network->updates;
    ccrnn_network_destroy(s->network);
    s->network = alone;
    return CCRNN_OK;
}

/* Courses that test the best weights: they stand in best.safetensors, the last ones in the checkpoint. */
static enum ccrnn_status take_best(struct ccrnn_session *s)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_session_path(s, "best.safetensors", path));
    return ccrnn_weights_import(path, s->network, s->err);
}

/* After the last epoch: all measures on test trials, and examples. Not counted in the
 * checkpoint, so that a run that is extended writes what a longer run would have written at once. */
static enum ccrnn_status finish(struct ccrnn_session *s)
{
    struct evaluation evaluation = {s, "test"};
    double error;
    CCRNN_TRY(go_on_alone(s));
    if (ends_early(s))
        add_metric(s, s->at.epoch, "validation", "stopped_early", (double)s->at.epoch);
    if (s->course->kind->tests_best) {
        CCRNN_TRY(take_best(s));
        add_metric(s, s->at.epoch, "test", "best_epoch", (double)s->at.best_epoch);
    }
    CCRNN_TRY(s->course->kind->test(s->course, s->network, s->run->directory, &error, s->err));
    if (!isfinite(error))
        return ccrnn_fail(s->err, CCRNN_NONFINITE, "the test error became %f; use a smaller %s",
                          error, ccrnn_network_config_calms(&s->run->config->network));
    s->course->kind->rows(s->course, add_row, &evaluation);
    return ccrnn_session_flush(s);
}

/* Another process may have taken the run over while this one was stopped. Its files cannot be reached any
 * more then; the token in run.json is for the moment between the last look and the last write. */
static enum ccrnn_status check_lease(struct ccrnn_session *s)
{
    struct ccrnn_run_record record;
    if (ccrnn_lease_held(s->lease)) {
        const enum ccrnn_status status =
            ccrnn_run_record_read(s->run->directory, &record, s->err);
        if (status == CCRNN_OK && record.token == ccrnn_lease_token(s->lease))
            return CCRNN_OK;
        if (ccrnn_lease_held(s->lease) && status != CCRNN_OK)
            return status;
    }
    return ccrnn_fail(s->err, CCRNN_BUSY,
                      "%s: another process took this run over after it saw no sign of life of "
                      "this one; the work of this one since its last checkpoint is thrown away",
                      s->run->directory);
}

/* The last write of a run: its result. */
static enum ccrnn_status publish(struct ccrnn_session *s, enum ccrnn_run_status status,
                                 const char *message)
{
    CCRNN_TRY(check_lease(s));
    return write_record(s, status, message);
}

static bool asked_to_stop(const struct ccrnn_session *s)
{
    return s->run->listener.stop != NULL && s->run->listener.stop(s->run->listener.context);
}

static enum ccrnn_status run_epochs(struct ccrnn_session *s)
{
    const struct ccrnn_run_config *const config = s->run->config;
    while (s->at.epoch < config->epochs && !ends_early(s)) {
        CCRNN_TRY(run_epoch(s));
        CCRNN_TRY(ccrnn_recorder_epoch(s->recorder, s->at.epoch, s->err));
        if (ccrnn_lease_known_lost(s->lease))
            return check_lease(s);
        const bool stop = asked_to_stop(s);
        const bool last = s->at.epoch == config->epochs || ends_early(s);
        if (stop || last || s->at.epoch % config->checkpoint_every == 0 ||
            ccrnn_session_keeps(config, s->at.epoch))
            CCRNN_TRY(ccrnn_session_checkpoint(s));
        if (stop && !last)
            return ccrnn_fail(s->err, CCRNN_INTERRUPTED,
                              "stopped after epoch %llu of %llu; the same command goes on",
                              (unsigned long long)s->at.epoch,
                              (unsigned long long)config->epochs);
    }
    return finish(s);
}

/* A run that becomes NaN has a result: what was measured before, and why it ended. */
static enum ccrnn_status record_nonfinite(struct ccrnn_session *s)
{
    char reason[sizeof s->record.message];
    snprintf(reason, sizeof reason, "%.*s", (int)sizeof reason - 1, s->err->message);
    struct ccrnn_error other = {0}, *const before = s->err;
    s->err = &other;
    enum ccrnn_status status = ccrnn_session_flush(s);
    if (status == CCRNN_OK)
        status = publish(s, CCRNN_RUN_NONFINITE, reason);
    s->err = before;
    if (status == CCRNN_OK)
        return CCRNN_NONFINITE;
    *before = other;
    return status;
}

/* The header, and what is measured before the first epoch. A run that is stopped before its first
 * checkpoint begins anew, so these rows are written once. */
static enum ccrnn_status start_metrics(struct ccrnn_session *s)
{
    struct evaluation evaluation = {s, "validation"};
    if (s->at.metrics_bytes > 0)
        return CCRNN_OK;
    ccrnn_text_add(&s->metrics, "%s", metrics_header);
    if (s->course->kind->begin == NULL)
        return CCRNN_OK;
    CCRNN_TRY(s->course->kind->begin(s->course, s->network, s->err));
    s->course->kind->rows(s->course, add_row, &evaluation);
    return CCRNN_OK;
}

/* Nothing to do: complete before, or known to end in NaN with these options. */
static bool is_complete(const struct ccrnn_session *s)
{
    return ccrnn_run_record_is_complete(&s->record, s->run->config->epochs);
}

static enum ccrnn_status report_complete(struct ccrnn_session *s,
                                         struct ccrnn_run_outcome *outcome)
{
    outcome->already = true;
    outcome->status = s->record.status;
    outcome->seconds = s->record.seconds;
    outcome->epoch = s->record.epoch;
    if (s->record.stopped_early && s->record.epochs < s->run->config->epochs)
        ccrnn_session_note(
            s,
            "ended early, after epoch %llu: %llu epochs had passed without a new best validation "
            "error (stop_patience); more epochs change nothing",
            (unsigned long long)s->record.epoch,
            (unsigned long long)s->run->config->stop_patience);
    if (s->record.epoch > s->run->config->epochs)
        ccrnn_session_note(
            s, "has %llu epochs already, more than the %llu asked for; it stays as it is",
            (unsigned long long)s->record.epoch, (unsigned long long)s->run->config->epochs);
    ccrnn_recorder_note_complete(s->run);
    if (s->record.status == CCRNN_RUN_NONFINITE)
        return ccrnn_fail(s->err, CCRNN_NONFINITE, "%s (recorded by an earlier session)",
                          s->record.message);
    return CCRNN_OK;
}

/* Nothing to do, as far as the record tells; then no lease is needed. */
static bool is_settled(const struct ccrnn_session *s)
{
    return is_complete(s) ||
           (s->record.status == CCRNN_RUN_FAILED && s->record.sessions > s->run->sessions);
}

static enum ccrnn_status report_settled(struct ccrnn_session *s,
                                        struct ccrnn_run_outcome *outcome)
{
    if (is_complete(s))
        return report_complete(s, outcome);
    outcome->already = true;
    outcome->epoch = s->record.epoch;
    return ccrnn_fail(s->err, CCRNN_FAILED, "%s (in another process)", s->record.message);
}

static enum ccrnn_status join_ranks(struct ccrnn_session *s)
{
    const struct ccrnn_together_run run = {s->run->hash, s->run->seed, s->run->data.fingerprint};
    return ccrnn_together_begin(s->run->together, &run, s->network, s->err);
}

static enum ccrnn_status begin(struct ccrnn_session *s, struct ccrnn_run_outcome *outcome)
{
    CCRNN_TRY(check_images(s));
    CCRNN_TRY(prepare(s));
    CCRNN_TRY(ccrnn_session_resume(s));
    CCRNN_TRY(start_schedule(s));
    CCRNN_TRY(start_metrics(s));
    CCRNN_TRY(join_ranks(s));
    outcome->first_epoch = s->saved = s->at.epoch;
    outcome->branched = s->branched;
    s->record.sessions++;
    s->record.taken_over += outcome->taken_over;
    s->record.token = ccrnn_lease_token(s->lease);
    CCRNN_TRY(write_config(s));
    return write_record(s, CCRNN_RUN_RUNNING, "");
}

/* From here on run.json tells how it ends. */
static enum ccrnn_status train(struct ccrnn_session *s)
{
    CCRNN_TRY(ccrnn_recorder_begin(s->run, s->network, s->at.epoch, &s->recorder, s->err));
    return run_epochs(s);
}

static enum ccrnn_run_status status_after(enum ccrnn_status status)
{
    return status == CCRNN_OK            ? CCRNN_RUN_DONE
           : status == CCRNN_INTERRUPTED ? CCRNN_RUN_INTERRUPTED
           : status == CCRNN_NONFINITE   ? CCRNN_RUN_NONFINITE
                                         : CCRNN_RUN_FAILED;
}

static enum ccrnn_status conduct(struct ccrnn_session *s, struct ccrnn_run_outcome *outcome)
{
    CCRNN_TRY(begin(s, outcome));
    enum ccrnn_status status = train(s);
    status = ccrnn_recorder_finish(s->recorder, s->at.epoch, status, s->err);
    outcome->epoch = s->at.epoch;
    outcome->status = status_after(status);
    if (status == CCRNN_NONFINITE)
        return record_nonfinite(s);
    if (status == CCRNN_OK)
        return publish(s, CCRNN_RUN_DONE, "");
    /* The first message stands, whatever becomes of this second attempt to write. */
    struct ccrnn_error second = {0}, *const first = s->err;
    ccrnn_lease_clean(s->lease, first->message);
    s->err = &second;
    if (ccrnn_lease_held(s->lease))
        write_record(s, outcome->status,
                     outcome->status == CCRNN_RUN_FAILED ? first->message : "");
    s->err = first;
    return status;
}

/* Look, claim, and look again: another process may have ended the run in between. */
static enum ccrnn_status work(struct ccrnn_session *s, struct ccrnn_run_outcome *outcome)
{
    CCRNN_TRY(read_record(s));
    if (is_settled(s)) {
        ccrnn_lease_tidy(s->run->leases, s->run->directory);
        return report_settled(s, outcome);
    }
    CCRNN_TRY(claim(s));
    outcome->taken_over = ccrnn_lease_before(s->lease) != NULL;
    CCRNN_TRY(read_record(s));
    return is_settled(s) ? report_settled(s, outcome) : conduct(s, outcome);
}

/* Messages speak of the run's directory; a failure because the lease was lost, of that. */
static enum ccrnn_status explain(struct ccrnn_session *s, enum ccrnn_status status,
                                 struct ccrnn_run_outcome *outcome)
{
    if (s->lease == NULL || status == CCRNN_OK)
        return status;
    if (!ccrnn_lease_held(s->lease) && !outcome->already) {
        outcome->lost = true;
        outcome->lost_epochs = s->at.epoch - s->saved;
        status = check_lease(s);
    }
    ccrnn_lease_clean(s->lease, s->err->message);
    return status;
}

/* Who asks how the run stands would not hear that this attempt failed. A version with other numbers has no say. */
static bool is_untold(const struct ccrnn_session *s, enum ccrnn_status status,
                      const struct ccrnn_run_outcome *outcome)
{
    return status != CCRNN_OK && status != CCRNN_BUSY && status != CCRNN_INTERRUPTED &&
           status != CCRNN_OTHER_NUMERICS && !outcome->already && !s->unreadable &&
           s->told_as == CCRNN_RUN_RUNNING;
}

enum ccrnn_status ccrnn_run_execute(const struct ccrnn_run *run,
                                    struct ccrnn_run_outcome *outcome, struct ccrnn_error *err)
{
    struct ccrnn_error local = {0};
    struct ccrnn_session s = {.run = run, .err = err == NULL ? &local : err};
    *outcome = (struct ccrnn_run_outcome){.status = CCRNN_RUN_FAILED};
    clock_gettime(CLOCK_MONOTONIC, &s.start);
    ccrnn_math_thread_setup();
    note_images(&s);
    const enum ccrnn_status status = explain(&s, work(&s, outcome), outcome);
    outcome->untold = is_untold(&s, status, outcome);
    outcome->token = s.told_of;
    ccrnn_together_end(run->together);
    if (s.course != NULL)
        s.course->kind->close(s.course);
    ccrnn_recorder_close(s.recorder);
    ccrnn_network_destroy(s.network);
    free(s.best);
    free(s.metrics.bytes);
    ccrnn_lease_release(s.lease);
    return status;
}
