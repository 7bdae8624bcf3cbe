/* The options of a run with their values, for rooms that know no options. */
#include "ccrnn/settings.h"

#include "base/error.h"
#include "study/run_open.h"

/* A list may be as long as a path. */
enum { VALUE_SIZE = 2 * CCRNN_CONFIG_PATH_MAX };

enum ccrnn_status ccrnn_run_settings(const char *run_directory, ccrnn_setting_listener listener,
                                     void *context, struct ccrnn_error *err)
{
    struct ccrnn_run_config config;
    char value[VALUE_SIZE];
    CCRNN_TRY(ccrnn_run_config_read(run_directory, &config, err));
    for (size_t k = 0; k < ccrnn_option_count(); k++) {
        const struct ccrnn_option *const option = ccrnn_option_at(k);
        if (!ccrnn_option_applies(option, &config))
            continue;
        (void)ccrnn_run_config_get(&config, option, value, sizeof value);
        CCRNN_TRY(listener(context, option->key, value, err));
    }
    return CCRNN_OK;
}
