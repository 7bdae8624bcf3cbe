#define _GNU_SOURCE
#include "ccrnn/line_drawing.h"

#include <math.h>
#include <string.h>

#include "ccrnn/random.h"

void ccrnn_line_drawing_default(struct ccrnn_line_drawing *task)
{
    *task = (struct ccrnn_line_drawing){
        .steps = 10,
        .cues = 7,
        .input_gain = 0.1,
        .input_noise = 0.0,
        .length = 10.0,
    };
}

static void end_point(const struct ccrnn_line_drawing *task, size_t cue_index, double xy[2])
{
    const size_t middle = task->cues / 2;
    if (cue_index == middle) {
        xy[0] = xy[1] = 0;
        return;
    }
    const size_t turn = cue_index < middle ? cue_index + 1 : cue_index;
    const double angle = 2.0 * M_PI * (1.0 - (double)turn / (double)(task->cues - 1));
    xy[0] = task->length * sin(angle);
    xy[1] = task->length * cos(angle);
}

void ccrnn_line_drawing_target(const struct ccrnn_line_drawing *task, size_t cue_index, size_t t,
                               double xy[2])
{
    end_point(task, cue_index, xy);
    const double fraction = (double)t / (double)(task->steps - 1);
    xy[0] *= fraction;
    xy[1] *= fraction;
}

/* Trial b of the batch: cue first, then the noise of t = 1 … T−1, from the trial's own stream. */
static void draw_trial(const struct ccrnn_line_drawing *task, struct ccrnn_random *stream,
                       size_t batch, size_t b, size_t cue_index, ccrnn_real *input,
                       ccrnn_real *target)
{
    const size_t middle = task->cues / 2;
    const double cue = (double)cue_index - (double)middle;
    double end[2];
    end_point(task, cue_index, end);
    for (size_t t = 0; t < task->steps; t++) {
        double x = 0;
        if (t == 0)
            x = task->input_gain * cue;
        else if (task->input_noise > 0)
            x = task->input_noise * ccrnn_random_normal(stream);
        input[t * batch + b] = (ccrnn_real)x;
        const double fraction = (double)t / (double)(task->steps - 1);
        target[2 * (t * batch + b)] = (ccrnn_real)(end[0] * fraction);
        target[2 * (t * batch + b) + 1] = (ccrnn_real)(end[1] * fraction);
    }
}

void ccrnn_line_drawing_batch(const struct ccrnn_line_drawing *task, uint64_t seed,
                              uint32_t purpose, uint32_t epoch, uint32_t first_item, size_t batch,
                              ccrnn_real *input, ccrnn_real *target, int32_t *cue)
{
    for (size_t b = 0; b < batch; b++) {
        struct ccrnn_random stream;
        ccrnn_random_start(&stream, seed, purpose, epoch, first_item + (uint32_t)b);
        const size_t cue_index = ccrnn_random_below(&stream, (uint32_t)task->cues);
        draw_trial(task, &stream, batch, b, cue_index, input, target);
        if (cue != NULL)
            cue[b] = (int32_t)cue_index;
    }
}
