/* The figures of the paper: their numbers, and that gnuplot draws them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "report/paper.h"

#include "made_runs.h"
#include "read_report.h"
#include "scratch.h"

#define SEEDS 4
#define OUT "paper"

/* Validation errors at the last epoch, by seed. */
static const double CORTEX[SEEDS] = {6.2, 5.8, 8.4, 7.2};
static const double CEREBELLUM[SEEDS] = {2.0, 3.0, 1.8, 2.8};

/* --- made runs ----------------------------------------------------------------------------- */

/* One run more of an arm: validation errors 4e, 2e, e at epochs 1 to 3 and test roughness e/10. */
static void add_run(const char *study, const char *arm, const char *hash, int seed, double error,
                    const char *settings, const char *rows)
{
    const struct made_run run = {.study = study,
                                 .arm = arm,
                                 .hash = hash,
                                 .seed = seed,
                                 .status = "done",
                                 .error = error,
                                 .drawings = true};
    char text[8192];
    make_run(&run);
    (void)ccrnn_format(text, sizeof text, "task: line-drawing\nsteps: 10\nhidden: 50\n%s",
                       settings);
    write_text(run_directory(&run), "config.yaml", text);
    (void)ccrnn_format(text, sizeof text,
                       "step,split,metric,value\n1,validation,error,%.9g\n"
                       "2,validation,error,%.9g\n3,validation,error,%.9g\n"
                       "3,test,roughness,%.9g\n%s",
                       4.0 * error, 2.0 * error, error, 0.1 * error, rows);
    write_text(run_directory(&run), "metrics.csv", text);
}

static void add_arm(const char *study, const char *arm, const char *hash, const double *error,
                    double scale, const char *settings, const char *rows)
{
    for (int i = 0; i < SEEDS; i++)
        add_run(study, arm, hash, i + 1, scale * error[i], settings, rows);
}

/* --- results ------------------------------------------------------------------------------- */

static enum ccrnn_status draw(const char *figure, const char *study, struct ccrnn_error *err)
{
    char out[SCRATCH_PATH], directory[SCRATCH_PATH];
    (void)ccrnn_format(directory, sizeof directory, "%s", scratch_path(study));
    (void)ccrnn_format(out, sizeof out, "%s/" OUT, directory);
    return ccrnn_paper_figure_write(figure, directory, out, err);
}

static void draw_well(const char *figure, const char *study)
{
    static const char *const endings[] = {"csv", "gp", "svg", "pdf", "png", "txt"};
    struct ccrnn_error err = {.message = ""};
    const enum ccrnn_status status = draw(figure, study, &err);
    if (status == CCRNN_UNSUPPORTED) {
        print_message("# SKIP gnuplot is not installed, so no figure was drawn\n");
        skip();
    }
    if (status != CCRNN_OK)
        fail_msg("%s: %s", figure, err.message);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char name[128];
        (void)ccrnn_format(name, sizeof name, OUT "/%s.%s", figure, endings[i]);
        if (!report_has(study, name))
            fail_msg("%s is missing", name);
    }
    assert_false(report_has(study, OUT "/gnuplot.log"));
}

static char *text_of(const char *study, const char *name)
{
    char path[128];
    (void)ccrnn_format(path, sizeof path, OUT "/%s", name);
    return report_text(study, path);
}

/* The fields of a row that ends in `tail` and begins with x (NaN: any). */
static void expect(const char *csv, double x, const char *tail, const double *expected,
                   size_t count)
{
    for (const char *row = csv; row != NULL && *row != '\0'; row = strchr(row, '\n') + 1) {
        char line[512], *field = line, *end;
        const size_t length = strcspn(row, "\n");
        assert_true(length < sizeof line);
        memcpy(line, row, length);
        line[length] = '\0';
        if (length < strlen(tail) || strcmp(line + length - strlen(tail), tail) != 0)
            continue;
        const double at = strtod(field, &end);
        if (!isnan(x) && !(fabs(at - x) <= 1e-9 * fmax(1.0, fabs(x))))
            continue;
        for (size_t i = 0; i < count; i++) {
            field = strchr(field, ',') + 1;
            const double found = strtod(field, &end);
            assert_ptr_not_equal(end, field);
            if (isnan(expected[i]) != isnan(found) ||
                fabs(found - expected[i]) > 1e-8 * fabs(expected[i]))
                fail_msg("%s at %g: value %zu is %.12g, expected %.12g", tail, x, i, found,
                         expected[i]);
        }
        return;
    }
    fail_msg("no row at %g that ends in %s", x, tail);
}

#define EXPECT(csv, x, tail, ...)                                                                \
    expect(csv, x, tail, (const double[]){__VA_ARGS__},                                          \
           sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

/* --- tests --------------------------------------------------------------------------------- */

static void make_horizons(const char *study)
{
    add_arm(study, "cRNN horizon=1", "a1", CORTEX, 1.0, "cerebellum: none\nhorizon: 1\n", "");
    add_arm(study, "ccRNN horizon=1", "b1", CEREBELLUM, 1.0, "horizon: 1\n", "");
    add_arm(study, "cRNN horizon=full", "a2", CORTEX, 0.1, "cerebellum: none\nhorizon: full\n",
            "");
    add_arm(study, "ccRNN horizon=full", "b2", CEREBELLUM, 0.5, "horizon: full\n", "");
    add_arm(study, "ccRNN end zero horizon=full", "c2", CEREBELLUM, 0.4, "horizon: full\n", "");
}

/* numpy: mean, std(ddof=1)/√n; scipy: stats.t.ppf, stats.ttest_rel(CEREBELLUM, CORTEX). */
static void figure_2(void **state)
{
    (void)state;
    make_horizons("two");
    draw_well("fig2", "two");
    char *const csv = text_of("two", "fig2.csv");
    /* A: the arms at a tenth of the sequence, and full backpropagation */
    EXPECT(csv, 3, ",mean,A,cRNN horizon=1", 6.9, 6.9 - 0.5802298395176403,
           6.9 + 0.5802298395176403, 4);
    EXPECT(csv, 1, ",mean,A,ccRNN horizon=1", 9.6, 9.6 - 1.1775681155103796,
           9.6 + 1.1775681155103796, 4);
    EXPECT(csv, 2, ",mean,A,cRNN horizon=full", 1.38, 1.38 - 0.11604596790352805,
           1.38 + 0.11604596790352805, 4);
    /* C: 95 % confidence intervals of a tenth of the errors, and their test */
    EXPECT(csv, 1, ",mean,C,cRNN horizon=1", 0.69, 0.5053449691011403, 0.8746550308988597, 4);
    EXPECT(csv, 1, ",seed,C,cRNN horizon=1", 0.62, NAN, NAN);
    EXPECT(csv, 1, ",pair,C,cRNN horizon=1", 0.62, NAN, NAN);
    EXPECT(csv, 1.5, ",p,C,ccRNN horizon=1", 0.010549556639648478, NAN, NAN, 4);
    EXPECT(csv, 1.5, ",difference,C,ccRNN horizon=1", -0.45, -0.6999115461463175,
           -0.20008845385368246, 4);
    /* D: percent of ten steps; the level is the cortex alone with K = T */
    EXPECT(csv, 10, ",mean,D,ccRNN horizon=1", 2.4, 2.4 - 0.2943920288775949,
           2.4 + 0.2943920288775949, 4);
    EXPECT(csv, 100, ",mean,D,ccRNN end zero horizon=full", 0.96);
    EXPECT(csv, 10, ",p,D,ccRNN horizon=1", 0.010549556639648478);
    EXPECT(csv, NAN, ",level,D,cRNN horizon=full", 0.69, 0.69 - 0.05802298395176403,
           0.69 + 0.05802298395176403, 4);
    free(csv);
    char *const caption = text_of("two", "fig2.txt");
    expect_text(caption, "paired t-test");
    expect_text(caption, "20 of 20 runs");
    expect_text(caption, "cRNN horizon=1 seed 1, ccRNN horizon=1 seed 1");
    refuse_text(caption, "Not run.");
    free(caption);
    assert_true(report_has("two", OUT "/fig2-drawings.csv"));
}

/* The median of an even number is the lower of the two in the middle: 6.2 of CORTEX, 2.0. */
static void missing_panels(void **state)
{
    (void)state;
    add_arm("few", "ccRNN", "b1", CEREBELLUM, 1.0, "horizon: 1\n", "");
    for (int seed = 1; seed <= SEEDS; seed++)
        write_text(run_directory(&(struct made_run){
                       .study = "few", .arm = "ccRNN", .hash = "b1", .seed = seed}),
                   "drawings.csv", "trial,cue\n1,2\n");
    draw_well("fig2", "few");
    char *const caption = text_of("few", "fig2.txt");
    assert_int_equal(count_text(caption, "Not run."), 1);
    free(caption);
    char *const script = text_of("few", "fig2.gp");
    assert_int_equal(count_text(script, "'not run'"), 1);
    free(script);
    char *const csv = text_of("few", "fig2.csv");
    refuse_text(csv, ",p,");
    free(csv);
}

static void damaged_runs(void **state)
{
    (void)state;
    make_horizons("damaged");
    const struct made_run run = {
        .study = "damaged", .arm = "cRNN horizon=1", .hash = "a1", .seed = 2};
    write_text(run_directory(&run), "metrics.csv", "step,split,metric,value\n1,valid");
    add_run("damaged", "cRNN horizon=1", "a1", 3, NAN, "cerebellum: none\nhorizon: 1\n", "");
    draw_well("fig2", "damaged");
    char *const csv = text_of("damaged", "fig2.csv");
    EXPECT(csv, 10, ",mean,D,cRNN horizon=1", 6.7, 6.2, 7.2, 2);
    EXPECT(csv, 10, ",p,D,ccRNN horizon=1", NAN, NAN, NAN, 2);
    free(csv);
    char *const script = text_of("damaged", "fig2.gp");
    expect_text(script, "'n = 2 to 4'");
    free(script);
    char *const caption = text_of("damaged", "fig2.txt");
    expect_text(caption, "19 of 20 runs");
    free(caption);
}

static void refused(void **state)
{
    (void)state;
    struct ccrnn_error err;
    enum ccrnn_status status = draw("fig9", "nowhere", &err);
    expect_error(status, CCRNN_USAGE, &err, "fig9", "fig2", "sparsity", NULL);
    status = draw("fig2", "nowhere", &err);
    expect_error(status, CCRNN_USAGE, &err, "nowhere", "no such directory", NULL);
    add_arm("other", "cRNN", "a1", CORTEX, 1.0, "cerebellum: none\nhorizon: 1\n", "");
    static const char *const needy[] = {"fig4", "fig5", "fig6", "fig7", "fig8", "sparsity"};
    for (size_t i = 0; i < sizeof needy / sizeof needy[0]; i++) {
        status = draw(needy[i], "other", &err);
        expect_error(status, CCRNN_USAGE, &err, "other", needy[i], "docs/figures.md", NULL);
    }
    assert_false(report_has("other", OUT "/fig7.csv"));
    assert_false(report_has("other", OUT "/fig5-steps.csv"));
}

static void figure_4(void **state)
{
    (void)state;
    add_arm("four", "cRNN interval=1", "a1", CORTEX, 1.0, "cerebellum: none\ninterval: 1\n", "");
    add_arm("four", "ccRNN interval=1", "b1", CEREBELLUM, 1.0, "interval: 1\n", "");
    add_arm("four", "cRNN interval=5", "a5", CORTEX, 1.0, "cerebellum: none\ninterval: 5\n", "");
    add_arm("four", "ccRNN interval=5", "b5", CORTEX, 0.5, "interval: 5\n", "");
    draw_well("fig4", "four");
    char *const csv = text_of("four", "fig4.csv");
    EXPECT(csv, 1, ",mean,A,cRNN interval=1", 6.9);
    EXPECT(csv, 1, ",mean,B,ccRNN interval=1", -4.5, -6.999115461463175, -2.0008845385368246, 4);
    EXPECT(csv, 1, ",seed,B,ccRNN interval=1", -4.2);
    /* means over epochs are 7/3 of the errors, and so have the errors' ratios */
    EXPECT(csv, 1, ",seed,C,ccRNN interval=1", 2.0 / 6.2);
    EXPECT(csv, 5, ",mean,C,ccRNN interval=5", 0.5);
    free(csv);
}

#define PROBE(step, value)                                                                       \
#step ",validation,similarity_target," #value "\n" #step                                     \
          ",validation,similarity_true,0.25\n" #step                                             \
          ",validation,similarity_target.0,-0.5\n" #step                                         \
          ",validation,similarity_target.1," #value "\n" #step                                   \
          ",validation,similarity_true.0,0.125\n" #step ",validation,coupling,0.3\n" #step       \
          ",validation,coupling.q10,0.1\n" #step ",validation,coupling.q25,0.2\n" #step          \
          ",validation,coupling.q50,0.3\n" #step ",validation,coupling.q75,0.4\n" #step          \
          ",validation,coupling.q90,0.5\n" #step ",validation,coupling_shift," #value "\n" #step \
          ",validation,granule_pairwise_correlation,0.4\n" #step                                 \
          ",validation,granule_population_correlation,0.2\n"

static const char probe[] = PROBE(0, 0) PROBE(2, 0.5) PROBE(3, 0.75);

static void probes(void **state)
{
    (void)state;
    add_arm("probes", "ccRNN", "b1", CEREBELLUM, 1.0, "horizon: 1\n", probe);
    add_arm("probes", "fixed cortex", "c1", CORTEX, 1.0, "horizon: 1\n", probe);
    draw_well("fig5", "probes");
    char *csv = text_of("probes", "fig5.csv");
    EXPECT(csv, 0, ",mean,A,ccRNN", 0, 0, 0, 4);
    EXPECT(csv, 2, ",mean,A,ccRNN", 0.5, 0.5, 0.5, 4);
    free(csv);
    csv = text_of("probes", "fig5-steps.csv");
    /* epoch 2 reaches halfway to its neighbours 0 and 3, step 1 half a step on either side */
    EXPECT(csv, 2, ",similarity_target,B,ccRNN", 0, 1, 2.5, -0.5, 0.5, -0.5, 4);
    EXPECT(csv, 3, ",similarity_true,C,ccRNN", 0, 2.5, 3.5, -0.5, 0.5, 0.125, 4);
    free(csv);
    draw_well("fig6", "probes");
    csv = text_of("probes", "fig6.csv");
    EXPECT(csv, 2, ",mean,A,fixed cortex", 0.3, 0.3, 0.3, 4);
    EXPECT(csv, 0.24, ",q10 to q90,B,ccRNN", 0.3, 0.1, 0.5, 4);
    EXPECT(csv, 1.24, ",q25 to q75,B,ccRNN", 0.3, 0.2, 0.4, 4);
    EXPECT(csv, 3, ",mean,C,ccRNN", 0.75, 0.75, 0.75, 4);
    free(csv);
    char *const script = text_of("probes", "fig6.gp");
    expect_text(script, "'0' 0, '2' 1, '3' 2");
    free(script);
}

static void figure_7(void **state)
{
    (void)state;
    add_arm("seven", "cRNN", "a", CORTEX, 2.0, "cerebellum: none\n", "");
    add_arm("seven", "ccRNN", "b", CEREBELLUM, 1.0, "", "");
    add_arm("seven", "cerebellum intervention_from=1", "c", CORTEX, 1.0, "intervention_from: 1\n",
            "");
    add_arm("seven", "cerebellum intervention_from=2", "d", CEREBELLUM, 1.5,
            "intervention_from: 2\n", "");
    draw_well("fig7", "seven");
    char *const csv = text_of("seven", "fig7.csv");
    EXPECT(csv, 1, ",mean,A,cerebellum intervention_from=1", 6.9, 6.9 - 0.5802298395176403,
           6.9 + 0.5802298395176403, 4);
    EXPECT(csv, 1, ",difference,A,cerebellum intervention_from=1", 4.5);
    EXPECT(csv, 1, ",p,A,cerebellum intervention_from=1", 0.010549556639648478);
    EXPECT(csv, NAN, ",level,A,cRNN", 13.8);
    EXPECT(csv, 3, ",mean,B,cerebellum intervention_from=2", 3.6);
    free(csv);
    char *const caption = text_of("seven", "fig7.txt");
    expect_text(caption, "C  olive lesion:  Not run.");
    free(caption);
}

static void widths_and_fibres(void **state)
{
    (void)state;
    add_arm("wide", "cRNN", "a", CORTEX, 1.0, "cerebellum: none\n", "");
    add_arm("wide", "ccRNN granule_units=50", "b", CEREBELLUM, 2.0,
            "granule_units: [50]\ncell: lstm\n", "");
    add_arm("wide", "ccRNN granule_units=400", "c", CEREBELLUM, 1.0,
            "granule_units: [400]\ncell: lstm\n", "");
    draw_well("expansion", "wide");
    char *csv = text_of("wide", "expansion.csv");
    EXPECT(csv, 0.5, ",mean,A,ccRNN granule_units=50", 4.8);
    EXPECT(csv, 4, ",mean,A,ccRNN granule_units=400", 2.4);
    EXPECT(csv, NAN, ",level,A,cRNN", 6.9);
    free(csv);
    add_arm("sparse", "ccRNN mossy_fibres=1", "b", CEREBELLUM, 2.0, "mossy_fibres: 1\n", probe);
    add_arm("sparse", "ccRNN mossy_fibres=0", "c", CEREBELLUM, 1.0, "mossy_fibres: 0\n", probe);
    draw_well("sparsity", "sparse");
    csv = text_of("sparse", "sparsity.csv");
    EXPECT(csv, 100, ",mean,A,ccRNN mossy_fibres=0", 2.4);
    EXPECT(csv, 1, ",mean,B,ccRNN mossy_fibres=1", 0.4, 0.4, 0.4, 4);
    free(csv);
}

/* Tasks of make_task_run: the validation error at the last epoch is twice its error. */
static void figure_3(void **state)
{
    (void)state;
    static const char *const task[][2] = {{"lines", "online-line-drawing"},
                                          {"digits", "online-digit-drawing"},
                                          {"names", "visual-discrimination"}};
    for (size_t i = 0; i < 3; i++) {
        char arm[64];
        (void)ccrnn_format(arm, sizeof arm, "%s cRNN", task[i][0]);
        make_task_arm("three", arm, task[i][1], "3", 2.0, 3, true);
        (void)ccrnn_format(arm, sizeof arm, "%s ccRNN", task[i][0]);
        make_task_arm("three", arm, task[i][1], "3", 1.0, 3, false);
    }
    draw_well("fig3", "three");
    char *const csv = text_of("three", "fig3.csv");
    EXPECT(csv, 3, ",mean,A,lines cRNN", 5.0, 5.0 - 0.5773502691896258, 5.0 + 0.5773502691896258,
           3);
    EXPECT(csv, 2, ",mean,E,digits ccRNN", 1.5);
    EXPECT(csv, 1, ",mean,H,names cRNN", 2.5);
    EXPECT(csv, MADE_STEPS, ",mean,I,names ccRNN", 0.5, 0.5, 0.5, 3);
    free(csv);
    char *const caption = text_of("three", "fig3.txt");
    refuse_text(caption, "Not run.");
    free(caption);
    draw_well("figS3", "three");
}

static void figure_8(void **state)
{
    (void)state;
    static const char *const horizons[] = {"2", "4"};
    for (size_t k = 0; k < 2; k++) {
        for (int seed = 1; seed <= 3; seed++) {
            for (int alone = 0; alone < 2; alone++) {
                char arm[64];
                (void)ccrnn_format(arm, sizeof arm, "%s K=%s", alone ? "cRNN" : "ccRNN",
                                   horizons[k]);
                make_caption_run(&(struct made_run){.study = "eight",
                                                    .arm = arm,
                                                    .hash = "aa",
                                                    .seed = seed,
                                                    .status = "done",
                                                    .error = 4.0 + 0.5 * seed + alone,
                                                    .task = "captions",
                                                    .horizon = horizons[k],
                                                    .alone = alone == 1});
            }
        }
    }
    draw_well("fig8", "eight");
    char *const csv = text_of("eight", "fig8.csv");
    EXPECT(csv, 3, ",mean,A,ccRNN K=4", 10.0, 10.0 - 0.5773502691896258,
           10.0 + 0.5773502691896258, 3);
    EXPECT(csv, 2, ",mean,B,cRNN K=2", 6.0);
    /* CIDEr-D of long captions: e/10 + 0.06 + 2 */
    EXPECT(csv, 2.2, ",mean,C,ccRNN K=4", 2.56);
    free(csv);
    char *const script = text_of("eight", "fig8.gp");
    expect_text(script, "'<b>ccRNN K=4</b> & 1'");
    expect_text(script, "'(nothing)'");
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figure_2),     cmocka_unit_test(missing_panels),
        cmocka_unit_test(damaged_runs), cmocka_unit_test(refused),
        cmocka_unit_test(figure_3),     cmocka_unit_test(figure_4),
        cmocka_unit_test(probes),       cmocka_unit_test(figure_7),
        cmocka_unit_test(figure_8),     cmocka_unit_test(widths_and_fibres),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
