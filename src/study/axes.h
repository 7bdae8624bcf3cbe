/** @file
 * `sweep:`, `zip:` and `random:` of a study file as the axes of its grid (src/study/grid.h):
 *
 *     sweep:
 *       horizon: [1, 3, full]                             # an axis
 *       hidden: {from: 10, to: 50, step: 10}              # another
 *     zip: {granule_units: [100, 400], mossy_fibres: [4, 16]}  # one more: 100 with 4, 400 with 16
 *     random: {count: 20, learning_rate: {from: 1e-5, to: 0.1, scale: log}}
 *
 * Values are those of src/study/values.h, draws those of src/study/draws.h. `zip` may also be a list of such mappings,
 * each an axis of its own.
 */
#ifndef CCRNN_STUDY_AXES_H
#define CCRNN_STUDY_AXES_H

#include "study/grid.h"

/** Read the three sections of the mapping at the top into an empty list of axes, in this order, and hold them
 * against each other and the arms of `grid`.
 * @return CCRNN_USAGE, CCRNN_IO (file:line:column), CCRNN_MEMORY; ccrnn_grid_clear() in any case */
enum ccrnn_status ccrnn_axes_read(struct ccrnn_yaml *yaml, struct ccrnn_grid *grid,
                                  struct ccrnn_error *err);

/** What grid->set says of keys that have an axis: a key of `sweep:` has that one value, a key of `random:` has it in
 * every draw, of a `zip:` only the places with that value are left. Keys keep their place in the names.
 * @return CCRNN_USAGE: a zip has no such value; CCRNN_MEMORY */
enum ccrnn_status ccrnn_axes_narrow(struct ccrnn_yaml *yaml, struct ccrnn_grid *grid,
                                    struct ccrnn_error *err);

/** Drop the places of an axis from `count` on. */
void ccrnn_axis_shorten(struct ccrnn_axis *axis, size_t count);

#endif
