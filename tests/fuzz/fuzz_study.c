/* Any bytes as a study file and as a config.yaml: read or refused, never worse. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "study/study.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was written has to be readable, and as the same configuration. */
static void read_back(const struct ccrnn_study_arm *arm)
{
    struct ccrnn_run_config config;
    struct ccrnn_error err;
    char *text, hash[CCRNN_CONFIG_HASH_SIZE];
    if (ccrnn_run_config_to_yaml(&arm->config, &text, &err) != CCRNN_OK)
        return;
    if (ccrnn_run_config_from_yaml(text, strlen(text), "config.yaml", &config, &err) != CCRNN_OK)
        abort();
    ccrnn_run_config_hash(&config, hash);
    if (strcmp(hash, arm->hash) != 0)
        abort();
    free(text);
}

static void read_study(const uint8_t *data, size_t size,
                       const struct ccrnn_study_overrides *overrides)
{
    struct ccrnn_study *study;
    struct ccrnn_error err;
    /* The directory does not exist: a relative init_from opens nothing. */
    if (ccrnn_study_parse((const char *)data, size, "/nonexistent/fuzz.yaml", overrides, &study,
                          &err) != CCRNN_OK)
        return;
    read_back(&study->arms[0]);
    read_back(&study->arms[study->arm_count - 1]);
    ccrnn_study_destroy(study);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* a sweep's key, a zip's, or a drawn one */
    static const char *const set[] = {"hidden=20"};
    const struct ccrnn_study_overrides quick = {.quick = true}, held = {set, 1, NULL, false};
    struct ccrnn_run_config config;
    struct ccrnn_error err;
    read_study(data, size, NULL);
    read_study(data, size, &quick);
    read_study(data, size, &held);
    (void)ccrnn_run_config_from_yaml((const char *)data, size, "fuzz.yaml", &config, &err);
    return 0;
}
