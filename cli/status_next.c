/* What is left of a study, and what to do. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <time.h>

#include "cli/progress.h"
#include "cli/status.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* --- what is left ------------------------------------------------------------------------ */

/* Runs that somebody of this machine holds and does not work on. */
static size_t count_stopped(const struct ccrnn_survey *survey)
{
    size_t count = 0;
    for (size_t i = 0; i < survey->runs; i++)
        count += ccrnn_survey_is_left(survey->run[i].state) && survey->run[i].stopped;
    return count;
}

static void add_go_on(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    const size_t stopped = count_stopped(survey), left = ccrnn_survey_left(survey);
    const bool retry_was_said =
        survey->count[CCRNN_SURVEY_FAILED] > 0 || survey->count[CCRNN_SURVEY_STALE] > stopped;
    ccrnn_text_add(text, "nobody is working on it");
    if (stopped == left) {
        ccrnn_text_add(text, " until what is stopped is woken\n");
    } else if (retry_was_said && !cli_status_needs_run(survey)) {
        ccrnn_text_add(text, "; `ccrnn retry`, as above, goes on\n");
    } else {
        ccrnn_text_add(text, "; this goes on%s:\n", stopped > 0 ? " with the rest" : "");
        cli_status_command(survey, text);
    }
}

/* The moment so many seconds from now: "at 14:32", with the day if it is another one. */
static void add_moment(double seconds, struct ccrnn_text *text)
{
    const time_t now = time(NULL), then = now + (time_t)seconds;
    struct tm today, day;
    char words[40] = "";
    if (localtime_r(&now, &today) == NULL || localtime_r(&then, &day) == NULL)
        return;
    const bool same = today.tm_yday == day.tm_yday && today.tm_year == day.tm_year;
    (void)strftime(words, sizeof words, same ? "at %H:%M" : "on %Y-%m-%d at %H:%M", &day);
    ccrnn_text_add(text, ", %s", words);
}

static void add_left(const struct cli_status *status, struct ccrnn_text *text)
{
    const struct ccrnn_forecast *const forecast = &status->forecast;
    const size_t left = ccrnn_survey_left(&status->survey) + status->survey.to_extend;
    char duration[32];
    ccrnn_text_add(text, "left: %zu run%s", left, plural(left));
    if (forecast->known) {
        cli_duration(forecast->seconds, duration, sizeof duration);
        ccrnn_text_add(text, ", about %s of training\n", duration);
    } else {
        ccrnn_text_add(text, "; how long they take shows when one has a checkpoint\n");
    }
    if (forecast->at_work == 0)
        add_go_on(&status->survey, text);
    if (!forecast->known || forecast->at_work == 0)
        return;
    cli_duration(forecast->wait, duration, sizeof duration);
    ccrnn_text_add(text, "done in about %s", duration);
    add_moment(forecast->wait, text);
    ccrnn_text_add(text, ", if %zu stay%s at work\n", forecast->at_work,
                   forecast->at_work == 1 ? "s" : "");
}

/* How many runs are done with fewer epochs than others, and with how many: " have 30 epochs, others of the study 60". */
static void add_shorter(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    uint64_t epochs = 0, target = 0;
    bool same = true;
    for (size_t i = 0; i < survey->runs; i++) {
        const struct ccrnn_surveyed *const run = &survey->run[i];
        if (!run->shorter)
            continue;
        same = same && (epochs == 0 || (epochs == run->epochs && target == run->target));
        epochs = run->epochs;
        target = run->target;
    }
    if (same)
        ccrnn_text_add(text,
                       "%zu of those done ha%s %" PRIu64 " epochs, others of the study %" PRIu64,
                       survey->shorter, survey->shorter == 1 ? "s" : "ve", epochs, target);
    else
        ccrnn_text_add(text, "%zu of those done ha%s fewer epochs than others of the study",
                       survey->shorter, survey->shorter == 1 ? "s" : "ve");
}

/* Runs that others of the study go beyond. They are left to do while some of those are, else it is for the reader
 * to say: a part of a study may be trained for longer. */
static void add_extension(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    if (survey->shorter == 0)
        return;
    add_shorter(survey, text);
    if (survey->to_extend > 0)
        ccrnn_text_add(text, "; %s left to do, as the study is being extended\n",
                       survey->to_extend < survey->shorter ? "some count as"
                       : survey->shorter == 1              ? "it counts as"
                                                           : "they count as");
    else if (ccrnn_survey_left(survey) > 0)
        ccrnn_text_add(text, "\n");
    else {
        ccrnn_text_add(text, "; this extends %s:\n", survey->shorter == 1 ? "it" : "them");
        cli_status_command(survey, text);
    }
}

static void add_end(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    const size_t bad =
        survey->count[CCRNN_SURVEY_FAILED] + survey->count[CCRNN_SURVEY_UNREADABLE];
    if (bad > 0) {
        ccrnn_text_add(text, "nothing is left but what failed\n");
        return;
    }
    ccrnn_text_add(text, "all runs are done%s; look at them:\n  ccrnn report ",
                   survey->shorter > 0 ? ", with different numbers of epochs" : "");
    ccrnn_text_add_shell_word(text, survey->directory);
    ccrnn_text_add(text, "\n");
}

void cli_status_next(const struct cli_status *status, struct ccrnn_text *text)
{
    add_extension(&status->survey, text);
    if (ccrnn_survey_left(&status->survey) > 0)
        add_left(status, text);
    else
        add_end(&status->survey, text);
}
