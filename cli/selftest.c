/* ccrnn doctor --selftest resume: is nothing lost on this machine, and this file system? */
#define _GNU_SOURCE
#include "cli/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/random.h"
#include "data/safetensors.h"
#include "study/same_files.h"
#include "study/workers.h"

enum { EPOCHS = 40, STOPS = 8, JITTER_MICROSECONDS = 8000 };

static const char study_text[] =
    "study: selftest\n"
    "seeds: 1\n"
    "base: {epochs: 40, train_size: 100, batch: 20, validation_size: 40,\n"
    "       test_size: 40, hidden: 16, granule_units: 32,\n"
    "       checkpoint_every: 1, probe_every: 7}\n";

struct selftest {
    char directory[CCRNN_PATH_MAX], study[CCRNN_PATH_MAX], log[CCRNN_PATH_MAX];
    char calm[CCRNN_PATH_MAX], stopped[CCRNN_PATH_MAX]; /* run directories */
    char calm_study[CCRNN_PATH_MAX], stopped_study[CCRNN_PATH_MAX];
    struct ccrnn_random moments;
    struct ccrnn_error *err;
};

/* --- places ------------------------------------------------------------------------------ */

static enum ccrnn_status make_places(struct selftest *t, const char *out)
{
    const char *const system = getenv("TMPDIR");
    const char *const parent = out != NULL ? out : system != NULL ? system : "/tmp";
    struct ccrnn_study *study = NULL;
    if (out != NULL)
        CCRNN_TRY(ccrnn_directory_make(out, t->err));
    CCRNN_TRY(ccrnn_path_join(t->directory, sizeof t->directory, parent, "ccrnn-selftest-XXXXXX",
                              t->err));
    if (mkdtemp(t->directory) == NULL)
        return ccrnn_fail(t->err, CCRNN_IO,
                          "%s: no directory can be made there: %s; give another --out", parent,
                          strerror(errno));
    CCRNN_TRY(ccrnn_path_join(t->study, sizeof t->study, t->directory, "study.yaml", t->err));
    CCRNN_TRY(ccrnn_path_join(t->log, sizeof t->log, t->directory, "messages.txt", t->err));
    CCRNN_TRY(ccrnn_path_join(t->calm_study, sizeof t->calm_study, t->directory, "calm", t->err));
    CCRNN_TRY(ccrnn_path_join(t->stopped_study, sizeof t->stopped_study, t->directory, "stopped",
                              t->err));
    CCRNN_TRY(ccrnn_file_write_atomic(t->study, study_text, sizeof study_text - 1, t->err));
    CCRNN_TRY(ccrnn_study_load(t->study, NULL, &study, t->err));
    enum ccrnn_status status =
        ccrnn_study_run_directory(study, t->calm_study, 0, t->calm, sizeof t->calm, t->err);
    if (status == CCRNN_OK)
        status = ccrnn_study_run_directory(study, t->stopped_study, 0, t->stopped,
                                           sizeof t->stopped, t->err);
    ccrnn_study_destroy(study);
    return status;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

/* --- the program, as a child ------------------------------------------------------------- */

/* In the child: what it says goes to a file. */
static void become_run(const struct selftest *t, const char *out)
{
    const int log = open(t->log, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(126);
    execl("/proc/self/exe", "ccrnn", "run", t->study, "--out", out, "-q", "-j1", (char *)NULL);
    _exit(127);
}

static enum ccrnn_status begin(const struct selftest *t, const char *out, pid_t *child)
{
    fflush(stdout);
    *child = fork();
    if (*child == 0)
        become_run(t, out);
    return *child > 0 ? CCRNN_OK
                      : ccrnn_fail(t->err, CCRNN_MEMORY, "no process can be started: %s",
                                   strerror(errno));
}

static void nap(long microseconds)
{
    const struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
    nanosleep(&time, NULL);
}

/* The run's newest checkpoint; 0: none yet, or it is just being replaced. */
static uint64_t epoch_of(const struct selftest *t)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_tensor_file *file = NULL;
    uint64_t epoch = 0;
    if (ccrnn_path_join(path, sizeof path, t->stopped, "last.safetensors", NULL) != CCRNN_OK ||
        !ccrnn_path_exists(path) || ccrnn_tensor_file_open(path, &file, NULL) != CCRNN_OK)
        return 0;
    const char *const text = ccrnn_tensor_file_metadata(file, "epoch");
    if (text == NULL || !ccrnn_parse_unsigned(text, &epoch))
        epoch = 0;
    ccrnn_tensor_file_close(file);
    return epoch;
}

static enum ccrnn_status explain(const struct selftest *t, int status)
{
    if (WIFSIGNALED(status))
        return ccrnn_fail(t->err, CCRNN_FAILED, "a run ended by signal %d; what it said is in %s",
                          WTERMSIG(status), t->log);
    return ccrnn_fail(t->err, CCRNN_FAILED, "a run ended with code %d; what it said is in %s",
                      WEXITSTATUS(status), t->log);
}

/* Let it come to its end. */
static enum ccrnn_status complete(const struct selftest *t, const char *out)
{
    pid_t child;
    int status = 0;
    CCRNN_TRY(begin(t, out, &child));
    if (waitpid(child, &status, 0) != child || status != 0)
        return explain(t, status);
    return CCRNN_OK;
}

/* Let it go on to about an epoch, then end it. It can only be asked to stop once it listens: when it has written
 * a checkpoint of its own. Killed it may be at any time. */
static enum ccrnn_status disturb(struct selftest *t, uint64_t epoch)
{
    pid_t child;
    int status = 0;
    const bool polite = ccrnn_random_below(&t->moments, 2) == 0;
    const long jitter = (long)ccrnn_random_below(&t->moments, JITTER_MICROSECONDS);
    const uint64_t before = epoch_of(t);
    if (polite && epoch <= before)
        epoch = before + 1;
    CCRNN_TRY(begin(t, t->stopped_study, &child));
    while (epoch_of(t) < epoch && waitpid(child, &status, WNOHANG) == 0)
        nap(500);
    nap(jitter);
    if (kill(child, polite ? SIGTERM : SIGKILL) == 0)
        (void)waitpid(child, &status, 0);
    const bool stopped =
        WIFEXITED(status) && WEXITSTATUS(status) == ccrnn_status_exit_code(CCRNN_INTERRUPTED);
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (status != 0 && !stopped && !killed)
        return explain(t, status);
    printf("  %-8s checkpoint of epoch %" PRIu64 " of %d\n",
           killed    ? "killed,"
           : stopped ? "stopped,"
                     : "done,",
           epoch_of(t), EPOCHS);
    return CCRNN_OK;
}

static int rising(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static enum ccrnn_status disturb_and_complete(struct selftest *t)
{
    uint32_t epoch[STOPS];
    for (size_t i = 0; i < STOPS; i++)
        epoch[i] = ccrnn_random_below(&t->moments, EPOCHS - 2);
    qsort(epoch, STOPS, sizeof epoch[0], rising);
    for (size_t i = 0; i < STOPS; i++)
        CCRNN_TRY(disturb(t, epoch[i]));
    return complete(t, t->stopped_study);
}

enum ccrnn_status cli_selftest_resume(const char *out, uint64_t seed, bool *good,
                                      struct ccrnn_error *err)
{
    char what[1024];
    struct selftest t = {.err = err};
    *good = false;
    ccrnn_random_start(&t.moments, seed, CCRNN_RANDOM_USER, 0, 0);
    CCRNN_TRY(make_places(&t, out));
    printf("resume: a run of %d epochs in %s, undisturbed, and with %d stops and kills (--seed "
           "%" PRIu64 ")\n",
           EPOCHS, t.directory, STOPS, seed);
    enum ccrnn_status status = complete(&t, t.calm_study);
    if (status == CCRNN_OK)
        status = disturb_and_complete(&t);
    if (status == CCRNN_OK)
        status = ccrnn_same_files(t.calm, t.stopped, "run.json", good, what, sizeof what, err);
    if (status != CCRNN_OK)
        return status;
    printf("%-10s resume: %s\n", *good ? "ok" : "FAILED", what);
    if (*good)
        (void)nftw(t.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    else
        printf("           the files are left in %s\n", t.directory);
    return CCRNN_OK;
}
