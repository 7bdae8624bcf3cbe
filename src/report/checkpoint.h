/** @file
 * What the newest checkpoint of a run tells without its weights.
 */
#ifndef CCRNN_REPORT_CHECKPOINT_H
#define CCRNN_REPORT_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct ccrnn_report_checkpoint {
    uint64_t epoch;         /**< after which it was written */
    uint64_t metrics_bytes; /**< length of metrics.csv then */
};

/** Look at last.safetensors in a run's directory, else at the one before it. false: there is none that can be read. */
bool ccrnn_report_checkpoint_look(const char *directory, struct ccrnn_report_checkpoint *at);

#endif
