/** @file
 * Features of images: one row of numbers an image, from NumPy (.npy), safetensors or HDF5 files.
 */
#ifndef CCRNN_DATA_FEATURES_H
#define CCRNN_DATA_FEATURES_H

#include <stddef.h>

#include "ccrnn/status.h"
#include "data/id_list.h"

/** Zeroed: nothing; release with ccrnn_features_release. */
struct ccrnn_features {
    size_t count, width;      /**< images, numbers an image; each ≥ 1 */
    float *value;             /**< (count,width) row-major, all finite */
    struct ccrnn_id_list ids; /**< (count): the image of each row */
};

/** Read a file of features. Its format is seen from its content.
 * - .npy (versions 1, 2, 3): (count,width), little-endian float32, float16 or float64, C order; `ids`
 *   names a text file with the id of each row.
 * - .safetensors: either one tensor "features" (count,width), with `ids` as above; or one vector an
 *   image, named by its id, all of one width. F32, F16, BF16, F64.
 * - HDF5: a dataset "features" (count,width) with a dataset of strings "ids" (count) or with `ids` as
 *   above; or one vector an image in the root group, named by its id. Any float type.
 * @param ids a text file, or NULL if the features' file names its images itself
 * @return CCRNN_IO; CCRNN_FORMAT with file and row, id or tensor: another format, type or order, cut
 *         off, a width that differs, NaN or infinity, as many ids as there are not rows, an id twice,
 *         nothing in it; CCRNN_USAGE: `ids` missing where it is needed, or given where the file names its
 *         images itself; CCRNN_MEMORY. A message ends with what to do next. */
enum ccrnn_status ccrnn_features_read(const char *path, const char *ids,
                                      struct ccrnn_features *features, struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_features_release(struct ccrnn_features *features);

#endif
