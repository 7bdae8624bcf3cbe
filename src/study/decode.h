/** @file
 * Saying what is on images: greedily, or with a beam.
 */
#ifndef CCRNN_STUDY_DECODE_H
#define CCRNN_STUDY_DECODE_H

#include "ccrnn/network.h"

struct ccrnn_decoding {
    size_t beam; /**< captions kept at each word, 1 … batch; 1: the likeliest word each time */
    size_t most; /**< words at most, without <start> and <end>; ≥ 1 */
    double
        length_power; /**< finished captions are compared by log probability / (words, <end> counted)^this;
                            0: by log probability; of no effect with beam 1 */
};

/** Greedy, at most 20 words, as published. */
extern const struct ccrnn_decoding ccrnn_decoding_greedy;

/** Say something about every image. <start> is given; <pad> and <start> are never said; a caption ends
 * before <end>, or after `most` words.
 * @param[in] feature (images,features)
 * @param[out] words (images,most)  @param[out] length (images): words said
 * @return CCRNN_USAGE: a beam wider than the network's batch or vocabulary; CCRNN_NONFINITE: the network says
 *         NaN; CCRNN_MEMORY */
enum ccrnn_status ccrnn_decode(struct ccrnn_network *network, const ccrnn_real *feature,
                               size_t images, const struct ccrnn_decoding *decoding,
                               int32_t *words, size_t *length, struct ccrnn_error *err);

#endif
