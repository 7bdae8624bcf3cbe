#define _GNU_SOURCE
#include "study/run_record.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>

#include "base/error.h"
#include "base/file.h"
#include "math/math.h"

static const char record_format[] = "ccrnn-run-1";
enum { RECORD_BYTES_MOST = 1 << 20 };

static const char *const status_names[CCRNN_RUN_STATUS_COUNT] = {"running", "done", "interrupted",
                                                                 "nonfinite", "failed"};

const char *ccrnn_run_status_name(enum ccrnn_run_status status)
{
    return (unsigned)status < CCRNN_RUN_STATUS_COUNT ? status_names[status] : "?";
}

void ccrnn_run_record_now(char text[32])
{
    const time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* "model name" of /proc/cpuinfo; "unknown" elsewhere. */
static void cpu_name(char *text, size_t size)
{
    snprintf(text, size, "unknown");
    FILE *const file = fopen("/proc/cpuinfo", "r");
    if (file == NULL)
        return;
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        const char *const colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        snprintf(text, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    fclose(file);
}

static json_t *libraries(void)
{
    char onednn[32];
    ccrnn_math_onednn_version(onednn, sizeof onednn);
    return json_pack("{s:s, s:s, s:s, s:s}", "onednn", onednn, "jansson", JANSSON_VERSION,
                     "libyaml", yaml_get_version_string(), "zlib", zlibVersion());
}

json_t *ccrnn_run_record_text(const char *bytes)
{
    json_t *const exact = json_string(bytes);
    if (exact != NULL)
        return exact;
    char *const copy = strdup(bytes);
    for (char *p = copy; p != NULL && *p != '\0'; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
    json_t *const ascii = json_string(copy == NULL ? "" : copy);
    free(copy);
    return ascii;
}

static json_t *command(const char *const *argv)
{
    json_t *const list = json_array();
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
        json_array_append_new(list, ccrnn_run_record_text(argv[i]));
    return list;
}

static json_t *to_json(const struct ccrnn_run *run, const struct ccrnn_run_record *record)
{
    char host[256] = "", cpu[256], now[32], where[CCRNN_PATH_MAX];
    gethostname(host, sizeof host - 1);
    cpu_name(cpu, sizeof cpu);
    ccrnn_run_record_now(now);
    json_t *const root = json_object();
    json_object_set_new(root, "format", json_string(record_format));
    json_object_set_new(root, "study", ccrnn_run_record_text(run->study));
    json_object_set_new(root, "arm", ccrnn_run_record_text(run->arm));
    json_object_set_new(root, "seed", json_integer((json_int_t)run->seed));
    json_object_set_new(root, "hash", json_string(run->hash));
    json_object_set_new(root, "status", json_string(ccrnn_run_status_name(record->status)));
    json_object_set_new(root, "epoch", json_integer((json_int_t)record->epoch));
    json_object_set_new(root, "epochs", json_integer((json_int_t)record->epochs));
    if (record->stopped_early)
        json_object_set_new(root, "stopped_early", json_true());
    json_object_set_new(root, "error",
                        record->message[0] == '\0' ? json_null()
                                                   : ccrnn_run_record_text(record->message));
    json_object_set_new(root, "numerics", json_integer(CCRNN_NUMERICS));
    json_object_set_new(root, "version", json_string(ccrnn_version()));
    json_object_set_new(root, "commit", json_string(ccrnn_commit()));
    json_object_set_new(root, "compiler", json_string(ccrnn_compiler()));
    const char *const plus = strchr(record->kernels, '+');
    json_object_set_new(root, "kernels",
                        json_stringn(record->kernels, plus == NULL
                                                          ? strlen(record->kernels)
                                                          : (size_t)(plus - record->kernels)));
    json_object_set_new(root, "gemm", json_string(plus == NULL ? "" : plus + 1));
    if (record->images[0] != '\0')
        json_object_set_new(root, "images", json_string(record->images));
    if (record->ranks[0] != '\0')
        json_object_set_new(root, "ranks", json_string(record->ranks));
    json_object_set_new(root, "libraries", libraries());
    json_object_set_new(root, "host", ccrnn_run_record_text(host));
    json_object_set_new(root, "cpu", ccrnn_run_record_text(cpu));
    json_object_set_new(root, "argv", command(run->argv));
    if (run->argv != NULL && getcwd(where, sizeof where) != NULL)
        json_object_set_new(root, "working_directory", ccrnn_run_record_text(where));
    char token[20];
    snprintf(token, sizeof token, "%016" PRIx64, record->token);
    json_object_set_new(root, "sessions", json_integer((json_int_t)record->sessions));
    json_object_set_new(root, "taken_over", json_integer((json_int_t)record->taken_over));
    json_object_set_new(root, "token", json_string(token));
    json_object_set_new(root, "started", json_string(record->started));
    json_object_set_new(root, "finished", json_string(now));
    json_object_set_new(root, "seconds", json_real(record->seconds));
    return root;
}

enum ccrnn_status ccrnn_run_record_write(const struct ccrnn_run *run,
                                         const struct ccrnn_run_record *record,
                                         struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->directory, "run.json", err));
    json_t *const root = to_json(run, record);
    char *const text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(root);
    if (text == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory while writing %s", path);
    const enum ccrnn_status status = ccrnn_file_write_atomic(path, text, strlen(text), err);
    free(text);
    return status;
}

static void copy_string(const json_t *root, const char *key, char *text, size_t size)
{
    const char *const value = json_string_value(json_object_get(root, key));
    snprintf(text, size, "%s", value == NULL ? "" : value);
}

static enum ccrnn_status from_json(const json_t *root, const char *path,
                                   struct ccrnn_run_record *record, struct ccrnn_error *err)
{
    char format[32], status[32];
    copy_string(root, "format", format, sizeof format);
    copy_string(root, "status", status, sizeof status);
    copy_string(root, "hash", record->hash, sizeof record->hash);
    copy_string(root, "study", record->study, sizeof record->study);
    copy_string(root, "arm", record->arm, sizeof record->arm);
    copy_string(root, "started", record->started, sizeof record->started);
    copy_string(root, "kernels", record->kernels, sizeof record->kernels);
    copy_string(root, "images", record->images, sizeof record->images);
    copy_string(root, "ranks", record->ranks, sizeof record->ranks);
    copy_string(root, "error", record->message, sizeof record->message);
    record->seed = (uint64_t)json_integer_value(json_object_get(root, "seed"));
    record->epoch = (uint64_t)json_integer_value(json_object_get(root, "epoch"));
    record->epochs = (uint64_t)json_integer_value(json_object_get(root, "epochs"));
    record->stopped_early = json_is_true(json_object_get(root, "stopped_early"));
    record->numerics = (uint64_t)json_integer_value(json_object_get(root, "numerics"));
    record->seconds = json_number_value(json_object_get(root, "seconds"));
    record->sessions = (uint64_t)json_integer_value(json_object_get(root, "sessions"));
    record->taken_over = (uint64_t)json_integer_value(json_object_get(root, "taken_over"));
    const char *const token = json_string_value(json_object_get(root, "token"));
    record->token = token == NULL ? 0 : strtoull(token, NULL, 16);
    record->status = CCRNN_RUN_STATUS_COUNT;
    for (unsigned i = 0; i < CCRNN_RUN_STATUS_COUNT; i++)
        if (strcmp(status, status_names[i]) == 0)
            record->status = (enum ccrnn_run_status)i;
    if (strcmp(format, record_format) != 0 || record->status == CCRNN_RUN_STATUS_COUNT)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s: format \"%s\", status \"%s\": not a run record of this version; move the "
            "directory away or give another --out",
            path, format, status);
    return CCRNN_OK;
}

/* run.json as an object; the caller's to give back. */
static enum ccrnn_status load(const char *directory, char path[CCRNN_PATH_MAX], json_t **root,
                              struct ccrnn_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    json_error_t where;
    *root = NULL;
    CCRNN_TRY(ccrnn_path_join(path, CCRNN_PATH_MAX, directory, "run.json", err));
    CCRNN_TRY(ccrnn_file_read(path, RECORD_BYTES_MOST, &bytes, &size, err));
    *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &where);
    free(bytes);
    if (!json_is_object(*root)) {
        json_decref(*root);
        *root = NULL;
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: not JSON (line %d: %s); remove the file: the run goes on from its "
                          "checkpoint",
                          path, where.line, where.text);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_run_record_read(const char *directory, struct ccrnn_run_record *record,
                                        struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    json_t *root = NULL;
    *record = (struct ccrnn_run_record){0};
    CCRNN_TRY(load(directory, path, &root, err));
    const enum ccrnn_status status = from_json(root, path, record, err);
    json_decref(root);
    return status;
}

static const char *word_of(const json_t *words, size_t index)
{
    const char *const word = json_string_value(json_array_get(words, index));
    return word == NULL ? "" : word;
}

/* Pointers, and behind them the bytes they point to. */
static char **copy_words(const json_t *words)
{
    const size_t count = json_array_size(words);
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += strlen(word_of(words, i)) + 1;
    char **const copy = malloc((count + 1) * sizeof *copy + bytes);
    if (copy == NULL)
        return NULL;
    char *at = (char *)(copy + count + 1);
    for (size_t i = 0; i < count; i++) {
        const size_t size = strlen(word_of(words, i)) + 1;
        copy[i] = memcpy(at, word_of(words, i), size);
        at += size;
    }
    copy[count] = NULL;
    return copy;
}

enum ccrnn_status ccrnn_run_record_command(const char *directory, char ***words,
                                           char where[CCRNN_PATH_MAX], struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    json_t *root = NULL;
    *words = NULL;
    where[0] = '\0';
    CCRNN_TRY(load(directory, path, &root, err));
    const json_t *const argv = json_object_get(root, "argv");
    const bool any = json_array_size(argv) > 0;
    *words = any ? copy_words(argv) : NULL;
    copy_string(root, "working_directory", where, CCRNN_PATH_MAX);
    json_decref(root);
    if (!any)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: has no command", path);
    return *words != NULL ? CCRNN_OK
                          : ccrnn_fail(err, CCRNN_MEMORY, "out of memory; close other programs");
}

bool ccrnn_run_record_is_complete(const struct ccrnn_run_record *record, uint64_t epochs)
{
    if (record->status == CCRNN_RUN_NONFINITE)
        return true;
    return record->status == CCRNN_RUN_DONE && (record->stopped_early || record->epoch >= epochs);
}

uint64_t ccrnn_run_epochs_done(const char *directory, enum ccrnn_run_status *status)
{
    struct ccrnn_run_record record;
    struct ccrnn_error err;
    if (ccrnn_run_record_read(directory, &record, &err) != CCRNN_OK)
        return 0;
    *status = record.status;
    return record.status == CCRNN_RUN_DONE && record.stopped_early ? UINT64_MAX : record.epoch;
}
