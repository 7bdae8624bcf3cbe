/* The report of studies with several tasks: sections, values per class, images, sweeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"

#include "made_runs.h"
#include "read_report.h"
#include "scratch.h"

#define SEEDS 4

static void make_tasks(const char *study)
{
    make_task_arm(study, "digits cRNN", "online-digit-drawing", "3", 2.0, SEEDS, true);
    make_task_arm(study, "digits ccRNN", "online-digit-drawing", "3", 1.0, SEEDS, false);
    make_task_arm(study, "lines cRNN", "online-line-drawing", "3", 3.0, SEEDS, true);
    make_task_arm(study, "names cRNN", "visual-discrimination", "3", 1.0, SEEDS, true);
    make_task_arm(study, "names ccRNN", "visual-discrimination", "3", 0.25, SEEDS, false);
}

/* Write a file of one run anew. */
static void rewrite(const char *study, const char *arm, int seed, const char *name,
                    const char *text)
{
    const struct made_run run = {.study = study, .arm = arm, .hash = "aa", .seed = seed};
    write_text(run_directory(&run), name, text);
}

static void expect_figures(const char *study, const char *prefix, const char *const *figures,
                           size_t count)
{
    static const char *const endings[] = {"svg", "pdf", "gp", "csv"};
    for (size_t i = 0; i < count; i++) {
        for (size_t e = 0; e < 4; e++) {
            char name[128];
            (void)ccrnn_format(name, sizeof name, "report/figures/%s%s.%s", prefix, figures[i],
                               endings[e]);
            if (!report_has(study, name))
                fail_msg("%s is missing", name);
        }
    }
}

static void sections(void **state)
{
    (void)state;
    static const char *const of_drawing[] = {
        "learning-curves",       "validation-curves",    "drawn-trajectories",
        "as-it-unfolds",         "final-training-error", "final-validation-error",
        "mean-validation-error", "end-point-error",      "roughness",
        "roughness-by-class",    "dysmetria-family"};
    static const char *const of_answers[] = {"training-likelihood-curves",
                                             "validation-likelihood-curves",
                                             "accuracy-curves",
                                             "as-it-unfolds",
                                             "final-validation-likelihood",
                                             "mean-validation-likelihood",
                                             "test-accuracy",
                                             "uncertainty",
                                             "uncertainty-by-class",
                                             "confusion-matrices"};
    const size_t drawings = sizeof of_drawing / sizeof of_drawing[0];
    const size_t answers = sizeof of_answers / sizeof of_answers[0];
    make_tasks("tasks");
    report_make("tasks", true);
    assert_int_equal(report_outcome.arms, 5);
    assert_int_equal(report_outcome.used, 5 * SEEDS);
    expect_figures("tasks", "online-digit-drawing-", of_drawing, drawings);
    expect_figures("tasks", "online-line-drawing-", of_drawing, drawings);
    expect_figures("tasks", "visual-discrimination-", of_answers, answers);
    assert_false(report_has("tasks", "report/figures/learning-curves.csv"));
    assert_false(report_has("tasks", "report/tables/summary.csv"));
    assert_false(report_has("tasks", "report/figures/visual-discrimination-roughness.csv"));
    char *const page = report_text("tasks", "report/report.html");
    assert_int_equal(count_text(page, "<svg"), 2 * drawings + answers);
    assert_int_equal(count_text(page, "class=\"summary\""), 3);
    expect_text(page, "<h2 id=\"visual-discrimination-task\">Online visual discrimination</h2>");
    expect_text(page, "digits cRNN − digits ccRNN");
    expect_text(page, "names cRNN − names ccRNN");
    refuse_text(page, "digits cRNN − lines");
    refuse_text(page, "digits ccRNN − names");
    free(page);
    char *const comparisons =
        report_text("tasks", "report/tables/online-digit-drawing-comparisons.csv");
    refuse_text(comparisons, "names");
    free(comparisons);
}

static void task_numbers(void **state)
{
    (void)state;
    /* errors 2, 2.5, 3, 3.5: numpy mean, std(ddof=1), the latter over 2, scipy t interval */
    static const double twos[] = {4, 0, 2.75, 0.6454972243679028, 0.3227486121839514};
    static const double twice[] = {4, 0, 7.5, 1.2909944487358056, 0.6454972243679028};
    static const double third[] = {4, 0, 4.75, 0.6454972243679028, 0.3227486121839514};
    static const double none[] = {0, 4, NAN, NAN, NAN, NAN, NAN};
    static const double right[] = {4, 0.8, 0}, wrong[] = {4, 0.2, 0}, never[] = {4, 0, 0};
    make_tasks("task-numbers");
    report_make("task-numbers", false);
    char *const summary =
        report_text("task-numbers", "report/tables/online-digit-drawing-summary.csv");
    expect_row(summary, "\nroughness,digits cRNN", twos, 5);
    expect_row(summary, "\ncurvature,digits cRNN", twos, 5);
    expect_row(summary, "\nmean-validation-error,digits cRNN", twice, 5);
    free(summary);
    char *const classes =
        report_text("task-numbers", "report/tables/online-digit-drawing-classes.csv");
    expect_row(classes, "\nroughness,digits cRNN,2", third, 5);
    expect_row(classes, "\nsparc,digits cRNN,0", none, 7);
    expect_row(classes, "\nsparc,digits cRNN,2", third, 5);
    free(classes);
    char *const matrix = report_text(
        "task-numbers", "report/figures/visual-discrimination-confusion-matrices.csv");
    expect_row(matrix, "\n1,1", right, 3);
    expect_row(matrix, "\n1,2", wrong, 3);
    expect_row(matrix, "\n1,0", never, 3);
    free(matrix);
}

static void sweep(void **state)
{
    (void)state;
    static const double one[] = {8.5, 1.2909944487358056 / 2, 4};
    static const double full[] = {2.5, 1.2909944487358056 / 2, 4};
    make_task_arm("sweep", "cRNN horizon=1", "online-digit-drawing", "1", 3.5, SEEDS, true);
    make_task_arm("sweep", "cRNN horizon=3", "online-digit-drawing", "3", 2.0, SEEDS, true);
    make_task_arm("sweep", "cRNN horizon=full", "online-digit-drawing", "full", 0.5, SEEDS, true);
    make_task_arm("sweep", "ccRNN horizon=1", "online-digit-drawing", "1", 1.0, SEEDS, false);
    make_task_arm("sweep", "ccRNN horizon=3", "online-digit-drawing", "3", 2.0, SEEDS, false);
    report_make("sweep", true);
    char *const errors = report_text("sweep", "report/figures/horizon.csv");
    expect_row(errors, "\n1", one, 3);
    expect_row(errors, "\n28", full, 3);
    free(errors);
    char *const ratios = report_text("sweep", "report/figures/horizon-ratio.csv");
    /* (e + 1) of ccRNN over (e + 1) of cRNN, seeds 1 to 4, at K = 1: mean of 2/4.5 … 3.5/6 */
    static const double ratio[] = {(2 / 4.5 + 2.5 / 5 + 3 / 5.5 + 3.5 / 6) / 4};
    static const double same[] = {1, 0, 4};
    expect_row(ratios, "\n3", same, 3);
    const char *cerebellum = strstr(ratios, "ccRNN horizon=1");
    assert_non_null(cerebellum);
    while (cerebellum > ratios && cerebellum[-1] != '\n')
        cerebellum--;
    expect_row(cerebellum - 1, "\n1", ratio, 1);
    free(ratios);
    char *const page = report_text("sweep", "report/report.html");
    expect_text(page, "Performance against feedback horizon");
    expect_text(page, "cRNN horizon=1 − ccRNN horizon=1");
    refuse_text(page, "cRNN horizon=1 − cRNN horizon=3");
    refuse_text(page, "cRNN horizon=1 − ccRNN horizon=3");
    free(page);
}

/* An arm of a sweep with clipping as given. */
static void make_clip_arm(const char *arm, const char *clip, const char *horizon, double error,
                          bool alone)
{
    make_task_run(&(struct made_run){.study = "controls",
                                     .arm = arm,
                                     .hash = "aa",
                                     .seed = 1,
                                     .status = "done",
                                     .error = error,
                                     .task = "online-digit-drawing",
                                     .horizon = horizon,
                                     .alone = alone,
                                     .clip = clip});
}

/* Each arm is divided by the control that is otherwise the same; one without a control has no ratio.
 * Validation errors of all epochs have the mean 2(error + 1). */
static void sweep_of_several_controls(void **state)
{
    (void)state;
    static const double clipped[] = {2.0 / 4}, free_of_clip[] = {5.0 / 10};
    make_clip_arm("cRNN horizon=1", "joint", "1", 3, true);
    make_clip_arm("cRNN horizon=2", "joint", "2", 3, true);
    make_clip_arm("free cRNN horizon=1", "none", "1", 9, true);
    make_clip_arm("ccRNN horizon=1", "separate", "1", 1, false);
    make_clip_arm("free ccRNN horizon=1", "none", "1", 4, false);
    make_clip_arm("free ccRNN horizon=2", "none", "2", 4, false);
    report_make("controls", false);
    char *const ratios = report_text("controls", "report/figures/horizon-ratio.csv");
    char *const free_arm = strstr(ratios, "free ccRNN horizon=1");
    assert_non_null(free_arm);
    assert_non_null(strstr(ratios, ",ccRNN horizon=1"));
    refuse_text(ratios, "free ccRNN horizon=2");
    assert_int_equal(count_text(ratios, "ccRNN horizon="), 2 * count_text(ratios, "free ccRNN"));
    char *line = free_arm;
    while (line > ratios && line[-1] != '\n')
        line--;
    expect_row(line - 1, "\n1", free_of_clip, 1);
    line = strstr(ratios, ",ccRNN horizon=1");
    while (line > ratios && line[-1] != '\n')
        line--;
    expect_row(line - 1, "\n1", clipped, 1);
    free(ratios);
}

/* Runs that ended at different epochs: the page says so. */
static void uneven_runs(void **state)
{
    (void)state;
    for (int seed = 1; seed <= 3; seed++)
        make_task_run(&(struct made_run){.study = "uneven",
                                         .arm = "digits",
                                         .hash = "aa",
                                         .seed = seed,
                                         .status = "done",
                                         .error = 1.0,
                                         .task = "online-digit-drawing",
                                         .epoch = 4 + seed});
    report_make("uneven", false);
    char *const page = report_text("uneven", "report/report.html");
    expect_text(page, "After 5 to 7 epochs, each run at its own last one, the ");
    free(page);
}

/* More classes than any figure could show: the run counts, without values per class. */
static void many_classes(void **state)
{
    (void)state;
    static char text[1 << 19];
    size_t length = 0;
    length += (size_t)sprintf(text, "step,split,metric,value\n3,train,error,2\n"
                                    "3,validation,error,3\n");
    for (int k = 0; k < 10001; k++)
        length += (size_t)sprintf(text + length, "3,test,roughness.%d,1\n", k - 5000);
    (void)sprintf(text + length, "3,test,roughness,7\n");
    make_task_arm("many", "digits", "line-drawing", NULL, 1.0, 1, false);
    rewrite("many", "digits", 1, "metrics.csv", text);
    report_make("many", false);
    assert_int_equal(report_outcome.broken, 0);
    assert_int_equal(report_outcome.used, 1);
    static const double seven[] = {1, 0, 7};
    char *const summary = report_text("many", "report/tables/summary.csv");
    expect_row(summary, "\nroughness,digits", seven, 3);
    free(summary);
    assert_false(report_has("many", "report/figures/roughness-by-class.csv"));
}

/* Images of one and of two steps: every moment shown is another. */
static void short_trials(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "trial,cue,t,digit,probability\n0,0,0,0,0.5\n0,0,0,1,0.5\n",
        "trial,cue,t,digit,probability\n0,0,0,0,0.5\n0,0,0,1,0.5\n"
        "0,0,1,0,0.25\n0,0,1,1,0.75\n"};
    static char images[4096];
    for (int i = 0; i < 2; i++) {
        size_t length = (size_t)sprintf(images, "trial,cue,t,pixels");
        for (int pixel = 0; pixel < 784; pixel++) {
            const bool first = pixel % (784 / (i + 1)) == 0;
            if (first)
                length += (size_t)sprintf(images + length, "\n0,0,%d,", pixel > 0);
            length += (size_t)sprintf(images + length, "%s%d", first ? "" : " ", pixel % 9);
        }
        (void)sprintf(images + length, "\n");
        make_task_arm("short", "names", "visual-discrimination", NULL, 1.0, 1, false);
        rewrite("short", "names", 1, "images.csv", images);
        rewrite("short", "names", 1, "answers.csv", answers[i]);
        report_make("short", true);
        char *const script = report_text("short", "report/figures/as-it-unfolds.gp");
        assert_int_equal(count_text(script, "'t = 1'"), 1);
        assert_int_equal(count_text(script, "'t = 2'"), i);
        refuse_text(script, "'t = 0'");
        free(script);
    }
}

/* Nothing to sweep: no figure of horizons. */
static void no_sweep(void **state)
{
    (void)state;
    make_task_arm("level", "cRNN", "online-line-drawing", "3", 2.0, SEEDS, true);
    make_task_arm("level", "ccRNN", "online-line-drawing", "3", 1.0, SEEDS, false);
    report_make("level", false);
    assert_false(report_has("level", "report/figures/horizon.csv"));
    assert_true(report_has("level", "report/figures/as-it-unfolds.csv"));
    assert_true(report_has("level", "report/tables/classes.csv"));
}

static void damaged_files(void **state)
{
    (void)state;
    static const char *const images[] = {
        "",
        "trial,cue,t,pixels\n",
        "trial,cue,t,pixels\n0,0,0,1 2 3\n",
        "trial,cue,t,pixels\n0,0,0,256\n",
        "trial,cue,t,pixels\n0,0,0,1  2\n",
        "trial,cue,t,pixels\n0,0,0,\n",
        "trial,cue,t,pixels\n0,0,0,-1\n",
        "trial,cue,t,pixels\n0,0,7,1\n",
        "trial,cue,t,pixels\n0,0,0,1\n0,1,1,1\n",
        "trial,cue,t,pixels\nx,0,0,1\n",
        "trial,cue\n0,0\n",
    };
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        make_task_arm("damaged", "names", "visual-discrimination", NULL, 1.0, 1, false);
        rewrite("damaged", "names", 1, "images.csv", images[i]);
        report_make("damaged", false);
        char *const page = report_text("damaged", "report/report.html");
        expect_text(page, "This figure is missing: the files of 1 run could not be read.");
        free(page);
        assert_false(report_has("damaged", "report/figures/as-it-unfolds.csv"));
    }
}

static void damaged_outputs(void **state)
{
    (void)state;
    make_task_arm("outputs", "names", "visual-discrimination", NULL, 1.0, 2, false);
    rewrite("outputs", "names", 1, "answers.csv",
            "trial,cue,t,digit,probability\n0,0,0,0,zero\n");
    report_make("outputs", false);
    char *page = report_text("outputs", "report/report.html");
    /* the second seed speaks for the arm */
    expect_text(page, "Test images of seed 2");
    expect_text(page, "The files of 1 run could not be read.");
    free(page);
    make_task_arm("undrawn", "digits", "online-digit-drawing", NULL, 1.0, 1, false);
    rewrite("undrawn", "digits", 1, "drawings.csv",
            "trial,cue,t,target_x,target_y,output_x,output_y\n0,0,0,1,1\n");
    report_make("undrawn", false);
    page = report_text("undrawn", "report/report.html");
    assert_int_equal(count_text(page, "This figure is missing"), 2);
    free(page);
}

/* nan everywhere, drawn: gnuplot must not fail on it. */
static void values_not_defined(void **state)
{
    (void)state;
    for (int task = 0; task < 2; task++) {
        for (int seed = 1; seed <= 2; seed++)
            make_task_run(&(struct made_run){.study = "nan",
                                             .arm = task == 0 ? "digits" : "names",
                                             .hash = "aa",
                                             .seed = seed,
                                             .status = "done",
                                             .error = task == 0 && seed == 1 ? NAN : 1.0,
                                             .task = task == 0 ? "online-digit-drawing"
                                                               : "visual-discrimination",
                                             .unlucky = true});
    }
    rewrite("nan", "digits", 2, "drawings.csv",
            "trial,cue,t,target_x,target_y,output_x,output_y\n0,0,0,nan,nan,nan,inf\n"
            "0,0,1,nan,nan,nan,-inf\n");
    report_make("nan", true);
    static const double missing[] = {1, 1, 1};
    char *const summary = report_text("nan", "report/tables/online-digit-drawing-summary.csv");
    expect_row(summary, "\nroughness,digits", missing, 3);
    refuse_text(summary, "\nsparc,");
    free(summary);
    char *const answers = report_text("nan", "report/tables/visual-discrimination-summary.csv");
    refuse_text(answers, "\nuncertainty,");
    free(answers);
}

static void odd_metrics(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "3,test,roughness.,1\n",      "3,test,roughness.x,1\n",
        "3,test,roughness.1.2,1\n",   "3,test,confusion.1,1\n",
        "3,test,confusion.1.2.3,1\n", "3,test,.1,1\n",
        "3,test,roughness.-,1\n",     "3,test,roughness.99999999999999999999,1\n"};
    char text[1024] = "step,split,metric,value\n1,train,error,1\n3,test,roughness,4\n"
                      "3,test,roughness.-2,5\n";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        strcat(text, rows[i]);
    make_task_arm("odd", "digits", "line-drawing", NULL, 1.0, 1, false);
    rewrite("odd", "digits", 1, "metrics.csv", text);
    report_make("odd", false);
    static const double five[] = {1, 0, 5};
    char *const classes = report_text("odd", "report/tables/classes.csv");
    assert_int_equal(count_text(classes, "\n"), 2);
    expect_row(classes, "\nroughness,digits,-2", five, 3);
    free(classes);
    strcat(text, "3,test,roughness.-2,6\n");
    rewrite("odd", "digits", 1, "metrics.csv", text);
    report_make("odd", false);
    assert_int_equal(report_outcome.broken, 1);
}

static void unknown_tasks(void **state)
{
    (void)state;
    make_task_arm("unknown", "one %n %s", "../../canary", NULL, 1.0, 1, false);
    make_task_arm("unknown", "two", "<b>bold</b>", NULL, 1.0, 1, false);
    report_make("unknown", true);
    assert_true(report_has("unknown", "report/figures/task-1-learning-curves.svg"));
    assert_true(report_has("unknown", "report/figures/task-2-learning-curves.svg"));
    char *const page = report_text("unknown", "report/report.html");
    expect_text(page, "Unknown task ../../canary");
    expect_text(page, "&lt;b&gt;bold&lt;/b&gt;");
    refuse_text(page, "<b>");
    free(page);
}

/* A task whose runs are all at work is shown as it is so far, beside one that is done. */
static void preview_of_a_task(void **state)
{
    (void)state;
    make_task_arm("half", "digits", "online-digit-drawing", NULL, 1.0, 3, false);
    make_task_run(&(struct made_run){.study = "half",
                                     .arm = "names",
                                     .hash = "aa",
                                     .seed = 1,
                                     .status = "running",
                                     .error = 1.0,
                                     .task = "visual-discrimination"});
    report_make("half", false);
    assert_int_equal(report_outcome.used, 4);
    char *const page = report_text("half", "report/report.html");
    expect_text(page, "Preview: no run of this task is finished yet.");
    expect_text(page, "1 of 4 runs is not finished");
    expect_text(page, "visual-discrimination-learning");
    refuse_text(page, "visual-discrimination-results");
    free(page);
    assert_false(report_has("half", "report/tables/visual-discrimination-summary.csv"));
}

/* From several tasks to one: files of the earlier report are gone. */
static void stale_files(void **state)
{
    (void)state;
    make_task_arm("stale", "digits", "online-digit-drawing", NULL, 1.0, 1, false);
    make_task_arm("stale", "names", "visual-discrimination", NULL, 1.0, 1, false);
    report_make("stale", false);
    static const char *const names[] = {
        "report/figures/visual-discrimination-as-it-unfolds-outputs.csv",
        "report/figures/visual-discrimination-confusion-matrices.gp",
        "report/tables/visual-discrimination-classes.csv",
        "report/figures/online-digit-drawing-roughness.csv"};
    for (size_t i = 0; i < 4; i++)
        assert_true(report_has("stale", names[i]));
    make_task_arm("stale", "names", "online-digit-drawing", NULL, 1.0, 1, false);
    report_make("stale", false);
    for (size_t i = 0; i < 4; i++)
        assert_false(report_has("stale", names[i]));
    assert_true(report_has("stale", "report/figures/roughness.csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections),
        cmocka_unit_test(task_numbers),
        cmocka_unit_test(sweep),
        cmocka_unit_test(sweep_of_several_controls),
        cmocka_unit_test(uneven_runs),
        cmocka_unit_test(many_classes),
        cmocka_unit_test(short_trials),
        cmocka_unit_test(no_sweep),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(damaged_outputs),
        cmocka_unit_test(values_not_defined),
        cmocka_unit_test(odd_metrics),
        cmocka_unit_test(unknown_tasks),
        cmocka_unit_test(preview_of_a_task),
        cmocka_unit_test(stale_files),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
