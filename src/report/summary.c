/* The result in words, and what must be known before believing it. */
#include "report/page.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/many.h"
#include "report/task.h"

static void add_strong(struct ccrnn_report_text *page, const char *label)
{
    ccrnn_report_add(page, "<strong>");
    ccrnn_report_add_html(page, label);
    ccrnn_report_add(page, "</strong>");
}

/* "0.27 ± 0.11 (n = 10) for ccrnn" */
static void add_mean(struct ccrnn_report_text *page, const struct ccrnn_report_arm *arm,
                     const struct ccrnn_report_measure *measure, const struct ccrnn_summary *s)
{
    ccrnn_report_add_number(page, s->mean, ccrnn_report_digits(measure));
    if (isfinite(s->sem)) {
        ccrnn_report_add(page, " ± ");
        ccrnn_report_add_number(page, s->sem, 2);
    }
    ccrnn_report_add(page, " (n = %zu) for ", s->n);
    add_strong(page, arm->label);
}

static void add_test(struct ccrnn_report_text *page, const struct ccrnn_report_arm *a,
                     const struct ccrnn_report_arm *b, const struct ccrnn_paired_test *test)
{
    if (!test->enough) {
        ccrnn_report_add(page, " %zu %s of seeds %s too few for a paired test (%d are needed).",
                         test->pairs, test->pairs == 1 ? "pair" : "pairs",
                         test->pairs == 1 ? "is" : "are", CCRNN_PAIRS_MIN);
        return;
    }
    if (test->constant) {
        ccrnn_report_add(page,
                         " The difference is the same for all %zu seeds, so a paired test "
                         "is not defined.",
                         test->pairs);
        return;
    }
    ccrnn_report_add(page, " Paired over %zu seeds, ", test->pairs);
    add_strong(page, a->label);
    ccrnn_report_add(page, " − ");
    add_strong(page, b->label);
    ccrnn_report_add(page, " is ");
    ccrnn_report_add_number(page, test->difference.mean, 3);
    ccrnn_report_add(page, " (95 %% CI ");
    ccrnn_report_add_number(page, test->difference.ci_low, 3);
    ccrnn_report_add(page, " to ");
    ccrnn_report_add_number(page, test->difference.ci_high, 3);
    ccrnn_report_add(page, "; <i>t</i>(%.0f) = ", test->df);
    ccrnn_report_add_number(page, test->t, 3);
    ccrnn_report_add(page, ", <i>p</i> ");
    ccrnn_report_add_p(page, test->p, true);
    ccrnn_report_add(page, ", <i>d<sub>z</sub></i> = ");
    ccrnn_report_add_number(page, test->dz, 2);
    ccrnn_report_add(page, ").");
}

/* The arms with the lowest and highest mean; false if there are not two with a value. */
static bool find_extremes(const struct ccrnn_report_study *study,
                          enum ccrnn_report_series_id series, double *scratch, size_t *lowest,
                          size_t *highest)
{
    double low = INFINITY, high = -INFINITY;
    size_t found = 0;
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_summary s;
        ccrnn_report_summarise_arm(&study->arm[i], series, scratch, &s);
        if (s.n == 0)
            continue;
        found++;
        if (s.mean < low) {
            low = s.mean;
            *lowest = i;
        }
        if (s.mean > high) {
            high = s.mean;
            *highest = i;
        }
    }
    return found >= 2 && *lowest != *highest;
}

static uint64_t last_epoch(const struct ccrnn_report_study *study)
{
    uint64_t last = 0;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            last = run->used && run->epoch > last ? run->epoch : last;
        }
    }
    return last;
}

static uint64_t first_last_epoch(const struct ccrnn_report_study *study)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            first = run->used && run->epoch < first ? run->epoch : first;
        }
    }
    return first;
}

/* "After 40 epochs", or "After 5 to 23 epochs" where runs ended at different ones. */
static void add_epochs(struct ccrnn_report_text *page, const struct ccrnn_report_study *study)
{
    const uint64_t first = first_last_epoch(study), last = last_epoch(study);
    const bool best = study->task->captions;
    ccrnn_report_add(page, best ? "With the weights of each run’s best of " : "After ");
    if (first != last)
        ccrnn_report_add(page, "%llu to ", (unsigned long long)first);
    ccrnn_report_add(page, "%llu %s", (unsigned long long)last, last == 1 ? "epoch" : "epochs");
    if (first != last && !best)
        ccrnn_report_add(page, ", each run at its own last one,");
}

static void add_better(struct ccrnn_report_text *page, const struct ccrnn_report_measure *measure)
{
    if (measure->better != NULL)
        ccrnn_report_add(page, " %s", measure->better);
}

/* Arms without a finite value have no rank. */
static void add_ranked(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                       enum ccrnn_report_series_id series, double *scratch)
{
    size_t ranked = 0;
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_summary s;
        ccrnn_report_summarise_arm(&study->arm[i], series, scratch, &s);
        ranked += isfinite(s.mean);
    }
    if (ranked == study->arms)
        ccrnn_report_add(page, " All %zu arms are", ranked);
    else
        ccrnn_report_add(page, " %zu of %zu arms, those with a finite value, %s", ranked,
                         study->arms, ranked == 1 ? "is" : "are");
    ccrnn_report_add(page, " <a href=\"#%sranking\">ranked below</a>.", study->prefix);
}

static void add_result(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_measure *measure, double *scratch)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure);
    size_t lowest = 0, highest = 0;
    struct ccrnn_summary s;
    ccrnn_report_add(page, "<p class=\"summary\">");
    add_epochs(page, study);
    ccrnn_report_add(page, " the %s (mean ± SEM) ", measure->noun);
    if (!find_extremes(study, series, scratch, &lowest, &highest)) {
        const struct ccrnn_report_arm *const arm = &study->arm[lowest];
        ccrnn_report_summarise_arm(arm, series, scratch, &s);
        ccrnn_report_add(page, "is ");
        add_mean(page, arm, measure, &s);
        ccrnn_report_add(page, ".");
        add_better(page, measure);
        ccrnn_report_add(page, "</p>\n");
        return;
    }
    const bool two = study->arms == 2;
    ccrnn_report_add(page, two ? "is " : "is lowest, ");
    ccrnn_report_summarise_arm(&study->arm[lowest], series, scratch, &s);
    add_mean(page, &study->arm[lowest], measure, &s);
    ccrnn_report_add(page, two ? " and " : ", and highest, ");
    ccrnn_report_summarise_arm(&study->arm[highest], series, scratch, &s);
    add_mean(page, &study->arm[highest], measure, &s);
    ccrnn_report_add(page, ".");
    add_better(page, measure);
    if (two) {
        struct ccrnn_paired_test test;
        ccrnn_report_compare_arms(&study->arm[0], &study->arm[1], series, scratch, &test);
        add_test(page, &study->arm[0], &study->arm[1], &test);
    } else if (ccrnn_report_is_many(study))
        add_ranked(page, study, series, scratch);
    else
        ccrnn_report_add(page, " All %zu arms and their comparisons are in the tables below.",
                         study->arms);
    ccrnn_report_add(page, "</p>\n");
}

const struct ccrnn_report_measure *ccrnn_report_headline(const struct ccrnn_report_study *study)
{
    if (study->task->headline != NULL) {
        const struct ccrnn_report_measure *const its = ccrnn_report_final(study->task->headline);
        if (ccrnn_report_shows(study, its))
            return its;
    }
    for (size_t m = 0; m < ccrnn_report_final_count; m++) {
        const struct ccrnn_report_measure *const measure = &ccrnn_report_finals[m];
        if (ccrnn_report_shows(study, measure))
            return measure;
    }
    return NULL;
}

enum ccrnn_status ccrnn_report_add_summary(struct ccrnn_report_text *page,
                                           struct ccrnn_report_study *study,
                                           struct ccrnn_error *err)
{
    void *scratch;
    if (study->preview || study->used == 0)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, 2 * ccrnn_report_most_runs(study),
                                     sizeof(double), &scratch, err));
    const struct ccrnn_report_measure *const measure = ccrnn_report_is_many(study)
                                                           ? ccrnn_report_ranking_measure(study)
                                                           : ccrnn_report_headline(study);
    if (measure != NULL)
        add_result(page, study, measure, scratch);
    return CCRNN_OK;
}

/* True if used runs disagree on a text of run.json. */
static bool differs(const struct ccrnn_report_study *study, const char *key)
{
    const char *first = NULL;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            if (!run->used)
                continue;
            const char *const text = ccrnn_report_run_text(run, key);
            if (first != NULL && strcmp(first, text) != 0)
                return true;
            first = text;
        }
    }
    return false;
}

static bool numerics_differ(const struct ccrnn_report_study *study)
{
    bool any = false;
    json_int_t first = 0;
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            if (!run->used)
                continue;
            const json_int_t numerics =
                json_integer_value(json_object_get(run->info, "numerics"));
            if (any && numerics != first)
                return true;
            first = numerics;
            any = true;
        }
    }
    return false;
}

/* True if used runs ended at different epochs. */
static bool epochs_differ(const struct ccrnn_report_study *study)
{
    const uint64_t last = last_epoch(study);
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t r = 0; r < study->arm[i].runs; r++) {
            const struct ccrnn_report_run *const run = &study->arm[i].run[r];
            if (run->used && run->epoch != last)
                return true;
        }
    }
    return false;
}

static bool seeds_differ(const struct ccrnn_report_study *study)
{
    for (size_t i = 1; i < study->arms; i++) {
        const struct ccrnn_report_arm *const a = &study->arm[0], *const b = &study->arm[i];
        if (a->used != b->used)
            return true;
        for (size_t r = 0, s = 0; r < a->runs && s < b->runs;) {
            if (!a->run[r].used)
                r++;
            else if (!b->run[s].used)
                s++;
            else if (a->run[r++].seed != b->run[s++].seed)
                return true;
        }
    }
    return false;
}

static bool names_shared(const struct ccrnn_report_study *study)
{
    for (size_t i = 0; i < study->arms; i++) {
        if (study->arm[i].label != study->arm[i].name)
            return true;
    }
    return false;
}

/* A task without any finished run, beside others that have some. */
static bool some_previews(const struct ccrnn_report_study *study,
                          const struct ccrnn_report_section *section, size_t sections)
{
    bool some = false;
    for (size_t i = 0; i < sections && !study->preview; i++)
        some |= section[i].study->preview && section[i].study->used > 0;
    return some;
}

/* "2 running, 1 failed, 4 not begun" */
static void add_states(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                       const char *separator)
{
    for (int state = CCRNN_REPORT_RUNNING; state < CCRNN_REPORT_STATE_COUNT; state++) {
        if (study->count[state] == 0)
            continue;
        ccrnn_report_add(page, "%s %zu %s", separator, study->count[state],
                         ccrnn_report_state_name((enum ccrnn_report_state)state));
        separator = ",";
    }
    if (study->absents > 0)
        ccrnn_report_add(page, "%s %zu not begun", separator, study->absents);
}

static void add_preview(struct ccrnn_report_text *page, size_t used)
{
    ccrnn_report_add(page, "<p><strong>Preview.</strong> No run is finished yet");
    if (used == 0)
        ccrnn_report_add(page, ", and none has measured anything.");
    else if (used == 1)
        ccrnn_report_add(page, ". The curves show the one unfinished run that has measured "
                               "something, as far as it is; there are no tables and no tests.");
    else
        ccrnn_report_add(page,
                         ". The curves show the %zu unfinished runs that have measured "
                         "something, as far as they are; there are no tables and no tests.",
                         used);
}

static void add_counts(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                       bool previews)
{
    const size_t runs = study->runs + study->absents;
    const size_t left_out = runs - study->count[CCRNN_REPORT_DONE];
    const bool one = left_out == 1;
    if (left_out == 0)
        return;
    if (study->preview)
        add_preview(page, study->used);
    else
        ccrnn_report_add(page,
                         previews ? "<p>%zu of %zu runs %s not finished and %s nothing but the "
                                    "previews of tasks that have no finished run:"
                                  : "<p>%zu of %zu runs %s left out of all figures and tables:",
                         left_out, runs, one ? "is" : "are", one ? "enters" : "enter");
    add_states(page, study, study->preview ? " All runs:" : "");
    ccrnn_report_add(page, ". %s <a href=\"#unfinished\">listed below</a>.</p>\n",
                     one ? "It is" : "They are");
    if (study->count[CCRNN_REPORT_NONFINITE] > 0)
        ccrnn_report_add(page, "<p>Leaving out runs whose loss became NaN or infinite favours "
                               "their arms.</p>\n");
}

/* Names of directories, folded up if they are many. */
static void add_names(struct ccrnn_report_text *page, const char *const *name, size_t count)
{
    const size_t unfolded = 8;
    ccrnn_report_add(page,
                     count > unfolded ? ".</p>\n<details><summary>Which</summary>\n<p>" : ": ");
    for (size_t i = 0; i < count; i++) {
        ccrnn_report_add(page, "%s<code>", i == 0 ? "" : ", ");
        ccrnn_report_add_html(page, name[i]);
        ccrnn_report_add(page, "</code>");
    }
    ccrnn_report_add(page, count > unfolded ? "</p></details>\n" : ".</p>\n");
}

/* What lies in the directory and is not of the study. */
static void add_strangers(struct ccrnn_report_text *page, const struct ccrnn_report_study *study)
{
    if (!study->indexed)
        ccrnn_report_add(page,
                         "<p>There is no study.json in the directory, so all runs that lie in it "
                         "are taken for runs of the study, also copies and arms that were taken "
                         "out of it. <code>ccrnn run</code> with the study file writes "
                         "study.json.</p>\n");
    if (study->strangers > 0) {
        ccrnn_report_add(page, "<p>Directories that are no arm of this study, as study.json has "
                               "it, enter nothing");
        add_names(page, study->stranger, study->strangers);
    }
    if (study->spares > 0) {
        ccrnn_report_add(page, "<p>Runs of seeds that this study does not have, as study.json "
                               "has it, enter nothing");
        add_names(page, study->spare, study->spares);
    }
}

void ccrnn_report_add_notes(struct ccrnn_report_text *page,
                            const struct ccrnn_report_study *study,
                            const struct ccrnn_report_section *section, size_t sections)
{
    struct ccrnn_report_text notes = {0};
    bool seeds = false, epochs = false;
    for (size_t i = 0; i < sections; i++) {
        seeds |= !section[i].study->preview && seeds_differ(section[i].study);
        epochs |= !section[i].study->preview && epochs_differ(section[i].study);
    }
    add_counts(&notes, study, some_previews(study, section, sections));
    add_strangers(&notes, study);
    if (seeds)
        ccrnn_report_add(&notes, "<p>The arms do not have the same finished seeds. Each "
                                 "comparison uses the seeds that both of its arms have.</p>\n");
    if (epochs)
        ccrnn_report_add(&notes, "<p>Not all runs ended at the same epoch. Final values are "
                                 "those of each run’s own last epoch.</p>\n");
    if (numerics_differ(study))
        ccrnn_report_add(&notes, "<p>The runs were made by versions with different numerics: "
                                 "their numbers are not comparable.</p>\n");
    if (differs(study, "version") || differs(study, "commit"))
        ccrnn_report_add(&notes, "<p>The runs were made by different versions of the "
                                 "program.</p>\n");
    if (differs(study, "kernels") || differs(study, "gemm"))
        ccrnn_report_add(&notes, "<p>The runs used different kernels: the same seed gives "
                                 "slightly different numbers on them.</p>\n");
    if (differs(study, "ranks"))
        ccrnn_report_add(&notes,
                         "<p>The runs were trained by different numbers of ranks: the same "
                         "seed gives slightly different numbers on them.</p>\n");
    if (names_shared(study))
        ccrnn_report_add(&notes, "<p>Some arms share a name but not their settings; the code "
                                 "in brackets tells them apart.</p>\n");
    if (notes.length > 0) {
        ccrnn_report_add(page, "<div class=\"notes\">\n");
        ccrnn_report_add_bytes(page, notes.bytes, notes.length);
        ccrnn_report_add(page, "</div>\n");
    }
    page->failed |= notes.failed;
    ccrnn_report_text_release(&notes);
}
