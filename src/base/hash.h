/** @file
 * FNV-1a of 64 bits (Fowler, Noll, Vo): names content, protects nothing.
 */
#ifndef CCRNN_BASE_HASH_H
#define CCRNN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/** The hash of nothing: where to begin. */
#define CCRNN_HASH_START 14695981039346656037ULL

/** Go on with `size` bytes. */
uint64_t ccrnn_hash_add(uint64_t hash, const char *bytes, size_t size);

#endif
