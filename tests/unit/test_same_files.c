/* Two directories are the same only if every name and every byte is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"
#include "study/same_files.h"

enum { BYTES = 5000 };

static char one[SCRATCH_PATH], other[SCRATCH_PATH];

static void put(const char *directory, const char *name, const void *bytes, size_t size)
{
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    scratch_write(path, bytes, size);
}

static void expect(bool same, const char *words)
{
    char what[1024] = "";
    struct ccrnn_error err = {0};
    bool found = !same;
    assert_int_equal(ccrnn_same_files(one, other, "run.json", &found, what, sizeof what, &err),
                     CCRNN_OK);
    if (found != same || strstr(what, words) == NULL)
        fail_msg("expected \"%s\", found \"%s\"", words, what);
}

static void every_name_and_byte_counts(void **state)
{
    (void)state;
    static uint8_t bytes[BYTES];
    char path[2 * SCRATCH_PATH];
    struct ccrnn_error err = {0};
    bool same;
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)(i * 7);
    strcpy(one, scratch_path("one"));
    strcpy(other, scratch_path("other"));
    expect_error(ccrnn_same_files(one, other, "run.json", &same, path, sizeof path, &err),
                 CCRNN_IO, &err, one, NULL);
    assert_int_equal(mkdir(one, 0777), 0);
    assert_int_equal(mkdir(other, 0777), 0);
    expect(false, "no files");
    put(one, "run.json", "1", 1);
    put(other, "run.json", "22", 2);
    expect(false, "no files"); /* the one that may differ proves nothing */
    put(one, "metrics.csv", bytes, BYTES);
    put(other, "metrics.csv", bytes, BYTES);
    put(one, "empty", "", 0);
    put(other, "empty", "", 0);
    expect(true, "2 files have the same bytes");
    const size_t places[] = {0, 1, BYTES / 2, BYTES - 1};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        bytes[places[i]] ^= 1;
        put(other, "metrics.csv", bytes, BYTES);
        snprintf(path, sizeof path, "differ at byte %zu (", places[i]);
        expect(false, path);
        bytes[places[i]] ^= 1;
    }
    put(other, "metrics.csv", bytes, BYTES - 1);
    expect(false, "(5000 and 4999 bytes)");
    put(other, "metrics.csv", bytes, BYTES);
    put(other, ".hidden", "", 0);
    expect(false, ".hidden is in");
    put(one, ".hidden", "", 0);
    put(one, "more", "", 0);
    expect(false, "more is missing");
    put(other, "more", "", 0);
    expect(true, "4 files");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_name_and_byte_counts)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
