/* The table of all arms of a search, best first, and what was tested. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "report/many.h"
#include "report/page.h"

static void add_cell(struct ccrnn_report_text *page, double value, int digits)
{
    ccrnn_report_add(page, "<td>");
    ccrnn_report_add_number(page, value, digits);
    ccrnn_report_add(page, "</td>");
}

static void add_head(struct ccrnn_report_text *page, const struct ccrnn_report_varied *options,
                     const char *caption, const struct ccrnn_report_measure *measure)
{
    ccrnn_report_add(page,
                     "<div class=\"scroll\"><table>\n<caption>%s by %s</caption>\n<thead><tr>"
                     "<th scope=\"col\">rank</th><th scope=\"col\" class=\"text\">arm</th>",
                     caption, measure->noun);
    for (size_t k = 0; k < options->keys; k++) {
        if (!options->searched[k])
            continue;
        ccrnn_report_add(page, "<th scope=\"col\"><code>");
        ccrnn_report_add_html(page, options->key[k]);
        ccrnn_report_add(page, "</code></th>");
    }
    ccrnn_report_add(page, "<th scope=\"col\">n</th><th scope=\"col\">mean</th>"
                           "<th scope=\"col\">SD</th></tr></thead>\n<tbody>\n");
}

/* Would two means be written with the same digits? */
static bool look_equal(double a, double b, int digits)
{
    char x[64], y[64];
    (void)ccrnn_format(x, sizeof x, "%#.*g", digits, a);
    (void)ccrnn_format(y, sizeof y, "%#.*g", digits, b);
    return strcmp(x, y) == 0;
}

/* So many digits that a mean can be told from those above and below it that are others. */
static int digits_of(const struct ccrnn_report_ranking *ranking, size_t rank)
{
    const int most = 6;
    const double mean = ranking->mean[ranking->order[rank]];
    int digits = ccrnn_report_digits(ranking->measure) + 1;
    for (size_t side = 0; side < 2 && rank < ranking->ranked; side++) {
        const size_t other = side == 0 ? rank - 1 : rank + 1;
        if (other >= ranking->ranked) /* 0 - 1 too */
            continue;
        const double beside = ranking->mean[ranking->order[other]];
        while (digits < most && beside != mean && look_equal(mean, beside, digits))
            digits++;
    }
    return digits;
}

/* An arm is called by its family; its full name is a tooltip. */
static void add_row(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                    const struct ccrnn_report_ranking *ranking,
                    const struct ccrnn_report_varied *options, size_t rank, double *scratch)
{
    const size_t arm = ranking->order[rank];
    struct ccrnn_summary s;
    ccrnn_report_summarise_arm(&study->arm[arm], ranking->series, scratch, &s);
    if (rank < ranking->ranked)
        ccrnn_report_add(page, "<tr><td>%zu</td>", rank + 1);
    else
        ccrnn_report_add(page, "<tr><td>–</td>");
    ccrnn_report_add(page, "<th scope=\"row\" title=\"");
    ccrnn_report_add_html(page, study->arm[arm].label);
    ccrnn_report_add(page, "\">");
    ccrnn_report_add_html(page, options->family[arm]);
    ccrnn_report_add(page, "</th>");
    for (size_t k = 0; k < options->keys; k++) {
        if (!options->searched[k])
            continue;
        const char *const value = ccrnn_report_option_value(options, arm, k);
        ccrnn_report_add(page, "<td>");
        ccrnn_report_add_option(page, value);
        ccrnn_report_add(page, "</td>");
    }
    ccrnn_report_add(page, "<td>%zu</td>", s.n);
    add_cell(page, s.mean, digits_of(ranking, rank));
    add_cell(page, s.sd, 3);
    ccrnn_report_add(page, "</tr>\n");
}

static void add_rows(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                     const struct ccrnn_report_ranking *ranking,
                     const struct ccrnn_report_varied *options, double *scratch)
{
    const size_t unfolded = CCRNN_REPORT_ROWS_UNFOLDED;
    add_head(page, options, "Best arms", ranking->measure);
    for (size_t i = 0; i < study->arms && i < unfolded; i++)
        add_row(page, study, ranking, options, i, scratch);
    ccrnn_report_add(page, "</tbody></table></div>\n");
    if (study->arms <= unfolded)
        return;
    ccrnn_report_add(page, "<details><summary>The other %zu arms</summary>\n",
                     study->arms - unfolded);
    add_head(page, options, "Other arms", ranking->measure);
    for (size_t i = unfolded; i < study->arms; i++)
        add_row(page, study, ranking, options, i, scratch);
    ccrnn_report_add(page, "</tbody></table></div></details>\n");
}

static void add_remarks(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                        const struct ccrnn_report_ranking *ranking)
{
    ccrnn_report_add(
        page,
        "<p>Whatever comes first of %zu arms is there partly by luck, and would be less "
        "good again: run the first few once more, with new seeds, before anything is "
        "said of them.</p>\n",
        study->arms);
    if (ranking->ranked < study->arms)
        ccrnn_report_add(page, "<p>%zu %s no finished run with a finite value and no rank.</p>\n",
                         study->arms - ranking->ranked,
                         study->arms - ranking->ranked == 1 ? "arm has" : "arms have");
}

static void add_family_row(struct ccrnn_report_text *page,
                           const struct ccrnn_report_families *families,
                           const struct ccrnn_report_family_test *test, bool several)
{
    const struct ccrnn_summary *const difference = &test->test.difference;
    ccrnn_report_add(page, "<tr><th scope=\"row\">");
    ccrnn_report_add_html(page, families->name_a);
    ccrnn_report_add(page, " − ");
    ccrnn_report_add_html(page, families->name_b);
    ccrnn_report_add(page, "</th><td>%zu</td><td>%zu</td>", test->test.pairs, test->lower);
    add_cell(page, difference->mean, 3);
    ccrnn_report_add(page, "<td>");
    ccrnn_report_add_number(page, difference->ci_low, 3);
    ccrnn_report_add(page, " to ");
    ccrnn_report_add_number(page, difference->ci_high, 3);
    ccrnn_report_add(page, "</td><td>");
    ccrnn_report_add_p(page, test->wilcoxon.p, false);
    if (several) {
        ccrnn_report_add(page, "</td><td>");
        ccrnn_report_add_p(page, test->holm, false);
    }
    ccrnn_report_add(page, "</td></tr>\n");
}

/* What is tested: families over arms with the same options. What is not: any arm against any other. */
static enum ccrnn_status add_families(struct ccrnn_report_text *page,
                                      struct ccrnn_report_study *study,
                                      const struct ccrnn_report_ranking *ranking,
                                      const struct ccrnn_report_varied *options,
                                      struct ccrnn_error *err)
{
    struct ccrnn_report_families *families;
    struct ccrnn_report_family_test test[CCRNN_REPORT_FAMILY_TESTS_MOST];
    size_t all, count;
    const size_t pairs = study->arms * (study->arms - 1) / 2;
    CCRNN_TRY(ccrnn_report_pair_families(study, options, &families, &all, &count, err));
    CCRNN_TRY(ccrnn_report_test_families(study, families, count, ranking->series, test, err));
    if (count > 0) {
        ccrnn_report_add(page,
                         "<div class=\"scroll\"><table>\n<caption>Arms with the same options, in "
                         "pairs: %s</caption>\n<thead><tr><th scope=\"col\">Arms</th>"
                         "<th scope=\"col\">pairs</th><th scope=\"col\">first lower</th>"
                         "<th scope=\"col\">mean difference</th><th scope=\"col\">95 %% CI</th>"
                         "<th scope=\"col\">p</th>%s</tr></thead>\n<tbody>\n",
                         ranking->measure->noun,
                         count > 1 ? "<th scope=\"col\">p (Holm)</th>" : "");
        for (size_t i = 0; i < count; i++)
            add_family_row(page, &families[i], &test[i], count > 1);
        ccrnn_report_add(page,
                         "</tbody></table></div>\n<p class=\"files\">A pair is two arms with the "
                         "same options; its values are their means over the seeds both have. p: "
                         "Wilcoxon’s signed rank test of the pairs, two-sided");
        if (count > 1)
            ccrnn_report_add(page, "; Holm’s correction is over the %zu tests of this table",
                             count);
        ccrnn_report_add(
            page,
            ". Other measures, by paired t-tests: <a href=\"tables/%scomparisons.csv\">"
            "%scomparisons.csv</a>.</p>\n",
            study->prefix, study->prefix);
    }
    ccrnn_report_add_unpaired(page, options, families, all, count, test);
    ccrnn_report_add(page,
                     "<p class=\"files\">No two single arms are tested against each other: %zu "
                     "tests would give some %.0f p values below 0.05 by chance alone.</p>\n",
                     pairs, round(0.05 * (double)pairs));
    return CCRNN_OK;
}

static void add_csv_row(struct ccrnn_report_text *csv, const struct ccrnn_report_study *study,
                        const struct ccrnn_report_ranking *ranking,
                        const struct ccrnn_report_varied *options, size_t rank, double *scratch)
{
    const size_t arm = ranking->order[rank];
    struct ccrnn_summary s;
    ccrnn_report_summarise_arm(&study->arm[arm], ranking->series, scratch, &s);
    if (rank < ranking->ranked)
        ccrnn_report_add(csv, "%zu", rank + 1);
    ccrnn_report_add(csv, ",");
    ccrnn_report_add_csv(csv, study->arm[arm].label);
    ccrnn_report_add(csv, ",");
    ccrnn_report_add_csv(csv, options->family[arm]);
    for (size_t k = 0; k < options->keys; k++) {
        if (!options->searched[k])
            continue;
        const char *const value = ccrnn_report_option_value(options, arm, k);
        ccrnn_report_add(csv, ",");
        ccrnn_report_add_csv(csv, value == NULL ? "" : value);
    }
    ccrnn_report_add(csv, ",%zu,", s.n);
    if (isfinite(s.mean))
        ccrnn_report_add(csv, "%.9g", s.mean);
    ccrnn_report_add(csv, ",");
    if (isfinite(s.sd))
        ccrnn_report_add(csv, "%.9g", s.sd);
    ccrnn_report_add(csv, "\n");
}

enum ccrnn_status ccrnn_report_ranking_write(struct ccrnn_report_study *study,
                                             const struct ccrnn_report_ranking *ranking,
                                             const char *directory, struct ccrnn_error *err)
{
    struct ccrnn_report_varied options;
    struct ccrnn_report_text csv = {0};
    char name[160];
    void *scratch;
    if (ranking->measure == NULL || study->preview)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_list_options(study, &options, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    ccrnn_report_add(&csv, "rank,arm,called");
    for (size_t k = 0; k < options.keys; k++) {
        if (!options.searched[k])
            continue;
        ccrnn_report_add(&csv, ",");
        ccrnn_report_add_csv(&csv, options.key[k]);
    }
    ccrnn_report_add(&csv, ",n,mean,sd\n");
    for (size_t i = 0; i < study->arms; i++)
        add_csv_row(&csv, study, ranking, &options, i, scratch);
    (void)ccrnn_format(name, sizeof name, "%sranking.csv", study->prefix);
    const enum ccrnn_status status = ccrnn_report_text_save(&csv, directory, name, err);
    ccrnn_report_text_release(&csv);
    return status;
}

enum ccrnn_status ccrnn_report_add_ranking(struct ccrnn_report_text *page,
                                           struct ccrnn_report_study *study,
                                           const struct ccrnn_report_ranking *ranking,
                                           struct ccrnn_error *err)
{
    struct ccrnn_report_varied options;
    void *scratch;
    if (ranking->measure == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_report_list_options(study, &options, err));
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, ccrnn_report_most_runs(study), sizeof(double),
                                     &scratch, err));
    add_rows(page, study, ranking, &options, scratch);
    ccrnn_report_add(page,
                     "<p class=\"files\">All of it: <a href=\"tables/%sranking.csv\">"
                     "%sranking.csv</a>. The rank is what figures and tables below call an arm "
                     "by: #1 is the first.</p>\n",
                     study->prefix, study->prefix);
    add_remarks(page, study, ranking);
    return add_families(page, study, ranking, &options, err);
}
