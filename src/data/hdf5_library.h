/** @file
 * The HDF5 library, loaded when a file needs it. Linked in, Debian's HDF5 brings libcurl, libcrypto and thirty
 * more, and every start of a program takes three times as long (docs/decisions/12-hdf5-when-needed.md).
 *
 * hdf5_names.h makes HDF5's own names mean what this table holds.
 */
#ifndef CCRNN_DATA_HDF5_LIBRARY_H
#define CCRNN_DATA_HDF5_LIBRARY_H

#include <hdf5.h>

#include "ccrnn/status.h"

/* clang-format off */
#define CCRNN_HDF5_FUNCTIONS(X) \
    X(H5Aclose) \
    X(H5Acreate2) \
    X(H5Aexists) \
    X(H5Aget_type) \
    X(H5Aopen) \
    X(H5Aread) \
    X(H5Awrite) \
    X(H5Dcreate2) \
    X(H5Dget_create_plist) \
    X(H5Dget_num_chunks) \
    X(H5Dget_space) \
    X(H5Dget_storage_size) \
    X(H5Dget_type) \
    X(H5Dread) \
    X(H5Dvlen_get_buf_size) \
    X(H5Dvlen_reclaim) \
    X(H5Dwrite) \
    X(H5Eget_auto2) \
    X(H5Eset_auto2) \
    X(H5Ewalk2) \
    X(H5Fclose) \
    X(H5Fcreate) \
    X(H5Fget_filesize) \
    X(H5Fopen) \
    X(H5Iget_type) \
    X(H5Lexists) \
    X(H5Lget_info) \
    X(H5Literate) \
    X(H5Oclose) \
    X(H5Oopen) \
    X(H5Pclose) \
    X(H5Pcreate) \
    X(H5Pget_chunk) \
    X(H5Pget_external_count) \
    X(H5Pget_filter2) \
    X(H5Pget_layout) \
    X(H5Pget_nfilters) \
    X(H5Pset_chunk) \
    X(H5Pset_deflate) \
    X(H5Pset_fclose_degree) \
    X(H5Pset_file_locking) \
    X(H5Pset_obj_track_times) \
    X(H5Pset_shuffle) \
    X(H5Rcreate) \
    X(H5Sclose) \
    X(H5Screate) \
    X(H5Screate_simple) \
    X(H5Sget_simple_extent_dims) \
    X(H5Sget_simple_extent_ndims) \
    X(H5Sget_simple_extent_type) \
    X(H5Sselect_hyperslab) \
    X(H5Tclose) \
    X(H5Tcopy) \
    X(H5Tcreate) \
    X(H5Tget_class) \
    X(H5Tget_size) \
    X(H5Tinsert) \
    X(H5Tis_variable_str) \
    X(H5Tset_cset) \
    X(H5Tset_size) \
    X(H5Tvlen_create) \
    X(H5Zfilter_avail) \
    X(H5dont_atexit) \
    X(H5free_memory) \
    X(H5get_libversion) \
    X(H5open)
/** Ids that HDF5 has as variables: X(member, variable). */
#define CCRNN_HDF5_IDS(X) \
    X(native_float, H5T_NATIVE_FLOAT_g) \
    X(native_double, H5T_NATIVE_DOUBLE_g) \
    X(native_int, H5T_NATIVE_INT_g) \
    X(native_int64, H5T_NATIVE_INT64_g) \
    X(float32, H5T_IEEE_F32LE_g) \
    X(float64, H5T_IEEE_F64LE_g) \
    X(int32, H5T_STD_I32LE_g) \
    X(int64, H5T_STD_I64LE_g) \
    X(string, H5T_C_S1_g) \
    X(reference, H5T_STD_REF_OBJ_g) \
    X(file_access, H5P_CLS_FILE_ACCESS_ID_g) \
    X(dataset_create, H5P_CLS_DATASET_CREATE_ID_g)
/* clang-format on */

struct ccrnn_hdf5_library {
#define CCRNN_HDF5_POINTER(name) __typeof__(name) *name;
    CCRNN_HDF5_FUNCTIONS(CCRNN_HDF5_POINTER)
#undef CCRNN_HDF5_POINTER
#define CCRNN_HDF5_ID(member, variable) const hid_t *member;
    CCRNN_HDF5_IDS(CCRNN_HDF5_ID)
#undef CCRNN_HDF5_ID
};

/** Filled by ccrnn_hdf5_library_load(), then never changed. */
extern struct ccrnn_hdf5_library ccrnn_hdf5_library;

/** Load the library if it is not there yet; it stays until the process ends. Not to be called by two
 * threads at the same time.
 * @return CCRNN_UNSUPPORTED: it is missing, or of another version than this program was built for */
enum ccrnn_status ccrnn_hdf5_library_load(struct ccrnn_error *err);

/** How HDF5 printed its errors before. */
struct ccrnn_hdf5_call {
    H5E_auto2_t print;
    void *print_to;
};

/** Around all work with HDF5, which has global state and may have been built without locks of its own: one
 * thread at a time, the library loaded, and no error printed. On failure there is nothing to leave.
 * @return as ccrnn_hdf5_library_load() */
enum ccrnn_status ccrnn_hdf5_enter(struct ccrnn_hdf5_call *call, struct ccrnn_error *err);
void ccrnn_hdf5_leave(const struct ccrnn_hdf5_call *call);

#endif
