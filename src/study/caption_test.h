/** @file
 * The test of a captioning network: captions for the test images, and their scores.
 */
#ifndef CCRNN_STUDY_CAPTION_TEST_H
#define CCRNN_STUDY_CAPTION_TEST_H

#include "ccrnn/caption_scores.h"
#include "study/decode.h"
#include "task/caption_trials.h"

/** Thirds of the test images by the mean length of their references. */
enum { CCRNN_LENGTH_CLASSES = 3 };

/** Captions of the test images by one decoding. Zeroed: nothing; release with ccrnn_caption_test_release. */
struct ccrnn_caption_test {
    size_t images;
    uint32_t *image;                   /**< (images): places in the set */
    uint8_t *length_class;             /**< (images): 0 short, 1 medium, 2 long */
    char **caption;                    /**< (images): words separated by spaces, as said */
    struct ccrnn_caption_score *score; /**< (images) */
    struct ccrnn_caption_score corpus; /**< of all images */
    size_t
        in_class[CCRNN_LENGTH_CLASSES]; /**< images of a class; 0 only of fewer than 3 images */
    struct ccrnn_caption_score
        by_length[CCRNN_LENGTH_CLASSES]; /**< of the images of a class, with their
                                                                     own document frequencies */
};

/** Say something about the first `most` test images of a set and compare it with all their references.
 * References and captions are compared without punctuation.
 * @return as ccrnn_decode(); CCRNN_MEMORY */
enum ccrnn_status ccrnn_caption_test_run(struct ccrnn_network *network,
                                         const struct ccrnn_caption_set *set,
                                         const struct ccrnn_vocabulary *vocabulary, uint64_t most,
                                         const struct ccrnn_decoding *decoding,
                                         struct ccrnn_caption_test *test,
                                         struct ccrnn_error *err);

/** Score captions that are there already: one for each of the first `most` test images, any words.
 * @param[in] caption (images) strings owned by the caller, in the order of the set */
enum ccrnn_status ccrnn_caption_test_score(const struct ccrnn_caption_set *set, uint64_t most,
                                           const char *const *caption,
                                           struct ccrnn_caption_test *test,
                                           struct ccrnn_error *err);

/** Number of test images that count: at most `most`. */
size_t ccrnn_caption_test_images(const struct ccrnn_caption_set *set, uint64_t most);

/** Write captions.csv: image,length_class,caption,bleu_1 … cider_d,references (separated by " | "). */
enum ccrnn_status ccrnn_caption_test_write(const struct ccrnn_caption_test *test,
                                           const struct ccrnn_caption_set *set, const char *path,
                                           struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_caption_test_release(struct ccrnn_caption_test *test);

#endif
