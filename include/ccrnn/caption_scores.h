/** @file
 * Scores of image captions: BLEU (Papineni 2002), ROUGE-L (Lin 2004), CIDEr and CIDEr-D (Vedantam 2015),
 * as the reference caption-evaluation toolkit computes them.
 */
#ifndef CCRNN_CAPTION_SCORES_H
#define CCRNN_CAPTION_SCORES_H

#include <stddef.h>

#include "ccrnn/status.h"
#include "ccrnn/version.h"

/** Scores of one caption, or of a corpus. */
struct ccrnn_caption_score {
    double bleu[4]; /**< BLEU-1 … BLEU-4, 0 … 1; of a corpus: from its summed counts */
    double rouge_l; /**< 0 … 1; of a corpus: the mean over images (so with the next two) */
    double cider;   /**< 0 … 10 */
    double cider_d; /**< 0 … 10 */
};

/** A caption and what people said about the same image. Tokens are separated by single spaces, as they
 * shall be compared (lower-cased, without punctuation). */
struct ccrnn_scored_caption {
    const char *candidate;        /**< may be empty: scores 0 */
    const char *const *reference; /**< (references) */
    size_t references;            /**< ≥ 1 */
};

#ifdef __cplusplus
extern "C" {
#endif

/** Score a corpus. Document frequencies of CIDEr are those of these images' references.
 * @param image (images), images ≥ 1
 * @param[out] corpus the whole  @param[out] each (images), or NULL
 * @return CCRNN_USAGE: no image, an image without references; CCRNN_MEMORY */
CCRNN_API enum ccrnn_status ccrnn_caption_scores(const struct ccrnn_scored_caption *image,
                                                 size_t images,
                                                 struct ccrnn_caption_score *corpus,
                                                 struct ccrnn_caption_score *each,
                                                 struct ccrnn_error *err);

#ifdef __cplusplus
}
#endif
#endif
