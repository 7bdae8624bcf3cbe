/** @file
 * The captioning cases of `ccrnn bench`.
 */
#ifndef CCRNN_CLI_BENCH_CAPTIONS_H
#define CCRNN_CLI_BENCH_CAPTIONS_H

#include "ccrnn/network.h"
#include "ccrnn/status.h"

/** Time steps of the published network of captions: LSTM 256, embedding 256, 9956 words, batch 100, K 5,
 * 13 tokens, granule layers of 1024 and 1024, features of 2048, dropout 0.5, an update a segment.
 * @param[out] seconds (repeats) of one step  @param[out] flops of one step */
enum ccrnn_status cli_bench_captions(enum ccrnn_gemm_choice gemm,
                                     enum ccrnn_kernel_choice kernels, int threads,
                                     unsigned repeats, double *seconds, double *flops,
                                     struct ccrnn_error *err);

/** Time epochs of learning (no validation) over captions of 11 to 15 tokens, with the published sizes and
 * their own vocabulary. @param directory of Flickr8k
 * @param[out] captions an epoch meets  @param[out] words of the vocabulary */
enum ccrnn_status cli_bench_caption_epoch(const char *directory, enum ccrnn_gemm_choice gemm,
                                          enum ccrnn_kernel_choice kernels, int threads,
                                          unsigned repeats, double *seconds, double *flops,
                                          size_t *captions, size_t *words,
                                          struct ccrnn_error *err);

#endif
