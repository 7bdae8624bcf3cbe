/** @file
 * Readers of image captions: the token file of Flickr8k and Flickr30k, and COCO's captions JSON.
 */
#ifndef CCRNN_DATA_CAPTIONS_H
#define CCRNN_DATA_CAPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** A sentence about an image. Strings are UTF-8, as long as the file lives. */
struct ccrnn_caption {
    const char *image; /**< the image's id: Flickr: its file name; COCO: its number, decimal */
    const char *text;  /**< at least one character that is not a space */
    size_t place; /**< line (Flickr) or number of the annotation from 0 (COCO); for messages */
};

/** The captions of a file, in its order. Zeroed: nothing; release with ccrnn_captions_release. */
struct ccrnn_captions {
    struct ccrnn_caption *caption; /**< (count) */
    size_t count;
    size_t without_words; /**< captions left out because they are empty or blank */
    void *owned;          /**< private: where the strings live */
};

/** Read `name#number<TAB>text` lines, as Flickr8k.token.txt and results_20130124.token have them.
 * @return CCRNN_IO; CCRNN_FORMAT with file:line: broken UTF-8, a zero byte, no tab, no `#number`, the
 *         same `name#number` twice, no caption at all; CCRNN_MEMORY. */
enum ccrnn_status ccrnn_captions_read_flickr(const char *path, struct ccrnn_captions *captions,
                                             struct ccrnn_error *err);

/** Read `{"images": [{"id": 9, "file_name": …}], "annotations": [{"image_id": 9, "id": 1, "caption": "…"}]}`,
 * as captions_train2014.json and captions_val2017.json are. Other keys are ignored.
 * @return CCRNN_IO; CCRNN_FORMAT with file and line or number of the annotation: not JSON, nested too
 *         deep, broken UTF-8, no list "annotations", an entry without "image_id" (an integer) or "caption"
 *         (a string), an annotation id twice, an image_id that "images" (where it is there) does not have,
 *         no caption at all; CCRNN_MEMORY. */
enum ccrnn_status ccrnn_captions_read_coco(const char *path, struct ccrnn_captions *captions,
                                           struct ccrnn_error *err);

/** The same for bytes in memory; `path` is the name used in messages. */
enum ccrnn_status ccrnn_captions_parse_flickr(const char *path, const uint8_t *bytes, size_t size,
                                              struct ccrnn_captions *captions,
                                              struct ccrnn_error *err);
enum ccrnn_status ccrnn_captions_parse_coco(const char *path, const uint8_t *bytes, size_t size,
                                            struct ccrnn_captions *captions,
                                            struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_captions_release(struct ccrnn_captions *captions);

#endif
