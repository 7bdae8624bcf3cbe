/* ccrnn pens: the data set that comes with ccrnn, as files. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "data/idx_write.h"
#include "data/png_write.h"

enum {
    IMAGES_MOST = 1000000,
    TRAIN_DEFAULT = 60000, /* as many as MNIST has */
    TEST_DEFAULT = 10000,
    SHEET_COLUMNS = 12,
    SHEET_ZOOM = 3,
    SHEET_GAP = 2 * SHEET_ZOOM, /* between images */
    SHEET_STEP = SHEET_ZOOM * CCRNN_DIGIT_SIDE + SHEET_GAP
};

struct pens_options {
    const char *what, *where;
    uint32_t train, test; /* 0: not given */
};

static const char words_expected[] = "expected \"export DIR\" or \"sheet FILE.png\"";

static error_t parse_count(const char *option, const char *arg, struct argp_state *state,
                           uint32_t *count)
{
    uint64_t number;
    if (!ccrnn_parse_unsigned(arg, &number) || number < 1 || number > IMAGES_MOST)
        argp_error(state, "--%s \"%s\": expected a number of images, 1 … %d", option, arg,
                   IMAGES_MOST);
    *count = (uint32_t)number;
    return 0;
}

enum { KEY_TRAIN = CLI_KEY_FIRST, KEY_TEST };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct pens_options *const options = state->input;
    switch (key) {
    case KEY_TRAIN:
        return parse_count("train", arg, state, &options->train);
    case KEY_TEST:
        return parse_count("test", arg, state, &options->test);
    case ARGP_KEY_ARG:
        if (options->what == NULL)
            options->what = arg;
        else if (options->where == NULL)
            options->where = arg;
        else
            argp_error(state, "\"%s\" is one word too many: %s", arg, words_expected);
        return 0;
    case ARGP_KEY_END:
        if (options->where == NULL)
            argp_error(state, "%s: %s",
                       options->what == NULL ? "nothing to do" : "nowhere to write",
                       words_expected);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"train", KEY_TRAIN, "N", 0, "export: so many images to train on (default: 60000)", 0},
    {"test", KEY_TEST, "N", 0, "export: so many images to test on (default: 10000)", 0},
    {0},
};

const struct argp cli_pens_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "export DIR|sheet FILE.png",
    .doc =
        "Write the digits drawn by pens, the data set that comes with ccrnn: export gives the "
        "four files of MNIST's names and format, sheet a picture of examples."
        "\vThe digits are drawn, not downloaded: the same on every machine, whatever the seed of "
        "a run; the first N images are the same for every N. In Python:\n\n"
        "  import gzip, numpy\n"
        "  file = gzip.open(\"DIR/train-images-idx3-ubyte.gz\")\n"
        "  images = numpy.frombuffer(file.read()[16:], \"u1\").reshape(-1, 28, 28)\n\n"
        "Labels: train-labels-idx1-ubyte.gz, from byte 8 on. A file that exists is not "
        "overwritten by export.",
};

/* The two files of one split. */
struct export_files {
    enum ccrnn_pen_split split;
    uint32_t count;
    char images[CCRNN_PATH_MAX], labels[CCRNN_PATH_MAX];
};

static enum ccrnn_status refuse_existing(const char *path, struct ccrnn_error *err)
{
    if (!ccrnn_path_exists(path))
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_USAGE,
                      "%s: exists, and may be a data set of yours; remove it, or give another "
                      "directory",
                      path);
}

/* Name the files of a split, and see that they are new. */
static enum ccrnn_status name_files(const char *directory, const char *images, const char *labels,
                                    struct export_files *files, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_path_join(files->images, sizeof files->images, directory, images, err));
    CCRNN_TRY(ccrnn_path_join(files->labels, sizeof files->labels, directory, labels, err));
    CCRNN_TRY(refuse_existing(files->images, err));
    return refuse_existing(files->labels, err);
}

static enum ccrnn_status export_split(const struct export_files *files, struct ccrnn_error *err)
{
    uint8_t *const pixels = calloc(files->count, CCRNN_DIGIT_PIXELS);
    uint8_t *const labels = calloc(files->count, 1);
    enum ccrnn_status status;
    if (pixels == NULL || labels == NULL) {
        status = ccrnn_fail(err, CCRNN_MEMORY,
                            "no memory for %" PRIu32 " images; ask for fewer (--train, --test)",
                            files->count);
    } else {
        ccrnn_pen_digits_fill(files->split, 0, files->count, pixels, labels);
        status = ccrnn_idx_write_images(files->images, pixels, files->count, CCRNN_DIGIT_SIDE,
                                        CCRNN_DIGIT_SIDE, err);
        if (status == CCRNN_OK)
            status = ccrnn_idx_write_labels(files->labels, labels, files->count, err);
    }
    free(pixels);
    free(labels);
    if (status == CCRNN_OK)
        printf("%s, %s: %" PRIu32 " images\n", files->images, files->labels, files->count);
    return status;
}

static enum ccrnn_status export_sets(const struct pens_options *options, struct ccrnn_error *err)
{
    struct export_files train = {.split = CCRNN_PENS_TRAIN,
                                 .count = options->train > 0 ? options->train : TRAIN_DEFAULT};
    struct export_files test = {.split = CCRNN_PENS_TEST,
                                .count = options->test > 0 ? options->test : TEST_DEFAULT};
    CCRNN_TRY(name_files(options->where, "train-images-idx3-ubyte.gz",
                         "train-labels-idx1-ubyte.gz", &train, err));
    CCRNN_TRY(name_files(options->where, "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
                         &test, err));
    CCRNN_TRY(ccrnn_directory_make(options->where, err));
    CCRNN_TRY(export_split(&train, err));
    return export_split(&test, err);
}

enum {
    SHEET_WIDTH = SHEET_COLUMNS * SHEET_STEP + SHEET_GAP,
    SHEET_HEIGHT = CCRNN_DIGIT_CLASSES * SHEET_STEP + SHEET_GAP
};

/* An image, enlarged, into its place; paper is white. */
static void paste(uint8_t *grey, size_t row, size_t column, const uint8_t *pixels)
{
    static const size_t side = SHEET_ZOOM * CCRNN_DIGIT_SIDE;
    uint8_t *const corner =
        grey + (SHEET_GAP + row * SHEET_STEP) * SHEET_WIDTH + SHEET_GAP + column * SHEET_STEP;
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++)
            corner[y * SHEET_WIDTH + x] =
                (uint8_t)(UINT8_MAX - pixels[y / SHEET_ZOOM * CCRNN_DIGIT_SIDE + x / SHEET_ZOOM]);
}

/* The first images of each class in the test set, a class a row. */
static void fill_sheet(uint8_t *grey)
{
    size_t shown[CCRNN_DIGIT_CLASSES] = {0}, missing = CCRNN_DIGIT_CLASSES * SHEET_COLUMNS;
    memset(grey, UINT8_MAX, (size_t)SHEET_WIDTH * SHEET_HEIGHT);
    for (uint32_t index = 0; missing > 0; index++) {
        uint8_t pixels[CCRNN_DIGIT_PIXELS], label;
        ccrnn_pen_digit(CCRNN_PENS_TEST, index, pixels, &label);
        if (shown[label] == SHEET_COLUMNS)
            continue;
        paste(grey, label, shown[label]++, pixels);
        missing--;
    }
}

static enum ccrnn_status write_sheet(const struct pens_options *options, struct ccrnn_error *err)
{
    const char *const ending = strrchr(options->where, '.');
    if (options->train > 0 || options->test > 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "--train and --test have no effect on sheet; leave them out");
    if (ending == NULL || strcmp(ending, ".png") != 0)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "\"%s\": the sheet is written as PNG; give a name that ends in .png",
                          options->where);
    uint8_t *const grey = malloc((size_t)SHEET_WIDTH * SHEET_HEIGHT);
    if (grey == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for a sheet of %d × %d pixels; free some",
                          SHEET_WIDTH, SHEET_HEIGHT);
    fill_sheet(grey);
    const enum ccrnn_status status =
        ccrnn_png_write(options->where, grey, SHEET_WIDTH, SHEET_HEIGHT, err);
    free(grey);
    if (status == CCRNN_OK)
        printf("%s: %d digits of the test set, %d a class\n", options->where,
               CCRNN_DIGIT_CLASSES * SHEET_COLUMNS, SHEET_COLUMNS);
    return status;
}

int cli_pens(int argc, char **argv)
{
    struct pens_options options = {0};
    struct ccrnn_error err = {0};
    enum ccrnn_status status;
    cli_parse(&cli_pens_argp, argc, argv, &options);
    if (strcmp(options.what, "export") == 0)
        status = export_sets(&options, &err);
    else if (strcmp(options.what, "sheet") == 0)
        status = write_sheet(&options, &err);
    else
        status =
            ccrnn_fail(&err, CCRNN_USAGE, "\"%s\" is unknown: %s", options.what, words_expected);
    return status == CCRNN_OK ? 0 : cli_fail("pens", status, &err);
}
