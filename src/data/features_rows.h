/** @file
 * What the readers of features share.
 */
#ifndef CCRNN_DATA_FEATURES_ROWS_H
#define CCRNN_DATA_FEATURES_ROWS_H

#include "data/features.h"

/** Set count and width and take memory for the numbers. What they claim must have been compared with
 * the file before.
 * @return CCRNN_FORMAT: a size of 0; CCRNN_MEMORY */
enum ccrnn_status ccrnn_features_allocate(const char *path, size_t count, size_t width,
                                          struct ccrnn_features *features,
                                          struct ccrnn_error *err);

/** Name the rows by copies of `name` (features->count), without spaces at their ends.
 * @return CCRNN_FORMAT with file and row: an empty name, broken UTF-8; CCRNN_MEMORY */
enum ccrnn_status ccrnn_features_name(const char *path, const char *const *name,
                                      struct ccrnn_features *features, struct ccrnn_error *err);

/** Name the rows by the lines of the text file `ids`.
 * @return CCRNN_USAGE if ids is NULL; CCRNN_FORMAT if there are not as many as rows; as
 *         ccrnn_id_list_read */
enum ccrnn_status ccrnn_features_name_from(const char *path, const char *ids,
                                           struct ccrnn_features *features,
                                           struct ccrnn_error *err);

/** CCRNN_USAGE if `ids` is given for a file that names its images itself. */
enum ccrnn_status ccrnn_features_without_ids(const char *path, const char *ids,
                                             struct ccrnn_error *err);

/** CCRNN_FORMAT: the vector of an image is not as wide as that of the first. */
enum ccrnn_status ccrnn_features_fail_width(const char *path, const char *id, size_t width,
                                            const char *first, size_t first_width,
                                            struct ccrnn_error *err);

/** The part of ccrnn_features_read for HDF5; neither double ids nor NaN are looked for. On failure
 * something may be left in `features`. */
enum ccrnn_status ccrnn_features_read_hdf5(const char *path, const char *ids,
                                           struct ccrnn_features *features,
                                           struct ccrnn_error *err);

#endif
