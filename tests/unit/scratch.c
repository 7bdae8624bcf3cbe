#define _GNU_SOURCE
#include "scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[SCRATCH_PATH / 2];

int scratch_setup(void **state)
{
    (void)state;
    const char *const base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/ccrnn-test-XXXXXX",
             base == NULL || base[0] == '\0' ? "/tmp" : base);
    return mkdtemp(directory) == NULL ? 1 : 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

int scratch_teardown(void **state)
{
    (void)state;
    return nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_directory(void)
{
    return directory;
}

const char *scratch_path(const char *name)
{
    static char paths[4][SCRATCH_PATH];
    static unsigned turn;
    char *const path = paths[turn++ % 4];
    assert_true(snprintf(path, SCRATCH_PATH, "%s/%s", directory, name) < SCRATCH_PATH);
    return path;
}

void scratch_write(const char *path, const void *bytes, size_t size)
{
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    if (size > 0)
        assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void scratch_expect(const char *path, const void *bytes, size_t size)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    char *const found = malloc(size + 1);
    assert_non_null(found);
    assert_int_equal(fread(found, 1, size + 1, file), size);
    fclose(file);
    if (size > 0)
        assert_memory_equal(found, bytes, size);
    free(found);
}

size_t scratch_entries(const char *path)
{
    DIR *const open = opendir(path);
    assert_non_null(open);
    size_t count = 0;
    for (const struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open);
    return count;
}

void expect_error(enum ccrnn_status found, enum ccrnn_status expected,
                  const struct ccrnn_error *err, ...)
{
    if (found != expected)
        fail_msg("status %s, expected %s; message: %s", ccrnn_status_name(found),
                 ccrnn_status_name(expected), found == CCRNN_OK ? "(none)" : err->message);
    assert_int_equal(err->status, expected);
    assert_non_null(memchr(err->message, '\0', sizeof err->message));
    if (strchr(err->message, '\n') != NULL)
        fail_msg("the message has more than one line: %s", err->message);
    va_list parts;
    va_start(parts, err);
    for (const char *part = va_arg(parts, const char *); part != NULL;
         part = va_arg(parts, const char *))
        if (strstr(err->message, part) == NULL)
            fail_msg("`%s` is not in the message: %s", part, err->message);
    va_end(parts);
}

int scratch_in_a_child(int (*work)(void))
{
    fflush(stdout);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(work());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool has_comma(void)
{
    return strcmp(localeconv()->decimal_point, ",") == 0;
}

bool scratch_comma_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    static const char definition[] = "comment_char %\nescape_char /\nLC_NUMERIC\n"
                                     "decimal_point \"<U002C>\"\nthousands_sep \"\"\n"
                                     "grouping -1\nEND LC_NUMERIC\n";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_NUMERIC, names[i]) != NULL && has_comma())
            return true;
    scratch_write(scratch_path("comma.src"), definition, sizeof definition - 1);
    char command[4 * SCRATCH_PATH];
    snprintf(command, sizeof command,
             "localedef -c --no-archive -i '%s/comma.src' '%s/xx_COMMA' >/dev/null 2>&1",
             directory, directory);
    /* Its exit status is 1 for the categories that are not defined here; what counts is whether
     * the locale can be set. */
    const int result = system(command);
    (void)result;
    setenv("LOCPATH", directory, 1);
    const bool made = setlocale(LC_NUMERIC, "xx_COMMA") != NULL && has_comma();
    unsetenv("LOCPATH");
    return made;
}
