#include "cli/library.h"

#include <dlfcn.h>
#include <string.h>

#include "base/error.h"

enum ccrnn_status cli_library_load(const char *name, const char *package, void **library,
                                   struct ccrnn_error *err)
{
    *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (*library != NULL)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                      "this needs the library %s, which cannot be loaded (%s); install it "
                      "(Debian: apt-get install %s)",
                      name, dlerror(), package);
}

/* Object pointers do not convert to function pointers in ISO C; their bytes do wherever there is
 * a dlsym. */
enum ccrnn_status cli_library_find(void *library, const char *name, void *function,
                                   struct ccrnn_error *err)
{
    void *const symbol = dlsym(library, name);
    if (symbol == NULL)
        return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                          "an installed library is too old: it has no %s; install a newer one",
                          name);
    memcpy(function, &symbol, sizeof symbol);
    return CCRNN_OK;
}
