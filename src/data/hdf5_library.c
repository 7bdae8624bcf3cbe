#define _GNU_SOURCE
#include "data/hdf5_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"

struct ccrnn_hdf5_library ccrnn_hdf5_library;

/* Debian's name and everybody else's, of the version whose headers this is compiled with. */
static const char *const names[] = {"libhdf5_serial.so.103", "libhdf5.so.103"};

#define REMEDY                                                                                   \
    "install it (Debian: apt-get install libhdf5-103-1), or save the features as .npy or "       \
    ".safetensors"

static enum ccrnn_status open_library(void **library, struct ccrnn_error *err)
{
    char reason[CCRNN_ERROR_MAX / 2] = "";
    *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && *library == NULL; i++) {
        *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (*library == NULL && i == 0)
            (void)strncpy(reason, dlerror(), sizeof reason - 1);
    }
    if (*library != NULL)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                      "an HDF5 file needs the library %s, which cannot be loaded (%s); " REMEDY,
                      names[0], reason);
}

/* Object pointers do not convert to function pointers in ISO C; their bytes do wherever there is
 * a dlsym. */
static enum ccrnn_status find(void *library, const char *name, void *pointer,
                              struct ccrnn_error *err)
{
    void *const symbol = dlsym(library, name);
    if (symbol == NULL)
        return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                          "the installed HDF5 library has no %s: it is too old; " REMEDY, name);
    memcpy(pointer, &symbol, sizeof symbol);
    return CCRNN_OK;
}

static enum ccrnn_status find_all(void *library, struct ccrnn_hdf5_library *found,
                                  struct ccrnn_error *err)
{
#define FIND(name) CCRNN_TRY(find(library, #name, &found->name, err));
    CCRNN_HDF5_FUNCTIONS(FIND)
#undef FIND
    /* A host program that is linked with the same HDF5 may have copies of its variables, and the library
     * then uses those. */
    void *const open_here = dlsym(RTLD_DEFAULT, "H5open");
    const bool shared =
        open_here != NULL && memcmp(&open_here, &found->H5open, sizeof open_here) == 0;
    void *const place = shared ? RTLD_DEFAULT : library;
#define FIND_ID(member, variable) CCRNN_TRY(find(place, #variable, &found->member, err));
    CCRNN_HDF5_IDS(FIND_ID)
#undef FIND_ID
    return CCRNN_OK;
}

/* Structures differ from one minor version to the next. */
static enum ccrnn_status check_version(const struct ccrnn_hdf5_library *found,
                                       struct ccrnn_error *err)
{
    unsigned major = 0, minor = 0, release = 0;
    if (found->H5get_libversion(&major, &minor, &release) >= 0 && major == H5_VERS_MAJOR &&
        minor == H5_VERS_MINOR)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                      "the installed HDF5 library is version %u.%u.%u, expected %d.%d; " REMEDY,
                      major, minor, release, H5_VERS_MAJOR, H5_VERS_MINOR);
}

enum ccrnn_status ccrnn_hdf5_library_load(struct ccrnn_error *err)
{
    static bool loaded;
    void *library = NULL;
    struct ccrnn_hdf5_library found;
    if (loaded)
        return CCRNN_OK;
    CCRNN_TRY(open_library(&library, err));
    CCRNN_TRY(find_all(library, &found, err));
    /* What HDF5 cannot close, as some damaged files, it would complain of at the program's end. This
     * only has an effect if nothing has used HDF5 before, not even to ask for its version. */
    found.H5dont_atexit();
    CCRNN_TRY(check_version(&found, err));
    found.H5open();
    ccrnn_hdf5_library = found;
    loaded = true;
    return CCRNN_OK;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

enum ccrnn_status ccrnn_hdf5_enter(struct ccrnn_hdf5_call *call, struct ccrnn_error *err)
{
    pthread_mutex_lock(&lock);
    const enum ccrnn_status status = ccrnn_hdf5_library_load(err);
    if (status != CCRNN_OK) {
        pthread_mutex_unlock(&lock);
        return status;
    }
    ccrnn_hdf5_library.H5Eget_auto2(H5E_DEFAULT, &call->print, &call->print_to);
    ccrnn_hdf5_library.H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return CCRNN_OK;
}

void ccrnn_hdf5_leave(const struct ccrnn_hdf5_call *call)
{
    ccrnn_hdf5_library.H5Eset_auto2(H5E_DEFAULT, call->print, call->print_to);
    pthread_mutex_unlock(&lock);
}
