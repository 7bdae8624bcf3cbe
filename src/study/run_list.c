#include "study/run_list.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "study/run_record.h"

size_t ccrnn_study_run_count(const struct ccrnn_study *study)
{
    return study->arm_count * study->seed_count;
}

bool ccrnn_study_run_wanted(const struct ccrnn_study *study, size_t index)
{
    return study->wanted == NULL || study->wanted[index];
}

size_t ccrnn_study_wanted_count(const struct ccrnn_study *study)
{
    size_t count = 0;
    for (size_t i = 0; i < ccrnn_study_run_count(study); i++)
        count += ccrnn_study_run_wanted(study, i);
    return count;
}

const struct ccrnn_study_arm *ccrnn_study_run_arm(const struct ccrnn_study *study, size_t index)
{
    return &study->arms[index % study->arm_count];
}

uint64_t ccrnn_study_run_seed(const struct ccrnn_study *study, size_t index)
{
    return study->seeds[index / study->arm_count];
}

size_t ccrnn_study_run_parent(const struct ccrnn_study *study, size_t index)
{
    const size_t arm = index % study->arm_count, parent = study->arms[arm].parent;
    if (parent == SIZE_MAX || study->arms[arm].config.branch_epoch == 0)
        return SIZE_MAX;
    return index - arm + parent;
}

enum ccrnn_status ccrnn_study_run_directory(const struct ccrnn_study *study,
                                            const char *directory, size_t index, char *path,
                                            size_t size, struct ccrnn_error *err)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, ccrnn_study_run_seed(study, index));
    CCRNN_TRY(ccrnn_path_join(path, size, directory, ccrnn_study_run_arm(study, index)->directory,
                              err));
    return ccrnn_path_join(path, size, path, seed, err);
}

bool ccrnn_study_run_is_complete(const struct ccrnn_study *study, const char *directory,
                                 size_t index)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_run_record record;
    return ccrnn_study_run_directory(study, directory, index, path, sizeof path, NULL) ==
               CCRNN_OK &&
           ccrnn_run_record_read(path, &record, NULL) == CCRNN_OK &&
           ccrnn_run_record_is_complete(&record,
                                        ccrnn_study_run_arm(study, index)->config.epochs);
}

/* Images are needed only if something is left to do: a complete study asks for nothing. */
bool ccrnn_study_is_complete(const struct ccrnn_study *study, const char *directory)
{
    for (size_t i = 0; i < ccrnn_study_run_count(study); i++)
        if (ccrnn_study_run_wanted(study, i) && !ccrnn_study_run_is_complete(study, directory, i))
            return false;
    return true;
}
