/* ccrnn baselines: what captions are worth that no network made. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "study/caption_baselines.h"
#include "study/data.h"

struct baseline_options {
    const char *study, *data;
    bool json;
};

enum { KEY_DATA = CLI_KEY_FIRST };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct baseline_options *const options = state->input;
    switch (key) {
    case KEY_DATA:
        options->data = arg;
        return 0;
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->study != NULL)
            argp_error(state, "two studies given, \"%s\" and \"%s\": expected one",
                       options->study, arg);
        options->study = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no study given: expected a file like studies/captions-scenes.yaml");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"data", KEY_DATA, "DIR", 0, "Directory of captions and features", 0},
    {"json", CLI_KEY_JSON, NULL, 0, "Print JSON to stdout", 0},
    {0},
};

const struct argp cli_baselines_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "STUDY.yaml",
    .doc =
        "For the captions of a study's first arm of the task captions: bits a word of models that "
        "see no image, and scores of captions that no network made."
        "\vunigram: how often a word is. bigram: how often it follows the word before, interpolated "
        "with the unigram; the weight is the best one on the validation captions. frequent: the "
        "training caption that is written most often, said of every test image. random: a caption of "
        "a random training image, mean of ten draws.",
};

static void print_score(const char *name, const struct ccrnn_caption_score *score)
{
    printf("%-10s %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f\n", name, score->bleu[0],
           score->bleu[1], score->bleu[2], score->bleu[3], score->rouge_l, score->cider,
           score->cider_d);
}

static void print_text(const struct ccrnn_caption_baselines *b)
{
    printf("%zu training captions, %zu words, %zu test words, %zu test images\n\n", b->captions,
           b->words, b->ngrams.words, b->images);
    printf("%-10s %s\n", "model", "bits a word");
    printf("%-10s %.4f\n", "unigram", b->ngrams.unigram);
    printf("%-10s %.4f  (weight %.2f, validation %.4f)\n\n", "bigram", b->ngrams.bigram,
           b->ngrams.weight, b->ngrams.tuned);
    printf("%-10s %8s %8s %8s %8s %8s %8s %8s\n", "captions", "BLEU-1", "BLEU-2", "BLEU-3",
           "BLEU-4", "ROUGE-L", "CIDEr", "CIDEr-D");
    print_score("frequent", &b->frequent_score);
    print_score("random", &b->random_score);
    printf("\nfrequent: \"%s\" (%llu times)\n", b->frequent,
           (unsigned long long)b->frequent_seen);
}

static json_t *score_json(const struct ccrnn_caption_score *s)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "bleu_1", s->bleu[0], "bleu_2",
                     s->bleu[1], "bleu_3", s->bleu[2], "bleu_4", s->bleu[3], "rouge_l",
                     s->rouge_l, "cider", s->cider, "cider_d", s->cider_d);
}

static void print_json(const struct ccrnn_caption_baselines *b)
{
    json_t *const root = json_pack(
        "{s:I, s:I, s:I, s:f, s:f, s:f, s:s, s:I, s:o, s:o}", "captions", (json_int_t)b->captions,
        "words", (json_int_t)b->words, "test_images", (json_int_t)b->images,
        "unigram_bits_per_word", b->ngrams.unigram, "bigram_bits_per_word", b->ngrams.bigram,
        "bigram_weight", b->ngrams.weight, "frequent_caption", b->frequent, "frequent_seen",
        (json_int_t)b->frequent_seen, "frequent", score_json(&b->frequent_score), "random",
        score_json(&b->random_score));
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    printf("\n");
    json_decref(root);
}

static enum ccrnn_status measure(const struct baseline_options *options,
                                 const struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    const struct ccrnn_caption_options *const captions = &config->task.captions;
    const char *const name = ccrnn_run_data_name(config);
    struct ccrnn_caption_set set = {0};
    struct ccrnn_caption_baselines baselines;
    char directory[CCRNN_PATH_MAX] = "";
    if (name == NULL && options->data != NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "--data has no effect: the captions are made by the program; leave it "
                          "out");
    if (name != NULL)
        CCRNN_TRY(cli_data_directory(options->data, name, directory, err));
    CCRNN_TRY(ccrnn_caption_set_load(captions->source, directory, captions->features, &set, err));
    const enum ccrnn_status status =
        ccrnn_caption_baselines_measure(captions, &set, 1, &baselines, err);
    ccrnn_caption_set_release(&set);
    if (status == CCRNN_OK)
        (options->json ? print_json : print_text)(&baselines);
    return status;
}

static enum ccrnn_status run(const struct baseline_options *options, struct ccrnn_error *err)
{
    const struct ccrnn_study_overrides none = {0};
    struct ccrnn_study *study = NULL;
    CCRNN_TRY(ccrnn_study_load(options->study, &none, &study, err));
    const struct ccrnn_run_config *config = NULL;
    for (size_t i = 0; i < study->arm_count && config == NULL; i++)
        if (ccrnn_task_kind(study->arms[i].config.task.task)->says_words)
            config = &study->arms[i].config;
    const enum ccrnn_status status =
        config != NULL
            ? measure(options, config, err)
            : ccrnn_fail(err, CCRNN_USAGE, "%s: no arm of the task captions", options->study);
    ccrnn_study_destroy(study);
    return status;
}

int cli_baselines(int argc, char **argv)
{
    struct baseline_options options = {0};
    struct ccrnn_error err = {0};
    cli_parse(&cli_baselines_argp, argc, argv, &options);
    const enum ccrnn_status status = run(&options, &err);
    return status == CCRNN_OK ? 0 : cli_fail("baselines", status, &err);
}
