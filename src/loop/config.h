/** @file
 * Checking a network's configuration.
 */
#ifndef CCRNN_LOOP_CONFIG_H
#define CCRNN_LOOP_CONFIG_H

#include "ccrnn/network.h"
#include "net/parameters.h"

/** CCRNN_USAGE with the name, value and range of the first setting that is out of range. */
enum ccrnn_status ccrnn_network_config_check(const struct ccrnn_network_config *config,
                                             struct ccrnn_error *err);

/** What helps a network whose learning ran away: "learning_rate", and of one with a cerebellum "learning_rate or
 * feedback_scale". */
const char *ccrnn_network_config_calms(const struct ccrnn_network_config *config);

#endif
