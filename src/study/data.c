#include "study/data.h"

#include <stdlib.h>

#include "base/error.h"

static bool shows_images(const struct ccrnn_run_config *config)
{
    return ccrnn_task_kind(config->task.task)->shows_images;
}

static bool reads_from(const struct ccrnn_run_config *config, enum ccrnn_image_source source)
{
    return shows_images(config) && config->task.digits.images == source;
}

struct ccrnn_images_wanted ccrnn_run_images_wanted(const struct ccrnn_run_config *config)
{
    const struct ccrnn_integers *const digits = &config->task.digits.digits;
    struct ccrnn_images_wanted wanted = {
        .train = config->task.train_size + config->task.validation_size,
        .test = config->task.test_size,
    };
    for (size_t i = 0; i < digits->count; i++)
        wanted.digits |= 1U << digits->value[i];
    return wanted;
}

static enum ccrnn_status load_source(const struct ccrnn_study *study, const char *directory,
                                     enum ccrnn_image_source source,
                                     struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    size_t count = 0;
    struct ccrnn_images_wanted *const wanted = malloc(study->arm_count * sizeof *wanted);
    if (wanted == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for %zu arms", study->arm_count);
    for (size_t i = 0; i < study->arm_count; i++)
        if (reads_from(&study->arms[i].config, source))
            wanted[count++] = ccrnn_run_images_wanted(&study->arms[i].config);
    enum ccrnn_status status = CCRNN_OK;
    if (count > 0)
        status =
            ccrnn_task_images_load(source, directory, wanted, count, &data->source[source], err);
    free(wanted);
    return status;
}

/* Before the first run begins: a study that cannot be finished should not be started. */
static enum ccrnn_status check_arms(const struct ccrnn_study *study,
                                    const struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    for (size_t i = 0; i < study->arm_count; i++) {
        const struct ccrnn_run_config *const config = &study->arms[i].config;
        struct ccrnn_trials *trials = NULL;
        if (!shows_images(config))
            continue;
        const enum ccrnn_status status = ccrnn_trials_open(
            &config->task, ccrnn_study_data_images(data, config), 1, &trials, err);
        ccrnn_trials_close(trials);
        if (status != CCRNN_OK)
            return ccrnn_fail_within(err, status, "arm '%s'", study->arms[i].name);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_study_data_load(const struct ccrnn_study *study, const char *directory,
                                        struct ccrnn_study_data *data, struct ccrnn_error *err)
{
    *data = (struct ccrnn_study_data){0};
    enum ccrnn_status status = CCRNN_OK;
    for (unsigned s = 0; s < CCRNN_IMAGE_SOURCE_COUNT && status == CCRNN_OK; s++)
        status = load_source(study, directory, (enum ccrnn_image_source)s, data, err);
    if (status == CCRNN_OK)
        status = check_arms(study, data, err);
    if (status != CCRNN_OK)
        ccrnn_study_data_release(data);
    return status;
}

void ccrnn_study_data_release(struct ccrnn_study_data *data)
{
    for (unsigned s = 0; s < CCRNN_IMAGE_SOURCE_COUNT; s++)
        ccrnn_task_images_release(&data->source[s]);
}

const struct ccrnn_task_images *ccrnn_study_data_images(const struct ccrnn_study_data *data,
                                                        const struct ccrnn_run_config *config)
{
    return shows_images(config) ? &data->source[config->task.digits.images] : NULL;
}

bool ccrnn_study_reads_files(const struct ccrnn_study *study)
{
    for (size_t i = 0; i < study->arm_count; i++)
        if (reads_from(&study->arms[i].config, CCRNN_IMAGE_SOURCE_MNIST))
            return true;
    return false;
}
