#include "study/record_space.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "study/record.h"
#include "study/workers.h"

static const double megabyte = 1e6;

const char *ccrnn_record_size(double bytes, char *text)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        bytes /= 1e3;
    (void)ccrnn_format(text, 32, "%.3g %s", bytes, units[unit]);
    return text;
}

/* Free space where a directory is, or will be. */
static enum ccrnn_status find_free(const char *directory, double *bytes, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct statvfs system;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, "", directory, err));
    while (!ccrnn_path_exists(path)) {
        char *const slash = strrchr(path, '/');
        if (slash == NULL)
            memcpy(path, ".", sizeof ".");
        else
            slash[slash == path ? 1 : 0] = '\0';
    }
    if (statvfs(path, &system) != 0)
        return ccrnn_fail(err, CCRNN_IO,
                          "%s: cannot ask for its free space: %s; choose another --out", path,
                          strerror(errno));
    *bytes = (double)system.f_bavail * (double)system.f_frsize;
    return CCRNN_OK;
}

static double size_of(const char *directory, const char *name)
{
    char path[CCRNN_PATH_MAX];
    struct stat file;
    if (ccrnn_path_join(path, sizeof path, directory, name, NULL) != CCRNN_OK ||
        stat(path, &file) != 0 || !S_ISREG(file.st_mode))
        return 0;
    return (double)file.st_size;
}

/* What sessions that were cut off have recorded of a run: it is on the disk already. */
static double recorded(const struct ccrnn_study *study, const char *directory, size_t index)
{
    char run[CCRNN_PATH_MAX], parts[CCRNN_PATH_MAX];
    if (ccrnn_study_run_directory(study, directory, index, run, sizeof run, NULL) != CCRNN_OK ||
        ccrnn_path_join(parts, sizeof parts, run, CCRNN_RECORD_PARTS, NULL) != CCRNN_OK)
        return 0;
    double bytes = size_of(run, CCRNN_RECORD_FILE);
    DIR *const entries = opendir(parts);
    if (entries == NULL)
        return bytes;
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        bytes += size_of(parts, entry->d_name);
    closedir(entries);
    return bytes;
}

enum ccrnn_status ccrnn_record_space_find(const struct ccrnn_study *study, const char *directory,
                                          unsigned jobs, struct ccrnn_record_space *space,
                                          struct ccrnn_error *err)
{
    double largest = 0;
    *space = (struct ccrnn_record_space){0};
    for (size_t i = 0; i < ccrnn_study_run_count(study); i++) {
        const double bytes = ccrnn_record_bytes(&ccrnn_study_run_arm(study, i)->config);
        if (bytes <= 0 || !ccrnn_study_run_wanted(study, i) ||
            ccrnn_study_run_is_complete(study, directory, i))
            continue;
        space->runs += fmax(bytes - recorded(study, directory, i), 0);
        space->count++;
        largest = fmax(largest, bytes);
    }
    const double at_work = jobs < space->count ? (double)jobs : (double)space->count;
    space->needed = space->runs + at_work * largest;
    CCRNN_TRY(find_free(directory, &space->free, err));
    space->free = fmax(space->free - CCRNN_RECORD_MARGIN_MB * megabyte, 0);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_record_space_check(const struct ccrnn_record_space *space,
                                           struct ccrnn_error *err)
{
    char needed[32], free[32];
    if (space->needed <= space->free)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_USAGE,
        "record: %zu runs may need %s (%.0f bytes) on the disk, and %s (%.0f bytes) "
        "are free, %d MB kept back; record fewer quantities (record), epochs "
        "(record_every, record_epochs) or trials (record_trials), run fewer seeds, or "
        "choose another --out",
        space->count, ccrnn_record_size(space->needed, needed), space->needed,
        ccrnn_record_size(space->free, free), space->free, CCRNN_RECORD_MARGIN_MB);
}
