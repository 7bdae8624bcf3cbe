/** @file
 * What a run records, how large that is, and whether the disk can hold it. The writing: recorder.h.
 *
 * A recording is of the first `record_trials` validation trials, with the stream of epoch 0 where trials are made
 * anew every epoch: the same trials at every epoch. docs/recording.md is for those who read the file.
 */
#ifndef CCRNN_STUDY_RECORD_H
#define CCRNN_STUDY_RECORD_H

#include "study/options.h"

/** In a run's directory: the recording, and its parts while the run goes on. */
#define CCRNN_RECORD_FILE "record.h5"
#define CCRNN_RECORD_PARTS "record.parts"

/** The dimensions of arrays. */
enum ccrnn_record_axis {
    CCRNN_AXIS_EPOCH,
    CCRNN_AXIS_TRIAL,
    CCRNN_AXIS_STEP,     /**< 0 … T−1 */
    CCRNN_AXIS_MOMENT,   /**< 0 … T: before step t, T being the end */
    CCRNN_AXIS_BOUNDARY, /**< 0 … n; coordinate: the moment min(i·K, T) */
    CCRNN_AXIS_SEGMENT,  /**< 0 … n−1; coordinate: the moment i·K */
    CCRNN_AXIS_INPUT,
    CCRNN_AXIS_OUTPUT,
    CCRNN_AXIS_UNIT,
    CCRNN_AXIS_GATE,
    CCRNN_AXIS_GRANULE,
    CCRNN_AXIS_COUNT
};

/** An array of the file: (epoch,) time, trial, and what there is of each. */
struct ccrnn_record_array {
    char name[16];
    const char *units, *description;
    enum ccrnn_record_quantity quantity; /**< that it belongs to */
    enum ccrnn_record_axis time, of; /**< of: CCRNN_AXIS_COUNT if there is one number a trial */
    bool of_epochs;                  /**< false: the same at every epoch, and without that axis */
    bool wide;                       /**< double, else float */
    size_t layer;                    /**< of granules */
    size_t steps, width;             /**< sizes along `time` and `of` (1 if there is none) */
};

enum { CCRNN_RECORD_ARRAYS_MAX = 16 };

/** All arrays of a run. */
struct ccrnn_record_plan {
    struct ccrnn_record_array array[CCRNN_RECORD_ARRAYS_MAX];
    size_t count;
    size_t trials;
};

/** @param[in] config resolved */
void ccrnn_record_plan_make(const struct ccrnn_run_config *config,
                            struct ccrnn_record_plan *plan);

/** Numbers of an array at one epoch. */
size_t ccrnn_record_array_numbers(const struct ccrnn_record_plan *plan, size_t index);

/** Name and texts of an axis (static storage). */
const char *ccrnn_record_axis_name(enum ccrnn_record_axis axis);
const char *ccrnn_record_axis_units(enum ccrnn_record_axis axis);
const char *ccrnn_record_axis_description(enum ccrnn_record_axis axis);

/** Size of an axis, but EPOCH; and a coordinate of it. */
size_t ccrnn_record_axis_size(const struct ccrnn_run_config *config, enum ccrnn_record_axis axis);
int64_t ccrnn_record_axis_value(const struct ccrnn_run_config *config,
                                enum ccrnn_record_axis axis, size_t index);

/** Is this epoch recorded? 0: before learning. */
bool ccrnn_record_wants(const struct ccrnn_run_config *config, uint64_t epoch);

/** Epochs from 0 to config->epochs that are recorded. */
uint64_t ccrnn_record_epochs(const struct ccrnn_run_config *config);

/** Bytes of the numbers of a run's recording, uncompressed: the sum over its arrays of
 * bytes a number × epochs × steps × trials × width, and 4 a trial for the classes. 0 without recording. */
double ccrnn_record_bytes(const struct ccrnn_run_config *config);

#endif
