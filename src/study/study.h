/** @file
 * A study: named arms (configurations) × seeds, read from a YAML file. Its keys:
 * - `study`: its name (default: the file's); `description`: one sentence
 * - `seeds`: 1..10 or [1, 2, 5] (default: 1)
 * - `base`: options of every arm; a value that does not apply to an arm is dropped
 * - `arms`: name: {options} (default: one arm "default")
 * - `sweep`: option: values, crossed with every arm it has an effect in: "cRNN horizon=1", …
 * - `zip`: options whose values go together; `random`: options whose values are drawn (src/study/axes.h)
 * - `claims`: what the arms are expected to show (docs/claims.md)
 * - `quick`: the same study made small (src/study/quick.h)
 */
#ifndef CCRNN_STUDY_STUDY_H
#define CCRNN_STUDY_STUDY_H

#include "measure/claim.h"
#include "study/options.h"

#define CCRNN_ARM_DIRECTORY_SIZE (CCRNN_ARM_NAME_SIZE + CCRNN_CONFIG_HASH_SIZE)
#define CCRNN_STUDY_FILE_MAX (1024 * 1024) /**< bytes */
#define CCRNN_STUDY_ARMS_MAX 10000
#define CCRNN_STUDY_SEEDS_MAX 100000
#define CCRNN_STUDY_RUNS_MAX 1000000
/** 2^53 − 1: the largest seed every reader of JSON keeps exactly. */
#define CCRNN_STUDY_SEED_MAX 9007199254740991ULL

/** What the command line changes in a study. */
struct ccrnn_study_overrides {
    const char *const *set; /**< "key=value", (set_count); a later one of the same key wins */
    size_t set_count;
    const char *seeds; /**< "1..10", "1,4,7"; NULL: the study's own */
    bool quick;        /**< as `quick:` of the file makes it (src/study/quick.h) */
};

struct ccrnn_study_arm {
    char name[CCRNN_ARM_NAME_SIZE];
    char directory[CCRNN_ARM_DIRECTORY_SIZE]; /**< name with '_' for ' ', "-", hash */
    char hash[CCRNN_CONFIG_HASH_SIZE];
    struct ccrnn_run_config config; /**< resolved */
    size_t written_size; /**< bytes of the name before what sweep, zip and random add to it */
    size_t parent;       /**< the arm it branches from; SIZE_MAX: none */
    size_t line, column; /**< where the study file has it, from 1 */
};

/** How the values of an option are spread, where a range tells: {from: …, to: …}. */
struct ccrnn_study_scale {
    const struct ccrnn_option *option;
    bool log;
};

struct ccrnn_study {
    char *name;        /**< letters, digits, space and . _ - = + */
    char *description; /**< "" if the file has none */
    char *quick;       /**< how it was made small, in one line; NULL: it was not */
    size_t arm_count;  /**< ≥ 1 */
    struct ccrnn_study_arm *arms;
    size_t seed_count; /**< ≥ 1 */
    uint64_t *seeds;   /**< in the order written, no two the same */
    bool arms_given;   /**< --set of a key of sweep, zip or random: a part of those of the file */
    bool seeds_given;  /**< by the overrides: perhaps a part of those of the file */
    const bool *
        wanted; /**< (arms × seeds), as runs are counted (workers.h): what is to be run; NULL: all.
                             Of others. With it the study is a part of itself, and study.json stays as it is */
    size_t scale_count;
    struct ccrnn_study_scale
        *scales; /**< of `sweep`, `zip` and `random`; for those who draw axes */
    size_t claim_count;
    struct ccrnn_claim
        *claims; /**< what the arms are expected to show (docs/claims.md); no part of
                                   any hash */
};

/** Read a study file. A relative `init_from` in the file is relative to the file, one in --set to
 * the working directory; the file it names is read here, for its hash.
 * @param[in] overrides NULL: none  @param[out] study owned by the caller; NULL on failure
 * @return CCRNN_IO: the file cannot be read; CCRNN_FORMAT: not YAML; CCRNN_USAGE: an option or
 * arm is wrong (file:line:column, expected, found, remedy); CCRNN_MEMORY */
enum ccrnn_status ccrnn_study_load(const char *path,
                                   const struct ccrnn_study_overrides *overrides,
                                   struct ccrnn_study **study, struct ccrnn_error *err);

/** The same from `size` bytes in memory; `filename` names the study if it has no `study` key,
 * stands in messages, and its directory is where a relative init_from starts. */
enum ccrnn_status ccrnn_study_parse(const char *bytes, size_t size, const char *filename,
                                    const struct ccrnn_study_overrides *overrides,
                                    struct ccrnn_study **study, struct ccrnn_error *err);

/** Free a study; NULL is fine. */
void ccrnn_study_destroy(struct ccrnn_study *study);

#endif
