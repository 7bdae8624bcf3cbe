/** @file
 * Captions and image features of a study: read or made once, shared by all its runs.
 */
#ifndef CCRNN_TASK_CAPTION_SET_H
#define CCRNN_TASK_CAPTION_SET_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"
#include "data/vocabulary.h"

enum ccrnn_caption_source {
    CCRNN_CAPTIONS_SCENES, /**< made by the program: task/scenes.h */
    CCRNN_CAPTIONS_FLICKR,
    CCRNN_CAPTIONS_COCO,
    CCRNN_CAPTION_SOURCE_COUNT
};

enum ccrnn_caption_split {
    CCRNN_CAPTIONS_TRAIN,
    CCRNN_CAPTIONS_VALIDATION,
    CCRNN_CAPTIONS_TEST,
    CCRNN_CAPTIONS_UNUSED, /**< of no split */
    CCRNN_CAPTION_SPLITS
};

/** What was found in the files; for people. */
struct ccrnn_caption_tally {
    size_t images_without_features;   /**< have captions, left out */
    size_t features_without_captions; /**< left out */
    size_t captions_without_words;    /**< left out */
    size_t images_of_no_split;        /**< have both, not used */
    size_t missing_from_captions;     /**< named by a split, but have no caption */
};

/** Zeroed: nothing. Never changed after loading. Images are in the order of the features' file. */
struct ccrnn_caption_set {
    size_t images, width;
    float *feature;  /**< (images,width) */
    char **image_id; /**< (images) */
    uint8_t *split;  /**< (images): enum ccrnn_caption_split */
    size_t captions; /**< by image, in each in the order of the file */
    uint32_t *first; /**< (images+1): captions first[i] … first[i+1]−1 are of image i */
    size_t *start; /**< (captions+1): tokens start[c] … start[c+1]−1 are those of caption c */
    uint32_t *token;      /**< places in the lexicon; neither <start> nor <end> */
    size_t lexicon_size;  /**< all different tokens of all captions */
    char **lexicon;       /**< (lexicon_size) */
    uint64_t *seen;       /**< (lexicon_size): how often in training captions */
    uint64_t fingerprint; /**< of everything above; 0 for scenes */
    struct ccrnn_caption_tally tally;
};

/** Load or make a set.
 * Files looked for in `directory`: for Flickr `*.token.txt` or `*.token` (not `*.lemma.token.txt`), and
 * the splits `*trainImages.txt`, `*devImages.txt`, `*testImages.txt`; for COCO `captions_train2014.json`
 * and `captions_val2014.json` (or 2017; also in `annotations/`): the images of the first are the training
 * split, those of the second, sorted by number, are dealt to validation and test in turn. Features:
 * `features.npy`, `features.safetensors`, `features.h5` or `features.hdf5`, and `image_ids.txt` (beside
 * the features, else in `directory`) where the file does not name its images itself. COCO's ids may be
 * written as the number, with leading zeros, or as a file name that ends in the number.
 * @param directory not used for scenes
 * @param features a file to be taken instead, NULL or "": as above; relative to the directory
 * @return CCRNN_IO, CCRNN_FORMAT, CCRNN_MEMORY as the readers; CCRNN_USAGE: no directory, several files that
 *         fit, no image that has features, captions and a split (with what was expected and found) */
enum ccrnn_status ccrnn_caption_set_load(enum ccrnn_caption_source source, const char *directory,
                                         const char *features, struct ccrnn_caption_set *set,
                                         struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_caption_set_release(struct ccrnn_caption_set *set);

/** The vocabulary of the training captions (all of them, whatever their length). */
enum ccrnn_status ccrnn_caption_set_vocabulary(const struct ccrnn_caption_set *set,
                                               uint64_t minimum,
                                               struct ccrnn_vocabulary **vocabulary,
                                               struct ccrnn_error *err);

#endif
