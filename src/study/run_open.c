#include "study/run_open.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/safetensors.h"
#include "study/checkpoint.h"

static const char ending[] = ".safetensors";
enum { CONFIG_BYTES_MOST = 1 << 20, LIST_MOST = 512 };

enum ccrnn_status ccrnn_run_config_read(const char *directory, struct ccrnn_run_config *config,
                                        struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "config.yaml", err));
    if (!ccrnn_path_exists(path))
        return ccrnn_fail(
            err, CCRNN_IO,
            "%s: no config.yaml there, so this is not a run; expected a directory like "
            "STUDYDIR/ARM-HASH/SEED",
            directory);
    CCRNN_TRY(ccrnn_file_read(path, CONFIG_BYTES_MOST, &bytes, &size, err));
    const enum ccrnn_status status =
        ccrnn_run_config_from_yaml((const char *)bytes, size, path, config, err);
    free(bytes);
    return status;
}

/* Names of the checkpoints that are there, separated by ", ". */
static void list_checkpoints(const char *directory, char list[LIST_MOST])
{
    DIR *const entries = opendir(directory);
    size_t used = 0;
    list[0] = '\0';
    for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;) {
        const size_t length = strlen(e->d_name), tail = strlen(ending);
        if (e->d_name[0] == '.' || length <= tail ||
            strcmp(e->d_name + length - tail, ending) != 0 || used + length >= LIST_MOST)
            continue;
        used += (size_t)snprintf(list + used, LIST_MOST - used, "%s%.*s", used > 0 ? ", " : "",
                                 (int)(length - tail), e->d_name);
    }
    if (entries != NULL)
        closedir(entries);
}

static enum ccrnn_status checkpoint_path(const char *directory, const char *checkpoint,
                                         char path[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    char name[128], list[LIST_MOST];
    snprintf(name, sizeof name, "%.100s%s", checkpoint, ending);
    CCRNN_TRY(ccrnn_path_join(path, CCRNN_PATH_MAX, directory, name, err));
    if (strchr(checkpoint, '/') == NULL && ccrnn_file_exists(path))
        return CCRNN_OK;
    list_checkpoints(directory, list);
    return ccrnn_fail(err, CCRNN_IO, "%s: no checkpoint \"%s\"; there are: %s", directory,
                      checkpoint, list[0] == '\0' ? "none" : list);
}

/* A number among a file's metadata; 0 if it is not there. */
static uint64_t read_number(const char *directory, const char *checkpoint, const char *key)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_tensor_file *file = NULL;
    uint64_t number = 0;
    if (checkpoint_path(directory, checkpoint, path, NULL) != CCRNN_OK ||
        ccrnn_tensor_file_open(path, &file, NULL) != CCRNN_OK)
        return 0;
    const char *const text = ccrnn_tensor_file_metadata(file, key);
    if (text == NULL || !ccrnn_parse_unsigned(text, &number))
        number = 0;
    ccrnn_tensor_file_close(file);
    return number;
}

enum ccrnn_status ccrnn_run_open(const char *directory, const char *checkpoint,
                                 enum ccrnn_gemm_choice gemm, enum ccrnn_kernel_choice kernels,
                                 struct ccrnn_opened_run *opened, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    *opened = (struct ccrnn_opened_run){0};
    CCRNN_TRY(ccrnn_run_config_read(directory, &opened->config, err));
    CCRNN_TRY(ccrnn_run_record_read(directory, &opened->record, err));
    opened->checkpoint = checkpoint;
    if (checkpoint == NULL)
        opened->checkpoint =
            ccrnn_task_kind(opened->config.task.task)->says_words ? "best" : "last";
    CCRNN_TRY(checkpoint_path(directory, opened->checkpoint, path, err));
    opened->epoch = strcmp(opened->checkpoint, "best") == 0
                        ? read_number(directory, "last", "best_epoch")
                        : read_number(directory, opened->checkpoint, "epoch");
    opened->config.network.gemm = gemm;
    opened->config.network.kernels = kernels;
    CCRNN_TRY(ccrnn_network_create(&opened->config.network, opened->record.seed, &opened->network,
                                   err));
    const enum ccrnn_status status = ccrnn_weights_import(path, opened->network, err);
    if (status != CCRNN_OK)
        ccrnn_run_close(opened);
    return status;
}

void ccrnn_run_close(struct ccrnn_opened_run *opened)
{
    ccrnn_network_destroy(opened->network);
    opened->network = NULL;
}
