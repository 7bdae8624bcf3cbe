#define _GNU_SOURCE
#include "report/output.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/number.h"
#include "report/figures.h"
#include "report/task.h"
#include "report/measures.h"

enum ccrnn_status ccrnn_report_output_open(struct ccrnn_report_output *output, const char *study,
                                           const char *out, struct ccrnn_error *err)
{
    *output = (struct ccrnn_report_output){0};
    if (out == NULL)
        CCRNN_TRY(
            ccrnn_path_join(output->directory, sizeof output->directory, study, "report", err));
    else
        CCRNN_TRY(ccrnn_path_join(output->directory, sizeof output->directory, "", out, err));
    output->made = !ccrnn_path_exists(output->directory);
    CCRNN_TRY(ccrnn_directory_make(output->directory, err));
    CCRNN_TRY(ccrnn_path_join(output->staging, sizeof output->staging, output->directory,
                              ".report-XXXXXX", err));
    if (mkdtemp(output->staging) == NULL) {
        const int cause = errno;
        output->staging[0] = '\0';
        return ccrnn_fail(err, CCRNN_IO,
                          "%s: cannot write here: %s. Choose another directory with --out.",
                          output->directory, strerror(cause));
    }
    CCRNN_TRY(ccrnn_path_join(output->figures, sizeof output->figures, output->staging, "figures",
                              err));
    CCRNN_TRY(
        ccrnn_path_join(output->tables, sizeof output->tables, output->staging, "tables", err));
    CCRNN_TRY(ccrnn_directory_make(output->figures, err));
    return ccrnn_directory_make(output->tables, err);
}

static enum ccrnn_status move(const char *from_directory, const char *to_directory,
                              const char *name, struct ccrnn_error *err)
{
    char from[CCRNN_PATH_MAX], to[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(from, sizeof from, from_directory, name, err));
    CCRNN_TRY(ccrnn_path_join(to, sizeof to, to_directory, name, err));
    if (rename(from, to) == 0)
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_IO,
                      "%s: cannot put the new file here: %s. Free the name, or choose another "
                      "directory with --out.",
                      to, strerror(errno));
}

static enum ccrnn_status move_all(const char *from, const char *to, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_directory_make(to, err));
    DIR *const directory = opendir(from);
    if (directory == NULL)
        return ccrnn_fail(err, CCRNN_IO, "%s: cannot be read: %s.", from, strerror(errno));
    enum ccrnn_status status = CCRNN_OK;
    for (struct dirent *entry = readdir(directory); entry != NULL && status == CCRNN_OK;
         entry = readdir(directory)) {
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "gnuplot.log") != 0)
            status = move(from, to, entry->d_name, err);
    }
    closedir(directory);
    return status;
}

static void remove_from(const char *directory, const char *name)
{
    char path[CCRNN_PATH_MAX];
    if (ccrnn_path_join(path, sizeof path, directory, name, NULL) == CCRNN_OK)
        (void)unlink(path);
}

/* Remove `name` from the published directory unless the new report has it. */
static void remove_stale(const char *published, const char *staged, const char *name)
{
    char path[CCRNN_PATH_MAX];
    if (ccrnn_path_join(path, sizeof path, staged, name, NULL) == CCRNN_OK &&
        !ccrnn_path_exists(path))
        remove_from(published, name);
}

/* Figures and tables whose names begin with `prefix`. */
static void remove_stale_files(const struct ccrnn_report_output *output, const char *figures,
                               const char *tables, const char *prefix)
{
    static const char *const endings[] = {
        ".svg", ".pdf", ".gp", ".csv", "-seeds.csv", "-means.csv", "-ratio.csv", "-outputs.csv"};
    static const char *const table_names[] = {"summary.csv", "comparisons.csv", "classes.csv",
                                              "ranking.csv"};
    char name[256];
    for (size_t n = 0; ccrnn_report_figure_base(n) != NULL; n++) {
        for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
            (void)ccrnn_format(name, sizeof name, "%s%s%s", prefix, ccrnn_report_figure_base(n),
                               endings[i]);
            remove_stale(figures, output->figures, name);
        }
    }
    for (size_t i = 0; i < sizeof table_names / sizeof table_names[0]; i++) {
        (void)ccrnn_format(name, sizeof name, "%s%s", prefix, table_names[i]);
        remove_stale(tables, output->tables, name);
    }
}

enum ccrnn_status ccrnn_report_output_publish(struct ccrnn_report_output *output,
                                              struct ccrnn_error *err)
{
    char figures[CCRNN_PATH_MAX], tables[CCRNN_PATH_MAX], prefix[128];
    CCRNN_TRY(ccrnn_path_join(figures, sizeof figures, output->directory, "figures", err));
    CCRNN_TRY(ccrnn_path_join(tables, sizeof tables, output->directory, "tables", err));
    remove_stale_files(output, figures, tables, "");
    for (size_t i = 0; ccrnn_report_task_number(i) != NULL; i++) {
        (void)ccrnn_format(prefix, sizeof prefix, "%s-", ccrnn_report_task_number(i)->name);
        remove_stale_files(output, figures, tables, prefix);
    }
    CCRNN_TRY(move_all(output->figures, figures, err));
    CCRNN_TRY(move_all(output->tables, tables, err));
    return move(output->staging, output->directory, "report.html", err);
}

/* Remove a directory and the files, but not directories, in it. */
static void remove_flat(const char *path)
{
    DIR *const directory = opendir(path);
    if (directory == NULL)
        return;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_from(path, entry->d_name);
    }
    closedir(directory);
    (void)rmdir(path);
}

void ccrnn_report_output_close(struct ccrnn_report_output *output, bool failed)
{
    if (output->figures[0] != '\0')
        remove_flat(output->figures);
    if (output->tables[0] != '\0')
        remove_flat(output->tables);
    if (output->staging[0] != '\0')
        remove_flat(output->staging);
    /* only an empty directory is removed */
    if (failed && output->made)
        (void)rmdir(output->directory);
}
