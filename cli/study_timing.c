#define _GNU_SOURCE
#include "cli/study_timing.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "math/math.h"
#include "study/caption_test.h"
#include "study/evaluate.h"

/* Of each kind so many batches are timed, or for so long (s), but at least two. */
enum { BATCHES_MOST = 8, BATCHES_LEAST = 2 };
static const double time_of_kind = 0.1;

/* A durable write where it cannot be timed (s), and its bytes a second. */
static const double write_guess = 2e-3, write_speed_guess = 200e6;

/* More is not written to time it. */
enum { WRITE_MOST = 16 << 20, WRITES = 3 };

/* What is timed. */
struct subject {
    const struct ccrnn_run_config *config;
    const struct ccrnn_run_data *data;
    struct ccrnn_network *network;
    struct ccrnn_trials *trials;
    struct ccrnn_evaluator *evaluator;
    struct ccrnn_trial_batch batch;
    struct ccrnn_caption_trials *captions;
    struct ccrnn_caption_batch words;
    double *nats;
    int32_t *best;
    size_t planned; /* batches of captions */
};

typedef enum ccrnn_status batch_function(struct subject *s, unsigned turn,
                                         struct ccrnn_error *err);

/* Processor time of this thread: what others do on the machine meanwhile does not count. */
static double thread_seconds(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A network that learns nonsense takes as long as another. */
static enum ccrnn_status forgive(enum ccrnn_status status)
{
    return status == CCRNN_NONFINITE ? CCRNN_OK : status;
}

/* Seconds of a batch: the first one, which finds nothing in its caches, is not counted. Trials of one length: those of
 * the fastest; captions have many lengths: the mean. */
static enum ccrnn_status time_kind(batch_function *run, struct subject *s, double *seconds,
                                   double *first, struct ccrnn_error *err)
{
    double all = 0, least = INFINITY;
    unsigned count = 0;
    const double begin = thread_seconds();
    CCRNN_TRY(forgive(run(s, 0, err)));
    *first = thread_seconds() - begin;
    while (count < BATCHES_MOST && (count < BATCHES_LEAST - 1 || all < time_of_kind)) {
        const double start = thread_seconds();
        CCRNN_TRY(forgive(run(s, ++count, err)));
        const double took = thread_seconds() - start;
        all += took;
        least = fmin(least, took);
    }
    *seconds = s->captions != NULL ? all / count : least;
    *first = fmax(*first - *seconds, 0);
    return CCRNN_OK;
}

static enum ccrnn_status fail_memory(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a time estimate");
}

/* --- trials of one length ---------------------------------------------------------------- */

static enum ccrnn_status train_trials(struct subject *s, unsigned turn, struct ccrnn_error *err)
{
    const size_t B = s->config->network.batch;
    const uint64_t batches = s->config->task.train_size / B;
    const struct ccrnn_batch batch = {.input = s->batch.input,
                                      .target = s->batch.target,
                                      .label = s->batch.class_index,
                                      .epoch = 1,
                                      .item = turn};
    ccrnn_trials_batch(s->trials, CCRNN_SPLIT_TRAIN, 1, turn % batches * B, B, &s->batch);
    struct ccrnn_step_report report;
    return ccrnn_network_train(s->network, &batch, &report, err);
}

static enum ccrnn_status evaluate(struct subject *s, enum ccrnn_evaluation_depth depth,
                                  struct ccrnn_error *err)
{
    double error;
    const uint64_t B = s->config->network.batch, all = s->config->task.validation_size;
    return ccrnn_evaluate(s->evaluator, s->network, CCRNN_SPLIT_VALIDATION, 1, B < all ? B : all,
                          depth, &error, err);
}

static enum ccrnn_status validate_trials(struct subject *s, unsigned turn,
                                         struct ccrnn_error *err)
{
    (void)turn;
    return evaluate(s, CCRNN_EVALUATION_SHORT, err);
}

static enum ccrnn_status measure_trials(struct subject *s, unsigned turn, struct ccrnn_error *err)
{
    (void)turn;
    return evaluate(s, CCRNN_EVALUATION_LONG, err);
}

static enum ccrnn_status time_trials(struct subject *s, struct cli_timing *timing,
                                     struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const net = &s->config->network;
    const size_t rows = net->steps * net->batch;
    CCRNN_TRY(ccrnn_trials_open(&s->config->task, s->data->images, 1, &s->trials, err));
    CCRNN_TRY(ccrnn_evaluator_create(s->config, s->trials, &s->evaluator, err));
    s->batch.input = calloc(rows * net->inputs, sizeof *s->batch.input);
    s->batch.target = calloc(rows * net->outputs, sizeof *s->batch.target);
    s->batch.class_index = calloc(net->batch, sizeof *s->batch.class_index);
    if (s->batch.input == NULL || s->batch.target == NULL || s->batch.class_index == NULL)
        return fail_memory(err);
    double first;
    CCRNN_TRY(time_kind(train_trials, s, &timing->step, &timing->first, err));
    CCRNN_TRY(time_kind(validate_trials, s, &timing->validate, &first, err));
    return time_kind(measure_trials, s, &timing->measure, &first, err);
}

/* --- captions ---------------------------------------------------------------------------- */

/* Batches of all lengths: they stand in the order of these, or in one by lot. */
static struct ccrnn_batch fill_words(struct subject *s, unsigned turn)
{
    const size_t index = turn * (2 * s->planned - 1) / (2 * BATCHES_MOST) % s->planned;
    ccrnn_caption_trials_batch(s->captions, index, &s->words);
    return (struct ccrnn_batch){.feature = s->words.feature,
                                .label = s->words.label,
                                .steps = s->words.steps,
                                .epoch = 1,
                                .item = turn};
}

static enum ccrnn_status train_words(struct subject *s, unsigned turn, struct ccrnn_error *err)
{
    const struct ccrnn_batch batch = fill_words(s, turn);
    struct ccrnn_step_report report;
    return ccrnn_network_train(s->network, &batch, &report, err);
}

static enum ccrnn_status validate_words(struct subject *s, unsigned turn, struct ccrnn_error *err)
{
    const struct ccrnn_batch batch = fill_words(s, turn);
    return ccrnn_network_score(s->network, &batch, s->nats, s->best, err);
}

/* What is said before learning seldom ends by itself; what is said after it is about as long as the captions. */
static enum ccrnn_status time_test(struct subject *s, double *seconds, struct ccrnn_error *err)
{
    const uint64_t asked = s->config->task.captions.test_images;
    const size_t beam = s->config->task.captions.beam;
    *seconds = 0;
    for (size_t width = 1; width <= beam; width = width == 1 && beam > 1 ? beam : beam + 1) {
        struct ccrnn_caption_test test = {0};
        struct ccrnn_decoding decoding = ccrnn_decoding_greedy;
        const uint64_t at_once = s->config->network.batch / width; /* rows are shared out */
        decoding.beam = width;
        if (s->config->network.steps < decoding.most)
            decoding.most = s->config->network.steps;
        const double start = thread_seconds();
        const enum ccrnn_status status = ccrnn_caption_test_run(
            s->network, s->data->captions, ccrnn_caption_trials_vocabulary(s->captions),
            asked < at_once ? asked : at_once, &decoding, &test, err);
        const double took = thread_seconds() - start;
        if (status == CCRNN_OK)
            *seconds += took / (double)test.images;
        ccrnn_caption_test_release(&test);
        CCRNN_TRY(forgive(status));
    }
    return CCRNN_OK;
}

static enum ccrnn_status time_words(struct subject *s, struct cli_timing *timing,
                                    struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const net = &s->config->network;
    const size_t places = net->steps * net->batch;
    CCRNN_TRY(ccrnn_caption_trials_open(&s->config->task.captions, s->data->captions, net->batch,
                                        1, &s->captions, err));
    s->words.feature = calloc(net->batch * net->features, sizeof *s->words.feature);
    s->words.label = calloc(places, sizeof *s->words.label);
    s->nats = calloc(places, sizeof *s->nats);
    s->best = calloc(places, sizeof *s->best);
    if (s->words.feature == NULL || s->words.label == NULL || s->nats == NULL || s->best == NULL)
        return fail_memory(err);
    double first;
    s->planned = ccrnn_caption_trials_plan(s->captions, CCRNN_CAPTIONS_TRAIN, 1);
    CCRNN_TRY(time_kind(train_words, s, &timing->step, &timing->first, err));
    s->planned = ccrnn_caption_trials_plan(s->captions, CCRNN_CAPTIONS_VALIDATION, 0);
    CCRNN_TRY(time_kind(validate_words, s, &timing->validate, &first, err));
    timing->measure = timing->validate;
    return time_test(s, &timing->image, err);
}

/* --- either ------------------------------------------------------------------------------ */

static void release(struct subject *s)
{
    ccrnn_evaluator_destroy(s->evaluator);
    ccrnn_trials_close(s->trials);
    ccrnn_caption_trials_close(s->captions);
    ccrnn_network_destroy(s->network);
    free(s->batch.input);
    free(s->batch.target);
    free(s->batch.class_index);
    free(s->words.feature);
    free(s->words.label);
    free(s->nats);
    free(s->best);
}

enum ccrnn_status cli_time_batches(const struct ccrnn_run_config *config,
                                   const struct ccrnn_run_data *data, struct cli_timing *timing,
                                   struct ccrnn_error *err)
{
    struct subject s = {.config = config, .data = data};
    *timing = (struct cli_timing){.step = 0};
    ccrnn_math_thread_setup();
    enum ccrnn_status status = ccrnn_network_create(&config->network, 1, &s.network, err);
    if (status == CCRNN_OK)
        status =
            data->captions != NULL ? time_words(&s, timing, err) : time_trials(&s, timing, err);
    release(&s);
    return status;
}

enum ccrnn_status cli_count_batches(const struct ccrnn_run_config *config,
                                    const struct ccrnn_run_data *data,
                                    struct cli_batches *batches, struct ccrnn_error *err)
{
    const double B = (double)config->network.batch;
    struct ccrnn_caption_trials *trials = NULL;
    *batches = (struct cli_batches){.train = (double)config->task.train_size / B,
                                    .validation = ceil((double)config->task.validation_size / B),
                                    .test = ceil((double)config->task.test_size / B)};
    if (data->captions == NULL)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_caption_trials_open(&config->task.captions, data->captions,
                                        config->network.batch, 1, &trials, err));
    batches->train = (double)ccrnn_caption_trials_plan(trials, CCRNN_CAPTIONS_TRAIN, 1);
    batches->validation = (double)ccrnn_caption_trials_plan(trials, CCRNN_CAPTIONS_VALIDATION, 0);
    batches->test = (double)ccrnn_caption_trials_plan(trials, CCRNN_CAPTIONS_TEST, 0);
    batches->images =
        (double)ccrnn_caption_test_images(data->captions, config->task.captions.test_images);
    ccrnn_caption_trials_close(trials);
    return CCRNN_OK;
}

/* --- the disk ---------------------------------------------------------------------------- */

/* A file without a name in the directory, or in the nearest one above it that exists; −1: there can be none. */
static int open_nameless(const char *directory)
{
    char path[CCRNN_PATH_MAX];
    if (strlen(directory) >= sizeof path)
        return -1;
    strcpy(path, directory);
    while (!ccrnn_path_exists(path)) {
        char *const slash = strrchr(path, '/');
        if (slash == NULL || slash == path)
            return open(slash == NULL ? "." : "/", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
        *slash = '\0';
    }
    return open(path, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

double cli_time_write(const char *directory, double bytes)
{
    const size_t size = bytes < WRITE_MOST ? (size_t)bytes + 1 : WRITE_MOST;
    const double guess = write_guess + bytes / write_speed_guess;
    void *const content = calloc(size, 1);
    const int file = content == NULL ? -1 : open_nameless(directory);
    double best = INFINITY;
    for (int i = 0; i < WRITES && file >= 0; i++) {
        const double start = ccrnn_monotonic_seconds();
        if (pwrite(file, content, size, (off_t)size * i) != (ssize_t)size || fsync(file) != 0) {
            best = guess;
            break;
        }
        best = fmin(best, ccrnn_monotonic_seconds() - start);
    }
    free(content);
    if (file < 0)
        return guess;
    close(file);
    return bytes > (double)size ? best * bytes / (double)size : best;
}
