/* The report, from made-up study directories to the files a reader gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"
#include "ccrnn/report.h"

#include "made_runs.h"
#include "read_report.h"
#include "scratch.h"

#define SEEDS 4

/* Training error at the last epoch, by seed. */
static const double CORTEX[SEEDS] = {3.1, 2.9, 4.2, 3.6};
static const double CEREBELLUM[SEEDS] = {1.0, 1.5, 0.9, 1.4};

static void make_study(const char *study)
{
    make_arm(study, "cortex", "aa", CORTEX, SEEDS, false);
    make_arm(study, "with cerebellum", "bb", CEREBELLUM, SEEDS, true);
}

static void whole_report(void **state)
{
    (void)state;
    static const char *const figures[] = {"learning-curves",
                                          "validation-curves",
                                          "feedback-similarity",
                                          "drawn-trajectories",
                                          "roughness",
                                          "final-training-error",
                                          "final-validation-error",
                                          "mean-validation-error",
                                          "end-point-error"};
    static const char *const endings[] = {"svg", "pdf", "gp", "csv"};
    const size_t n = sizeof figures / sizeof figures[0];
    make_study("whole");
    report_make("whole", true);
    assert_int_equal(report_outcome.arms, 2);
    assert_int_equal(report_outcome.used, 2 * SEEDS);
    for (size_t i = 0; i < n; i++) {
        for (size_t e = 0; e < 4; e++) {
            char name[128];
            (void)ccrnn_format(name, sizeof name, "report/figures/%s.%s", figures[i], endings[e]);
            if (!report_has("whole", name))
                fail_msg("%s is missing", name);
        }
    }
    char *const page = report_text("whole", "report/report.html");
    assert_int_equal(count_text(page, "<svg"), n);
    assert_int_equal(count_text(page, "</svg>"), n);
    static const char *const loads[] = {"src=\"http", "href=\"http", "src='http",
                                        "href='http", "<script",     "@import",
                                        "url(\"http", "url(http",    "url('http"};
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++)
        refuse_text(page, loads[i]);
    static const char *const tags[] = {"table", "figure", "div", "p",
                                       "h2",    "h3",     "td",  "details"};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        char closed[32], open[32], bare[32];
        (void)ccrnn_format(open, sizeof open, "<%s ", tags[i]);
        (void)ccrnn_format(bare, sizeof bare, "<%s>", tags[i]);
        (void)ccrnn_format(closed, sizeof closed, "</%s>", tags[i]);
        assert_int_equal(count_text(page, open) + count_text(page, bare),
                         count_text(page, closed));
    }
    expect_text(page, "&#39;a study.yaml&#39;");
    expect_text(page, "granule_units");
    expect_text(page, "None: all 8 runs are finished.");
    assert_int_equal(scratch_entries(scratch_path("whole/report")), 3);
    free(page);
}

/* scipy: stats.ttest_rel(a, b), stats.t.ppf, numpy mean and std(ddof=1) of CORTEX, CEREBELLUM. */
static void numbers(void **state)
{
    (void)state;
    static const double of_cortex[] = {4,
                                       0,
                                       3.45,
                                       0.5802298395176405,
                                       0.29011491975882026,
                                       2.5267248455057016,
                                       4.373275154494298};
    static const double difference[] = {4,
                                        2.25,
                                        1.0004422682694123,
                                        3.4995577317305875,
                                        5.7304308597031195,
                                        3,
                                        0.010549556639648478,
                                        2.8652154298515597};
    make_study("numbers");
    report_make("numbers", false);
    char *const summary = report_text("numbers", "report/tables/summary.csv");
    expect_row(summary, "final-training-error,cortex", of_cortex, 7);
    free(summary);
    char *const comparisons = report_text("numbers", "report/tables/comparisons.csv");
    expect_row(comparisons, "final-training-error,cortex,with cerebellum", difference, 8);
    free(comparisons);
    char *const page = report_text("numbers", "report/report.html");
    expect_text(page, "<td>3.45</td><td>0.580</td><td>0.290</td><td>2.53 to 4.37</td>");
    expect_text(page, "<td>4</td><td>2.25</td><td>1.00 to 3.50</td><td>5.73</td><td>3</td>"
                      "<td>0.0105</td><td>2.87</td>");
    assert_int_equal(count_text(page, "<svg"), 0);
    free(page);
}

static void hostile_names(void **state)
{
    (void)state;
    static const char *const names[] = {"<script>alert(1)</script>", "\"quoted\", with 'comma'",
                                        "`touch canary`$(touch canary)", "a&b;c{/Symbol x}_2\\n"};
    for (size_t i = 0; i < 4; i++)
        make_arm("hostile", names[i], "cc", i % 2 == 0 ? CORTEX : CEREBELLUM, SEEDS, true);
    report_make("hostile", true);
    char *const page = report_text("hostile", "report/report.html");
    refuse_text(page, "<script");
    expect_text(page, "&lt;script&gt;alert(1)&lt;/script&gt;");
    expect_text(page, "&quot;quoted&quot;, with &#39;comma&#39;");
    expect_text(page, "a&amp;b;c{/Symbol x}_2\\n");
    free(page);
    assert_false(report_has("hostile", "report/figures/canary"));
    assert_false(ccrnn_path_exists("canary"));
    char *const svg = report_text("hostile", "report/figures/roughness.svg");
    refuse_text(svg, "<script");
    expect_text(svg, "touch canary");
    free(svg);
}

static void bad_directories(void **state)
{
    (void)state;
    struct ccrnn_error err;
    enum ccrnn_status status = ccrnn_report_write(scratch_path("nowhere"), NULL, &err);
    expect_error(status, CCRNN_USAGE, &err, "nowhere", "no such directory", NULL);
    assert_int_equal(ccrnn_directory_make(scratch_path("empty/arm-aa"), NULL), CCRNN_OK);
    status = ccrnn_report_write(scratch_path("empty"), NULL, &err);
    expect_error(status, CCRNN_USAGE, &err, "empty", "no runs", "run.json", NULL);
    assert_false(report_has("empty", "report"));
    make_study("single");
    status = ccrnn_report_write(scratch_path("single/cortex-aa/1"), NULL, &err);
    expect_error(status, CCRNN_USAGE, &err, "single run", "two levels above", NULL);
    scratch_write(scratch_path("file"), "x", 1);
    const struct ccrnn_report_options options = {.out = scratch_path("file"), .no_figures = true};
    status = ccrnn_report_write(scratch_path("single"), &options, &err);
    assert_int_equal(status, CCRNN_IO);
    scratch_expect(scratch_path("file"), "x", 1);
}

/* Run with another PATH; the old one is put back. */
static enum ccrnn_status report_with_path(const char *path, const char *study,
                                          struct ccrnn_error *err)
{
    const char *const current = getenv("PATH");
    char *const before = strdup(current == NULL ? "" : current);
    if (before == NULL)
        return CCRNN_MEMORY;
    setenv("PATH", path, 1);
    const enum ccrnn_status status = ccrnn_report_write(scratch_path(study), NULL, err);
    setenv("PATH", before, 1);
    free(before);
    return status;
}

static void without_gnuplot(void **state)
{
    (void)state;
    struct ccrnn_error err;
    make_study("bare");
    assert_int_equal(ccrnn_directory_make(scratch_path("no-programs"), NULL), CCRNN_OK);
    const char *const path = scratch_path("no-programs");
    enum ccrnn_status status = report_with_path(path, "bare", &err);
    expect_error(status, CCRNN_UNSUPPORTED, &err, "gnuplot", "apt install", "--no-figures", NULL);
    assert_false(report_has("bare", "report"));
    /* an earlier report stays as it was, byte by byte */
    report_make("bare", false);
    const size_t entries = scratch_entries(scratch_path("bare/report"));
    char *const before = report_text("bare", "report/report.html");
    make_run(&(struct made_run){
        .study = "bare", .arm = "cortex", .hash = "aa", .seed = 9, .status = "done", .error = 9});
    status = report_with_path(scratch_path("no-programs"), "bare", &err);
    assert_int_equal(status, CCRNN_UNSUPPORTED);
    char *const after = report_text("bare", "report/report.html");
    assert_string_equal(before, after);
    assert_int_equal(scratch_entries(scratch_path("bare/report")), entries);
    free(before);
    free(after);
}

static void failing_gnuplot(void **state)
{
    (void)state;
    static const char program[] = "#!/bin/sh\necho 'unknown terminal: pdfcairo' >&2\nexit 1\n";
    struct ccrnn_error err;
    make_study("failing");
    assert_int_equal(ccrnn_directory_make(scratch_path("programs"), NULL), CCRNN_OK);
    scratch_write(scratch_path("programs/gnuplot"), program, strlen(program));
    assert_int_equal(chmod(scratch_path("programs/gnuplot"), 0755), 0);
    const enum ccrnn_status status = report_with_path(scratch_path("programs"), "failing", &err);
    expect_error(status, CCRNN_FAILED, &err, "learning-curves", "unknown terminal: pdfcairo",
                 NULL);
    assert_false(report_has("failing", "report"));
}

static void unfinished_runs(void **state)
{
    (void)state;
    static const char *const status[] = {"running", "interrupted", "nonfinite",
                                         "failed",  "done",        "odd"};
    make_study("unfinished");
    for (int i = 0; i < 6; i++) {
        const struct made_run run = {.study = "unfinished",
                                     .arm = "cortex",
                                     .hash = "aa",
                                     .seed = 11 + i,
                                     .status = status[i],
                                     .error = 1000.0};
        make_run(&run);
        /* cut in the middle of a line: fine for a run at work, damage for one that is done */
        if (i == 0 || i == 4)
            write_text(run_directory(&run), "metrics.csv", "step,split,metric,value\n1,train,er");
    }
    assert_int_equal(ccrnn_directory_make(scratch_path("unfinished/cortex-aa/17"), NULL),
                     CCRNN_OK);
    report_make("unfinished", false);
    assert_int_equal(report_outcome.runs, 2 * SEEDS + 7);
    assert_int_equal(report_outcome.used, 2 * SEEDS);
    assert_int_equal(report_outcome.unfinished, 2);
    assert_int_equal(report_outcome.broken, 5);
    char *const page = report_text("unfinished", "report/report.html");
    expect_text(page, "7 of 15 runs are left out");
    expect_text(page, "1 running, 1 interrupted, 1 nonfinite, 1 failed, 3 unreadable");
    expect_text(page, "cortex-aa/15/metrics.csv");
    expect_text(page, "the status &quot;odd&quot; is not known");
    expect_text(page, "cortex-aa/17/run.json");
    expect_text(page, "<td>3.45</td>"); /* the mean of the finished runs, unmoved */
    free(page);
}

static void different_seeds(void **state)
{
    (void)state;
    make_arm("uneven", "cortex", "aa", CORTEX, SEEDS, false);
    make_arm("uneven", "two seeds", "bb", CEREBELLUM, 2, false);
    make_arm("uneven", "same", "dd", CORTEX, SEEDS, false);
    make_arm("uneven", "cortex", "ee", CEREBELLUM, 3, false);
    report_make("uneven", false);
    char *const page = report_text("uneven", "report/report.html");
    expect_text(page, "do not have the same finished seeds");
    expect_text(page, "no test: fewer than 3 pairs");
    expect_text(page, "no test: all differences are equal");
    expect_text(page, "cortex [aa] − same");
    expect_text(page, "not corrected");
    free(page);
    static const double same[] = {4, 0, 0, 0, NAN, 3, NAN, NAN};
    char *const csv = report_text("uneven", "report/tables/comparisons.csv");
    /* the interval of two pairs exists, the test is not made */
    const char *const row = strstr(csv, "final-training-error,cortex [aa],two seeds,2,1.75,");
    assert_non_null(row);
    expect_text(row, ",,1,,\n");
    expect_row(csv, "final-training-error,cortex [aa],same", same, 8);
    free(csv);
}

static void preview(void **state)
{
    (void)state;
    for (int seed = 1; seed <= 3; seed++)
        make_run(&(struct made_run){.study = "preview",
                                    .arm = "cortex",
                                    .hash = "aa",
                                    .seed = seed,
                                    .status = "running",
                                    .error = CORTEX[seed]});
    report_make("preview", false);
    assert_int_equal(report_outcome.used, 3);
    char *const page = report_text("preview", "report/report.html");
    expect_text(page, "Preview");
    refuse_text(page, "After training</h2>");
    refuse_text(page, "class=\"summary\"");
    free(page);
    assert_true(report_has("preview", "report/figures/learning-curves.csv"));
    assert_false(report_has("preview", "report/tables/summary.csv"));
}

static void order_and_repetition(void **state)
{
    (void)state;
    make_study("order");
    report_make("order", true);
    char *const first = report_text("order", "report/report.html");
    report_make("order", true);
    char *const again = report_text("order", "report/report.html");
    assert_string_equal(first, again);
    free(first);
    free(again);
    write_text(scratch_path("order"), "study.json",
               "{\"format\":\"ccrnn-study-1\",\"study\":\"My lines\",\"description\":\"A & B\","
               "\"arms\":[{\"name\":\"with cerebellum\",\"hash\":\"bb\","
               "\"directory\":\"with_cerebellum-bb\"},"
               "{\"name\":\"gone\",\"hash\":\"ff\",\"directory\":\"gone-ff\"},"
               "{\"name\":\"cortex\",\"hash\":\"aa\",\"directory\":\"cortex-aa\"}],"
               "\"seeds\":[4,3,2,1]}");
    scratch_write(scratch_path("order/report/figures/mine.gp"), "mine", 4);
    report_make("order", false);
    char *const page = report_text("order", "report/report.html");
    expect_text(page, "<h1>My lines</h1>");
    expect_text(page, "A &amp; B");
    expect_text(page, "with cerebellum − cortex");
    free(page);
    /* what the new report does not have is gone, what a user put there is not */
    assert_false(report_has("order", "report/figures/roughness.svg"));
    assert_true(report_has("order", "report/figures/roughness.csv"));
    assert_true(report_has("order", "report/figures/mine.gp"));
}

/* What is in study.json counts, and nothing else: a copy, an arm that was taken out, a seed that was. */
static void runs_of_the_study_alone(void **state)
{
    (void)state;
    static const char listed[] =
        "{\"format\":\"ccrnn-study-1\",\"study\":\"s\",\"arms\":["
        "{\"name\":\"cortex\",\"hash\":\"aa\",\"directory\":\"cortex-aa\"},"
        "{\"name\":\"late\",\"hash\":\"cc\",\"directory\":\"late-cc\"},"
        "{\"name\":\"with cerebellum\",\"hash\":\"bb\",\"directory\":\"with_cerebellum-bb\"}],"
        "\"seeds\":[1,2,3]}";
    make_study("listed");
    make_arm("listed", "cortex", "backup", CEREBELLUM, SEEDS, false);
    write_text(scratch_path("listed"), "study.json", listed);
    /* a run of other options where one of the study should be, and a copy under another number */
    make_run(&(struct made_run){
        .study = "listed", .arm = "late", .hash = "cc", .seed = 2, .status = "done", .error = 9});
    write_text(scratch_path("listed/late-cc/2"), "run.json",
               "{\"format\":\"ccrnn-run-1\",\"seed\":2,\"hash\":\"dd\",\"status\":\"done\"}");
    assert_int_equal(ccrnn_directory_make(scratch_path("listed/cortex-aa/01"), NULL), CCRNN_OK);
    report_make("listed", false);
    assert_true(report_outcome.indexed);
    assert_int_equal(report_outcome.arms, 3);
    assert_int_equal(report_outcome.runs, 9);
    assert_int_equal(report_outcome.used, 6);
    assert_int_equal(report_outcome.broken, 1);
    assert_int_equal(report_outcome.missing, 2);
    assert_int_equal(report_outcome.strangers, 1);
    assert_int_equal(report_outcome.spares, 2);
    char *const page = report_text("listed", "report/report.html");
    expect_text(page, "no arm of this study, as study.json has it, enter nothing: "
                      "<code>cortex-backup</code>.");
    expect_text(page, "Runs of seeds that this study does not have, as study.json has it, enter "
                      "nothing: <code>cortex-aa/4</code>, "
                      "<code>with_cerebellum-bb/4</code>.");
    expect_text(page, "3 of 9 runs are left out of all figures and tables: 1 unreadable, 2 not "
                      "begun.");
    expect_text(page, "late</th><td>1</td><td class=\"text\">not begun</td>");
    expect_text(page, "is of the options dd, and its arm has the options cc");
    expect_text(page, "9 in 3 arms, 6 finished");
    refuse_text(page, "There is no study.json");
    free(page);
    char *const csv = report_text("listed", "report/tables/summary.csv");
    expect_text(csv, "final-training-error,cortex,3,0,3.4"); /* (3.1 + 2.9 + 4.2) / 3 */
    refuse_text(csv, "backup");
    free(csv);
}

static void no_index_and_damaged_ones(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "{ not JSON",
        "[]",
        "{\"format\":\"other\"}",
        "{\"format\":\"ccrnn-study-1\",\"arms\":[],\"seeds\":[1]}",
        "{\"format\":\"ccrnn-study-1\",\"arms\":[{\"name\":\"a\",\"hash\":\"b\","
        "\"directory\":\"../a\"}],\"seeds\":[1]}",
        "{\"format\":\"ccrnn-study-1\",\"arms\":[{\"name\":\"a\",\"hash\":\"aa\","
        "\"directory\":\"cortex-aa\"}],\"seeds\":[-1]}"};
    struct ccrnn_error err;
    make_study("old");
    report_make("old", false);
    assert_false(report_outcome.indexed);
    char *const page = report_text("old", "report/report.html");
    expect_text(page, "There is no study.json in the directory, so all runs");
    free(page);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        write_text(scratch_path("old"), "study.json", damaged[i]);
        const enum ccrnn_status status = ccrnn_report_write(scratch_path("old"), NULL, &err);
        expect_error(status, CCRNN_FORMAT, &err, "old/study.json", "which runs the study has",
                     "run the study again", NULL);
    }
    write_text(scratch_path("old"), "study.json",
               "{\"format\":\"ccrnn-study-1\",\"arms\":[{\"name\":\"a\",\"hash\":\"b\","
               "\"directory\":\"a-b\"}],\"seeds\":[1]}");
    const enum ccrnn_status status = ccrnn_report_write(scratch_path("old"), NULL, &err);
    expect_error(status, CCRNN_USAGE, &err, "none of the 1 runs", "of no arm of it", NULL);
}

static void claims_that_cannot_be_read(void **state)
{
    (void)state;
    make_study("claims");
    write_text(scratch_path("claims"), "study.json",
               "{\"format\":\"ccrnn-study-1\",\"study\":\"s\",\"arms\":[{\"name\":\"cortex\","
               "\"hash\":\"aa\",\"directory\":\"cortex-aa\"}],\"seeds\":[1],"
               "\"claims\":[{\"name\":\"a\",\"direction\":\"up\"}]}");
    report_make("claims", false);
    char *page = report_text("claims", "report/report.html");
    expect_text(page, "The claims of this study cannot be shown: ");
    expect_text(page, "study.json: a claim&#39;s &quot;direction&quot;");
    free(page);
    write_text(scratch_path("claims"), "study.json",
               "{\"format\":\"ccrnn-study-1\",\"study\":\"s\",\"arms\":[{\"name\":\"cortex\","
               "\"hash\":\"aa\",\"directory\":\"cortex-aa\"}],\"seeds\":[1],"
               "\"claims\":[{\"name\":\"a<b>\\u001b\",\"direction\":\"below\",\"split\":"
               "\"validation\",\"p\":0.1,\"sides\":[{\"arm\":\"gone\",\"measure\":\"error\","
               "\"over\":\"last\"}],\"value\":1}]}");
    report_make("claims", false);
    page = report_text("claims", "report/report.html");
    expect_text(page, "<tr><th scope=\"row\">a&lt;b&gt; <br><small>");
    expect_text(page, "</th><td><strong>undecided</strong>");
    expect_text(page, "1 of 1 seeds are missing: gone, seed 1: not run");
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_that_cannot_be_read),
        cmocka_unit_test(whole_report),
        cmocka_unit_test(numbers),
        cmocka_unit_test(hostile_names),
        cmocka_unit_test(bad_directories),
        cmocka_unit_test(without_gnuplot),
        cmocka_unit_test(failing_gnuplot),
        cmocka_unit_test(unfinished_runs),
        cmocka_unit_test(different_seeds),
        cmocka_unit_test(preview),
        cmocka_unit_test(order_and_repetition),
        cmocka_unit_test(runs_of_the_study_alone),
        cmocka_unit_test(no_index_and_damaged_ones),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
