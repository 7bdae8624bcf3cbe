/* Any bytes as a .npy file: read or refused, never worse. */
#include <stdint.h>
#include <stdlib.h>

#include "data/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ccrnn_npy matrix;
    struct ccrnn_error err;
    if (ccrnn_npy_parse("fuzz.npy", data, size, &matrix, &err) != CCRNN_OK)
        return 0;
    const size_t bytes = matrix.rows * matrix.columns * ccrnn_dtype_size(matrix.dtype);
    volatile uint8_t sum = 0;
    if (bytes == 0 || bytes > size)
        abort();
    for (size_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + matrix.bytes[i]);
    return 0;
}
