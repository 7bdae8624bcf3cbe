#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/number.h"
#include "study/lease_look.h"

/* --- names ------------------------------------------------------------------------------- */

/* The value of the next "key=value,"; moves on behind it. */
static bool take_word(const char **at, const char *key, char *value, size_t size)
{
    const size_t length = strlen(key);
    if (strncmp(*at, key, length) != 0 || (*at)[length] != '=')
        return false;
    const char *const begin = *at + length + 1;
    const size_t found = strcspn(begin, ",");
    if (found >= size)
        return false;
    memcpy(value, begin, found);
    value[found] = '\0';
    *at = begin + found + (begin[found] == ',');
    return true;
}

static bool take_number(const char **at, const char *key, uint64_t *number)
{
    char text[24];
    return take_word(at, key, text, sizeof text) && ccrnn_parse_unsigned(text, number);
}

static bool take_token(const char **at, uint64_t *token)
{
    char text[17], *end = NULL;
    if (!take_word(at, "token", text, sizeof text) || strlen(text) != 16 ||
        strspn(text, "0123456789abcdef") != 16)
        return false;
    *token = strtoull(text, &end, 16);
    return **at == '\0';
}

static void read_name(struct ccrnn_lease_holder *holder)
{
    struct ccrnn_process *const process = &holder->process;
    const char *at = holder->name;
    uint64_t beat = 0;
    holder->understood = take_word(&at, "host", process->host, sizeof process->host) &&
                         take_word(&at, "boot", process->boot, sizeof process->boot) &&
                         take_number(&at, "ns", &process->container) &&
                         take_number(&at, "pid", &process->id) &&
                         take_number(&at, "start", &process->started) &&
                         take_number(&at, "beat", &beat) && take_token(&at, &holder->token);
    holder->beat = holder->understood ? 1e-3 * (double)beat : CCRNN_LEASE_BEAT;
    holder->state = holder->understood ? ccrnn_process_look(process) : CCRNN_PROCESS_ELSEWHERE;
}

/* --- looking ----------------------------------------------------------------------------- */

bool ccrnn_lease_is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Name and touch as one number. */
static uint64_t number_of(const struct ccrnn_lease_holder *holder)
{
    const int64_t touched[] = {holder->touched.tv_sec, holder->touched.tv_nsec};
    const uint64_t hash = ccrnn_hash_add(CCRNN_HASH_START, holder->name, strlen(holder->name));
    return ccrnn_hash_add(hash, (const char *)touched, sizeof touched);
}

static int liveness(const struct ccrnn_lease_holder *holder)
{
    return holder->state == CCRNN_PROCESS_ALIVE ? 2 : holder->state == CCRNN_PROCESS_ELSEWHERE;
}

/* A file is nobody's lease. */
static bool read_entry(int place, const char *name, struct ccrnn_lease_holder *holder)
{
    struct stat info;
    if (ccrnn_lease_is_dots(name) || strlen(name) >= sizeof holder->name ||
        fstatat(place, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(info.st_mode))
        return false;
    *holder = (struct ccrnn_lease_holder){.touched = info.st_mtim};
    memcpy(holder->name, name, strlen(name) + 1);
    read_name(holder);
    return true;
}

enum ccrnn_status ccrnn_lease_see(const char *directory, struct ccrnn_lease_place *seen,
                                  struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_lease_holder found;
    uint64_t sight = 0;
    *seen = (struct ccrnn_lease_place){.holder = {.state = CCRNN_PROCESS_GONE}};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, directory, "lease", err));
    DIR *const entries = ccrnn_directory_open(path);
    if (entries == NULL)
        return errno == ENOENT ? CCRNN_OK
                               : ccrnn_fail_errno(err, "see who works on", directory, errno);
    for (struct dirent *e = readdir(entries); e != NULL; e = readdir(entries)) {
        if (!read_entry(dirfd(entries), e->d_name, &found))
            continue;
        if (seen->first[0] == '\0' || strcmp(found.name, seen->first) < 0)
            memcpy(seen->first, found.name, sizeof found.name);
        if (seen->holder.name[0] == '\0' || liveness(&found) > liveness(&seen->holder))
            seen->holder = found;
        sight += number_of(&found);
    }
    closedir(entries);
    seen->holder.sight = sight | (seen->first[0] != '\0');
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_lease_look(const char *directory, struct ccrnn_lease_holder *holder,
                                   struct ccrnn_error *err)
{
    struct ccrnn_lease_place seen;
    const enum ccrnn_status status = ccrnn_lease_see(directory, &seen, err);
    *holder = seen.holder;
    return status;
}
