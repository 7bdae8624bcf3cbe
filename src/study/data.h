/** @file
 * The images of a study: loaded once, as bytes, for all its runs.
 */
#ifndef CCRNN_STUDY_DATA_H
#define CCRNN_STUDY_DATA_H

#include "base/text.h"
#include "study/study.h"
#include "task/caption_set.h"

enum { CCRNN_STUDY_CAPTION_SETS = 8 };

/** A set of captions, and the option that names its features. */
struct ccrnn_loaded_captions {
    enum ccrnn_caption_source source;
    const char *features;
    struct ccrnn_caption_set set;
};

/** Zeroed: nothing is loaded. Read only once loaded, so that any number of threads may look. */
struct ccrnn_study_data {
    struct ccrnn_task_images source[CCRNN_IMAGE_SOURCE_COUNT];
    struct ccrnn_loaded_captions captions[CCRNN_STUDY_CAPTION_SETS];
    size_t caption_sets;
    double seconds; /**< that loading them took */
};

/** What one run reads of them; all NULL for a task that reads nothing. */
struct ccrnn_run_data {
    const struct ccrnn_task_images *images;
    const struct ccrnn_caption_set *captions;
    uint64_t fingerprint; /**< of the files' content; 0: made by the program, or nothing */
};

/** Load what the arms of a study need, and check that every arm gets as many images and captions as it asks
 * for. Arms of captions get to know their vocabulary's size and their features' width.
 * @param[in] directory of the files; may be NULL if no arm needs it
 * @param[out] data release with ccrnn_study_data_release(); empty on failure
 * @return as ccrnn_task_images_load() and ccrnn_caption_set_load(); CCRNN_USAGE with the arm's name: too few
 *         images, no captions of these lengths */
enum ccrnn_status ccrnn_study_data_load(struct ccrnn_study *study, const char *directory,
                                        struct ccrnn_study_data *data, struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_study_data_release(struct ccrnn_study_data *data);

/** What was read of captions, a line a set, for people: images of each split, and what was left out and why.
 * Empty for studies without captions. Free `bytes`. */
void ccrnn_study_data_describe(const struct ccrnn_study_data *data, struct ccrnn_text *text);

/** What a run reads. */
struct ccrnn_run_data ccrnn_study_data_of(const struct ccrnn_study_data *data,
                                          const struct ccrnn_run_config *config);

/** Tell a configuration of captions how many words and how wide features its set has, and resolve it.
 * @return CCRNN_USAGE, CCRNN_MEMORY */
enum ccrnn_status ccrnn_run_config_know(struct ccrnn_run_config *config,
                                        const struct ccrnn_caption_set *set,
                                        struct ccrnn_error *err);

/** The name of the data set a run reads from files, as its usual directory is called: "mnist", "flickr8k",
 * "coco" (static storage); NULL: it reads none. */
const char *ccrnn_run_data_name(const struct ccrnn_run_config *config);

/** The first of the arms' data sets; NULL: no arm reads files. */
const char *ccrnn_study_data_name(const struct ccrnn_study *study);

/** What a run asks of its source. */
struct ccrnn_images_wanted ccrnn_run_images_wanted(const struct ccrnn_run_config *config);

#endif
