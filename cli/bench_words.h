/** @file
 * The published network of captions and a batch for it, for all that measures its step.
 */
#ifndef CCRNN_CLI_BENCH_WORDS_H
#define CCRNN_CLI_BENCH_WORDS_H

#include "ccrnn/network.h"
#include "study/options.h"

/** LSTM 256, embedding 256, batch 100, K 5, granule layers of 1024 and 1024, dropout 0.5, an update a segment;
 * words, features and length come from the captions. */
struct ccrnn_run_config cli_bench_words_config(enum ccrnn_gemm_choice gemm,
                                               enum ccrnn_kernel_choice kernels, int threads);

/** The same with 9956 words, features of 2048 and captions of 13 tokens. */
struct ccrnn_network_config cli_bench_words_network(enum ccrnn_gemm_choice gemm,
                                                    enum ccrnn_kernel_choice kernels,
                                                    int threads);

/** A batch of drawn features and words for a network; owns its arrays. */
struct cli_bench_words {
    struct ccrnn_batch batch;
    ccrnn_real *feature;
    int32_t *label;
};

/** @param[out] words release with cli_bench_words_release(), also after a failure */
enum ccrnn_status cli_bench_words_draw(const struct ccrnn_network_config *config,
                                       struct cli_bench_words *words, struct ccrnn_error *err);
void cli_bench_words_release(struct cli_bench_words *words);

#endif
