/** @file
 * ccrnn-mpi run --split-batch: all ranks train each run together, one run after another.
 */
#ifndef CCRNN_MPI_SPLIT_H
#define CCRNN_MPI_SPLIT_H

#include "cli/run_request.h"

/** Run what is not finished; all ranks together.
 * @return rank 0: as cli_study_train(); the others CCRNN_OK, unless no rank could begin */
enum ccrnn_status split_train(struct cli_run_opened *opened, struct ccrnn_error *err);

#endif
