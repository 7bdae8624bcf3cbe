/* The report of image captioning: bits per word, scores, examples, the sweep of horizons. */
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

/* Differences 1, 0.9, 1.1, 1 between the seeds. */
static const double without[SEEDS] = {2, 2.5, 3, 3.5}, with[SEEDS] = {1, 1.6, 1.9, 2.5};

static struct made_run run_of(const char *study, const char *arm, const char *horizon, int seed,
                              double error, bool alone)
{
    return (struct made_run){.study = study,
                             .arm = arm,
                             .hash = "aa",
                             .seed = seed,
                             .status = "done",
                             .error = error,
                             .task = "captions",
                             .horizon = horizon,
                             .alone = alone};
}

static void make_arm_of(const char *study, const char *arm, const char *horizon,
                        const double *error, bool alone)
{
    for (int i = 0; i < SEEDS; i++) {
        const struct made_run run = run_of(study, arm, horizon, i + 1, error[i], alone);
        make_caption_run(&run);
    }
}

static void make_pair(const char *study)
{
    make_arm_of(study, "cRNN", "4", without, true);
    make_arm_of(study, "ccRNN", "4", with, false);
}

/* Write a file of one run anew; NULL: remove it. */
static void rewrite(const char *study, const char *arm, int seed, const char *name,
                    const char *text)
{
    const struct made_run run = run_of(study, arm, "4", seed, 0, false);
    char path[SCRATCH_PATH];
    if (text != NULL) {
        write_text(run_directory(&run), name, text);
        return;
    }
    (void)ccrnn_format(path, sizeof path, "%s/%s", run_directory(&run), name);
    assert_int_equal(unlink(path), 0);
}

static void summary_table(void **state)
{
    (void)state;
    /* 2, 2.5, 3, 3.5: mean, standard deviation with divisor 3, that over 2 */
    const double sd = 0.6454972243679028;
    const double loss[] = {4, 0, 2.75, sd, sd / 2}, speed[] = {4, 0, 7.5, 2 * sd, sd};
    const double start[] = {4, 0, 0.9 * 2.75, 0.9 * sd, 0.9 * sd / 2};
    const double bleu_4[] = {4, 0, 0.305, 0.1 * sd, 0.05 * sd};
    const double cider_d[] = {4, 0, 0.335, 0.1 * sd, 0.05 * sd};
    const double bleu_1[] = {4, 0, 0.275}, rouge_l[] = {4, 0, 0.315}, cider[] = {4, 0, 0.325};
    const double perplexity[] = {4, 0, (4 + exp2(2.5) + 8 + exp2(3.5)) / 4};
    const double accuracy[] = {4, 0, (1 / 3.0 + 1 / 3.5 + 1 / 4.0 + 1 / 4.5) / 4};
    const double epoch[] = {4, 0, 2, 0, 0};
    make_pair("numbers");
    report_make("numbers", false);
    char *const summary = report_text("numbers", "report/tables/summary.csv");
    expect_row(summary, "\ntest-bits-per-word,cRNN", loss, 5);
    expect_row(summary, "\nmean-validation-bits-per-word,cRNN", speed, 5);
    expect_row(summary, "\ntest-bits-per-word-with-start,cRNN", start, 5);
    expect_row(summary, "\nbleu-1,cRNN", bleu_1, 3);
    expect_row(summary, "\nbleu-4,cRNN", bleu_4, 5);
    expect_row(summary, "\nrouge-l,cRNN", rouge_l, 3);
    expect_row(summary, "\ncider,cRNN", cider, 3);
    expect_row(summary, "\ncider-d,cRNN", cider_d, 5);
    expect_row(summary, "\nperplexity,cRNN", perplexity, 3);
    expect_row(summary, "\nword-accuracy,cRNN", accuracy, 3);
    expect_row(summary, "\nbest-epoch,cRNN", epoch, 5);
    refuse_text(summary, "test-accuracy");
    refuse_text(summary, "beam-");
    free(summary);
}

static void comparisons_and_classes(void **state)
{
    (void)state;
    /* differences 1, 0.9, 1.1, 1: sd √(0.02/3), t = 1/(sd/2), dz = 1/sd; t(0.975; 3) = 3.182… */
    const double sd = sqrt(0.02 / 3), reach = 3.1824463052842629 * sd / 2;
    static const double p = 0.00014915720128493788; /* from the closed form for 3 df */
    const double loss[] = {4, 1, 1 - reach, 1 + reach, 2 / sd, 3, p, 1 / sd};
    const double score[] = {4, 0.1, 0.1 - 0.1 * reach, 0.1 + 0.1 * reach, 2 / sd, 3, p, 1 / sd};
    const double second[] = {4, 0, 4.75}, longest[] = {4, 0, 2.335};
    make_pair("classes");
    report_make("classes", false);
    char *const comparisons = report_text("classes", "report/tables/comparisons.csv");
    expect_row(comparisons, "\ntest-bits-per-word,cRNN,ccRNN", loss, 8);
    expect_row(comparisons, "\ncider-d,cRNN,ccRNN", score, 8);
    free(comparisons);
    char *const classes = report_text("classes", "report/tables/classes.csv");
    expect_row(classes, "\ntest-bits-per-word,cRNN,2", second, 3);
    expect_row(classes, "\ncider-d,cRNN,2", longest, 3);
    free(classes);
    char *const page = report_text("classes", "report/report.html");
    expect_text(page, "With the weights of each run’s best of 3 epochs the test loss in bits per "
                      "word (mean ± SEM) is 1.750 ± ");
    expect_text(page, "Lower is better. Paired over 4 seeds, <strong>cRNN</strong> − "
                      "<strong>ccRNN</strong> is 1.00 (95 % CI 0.870 to 1.13");
    expect_text(page, "long: cRNN − ccRNN</th><td>4</td><td>0.100</td><td>0.0870 to 0.113</td>"
                      "<td>24.5</td>");
    expect_text(page, "divided by ln 2");
    free(page);
}

static void figures(void **state)
{
    (void)state;
    static const char *const names[] = {"training-bits-curves",
                                        "validation-bits-curves",
                                        "word-accuracy-curves",
                                        "test-bits-per-word",
                                        "word-accuracy",
                                        "mean-validation-bits-per-word",
                                        "bleu-4",
                                        "rouge-l",
                                        "cider-d",
                                        "score-by-length",
                                        "loss-by-position",
                                        "more-scores"};
    static const char *const endings[] = {"svg", "pdf", "gp", "csv"};
    const size_t count = sizeof names / sizeof names[0];
    make_pair("figures");
    report_make("figures", true);
    for (size_t i = 0; i < count; i++) {
        for (size_t e = 0; e < 4; e++) {
            char name[128];
            (void)ccrnn_format(name, sizeof name, "report/figures/%s.%s", names[i], endings[e]);
            if (!report_has("figures", name))
                fail_msg("%s is missing", name);
        }
    }
    char *const page = report_text("figures", "report/report.html");
    assert_int_equal(count_text(page, "<svg"), count);
    expect_text(page, "unigram (knows how frequent each word is), 7.50 bits per word; bigram "
                      "(knows the word before only), 5.25 bits per word.");
    free(page);
    assert_false(report_has("figures", "report/figures/horizon.csv"));
    assert_false(report_has("figures", "report/figures/test-accuracy.csv"));
    assert_false(report_has("figures", "report/figures/accuracy-curves.csv"));
    assert_false(report_has("figures", "report/figures/example-captions.gp"));
}

/* What the figures of lengths, positions and word models are drawn from. */
static void figure_data(void **state)
{
    (void)state;
    const double sem = 0.6454972243679028 / 2;
    const double first[] = {4, 3.75, sem}, longest[] = {4, 2.335, 0.1 * sem};
    make_pair("data");
    report_make("data", false);
    char *text = report_text("data", "report/figures/loss-by-position.csv");
    expect_row(text, "\n1", first, 3);
    assert_int_equal(count_text(text, ",cRNN\n"), MADE_POSITIONS);
    free(text);
    text = report_text("data", "report/figures/score-by-length.csv");
    expect_row(text, "\n2", longest, 3);
    assert_int_equal(count_text(text, "cider-d,cRNN\n"), 3);
    assert_int_equal(count_text(text, "bleu-4,ccRNN\n"), 3);
    free(text);
    text = report_text("data", "report/figures/score-by-length-seeds.csv");
    assert_int_equal(count_text(text, "cider-d,cRNN\n"), 3 * SEEDS);
    free(text);
    text = report_text("data", "report/figures/validation-bits-curves.gp");
    expect_text(text, "set arrow from graph 0, first 7.5 to graph 1, first 7.5");
    expect_text(text, "set label 'bigram' at graph 0.99, first 5.25");
    free(text);
    text = report_text("data", "report/figures/training-bits-curves.gp");
    refuse_text(text, "bigram");
    free(text);
}

/* Word models of different values belong to different words: neither is drawn. */
static void word_models_that_differ(void **state)
{
    (void)state;
    make_pair("models");
    rewrite("models", "ccRNN", 3, "metrics.csv",
            "step,split,metric,value\n3,train,bits_per_word,3\n3,validation,bits_per_word,4\n"
            "3,test,unigram_bits_per_word,7.4\n3,test,bigram_bits_per_word,5.25\n");
    report_make("models", false);
    char *const script = report_text("models", "report/figures/validation-bits-curves.gp");
    refuse_text(script, "unigram");
    expect_text(script, "bigram");
    free(script);
    char *const page = report_text("models", "report/report.html");
    expect_text(page, "Word models on which the runs do not agree are not drawn.");
    free(page);
}

static void examples(void **state)
{
    (void)state;
    make_pair("examples");
    report_make("examples", false);
    char *const page = report_text("examples", "report/report.html");
    assert_int_equal(count_text(page, "class=\"example\""), 6);
    expect_text(page, "its lowest seed (1)");
    for (int i = 0; i < MADE_IMAGES; i++) {
        char name[64];
        (void)ccrnn_format(name, sizeof name, "<code>image-%d.jpg</code>", i);
        assert_int_equal(count_text(page, name), i % 2);
    }
    expect_text(page, "<code>image-5.jpg</code> (long)");
    expect_text(page, "<li>a &quot;dog&quot;, 5</li><li>&lt;i&gt;a cat&lt;/i&gt;</li>");
    expect_text(page, "cRNN</th><td class=\"wrap\">&lt;b&gt;cRNN&lt;/b&gt; &amp; 5</td>"
                      "<td>0.500</td><td>0.050</td>");
    expect_text(page, "ccRNN</th><td class=\"wrap\">&lt;b&gt;ccRNN&lt;/b&gt; &amp; 11</td>"
                      "<td>1.100</td><td>0.110</td>");
    assert_int_equal(count_text(page, "<i>nothing</i>"), 2);
    refuse_text(page, "<b>");
    refuse_text(page, "<i>a cat");
    refuse_text(page, "could not be read");
    free(page);
    char *const csv = report_text("examples", "report/figures/example-captions.csv");
    assert_int_equal(count_text(csv, "\n"), 1 + 6 * 2);
    expect_text(csv, "\nimage-5.jpg,long,1,<b>cRNN</b> & 5,0.05,0.5,\"a \"\"dog\"\", 5 | "
                     "<i>a cat</i>\",cRNN\n");
    free(csv);
}

/* Files that cannot be read: the next seed speaks, and how many were passed over is said. */
static void damaged_files(void **state)
{
    (void)state;
#define HEADER                                                                                   \
    "image,length_class,caption,bleu_1,bleu_2,bleu_3,bleu_4,rouge_l,cider,cider_d,references\n"
    static const char *const damaged[] = {
        NULL,
        "",
        HEADER,
        "image,caption\n1,a dog\n",
        HEADER "1,short,a dog,0,0,0,much,0,0,0,a cat\n",
        HEADER "1,short,a dog,0,0,0,0,0,0,,a cat\n",
        HEADER "1,short,a dog,0,0,0,0,0,0,0\n",
        HEADER "1,short,\"a dog,0,0,0,0,0,0,0,a cat\n",
        HEADER "1,short,a dog,0,0,0,0,0,0,0,a cat",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        make_pair("damaged");
        rewrite("damaged", "cRNN", 1, "captions.csv", damaged[i]);
        report_make("damaged", false);
        assert_int_equal(report_outcome.used, 2 * SEEDS);
        char *page = report_text("damaged", "report/report.html");
        expect_text(page, "The files of 1 run could not be read.");
        expect_text(page, "cRNN (seed 2)</th><td class=\"wrap\">&lt;b&gt;cRNN");
        expect_text(page, "ccRNN (seed 1)</th>");
        free(page);
        for (int seed = 2; seed <= 2 * SEEDS; seed++)
            rewrite("damaged", seed <= SEEDS ? "cRNN" : "ccRNN", (seed - 1) % SEEDS + 1,
                    "captions.csv", damaged[i]);
        report_make("damaged", false);
        page = report_text("damaged", "report/report.html");
        expect_text(page, "This figure is missing: the files of 8 runs could not be read.");
        refuse_text(page, "class=\"example\"");
        free(page);
        assert_false(report_has("damaged", "report/figures/example-captions.csv"));
    }
    make_pair("odd");
    rewrite("odd", "ccRNN", 1, "captions.csv",
            HEADER "image-1.jpg,short,<a>\xff\x01 dog,0,0,0,nan,0,0,7,x\n");
    report_make("odd", false);
    char *const page = report_text("odd", "report/report.html");
    expect_text(page, "&lt;a&gt;\xEF\xBF\xBD  dog</td><td>7.000</td><td>–</td>");
    assert_int_equal(count_text(page, "this image is not in the run’s file"), 5);
    free(page);
#undef HEADER
}

/* The row of the arm in a file whose rows end with the arm's name. */
static const char *row_of(const char *csv, const char *arm)
{
    char end[64];
    (void)ccrnn_format(end, sizeof end, ",%s\n", arm);
    const char *row = strstr(csv, end);
    assert_non_null(row);
    while (row > csv && row[-1] != '\n')
        row--;
    return row - 1;
}

static void sweep(void **state)
{
    (void)state;
    static const char *const horizons[] = {"3", "4", "5", "full"};
    const double sem = 0.6454972243679028 / 2;
    const double three[] = {2.75, sem, 4}, full[] = {2.75, sem, 4};
    /* mean validation bits are 2(e + 1) */
    const double ratio[] = {(2 / 3.0 + 2.6 / 3.5 + 2.9 / 4 + 3.5 / 4.5) / 4};
    for (int i = 0; i < 4; i++) {
        char name[64];
        (void)ccrnn_format(name, sizeof name, "cRNN horizon=%s", horizons[i]);
        make_arm_of("sweep", name, horizons[i], without, true);
        if (i == 0)
            continue;
        (void)ccrnn_format(name, sizeof name, "ccRNN horizon=%s", horizons[i]);
        make_arm_of("sweep", name, horizons[i], with, false);
    }
    report_make("sweep", true);
    char *text = report_text("sweep", "report/figures/horizon.csv");
    expect_row(row_of(text, "cRNN horizon=3"), "\n3", three, 3);
    expect_row(row_of(text, "cRNN horizon=full"), "\n15", full, 3);
    free(text);
    text = report_text("sweep", "report/figures/horizon-ratio.csv");
    expect_row(row_of(text, "ccRNN horizon=full"), "\n15", ratio, 1);
    assert_int_equal(count_text(text, ",cRNN"), 0);
    free(text);
    text = report_text("sweep", "report/figures/horizon.gp");
    expect_text(text, "\"15\\n100 %%\" 15");
    expect_text(text, "test loss (bits per word)");
    expect_text(text, "normalised loss");
    free(text);
    text = report_text("sweep", "report/report.html");
    expect_text(text, "cRNN horizon=4 − ccRNN horizon=4");
    refuse_text(text, "cRNN horizon=3 − ");
    /* examples of the first ccRNN's horizon only */
    expect_text(text, "those with the horizon K = 4.");
    assert_int_equal(count_text(text, "&lt;b&gt;cRNN horizon=4"), 5);
    assert_int_equal(count_text(text, "&lt;b&gt;ccRNN horizon=4"), 5);
    refuse_text(text, "&lt;b&gt;cRNN horizon=3");
    free(text);
}

static void beam_search(void **state)
{
    (void)state;
    const double bits[] = {1, 0, 2}, beam[] = {1, 0, 0.75};
    make_pair("beam");
    rewrite("beam", "cRNN", 1, "metrics.csv",
            "step,split,metric,value\n3,train,bits_per_word,3\n3,validation,bits_per_word,4\n"
            "3,test,bits_per_word,2\n3,test,beam_cider_d,0.75\n");
    for (int seed = 2; seed <= SEEDS; seed++)
        rewrite("beam", "cRNN", seed, "run.json", "{}");
    report_make("beam", false);
    char *const summary = report_text("beam", "report/tables/summary.csv");
    expect_row(summary, "\ntest-bits-per-word,cRNN", bits, 3);
    expect_row(summary, "\nbeam-cider-d,cRNN", beam, 3);
    refuse_text(summary, "beam-bleu-1");
    free(summary);
}

/* nan everywhere, drawn: gnuplot must not fail on it. */
static void values_not_defined(void **state)
{
    (void)state;
    for (int seed = 1; seed <= 2; seed++) {
        struct made_run run = run_of("nan", "cRNN horizon=3", "3", seed, NAN, true);
        run.unlucky = true;
        make_caption_run(&run);
        run = run_of("nan", "cRNN horizon=4", "4", seed, 2.0, true);
        run.unlucky = true;
        make_caption_run(&run);
    }
    report_make("nan", true);
    assert_false(report_has("nan", "report/figures/cider-d.csv"));
    assert_false(report_has("nan", "report/figures/score-by-length.csv"));
    assert_true(report_has("nan", "report/figures/loss-by-position.csv"));
    static const double missing[] = {0, 2, NAN};
    char *const summary = report_text("nan", "report/tables/summary.csv");
    expect_row(summary, "\ntest-bits-per-word,cRNN horizon=3", missing, 3);
    free(summary);
}

/* Runs at work: curves only. */
static void preview(void **state)
{
    (void)state;
    struct made_run run = run_of("preview", "cRNN", "4", 1, 2.0, true);
    run.status = "running";
    make_caption_run(&run);
    report_make("preview", false);
    assert_true(report_has("preview", "report/figures/validation-bits-curves.csv"));
    char *const page = report_text("preview", "report/report.html");
    refuse_text(page, "Example captions");
    refuse_text(page, "could not be read");
    refuse_text(page, "unigram");
    free(page);
}

/* Beside another task each keeps its own measures; what is no longer true is removed. */
static void beside_another_task(void **state)
{
    (void)state;
    make_pair("both");
    make_task_arm("both", "names", "visual-discrimination", "4", 1.0, 2, false);
    report_make("both", false);
    assert_true(report_has("both", "report/figures/captions-word-accuracy.csv"));
    assert_true(report_has("both", "report/figures/captions-example-captions.csv"));
    assert_true(report_has("both", "report/figures/visual-discrimination-test-accuracy.csv"));
    assert_false(report_has("both", "report/figures/visual-discrimination-word-accuracy.csv"));
    char *const page = report_text("both", "report/report.html");
    expect_text(page, "<h2 id=\"captions-task\">Image captioning</h2>");
    free(page);
    make_pair("both");
    make_task_arm("both", "cRNN", "visual-discrimination", "4", 1.0, SEEDS, false);
    make_task_arm("both", "ccRNN", "visual-discrimination", "4", 1.0, SEEDS, false);
    report_make("both", false);
    assert_false(report_has("both", "report/figures/captions-word-accuracy.csv"));
    assert_false(report_has("both", "report/figures/captions-example-captions.csv"));
    assert_false(report_has("both", "report/figures/captions-score-by-length-seeds.csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_table),
        cmocka_unit_test(comparisons_and_classes),
        cmocka_unit_test(figures),
        cmocka_unit_test(figure_data),
        cmocka_unit_test(word_models_that_differ),
        cmocka_unit_test(examples),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(sweep),
        cmocka_unit_test(beam_search),
        cmocka_unit_test(values_not_defined),
        cmocka_unit_test(preview),
        cmocka_unit_test(beside_another_task),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
