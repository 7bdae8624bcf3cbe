/** @file
 * Names of temporary files, ".NAME.tmp-PID-HEX" beside NAME. ccrnn_directory_remove_stale() and
 * ccrnn_directory_remove_temporary() (file.h) know them again.
 */
#ifndef CCRNN_BASE_TEMPORARY_H
#define CCRNN_BASE_TEMPORARY_H

#include <stdbool.h>
#include <stddef.h>

/** A name that no other call, of this process or another, gets. From any thread.
 * @return false: `size` bytes are too few */
bool ccrnn_temporary_name(const char *base, char *name, size_t size);

#endif
