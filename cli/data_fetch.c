/* ccrnn data fetch mnist: download what is missing or damaged. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/data.h"
#include "cli/download.h"
#include "cli/progress.h"
#include "cli/terminal.h"

static const double seconds_between_lines = 5.0, seconds_between_redraws = 0.1;
static const double bytes_per_megabyte = 1e6;

/* What is to be done about one file. */
struct task {
    bool right;                /* it is there and is kept */
    char path[CCRNN_PATH_MAX]; /* where it is, or goes */
    char url[CCRNN_PATH_MAX];
};

struct fetch {
    struct task tasks[CCRNN_MNIST_PARTS];
    uint64_t size, done; /* bytes of all downloads, and of those finished */
    const char *name;    /* of the file at work */
    double start, last;
    bool terminal, drawn;
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

/* The second Ctrl-C has its usual effect. A connection that the server has closed is an error of
 * its own, no reason to die. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool wants_stop(void *context)
{
    (void)context;
    return stop_signal != 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void clear(struct fetch *fetch)
{
    if (fetch->drawn)
        fprintf(stderr, "\r\033[K");
    fetch->drawn = false;
}

/* One redrawn line on a terminal, a plain line every few seconds elsewhere. */
static void on_received(void *context, uint64_t bytes)
{
    struct fetch *const fetch = context;
    const double time = now();
    const double wait = fetch->terminal ? seconds_between_redraws : seconds_between_lines;
    if (time - fetch->last < wait)
        return;
    fetch->last = time;
    const double done = (double)(fetch->done + bytes), size = (double)fetch->size;
    char left[48] = "not known yet", line[256];
    if (done > 0)
        cli_duration((size - done) * (time - fetch->start) / done, left, sizeof left);
    snprintf(line, sizeof line, "%s: %.1f of %.1f MB, time left: %s", fetch->name,
             done / bytes_per_megabyte, size / bytes_per_megabyte, left);
    if (!fetch->terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    fprintf(stderr, "\r\033[K%.*s", (int)cli_first(line, cli_columns(STDERR_FILENO) - 1), line);
    fflush(stderr);
    fetch->drawn = true;
}

static enum ccrnn_status fail_in_the_way(const char *path, const char *what,
                                         struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s is there and %s; nothing was downloaded: move that file away, or name "
                      "another place with --data DIR",
                      path, what);
}

/* Look at the file that is there: right, damaged (then it may be replaced), or in the way. */
static enum ccrnn_status examine(enum ccrnn_mnist_part part, const char *there, struct task *task,
                                 struct ccrnn_error *err)
{
    struct ccrnn_idx idx;
    char sha256[CLI_SHA256_TEXT];
    const enum ccrnn_status found = ccrnn_idx_read(there, ccrnn_mnist_kind(part), &idx, err);
    if (found == CCRNN_FORMAT)
        return strcmp(there, task->path) == 0
                   ? CCRNN_OK
                   : fail_in_the_way(there, "damaged, but would be taken before a downloaded one",
                                     err);
    CCRNN_TRY(found);
    const enum ccrnn_status status = cli_mnist_recognise(part, &idx, sha256, &task->right, err);
    ccrnn_idx_release(&idx);
    CCRNN_TRY(status);
    if (!task->right)
        return fail_in_the_way(there, "well-formed, but not the published MNIST", err);
    return ccrnn_path_join(task->path, sizeof task->path, "", there, err);
}

static enum ccrnn_status plan_part(const char *directory, const char *url,
                                   enum ccrnn_mnist_part part, struct fetch *fetch,
                                   struct ccrnn_error *err)
{
    struct task *const task = &fetch->tasks[part];
    char name[64], there[CCRNN_PATH_MAX];
    ccrnn_format(name, sizeof name, "%s.gz", ccrnn_mnist_name(part));
    CCRNN_TRY(ccrnn_path_join(task->path, sizeof task->path, directory, name, err));
    CCRNN_TRY(ccrnn_path_join(task->url, sizeof task->url, url, name, err));
    CCRNN_TRY(ccrnn_mnist_find(directory, part, there, err));
    if (there[0] != '\0')
        CCRNN_TRY(examine(part, there, task, err));
    if (!task->right)
        fetch->size += cli_mnist_known[part].file_size;
    return CCRNN_OK;
}

static enum ccrnn_status download_part(struct cli_downloader *downloader,
                                       enum ccrnn_mnist_part part, struct fetch *fetch,
                                       struct ccrnn_error *err)
{
    const struct task *const task = &fetch->tasks[part];
    const struct cli_mnist_known *const known = &cli_mnist_known[part];
    const struct cli_download download = {.url = task->url,
                                          .path = task->path,
                                          .size = known->file_size,
                                          .sha256 = known->file_sha256};
    fetch->name = ccrnn_mnist_name(part);
    const enum ccrnn_status status = cli_downloader_fetch(downloader, &download, err);
    clear(fetch);
    CCRNN_TRY(status);
    fetch->done += known->file_size;
    printf("fetched %s\n", task->path);
    fflush(stdout);
    return CCRNN_OK;
}

static enum ccrnn_status download_all(struct fetch *fetch, struct ccrnn_error *err)
{
    const struct cli_download_listener listener = {fetch, on_received, wants_stop};
    struct cli_downloader *downloader;
    CCRNN_TRY(cli_downloader_open(&listener, &downloader, err));
    catch_signals();
    fetch->terminal = isatty(STDERR_FILENO) != 0;
    fetch->start = fetch->last = now();
    enum ccrnn_status status = CCRNN_OK;
    for (enum ccrnn_mnist_part part = 0; part < CCRNN_MNIST_PARTS && status == CCRNN_OK; part++)
        if (!fetch->tasks[part].right)
            status = download_part(downloader, part, fetch, err);
    cli_downloader_close(downloader);
    return status;
}

static enum ccrnn_status check_url(const char *url, struct ccrnn_error *err)
{
    if (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_USAGE,
        "--from is \"%.300s\", expected an address that begins with https:// or "
        "http://; files on this machine can be used where they are, with --data DIR",
        url);
}

static enum ccrnn_status fetch_into(const char *directory, const char *url, struct fetch *fetch,
                                    struct ccrnn_error *err)
{
    CCRNN_TRY(check_url(url, err));
    for (enum ccrnn_mnist_part part = 0; part < CCRNN_MNIST_PARTS; part++)
        CCRNN_TRY(plan_part(directory, url, part, fetch, err));
    for (enum ccrnn_mnist_part part = 0; part < CCRNN_MNIST_PARTS; part++)
        if (fetch->tasks[part].right)
            printf("kept    %s (already there, and right)\n", fetch->tasks[part].path);
    if (fetch->size == 0)
        return CCRNN_OK;
    fprintf(stderr, "downloading %.1f MB from %s to %s\n",
            (double)fetch->size / bytes_per_megabyte, url, directory);
    const bool made = !ccrnn_directory_exists(directory);
    CCRNN_TRY(ccrnn_directory_make(directory, err));
    CCRNN_TRY(ccrnn_directory_remove_stale(directory, NULL, err));
    const enum ccrnn_status status = download_all(fetch, err);
    if (status != CCRNN_OK && made)
        (void)rmdir(directory); /* stays if a file got there */
    return status;
}

enum ccrnn_status cli_data_fetch(const char *directory, const char *url, struct ccrnn_error *err)
{
    struct fetch *const fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to fetch data; close other programs");
    const enum ccrnn_status status = fetch_into(directory, url, fetch, err);
    free(fetch);
    return status;
}
