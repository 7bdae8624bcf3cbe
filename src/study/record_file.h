/** @file
 * record.h5: written whole from what a run recorded, and read back when the run goes on.
 */
#ifndef CCRNN_STUDY_RECORD_FILE_H
#define CCRNN_STUDY_RECORD_FILE_H

#include "study/record.h"
#include "study/run.h"

/** Bytes of a layout. */
enum { CCRNN_RECORD_LAYOUT = 1024 };

/** A rising list of epochs; start with {0}, free `value`. */
struct ccrnn_record_epochs {
    uint64_t *value;
    size_t count, room;
};

/** Put an epoch in its place; one that is there stays there once. @return false without memory */
bool ccrnn_record_epochs_add(struct ccrnn_record_epochs *epochs, uint64_t epoch);

/** The place of an epoch; SIZE_MAX: it is not there. */
size_t ccrnn_record_epochs_find(const struct ccrnn_record_epochs *epochs, uint64_t epoch);

/** Names and sizes of all arrays as text: two recordings fit together if this is the same.
 * @param[out] layout CCRNN_RECORD_LAYOUT bytes */
void ccrnn_record_layout(const struct ccrnn_record_plan *plan, char *layout);

/** What a file is made of. All borrowed. */
struct ccrnn_record_content {
    const struct ccrnn_run *run;
    const char *kernels;
    const struct ccrnn_record_plan *plan;
    const char *layout;
    const struct ccrnn_record_epochs *epochs;
    const int32_t *class_name; /**< (trials) */
    void *const *whole; /**< for each array (steps,trials,width); those that are the same at every
                                    epoch are filled */
    /** Fill the other arrays of `whole` with those of an epoch. */
    enum ccrnn_status (*fetch)(void *context, uint64_t epoch, struct ccrnn_error *err);
    void *context;
};

/** Write the file, atomically. @return CCRNN_IO, CCRNN_MEMORY, CCRNN_UNSUPPORTED, what fetch returns */
enum ccrnn_status ccrnn_record_file_write(const char *path,
                                          const struct ccrnn_record_content *content,
                                          struct ccrnn_error *err);

/** What an earlier session recorded of this run.
 * @param[out] layout CCRNN_RECORD_LAYOUT bytes @param[out] epochs empty before; in the file's order
 * @return CCRNN_FORMAT: damaged, or of another run */
enum ccrnn_status ccrnn_record_file_look(const char *path, const struct ccrnn_run *run,
                                         char *layout, struct ccrnn_record_epochs *epochs,
                                         struct ccrnn_error *err);

/** The arrays at place `index` of the file's epochs.
 * @param[out] whole for each array (steps,trials,width)
 * @return CCRNN_FORMAT */
enum ccrnn_status ccrnn_record_file_read(const char *path, const struct ccrnn_record_plan *plan,
                                         size_t index, void *const *whole,
                                         struct ccrnn_error *err);

#endif
