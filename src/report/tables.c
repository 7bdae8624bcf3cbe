/* Tables: in the page, and complete as CSV. */
#include "report/page.h"

#include <math.h>

#include "base/error.h"
#include "base/number.h"
#include "report/many.h"
#include "report/sweep.h"
#include "report/task.h"

static enum ccrnn_status take_scratch(struct ccrnn_report_study *study, double **scratch,
                                      struct ccrnn_error *err)
{
    void *memory;
    CCRNN_TRY(ccrnn_report_pool_take(&study->pool, 2 * ccrnn_report_most_runs(study),
                                     sizeof **scratch, &memory, err));
    *scratch = memory;
    return CCRNN_OK;
}

static void add_cell(struct ccrnn_report_text *page, double value, int digits)
{
    ccrnn_report_add(page, "<td>");
    ccrnn_report_add_number(page, value, digits);
    ccrnn_report_add(page, "</td>");
}

static void add_interval(struct ccrnn_report_text *page, const struct ccrnn_summary *summary,
                         int digits)
{
    ccrnn_report_add(page, "<td>");
    if (isfinite(summary->ci_low)) {
        ccrnn_report_add_number(page, summary->ci_low, digits);
        ccrnn_report_add(page, " to ");
        ccrnn_report_add_number(page, summary->ci_high, digits);
    } else
        ccrnn_report_add(page, "–");
    ccrnn_report_add(page, "</td>");
}

static void add_arms(struct ccrnn_report_text *page, const struct ccrnn_report_study *study,
                     const struct ccrnn_report_measure *measure, double *scratch)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure);
    const int digits = ccrnn_report_digits(measure);
    ccrnn_report_add(page,
                     "<div class=\"scroll\"><table>\n<caption>Per arm</caption>\n"
                     "<thead><tr><th scope=\"col\">Arm</th><th scope=\"col\">n</th>"
                     "<th scope=\"col\">mean</th><th scope=\"col\">SD</th>"
                     "<th scope=\"col\">SEM</th><th scope=\"col\">95 %% CI</th></tr></thead>\n"
                     "<tbody>\n");
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_summary s;
        ccrnn_report_summarise_arm(&study->arm[i], series, scratch, &s);
        ccrnn_report_add(page, "<tr><th scope=\"row\">");
        ccrnn_report_add_html(page, study->arm[i].label);
        ccrnn_report_add(page, "</th><td>%zu</td>", s.n);
        add_cell(page, s.mean, digits);
        add_cell(page, s.sd, 3);
        add_cell(page, s.sem, 3);
        add_interval(page, &s, digits);
        ccrnn_report_add(page, "</tr>\n");
    }
    ccrnn_report_add(page, "</tbody></table></div>\n");
    if (study->left_out > 0)
        ccrnn_report_add(page,
                         "<p class=\"files\">%zu more arms are in <a "
                         "href=\"tables/%ssummary.csv\">summary.csv</a>.</p>\n",
                         study->left_out, study->prefix);
}

/* `what` ("" or plain text) goes before the names of the arms. */
static void add_comparison(struct ccrnn_report_text *page, const char *what,
                           const struct ccrnn_report_arm *a, const struct ccrnn_report_arm *b,
                           const struct ccrnn_paired_test *test)
{
    ccrnn_report_add(page, "<tr><th scope=\"row\">%s%s", what, *what == '\0' ? "" : ": ");
    ccrnn_report_add_html(page, a->label);
    ccrnn_report_add(page, " − ");
    ccrnn_report_add_html(page, b->label);
    ccrnn_report_add(page, "</th><td>%zu</td>", test->pairs);
    add_cell(page, test->difference.mean, 3);
    add_interval(page, &test->difference, 3);
    if (!test->enough || test->constant) {
        ccrnn_report_add(page, "<td class=\"text\" colspan=\"4\">%s</td></tr>\n",
                         test->constant ? "no test: all differences are equal"
                                        : "no test: fewer than 3 pairs");
        return;
    }
    add_cell(page, test->t, 3);
    ccrnn_report_add(page, "<td>%.0f</td><td>", test->df);
    ccrnn_report_add_p(page, test->p, false);
    ccrnn_report_add(page, "</td>");
    add_cell(page, test->dz, 3);
    ccrnn_report_add(page, "</tr>\n");
}

static void add_comparisons_head(struct ccrnn_report_text *page, const char *of,
                                 const char *caption)
{
    ccrnn_report_add(page,
                     "<div class=\"scroll\"><table>\n<caption>%s%s</caption>\n<thead><tr>"
                     "<th scope=\"col\">Arms</th>"
                     "<th scope=\"col\">pairs</th><th scope=\"col\">mean difference</th>"
                     "<th scope=\"col\">95 %% CI</th><th scope=\"col\">t</th>"
                     "<th scope=\"col\">df</th><th scope=\"col\">p</th>"
                     "<th scope=\"col\">d<sub>z</sub></th></tr></thead>\n<tbody>\n",
                     of, caption);
}

static void add_comparisons(struct ccrnn_report_text *page,
                            const struct ccrnn_report_study *study,
                            const struct ccrnn_report_measure *measure, double *scratch)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure);
    const bool many = study->arms > CCRNN_REPORT_ARMS_ALL_PAIRS;
    size_t shown = 0;
    if (many)
        ccrnn_report_add(page, "<details><summary>Differences between arms</summary>\n");
    add_comparisons_head(page, "", "Differences between arms, paired over seeds");
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t k = i + 1; k < study->arms; k++) {
            struct ccrnn_paired_test test;
            if (!ccrnn_report_compares(study, i, k))
                continue;
            ccrnn_report_compare_arms(&study->arm[i], &study->arm[k], series, scratch, &test);
            add_comparison(page, "", &study->arm[i], &study->arm[k], &test);
            shown += test.enough && !test.constant;
        }
    }
    ccrnn_report_add(page, "</tbody></table></div>\n");
    if (many || study->sweep)
        ccrnn_report_add(page,
                         "<p class=\"files\">%s; every pair is in <a "
                         "href=\"tables/%scomparisons.csv\">comparisons.csv</a>.</p>\n",
                         study->sweep && ccrnn_report_groups(study) > 1
                             ? "Arms of the same horizon"
                             : "Each arm against the first",
                         study->prefix);
    if (shown > 1)
        ccrnn_report_add(page,
                         "<p class=\"files\">The %zu p values are two-sided and not corrected "
                         "for multiple comparisons.</p>\n",
                         shown);
    if (many)
        ccrnn_report_add(page, "</details>\n");
}

enum ccrnn_status ccrnn_report_add_tables(struct ccrnn_report_text *page,
                                          struct ccrnn_report_study *study,
                                          const struct ccrnn_report_measure *measure,
                                          struct ccrnn_error *err)
{
    double *scratch;
    CCRNN_TRY(take_scratch(study, &scratch, err));
    add_arms(page, study, measure, scratch);
    if (study->arms > 1 && study->left_out == 0)
        add_comparisons(page, study, measure, scratch);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_add_family(struct ccrnn_report_text *page,
                                          struct ccrnn_report_study *study,
                                          struct ccrnn_error *err)
{
    ccrnn_report_add(page, "<details><summary>Tables of these measures</summary>\n");
    for (size_t m = 0; m < ccrnn_report_final_count; m++) {
        const struct ccrnn_report_measure *const measure = &ccrnn_report_finals[m];
        if (measure->panel == NULL || !ccrnn_report_shows(study, measure))
            continue;
        ccrnn_report_add(page, "<p><strong>%s</strong></p>\n", measure->title);
        CCRNN_TRY(ccrnn_report_add_tables(page, study, measure, err));
    }
    ccrnn_report_add(page, "</details>\n");
    return CCRNN_OK;
}

/* All pairs of arms the page compares, for each length. */
static size_t add_length_rows(struct ccrnn_report_text *page,
                              const struct ccrnn_report_study *study,
                              enum ccrnn_report_series_id series, double *scratch)
{
    size_t shown = 0;
    for (int64_t length = 0; length < CCRNN_REPORT_LENGTHS; length++) {
        for (size_t i = 0; i < study->arms; i++) {
            for (size_t k = i + 1; k < study->arms; k++) {
                struct ccrnn_paired_test test;
                if (!ccrnn_report_compares(study, i, k))
                    continue;
                ccrnn_report_compare_class(&study->arm[i], &study->arm[k], series, length,
                                           scratch, &test);
                add_comparison(page, ccrnn_report_length_name(length), &study->arm[i],
                               &study->arm[k], &test);
                shown += test.enough && !test.constant;
            }
        }
    }
    return shown;
}

enum ccrnn_status ccrnn_report_add_lengths(struct ccrnn_report_text *page,
                                           struct ccrnn_report_study *study,
                                           struct ccrnn_error *err)
{
    double *scratch;
    size_t shown = 0;
    CCRNN_TRY(take_scratch(study, &scratch, err));
    if (study->arms < 2 || study->left_out > 0)
        return CCRNN_OK;
    ccrnn_report_add(page, "<details><summary>Differences between arms by length</summary>\n");
    for (size_t s = 0; s < CCRNN_REPORT_LENGTH_SCORES; s++) {
        const struct ccrnn_report_measure *const measure =
            ccrnn_report_final(ccrnn_report_length_score(s));
        add_comparisons_head(page, measure->title, " by length, paired over seeds");
        shown += add_length_rows(page, study, measure->series, scratch);
        ccrnn_report_add(page, "</tbody></table></div>\n");
    }
    if (shown > 1)
        ccrnn_report_add(page,
                         "<p class=\"files\">The %zu p values are two-sided and not corrected "
                         "for multiple comparisons.</p>\n",
                         shown);
    ccrnn_report_add(page, "</details>\n");
    return CCRNN_OK;
}

/* A number, or nothing where it is not defined. */
static void add_value(struct ccrnn_report_text *csv, double value)
{
    if (isfinite(value))
        ccrnn_report_add(csv, ",%.9g", value);
    else
        ccrnn_report_add(csv, ",");
}

static void add_summary_rows(struct ccrnn_report_text *csv,
                             const struct ccrnn_report_study *study,
                             const struct ccrnn_report_measure *measure, double *scratch)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure);
    for (size_t i = 0; i < study->arms; i++) {
        struct ccrnn_summary s;
        ccrnn_report_summarise_arm(&study->arm[i], series, scratch, &s);
        ccrnn_report_add(csv, "%s,", measure->name);
        ccrnn_report_add_csv(csv, study->arm[i].label);
        ccrnn_report_add(csv, ",%zu,%zu", s.n, s.missing);
        const double value[] = {s.mean, s.sd, s.sem, s.ci_low, s.ci_high};
        for (size_t v = 0; v < sizeof value / sizeof value[0]; v++)
            add_value(csv, value[v]);
        ccrnn_report_add(csv, "\n");
    }
}

/* The columns of a paired test. */
static void add_test(struct ccrnn_report_text *csv, const struct ccrnn_paired_test *test)
{
    const double value[] = {test->difference.mean,
                            test->difference.ci_low,
                            test->difference.ci_high,
                            test->t,
                            test->df,
                            test->p,
                            test->dz};
    ccrnn_report_add(csv, ",%zu", test->pairs);
    for (size_t v = 0; v < sizeof value / sizeof value[0]; v++)
        add_value(csv, value[v]);
    ccrnn_report_add(csv, "\n");
}

/* Of many arms: families of theirs, over the arms that have the same options. */
static enum ccrnn_status add_family_rows(struct ccrnn_report_text *csv,
                                         struct ccrnn_report_study *study,
                                         const struct ccrnn_report_families *families,
                                         size_t count, const struct ccrnn_report_measure *measure,
                                         struct ccrnn_error *err)
{
    struct ccrnn_report_family_test test[CCRNN_REPORT_FAMILY_TESTS_MOST];
    CCRNN_TRY(ccrnn_report_test_families(study, families, count,
                                         ccrnn_report_series_of(study, measure), test, err));
    for (size_t i = 0; i < count; i++) {
        ccrnn_report_add(csv, "%s,", measure->name);
        ccrnn_report_add_csv(csv, families[i].name_a);
        ccrnn_report_add(csv, ",");
        ccrnn_report_add_csv(csv, families[i].name_b);
        add_test(csv, &test[i].test);
    }
    return CCRNN_OK;
}

static void add_comparison_rows(struct ccrnn_report_text *csv,
                                const struct ccrnn_report_study *study,
                                const struct ccrnn_report_measure *measure, double *scratch)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure);
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t k = i + 1; k < study->arms; k++) {
            struct ccrnn_paired_test test;
            ccrnn_report_compare_arms(&study->arm[i], &study->arm[k], series, scratch, &test);
            ccrnn_report_add(csv, "%s,", measure->name);
            ccrnn_report_add_csv(csv, study->arm[i].label);
            ccrnn_report_add(csv, ",");
            ccrnn_report_add_csv(csv, study->arm[k].label);
            add_test(csv, &test);
        }
    }
}

/* Rows of all classes of a measure. */
static enum ccrnn_status add_class_rows(struct ccrnn_report_text *csv,
                                        struct ccrnn_report_study *study,
                                        const struct ccrnn_report_measure *measure,
                                        double *scratch, struct ccrnn_error *err)
{
    const enum ccrnn_report_series_id series = ccrnn_report_series_of(study, measure);
    int64_t *cue;
    size_t count;
    CCRNN_TRY(ccrnn_report_list_classes(study, series, &cue, &count, err));
    for (size_t i = 0; i < study->arms; i++) {
        for (size_t c = 0; c < count; c++) {
            struct ccrnn_summary s;
            ccrnn_report_summarise_class(&study->arm[i], series, cue[c], scratch, &s);
            ccrnn_report_add(csv, "%s,", measure->name);
            ccrnn_report_add_csv(csv, study->arm[i].label);
            ccrnn_report_add(csv, ",%lld,%zu,%zu", (long long)cue[c], s.n, s.missing);
            const double value[] = {s.mean, s.sd, s.sem, s.ci_low, s.ci_high};
            for (size_t v = 0; v < sizeof value / sizeof value[0]; v++)
                add_value(csv, value[v]);
            ccrnn_report_add(csv, "\n");
        }
    }
    return CCRNN_OK;
}

static enum ccrnn_status add_all_rows(struct ccrnn_report_study *study,
                                      struct ccrnn_report_text table[3], double *scratch,
                                      struct ccrnn_error *err)
{
    const bool many = ccrnn_report_is_many(study);
    struct ccrnn_report_varied options;
    struct ccrnn_report_families *families = NULL;
    size_t count = 0, paired = 0;
    if (many) {
        CCRNN_TRY(ccrnn_report_list_options(study, &options, err));
        CCRNN_TRY(ccrnn_report_pair_families(study, &options, &families, &count, &paired, err));
    }
    ccrnn_report_add(&table[0], "measure,arm,n,missing,mean,sd,sem,ci_low,ci_high\n");
    ccrnn_report_add(&table[1], "measure,arm_a,arm_b,pairs,mean_difference,ci_low,ci_high,t,"
                                "df,p,dz\n");
    ccrnn_report_add(&table[2], "measure,arm,class,n,missing,mean,sd,sem,ci_low,ci_high\n");
    for (size_t m = 0; m < ccrnn_report_final_count; m++) {
        const struct ccrnn_report_measure *const measure = &ccrnn_report_finals[m];
        if (ccrnn_report_shows(study, measure)) {
            add_summary_rows(&table[0], study, measure, scratch);
            if (many)
                CCRNN_TRY(add_family_rows(&table[1], study, families, paired, measure, err));
            else
                add_comparison_rows(&table[1], study, measure, scratch);
        }
        if (measure->captions == study->task->captions)
            CCRNN_TRY(add_class_rows(&table[2], study, measure, scratch, err));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_tables_write(struct ccrnn_report_study *study,
                                            const char *directory, struct ccrnn_error *err)
{
    static const char *const names[] = {"summary.csv", "comparisons.csv", "classes.csv"};
    struct ccrnn_report_text table[3] = {{0}};
    double *scratch;
    if (study->preview)
        return CCRNN_OK;
    CCRNN_TRY(take_scratch(study, &scratch, err));
    enum ccrnn_status status = add_all_rows(study, table, scratch, err);
    for (size_t i = 0; i < 3 && status == CCRNN_OK; i++) {
        char name[128];
        (void)ccrnn_format(name, sizeof name, "%s%s", study->prefix, names[i]);
        if (i < 2 || ccrnn_report_has_classes(study))
            status = ccrnn_report_text_save(&table[i], directory, name, err);
    }
    for (size_t i = 0; i < 3; i++)
        ccrnn_report_text_release(&table[i]);
    return status;
}
