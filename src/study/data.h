/** @file
 * The images of a study: loaded once, as bytes, for all its runs.
 */
#ifndef CCRNN_STUDY_DATA_H
#define CCRNN_STUDY_DATA_H

#include "study/study.h"

/** Zeroed: nothing is loaded. Read only once loaded, so that any number of threads may look. */
struct ccrnn_study_data {
    struct ccrnn_task_images source[CCRNN_IMAGE_SOURCE_COUNT];
};

/** Load what the arms of a study need, and check that every arm gets as many images as it asks for.
 * @param[in] directory of MNIST; may be NULL if no arm needs it
 * @param[out] data release with ccrnn_study_data_release(); empty on failure
 * @return as ccrnn_task_images_load(); CCRNN_USAGE with the arm's name: too few images */
enum ccrnn_status ccrnn_study_data_load(const struct ccrnn_study *study, const char *directory,
                                        struct ccrnn_study_data *data, struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void ccrnn_study_data_release(struct ccrnn_study_data *data);

/** The images of a run; NULL if its task shows none. */
const struct ccrnn_task_images *ccrnn_study_data_images(const struct ccrnn_study_data *data,
                                                        const struct ccrnn_run_config *config);

/** True if an arm reads images from files. */
bool ccrnn_study_reads_files(const struct ccrnn_study *study);

/** What a run asks of its source. */
struct ccrnn_images_wanted ccrnn_run_images_wanted(const struct ccrnn_run_config *config);

#endif
