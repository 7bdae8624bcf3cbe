/* Running gnuplot: by argument list, never through a shell. */
#define _GNU_SOURCE
#include "report/figures.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"

#define LOG_NAME "gnuplot.log"
#define LOG_QUOTED 600

/* In `directory`, nothing on stdin, everything gnuplot says into the log. */
static int set_up(posix_spawn_file_actions_t *actions, const char *directory)
{
    int failed = posix_spawn_file_actions_addchdir_np(actions, directory);
    if (failed == 0)
        failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (failed == 0)
        failed = posix_spawn_file_actions_addopen(actions, 1, LOG_NAME,
                                                  O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(actions, 1, 2);
    return failed;
}

/* What gnuplot said, on one line. */
static void read_log(const char *directory, char said[LOG_QUOTED])
{
    char path[CCRNN_PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size = 0;
    said[0] = '\0';
    if (ccrnn_path_join(path, sizeof path, directory, LOG_NAME, NULL) != CCRNN_OK ||
        ccrnn_file_read(path, (size_t)1 << 20, &bytes, &size, NULL) != CCRNN_OK)
        return;
    size_t length = 0;
    bool space = true;
    for (size_t i = 0; i < size && length + 1 < LOG_QUOTED; i++) {
        const bool blank = bytes[i] <= ' ';
        if (!blank)
            said[length++] = (char)bytes[i];
        else if (!space)
            said[length++] = ' ';
        space = blank;
    }
    said[length] = '\0';
    free(bytes);
}

static enum ccrnn_status wait_for(pid_t child, int *result, struct ccrnn_error *err)
{
    while (waitpid(child, result, 0) < 0) {
        if (errno != EINTR)
            return ccrnn_fail(err, CCRNN_IO, "Waiting for gnuplot failed: %s. Try again.",
                              strerror(errno));
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_report_run_gnuplot(const char *directory, const char *name,
                                           struct ccrnn_error *err)
{
    char program[] = "gnuplot", defaults[] = "-d", script[128];
    char *const arguments[] = {program, defaults, script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    (void)ccrnn_format(script, sizeof script, "%s.gp", name);
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed == 0) {
        failed = set_up(&actions, directory);
        if (failed == 0)
            failed = posix_spawnp(&child, program, &actions, NULL, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    if (failed == ENOENT || failed == EACCES)
        return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                          "gnuplot, which draws the figures, was not found on PATH. Install it "
                          "(Debian: apt install gnuplot-nox), or make the report without figures "
                          "(--no-figures).");
    if (failed != 0)
        return ccrnn_fail(err, CCRNN_IO, "gnuplot could not be started: %s.", strerror(failed));
    int result;
    CCRNN_TRY(wait_for(child, &result, err));
    if (WIFEXITED(result) && WEXITSTATUS(result) == 0)
        return CCRNN_OK;
    char said[LOG_QUOTED];
    read_log(directory, said);
    return ccrnn_fail(err, CCRNN_FAILED,
                      "gnuplot failed on the figure %s: %s Version 5.4 or later with the "
                      "terminals svg and pdfcairo is needed (Debian: apt install gnuplot-nox); "
                      "or make the report without figures (--no-figures).",
                      name, said[0] == '\0' ? "it said nothing." : said);
}
