#include "cli/bench_words.h"

#include <stdlib.h>

#include "base/error.h"
#include "ccrnn/random.h"

enum { WORDS = 9956, FEATURES = 2048, TOKENS = 13, HORIZON = 5 };

struct ccrnn_run_config cli_bench_words_config(enum ccrnn_gemm_choice gemm,
                                               enum ccrnn_kernel_choice kernels, int threads)
{
    struct ccrnn_run_config config;
    ccrnn_run_config_default(CCRNN_TASK_CAPTIONS, &config);
    config.network.horizon = HORIZON;
    config.network.gemm = gemm;
    config.network.kernels = kernels;
    config.network.threads = threads;
    return config;
}

struct ccrnn_network_config cli_bench_words_network(enum ccrnn_gemm_choice gemm,
                                                    enum ccrnn_kernel_choice kernels, int threads)
{
    struct ccrnn_network_config config = cli_bench_words_config(gemm, kernels, threads).network;
    config.outputs = WORDS;
    config.features = FEATURES;
    config.steps = TOKENS;
    return config;
}

enum ccrnn_status cli_bench_words_draw(const struct ccrnn_network_config *config,
                                       struct cli_bench_words *words, struct ccrnn_error *err)
{
    const size_t numbers = config->batch * config->features,
                 places = config->batch * config->steps;
    struct ccrnn_random stream;
    words->feature = calloc(numbers, sizeof *words->feature);
    words->label = calloc(places, sizeof *words->label);
    if (words->feature == NULL || words->label == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for a batch of %zu captions",
                          config->batch);
    ccrnn_random_start(&stream, 1, CCRNN_RANDOM_USER, 0, 0);
    for (size_t i = 0; i < numbers; i++)
        words->feature[i] = ccrnn_random_uniform(&stream);
    for (size_t i = 0; i < places; i++)
        words->label[i] = (int32_t)ccrnn_random_below(&stream, (uint32_t)config->outputs);
    words->batch =
        (struct ccrnn_batch){.feature = words->feature, .label = words->label, .epoch = 1};
    return CCRNN_OK;
}

void cli_bench_words_release(struct cli_bench_words *words)
{
    free(words->feature);
    free(words->label);
    *words = (struct cli_bench_words){0};
}
