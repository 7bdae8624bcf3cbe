/** @file
 * What a run is made of, timed: a batch of each kind, and a durable write.
 */
#ifndef CCRNN_CLI_STUDY_TIMING_H
#define CCRNN_CLI_STUDY_TIMING_H

#include "study/data.h"

/** Seconds. */
struct cli_timing {
    double step;     /**< a batch of training */
    double validate; /**< a batch of validation */
    double measure;  /**< a batch with all measures */
    double image;    /**< captions: what the test does with an image; else 0 */
    double first;    /**< by how much the first batch of training was longer than the others */
};

/** Time some batches of a network, on its own trials and with the weights it begins with. It takes about a quarter of
 * a second, or two batches of each kind.
 * @return as ccrnn_network_create(), ccrnn_trials_open(), ccrnn_caption_trials_open() */
enum ccrnn_status cli_time_batches(const struct ccrnn_run_config *config,
                                   const struct ccrnn_run_data *data, struct cli_timing *timing,
                                   struct ccrnn_error *err);

/** The batches of a run. */
struct cli_batches {
    double train, validation; /**< of an epoch */
    double test;
    double images; /**< captions: that the test speaks of */
};

/** @return as ccrnn_caption_trials_open() */
enum ccrnn_status cli_count_batches(const struct ccrnn_run_config *config,
                                    const struct ccrnn_run_data *data,
                                    struct cli_batches *batches, struct ccrnn_error *err);

/** Seconds that it takes to write so many bytes durably where `directory` is, or will be. The file that is written for
 * this has no name and is gone at once. Where the file system has no such files, a guess. */
double cli_time_write(const char *directory, double bytes);

#endif
