/* Any bytes as a .safetensors file and as a recorded case: read or refused, never worse. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/safetensors.h"
#include "study/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte of every tensor must be readable. */
static void touch(const struct ccrnn_tensor *tensor)
{
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < tensor->size; i++)
        sum = (uint8_t)(sum + tensor->bytes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ccrnn_tensor_file *file;
    struct ccrnn_case recorded;
    struct ccrnn_error err;
    if (ccrnn_tensor_file_parse("fuzz", data, size, &file, &err) != CCRNN_OK)
        return 0;
    for (size_t i = 0; i < file->count; i++) {
        touch(&file->tensors[i]);
        if (ccrnn_tensor_file_find(file, file->tensors[i].name) != &file->tensors[i])
            abort();
    }
    (void)ccrnn_tensor_file_require_finite(file, &err);
    (void)ccrnn_case_read(file, &recorded, &err);
    ccrnn_tensor_file_close(file);
    return 0;
}
