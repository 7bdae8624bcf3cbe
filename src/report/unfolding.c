#include "report/unfolding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "data/csv.h"
#include "report/task.h"

/* More trials than this are not a file of examples. */
#define TRIALS_MAX 1000
/* Side of the axes in sides of the square around the targets. */
#define TEMPLATE_RIM 1.35
#define LINE_RIM 1.15

/* The images of one run. */
struct images {
    struct ccrnn_report_image *image;
    size_t count, capacity;
    size_t per_step; /* pixels a row of the file has; 0 before the first */
};

/* Bytes 0 … 255 with single spaces between them, at most `room`; 0 if it is anything else. */
static size_t parse_pixels(const char *text, uint8_t *pixel, size_t room)
{
    size_t count = 0;
    while (count < room) {
        unsigned value = 0;
        size_t digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
            value = 10 * value + (unsigned)(*text - '0');
        if (digits == 0 || value > 255)
            return 0;
        pixel[count++] = (uint8_t)value;
        if (*text == '\0')
            return count;
        if (*text++ != ' ')
            return 0;
    }
    return 0;
}

static enum ccrnn_status find_image(struct ccrnn_report_pool *pool, struct images *images,
                                    int64_t trial, int64_t cue, struct ccrnn_report_image **found,
                                    struct ccrnn_error *err)
{
    for (size_t i = images->count; i-- > 0;) {
        *found = &images->image[i];
        if ((*found)->trial == trial)
            return CCRNN_OK;
    }
    if (images->count == TRIALS_MAX)
        return ccrnn_fail(err, CCRNN_FORMAT, "images.csv: more than %d trials.", TRIALS_MAX);
    void *array = images->image;
    CCRNN_TRY(ccrnn_report_pool_grow(pool, &array, images->count, &images->capacity,
                                     sizeof **found, err));
    images->image = array;
    *found = &images->image[images->count++];
    **found = (struct ccrnn_report_image){.trial = trial, .cue = cue};
    return CCRNN_OK;
}

static enum ccrnn_status read_image_row(struct ccrnn_report_pool *pool,
                                        const struct ccrnn_csv *csv, size_t row,
                                        struct images *images, struct ccrnn_error *err)
{
    int64_t trial, cue, t;
    uint8_t pixel[CCRNN_REPORT_PIXELS];
    struct ccrnn_report_image *image = NULL;
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 0, &trial, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 1, &cue, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 2, &t, err));
    const size_t count = parse_pixels(ccrnn_csv_text(csv, row, 3), pixel, CCRNN_REPORT_PIXELS);
    if (images->per_step == 0)
        images->per_step = count;
    CCRNN_TRY(find_image(pool, images, trial, cue, &image, err));
    if (count == 0 || count != images->per_step || CCRNN_REPORT_PIXELS % count != 0 ||
        image->cue != cue || t != (int64_t)image->rows ||
        image->rows >= CCRNN_REPORT_PIXELS / count)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "images.csv:%zu: expected the pixels of step %zu of the trial, as many "
                          "in every row and 784 in all.",
                          ccrnn_csv_line(csv, row), image->rows);
    memcpy(image->pixel + image->rows * count, pixel, count);
    image->rows++;
    return CCRNN_OK;
}

static enum ccrnn_status read_images(struct ccrnn_report_pool *pool,
                                     const struct ccrnn_report_run *run, struct images *images,
                                     struct ccrnn_error *err)
{
    static const char *const columns[] = {"trial", "cue", "t", "pixels"};
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv;
    *images = (struct images){0};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "images.csv", err));
    CCRNN_TRY(ccrnn_csv_open(path, columns, 4, &csv, err));
    enum ccrnn_status status = CCRNN_OK;
    for (size_t row = 0; row < ccrnn_csv_rows(csv) && status == CCRNN_OK; row++)
        status = read_image_row(pool, csv, row, images, err);
    ccrnn_csv_close(csv);
    CCRNN_TRY(status);
    for (size_t i = 0; i < images->count; i++) {
        if (images->image[i].rows * images->per_step != CCRNN_REPORT_PIXELS)
            return ccrnn_fail(err, CCRNN_FORMAT, "images.csv: an image is not complete.");
    }
    return images->count > 0 ? CCRNN_OK
                             : ccrnn_fail(err, CCRNN_FORMAT, "images.csv: there is no image.");
}

/* --- what an arm made of it ---------------------------------------------------------------- */

static const char *const drawing_columns[] = {"trial",    "cue",      "t",       "target_x",
                                              "target_y", "output_x", "output_y"};
static const char *const answer_columns[] = {"trial", "cue", "t", "digit", "probability"};
#define COLUMNS_MAX 7

struct output_row {
    int64_t trial, cue, t;
    double value[COLUMNS_MAX - 3];
};

struct outputs {
    struct output_row *row;
    size_t count, capacity;
    size_t values; /* columns after trial, cue, t */
};

static enum ccrnn_status read_output_row(const struct ccrnn_csv *csv, size_t row, size_t values,
                                         struct output_row *output, struct ccrnn_error *err)
{
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 0, &output->trial, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 1, &output->cue, err));
    CCRNN_TRY(ccrnn_csv_integer(csv, row, 2, &output->t, err));
    for (size_t i = 0; i < values; i++)
        CCRNN_TRY(ccrnn_csv_real(csv, row, 3 + i, &output->value[i], err));
    return CCRNN_OK;
}

/* By trial, t, and the first value where it is a digit. */
static int compare_answers(const void *a, const void *b)
{
    const struct output_row *const x = a, *const y = b;
    if (x->trial != y->trial)
        return x->trial < y->trial ? -1 : 1;
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    return (x->value[0] > y->value[0]) - (x->value[0] < y->value[0]);
}

static enum ccrnn_status read_outputs(const struct ccrnn_report_task *task,
                                      struct ccrnn_report_pool *pool,
                                      const struct ccrnn_report_run *run, struct outputs *outputs,
                                      struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv;
    const size_t columns = task->answers ? 5 : COLUMNS_MAX;
    *outputs = (struct outputs){.values = columns - 3};
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path,
                              task->answers ? "answers.csv" : "drawings.csv", err));
    CCRNN_TRY(ccrnn_csv_open(path, task->answers ? answer_columns : drawing_columns, columns,
                             &csv, err));
    enum ccrnn_status status = CCRNN_OK;
    for (size_t row = 0; row < ccrnn_csv_rows(csv) && status == CCRNN_OK; row++) {
        void *array = outputs->row;
        status = ccrnn_report_pool_grow(pool, &array, outputs->count, &outputs->capacity,
                                        sizeof *outputs->row, err);
        outputs->row = array;
        if (status == CCRNN_OK)
            status =
                read_output_row(csv, row, outputs->values, &outputs->row[outputs->count++], err);
    }
    ccrnn_csv_close(csv);
    if (outputs->count > 1)
        qsort(outputs->row, outputs->count, sizeof *outputs->row, compare_answers);
    return status;
}

static bool has_trial(const struct outputs *outputs, const struct ccrnn_report_image *image)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (outputs->row[i].trial == image->trial && outputs->row[i].cue == image->cue)
            return true;
    }
    return false;
}

/* --- the choice ---------------------------------------------------------------------------- */

/* One arm's run, read. */
struct candidate {
    struct images images;
    struct outputs outputs;
};

static const struct ccrnn_report_arm *first_arm(const struct ccrnn_report_study *study,
                                                bool alone)
{
    for (size_t i = 0; i < study->arms; i++) {
        if (study->arm[i].used > 0 && study->arm[i].alone == alone)
            return &study->arm[i];
    }
    return NULL;
}

/* The first arm without and the first with a cerebellum; else the first two. */
static void choose_arms(const struct ccrnn_report_study *study, struct ccrnn_report_unfolding *u)
{
    const struct ccrnn_report_arm *const alone = first_arm(study, true);
    const struct ccrnn_report_arm *const with = first_arm(study, false);
    if (alone != NULL && with != NULL) {
        u->arm[u->arms++] = alone;
        u->arm[u->arms++] = with;
        return;
    }
    for (size_t i = 0; i < study->arms && u->arms < CCRNN_REPORT_ARMS_UNFOLDED; i++) {
        if (study->arm[i].used > 0)
            u->arm[u->arms++] = &study->arm[i];
    }
}

/* The used run of that seed, or NULL. */
static const struct ccrnn_report_run *run_of(const struct ccrnn_report_arm *arm, uint64_t seed)
{
    for (size_t r = 0; r < arm->runs; r++) {
        if (arm->run[r].used && arm->run[r].seed == seed)
            return &arm->run[r];
    }
    return NULL;
}

static bool has_images(const struct ccrnn_report_run *run)
{
    char path[CCRNN_PATH_MAX];
    return ccrnn_path_join(path, sizeof path, run->path, "images.csv", NULL) == CCRNN_OK &&
           ccrnn_path_exists(path);
}

/* True if every arm was shown this very image and its output is there. */
static bool shown_to_all(const struct candidate *candidate, size_t arms,
                         const struct ccrnn_report_image *image)
{
    for (size_t a = 0; a < arms; a++) {
        const struct images *const images = &candidate[a].images;
        bool found = false;
        for (size_t i = 0; i < images->count && !found; i++)
            found = images->image[i].trial == image->trial &&
                    memcmp(images->image[i].pixel, image->pixel, sizeof image->pixel) == 0;
        if (!found || !has_trial(&candidate[a].outputs, image))
            return false;
    }
    return true;
}

/* The first fit image of the smallest class above `*cue`; NULL if there is none. */
static const struct ccrnn_report_image *next_class(const struct candidate *candidate, size_t arms,
                                                   bool any, int64_t cue)
{
    const struct images *const images = &candidate[0].images;
    const struct ccrnn_report_image *found = NULL;
    for (size_t i = 0; i < images->count; i++) {
        const struct ccrnn_report_image *const image = &images->image[i];
        if ((!any && image->cue <= cue) || (found != NULL && found->cue <= image->cue))
            continue;
        if (shown_to_all(candidate, arms, image))
            found = image;
    }
    return found;
}

/* Images of three classes spread over all classes. */
static void choose_images(const struct candidate *candidate, struct ccrnn_report_unfolding *u)
{
    static const double places[CCRNN_REPORT_TRIALS_UNFOLDED] = {0.2, 0.5, 0.8};
    const struct ccrnn_report_image *image = next_class(candidate, u->arms, true, 0);
    size_t classes = 0, place = 0, wanted = 0;
    for (; image != NULL; image = next_class(candidate, u->arms, false, image->cue))
        classes++;
    image = next_class(candidate, u->arms, true, 0);
    for (; image != NULL && wanted < CCRNN_REPORT_TRIALS_UNFOLDED; place++) {
        const bool few = classes <= CCRNN_REPORT_TRIALS_UNFOLDED;
        if (few || place == (size_t)(places[wanted] * (double)classes)) {
            u->image[u->images++] = image;
            wanted++;
        }
        image = next_class(candidate, u->arms, false, image->cue);
    }
}

/* Read every arm's run of a seed; a damaged one is counted. */
static enum ccrnn_status read_seed(struct ccrnn_report_study *study, uint64_t seed,
                                   struct candidate *candidate, struct ccrnn_report_unfolding *u,
                                   bool *complete, struct ccrnn_error *err)
{
    *complete = true;
    for (size_t a = 0; a < u->arms; a++) {
        const struct ccrnn_report_run *const run = run_of(u->arm[a], seed);
        struct ccrnn_error detail;
        if (run == NULL || !has_images(run)) {
            *complete = false;
            continue;
        }
        enum ccrnn_status status = read_images(&study->pool, run, &candidate[a].images, &detail);
        if (status == CCRNN_OK)
            status = read_outputs(study->task, &study->pool, run, &candidate[a].outputs, &detail);
        if (status == CCRNN_MEMORY)
            return ccrnn_fail(err, status, "%s", detail.message);
        u->damaged += status != CCRNN_OK;
        *complete &= status == CCRNN_OK;
    }
    return CCRNN_OK;
}

static void add_image(struct ccrnn_report_text *csv, const struct ccrnn_report_image *image,
                      size_t per_step)
{
    for (size_t i = 0; i < CCRNN_REPORT_PIXELS; i++) {
        if (image->pixel[i] > 0)
            ccrnn_report_add(csv, "%lld,%lld,%zu,%zu,%zu,%.3f\n", (long long)image->trial,
                             (long long)image->cue, i / per_step, i % CCRNN_REPORT_SIDE,
                             i / CCRNN_REPORT_SIDE, image->pixel[i] / 255.0);
    }
    ccrnn_report_add(csv, "nan,nan,nan,nan,nan,nan\n\n\n");
}

static void add_outputs(struct ccrnn_report_text *csv, const struct outputs *outputs,
                        const struct ccrnn_report_image *image, const char *label)
{
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output_row *const row = &outputs->row[i];
        if (row->trial != image->trial)
            continue;
        ccrnn_report_add(csv, "%lld,%lld,%lld,", (long long)row->trial, (long long)row->cue,
                         (long long)row->t);
        for (size_t v = 0; v < outputs->values; v++)
            ccrnn_report_add(csv, "%.9g,", row->value[v]);
        ccrnn_report_add_csv(csv, label);
        ccrnn_report_add(csv, "\n");
    }
    ccrnn_report_add(csv, "\n\n");
}

/* The square around all targets of the outputs (columns target_x, target_y), with a rim. */
static void set_axes(struct ccrnn_report_unfolding *u, const struct outputs *outputs, double rim)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < outputs->count; i++) {
        for (size_t axis = 0; axis < 2; axis++) {
            low[axis] = fmin(low[axis], outputs->row[i].value[axis]);
            high[axis] = fmax(high[axis], outputs->row[i].value[axis]);
        }
    }
    const double side = fmax(high[0] - low[0], high[1] - low[1]);
    u->middle_x = 0.5 * (low[0] + high[0]);
    u->middle_y = 0.5 * (low[1] + high[1]);
    u->half_range = side > 0.0 && isfinite(side) ? 0.5 * rim * side : 1.0;
    if (!isfinite(u->middle_x) || !isfinite(u->middle_y))
        u->middle_x = u->middle_y = 0.0;
}

enum ccrnn_status ccrnn_report_collect_unfolding(struct ccrnn_report_study *study,
                                                 struct ccrnn_report_unfolding *u,
                                                 struct ccrnn_report_text *images,
                                                 struct ccrnn_report_text *outputs,
                                                 struct ccrnn_error *err)
{
    struct candidate candidate[CCRNN_REPORT_ARMS_UNFOLDED];
    memset(candidate, 0, sizeof candidate);
    *u = (struct ccrnn_report_unfolding){0};
    choose_arms(study, u);
    for (size_t r = 0; u->arms > 0 && r < u->arm[0]->runs && u->images == 0; r++) {
        bool complete;
        if (!u->arm[0]->run[r].used)
            continue;
        u->seed = u->arm[0]->run[r].seed;
        CCRNN_TRY(read_seed(study, u->seed, candidate, u, &complete, err));
        if (complete)
            choose_images(candidate, u);
    }
    if (u->images == 0 || candidate[0].images.per_step == 0)
        return CCRNN_OK;
    u->per_step = candidate[0].images.per_step;
    u->steps = CCRNN_REPORT_PIXELS / u->per_step;
    set_axes(u, &candidate[0].outputs, study->task->templates ? TEMPLATE_RIM : LINE_RIM);
    ccrnn_report_add(images, "trial,cue,t,column,row,ink\n");
    ccrnn_report_add(outputs, study->task->answers
                                  ? "trial,cue,t,digit,probability,arm\n"
                                  : "trial,cue,t,target_x,target_y,output_x,output_y,arm\n");
    for (size_t i = 0; i < u->images; i++) {
        add_image(images, u->image[i], u->per_step);
        for (size_t a = 0; a < u->arms; a++)
            add_outputs(outputs, &candidate[a].outputs, u->image[i], u->arm[a]->label);
    }
    return CCRNN_OK;
}
