#include "cli/run_data.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/cli.h"

static enum ccrnn_status load_images(const struct ccrnn_opened_run *run, const char *directory,
                                     struct cli_run_data *data, struct ccrnn_error *err)
{
    const struct ccrnn_images_wanted wanted = ccrnn_run_images_wanted(&run->config);
    CCRNN_TRY(ccrnn_task_images_load(run->config.task.digits.images, directory, &wanted, 1,
                                     &data->images, err));
    data->run.images = &data->images;
    data->run.fingerprint = data->images.fingerprint;
    return CCRNN_OK;
}

static enum ccrnn_status load_captions(const struct ccrnn_opened_run *run, const char *directory,
                                       struct cli_run_data *data, struct ccrnn_error *err)
{
    const struct ccrnn_caption_options *const captions = &run->config.task.captions;
    CCRNN_TRY(ccrnn_caption_set_load(captions->source, directory, captions->features,
                                     &data->captions, err));
    data->run.captions = &data->captions;
    data->run.fingerprint = data->captions.fingerprint;
    return CCRNN_OK;
}

enum ccrnn_status cli_run_data_load(const char *directory, const char *given,
                                    const struct ccrnn_opened_run *run, struct cli_run_data *data,
                                    struct ccrnn_error *err)
{
    const struct ccrnn_task_kind *const kind = ccrnn_task_kind(run->config.task.task);
    const char *const name = ccrnn_run_data_name(&run->config);
    char where[CCRNN_PATH_MAX] = "", found[CCRNN_FINGERPRINT_SIZE] = "";
    *data = (struct cli_run_data){0};
    if (given != NULL && name == NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "--data has no effect: the run reads no files; leave it out");
    if (name != NULL)
        CCRNN_TRY(cli_data_directory(given, name, where, err));
    if (kind->shows_images)
        CCRNN_TRY(load_images(run, where, data, err));
    if (kind->says_words)
        CCRNN_TRY(load_captions(run, where, data, err));
    if (data->run.fingerprint != 0)
        (void)ccrnn_format(found, sizeof found, "%016llx",
                           (unsigned long long)data->run.fingerprint);
    if (strcmp(found, run->record.images) != 0)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "%s: the run was made with data of fingerprint %s, those in %s have %s; give the "
            "directory of the first ones (--data)",
            directory, run->record.images, where, found);
    return CCRNN_OK;
}

void cli_run_data_release(struct cli_run_data *data)
{
    ccrnn_task_images_release(&data->images);
    ccrnn_caption_set_release(&data->captions);
}
