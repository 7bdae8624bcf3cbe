/** @file
 * `quick:` of a study file: the same study made small, for a look at whether everything works.
 *
 *     quick:
 *       seeds: 1..3              # instead of the study's
 *       arms: [cRNN, ccRNN]      # only these, as written under arms:
 *       sweep: {horizon: [1, 3]} # other values of a key of sweep:
 *       random: {count: 5}       # only the first draws
 *       epochs: 40               # any option, as if given with --set; a key of zip: has this value only
 */
#ifndef CCRNN_STUDY_QUICK_H
#define CCRNN_STUDY_QUICK_H

#include "study/grid.h"

/** What `quick:` says; start with {0}. Nodes are the document's. */
struct ccrnn_quick {
    yaml_node_t *self, *seeds, *arms; /**< NULL: not written */
    struct ccrnn_assignments set;
    struct ccrnn_column *sweeps; /**< owned */
    size_t sweep_count;
    size_t draws; /**< 0: not written */
};

/** Read the mapping at `node` (NULL: none) and hold it against arms and axes of `grid`; `seeds` is not
 * read, only found.
 * @return CCRNN_USAGE (file:line:column), CCRNN_IO, CCRNN_MEMORY; clear in any case */
enum ccrnn_status ccrnn_quick_read(struct ccrnn_yaml *yaml, yaml_node_t *node,
                                   const struct ccrnn_grid *grid, struct ccrnn_quick *quick,
                                   struct ccrnn_error *err);

/** Make the grid small: arms and draws are dropped, values of sweeps replaced, options put in front of those
 * of --set, which win. What is used of `quick` moves into the grid. @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_quick_apply(struct ccrnn_quick *quick, struct ccrnn_yaml *yaml,
                                    struct ccrnn_grid *grid, struct ccrnn_error *err);

/** In one line: "seeds 1..3, epochs 40, horizon 1 3". @return owned by the caller; NULL: no memory */
char *ccrnn_quick_describe(struct ccrnn_yaml *yaml, const struct ccrnn_quick *quick);

/** Free the content; not the document. */
void ccrnn_quick_clear(struct ccrnn_quick *quick);

#endif
