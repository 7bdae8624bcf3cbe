/* Features from HDF5 files, which the test writes with HDF5 itself. */
#include <hdf5.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/features.h"
#include "scratch.h"

enum { ROWS = 3, COLUMNS = 2, FIXED = 6 };
static const float six[] = {1.0f, -0.5f, 0.25f, 0.0f, 3.0f, -65504.0f};
static const char fixed_ids[ROWS][FIXED] = {"a.jpg", "b.jpg", "c.jpg"};
static const char *const variable_ids[ROWS] = {"a.jpg", " b.jpg ", "\xc3\xa9.jpg"};

static hid_t make_file(void)
{
    const hid_t file =
        H5Fcreate(scratch_path("features.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

/* Any dataset; `properties` may be H5P_DEFAULT, `data` NULL for one that is not written. */
static void put(hid_t file, const char *name, int dims, const hsize_t *shape, hid_t stored,
                hid_t given, hid_t properties, const void *data)
{
    const hid_t space = H5Screate_simple(dims, shape, NULL);
    const hid_t set = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    assert_true(set >= 0);
    if (data != NULL)
        assert_true(H5Dwrite(set, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static void put_matrix(hid_t file, hid_t stored, hid_t properties)
{
    const hsize_t shape[] = {ROWS, COLUMNS};
    put(file, "features", 2, shape, stored, H5T_NATIVE_FLOAT, properties, six);
}

static void put_vector(hid_t file, const char *name, hsize_t width)
{
    put(file, name, 1, &width, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, H5P_DEFAULT, six);
}

static void put_fixed_ids(hid_t file, hsize_t count, const char (*ids)[FIXED])
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    assert_true(H5Tset_size(type, FIXED) >= 0);
    put(file, "ids", 1, &count, type, type, H5P_DEFAULT, ids);
    H5Tclose(type);
}

static void put_variable_ids(hid_t file, const char *const *ids)
{
    const hsize_t count = ROWS;
    const hid_t type = H5Tcopy(H5T_C_S1);
    assert_true(H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0);
    put(file, "ids", 1, &count, type, type, H5P_DEFAULT, ids);
    H5Tclose(type);
}

static hid_t chunks(hsize_t rows, hsize_t columns)
{
    const hsize_t shape[] = {rows, columns};
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_chunk(properties, 2, shape) >= 0);
    return properties;
}

/* Close the file and read it; there must be the six numbers. */
static void expect_six(hid_t file, const char *ids, size_t count, const char *last)
{
    struct ccrnn_error err;
    struct ccrnn_features features;
    assert_true(H5Fclose(file) >= 0);
    if (ccrnn_features_read(scratch_path("features.h5"), ids, &features, &err) != CCRNN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(features.count, count);
    assert_int_equal(features.width, 6 / count);
    for (size_t i = 0; i < 6; i++)
        assert_true(features.value[i] == six[i]);
    assert_int_equal(features.ids.count, count);
    assert_string_equal(features.ids.id[0], "a.jpg");
    assert_string_equal(features.ids.id[count - 1], last);
    ccrnn_features_release(&features);
}

static void expect_refused(hid_t file, const char *ids, enum ccrnn_status status,
                           const char *words)
{
    struct ccrnn_error err;
    struct ccrnn_features features;
    if (file >= 0)
        assert_true(H5Fclose(file) >= 0);
    const char *const path = scratch_path("features.h5");
    expect_error(ccrnn_features_read(path, ids, &features, &err), status, &err, path, words,
                 NULL);
    assert_null(features.value);
    assert_null(features.ids.id);
}

static void every_float_type_is_read(void **state)
{
    (void)state;
    const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    assert_true(H5Tset_fields(half, 15, 10, 5, 0, 10) >= 0 && H5Tset_size(half, 2) >= 0 &&
                H5Tset_ebias(half, 15) >= 0);
    const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64LE,     H5T_IEEE_F32BE,
                           H5T_IEEE_F64BE, H5T_NATIVE_LDOUBLE, half};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const hid_t file = make_file();
        put_matrix(file, types[i], H5P_DEFAULT);
        put_fixed_ids(file, ROWS, fixed_ids);
        expect_six(file, NULL, ROWS, "c.jpg");
    }
    H5Tclose(half);
}

static void every_layout_is_read(void **state)
{
    (void)state;
    const hid_t layouts[] = {chunks(2, 1), chunks(2, 2), H5Pcreate(H5P_DATASET_CREATE)};
    assert_true(H5Pset_shuffle(layouts[1]) >= 0 && H5Pset_deflate(layouts[1], 6) >= 0 &&
                H5Pset_fletcher32(layouts[1]) >= 0);
    assert_true(H5Pset_layout(layouts[2], H5D_COMPACT) >= 0);
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        const hid_t file = make_file();
        put_matrix(file, H5T_IEEE_F32LE, layouts[i]);
        put_variable_ids(file, variable_ids);
        expect_six(file, NULL, ROWS, "\xc3\xa9.jpg");
        H5Pclose(layouts[i]);
    }
}

static void ids_come_from_one_place(void **state)
{
    (void)state;
    static const char *const blank[ROWS] = {"a", "  ", "b"};
    static const char *const broken[ROWS] = {"a", "b\xff", "c"};
    static const char twice[ROWS][FIXED] = {"a", "b", "b"};
    const char *const ids = scratch_path("ids.txt");
    const hsize_t count = ROWS;
    scratch_write(ids, "a.jpg\nb\nlast\n", 13);
    hid_t file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    expect_six(file, ids, ROWS, "last");
    expect_refused(H5I_INVALID_HID, NULL, CCRNN_USAGE, "does not name them");
    file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put_fixed_ids(file, ROWS, fixed_ids);
    expect_refused(file, ids, CCRNN_USAGE, "names its images itself");
    file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put_fixed_ids(file, ROWS - 1, fixed_ids);
    expect_refused(file, NULL, CCRNN_FORMAT, "`ids` has the shape (2), expected (3)");
    file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put_fixed_ids(file, ROWS, twice);
    expect_refused(file, NULL, CCRNN_FORMAT, "the id `b` stands for row 1 and again for row 2");
    file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put_variable_ids(file, blank);
    expect_refused(file, NULL, CCRNN_FORMAT, "row 1 (from 0) has an empty id");
    file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put_variable_ids(file, broken);
    expect_refused(file, NULL, CCRNN_FORMAT, "the id `b?` of row 1 (from 0) is not UTF-8");
    file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put(file, "ids", 1, &count, H5T_STD_I32LE, H5T_NATIVE_FLOAT, H5P_DEFAULT, six);
    expect_refused(file, NULL, CCRNN_FORMAT, "`ids` does not hold strings");
}

static void vectors_are_read(void **state)
{
    (void)state;
    const hsize_t width = 3;
    hid_t file = make_file();
    put(file, "b.jpg", 1, &width, H5T_IEEE_F64BE, H5T_NATIVE_FLOAT, H5P_DEFAULT, six + 3);
    put_vector(file, "a.jpg", width);
    expect_six(file, NULL, 2, "b.jpg");
    expect_refused(H5I_INVALID_HID, "ids.txt", CCRNN_USAGE, "names its images itself");
    file = make_file();
    put_vector(file, "a", 2);
    put_vector(file, "b", 3);
    expect_refused(file, NULL, CCRNN_FORMAT, "image `b` has 3 numbers, but `a` has 2");
    expect_refused(make_file(), NULL, CCRNN_FORMAT, "has nothing in its root group");
    file = make_file();
    put_vector(file, "a", 2);
    H5Gclose(H5Gcreate2(file, "b", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    expect_refused(file, NULL, CCRNN_FORMAT, "`b` is not a dataset");
    file = make_file();
    const hsize_t cube[] = {1, 1, 2};
    put(file, "a", 3, cube, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, H5P_DEFAULT, six);
    expect_refused(file, NULL, CCRNN_FORMAT, "`a` has the shape (1, 1, 2), expected");
}

static void other_datasets_are_refused(void **state)
{
    (void)state;
    const hsize_t shape[] = {ROWS, COLUMNS};
    const hsize_t empty[] = {0, COLUMNS};
    hid_t file = make_file();
    put(file, "features", 2, shape, H5T_STD_I32LE, H5T_NATIVE_FLOAT, H5P_DEFAULT, six);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` does not hold floating-point numbers");
    file = make_file();
    put_vector(file, "features", 6);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` has the shape (6)");
    file = make_file();
    put(file, "features", 2, empty, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, H5P_DEFAULT, NULL);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` has nothing in it");
    file = make_file();
    assert_true(
        H5Lcreate_external("other.h5", "/x", file, "features", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` is a link to another place");
    const hid_t external = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_external(external, "other.bin", 0, sizeof six) >= 0);
    file = make_file();
    put(file, "features", 2, shape, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, external, NULL);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` lies in another file");
    H5Pclose(external);
}

static void claims_are_checked(void **state)
{
    (void)state;
    const hsize_t shape[] = {ROWS, COLUMNS};
    const hsize_t large[] = {(hsize_t)1 << 40, (hsize_t)1 << 20};
    const hsize_t endless[] = {(hsize_t)1 << 60, 1};
    hid_t file = make_file();
    put(file, "features", 2, shape, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, H5P_DEFAULT, NULL);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` was never written");
    const hid_t small = chunks(2, 1);
    file = make_file();
    put(file, "features", 2, shape, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, small, NULL);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` has parts that were never written");
    file = make_file();
    put(file, "features", 2, endless, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, small, NULL);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` claims more than the file holds");
    H5Pclose(small);
    const hid_t wide = chunks((hsize_t)1 << 14, (hsize_t)1 << 14);
    assert_true(H5Pset_deflate(wide, 6) >= 0);
    file = make_file();
    put(file, "features", 2, large, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, wide, NULL);
    expect_refused(file, NULL, CCRNN_FORMAT, "`features` claims more than");
    H5Pclose(wide);
}

static void damaged_files_are_refused_in_silence(void **state)
{
    (void)state;
    static const double numbers[] = {1.0, 2.0, 3.0, 1e39, 5.0, 6.0};
    const hsize_t shape[] = {ROWS, COLUMNS};
    const char *const path = scratch_path("features.h5");
    hid_t file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put_fixed_ids(file, ROWS, fixed_ids);
    H5Fclose(file);
    /* What HDF5 prints goes to standard error. */
    const char *const printed = scratch_path("printed");
    const int kept = dup(STDERR_FILENO);
    assert_true(kept >= 0 && freopen(printed, "w", stderr) != NULL);
    assert_int_equal(truncate(path, 2000), 0);
    expect_refused(H5I_INVALID_HID, NULL, CCRNN_FORMAT,
                   "HDF5 cannot open it and says: truncated");
    scratch_write(path, "\x89HDF\r\n\x1a\n", 8);
    expect_refused(H5I_INVALID_HID, NULL, CCRNN_FORMAT, "HDF5 cannot open it and says");
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    scratch_expect(printed, "", 0);
    file = make_file();
    put(file, "features", 2, shape, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, H5P_DEFAULT, numbers);
    put_fixed_ids(file, ROWS, fixed_ids);
    expect_refused(file, NULL, CCRNN_FORMAT, "number 1 of image `b.jpg` (row 1, from 0) is inf");
}

/* HDF5 prints its errors through a function the host program may have set. */
static void the_host_keeps_its_errors(void **state)
{
    (void)state;
    H5E_auto2_t before, after;
    void *data_before, *data_after;
    const hid_t file = make_file();
    put_matrix(file, H5T_IEEE_F32LE, H5P_DEFAULT);
    put_fixed_ids(file, ROWS, fixed_ids);
    H5Eget_auto2(H5E_DEFAULT, &before, &data_before);
    expect_six(file, NULL, ROWS, "c.jpg");
    H5Eget_auto2(H5E_DEFAULT, &after, &data_after);
    assert_true(before != NULL && before == after && data_before == data_after);
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_float_type_is_read),
        cmocka_unit_test(every_layout_is_read),
        cmocka_unit_test(ids_come_from_one_place),
        cmocka_unit_test(vectors_are_read),
        cmocka_unit_test(other_datasets_are_refused),
        cmocka_unit_test(claims_are_checked),
        cmocka_unit_test(damaged_files_are_refused_in_silence),
        cmocka_unit_test(the_host_keeps_its_errors),
    };
    return cmocka_run_group_tests_name("features_hdf5", tests, scratch_setup, scratch_teardown);
}
