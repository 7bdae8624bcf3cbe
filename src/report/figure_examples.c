/* Example captions: what the arms said of a few test images, as a block of HTML. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "data/csv.h"
#include "report/figures.h"
#include "report/task.h"

#define IMAGES_SHOWN 6
#define ARMS_SHOWN 8
/* More arms of a sweep than this: those of one horizon only. */
#define ARMS_OF_ALL_HORIZONS 6
#define BETWEEN_REFERENCES " | "

/* Columns of captions.csv. */
enum { IMAGE, LENGTH_CLASS, CAPTION, BLEU_4 = 6, CIDER_D = 9, REFERENCES = 10, COLUMNS };

static const char *const columns[COLUMNS] = {"image",  "length_class", "caption",   "bleu_1",
                                             "bleu_2", "bleu_3",       "bleu_4",    "rouge_l",
                                             "cider",  "cider_d",      "references"};

/* Every text is safe to show. */
struct image {
    const char *raw; /* its name as the file has it */
    const char *name, *length, *references;
};

struct said {
    bool found; /* the image is in the run's file */
    const char *caption;
    double bleu_4, cider_d;
};

struct speaker {
    const struct ccrnn_report_arm *arm;
    uint64_t seed;
    struct said said[IMAGES_SHOWN];
};

struct examples {
    struct image image[IMAGES_SHOWN];
    size_t images; /* 0 until a file is read */
    struct speaker speaker[ARMS_SHOWN];
    size_t speakers;
    size_t damaged;
    bool one_horizon, more_arms;
    double horizon;
};

/* --- the choice ---------------------------------------------------------------------------- */

/* Of a wide sweep the horizon of the first arm with a cerebellum, as in "As it unfolds". */
static void choose_horizon(const struct ccrnn_report_study *study, struct examples *e)
{
    e->one_horizon = false;
    for (size_t i = 0; i < study->arms && !e->one_horizon; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        if (!study->sweep || study->arms <= ARMS_OF_ALL_HORIZONS || arm->used == 0 ||
            arm->alone || !isfinite(arm->horizon))
            continue;
        e->one_horizon = true;
        e->horizon = arm->horizon;
    }
}

/* Images evenly spaced in a file. */
static enum ccrnn_status choose_images(struct ccrnn_report_pool *pool,
                                       const struct ccrnn_csv *csv, struct examples *e,
                                       struct ccrnn_error *err)
{
    const size_t rows = ccrnn_csv_rows(csv);
    const size_t images = rows < IMAGES_SHOWN ? rows : IMAGES_SHOWN;
    for (size_t i = 0; i < images; i++) {
        const size_t row = (2 * i + 1) * rows / (2 * images);
        const char *const name = ccrnn_csv_text(csv, row, IMAGE);
        struct image *const image = &e->image[i];
        void *memory;
        CCRNN_TRY(ccrnn_report_pool_take(pool, strlen(name) + 1, 1, &memory, err));
        strcpy(memory, name);
        image->raw = memory;
        CCRNN_TRY(ccrnn_report_pool_text(pool, name, &image->name, err));
        CCRNN_TRY(ccrnn_report_pool_text(pool, ccrnn_csv_text(csv, row, LENGTH_CLASS),
                                         &image->length, err));
        CCRNN_TRY(ccrnn_report_pool_text(pool, ccrnn_csv_text(csv, row, REFERENCES),
                                         &image->references, err));
    }
    e->images = images;
    return CCRNN_OK;
}

static enum ccrnn_status read_rows(struct ccrnn_report_pool *pool, const struct ccrnn_csv *csv,
                                   struct examples *e, struct said *said, struct ccrnn_error *err)
{
    if (ccrnn_csv_rows(csv) == 0)
        return ccrnn_fail(err, CCRNN_FORMAT, "captions.csv: there is no image.");
    if (e->images == 0)
        CCRNN_TRY(choose_images(pool, csv, e, err));
    for (size_t row = 0; row < ccrnn_csv_rows(csv); row++) {
        for (size_t i = 0; i < e->images; i++) {
            if (said[i].found || strcmp(ccrnn_csv_text(csv, row, IMAGE), e->image[i].raw) != 0)
                continue;
            said[i].found = true;
            CCRNN_TRY(ccrnn_csv_real(csv, row, BLEU_4, &said[i].bleu_4, err));
            CCRNN_TRY(ccrnn_csv_real(csv, row, CIDER_D, &said[i].cider_d, err));
            CCRNN_TRY(ccrnn_report_pool_text(pool, ccrnn_csv_text(csv, row, CAPTION),
                                             &said[i].caption, err));
        }
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_run(struct ccrnn_report_pool *pool,
                                  const struct ccrnn_report_run *run, struct examples *e,
                                  struct said *said, struct ccrnn_error *err)
{
    char path[CCRNN_PATH_MAX];
    struct ccrnn_csv *csv;
    CCRNN_TRY(ccrnn_path_join(path, sizeof path, run->path, "captions.csv", err));
    CCRNN_TRY(ccrnn_csv_open(path, columns, COLUMNS, &csv, err));
    const size_t images_before = e->images;
    const enum ccrnn_status status = read_rows(pool, csv, e, said, err);
    if (status != CCRNN_OK)
        e->images = images_before;
    ccrnn_csv_close(csv);
    return status;
}

/* The lowest seed of an arm whose file can be read speaks for it; damaged ones are counted. */
static enum ccrnn_status add_speaker(struct ccrnn_report_study *study,
                                     const struct ccrnn_report_arm *arm, struct examples *e,
                                     struct ccrnn_error *err)
{
    struct speaker *const speaker = &e->speaker[e->speakers];
    for (size_t r = 0; r < arm->runs; r++) {
        struct ccrnn_error detail;
        if (!arm->run[r].used)
            continue;
        *speaker = (struct speaker){.arm = arm, .seed = arm->run[r].seed};
        const enum ccrnn_status status =
            read_run(&study->pool, &arm->run[r], e, speaker->said, &detail);
        if (status == CCRNN_MEMORY)
            return ccrnn_fail(err, status, "%s", detail.message);
        if (status == CCRNN_OK) {
            e->speakers++;
            return CCRNN_OK;
        }
        e->damaged++;
    }
    return CCRNN_OK;
}

static enum ccrnn_status collect(struct ccrnn_report_study *study, struct examples *e,
                                 struct ccrnn_error *err)
{
    choose_horizon(study, e);
    for (size_t i = 0; i < study->arms; i++) {
        const struct ccrnn_report_arm *const arm = &study->arm[i];
        if (arm->used == 0 || (e->one_horizon && arm->horizon != e->horizon))
            continue;
        if (e->speakers == ARMS_SHOWN)
            e->more_arms = true;
        else
            CCRNN_TRY(add_speaker(study, arm, e, err));
    }
    return CCRNN_OK;
}

/* --- the block ----------------------------------------------------------------------------- */

static bool one_seed(const struct examples *e)
{
    for (size_t s = 1; s < e->speakers; s++) {
        if (e->speaker[s].seed != e->speaker[0].seed)
            return false;
    }
    return true;
}

/* A reference an item. */
static void add_references(struct ccrnn_report_text *block, const char *references)
{
    ccrnn_report_add(block, "<ul>");
    while (references != NULL) {
        struct ccrnn_report_text one = {0};
        const char *const end = strstr(references, BETWEEN_REFERENCES);
        ccrnn_report_add_bytes(&one, references,
                               end == NULL ? strlen(references) : (size_t)(end - references));
        ccrnn_report_add(block, "<li>");
        if (!one.failed)
            ccrnn_report_add_html(block, one.bytes);
        ccrnn_report_add(block, "</li>");
        block->failed |= one.failed;
        ccrnn_report_text_release(&one);
        references = end == NULL ? NULL : end + strlen(BETWEEN_REFERENCES);
    }
    ccrnn_report_add(block, "</ul>\n");
}

/* As many decimals in every row, to be compared at a glance. */
static void add_score(struct ccrnn_report_text *block, double score)
{
    if (isfinite(score))
        ccrnn_report_add(block, "<td>%.3f</td>", score);
    else
        ccrnn_report_add(block, "<td>–</td>");
}

static void add_said(struct ccrnn_report_text *block, const struct speaker *speaker,
                     const struct said *said, bool name_seed)
{
    ccrnn_report_add(block, "<tr><th scope=\"row\">");
    ccrnn_report_add_html(block, speaker->arm->label);
    if (name_seed)
        ccrnn_report_add(block, " (seed %llu)", (unsigned long long)speaker->seed);
    ccrnn_report_add(block, "</th><td class=\"wrap\">");
    if (!said->found)
        ccrnn_report_add(block, "<i>this image is not in the run’s file</i></td><td>–</td>"
                                "<td>–</td></tr>\n");
    if (!said->found)
        return;
    if (*said->caption == '\0')
        ccrnn_report_add(block, "<i>nothing</i>");
    ccrnn_report_add_html(block, said->caption);
    ccrnn_report_add(block, "</td>");
    add_score(block, said->cider_d);
    add_score(block, said->bleu_4);
    ccrnn_report_add(block, "</tr>\n");
}

static void add_block(struct ccrnn_report_text *block, const struct examples *e)
{
    const bool name_seed = !one_seed(e);
    for (size_t i = 0; i < e->images; i++) {
        ccrnn_report_add(block, "<div class=\"example\">\n<p>Image <code>");
        ccrnn_report_add_html(block, e->image[i].name);
        ccrnn_report_add(block, "</code> (");
        ccrnn_report_add_html(block, e->image[i].length);
        ccrnn_report_add(block, "). People said:</p>\n");
        add_references(block, e->image[i].references);
        ccrnn_report_add(block, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Arm"
                                "</th><th scope=\"col\" class=\"text\">caption</th>"
                                "<th scope=\"col\">CIDEr-D</th><th scope=\"col\">BLEU-4</th></tr>"
                                "</thead>\n<tbody>\n");
        for (size_t s = 0; s < e->speakers; s++)
            add_said(block, &e->speaker[s], &e->speaker[s].said[i], name_seed);
        ccrnn_report_add(block, "</tbody></table></div>\n</div>\n");
    }
}

static void add_rows(struct ccrnn_report_text *csv, const struct examples *e)
{
    ccrnn_report_add(csv, "image,length_class,seed,caption,bleu_4,cider_d,references,arm\n");
    for (size_t i = 0; i < e->images; i++) {
        for (size_t s = 0; s < e->speakers; s++) {
            const struct said *const said = &e->speaker[s].said[i];
            if (!said->found)
                continue;
            ccrnn_report_add_csv(csv, e->image[i].name);
            ccrnn_report_add(csv, ",");
            ccrnn_report_add_csv(csv, e->image[i].length);
            ccrnn_report_add(csv, ",%llu,", (unsigned long long)e->speaker[s].seed);
            ccrnn_report_add_csv(csv, said->caption);
            ccrnn_report_add(csv, ",%.9g,%.9g,", said->bleu_4, said->cider_d);
            ccrnn_report_add_csv(csv, e->image[i].references);
            ccrnn_report_add(csv, ",");
            ccrnn_report_add_csv(csv, e->speaker[s].arm->label);
            ccrnn_report_add(csv, "\n");
        }
    }
}

static void add_caption(struct ccrnn_report_text *caption, const struct examples *e)
{
    ccrnn_report_add(caption,
                     "%zu test %s, evenly spaced in the file of all of them and so not chosen by "
                     "what was said; the same for all arms. For each arm the caption said with "
                     "its lowest seed",
                     e->images, e->images == 1 ? "image" : "images");
    if (one_seed(e))
        ccrnn_report_add(caption, " (%llu)", (unsigned long long)e->speaker[0].seed);
    ccrnn_report_add(caption, ", and the scores of this caption alone; higher is better.");
    if (e->one_horizon)
        ccrnn_report_add(caption, " Of the arms, those with the horizon K = %g.", e->horizon);
    if (e->more_arms)
        ccrnn_report_add(caption, " Of the arms, the first %d.", ARMS_SHOWN);
    if (e->damaged > 0)
        ccrnn_report_add(caption, " The files of %zu %s could not be read.", e->damaged,
                         e->damaged == 1 ? "run" : "runs");
}

static enum ccrnn_status finish(struct ccrnn_report_study *study, const struct examples *e,
                                const char *directory, struct ccrnn_report_text text[3],
                                struct ccrnn_report_figure *figure, struct ccrnn_error *err)
{
    add_block(&text[0], e);
    add_caption(&text[1], e);
    add_rows(&text[2], e);
    CCRNN_TRY(ccrnn_report_text_check(&text[0], err));
    CCRNN_TRY(ccrnn_report_text_check(&text[1], err));
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, text[0].bytes, &figure->block, err));
    CCRNN_TRY(ccrnn_report_pool_text(&study->pool, text[1].bytes, &figure->caption, err));
    figure->present = true;
    return ccrnn_report_text_save(&text[2], directory, figure->data[0], err);
}

enum ccrnn_status ccrnn_report_figure_examples(struct ccrnn_report_study *study,
                                               const char *directory,
                                               struct ccrnn_report_figure *figure,
                                               struct ccrnn_error *err)
{
    struct ccrnn_report_text text[3] = {{0}};
    struct examples e = {0};
    CCRNN_TRY(ccrnn_report_figure_start(study, "example-captions", "Example captions", NULL,
                                        figure, err));
    if (!study->task->captions)
        return CCRNN_OK;
    CCRNN_TRY(collect(study, &e, err));
    figure->damaged = e.damaged;
    if (e.speakers == 0)
        return CCRNN_OK;
    const enum ccrnn_status status = finish(study, &e, directory, text, figure, err);
    for (size_t i = 0; i < 3; i++)
        ccrnn_report_text_release(&text[i]);
    return status;
}
