/** @file
 * What a study's files say: its arms, their runs, and what each run measured.
 */
#ifndef CCRNN_REPORT_COLLECT_H
#define CCRNN_REPORT_COLLECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"
#include "report/pool.h"

/** The series of metrics.csv a report reads. To add one, add its line in series_names
 * (src/report/metrics.c) too. */
enum ccrnn_report_series_id {
    CCRNN_SERIES_TRAIN_ERROR,
    CCRNN_SERIES_TRAIN_NLL,
    CCRNN_SERIES_TRAIN_SIMILARITY,
    CCRNN_SERIES_VALIDATION_ERROR,
    CCRNN_SERIES_VALIDATION_NLL,
    CCRNN_SERIES_VALIDATION_ACCURACY,
    CCRNN_SERIES_VALIDATION_UNCERTAINTY,
    CCRNN_SERIES_VALIDATION_ROUGHNESS,
    CCRNN_SERIES_VALIDATION_END_POINT,
    CCRNN_SERIES_VALIDATION_OVERSHOOT,
    CCRNN_SERIES_VALIDATION_UNDERSHOOT,
    CCRNN_SERIES_VALIDATION_PATH_LENGTH,
    CCRNN_SERIES_VALIDATION_CURVATURE,
    CCRNN_SERIES_VALIDATION_DIRECTION,
    CCRNN_SERIES_VALIDATION_SPARC,
    CCRNN_SERIES_VALIDATION_JERK,
    CCRNN_SERIES_VALIDATION_CONFUSION, /**< has values per class only */
    CCRNN_SERIES_TEST_ERROR,
    CCRNN_SERIES_TEST_NLL,
    CCRNN_SERIES_TEST_ACCURACY,
    CCRNN_SERIES_TEST_UNCERTAINTY,
    CCRNN_SERIES_TEST_ROUGHNESS,
    CCRNN_SERIES_TEST_END_POINT,
    CCRNN_SERIES_TEST_OVERSHOOT,
    CCRNN_SERIES_TEST_UNDERSHOOT,
    CCRNN_SERIES_TEST_PATH_LENGTH,
    CCRNN_SERIES_TEST_CURVATURE,
    CCRNN_SERIES_TEST_DIRECTION,
    CCRNN_SERIES_TEST_SPARC,
    CCRNN_SERIES_TEST_JERK,
    CCRNN_SERIES_TEST_CONFUSION,
    /* of captions */
    CCRNN_SERIES_TRAIN_BITS,
    CCRNN_SERIES_VALIDATION_BITS,
    CCRNN_SERIES_TEST_BITS, /**< its classes: the word's position, 1 is the first after <start> */
    CCRNN_SERIES_TEST_BITS_WITH_START,
    CCRNN_SERIES_TEST_PERPLEXITY,
    CCRNN_SERIES_TEST_BEST_EPOCH,
    CCRNN_SERIES_TEST_BLEU_1, /**< classes of all scores: 0 short, 1 medium, 2 long */
    CCRNN_SERIES_TEST_BLEU_2,
    CCRNN_SERIES_TEST_BLEU_3,
    CCRNN_SERIES_TEST_BLEU_4,
    CCRNN_SERIES_TEST_ROUGE_L,
    CCRNN_SERIES_TEST_CIDER,
    CCRNN_SERIES_TEST_CIDER_D,
    CCRNN_SERIES_TEST_BEAM_BLEU_1,
    CCRNN_SERIES_TEST_BEAM_BLEU_2,
    CCRNN_SERIES_TEST_BEAM_BLEU_3,
    CCRNN_SERIES_TEST_BEAM_BLEU_4,
    CCRNN_SERIES_TEST_BEAM_ROUGE_L,
    CCRNN_SERIES_TEST_BEAM_CIDER,
    CCRNN_SERIES_TEST_BEAM_CIDER_D,
    CCRNN_SERIES_TEST_UNIGRAM, /**< word models: the same for all arms */
    CCRNN_SERIES_TEST_BIGRAM,
    /* of the probe: their first step is 0, before learning; of those at a step of a trial
     * (similarity_target.<t>) no class values are kept, paper_rows.h reads them */
    CCRNN_SERIES_SIMILARITY_TARGET,
    CCRNN_SERIES_SIMILARITY_TRUE,
    CCRNN_SERIES_COUPLING,
    CCRNN_SERIES_COUPLING_Q10,
    CCRNN_SERIES_COUPLING_Q25,
    CCRNN_SERIES_COUPLING_Q50,
    CCRNN_SERIES_COUPLING_Q75,
    CCRNN_SERIES_COUPLING_Q90,
    CCRNN_SERIES_COUPLING_SHIFT,
    CCRNN_SERIES_CORTEX_PAIRWISE,
    CCRNN_SERIES_CORTEX_POPULATION,
    CCRNN_SERIES_CORTEX_PARTICIPATION,
    CCRNN_SERIES_CORTEX_CODING_SPACE,
    CCRNN_SERIES_CORTEX_SPARSITY,
    CCRNN_SERIES_GRANULE_PAIRWISE,
    CCRNN_SERIES_GRANULE_POPULATION,
    CCRNN_SERIES_GRANULE_PARTICIPATION,
    CCRNN_SERIES_GRANULE_CODING_SPACE,
    CCRNN_SERIES_GRANULE_SPARSITY,
    /* not in the file: one point each, made of the series of the same name */
    CCRNN_SERIES_MEAN_VALIDATION_ERROR, /**< mean over all epochs */
    CCRNN_SERIES_MEAN_VALIDATION_NLL,
    CCRNN_SERIES_MEAN_VALIDATION_BITS,
    CCRNN_SERIES_COUNT
};

struct ccrnn_report_point {
    uint64_t step; /**< epoch, from 1; of the probe's series from 0 */
    double value;
};

/** Steps strictly rising. */
struct ccrnn_report_series {
    struct ccrnn_report_point *point;
    size_t count;
    size_t capacity;
};

/** A metric of one class, `METRIC.CLASS` in the file, or `confusion.CLASS.CHOSEN`. */
struct ccrnn_report_class_value {
    enum ccrnn_report_series_id series;
    int64_t cue;    /**< the class: a cue or a digit */
    int64_t chosen; /**< of a confusion: the class answered; else 0 */
    uint64_t step;  /**< the last at which it was measured */
    double value;   /**< there */
};

enum ccrnn_report_state {
    CCRNN_REPORT_DONE,
    CCRNN_REPORT_RUNNING,
    CCRNN_REPORT_INTERRUPTED,
    CCRNN_REPORT_NONFINITE,
    CCRNN_REPORT_FAILED,
    CCRNN_REPORT_UNREADABLE,
    CCRNN_REPORT_STATE_COUNT
};

/** An option of a run that has an effect, whether config.yaml names it or leaves it at its default. */
struct ccrnn_report_setting {
    const char *key;
    const char *value;
};

/** One run. Every text is safe to show (ccrnn_report_pool_text) but for `path`. */
struct ccrnn_report_run {
    char *path; /**< as the system has it */
    uint64_t seed;
    enum ccrnn_report_state state;
    const char *reason; /**< why it is not done, or "" */
    json_t *info;       /**< run.json, or NULL */
    uint64_t epoch; /**< trained: of run.json; of one that is not done as far as its files tell */
    uint64_t measured; /**< the last epoch in metrics.csv; 0: none */
    uint64_t epochs;
    double seconds;
    bool used; /**< enters figures and tables */
    struct ccrnn_report_series series[CCRNN_SERIES_COUNT];
    struct ccrnn_report_class_value *class_value;
    size_t class_values, class_capacity;
    bool too_many_classes; /**< for any figure: class_values is 0 */
    struct ccrnn_report_setting *setting;
    size_t settings;
    bool
        as_written; /**< config.yaml is of another version: settings are what it names, no more */
};

/** Runs that differ in their seed only, in rising order of seeds. */
struct ccrnn_report_arm {
    char *directory;   /**< its name in the study's directory, as the system has it */
    const char *name;  /**< from run.json, or the directory's name without its hash */
    const char *label; /**< name, with the hash if another arm has the same name */
    const char *brief; /**< label without the words all arms of a task begin with */
    const char *hash;
    const char *task; /**< of config.yaml; "" where no run says it */
    struct ccrnn_report_run *run;
    size_t runs, capacity;
    size_t used;
    /* what a sweep of horizons needs (sweep.h) */
    const char *group;  /**< name without " horizon=…" */
    size_t group_place; /**< in the order of first appearance */
    double horizon;     /**< K in steps; NaN if not known */
    double steps;       /**< T; NaN if not known */
    bool alone;         /**< the cortex has no cerebellum */
    size_t hue;         /**< of the palette (ccrnn_report_colour) */
    char colour[8];     /**< "#rrggbb" */
    size_t dash;        /**< gnuplot's dash type */
};

struct ccrnn_report_task;
struct ccrnn_report_written_scale;

/** A run that study.json names and of which nothing is there. */
struct ccrnn_report_absent {
    const char *arm; /**< safe to show */
    uint64_t seed;
};

struct ccrnn_report_study {
    struct ccrnn_report_pool pool; /**< owns everything but the json_t */
    const char *directory;
    const char *name;
    const char *description;
    bool indexed; /**< study.json says which runs there are; else all that were found are taken */
    size_t wanted_arms;                 /**< of study.json; without it those found */
    struct ccrnn_report_absent *absent; /**< (absents), by arm, then seed */
    size_t absents, absent_capacity;
    const struct ccrnn_report_written_scale *scale; /**< (scales), members.h */
    size_t scales;
    const char **stranger; /**< (strangers) directories with runs that are no arm, safe to show */
    size_t strangers, stranger_capacity;
    const char **spare; /**< (spares) "arm-hash/12": runs of seeds the study does not have */
    size_t spares, spare_capacity;
    struct ccrnn_report_arm
        *arm; /**< with a run; in the order of study.json, else alphabetical */
    size_t arms, capacity;
    size_t runs;
    size_t count[CCRNN_REPORT_STATE_COUNT];
    size_t used;
    bool preview; /**< no run is done: the unfinished ones are shown */
    /* of a study restricted to one task (task.h) only: */
    const struct ccrnn_report_task *task;
    const char *title;  /**< of the task, safe to show */
    const char *prefix; /**< of its files: "" if it is the study's only task */
    bool sweep;         /**< its arms differ in their horizon */
    size_t left_out;    /**< arms of the task that are not among these few (many.h) */
};

/** Read a study's directory: the runs study.json names, and no others. Where there is no study.json (as in studies of
 * before there was one) every directory <arm>-<hash>/<seed> is a run.
 * @param[in,out] study all zero; release it after failure too
 * @return CCRNN_USAGE if there is no directory or no run in it; CCRNN_FORMAT: study.json is damaged; CCRNN_MEMORY. A
 *         damaged file of a run makes it CCRNN_REPORT_UNREADABLE with a reason, not an error. */
enum ccrnn_status ccrnn_report_collect(const char *directory, struct ccrnn_report_study *study,
                                       struct ccrnn_error *err);

/** Release; safe on a zeroed struct. */
void ccrnn_report_study_release(struct ccrnn_report_study *study);

/** Read one run's files; run->path and run->seed are set. Fails only for lack of memory.
 * @param hash that of its arm: a run of another one cannot be read; NULL: any */
enum ccrnn_status ccrnn_report_read_run(struct ccrnn_report_pool *pool, const char *hash,
                                        struct ccrnn_report_run *run, struct ccrnn_error *err);

/** Read a run's metrics.csv into its series; a status other than CCRNN_OK says what is wrong. Of a run that is done
 * the file must be whole: it has all epochs of run.json and is longer than when the last checkpoint was written. The
 * others may be caught in the middle of a line, which is not read then. */
enum ccrnn_status ccrnn_report_read_metrics(struct ccrnn_report_pool *pool,
                                            struct ccrnn_report_run *run,
                                            struct ccrnn_error *err);

/** A setting of an arm, from its first run that has settings; NULL if it has none of that name. */
const char *ccrnn_report_setting_of(const struct ccrnn_report_arm *arm, const char *key);

/** "done", "running", …: as run.json has it. */
const char *ccrnn_report_state_name(enum ccrnn_report_state state);

/** Text `key` of run.json, or "" */
const char *ccrnn_report_run_text(const struct ccrnn_report_run *run, const char *key);

/** Read and parse a JSON object of at most 256 MB; *object (json_decref it) is NULL on failure. */
enum ccrnn_status ccrnn_report_read_json(const char *path, json_t **object,
                                         struct ccrnn_error *err);

#endif
