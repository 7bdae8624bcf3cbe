/* The words of `ccrnn status`. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "cli/progress.h"
#include "cli/status.h"

enum { HOSTS_SHOWN = 8, PROCESSES_SHOWN = 4 };

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* An empty line before what comes next. */
static void add_gap(struct ccrnn_text *text)
{
    if (text->size > 1 && text->bytes[text->size - 2] != '\n')
        ccrnn_text_add(text, "\n");
}

/* --- who is at work ---------------------------------------------------------------------- */

static int by_process(const void *a, const void *b)
{
    const struct ccrnn_process *const x = &(*(struct ccrnn_lease_holder *const *)a)->process;
    const struct ccrnn_process *const y = &(*(struct ccrnn_lease_holder *const *)b)->process;
    const int host = strcmp(x->host, y->host), boot = strcmp(x->boot, y->boot);
    if (host != 0 || boot != 0)
        return host != 0 ? host : boot;
    if (x->container != y->container)
        return x->container < y->container ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The holders of one machine, sorted: "  node1: 2 processes (12, 14), 3 runs". */
static void add_host(struct ccrnn_lease_holder *const *holder, size_t count,
                     struct ccrnn_text *text)
{
    size_t processes = 0;
    struct ccrnn_text numbers = {0};
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && by_process(&holder[i - 1], &holder[i]) == 0)
            continue;
        if (processes++ < PROCESSES_SHOWN)
            ccrnn_text_add(&numbers, "%s%" PRIu64, processes == 1 ? "" : ", ",
                           holder[i]->process.id);
    }
    const char *const host = holder[0]->process.host;
    ccrnn_text_add(text, "  %s: %zu process%s (%s%s), %zu run%s\n",
                   host[0] == '\0' ? "of another version of ccrnn" : host, processes,
                   processes == 1 ? "" : "es", numbers.bytes == NULL ? "" : numbers.bytes,
                   processes > PROCESSES_SHOWN ? ", …" : "", count, plural(count));
    free(numbers.bytes);
}

static void add_hosts(struct ccrnn_lease_holder *const *holder, size_t count,
                      struct ccrnn_text *text)
{
    size_t hosts = 0;
    for (size_t begin = 0; begin < count;) {
        size_t end = begin + 1;
        while (end < count && strcmp(holder[end]->process.host, holder[begin]->process.host) == 0)
            end++;
        if (hosts++ < HOSTS_SHOWN)
            add_host(holder + begin, end - begin, text);
        begin = end;
    }
    if (hosts > HOSTS_SHOWN)
        ccrnn_text_add(text, "  … and %zu more machines\n", hosts - HOSTS_SHOWN);
}

/* The holders of all runs that stand so, sorted; the list is the caller's, NULL if there is none. */
static struct ccrnn_lease_holder **list_holders(const struct ccrnn_survey *survey,
                                                enum ccrnn_survey_state state,
                                                struct ccrnn_text *text)
{
    const size_t count = survey->count[state];
    size_t used = 0;
    if (count == 0)
        return NULL;
    struct ccrnn_lease_holder **const holder = calloc(count, sizeof(void *));
    if (holder == NULL) {
        text->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < survey->runs && used < count; i++)
        if (survey->run[i].state == state)
            holder[used++] = survey->run[i].holder;
    qsort(holder, used, sizeof(void *), by_process);
    return holder;
}

static void add_work(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    const size_t count = survey->count[CCRNN_SURVEY_RUNNING];
    struct ccrnn_lease_holder **const holder = list_holders(survey, CCRNN_SURVEY_RUNNING, text);
    if (holder == NULL)
        return;
    ccrnn_text_add(text, "at work: %zu run%s\n", count, plural(count));
    add_hosts(holder, count, text);
    free(holder);
}

/* Processes of this machine that stand still, and how to wake them. */
static void add_stopped(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    const size_t count = survey->count[CCRNN_SURVEY_STOPPED];
    struct ccrnn_lease_holder **const holder = list_holders(survey, CCRNN_SURVEY_STOPPED, text);
    if (holder == NULL)
        return;
    struct ccrnn_text numbers = {0};
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_process(&holder[i - 1], &holder[i]) != 0)
            ccrnn_text_add(&numbers, " %" PRIu64, holder[i]->process.id);
    ccrnn_text_add(text,
                   "stopped: %zu run%s, by Ctrl-Z or a debugger; this wakes %s:\n"
                   "  kill -CONT%s   # or fg, in its terminal\n",
                   count, plural(count), count == 1 ? "it" : "them",
                   numbers.bytes == NULL ? "" : numbers.bytes);
    free(numbers.bytes);
    free(holder);
}

/* --- runs -------------------------------------------------------------------------------- */

const char *cli_status_holder(const struct ccrnn_lease_holder *holder, char *text, size_t size)
{
    if (holder->understood)
        (void)ccrnn_format(text, size, "process %" PRIu64 " of %s", holder->process.id,
                           holder->process.host);
    else
        (void)ccrnn_format(text, size, "a process of another version of ccrnn (%.60s)",
                           holder->name);
    return text;
}

static void add_stale(const struct ccrnn_surveyed *run, struct ccrnn_text *text)
{
    char who[160], since[32];
    if (run->holder == NULL) {
        ccrnn_text_add(text, ", nobody has it");
        return;
    }
    cli_status_holder(run->holder, who, sizeof who);
    cli_duration(run->untouched, since, sizeof since);
    if (run->holder->state == CCRNN_PROCESS_GONE)
        ccrnn_text_add(text, ", left by %s, which is gone", who);
    else if (run->stopped)
        ccrnn_text_add(text, ", %s is stopped, for %s at least; kill -CONT %" PRIu64 " wakes it",
                       who, since, run->holder->process.id);
    else
        ccrnn_text_add(text, ", no sign of life of %s for %s, by this machine's clock", who,
                       since);
}

void cli_status_run(const struct ccrnn_survey *survey, size_t index, struct ccrnn_text *text)
{
    const struct ccrnn_surveyed *const run = &survey->run[index];
    char who[160], spent[32];
    ccrnn_text_add(text, "%s, seed %" PRIu64 ": %s", ccrnn_survey_arm(survey, index),
                   ccrnn_survey_seed(survey, index), cli_status_title(run->state));
    if (run->state != CCRNN_SURVEY_WAITING && run->state != CCRNN_SURVEY_UNREADABLE)
        ccrnn_text_add(text, ", epoch %" PRIu64 " of %" PRIu64, run->epoch, run->epochs);
    cli_duration(run->seconds, spent, sizeof spent);
    if (run->state == CCRNN_SURVEY_DONE || run->state == CCRNN_SURVEY_NONFINITE)
        ccrnn_text_add(text, ", %s", spent);
    if (run->extension && run->state == CCRNN_SURVEY_FAILED)
        ccrnn_text_add(text, ", could not be extended (it stays done with %" PRIu64 " epochs)",
                       run->epoch);
    if (run->state == CCRNN_SURVEY_RUNNING || run->state == CCRNN_SURVEY_STOPPED)
        ccrnn_text_add(text, ", %s", cli_status_holder(run->holder, who, sizeof who));
    if (run->state == CCRNN_SURVEY_STALE)
        add_stale(run, text);
    if (run->sessions > 1)
        ccrnn_text_add(text, ", session %" PRIu64, run->sessions);
    if (run->taken_over > 0)
        ccrnn_text_add(text, ", taken over %s", run->taken_over == 1 ? "once" : "several times");
    const bool at_work = run->state == CCRNN_SURVEY_RUNNING || run->state == CCRNN_SURVEY_STOPPED;
    ccrnn_text_add(text, run->message == NULL || at_work ? "\n" : ": %s\n", run->message);
}

static void add_runs(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    for (size_t arm = 0; arm < survey->index.arm_count; arm++)
        for (size_t i = arm; i < survey->runs; i += survey->index.arm_count)
            cli_status_run(survey, i, text);
}

/* The first runs that stand so. */
static void add_some(const struct ccrnn_survey *survey, enum ccrnn_survey_state state,
                     struct ccrnn_text *text)
{
    const size_t count = survey->count[state];
    size_t shown = 0;
    for (size_t i = 0; i < survey->runs && shown < CLI_STATUS_SHOWN; i++) {
        if (survey->run[i].state != state)
            continue;
        cli_status_run(survey, i, text);
        shown++;
    }
    if (count > shown)
        ccrnn_text_add(text, "… and %zu more; --runs lists all\n", count - shown);
}

/* --- the whole ------------------------------------------------------------------------------ */

/* A process that lives on this machine keeps its run: waking it is said where the run is.
 * @param[out] begun of these, past their first checkpoint. An attempt that could not begin may have found none
 * @param[out] failed of these */
static size_t count_to_retry(const struct ccrnn_survey *survey, size_t *begun, size_t *failed)
{
    size_t count = 0;
    *begun = *failed = 0;
    for (size_t i = 0; i < survey->runs; i++) {
        const struct ccrnn_surveyed *const run = &survey->run[i];
        const bool kept = run->holder != NULL && run->holder->state == CCRNN_PROCESS_ALIVE;
        if (run->state != CCRNN_SURVEY_FAILED && (run->state != CCRNN_SURVEY_STALE || kept))
            continue;
        count++;
        *begun += run->epoch > 0 && !run->attempt;
        *failed += run->state == CCRNN_SURVEY_FAILED;
    }
    return count;
}

static void add_trouble(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    size_t begun, failed;
    const size_t again = count_to_retry(survey, &begun, &failed);
    add_some(survey, CCRNN_SURVEY_UNREADABLE, text);
    add_some(survey, CCRNN_SURVEY_STALE, text);
    add_some(survey, CCRNN_SURVEY_FAILED, text);
    if (again == 0)
        return;
    if (failed > 0)
        ccrnn_text_add(text, "after what the message%s for, ", failed == 1 ? " asks" : "s ask");
    ccrnn_text_add(text, "this runs %s again%s:\n", again == 1 ? "it" : "them",
                   begun < again ? ""
                   : again == 1  ? ", from its checkpoint"
                                 : ", from their checkpoints");
    cli_status_retry(survey, text);
}

static void add_notes(const struct cli_status *status, struct ccrnn_text *text)
{
    const struct ccrnn_lost_work *const lost = &status->lost;
    char took[32];
    cli_duration(lost->seconds, took, sizeof took);
    if (lost->runs > 0)
        ccrnn_text_add(text, "work done twice: %s (%.0f epochs), in %zu run%s taken over\n", took,
                       lost->epochs, lost->runs, plural(lost->runs));
}

void cli_status_text(const struct cli_status *status, const struct cli_status_layout *layout,
                     struct ccrnn_text *text)
{
    const struct ccrnn_survey *const survey = &status->survey;
    const size_t arms = survey->index.arm_count, seeds = survey->index.seed_count;
    ccrnn_text_add(text, "study %s in %s: %zu arm%s × %zu seed%s = %zu run%s\n",
                   survey->index.name, survey->directory, arms, plural(arms), seeds,
                   plural(seeds), survey->runs, plural(survey->runs));
    add_gap(text);
    cli_status_table(status, layout, text);
    add_gap(text);
    if (layout->runs)
        add_runs(survey, text);
    else
        add_trouble(survey, text);
    add_gap(text);
    add_notes(status, text);
    add_work(survey, text);
    add_stopped(survey, text);
    cli_status_next(status, text);
}
