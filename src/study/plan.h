/** @file
 * When the intervention of a run is in force.
 */
#ifndef CCRNN_STUDY_PLAN_H
#define CCRNN_STUDY_PLAN_H

#include "ccrnn/network.h"
#include "study/options.h"

/** Before a batch that is learned from: begin or end the intervention if its time has come. It depends on the
 * place in the run alone, so a run that goes on from a checkpoint does as it would have done.
 * @param epoch, batch from 1
 * @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_plan_training(const struct ccrnn_run_config *config,
                                      struct ccrnn_network *network, uint64_t epoch,
                                      uint64_t batch, struct ccrnn_error *err);

/** Before the test: begin the intervention if it is one of the test.
 * @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_plan_test(const struct ccrnn_run_config *config,
                                  struct ccrnn_network *network, struct ccrnn_error *err);

#endif
