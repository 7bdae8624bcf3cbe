/* Train the published line-drawing network with the public headers only.
 *
 *   cc minimal.c $(pkg-config --cflags --libs ccrnn) -o minimal && ./minimal
 */
#include <ccrnn/ccrnn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 1000, SEED = 1 };

static enum ccrnn_status train(struct ccrnn_network *network, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *config = ccrnn_network_config_of(network);
    struct ccrnn_line_drawing task;
    ccrnn_line_drawing_default(&task);
    const size_t trials = config->steps * config->batch;
    ccrnn_real *input = calloc(trials * config->inputs, sizeof *input);
    ccrnn_real *target = calloc(trials * config->outputs, sizeof *target);
    enum ccrnn_status status = input != NULL && target != NULL ? CCRNN_OK : CCRNN_MEMORY;
    for (uint32_t step = 1; step <= STEPS && status == CCRNN_OK; step++) {
        struct ccrnn_step_report report;
        const struct ccrnn_batch batch = {.input = input, .target = target};
        ccrnn_line_drawing_batch(&task, SEED, CCRNN_RANDOM_TRAIN, step, 0, config->batch, input,
                                 target, NULL);
        status = ccrnn_network_train(network, &batch, &report, err);
        if (status == CCRNN_OK && (step == 1 || step % 100 == 0))
            printf("step %4" PRIu32 "  loss %.4f  similarity %+.3f\n", step, report.loss,
                   report.similarity);
    }
    free(input);
    free(target);
    return status;
}

int main(void)
{
    struct ccrnn_network_config config;
    struct ccrnn_network *network;
    struct ccrnn_error err = {.message = "out of memory"};
    ccrnn_network_config_default(&config);
    enum ccrnn_status status = ccrnn_network_create(&config, SEED, &network, &err);
    if (status == CCRNN_OK)
        status = train(network, &err);
    if (status != CCRNN_OK)
        fprintf(stderr, "minimal: %s\n", err.message);
    ccrnn_network_destroy(network);
    return ccrnn_status_exit_code(status);
}
