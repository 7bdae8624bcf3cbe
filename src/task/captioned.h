/** @file
 * The captions of the files, sorted by image, and which split an image belongs to.
 */
#ifndef CCRNN_TASK_CAPTIONED_H
#define CCRNN_TASK_CAPTIONED_H

#include <stddef.h>
#include <stdint.h>

#include "data/captions.h"
#include "task/caption_files.h"

/** An image that has captions. */
struct ccrnn_captioned_image {
    const char *id;
    size_t first, count; /**< its captions */
    uint8_t split;       /**< enum ccrnn_caption_split */
    size_t row;          /**< of the features, from 1; 0: none. Left to the caller */
};

/** Zeroed: nothing; release with ccrnn_captioned_release. */
struct ccrnn_captioned {
    struct ccrnn_captions file[CCRNN_CAPTION_FILES];
    size_t *order; /**< (captions): private; by id of the image, in each in the files' order */
    size_t captions;
    struct ccrnn_captioned_image *image; /**< (images), by id */
    size_t images;
    size_t missing; /**< ids of splits that no caption has */
};

/** Read the captions and the splits.
 * @return as the readers; CCRNN_FORMAT: an image twice in a split, in two splits, in both files */
enum ccrnn_status ccrnn_captioned_read(enum ccrnn_caption_source source,
                                       const struct ccrnn_caption_files *files,
                                       struct ccrnn_captioned *captioned,
                                       struct ccrnn_error *err);

/** The image of an id, or NULL. */
struct ccrnn_captioned_image *ccrnn_captioned_find(const struct ccrnn_captioned *captioned,
                                                   const char *id);

/** Caption `index` < captions, as images count them. */
const struct ccrnn_caption *ccrnn_captioned_caption(const struct ccrnn_captioned *captioned,
                                                    size_t index);

/** Safe on a zeroed struct. */
void ccrnn_captioned_release(struct ccrnn_captioned *captioned);

#endif
