/* ccrnn export: a run's weights under PyTorch's names. */
#include <stdio.h>

#include "base/file.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "study/checkpoint.h"
#include "study/run_open.h"

struct export_options {
    const char *run, *checkpoint, *out;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct export_options *const options = state->input;
    switch (key) {
    case 'c':
        options->checkpoint = arg;
        return 0;
    case 'o':
        options->out = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (options->run != NULL)
            argp_error(state, "two runs given, \"%s\" and \"%s\": expected one", options->run,
                       arg);
        options->run = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no run given: expected a directory like STUDYDIR/ARM-HASH/SEED");
        return 0;
    case ARGP_KEY_END:
        if (options->out == NULL)
            argp_error(state, "no file to write to: give --out FILE.safetensors");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"checkpoint", 'c', "NAME", 0, "last (default), best, previous or epoch-N", 0},
    {"out", 'o', "FILE", 0, "Where to write (.safetensors)", 0},
    {0},
};

const struct argp cli_export_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "RUN --out FILE",
    .doc =
        "Write the weights of a run as .safetensors, under the names PyTorch and the published "
        "code use (rnn.weight_ih_l0, linear.weight, …)."
        "\vSuch a file is also what the study option init_from reads. In Python:\n\n"
        "  from safetensors.torch import load_file\n"
        "  weights = load_file(\"FILE\")",
};

int cli_export(int argc, char **argv)
{
    struct export_options options = {.checkpoint = "last"};
    struct ccrnn_error err = {0};
    struct ccrnn_opened_run run;
    cli_parse(&cli_export_argp, argc, argv, &options);
    enum ccrnn_status status = ccrnn_run_open(options.run, options.checkpoint, CCRNN_GEMM_AUTO,
                                              CCRNN_KERNELS_AUTO, &run, &err);
    if (status != CCRNN_OK)
        return cli_fail("export", status, &err);
    const struct ccrnn_checkpoint_owner owner = {.hash = run.record.hash,
                                                 .seed = run.record.seed};
    status = ccrnn_weights_export(options.out, run.network, &owner, &err);
    if (status == CCRNN_OK) {
        printf("%s: %zu tensors\n", options.out, ccrnn_network_parameter_count(run.network));
        for (size_t i = 0; i < ccrnn_network_parameter_count(run.network); i++) {
            const struct ccrnn_parameter *const tensor = ccrnn_network_parameter(run.network, i);
            printf("  %s (%zu", tensor->torch, tensor->rows);
            if (tensor->dims == 2)
                printf(", %zu", tensor->cols);
            printf(")\n");
        }
    }
    ccrnn_run_close(&run);
    return status == CCRNN_OK ? 0 : cli_fail("export", status, &err);
}
