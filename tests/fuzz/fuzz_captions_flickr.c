/* Any bytes as a token file of Flickr: read or refused, never worse. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/captions.h"
#include "data/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ccrnn_captions captions;
    struct ccrnn_error err;
    if (ccrnn_captions_parse_flickr("fuzz.txt", data, size, &captions, &err) != CCRNN_OK)
        return 0;
    size_t line = 0;
    for (size_t i = 0; i < captions.count; i++) {
        const struct ccrnn_caption *const caption = &captions.caption[i];
        const size_t length = strlen(caption->text);
        if (caption->place <= line || caption->image[0] == '\0' || length > size ||
            ccrnn_utf8_valid(caption->text, length) != length ||
            ccrnn_utf8_is_blank(caption->text))
            abort();
        line = caption->place;
    }
    if (captions.count == 0)
        abort();
    ccrnn_captions_release(&captions);
    return 0;
}
