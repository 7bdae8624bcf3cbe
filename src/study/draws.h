/** @file
 * `random:` of a study file: so many draws of the values of some options, each one an arm of every written arm.
 *
 *     random:
 *       count: 40
 *       seed: 7                                                 # default 1
 *       learning_rate: {from: 1e-5, to: 1e-1, scale: log}
 *       hidden: {from: 10, to: 100}
 *       train_size: {from: 200, to: 1000, step: 200}            # one of these five
 *       cell: [lstm, gru]
 *
 * Draw number i of a key is its own stream, (seed, key, i): raising the count keeps the draws there are, and another key
 * beside it changes none of them. Numbers are drawn evenly between from: and to:, or evenly on a log scale, integers for
 * an integer option. Real numbers of a linear scale come from a decimal grid of 1000 to 10000 values, those of a log scale
 * are rounded to four digits. A draw that repeats an earlier one is drawn again.
 */
#ifndef CCRNN_STUDY_DRAWS_H
#define CCRNN_STUDY_DRAWS_H

#include "study/grid.h"

/** Read the mapping at `node` into an axis of its draws, no two the same.
 * @param[out] axis zeroed before; its node is that of count: @return CCRNN_USAGE, CCRNN_IO (file:line:column), CCRNN_MEMORY */
enum ccrnn_status ccrnn_draws_read(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                   struct ccrnn_axis *axis, struct ccrnn_error *err);

/** Read `count:` of a random search at `node`, at most `most`; `place` is named in messages. @return CCRNN_USAGE */
enum ccrnn_status ccrnn_draws_count(struct ccrnn_yaml *yaml, const char *place,
                                    const yaml_node_t *node, size_t most, size_t *count,
                                    struct ccrnn_error *err);

#endif
