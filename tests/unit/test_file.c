/* Files: read whole, written whole or not at all, whatever fails in between. */
#define _GNU_SOURCE
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "scratch.h"

static const char old_text[] = "the old content";
static const char new_text[] = "new";

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct ccrnn_error err;
    const char *const path = scratch_path("round");
    const uint8_t content[] = {0, 1, 255, '\n', 0, 7};
    uint8_t *bytes;
    size_t size;
    assert_int_equal(ccrnn_file_write_atomic(path, old_text, sizeof old_text, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_write_atomic(path, content, sizeof content, &err), CCRNN_OK);
    scratch_expect(path, content, sizeof content);
    assert_int_equal(ccrnn_file_read(path, sizeof content, &bytes, &size, &err), CCRNN_OK);
    assert_int_equal(size, sizeof content);
    assert_memory_equal(bytes, content, sizeof content);
    assert_int_equal(bytes[size], 0);
    free(bytes);
    assert_int_equal(ccrnn_file_write_atomic(path, NULL, 0, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_read(path, 0, &bytes, &size, &err), CCRNN_OK);
    assert_int_equal(size, 0);
    assert_int_equal(bytes[0], 0);
    free(bytes);
    assert_int_equal(scratch_entries(scratch_directory()), 1);
    unlink(path);
}

/* "It is not there" is only said where that is certain. */
static void a_look_tells_no_from_unknown(void **state)
{
    (void)state;
    struct ccrnn_error err = {0};
    char name[NAME_MAX + 2];
    bool exists = false;
    scratch_write(scratch_path("there"), "", 0);
    assert_int_equal(symlink(scratch_path("nowhere"), scratch_path("dangling")), 0);
    assert_int_equal(ccrnn_path_look(scratch_path("there"), &exists, &err), CCRNN_OK);
    assert_true(exists);
    const char *const missing[] = {"missing", "there/below", "dangling"};
    for (size_t i = 0; i < 3; i++) {
        exists = true;
        assert_int_equal(ccrnn_path_look(scratch_path(missing[i]), &exists, &err), CCRNN_OK);
        assert_false(exists);
    }
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    exists = true;
    expect_error(ccrnn_path_look(name, &exists, &err), CCRNN_IO, &err, name, "too long", NULL);
    assert_false(exists);
    unlink(scratch_path("there"));
    unlink(scratch_path("dangling"));
}

static void expect_unreadable(const char *path, size_t max, enum ccrnn_status status,
                              const char *words)
{
    struct ccrnn_error err;
    uint8_t *bytes = (uint8_t *)&err;
    size_t size = 5;
    expect_error(ccrnn_file_read(path, max, &bytes, &size, &err), status, &err, path, words,
                 NULL);
    assert_null(bytes);
    assert_int_equal(size, 0);
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    const char *const path = scratch_path("plain");
    scratch_write(path, old_text, sizeof old_text);
    expect_unreadable(path, sizeof old_text - 1, CCRNN_FORMAT, "has 16 bytes");
    expect_unreadable(scratch_path("missing"), 100, CCRNN_IO, "No such file");
    expect_unreadable(scratch_path("plain/below"), 100, CCRNN_IO, "Not a directory");
    expect_unreadable(scratch_directory(), 100, CCRNN_IO, "Is a directory");
    expect_unreadable("/dev/zero", 100, CCRNN_IO, "not a regular file");
    const char *const pipe = scratch_path("pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    expect_unreadable(pipe, 100, CCRNN_IO, "not a regular file");
    unlink(pipe);
    unlink(path);
}

static void a_file_of_holes_is_refused_before_memory_is_taken(void **state)
{
    (void)state;
    const char *const path = scratch_path("holes");
    scratch_write(path, NULL, 0);
    if (truncate(path, (off_t)1 << 42) != 0) {
        print_message(
            "# SKIP the file system has no sparse files of 4 TiB: reading a larger file "
            "than allowed\n");
        skip();
    }
    expect_unreadable(path, (size_t)1 << 40, CCRNN_FORMAT, "4398046511104");
    unlink(path);
}

static void expect_unwritable(const char *path, const char *words)
{
    struct ccrnn_error err;
    expect_error(ccrnn_file_write_atomic(path, new_text, sizeof new_text, &err), CCRNN_IO, &err,
                 path, words, NULL);
}

static void what_cannot_be_written_is_named(void **state)
{
    (void)state;
    char name[NAME_MAX + 1];
    memset(name, 'n', NAME_MAX);
    name[NAME_MAX] = '\0';
    const char *const path = scratch_path("plain");
    scratch_write(path, old_text, sizeof old_text);
    expect_unwritable(scratch_path("missing/file"), "No such file");
    expect_unwritable(scratch_path("plain/file"), "Not a directory");
    expect_unwritable(scratch_directory(), "Is a directory");
    expect_unwritable(scratch_path(name), "too long");
    expect_unwritable("", "No such file");
    scratch_expect(path, old_text, sizeof old_text);
    assert_int_equal(scratch_entries(scratch_directory()), 1);
    unlink(path);
}

static void a_writer_in_pieces_can_be_abandoned(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_file_writer *writer;
    const char *const path = scratch_path("pieces");
    scratch_write(path, old_text, sizeof old_text);
    assert_int_equal(ccrnn_file_writer_open(path, &writer, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_writer_add(writer, "ab", 2, &err), CCRNN_OK);
    scratch_expect(path, old_text, sizeof old_text);
    assert_int_equal(scratch_entries(scratch_directory()), 2);
    ccrnn_file_writer_abandon(writer);
    ccrnn_file_writer_abandon(NULL);
    scratch_expect(path, old_text, sizeof old_text);
    assert_int_equal(scratch_entries(scratch_directory()), 1);
    assert_int_equal(ccrnn_file_writer_open(path, &writer, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_writer_add(writer, "ab", 2, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_writer_add(writer, NULL, 0, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_writer_add(writer, "c", 1, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_writer_commit(writer, &err), CCRNN_OK);
    scratch_expect(path, "abc", 3);
    assert_int_equal(scratch_entries(scratch_directory()), 1);
    unlink(path);
}

/* The commit itself fails when the temporary file is gone, or the target became a directory. */
static void a_failed_commit_leaves_nothing(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_file_writer *writer;
    const char *const path = scratch_path("target");
    assert_int_equal(ccrnn_file_writer_open(path, &writer, &err), CCRNN_OK);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_error(ccrnn_file_writer_commit(writer, &err), CCRNN_IO, &err, path, "Is a directory",
                 NULL);
    assert_int_equal(scratch_entries(scratch_directory()), 1);
    assert_int_equal(rmdir(path), 0);
}

/* Files of this process can grow to `bytes` from now on; more is EFBIG instead of a signal. */
static struct rlimit limit_files(rlim_t bytes)
{
    struct rlimit before;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return before;
}

static void a_file_over_the_limit_leaves_the_old_one(void **state)
{
    (void)state;
    enum { LARGE = 100000 };
    struct ccrnn_error err;
    const char *const path = scratch_path("limited");
    scratch_write(path, old_text, sizeof old_text);
    char *const large = calloc(1, LARGE);
    assert_non_null(large);
    const struct rlimit before = limit_files(LARGE / 2);
    const enum ccrnn_status status = ccrnn_file_write_atomic(path, large, LARGE, &err);
    struct ccrnn_error append_err;
    const enum ccrnn_status append_status = ccrnn_file_append(path, 3, large, LARGE, &append_err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    free(large);
    expect_error(status, CCRNN_IO, &err, path, "File too large", "run the same command again",
                 NULL);
    expect_error(append_status, CCRNN_IO, &append_err, path, "File too large", NULL);
    scratch_expect(path, old_text, 3);
    assert_int_equal(scratch_entries(scratch_directory()), 1);
    unlink(path);
}

/* Is the file's content exactly this? For children, which cannot use cmocka. */
static int has_content(const char *path, const void *expected, size_t expected_size)
{
    uint8_t *bytes;
    size_t size;
    if (ccrnn_file_read(path, SIZE_MAX - 1, &bytes, &size, NULL) != CCRNN_OK)
        return 0;
    const int same = size == expected_size && memcmp(bytes, expected, size) == 0;
    free(bytes);
    return same;
}

static int fill_a_small_disk(void)
{
    enum { LARGE = 200000 };
    static const char large[LARGE];
    struct ccrnn_error err;
    const char *const disk = scratch_path("disk");
    const char *const path = scratch_path("disk/file");
    const int alone = unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER);
    if (alone != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", disk, "tmpfs", 0, "size=64k") != 0)
        return CHILD_CANNOT;
    if (ccrnn_file_write_atomic(path, old_text, sizeof old_text, &err) != CCRNN_OK)
        return CHILD_FAILED;
    const enum ccrnn_status status = ccrnn_file_write_atomic(path, large, LARGE, &err);
    if (status != CCRNN_IO || strstr(err.message, "No space left") == NULL ||
        strstr(err.message, "free some space") == NULL || strstr(err.message, path) == NULL)
        return CHILD_FAILED;
    if (!has_content(path, old_text, sizeof old_text) || scratch_entries(disk) != 1)
        return CHILD_FAILED;
    if (ccrnn_file_append(path, 5, large, LARGE, &err) != CCRNN_IO ||
        strstr(err.message, "No space left") == NULL || !has_content(path, old_text, 5))
        return CHILD_FAILED;
    if (mount("none", disk, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0)
        return CHILD_CANNOT;
    if (ccrnn_file_write_atomic(path, new_text, sizeof new_text, &err) != CCRNN_IO ||
        strstr(err.message, "Read-only") == NULL || !has_content(path, old_text, 5))
        return CHILD_FAILED;
    return CHILD_PASSED;
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    assert_int_equal(mkdir(scratch_path("disk"), 0700), 0);
    const int result = scratch_in_a_child(fill_a_small_disk);
    assert_int_equal(rmdir(scratch_path("disk")), 0);
    if (result == CHILD_CANNOT) {
        print_message("# SKIP a small tmpfs cannot be mounted here (no root, no user namespace): "
                      "writing to a full disk and to a read-only one\n");
        skip();
    }
    assert_int_equal(result, CHILD_PASSED);
}

static int write_without_permission(void)
{
    struct ccrnn_error err;
    const char *const path = scratch_path("closed/file");
    if (geteuid() == 0 && seteuid(65534) != 0)
        return CHILD_CANNOT;
    const enum ccrnn_status status =
        ccrnn_file_write_atomic(path, new_text, sizeof new_text, &err);
    return status == CCRNN_IO && strstr(err.message, "Permission denied") != NULL &&
                   strstr(err.message, path) != NULL
               ? CHILD_PASSED
               : CHILD_FAILED;
}

static void a_directory_without_permission_is_named(void **state)
{
    (void)state;
    const char *const path = scratch_path("closed");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0555), 0);
    const int result = scratch_in_a_child(write_without_permission);
    assert_int_equal(rmdir(path), 0);
    if (result == CHILD_CANNOT) {
        print_message("# SKIP root cannot become another user here: writing into a directory "
                      "without permission\n");
        skip();
    }
    assert_int_equal(result, CHILD_PASSED);
}

enum { KILL_SIZE = 300000 };

static void write_for_ever(const char *path)
{
    static char content[KILL_SIZE];
    for (;;) {
        for (int letter = 'a'; letter <= 'b'; letter++) {
            memset(content, letter, sizeof content);
            if (ccrnn_file_write_atomic(path, content, sizeof content, NULL) != CCRNN_OK)
                _exit(CHILD_FAILED);
        }
    }
}

/* Kill a process that writes, `wait` after it made the file for the first time. */
static void kill_while_writing(const char *path, long wait)
{
    unlink(path);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_for_ever(path);
    const struct timespec moment = {0, 200000};
    while (!ccrnn_path_exists(path))
        nanosleep(&moment, NULL);
    const struct timespec pause = {0, wait};
    nanosleep(&pause, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void a_killed_writer_leaves_a_whole_file(void **state)
{
    (void)state;
    struct ccrnn_error err;
    const char *const path = scratch_path("killed");
    for (int round = 0; round < 8; round++) {
        kill_while_writing(path, 1000000L + 613000L * round);
        uint8_t *bytes;
        size_t size;
        assert_int_equal(ccrnn_file_read(path, KILL_SIZE, &bytes, &size, &err), CCRNN_OK);
        assert_int_equal(size, KILL_SIZE);
        assert_true(bytes[0] == 'a' || bytes[0] == 'b');
        for (size_t i = 1; i < size; i++)
            assert_int_equal(bytes[i], bytes[0]);
        free(bytes);
        assert_int_equal(ccrnn_directory_remove_stale(scratch_directory(), NULL, &err), CCRNN_OK);
        assert_int_equal(scratch_entries(scratch_directory()), 1);
    }
    unlink(path);
}

/* A process id that belongs to nobody. */
static long dead_process(void)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return (long)child;
}

static const char *stale_name(const char *format, long process)
{
    static char name[256];
    snprintf(name, sizeof name, format, process);
    return scratch_path(name);
}

static void only_what_killed_writers_left_is_removed(void **state)
{
    (void)state;
    struct ccrnn_error err;
    struct ccrnn_file_writer *writer;
    const long dead = dead_process();
    static const char *const kept[] = {"x.tmp-%ld-0123456789abcdef",
                                       ".x.tmp-%ld-0123456789abcde",
                                       ".x.tmp-%ld-0123456789abcdeg",
                                       ".x.tmp-0%ld-0123456789abcde",
                                       ".x.tmp-%ld",
                                       ".x.tmp--%ld-0123456789abcdef",
                                       ".x.temp-%ld-0123456789abcdef"};
    enum { KEPT = sizeof kept / sizeof kept[0] };
    for (size_t i = 0; i < KEPT; i++)
        scratch_write(stale_name(kept[i], dead), "", 0);
    scratch_write(stale_name(".x.tmp-%ld-0123456789abcdef", (long)getppid()), "", 0);
    scratch_write(stale_name(".x.tmp-%ld-0123456789abcdef", dead), "", 0);
    scratch_write(stale_name(".x.tmp-1.tmp-%ld-0123456789abcdef", dead), "", 0);
    scratch_write(stale_name(".own.tmp-%ld-0123456789abcdef", (long)getpid()), "", 0);
    assert_int_equal(ccrnn_file_writer_open(scratch_path("live"), &writer, &err), CCRNN_OK);
    size_t removed = 99;
    assert_int_equal(ccrnn_directory_remove_stale(scratch_directory(), &removed, &err), CCRNN_OK);
    assert_int_equal(removed, 3);
    assert_int_equal(scratch_entries(scratch_directory()), KEPT + 2);
    assert_int_equal(ccrnn_directory_remove_temporary(scratch_directory(), &removed, &err),
                     CCRNN_OK);
    assert_int_equal(removed, 1); /* of a process that lives; our own stays */
    assert_int_equal(scratch_entries(scratch_directory()), KEPT + 1);
    assert_int_equal(ccrnn_file_writer_commit(writer, &err), CCRNN_OK);
    unlink(scratch_path("live"));
    for (size_t i = 0; i < KEPT; i++)
        assert_int_equal(unlink(stale_name(kept[i], dead)), 0);
    const char *const missing = scratch_path("missing");
    expect_error(ccrnn_directory_remove_stale(missing, NULL, &err), CCRNN_IO, &err, missing,
                 NULL);
}

static void appending_cuts_first(void **state)
{
    (void)state;
    struct ccrnn_error err;
    const char *const path = scratch_path("log");
    expect_error(ccrnn_file_append(path, 4, "x", 1, &err), CCRNN_IO, &err, path, "No such file",
                 NULL);
    assert_int_equal(ccrnn_file_append(path, 0, "abcd", 4, &err), CCRNN_OK);
    assert_int_equal(ccrnn_file_append(path, 4, "efgh", 4, &err), CCRNN_OK);
    scratch_expect(path, "abcdefgh", 8);
    assert_int_equal(ccrnn_file_append(path, 5, "XY", 2, &err), CCRNN_OK);
    scratch_expect(path, "abcdeXY", 7);
    expect_error(ccrnn_file_append(path, 8, "Z", 1, &err), CCRNN_FORMAT, &err, path, "damaged",
                 "7 bytes", NULL);
    scratch_expect(path, "abcdeXY", 7);
    assert_int_equal(ccrnn_file_append(path, 3, NULL, 0, &err), CCRNN_OK);
    scratch_expect(path, "abc", 3);
    expect_error(ccrnn_file_append(scratch_directory(), 0, "x", 1, &err), CCRNN_IO, &err,
                 "Is a directory", NULL);
    expect_error(ccrnn_file_append("/dev/null", 0, "x", 1, &err), CCRNN_IO, &err,
                 "not a regular file", NULL);
    unlink(path);
}

static void directories_are_made_with_their_parents(void **state)
{
    (void)state;
    struct ccrnn_error err;
    assert_int_equal(ccrnn_directory_make(scratch_path("a/b//c/"), &err), CCRNN_OK);
    assert_int_equal(ccrnn_directory_make(scratch_path("a/b/c"), &err), CCRNN_OK);
    assert_int_equal(ccrnn_directory_make("/", &err), CCRNN_OK);
    assert_true(ccrnn_directory_exists(scratch_path("a/b/c")));
    assert_true(ccrnn_path_exists(scratch_path("a/b")));
    assert_false(ccrnn_file_exists(scratch_path("a/b")));
    const char *const path = scratch_path("a/file");
    scratch_write(path, "", 0);
    assert_true(ccrnn_file_exists(path));
    assert_false(ccrnn_directory_exists(path));
    assert_false(ccrnn_path_exists(scratch_path("a/none")));
    expect_error(ccrnn_directory_make(path, &err), CCRNN_IO, &err, path, "File exists", NULL);
    expect_error(ccrnn_directory_make(scratch_path("a/file/d/e"), &err), CCRNN_IO, &err, path,
                 NULL);
    expect_error(ccrnn_directory_make("", &err), CCRNN_IO, &err, "No such file", NULL);
    char *const endless = malloc(CCRNN_PATH_MAX + 1);
    assert_non_null(endless);
    memset(endless, 'e', CCRNN_PATH_MAX);
    endless[CCRNN_PATH_MAX] = '\0';
    expect_error(ccrnn_directory_make(endless, &err), CCRNN_USAGE, &err, "shorter path", NULL);
    free(endless);
    unlink(path);
    rmdir(scratch_path("a/b/c"));
    rmdir(scratch_path("a/b"));
    assert_int_equal(rmdir(scratch_path("a")), 0);
}

static void paths_are_joined_within_bounds(void **state)
{
    (void)state;
    struct ccrnn_error err;
    char path[8];
    assert_int_equal(ccrnn_path_join(path, sizeof path, "abc", "def", &err), CCRNN_OK);
    assert_string_equal(path, "abc/def");
    assert_int_equal(ccrnn_path_join(path, sizeof path, "abc/", "def", &err), CCRNN_OK);
    assert_string_equal(path, "abc/def");
    assert_int_equal(ccrnn_path_join(path, sizeof path, "", "def", &err), CCRNN_OK);
    assert_string_equal(path, "def");
    assert_int_equal(ccrnn_path_join(path, sizeof path, path, "xyz", &err), CCRNN_OK);
    assert_string_equal(path, "def/xyz");
    expect_error(ccrnn_path_join(path, sizeof path, "abcd", "def", &err), CCRNN_USAGE, &err,
                 "abcd", "7 bytes", NULL);
    assert_string_equal(path, "");
    expect_error(ccrnn_path_join(path, 0, "", "", &err), CCRNN_USAGE, &err, NULL);
}

static void the_checksum_is_the_known_one(void **state)
{
    (void)state;
    assert_int_equal(ccrnn_crc32(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(ccrnn_crc32(ccrnn_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
    assert_int_equal(ccrnn_crc32(5, NULL, 0), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_look_tells_no_from_unknown),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(a_file_of_holes_is_refused_before_memory_is_taken),
        cmocka_unit_test(what_cannot_be_written_is_named),
        cmocka_unit_test(a_writer_in_pieces_can_be_abandoned),
        cmocka_unit_test(a_failed_commit_leaves_nothing),
        cmocka_unit_test(a_file_over_the_limit_leaves_the_old_one),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(a_directory_without_permission_is_named),
        cmocka_unit_test(a_killed_writer_leaves_a_whole_file),
        cmocka_unit_test(only_what_killed_writers_left_is_removed),
        cmocka_unit_test(appending_cuts_first),
        cmocka_unit_test(directories_are_made_with_their_parents),
        cmocka_unit_test(paths_are_joined_within_bounds),
        cmocka_unit_test(the_checksum_is_the_known_one),
    };
    return cmocka_run_group_tests_name("file", tests, scratch_setup, scratch_teardown);
}
