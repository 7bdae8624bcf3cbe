/* ccrnn caption: what a trained network says about images, from their features alone. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "data/features.h"
#include "data/vocabulary.h"
#include "math/math.h"
#include "study/decode.h"
#include "study/run_open.h"

struct caption_options {
    const char *run, *checkpoint, *features, *ids, *out;
    uint64_t beam, most;
    double length_power;
    bool has_power;
};

enum { KEY_FEATURES = CLI_KEY_FIRST, KEY_IDS, KEY_BEAM, KEY_WORDS, KEY_POWER };
enum { WORDS_MOST = 1000 };

static const double usual_power = 0.7;

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct caption_options *const options = state->input;
    switch (key) {
    case 'c':
        options->checkpoint = arg;
        return 0;
    case 'o':
        options->out = arg;
        return 0;
    case KEY_FEATURES:
        options->features = arg;
        return 0;
    case KEY_IDS:
        options->ids = arg;
        return 0;
    case KEY_BEAM:
        if (!ccrnn_parse_unsigned(arg, &options->beam) || options->beam < 1)
            argp_error(state, "--beam is \"%s\": expected an integer from 1", arg);
        return 0;
    case KEY_WORDS:
        if (!ccrnn_parse_unsigned(arg, &options->most) || options->most < 1 ||
            options->most > WORDS_MOST)
            argp_error(state, "--words is \"%s\": expected an integer from 1 to %d", arg,
                       WORDS_MOST);
        return 0;
    case KEY_POWER:
        if (!ccrnn_parse_real(arg, &options->length_power) || !(options->length_power >= 0) ||
            options->length_power > 10)
            argp_error(state, "--length-power is \"%s\": expected a number from 0 to 10", arg);
        options->has_power = true;
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
        if (options->features == NULL)
            argp_error(state, "no features given: expected --features FILE");
        if (options->has_power && options->beam == 1)
            argp_error(state, "--length-power has no effect with a beam of 1; give --beam too");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"features", KEY_FEATURES, "FILE", 0, "Image features: .npy, .safetensors or HDF5", 0},
    {"ids", KEY_IDS, "FILE", 0, "The image of each row, where the features do not say it", 0},
    {"out", 'o', "FILE", 0, "Also write the captions as a COCO result JSON", 0},
    {"beam", KEY_BEAM, "N", 0, "Width of the beam (default 1: greedy)", 0},
    {"words", KEY_WORDS, "N", 0, "Words of a caption at most (default 20)", 0},
    {"length-power", KEY_POWER, "X", 0,
     "A beam's captions are compared by log probability / words^X (default 0.7)", 0},
    {"checkpoint", 'c', "NAME", 0, "best (default), last, previous or epoch-N", 0},
    {0},
};

const struct argp cli_caption_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "RUN --features FILE",
    .doc =
        "Say what is on images: one line each, the image's id, a tab, the caption."
        "\vRUN is the directory of one run of the task captions. The features must be of the kind it "
        "was trained with.\n\n"
        "The file of --out is a list of {\"image_id\": …, \"caption\": …}, which the COCO caption "
        "evaluation (BLEU, METEOR, ROUGE, CIDEr, SPICE) reads. Ids that are numbers, or file names "
        "that end in one as COCO's do, are written as numbers.",
};

/* What is said, and how it is printed. */
struct captions {
    struct ccrnn_features features;
    struct ccrnn_vocabulary *vocabulary;
    ccrnn_real *feature;
    int32_t *words;
    size_t *length;
};

static void release(struct captions *captions)
{
    ccrnn_features_release(&captions->features);
    ccrnn_vocabulary_release(captions->vocabulary);
    free(captions->feature);
    free(captions->words);
    free(captions->length);
}

static enum ccrnn_status check_run(const struct caption_options *options,
                                   const struct ccrnn_opened_run *run,
                                   const struct captions *captions, struct ccrnn_error *err)
{
    const struct ccrnn_network_config *const network = &run->config.network;
    if (captions->features.width != network->features)
        return ccrnn_fail(
            err, CCRNN_USAGE,
            "%s: features of %zu numbers an image, but the run was trained with %zu; "
            "give features made in the same way",
            options->features, captions->features.width, network->features);
    if (ccrnn_vocabulary_size(captions->vocabulary) != network->outputs)
        return ccrnn_fail(
            err, CCRNN_FORMAT,
            "%s/vocabulary.txt: %zu words, but the checkpoint has %zu; it is not the "
            "vocabulary of this run",
            options->run, ccrnn_vocabulary_size(captions->vocabulary), network->outputs);
    return CCRNN_OK;
}

static enum ccrnn_status say_all(const struct caption_options *options,
                                 const struct ccrnn_opened_run *run, struct captions *captions,
                                 struct ccrnn_error *err)
{
    const size_t images = captions->features.count, width = captions->features.width;
    const struct ccrnn_decoding decoding = {
        .beam = (size_t)options->beam,
        .most = (size_t)options->most,
        .length_power = options->has_power ? options->length_power : usual_power};
    captions->feature = calloc(images * width, sizeof *captions->feature);
    captions->words = calloc(images * decoding.most, sizeof *captions->words);
    captions->length = calloc(images, sizeof *captions->length);
    if (captions->feature == NULL || captions->words == NULL || captions->length == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory for captions of %zu images", images);
    for (size_t i = 0; i < images * width; i++)
        captions->feature[i] = (ccrnn_real)captions->features.value[i];
    return ccrnn_decode(run->network, captions->feature, images, &decoding, captions->words,
                        captions->length, err);
}

/* The words of one caption, separated by spaces; NULL if out of memory. */
static char *text_of(const struct captions *captions, size_t image, size_t most)
{
    struct ccrnn_text text = {0};
    ccrnn_text_add(&text, "%s", "");
    for (size_t i = 0; i < captions->length[image]; i++)
        ccrnn_text_add(&text, "%s%s", i > 0 ? " " : "",
                       ccrnn_vocabulary_word(captions->vocabulary,
                                             (size_t)captions->words[image * most + i]));
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

/* An image's id for COCO: a number where it is one, or where its name ends in one. */
static json_t *coco_id(const char *id)
{
    const char *const dot = strrchr(id, '.');
    const size_t end = dot == NULL ? strlen(id) : (size_t)(dot - id);
    size_t first = end;
    char digits[24];
    uint64_t number;
    while (first > 0 && id[first - 1] >= '0' && id[first - 1] <= '9')
        first--;
    const bool whole = first == 0 && dot == NULL;
    const bool coco = strncmp(id, "COCO_", 5) == 0 || (first == 0 && end == 12);
    if ((whole || coco) && end > first && end - first < sizeof digits) {
        memcpy(digits, id + first, end - first);
        digits[end - first] = '\0';
        const char *significant = digits;
        while (significant[0] == '0' && significant[1] != '\0')
            significant++;
        if (ccrnn_parse_unsigned(significant, &number) && number <= INT64_MAX)
            return json_integer((json_int_t)number);
    }
    return json_string(id);
}

/* The captions as a COCO result file. */
static enum ccrnn_status write_result(const struct caption_options *options,
                                      const struct captions *captions, char *const *text,
                                      struct ccrnn_error *err)
{
    json_t *const list = json_array();
    for (size_t i = 0; i < captions->features.count; i++)
        json_array_append_new(list, json_pack("{s:o, s:s}", "image_id",
                                              coco_id(captions->features.ids.id[i]), "caption",
                                              text[i]));
    const bool complete = json_array_size(list) == captions->features.count;
    char *const json = complete ? json_dumps(list, JSON_INDENT(0)) : NULL;
    json_decref(list);
    if (json == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "out of memory while writing %s", options->out);
    const enum ccrnn_status status =
        ccrnn_file_write_atomic(options->out, json, strlen(json), err);
    free(json);
    return status;
}

static enum ccrnn_status print_all(const struct caption_options *options,
                                   const struct captions *captions, struct ccrnn_error *err)
{
    const size_t images = captions->features.count;
    char **const text = calloc(images, sizeof *text);
    enum ccrnn_status status = CCRNN_OK;
    bool complete = text != NULL;
    for (size_t i = 0; complete && i < images; i++) {
        text[i] = text_of(captions, i, (size_t)options->most);
        complete = text[i] != NULL;
    }
    if (!complete)
        status = ccrnn_fail(err, CCRNN_MEMORY, "out of memory for the captions");
    else if (options->out != NULL)
        status = write_result(options, captions, text, err);
    for (size_t i = 0; status == CCRNN_OK && i < images; i++)
        printf("%s\t%s\n", captions->features.ids.id[i], text[i]);
    for (size_t i = 0; text != NULL && i < images; i++)
        free(text[i]);
    free(text);
    return status;
}

static enum ccrnn_status load(const struct caption_options *options, struct captions *captions,
                              struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, options->run, "vocabulary.txt", err));
    CCRNN_TRY(ccrnn_vocabulary_load(path, &captions->vocabulary, err));
    return ccrnn_features_read(options->features, options->ids, &captions->features, err);
}

static enum ccrnn_status caption(const struct caption_options *options, struct ccrnn_error *err)
{
    struct ccrnn_opened_run run = {0};
    struct captions captions = {0};
    enum ccrnn_status status = ccrnn_run_open(options->run, options->checkpoint, CCRNN_GEMM_AUTO,
                                              CCRNN_KERNELS_AUTO, &run, err);
    if (status == CCRNN_OK && !ccrnn_task_kind(run.config.task.task)->says_words)
        status = ccrnn_fail(err, CCRNN_USAGE,
                            "%s: a run of the task %s: only runs of captions say words",
                            options->run, ccrnn_task_kind(run.config.task.task)->name);
    if (status == CCRNN_OK)
        status = load(options, &captions, err);
    if (status == CCRNN_OK)
        status = check_run(options, &run, &captions, err);
    if (status == CCRNN_OK)
        status = say_all(options, &run, &captions, err);
    if (status == CCRNN_OK)
        status = print_all(options, &captions, err);
    release(&captions);
    ccrnn_run_close(&run);
    return status;
}

int cli_caption(int argc, char **argv)
{
    struct caption_options options = {
        .checkpoint = "best", .beam = 1, .most = ccrnn_decoding_greedy.most};
    struct ccrnn_error err = {0};
    cli_parse(&cli_caption_argp, argc, argv, &options);
    ccrnn_math_thread_setup();
    const enum ccrnn_status status = caption(&options, &err);
    return status == CCRNN_OK ? 0 : cli_fail("caption", status, &err);
}
