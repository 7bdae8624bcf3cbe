/* ccrnn verify: replay recorded training cases. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "study/replay.h"
#include "study/replay_scores.h"

struct verify_options {
    enum ccrnn_gemm_choice gemm;
    enum ccrnn_kernel_choice kernels;
    bool json, brief;
    char **files;
    int count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct verify_options *const options = state->input;
    switch (key) {
    case CLI_KEY_GEMM:
        cli_read_gemm(arg, state, &options->gemm);
        return 0;
    case CLI_KEY_KERNELS:
        cli_read_kernels(arg, state, &options->kernels);
        return 0;
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case 'b':
        options->brief = true;
        return 0;
    case ARGP_KEY_ARGS:
        options->files = state->argv + state->next;
        options->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no file given; try tests/oracle/*.safetensors");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"brief", 'b', NULL, 0, "One line a file instead of one a tensor", 0},
    {"gemm", CLI_KEY_GEMM, "NAME", 0, "Matrix products: auto, onednn, plain", 0},
    {"json", CLI_KEY_JSON, NULL, 0, "Print JSON to stdout", 0},
    {"kernels", CLI_KEY_KERNELS, "NAME", 0, "Elementwise kernels: auto, avx512, avx2, plain", 0},
    {0},
};

const struct argp cli_verify_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "FILE…",
    .doc =
        "Replay recorded training cases (.safetensors, formats ccrnn-golden-1 and "
        "ccrnn-oracle-1): every output, gradient, norm, loss and updated parameter is compared with the record. "
        "Of recorded caption scores (.json) every score is computed again."
        "\vOutputs and gradients must agree to 1e-5 of the tensor's largest value, losses and "
        "norms to 1e-5 relative, parameters to 1e-5 absolute. A parameter element beyond that is "
        "skipped only where its recorded clipped gradient was tiny (0 < |g| < 1e-7): at most 3 % "
        "of a file. Caption scores must agree to 1e-6 absolute.\n"
        "Exit code 0 only if every file passes.",
};

static void print_scores(const char *path, const struct ccrnn_replay *replay,
                         const struct ccrnn_replay_row *worst)
{
    printf("%s %s: scores of the corpus and of %zu images, largest difference %.2e of %.2e "
           "allowed (%s)\n",
           replay->passed ? "ok  " : "FAIL", path, replay->images, worst->error, worst->tolerance,
           worst->name);
}

static void print_text(const char *path, const struct ccrnn_replay *replay, bool brief)
{
    const struct ccrnn_replay_row *worst = NULL;
    for (size_t i = 0; i < replay->count; i++) {
        const struct ccrnn_replay_row *const row = &replay->rows[i];
        if (!brief || !row->passed)
            printf("  %-74s %.2e of %.2e allowed, skipped %zu of %zu%s\n", row->name, row->error,
                   row->tolerance, row->skipped, row->elements, row->passed ? "" : "  FAILED");
        if (worst == NULL || row->error * worst->tolerance > worst->error * row->tolerance)
            worst = row;
    }
    if (replay->images > 0 && worst != NULL) {
        print_scores(path, replay, worst);
        return;
    }
    printf("%s %s: %zu tensors, skipped %zu of %zu parameter elements",
           replay->passed ? "ok  " : "FAIL", path, replay->count, replay->skipped,
           replay->parameter_elements);
    if (worst != NULL && worst->tolerance > 0)
        printf(", largest error %.2f of its tolerance (%s)", worst->error / worst->tolerance,
               worst->name);
    printf("\n");
    if (replay->reason[0] != '\0')
        printf("     %s\n", replay->reason);
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *as_json(const char *path, const struct ccrnn_replay *replay)
{
    json_t *const tensors = json_array();
    for (size_t i = 0; i < replay->count; i++) {
        const struct ccrnn_replay_row *const row = &replay->rows[i];
        json_array_append_new(
            tensors, json_pack("{s:s, s:o, s:o, s:I, s:I, s:b}", "name", row->name, "error",
                               number(row->error), "tolerance", number(row->tolerance),
                               "elements", (json_int_t)row->elements, "skipped",
                               (json_int_t)row->skipped, "passed", row->passed));
    }
    return json_pack("{s:s%, s:b, s:s, s:I, s:I, s:o}", "file", path, strlen(path), "passed",
                     replay->passed, "reason", replay->reason, "skipped",
                     (json_int_t)replay->skipped, "parameter_elements",
                     (json_int_t)replay->parameter_elements, "tensors", tensors);
}

static enum ccrnn_status replay_one(const struct verify_options *options, const char *path,
                                    struct ccrnn_replay *replay, struct ccrnn_error *err)
{
    if (ccrnn_replay_is_scores(path))
        return ccrnn_replay_scores(path, replay, err);
    return ccrnn_replay_file(path, options->gemm, options->kernels, replay, err);
}

int cli_verify(int argc, char **argv)
{
    struct verify_options options = {0};
    cli_parse(&cli_verify_argp, argc, argv, &options);
    int passed = 0, failed = 0;
    json_t *const files = json_array();
    for (int i = 0; i < options.count; i++) {
        struct ccrnn_replay replay;
        struct ccrnn_error err = {0};
        const enum ccrnn_status status = replay_one(&options, options.files[i], &replay, &err);
        if (status != CCRNN_OK) {
            ccrnn_replay_release(&replay);
            json_decref(files);
            return cli_fail("verify", status, &err);
        }
        if (options.json)
            json_array_append_new(files, as_json(options.files[i], &replay));
        else
            print_text(options.files[i], &replay, options.brief);
        passed += replay.passed;
        failed += !replay.passed;
        ccrnn_replay_release(&replay);
    }
    if (options.json) {
        json_t *const all =
            json_pack("{s:i, s:i, s:O}", "passed", passed, "failed", failed, "files", files);
        json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
        printf("\n");
        json_decref(all);
    } else {
        printf("%d passed, %d failed\n", passed, failed);
    }
    json_decref(files);
    return failed == 0 ? 0 : ccrnn_status_exit_code(CCRNN_FAILED);
}
