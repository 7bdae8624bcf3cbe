#include <stdio.h>

#include <dnnl.h>

#include "math/math.h"

void ccrnn_math_onednn_version(char *text, size_t size)
{
    const dnnl_version_t *const version = dnnl_version();
    snprintf(text, size, "%d.%d.%d", version->major, version->minor, version->patch);
}
