/** @file
 * Word models that know no image and no long past: what a caption network must beat.
 */
#ifndef CCRNN_MEASURE_NGRAMS_H
#define CCRNN_MEASURE_NGRAMS_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** Captions as words of a vocabulary: caption c is word[start[c]] … word[start[c+1]−1], the first of
 * them <start>, the last <end>. */
struct ccrnn_sentences {
    const int32_t *word;
    const size_t *start; /**< (count+1) */
    size_t count;
};

/** Bits a word on test captions; targets are all words but the first of each caption. */
struct ccrnn_ngram_result {
    double unigram; /**< p(w) = (n(w) + 1) / (N + V): add-one, so that no word is impossible */
    double bigram;  /**< λ·n(v,w)/n(v) + (1−λ)·p(w); p(w) where n(v) = 0 */
    double weight;  /**< λ, the best on the tuning captions of 0, 0.01, …, 0.99 */
    double tuned;   /**< bits a word of the bigram model on the tuning captions */
    size_t words;   /**< targets in the test captions */
};

/** @param words size of the vocabulary  @param train,tune,test all with at least one caption
 *  @return CCRNN_USAGE: an empty set, a word out of range; CCRNN_MEMORY */
enum ccrnn_status ccrnn_ngrams_measure(size_t words, const struct ccrnn_sentences *train,
                                       const struct ccrnn_sentences *tune,
                                       const struct ccrnn_sentences *test,
                                       struct ccrnn_ngram_result *result,
                                       struct ccrnn_error *err);

#endif
