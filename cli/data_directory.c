/* Where data sets are, for every command that takes --data. */
#include <stdlib.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/cli.h"

static const char *setting(const char *name)
{
    const char *const value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

enum ccrnn_status cli_data_directory(const char *given, const char *set,
                                     char path[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    if (given != NULL && given[0] == '\0')
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "--data is empty, expected a directory; leave it out for the usual one");
    const char *const named = given != NULL ? given : setting("CCRNN_DATA");
    if (named != NULL)
        return ccrnn_path_join(path, CCRNN_PATH_MAX, "", named, err);
    char below[64];
    const char *const data_home = setting("XDG_DATA_HOME");
    if (data_home != NULL && data_home[0] == '/') {
        (void)ccrnn_format(below, sizeof below, "ccrnn/%s", set);
        return ccrnn_path_join(path, CCRNN_PATH_MAX, data_home, below, err);
    }
    const char *const home = setting("HOME");
    if (home == NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "no place for data: neither --data, CCRNN_DATA, XDG_DATA_HOME nor HOME "
                          "names one; give --data DIR");
    (void)ccrnn_format(below, sizeof below, ".local/share/ccrnn/%s", set);
    return ccrnn_path_join(path, CCRNN_PATH_MAX, home, below, err);
}
