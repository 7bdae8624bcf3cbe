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

#endif
