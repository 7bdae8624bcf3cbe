#define _GNU_SOURCE
#include "ccrnn/random.h"

#include <math.h>
#include <stddef.h>

/* Constants of Philox4x32 (Salmon, Moraes, Dror, Shaw 2011, table 2 and section 4.3). */
static const uint32_t philox_multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t philox_weyl[2] = {0x9E3779B9u, 0xBB67AE85u};

enum { PHILOX_ROUNDS = 10 };

void ccrnn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k[2] = {key[0], key[1]};
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const uint64_t product0 = (uint64_t)philox_multiplier[0] * c[0];
        const uint64_t product1 = (uint64_t)philox_multiplier[1] * c[2];
        const uint32_t next0 = (uint32_t)(product1 >> 32) ^ c[1] ^ k[0];
        const uint32_t next2 = (uint32_t)(product0 >> 32) ^ c[3] ^ k[1];
        c[0] = next0;
        c[1] = (uint32_t)product1;
        c[2] = next2;
        c[3] = (uint32_t)product0;
        k[0] += philox_weyl[0];
        k[1] += philox_weyl[1];
    }
    for (int i = 0; i < 4; i++)
        out[i] = c[i];
}

void ccrnn_random_start(struct ccrnn_random *stream, uint64_t seed, uint32_t purpose,
                        uint32_t epoch, uint32_t item)
{
    *stream = (struct ccrnn_random){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, item, epoch, purpose},
        .used = 4,
    };
}

uint32_t ccrnn_random_u32(struct ccrnn_random *stream)
{
    if (stream->used == 4) {
        ccrnn_philox(stream->counter, stream->key, stream->block);
        stream->counter[0]++;
        stream->used = 0;
    }
    return stream->block[stream->used++];
}

float ccrnn_random_uniform(struct ccrnn_random *stream)
{
    return (float)(ccrnn_random_u32(stream) >> 8) * 0x1p-24f;
}

uint32_t ccrnn_random_below(struct ccrnn_random *stream, uint32_t n)
{
    /* Lemire's method: the product's high word, redrawn where the low word would make it uneven.
     */
    const uint32_t uneven = (0u - n) % n;
    uint64_t product;
    do {
        product = (uint64_t)ccrnn_random_u32(stream) * n;
    } while ((uint32_t)product < uneven);
    return (uint32_t)(product >> 32);
}

double ccrnn_random_normal(struct ccrnn_random *stream)
{
    if (stream->has_spare) {
        stream->has_spare = 0;
        return stream->spare;
    }
    /* u in (0, 1], so that the logarithm is finite; 53 bits from two words. */
    const uint64_t high = ccrnn_random_u32(stream);
    const uint64_t low = ccrnn_random_u32(stream);
    const double u = (double)(((high << 32 | low) >> 11) + 1) * 0x1p-53;
    const double angle = 2.0 * M_PI * (double)ccrnn_random_u32(stream) * 0x1p-32;
    const double radius = sqrt(-2.0 * log(u));
    stream->spare = radius * sin(angle);
    stream->has_spare = 1;
    return radius * cos(angle);
}
