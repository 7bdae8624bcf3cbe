#include "cli/bench_captions.h"

#include "base/error.h"
#include "cli/bench_epoch.h"
#include "cli/bench_words.h"
#include "study/course.h"

enum { WARM_STEPS = 3 };

static enum ccrnn_status time_steps(struct ccrnn_network *network,
                                    const struct ccrnn_batch *batch, unsigned repeats,
                                    double *seconds, struct ccrnn_error *err)
{
    for (unsigned r = 0; r < WARM_STEPS; r++)
        CCRNN_TRY(ccrnn_network_train(network, batch, NULL, err));
    for (unsigned r = 0; r < repeats; r++) {
        const double start = cli_bench_now();
        CCRNN_TRY(ccrnn_network_train(network, batch, NULL, err));
        seconds[r] = cli_bench_now() - start;
    }
    return CCRNN_OK;
}

enum ccrnn_status cli_bench_captions(enum ccrnn_gemm_choice gemm,
                                     enum ccrnn_kernel_choice kernels, int threads,
                                     unsigned repeats, double *seconds, double *flops,
                                     struct ccrnn_error *err)
{
    const struct ccrnn_network_config config = cli_bench_words_network(gemm, kernels, threads);
    struct ccrnn_network *network = NULL;
    struct cli_bench_words words = {0};
    CCRNN_TRY(ccrnn_network_create(&config, 1, &network, err));
    enum ccrnn_status status = cli_bench_words_draw(&config, &words, err);
    if (status == CCRNN_OK)
        status = time_steps(network, &words.batch, repeats, seconds, err);
    *flops = ccrnn_network_flops(&config);
    cli_bench_words_release(&words);
    ccrnn_network_destroy(network);
    return status;
}

/* Arithmetic of one epoch: batches of every length. */
static double epoch_flops(struct ccrnn_run_config *config, const struct ccrnn_run_data *data,
                          double *flops, size_t *captions, struct ccrnn_error *err)
{
    struct ccrnn_network_config network = config->network;
    struct ccrnn_caption_trials *trials = NULL;
    *flops = 0;
    if (ccrnn_caption_trials_open(&config->task.captions, data->captions, network.batch, 1,
                                  &trials, err) != CCRNN_OK)
        return 0;
    const struct ccrnn_sentences *const train =
        ccrnn_caption_trials_sentences(trials, CCRNN_CAPTIONS_TRAIN);
    *captions = train->count;
    for (size_t c = 0; c < train->count; c++) {
        network.steps = train->start[c + 1] - train->start[c];
        *flops += ccrnn_network_flops(&network) / (double)network.batch;
    }
    ccrnn_caption_trials_close(trials);
    return *flops;
}

static enum ccrnn_status time_epochs(struct ccrnn_run_config *config,
                                     const struct ccrnn_run_data *data, unsigned repeats,
                                     double *seconds, struct ccrnn_error *err)
{
    struct ccrnn_network *network = NULL;
    struct ccrnn_course *course = NULL;
    struct ccrnn_lesson lesson;
    CCRNN_TRY(ccrnn_network_create(&config->network, 1, &network, err));
    enum ccrnn_status status = ccrnn_course_open(config, data, 1, &course, err);
    for (unsigned r = 0; r < repeats && status == CCRNN_OK; r++) {
        const double start = cli_bench_now();
        status = course->kind->train(course, network, r + 1, &lesson, err);
        seconds[r] = cli_bench_now() - start;
    }
    if (course != NULL)
        course->kind->close(course);
    ccrnn_network_destroy(network);
    return status;
}

enum ccrnn_status cli_bench_caption_epoch(const char *directory, enum ccrnn_gemm_choice gemm,
                                          enum ccrnn_kernel_choice kernels, int threads,
                                          unsigned repeats, double *seconds, double *flops,
                                          size_t *captions, size_t *words,
                                          struct ccrnn_error *err)
{
    struct ccrnn_run_config config = cli_bench_words_config(gemm, kernels, threads);
    struct ccrnn_caption_set set;
    config.task.captions.source = CCRNN_CAPTIONS_FLICKR;
    CCRNN_TRY(ccrnn_caption_set_load(CCRNN_CAPTIONS_FLICKR, directory, NULL, &set, err));
    const struct ccrnn_run_data data = {.captions = &set};
    enum ccrnn_status status = ccrnn_run_config_know(&config, &set, err);
    if (status == CCRNN_OK) {
        config.network.threads = threads;
        *words = config.network.outputs;
        epoch_flops(&config, &data, flops, captions, err);
        status = time_epochs(&config, &data, repeats, seconds, err);
    }
    ccrnn_caption_set_release(&set);
    return status;
}
