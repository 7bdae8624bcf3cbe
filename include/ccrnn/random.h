/** @file
 * Counter-based random streams: Philox4x32-10 (Salmon et al., SC 2011).
 *
 * A stream is named by (seed, purpose, epoch, item). Streams of different names are independent,
 * so initial weights, training data, noise and validation data never disturb each other, and any
 * item can be made again alone.
 */
#ifndef CCRNN_RANDOM_H
#define CCRNN_RANDOM_H

#include <stdint.h>

#include "ccrnn/version.h"

/** What a stream is for. The values are part of the numbers: never renumber. */
enum ccrnn_random_purpose {
    CCRNN_RANDOM_INIT_CORTEX = 1,
    CCRNN_RANDOM_INIT_READOUT = 2,
    CCRNN_RANDOM_INIT_CEREBELLUM = 3,
    CCRNN_RANDOM_MOSSY = 4,
    CCRNN_RANDOM_TRAIN = 5,
    CCRNN_RANDOM_VALIDATION = 6,
    CCRNN_RANDOM_TEST = 7,
    CCRNN_RANDOM_EVAL = 8,
    CCRNN_RANDOM_BOOTSTRAP = 9,
    CCRNN_RANDOM_SPLIT = 10,   /**< which images train and which validate */
    CCRNN_RANDOM_SHUFFLE = 11, /**< their order in an epoch */
    CCRNN_RANDOM_TARGETS = 12, /**< where lines end */
    CCRNN_RANDOM_PENS = 13,    /**< generated handwriting */
    CCRNN_RANDOM_INIT_EMBEDDING = 14,
    CCRNN_RANDOM_INIT_FEATURES = 15,
    CCRNN_RANDOM_DROPOUT = 16,
    CCRNN_RANDOM_SCENES = 17,         /**< generated scenes and their captions */
    CCRNN_RANDOM_SCENE_SIGNS = 18,    /**< how a scene becomes a feature vector */
    CCRNN_RANDOM_INTERVENTION = 19,   /**< which units or fibres are cut */
    CCRNN_RANDOM_FEEDBACK_NOISE = 20, /**< on what the cerebellum sends */
    CCRNN_RANDOM_SEARCH = 21,         /**< values of a study's random search */
    CCRNN_RANDOM_USER = 1000
};

/** A position in one stream; plain data, copy freely. */
struct ccrnn_random {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    uint32_t used;
    uint32_t has_spare;
    double spare;
};

#ifdef __cplusplus
extern "C" {
#endif

/** Ten rounds of Philox4x32: out = f(counter, key). */
CCRNN_API void ccrnn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/** Start the stream named (seed, purpose, epoch, item). */
CCRNN_API void ccrnn_random_start(struct ccrnn_random *stream, uint64_t seed, uint32_t purpose,
                                  uint32_t epoch, uint32_t item);

/** Next 32 random bits. */
CCRNN_API uint32_t ccrnn_random_u32(struct ccrnn_random *stream);

/** Uniform in [0, 1), 24 bits. */
CCRNN_API float ccrnn_random_uniform(struct ccrnn_random *stream);

/** Uniform integer in 0 … n−1, unbiased; n ≥ 1. */
CCRNN_API uint32_t ccrnn_random_below(struct ccrnn_random *stream, uint32_t n);

/** Standard normal (Box–Muller in double; the pair's second value is kept for the next call). */
CCRNN_API double ccrnn_random_normal(struct ccrnn_random *stream);

#ifdef __cplusplus
}
#endif
#endif
