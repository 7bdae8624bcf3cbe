/** @file
 * PNG, grey, 8 bits. Writer.
 */
#ifndef CCRNN_DATA_PNG_WRITE_H
#define CCRNN_DATA_PNG_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** Largest width and height (pixels). */
enum { CCRNN_PNG_SIDE_MAX = 16384 };

/** Write one image, atomically; equal content gives equal bytes.
 * @param grey (height,width), rows from the top: 0 black … 255 white
 * @return CCRNN_USAGE: a side is 0 or above CCRNN_PNG_SIDE_MAX; CCRNN_IO; CCRNN_MEMORY */
enum ccrnn_status ccrnn_png_write(const char *path, const uint8_t *grey, size_t width,
                                  size_t height, struct ccrnn_error *err);

#endif
