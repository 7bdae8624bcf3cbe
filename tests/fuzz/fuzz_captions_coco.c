/* Any bytes as a captions file of COCO: read or refused, never worse. */
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
    if (ccrnn_captions_parse_coco("fuzz.json", data, size, &captions, &err) != CCRNN_OK)
        return 0;
    for (size_t i = 0; i < captions.count; i++) {
        const struct ccrnn_caption *const caption = &captions.caption[i];
        const size_t length = strlen(caption->text);
        char *end;
        (void)strtoll(caption->image, &end, 10);
        if ((i > 0 && caption->place <= caption[-1].place) || end == caption->image ||
            *end != '\0' || ccrnn_utf8_valid(caption->text, length) != length ||
            ccrnn_utf8_is_blank(caption->text))
            abort();
    }
    if (captions.count == 0)
        abort();
    ccrnn_captions_release(&captions);
    return 0;
}
