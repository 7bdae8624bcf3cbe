/** @file
 * Where the files of a set of captions are.
 */
#ifndef CCRNN_TASK_CAPTION_FILES_H
#define CCRNN_TASK_CAPTION_FILES_H

#include "base/file.h"
#include "ccrnn/status.h"
#include "task/caption_set.h"

enum { CCRNN_CAPTION_FILES = 2 };

/** Paths; an empty one is of a file that is not needed. */
struct ccrnn_caption_files {
    char captions[CCRNN_CAPTION_FILES][CCRNN_PATH_MAX]; /**< Flickr: the first; COCO: both */
    char split[CCRNN_CAPTIONS_UNUSED][CCRNN_PATH_MAX];  /**< Flickr, by split */
    char features[CCRNN_PATH_MAX];
    char ids[CCRNN_PATH_MAX]; /**< empty if there is none */
};

/** Find the files that ccrnn_caption_set_load (caption_set.h) describes.
 * @return CCRNN_USAGE: no directory, several files that fit; CCRNN_IO: a file is missing */
enum ccrnn_status ccrnn_caption_files_find(enum ccrnn_caption_source source,
                                           const char *directory, const char *features,
                                           struct ccrnn_caption_files *files,
                                           struct ccrnn_error *err);

#endif
