/* What is left of a study, and the command that does it. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/progress.h"
#include "cli/status.h"
#include "study/run_record.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* --- the command that was given last ----------------------------------------------------- */

/* The value of an option of a command: "--data DIR" or "--data=DIR". Options may be cut short as long as no other
 * one begins so; a command that has run had none that was not clear. @param[out] words it takes; 0: another word */
static const char *option_value(char *const *word, const char *name, bool has_value,
                                size_t *words)
{
    const size_t length = strcspn(word[0], "=");
    *words = 0;
    if (length < 3 || strncmp(word[0], name, length) != 0 || length > strlen(name))
        return NULL;
    if (word[0][length] == '=' || !has_value || word[1] == NULL) {
        *words = 1;
        return word[0][length] == '=' ? word[0] + length + 1 : "";
    }
    *words = 2;
    return word[1];
}

static const char *find_option(char *const *words, const char *name, bool has_value)
{
    for (size_t i = 0, taken; words != NULL && words[i] != NULL; i++) {
        const char *const value = option_value(words + i, name, has_value, &taken);
        if (taken > 0)
            return value;
    }
    return NULL;
}

/* Runs of a survey, those last whose run.json was written first. */
static int by_written(const void *a, const void *b)
{
    const struct ccrnn_surveyed *const x = *(struct ccrnn_surveyed *const *)a;
    const struct ccrnn_surveyed *const y = *(struct ccrnn_surveyed *const *)b;
    if (x->written.tv_sec != y->written.tv_sec)
        return x->written.tv_sec < y->written.tv_sec ? 1 : -1;
    return (x->written.tv_nsec < y->written.tv_nsec) - (x->written.tv_nsec > y->written.tv_nsec);
}

/* Words of the command that began a run; NULL: none did, or it cannot be read. */
static char **read_command(const struct ccrnn_survey *survey, size_t index)
{
    char path[CCRNN_PATH_MAX], **words = NULL;
    if (survey->run[index].sessions > 0 &&
        ccrnn_survey_directory(survey, index, path, NULL) == CCRNN_OK)
        (void)ccrnn_run_record_command(path, &words, NULL);
    return words;
}

static bool is_retry(char *const *words)
{
    return words[0] != NULL && words[1] != NULL && strcmp(words[1], "retry") == 0;
}

/* The newest command of all runs but for `retry`, which begins nothing; free with free(). NULL: there is none. */
static char **find_command(const struct ccrnn_survey *survey)
{
    char **words = NULL;
    const struct ccrnn_surveyed **const run = calloc(survey->runs, sizeof *run);
    if (run == NULL)
        return NULL;
    for (size_t i = 0; i < survey->runs; i++)
        run[i] = &survey->run[i];
    qsort(run, survey->runs, sizeof *run, by_written);
    for (size_t i = 0; i < survey->runs && words == NULL && run[i]->written.tv_sec > 0; i++) {
        words = read_command(survey, (size_t)(run[i] - survey->run));
        if (words != NULL && is_retry(words)) {
            free(words);
            words = NULL;
        }
    }
    free(run);
    return words;
}

/* --- the command that does the rest ------------------------------------------------------ */

/* Does a study file that was run without --seeds have this seed? If the runs of the seed that have begun were all run
 * again by `retry`, nothing tells; one that has none is taken to be like the others. @param first run of the seed */
static bool is_of_the_file(const struct ccrnn_survey *survey, size_t first)
{
    bool told = false, begun = false;
    for (size_t i = first; i < first + survey->index.arm_count && !told; i++) {
        char **const words = read_command(survey, i);
        begun = begun || words != NULL;
        told = words != NULL && !is_retry(words);
        const bool own = told && find_option(words, "--seeds", true) != NULL;
        free(words);
        if (own)
            return false;
    }
    return told || !begun;
}

static bool has_seeds_of_its_own(const struct ccrnn_survey *survey)
{
    for (size_t first = 0; first < survey->runs; first += survey->index.arm_count)
        if (!is_of_the_file(survey, first))
            return true;
    return false;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* All seeds of the study: " --seeds 1..50,60". */
static void add_seeds(const struct ccrnn_study_index *index, struct ccrnn_text *text)
{
    uint64_t *const seed = calloc(index->seed_count, sizeof *seed);
    if (seed == NULL) {
        text->failed = true;
        return;
    }
    memcpy(seed, index->seeds, index->seed_count * sizeof *seed);
    qsort(seed, index->seed_count, sizeof *seed, by_size);
    ccrnn_text_add(text, " --seeds ");
    for (size_t i = 0, end; i < index->seed_count; i = end) {
        for (end = i + 1; end < index->seed_count && seed[end] == seed[end - 1] + 1;)
            end++;
        ccrnn_text_add(text, "%s%" PRIu64, i == 0 ? "" : ",", seed[i]);
        if (end > i + 1)
            ccrnn_text_add(text, "..%" PRIu64, seed[end - 1]);
    }
    free(seed);
}

/* The command without what makes it leave something out, or end before all is done. */
static void add_command(const struct ccrnn_survey *survey, char *const *words,
                        struct ccrnn_text *text)
{
    static const struct {
        const char *name;
        bool has_value;
    } dropped[] = {
        {"--seeds", true}, {"--stop-after", true}, {"--no-wait", false}, {"--fail-fast", false}};
    size_t taken;
    for (size_t i = 0; words[i] != NULL; i += taken > 0 ? taken : 1) {
        taken = 0;
        for (size_t k = 0; k < sizeof dropped / sizeof dropped[0] && taken == 0; k++)
            (void)option_value(words + i, dropped[k].name, dropped[k].has_value, &taken);
        if (taken > 0)
            continue;
        ccrnn_text_add(text, i == 0 ? "" : " ");
        ccrnn_text_add_shell_word(text, words[i]);
    }
    if (has_seeds_of_its_own(survey))
        add_seeds(&survey->index, text);
    ccrnn_text_add(text, "\n");
}

/* Where the data are, and how long a holder may be silent, is for `retry` too. */
static void add_retry(const struct ccrnn_survey *survey, char *const *words,
                      struct ccrnn_text *text)
{
    const char *const data = find_option(words, "--data", true);
    ccrnn_text_add(text, "  ccrnn retry ");
    ccrnn_text_add_shell_word(text, survey->directory);
    if (data != NULL) {
        ccrnn_text_add(text, " --data ");
        ccrnn_text_add_shell_word(text, data);
    }
    if (survey->stale != CCRNN_LEASE_STALE)
        ccrnn_text_add(text, " --stale %g", survey->stale);
    ccrnn_text_add(text, "\n");
}

void cli_status_retry(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    char **const words = find_command(survey);
    add_retry(survey, words, text);
    free(words);
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

/* What does all that is left. */
static void add_all(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    char **const words = find_command(survey);
    /* Ranks that share their batches go on as they began. */
    const bool together = find_option(words, "--split-batch", false) != NULL;
    if (survey->count[CCRNN_SURVEY_WAITING] == 0 && !together) {
        add_retry(survey, words, text);
    } else if (words != NULL) {
        ccrnn_text_add(text, "  ");
        add_command(survey, words, text);
    } else {
        ccrnn_text_add(text, "  ccrnn run STUDY.yaml --out ");
        ccrnn_text_add_shell_word(text, survey->directory);
        ccrnn_text_add(text, "\n");
    }
    free(words);
}

static void add_go_on(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    const size_t stopped = count_stopped(survey), left = ccrnn_survey_left(survey);
    const bool retry_was_said =
        survey->count[CCRNN_SURVEY_FAILED] > 0 || survey->count[CCRNN_SURVEY_STALE] > stopped;
    ccrnn_text_add(text, "nobody is working on it");
    if (stopped == left) {
        ccrnn_text_add(text, " until what is stopped is woken\n");
    } else if (retry_was_said && survey->count[CCRNN_SURVEY_WAITING] == 0) {
        ccrnn_text_add(text, "; `ccrnn retry`, as above, goes on\n");
    } else {
        ccrnn_text_add(text, "; this goes on%s:\n", stopped > 0 ? " with the rest" : "");
        add_all(survey, text);
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
    const size_t left = ccrnn_survey_left(&status->survey);
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

static void add_end(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    const size_t bad =
        survey->count[CCRNN_SURVEY_FAILED] + survey->count[CCRNN_SURVEY_UNREADABLE];
    if (bad > 0) {
        ccrnn_text_add(text, "nothing is left but what failed\n");
        return;
    }
    ccrnn_text_add(text, "all runs are done; look at them:\n  ccrnn report ");
    ccrnn_text_add_shell_word(text, survey->directory);
    ccrnn_text_add(text, "\n");
}

void cli_status_next(const struct cli_status *status, struct ccrnn_text *text)
{
    if (ccrnn_survey_left(&status->survey) > 0)
        add_left(status, text);
    else
        add_end(&status->survey, text);
}
