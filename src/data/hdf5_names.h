/** @file
 * HDF5's own names, from here on those of the loaded library (hdf5_library.h): ccrnn_hdf5_library_load() goes
 * before any of them.
 */
#ifndef CCRNN_DATA_HDF5_NAMES_H
#define CCRNN_DATA_HDF5_NAMES_H

#include "data/hdf5_library.h"

#define H5Aclose ccrnn_hdf5_library.H5Aclose
#define H5Acreate2 ccrnn_hdf5_library.H5Acreate2
#define H5Aexists ccrnn_hdf5_library.H5Aexists
#define H5Aget_type ccrnn_hdf5_library.H5Aget_type
#define H5Aopen ccrnn_hdf5_library.H5Aopen
#define H5Aread ccrnn_hdf5_library.H5Aread
#define H5Awrite ccrnn_hdf5_library.H5Awrite
#define H5Dcreate2 ccrnn_hdf5_library.H5Dcreate2
#define H5Dget_create_plist ccrnn_hdf5_library.H5Dget_create_plist
#define H5Dget_num_chunks ccrnn_hdf5_library.H5Dget_num_chunks
#define H5Dget_space ccrnn_hdf5_library.H5Dget_space
#define H5Dget_storage_size ccrnn_hdf5_library.H5Dget_storage_size
#define H5Dget_type ccrnn_hdf5_library.H5Dget_type
#define H5Dread ccrnn_hdf5_library.H5Dread
#define H5Dvlen_get_buf_size ccrnn_hdf5_library.H5Dvlen_get_buf_size
#define H5Dvlen_reclaim ccrnn_hdf5_library.H5Dvlen_reclaim
#define H5Dwrite ccrnn_hdf5_library.H5Dwrite
#define H5Eget_auto2 ccrnn_hdf5_library.H5Eget_auto2
#define H5Eset_auto2 ccrnn_hdf5_library.H5Eset_auto2
#define H5Ewalk2 ccrnn_hdf5_library.H5Ewalk2
#define H5Fclose ccrnn_hdf5_library.H5Fclose
#define H5Fcreate ccrnn_hdf5_library.H5Fcreate
#define H5Fget_filesize ccrnn_hdf5_library.H5Fget_filesize
#define H5Fopen ccrnn_hdf5_library.H5Fopen
#define H5Iget_type ccrnn_hdf5_library.H5Iget_type
#define H5Lexists ccrnn_hdf5_library.H5Lexists
#define H5Lget_info ccrnn_hdf5_library.H5Lget_info
#define H5Literate ccrnn_hdf5_library.H5Literate
#define H5Oclose ccrnn_hdf5_library.H5Oclose
#define H5Oopen ccrnn_hdf5_library.H5Oopen
#define H5Pclose ccrnn_hdf5_library.H5Pclose
#define H5Pcreate ccrnn_hdf5_library.H5Pcreate
#define H5Pget_chunk ccrnn_hdf5_library.H5Pget_chunk
#define H5Pget_external_count ccrnn_hdf5_library.H5Pget_external_count
#define H5Pget_filter2 ccrnn_hdf5_library.H5Pget_filter2
#define H5Pget_layout ccrnn_hdf5_library.H5Pget_layout
#define H5Pget_nfilters ccrnn_hdf5_library.H5Pget_nfilters
#define H5Pset_chunk ccrnn_hdf5_library.H5Pset_chunk
#define H5Pset_deflate ccrnn_hdf5_library.H5Pset_deflate
#define H5Pset_fclose_degree ccrnn_hdf5_library.H5Pset_fclose_degree
#define H5Pset_file_locking ccrnn_hdf5_library.H5Pset_file_locking
#define H5Pset_obj_track_times ccrnn_hdf5_library.H5Pset_obj_track_times
#define H5Pset_shuffle ccrnn_hdf5_library.H5Pset_shuffle
#define H5Rcreate ccrnn_hdf5_library.H5Rcreate
#define H5Sclose ccrnn_hdf5_library.H5Sclose
#define H5Screate ccrnn_hdf5_library.H5Screate
#define H5Screate_simple ccrnn_hdf5_library.H5Screate_simple
#define H5Sget_simple_extent_dims ccrnn_hdf5_library.H5Sget_simple_extent_dims
#define H5Sget_simple_extent_ndims ccrnn_hdf5_library.H5Sget_simple_extent_ndims
#define H5Sget_simple_extent_type ccrnn_hdf5_library.H5Sget_simple_extent_type
#define H5Sselect_hyperslab ccrnn_hdf5_library.H5Sselect_hyperslab
#define H5Tclose ccrnn_hdf5_library.H5Tclose
#define H5Tcopy ccrnn_hdf5_library.H5Tcopy
#define H5Tcreate ccrnn_hdf5_library.H5Tcreate
#define H5Tget_class ccrnn_hdf5_library.H5Tget_class
#define H5Tget_size ccrnn_hdf5_library.H5Tget_size
#define H5Tinsert ccrnn_hdf5_library.H5Tinsert
#define H5Tis_variable_str ccrnn_hdf5_library.H5Tis_variable_str
#define H5Tset_cset ccrnn_hdf5_library.H5Tset_cset
#define H5Tset_size ccrnn_hdf5_library.H5Tset_size
#define H5Tvlen_create ccrnn_hdf5_library.H5Tvlen_create
#define H5Zfilter_avail ccrnn_hdf5_library.H5Zfilter_avail
#define H5dont_atexit ccrnn_hdf5_library.H5dont_atexit
#define H5free_memory ccrnn_hdf5_library.H5free_memory
#define H5get_libversion ccrnn_hdf5_library.H5get_libversion
#define H5open ccrnn_hdf5_library.H5open
#undef H5T_NATIVE_FLOAT
#define H5T_NATIVE_FLOAT (*ccrnn_hdf5_library.native_float)
#undef H5T_NATIVE_DOUBLE
#define H5T_NATIVE_DOUBLE (*ccrnn_hdf5_library.native_double)
#undef H5T_NATIVE_INT
#define H5T_NATIVE_INT (*ccrnn_hdf5_library.native_int)
#undef H5T_NATIVE_INT64
#define H5T_NATIVE_INT64 (*ccrnn_hdf5_library.native_int64)
#undef H5T_IEEE_F32LE
#define H5T_IEEE_F32LE (*ccrnn_hdf5_library.float32)
#undef H5T_IEEE_F64LE
#define H5T_IEEE_F64LE (*ccrnn_hdf5_library.float64)
#undef H5T_STD_I32LE
#define H5T_STD_I32LE (*ccrnn_hdf5_library.int32)
#undef H5T_STD_I64LE
#define H5T_STD_I64LE (*ccrnn_hdf5_library.int64)
#undef H5T_C_S1
#define H5T_C_S1 (*ccrnn_hdf5_library.string)
#undef H5T_STD_REF_OBJ
#define H5T_STD_REF_OBJ (*ccrnn_hdf5_library.reference)
#undef H5P_FILE_ACCESS
#define H5P_FILE_ACCESS (*ccrnn_hdf5_library.file_access)
#undef H5P_DATASET_CREATE
#define H5P_DATASET_CREATE (*ccrnn_hdf5_library.dataset_create)

#endif
