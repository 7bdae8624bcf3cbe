/** @file
 * A whole epoch as a case of `ccrnn bench`.
 */
#ifndef CCRNN_CLI_BENCH_EPOCH_H
#define CCRNN_CLI_BENCH_EPOCH_H

#include "ccrnn/network.h"

/** Seconds since some moment, monotonic. */
double cli_bench_now(void);

/** Time epochs of the published visual discrimination with a cerebellum, on images that are made
 * before: 960 batches are filled and trained on, then 12,000 trials validated.
 * @param[out] seconds (repeats)  @param[out] flops of one epoch */
enum ccrnn_status cli_bench_epoch(enum ccrnn_gemm_choice gemm, enum ccrnn_kernel_choice kernels,
                                  unsigned repeats, double *seconds, double *flops,
                                  struct ccrnn_error *err);

#endif
