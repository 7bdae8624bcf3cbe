#include "report/checkpoint.h"

#include <stddef.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/safetensors.h"

static bool read_number(const struct ccrnn_tensor_file *file, const char *key, uint64_t *value)
{
    const char *const text = ccrnn_tensor_file_metadata(file, key);
    return text != NULL && ccrnn_parse_unsigned(text, value);
}

static bool look(const char *path, struct ccrnn_report_checkpoint *at)
{
    struct ccrnn_tensor_file *file = NULL;
    if (!ccrnn_file_exists(path) ||
        ccrnn_tensor_file_open_metadata(path, &file, NULL) != CCRNN_OK)
        return false;
    const bool told = read_number(file, "epoch", &at->epoch) &&
                      read_number(file, "metrics_bytes", &at->metrics_bytes);
    ccrnn_tensor_file_close(file);
    return told;
}

bool ccrnn_report_checkpoint_look(const char *directory, struct ccrnn_report_checkpoint *at)
{
    static const char *const names[] = {"last.safetensors", "previous.safetensors"};
    char path[CCRNN_PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ccrnn_path_join(path, sizeof path, directory, names[i], NULL) == CCRNN_OK &&
            look(path, at))
            return true;
    return false;
}
