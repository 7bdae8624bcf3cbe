/** @file
 * A claim of a study: what its arms are expected to show, written down before they are run
 * (docs/claims.md). A claim never changes a run; it is judged from run directories alone.
 */
#ifndef CCRNN_MEASURE_CLAIM_H
#define CCRNN_MEASURE_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "ccrnn/status.h"

/** What is claimed of the first side: of one value of a run against another, or against a number. */
enum ccrnn_claim_direction {
    CCRNN_CLAIM_BELOW,
    CCRNN_CLAIM_ABOVE,
    CCRNN_CLAIM_NO_ADVANTAGE, /**< the first side is not better than the second */
    CCRNN_CLAIM_DIFFER,
    CCRNN_CLAIM_EQUAL, /**< to a published number */
    CCRNN_CLAIM_DIRECTION_COUNT
};

/** Their words in study files; ends with NULL. */
extern const char *const ccrnn_claim_directions[];

enum ccrnn_claim_split {
    CCRNN_CLAIM_TRAIN,
    CCRNN_CLAIM_VALIDATION,
    CCRNN_CLAIM_TEST,
    CCRNN_CLAIM_SPLIT_COUNT
};

/** Their words, as in metrics.csv; ends with NULL. */
extern const char *const ccrnn_claim_splits[];

/** Epochs a value is the mean of. */
struct ccrnn_claim_window {
    bool from_end;        /**< true: the last `last` epochs of the run; false: first … last */
    uint64_t first, last; /**< epochs from 1 (0: before learning); last is UINT64_MAX in `all` */
};

/** The default windows: `last`, and `all` of measures made of a whole curve. */
#define CCRNN_CLAIM_WINDOW_LAST ((struct ccrnn_claim_window){.from_end = true, .last = 1})
#define CCRNN_CLAIM_WINDOW_ALL ((struct ccrnn_claim_window){.first = 1, .last = UINT64_MAX})

/** Bytes of a window as text. */
#define CCRNN_CLAIM_WINDOW_SIZE 64

/** Read `last`, `last 10`, `all`, `1..20`, `epoch 25`. False if it is none of these. */
bool ccrnn_claim_window_parse(const char *text, struct ccrnn_claim_window *window);

/** As it is read. @param[out] text CCRNN_CLAIM_WINDOW_SIZE bytes @return text */
const char *ccrnn_claim_window_print(const struct ccrnn_claim_window *window, char *text);

/** One number of each run: of one arm. Texts are owned by the claim. */
struct ccrnn_claim_side {
    char *arm;
    char *measure;   /**< a row of metrics.csv, "similarity_true.4" included, or a derived one */
    char *reference; /**< normalised_error: the arm it is divided by; else NULL */
    struct ccrnn_claim_window over;
};

struct ccrnn_claim {
    char *name;  /**< a sentence */
    char *paper; /**< what the paper prints; "" if nothing is said */
    char *note;  /**< why it cannot be judged here (the study was changed on the command line), or
                      "" */
    char *of;    /**< derived measures: the measure they are made of; else NULL */
    double criterion; /**< learning_speed: what `of` has to reach; else NaN */
    enum ccrnn_claim_split split;
    enum ccrnn_claim_direction direction;
    double value;  /**< compared with, where there is only one side; else NaN */
    double sem;    /**< EQUAL: of the published value, ≥ 0; 0 with n: SD of our runs / √n */
    uint64_t n;    /**< EQUAL: of how many runs it is the mean; 0: not said */
    double within; /**< EQUAL: how many combined standard errors are allowed */
    double p;      /**< threshold */
    double dz;     /**< threshold of Cohen's d_z; NaN: none */
    struct ccrnn_claim_side *side; /**< (sides) */
    size_t sides; /**< 1: against `value`; 2: paired; more (DIFFER only): all of them together */
};

/** Free what a claim owns; fine for a zeroed one. */
void ccrnn_claim_clear(struct ccrnn_claim *claim);

/** As an object of study.json; NULL: out of memory. */
json_t *ccrnn_claim_to_json(const struct ccrnn_claim *claim);

/** Read such an object into a zeroed claim, which is the caller's to clear after failure too.
 * @return CCRNN_FORMAT: says which key; CCRNN_MEMORY */
enum ccrnn_status ccrnn_claim_from_json(const json_t *object, struct ccrnn_claim *claim,
                                        struct ccrnn_error *err);

/* --- measures ---------------------------------------------------------------------------- */

/** Kinds of tasks a measure is recorded in (bits). */
enum { CCRNN_CLAIM_DRAWS = 1, CCRNN_CLAIM_NAMES = 2, CCRNN_CLAIM_SAYS = 4 };

/** A measure a claim may name. To add one: its row in src/measure/claim_measures.c. */
struct ccrnn_claim_measure {
    const char *name; /**< a last '*' stands for any rest */
    unsigned splits;  /**< 1 << enum ccrnn_claim_split, or-ed */
    unsigned tasks;   /**< CCRNN_CLAIM_DRAWS, … */
    int better;       /**< −1: smaller is better, 1: larger, 0: neither */
    bool parts;       /**< has rows NAME.PART too (class, step, quantile) */
    bool cerebellum;  /**< only with a cerebellum */
    bool probed;      /**< only with probe_every */
    bool
        seldom; /**< of validation only every measure_every epochs, as all parts of a class are */
    bool derived; /**< made of the whole curve of another measure */
};

/** The table; ends with a NULL name. */
extern const struct ccrnn_claim_measure ccrnn_claim_measures[];

/** The row of "roughness" or "roughness.3"; NULL: not known. */
const struct ccrnn_claim_measure *ccrnn_claim_measure_find(const char *name);

#define CCRNN_CLAIM_LEARNING_SPEED "learning_speed"
#define CCRNN_CLAIM_AREA "area"
#define CCRNN_CLAIM_NORMALISED_ERROR "normalised_error"

#endif
