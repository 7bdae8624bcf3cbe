/** @file
 * `claims:` of a study file: read, and held against the study they speak of.
 */
#ifndef CCRNN_STUDY_CLAIMS_H
#define CCRNN_STUDY_CLAIMS_H

#include "study/study.h"
#include "study/yaml.h"

/** Read the list at `node` (NULL: none) into study->claims; study->arms are expanded already.
 * @param[in] changed the study is not as its file has it (--set, quick): an arm that is not there or
 *            a window beyond the last epoch then becomes the claim's note instead of an error
 * @return CCRNN_USAGE (file:line:column, what was expected, what to do), CCRNN_MEMORY */
enum ccrnn_status ccrnn_claims_read(struct ccrnn_yaml *yaml, yaml_node_t *node, bool changed,
                                    struct ccrnn_study *study, struct ccrnn_error *err);

#endif
