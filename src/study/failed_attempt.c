#define _GNU_SOURCE
#include "study/failed_attempt.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/host.h"
#include "study/run_record.h"
#include "study/workers.h"

/* Folders may be removed by a process that forgets the last note in them. */
enum { NOTE_BYTES_MOST = 1 << 20, ATTEMPTS = 3 };

static const char folder[] = "failed-attempts", format[] = "ccrnn-failed-attempt-1";

/* By the arm's directory: arms of other names may have the same options, and so the same hash. */
static bool path_of(const char *directory, const char *arm, uint64_t seed,
                    char path[CCRNN_PATH_MAX])
{
    char name[32];
    snprintf(name, sizeof name, "%" PRIu64 ".json", seed);
    return ccrnn_path_join(path, CCRNN_PATH_MAX, directory, folder, NULL) == CCRNN_OK &&
           ccrnn_path_join(path, CCRNN_PATH_MAX, path, arm, NULL) == CCRNN_OK &&
           ccrnn_path_join(path, CCRNN_PATH_MAX, path, name, NULL) == CCRNN_OK;
}

/* Of the note of run `index`. */
static bool path_of_run(const struct ccrnn_study *study, const char *directory, size_t index,
                        char path[CCRNN_PATH_MAX])
{
    return path_of(directory, ccrnn_study_run_arm(study, index)->directory,
                   ccrnn_study_run_seed(study, index), path);
}

static char *to_text(const struct ccrnn_study *study, size_t index, enum ccrnn_status status,
                     uint64_t token, const char *message)
{
    const struct ccrnn_study_arm *const arm = ccrnn_study_run_arm(study, index);
    char *config = NULL, stands[20], now[32];
    struct ccrnn_process self;
    if (ccrnn_run_config_to_yaml(&arm->config, &config, NULL) != CCRNN_OK)
        return NULL;
    ccrnn_process_self(&self);
    ccrnn_run_record_now(now);
    snprintf(stands, sizeof stands, "%016" PRIx64, token);
    json_t *const root = json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:I}", "format", format, "arm", arm->name,
        "hash", arm->hash, "seed", (json_int_t)ccrnn_study_run_seed(study, index), "status",
        ccrnn_run_status_name(status == CCRNN_NONFINITE ? CCRNN_RUN_NONFINITE : CCRNN_RUN_FAILED),
        "token", stands, "finished", now, "host", self.host, "pid", (json_int_t)self.id, "epochs",
        (json_int_t)arm->config.epochs);
    json_object_set_new(root, "error", ccrnn_run_record_text(message));
    json_object_set_new(root, "config", ccrnn_run_record_text(config));
    free(config);
    char *const text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    return text;
}

void ccrnn_failed_attempt_note(const struct ccrnn_study *study, const char *directory,
                               size_t index, enum ccrnn_status status, uint64_t token,
                               const char *message)
{
    char path[CCRNN_PATH_MAX], notes[CCRNN_PATH_MAX];
    if (!path_of_run(study, directory, index, path))
        return;
    memcpy(notes, path, sizeof notes);
    *strrchr(notes, '/') = '\0';
    char *const text = to_text(study, index, status, token, message);
    for (int i = 0; text != NULL && i < ATTEMPTS; i++)
        if (ccrnn_directory_make(notes, NULL) == CCRNN_OK &&
            ccrnn_file_write_atomic(path, text, strlen(text), NULL) == CCRNN_OK)
            break;
    free(text);
}

void ccrnn_failed_attempt_forget(const struct ccrnn_study *study, const char *directory,
                                 size_t index)
{
    char path[CCRNN_PATH_MAX];
    if (!path_of_run(study, directory, index, path) || unlink(path) != 0)
        return;
    for (int i = 0; i < 2; i++) { /* the arm's, then that of all */
        *strrchr(path, '/') = '\0';
        if (rmdir(path) != 0)
            return; /* not empty: there are others */
    }
}

bool ccrnn_failed_attempts_exist(const char *directory)
{
    char notes[CCRNN_PATH_MAX];
    return ccrnn_path_join(notes, sizeof notes, directory, folder, NULL) == CCRNN_OK &&
           ccrnn_directory_exists(notes);
}

/* What an object tells of an attempt at this run. */
static bool from_json(const json_t *root, const char *hash, uint64_t seed,
                      struct ccrnn_failed_attempt *attempt)
{
    const char *found, *of, *status, *token, *message, *config;
    json_int_t of_seed, epochs;
    if (json_unpack((json_t *)root, "{s:s, s:s, s:I, s:s, s:s, s:I, s:s, s:s}", "format", &found,
                    "hash", &of, "seed", &of_seed, "status", &status, "token", &token, "epochs",
                    &epochs, "error", &message, "config", &config) != 0 ||
        strcmp(found, format) != 0 || strcmp(of, hash) != 0 || (uint64_t)of_seed != seed ||
        epochs < 0)
        return false;
    *attempt = (struct ccrnn_failed_attempt){
        .nonfinite = strcmp(status, ccrnn_run_status_name(CCRNN_RUN_NONFINITE)) == 0,
        .token = strtoull(token, NULL, 16),
        .epochs = (uint64_t)epochs,
        .message = strdup(message),
        .config = strdup(config),
    };
    return true;
}

bool ccrnn_failed_attempt_read(const char *directory, const char *arm, const char *hash,
                               uint64_t seed, struct ccrnn_failed_attempt *attempt)
{
    char path[CCRNN_PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size;
    if (!path_of(directory, arm, seed, path) ||
        ccrnn_file_read(path, NOTE_BYTES_MOST, &bytes, &size, NULL) != CCRNN_OK)
        return false;
    json_t *const root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
    free(bytes);
    const bool understood = from_json(root, hash, seed, attempt);
    json_decref(root);
    if (understood && attempt->message != NULL && attempt->config != NULL)
        return true;
    if (understood)
        ccrnn_failed_attempt_free(attempt);
    return false;
}

void ccrnn_failed_attempt_free(struct ccrnn_failed_attempt *attempt)
{
    free(attempt->message);
    free(attempt->config);
}
