/** @file
 * Have two run directories the same files?
 */
#ifndef CCRNN_STUDY_SAME_FILES_H
#define CCRNN_STUDY_SAME_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "ccrnn/status.h"

/** Compare all regular files of two directories (not below them), hidden ones too, byte for byte, but `except`:
 * run.json tells times, so it differs.
 * @param[out] same  whether they have the same names and bytes
 * @param[out] what  `size` bytes: how many files are the same, or the first that differs, and where
 * @return CCRNN_IO: one cannot be read; CCRNN_MEMORY */
enum ccrnn_status ccrnn_same_files(const char *one, const char *other, const char *except,
                                   bool *same, char *what, size_t size, struct ccrnn_error *err);

#endif
