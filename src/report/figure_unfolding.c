/* As it unfolds: the part of an image seen so far, over what the arms made of it so far. */
#include <math.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/task.h"
#include "report/unfolding.h"

/* Moments shown of a trial. */
#define MOMENTS 4
/* Layout in pixels of the svg. */
#define WIDTH 900.0
#define RIGHT 8.0
#define GAP 5.0
#define TRIAL_GAP 18.0
#define HEAD 50.0
#define FOOT 12.0
#define TICS 20.0
#define CHARACTER 8.0
#define NAME_SHOWN 20

struct layout {
    double left, side, height;
    size_t moments;         /* at most MOMENTS: a short trial has fewer */
    size_t moment[MOMENTS]; /* steps seen, ≥ 1 */
};

static struct layout lay_out(const struct ccrnn_report_unfolding *u, bool answers)
{
    struct layout layout = {.left = CHARACTER * 11.0,
                            .moments = u->steps < MOMENTS ? u->steps : MOMENTS};
    const double panels = (double)(CCRNN_REPORT_TRIALS_UNFOLDED * MOMENTS);
    for (size_t a = 0; a < u->arms; a++) {
        const size_t length = ccrnn_report_characters(u->arm[a]->brief);
        const double shown = (double)(length < NAME_SHOWN ? length : NAME_SHOWN);
        layout.left = fmax(layout.left, CHARACTER * (shown + 2.5));
    }
    layout.side = (WIDTH - layout.left - RIGHT - (CCRNN_REPORT_TRIALS_UNFOLDED - 1) * TRIAL_GAP -
                   (panels - CCRNN_REPORT_TRIALS_UNFOLDED) * GAP) /
                  panels;
    layout.height =
        HEAD + (double)(u->arms + 1) * (layout.side + GAP) + FOOT + (answers ? TICS : 0.0);
    for (size_t m = 0; m < layout.moments; m++)
        layout.moment[m] = (m + 1) * u->steps / layout.moments;
    return layout;
}

static double left_of(const struct layout *layout, size_t trial, size_t moment)
{
    const double step = layout->side + GAP;
    return layout->left + (double)trial * ((double)layout->moments * step - GAP + TRIAL_GAP) +
           (double)moment * step;
}

static double top_of(const struct layout *layout, size_t row)
{
    return HEAD + (double)row * (layout->side + GAP);
}

static void place(struct ccrnn_report_text *script, const struct layout *layout, size_t trial,
                  size_t moment, size_t row)
{
    ccrnn_report_add_margins(script, WIDTH, layout->height, left_of(layout, trial, moment),
                             top_of(layout, row), layout->side, layout->side);
}

/* Names of rows and columns; they are drawn with the first panel. */
static void add_labels(struct ccrnn_report_text *script, const struct ccrnn_report_unfolding *u,
                       const struct layout *layout)
{
    for (size_t row = 0; row <= u->arms; row++) {
        ccrnn_report_add(script, "set label ");
        ccrnn_report_add_gnuplot(script, row == 0 ? "seen so far" : u->arm[row - 1]->brief,
                                 NAME_SHOWN);
        ccrnn_report_add(script, " at screen %.5f,%.5f right\n", (layout->left - 10.0) / WIDTH,
                         1.0 - (top_of(layout, row) + layout->side / 2.0) / layout->height);
    }
    for (size_t i = 0; i < u->images; i++) {
        ccrnn_report_add(
            script, "set label 'digit %lld' at screen %.5f,%.5f center\n",
            (long long)u->image[i]->cue,
            (left_of(layout, i, 0) + left_of(layout, i, layout->moments - 1) + layout->side) /
                2.0 / WIDTH,
            1.0 - 14.0 / layout->height);
        for (size_t m = 0; m < layout->moments; m++)
            ccrnn_report_add(script,
                             "set label 't = %zu' at screen %.5f,%.5f center font ',12' "
                             "tc rgb '#404040'\n",
                             layout->moment[m],
                             (left_of(layout, i, m) + layout->side / 2.0) / WIDTH,
                             1.0 - 36.0 / layout->height);
    }
}

/* Ink on white; what is not yet seen is grey. */
static void add_image(struct ccrnn_report_text *script, const struct ccrnn_report_figure *figure,
                      const struct ccrnn_report_unfolding *u, const struct layout *layout,
                      size_t trial, size_t moment)
{
    const double seen = (double)(layout->moment[moment] * u->per_step) / CCRNN_REPORT_SIDE;
    place(script, layout, trial, moment, 0);
    ccrnn_report_add(script,
                     "set xrange [-0.5:%d.5]; set yrange [%d.5:-0.5]\n"
                     "set object 1 rectangle from -0.5,%.6g to %d.5,%d.5 fc rgb '#dcdcdc' "
                     "fs solid noborder behind\n"
                     "plot '%s' skip 1 index %zu using "
                     "($3 < %zu ? $4 : NaN):5:($4-0.5):($4+0.5):($5-0.5):($5+0.5):(grey($6)) "
                     "with boxxyerror fs solid noborder lc rgb variable notitle\n"
                     "unset object 1\nunset label\n",
                     CCRNN_REPORT_SIDE - 1, CCRNN_REPORT_SIDE - 1, floor(seen) - 0.5,
                     CCRNN_REPORT_SIDE - 1, CCRNN_REPORT_SIDE - 1, figure->data[0], trial,
                     layout->moment[moment]);
}

static void add_drawing(struct ccrnn_report_text *script,
                        const struct ccrnn_report_figure *figure,
                        const struct ccrnn_report_unfolding *u, size_t block, size_t steps,
                        const char *colour)
{
    ccrnn_report_add(
        script,
        "set xrange [%.9g:%.9g]; set yrange [%.9g:%.9g]\n"
        "plot '%s' skip 1 index %zu using 4:5 with lines lw 4 lc rgb '#d4d4d4' "
        "notitle, \\\n"
        "    '' skip 1 index %zu using ($3 < %zu ? $6 : NaN):7 with lines lw 2 lc rgb "
        "'%s' notitle, \\\n"
        "    '' skip 1 index %zu using ($3 == %zu ? $6 : NaN):7 with points pt 7 ps "
        "0.5 lc rgb '%s' notitle\n",
        u->middle_x - u->half_range, u->middle_x + u->half_range, u->middle_y - u->half_range,
        u->middle_y + u->half_range, figure->data[1], block, block, steps, colour, block,
        steps - 1, colour);
}

/* Probabilities of all digits; the right one in colour. */
static void add_answer(struct ccrnn_report_text *script, const struct ccrnn_report_figure *figure,
                       size_t block, size_t steps, int64_t digit, const char *colour, bool tics)
{
    ccrnn_report_add(script, "set xrange [-0.7:9.7]; set yrange [0:1]\n");
    if (tics)
        ccrnn_report_add(script,
                         "set xtics scale 0 0,3,9 font ',12' tc rgb '#404040' offset 0,0.5\n");
    ccrnn_report_add(script,
                     "plot '%s' skip 1 index %zu using ($3 == %zu ? $4 : NaN):5:($4 == %lld ? %s "
                     ": 0xa8a8a8) with boxes fs solid noborder lc rgb variable notitle\n"
                     "unset xtics\n",
                     figure->data[1], block, steps - 1, (long long)digit, colour);
}

static void add_outputs(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                        const struct ccrnn_report_figure *figure,
                        const struct ccrnn_report_unfolding *u, const struct layout *layout,
                        size_t trial, size_t arm)
{
    struct ccrnn_report_text number = {0};
    const size_t block = trial * u->arms + arm;
    ccrnn_report_add(&number, "0x%s", u->arm[arm]->colour + 1);
    for (size_t m = 0; m < layout->moments && !number.failed; m++) {
        place(script, layout, trial, m, arm + 1);
        if (study->task->answers)
            add_answer(script, figure, block, layout->moment[m], u->image[trial]->cue,
                       number.bytes, arm + 1 == u->arms);
        else
            add_drawing(script, figure, u, block, layout->moment[m], u->arm[arm]->colour);
    }
    script->failed |= number.failed;
    ccrnn_report_text_release(&number);
}

static void add_script(struct ccrnn_report_text *script, const struct ccrnn_report_study *study,
                       const struct ccrnn_report_figure *figure,
                       const struct ccrnn_report_unfolding *u)
{
    const struct layout layout = lay_out(u, study->task->answers);
    ccrnn_report_gnuplot_begin(script, figure->name, figure->title, (unsigned)WIDTH,
                               (unsigned)ceil(layout.height));
    ccrnn_report_add(script, "grey(v) = int(255 * (1 - v)) * 0x010101\n"
                             "set multiplot\nunset key\nunset xtics\nunset ytics\nset clip two\n"
                             "set boxwidth 0.8\nset border 15 lw 1 lc rgb '#b0b0b0'\n");
    add_labels(script, u, &layout);
    for (size_t i = 0; i < u->images; i++) {
        for (size_t m = 0; m < layout.moments; m++)
            add_image(script, figure, u, &layout, i, m);
        for (size_t a = 0; a < u->arms; a++)
            add_outputs(script, study, figure, u, &layout, i, a);
    }
    ccrnn_report_add(script, "unset multiplot\n");
    ccrnn_report_gnuplot_end(script);
}

static void add_caption(struct ccrnn_report_text *caption, const struct ccrnn_report_study *study,
                        const struct ccrnn_report_unfolding *u)
{
    ccrnn_report_add(caption,
                     "Test images of seed %llu after t of %zu steps: above, what has been seen "
                     "(grey: still to come); below, %s.",
                     (unsigned long long)u->seed, u->steps,
                     study->task->answers
                         ? "the probabilities of the digits 0 to 9 if the answer were read out "
                           "then, from 0 to 1; the right digit is in colour"
                         : "the movement so far (dot: where it is now) over its target in grey");
    if (u->damaged > 0)
        ccrnn_report_add(caption, " The files of %zu %s could not be read.", u->damaged,
                         u->damaged == 1 ? "run" : "runs");
}

enum ccrnn_status ccrnn_report_figure_unfolding(struct ccrnn_report_study *study,
                                                const char *directory,
                                                struct ccrnn_report_figure *figure,
                                                struct ccrnn_error *err)
{
    struct ccrnn_report_text images = {0}, outputs = {0}, script = {0}, caption = {0};
    struct ccrnn_report_unfolding u;
    CCRNN_TRY(ccrnn_report_figure_start(study, "as-it-unfolds", "As it unfolds", "-outputs.csv",
                                        figure, err));
    figure->learning = true;
    figure->alt = "A few images at some moments, with what two arms made of them so far.";
    enum ccrnn_status status = ccrnn_report_collect_unfolding(study, &u, &images, &outputs, err);
    figure->damaged = u.damaged;
    if (status == CCRNN_OK && u.images > 0) {
        add_script(&script, study, figure, &u);
        add_caption(&caption, study, &u);
        status = ccrnn_report_text_save(&images, directory, figure->data[0], err);
        if (status == CCRNN_OK)
            status = ccrnn_report_text_save(&outputs, directory, figure->data[1], err);
        if (status == CCRNN_OK)
            status = ccrnn_report_figure_finish(study, figure, &script, &caption, directory, err);
    }
    ccrnn_report_text_release(&images);
    ccrnn_report_text_release(&outputs);
    ccrnn_report_text_release(&script);
    ccrnn_report_text_release(&caption);
    return status;
}
