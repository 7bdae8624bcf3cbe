/** @file
 * The options a run was made with, from its files.
 */
#ifndef CCRNN_SETTINGS_H
#define CCRNN_SETTINGS_H

#include "ccrnn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Told one option; both texts live until it returns. @param value as in a study file; "" is the empty text
 * @return other than CCRNN_OK, with a message in `err`, to end the telling */
typedef enum ccrnn_status (*ccrnn_setting_listener)(void *context, const char *key,
                                                    const char *value, struct ccrnn_error *err);

/** Tell every option that has an effect in a run, in the order of `ccrnn list options`. Those that config.yaml leaves
 * out because they are at their default are told too: what is not told has no effect.
 * @param[in] run_directory STUDY/<arm>-<hash>/<seed>
 * @return CCRNN_IO: no config.yaml there; CCRNN_FORMAT: it is damaged, or of a version with other options; nothing has
 *         been told then; CCRNN_MEMORY; what the listener returned */
CCRNN_API enum ccrnn_status ccrnn_run_settings(const char *run_directory,
                                               ccrnn_setting_listener listener, void *context,
                                               struct ccrnn_error *err);

#ifdef __cplusplus
}
#endif
#endif
