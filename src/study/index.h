/** @file
 * study.json: which runs a study has, for readers. An index made from the study file, never the truth: that is
 * in the run directories.
 *
 *     {"format": "ccrnn-study-1", "study": …, "description": …, "numerics": …,
 *      "arms": [{"name": …, "hash": …, "directory": …, "task": …, "epochs": …, "work": …}, …],
 *      "seeds": […], "quick": …, "scales": {"learning_rate": "log", …}, "claims": […]}
 *
 * `epochs`, as asked for when the file was written, and `work`, the floating-point operations of an epoch, are for
 * those who reckon how long a study takes (cost.h); `scales`, of options with a range, for those who draw axes.
 */
#ifndef CCRNN_STUDY_INDEX_H
#define CCRNN_STUDY_INDEX_H

#include "study/lease.h"
#include "study/study.h"

/** Write study.json. If the one that is there has the same arms (in any order), its seeds stay: those of this study
 * come first, then the others. A study that is a part of its file, by --set of a key of a grid, adds its arms to those
 * there in the same way, unless one of the same name has other options. So processes that work on different seeds
 * (`--seeds`) or parts of one study end with one index of all: each holds a lease of the study's directory while it
 * writes.
 * @return CCRNN_OTHER_NUMERICS: the study was begun by a version with other numbers; CCRNN_USAGE: the directory is
 * another study's, of another name or other tasks and without an arm of this one; CCRNN_IO: the directory cannot be
 * made or written */
enum ccrnn_status ccrnn_study_index_write(const struct ccrnn_study *study, const char *directory,
                                          struct ccrnn_leases *leases, struct ccrnn_error *err);

/** Would it be refused? Nothing is written. @return as ccrnn_study_index_write() */
enum ccrnn_status ccrnn_study_index_check(const struct ccrnn_study *study, const char *directory,
                                          struct ccrnn_error *err);

/** What study.json says of the runs. */
struct ccrnn_study_index {
    char *name; /**< of the study */
    size_t arm_count, seed_count;
    struct {
        char name[CCRNN_ARM_NAME_SIZE], hash[CCRNN_CONFIG_HASH_SIZE],
            directory[CCRNN_ARM_DIRECTORY_SIZE];
        uint64_t epochs; /**< 0: not said */
        double work;     /**< 0: not said */
    } * arms;
    uint64_t *seeds;
};

/** Read it. @param[out] index freed with ccrnn_study_index_free(), also after a failure
 * @return CCRNN_IO: there is none, so this is no study; CCRNN_FORMAT: it is damaged */
enum ccrnn_status ccrnn_study_index_read(const char *directory, struct ccrnn_study_index *index,
                                         struct ccrnn_error *err);
/** What study.json says once the study has been run. @return as ccrnn_study_index_read(), but without one there it is that
 * of the study alone */
enum ccrnn_status ccrnn_study_index_after(const struct ccrnn_study *study, const char *directory,
                                          struct ccrnn_study_index *index,
                                          struct ccrnn_error *err);
/** The arm whose runs an arm of this configuration begins with; SIZE_MAX: none, or it is not there any more. */
size_t ccrnn_study_index_parent(const struct ccrnn_study_index *index,
                                const struct ccrnn_run_config *config);
void ccrnn_study_index_free(struct ccrnn_study_index *index);

#endif
