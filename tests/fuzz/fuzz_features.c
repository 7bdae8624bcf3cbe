/* Any bytes as a file of features of any kind, with and without a list of ids: read or refused, never
 * worse. The library reads them from files, so they go into one that has no name. */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/features.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH = 64 };

static int file_of(const void *bytes, size_t size, char path[PATH])
{
    const int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, PATH, "/proc/self/fd/%d", descriptor);
    return descriptor;
}

static void read_features(const char *path, const char *ids)
{
    struct ccrnn_features features;
    struct ccrnn_error err;
    if (ccrnn_features_read(path, ids, &features, &err) != CCRNN_OK)
        return;
    if (features.count == 0 || features.width == 0 || features.ids.count != features.count)
        abort();
    for (size_t i = 0; i < features.count * features.width; i++)
        if (!isfinite(features.value[i]))
            abort();
    for (size_t i = 0; i < features.count; i++)
        if (features.ids.id[i][0] == '\0')
            abort();
    ccrnn_features_release(&features);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char list[] = "a.jpg\nb.jpg\nc.jpg\n";
    char path[PATH], ids_path[PATH];
    const int file = file_of(data, size, path);
    const int ids = file_of(list, sizeof list - 1, ids_path);
    read_features(path, NULL);
    read_features(path, ids_path);
    close(file);
    close(ids);
    return 0;
}
