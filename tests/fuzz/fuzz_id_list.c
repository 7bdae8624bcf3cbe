/* Any bytes as a list of ids: read or refused, never worse. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/id_list.h"
#include "data/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ccrnn_id_list list;
    struct ccrnn_error err;
    if (ccrnn_id_list_parse("fuzz.txt", data, size, &list, &err) != CCRNN_OK)
        return 0;
    size_t sum = 0;
    for (size_t i = 0; i < list.count; i++) {
        const size_t length = strlen(list.id[i]);
        if (length == 0 || list.id[i][0] == ' ' || list.id[i][length - 1] == ' ' ||
            ccrnn_utf8_valid(list.id[i], length) != length)
            abort();
        sum += length;
    }
    if (list.count == 0 || sum > size)
        abort();
    ccrnn_id_list_release(&list);
    return 0;
}
