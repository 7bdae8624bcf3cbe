/** @file
 * Self-tests of `ccrnn doctor` that need a disk.
 */
#ifndef CCRNN_CLI_SELFTEST_H
#define CCRNN_CLI_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** Train a short run undisturbed, and once more with stops and kills of the program at random moments, and compare
 * the bytes of their files. Says on stdout what it does.
 * @param out   where to work: a directory of its own is made there, removed if all is well; NULL: the system's
 *              temporary directory
 * @param seed  of the moments
 * @param[out] good whether the files are the same
 * @return CCRNN_IO, CCRNN_MEMORY; CCRNN_FAILED: a run ended in an error */
enum ccrnn_status cli_selftest_resume(const char *out, uint64_t seed, bool *good,
                                      struct ccrnn_error *err);

#endif
