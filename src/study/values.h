/** @file
 * The values of a key under `sweep:`, `zip:` or `random:`: a list, or a range of numbers with both ends.
 *
 *     hidden: [10, 20, 50]
 *     hidden: {from: 10, to: 50, step: 10}                        # 10 20 30 40 50
 *     feedback_scale: {from: 0.1, to: 0.5, count: 5}              # 0.1 0.2 0.3 0.4 0.5
 *     learning_rate: {from: 1e-5, to: 1e-2, count: 4, scale: log} # 1e-5 0.0001 0.001 0.01
 *     learning_rate: {from: 1e-5, to: 1e-2, scale: log}           # random: only
 *
 * Values are exact decimals with a short text, the same on every machine (base/decimal.h). Those of a log scale are
 * rounded to four digits, and to whole numbers for an integer option, where equal ones are one.
 */
#ifndef CCRNN_STUDY_VALUES_H
#define CCRNN_STUDY_VALUES_H

#include "base/decimal.h"
#include "study/grid.h"

/** Digits of values that are rounded. */
#define CCRNN_VALUE_DIGITS 4

/** A range as written; from < to, both within the option's range. */
struct ccrnn_range {
    struct ccrnn_decimal from, to;
    bool log;
    struct ccrnn_decimal step; /**< 0: not written */
    size_t count;              /**< 0: not written; never beside a step */
};

/** Read a key's option and refuse one that is itself a list. `what` is the section's name in messages, here
 * and below.
 * @param[in] words as in ccrnn_assignments_option()  @return CCRNN_USAGE (file:line:column) */
enum ccrnn_status ccrnn_values_option(struct ccrnn_yaml *yaml, const char *what,
                                      const yaml_node_t *key, const char *const *words,
                                      const struct ccrnn_option **option,
                                      struct ccrnn_error *err);

/** Note in a column whether its values, at `node`, are those of a range, and on which scale. */
void ccrnn_values_note_scale(struct ccrnn_yaml *yaml, const yaml_node_t *node,
                             struct ccrnn_column *column);

/** Read the values at `node`, at least one, into an empty list. @param unequal refuse a value that is there twice
 * @return CCRNN_USAGE, CCRNN_IO (file:line:column), CCRNN_MEMORY */
enum ccrnn_status ccrnn_values_read(struct ccrnn_yaml *yaml, const char *what,
                                    const struct ccrnn_option *option, const yaml_node_t *key,
                                    yaml_node_t *node, bool unequal,
                                    struct ccrnn_assignments *list, struct ccrnn_error *err);

/** Read the range in the mapping at `node`. @return CCRNN_USAGE (file:line:column) */
enum ccrnn_status ccrnn_range_read(struct ccrnn_yaml *yaml, const char *what,
                                   const struct ccrnn_option *option, yaml_node_t *node,
                                   struct ccrnn_range *range, struct ccrnn_error *err);

/** The value of a log scale nearest to `real`, within the range.
 * @param whole for an integer option */
struct ccrnn_decimal ccrnn_range_round(const struct ccrnn_range *range, double real, bool whole);

#endif
