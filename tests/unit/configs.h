/** @file
 * Configurations for tests of them.
 */
#ifndef CCRNN_TESTS_CONFIGS_H
#define CCRNN_TESTS_CONFIGS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#include "study/options.h"

static inline struct ccrnn_run_config with(const char *key, const char *value)
{
    struct ccrnn_run_config config;
    struct ccrnn_error err;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    if (ccrnn_run_config_set(&config, key, value, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return config;
}

static inline void set(struct ccrnn_run_config *config, const char *key, const char *value)
{
    struct ccrnn_error err;
    if (ccrnn_run_config_set(config, key, value, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

static inline void resolve(struct ccrnn_run_config *config)
{
    struct ccrnn_error err;
    if (ccrnn_run_config_resolve(config, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
}

static inline void assert_contains(const char *message, const char *fragment)
{
    if (strstr(message, fragment) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", fragment, message);
}

static inline void assert_value(const struct ccrnn_run_config *config, const char *key,
                                const char *expected)
{
    char text[CCRNN_CONFIG_PATH_MAX];
    ccrnn_run_config_get(config, ccrnn_option_find(key), text, sizeof text);
    assert_string_equal(text, expected);
}

static inline void assert_hash(const struct ccrnn_run_config *config, const char *expected)
{
    char hash[CCRNN_CONFIG_HASH_SIZE];
    ccrnn_run_config_hash(config, hash);
    assert_string_equal(hash, expected);
}

#endif
