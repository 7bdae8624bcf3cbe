/* Recordings: which epochs, how large, and the HDF5 that is written and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "data/hdf5_library.h"
#include "data/hdf5_read.h"
#include "data/hdf5_write.h"
#include "scratch.h"
#include "study/record_file.h"
#include "study/record_space.h"

static struct ccrnn_run_config with(const char *const (*set)[2])
{
    struct ccrnn_run_config config;
    struct ccrnn_error err;
    ccrnn_run_config_default(CCRNN_TASK_LINE_DRAWING, &config);
    for (; (*set)[0] != NULL; set++)
        if (ccrnn_run_config_set(&config, (*set)[0], (*set)[1], &err) != CCRNN_OK)
            fail_msg("%s", err.message);
    if (ccrnn_run_config_resolve(&config, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    return config;
}

static void epochs_that_are_recorded(void **state)
{
    (void)state;
    static const char *const nothing[][2] = {{NULL}};
    static const char *const some[][2] = {
        {"record", "states"}, {"record_epochs", "0, 7"}, {NULL}};
    static const char *const steps[][2] = {{"record", "states"}, {"record_every", "30"}, {NULL}};
    struct ccrnn_run_config config = with(nothing);
    assert_false(ccrnn_record_wants(&config, 0));
    assert_int_equal(ccrnn_record_epochs(&config), 0);
    config = with(some);
    assert_true(ccrnn_record_wants(&config, 0) && ccrnn_record_wants(&config, 7));
    assert_false(ccrnn_record_wants(&config, 1));
    assert_int_equal(ccrnn_record_epochs(&config), 2);
    config = with(steps);
    assert_true(ccrnn_record_wants(&config, 0) && ccrnn_record_wants(&config, 90));
    assert_false(ccrnn_record_wants(&config, 31));
    assert_int_equal(ccrnn_record_epochs(&config), 4);
}

/* Worked out by hand: T 10, K 3, so 4 segments; LSTM of 50 units; granule layers of 20; 2 epochs, 10 trials. */
static void bytes_of_each_quantity(void **state)
{
    (void)state;
    static const struct {
        const char *quantity;
        double numbers; /* of 4 bytes */
    } cases[] = {
        {"inputs", 10 * 10 * 1},
        {"outputs", 2 * 10 * 10 * 2 + 10 * 10 * 2},
        {"states", 2 * 11 * 10 * 100},
        {"gates", 2 * 10 * 10 * 200},
        {"granules", 2 * (2 * 5 * 10 * 20)},
        {"feedback", 2 * 5 * 10 * 100},
        {"target", 2 * 4 * 10 * 100},
        {"truth", 2 * 11 * 10 * 100},
        {"losses", 2 * (2 * 10 * 10)},
        {"states, truth", 2 * (2 * 11 * 10 * 100)},
        {"[]", -10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const set[][2] = {{"record", cases[i].quantity},
                                      {"horizon", "3"},
                                      {"granule_layers", "2"},
                                      {"granule_units", "20"},
                                      {"record_epochs", "0, 5"},
                                      {"record_trials", "10"},
                                      {NULL}};
        const struct ccrnn_run_config config = with(set);
        const double classes = 10;
        const double bytes = 4 * (cases[i].numbers + classes);
        if (!(ccrnn_record_bytes(&config) == bytes))
            fail_msg("%s: %g bytes, expected %g", cases[i].quantity, ccrnn_record_bytes(&config),
                     bytes);
    }
}

static void lists_of_epochs_rise(void **state)
{
    (void)state;
    struct ccrnn_record_epochs epochs = {0};
    for (uint64_t i = 0; i < 40; i++)
        assert_true(ccrnn_record_epochs_add(&epochs, i * 7 % 20));
    assert_int_equal(epochs.count, 20);
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(epochs.value[i], i);
        assert_int_equal(ccrnn_record_epochs_find(&epochs, i), i);
    }
    assert_true(ccrnn_record_epochs_find(&epochs, 20) == SIZE_MAX);
    free(epochs.value);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    struct ccrnn_record_space space = {
        .runs = 2.5e12, .needed = 3e12, .free = 1.25e10, .count = 7};
    struct ccrnn_error err = {0};
    expect_error(ccrnn_record_space_check(&space, &err), CCRNN_USAGE, &err, "7 runs", "3 TB",
                 "3000000000000", "12.5 GB", "12500000000", "record_trials", NULL);
    space.needed = space.free;
    assert_int_equal(ccrnn_record_space_check(&space, &err), CCRNN_OK);
}

/* --- HDF5 --------------------------------------------------------------------------------- */

static const int64_t places[] = {4, 5, 9};
static const float numbers[3][2] = {{1, 2}, {3, -4.5F}, {0.25F, 6}};

static void expect_ok(enum ccrnn_status status, const struct ccrnn_error *err)
{
    if (status != CCRNN_OK)
        fail_msg("%s", err->message);
}

static void write_small(const char *path)
{
    struct ccrnn_hdf5_writer *writer = NULL;
    struct ccrnn_error err = {0};
    const struct ccrnn_hdf5_axis rows = {"row", "m", "A place.", 3, places};
    const struct ccrnn_hdf5_axis columns = {"column", "1", "Number.", 2, places};
    const struct ccrnn_hdf5_array array = {
        .name = "numbers",
        .units = "s",
        .description = "Some.",
        .number = CCRNN_HDF5_FLOAT,
        .dims = 2,
        .axis = {0, 1},
        .chunk = {1, 2},
    };
    expect_ok(ccrnn_hdf5_write_begin(path, &writer, &err), &err);
    expect_ok(ccrnn_hdf5_write_text(writer, "name", "Björn", &err), &err);
    expect_ok(ccrnn_hdf5_write_axis(writer, &rows, &err), &err);
    expect_ok(ccrnn_hdf5_write_axis(writer, &columns, &err), &err);
    expect_ok(ccrnn_hdf5_write_array(writer, &array, &err), &err);
    for (size_t i = 3; i-- > 0;)
        expect_ok(ccrnn_hdf5_write_numbers(writer, 0, i, 1, numbers[i], &err), &err);
    expect_ok(ccrnn_hdf5_write_end(writer, &err), &err);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct ccrnn_hdf5_call call;
    struct ccrnn_hdf5 file;
    struct ccrnn_error err = {0};
    char text[16];
    int64_t *rows = NULL;
    size_t count = 0;
    float row[2];
    expect_ok(ccrnn_hdf5_enter(&call, &err), &err);
    write_small(scratch_path("small.h5"));
    expect_ok(ccrnn_hdf5_open(scratch_path("small.h5"), &file, &err), &err);
    expect_ok(ccrnn_hdf5_read_text(&file, "name", text, sizeof text, &err), &err);
    assert_string_equal(text, "Björn");
    expect_ok(ccrnn_hdf5_read_text(&file, "none", text, sizeof text, &err), &err);
    assert_string_equal(text, "");
    expect_ok(ccrnn_hdf5_read_integers(&file, "row", &rows, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_memory_equal(rows, places, sizeof places);
    free(rows);
    for (size_t i = 0; i < 3; i++) {
        expect_ok(ccrnn_hdf5_read_row(&file, "numbers", i, 2, CCRNN_HDF5_FLOAT, row, &err), &err);
        assert_memory_equal(row, numbers[i], sizeof row);
    }
    expect_error(ccrnn_hdf5_read_row(&file, "numbers", 3, 2, CCRNN_HDF5_FLOAT, row, &err),
                 CCRNN_FORMAT, &err, "small.h5", "numbers", NULL);
    expect_error(ccrnn_hdf5_read_row(&file, "numbers", 0, 3, CCRNN_HDF5_FLOAT, row, &err),
                 CCRNN_FORMAT, &err, "small.h5", "numbers", NULL);
    ccrnn_hdf5_close(&file);
    ccrnn_hdf5_leave(&call);
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
    (void)state;
    struct ccrnn_hdf5_call call;
    struct ccrnn_hdf5_writer *writer = NULL;
    struct ccrnn_error err = {0};
    expect_ok(ccrnn_hdf5_enter(&call, &err), &err);
    const enum ccrnn_status status =
        ccrnn_hdf5_write_begin(scratch_path("none/small.h5"), &writer, &err);
    ccrnn_hdf5_leave(&call);
    expect_error(status, CCRNN_IO, &err, "none/small.h5", "HDF5", NULL);
    assert_null(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_that_are_recorded),
        cmocka_unit_test(bytes_of_each_quantity),
        cmocka_unit_test(lists_of_epochs_rise),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_place_that_cannot_be_written_is_named),
    };
    return cmocka_run_group_tests_name("record", tests, scratch_setup, scratch_teardown);
}
