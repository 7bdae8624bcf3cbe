#include "ccrnn/version.h"
#include "commit.h"

const char *ccrnn_version(void)
{
    return CCRNN_VERSION_STRING;
}

const char *ccrnn_commit(void)
{
    return CCRNN_COMMIT;
}

const char *ccrnn_compiler(void)
{
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}
