#include "report/results_kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

const char ccrnn_results_title[] =
    "# Results\n"
    "Written by `ccrnn reproduce --write-results` from the files of the runs; not by hand.\n";

static const char heading[] = "\n## ";

enum { BYTES_MOST = 1 << 26 };

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static size_t count_headings(const char *text)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, heading)) != NULL; at += sizeof heading - 1)
        count++;
    return count;
}

/* "| [NAME](#NAME) | … |" */
static struct ccrnn_results_piece find_line(const char *text, const char *name)
{
    static const char open[] = "\n| [";
    for (const char *at = text; (at = strstr(at, open)) != NULL; at++) {
        const char *const word = at + sizeof open - 1;
        if (!begins(word, name) || !begins(word + strlen(name), "](#"))
            continue;
        const char *const end = strchr(at + 1, '\n');
        return (struct ccrnn_results_piece){at + 1, end == NULL ? 0 : (size_t)(end - at)};
    }
    return (struct ccrnn_results_piece){NULL, 0};
}

static enum ccrnn_status add_section(const char *file, const char *at,
                                     struct ccrnn_results_kept *kept, struct ccrnn_error *err)
{
    const char *const name = at + sizeof heading - 1;
    const size_t length = strcspn(name, "\n");
    const char *const next = strstr(name, heading);
    struct ccrnn_results_section *const section = &kept->section[kept->count];
    if (begins(name + length, "\nNot run.\n"))
        return CCRNN_OK;
    section->name = strndup(name, length);
    if (section->name == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for what %s says", file);
    const bool twice = ccrnn_results_kept_find(kept, section->name) != NULL;
    kept->count++;
    if (twice)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: has two sections \"%s\"; take out the one that is not true any "
                          "more, with its line of the table",
                          file, section->name);
    section->body.text = at;
    section->body.length = next == NULL ? strlen(at) : (size_t)(next - at);
    section->line = find_line(kept->text, section->name);
    if (section->line.length == 0)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: has a section \"%s\", but its table has no line of it; move the "
                          "file away, and name the directories of all studies",
                          file, section->name);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_results_kept_read(const char *file, struct ccrnn_results_kept *kept,
                                          struct ccrnn_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool exists;
    *kept = (struct ccrnn_results_kept){0};
    CCRNN_TRY(ccrnn_path_look(file, &exists, err));
    if (!exists)
        return CCRNN_OK;
    CCRNN_TRY(ccrnn_file_read(file, BYTES_MOST, &bytes, &size, err));
    kept->text = (char *)bytes;
    if (memchr(bytes, '\0', size) != NULL || !begins(kept->text, ccrnn_results_title))
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: is there, and `ccrnn reproduce --write-results` did not write it; "
                          "name another file, or move it away",
                          file);
    kept->section = calloc(count_headings(kept->text) + 1, sizeof *kept->section);
    if (kept->section == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for what %s says", file);
    for (const char *at = kept->text; (at = strstr(at, heading)) != NULL;
         at += sizeof heading - 1)
        CCRNN_TRY(add_section(file, at, kept, err));
    return CCRNN_OK;
}

void ccrnn_results_kept_release(struct ccrnn_results_kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        free(kept->section[i].name);
    free(kept->section);
    free(kept->text);
    *kept = (struct ccrnn_results_kept){0};
}

const struct ccrnn_results_section *ccrnn_results_kept_find(const struct ccrnn_results_kept *kept,
                                                            const char *name)
{
    for (size_t i = 0; i < kept->count; i++)
        if (strcmp(kept->section[i].name, name) == 0)
            return &kept->section[i];
    return NULL;
}
