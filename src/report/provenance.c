/* How the runs were made, which are not finished, and how values are defined. */
#include "report/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/task.h"

/* More different values of one fact than this are only counted. */
#define VALUES_SHOWN 8

/* Different texts and how often each occurs. */
struct tally {
    const char **text;
    size_t *times;
    size_t count;
};

static enum ccrnn_status tally_start(struct ccrnn_report_study *study, struct tally *tally,
                                     struct ccrnn_error *err)
{
    void *memory;
    *tally = (struct tally){0};
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, study->runs, sizeof *tally->text, &memory, err));
    tally->text = memory;
    CCRNN_TRY(
        ccrnn_report_pool_take(&study->pool, study->runs, sizeof *tally->times, &memory, err));
    tally->times = memory;
    return CCRNN_OK;
}

static void tally_add(struct tally *tally, const char *text)
{
    for (size_t i = 0; i < tally->count; i++) {
        if (strcmp(tally->text[i], text) == 0) {
            tally->times[i]++;
            return;
        }
    }
    tally->text[tally->count] = text;
    tally->times[tally->count++] = 1;
}

/* One row of the table; how often a value occurs is said only if there are several. */
static void add_tally(struct ccrnn_report_text *page, const char *title,
                      const struct tally *tally, bool code)
{
    if (tally->count == 0)
        return;
    ccrnn_report_add(page, "<tr><th scope=\"row\" class=\"key\">%s</th><td class=\"wrap\">",
                     title);
    for (size_t i = 0; i < tally->count && i < VALUES_SHOWN; i++) {
        ccrnn_report_add(page, "%s%s", i == 0 ? "" : "<br>", code ? "<code>" : "");
        ccrnn_report_add_html(page, tally->text[i]);
        ccrnn_report_add(page, "%s", code ? "</code>" : "");
        if (tally->count > 1)
            ccrnn_report_add(page, " (%zu %s)", tally->times[i],
                             tally->times[i] == 1 ? "run" : "runs");
    }
    if (tally->count > VALUES_SHOWN)
        ccrnn_report_add(page, "<br>and %zu others", tally->count - VALUES_SHOWN);
    ccrnn_report_add(page, "</td></tr>\n");
}

/* A text, an integer, or an object of texts ("libraries") of run.json, safe to show. */
static enum ccrnn_status fact(struct ccrnn_report_study *study, const json_t *value,
                              const char **text, struct ccrnn_error *err)
{
    struct ccrnn_report_text built = {0};
    if (json_is_string(value))
        ccrnn_report_add(&built, "%s", json_string_value(value));
    else if (json_is_integer(value))
        ccrnn_report_add(&built, "%lld", (long long)json_integer_value(value));
    else if (json_is_object(value)) {
        void *place = json_object_iter((json_t *)value);
        for (; place != NULL; place = json_object_iter_next((json_t *)value, place)) {
            const char *const entry = json_string_value(json_object_iter_value(place));
            if (entry != NULL)
                ccrnn_report_add(&built, "%s%s %s", built.length == 0 ? "" : ", ",
                                 json_object_iter_key(place), entry);
        }
    }
    enum ccrnn_status status = ccrnn_report_text_check(&built, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&study->pool, built.bytes, text, err);
    ccrnn_report_text_release(&built);
    return status;
}

/* A word of a command line as a POSIX shell would take it. */
static void add_word(struct ccrnn_report_text *line, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-+=./:,@%";
    if (*word != '\0' && word[strspn(word, safe)] == '\0') {
        ccrnn_report_add(line, "%s", word);
        return;
    }
    ccrnn_report_add(line, "'");
    for (; *word != '\0'; word++)
        ccrnn_report_add(line, *word == '\'' ? "'\\''" : "%c", *word);
    ccrnn_report_add(line, "'");
}

static enum ccrnn_status command_line(struct ccrnn_report_study *study, const json_t *argv,
                                      const char **text, struct ccrnn_error *err)
{
    struct ccrnn_report_text line = {0};
    for (size_t i = 0; i < json_array_size(argv); i++) {
        const char *const word = json_string_value(json_array_get(argv, i));
        /* the program calls itself by one or two words, "ccrnn run" */
        if (i == 0)
            ccrnn_report_add(&line, "%s", word == NULL ? "?" : word);
        else {
            ccrnn_report_add(&line, " ");
            add_word(&line, word == NULL ? "?" : word);
        }
    }
    enum ccrnn_status status = ccrnn_report_text_check(&line, err);
    if (status == CCRNN_OK)
        status = ccrnn_report_pool_text(&study->pool, line.bytes, text, err);
    ccrnn_report_text_release(&line);
    return status;
}

/* A row with the values of run.json's `key` over all runs. */
static enum ccrnn_status add_fact(struct ccrnn_report_text *page,
                                  struct ccrnn_report_study *study, const char *key,
                                  const char *title, struct ccrnn_error *err)
{
    const bool is_command = strcmp(key, "argv") == 0;
    struct tally tally;
    CCRNN_TRY(tally_start(study, &tally, err));
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const json_t *const value = json_object_get(study->arm[i].run[r].info, key);
            const char *text = "";
            CCRNN_TRY(is_command ? command_line(study, value, &text, err)
                                 : fact(study, value, &text, err));
            if (*text != '\0')
                tally_add(&tally, text);
        }
    }
    add_tally(page, title, &tally, is_command);
    return CCRNN_OK;
}

static int compare_seeds(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* "1–10, 12": all seeds of any run. */
static enum ccrnn_status add_seeds(struct ccrnn_report_text *page,
                                   struct ccrnn_report_study *study, struct ccrnn_error *err)
{
    void *memory;
    size_t count = 0;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, study->runs, sizeof(uint64_t), &memory, err));
    uint64_t *const seed = memory;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++)
            seed[count++] = study->arm[i].run[r].seed;
    }
    qsort(seed, count, sizeof *seed, compare_seeds);
    ccrnn_report_add(page, "<tr><th scope=\"row\" class=\"key\">Seeds</th><td class=\"wrap\">");
    for (size_t first = 0, last; first < count; first = last + 1) {
        last = first;
        while (last + 1 < count && seed[last + 1] - seed[last] <= 1)
            last++;
        ccrnn_report_add(page, "%s%llu", first == 0 ? "" : ", ", (unsigned long long)seed[first]);
        if (seed[last] > seed[first])
            ccrnn_report_add(page, "–%llu", (unsigned long long)seed[last]);
    }
    ccrnn_report_add(page, "</td></tr>\n");
    return CCRNN_OK;
}

static void add_duration(struct ccrnn_report_text *page, double seconds)
{
    const double minutes = seconds / 60.0;
    if (minutes < 2.0)
        ccrnn_report_add(page, "%.0f s", seconds);
    else if (minutes < 120.0)
        ccrnn_report_add(page, "%.0f min", minutes);
    else
        ccrnn_report_add(page, "%.1f h", minutes / 60.0);
}

/* First start, last end (ISO 8601 in UTC sorts as text) and the sum of the runs' times. */
static enum ccrnn_status add_times(struct ccrnn_report_text *page,
                                   struct ccrnn_report_study *study, struct ccrnn_error *err)
{
    const char *started = "", *finished = "";
    double seconds = 0.0;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            const char *const start = ccrnn_report_run_text(run, "started");
            const char *const end = ccrnn_report_run_text(run, "finished");
            if (*start != '\0' && (*started == '\0' || strcmp(start, started) < 0))
                started = start;
            if (strcmp(end, finished) > 0)
                finished = end;
            seconds += run->seconds > 0.0 ? run->seconds : 0.0;
        }
    }
    const char *start_text, *end_text;
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, started, &start_text, err));
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, finished, &end_text, err));
    ccrnn_report_add(page, "<tr><th scope=\"row\" class=\"key\">Time</th><td class=\"wrap\">");
    if (*start_text != '\0') {
        ccrnn_report_add(page, "from ");
        ccrnn_report_add_html(page, start_text);
        ccrnn_report_add(page, " ");
    }
    if (*end_text != '\0') {
        ccrnn_report_add(page, "to ");
        ccrnn_report_add_html(page, end_text);
        ccrnn_report_add(page, "; ");
    }
    add_duration(page, seconds);
    ccrnn_report_add(page, " of training in total</td></tr>\n");
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_add_provenance(struct ccrnn_report_text *page,
                                              struct ccrnn_report_study *study,
                                              struct ccrnn_error *err)
{
    static const struct {
        const char *key, *title;
    } facts[] = {
        {"argv", "Command"},
        {"version", "ccrnn version"},
        {"commit", "Commit"},
        {"numerics", "Numerics"},
        {"compiler", "Compiler"},
        {"kernels", "Kernels"},
        {"gemm", "Matrix products"},
        {"ranks", "Ranks together"},
        {"libraries", "Libraries"},
        {"host", "Host"},
        {"cpu", "CPU"},
    };
    ccrnn_report_add(page, "<h2 id=\"provenance\">How this was made</h2>\n"
                           "<div class=\"scroll\"><table><tbody>\n");
    ccrnn_report_add(page,
                     "<tr><th scope=\"row\" class=\"key\">Runs</th><td class=\"wrap\">%zu in %zu "
                     "%s, %zu finished</td></tr>\n",
                     study->runs + study->absents, study->wanted_arms,
                     study->wanted_arms == 1 ? "arm" : "arms", study->count[CCRNN_REPORT_DONE]);
    CCRNN_TRY(add_seeds(page, study, err));
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        CCRNN_TRY(add_fact(page, study, facts[i].key, facts[i].title, err));
    CCRNN_TRY(add_times(page, study, err));
    ccrnn_report_add(page, "</tbody></table></div>\n");
    return CCRNN_OK;
}

static const char *explanation(const struct ccrnn_report_run *run)
{
    if (*run->reason != '\0')
        return run->reason;
    switch (run->state) {
    case CCRNN_REPORT_RUNNING:
        return "Still at work when this report was made, or killed: ccrnn status tells. The same "
               "command continues it.";
    case CCRNN_REPORT_INTERRUPTED:
        return "Stopped on request. The same command continues it.";
    case CCRNN_REPORT_NONFINITE:
        return "A loss or gradient became NaN or infinite.";
    default:
        return "No reason was recorded.";
    }
}

static void add_unfinished_row(struct ccrnn_report_text *page, const char *arm, uint64_t seed,
                               const struct ccrnn_report_run *run)
{
    ccrnn_report_add(page, "<tr><th scope=\"row\">");
    ccrnn_report_add_html(page, arm);
    ccrnn_report_add(page, "</th><td>%llu</td><td class=\"text\">%s</td>",
                     (unsigned long long)seed,
                     run == NULL ? "not begun" : ccrnn_report_state_name(run->state));
    if (run == NULL)
        ccrnn_report_add(page, "<td>–</td><td class=\"wrap\">");
    else
        ccrnn_report_add(page, "<td>%llu of %llu</td><td class=\"wrap\">",
                         (unsigned long long)run->epoch, (unsigned long long)run->epochs);
    ccrnn_report_add_html(page, run == NULL ? "study.json names it, and there is no run.json."
                                            : explanation(run));
    ccrnn_report_add(page, "</td></tr>\n");
}

void ccrnn_report_add_unfinished(struct ccrnn_report_text *page,
                                 const struct ccrnn_report_study *study)
{
    const size_t runs = study->runs + study->absents;
    const size_t unfinished = runs - study->count[CCRNN_REPORT_DONE];
    const bool many = unfinished > CCRNN_REPORT_ROWS_UNFOLDED;
    ccrnn_report_add(page, "<h2 id=\"unfinished\">Runs not finished</h2>\n");
    if (unfinished == 0) {
        ccrnn_report_add(page, "<p>None: all %zu runs are finished.</p>\n", runs);
        return;
    }
    if (many)
        ccrnn_report_add(page, "<details><summary>%zu of %zu runs</summary>\n", unfinished, runs);
    ccrnn_report_add(page, "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Arm</th>"
                           "<th scope=\"col\">seed</th><th scope=\"col\" class=\"text\">status"
                           "</th><th scope=\"col\">epoch</th>"
                           "<th scope=\"col\" class=\"text\">why</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            if (run->state != CCRNN_REPORT_DONE)
                add_unfinished_row(page, study->arm[i].label, run->seed, run);
        }
    }
    for (size_t i = 0; i < study->absents; i++)
        add_unfinished_row(page, study->absent[i].arm, study->absent[i].seed, NULL);
    ccrnn_report_add(page, "</tbody></table></div>\n%s", many ? "</details>\n" : "");
}

/* The definition of a measure, if a section shows it. */
static void add_definition(struct ccrnn_report_text *page,
                           const struct ccrnn_report_measure *measure,
                           const struct ccrnn_report_section *section, size_t sections)
{
    bool shown = false, replaced = false;
    for (size_t i = 0; i < sections; i++) {
        const enum ccrnn_report_series_id series =
            ccrnn_report_series_of(section[i].study, measure);
        if (!ccrnn_report_shows(section[i].study, measure))
            continue;
        shown = true;
        replaced |= series != measure->series;
    }
    if (shown)
        ccrnn_report_add(page, "<dt><strong>%s</strong></dt><dd>%s%s.</dd>\n", measure->title,
                         measure->definition,
                         replaced ? " (on validation data: not every run has test data)" : "");
}

void ccrnn_report_add_methods(struct ccrnn_report_text *page,
                              const struct ccrnn_report_section *section, size_t sections)
{
    ccrnn_report_add(page, "<h2 id=\"methods\">Measures and statistics</h2>\n<dl>\n");
    for (size_t i = 0; i < ccrnn_report_curve_count; i++)
        add_definition(page, &ccrnn_report_curves[i], section, sections);
    for (size_t i = 0; i < ccrnn_report_final_count; i++)
        add_definition(page, &ccrnn_report_finals[i], section, sections);
    ccrnn_report_add(page, "</dl>\n");
    for (size_t i = 0; i < sections; i++) {
        if (*section[i].study->task->remark != '\0')
            ccrnn_report_add(page, "<p>%s: %s</p>\n", section[i].study->task->title,
                             section[i].study->task->remark);
    }
    ccrnn_report_add(
        page,
        "<p>n counts seeds with a finite value. SD is the sample standard deviation (divisor "
        "n − 1), SEM = SD / √n, and the 95 %% confidence interval is mean ± t(0.975; n − 1) · "
        "SEM.</p>\n"
        "<p>Arms are compared by two-sided paired t-tests: runs of the same seed share their "
        "initial cortex and readout weights, data and noise, so the seed makes the pair. "
        "d<sub>z</sub> is the mean difference over the standard deviation of the differences. "
        "With fewer than %d pairs, or if all differences are equal, no test is made. p values "
        "are not corrected for multiple comparisons. The t-test takes the differences for "
        "normally distributed; with few seeds, look at the single dots too.</p>\n",
        CCRNN_PAIRS_MIN);
    for (size_t i = 0; i < sections; i++) {
        if (section[i].shown == section[i].study)
            continue;
        ccrnn_report_add(
            page,
            "<p>Of more than %d arms of a task none is tested against another: they "
            "are ranked by a measure on validation data, and figures and tables "
            "show the first and last few. Arms that are called alike but for their "
            "options are a family; families are compared over the arms that have the "
            "same options, so that a pair is two arms, not two seeds.</p>\n",
            CCRNN_REPORT_ARMS_MANY);
        break;
    }
}
