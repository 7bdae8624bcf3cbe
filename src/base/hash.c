#include "base/hash.h"

static const uint64_t prime = 1099511628211ULL;

uint64_t ccrnn_hash_add(uint64_t hash, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * prime;
    return hash;
}
