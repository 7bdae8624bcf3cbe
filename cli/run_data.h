/** @file
 * The data a run was trained with, found again for commands that look into the run.
 */
#ifndef CCRNN_CLI_RUN_DATA_H
#define CCRNN_CLI_RUN_DATA_H

#include "study/data.h"
#include "study/run_open.h"

struct cli_run_data {
    struct ccrnn_task_images images;
    struct ccrnn_caption_set captions;
    struct ccrnn_run_data run; /**< what courses and trials take */
};

/** Load images or captions, if the run has any, and check that they are those of the run.
 * @param directory of the run, for messages
 * @param given the value of --data, or NULL
 * @param[out] data release with cli_run_data_release(), also after a failure
 * @return CCRNN_USAGE: --data without effect; data of another fingerprint; CCRNN_IO, CCRNN_FORMAT */
enum ccrnn_status cli_run_data_load(const char *directory, const char *given,
                                    const struct ccrnn_opened_run *run, struct cli_run_data *data,
                                    struct ccrnn_error *err);

/** Safe on a zeroed struct. */
void cli_run_data_release(struct cli_run_data *data);

#endif
