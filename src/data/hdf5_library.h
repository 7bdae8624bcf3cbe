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
    X(H5Dget_create_plist) \
    X(H5Dget_num_chunks) \
    X(H5Dget_space) \
    X(H5Dget_storage_size) \
    X(H5Dget_type) \
    X(H5Dread) \
    X(H5Dvlen_get_buf_size) \
    X(H5Dvlen_reclaim) \
    X(H5Eget_auto2) \
    X(H5Eset_auto2) \
    X(H5Ewalk2) \
    X(H5Fclose) \
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
    X(H5Pset_fclose_degree) \
    X(H5Pset_file_locking) \
    X(H5Sclose) \
    X(H5Sget_simple_extent_dims) \
    X(H5Sget_simple_extent_ndims) \
    X(H5Sget_simple_extent_type) \
    X(H5Tclose) \
    X(H5Tget_class) \
    X(H5Tget_size) \
    X(H5Tis_variable_str) \
    X(H5Zfilter_avail) \
    X(H5dont_atexit) \
    X(H5get_libversion) \
    X(H5open)
/* clang-format on */

struct ccrnn_hdf5_library {
#define CCRNN_HDF5_POINTER(name) __typeof__(name) *name;
    CCRNN_HDF5_FUNCTIONS(CCRNN_HDF5_POINTER)
#undef CCRNN_HDF5_POINTER
    const hid_t *native_float, *file_access; /**< ids that HDF5 has as variables */
};

/** Filled by ccrnn_hdf5_library_load(), then never changed. */
extern struct ccrnn_hdf5_library ccrnn_hdf5_library;

/** Load the library if it is not there yet; it stays until the process ends. Not to be called by two
 * threads at the same time.
 * @return CCRNN_UNSUPPORTED: it is missing, or of another version than this program was built for */
enum ccrnn_status ccrnn_hdf5_library_load(struct ccrnn_error *err);

#endif
