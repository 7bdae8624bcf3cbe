/* An epoch as a run has it: batches made from images, trained on, then the validation. */
#include "cli/bench_epoch.h"

#include <stdlib.h>

#include "base/error.h"
#include "study/data.h"
#include "study/evaluate.h"

struct epoch_bench {
    struct ccrnn_run_config config;
    struct ccrnn_task_images images;
    struct ccrnn_trials *trials;
    struct ccrnn_network *network;
    struct ccrnn_evaluator *evaluator;
    struct ccrnn_trial_batch batch;
};

static enum ccrnn_status open_bench(struct epoch_bench *bench, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &bench->config.network;
    const struct ccrnn_images_wanted wanted = ccrnn_run_images_wanted(&bench->config);
    CCRNN_TRY(ccrnn_task_images_load(bench->config.task.digits.images, NULL, &wanted, 1,
                                     &bench->images, err));
    CCRNN_TRY(ccrnn_trials_open(&bench->config.task, &bench->images, 1, &bench->trials, err));
    CCRNN_TRY(ccrnn_network_create(network, 1, &bench->network, err));
    CCRNN_TRY(ccrnn_evaluator_create(&bench->config, bench->trials, &bench->evaluator, err));
    bench->batch.input =
        calloc(network->steps * network->batch * network->inputs, sizeof(ccrnn_real));
    bench->batch.class_index = calloc(network->batch, sizeof(int32_t));
    if (bench->batch.input == NULL || bench->batch.class_index == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the case digits-epoch");
    return CCRNN_OK;
}

static void close_bench(struct epoch_bench *bench)
{
    free(bench->batch.input);
    free(bench->batch.class_index);
    ccrnn_evaluator_destroy(bench->evaluator);
    ccrnn_network_destroy(bench->network);
    ccrnn_trials_close(bench->trials);
    ccrnn_task_images_release(&bench->images);
}

static enum ccrnn_status run_epoch(struct epoch_bench *bench, uint32_t epoch,
                                   struct ccrnn_error *err)
{
    const struct ccrnn_task_options *const task = &bench->config.task;
    const size_t B = bench->config.network.batch;
    const struct ccrnn_batch batch = {.input = bench->batch.input,
                                      .label = bench->batch.class_index};
    double error;
    for (uint64_t first = 0; first < task->train_size; first += B) {
        ccrnn_trials_batch(bench->trials, CCRNN_SPLIT_TRAIN, epoch, first, B, &bench->batch);
        CCRNN_TRY(ccrnn_network_train(bench->network, &batch, NULL, err));
    }
    return ccrnn_evaluate(bench->evaluator, bench->network, CCRNN_SPLIT_VALIDATION, epoch,
                          task->validation_size, CCRNN_EVALUATION_SHORT, &error, err);
}

enum ccrnn_status cli_bench_epoch(enum ccrnn_gemm_choice gemm, enum ccrnn_kernel_choice kernels,
                                  unsigned repeats, double *seconds, double *flops,
                                  struct ccrnn_error *err)
{
    struct epoch_bench bench = {0};
    ccrnn_run_config_default(CCRNN_TASK_VISUAL_DISCRIMINATION, &bench.config);
    struct ccrnn_network_config *const network = &bench.config.network;
    network->gemm = gemm;
    network->kernels = kernels;
    enum ccrnn_status status = open_bench(&bench, err);
    if (status == CCRNN_OK)
        status = run_epoch(&bench, 1, err); /* to warm up */
    for (unsigned r = 0; r < repeats && status == CCRNN_OK; r++) {
        const double start = cli_bench_now();
        status = run_epoch(&bench, r + 2, err);
        seconds[r] = cli_bench_now() - start;
    }
    const double train = (double)bench.config.task.train_size / (double)network->batch;
    const double validate = (double)bench.config.task.validation_size / (double)network->batch;
    *flops =
        train * ccrnn_network_flops(network) + validate * ccrnn_network_forward_flops(network);
    close_bench(&bench);
    return status;
}
