/** @file
 * What captions are worth that no network made: for tables beside trained ones.
 */
#ifndef CCRNN_STUDY_CAPTION_BASELINES_H
#define CCRNN_STUDY_CAPTION_BASELINES_H

#include "ccrnn/caption_scores.h"
#include "measure/ngrams.h"
#include "task/caption_trials.h"

enum { CCRNN_BASELINE_DRAWS = 10, CCRNN_BASELINE_TEXT = 1024 };

struct ccrnn_caption_baselines {
    size_t images;   /**< test images */
    size_t captions; /**< training captions within the range of lengths */
    size_t words;    /**< of the vocabulary */
    struct ccrnn_ngram_result ngrams;
    char frequent
        [CCRNN_BASELINE_TEXT]; /**< the training caption that is written most often, whatever its
                                             length; of equals the first */
    uint64_t frequent_seen;
    struct ccrnn_caption_score frequent_score; /**< of that caption for every test image */
    struct ccrnn_caption_score
        random_score; /**< of a caption of a random training image: mean of ten draws */
};

/** @param seed of the draws, stream (seed, USER, draw, 0)
 *  @return as ccrnn_caption_trials_open() and ccrnn_caption_scores() */
enum ccrnn_status ccrnn_caption_baselines_measure(const struct ccrnn_caption_options *options,
                                                  const struct ccrnn_caption_set *set,
                                                  uint64_t seed,
                                                  struct ccrnn_caption_baselines *baselines,
                                                  struct ccrnn_error *err);

#endif
