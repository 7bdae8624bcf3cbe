#define _GNU_SOURCE
#include "study/lost_work.h"

#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/host.h"
#include "study/workers.h"

enum { NOTE_BYTES_MOST = 1 << 16 };

static const char folder[] = "lost-work", ending[] = ".json";

void ccrnn_lost_work_note(const struct ccrnn_study *study, const char *directory, size_t index,
                          double seconds, uint64_t epochs)
{
    char path[CCRNN_PATH_MAX], name[32];
    struct ccrnn_process self;
    ccrnn_process_self(&self);
    snprintf(name, sizeof name, "%016" PRIx64 "%s", ccrnn_process_token(), ending);
    if (ccrnn_path_join(path, sizeof path, directory, folder, NULL) != CCRNN_OK ||
        ccrnn_directory_make(path, NULL) != CCRNN_OK ||
        ccrnn_path_join(path, sizeof path, path, name, NULL) != CCRNN_OK)
        return;
    json_t *const root =
        json_pack("{s:s, s:s, s:I, s:s, s:I, s:f, s:I}", "format", "ccrnn-lost-work-1", "arm",
                  ccrnn_study_run_arm(study, index)->name, "seed",
                  (json_int_t)ccrnn_study_run_seed(study, index), "host", self.host, "pid",
                  (json_int_t)self.id, "seconds", seconds, "epochs", (json_int_t)epochs);
    char *const text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    if (text != NULL)
        (void)ccrnn_file_write_atomic(path, text, strlen(text), NULL);
    free(text);
}

static void add(const char *path, struct ccrnn_lost_work *sum)
{
    uint8_t *bytes = NULL;
    size_t size;
    if (ccrnn_file_read(path, NOTE_BYTES_MOST, &bytes, &size, NULL) != CCRNN_OK)
        return;
    json_t *const root = json_loadb((const char *)bytes, size, 0, NULL);
    free(bytes);
    sum->runs++;
    sum->seconds += json_number_value(json_object_get(root, "seconds"));
    sum->epochs += json_number_value(json_object_get(root, "epochs"));
    json_decref(root);
}

struct ccrnn_lost_work ccrnn_lost_work_sum(const char *directory)
{
    struct ccrnn_lost_work sum = {0};
    char notes[CCRNN_PATH_MAX], path[CCRNN_PATH_MAX];
    if (ccrnn_path_join(notes, sizeof notes, directory, folder, NULL) != CCRNN_OK)
        return sum;
    DIR *const entries = opendir(notes);
    for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;) {
        const size_t length = strlen(e->d_name), tail = sizeof ending - 1;
        if (e->d_name[0] != '.' && length > tail &&
            strcmp(e->d_name + length - tail, ending) == 0 &&
            ccrnn_path_join(path, sizeof path, notes, e->d_name, NULL) == CCRNN_OK)
            add(path, &sum);
    }
    if (entries != NULL)
        closedir(entries);
    return sum;
}
